/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-genealogy.h"
#include "debug/ox-mask.h"
#include "debug/ox-progress.h"
#include "session/ox-session.h"

G_BEGIN_DECLS

/* The part of a value that can have an influence. */
typedef struct
{
  const OxSlot *slot;
  const OxNode *node;        /* that made it, NULL: none */
  OxOrigin      origin;
  guint64       frame;       /* its id; 0: main. Of a weight: 0 */
  char         *where;       /* the frame, NULL: main */
  char         *type;        /* "f32 1x64" */
  OxMask       *mask;
  gint64        count, of;   /* elements of it, and of the tensor; 0 of 0: all of what is no tensor */
  gint64        low[OX_MAX_RANK], high[OX_MAX_RANK];   /* the box around them */
  const OxNode *coarse;      /* from where on more was taken than can have one, for want of knowing better; NULL: nowhere */
} OxProvenanceRegion;

/* Where elements of a value come from: for everything that was computed on the way to them, every weight and every input,
 * which elements can have an influence on them, in this run: with the same shapes, indices and ways taken. */
typedef struct _OxProvenance OxProvenance;

/* @session is fed and at its start; it is not moved. The run keeps what it makes, at most @budget bytes. */
OxProvenance *ox_provenance_new  (OxSession *session, gsize budget);
void          ox_provenance_free (OxProvenance *self);
void          ox_provenance_set_progress (OxProvenance *self, OxProgress progress, gpointer data);
/* Of "NAME", "NAME[0,3]", "NAME[0,:,-1]" or "NAME[2:4]": a value of the main graph, else of the body that has one of this
 * name, as it was written last. Errors: OX_ERROR_VALUE for what is not there, OX_ERROR_MEMORY for too small a budget. */
gboolean      ox_provenance_run  (OxProvenance *self, const char *expression, GCancellable *cancellable, GError **error);
/* OxProvenanceRegion*: what was asked about, then inputs of the model, weights, then values, the nearest first. (transfer
 * none) */
GPtrArray    *ox_provenance_regions  (OxProvenance *self);
/* "[0,3,4:9]" and how many of how many. (transfer full) */
char         *ox_provenance_region_text (const OxProvenanceRegion *region);
/* Lines; @rows: how many of each kind at most, 0: all. (transfer full) */
char         *ox_provenance_describe (OxProvenance *self, guint rows);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxProvenance, ox_provenance_free)

G_END_DECLS
