/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-debugger-private.h"

static void
note (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer shapes)
{
  ox_shapes_note (shapes, frame, node, outputs);
}

/* Types and shapes of all that was computed so far, from a run of its own. */
static OxShapes *
shapes_so_far (OxDebugger *self, GCancellable *cancellable)
{
  g_autoptr (OxSession) session = ox_debugger_new_session (self, FALSE);
  g_autoptr (OxShapes) shapes = ox_shapes_new ();

  ox_session_set_tap (session, note, shapes);
  while (ox_session_turns (session) < ox_session_turns (self->session))
    if (ox_session_turn (session, NULL, cancellable, NULL) == OX_TURN_FAILED)
      return NULL;
  return g_steal_pointer (&shapes);
}

OxFailure *
ox_debugger_explain (OxDebugger *self, OxFrame *frame, OxNode *node, const GError *error, GCancellable *cancellable)
{
  OxDescentSource source = { .session = self->session, .trace = self->trace };
  g_autoptr (OxShapes) shapes = NULL;
  OxFailure *failure;

  /* What a frame could not hand to the node that opened it is not of that node's inputs. */
  while (frame != NULL && frame->graph != node->graph)
    frame = frame->parent;
  if (frame == NULL)
    return NULL;
  failure = ox_failure_new (&source, frame, node, error);
  if (!source.missing)
    return failure;
  shapes = shapes_so_far (self, cancellable);
  if (shapes == NULL)
    return failure;
  ox_failure_free (failure);
  source.shapes = shapes;
  return ox_failure_new (&source, frame, node, error);
}

/* ---- passing it over ------------------------------------------------------------------------------------------ */

static gboolean
same_type (const OxValue *a, const OxValue *b)
{
  g_autofree char *x = a != NULL ? ox_value_describe (a) : NULL, *y = b != NULL ? ox_value_describe (b) : NULL;

  return g_strcmp0 (x, y) == 0;
}

static gboolean
all_alike (const GPtrArray *a, const GPtrArray *b)
{
  for (guint i = 0; i < a->len; i++)
    if (!same_type (g_ptr_array_index (a, i), g_ptr_array_index (b, i)))
      return FALSE;
  return TRUE;
}

/* What each output is to be. */
static char *
put_outputs (OxFrame *frame, const OxNode *node, const GPtrArray *values)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint o = 0; o < values->len; o++)
    {
      const OxValue *value = g_ptr_array_index (values, o);
      g_autofree char *type = value != NULL ? ox_value_describe (value) : NULL;
      const char *from = NULL;

      if (value == NULL)
        continue;
      for (guint i = 0; from == NULL && i < node->input_names->len; i++)
        if (node->inputs[i].slot >= 0 && (ox_frame_value (frame, node->inputs[i]) == value))
          from = g_ptr_array_index (node->input_names, i);
      g_string_append_printf (text, "%s is %s%s%s: %s\n", (const char *) g_ptr_array_index (node->output_names, o),
                              from != NULL ? "what '" : "zeros", from != NULL ? from : "", from != NULL ? "' is" : "", type);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
ox_debugger_skip (OxDebugger *self, OxNode *node, const char *what, char **said, GError **error)
{
  OxFrame *frame = ox_debugger_frame_of (self, node->graph);
  g_autoptr (GPtrArray) zeros = NULL, passed = NULL;
  OxEditKind how;

  *said = NULL;
  if (frame == NULL)
    return ox_fail (error, OX_ERROR_VALUE, "expected a node that the run has come to; mute and identity take any");
  zeros = ox_session_pass_try (self->session, frame, node, OX_PASS_ZEROS, -1, NULL, error);
  passed = ox_session_pass_try (self->session, frame, node, OX_PASS_IDENTITY, -1, NULL, NULL);
  if (zeros == NULL && passed == NULL)
    {
      if (error != NULL && *error != NULL)
        ox_error_prefix (error, "it cannot be skipped; supply takes its outputs from files");
      return FALSE;
    }
  if (zeros == NULL)
    g_clear_error (error);
  how = passed != NULL && (zeros == NULL || all_alike (zeros, passed)) ? OX_EDIT_IDENTITY : OX_EDIT_MUTE;
  if (!ox_debugger_pass_over (self, node, how, -1, what, error))
    return FALSE;
  *said = put_outputs (frame, node, how == OX_EDIT_MUTE ? zeros : passed);
  return TRUE;
}
