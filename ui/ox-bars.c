/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-bars.h"

#include <math.h>

typedef struct
{
  double own, through;
} Lengths;

struct _OxBars
{
  GObject parent_instance;

  GHashTable   *nodes;      /* OxNode* -> Lengths */
  const OxNode *first;
  char         *own, *through, *tip;
};

G_DEFINE_FINAL_TYPE (OxBars, ox_bars, G_TYPE_OBJECT)

static void
ox_bars_finalize (GObject *object)
{
  OxBars *self = OX_BARS (object);

  g_hash_table_unref (self->nodes);
  g_free (self->own);
  g_free (self->through);
  g_free (self->tip);
  G_OBJECT_CLASS (ox_bars_parent_class)->finalize (object);
}

static void
ox_bars_class_init (OxBarsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ox_bars_finalize;
}

static void
ox_bars_init (OxBars *self)
{
  self->nodes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
}

OxBars *
ox_bars_new (const char *own, const char *through, const char *tip)
{
  OxBars *self = g_object_new (OX_TYPE_BARS, NULL);

  self->own = g_strdup (own);
  self->through = g_strdup (through);
  self->tip = g_strdup (tip);
  return self;
}

static double
larger (double a, double b)
{
  return isnan (a) || b > a ? b : a;
}

void
ox_bars_add (OxBars *self, const OxNode *node, double own, double through)
{
  Lengths *lengths = g_hash_table_lookup (self->nodes, node);

  if (lengths == NULL)
    {
      lengths = g_new (Lengths, 1);
      *lengths = (Lengths){ NAN, NAN };
      g_hash_table_insert (self->nodes, (gpointer) node, lengths);
    }
  lengths->own = larger (lengths->own, own);
  lengths->through = larger (lengths->through, through);
}

void
ox_bars_add_nested (OxBars *self, const OxNode *node, double own, double through)
{
  for (; node != NULL; node = node->graph->owner)
    ox_bars_add (self, node, own, through);
}

void
ox_bars_set_first (OxBars *self, const OxNode *node)
{
  self->first = node;
}

gboolean
ox_bars_get (OxBars *self, const OxNode *node, OxCardErrors *lengths)
{
  const Lengths *known = g_hash_table_lookup (self->nodes, node);

  lengths->first = self->first != NULL && self->first == node;
  if (known == NULL)
    return FALSE;
  lengths->own = known->own;
  lengths->through = known->through;
  return TRUE;
}

const char *
ox_bars_own_text (OxBars *self)
{
  return self->own;
}

const char *
ox_bars_through_text (OxBars *self)
{
  return self->through;
}

const char *
ox_bars_tip (OxBars *self)
{
  return self->tip;
}
