/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-edit.h"
#include "ui/ox-edit-private.h"
#include "ui/ox-words.h"

/* Attributes that are changed: typed, or a tensor from a file. */

typedef struct
{
  OxEditActions *self;
  OxNode        *node;
  char          *name;
} Attribute;

static void
attribute_free (gpointer data)
{
  Attribute *attribute = data;

  g_object_unref (attribute->self);
  g_free (attribute->name);
  g_free (attribute);
}

static Attribute *
attribute_new (OxEditActions *self, OxNode *node, const char *name)
{
  Attribute *attribute = g_new0 (Attribute, 1);

  attribute->self = g_object_ref (self);
  attribute->node = node;
  attribute->name = g_strdup (name);
  return attribute;
}

/* As a command calls it. (transfer full) */
static char *
word_of (const OxNode *node)
{
  return ox_edit_actions_word (node->name[0] != '\0' ? node->name : g_ptr_array_index (node->output_names, 0));
}

static char *
check_attribute (const char *text, gpointer data)
{
  const Attribute *attribute = data;
  g_autoptr (GError) error = NULL;
  OxAttribute *parsed;

  if (attribute->self->focus == NULL)
    return g_strdup ("The model is closed");
  parsed = ox_debugger_parse_attribute (ox_focus_get_debugger (attribute->self->focus), attribute->node, attribute->name,
                                        text, &error);
  g_clear_pointer (&parsed, ox_attribute_free);
  return error != NULL ? g_strdup (error->message) : NULL;
}

static void
attribute_text_cb (const char *text, gpointer data)
{
  const Attribute *attribute = data;
  OxEditActions *self = attribute->self;
  OxNode *node = attribute->node;
  g_autofree char *word = NULL, *value = NULL, *what = NULL;
  GError *error = NULL;
  OxAttribute *parsed;
  gboolean done;

  if (self->focus == NULL || !ox_edit_actions_is_free (self))
    return;
  parsed = ox_debugger_parse_attribute (ox_focus_get_debugger (self->focus), node, attribute->name, text, &error);
  word = word_of (node);
  value = ox_edit_actions_word (text);
  what = g_strdup_printf ("attribute %s %s %s", word, attribute->name, value);
  done = parsed != NULL
         && ox_debugger_edit_attribute (ox_focus_get_debugger (self->focus), node, attribute->name, parsed, what, &error);
  g_clear_pointer (&parsed, ox_attribute_free);
  ox_edit_actions_finish (self, done, error, "“%s” was changed", attribute->name);
}

/* ---- tensors from files ---------------------------------------------------------------------------------------- */

typedef struct
{
  Attribute *attribute;
  char      *path;
  OxValue   *value;
} Loading;

static void
loading_free (gpointer data)
{
  Loading *loading = data;

  attribute_free (loading->attribute);
  g_clear_pointer (&loading->value, ox_value_unref);
  g_free (loading->path);
  g_free (loading);
}

static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Loading *loading = data;
  GError *error = NULL;

  loading->value = loading->attribute->self->load (loading->path, NULL, &error);
  if (loading->value != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxEditActions *self = OX_EDIT_ACTIONS (source);
  const Loading *loading = g_task_get_task_data (G_TASK (result));
  const Attribute *of = loading->attribute;
  g_autofree char *word = NULL, *path = NULL, *what = NULL;
  GError *error = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error);
  OxAttribute *attribute;

  g_clear_object (&self->working);
  if (self->focus == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || (done && !ox_edit_actions_is_free (self)))
    {
      g_clear_error (&error);
      return;
    }
  attribute = done ? ox_edit_attribute_value (of->name, loading->value, &error) : NULL;
  word = word_of (of->node);
  path = ox_edit_actions_word (loading->path);
  what = g_strdup_printf ("attribute %s %s %s", word, of->name, path);
  done = attribute != NULL
         && ox_debugger_edit_attribute (ox_focus_get_debugger (self->focus), of->node, of->name, attribute, what, &error);
  g_clear_pointer (&attribute, ox_attribute_free);
  ox_edit_actions_finish (self, done, error, "“%s” was changed", of->name);
}

static void
file_cb (GtkNativeDialog *chooser, int response, Attribute *attribute)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  OxEditActions *self = attribute->self;
  g_autoptr (GTask) task = NULL;
  Loading *loading;

  g_object_unref (chooser);
  if (path == NULL || self->focus == NULL || !ox_edit_actions_is_free (self))
    {
      attribute_free (attribute);
      return;
    }
  loading = g_new0 (Loading, 1);
  loading->attribute = attribute;
  loading->path = g_steal_pointer (&path);
  self->working = g_cancellable_new ();
  task = g_task_new (self, self->working, loaded_cb, NULL);
  g_task_set_task_data (task, loading, loading_free);
  g_task_run_in_thread (task, load_thread);
}

static void
load_cb (gpointer data)
{
  const Attribute *attribute = data;
  GtkRoot *root = gtk_widget_get_root (attribute->self->owner);
  GtkFileChooserNative *chooser;

  chooser = gtk_file_chooser_native_new ("Load a Value", GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                         GTK_FILE_CHOOSER_ACTION_OPEN, "_Load", "_Cancel");
  g_signal_connect (chooser, "response", G_CALLBACK (file_cb),
                    attribute_new (attribute->self, attribute->node, attribute->name));
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* What can be typed: a tensor in the type and shape it has. */
static char *
tensor_words (const GPtrArray *attributes, const char *name)
{
  for (guint i = 0; i < attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (attributes, i);
      g_autofree char *words = g_str_equal (attribute->name, name) ? ox_words_attribute (attribute, 60) : NULL;

      if (words != NULL)
        return g_strdup_printf ("It is %s. As many elements with commas between, or one number for all.", words);
    }
  return g_strdup ("It is not set: its type and shape come from a file.");
}

/* ---- asking ------------------------------------------------------------------------------------------------*/

void
ox_edit_attribute_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxEditActions *self = data;
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  OxNode *node = ox_focus_get_node (self->focus);
  const char *name = g_variant_get_string (parameter, NULL);
  g_autofree char *heading = NULL, *body = NULL, *title = NULL, *text = NULL, *words = NULL;
  gboolean tensor;

  if (node == NULL || !ox_edit_actions_is_free (self))
    return;
  title = ox_node_title (node);
  heading = g_strdup_printf ("Change “%s”", name);
  tensor = ox_debugger_attribute_type (debugger, node, name, NULL) == OX_ATTR_TENSOR;
  words = tensor ? tensor_words (ox_debugger_node_attributes (debugger, node), name) : NULL;
  body = g_strdup_printf ("Of “%s”, for this run: the model stays as it is.%s%s", title, tensor ? " " : "",
                          tensor ? words : "");
  text = ox_edit_attribute_text (ox_debugger_node_attributes (debugger, node), name);
  ox_edit_dialog_text_or (self->owner, heading, body, name, text != NULL ? text : "", check_attribute, attribute_text_cb,
                          tensor ? "_Load from File…" : NULL, load_cb, attribute_new (self, node, name), attribute_free);
}
