/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "proto/ox-wire.h"

#include <string.h>

#include "core/ox-memory.h"
#include "model/ox-graph.h"
#include "onnx.pb-c.h"

/* Where cuts are noted: a field number that no file may use. */
#define CUT_FIELD 536870911u
/* A graph inside a graph is three messages deeper; what hangs below the innermost is a few more. */
#define MAX_DEPTH (OX_MAX_NESTING * 3 + 16)

typedef struct
{
  const guint8 *start;
  GByteArray   *out;
  GCancellable *cancellable;
  guint         fields;
  GError      **error;
} Walk;

gboolean
ox_wire_varint (const guint8 **p, const guint8 *end, guint64 *value)
{
  guint64 v = 0;

  for (int shift = 0; shift < 70 && *p < end; shift += 7)
    {
      guint8 byte = *(*p)++;

      if (shift < 64)
        v |= (guint64) (byte & 127) << shift;
      if (byte < 128)
        {
          *value = v;
          return TRUE;
        }
    }
  return FALSE;
}

static void
put_varint (GByteArray *out, guint64 v)
{
  guint8 buffer[10];
  guint n = 0;

  do
    {
      buffer[n++] = (guint8) ((v & 127) | (v > 127 ? 128 : 0));
      v >>= 7;
    }
  while (v != 0);
  g_byte_array_append (out, buffer, n);
}

static gboolean
is_tensor_data (guint field)
{
  return field == 4 || field == 5 || field == 7 || field == 9 || field == 10 || field == 11;
}

static gboolean
is_cut (const ProtobufCMessageDescriptor *type, guint field)
{
  if (type == &onnx__tensor_proto__descriptor)
    return is_tensor_data (field);
  if (type == &onnx__node_proto__descriptor)
    return field == 10;
  if (type == &onnx__graph_proto__descriptor)
    return field == 14;
  if (type == &onnx__model_proto__descriptor)
    return field == 20 || field == 26;
  return FALSE;
}

static int
wire_type_of (const ProtobufCFieldDescriptor *field)
{
  switch (field->type)
    {
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
      return 5;
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
      return 1;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
      return 2;
    default:
      return 0;
    }
}

static gboolean
fail_walk (Walk *walk, const guint8 *at, const ProtobufCMessageDescriptor *type, guint field, const char *problem)
{
  const ProtobufCFieldDescriptor *known = protobuf_c_message_descriptor_get_field (type, field);
  gsize offset = (gsize) (at - walk->start);

  if (field == 0)
    return ox_fail (walk->error, OX_ERROR_FORMAT, "byte %" G_GSIZE_FORMAT ", in a %s: %s", offset, type->short_name,
                    problem);
  if (known != NULL)
    return ox_fail (walk->error, OX_ERROR_FORMAT, "byte %" G_GSIZE_FORMAT ", %s.%s: %s", offset, type->short_name,
                    known->name, problem);
  return ox_fail (walk->error, OX_ERROR_FORMAT, "byte %" G_GSIZE_FORMAT ", field %u of a %s: %s", offset, field,
                  type->short_name, problem);
}

static void
note_cut (Walk *walk, guint field, const guint8 *data, guint64 length)
{
  guint64 note[3] = { field, (guint64) (data - walk->start), length };

  put_varint (walk->out, (guint64) CUT_FIELD << 3 | 2);
  put_varint (walk->out, sizeof note);
  g_byte_array_append (walk->out, (const guint8 *) note, sizeof note);
}

