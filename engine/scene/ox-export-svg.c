/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "scene/ox-export-private.h"

/* SVG by hand: text stays text, every style is on its element, every node has a <title>, and nothing comes from
 * outside the file. */

typedef struct
{
  GString         *out;
  GOutputStream   *stream;
  GCancellable    *cancellable;
  GError         **error;
  gboolean         failed, embedded;
} Writer;

static void
flush (Writer *w, gsize limit)
{
  if (w->out->len < limit || w->failed)
    return;
  w->failed = !g_output_stream_write_all (w->stream, w->out->str, w->out->len, NULL, w->cancellable, w->error);
  g_string_truncate (w->out, 0);
}

static void put (Writer *w, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
put (Writer *w, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_string_append_vprintf (w->out, format, args);
  va_end (args);
  flush (w, 1 << 16);
}

/* Two digits after the point, whatever the locale, and none that say nothing. By hand, as printf takes a quarter of the time
 * of a large picture. */
static void
put_number (Writer *w, double v)
{
  gint64 hundredths = (gint64) (fabs (v) * 100 + 0.5);
  char buffer[32], *p = buffer + sizeof buffer;
  int digits = 0;

  if (v < 0 && hundredths > 0)
    g_string_append_c (w->out, '-');
  if (hundredths % 100 != 0)
    {
      for (; digits < 2; digits++, hundredths /= 10)
        if (p < buffer + sizeof buffer || hundredths % 10 != 0)
          *--p = (char) ('0' + hundredths % 10);
      *--p = '.';
    }
  else
    hundredths /= 100;
  do
    *--p = (char) ('0' + hundredths % 10);
  while ((hundredths /= 10) > 0);
  g_string_append_len (w->out, p, buffer + sizeof buffer - p);
}

static void
put_attribute (Writer *w, const char *name, double v)
{
  g_string_append_printf (w->out, " %s=\"", name);
  put_number (w, v);
  g_string_append_c (w->out, '"');
}

/* As a property; in a page it is a variable, whose number stands in the place of the colour. */
static void
put_color (Writer *w, const char *property, OxColor color)
{
  if (w->embedded)
    put (w, "%s:var(--ox%u)", property, color);
  else
    put (w, "%s:#%06x", property, color);
}

static void
put_escaped (Writer *w, const char *text)
{
  /* Characters that XML 1.0 does not have at all become a replacement. */
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '<')
        g_string_append (w->out, "&lt;");
      else if (c == '>')
        g_string_append (w->out, "&gt;");
      else if (c == '&')
        g_string_append (w->out, "&amp;");
      else if (c == '"')
        g_string_append (w->out, "&quot;");
      else if (c < 32 || c == 0xfffe || c == 0xffff)
        g_string_append (w->out, "\357\277\275");
      else
        g_string_append_unichar (w->out, c);
    }
}

static void
put_text (Writer *w, OxTextStyle style, const char *text, double x, double top, OxColor color)
{
  put (w, "<text");
  put_attribute (w, "x", x);
  put_attribute (w, "y", top + ox_text_line (style) * 0.5 + ox_text_size (style) * 0.36);
  if (w->embedded)
    put (w, " class=\"t%d\" style=\"", (int) style);
  else
    put (w, " style=\"font-family:%s;font-size:%gpx;%s", OX_TEXT_FONTS, ox_text_size (style),
         style == OX_TEXT_TITLE ? "font-weight:bold;" : "");
  put_color (w, "fill", color);
  put (w, "\">");
  put_escaped (w, text);
  put (w, "</text>\n");
}

static void
put_rect (Writer *w, const OxRect *r, double radius, OxColor fill, OxColor line, double width)
{
  put (w, "<rect");
  put_attribute (w, "x", r->x);
  put_attribute (w, "y", r->y);
  put_attribute (w, "width", r->w);
  put_attribute (w, "height", r->h);
  put_attribute (w, "rx", radius);
  put (w, " style=\"");
  put_color (w, "fill", fill);
  put_color (w, ";stroke", line);
  put (w, ";stroke-width:%g\"/>\n", width);
}

static void
put_path (Writer *w, const OxScene *scene, int index, const OxPalette *colors)
{
  const OxLayout *layout = scene->layout;
  const OxLayoutPath *path = &layout->paths[index];
  const OxPoint *p = &layout->points[path->first];

  if (path->n_points < 4)
    return;
  put (w, "<path d=\"M");
  for (int k = 0; k < path->n_points; k++)
    {
      if (k == 1)
        put (w, " C");
      put (w, " ");
      put_number (w, p[k].x);
      put (w, ",");
      put_number (w, p[k].y);
    }
  put (w, "\" style=\"fill:none");
  put_color (w, ";stroke", colors->line);
  put (w, ";stroke-width:1.1\"/>\n");
  if (index < layout->n_arrows)
    {
      OxPoint from = p[path->n_points - 2], tip = p[path->n_points - 1];
      double angle = atan2 (tip.y - from.y, tip.x - from.x);

      put (w, "<path d=\"M ");
      for (int k = 0; k < 3; k++)
        {
          double turn = k == 0 ? 0 : k == 1 ? -0.42 : 0.42, length = k == 0 ? 0 : 6;

          put (w, k == 0 ? "" : " L ");
          put_number (w, tip.x - length * cos (angle + turn));
          put (w, ",");
          put_number (w, tip.y - length * sin (angle + turn));
        }
      put (w, " Z\" style=\"");
      put_color (w, "fill", colors->line);
      put (w, "\"/>\n");
    }
}

