/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-expression.h"
#include "protocol/ox-protocol-private.h"

/* "setVariable": an element, a whole value, an attribute. The run is done again from there, as far as the change reaches. */

typedef struct
{
  OxProtocol *self;
  OxHandle    target;      /* kind VALUE: which; ATTRIBUTES: of which node */
  char       *name, *text;
  gint64      element;     /* -1: all of it */
  guint64     frame_id;    /* where one stood */
  OxNode     *node;
} Change;

static void
change_free (Change *change)
{
  g_free (change->name);
  g_free (change->text);
  g_free (change);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Change, change_free)

static gboolean
read_number (const char *text, double *number, GError **error)
{
  g_autofree char *word = g_strstrip (g_strdup (text));
  char *end;

  *number = g_ascii_strtod (word, &end);
  if (end != word && *end == '\0')
    return TRUE;
  if (g_ascii_strcasecmp (word, "true") != 0 && g_ascii_strcasecmp (word, "false") != 0)
    return ox_fail (error, OX_ERROR_VALUE, "expected a number, found '%s'", text);
  *number = g_ascii_strcasecmp (word, "true") == 0;
  return TRUE;
}

/* "[1,2]", as elements are called. */
static gboolean
read_element (const OxTensor *tensor, const char *name, gint64 *element, GError **error)
{
  const gsize n = strlen (name);
  g_autofree char *inside = n >= 2 ? g_strndup (name + 1, n - 2) : g_strdup ("");
  g_auto (GStrv) parts = g_strsplit (inside, ",", -1);

  *element = 0;
  if (n < 2 || name[0] != '[' || name[n - 1] != ']' || (int) g_strv_length (parts) != tensor->rank)
    return ox_fail (error, OX_ERROR_VALUE, "expected an element such as [0,3], with %d indices, found '%s'", tensor->rank, name);
  for (int d = 0; d < tensor->rank; d++)
    {
      gint64 i;

      if (tensor->dims[d] == 0 || !g_ascii_string_to_signed (g_strstrip (parts[d]), 10, 0, tensor->dims[d] - 1, &i, NULL))
        return ox_fail (error, OX_ERROR_VALUE, "expected an index of 0 to %" G_GINT64_FORMAT ", found '%s'", tensor->dims[d] - 1,
                        parts[d]);
      *element = *element * tensor->dims[d] + i;
    }
  return TRUE;
}

static gboolean
is_moved (const Change *change)
{
  OxDebugger *debugger = change->self->debugger;
  const OxStop *stop = ox_debugger_get_stop (debugger);

  return stop->reason == OX_STOP_FAILED || stop->reason == OX_STOP_INTERRUPTED || stop->node != change->node
         || (stop->frame != NULL ? stop->frame->id : 0) != change->frame_id;
}

static void
again_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Change) change = data;
  OxProtocol *self = change->self;
  JsonBuilder *body = NULL;
  GError *error = NULL;

  self->quiet = FALSE;
  if (ox_debugger_move_finish (self->debugger, result, &error))
    {
      g_autoptr (OxValue) value = change->target.kind == OX_HANDLE_VALUE
                                    ? ox_debugger_peek_value (self->debugger, change->target.graph, change->target.slot) : NULL;

      body = ox_body_new ();
      if (value != NULL && change->element < 0)
        ox_protocol_put_value (self, body, value, &change->target);
      else
        ox_put_text (body, "value", change->text);
    }
  if (body != NULL && !self->over && self->leaving == NULL)
    {
      if (is_moved (change))
        {
          ox_protocol_expire (self);
          ox_protocol_tell_stop (self);
        }
      else if (self->invalidates)
        {
          JsonBuilder *event = ox_body_new ();

          ox_put_array (event, "areas");
          json_builder_add_string_value (event, "variables");
          json_builder_end_array (event);
          ox_protocol_event (self, "invalidated", event);
        }
    }
  ox_protocol_looked (self, body, error);
}

/* Values stay what they are called, so that other variables may be looked at and changed after this. */
static void
do_again (Change *change)
{
  OxProtocol *self = change->self;

  self->quiet = TRUE;
  ox_debugger_move_async (self->debugger, OX_MOVE_AGAIN, NULL, self->cancellable, again_cb, change);
}

/* A file, a number for all elements, or one element. */
static OxValue *
changed_value (Change *change, OxValue *value, const char *element, GError **error)
{
  OxTensor *tensor = ox_value_get_tensor (value), *changed = NULL;
  const OxSlot *slot = ox_graph_slot (change->target.graph, change->target.slot);
  double number;

  if (element == NULL && !read_number (change->text, &number, NULL))
    return change->self->host.load (change->text, slot->type, error);
  if (tensor == NULL)
    ox_fail (error, OX_ERROR_VALUE, "'%s' is no tensor: expected a file", slot->name);
  else if (element == NULL)
    changed = ox_edit_fill (tensor, number, error);
  else if (read_element (tensor, element, &change->element, error) && read_number (change->text, &number, error))
    changed = ox_edit_element (tensor, change->element, number, error);
  return changed != NULL ? ox_value_new_tensor (changed) : NULL;
}

