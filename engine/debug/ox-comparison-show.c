/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "debug/ox-comparison-private.h"
#include "debug/ox-reference-private.h"
#include "tensor/ox-format.h"

/* Nodes of a region that are listed. */
#define LISTED 12

GPtrArray *
ox_comparison_values (OxComparison *self)
{
  return self->values;
}

const OxComparedValue *
ox_comparison_first (OxComparison *self)
{
  for (guint i = 0; i < self->values->len; i++)
    {
      const OxComparedValue *value = g_ptr_array_index (self->values, i);

      if (value->verdict == OX_VERDICT_DIFFERS)
        return value;
    }
  return NULL;
}

guint
ox_comparison_missing (OxComparison *self)
{
  return self->missing;
}

OxReference *
ox_comparison_reference (OxComparison *self)
{
  return self->reference;
}

GPtrArray *
ox_comparison_remarks (OxComparison *self)
{
  return self->remarks;
}

char *
ox_compared_value_describe (const OxComparedValue *value)
{
  const OxDifference *d = value->has_own ? &value->own : &value->through;
  g_autofree char *title = ox_node_title (value->node);
  g_autofree char *abs = ox_format_double (d->max_abs, 3), *rel = ox_format_double (d->max_rel, 3);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "#%u %s '%s'", value->node->index, value->node->op_type, title);
  if (value->where != NULL)
    g_string_append_printf (text, " in %s", value->where);
  if (value->has_own || value->has_through)
    g_string_append_printf (text, ", output '%s'",
                            (const char *) g_ptr_array_index (value->node->output_names, value->output));
  if (value->text != NULL)
    g_string_append_printf (text, ": %s", value->text);
  else
    g_string_append_printf (text,
                            ": %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " elements are outside of rtol %g, atol %.3g (%"
                            G_GINT64_FORMAT " are unequal); max abs %s, max rel %s, the first is number %" G_GINT64_FORMAT,
                            d->outside, d->count, value->tolerance.rtol, value->tolerance.atol, d->unequal, abs, rel, d->first);
  return g_string_free (text, FALSE);
}

void
ox_comparison_follow (OxComparison *self, OxSessionTap tap, void (*turn) (const OxTurn *turn, gpointer data), gpointer data)
{
  self->follow_tap = tap;
  self->follow_turn = turn;
  self->follow_data = data;
}

static gboolean
is_absent (const OxSlot *slot, gpointer absent)
{
  return g_hash_table_contains (absent, slot);
}

GPtrArray *
ox_comparison_region (OxComparison *self, const OxComparedValue *value)
{
  GPtrArray *nodes = g_ptr_array_new ();

  ox_region_collect (value->node, is_absent, self->absent, nodes);
  return nodes;
}

static void
put_nodes (GString *text, const char *title, GPtrArray *nodes)
{
  g_string_append_printf (text, "%s%u node%s\n", title, nodes->len, nodes->len == 1 ? "" : "s");
  for (guint i = 0; i < nodes->len && i < LISTED; i++)
    {
      const OxNode *node = g_ptr_array_index (nodes, i);
      g_autofree char *name = ox_node_title (node);

      g_string_append_printf (text, "  #%u %s '%s'\n", node->index, node->op_type, name);
    }
  if (nodes->len > LISTED)
    g_string_append_printf (text, "  and %u more\n", nodes->len - LISTED);
}

/* What the nodes read that others made. */
static void
put_border (GString *text, GPtrArray *nodes)
{
  g_autoptr (GHashTable) inside = g_hash_table_new (NULL, NULL), seen = g_hash_table_new (NULL, NULL);
  guint n = 0;

  for (guint i = 0; i < nodes->len; i++)
    g_hash_table_add (inside, g_ptr_array_index (nodes, i));
  for (guint i = 0; i < nodes->len; i++)
    {
      const OxNode *node = g_ptr_array_index (nodes, i);

      for (guint k = 0; k < node->input_names->len; k++)
        {
          OxSlot *slot = node->inputs[k].slot >= 0 ? ox_node_input_slot (node, (int) k) : NULL;

          if (slot == NULL || (slot->producer == NULL && slot->graph_input < 0) || g_hash_table_contains (inside, slot->producer)
              || !g_hash_table_add (seen, slot))
            continue;
          g_string_append_printf (text, "%s'%s'", n++ == 0 ? "from " : ", ", slot->name);
        }
    }
  if (n > 0)
    g_string_append_c (text, '\n');
}

