/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-inspector.h"

#include <adwaita.h>

#include "debug/ox-edit.h"
#include "debug/ox-expression.h"
#include "ui/ox-edit-menu.h"
#include "ui/ox-model-page.h"
#include "ui/ox-node-page.h"
#include "ui/ox-tensor-view.h"
#include "ui/ox-tensor-window.h"
#include "ui/ox-words.h"

struct _OxInspector
{
  GtkBox parent_instance;

  OxFocus       *focus;
  GtkStack      *stack;
  GtkStack      *node_stack, *tensor_stack;
  OxSheet       *node_sheet, *model_sheet;
  OxTensorView  *tensor;
  GArray        *values;         /* OxNodePageValue: what the node page shows */
  GCancellable  *fetching;
  OxValue       *value;          /* what the tensor page shows */
  OxGraph       *shown_graph;    /* of which slot */
  int            shown_slot;
  GtkWidget     *pop_out, *of_value;   /* the button; all buttons of a value */
  GActionGroup  *actions;        /* "page" of windows that are opened from here */
  gboolean       popping;        /* the value that is being fetched goes into a window */
};

G_DEFINE_FINAL_TYPE (OxInspector, ox_inspector, GTK_TYPE_BOX)

static void
ox_inspector_dispose (GObject *object)
{
  OxInspector *self = OX_INSPECTOR (object);

  g_cancellable_cancel (self->fetching);
  g_clear_object (&self->fetching);
  g_clear_pointer (&self->values, g_array_unref);
  g_clear_pointer (&self->value, ox_value_unref);
  g_clear_object (&self->actions);
  g_clear_object (&self->focus);
  G_OBJECT_CLASS (ox_inspector_parent_class)->dispose (object);
}

static void
ox_inspector_class_init (OxInspectorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_inspector_dispose;
}

/* What is under way is no longer wanted. (transfer none) a new token. */
static GCancellable *
renew (GCancellable **cancellable)
{
  g_cancellable_cancel (*cancellable);
  g_clear_object (cancellable);
  *cancellable = g_cancellable_new ();
  return *cancellable;
}

/* What has been computed has a type that is better known than the declared one. */
static void
observe (OxInspector *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);

  if (debugger == NULL || self->values == NULL || ox_debugger_is_running (debugger))
    return;
  for (guint i = 0; i < self->values->len; i++)
    {
      const OxNodePageValue *shown = &g_array_index (self->values, OxNodePageValue, i);
      const OxSlot *slot = ox_graph_slot (shown->graph, shown->slot);
      GtkWidget *source = gtk_widget_get_next_sibling (GTK_WIDGET (shown->label));
      g_autoptr (OxValue) value = NULL;
      g_autofree char *text = NULL;

      if (slot->initializer != NULL && slot->graph_input < 0)
        continue;
      value = ox_debugger_peek_value (debugger, shown->graph, shown->slot);
      if (value == NULL)
        continue;
      text = ox_value_describe (value);
      gtk_label_set_text (shown->label, text);
      gtk_label_set_text (GTK_LABEL (source), "observed");
    }
}

static void
fill_node (OxInspector *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  OxNode *node = ox_focus_get_node (self->focus);
  const OxStop *stop = debugger != NULL && !ox_debugger_is_running (debugger) ? ox_debugger_get_stop (debugger) : NULL;

  g_clear_pointer (&self->values, g_array_unref);
  gtk_stack_set_visible_child_name (self->node_stack, node != NULL ? "sheet" : "none");
  if (node == NULL)
    return;
  self->values = ox_node_page_fill (self->node_sheet, node, debugger != NULL && !ox_debugger_is_running (debugger) ? debugger : NULL,
                                    stop);
  observe (self);
}

static void
open_window (OxInspector *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  OxGraph *graph;
  int slot = ox_focus_get_value (self->focus, &graph);
  const OxSlot *s = ox_graph_slot (graph, slot);
  g_autofree char *type = s->type != NULL ? ox_words_type (s->type) : NULL;
  const char *from = ox_focus_get_lent (self->focus, NULL, NULL);
  g_autofree char *title = from != NULL ? g_strdup_printf ("%s, %s", s->name, from) : g_strdup (s->name);
  GtkWindow *window = ox_tensor_window_new (title, self->value, type);

  self->popping = FALSE;
  gtk_widget_insert_action_group (GTK_WIDGET (window), "page", self->actions);
  if (GTK_IS_WINDOW (root))
    gtk_window_set_transient_for (window, GTK_WINDOW (root));
  gtk_window_present (window);
}

