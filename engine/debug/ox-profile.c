/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-profile.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* What has begun and not ended: a node with bodies, or one of its frames. */
typedef struct
{
  gint64  start;
  OxNode *node;
  char   *frame;       /* where the node stands; the title of the frame itself */
  guint64 frame_id;
  gboolean is_frame;
} Open;

/* What the tap has seen of the node that this turn completes. */
typedef struct
{
  gboolean there;
  GString *inputs, *outputs;     /* "{"float":[1,3]},…" */
  guint64  activations, parameters, written;
} Seen;

typedef struct
{
  GOutputStream    *stream;
  GString          *out;
  gint64            origin;
  GArray           *open;        /* Open */
  Seen              seen;
  OxSessionTap      tap;
  gpointer          data;
  OxProfileSummary *summary;
  gboolean          begun;       /* there is an event before the next one */
  GError           *error;       /* of the file */
} Profile;

static void
put_json_text (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p++)
    if (*p == '"' || *p == '\\')
      g_string_append_printf (out, "\\%c", *p);
    else if ((guchar) *p < 0x20 || *p == 0x7f)
      g_string_append_printf (out, "\\u%04x", (guint) *p);
    else
      g_string_append_c (out, *p);
  g_string_append_c (out, '"');
}

static void
put_member (GString *out, const char *name, const char *text)
{
  g_string_append_printf (out, ",\"%s\" : ", name);
  put_json_text (out, text);
}

/* Numbers in the arguments are texts, as ONNX Runtime writes them. */
static void
put_size (GString *out, const char *name, guint64 size)
{
  g_string_append_printf (out, ",\"%s\" : \"%" G_GUINT64_FORMAT "\"", name, size);
}

static void
flush (Profile *self, gsize limit)
{
  if (self->out->len < limit || self->error != NULL)
    return;
  /* A file that is stopped halfway is no JSON: cancelling ends the run, not the writing. */
  g_output_stream_write_all (self->stream, self->out->str, self->out->len, NULL, NULL, &self->error);
  g_string_truncate (self->out, 0);
}

static void
begin_event (Profile *self, const char *category, gint64 start, gint64 end, const char *name, const char *suffix)
{
  g_autofree char *whole = g_strconcat (name, suffix, NULL);
  int pid = (int) getpid ();

  g_string_append_printf (self->out, "%s\n{\"cat\" : \"%s\",\"pid\" :%d,\"tid\" :%d,\"dur\" :%" G_GINT64_FORMAT
                          ",\"ts\" :%" G_GINT64_FORMAT ",\"ph\" : \"X\",\"name\" :",
                          self->begun ? "," : "", category, pid, pid, MAX (end - start, 0), start - self->origin);
  put_json_text (self->out, whole);
  self->begun = TRUE;
}

/* ---- what a node read and wrote -------------------------------------------------------------------------------- */

static void
put_type (GString *list, const OxTensor *tensor)
{
  g_string_append_printf (list, "%s{\"%s\":[", list->len > 0 ? "," : "", ox_dtype_onnx_name (tensor->dtype));
  for (int i = 0; i < tensor->rank; i++)
    g_string_append_printf (list, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "", tensor->dims[i]);
  g_string_append (list, "]}");
}

static gboolean
is_parameter (const OxSlot *slot)
{
  return slot != NULL && (slot->initializer != NULL || (slot->producer != NULL && g_str_equal (slot->producer->op_type, "Constant")));
}

static void
look (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  Profile *self = data;
  Seen *seen = &self->seen;

  seen->there = TRUE;
  seen->activations = seen->parameters = seen->written = 0;
  g_string_truncate (seen->inputs, 0);
  g_string_truncate (seen->outputs, 0);
  for (guint i = 0; i < node->input_names->len; i++)
    {
      const OxValue *value = ox_frame_value (frame, node->inputs[i]);

      if (value == NULL)
        continue;
      if (value->kind == OX_VALUE_TENSOR)
        put_type (seen->inputs, value->tensor);
      *(is_parameter (ox_node_input_slot (node, (int) i)) ? &seen->parameters : &seen->activations) += ox_value_bytes (value);
    }
  for (guint i = 0; i < node->output_names->len; i++)
    if (outputs[i] != NULL)
      {
        if (outputs[i]->kind == OX_VALUE_TENSOR)
          put_type (seen->outputs, outputs[i]->tensor);
        seen->written += ox_value_bytes (outputs[i]);
      }
  if (self->tap != NULL)
    self->tap (session, frame, node, outputs, self->data);
}

/* ---- events ---------------------------------------------------------------------------------------------------- */

/* @seen is NULL for a node that was begun and did not end. */
static void
put_node (Profile *self, const OxNode *node, const char *frame, gint64 start, gint64 end, const Seen *seen)
{
  g_autofree char *other = node->name[0] == '\0' ? g_strdup_printf ("%s_%u", node->op_type, node->index) : NULL;
  g_autofree char *path = ox_graph_path (node->graph);
  GString *out = self->out;

  begin_event (self, "Node", start, end, other != NULL ? other : node->name, "_kernel_time");
  g_string_append (out, ",\"args\" : {\"op_name\" : ");
  put_json_text (out, node->op_type);
  put_member (out, "provider", "CPUExecutionProvider");
  put_size (out, "node_index", node->index);
  put_member (out, "graph", path);
  put_member (out, "frame", frame);
  if (node->output_names->len > 0)
    put_member (out, "output", g_ptr_array_index (node->output_names, 0));
  if (seen != NULL)
    {
      put_size (out, "activation_size", seen->activations);
      put_size (out, "parameter_size", seen->parameters);
      put_size (out, "output_size", seen->written);
      g_string_append_printf (out, ",\"input_type_shape\" : [%s],\"output_type_shape\" : [%s]", seen->inputs->str,
                              seen->outputs->str);
    }
  else
    put_member (out, "failed", "the node did not end");
  g_string_append (out, "}}");
  flush (self, 1 << 16);
}

