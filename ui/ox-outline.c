/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-outline.h"

#include <string.h>

#include "ui/ox-breakpoints.h"
#include "ui/ox-node-list.h"
#include "ui/ox-scope-tree.h"
#include "ui/ox-watches.h"
#include "ui/ox-words.h"

/* Beyond it the chooser of graphs would be a list nobody reads. */
#define MAX_GRAPHS 2000

struct _OxOutline
{
  GtkBox parent_instance;

  GtkWidget *watches;
  OxFocus *focus;
  GtkSearchEntry *entry;
  GtkDropDown *chooser;
  GPtrArray *graphs;          /* OxGraph*, as in the chooser */
  OxNodeList *nodes;          /* flat, filtered */
  OxScopeTree *scopes;        /* of the graph that is shown */
  GtkTreeListModel *tree;     /* over one of both */
  gboolean flat;
  GtkSingleSelection *selection;
  GtkListView *list;
  GtkStack *stack;
  GtkLabel *count, *none;
  GHashTable *bound;          /* GtkListItem*: the rows that are on screen */
  gboolean following;         /* what changes comes from the focus */
};

G_DEFINE_FINAL_TYPE (OxOutline, ox_outline, GTK_TYPE_BOX)

static void
ox_outline_dispose (GObject *object)
{
  OxOutline *self = OX_OUTLINE (object);

  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  self->list = NULL;
  g_clear_pointer (&self->graphs, g_ptr_array_unref);
  g_clear_object (&self->nodes);
  g_clear_object (&self->tree);
  g_clear_object (&self->selection);
  g_clear_object (&self->focus);
  G_OBJECT_CLASS (ox_outline_parent_class)->dispose (object);
}

static void
ox_outline_finalize (GObject *object)
{
  g_hash_table_unref (OX_OUTLINE (object)->bound);
  ox_scope_tree_free (OX_OUTLINE (object)->scopes);
  G_OBJECT_CLASS (ox_outline_parent_class)->finalize (object);
}

static void
ox_outline_class_init (OxOutlineClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_outline_dispose;
  G_OBJECT_CLASS (klass)->finalize = ox_outline_finalize;
}

static const char *
state_icon (OxNodeState state)
{
  switch (state)
    {
    case OX_NODE_DONE:
      return "object-select-symbolic";
    case OX_NODE_CURRENT:
      return "media-playback-start-symbolic";
    case OX_NODE_FAILED:
      return "dialog-error-symbolic";
    case OX_NODE_UNTAKEN:
      return "action-unavailable-symbolic";
    case OX_NODE_WAITING:
      break;
    }
  return NULL;
}

/* A row of the tree: (transfer full) what it shows. */
static OxNodeItem *
row_item (gpointer row)
{
  return row != NULL ? gtk_tree_list_row_get_item (row) : NULL;
}

static void
show_state (OxOutline *self, GtkListItem *row)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  g_autoptr (OxNodeItem) item = row_item (gtk_list_item_get_item (row));
  OxNode *node = item != NULL ? ox_node_item_get_node (item) : NULL;
  GtkWidget *expander = gtk_list_item_get_child (row);
  GtkWidget *icon = gtk_widget_get_first_child (gtk_tree_expander_get_child (GTK_TREE_EXPANDER (expander)));
  OxNodeState state = OX_NODE_WAITING;
  const char *name;

  if (debugger == NULL || ox_debugger_is_running (debugger))
    return;
  gtk_widget_set_visible (icon, node != NULL);
  if (node == NULL)
    return;
  state = ox_debugger_node_state (debugger, node);
  name = state_icon (state);
  if (state != OX_NODE_CURRENT && state != OX_NODE_FAILED && ox_debugger_has_breakpoint (debugger, node))
    {
      name = "media-record-symbolic";
      state = ox_debugger_breakpoint_enabled (debugger, node) ? OX_NODE_FAILED : OX_NODE_WAITING;
    }
  else if (state == OX_NODE_DONE && ox_value_log_bad (ox_focus_get_log (self->focus), node, G_MAXUINT64) > 0)
    name = "dialog-warning-symbolic";
  gtk_image_set_from_icon_name (GTK_IMAGE (icon), name);
  gtk_widget_remove_css_class (icon, "error");
  gtk_widget_remove_css_class (icon, "ox-bad");
  gtk_widget_remove_css_class (icon, "accent");
  if (state == OX_NODE_FAILED)
    gtk_widget_add_css_class (icon, "error");
  else if (state == OX_NODE_CURRENT)
    gtk_widget_add_css_class (icon, "accent");
  else if (name != NULL && g_str_equal (name, "dialog-warning-symbolic"))
    gtk_widget_add_css_class (icon, "ox-bad");
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *row)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *icon = gtk_image_new ();
  GtkWidget *op = gtk_label_new (NULL), *name = gtk_label_new (NULL), *expander = gtk_tree_expander_new ();

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 12);
  gtk_widget_set_size_request (icon, 12, -1);
  gtk_widget_add_css_class (name, "dim-label");
  gtk_widget_add_css_class (name, "caption");
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_START);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (op), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (op), 9);
  gtk_label_set_xalign (GTK_LABEL (op), 0);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), op);
  gtk_box_append (GTK_BOX (box), name);
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), box);
  gtk_list_item_set_child (row, expander);
}

