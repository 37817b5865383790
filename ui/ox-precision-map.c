/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-precision-map.h"

#include <math.h>

#include "debug/ox-precision.h"
#include "tensor/ox-format.h"
#include "ui/ox-bars-button.h"
#include "ui/ox-column.h"
#include "ui/ox-dtype-choice.h"
#include "ui/ox-record.h"
#include "ui/ox-words.h"

/* A bar of length 1 is this many powers of ten. */
#define DECADES 5.0

typedef struct
{
  OxPrecision *precision;
  OxNarrow     narrow, sums;    /* OxSums are held against the second */
} Map;

/* What the study's handlers need; of its life. */
typedef struct
{
  OxFocus       *focus;
  GtkWidget     *choice, *bars;
  GtkColumnView *table;
} Page;

static void
map_clear (gpointer data)
{
  Map *map = data;

  g_clear_pointer (&map->precision, ox_precision_free);
}

static void
page_free (gpointer data, GClosure *closure)
{
  Page *page = data;

  g_object_unref (page->focus);
  g_free (page);
}

static gboolean
map_work (gpointer study, OxProgress progress, gpointer data, GCancellable *cancellable, GError **error)
{
  Map *map = study;

  ox_precision_set_progress (map->precision, progress, data);
  return ox_precision_run (map->precision, cancellable, error);
}

/* ---- the columns ----------------------------------------------------------------------------------------------- */

static const OxPrecisionNode *
node_of (gpointer item)
{
  return ox_record_get (item);
}

static double
place_number (gpointer item)
{
  return ox_record_get_at (item);
}

static char *
verdict_text (gpointer item)
{
  const OxPrecisionNode *node = node_of (item);

  return g_strdup_printf ("%s%s", ox_precision_verdict_name (node->verdict),
                          node->mask ? ", a mask" : node->inherited ? ", inherited" : "");
}

static gboolean
is_unsafe (gpointer item)
{
  const OxPrecisionNode *node = node_of (item);

  return node->verdict != OX_PRECISION_SAFE && !node->inherited && !node->mask;
}

static char *
op_text (gpointer item)
{
  return ox_words_valid (node_of (item)->node->op_type);
}

static char *
name_text (gpointer item)
{
  const OxPrecisionNode *node = node_of (item);
  g_autofree char *name = ox_words_node (node->node), *where = node->where != NULL ? ox_words_valid (node->where) : NULL;

  return where != NULL ? g_strdup_printf ("%s, in %s", name, where) : g_steal_pointer (&name);
}

static double
largest_number (gpointer item)
{
  return node_of (item)->largest;
}

static char *
largest_text (gpointer item)
{
  return ox_format_double (node_of (item)->largest, 4);
}

static double
sums_number (gpointer item)
{
  return node_of (item)->sums ? node_of (item)->sum.bound : (double) NAN;
}

static char *
sums_text (gpointer item)
{
  return node_of (item)->sums ? ox_format_double (node_of (item)->sum.bound, 4) : g_strdup ("");
}

static double
lost_number (gpointer item)
{
  const OxPrecisionNode *node = node_of (item);

  return node->value != NULL ? ox_range_lost (&node->range) : (double) NAN;
}

static char *
lost_text (gpointer item)
{
  double lost = 100 * lost_number (item);
  g_autofree char *number = NULL;

  if (isnan (lost) || lost <= 0)
    return g_strdup ("");
  if (lost < 0.01)
    return g_strdup ("< 0.01 %");
  number = ox_format_double (lost, 2);
  return g_strdup_printf ("%s %%", number);
}

static char *
reason_text (gpointer item)
{
  const Map *map = ox_record_get_owner (item);
  g_autofree char *reason = NULL;

  /* What there is to say of others stands in their columns. */
  if (node_of (item)->verdict == OX_PRECISION_SAFE)
    return g_strdup ("");
  reason = ox_precision_node_reason (map->precision, node_of (item));
  return ox_words_valid (reason);
}

/* ---- what was found -------------------------------------------------------------------------------------------- */

/* As a length: full when it is as large as @limit. */
static double
nearness (double magnitude, double limit)
{
  return magnitude > 0 ? CLAMP (1 + log10 (magnitude / limit) / DECADES, 0, 1) : 0;
}

static OxBars *
make_bars (const Map *map)
{
  GPtrArray *nodes = ox_precision_nodes (map->precision);
  const char *type = ox_dtype_name (map->narrow.dtype);
  g_autofree char *limit = ox_format_double (map->narrow.largest, 5);
  g_autofree char *own = g_strdup_printf ("how near to %s, the end of %s", limit, type);
  g_autofree char *through = g_strdup_printf ("too small for %s, up to 100 %%", type);
  g_autofree char *tip =
      g_strdup_printf ("Filled: the largest number a node makes, reads as a weight or may add up to on the way; a full bar reaches "
                       "%s, the largest of %s, a fifth less is ten times smaller. Hatched: how much of the numbers is lost "
                       "because small ones become zero or denormal; full is all of it. A flag marks the worst node.",
                       limit, type);
  OxBars *bars = ox_bars_new (own, through, tip);

  for (guint i = 0; i < nodes->len; i++)
    {
      const OxPrecisionNode *node = g_ptr_array_index (nodes, i);
      double near = nearness (node->largest, map->narrow.largest);

      if (node->sums)
        near = MAX (near, nearness (node->sum.bound, map->sums.largest));
      /* A limit that is just missed is not one that is reached. */
      if (node->verdict == OX_PRECISION_OVERFLOWS || node->verdict == OX_PRECISION_ACCUMULATES)
        near = 1;
      ox_bars_add_nested (bars, node->node, near, node->value != NULL ? nearness (ox_range_lost (&node->range), 1) : 0);
    }
  if (nodes->len > 0 && ((OxPrecisionNode *) g_ptr_array_index (nodes, 0))->verdict != OX_PRECISION_SAFE)
    ox_bars_set_first (bars, ((OxPrecisionNode *) g_ptr_array_index (nodes, 0))->node);
  return bars;
}

