/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-mask.h"
#include "session/ox-session.h"

G_BEGIN_DECLS

/* One node, and what of its outputs is asked about. */
typedef struct
{
  OxSession      *session;   /* keep_all, and past the node */
  OxFrame        *frame;
  OxNode         *node;
  const OxTensor **inputs;   /* [input_names->len] NULL: omitted, or no tensor */
  const OxTensor **outputs;  /* [output_names->len] likewise */
  OxMask         **asked;    /* [output_names->len] NULL: not asked about */
  OxMask         **hangs_on; /* [input_names->len] to add to; NULL: not there. Those of @inputs that are NULL are whole. */
  gboolean        *coarse;   /* [input_names->len] set: more than what it can hang on, for want of knowing better */
  GCancellable    *cancellable;
} OxInfluence;

/* Adds the elements of the inputs that can have an influence on what is asked about, with shapes, indices and parameters as
 * they are. Nothing that can is left out. */
void ox_influence_add (OxInfluence *influence);

/* ---- its parts: each takes the node or leaves it ---- */
/* ox-influence-axes.c: axes of an input that go with axes of the output, the others being summed over or the like. */
gboolean ox_influence_by_axes  (OxInfluence *influence);
/* ox-influence-window.c: convolutions and pools; resizing by interpolation. */
gboolean ox_influence_by_window (OxInfluence *influence);
/* ox-influence-move.c: what puts elements elsewhere, by running it with their numbers. */
gboolean ox_influence_by_moving (OxInfluence *influence);

/* What they share. */
gint64   ox_influence_int      (const OxNode *node, const char *name, gint64 fallback);
/* An element of a list of integers. */
gint64   ox_influence_int_at   (const OxNode *node, const char *name, guint i, gint64 fallback);
gboolean ox_influence_has_text (const OxNode *node, const char *name, const char *text);
void     ox_influence_add_whole (OxInfluence *influence, guint input);

G_END_DECLS