static void
bind_scope (GtkWidget *box, OxNodeItem *item)
{
  GtkWidget *count = gtk_widget_get_last_child (box);
  g_autofree char *label = ox_words_valid (ox_node_item_get_label (item));
  g_autofree char *text = g_strdup_printf ("%u", ox_node_item_get_count (item));

  gtk_label_set_text (GTK_LABEL (gtk_widget_get_prev_sibling (count)), label);
  gtk_label_set_text (GTK_LABEL (count), text);
  gtk_widget_set_tooltip_text (box, label);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *row, OxOutline *self)
{
  g_autoptr (OxNodeItem) item = row_item (gtk_list_item_get_item (row));
  OxNode *node = ox_node_item_get_node (item);
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (row));
  GtkWidget *box = gtk_tree_expander_get_child (expander), *name = gtk_widget_get_last_child (box);
  g_autofree char *op = NULL, *title = NULL, *tip = NULL;

  gtk_tree_expander_set_list_row (expander, gtk_list_item_get_item (row));
  g_hash_table_add (self->bound, row);
  if (node == NULL)
    {
      bind_scope (box, item);
      show_state (self, row);
      return;
    }
  op = ox_words_valid (node->op_type);

  /* The operator stands beside it: without a name, what it makes tells most. */
  if (*node->name == '\0' && node->output_names->len > 0)
    title = ox_words_valid (g_ptr_array_index (node->output_names, 0));
  else
    title = ox_words_node (node);
  tip = g_strdup_printf ("%s\n%s", op, title);
  if (!self->flat)
    {
      const char *last = strrchr (title, '/');
      g_autofree char *own = g_strdup (last != NULL ? last + 1 : title);

      /* The scopes around it say the rest. */
      g_free (title);
      title = g_strdup (g_str_equal (own, op) ? "" : own);
    }
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_prev_sibling (name)), op);
  gtk_label_set_text (GTK_LABEL (name), title);
  gtk_widget_set_tooltip_text (box, tip);
  show_state (self, row);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *row, OxOutline *self)
{
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (row)), NULL);
  g_hash_table_remove (self->bound, row);
}

static void
show_count (OxOutline *self)
{
  guint shown = g_list_model_get_n_items (G_LIST_MODEL (self->nodes)), all = ox_focus_get_graph (self->focus)->nodes->len;
  const char *filter = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autofree char *text = NULL;

  if (*filter != '\0')
    text = g_strdup_printf ("%u of %u nodes", shown, all);
  else
    text = g_strdup_printf (all == 1 ? "%u node" : "%u nodes", all);
  gtk_label_set_text (self->count, text);
  gtk_label_set_text (self->none, all > 0 ? "No node matches" : "This graph has no nodes");
  gtk_stack_set_visible_child_name (self->stack, shown > 0 ? "list" : "none");
}

/* The row of a node in the tree, with all around it opened; -1 if there is none. */
static int
open_row (OxOutline *self, OxNode *node)
{
  g_autoptr (GArray) path = ox_scope_tree_path (self->scopes, node);
  g_autoptr (GtkTreeListRow) row = NULL;

  for (guint i = 0; path != NULL && i < path->len; i++)
    {
      guint at = g_array_index (path, guint, i);
      GtkTreeListRow *inner;

      if (row == NULL)
        inner = gtk_tree_list_model_get_child_row (self->tree, at);
      else
        {
          gtk_tree_list_row_set_expanded (row, TRUE);
          inner = gtk_tree_list_row_get_child_row (row, at);
        }
      g_clear_object (&row);
      row = inner;
      if (row == NULL)
        return -1;
    }
  return row != NULL ? (int) gtk_tree_list_row_get_position (row) : -1;
}

