/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "scene/ox-card.h"

#define STEPPED_BACK 0.35
/* From these scales on (pixels a point) there is text, there are borders, and curves are curves. */
#define TEXT_FROM 0.5
#define BORDER_FROM 0.25
#define CURVE_FROM 0.12

struct _OxPainter
{
  PangoContext *context;
  GHashTable   *layouts[OX_N_TEXTS];   /* text -> PangoLayout */
  GArray       *boxes, *paths, *chips; /* what is visible, kept to save allocations */
  GHashTable   *touched;               /* cards of the tensor that is lit */
};

typedef struct
{
  OxPainter         *painter;
  OxScene           *scene;
  cairo_t           *cr;
  const OxSceneView *view;
  const OxPalette   *colors;
} Pass;

OxPainter *
ox_painter_new (void)
{
  OxPainter *painter = g_new0 (OxPainter, 1);

  for (int i = 0; i < OX_N_TEXTS; i++)
    painter->layouts[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  painter->touched = g_hash_table_new (NULL, NULL);
  painter->boxes = g_array_new (FALSE, FALSE, sizeof (int));
  painter->paths = g_array_new (FALSE, FALSE, sizeof (int));
  painter->chips = g_array_new (FALSE, FALSE, sizeof (int));
  return painter;
}

void
ox_painter_free (OxPainter *painter)
{
  for (int i = 0; i < OX_N_TEXTS; i++)
    g_hash_table_unref (painter->layouts[i]);
  g_clear_object (&painter->context);
  g_hash_table_unref (painter->touched);
  g_array_unref (painter->boxes);
  g_array_unref (painter->paths);
  g_array_unref (painter->chips);
  g_free (painter);
}

static PangoLayout *
text_layout (Pass *pass, OxTextStyle style, const char *text)
{
  OxPainter *painter = pass->painter;
  PangoLayout *layout = g_hash_table_lookup (painter->layouts[style], text);
  PangoFontDescription *font;

  if (layout != NULL)
    return layout;
  if (painter->context == NULL)
    {
      PangoFontMap *map = pango_cairo_font_map_new ();
      cairo_font_options_t *options = cairo_font_options_create ();

      painter->context = pango_font_map_create_context (map);
      g_object_unref (map);
      cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
      cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
      pango_cairo_context_set_font_options (painter->context, options);
      cairo_font_options_destroy (options);
      pango_context_set_round_glyph_positions (painter->context, FALSE);
    }
  if (g_hash_table_size (painter->layouts[style]) > 4000)
    g_hash_table_remove_all (painter->layouts[style]);
  layout = pango_layout_new (painter->context);
  font = ox_text_font (style);
  pango_layout_set_font_description (layout, font);
  pango_font_description_free (font);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_text (layout, text, -1);
  g_hash_table_insert (painter->layouts[style], g_strdup (text), layout);
  return layout;
}

/* The top of the line is at @y. */
static void
draw_text (Pass *pass, OxTextStyle style, const char *text, double x, double y, OxColor color, double alpha)
{
  PangoLayout *layout = text_layout (pass, style, text);
  PangoRectangle box;

  pango_layout_get_extents (layout, NULL, &box);
  ox_color_set_source (pass->cr, color, alpha);
  cairo_move_to (pass->cr, x, y + (ox_text_line (style) - (double) box.height / PANGO_SCALE) / 2);
  pango_cairo_show_layout (pass->cr, layout);
}

static void
rounded (cairo_t *cr, const OxRect *r, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, r->x + r->w - radius, r->y + radius, radius, -G_PI / 2, 0);
  cairo_arc (cr, r->x + r->w - radius, r->y + r->h - radius, radius, 0, G_PI / 2);
  cairo_arc (cr, r->x + radius, r->y + r->h - radius, radius, G_PI / 2, G_PI);
  cairo_arc (cr, r->x + radius, r->y + radius, radius, G_PI, 3 * G_PI / 2);
  cairo_close_path (cr);
}

/* ---- arrows --------------------------------------------------------------------------------------------------- */

static int
net_of (const OxScene *scene, int path)
{
  if (path < scene->layout->n_arrows)
    return g_array_index (scene->arrows, OxLayoutArrow, path).net;
  return scene->layout->chips[path - scene->layout->n_arrows].net;
}