static void
put_frame (Profile *self, const Open *open, gint64 end)
{
  begin_event (self, "Frame", open->start, end, open->frame, "");
  g_string_append_printf (self->out, ",\"args\" : {\"frame_id\" : \"%" G_GUINT64_FORMAT "\"}}", open->frame_id);
  flush (self, 1 << 16);
}

static void
push (Profile *self, gint64 start, OxNode *node, OxFrame *frame, gboolean is_frame)
{
  Open open = { start, node, ox_frame_label (frame), frame->id, is_frame };

  g_array_append_val (self->open, open);
}

/* Ends the innermost that is open. */
static void
pop (Profile *self, gint64 end, const Seen *seen)
{
  Open *open = &g_array_index (self->open, Open, self->open->len - 1);

  if (open->is_frame)
    put_frame (self, open, end);
  else
    put_node (self, open->node, open->frame, open->start, end, seen);
  g_free (open->frame);
  g_array_set_size (self->open, self->open->len - 1);
}

static void
count_node (Profile *self, const OxNode *node, double seconds)
{
  OxProfileSummary *summary = self->summary;

  summary->nodes++;
  if (node == NULL || (summary->slowest != NULL && !(seconds > summary->slowest_seconds)))
    return;
  g_free (summary->slowest);
  summary->slowest = ox_node_title (node);
  summary->slowest_seconds = seconds;
}

static void
add_turn (Profile *self, const OxTurn *turn, gint64 start, gint64 end)
{
  const Seen *seen = self->seen.there ? &self->seen : NULL;

  switch (turn->kind)
    {
    case OX_TURN_NODE:
      {
        g_autofree char *label = ox_frame_label (turn->frame);

        put_node (self, turn->node, label, start, MIN (start + (gint64) (turn->seconds * 1e6 + 0.5), end), seen);
        count_node (self, turn->node, turn->seconds);
        break;
      }
    case OX_TURN_ENTERED:
      if (!turn->again)
        push (self, start, turn->node, turn->frame->parent, FALSE);
      push (self, start, turn->node, turn->frame, TRUE);
      break;
    case OX_TURN_LEFT:
      pop (self, end, NULL);
      /* Its results were the last that the node waited for. */
      if (seen != NULL)
        {
          pop (self, end, seen);
          count_node (self, NULL, 0);
        }
      break;
    default:
      break;
    }
}

static gboolean
run (Profile *self, OxSession *session, GCancellable *cancellable, GError **error)
{
  gint64 start = self->origin, end;
  OxTurnKind kind;

  ox_session_set_tap (session, look, self);
  do
    {
      OxTurn turn;

      self->seen.there = FALSE;
      start = g_get_monotonic_time ();
      kind = ox_session_turn (session, &turn, cancellable, error);
      if (kind != OX_TURN_FAILED)
        add_turn (self, &turn, start, g_get_monotonic_time ());
    }
  while (kind != OX_TURN_ENDED && kind != OX_TURN_FAILED);
  end = g_get_monotonic_time ();
  ox_session_set_tap (session, NULL, NULL);
  while (self->open->len > 0)
    pop (self, end, NULL);
  begin_event (self, "Session", self->origin, end, "model_run", "");
  g_string_append (self->out, ",\"args\" : {}}\n]\n");
  flush (self, 0);
  self->summary->seconds = (double) (end - self->origin) / 1e6;
  return kind == OX_TURN_ENDED;
}

gboolean
ox_profile_run (OxSession *session, const char *path, OxSessionTap tap, gpointer data, OxProfileSummary *summary,
                GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_auto (OxProfileSummary) own = { 0 };
  g_autoptr (GError) cause = NULL;
  Profile self = { .tap = tap, .data = data, .summary = summary != NULL ? summary : &own };
  gboolean ok;

  *self.summary = (OxProfileSummary) { 0 };
  self.stream = G_OUTPUT_STREAM (g_file_replace (file, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, NULL, &cause));
  if (self.stream == NULL)
    return ox_fail (error, OX_ERROR_FILE, "%s: %s", path, cause->message);
  self.out = g_string_new ("[");
  self.open = g_array_new (FALSE, FALSE, sizeof (Open));
  self.seen = (Seen) { .inputs = g_string_new (NULL), .outputs = g_string_new (NULL) };
  self.origin = g_get_monotonic_time ();
  ok = run (&self, session, cancellable, error);
  g_output_stream_close (self.stream, NULL, self.error == NULL ? &self.error : NULL);
  if (self.error != NULL && ok)
    ok = ox_fail (error, OX_ERROR_FILE, "%s: %s", path, self.error->message);
  g_clear_error (&self.error);
  g_object_unref (self.stream);
  g_string_free (self.seen.inputs, TRUE);
  g_string_free (self.seen.outputs, TRUE);
  g_string_free (self.out, TRUE);
  g_array_unref (self.open);
  return ok;
}

void
ox_profile_summary_clear (OxProfileSummary *summary)
{
  g_clear_pointer (&summary->slowest, g_free);
}
