/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-origin-view.h"

#include "debug/ox-provenance.h"
#include "ui/ox-words.h"

#define MOST_ROWS 500
#define BUDGET ((gsize) 1 << 30)

struct _OxOriginView
{
  GtkBox parent_instance;

  OxFocus      *focus;
  GtkEntry     *entry;
  GtkButton    *button;
  GtkSpinner   *spinner;
  GtkLabel     *said;
  GtkListBox   *list;
  GCancellable *asking;
};

G_DEFINE_FINAL_TYPE (OxOriginView, ox_origin_view, GTK_TYPE_BOX)

typedef struct
{
  OxSession    *session;
  OxProvenance *provenance;
  char         *expression;
} Ask;

static void
ask_free (gpointer data)
{
  Ask *ask = data;

  ox_provenance_free (ask->provenance);
  ox_session_free (ask->session);
  g_free (ask->expression);
  g_free (ask);
}

static void
ox_origin_view_dispose (GObject *object)
{
  OxOriginView *self = OX_ORIGIN_VIEW (object);

  g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
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
new_label (const char *text, const char *css, gboolean wide)
{
  g_autofree char *valid = ox_words_valid (text);
  GtkWidget *label = gtk_label_new (valid);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), wide ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (label, wide);
  gtk_widget_set_tooltip_text (label, valid);
  if (css != NULL)
    gtk_widget_add_css_class (label, css);
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
  gtk_box_append (GTK_BOX (box), new_label (region->slot->name, kinds[region->origin][0] != '\0' ? "heading" : NULL, FALSE));
  gtk_box_append (GTK_BOX (box), new_label (text, "numeric", TRUE));
  gtk_box_append (GTK_BOX (box), new_label (by != NULL ? by : kinds[region->origin], "dim-label", FALSE));
  if (region->coarse != NULL)
    gtk_box_append (GTK_BOX (box), new_label ("at most", "dim-label", FALSE));
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
  gtk_label_set_text (self->said, text);
  title = g_strdup_printf ("What %s comes from", valid);
  ox_overlay_set_path (ox_focus_get_overlay (self->focus), nodes, title);
}

/* ---- asking ---------------------------------------------------------------------------------------------------- */

static void
ask_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Ask *ask = data;
  GError *error = NULL;

  if (ox_provenance_run (ask->provenance, ask->expression, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxOriginView *self = OX_ORIGIN_VIEW (source);
  g_autoptr (GError) error = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error);

  if (self->focus == NULL)
    return;
  g_clear_object (&self->asking);
  gtk_spinner_stop (self->spinner);
  gtk_button_set_label (self->button, "Show");
  gtk_label_set_text (self->said, "");
  if (done)
    show (self, g_task_get_task_data (G_TASK (result)));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_autofree char *text = ox_words_valid (error->message);

      gtk_label_set_text (self->said, text);
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->said), text);
    }
}

static void
clicked_cb (OxOriginView *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  const char *expression = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;
  Ask *ask;

  if (self->asking != NULL)
    {
      gtk_label_set_text (self->said, "Stopping…");
      g_cancellable_cancel (self->asking);
      return;
    }
  if (*expression == '\0')
    return;
  if (ox_debugger_is_running (debugger) || !ox_debugger_ready (debugger, &error))
    {
      g_autofree char *text = ox_words_valid (error != NULL ? error->message : "Once the model stands still");

      gtk_label_set_text (self->said, text);
      return;
    }
  self->asking = g_cancellable_new ();
  gtk_label_set_text (self->said, "Running the model…");
  gtk_button_set_label (self->button, "Cancel");
  gtk_spinner_start (self->spinner);
  ask = g_new0 (Ask, 1);
  ask->session = ox_debugger_new_study (debugger);
  ask->provenance = ox_provenance_new (ask->session, BUDGET);
  ask->expression = g_strdup (expression);
  task = g_task_new (self, self->asking, asked_cb, NULL);
  g_task_set_task_data (task, ask, ask_free);
  g_task_run_in_thread (task, ask_worker);
}

void
ox_origin_view_ask (OxOriginView *self, const char *expression)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), expression);
  if (self->asking == NULL)
    clicked_cb (self);
}

static void
ox_origin_view_init (OxOriginView *self)
{
  GtkWidget *top = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *scroller = gtk_scrolled_window_new ();
  GtkWidget *nothing = new_label ("Select an element of a value and click Where It Comes From, or type one, such as logits[0,3]: "
                                  "listed is the part of every input, weight and value that can have an influence on it",
                                  "dim-label", FALSE);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  self->entry = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_placeholder_text (self->entry, "logits[0,3]");
  gtk_editable_set_width_chars (GTK_EDITABLE (self->entry), 24);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (clicked_cb), self);
  self->button = GTK_BUTTON (gtk_button_new_with_label ("Show"));
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (clicked_cb), self);
  self->spinner = GTK_SPINNER (gtk_spinner_new ());
  self->said = GTK_LABEL (new_label ("", "dim-label", TRUE));
  gtk_widget_set_margin_start (top, 12);
  gtk_widget_set_margin_end (top, 12);
  gtk_widget_set_margin_top (top, 6);
  gtk_widget_set_margin_bottom (top, 6);
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->entry));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->button));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->spinner));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->said));
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_widget_set_margin_start (nothing, 12);
  gtk_widget_set_margin_end (nothing, 12);
  gtk_widget_set_valign (nothing, GTK_ALIGN_START);
  gtk_label_set_wrap (GTK_LABEL (nothing), TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (nothing), PANGO_ELLIPSIZE_NONE);
  gtk_widget_set_tooltip_text (nothing, NULL);
  gtk_list_box_set_placeholder (self->list, nothing);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (activated_cb), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (self), top);
  gtk_box_append (GTK_BOX (self), scroller);
}

GtkWidget *
ox_origin_view_new (OxFocus *focus)
{
  OxOriginView *self = g_object_new (OX_TYPE_ORIGIN_VIEW, NULL);

  self->focus = g_object_ref (focus);
  return GTK_WIDGET (self);
}
