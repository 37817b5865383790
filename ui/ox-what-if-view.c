/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-what-if-view.h"

#include <math.h>

#include "debug/ox-what-if.h"
#include "model/ox-scope.h"
#include "tensor/ox-format.h"
#include "ui/ox-bars-button.h"
#include "ui/ox-column.h"
#include "ui/ox-dtype-choice.h"
#include "ui/ox-record.h"
#include "ui/ox-words.h"

/* A bar of length 1 is this many digits. */
#define DIGITS 7.0

typedef struct
{
  OxWhatIf *what_if;
  OxDtype   dtype;
  char     *region;     /* "all", "node conv1" */
} Asked;

/* What the study's handlers need; of its life. */
typedef struct
{
  OxFocus             *focus;
  GtkWidget           *choice, *region, *bars;
  GtkColumnView       *table;
  GtkColumnViewColumn *own;
} Page;

static void
asked_clear (gpointer data)
{
  Asked *asked = data;

  g_clear_pointer (&asked->what_if, ox_what_if_free);
  g_free (asked->region);
}

static void
page_free (gpointer data, GClosure *closure)
{
  Page *page = data;

  g_object_unref (page->focus);
  g_free (page);
}

static gboolean
ask_work (gpointer study, OxProgress progress, gpointer data, GCancellable *cancellable, GError **error)
{
  Asked *asked = study;

  ox_what_if_set_progress (asked->what_if, progress, data);
  return ox_what_if_run (asked->what_if, cancellable, error);
}

/* ---- the columns ----------------------------------------------------------------------------------------------- */

static const OxWhatIfValue *
value_of (gpointer item)
{
  return ox_record_get (item);
}

static const char *
output_of (const OxWhatIfValue *value)
{
  return value->output < value->node->output_names->len ? g_ptr_array_index (value->node->output_names, value->output) : "";
}

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
  return ox_words_valid (value_of (item)->node->op_type);
}

static char *
name_text (gpointer item)
{
  const OxWhatIfValue *value = value_of (item);
  const char *name = output_of (value);
  g_autofree char *valid = *name != '\0' ? ox_words_valid (name) : ox_words_node (value->node);
  g_autofree char *where = value->where != NULL ? ox_words_valid (value->where) : NULL;

  return where != NULL ? g_strdup_printf ("%s, in %s", valid, where) : g_steal_pointer (&valid);
}

/* What was not rounded comes behind what is exact. */
static double
own_number (gpointer item)
{
  return value_of (item)->rounded ? value_of (item)->own : -1;
}

static double
through_number (gpointer item)
{
  return value_of (item)->through;
}

static double
growth_number (gpointer item)
{
  return value_of (item)->growth > 0 ? value_of (item)->growth : (double) NAN;
}

static double
most_number (gpointer item)
{
  return value_of (item)->difference.max_abs;
}

static char *
text_of (double number)
{
  return isnan (number) ? g_strdup ("") : ox_format_double (number, 3);
}

static char *
own_text (gpointer item)
{
  return value_of (item)->rounded ? text_of (value_of (item)->own) : g_strdup ("");
}

static char *
through_text (gpointer item)
{
  return text_of (through_number (item));
}

static char *
growth_text (gpointer item)
{
  g_autofree char *number = text_of (growth_number (item));

  return *number != '\0' ? g_strconcat (number, "×", NULL) : g_steal_pointer (&number);
}

static char *
most_text (gpointer item)
{
  return text_of (most_number (item));
}

/* ---- what was found -------------------------------------------------------------------------------------------- */

static double
length_of (double error)
{
  return isnan (error) || isinf (error) ? 1 : error > 0 ? CLAMP (1 + log10 (error) / DIGITS, 0, 1) : 0;
}

