/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-debugger.h"
#include "session/ox-change.h"

G_BEGIN_DECLS

typedef enum
{
  OX_EDIT_VALUE,        /* a value stands in the place of another */
  OX_EDIT_ATTRIBUTE,    /* a node's attribute is another, is there, or is not */
  OX_EDIT_MUTE,         /* a node is not run: its outputs are zeros, OX_PASS_ZEROS */
  OX_EDIT_IDENTITY,     /* a node is not run: its output is an input, OX_PASS_IDENTITY */
} OxEditKind;

/* One change somebody made to the run. The model itself is never changed. */
typedef struct
{
  OxEditKind   kind;
  OxGraph     *graph;
  guint64      frame_id;     /* VALUE: where; OX_ANY_FRAME: in all frames of the graph. Nodes are changed in all frames. */
  int          slot;         /* VALUE */
  OxValue     *value;        /* VALUE */
  OxNode      *node;         /* that is changed; VALUE: that makes it, NULL for weights and inputs */
  char        *name;         /* ATTRIBUTE: which */
  OxAttribute *attribute;    /* ATTRIBUTE: what it is; NULL: not there */
  int          input;        /* IDENTITY: which one; -1: the first that fits */
  GPtrArray   *observed;     /* MUTE, IDENTITY: OxType or NULL, what the outputs were */
  char        *what;         /* "fill x 0": the words that make it */
} OxEdit;

/* Puts @value in the place of a value: of what a node writes in the frame that answers for @graph now (all frames if there
 * is none yet), of a weight, or of an input of the main graph. @what is kept for the list. The run is as it was until the
 * next OX_MOVE_AGAIN, which does again what comes after the change and returns to where it stands. A later edit of the same
 * value takes the place of the earlier. */
void          ox_debugger_edit      (OxDebugger *self, OxGraph *graph, int slot, OxValue *value, const char *what);
/* What the debugger's reference (see debug/ox-breakpoint.h) has in the place of a value that a node made, of the type of that.
 * (transfer full) NULL with @error when there is no reference, when it does not have it, or has another shape, and for what no
 * node makes or has made yet. Reads a file or runs a model: the async call is for the main thread, and the debugger is running
 * until its end. */
OxValue      *ox_debugger_reference_value (OxDebugger *self, OxGraph *graph, int slot, GCancellable *cancellable, GError **error);
void          ox_debugger_reference_value_async  (OxDebugger *self, OxGraph *graph, int slot, GCancellable *cancellable,
                                                  GAsyncReadyCallback callback, gpointer data);
OxValue      *ox_debugger_reference_value_finish (OxDebugger *self, GAsyncResult *result, GError **error);
/* Changes an attribute for this run, or takes it away (@attribute NULL). FALSE with @error, and nothing changed, when the
 * operator has no such attribute, needs it, or takes another kind. Then OX_MOVE_AGAIN as above. */
gboolean      ox_debugger_edit_attribute (OxDebugger *self, OxNode *node, const char *name, const OxAttribute *attribute,
                                          const char *what, GError **error);
/* Passes a node over in all frames: it is not run, so it may be one that fails, or that nobody knows. With OX_EDIT_IDENTITY
 * @input is the one its output is, -1 the first that fits. FALSE with @error when it can be seen already that no input has
 * the output's type, that a node which reads the output would not take its shape, or that there is no type to make zeros of;
 * where that cannot be seen yet, the node fails when its turn comes. A node that has failed just now goes on with the next
 * move; else OX_MOVE_AGAIN as above. */
gboolean      ox_debugger_pass_over (OxDebugger *self, OxNode *node, OxEditKind how, int input, const char *what, GError **error);
/* Passes over a node that the run has come to: with OX_EDIT_IDENTITY when its outputs can be inputs of the same type and
 * shape, or when no more is known of them than that; else with OX_EDIT_MUTE. @said (transfer full): a line for each output. */
gboolean      ox_debugger_skip      (OxDebugger *self, OxNode *node, const char *what, char **said, GError **error);
/* In the order of making; those that others took the place of are still there. */
guint         ox_debugger_n_edits   (OxDebugger *self);
const OxEdit *ox_debugger_get_edit  (OxDebugger *self, guint i);
/* Takes edit @i away; then OX_MOVE_AGAIN as above. */
void          ox_debugger_drop_edit (OxDebugger *self, guint i);
/* What was taken away last comes back to its place in the list; FALSE when there is none. A new edit forgets them. */
gboolean      ox_debugger_redo_edit (OxDebugger *self);
guint         ox_debugger_n_redos   (OxDebugger *self);
/* How many kernels ran since the debugger's session began: tells what OX_MOVE_AGAIN computed. */
guint64       ox_debugger_kernels   (OxDebugger *self);
/* Whether an edit that still counts is about this node or one of its outputs; about this value. */
gboolean      ox_debugger_is_edited (OxDebugger *self, const OxNode *node);
gboolean      ox_debugger_is_edited_value (OxDebugger *self, const OxGraph *graph, int slot);
/* The attributes that the node runs with. (transfer none) OxAttribute* */
GPtrArray    *ox_debugger_node_attributes (OxDebugger *self, const OxNode *node);
/* An attribute of @node from a text of the kind it takes: 3, 0.5, words, "1,2,2", a, b; an int that is an element type also
 * by its name. A tensor takes the type and shape of the one that is there, see ox_edit_parse(); others are values, see
 * ox_edit_attribute_value(). (transfer full) */
OxAttribute  *ox_debugger_parse_attribute (OxDebugger *self, const OxNode *node, const char *name, const char *text, GError **error);
OxAttrType    ox_debugger_attribute_type  (OxDebugger *self, const OxNode *node, const char *name, GError **error);
/* What one would type for the attribute of that name among @attributes; NULL when it is not there, or is too much to type.
 * (transfer full) */
char         *ox_edit_attribute_text  (const GPtrArray *attributes, const char *name);
OxAttribute  *ox_edit_attribute_value (const char *name, OxValue *value, GError **error);

/* ---- values made from others; (transfer full), NULL with OX_ERROR_VALUE or _DTYPE for what they are not ---------- */

/* From "1, 2, 3", in the type and shape of @like: as many elements as that has, or one number for all. */
OxTensor     *ox_edit_parse         (OxTensor *like, const char *text, GError **error);
/* What one would type for it; NULL when that is too much. (transfer full) */
char         *ox_edit_text          (OxTensor *tensor);
/* All elements set to @number; the shape and type stay. */
OxTensor     *ox_edit_fill          (OxTensor *tensor, double number, GError **error);
OxTensor     *ox_edit_scale         (OxTensor *tensor, double factor, GError **error);
OxTensor     *ox_edit_clamp         (OxTensor *tensor, double low, double high, GError **error);
/* Adds normally distributed noise of this standard deviation; the same seed adds the same. */
OxTensor     *ox_edit_noise         (OxTensor *tensor, double deviation, guint64 seed, GError **error);
/* There and back again: what the values are when they go through another element type. Floats go through integers of up to 16
 * bits with a scale, symmetric and one for the tensor: the largest magnitude becomes the largest number of the type; what is
 * negative becomes 0 in an unsigned one. */
OxTensor     *ox_edit_through       (OxTensor *tensor, OxDtype dtype, GError **error);
/* Element @index in row-major order. */
OxTensor     *ox_edit_element       (OxTensor *tensor, gint64 index, double number, GError **error);

G_END_DECLS