static void
put_label (Writer *w, const OxScene *scene, int index, const OxPalette *colors)
{
  int net = g_array_index (scene->arrows, OxLayoutArrow, index).net;
  const OxSlot *slot = net >= 0 ? ox_graph_slot (scene->graph, net) : NULL;
  const OxType *type = slot != NULL ? (slot->type != NULL ? slot->type : slot->inferred) : NULL;
  g_autofree char *text = NULL;

  if (isnan (scene->labels[index].x) || type == NULL || type->kind != OX_TYPE_TENSOR || type->rank < 0)
    return;
  text = ox_type_shape_label (type);
  put_text (w, OX_TEXT_INSET, text, scene->labels[index].x, scene->labels[index].y, colors->faint_text);
}

/* As ox_painter_bar draws them: what came through is hollow. */
static void
put_errors (Writer *w, const OxCardErrors *errors, const OxRect *r, const OxPalette *colors)
{
  OxRect bar = { r->x + OX_CARD_EDGE + 3, r->y + r->h - 7.2f, 0, 3 };
  float whole = r->w - (float) OX_CARD_EDGE - 6;

  if (errors->own > 0)
    {
      bar.w = whole * (float) errors->own;
      put_rect (w, &bar, 0, colors->failed, colors->failed, 0);
    }
  bar.y += 3.6f;
  if (errors->through > 0)
    {
      bar.w = whole * (float) errors->through;
      put_rect (w, &bar, 0, colors->background, colors->warning, 0.8);
    }
}

/* "!" in the corner, as the painter has it. */
static void
put_sign (Writer *w, const OxRect *r, OxColor color, OxColor text)
{
  OxRect sign = { r->x + r->w - 14, r->y + 4, 10, 10 };

  put_rect (w, &sign, 5, color, color, 0);
  put (w, "<path");
  put (w, " d=\"M ");
  put_number (w, sign.x + 5);
  put (w, ",");
  put_number (w, sign.y + 2);
  put (w, " v 3.6 m 0,1.4 v 1.2\" style=\"fill:none");
  put_color (w, ";stroke", text);
  put (w, ";stroke-width:1.6\"/>\n");
}

static void
put_card (Writer *w, const OxScene *scene, int index, const OxPalette *colors, const OxExportOptions *options)
{
  const OxCard *card = ox_scene_card (scene, index);
  const OxRect *r = &scene->layout->boxes[index];
  gboolean pill = card->kind == OX_CARD_INPUT || card->kind == OX_CARD_OUTPUT;
  OxNodeState state = options->state != NULL && card->kind == OX_CARD_NODE ? options->state (card->node, options->data)
                                                                           : OX_NODE_WAITING;
  OxRect edge = { r->x, r->y + 2, OX_CARD_EDGE, r->h - 4 };
  double y = r->y + OX_CARD_TOP;
  OxCardErrors errors = { NAN, NAN, FALSE };
  gboolean compared = options->errors != NULL && (card->kind == OX_CARD_NODE || (w->embedded && card->kind == OX_CARD_GROUP))
                      && options->errors (card->node, &errors, options->data);
  gboolean linked = w->embedded && options->linked != NULL && options->linked (index, options->data);

  if (linked)
    put (w, "<a href=\"#row%d\">", index);
  if (w->embedded)
    put (w, "<g class=\"card\" id=\"card%d\"><title>", index);
  else
    put (w, "<g><title>");
  put_escaped (w, card->tip);
  put (w, "</title>\n");
  if (card->has_body)
    {
      OxRect behind = { r->x + 2.5, r->y + 2.5, r->w, r->h };

      put_rect (w, &behind, OX_CARD_RADIUS, colors->background, colors->edge[card->family], 0.8);
    }
  put_rect (w, r, pill ? MIN (r->h / 2, 13) : OX_CARD_RADIUS, colors->fill[card->family],
            state == OX_NODE_CURRENT                    ? colors->accent
            : state == OX_NODE_FAILED || errors.first ? colors->failed
                                                      : colors->edge[card->family],
            state == OX_NODE_CURRENT || state == OX_NODE_FAILED || errors.first ? 2.4 : 0.8);
  if (!pill)
    put_rect (w, &edge, 1.5, colors->edge[card->family], colors->edge[card->family], 0);
  put_text (w, OX_TEXT_TITLE, card->title, r->x + OX_CARD_LEFT, y, colors->text);
  y += ox_text_line (OX_TEXT_TITLE);
  if (card->detail != NULL)
    {
      put_text (w, OX_TEXT_DETAIL, card->detail, r->x + OX_CARD_LEFT, y, colors->text);
      y += ox_text_line (OX_TEXT_DETAIL);
    }
  for (int i = 0; card->insets != NULL && card->insets[i] != NULL; i++, y += ox_text_line (OX_TEXT_INSET))
    put_text (w, OX_TEXT_INSET, card->insets[i], r->x + OX_CARD_LEFT, y, colors->faint_text);
  if (compared)
    put_errors (w, &errors, r, colors);
  if (state == OX_NODE_FAILED || (options->bad != NULL && card->node != NULL && options->bad (card->node, options->data)))
    put_sign (w, r, state == OX_NODE_FAILED ? colors->failed : colors->warning, colors->background);
  put (w, linked ? "</g></a>\n" : "</g>\n");
}

