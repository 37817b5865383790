/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-provenance-private.h"

/* How a provenance is told. */

char *
ox_provenance_region_text (const OxProvenanceRegion *region)
{
  GString *text = g_string_new (NULL);
  gint64 box = 1;

  if (region->of == 0)
    return g_string_free (g_string_append (text, "all"), FALSE);
  for (int i = 0; i < region->mask->rank; i++)
    {
      g_string_append (text, i == 0 ? "[" : ",");
      box *= region->high[i] - region->low[i];
      if (region->high[i] - region->low[i] == 1)
        g_string_append_printf (text, "%" G_GINT64_FORMAT, region->low[i]);
      else if (region->low[i] == 0 && region->high[i] == region->mask->dims[i])
        g_string_append_c (text, ':');
      else
        g_string_append_printf (text, "%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, region->low[i], region->high[i]);
    }
  if (region->mask->rank > 0)
    g_string_append (text, "]");
  if (region->count == region->of)
    g_string_append_printf (text, region->mask->rank > 0 ? ", all %" G_GINT64_FORMAT : "all %" G_GINT64_FORMAT, region->of);
  else if (region->count == box)
    g_string_append_printf (text, ", %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, region->count, region->of);
  else
    g_string_append_printf (text, ", %" G_GINT64_FORMAT " in there, of %" G_GINT64_FORMAT, region->count, region->of);
  return g_string_free (text, FALSE);
}

static void
put_region (GString *text, const OxProvenanceRegion *region)
{
  g_autofree char *part = ox_provenance_region_text (region);

  g_string_append_printf (text, "  '%s' (%s): %s", region->slot->name, region->type, part);
  if (region->node != NULL)
    g_string_append_printf (text, ", by #%u %s", region->node->index, region->node->op_type);
  if (region->where != NULL)
    g_string_append_printf (text, " in %s", region->where);
  if (region->coarse != NULL)
    g_string_append_printf (text, "; at most, after #%u %s", region->coarse->index, region->coarse->op_type);
  g_string_append_c (text, '\n');
}

static void
put_kind (OxProvenance *self, GString *text, OxOrigin origin, const char *title, guint rows)
{
  guint n = 0, more = 0;

  for (guint i = 1; i < self->regions->len; i++)
    {
      const OxProvenanceRegion *region = g_ptr_array_index (self->regions, i);

      if (region->origin != origin)
        continue;
      if (n == 0)
        g_string_append_printf (text, "%s:\n", title);
      if (n++ < rows || rows == 0)
        put_region (text, region);
      else
        more++;
    }
  if (more > 0)
    g_string_append_printf (text, "  and %u more\n", more);
}

char *
ox_provenance_describe (OxProvenance *self, guint rows)
{
  GString *text = g_string_new ("of\n");

  if (self->regions->len == 0)
    return g_string_free (text, FALSE);
  put_region (text, g_ptr_array_index (self->regions, 0));
  put_kind (self, text, OX_ORIGIN_INPUT, "inputs of the model", rows);
  put_kind (self, text, OX_ORIGIN_WEIGHT, "weights", rows);
  put_kind (self, text, OX_ORIGIN_NODE, "values on the way, the nearest first", rows);
  return g_string_free (text, FALSE);
}
