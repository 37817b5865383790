/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-trace-file.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "core/ox-error.h"
#include "tensor/ox-tensor-file.h"

/* Names may be long, lines are no books. */
#define MAX_LINE (1u << 20)

struct _OxTraceFile
{
  char        *path;
  char        *model, *hash, *hashing, *failure;
  GPtrArray   *rows;       /* OxTraceRow */
  OxNpzReader *values;     /* opened when one is asked for */
  guint64      left;       /* turns, see ox_trace_file_left() */
  gboolean     ended;
};

static void
row_free (gpointer data)
{
  OxTraceRow *row = data;

  g_free (row->where);
  g_free (row->node);
  g_free (row->op_type);
  g_free (row->output);
  g_free (row->value);
  g_free (row->hash);
  g_free (row->stored);
  g_free (row);
}

void
ox_trace_file_free (OxTraceFile *self)
{
  g_free (self->path);
  g_free (self->model);
  g_free (self->hash);
  g_free (self->hashing);
  g_free (self->failure);
  g_ptr_array_unref (self->rows);
  g_clear_pointer (&self->values, ox_npz_reader_free);
  g_free (self);
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

/* One object without objects or lists in it: a parser that recurses sees no others. */
static gboolean
is_flat (const char *line)
{
  gboolean inside = FALSE;

  if (line[0] != '{')
    return FALSE;
  for (const char *p = line + 1; *p != '\0'; p++)
    if (inside && *p == '\\' && p[1] != '\0')
      p++;
    else if (*p == '"')
      inside = !inside;
    else if (!inside && (*p == '{' || *p == '['))
      return FALSE;
  return TRUE;
}

/* Members of another type than expected are as good as missing. (transfer full) */
static char *
text_of (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);
  const char *text = node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
                       ? json_node_get_string (node) : NULL;

  return g_strdup (text);
}

static double
number_of (JsonObject *object, const char *key, double otherwise)
{
  JsonNode *node = json_object_get_member (object, key);
  GType type = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double (node) : otherwise;
}

static gint64
count_of (JsonObject *object, const char *key)
{
  double number = number_of (object, key, 0);

  return number >= 0 && number < 9e15 ? (gint64) number : 0;
}

static gboolean
add_row (OxTraceFile *self, JsonObject *object, GError **error)
{
  OxTraceRow *row = g_new0 (OxTraceRow, 1);

  g_ptr_array_add (self->rows, row);
  row->turn = (guint64) count_of (object, "turn");
  row->frame = (guint64) count_of (object, "frame");
  row->index = (guint) MIN (count_of (object, "index"), G_MAXINT);
  row->where = text_of (object, "where");
  row->node = text_of (object, "node");
  row->op_type = text_of (object, "op");
  row->output = text_of (object, "output");
  row->value = text_of (object, "value");
  row->hash = text_of (object, "hash");
  row->stored = text_of (object, "stored");
  row->seconds = number_of (object, "seconds", 0);
  row->min = number_of (object, "min", NAN);
  row->max = number_of (object, "max", NAN);
  row->mean = number_of (object, "mean", NAN);
  row->std = number_of (object, "std", NAN);
  row->has_numbers = !isnan (row->min) && !isnan (row->max);
  row->nan = count_of (object, "nan");
  row->inf = count_of (object, "inf");
  if (row->output == NULL || row->value == NULL || row->hash == NULL)
    return ox_fail (error, OX_ERROR_FORMAT, "a value needs \"output\", \"value\" and \"hash\"");
  row->where = row->where != NULL ? row->where : g_strdup ("main");
  row->node = row->node != NULL ? row->node : g_strdup ("");
  row->op_type = row->op_type != NULL ? row->op_type : g_strdup ("");
  return TRUE;
}

static gboolean
read_line (OxTraceFile *self, JsonParser *parser, const char *line, gboolean first, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *format = NULL;
  JsonNode *root;
  JsonObject *object;

  if (!is_flat (line))
    return ox_fail (error, OX_ERROR_FORMAT, "expected an object without others in it");
  if (!json_parser_load_from_data (parser, line, -1, &cause))
    return ox_fail (error, OX_ERROR_FORMAT, "%s", cause->message);
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return ox_fail (error, OX_ERROR_FORMAT, "expected an object");
  object = json_node_get_object (root);
  if (first)
    {
      format = text_of (object, "format");
      if (g_strcmp0 (format, "oxtrace 1") != 0 && g_strcmp0 (format, "oxtrace 2") != 0)
        return ox_fail (error, OX_ERROR_FORMAT, "expected the format 'oxtrace 1' or 'oxtrace 2', found '%s'",
                        format != NULL ? format : "");
      self->hashing = g_str_equal (format, "oxtrace 1") ? g_strdup ("sha256") : text_of (object, "hash");
      if (self->hashing == NULL)
        return ox_fail (error, OX_ERROR_FORMAT, "the first line needs \"hash\"");
      self->model = text_of (object, "model");
      self->hash = text_of (object, "model_hash");
      return TRUE;
    }
  if (json_object_has_member (object, "output"))
    return add_row (self, object, error);
  if (json_object_has_member (object, "failed") && self->failure == NULL)
    self->failure = text_of (object, "failed");
  if (json_object_has_member (object, "left"))
    self->left = (guint64) count_of (object, "turns");
  self->ended = TRUE;
  return TRUE;
}