static char *
sentence (const Map *map, const GError *error)
{
  guint all = ox_precision_nodes (map->precision)->len, bad = all - ox_precision_count (map->precision, OX_PRECISION_SAFE);
  GString *text = g_string_new (NULL);

  if (error != NULL)
    g_string_append_printf (text, "The run stops: %s. ", error->message);
  if (bad == 0)
    g_string_append_printf (text, "%s: all %u nodes are safe", ox_dtype_name (map->narrow.dtype), all);
  else
    g_string_append_printf (text, "%s: %u of %u nodes are not safe", ox_dtype_name (map->narrow.dtype), bad, all);
  for (int v = OX_N_PRECISIONS - 1, first = TRUE; v > OX_PRECISION_SAFE; v--)
    if (ox_precision_count (map->precision, v) > 0)
      {
        g_string_append_printf (text, "%s%u %s", first ? ": " : ", ", ox_precision_count (map->precision, v),
                                v == OX_PRECISION_OVERFLOWS ? "overflow" : v == OX_PRECISION_ACCUMULATES
                                ? "may overflow while adding up" : "lose small values");
        first = FALSE;
      }
  return g_string_free (text, FALSE);
}

static void
selected_cb (GtkSingleSelection *selection, GParamSpec *pspec, OxStudy *study)
{
  OxRecord *item = gtk_single_selection_get_selected_item (selection);
  const OxPrecisionNode *node = item != NULL ? node_of (item) : NULL;
  const Map *map = item != NULL ? ox_record_get_owner (item) : NULL;
  OxFocus *focus = g_object_get_data (G_OBJECT (study), "focus");
  g_autofree char *reason = NULL, *text = NULL;

  if (node == NULL)
    return;
  reason = ox_precision_node_reason (map->precision, node);
  text = g_strdup_printf ("%s in %s: %s", node->node->op_type, ox_dtype_name (map->narrow.dtype), reason);
  ox_study_say (study, text, FALSE);
  ox_focus_select_named (focus, (OxNode *) node->node, node->value != NULL ? node->value->slot->name : NULL);
}

static void
done_cb (OxStudy *study, Map *map, const GError *error, Page *page)
{
  g_autoptr (GListModel) rows = ox_record_list (ox_precision_nodes (map->precision), map, map_clear);
  g_autoptr (OxBars) bars = make_bars (map);
  g_autofree char *text = sentence (map, error);

  g_signal_connect_object (ox_column_view_set_model (page->table, rows), "notify::selected-item", G_CALLBACK (selected_cb),
                           study, 0);
  ox_bars_button_show (page->bars, bars);
  ox_study_say (study, text, error != NULL);
  ox_study_show_findings (study);
}

static void
begin_cb (OxStudy *study, Page *page)
{
  g_autoptr (OxSession) session = ox_debugger_new_study (ox_focus_get_debugger (page->focus));
  Map *map = g_atomic_rc_box_new0 (Map);

  ox_narrow_find (ox_dtype_choice_get (page->choice), &map->narrow, NULL);
  /* Nobody adds in 8 bits. */
  map->sums = map->narrow;
  if (ox_dtype_bits (map->narrow.dtype) < 16)
    ox_narrow_find (OX_F16, &map->sums, NULL);
  map->precision = ox_precision_new (session, &map->narrow);
  ox_study_run (study, map_work, map, map_clear);
}

/* ---- the study ------------------------------------------------------------------------------------------------- */

OxStudy *
ox_precision_map_new (OxFocus *focus, GtkWidget *choice)
{
  Page *page = g_new0 (Page, 1);
  GtkColumnViewColumn *verdict, *why;
  OxStudy *study;

  page->focus = g_object_ref (focus);
  page->choice = choice;
  page->table = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  verdict = ox_column_append (page->table, "Verdict", verdict_text, place_number, FALSE);
  ox_column_set_words (verdict);
  ox_column_set_mark (verdict, is_unsafe);
  ox_column_append (page->table, "Operator", op_text, NULL, FALSE);
  ox_column_append (page->table, "Node", name_text, NULL, TRUE);
  ox_column_append (page->table, "Largest", largest_text, largest_number, FALSE);
  ox_column_append (page->table, "Sums To", sums_text, sums_number, FALSE);
  ox_column_append (page->table, "Lost", lost_text, lost_number, FALSE);
  why = ox_column_append (page->table, "Why", reason_text, NULL, FALSE);
  gtk_column_view_column_set_expand (why, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (page->table), "data-table");
  study = OX_STUDY (ox_study_new (focus, "Run",
                                  "Which nodes would not stand a narrower type? Every value, weight and sum of a run is held "
                                  "against the type's range: what overflows, what becomes zero, and what is too large while it "
                                  "is added up.",
                                  GTK_WIDGET (page->table)));
  g_object_set_data_full (G_OBJECT (study), "focus", g_object_ref (focus), g_object_unref);
  ox_study_add_question (study, choice);
  page->bars = ox_bars_button_new (focus);
  ox_study_add_tool (study, page->bars);
  g_signal_connect (study, "begin", G_CALLBACK (begin_cb), page);
  g_signal_connect_data (study, "done", G_CALLBACK (done_cb), page, page_free, 0);
  return study;
}