static gboolean
card_is_aside (const Pass *pass, int index)
{
  const OxCard *card = ox_scene_card (pass->scene, index);

  return pass->view->aside != NULL && card->kind == OX_CARD_NODE && pass->view->aside (card->node, pass->view->data);
}

static gboolean
steps_back (const Pass *pass, int net)
{
  /* Where something else stands aside, a tensor that lights up does no more than that. */
  return pass->view->aside == NULL && pass->view->net != G_MININT && pass->view->net != net;
}

/* From or to a card that stands aside. */
static gboolean
path_is_aside (const Pass *pass, int path)
{
  const OxLayoutArrow *arrow;

  if (pass->view->aside == NULL || path >= pass->scene->layout->n_arrows)
    return pass->view->aside != NULL;
  arrow = &g_array_index (pass->scene->arrows, OxLayoutArrow, path);
  return card_is_aside (pass, arrow->from) || card_is_aside (pass, arrow->to);
}

static void
draw_head (Pass *pass, OxPoint from, OxPoint tip)
{
  double angle = atan2 (tip.y - from.y, tip.x - from.x);

  cairo_move_to (pass->cr, tip.x, tip.y);
  cairo_line_to (pass->cr, tip.x - 6 * cos (angle - 0.42), tip.y - 6 * sin (angle - 0.42));
  cairo_line_to (pass->cr, tip.x - 6 * cos (angle + 0.42), tip.y - 6 * sin (angle + 0.42));
  cairo_close_path (pass->cr);
  cairo_fill (pass->cr);
}

static void
draw_path (Pass *pass, int index)
{
  const OxLayout *layout = pass->scene->layout;
  const OxLayoutPath *path = &layout->paths[index];
  const OxPoint *p = &layout->points[path->first];
  int net = net_of (pass->scene, index), n = path->n_points;
  gboolean lit = pass->view->net == net;
  double scale = pass->view->scale;

  if (scale < 0.05 && path->bounds.w * scale < 2 && path->bounds.h * scale < 2)
    return;
  ox_color_set_source (pass->cr, lit ? pass->colors->lit : pass->colors->line, steps_back (pass, net) || (!lit && path_is_aside (pass, index)) ? STEPPED_BACK : 1);
  cairo_set_line_width (pass->cr, lit ? 2 : scale < CURVE_FROM ? 0.7 / scale : 1.1);
  cairo_move_to (pass->cr, p[0].x, p[0].y);
  if (scale < CURVE_FROM)
    cairo_line_to (pass->cr, p[n - 1].x, p[n - 1].y);
  else
    for (int k = 1; k + 2 < n; k += 3)
      cairo_curve_to (pass->cr, p[k].x, p[k].y, p[k + 1].x, p[k + 1].y, p[k + 2].x, p[k + 2].y);
  cairo_stroke (pass->cr);
  if (scale >= BORDER_FROM && index < layout->n_arrows)
    draw_head (pass, p[n - 2], p[n - 1]);
}

static char *
arrow_shape (const Pass *pass, int net)
{
  OxGraph *graph = pass->scene->graph;
  const OxSlot *slot = net >= 0 ? ox_graph_slot (graph, net) : NULL;
  const OxType *type;

  if (slot == NULL)
    return NULL;
  if (pass->view->shape != NULL)
    return pass->view->shape (graph, net, pass->view->data);
  type = slot->type != NULL ? slot->type : slot->inferred;
  return type != NULL && type->kind == OX_TYPE_TENSOR && type->rank >= 0 ? ox_type_shape_label (type) : NULL;
}

static void
draw_label (Pass *pass, int index)
{
  g_autofree char *text = NULL;
  int net = net_of (pass->scene, index);
  const OxRect *room = &pass->scene->labels[index];
  gboolean lit = pass->view->net == net;

  if (index >= pass->scene->layout->n_arrows || isnan (room->x) || steps_back (pass, net))
    return;
  text = arrow_shape (pass, net);
  if (text != NULL)
    {
      PangoRectangle box;

      /* What turns out wider than was thought would cover its neighbours; of a tensor that is lit it may. */
      pango_layout_get_extents (text_layout (pass, OX_TEXT_INSET, text), NULL, &box);
      if (lit || (double) box.width / PANGO_SCALE <= room->w + 12)
        draw_text (pass, OX_TEXT_INSET, text, room->x, room->y, lit ? pass->colors->lit : pass->colors->faint_text, 1);
    }
}

