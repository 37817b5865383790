/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-edit-private.h"

#include <string.h>

#include "debug/ox-breakpoint.h"
#include "debug/ox-edit.h"
#include "ui/ox-words.h"


G_DEFINE_FINAL_TYPE (OxEditActions, ox_edit_actions, G_TYPE_OBJECT)

static guint told;

static void
ox_edit_actions_dispose (GObject *object)
{
  OxEditActions *self = OX_EDIT_ACTIONS (object);

  g_cancellable_cancel (self->working);
  g_clear_object (&self->working);
  g_clear_object (&self->focus);
  g_clear_object (&self->group);
  G_OBJECT_CLASS (ox_edit_actions_parent_class)->dispose (object);
}

static void
ox_edit_actions_class_init (OxEditActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_edit_actions_dispose;
  told = g_signal_new ("told", OX_TYPE_EDIT_ACTIONS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                       G_TYPE_BOOLEAN);
}

static void
ox_edit_actions_init (OxEditActions *self)
{
}

void
ox_edit_actions_tell (OxEditActions *self, const char *text, gboolean undo)
{
  g_autofree char *valid = ox_words_valid (text);

  g_signal_emit (self, told, 0, valid, undo);
}

/* ---- doing it again ------------------------------------------------------------------------------------------- */

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (OxEditActions) self = data;
  g_autoptr (GError) error = NULL;

  if (!ox_debugger_move_finish (OX_DEBUGGER (source), result, &error) && self->focus != NULL)
    ox_edit_actions_tell (self, error->message, FALSE);
}

void
ox_edit_actions_again (OxEditActions *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);

  if (ox_debugger_get_stop (debugger) != NULL && ox_debugger_ready (debugger, NULL))
    ox_debugger_move_async (debugger, OX_MOVE_AGAIN, NULL, NULL, moved_cb, g_object_ref (self));
  else
    ox_focus_touch (self->focus);
}

gboolean
ox_edit_actions_is_free (OxEditActions *self)
{
  gboolean running = self->working != NULL || ox_debugger_is_running (ox_focus_get_debugger (self->focus));

  if (running)
    ox_edit_actions_tell (self, "Something runs already", FALSE);
  return !running;
}

char *
ox_edit_actions_word (const char *name)
{
  gboolean plain = name[0] != '\0';

  for (const char *c = name; *c != '\0'; c++)
    plain = plain && (g_ascii_isalnum (*c) || strchr ("_./:-", *c) != NULL);
  return plain ? g_strdup (name) : g_shell_quote (name);
}

/* ---- nodes ---------------------------------------------------------------------------------------------------- */

void
ox_edit_actions_finish (OxEditActions *self, gboolean done, GError *error, const char *format, const char *name)
{
  g_autoptr (GString) text = g_string_new (format);

  if (done)
    {
      g_string_replace (text, "%s", name, 1);
      ox_edit_actions_tell (self, text->str, TRUE);
      ox_edit_actions_again (self);
    }
  else
    {
      ox_edit_actions_tell (self, error->message, FALSE);
      g_error_free (error);
    }
}

static void
pass_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxEditActions *self = data;
  OxNode *node = ox_focus_get_node (self->focus);
  const char *name = g_action_get_name (G_ACTION (action));
  gboolean mute = g_str_equal (name, "mute"), done;
  g_autofree char *title = NULL, *word = NULL, *what = NULL;
  GError *error = NULL;

  if (node == NULL || !ox_edit_actions_is_free (self))
    return;
  title = ox_node_title (node);
  word = ox_edit_actions_word (node->name[0] != '\0' ? node->name : g_ptr_array_index (node->output_names, 0));
  what = g_strdup_printf ("%s %s", name, word);
  done = ox_debugger_pass_over (ox_focus_get_debugger (self->focus), node, mute ? OX_EDIT_MUTE : OX_EDIT_IDENTITY, -1, what, &error);
  ox_edit_actions_finish (self, done, error, mute ? "“%s” is muted: its outputs are zeros" : "“%s” is passed over: its output is its input", title);
}

typedef struct
{
  OxEditActions *self;
  OxGraph       *graph;
  int            slot;
} Replacing;

/* The reference was asked on a worker. */
static void
found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Replacing *replacing = data;
  g_autoptr (OxEditActions) self = replacing->self;
  OxDebugger *debugger = OX_DEBUGGER (source);
  const char *name = ox_graph_slot (replacing->graph, replacing->slot)->name;
  GError *error = NULL;
  g_autoptr (OxValue) value = ox_debugger_reference_value_finish (debugger, result, &error);
  g_autofree char *word = NULL, *what = NULL;

  if (self->focus == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_clear_error (&error);
      return;
    }
  if (value != NULL && ox_debugger_is_running (debugger))
    {
      ox_edit_actions_tell (self, "The model runs; nothing was changed", FALSE);
      return;
    }
  word = ox_edit_actions_word (name);
  what = g_strdup_printf ("replace %s", word);
  if (value != NULL)
    ox_debugger_edit (debugger, replacing->graph, replacing->slot, value, what);
  ox_edit_actions_finish (self, value != NULL, error, "“%s” is what the reference has", name);
}

static void
reference_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxEditActions *self = data;
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  OxGraph *graph;
  int slot = ox_focus_get_value (self->focus, &graph);
  Replacing *replacing;

  if (slot < 0 || !ox_edit_actions_is_free (self))
    return;
  replacing = g_new0 (Replacing, 1);
  replacing->self = g_object_ref (self);
  replacing->graph = graph;
  replacing->slot = slot;
  ox_debugger_reference_value_async (debugger, graph, slot, NULL, found_cb, replacing);
}

/* ---- the list ------------------------------------------------------------------------------------------------- */

