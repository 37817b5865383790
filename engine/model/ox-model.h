/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-graph.h"

G_BEGIN_DECLS

/* A model as the program works with it; made by the importer (proto/ox-import.h) or by a test with the builder
 * calls in ox-graph.h, then finished with ox_model_link() and immutable from there on. */

typedef struct
{
  char  *domain;    /* "ai.onnx" is written "" in files; here it is always "ai.onnx" */
  gint64 version;
} OxOpset;

typedef struct
{
  char *key;
  char *value;
} OxMetadata;

typedef struct
{
  char      *domain, *name, *overload, *doc;
  OxGraph   *body;            /* its inputs and outputs are the function's */
  GPtrArray *attributes;      /* char*: attributes without a default */
  GPtrArray *attribute_defaults; /* OxAttribute* */
  GArray    *opsets;          /* OxOpset; the function's own imports */
  GArray    *metadata;        /* OxMetadata */
  GBytes    *unknown;
} OxFunction;

struct _OxModel
{
  gatomicrefcount refs;
  char      *path;            /* NULL when made in memory */
  gint64     ir_version;
  gint64     model_version;
  char      *producer_name, *producer_version, *domain, *doc;
  GArray    *opsets;          /* OxOpset */
  GArray    *metadata;        /* OxMetadata */
  OxGraph   *graph;
  GPtrArray *functions;       /* OxFunction* */
  GPtrArray *warnings;        /* char*: what is wrong but does not keep the model from opening */
  GPtrArray *passthrough;     /* GBytes*: serialised fields that are only kept (training_info, configuration) */
  GBytes    *unknown;
  GBytes    *file;            /* the mapped file, NULL when made in memory */
  guint64    external_bytes;  /* of external data that is named */
  GMutex     lock;
  GHashTable *made;           /* text -> OxFunction: those that the program wrote itself, see ox_model_keep_function() */
};

OxModel    *ox_model_new           (void);
OxModel    *ox_model_ref           (OxModel *model);
void        ox_model_unref         (OxModel *model);

/* Resolves names to slots in every graph, function and subgraph, and fills producers and consumers. Errors:
 * OX_ERROR_MODEL for an undefined or duplicate name, a cycle, nesting beyond OX_MAX_NESTING; the message names
 * graph path and node. Nodes that are not in topological order are put in order and a warning is kept. */
gboolean    ox_model_link          (OxModel *model, GError **error);

/* The imported version of @domain ("ai.onnx", …) for nodes of @graph (a function's body has its own), 0 if none. */
gint64      ox_model_opset         (const OxModel *model, const OxGraph *graph, const char *domain);
OxFunction *ox_model_find_function (const OxModel *model, const char *domain, const char *name, const char *overload);
/* Calls @func for the main graph, the functions' bodies, and every graph inside them. */
void        ox_model_foreach_graph (const OxModel *model, void (*func) (OxGraph *graph, gpointer data), gpointer data);
/* The graph that lives at @path, as ox_graph_path() writes it; NULL if there is none. */
OxGraph    *ox_model_find_graph    (const OxModel *model, const char *path);
const char *ox_model_get_metadata  (const OxModel *model, const char *key);
/* "ai.onnx" for "" and NULL; else the same. */
const char *ox_domain_canonical    (const char *domain);

/* Counts over all graphs and functions. */
typedef struct
{
  guint      nodes;             /* of the main graph */
  guint      nodes_total;       /* with subgraphs and functions */
  guint      initializers;
  guint64    parameters;        /* elements of initializers and of Constant nodes */
  guint64    bytes;             /* of them */
  GHashTable *op_types;         /* "Conv", "com.microsoft.Gelu" -> GUINT_TO_POINTER (count) */
} OxModelCounts;

void        ox_model_count         (const OxModel *model, OxModelCounts *counts);
void        ox_model_counts_clear  (OxModelCounts *counts);

/* Building: a function with an empty body, owned by @model; arrays of OxOpset and OxMetadata that own their strings. */
/* A function that is not in the model's list. */
OxFunction *ox_function_new_apart  (OxModel *model, const char *name);
OxFunction *ox_function_new        (OxModel *model, const char *domain, const char *name, const char *overload);
void        ox_function_free       (OxFunction *function);
/* Links such a function's body; nodes that call functions find those of its model. */
gboolean    ox_function_link       (OxFunction *function, GError **error);
/* Takes @function over for as long as the model is there, unless there is one of that key already: the one that is kept.
 * Any thread may call these two. */
OxFunction *ox_model_keep_function (OxModel *model, const char *key, OxFunction *function);
OxFunction *ox_model_kept_function (OxModel *model, const char *key);
GArray     *ox_opsets_new          (void);
GArray     *ox_metadata_new        (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxModel, ox_model_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OxModelCounts, ox_model_counts_clear)

G_END_DECLS
