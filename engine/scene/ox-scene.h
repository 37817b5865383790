/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-debugger.h"
#include "layout/ox-layout.h"
#include "scene/ox-palette.h"

G_BEGIN_DECLS

/* The picture of one graph: cards with their texts, and the layout of them. Immutable; made on a worker. */
typedef struct _OxScene OxScene;

typedef enum { OX_CARD_NODE, OX_CARD_INPUT, OX_CARD_OUTPUT, OX_CARD_GROUP } OxCardKind;

typedef struct
{
  OxCardKind kind;
  OxFamily   family;
  OxNode    *node;        /* NODE; GROUP: its first */
  int        slot;        /* INPUT, OUTPUT: of the scene's graph; -1: a value of an outer graph */
  guint      n_nodes;     /* GROUP */
  gboolean   has_body;    /* a node with subgraphs, or a call of a function */
  char      *title;       /* "Conv"; of inputs and outputs their name */
  char      *detail;      /* "3x3 s2 p1", NULL for none */
  char     **insets;      /* "W 64x32x3x3", NULL for none */
  char      *tip;         /* the whole name */
  float      w, h;
} OxCard;

typedef struct
{
  const char *scope;      /* only nodes inside it; NULL or "": all */
  int         depth;      /* scopes deeper than this (below @scope) are one card each; 0: no limit */
} OxSceneOptions;

struct _OxScene
{
  gatomicrefcount refs;
  OxModel  *model;        /* owned */
  OxGraph  *graph;
  char     *scope;
  GPtrArray *cards;       /* OxCard*; the boxes of the layout */
  GArray   *arrows;       /* OxLayoutArrow; net is the slot, or -2 - k for a value of an outer graph */
  OxLayout *layout;
  GHashTable *by_node;    /* OxNode* -> card + 1 */
  OxRect   *labels;       /* of each arrow: the room for the shape of its tensor; x is NAN where it is not written */
};

/* Blocks. Errors: G_IO_ERROR_CANCELLED; OX_ERROR_VALUE when no node is in the scope. (transfer full) */
OxScene    *ox_scene_new       (OxGraph *graph, const OxSceneOptions *options, GCancellable *cancellable, GError **error);
OxScene    *ox_scene_ref       (OxScene *scene);
void        ox_scene_unref     (OxScene *scene);

const OxCard *ox_scene_card    (const OxScene *scene, int card);
/* The card of a node (or the group that holds it); -1 if it is not in the picture. */
int         ox_scene_find      (const OxScene *scene, const OxNode *node);
/* The name of an arrow's tensor; (transfer none). */
const char *ox_scene_net_name  (const OxScene *scene, int net);

/* ---- painting ------------------------------------------------------------------------------------------------- */

/* How far what a node makes is off, as lengths of bars: 0 nothing, 1 as far as can be, NAN not known. */
typedef struct
{
  double   own, through;  /* of the node alone; with what it inherited */
  gboolean first;         /* the first one to blame */
} OxCardErrors;

/* How it is looked at. */
typedef struct
{
  gboolean dark;
  double   scale;         /* pixels a point, for the level of detail; the context is scaled by the caller */
  OxRect   area;          /* what is visible, in points */
  int      selected, hover;   /* cards, -1 */
  int      net;               /* lights up, all else steps back; G_MININT for none */
  OxNodeState (*state) (OxNode *node, gpointer data);     /* NULL: all waiting */
  gboolean    (*bad)   (OxNode *node, gpointer data);     /* it made a NaN or infinity; NULL: no */
  gboolean    (*errors) (OxNode *node, OxCardErrors *errors, gpointer data);   /* FALSE: no bars; NULL: on no card */
  gboolean    (*aside) (OxNode *node, gpointer data);     /* it steps back; NULL: none does */
  char       *(*shape) (OxGraph *graph, int slot, gpointer data);   /* (transfer full) of an arrow; NULL: as declared */
  gpointer data;
} OxSceneView;

#define OX_SCENE_VIEW_INIT { .scale = 1, .selected = -1, .hover = -1, .net = G_MININT }

/* Keeps what text looks like between frames; of one thread. */
typedef struct _OxPainter OxPainter;

OxPainter  *ox_painter_new     (void);
void        ox_painter_free    (OxPainter *painter);
void        ox_painter_draw    (OxPainter *painter, OxScene *scene, cairo_t *cr, const OxSceneView *view);
/* One bar of errors: filled when it is the node's own, hatched when it came through. For cards and legends. */
void        ox_painter_bar     (cairo_t *cr, gboolean dark, gboolean own, double x, double y, double w, double h, double length);

/* ---- files ---------------------------------------------------------------------------------------------------- */

typedef struct
{
  gboolean dark;
  double   scale;         /* PNG: pixels a point */
  OxNodeState (*state) (OxNode *node, gpointer data);
  gboolean    (*errors) (OxNode *node, OxCardErrors *errors, gpointer data);   /* not in .dot */
  gboolean    (*bad) (OxNode *node, gpointer data);      /* it made a NaN or infinity; only in .svg */
  gboolean    (*linked) (int card, gpointer data);   /* ox_scene_embed(): whether it leads to "#rowN"; NULL: none does */
  gpointer data;
} OxExportOptions;

/* By the ending of @path: .svg, .pdf, .png, .dot. Errors: OX_ERROR_FILE, OX_ERROR_UNSUPPORTED for another ending,
 * OX_ERROR_MEMORY, G_IO_ERROR_CANCELLED. */
gboolean    ox_scene_export    (OxScene *scene, const char *path, const OxExportOptions *options, GCancellable *cancellable,
                                GError **error);

/* As SVG that stands in an HTML page: card N is <g class="card" id="cardN">, colours are CSS variables and fonts classes, which
 * the page defines with what the two others append: the variables of one theme, and rules that begin with @prefix. For cards of
 * scopes @options is asked about their first node. */
gboolean    ox_scene_embed     (OxScene *scene, GOutputStream *stream, const OxExportOptions *options, GCancellable *cancellable,
                                GError **error);
void        ox_scene_append_colors (GString *css, gboolean dark);
void        ox_scene_append_texts  (GString *css, const char *prefix);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxScene, ox_scene_unref)

G_END_DECLS
