/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-overlay.h"

struct _OxOverlay
{
  GObject parent_instance;

  OxOverlayKind kind;
  OxErrors     *errors;
  gboolean      stale;      /* they are of another run */
  OxBars       *precision;
  GHashTable   *path;
  char         *title;
};

G_DEFINE_FINAL_TYPE (OxOverlay, ox_overlay, G_TYPE_OBJECT)

static guint changed;

static void
ox_overlay_finalize (GObject *object)
{
  OxOverlay *self = OX_OVERLAY (object);

  g_clear_object (&self->errors);
  g_clear_object (&self->precision);
  g_clear_pointer (&self->path, g_hash_table_unref);
  g_free (self->title);
  G_OBJECT_CLASS (ox_overlay_parent_class)->finalize (object);
}

static void
ox_overlay_class_init (OxOverlayClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ox_overlay_finalize;
  changed = g_signal_new ("changed", OX_TYPE_OVERLAY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ox_overlay_init (OxOverlay *self)
{
}

OxOverlay *
ox_overlay_new (void)
{
  return g_object_new (OX_TYPE_OVERLAY, NULL);
}

OxOverlayKind
ox_overlay_get_kind (OxOverlay *self)
{
  return self->kind;
}

void
ox_overlay_set_kind (OxOverlay *self, OxOverlayKind kind)
{
  if (kind == self->kind)
    return;
  self->kind = kind;
  g_signal_emit (self, changed, 0);
}

OxErrors *
ox_overlay_get_errors (OxOverlay *self)
{
  return self->errors;
}

void
ox_overlay_set_errors (OxOverlay *self, OxErrors *errors)
{
  g_set_object (&self->errors, errors);
  self->stale = FALSE;
  if (errors != NULL)
    self->kind = OX_OVERLAY_ERRORS;
  else if (self->kind == OX_OVERLAY_ERRORS)
    self->kind = OX_OVERLAY_NONE;
  g_signal_emit (self, changed, 0);
}

gboolean
ox_overlay_get_stale (OxOverlay *self)
{
  return self->errors != NULL && self->stale;
}

void
ox_overlay_set_stale (OxOverlay *self, gboolean stale)
{
  if (self->errors == NULL || stale == self->stale)
    return;
  self->stale = stale;
  g_signal_emit (self, changed, 0);
}

OxBars *
ox_overlay_get_precision (OxOverlay *self)
{
  return self->precision;
}

void
ox_overlay_set_precision (OxOverlay *self, OxBars *bars)
{
  g_set_object (&self->precision, bars);
  if (bars != NULL)
    self->kind = OX_OVERLAY_PRECISION;
  else if (self->kind == OX_OVERLAY_PRECISION)
    self->kind = OX_OVERLAY_NONE;
  g_signal_emit (self, changed, 0);
}

OxBars *
ox_overlay_get_bars (OxOverlay *self)
{
  if (self->kind == OX_OVERLAY_ERRORS && self->errors != NULL)
    return ox_errors_bars (self->errors);
  return self->kind == OX_OVERLAY_PRECISION ? self->precision : NULL;
}

void
ox_overlay_set_path (OxOverlay *self, GHashTable *nodes, const char *title)
{
  g_clear_pointer (&self->path, g_hash_table_unref);
  self->path = nodes;
  g_free (self->title);
  self->title = g_strdup (title);
  if (nodes != NULL)
    self->kind = OX_OVERLAY_PATH;
  else if (self->kind == OX_OVERLAY_PATH)
    self->kind = OX_OVERLAY_NONE;
  g_signal_emit (self, changed, 0);
}

gboolean
ox_overlay_has_path (OxOverlay *self)
{
  return self->path != NULL;
}

gboolean
ox_overlay_on_path (OxOverlay *self, const OxNode *node)
{
  return self->path != NULL && g_hash_table_contains (self->path, node);
}

const char *
ox_overlay_path_title (OxOverlay *self)
{
  return self->title;
}