static void
drop (OxEditActions *self, guint i)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);

  if (i >= ox_debugger_n_edits (debugger) || !ox_edit_actions_is_free (self))
    return;
  ox_debugger_drop_edit (debugger, i);
  ox_edit_actions_again (self);
}

static void
drop_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  drop (data, g_variant_get_uint32 (parameter));
}

static void
undo_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxEditActions *self = data;
  guint n = ox_debugger_n_edits (ox_focus_get_debugger (self->focus));

  if (n > 0)
    drop (self, n - 1);
}

static void
redo_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxEditActions *self = data;

  if (ox_edit_actions_is_free (self) && ox_debugger_redo_edit (ox_focus_get_debugger (self->focus)))
    ox_edit_actions_again (self);
}

static void
enable (OxEditActions *self, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->group), name)), enabled);
}

static void
update (OxEditActions *self)
{
  static const char *const of_value[] = { "fill", "scale", "clamp", "noise", "load", "through", "element" };
  static const char *const of_node[] = { "mute", "identity", "attribute", "input", "skip", "supply" };
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  gboolean free_now = !ox_debugger_is_running (debugger);
  gboolean value = free_now && ox_focus_get_value (self->focus, NULL) >= 0, node = free_now && ox_focus_get_node (self->focus) != NULL;

  for (guint i = 0; i < G_N_ELEMENTS (of_value); i++)
    enable (self, of_value[i], value);
  for (guint i = 0; i < G_N_ELEMENTS (of_node); i++)
    enable (self, of_node[i], node);
  enable (self, "reference", value && ox_debugger_get_reference (debugger) != NULL);
  enable (self, "undo", free_now && ox_debugger_n_edits (debugger) > 0);
  enable (self, "drop", free_now && ox_debugger_n_edits (debugger) > 0);
  enable (self, "redo", free_now && ox_debugger_n_redos (debugger) > 0);
}

OxEditActions *
ox_edit_actions_new (OxFocus *focus, GtkWidget *owner, OxEditLoad load)
{
  static const GActionEntry entries[] = {
    { "fill", ox_edit_form_cb },        { "scale", ox_edit_form_cb },   { "clamp", ox_edit_form_cb },     { "noise", ox_edit_form_cb },
    { "load", ox_edit_load_cb },        { "through", ox_edit_through_cb, "s" }, { "element", ox_edit_element_cb, "x" },
    { "input", ox_edit_input_cb }, { "skip", ox_edit_skip_cb },   { "supply", ox_edit_supply_cb },
    { "mute", pass_cb },        { "identity", pass_cb }, { "attribute", ox_edit_attribute_cb, "s" }, { "reference", reference_cb },
    { "drop", drop_cb, "u" },   { "undo", undo_cb },    { "redo", redo_cb },
  };
  OxEditActions *self = g_object_new (OX_TYPE_EDIT_ACTIONS, NULL);

  self->focus = g_object_ref (focus);
  self->owner = owner;
  self->load = load;
  self->group = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->group), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (owner, "edit", G_ACTION_GROUP (self->group));
  g_signal_connect_object (focus, "value-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "node-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ox_focus_get_debugger (focus), "edits", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return self;
}

/* ---- menus ---------------------------------------------------------------------------------------------------- */

GMenuModel *
ox_edit_actions_value_menu (void)
{
  static const OxDtype types[] = { OX_F16, OX_BF16, OX_F8E4M3FN, OX_F8E4M3FNUZ, OX_F8E5M2, OX_F8E5M2FNUZ, OX_I8, OX_U8, OX_I4, OX_U4 };
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) numbers = g_menu_new (), others = g_menu_new (), through = g_menu_new ();

  g_menu_append (numbers, "_Fill…", "edit.fill");
  g_menu_append (numbers, "_Scale…", "edit.scale");
  g_menu_append (numbers, "_Clamp…", "edit.clamp");
  g_menu_append (numbers, "Add _Noise…", "edit.noise");
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *action = g_strdup_printf ("edit.through::%s", ox_dtype_name (types[i]));

      g_menu_append (through, ox_dtype_name (types[i]), action);
    }
  g_menu_append_submenu (others, "Cast _Through", G_MENU_MODEL (through));
  g_menu_append (others, "_Load from File…", "edit.load");
  g_menu_append (others, "Replace by _Reference", "edit.reference");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (numbers));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (others));
  return G_MENU_MODEL (menu);
}

GMenuModel *
ox_edit_actions_node_menu (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) run = g_menu_new (), change_it = g_menu_new (), narrower = g_menu_new (), ask = g_menu_new ();
  g_autoptr (GMenu) cases = g_menu_new ();

  g_menu_append (run, "_Run to Here", "page.to-node");
  g_menu_append (run, "_Breakpoint", "page.breakpoint");
  g_menu_append (change_it, "_Mute", "edit.mute");
  g_menu_append (change_it, "Replace by _Identity", "edit.identity");
  g_menu_append (change_it, "_Skip", "edit.skip");
  g_menu_append (change_it, "Supply _Outputs…", "edit.supply");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (run));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (change_it));
  g_menu_append (narrower, "This _Node", "page.what-if::node");
  g_menu_append (narrower, "Its _Scope", "page.what-if::scope");
  g_menu_append (narrower, "Every Such _Operator", "page.what-if::operator");
  g_menu_append_submenu (ask, "In a _Narrower Type", G_MENU_MODEL (narrower));
  g_menu_append (cases, "This _Node…", "page.test-case::node");
  g_menu_append (cases, "Its _Scope…", "page.test-case::scope");
  g_menu_append (cases, "_From Another Node to Here…", "page.test-case::between");
  g_menu_append_submenu (ask, "Export as _Test Case", G_MENU_MODEL (cases));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (ask));
  return G_MENU_MODEL (menu);
}
