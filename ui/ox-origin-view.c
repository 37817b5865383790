/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-origin-view.h"

#include "debug/ox-provenance.h"
#include "ui/ox-label.h"
#include "ui/ox-study.h"
#include "ui/ox-words.h"

#define MOST_ROWS 500
#define BUDGET ((gsize) 1 << 30)

struct _OxOriginView
{
  GtkBox parent_instance;

  OxFocus    *focus;
  OxStudy    *study;
  GtkEntry   *entry;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (OxOriginView, ox_origin_view, GTK_TYPE_BOX)

typedef struct
{
  OxSession    *session;
  OxProvenance *provenance;
  char         *expression;
} Ask;

static void
ask_clear (gpointer data)
{
  Ask *ask = data;

  ox_provenance_free (ask->provenance);
  ox_session_free (ask->session);
  g_free (ask->expression);
}

static void
ox_origin_view_dispose (GObject *object)
{
  OxOriginView *self = OX_ORIGIN_VIEW (object);

  g_clear_object (&self->focus);
  G_OBJECT_CLASS (ox_origin_view_parent_class)->dispose (object);
}

static void
ox_origin_view_class_init (OxOriginViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_origin_view_dispose;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static GtkWidget *
new_line (const char *text, const char *css, gboolean wide)
{
  GtkWidget *label = ox_label_new_line (text, css, wide ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_MIDDLE);

  gtk_widget_set_hexpand (label, wide);
  return label;
}

static void
add_row (OxOriginView *self, const OxProvenanceRegion *region)
{
  static const char *const kinds[] = { "", "weight", "input" };
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  g_autofree char *text = ox_provenance_region_text (region), *op = NULL, *by = NULL;

  if (region->node != NULL)
    {
      op = ox_words_operator (region->node);
      by = g_strdup_printf ("by %s%s%s", op, region->where != NULL ? " in " : "", region->where != NULL ? region->where : "");
    }
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_box_append (GTK_BOX (box), new_line (region->slot->name, kinds[region->origin][0] != '\0' ? "heading" : NULL, FALSE));
  gtk_box_append (GTK_BOX (box), new_line (text, "numeric", TRUE));
  gtk_box_append (GTK_BOX (box), new_line (by != NULL ? by : kinds[region->origin], "dim-label", FALSE));
  if (region->coarse != NULL)
    gtk_box_append (GTK_BOX (box), new_line ("at most", "dim-label", FALSE));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_set_data (G_OBJECT (row), "slot", (gpointer) region->slot);
  g_object_set_data (G_OBJECT (row), "node", (gpointer) region->node);
  gtk_list_box_append (self->list, row);
}

static void
activated_cb (GtkListBox *list, GtkListBoxRow *row, OxOriginView *self)
{
  const OxSlot *slot = g_object_get_data (G_OBJECT (row), "slot");
  OxNode *node = g_object_get_data (G_OBJECT (row), "node");
  OxGraph *graph = node != NULL ? node->graph : ox_focus_get_model (self->focus)->graph;
  int at = slot != NULL ? ox_graph_find (graph, slot->name) : -1;

  if (node != NULL)
    ox_focus_select_node (self->focus, node);
  if (at >= 0)
    ox_focus_select_value (self->focus, graph, at);
}

static void
show (OxOriginView *self, Ask *ask)
{
  GPtrArray *regions = ox_provenance_regions (ask->provenance);
  GHashTable *nodes = g_hash_table_new (NULL, NULL);
  g_autofree char *text = NULL, *title = NULL, *valid = ox_words_valid (ask->expression);
  GtkWidget *row;

  while ((row = GTK_WIDGET (gtk_list_box_get_row_at_index (self->list, 0))) != NULL)
    gtk_list_box_remove (self->list, row);
  for (guint i = 0; i < regions->len; i++)
    {
      const OxProvenanceRegion *region = g_ptr_array_index (regions, i);

      if (i < MOST_ROWS)
        add_row (self, region);
      /* What is inside a body is on the way of its node, too. */
      for (const OxNode *node = region->node; node != NULL; node = node->graph->owner)
        g_hash_table_add (nodes, (gpointer) node);
    }
  text = regions->len > MOST_ROWS ? g_strdup_printf ("the first %d of %u regions", MOST_ROWS, regions->len)
                                  : g_strdup_printf ("%u regions", regions->len);
  ox_study_say (self->study, text, FALSE);
  ox_study_show_findings (self->study);
  title = g_strdup_printf ("What %s comes from", valid);
  ox_overlay_set_path (ox_focus_get_overlay (self->focus), nodes, title);
}

/* ---- asking ---------------------------------------------------------------------------------------------------- */

static gboolean
ask_work (gpointer study, OxProgress progress, gpointer data, GCancellable *cancellable, GError **error)
{
  Ask *ask = study;

  return ox_provenance_run (ask->provenance, ask->expression, cancellable, error);
}

static void
done_cb (OxStudy *study, Ask *ask, const GError *error, OxOriginView *self)
{
  if (error == NULL)
    show (self, ask);
  else
    ox_study_say (study, error->message, TRUE);
}

static void
begin_cb (OxStudy *study, OxOriginView *self)
{
  const char *expression = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  Ask *ask;

  if (*expression == '\0')
    {
      ox_study_say (study, "Type the name of a value first, such as logits[0,3]", FALSE);
      return;
    }
  ask = g_atomic_rc_box_new0 (Ask);
  ask->session = ox_debugger_new_study (ox_focus_get_debugger (self->focus));
  ask->provenance = ox_provenance_new (ask->session, BUDGET);
  ask->expression = g_strdup (expression);
  ox_study_run (study, ask_work, ask, ask_clear);
}

void
ox_origin_view_ask (OxOriginView *self, const char *expression)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), expression);
  ox_study_ask (self->study);
}

static void
ox_origin_view_init (OxOriginView *self)
{
  self->entry = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_placeholder_text (self->entry, "logits[0,3]");
  gtk_editable_set_width_chars (GTK_EDITABLE (self->entry), 24);
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  g_signal_connect (self->list, "row-activated", G_CALLBACK (activated_cb), self);
}

GtkWidget *
ox_origin_view_new (OxFocus *focus)
{
  OxOriginView *self = g_object_new (OX_TYPE_ORIGIN_VIEW, NULL);

  self->focus = g_object_ref (focus);
  self->study = OX_STUDY (ox_study_new (focus, "Show",
                                        "Select an element of a value and click Where It Comes From, or type one, such as "
                                        "logits[0,3]: listed is the part of every input, weight and value that can have an "
                                        "influence on it",
                                        GTK_WIDGET (self->list)));
  ox_study_add_question (self->study, GTK_WIDGET (self->entry));
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (ox_study_ask), self->study);
  gtk_widget_set_hexpand (GTK_WIDGET (self->study), TRUE);
  g_signal_connect (self->study, "begin", G_CALLBACK (begin_cb), self);
  g_signal_connect (self->study, "done", G_CALLBACK (done_cb), self);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->study));
  return GTK_WIDGET (self);
}