/* Bounded by MAX_DEPTH. */
static gboolean
walk_message (Walk *walk, const ProtobufCMessageDescriptor *type, const guint8 *p, const guint8 *end, int depth)
{
  if (depth > MAX_DEPTH)
    return fail_walk (walk, p, type, 0, "messages are nested too deeply (more than 64 graphs or types inside each other)");
  while (p < end)
    {
      const guint8 *begin = p;
      const ProtobufCFieldDescriptor *field;
      guint64 tag, length = 0;
      guint number, wire;

      if ((++walk->fields & 0xffff) == 0 && g_cancellable_set_error_if_cancelled (walk->cancellable, walk->error))
        return FALSE;
      if (!ox_wire_varint (&p, end, &tag))
        return fail_walk (walk, begin, type, 0, "the file ends inside a field, or this is not protobuf");
      wire = tag & 7;
      if (tag >> 3 == 0 || tag >> 3 >= CUT_FIELD)
        return fail_walk (walk, begin, type, 0, "there is no such field number; this is not protobuf");
      number = (guint) (tag >> 3);
      field = protobuf_c_message_descriptor_get_field (type, number);
      switch (wire)
        {
        case 0:
          if (!ox_wire_varint (&p, end, &length))
            return fail_walk (walk, begin, type, number, "the file ends inside a number");
          break;
        case 1:
        case 5:
          length = wire == 1 ? 8 : 4;
          if (length > (guint64) (end - p))
            return fail_walk (walk, begin, type, number, "the file ends inside a number");
          p += length;
          break;
        case 2:
          if (!ox_wire_varint (&p, end, &length))
            return fail_walk (walk, begin, type, number, "the file ends inside a length");
          if (length > (guint64) (end - p))
            {
              g_autofree char *problem
                = g_strdup_printf ("needs %" G_GUINT64_FORMAT " bytes, %" G_GUINT64_FORMAT " are left: the file is cut off or damaged",
                                   length, (guint64) (end - p));

              return fail_walk (walk, begin, type, number, problem);
            }
          p += length;
          break;
        default:
          return fail_walk (walk, begin, type, number, "is of a kind that ONNX does not use; this is not protobuf");
        }
      if (field != NULL && (int) wire != wire_type_of (field)
          && !(wire == 2 && field->label == PROTOBUF_C_LABEL_REPEATED && wire_type_of (field) != 2))
        return fail_walk (walk, begin, type, number, "is of another kind than in an ONNX file");
      if (wire == 2 && is_cut (type, number) && type == &onnx__tensor_proto__descriptor)
        note_cut (walk, number, p - length, length);
      else if (wire == 2 && is_cut (type, number))
        note_cut (walk, number, begin, (guint64) (p - begin));
      else if (wire == 2 && field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE)
        {
          static const guint8 room[5] = { 0 };
          guint at, size;

          /* The length is written when it is known, as five bytes whatever it is. */
          put_varint (walk->out, tag);
          at = walk->out->len;
          g_byte_array_append (walk->out, room, sizeof room);
          if (!walk_message (walk, field->descriptor, p - length, p, depth + 1))
            return FALSE;
          size = walk->out->len - at - (guint) sizeof room;
          for (int i = 0; i < 5; i++)
            walk->out->data[at + (guint) i] = (guint8) ((size >> (7 * i) & 127) | (i < 4 ? 128 : 0));
        }
      else
        g_byte_array_append (walk->out, begin, (guint) (p - begin));
      /* GByteArray counts in guint; all but the bulk of a model is far smaller. */
      if (walk->out->len > G_MAXINT32)
        return fail_walk (walk, begin, type, number, "a model of more than 2 GB without its weights cannot be opened");
    }
  return TRUE;
}

/* protobuf-c turns an empty message of two bytes into a struct of hundreds: what it takes is counted. */
typedef struct
{
  gsize used, limit;
} Budget;

static void *
budget_alloc (void *data, size_t size)
{
  Budget *budget = data;

  if (size > budget->limit - budget->used)
    return NULL;
  budget->used += size;
  return g_try_malloc (size);
}

static void
budget_free (void *data, void *pointer)
{
  g_free (pointer);
}

ProtobufCMessage *
ox_wire_unpack (GBytes *bytes, const ProtobufCMessageDescriptor *type, GCancellable *cancellable, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  Walk walk = { data, out, cancellable, 0, error };
  Budget budget = { 0, ox_memory_get_limit () };
  ProtobufCAllocator allocator = { budget_alloc, budget_free, &budget };
  ProtobufCMessage *message;

  if (!walk_message (&walk, type, data, size > 0 ? data + size : data, 0))
    return NULL;
  message = protobuf_c_message_unpack (type, &allocator, out->len, out->data);
  if (message == NULL && budget.limit - budget.used < (1u << 20))
    ox_fail (error, OX_ERROR_MEMORY, "its description alone needs more than %" G_GSIZE_FORMAT " MB of memory",
             budget.limit >> 20);
  else if (message == NULL)
    ox_fail (error, OX_ERROR_FORMAT, "it cannot be read as a %s", type->short_name);
  return message;
}

static gboolean
is_note (const ProtobufCMessageUnknownField *field)
{
  return field->tag == CUT_FIELD;
}

GArray *
ox_wire_cuts (const ProtobufCMessage *message)
{
  GArray *cuts = NULL;

  for (unsigned i = 0; i < message->n_unknown_fields; i++)
    {
      const ProtobufCMessageUnknownField *field = &message->unknown_fields[i];
      guint64 note[3];
      OxCut cut;

      if (!is_note (field) || field->len < sizeof note)
        continue;
      /* The length stands before the content. */
      memcpy (note, field->data + (field->len - sizeof note), sizeof note);
      cut = (OxCut) { (guint) note[0], note[1], note[2] };
      if (cuts == NULL)
        cuts = g_array_new (FALSE, FALSE, sizeof (OxCut));
      g_array_append_val (cuts, cut);
    }
  return cuts;
}

GBytes *
ox_wire_unknown (const ProtobufCMessage *message)
{
  GByteArray *out = NULL;

  for (unsigned i = 0; i < message->n_unknown_fields; i++)
    {
      const ProtobufCMessageUnknownField *field = &message->unknown_fields[i];

      if (is_note (field))
        continue;
      if (out == NULL)
        out = g_byte_array_new ();
      put_varint (out, (guint64) field->tag << 3 | field->wire_type);
      g_byte_array_append (out, field->data, (guint) field->len);
    }
  return out != NULL ? g_byte_array_free_to_bytes (out) : NULL;
}