static void
put_chip (Writer *w, const OxScene *scene, OxRuler *ruler, int index, const OxPalette *colors)
{
  const OxLayoutChip *chip = &scene->layout->chips[index];
  const char *name = ox_scene_net_name (scene, chip->net);
  g_autofree char *whole = g_strconcat (chip->other >= 0 ? "↥ " : "↧ ", name, NULL);
  g_autofree char *text = ox_ruler_fit (ruler, OX_TEXT_INSET, whole, chip->rect.w - 12);

  put (w, "<g><title>");
  put_escaped (w, name);
  put (w, "</title>\n");
  put_rect (w, &chip->rect, chip->rect.h / 2, colors->chip, colors->line, 0.7);
  put_text (w, OX_TEXT_INSET, text, chip->rect.x + 6, chip->rect.y + (chip->rect.h - ox_text_line (OX_TEXT_INSET)) / 2,
            colors->text);
  put (w, "</g>\n");
}

/* Where a palette has colours this has their numbers. */
static const OxPalette *
numbered_palette (void)
{
  static OxPalette palette;
  static gsize made = 0;

  if (g_once_init_enter (&made))
    {
      OxColor *colors = (OxColor *) &palette;

      for (guint i = 0; i < sizeof palette / sizeof *colors; i++)
        colors[i] = i;
      g_once_init_leave (&made, 1);
    }
  return &palette;
}

static void
put_prologue (Writer *w, const OxRect *all, const char *name)
{
  put (w, "%s<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\"",
       w->embedded ? "" : "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  put_attribute (w, "width", all->w);
  put_attribute (w, "height", all->h);
  put (w, " viewBox=\"");
  put_number (w, all->x);
  put (w, " ");
  put_number (w, all->y);
  put (w, " ");
  put_number (w, all->w);
  put (w, " ");
  put_number (w, all->h);
  put (w, "\">\n<title>");
  put_escaped (w, name);
  put (w, "</title>\n");
}

static gboolean
write_svg (OxScene *scene, GOutputStream *stream, const OxExportOptions *options, gboolean embedded, GCancellable *cancellable,
           GError **error)
{
  const OxPalette *colors = embedded ? numbered_palette () : ox_palette (options->dark);
  const OxLayout *layout = scene->layout;
  OxRuler *ruler = ox_ruler_new ();
  Writer w = { g_string_new (NULL), stream, cancellable, error, FALSE, embedded };
  OxRect all = { -OX_EXPORT_MARGIN, -OX_EXPORT_MARGIN, layout->width + 2 * OX_EXPORT_MARGIN,
                 layout->height + 2 * OX_EXPORT_MARGIN };

  put_prologue (&w, &all, scene->graph->name);
  put_rect (&w, &all, 0, colors->background, colors->background, 0);
  for (int i = 0; i < layout->n_paths; i++)
    put_path (&w, scene, i, colors);
  for (int i = 0; i < layout->n_boxes; i++)
    put_card (&w, scene, i, colors, options);
  for (int i = 0; i < layout->n_chips; i++)
    put_chip (&w, scene, ruler, i, colors);
  for (int i = 0; i < layout->n_arrows; i++)
    put_label (&w, scene, i, colors);
  put (&w, "</svg>\n");
  flush (&w, 0);
  g_string_free (w.out, TRUE);
  ox_ruler_free (ruler);
  return !w.failed;
}

gboolean
ox_export_svg (OxScene *scene, GOutputStream *stream, const OxExportOptions *options, GCancellable *cancellable,
               GError **error)
{
  return write_svg (scene, stream, options, FALSE, cancellable, error);
}

gboolean
ox_scene_embed (OxScene *scene, GOutputStream *stream, const OxExportOptions *options, GCancellable *cancellable, GError **error)
{
  return write_svg (scene, stream, options, TRUE, cancellable, error);
}

void
ox_scene_append_colors (GString *css, gboolean dark)
{
  const OxColor *colors = (const OxColor *) ox_palette (dark);

  for (guint i = 0; i < sizeof (OxPalette) / sizeof *colors; i++)
    g_string_append_printf (css, "--ox%u:#%06x;", i, colors[i]);
}

void
ox_scene_append_texts (GString *css, const char *prefix)
{
  for (int i = 0; i < OX_N_TEXTS; i++)
    g_string_append_printf (css, "%s.t%d{font-family:%s;font-size:%gpx%s}\n", prefix, i, OX_TEXT_FONTS,
                            ox_text_size ((OxTextStyle) i), i == OX_TEXT_TITLE ? ";font-weight:bold" : "");
}