char *
ox_comparison_describe_region (OxComparison *self, const OxComparedValue *value)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GPtrArray) mine = ox_comparison_region (self, value);
  g_autoptr (GPtrArray) theirs = ox_reference_region (self->reference, value->node, value->output);

  put_nodes (text, "between the last values that agree and the first that differs: ", mine);
  put_border (text, mine);
  if (theirs->len > 0)
    put_nodes (text, "in the reference: ", theirs);
  return g_string_free (text, FALSE);
}

static void
put_difference (GString *text, const char *title, const OxDifference *d)
{
  g_autofree char *abs = ox_format_double (d->max_abs, 6), *rel = ox_format_double (d->max_rel, 6);
  g_autofree char *mean = ox_format_double (d->mean_abs, 6), *rmse = ox_format_double (d->rmse, 6);
  g_autofree char *cosine = ox_format_double (d->cosine, 9), *psnr = ox_format_double (d->psnr, 5);
  g_autofree char *ulps = ox_format_double (d->max_ulps, 6);

  g_string_append_printf (text,
                          "%s%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " unequal, %" G_GINT64_FORMAT " outside\n"
                          "  max abs %s, max rel %s, mean %s, RMSE %s\n  cosine %s, PSNR %s dB, %s ulps\n",
                          title, d->unequal, d->count, d->outside, abs, rel, mean, rmse, cosine, psnr, ulps);
  if (d->first >= 0)
    g_string_append_printf (text, "  the first outside is number %" G_GINT64_FORMAT "\n", d->first);
  if (d->worst >= 0)
    g_string_append_printf (text, "  the largest is number %" G_GINT64_FORMAT "\n", d->worst);
}

/* Bars of the decades that have any. */
static void
put_decades (GString *text, const OxDecades *decades)
{
  gint64 most = 1;

  for (int i = 0; i < OX_DECADES; i++)
    most = MAX (most, decades->counts[i]);
  g_string_append_printf (text, "differences by size: %" G_GINT64_FORMAT " equal\n", decades->equal);
  for (int i = 0; i < OX_DECADES; i++)
    if (decades->counts[i] > 0)
      {
        g_autofree char *bar = g_strnfill ((gsize) (1 + 29 * decades->counts[i] / most), '#');

        g_string_append_printf (text, "  %s1e%+03d  %10" G_GINT64_FORMAT " %s\n", i == 0 ? "< " : ">=", i == 0 ? OX_DECADES_LOW : OX_DECADES_LOW + i - 1,
                                decades->counts[i], bar);
      }
  if (decades->bad > 0)
    g_string_append_printf (text, "  NaN or infinite on one side only: %" G_GINT64_FORMAT "\n", decades->bad);
}

char *
ox_compared_value_detail (const OxComparedValue *value)
{
  g_autofree char *line = ox_compared_value_describe (value);
  GString *text = g_string_new (NULL);

  if (value->verdict == OX_VERDICT_DIFFERS)
    g_string_append_printf (text, "%s\n", line);
  else
    {
      g_autofree char *title = ox_node_title (value->node);

      g_string_append_printf (text, "#%u %s '%s', output '%s'\n", value->node->index, value->node->op_type, title,
                              (const char *) g_ptr_array_index (value->node->output_names, value->output));
    }
  if (value->has_through)
    put_difference (text, "in the run: ", &value->through);
  if (value->has_own)
    put_difference (text, "with the reference's inputs: ", &value->own);
  if (value->decades != NULL)
    put_decades (text, value->decades);
  return g_string_free (text, FALSE);
}