/* The row of the focus's node: selected, and on screen. */
static void
follow_node (OxOutline *self)
{
  OxNode *node = ox_focus_get_node (self->focus);
  int at = -1;

  self->following = TRUE;
  if (node != NULL && self->tree != NULL)
    at = self->flat ? ox_node_list_find (self->nodes, node) : open_row (self, node);
  gtk_single_selection_set_selected (self->selection, at >= 0 ? (guint) at : GTK_INVALID_LIST_POSITION);
  if (at >= 0)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", (guint) at);
  self->following = FALSE;
}

static GListModel *
children_cb (gpointer item, gpointer data)
{
  OxOutline *self = data;

  return self->flat ? NULL : ox_scope_tree_children (self->scopes, item);
}

/* The tree of scopes; a flat list where there are none, and of what the filter finds. */
static void
make_tree (OxOutline *self)
{
  GListModel *root;

  self->following = TRUE;
  self->flat = *gtk_editable_get_text (GTK_EDITABLE (self->entry)) != '\0' || !ox_scope_tree_is_deep (self->scopes);
  root = self->flat ? G_LIST_MODEL (g_object_ref (self->nodes)) : ox_scope_tree_children (self->scopes, NULL);
  g_clear_object (&self->tree);
  self->tree = gtk_tree_list_model_new (root, FALSE, FALSE, children_cb, self, NULL);
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->tree));
  self->following = FALSE;
}

static void
follow_graph (OxOutline *self)
{
  OxGraph *graph = ox_focus_get_graph (self->focus);
  guint at;

  self->following = TRUE;
  ox_node_list_set (self->nodes, graph, FALSE);
  gtk_single_selection_set_model (self->selection, NULL);
  g_clear_object (&self->tree);
  g_clear_pointer (&self->scopes, ox_scope_tree_free);
  self->scopes = ox_scope_tree_new (graph);
  if (g_ptr_array_find (self->graphs, graph, &at))
    gtk_drop_down_set_selected (self->chooser, at);
  self->following = FALSE;
  make_tree (self);
  show_count (self);
  follow_node (self);
}

static void
state_changed_cb (OxOutline *self)
{
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, self->bound);
  while (g_hash_table_iter_next (&iter, &row, NULL))
    show_state (self, row);
}

static void
selected_cb (OxOutline *self)
{
  g_autoptr (OxNodeItem) item = row_item (gtk_single_selection_get_selected_item (self->selection));

  if (!self->following && item != NULL && ox_node_item_get_node (item) != NULL)
    ox_focus_select_node (self->focus, ox_node_item_get_node (item));
}

static void
filter_cb (OxOutline *self)
{
  self->following = TRUE;
  ox_node_list_filter (self->nodes, gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  self->following = FALSE;
  make_tree (self);
  show_count (self);
  follow_node (self);
}

/* A scope opens and closes with Enter or a double click. */
static void
activate_cb (GtkListView *list, guint position, OxOutline *self)
{
  g_autoptr (GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (row != NULL && gtk_tree_list_row_is_expandable (row))
    gtk_tree_list_row_set_expanded (row, !gtk_tree_list_row_get_expanded (row));
}

/* Enter in the filter takes the first that is found. */
static void
first_cb (OxOutline *self)
{
  g_autoptr (OxNodeItem) item = g_list_model_get_item (G_LIST_MODEL (self->nodes), 0);

  if (item != NULL)
    ox_focus_select_node (self->focus, ox_node_item_get_node (item));
}

/* Escape: first the filter goes, then the keyboard goes back to the graph. */
static void
stop_cb (OxOutline *self)
{
  if (*gtk_editable_get_text (GTK_EDITABLE (self->entry)) != '\0')
    gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "page.focus-graph", NULL);
}

/* Down in the filter goes into the list. */
static gboolean
entry_key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, OxOutline *self)
{
  if (key != GDK_KEY_Down)
    return FALSE;
  gtk_widget_child_focus (GTK_WIDGET (self->stack), GTK_DIR_DOWN);
  return TRUE;
}

static void
chosen_cb (OxOutline *self)
{
  guint at = gtk_drop_down_get_selected (self->chooser);

  if (!self->following && at < self->graphs->len)
    ox_focus_show_graph (self->focus, g_ptr_array_index (self->graphs, at));
}

