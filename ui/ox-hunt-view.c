/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-hunt-view.h"

#include <string.h>

#include "debug/ox-hunt.h"
#include "tensor/ox-format.h"
#include "ui/ox-words.h"

/* How long one genealogy may take. */
#define SECONDS 5
#define ALL (1U << OX_HUNT_INF | 1U << OX_HUNT_NAN | 1U << OX_HUNT_OVERFLOW16)

struct _OxHuntView
{
  GtkBox parent_instance;

  OxFocus      *focus;
  GtkButton    *button;
  GtkSpinner   *spinner;
  GtkLabel     *said;
  GtkListBox   *list;
  GCancellable *hunting;
  gboolean      waiting;    /* for inputs that are being made */
};

G_DEFINE_FINAL_TYPE (OxHuntView, ox_hunt_view, GTK_TYPE_BOX)

static const char *const kinds[OX_N_HUNTS] = { "infinity", "NaN", "number beyond 65504, the largest of 16 bits" };

static void
ox_hunt_view_dispose (GObject *object)
{
  OxHuntView *self = OX_HUNT_VIEW (object);

  g_cancellable_cancel (self->hunting);
  g_clear_object (&self->hunting);
  g_clear_object (&self->focus);
  G_OBJECT_CLASS (ox_hunt_view_parent_class)->dispose (object);
}

static void
ox_hunt_view_class_init (OxHuntViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_hunt_view_dispose;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static GtkWidget *
new_label (const char *text, const char *css)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GtkWidget *label = gtk_label_new (valid);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_tooltip_text (label, valid);
  if (css != NULL)
    gtk_widget_add_css_class (label, css);
  return label;
}

/* A row that leads to the value called @name of @node. */
static void
add_row (OxHuntView *self, const OxNode *node, const char *name, const char *text, const char *detail, const char *css, int indent)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  gtk_widget_set_margin_start (box, 12 + 18 * indent);
  gtk_widget_set_margin_end (box, 12);
  gtk_box_append (GTK_BOX (box), new_label (text, css));
  if (detail != NULL)
    {
      GtkWidget *label = new_label (detail, "dim-label");

      gtk_widget_set_hexpand (label, TRUE);
      gtk_box_append (GTK_BOX (box), label);
    }
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), node != NULL);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), node != NULL);
  g_object_set_data (G_OBJECT (row), "node", (gpointer) node);
  g_object_set_data_full (G_OBJECT (row), "name", g_strdup (name), g_free);
  gtk_list_box_append (self->list, row);
}

/* "Conv conv1", or what stands for a name, which tells the operator too. */
static char *
who (const OxNode *node)
{
  g_autofree char *op = ox_words_operator (node), *title = ox_words_node (node);

  return *node->name != '\0' ? g_strdup_printf ("%s %s", op, title) : g_steal_pointer (&title);
}

static char *
element (const char *name, const char *index, double value)
{
  g_autofree char *number = ox_format_double (value, 4);

  return g_strdup_printf ("%s%s = %s", name, index, number);
}

static void
add_generation (OxHuntView *self, const OxGeneration *generation)
{
  g_autofree char *text = element (generation->name, generation->index, generation->value);
  g_autofree char *node = who (generation->node);
  g_autofree char *by = g_strdup_printf ("by %s%s%s%s", generation->changed ? "a change of " : "", node,
                                         generation->where != NULL ? " in " : "", generation->where != NULL ? generation->where : "");

  add_row (self, generation->node, generation->name, text, by, NULL, 1);
  for (guint i = 0; i < generation->ancestors->len; i++)
    {
      static const char *const origins[] = { "", "a weight", "an input" };
      const OxAncestor *ancestor = g_ptr_array_index (generation->ancestors, i);
      g_autofree char *what = element (ancestor->name, ancestor->index, ancestor->value);
      g_autofree char *line = g_strconcat (ancestor->followed ? "← " : "   ", what, NULL);
      g_autoptr (GString) detail = g_string_new (origins[ancestor->origin]);

      if (ancestor->among > 1)
        g_string_append_printf (detail, "%sthe one that matters most of %" G_GINT64_FORMAT, detail->len > 0 ? ", " : "",
                                ancestor->among);
      add_row (self, generation->node, ancestor->name, line, detail->str, NULL, 2);
    }
}

