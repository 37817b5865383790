/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-type.h"
#include "model/ox-initializer.h"

G_BEGIN_DECLS

#define OX_MAX_NESTING 64   /* subgraphs inside subgraphs, sequences of sequences */

typedef struct _OxModel OxModel;
typedef struct _OxGraph OxGraph;
typedef struct _OxNode OxNode;
typedef struct _OxAttribute OxAttribute;

/* Where a node's input comes from: slot @slot of the graph @up levels further out. slot -1: omitted. */
typedef struct
{
  int up;
  int slot;
} OxRef;

typedef struct
{
  OxNode *node;
  int     input;    /* which of its inputs; -1: a node that uses it from inside its subgraph */
} OxUse;

/* One named value of a graph; its index in OxGraph.slots is its slot. */
typedef struct
{
  char          *name;
  OxType        *type;         /* as declared, NULL if it is not */
  OxType        *inferred;     /* by shape inference, NULL if not known */
  char          *doc;
  OxInitializer *initializer;  /* its constant or default */
  OxNode        *producer;     /* NULL for inputs and initializers */
  int            output;       /* which output of the producer */
  GArray        *uses;         /* OxUse, in node order */
  int            graph_input;  /* index among the graph's inputs, -1 */
  int            graph_output; /* index among the graph's outputs, -1 */
  GArray        *metadata;     /* OxMetadata, may be NULL */
  GBytes        *unknown;
} OxSlot;

struct _OxGraph
{
  OxModel   *model;         /* not owned */
  OxGraph   *outer;         /* the enclosing graph, NULL for the main graph and function bodies */
  OxNode    *owner;         /* the node whose attribute this graph is */
  void      *function;      /* OxFunction* whose body this is, or NULL */
  char      *name, *doc;
  GPtrArray *nodes;         /* OxNode*, in topological order */
  GPtrArray *slots;         /* OxSlot* */
  GArray    *inputs;        /* int: slots */
  GArray    *outputs;       /* OxRef: a body may return an outer value */
  GPtrArray *initializers;  /* OxInitializer*, in file order (owned here) */
  GPtrArray *output_infos;  /* OxSlot*: the declared outputs, name and type, in order */
  GPtrArray *value_infos;   /* OxSlot*: value_info entries; after ox_model_link() those that name nothing of this graph */
  GPtrArray *passthrough;   /* GBytes*: serialised fields that are only kept (quantization_annotation) */
  GArray    *metadata;
  GBytes    *unknown;
  GHashTable *by_name;      /* name -> slot + 1; after ox_model_link() */
};

struct _OxNode
{
  OxGraph   *graph;
  guint      index;         /* in graph->nodes */
  char      *name;          /* "" if it has none */
  char      *op_type, *domain, *overload, *doc;   /* domain as ox_domain_canonical() */
  GPtrArray *input_names;   /* char*, "" for omitted */
  GPtrArray *output_names;
  OxRef     *inputs;        /* [input_names->len], after ox_model_link() */
  int       *outputs;       /* slots, -1 for not wanted */
  GPtrArray *attributes;    /* OxAttribute* */
  GArray    *metadata;
  GPtrArray *passthrough;   /* GBytes*: device configurations */
  GBytes    *unknown;
};

typedef enum   /* AttributeProto.AttributeType */
{
  OX_ATTR_UNDEFINED, OX_ATTR_FLOAT, OX_ATTR_INT, OX_ATTR_STRING, OX_ATTR_TENSOR, OX_ATTR_GRAPH,
  OX_ATTR_FLOATS, OX_ATTR_INTS, OX_ATTR_STRINGS, OX_ATTR_TENSORS, OX_ATTR_GRAPHS,
  OX_ATTR_SPARSE_TENSOR, OX_ATTR_SPARSE_TENSORS, OX_ATTR_TYPE, OX_ATTR_TYPES,
} OxAttrType;

struct _OxAttribute
{
  char      *name, *doc;
  char      *ref;           /* the function's attribute it stands for, or NULL */
  OxAttrType type;
  double     f;             /* the file has a float */
  gint64     i;
  GBytes    *s;             /* bytes, not terminated */
  GArray    *floats;        /* float */
  GArray    *ints;          /* gint64 */
  GPtrArray *strings;       /* GBytes* */
  GPtrArray *tensors;       /* OxInitializer*: TENSOR, TENSORS, SPARSE_TENSOR(S) */
  GPtrArray *graphs;        /* OxGraph*: GRAPH, GRAPHS */
  GPtrArray *types;         /* OxType*: TYPE, TYPES */
  GBytes    *unknown;
};

/* Building: everything is copied in; ox_model_link() completes it. */
OxGraph       *ox_graph_new             (OxModel *model, const char *name);
void           ox_graph_free            (OxGraph *graph);
OxNode        *ox_graph_add_node        (OxGraph *graph, const char *op_type, const char *domain, const char *name);
void           ox_node_add_input        (OxNode *node, const char *name);
void           ox_node_add_output       (OxNode *node, const char *name);
OxAttribute   *ox_node_add_attribute    (OxNode *node, const char *name, OxAttrType type);
/* A graph input / output / value_info; @type is (transfer full) and may be NULL. The caller may fill doc etc. */
OxSlot        *ox_graph_add_input       (OxGraph *graph, const char *name, OxType *type);
OxSlot        *ox_graph_add_output      (OxGraph *graph, const char *name, OxType *type);
OxSlot        *ox_graph_add_value_info  (OxGraph *graph, const char *name, OxType *type);
void           ox_graph_add_initializer (OxGraph *graph, OxInitializer *initializer);   /* (transfer full) */
OxAttribute   *ox_attribute_new         (const char *name, OxAttrType type);
void           ox_attribute_free        (OxAttribute *attribute);
/* One without graphs. */
OxAttribute   *ox_attribute_copy        (const OxAttribute *attribute);

/* Looking. */
OxSlot        *ox_graph_slot            (const OxGraph *graph, int slot);
int            ox_graph_find            (const OxGraph *graph, const char *name);    /* slot or -1 */
OxNode        *ox_graph_node            (const OxGraph *graph, guint index);
OxAttribute   *ox_node_attribute        (const OxNode *node, const char *name);      /* NULL if not set */
/* The slot that input @i reads, in whatever graph it lives; NULL if omitted. */
OxSlot        *ox_node_input_slot       (const OxNode *node, int i);
OxSlot        *ox_node_output_slot      (const OxNode *node, int i);
/* The name if there is one, else "op_type of 'first output'": what messages and lists show. (transfer full) */
char          *ox_node_title            (const OxNode *node);
/* "main > Loop 'decode' body > If then_branch": where the graph lives. (transfer full) */
char          *ox_graph_path            (const OxGraph *graph);
/* "main", "body", "then_branch", a function's name. (transfer none) */
const char    *ox_graph_label           (const OxGraph *graph);
/* Spreads marks of nodes, [nodes], along the tensors of the graph: to all that read what a marked node makes, or (not
 * @forwards) to all that make what it reads. What a body captures counts as read by its owner. Only after ox_model_link(). */
void           ox_graph_spread          (const OxGraph *graph, gboolean *marked, gboolean forwards);
/* Calls @func for the graph and every graph inside it, outermost first. */
void           ox_graph_foreach         (OxGraph *graph, void (*func) (OxGraph *graph, gpointer data), gpointer data);

G_END_DECLS
