/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "scene/ox-card.h"

struct _OxRuler
{
  PangoContext *context;
  PangoLayout  *layout[OX_N_TEXTS];
  GHashTable   *known[OX_N_TEXTS];   /* text -> double* */
};

static const struct { double size, line; gboolean bold; } styles[OX_N_TEXTS] = {
  [OX_TEXT_TITLE] = { 11, 15, TRUE }, [OX_TEXT_DETAIL] = { 9, 12.5, FALSE }, [OX_TEXT_INSET] = { 8.5, 12, FALSE },
};

double
ox_text_size (OxTextStyle style)
{
  return styles[style].size;
}

double
ox_text_line (OxTextStyle style)
{
  return styles[style].line;
}

PangoFontDescription *
ox_text_font (OxTextStyle style)
{
  PangoFontDescription *font = pango_font_description_new ();

  pango_font_description_set_family (font, OX_TEXT_FONTS);
  pango_font_description_set_absolute_size (font, styles[style].size * PANGO_SCALE);
  if (styles[style].bold)
    pango_font_description_set_weight (font, PANGO_WEIGHT_BOLD);
  return font;
}

/* A font map of its own, so that measuring may happen on any thread. */
OxRuler *
ox_ruler_new (void)
{
  OxRuler *ruler = g_new0 (OxRuler, 1);
  PangoFontMap *map = pango_cairo_font_map_new ();
  cairo_font_options_t *options = cairo_font_options_create ();

  ruler->context = pango_font_map_create_context (map);
  g_object_unref (map);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  pango_cairo_context_set_font_options (ruler->context, options);
  cairo_font_options_destroy (options);
  pango_context_set_round_glyph_positions (ruler->context, FALSE);
  for (int i = 0; i < OX_N_TEXTS; i++)
    {
      PangoFontDescription *font = ox_text_font ((OxTextStyle) i);

      ruler->layout[i] = pango_layout_new (ruler->context);
      pango_layout_set_font_description (ruler->layout[i], font);
      pango_layout_set_single_paragraph_mode (ruler->layout[i], TRUE);
      pango_font_description_free (font);
      ruler->known[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    }
  return ruler;
}

void
ox_ruler_free (OxRuler *ruler)
{
  for (int i = 0; i < OX_N_TEXTS; i++)
    {
      g_object_unref (ruler->layout[i]);
      g_hash_table_unref (ruler->known[i]);
    }
  g_object_unref (ruler->context);
  g_free (ruler);
}

double
ox_ruler_width (OxRuler *ruler, OxTextStyle style, const char *text)
{
  double *known = g_hash_table_lookup (ruler->known[style], text);
  PangoRectangle box;

  if (known != NULL)
    return *known;
  pango_layout_set_text (ruler->layout[style], text, -1);
  pango_layout_get_extents (ruler->layout[style], NULL, &box);
  known = g_new (double, 1);
  *known = (double) box.width / PANGO_SCALE;
  g_hash_table_insert (ruler->known[style], g_strdup (text), known);
  return *known;
}

char *
ox_ruler_fit (OxRuler *ruler, OxTextStyle style, const char *text, double most)
{
  glong length = g_utf8_strlen (text, -1), low = 0, high;

  /* What is this long is not measured as a whole. */
  if (length <= 200 && ox_ruler_width (ruler, style, text) <= most)
    return g_strdup (text);
  high = MIN (length, 200);
  while (low < high)
    {
      glong middle = (low + high + 1) / 2;
      g_autofree char *start = g_utf8_substring (text, 0, middle);
      g_autofree char *cut = g_strconcat (start, "…", NULL);

      if (ox_ruler_width (ruler, style, cut) <= most)
        low = middle;
      else
        high = middle - 1;
    }
  {
    g_autofree char *start = g_utf8_substring (text, 0, low);

    return g_strconcat (start, "…", NULL);
  }
}