static void
show_value (OxInspector *self, OxValue *value, const char *message)
{
  OxGraph *graph;
  int slot = ox_focus_get_value (self->focus, &graph);
  const OxSlot *s = ox_graph_slot (graph, slot);
  g_autofree char *type = s->type != NULL ? ox_words_type (s->type) : NULL;
  const char *from = ox_focus_get_lent (self->focus, NULL, NULL);

  if (value != NULL)
    ox_value_ref (value);
  g_clear_pointer (&self->value, ox_value_unref);
  self->value = value;
  self->shown_graph = graph;
  self->shown_slot = slot;
  gtk_widget_set_visible (self->of_value, value != NULL);
  ox_tensor_view_set (self->tensor, s->name, value, type, message);
  if (from != NULL)
    ox_tensor_view_set_source (self->tensor, from);
  if (self->popping && value != NULL)
    open_window (self);
  self->popping = FALSE;
}

static void
fetch_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (OxInspector) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OxValue) value = ox_debugger_dup_value_finish (OX_DEBUGGER (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->focus == NULL
      || ox_focus_get_value (self->focus, NULL) < 0)
    return;
  show_value (self, value, error != NULL ? error->message : "Not computed yet: run up to the node that makes it.");
}

static void
fill_tensor (OxInspector *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  GCancellable *cancellable = renew (&self->fetching);
  OxGraph *graph;
  int slot = ox_focus_get_value (self->focus, &graph);
  const OxSlot *s;
  OxValue *lent;
  const char *message;

  gtk_stack_set_visible_child_name (self->tensor_stack, slot >= 0 ? "view" : "none");
  if (slot < 0)
    return;
  if (ox_focus_get_lent (self->focus, &lent, &message) != NULL)
    {
      show_value (self, lent, message);
      return;
    }
  s = ox_graph_slot (graph, slot);
  if (s->initializer != NULL && s->graph_input < 0
      && (debugger == NULL || !ox_debugger_is_edited_value (debugger, graph, slot)))
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OxValue) value = ox_initializer_get (s->initializer, &error);

      show_value (self, value, error != NULL ? error->message : NULL);
    }
  else if (debugger != NULL && !ox_debugger_is_running (debugger))
    /* Even one that was dropped: somebody wants to see it. */
    ox_debugger_dup_value_async (debugger, graph, slot, cancellable, fetch_cb, g_object_ref (self));
  else if (self->shown_graph != graph || self->shown_slot != slot)
    show_value (self, NULL, "Shown when the model stops.");
}

static void
node_changed_cb (OxInspector *self)
{
  OxNode *node = ox_focus_get_node (self->focus);

  fill_node (self);
  if (node != NULL)
    gtk_stack_set_visible_child_name (self->stack, "node");
  else
    gtk_stack_set_visible_child_name (self->stack, "model");
}

static void
value_changed_cb (OxInspector *self)
{
  fill_tensor (self);
  if (ox_focus_get_value (self->focus, NULL) >= 0)
    gtk_stack_set_visible_child_name (self->stack, "tensor");
}

static void
state_changed_cb (OxInspector *self)
{
  fill_node (self);
  fill_tensor (self);
}

static void
sheet_value_cb (OxSheet *sheet, gpointer graph, int slot, OxInspector *self)
{
  ox_focus_select_value (self->focus, graph, slot);
  gtk_stack_set_visible_child_name (self->stack, "tensor");
}

static void
sheet_node_cb (OxSheet *sheet, gpointer node, OxInspector *self)
{
  ox_focus_select_node (self->focus, node);
}

static void
sheet_graph_cb (OxSheet *sheet, gpointer graph, OxInspector *self)
{
  ox_focus_show_graph (self->focus, graph);
}

static GtkWidget *
make_sheet (OxInspector *self, OxSheet **sheet)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  *sheet = OX_SHEET (ox_sheet_new ());
  g_signal_connect (*sheet, "value", G_CALLBACK (sheet_value_cb), self);
  g_signal_connect (*sheet, "node", G_CALLBACK (sheet_node_cb), self);
  g_signal_connect (*sheet, "graph", G_CALLBACK (sheet_graph_cb), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (*sheet));
  gtk_widget_set_vexpand (scroller, TRUE);
  return scroller;
}

/* @child, or a page that says what to do to see it. */
static GtkStack *
make_stack (GtkWidget *child, const char *name, const char *icon, const char *title, const char *description)
{
  GtkWidget *stack = gtk_stack_new (), *status = adw_status_page_new ();

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (status), icon);
  adw_status_page_set_title (ADW_STATUS_PAGE (status), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (status), description);
  gtk_widget_add_css_class (status, "compact");
  gtk_stack_add_named (GTK_STACK (stack), status, "none");
  gtk_stack_add_named (GTK_STACK (stack), child, name);
  return GTK_STACK (stack);
}

static void
ox_inspector_init (OxInspector *self)
{
  GtkWidget *switcher = gtk_stack_switcher_new ();

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (switcher), self->stack);
  gtk_widget_add_css_class (switcher, "ox-switcher");
  gtk_box_append (GTK_BOX (self), switcher);
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->stack));
}