/* ---- cards ---------------------------------------------------------------------------------------------------- */

/* A card steps back when a tensor is lit that it neither makes nor reads. */
static void
find_touched (OxPainter *painter, const OxScene *scene, int net)
{
  g_hash_table_remove_all (painter->touched);
  for (guint i = 0; i < scene->arrows->len; i++)
    {
      const OxLayoutArrow *arrow = &g_array_index (scene->arrows, OxLayoutArrow, i);

      if (arrow->net != net)
        continue;
      g_hash_table_add (painter->touched, GINT_TO_POINTER (arrow->from));
      g_hash_table_add (painter->touched, GINT_TO_POINTER (arrow->to));
    }
}

static void
draw_ring (Pass *pass, const OxRect *r, OxColor color, double width)
{
  OxRect around = { r->x - 3, r->y - 3, r->w + 6, r->h + 6 };

  rounded (pass->cr, &around, OX_CARD_RADIUS + 3);
  ox_color_set_source (pass->cr, color, 1);
  cairo_set_line_width (pass->cr, MAX (width, width * 0.6 / pass->view->scale));
  cairo_stroke (pass->cr);
}

static void
draw_tick (Pass *pass, double x, double y)
{
  ox_color_set_source (pass->cr, pass->colors->done, 1);
  cairo_set_line_width (pass->cr, 1.6);
  cairo_move_to (pass->cr, x, y + 3.5);
  cairo_line_to (pass->cr, x + 2.6, y + 6);
  cairo_line_to (pass->cr, x + 7, y);
  cairo_stroke (pass->cr);
}

static void
draw_sign (Pass *pass, double x, double y, OxColor color)
{
  cairo_t *cr = pass->cr;

  ox_color_set_source (cr, color, 1);
  cairo_move_to (cr, x + 5, y);
  cairo_line_to (cr, x + 10, y + 9);
  cairo_line_to (cr, x, y + 9);
  cairo_close_path (cr);
  cairo_fill (cr);
  ox_color_set_source (cr, pass->colors->background, 1);
  cairo_rectangle (cr, x + 4.3, y + 3, 1.4, 3);
  cairo_rectangle (cr, x + 4.3, y + 6.8, 1.4, 1.3);
  cairo_fill (cr);
}

/* A pointer from the left, as debuggers have it. */
static void
draw_pointer (Pass *pass, const OxRect *r)
{
  double size = CLAMP (9 / MAX (pass->view->scale, 0.02), 9, r->h), y = r->y + r->h / 2;

  ox_color_set_source (pass->cr, pass->colors->accent, 1);
  cairo_move_to (pass->cr, r->x - 5, y);
  cairo_line_to (pass->cr, r->x - 5 - size, y - size * 0.6);
  cairo_line_to (pass->cr, r->x - 5 - size, y + size * 0.6);
  cairo_close_path (pass->cr);
  cairo_fill (pass->cr);
}

static void
draw_texts (Pass *pass, const OxCard *card, const OxRect *r, double alpha)
{
  double x = r->x + OX_CARD_LEFT, y = r->y + OX_CARD_TOP;

  draw_text (pass, OX_TEXT_TITLE, card->title, x, y, pass->colors->text, alpha);
  y += ox_text_line (OX_TEXT_TITLE);
  if (card->detail != NULL)
    {
      draw_text (pass, OX_TEXT_DETAIL, card->detail, x, y, pass->colors->text, alpha);
      y += ox_text_line (OX_TEXT_DETAIL);
    }
  for (int i = 0; card->insets != NULL && card->insets[i] != NULL; i++, y += ox_text_line (OX_TEXT_INSET))
    draw_text (pass, OX_TEXT_INSET, card->insets[i], x, y, pass->colors->faint_text, alpha);
}