OxTraceFile *
ox_trace_file_open (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = ox_npz_read_text (path, "trace.jsonl", error);
  g_autoptr (OxTraceFile) self = NULL;
  g_autoptr (JsonParser) parser = NULL;
  const char *p, *end;
  gsize size;

  if (bytes == NULL)
    return NULL;
  self = g_new0 (OxTraceFile, 1);
  self->path = g_strdup (path);
  self->rows = g_ptr_array_new_with_free_func (row_free);
  parser = json_parser_new ();
  p = g_bytes_get_data (bytes, &size);
  end = p + size;
  for (guint number = 1; p != NULL && p < end; number++)
    {
      const char *next = memchr (p, '\n', (gsize) (end - p));
      gsize length = (gsize) ((next != NULL ? next : end) - p);
      g_autofree char *line = length <= MAX_LINE ? g_strndup (p, length) : NULL;

      if (line == NULL || !g_utf8_validate (line, (gssize) length, NULL))
        ox_fail (error, OX_ERROR_FORMAT, line == NULL ? "the line is too long" : "the line is not UTF-8");
      if (line == NULL || !g_utf8_validate (line, (gssize) length, NULL)
          || !read_line (self, parser, line, number == 1, error))
        {
          ox_error_prefix (error, "%s: trace.jsonl, line %u", path, number);
          return NULL;
        }
      p += length + 1;
    }
  if (self->model == NULL || !self->ended)
    {
      ox_fail (error, OX_ERROR_FORMAT, "%s: trace.jsonl is cut off", path);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* ---- looking --------------------------------------------------------------------------------------------------- */

const char *
ox_trace_file_path (OxTraceFile *self)
{
  return self->path;
}

const char *
ox_trace_file_model (OxTraceFile *self)
{
  return self->model;
}

const char *
ox_trace_file_hash (OxTraceFile *self)
{
  return self->hash != NULL ? self->hash : "";
}

const char *
ox_trace_file_hashing (OxTraceFile *self)
{
  return self->hashing;
}

const char *
ox_trace_file_failure (OxTraceFile *self)
{
  return self->failure;
}

guint64
ox_trace_file_left (OxTraceFile *self)
{
  return self->left;
}

guint
ox_trace_file_length (OxTraceFile *self)
{
  return self->rows->len;
}

const OxTraceRow *
ox_trace_file_row (OxTraceFile *self, guint i)
{
  return i < self->rows->len ? g_ptr_array_index (self->rows, i) : NULL;
}

OxValue *
ox_trace_file_value (OxTraceFile *self, const OxTraceRow *row, GError **error)
{
  OxDtype dtype = OX_UNDEFINED;
  g_autofree char *type = g_strndup (row->value, strcspn (row->value, " "));
  OxTensor *tensor;

  if (row->stored == NULL)
    {
      ox_fail (error, OX_ERROR_VALUE, "%s: '%s' is there by its hash only", self->path, row->output);
      return NULL;
    }
  if (self->values == NULL && (self->values = ox_npz_reader_new (self->path, error)) == NULL)
    return NULL;
  dtype = ox_dtype_from_name (type);
  tensor = ox_npz_reader_get (self->values, row->stored, dtype, error);
  return tensor != NULL ? ox_value_new_tensor (tensor) : NULL;
}

/* ---- two of them ----------------------------------------------------------------------------------------------- */

static char *
describe (const OxTraceFile *self, const OxTraceRow *row)
{
  if (row != NULL)
    return g_strdup_printf ("%s '%s' in %s", row->op_type[0] != '\0' ? row->op_type : "input", row->output, row->where);
  return g_strdup (self->left > 0 ? "it was left" : "the end");
}

static gboolean
same_number (double a, double b)
{
  return a == b || (isnan (a) && isnan (b));
}

static gboolean
same_statistics (const OxTraceRow *a, const OxTraceRow *b)
{
  return same_number (a->min, b->min) && same_number (a->max, b->max) && same_number (a->mean, b->mean)
         && same_number (a->std, b->std) && a->nan == b->nan && a->inf == b->inf;
}

gint64
ox_trace_file_differ (OxTraceFile *self, OxTraceFile *other, char **text)
{
  guint n = MAX (self->rows->len, other->rows->len);
  gboolean bits = strcmp (self->hashing, other->hashing) == 0;

  *text = NULL;
  for (guint i = 0; i < n; i++)
    {
      const OxTraceRow *a = ox_trace_file_row (self, i), *b = ox_trace_file_row (other, i);
      g_autofree char *here = describe (self, a), *there = describe (other, b);

      if (a == NULL || b == NULL || strcmp (a->output, b->output) != 0 || strcmp (a->op_type, b->op_type) != 0
          || a->frame != b->frame)
        *text = g_strdup_printf ("another order: %s, and %s there", here, there);
      else if (strcmp (a->value, b->value) != 0)
        *text = g_strdup_printf ("%s: %s, and %s there", here, a->value, b->value);
      else if (bits ? strcmp (a->hash, b->hash) != 0 : !same_statistics (a, b))
        *text = g_strdup_printf ("%s: %s, other bits; mean %g and %g, min %g and %g, max %g and %g", here, a->value, a->mean, b->mean,
                                 a->min, b->min, a->max, b->max);
      if (*text != NULL)
        return i;
    }
  return -1;
}
