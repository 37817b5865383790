/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-keep-view.h"

#include <math.h>
#include <string.h>

#include "debug/ox-what-if.h"
#include "tensor/ox-format.h"
#include "ui/ox-column.h"
#include "ui/ox-dtype-choice.h"
#include "ui/ox-record.h"
#include "ui/ox-words.h"

/* About how many runs it may take. */
#define RUNS 100

typedef struct
{
  OxWhatIf     *what_if;
  OxWhatIfKept *kept;
  OxDtype       dtype;
  double        tolerance;
} Search;

/* What the study's handlers need; of its life. */
typedef struct
{
  OxFocus       *focus;
  GtkWidget     *choice, *tolerance, *copy, *show;
  GtkColumnView *table;
  GtkColumnViewColumn *in;
  Search        *found;     /* or NULL */
} Page;

static void
search_clear (gpointer data)
{
  Search *search = data;

  g_clear_pointer (&search->kept, ox_what_if_kept_free);
  g_clear_pointer (&search->what_if, ox_what_if_free);
}

static void
page_free (gpointer data, GClosure *closure)
{
  Page *page = data;

  if (page->found != NULL)
    g_atomic_rc_box_release_full (page->found, search_clear);
  g_object_unref (page->focus);
  g_free (page);
}

static gboolean
search_work (gpointer study, OxProgress progress, gpointer data, GCancellable *cancellable, GError **error)
{
  Search *search = study;

  ox_what_if_set_progress (search->what_if, progress, data);
  search->kept = ox_what_if_find_kept (search->what_if, search->tolerance, RUNS, cancellable, error);
  return search->kept != NULL;
}

double
ox_keep_view_parse (const char *text)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  char *end;
  double number = g_ascii_strtod (stripped, &end);

  if (end == stripped)
    return NAN;
  while (*end == ' ')
    end++;
  if (strcmp (end, "%") == 0)
    number /= 100;
  else if (*end != '\0')
    return NAN;
  return number > 0 && isfinite (number) ? number : NAN;
}

/* ---- the columns ----------------------------------------------------------------------------------------------- */

static double
at_number (gpointer item)
{
  return ox_record_get_at (item);
}

static char *
at_text (gpointer item)
{
  return g_strdup_printf ("%u", ox_record_get_at (item) + 1);
}

static char *
op_text (gpointer item)
{
  return ox_words_operator (ox_record_get (item));
}

static char *
name_text (gpointer item)
{
  return ox_words_node (ox_record_get (item));
}

static gboolean
is_inside (const OxNode *node)
{
  return node->graph->outer != NULL || node->graph->function != NULL;
}

static char *
graph_text (gpointer item)
{
  const OxNode *node = ox_record_get (item);
  g_autofree char *path = is_inside (node) ? ox_graph_path (node->graph) : NULL;

  return ox_words_valid (path);
}

/* ---- what was found -------------------------------------------------------------------------------------------- */

static char *
sentence (const Search *search)
{
  const OxWhatIfKept *kept = search->kept;
  const char *type = ox_dtype_name (search->dtype);
  g_autofree char *error = ox_format_double (kept->error, 3), *alone = ox_format_double (kept->alone, 3);
  g_autofree char *limit = ox_format_double (search->tolerance, 3);

  if (kept->nodes->len == 0)
    return g_strdup_printf ("Nothing has to be kept: off by %s with all %u nodes in %s, %s is allowed", alone, kept->of, type, limit);
  return g_strdup_printf ("Keep %u of %u nodes: off by %s, not by %s; %s (%u runs, %s is allowed)", kept->nodes->len, kept->of, error,
                          alone,
                          kept->error > search->tolerance ? "that is too much still"
                          : kept->minimal ? "none can be left out" : "fewer may be enough",
                          kept->runs, limit);
}

/* All but them step back. */
static void
show_path (Page *page)
{
  GHashTable *nodes = g_hash_table_new (NULL, NULL);
  g_autofree char *limit = ox_format_double (page->found->tolerance, 3);
  g_autofree char *title = g_strdup_printf ("Not in %s, for a tolerance of %s", ox_dtype_name (page->found->dtype), limit);

  for (guint i = 0; i < page->found->kept->nodes->len; i++)
    for (OxNode *node = g_ptr_array_index (page->found->kept->nodes, i); node != NULL; node = node->graph->owner)
      g_hash_table_add (nodes, node);
  ox_overlay_set_path (ox_focus_get_overlay (page->focus), nodes, title);
}

/* A name in each line; what has none goes by what it makes. */
static void
copy_cb (GtkWidget *button, Page *page)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < page->found->kept->nodes->len; i++)
    {
      const OxNode *node = g_ptr_array_index (page->found->kept->nodes, i);
      g_autofree char *name = ox_words_valid (*node->name != '\0' || node->output_names->len == 0
                                                ? node->name : g_ptr_array_index (node->output_names, 0));

      g_string_append_printf (text, "%s\n", name);
    }
  gdk_clipboard_set_text (gtk_widget_get_clipboard (button), text->str);
}

