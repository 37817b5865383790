/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "app/ox-page-private.h"
#include "ui/ox-drawer.h"

G_DEFINE_FINAL_TYPE (OxPage, ox_page, ADW_TYPE_BIN)

enum
{
  TITLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
ox_page_dispose (GObject *object)
{
  static const char *const toggles[] = { "outline", "inspector", "drawer" };
  OxPage *self = OX_PAGE (object);

  ox_page_close (self);
  /* These hold the panels, which hold the actions. */
  if (self->actions != NULL)
    for (guint i = 0; i < G_N_ELEMENTS (toggles); i++)
      g_action_map_remove_action (G_ACTION_MAP (self->actions), toggles[i]);
  g_clear_pointer (&self->compare_next, g_free);
  g_clear_pointer (&self->compare_last, g_free);
  g_clear_pointer (&self->compared_data_set, g_free);
  g_clear_pointer (&self->compared_edits, g_strfreev);
  g_clear_pointer (&self->compared, ox_situation_free);
  g_clear_object (&self->focus);
  g_clear_object (&self->document);
  g_clear_object (&self->actions);
  G_OBJECT_CLASS (ox_page_parent_class)->dispose (object);
}

static void
ox_page_class_init (OxPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_page_dispose;
  signals[TITLED] = g_signal_new ("titled", OX_TYPE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

void
ox_page_tell (OxPage *self, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1), *escaped = g_markup_escape_text (valid, -1);

  if (self->toasts != NULL)
    adw_toast_overlay_add_toast (self->toasts, adw_toast_new (escaped));
}

static void
tell_cb (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  ox_page_tell (self, g_variant_get_string (parameter, NULL));
}

static void
report_cb (GSimpleAction *action, GVariant *parameter, gpointer self)
{
  ox_page_show_trouble (self, g_variant_get_string (parameter, NULL), "error", NULL);
}

static void
find_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;

  if (self->outline == NULL)
    return;
  adw_flap_set_reveal_flap (self->outline_flap, TRUE);
  ox_outline_find (self->outline);
}

static void
go_back_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;

  if (self->focus != NULL)
    ox_focus_go_back (self->focus);
}

static void
go_forward_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;

  if (self->focus != NULL)
    ox_focus_go_forward (self->focus);
}

/* Into the selected node: the first of its bodies, or the function it calls. */
static void
enter_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  OxNode *node = self->focus != NULL ? ox_focus_get_node (self->focus) : NULL;
  OxFunction *function;

  if (node == NULL)
    return;
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const OxAttribute *a = g_ptr_array_index (node->attributes, i);

      if (a->graphs != NULL && a->graphs->len > 0)
        {
          ox_focus_show_graph (self->focus, g_ptr_array_index (a->graphs, 0));
          return;
        }
    }
  function = ox_model_find_function (node->graph->model, node->domain, node->op_type, node->overload);
  if (function != NULL)
    ox_focus_show_graph (self->focus, function->body);
}

/* Out of a body, to the node it belongs to. */
static void
leave_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  OxGraph *graph = self->focus != NULL ? ox_focus_get_graph (self->focus) : NULL;

  if (graph != NULL && graph->owner != NULL)
    ox_focus_select_node (self->focus, graph->owner);
  else if (graph != NULL && graph != ox_document_get_model (self->document)->graph)
    ox_focus_go_back (self->focus);
}

static void
console_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;

  if (self->drawer == NULL)
    return;
  gtk_widget_set_visible (self->drawer, TRUE);
  ox_drawer_show_console (OX_DRAWER (self->drawer));
}

/* Escape from wherever one is. */
static void
focus_graph_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;

  if (self->graph != NULL)
    gtk_widget_grab_focus (self->graph);
}

static void
show_tensor_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;

  if (self->inspector != NULL)
    ox_inspector_pop_out (self->inspector);
}

/* What is wrong with the model as a whole is said once, and stays on the Model page. */
static void
show_warnings (OxPage *self)
{
  GPtrArray *warnings = ox_document_get_model (self->document)->warnings;
  g_autofree char *text = NULL;

  if (warnings->len == 0)
    return;
  if (warnings->len == 1)
    text = g_strdup (g_ptr_array_index (warnings, 0));
  else
    text = g_strdup_printf ("%s (and %u more)", (const char *) g_ptr_array_index (warnings, 0), warnings->len - 1);
  ox_page_show_trouble (self, text, "warning", NULL);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (OxPage) self = data;
  g_autoptr (GError) error = NULL;
  gboolean done = ox_document_load_finish (OX_DOCUMENT (source), result, &error);

  if (self->document == NULL || self->loading == NULL)
    return;
  g_clear_object (&self->loading);
  ox_page_end_progress (self);
  if (!done)
    {
      g_autofree char *valid = g_utf8_make_valid (error->message, -1), *text = g_markup_escape_text (valid, -1);

      if (ox_document_get_recording (self->document) != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          ox_page_show_astray (self, text);
          return;
        }
      adw_status_page_set_description (self->failed, text);
      gtk_stack_set_visible_child_name (self->stack, "failed");
      return;
    }
  self->focus = g_object_ref (ox_document_get_focus (self->document));
  gtk_stack_add_named (self->stack, ox_page_make_panels (self), "model");
  gtk_stack_set_visible_child_name (self->stack, "model");
  gtk_widget_grab_focus (self->graph);
  g_signal_connect_object (self->focus, "node-changed", G_CALLBACK (ox_page_update_moves), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->focus, "node-changed", G_CALLBACK (ox_page_update_handover), self, G_CONNECT_SWAPPED);
  ox_page_add_edits (self);
  ox_page_follow_debugger (self);
  ox_page_follow_overlay (self);
  ox_page_keep_keyboard (self);
  ox_page_load_marks (self);
  ox_page_update_handover (self);
  ox_page_update_moves (self);
  show_warnings (self);
  ox_page_show_recording (self);
  ox_page_check (self);
  g_signal_emit (self, signals[TITLED], 0);
}