static void
value_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Change) change = data;
  OxProtocol *self = change->self;
  const OxSlot *slot = ox_graph_slot (change->target.graph, change->target.slot);
  const char *element = change->element == 0 ? change->name : NULL;
  g_autofree char *quoted = g_shell_quote (slot->name), *what = NULL;
  GError *error = NULL;
  g_autoptr (OxValue) value = ox_debugger_dup_value_finish (OX_DEBUGGER (source), result, &error);
  g_autoptr (OxValue) changed = NULL;
  double number;

  if (value == NULL && error == NULL)
    ox_fail (&error, OX_ERROR_VALUE, "'%s' is not computed yet", slot->name);
  if (value != NULL)
    changed = changed_value (change, value, element, &error);
  if (changed == NULL)
    {
      ox_protocol_looked (self, NULL, error);
      return;
    }
  what = element != NULL ? g_strdup_printf ("set %s%s %s", quoted, element, change->text)
                         : g_strdup_printf ("%s %s %s", read_number (change->text, &number, NULL) ? "fill" : "set", quoted, change->text);
  ox_debugger_edit (self->debugger, change->target.graph, change->target.slot, changed, what);
  do_again (g_steal_pointer (&change));
}

static gboolean
change_attribute (OxProtocol *self, OxRequest *request, Change *change, GError **error)
{
  OxNode *node = change->target.node;
  g_autofree char *title = ox_node_title (node), *quoted = g_shell_quote (title);
  g_autofree char *what = g_strdup_printf ("attribute %s %s %s", quoted, change->name, change->text);
  OxAttribute *attribute = ox_debugger_parse_attribute (self->debugger, node, change->name, change->text, error);
  gboolean done;

  if (attribute == NULL)
    return FALSE;
  done = ox_debugger_edit_attribute (self->debugger, node, change->name, attribute, what, error);
  ox_attribute_free (attribute);
  return done;
}

/* The slot that is called @name in a scope. */
static gboolean
find_slot (OxHandle *target, const char *name)
{
  target->kind = OX_HANDLE_VALUE;
  for (; target->graph != NULL; target->graph = target->graph->outer)
    if ((target->slot = ox_graph_find (target->graph, name)) >= 0)
      return TRUE;
  return FALSE;
}

gboolean
ox_protocol_set_variable (OxProtocol *self, OxRequest *request, GError **error)
{
  g_autoptr (Change) change = g_new0 (Change, 1);
  const OxStop *stop = ox_debugger_get_stop (self->debugger);
  const char *name = NULL, *text = NULL;
  const OxHandle *handle, *root;
  OxHandle target;
  gint64 number = 0;

  if (!ox_arguments_need_count (request->arguments, "variablesReference", 1, G_MAXINT32, &number, error)
      || !ox_arguments_need_text (request->arguments, "name", &name, error)
      || !ox_arguments_need_text (request->arguments, "value", &text, error)
      || (handle = ox_protocol_handle (self, number, error)) == NULL)
    return FALSE;
  change->self = self;
  change->name = g_strdup (name);
  change->text = g_strdup (text);
  change->element = -1;
  change->frame_id = stop != NULL && stop->frame != NULL ? stop->frame->id : 0;
  change->node = stop != NULL ? stop->node : ox_graph_node (ox_debugger_get_model (self->debugger)->graph, 0);
  root = ox_protocol_root (self, handle);
  if (handle->kind == OX_HANDLE_ATTRIBUTES)
    {
      change->target = *handle;
      if (!change_attribute (self, request, change, error))
        return FALSE;
      ox_protocol_look (self, request);
      do_again (g_steal_pointer (&change));
      return TRUE;
    }
  if (root != NULL && root->kind == OX_HANDLE_VALUE && (handle == root || handle->kind == OX_HANDLE_RANGE))
    {
      change->target = *root;
      change->element = 0;
      for (; handle != root; handle = ox_protocol_handle (self, handle->parent, NULL))
        if (handle->kind != OX_HANDLE_RANGE)
          return ox_fail (error, OX_ERROR_VALUE, "a part of a value that is no tensor cannot be changed");
    }
  else if (handle->parent != 0 || handle->kind == OX_HANDLE_FRAME || handle->kind == OX_HANDLE_HELD)
    return ox_fail (error, OX_ERROR_VALUE, "'%s' cannot be changed: it is no value of the run, nor an element of one", name);
  else
    {
      change->target = *handle;
      if (!find_slot (&change->target, name))
        return ox_fail (error, OX_ERROR_VALUE, "there is no value '%s'", name);
    }
  ox_protocol_look (self, request);
  target = change->target;
  ox_debugger_dup_value_async (self->debugger, target.graph, target.slot, self->cancellable, value_cb, g_steal_pointer (&change));
  return TRUE;
}