/* At the lower edge, below the texts; from far away they are as high as the card. */
static void
draw_errors (Pass *pass, const OxCard *card, const OxRect *r)
{
  const OxSceneView *view = pass->view;
  OxCardErrors errors = { NAN, NAN, FALSE };
  gboolean far = view->scale < TEXT_FROM;
  double h = far ? r->h * 0.34 : 3, x = r->x + OX_CARD_EDGE + 3, w = r->w - OX_CARD_EDGE - 6;
  double y = r->y + r->h - 2 * h - (far ? r->h * 0.12 : 1.2);

  if (view->errors == NULL || card->kind != OX_CARD_NODE || !view->errors (card->node, &errors, view->data))
    return;
  if (!isnan (errors.own))
    ox_painter_bar (pass->cr, view->dark, TRUE, x, y, w, h, errors.own);
  if (!isnan (errors.through))
    ox_painter_bar (pass->cr, view->dark, FALSE, x, y + h + 0.6, w, h, errors.through);
  if (errors.first)
    {
      double size = CLAMP (9 / MAX (view->scale, 0.02), 9, 60);

      /* A flag that is seen from far away. */
      draw_ring (pass, r, pass->colors->failed, 2.4);
      ox_color_set_source (pass->cr, pass->colors->failed, 1);
      cairo_move_to (pass->cr, r->x + r->w + 4, r->y - 4);
      cairo_rel_line_to (pass->cr, size, size * 0.4);
      cairo_rel_line_to (pass->cr, -size, size * 0.4);
      cairo_close_path (pass->cr);
      cairo_fill (pass->cr);
    }
}

static void
draw_card (Pass *pass, int index)
{
  const OxSceneView *view = pass->view;
  const OxPalette *colors = pass->colors;
  const OxCard *card = ox_scene_card (pass->scene, index);
  const OxRect *r = &pass->scene->layout->boxes[index];
  OxNodeState state = view->state != NULL && card->node != NULL && card->kind == OX_CARD_NODE
                        ? view->state (card->node, view->data) : OX_NODE_WAITING;
  gboolean back = state == OX_NODE_UNTAKEN || card_is_aside (pass, index)
                  || (view->aside == NULL && view->net != G_MININT
                      && !g_hash_table_contains (pass->painter->touched, GINT_TO_POINTER (index)));
  double alpha = back ? STEPPED_BACK : 1;
  double radius = card->kind == OX_CARD_INPUT || card->kind == OX_CARD_OUTPUT ? MIN (r->h / 2, 13) : OX_CARD_RADIUS;
  cairo_t *cr = pass->cr;

  if (view->scale < BORDER_FROM)
    {
      cairo_rectangle (cr, r->x, r->y, r->w, r->h);
      ox_color_set_source (cr, colors->edge[card->family], alpha * (state == OX_NODE_WAITING && view->state != NULL ? 0.55 : 0.85));
      cairo_fill (cr);
    }
  else
    {
      rounded (cr, r, radius);
      ox_color_set_source (cr, colors->fill[card->family], alpha);
      cairo_fill_preserve (cr);
      cairo_save (cr);
      if (radius == OX_CARD_RADIUS)
        {
          cairo_clip_preserve (cr);
          ox_color_set_source (cr, colors->edge[card->family], alpha);
          cairo_new_path (cr);
          cairo_rectangle (cr, r->x, r->y, OX_CARD_EDGE, r->h);
          cairo_fill (cr);
        }
      cairo_restore (cr);
      rounded (cr, r, radius);
      ox_color_set_source (cr, colors->edge[card->family], alpha * (index == view->hover ? 1 : 0.65));
      cairo_set_line_width (cr, index == view->hover ? 1.6 : 0.8);
      cairo_stroke (cr);
      if (card->has_body)
        {
          /* A second sheet behind: there is more inside. */
          cairo_move_to (cr, r->x + 5, r->y + r->h + 2.5);
          cairo_line_to (cr, r->x + r->w - 2, r->y + r->h + 2.5);
          cairo_curve_to (cr, r->x + r->w + 2.5, r->y + r->h + 2.5, r->x + r->w + 2.5, r->y + r->h + 2.5,
                          r->x + r->w + 2.5, r->y + r->h - 2);
          cairo_line_to (cr, r->x + r->w + 2.5, r->y + 5);
          cairo_stroke (cr);
        }
    }
  if (view->scale >= TEXT_FROM)
    draw_texts (pass, card, r, alpha);
  draw_errors (pass, card, r);
  if (state == OX_NODE_FAILED)
    {
      draw_ring (pass, r, colors->failed, 2.4);
      draw_sign (pass, r->x + r->w - 14, r->y + 5, colors->failed);
    }
  else if (view->bad != NULL && state == OX_NODE_DONE && card->kind == OX_CARD_NODE && view->bad (card->node, view->data))
    draw_sign (pass, r->x + r->w - 14, r->y + 5, colors->warning);
  else if (view->scale >= BORDER_FROM && state == OX_NODE_DONE)
    draw_tick (pass, r->x + r->w - 11, r->y + 6);
  if (state == OX_NODE_CURRENT)
    {
      draw_ring (pass, r, colors->accent, 2.4);
      draw_pointer (pass, r);
    }
  if (index == view->selected)
    {
      cairo_set_dash (cr, (const double[]) { 5, 3 }, state == OX_NODE_CURRENT || state == OX_NODE_FAILED ? 2 : 0, 0);
      draw_ring (pass, r, state == OX_NODE_CURRENT ? colors->text : colors->accent, 1.6);
      cairo_set_dash (cr, NULL, 0, 0);
    }
}

