/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-trace-file.h"

#include <math.h>
#include <string.h>

#include "core/ox-error.h"
#include "core/ox-hash.h"
#include "core/ox-parallel.h"
#include "tensor/ox-statistics.h"
#include "tensor/ox-tensor-file.h"

/* ---- hashes ---------------------------------------------------------------------------------------------------- */

/* Elements are hashed in tiles, on all threads. */
#define TILE 65536

typedef struct
{
  const guint8 *data;
  gsize         size;
  guint64      *hashes;
} Tiles;

static void
hash_range (gint64 begin, gint64 end, gpointer data)
{
  const Tiles *tiles = data;

  for (gint64 i = begin; i < end; i++)
    {
      const gsize at = (gsize) i * TILE;

      tiles->hashes[i] = GUINT64_TO_LE (ox_hash64 (tiles->data + at, MIN (TILE, tiles->size - at), 0));
    }
}

static void
hash_tiles (GChecksum *sum, GBytes *bytes)
{
  Tiles tiles = { 0 };
  gsize n;

  tiles.data = g_bytes_get_data (bytes, &tiles.size);
  n = tiles.size / TILE + (tiles.size % TILE != 0);
  if (n == 0)
    return;
  tiles.hashes = g_new (guint64, n);
  ox_parallel_for ((gint64) n, 4, hash_range, &tiles);
  g_checksum_update (sum, (const guchar *) tiles.hashes, (gssize) (n * sizeof (guint64)));
  g_free (tiles.hashes);
}

static gboolean
hash_tensor (GChecksum *sum, OxTensor *tensor, GError **error)
{
  g_autofree char *shape = ox_tensor_shape_string (tensor);
  g_autofree char *head = g_strdup_printf ("%s %s;", ox_dtype_name (tensor->dtype), shape);
  g_autoptr (GBytes) bytes = NULL;

  g_checksum_update (sum, (const guchar *) head, (gssize) strlen (head));
  if (tensor->dtype == OX_STR)
    {
      /* With its terminator, so that "ab", "c" is not "a", "bc". */
      for (gint64 i = 0; i < tensor->count; i++)
        {
          const char *text = ox_tensor_get_string (tensor, i);

          g_checksum_update (sum, (const guchar *) text, (gssize) strlen (text) + 1);
        }
      return TRUE;
    }
  bytes = ox_tensor_pack (tensor, error);
  if (bytes == NULL)
    return FALSE;
  hash_tiles (sum, bytes);
  return TRUE;
}

/* Values nest no deeper than what made them. */
static gboolean
hash_value (GChecksum *sum, const OxValue *value, GError **error)
{
  g_autofree char *head = g_strdup_printf ("%d:%u;", (int) value->kind, ox_value_n_items (value));

  g_checksum_update (sum, (const guchar *) head, (gssize) strlen (head));
  if (value->kind == OX_VALUE_SPARSE)
    {
      g_autofree char *shape = ox_shape_to_string (value->rank, value->dims);

      g_checksum_update (sum, (const guchar *) shape, (gssize) strlen (shape));
    }
  if ((value->tensor != NULL && !hash_tensor (sum, value->tensor, error))
      || (value->indices != NULL && !hash_tensor (sum, value->indices, error))
      || (value->keys != NULL && !hash_tensor (sum, value->keys, error)))
    return FALSE;
  for (guint i = 0; i < ox_value_n_items (value); i++)
    if (!hash_value (sum, ox_value_get_item (value, i), error))
      return FALSE;
  return TRUE;
}

char *
ox_value_hash (const OxValue *value, GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  return hash_value (sum, value, error) ? g_strndup (g_checksum_get_string (sum), 32) : NULL;
}

/* ---- recording ------------------------------------------------------------------------------------------------- */

typedef struct
{
  OxSession           *session;
  OxNpzWriter         *file;
  const OxTraceValues *values;
  OxSessionTap         tap;
  gpointer             data;
  GString             *lines, *pending;    /* of the turn that is being done */
  GHashTable          *names;              /* of what is stored */
  guint                n_pending;
  GError              *error;              /* of the file */
} Recorder;