/* "T[0,3]" of the selected element, else "T"; quoted as formulas have it, or as it is. */
static char *
expression (OxInspector *self, gboolean quote)
{
  const char *name = ox_graph_slot (self->shown_graph, self->shown_slot)->name;
  const OxTensor *tensor = ox_tensor_view_get_tensor (self->tensor);
  gint64 rest = ox_tensor_view_get_selected (self->tensor), index[OX_MAX_RANK];
  g_autofree char *quoted = quote ? ox_expression_quote (name) : g_strdup (name);
  GString *text = g_string_new (quoted);

  if (tensor == NULL || rest < 0 || tensor->rank == 0)
    return g_string_free (text, FALSE);
  for (int i = tensor->rank - 1; i >= 0; i--)
    {
      index[i] = rest % tensor->dims[i];
      rest /= tensor->dims[i];
    }
  for (int i = 0; i < tensor->rank; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "[", index[i]);
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

static void
watch_cb (OxInspector *self)
{
  g_autofree char *text = expression (self, TRUE);

  gtk_widget_activate_action (GTK_WIDGET (self), "page.watch-value", "s", text);
}

static void
origin_cb (OxInspector *self)
{
  g_autofree char *text = expression (self, FALSE);

  gtk_widget_activate_action (GTK_WIDGET (self), "page.origin", "s", text);
}

static void
append_button (OxInspector *self, const char *icon, const char *tip, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, tip);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_swapped (button, "clicked", clicked, self);
  gtk_box_append (GTK_BOX (self->of_value), button);
}

GtkWidget *
ox_inspector_new (OxFocus *focus, GActionGroup *actions)
{
  OxInspector *self = g_object_new (OX_TYPE_INSPECTOR, NULL);
  OxSheet *model_sheet;
  GtkWidget *node = make_sheet (self, &self->node_sheet), *model = make_sheet (self, &model_sheet), *scroller, *overlay, *tools;

  self->focus = g_object_ref (focus);
  self->actions = g_object_ref (actions);
  self->node_stack = make_stack (node, "sheet", "edit-select-symbolic", "No Node Selected",
                                 "Click a node of the graph or of the outline.");
  self->tensor = OX_TENSOR_VIEW (ox_tensor_view_new ());
  gtk_widget_set_margin_top (GTK_WIDGET (self->tensor), 12);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->tensor), 12);
  gtk_widget_set_margin_start (GTK_WIDGET (self->tensor), 12);
  gtk_widget_set_margin_end (GTK_WIDGET (self->tensor), 12);
  scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->tensor));
  self->pop_out = gtk_button_new_from_icon_name ("view-fullscreen-symbolic");
  gtk_widget_set_tooltip_text (self->pop_out, "Open in a Window (Ctrl+Space)");
  gtk_widget_add_css_class (self->pop_out, "flat");
  self->of_value = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  append_button (self, "find-location-symbolic", "Where It Comes From: the Selected Element, or All", G_CALLBACK (origin_cb));
  append_button (self, "view-reveal-symbolic", "Watch the Selected Element, or All", G_CALLBACK (watch_cb));
  gtk_box_append (GTK_BOX (self->of_value), self->pop_out);
  g_signal_connect_swapped (self->pop_out, "clicked", G_CALLBACK (ox_inspector_pop_out), self);
  tools = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_halign (tools, GTK_ALIGN_END);
  gtk_widget_set_valign (tools, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (tools), ox_edit_menu_button_new ());
  gtk_box_append (GTK_BOX (tools), self->of_value);
  overlay = gtk_overlay_new ();
  gtk_overlay_set_child (GTK_OVERLAY (overlay), scroller);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), tools);
  self->tensor_stack = make_stack (overlay, "view", "view-grid-symbolic", "No Value Selected",
                                   "Click an input or output of a node, or an edge.");
  gtk_stack_add_titled (self->stack, GTK_WIDGET (self->node_stack), "node", "Node");
  gtk_stack_add_titled (self->stack, GTK_WIDGET (self->tensor_stack), "tensor", "Tensor");
  gtk_stack_add_titled (self->stack, model, "model", "Model");
  self->model_sheet = model_sheet;
  ox_model_page_fill (model_sheet, ox_focus_get_model (focus), NULL);
  gtk_stack_set_visible_child_name (self->stack, "model");
  g_signal_connect_object (focus, "node-changed", G_CALLBACK (node_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "value-changed", G_CALLBACK (value_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

void
ox_inspector_set_findings (OxInspector *self, GPtrArray *findings)
{
  ox_model_page_fill (self->model_sheet, ox_focus_get_model (self->focus), findings);
}

void
ox_inspector_show_page (OxInspector *self, const char *page)
{
  gtk_stack_set_visible_child_name (self->stack, page);
}

void
ox_inspector_pop_out (OxInspector *self)
{
  OxNode *node = ox_focus_get_node (self->focus);

  if (ox_focus_get_value (self->focus, NULL) >= 0)
    {
      if (self->value != NULL)
        open_window (self);
      return;
    }
  if (node == NULL || node->output_names->len == 0 || node->outputs[0] < 0)
    return;
  self->popping = TRUE;
  ox_focus_select_value (self->focus, node->graph, node->outputs[0]);
}
