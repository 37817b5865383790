/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-node-errors.h"

#include <math.h>

/* Errors below this part of the largest value are no length at all; a length of 1 is this many digits. */
#define DIGITS 7.0

typedef struct
{
  double own, through;
} Lengths;

struct _OxNodeErrors
{
  GHashTable *nodes;      /* OxNode* -> Lengths */
};

double
ox_error_length (const OxDifference *d)
{
  double part;

  if (!d->same_type || !d->same_shape)
    return 1;
  if (d->unequal == 0)
    return 0;
  part = d->largest > 0 ? d->max_abs / d->largest : 1;
  /* Texts, and infinities on one side only, have no size. */
  if (!isfinite (part) || d->max_abs == 0)
    return 1;
  return CLAMP ((log10 (part) + DIGITS) / DIGITS, 0, 1);
}

void
ox_compared_value_lengths (const OxComparedValue *value, double *own, double *through)
{
  *own = value->has_own ? ox_error_length (&value->own) : value->verdict == OX_VERDICT_DIFFERS ? 1 : NAN;
  *through = value->has_through ? ox_error_length (&value->through) : NAN;
}

static double
larger (double a, double b)
{
  return isnan (a) || b > a ? b : a;
}

static void
note (OxNodeErrors *self, const OxComparedValue *value)
{
  Lengths *lengths = g_hash_table_lookup (self->nodes, value->node);
  double own, through;

  ox_compared_value_lengths (value, &own, &through);
  if (lengths == NULL)
    {
      lengths = g_new (Lengths, 1);
      *lengths = (Lengths){ NAN, NAN };
      g_hash_table_insert (self->nodes, (gpointer) value->node, lengths);
    }
  lengths->own = larger (lengths->own, own);
  lengths->through = larger (lengths->through, through);
}

OxNodeErrors *
ox_node_errors_new (GPtrArray *values)
{
  OxNodeErrors *self = g_new0 (OxNodeErrors, 1);

  self->nodes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  for (guint i = 0; i < values->len; i++)
    note (self, g_ptr_array_index (values, i));
  return self;
}

void
ox_node_errors_free (OxNodeErrors *self)
{
  g_hash_table_unref (self->nodes);
  g_free (self);
}

gboolean
ox_node_errors_get (OxNodeErrors *self, const OxNode *node, double *own, double *through)
{
  const Lengths *lengths = g_hash_table_lookup (self->nodes, node);

  if (lengths == NULL)
    return FALSE;
  *own = lengths->own;
  *through = lengths->through;
  return TRUE;
}