static void
put_text (GString *out, const char *key, const char *text)
{
  g_string_append_printf (out, "%s\"%s\":\"", out->str[out->len - 1] == '{' ? "" : ",", key);
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
put_number (GString *out, const char *key, double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (isfinite (number))
    g_string_append_printf (out, ",\"%s\":%s", key, g_ascii_dtostr (text, sizeof text, number));
}

static void
put_count (GString *out, const char *key, guint64 count)
{
  g_string_append_printf (out, ",\"%s\":%" G_GUINT64_FORMAT, key, count);
}

static gboolean
is_to_store (const Recorder *self, const char *name, const OxValue *value)
{
  return value->kind == OX_VALUE_TENSOR && self->values->most > 0 && ox_value_bytes (value) <= self->values->most
         && (self->values->pattern == NULL || g_pattern_match_simple (self->values->pattern, name));
}

/* What is said of a value, inputs and outputs alike. */
static void
put_value (Recorder *self, GString *out, const char *name, const char *key, OxValue *value)
{
  g_autofree char *what = ox_value_describe (value), *hash = ox_value_hash (value, &self->error);
  OxTensor *tensor = ox_value_get_tensor (value);
  OxStatistics s = { 0 };

  put_text (out, "value", what);
  if (hash == NULL)
    return;
  if (tensor != NULL)
    ox_statistics_compute (tensor, &s);
  if (s.numeric && s.finite > 0)
    {
      put_number (out, "min", s.min);
      put_number (out, "max", s.max);
      put_number (out, "mean", s.mean);
      put_number (out, "std", s.std);
    }
  if (s.nan > 0)
    put_count (out, "nan", (guint64) s.nan);
  if (s.pos_inf + s.neg_inf > 0)
    put_count (out, "inf", (guint64) (s.pos_inf + s.neg_inf));
  put_text (out, "hash", hash);
  if (is_to_store (self, name, value) && !g_hash_table_contains (self->names, key))
    {
      g_hash_table_add (self->names, g_strdup (key));
      put_text (out, "stored", key);
      ox_npz_writer_add (self->file, key, tensor, &self->error);
    }
}

static void
tap (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  Recorder *self = data;
  g_autofree char *where = ox_frame_label (frame);

  if (self->tap != NULL)
    self->tap (session, frame, node, outputs, self->data);
  for (guint i = 0; i < node->output_names->len && self->error == NULL; i++)
    {
      const char *name = g_ptr_array_index (node->output_names, i);
      g_autofree char *key = NULL;

      if (outputs[i] == NULL || name[0] == '\0')
        continue;
      key = frame->id == 0 ? g_strdup (name) : g_strdup_printf ("%s#%" G_GUINT64_FORMAT, name, frame->id);
      g_string_append_c (self->pending, '{');
      put_text (self->pending, "output", name);
      put_count (self->pending, "turn", ox_session_turns (session) + 1);
      put_count (self->pending, "frame", frame->id);
      put_text (self->pending, "where", where);
      put_count (self->pending, "index", node->index);
      put_text (self->pending, "node", node->name);
      put_text (self->pending, "op", node->op_type);
      put_value (self, self->pending, name, key, outputs[i]);
      g_string_append_c (self->pending, '\n');
      self->n_pending++;
    }
}

/* The turn is done, and how long it took is known. */
static void
flush (Recorder *self, double seconds)
{
  g_auto (GStrv) lines = g_strsplit (self->pending->str, "\n", -1);

  for (guint i = 0; i < self->n_pending; i++)
    {
      g_string_append (self->lines, lines[i]);
      if (seconds > 0)
        put_number (self->lines, "seconds", seconds);
      g_string_append (self->lines, "}\n");
    }
  g_string_truncate (self->pending, 0);
  self->n_pending = 0;
}

static void
put_head (Recorder *self)
{
  const OxModel *model = ox_session_get_model (self->session);
  g_autofree char *hash = model->file != NULL ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, model->file) : NULL;

  g_string_append_c (self->lines, '{');
  put_text (self->lines, "format", "oxtrace 2");
  put_text (self->lines, "hash", OX_TRACE_HASH);
  put_text (self->lines, "model", model->path != NULL ? model->path : "");
  put_text (self->lines, "model_hash", hash != NULL ? hash : "");
  g_string_append (self->lines, "}\n");
  for (guint i = 0; i < model->graph->inputs->len && self->error == NULL; i++)
    {
      const char *name = ox_graph_slot (model->graph, g_array_index (model->graph->inputs, int, i))->name;
      OxValue *value = ox_session_get_input (self->session, name);

      if (value == NULL)
        continue;
      g_string_append_c (self->lines, '{');
      put_text (self->lines, "output", name);
      put_count (self->lines, "turn", 0);
      put_text (self->lines, "where", "main");
      put_value (self, self->lines, name, name, value);
      g_string_append (self->lines, "}\n");
    }
}