static OxBars *
make_bars (const Asked *asked)
{
  GPtrArray *values = ox_what_if_values (asked->what_if);
  const OxWhatIfValue *worst = NULL;
  OxBars *bars = ox_bars_new ("off by itself, up to 100 %", "off in all, up to 100 %",
                              "How far off each node's values are, root mean square against that of the unchanged run: a full bar "
                              "is as far off as the values are large, a seventh less is a digit less. A flag marks the node "
                              "that adds most by itself.");

  for (guint i = 0; i < values->len; i++)
    {
      const OxWhatIfValue *value = g_ptr_array_index (values, i);

      ox_bars_add_nested (bars, value->node, value->rounded ? length_of (value->own) : (double) NAN, length_of (value->through));
      if (value->rounded && value->own > 0 && (worst == NULL || value->own > worst->own))
        worst = value;
    }
  if (worst != NULL)
    ox_bars_set_first (bars, worst->node);
  return bars;
}

static char *
sentence (const Asked *asked, const GError *error)
{
  GPtrArray *outputs = ox_what_if_outputs (asked->what_if), *values = ox_what_if_values (asked->what_if);
  const char *parting = ox_what_if_parting (asked->what_if);
  const OxWhatIfOutput *worst = NULL;
  GString *text = g_string_new (NULL);
  guint rounded = 0;

  for (guint i = 0; i < values->len; i++)
    rounded += ((OxWhatIfValue *) g_ptr_array_index (values, i))->rounded;
  for (guint i = 0; i < outputs->len; i++)
    {
      const OxWhatIfOutput *output = g_ptr_array_index (outputs, i);

      if (worst == NULL || output->error > worst->error)
        worst = output;
    }
  if (error != NULL)
    g_string_append_printf (text, "The run stops: %s. ", error->message);
  if (worst != NULL)
    {
      g_autofree char *off = ox_format_double (worst->error, 3);

      g_string_append_printf (text, "Output '%s' is off by %s with ", worst->name, off);
    }
  g_string_append_printf (text, "%s in %s; %u of %u values are rounded", ox_dtype_name (asked->dtype), asked->region, rounded,
                          values->len);
  if (parting != NULL)
    g_string_append_printf (text, "; the runs part at %s, later values are not compared", parting);
  return g_string_free (text, FALSE);
}

static void
selected_cb (GtkSingleSelection *selection, GParamSpec *pspec, OxFocus *focus)
{
  OxRecord *item = gtk_single_selection_get_selected_item (selection);
  const OxWhatIfValue *value = item != NULL ? value_of (item) : NULL;

  if (value != NULL)
    ox_focus_select_named (focus, (OxNode *) value->node, output_of (value));
}

static void
done_cb (OxStudy *study, Asked *asked, const GError *error, Page *page)
{
  g_autoptr (GListModel) rows = ox_record_list (ox_what_if_values (asked->what_if), asked, asked_clear);
  g_autoptr (OxBars) bars = make_bars (asked);
  g_autofree char *text = sentence (asked, error);

  /* First, so that the list begins where the worst is. */
  gtk_column_view_sort_by_column (page->table, page->own, GTK_SORT_DESCENDING);
  g_signal_connect_object (ox_column_view_set_model (page->table, rows), "notify::selected-item", G_CALLBACK (selected_cb),
                           page->focus, 0);
  ox_bars_button_show (page->bars, bars);
  ox_study_say (study, text, error != NULL);
  ox_study_show_findings (study);
}

/* ---- asking ---------------------------------------------------------------------------------------------------- */