static void
add_finding (OxHuntView *self, OxHuntKind kind, const OxFinding *finding, gboolean second)
{
  g_autofree char *heading = NULL, *detail = NULL, *node = NULL;

  if (finding == NULL)
    {
      heading = g_strdup_printf ("No %s", kinds[kind]);
      add_row (self, NULL, NULL, heading, NULL, "dim-label", 0);
      return;
    }
  node = who (finding->node);
  heading = g_strdup_printf (second ? "First %s that is not there on purpose: %s" : "First %s: %s", kinds[kind], node);
  detail = g_strdup_printf ("%s, %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " elements%s%s%s", finding->shape, finding->count,
                            finding->of, finding->where != NULL ? ", in " : "", finding->where != NULL ? finding->where : "",
                            finding->intended ? "; carried on from a constant, as masks are" : "");
  add_row (self, finding->node, g_ptr_array_index (finding->node->output_names, finding->output), heading, detail, "heading", 0);
  for (guint i = 0; finding->generations != NULL && i < finding->generations->len; i++)
    add_generation (self, g_ptr_array_index (finding->generations, i));
}

static void
clear (OxHuntView *self)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
}

/* The output of this name, else whatever the node reads under it. */
static void
activated_cb (GtkListBox *list, GtkListBoxRow *row, OxHuntView *self)
{
  OxNode *node = g_object_get_data (G_OBJECT (row), "node");
  const char *name = g_object_get_data (G_OBJECT (row), "name");

  if (node == NULL)
    return;
  ox_focus_select_node (self->focus, node);
  for (OxGraph *graph = node->graph; graph != NULL; graph = graph->outer)
    {
      int slot = ox_graph_find (graph, name);

      if (slot < 0)
        continue;
      ox_focus_select_value (self->focus, graph, slot);
      break;
    }
}

/* ---- the hunt -------------------------------------------------------------------------------------------------- */

typedef struct
{
  OxHunt *hunt;
  GError *failure;    /* that ended the run */
} Hunt;

static void
hunt_free (gpointer data)
{
  Hunt *hunt = data;

  ox_hunt_free (hunt->hunt);
  g_clear_error (&hunt->failure);
  g_free (hunt);
}

static void
hunt_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Hunt *hunt = data;

  ox_hunt_run (hunt->hunt, SECONDS, cancellable, &hunt->failure);
  g_task_return_boolean (task, TRUE);
}

/* The nodes that the first NaN went through, else the first infinity, from where it arose, are the overlay's path. */
static void
show_path (OxHuntView *self, OxHunt *hunt)
{
  static const OxHuntKind order[] = { OX_HUNT_NAN, OX_HUNT_INF };
  const OxFinding *finding = NULL;
  GHashTable *nodes;

  for (guint i = 0; i < G_N_ELEMENTS (order) && finding == NULL; i++)
    {
      finding = ox_hunt_first_unintended (hunt, order[i]);
      if (finding == NULL)
        finding = ox_hunt_first (hunt, order[i]);
    }
  if (finding == NULL)
    return;
  nodes = g_hash_table_new (NULL, NULL);
  g_hash_table_add (nodes, finding->node);
  for (guint i = 0; finding->generations != NULL && i < finding->generations->len; i++)
    for (const OxNode *node = ((const OxGeneration *) g_ptr_array_index (finding->generations, i))->node; node != NULL;
         node = node->graph->owner)
      g_hash_table_add (nodes, (gpointer) node);
  ox_overlay_set_path (ox_focus_get_overlay (self->focus), nodes,
                       finding->kind == OX_HUNT_NAN ? "Where the first NaN comes from" : "Where the first infinity comes from");
  ox_focus_select_node (self->focus, finding->node);
}