static void
selected_cb (GtkSingleSelection *selection, GParamSpec *pspec, OxFocus *focus)
{
  OxRecord *item = gtk_single_selection_get_selected_item (selection);

  if (item != NULL)
    ox_focus_select_node (focus, ox_record_get (item));
}

static void
done_cb (OxStudy *study, Search *search, const GError *error, Page *page)
{
  g_autoptr (GListModel) rows = NULL;
  g_autofree char *text = NULL;

  if (error != NULL)
    {
      ox_study_say (study, error->message, TRUE);
      return;
    }
  if (page->found != NULL)
    g_atomic_rc_box_release_full (page->found, search_clear);
  page->found = g_atomic_rc_box_acquire (search);
  gtk_column_view_column_set_visible (page->in, FALSE);
  for (guint i = 0; i < search->kept->nodes->len; i++)
    if (is_inside (g_ptr_array_index (search->kept->nodes, i)))
      gtk_column_view_column_set_visible (page->in, TRUE);
  rows = ox_record_list (search->kept->nodes, search, search_clear);
  text = sentence (search);
  g_signal_connect_object (ox_column_view_set_model (page->table, rows), "notify::selected-item", G_CALLBACK (selected_cb),
                           page->focus, 0);
  gtk_widget_set_visible (page->copy, search->kept->nodes->len > 0);
  gtk_widget_set_visible (page->show, search->kept->nodes->len > 0);
  if (search->kept->nodes->len > 0)
    show_path (page);
  ox_study_say (study, text, FALSE);
  ox_study_show_findings (study);
}

static void
begin_cb (OxStudy *study, Page *page)
{
  double tolerance = ox_keep_view_parse (gtk_editable_get_text (GTK_EDITABLE (page->tolerance)));
  OxSelection *selection;
  g_autoptr (OxSession) session = NULL;
  Search *search;

  if (isnan (tolerance))
    {
      ox_study_say (study, "The tolerance is a share of an output above 0, such as 0.01 or 1 %", TRUE);
      gtk_widget_grab_focus (page->tolerance);
      return;
    }
  session = ox_debugger_new_study (ox_focus_get_debugger (page->focus));
  selection = ox_selection_new (ox_focus_get_model (page->focus));
  ox_selection_add_all (selection);
  search = g_atomic_rc_box_new0 (Search);
  search->dtype = ox_dtype_choice_get (page->choice);
  search->tolerance = tolerance;
  search->what_if = ox_what_if_new (session, search->dtype, selection);
  ox_study_run (study, search_work, search, search_clear);
}

/* ---- the study ------------------------------------------------------------------------------------------------- */

OxStudy *
ox_keep_view_new (OxFocus *focus, GtkWidget *choice)
{
  Page *page = g_new0 (Page, 1);
  OxStudy *study;

  page->focus = g_object_ref (focus);
  page->choice = choice;
  page->tolerance = gtk_entry_new ();
  gtk_editable_set_text (GTK_EDITABLE (page->tolerance), "1 %");
  gtk_editable_set_width_chars (GTK_EDITABLE (page->tolerance), 7);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (page->tolerance), 7);
  gtk_widget_set_tooltip_text (page->tolerance, "How far off an output may be, as a share of it: 0.01, 1 %");
  page->table = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  ox_column_append (page->table, "Order", at_text, at_number, FALSE);
  ox_column_append (page->table, "Operator", op_text, NULL, FALSE);
  ox_column_append (page->table, "Node", name_text, NULL, TRUE);
  page->in = ox_column_append (page->table, "In", graph_text, NULL, FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (page->table), "data-table");
  study = OX_STUDY (ox_study_new (focus, "Find",
                                  "Which nodes have to stay as they are, so that all others can be in a narrower type and no output "
                                  "is farther off than a tolerance? That takes up to 100 runs of the model.",
                                  GTK_WIDGET (page->table)));
  page->copy = gtk_button_new_with_label ("Copy List");
  gtk_widget_set_tooltip_text (page->copy, "The Names of These Nodes, One in Each Line");
  page->show = gtk_button_new_with_label ("Show");
  gtk_widget_set_tooltip_text (page->show, "All Other Nodes Step Back");
  ox_study_add_question (study, choice);
  ox_study_add_question (study, page->tolerance);
  ox_study_add_tool (study, page->copy);
  ox_study_add_tool (study, page->show);
  g_signal_connect_swapped (page->tolerance, "activate", G_CALLBACK (ox_study_ask), study);
  g_signal_connect (page->copy, "clicked", G_CALLBACK (copy_cb), page);
  g_signal_connect_swapped (page->show, "clicked", G_CALLBACK (show_path), page);
  g_signal_connect (study, "begin", G_CALLBACK (begin_cb), page);
  g_signal_connect_data (study, "done", G_CALLBACK (done_cb), page, page_free, 0);
  return study;
}