static void
add_graph (OxGraph *graph, gpointer data)
{
  GPtrArray *graphs = data;

  if (graphs->len < MAX_GRAPHS)
    g_ptr_array_add (graphs, graph);
}

static void
fill_chooser (OxOutline *self)
{
  OxModel *model = ox_focus_get_model (self->focus);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  ox_model_foreach_graph (model, add_graph, self->graphs);
  for (guint i = 0; i < self->graphs->len; i++)
    {
      g_autofree char *path = ox_graph_path (g_ptr_array_index (self->graphs, i)), *valid = ox_words_valid (path);

      gtk_string_list_append (names, valid);
    }
  self->following = TRUE;
  gtk_drop_down_set_model (self->chooser, G_LIST_MODEL (names));
  self->following = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self->chooser), self->graphs->len > 1);
}

static void
ox_outline_init (OxOutline *self)
{
  self->bound = g_hash_table_new (NULL, NULL);
  self->graphs = g_ptr_array_new ();
  self->nodes = ox_node_list_new ();
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
}

/* A path of graphs is longer than the panel is wide: its end tells most. */
static void
chooser_setup_cb (GtkSignalListItemFactory *factory, GtkListItem *row)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_START);
  gtk_list_item_set_child (row, label);
}

static void
chooser_bind_cb (GtkSignalListItemFactory *factory, GtkListItem *row)
{
  GtkStringObject *text = gtk_list_item_get_item (row);

  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (row)), gtk_string_object_get_string (text));
  gtk_widget_set_tooltip_text (gtk_list_item_get_child (row), gtk_string_object_get_string (text));
}

GtkWidget *
ox_outline_new (OxFocus *focus)
{
  OxOutline *self = g_object_new (OX_TYPE_OUTLINE, NULL);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new (), *chooser = gtk_signal_list_item_factory_new ();
  GtkWidget *scroller = gtk_scrolled_window_new (), *top = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *none;
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->focus = g_object_ref (focus);
  self->entry = GTK_SEARCH_ENTRY (gtk_search_entry_new ());
  g_object_set (self->entry, "placeholder-text", "Filter nodes", NULL);
  gtk_search_entry_set_search_delay (self->entry, 60);
  g_signal_connect_swapped (self->entry, "search-changed", G_CALLBACK (filter_cb), self);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (first_cb), self);
  g_signal_connect_swapped (self->entry, "stop-search", G_CALLBACK (stop_cb), self);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (entry_key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->entry), keys);
  self->chooser = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  g_signal_connect (chooser, "setup", G_CALLBACK (chooser_setup_cb), NULL);
  g_signal_connect (chooser, "bind", G_CALLBACK (chooser_bind_cb), NULL);
  gtk_drop_down_set_factory (self->chooser, chooser);
  g_object_unref (chooser);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->chooser), "The graph that is shown");
  g_signal_connect_swapped (self->chooser, "notify::selected", G_CALLBACK (chosen_cb), self);
  self->count = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->count, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "caption");
  gtk_widget_set_margin_top (top, 9);
  gtk_widget_set_margin_bottom (top, 6);
  gtk_widget_set_margin_start (top, 9);
  gtk_widget_set_margin_end (top, 9);
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->entry));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->chooser));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->count));
  gtk_box_append (GTK_BOX (self), top);

  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_swapped (self->selection, "notify::selected", G_CALLBACK (selected_cb), self);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), self);
  self->list = GTK_LIST_VIEW (gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), factory));
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "navigation-sidebar");
  g_signal_connect (self->list, "activate", G_CALLBACK (activate_cb), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  none = gtk_label_new (NULL);
  self->none = GTK_LABEL (none);
  gtk_widget_add_css_class (none, "dim-label");
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, scroller, "list");
  gtk_stack_add_named (self->stack, none, "none");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->stack));
  gtk_box_append (GTK_BOX (self), ox_breakpoints_new (focus));
  self->watches = ox_watches_new (focus);
  gtk_box_append (GTK_BOX (self), self->watches);

  fill_chooser (self);
  follow_graph (self);
  g_signal_connect_object (focus, "graph-changed", G_CALLBACK (follow_graph), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "node-changed", G_CALLBACK (follow_node), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ox_focus_get_log (focus), "changed", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

void
ox_outline_find (OxOutline *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  gtk_editable_select_region (GTK_EDITABLE (self->entry), 0, -1);
}

GtkWidget *
ox_outline_get_watches (OxOutline *self)
{
  return self->watches;
}