static void
hunted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxHuntView *self = OX_HUNT_VIEW (source);
  Hunt *hunt = g_task_get_task_data (G_TASK (result));
  gboolean done = g_task_propagate_boolean (G_TASK (result), NULL);

  if (self->focus == NULL)
    return;
  g_clear_object (&self->hunting);
  gtk_spinner_stop (self->spinner);
  gtk_button_set_label (self->button, "Hunt");
  gtk_label_set_text (self->said, "");
  if (!done)
    return;
  for (OxHuntKind kind = 0; kind < OX_N_HUNTS; kind++)
    {
      const OxFinding *first = ox_hunt_first (hunt->hunt, kind), *other = ox_hunt_first_unintended (hunt->hunt, kind);

      add_finding (self, kind, first, FALSE);
      if (other != NULL && other != first)
        add_finding (self, kind, other, TRUE);
    }
  show_path (self, hunt->hunt);
  if (hunt->failure != NULL)
    add_row (self, NULL, NULL, "The run stops before its end", hunt->failure->message, "error", 0);
}

static void
clicked_cb (OxHuntView *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;
  Hunt *hunt;

  if (self->hunting != NULL)
    {
      gtk_label_set_text (self->said, "Stopping…");
      g_cancellable_cancel (self->hunting);
      return;
    }
  if (ox_debugger_is_running (debugger))
    {
      gtk_label_set_text (self->said, "Once the model stands still");
      return;
    }
  if (!ox_debugger_ready (debugger, &error))
    {
      gtk_widget_activate_action (GTK_WIDGET (self), "page.make-inputs", NULL);
      gtk_label_set_text (self->said, "Making inputs…");
      self->waiting = TRUE;
      return;
    }
  self->waiting = FALSE;
  clear (self);
  gtk_label_set_text (self->said, "Running the model…");
  gtk_button_set_label (self->button, "Cancel");
  gtk_spinner_start (self->spinner);
  self->hunting = g_cancellable_new ();
  hunt = g_new0 (Hunt, 1);
  hunt->hunt = ox_hunt_new (ox_debugger_new_study (debugger), ALL);
  task = g_task_new (self, self->hunting, hunted_cb, NULL);
  g_task_set_task_data (task, hunt, hunt_free);
  g_task_run_in_thread (task, hunt_worker);
}

static void
state_changed_cb (OxHuntView *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);

  if (self->waiting && !ox_debugger_is_running (debugger) && ox_debugger_ready (debugger, NULL))
    clicked_cb (self);
}

static void
ox_hunt_view_init (OxHuntView *self)
{
  GtkWidget *top = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *scroller = gtk_scrolled_window_new ();
  GtkWidget *nothing = new_label ("Hunt runs the model once more with its inputs and tells where the first infinity, NaN and "
                                  "number beyond 16 bits come from",
                                  "dim-label");

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  self->button = GTK_BUTTON (gtk_button_new_with_label ("Hunt"));
  self->spinner = GTK_SPINNER (gtk_spinner_new ());
  self->said = GTK_LABEL (new_label ("", "dim-label"));
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_widget_set_margin_start (top, 12);
  gtk_widget_set_margin_end (top, 12);
  gtk_widget_set_margin_top (top, 6);
  gtk_widget_set_margin_bottom (top, 6);
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (clicked_cb), self);
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->button));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->spinner));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->said));
  gtk_list_box_set_activate_on_single_click (self->list, TRUE);
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
ox_hunt_view_new (OxFocus *focus)
{
  OxHuntView *self = g_object_new (OX_TYPE_HUNT_VIEW, NULL);

  self->focus = g_object_ref (focus);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

void
ox_hunt_view_start (OxHuntView *self)
{
  if (self->hunting == NULL)
    clicked_cb (self);
}
