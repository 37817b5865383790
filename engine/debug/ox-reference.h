/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-session.h"

G_BEGIN_DECLS

/* What a run is compared with: values by name, or another model that runs at its side. Values are read when they are asked
 * for. Belongs to one thread at a time. */
typedef struct _OxReference OxReference;

/* Reads one value from a file as @type asks for (may be NULL). (transfer full) */
typedef OxValue *(*OxReferenceLoad) (const char *path, const OxType *type, GError **error);

/* An .npz: arrays by tensor name; those of inner frames as "name#frame". */
OxReference *ox_reference_new_npz   (const char *path, GError **error);
/* Files by tensor name: char* -> char*, both owned (transfer full). @title says where they are. */
OxReference *ox_reference_new_files (GHashTable *files, OxReferenceLoad load, const char *title);
/* What Polygraphy saves: outputs of a run (its first runner and iteration), or a list of inputs. */
OxReference *ox_reference_new_json  (const char *path, GError **error);
/* Reads one value out of the bytes of a TensorProto. (transfer full) */
typedef OxValue *(*OxReferenceParse) (GBytes *bytes, const OxType *type, GError **error);
/* A database in which ONNX Runtime recorded what its nodes made (its node dumps, to sqlite). OX_ERROR_UNSUPPORTED when this
 * build has no SQLite. */
OxReference *ox_reference_new_sqlite (const char *path, OxReferenceParse parse, GError **error);
/* Values already there: char* -> OxValue*, both owned (transfer full). */
OxReference *ox_reference_new_values (GHashTable *values, const char *title);
/* Another model, fed and at its start (transfer full); @mine is the model to be compared, fed with the same. Values belong
 * together by name, then by operator and place, then by operator, shape and numbers. It runs as far as it must, and keeps
 * what has not been asked for yet. */
OxReference *ox_reference_new_model (OxSession *theirs, OxSession *mine, GCancellable *cancellable, GError **error);
/* The same model run in another way. */
typedef struct
{
  int      threads;   /* 0: as many as the other run */
  gboolean expand;    /* operators as what they are made of */
  OxDtype  dtype;     /* OX_UNDEFINED: as the model says; OX_F64: floats are computed in f64 wherever a kernel has it; narrower
                       * ones: inputs and outputs of every node are rounded through it */
} OxSelfOptions;

/* Whether @text means the same model: "self", "self:OPTION,...", "twice". */
gboolean     ox_self_options_fit    (const char *text);
/* "self:threads=1", "self:expand", "self:f64" and the like, joined by commas; "twice" is self:threads=1. */
gboolean     ox_self_options_parse  (const char *text, OxSelfOptions *options, GError **error);
/* Without expand and type every value has to have the same bits. */
OxReference *ox_reference_new_self  (OxSession *mine, const OxSelfOptions *options, GCancellable *cancellable, GError **error);
void         ox_reference_free      (OxReference *self);

/* What output @output of @node should be in @frame; @found is what it is, and tells the type. (transfer full) NULL without
 * an error when the reference does not have it. */
OxValue     *ox_reference_get       (OxReference *self, OxFrame *frame, const OxNode *node, guint output,
                                     const OxValue *found, GError **error);
/* Whether the reference computed this with the same engine, the same operator and the same kind of inputs: then equal inputs
 * give equal bits. */
gboolean     ox_reference_is_exact  (OxReference *self, const OxNode *node);
/* Whether the reference makes all values in the same way, so that all bits have to be equal. */
gboolean     ox_reference_is_same   (OxReference *self);
/* What floats were computed in, if that is not their own type; else OX_UNDEFINED. */
OxDtype      ox_reference_dtype     (OxReference *self);
/* The reference's own nodes that make the counterpart of an output, back to the last values that the two models share; OxNode*
 * in order, none when it is no model. (transfer container) */
GPtrArray   *ox_reference_region    (OxReference *self, const OxNode *node, guint output);
/* How many values it has; -1 when it is a model. */
int          ox_reference_size      (OxReference *self);
/* What is asked for may take time: stops it, until another is set. NULL: nothing does. */
void         ox_reference_set_cancellable (OxReference *self, GCancellable *cancellable);
/* From now on the values of a model may be asked for in any order, and again: it runs anew when one has gone. Without this they
 * are there once, in the order of the run; other references have them always. */
void         ox_reference_run_again (OxReference *self);
const char  *ox_reference_title     (OxReference *self);
/* A sentence about how names were matched, or NULL. */
const char  *ox_reference_remark    (OxReference *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxReference, ox_reference_free)

G_END_DECLS