/* (transfer full) NULL with words about what is missing in *@said; else those about what it is. */
static OxSelection *
select_region (const Page *page, char **said)
{
  OxModel *model = ox_focus_get_model (page->focus);
  OxNode *node = ox_focus_get_node (page->focus);
  OxWhatIfRegion region = gtk_drop_down_get_selected (GTK_DROP_DOWN (page->region));
  g_autoptr (OxSelection) selection = ox_selection_new (model);
  g_autofree char *scope = NULL, *name = NULL;

  if (region == OX_WHAT_IF_ALL)
    {
      ox_selection_add_all (selection);
      *said = g_strdup ("the whole model");
      return g_steal_pointer (&selection);
    }
  if (node == NULL)
    {
      *said = g_strdup ("Select a node first");
      return NULL;
    }
  switch (region)
    {
    case OX_WHAT_IF_SCOPE:
      scope = ox_node_scope (node);
      if (*scope == '\0')
        {
          *said = g_strdup ("The selected node is in no scope");
          return NULL;
        }
      ox_selection_add_scope_of (selection, node);
      *said = g_strdup_printf ("scope %s", scope);
      break;
    case OX_WHAT_IF_OPERATOR:
      ox_selection_add_operator_of (selection, node);
      name = ox_words_operator (node);
      *said = g_strdup_printf ("every %s", name);
      break;
    default:
      ox_selection_add_node (selection, node);
      name = ox_words_node (node);
      *said = g_strdup_printf ("node %s", name);
      break;
    }
  return g_steal_pointer (&selection);
}

static void
begin_cb (OxStudy *study, Page *page)
{
  g_autofree char *said = NULL;
  OxSelection *selection = select_region (page, &said);
  g_autoptr (OxSession) session = NULL;
  Asked *asked;

  if (selection == NULL)
    {
      ox_study_say (study, said, FALSE);
      return;
    }
  session = ox_debugger_new_study (ox_focus_get_debugger (page->focus));
  asked = g_atomic_rc_box_new0 (Asked);
  asked->dtype = ox_dtype_choice_get (page->choice);
  asked->region = g_steal_pointer (&said);
  asked->what_if = ox_what_if_new (session, asked->dtype, selection);
  ox_study_run (study, ask_work, asked, asked_clear);
}

void
ox_what_if_view_set_region (OxStudy *study, OxWhatIfRegion region)
{
  gtk_drop_down_set_selected (g_object_get_data (G_OBJECT (study), "region"), region);
}

/* ---- the study ------------------------------------------------------------------------------------------------- */

OxStudy *
ox_what_if_view_new (OxFocus *focus, GtkWidget *choice)
{
  static const char *const regions[] = { "Whole Model", "Selected Node", "Its Scope", "Every Such Operator", NULL };
  Page *page = g_new0 (Page, 1);
  OxStudy *study;

  page->focus = g_object_ref (focus);
  page->choice = choice;
  page->region = gtk_drop_down_new_from_strings (regions);
  gtk_widget_set_tooltip_text (page->region, "What is Rounded");
  page->table = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  ox_column_append (page->table, "Order", at_text, at_number, FALSE);
  ox_column_append (page->table, "Operator", op_text, NULL, FALSE);
  ox_column_append (page->table, "Value", name_text, NULL, TRUE);
  page->own = ox_column_append (page->table, "Own Error", own_text, own_number, FALSE);
  ox_column_append (page->table, "Through", through_text, through_number, FALSE);
  ox_column_append (page->table, "Growth", growth_text, growth_number, FALSE);
  ox_column_append (page->table, "At Most", most_text, most_number, FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (page->table), "data-table");
  study = OX_STUDY (ox_study_new (focus, "Run",
                                  "What comes of it if some of the model is computed in a narrower type? What each node is given "
                                  "and makes is rounded, and the run is held against the unchanged one: what each node adds by "
                                  "itself, and how it travels to the outputs.",
                                  GTK_WIDGET (page->table)));
  page->bars = ox_bars_button_new (focus);
  ox_study_add_question (study, choice);
  ox_study_add_question (study, page->region);
  ox_study_add_tool (study, page->bars);
  g_object_set_data (G_OBJECT (study), "region", page->region);
  g_signal_connect (study, "begin", G_CALLBACK (begin_cb), page);
  g_signal_connect_data (study, "done", G_CALLBACK (done_cb), page, page_free, 0);
  return study;
}
