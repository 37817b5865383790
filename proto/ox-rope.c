/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "proto/ox-rope.h"

#include <string.h>

/* Pieces in order; the last one may still grow. */
struct _OxRope
{
  GPtrArray  *pieces;   /* GBytes* */
  GByteArray *open;
  gsize       length;
};

OxRope *
ox_rope_new (void)
{
  OxRope *rope = g_new0 (OxRope, 1);

  rope->pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  rope->open = g_byte_array_new ();
  return rope;
}

void
ox_rope_free (OxRope *rope)
{
  g_ptr_array_unref (rope->pieces);
  g_byte_array_unref (rope->open);
  g_free (rope);
}

gsize
ox_rope_length (const OxRope *rope)
{
  return rope->length;
}

static void
append (OxRope *rope, gconstpointer data, gsize size)
{
  if (size == 0)
    return;
  g_byte_array_append (rope->open, data, (guint) size);
  rope->length += size;
}

static void
close_piece (OxRope *rope)
{
  if (rope->open->len == 0)
    return;
  g_ptr_array_add (rope->pieces, g_byte_array_free_to_bytes (rope->open));
  rope->open = g_byte_array_new ();
}

static void
append_varint (OxRope *rope, guint64 v)
{
  guint8 buffer[10];
  guint n = 0;

  do
    {
      buffer[n++] = (guint8) ((v & 127) | (v > 127 ? 128 : 0));
      v >>= 7;
    }
  while (v != 0);
  append (rope, buffer, n);
}

static void
append_tag (OxRope *rope, guint field, guint wire)
{
  append_varint (rope, (guint64) field << 3 | wire);
}

void
ox_rope_int (OxRope *rope, guint field, gint64 value)
{
  append_tag (rope, field, 0);
  append_varint (rope, (guint64) value);
}

void
ox_rope_float (OxRope *rope, guint field, float value)
{
  append_tag (rope, field, 5);
  append (rope, &value, sizeof value);
}

void
ox_rope_data (OxRope *rope, guint field, gconstpointer data, gsize size)
{
  append_tag (rope, field, 2);
  append_varint (rope, size);
  append (rope, data, size);
}

void
ox_rope_text (OxRope *rope, guint field, const char *text)
{
  if (text != NULL)
    ox_rope_data (rope, field, text, strlen (text));
}

void
ox_rope_raw (OxRope *rope, GBytes *fields)
{
  if (fields == NULL || g_bytes_get_size (fields) == 0)
    return;
  close_piece (rope);
  g_ptr_array_add (rope->pieces, g_bytes_ref (fields));
  rope->length += g_bytes_get_size (fields);
}

void
ox_rope_bytes (OxRope *rope, guint field, GBytes *bytes)
{
  append_tag (rope, field, 2);
  append_varint (rope, g_bytes_get_size (bytes));
  ox_rope_raw (rope, bytes);
}

void
ox_rope_message (OxRope *rope, guint field, OxRope *inner)
{
  append_tag (rope, field, 2);
  append_varint (rope, inner->length);
  for (guint i = 0; i < inner->pieces->len; i++)
    {
      GBytes *piece = g_ptr_array_index (inner->pieces, i);

      /* Small pieces are worth copying, so that a graph of many nodes does not become a list of many pieces. */
      if (g_bytes_get_size (piece) < 256)
        append (rope, g_bytes_get_data (piece, NULL), g_bytes_get_size (piece));
      else
        ox_rope_raw (rope, piece);
    }
  append (rope, inner->open->data, inner->open->len);
  ox_rope_free (inner);
}

gboolean
ox_rope_write (const OxRope *rope, GOutputStream *stream, GError **error)
{
  for (guint i = 0; i < rope->pieces->len; i++)
    {
      gsize size;
      gconstpointer data = g_bytes_get_data (g_ptr_array_index (rope->pieces, i), &size);

      if (!g_output_stream_write_all (stream, data, size, NULL, NULL, error))
        return FALSE;
    }
  return rope->open->len == 0
         || g_output_stream_write_all (stream, rope->open->data, rope->open->len, NULL, NULL, error);
}

GBytes *
ox_rope_to_bytes (const OxRope *rope)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();

  if (!ox_rope_write (rope, stream, NULL) || !g_output_stream_close (stream, NULL, NULL))
    return NULL;
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (stream));
}