void
ox_page_load (OxPage *self)
{
  g_autofree char *title = ox_document_dup_title (self->document), *text = g_strdup_printf ("Opening %s…", title);

  self->loading = g_cancellable_new ();
  gtk_stack_set_visible_child_name (self->stack, "loading");
  ox_page_start_progress (self, text, self->loading);
  ox_document_load_async (self->document, self->loading, loaded_cb, g_object_ref (self));
}

static GtkWidget *
make_failed (OxPage *self)
{
  GtkWidget *page = adw_status_page_new (), *again = gtk_button_new_with_label ("Try Again");

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), "dialog-error-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (page), "This Model Cannot Be Opened");
  gtk_widget_set_halign (again, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (again, "pill");
  g_signal_connect_swapped (again, "clicked", G_CALLBACK (ox_page_load), self);
  adw_status_page_set_child (ADW_STATUS_PAGE (page), again);
  self->failed = ADW_STATUS_PAGE (page);
  return page;
}

static void
ox_page_init (OxPage *self)
{
  static const GActionEntry entries[] = {
    { "tell", tell_cb, "s" },
    { "report", report_cb, "s" },
    { "find", find_cb },
    { "go-back", go_back_cb },
    { "go-forward", go_forward_cb },
    { "show-tensor", show_tensor_cb },
    { "console", console_cb },
    { "focus-graph", focus_graph_cb },
    { "enter", enter_cb },
    { "leave", leave_cb },
  };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();

  /* What does not want Escape for itself gives the keyboard back to the graph. */
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (shortcuts),
                                        gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("Escape"),
                                                          gtk_named_action_new ("page.focus-graph")));
  gtk_widget_add_controller (GTK_WIDGET (self), shortcuts);
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  ox_page_add_moves (self);
  ox_page_add_time (self);
  ox_page_add_written (self);
  ox_page_add_export (self);
  ox_page_add_report (self);
  ox_page_add_case (self);
  ox_page_add_handover (self);
  ox_page_add_studies (self);
  ox_page_add_recording (self);
  self->compare_rtol = self->compare_atol = NAN;
  ox_page_add_compare (self);
  ox_page_add_marks (self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "page", G_ACTION_GROUP (self->actions));

  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), "loading");
  gtk_stack_add_named (self->stack, make_failed (self), "failed");
  gtk_stack_add_named (self->stack, ox_page_make_astray (self), "astray");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (box), ox_page_make_trouble (self));
  gtk_box_append (GTK_BOX (box), ox_page_make_progress (self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_bin_set_child (ADW_BIN (self), box);
}

GtkWidget *
ox_page_new (GFile *file)
{
  OxPage *self = g_object_new (OX_TYPE_PAGE, NULL);

  self->document = ox_document_new (file);
  if (ox_document_is_recording (file))
    adw_status_page_set_title (self->failed, "This Recorded Run Cannot Be Opened");
  ox_page_update_moves (self);
  ox_page_load (self);
  return GTK_WIDGET (self);
}

OxDocument *
ox_page_get_document (OxPage *self)
{
  return self->document;
}

GActionGroup *
ox_page_get_actions (OxPage *self)
{
  return G_ACTION_GROUP (self->actions);
}

void
ox_page_close (OxPage *self)
{
  OxDebugger *debugger = self->document != NULL ? ox_document_get_debugger (self->document) : NULL;

  ox_page_keep_marks (self);
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  if (self->moving != NULL)
    g_cancellable_cancel (self->moving);
  if (self->checking != NULL)
    g_cancellable_cancel (self->checking);
  g_clear_object (&self->checking);
  g_clear_object (&self->moving);
  if (self->comparing != NULL)
    g_cancellable_cancel (self->comparing);
  g_clear_object (&self->comparing);
  if (self->holding != NULL)
    g_cancellable_cancel (self->holding);
  g_clear_object (&self->holding);
  if (self->writing != NULL)
    g_cancellable_cancel (self->writing);
  g_clear_object (&self->writing);
  if (debugger != NULL && ox_debugger_is_running (debugger))
    ox_debugger_interrupt (debugger);
  g_clear_handle_id (&self->progress_delay, g_source_remove);
  g_clear_handle_id (&self->progress_pulse, g_source_remove);
  g_clear_object (&self->progress_cancel);
}
