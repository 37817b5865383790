/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "ui/ox-errors.h"

G_BEGIN_DECLS

#define OX_TYPE_OVERLAY (ox_overlay_get_type ())
G_DECLARE_FINAL_TYPE (OxOverlay, ox_overlay, OX, OVERLAY, GObject)

typedef enum
{
  OX_OVERLAY_NONE,
  OX_OVERLAY_ERRORS,    /* own and inherited error of each node */
  OX_OVERLAY_PATH,      /* some nodes, all others step back */
  OX_OVERLAY_PRECISION, /* what a narrower type would do at each node */
} OxOverlayKind;

/* What is laid over the picture of the graph, and what there is to lay over it. Signal: "changed". */
OxOverlay    *ox_overlay_new        (void);
OxOverlayKind ox_overlay_get_kind   (OxOverlay *self);
void          ox_overlay_set_kind   (OxOverlay *self, OxOverlayKind kind);
/* NULL: nothing was compared. Setting them shows them. */
OxErrors     *ox_overlay_get_errors (OxOverlay *self);
void          ox_overlay_set_errors (OxOverlay *self, OxErrors *errors);
/* Whether the run is made of other inputs or edits now than when it was compared; new errors are not stale. */
gboolean      ox_overlay_get_stale  (OxOverlay *self);
void          ox_overlay_set_stale  (OxOverlay *self, gboolean stale);
/* NULL: nobody asked. Setting them shows them. */
OxBars       *ox_overlay_get_precision (OxOverlay *self);
void          ox_overlay_set_precision (OxOverlay *self, OxBars *bars);
/* The bars that are shown now; NULL: none. (transfer none) */
OxBars       *ox_overlay_get_bars   (OxOverlay *self);
/* A set of OxNode* (transfer full) and a word about what they are; NULL: none. Setting it shows it. */
void          ox_overlay_set_path   (OxOverlay *self, GHashTable *nodes, const char *title);
gboolean      ox_overlay_has_path   (OxOverlay *self);
gboolean      ox_overlay_on_path    (OxOverlay *self, const OxNode *node);
const char   *ox_overlay_path_title (OxOverlay *self);

G_END_DECLS