gboolean
ox_trace_values_parse (const char *text, OxTraceValues *values, GError **error)
{
  guint64 bytes;

  *values = (OxTraceValues){ 0 };
  if (text == NULL || strcmp (text, "none") == 0)
    return TRUE;
  if (text[0] == '\0')
    return ox_fail (error, OX_ERROR_VALUE, "expected none, all, a number of bytes or a pattern of names");
  values->most = G_MAXSIZE;
  if (strcmp (text, "all") == 0)
    return TRUE;
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXSIZE, &bytes, NULL))
    values->most = (gsize) bytes;
  else
    values->pattern = text;
  return TRUE;
}

static gboolean
run (Recorder *self, guint64 turns, GCancellable *cancellable, GError **error)
{
  OxTurnKind kind = OX_TURN_NODE;

  while (kind != OX_TURN_ENDED && kind != OX_TURN_FAILED && self->error == NULL && ox_session_turns (self->session) < turns)
    {
      OxTurn turn;

      kind = ox_session_turn (self->session, &turn, cancellable, error);
      flush (self, turn.seconds);
    }
  return kind != OX_TURN_FAILED;
}

gboolean
ox_trace_record (OxSession *session, const char *path, const OxTraceValues *values, OxSessionTap other, gpointer data,
                 GCancellable *cancellable, GError **error)
{
  return ox_trace_record_turns (session, G_MAXUINT64, path, values, other, data, cancellable, error);
}

gboolean
ox_trace_record_turns (OxSession *session, guint64 turns, const char *path, const OxTraceValues *values, OxSessionTap other,
                       gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (GString) lines = g_string_new (NULL), pending = g_string_new (NULL);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Recorder self = { .session = session, .values = values, .tap = other, .data = data, .lines = lines, .pending = pending,
                    .names = names };
  g_autoptr (GError) failure = NULL;
  gboolean ok;

  self.file = ox_npz_writer_new (path, error);
  if (self.file == NULL)
    return FALSE;
  put_head (&self);
  ox_session_set_tap (session, tap, &self);
  ok = self.error == NULL && run (&self, turns, cancellable, &failure);
  ox_session_set_tap (session, other, data);
  if (failure != NULL)
    {
      g_string_append_c (lines, '{');
      put_text (lines, "failed", failure->message);
      g_string_append (lines, "}\n");
    }
  else
    g_string_append_printf (lines, "{\"turns\":%" G_GUINT64_FORMAT "%s}\n", ox_session_turns (session),
                            ox_session_depth (session) > 0 ? ",\"left\":true" : "");
  if (self.error == NULL)
    ox_npz_writer_add_text (self.file, "trace.jsonl", lines->str, lines->len, &self.error);
  ox_npz_writer_close (self.file, self.error == NULL ? &self.error : NULL);
  if (failure != NULL)
    {
      g_clear_error (&self.error);
      g_propagate_error (error, g_steal_pointer (&failure));
    }
  else if (self.error != NULL)
    {
      g_propagate_error (error, self.error);
      ok = FALSE;
    }
  return ok;
}