static void
draw_chip (Pass *pass, int index)
{
  const OxLayoutChip *chip = &pass->scene->layout->chips[index];
  const char *name = ox_scene_net_name (pass->scene, chip->net);
  gboolean lit = pass->view->net == chip->net;
  double alpha = steps_back (pass, chip->net) ? STEPPED_BACK : 1;
  g_autofree char *text = NULL;
  PangoLayout *layout;

  rounded (pass->cr, &chip->rect, chip->rect.h / 2);
  ox_color_set_source (pass->cr, pass->colors->chip, alpha);
  cairo_fill_preserve (pass->cr);
  ox_color_set_source (pass->cr, lit ? pass->colors->lit : pass->colors->line, alpha);
  cairo_set_line_width (pass->cr, lit ? 1.8 : 0.7);
  cairo_stroke (pass->cr);
  if (pass->view->scale < TEXT_FROM)
    return;
  text = g_strconcat (chip->other >= 0 ? "↥ " : "↧ ", name, NULL);
  layout = text_layout (pass, OX_TEXT_INSET, text);
  pango_layout_set_width (layout, (int) ((chip->rect.w - 12) * PANGO_SCALE));
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_START);
  draw_text (pass, OX_TEXT_INSET, text, chip->rect.x + 6, chip->rect.y + (chip->rect.h - ox_text_line (OX_TEXT_INSET)) / 2,
             pass->colors->text, alpha);
}

void
ox_painter_draw (OxPainter *painter, OxScene *scene, cairo_t *cr, const OxSceneView *view)
{
  Pass pass = { painter, scene, cr, view, ox_palette (view->dark) };
  OxRect area = { view->area.x - 40, view->area.y - 40, view->area.w + 80, view->area.h + 80 };

  g_array_set_size (painter->boxes, 0);
  g_array_set_size (painter->paths, 0);
  g_array_set_size (painter->chips, 0);
  ox_layout_visible (scene->layout, &area, painter->boxes, painter->paths, painter->chips);
  if (view->net != G_MININT)
    find_touched (painter, scene, view->net);
  cairo_set_antialias (cr, view->scale < 0.15 ? CAIRO_ANTIALIAS_NONE : CAIRO_ANTIALIAS_DEFAULT);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (guint i = 0; i < painter->paths->len; i++)
    draw_path (&pass, g_array_index (painter->paths, int, i));
  /* What is lit lies on top of what is not. */
  for (guint i = 0; view->net != G_MININT && i < painter->paths->len; i++)
    if (net_of (scene, g_array_index (painter->paths, int, i)) == view->net)
      draw_path (&pass, g_array_index (painter->paths, int, i));
  for (guint i = 0; i < painter->boxes->len; i++)
    draw_card (&pass, g_array_index (painter->boxes, int, i));
  for (guint i = 0; i < painter->chips->len; i++)
    draw_chip (&pass, g_array_index (painter->chips, int, i));
  for (guint i = 0; view->scale >= TEXT_FROM && i < painter->paths->len; i++)
    draw_label (&pass, g_array_index (painter->paths, int, i));
}
