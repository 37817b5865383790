/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "proto/ox-import-private.h"

/* The kinds of element that SequenceProto and OptionalProto name. */
enum { ELEM_TENSOR = 1, ELEM_SPARSE, ELEM_SEQUENCE, ELEM_MAP, ELEM_OPTIONAL };

/* Nesting has been bounded by the walk over the file, so these may call each other. */
static OxValue *import_sequence (OxImporter *self, const Onnx__SequenceProto *proto, GError **error);
static OxValue *import_map (OxImporter *self, const Onnx__MapProto *proto, GError **error);
static OxValue *import_optional (OxImporter *self, const Onnx__OptionalProto *proto, GError **error);

static OxValue *
import_tensor (OxImporter *self, const Onnx__TensorProto *proto, GError **error)
{
  g_autoptr (OxInitializer) tensor = ox_import_tensor (self, proto, error);

  return tensor != NULL ? ox_initializer_get (tensor, error) : NULL;
}

static OxValue *
import_sparse (OxImporter *self, const Onnx__SparseTensorProto *proto, GError **error)
{
  g_autoptr (OxInitializer) tensor = ox_import_sparse (self, proto, error);

  return tensor != NULL ? ox_initializer_get (tensor, error) : NULL;
}

static OxValue *
import_sequence (OxImporter *self, const Onnx__SequenceProto *proto, GError **error)
{
  g_autoptr (GPtrArray) items = ox_value_array_new ();
  size_t n = proto->elem_type == ELEM_TENSOR     ? proto->n_tensor_values
             : proto->elem_type == ELEM_SPARSE   ? proto->n_sparse_tensor_values
             : proto->elem_type == ELEM_SEQUENCE ? proto->n_sequence_values
             : proto->elem_type == ELEM_MAP      ? proto->n_map_values
             : proto->elem_type == ELEM_OPTIONAL ? proto->n_optional_values
                                                 : 0;
  OxDtype dtype;

  if (proto->elem_type < 0 || proto->elem_type > ELEM_OPTIONAL)
    {
      ox_fail (error, OX_ERROR_FORMAT, "element kind %d of a sequence is not known", proto->elem_type);
      return NULL;
    }
  for (size_t i = 0; i < n; i++)
    {
      OxValue *item = proto->elem_type == ELEM_TENSOR     ? import_tensor (self, proto->tensor_values[i], error)
                      : proto->elem_type == ELEM_SPARSE   ? import_sparse (self, proto->sparse_tensor_values[i], error)
                      : proto->elem_type == ELEM_SEQUENCE ? import_sequence (self, proto->sequence_values[i], error)
                      : proto->elem_type == ELEM_MAP      ? import_map (self, proto->map_values[i], error)
                                                          : import_optional (self, proto->optional_values[i], error);

      if (item == NULL)
        {
          ox_error_prefix (error, "element %" G_GSIZE_FORMAT, i);
          return NULL;
        }
      g_ptr_array_add (items, item);
    }
  dtype = items->len > 0 ? ((OxValue *) g_ptr_array_index (items, 0))->dtype : OX_UNDEFINED;
  return ox_value_new_sequence (dtype, g_steal_pointer (&items));
}

static OxValue *
import_map (OxImporter *self, const Onnx__MapProto *proto, GError **error)
{
  gboolean text = proto->key_type == OX_STR;
  gint64 n = (gint64) (text ? proto->n_string_keys : proto->n_keys);
  g_autoptr (OxTensor) keys = NULL;
  g_autoptr (OxValue) values = NULL;
  GPtrArray *items;

  if (!text && !ox_dtype_is_integer (ox_dtype_is_valid (proto->key_type) ? (OxDtype) proto->key_type : OX_UNDEFINED))
    {
      ox_fail (error, OX_ERROR_FORMAT, "keys of a map are strings or integers, found type %d", proto->key_type);
      return NULL;
    }
  if (proto->values != NULL)
    values = import_sequence (self, proto->values, error);
  else
    values = ox_value_new_sequence (OX_UNDEFINED, ox_value_array_new ());
  if (values == NULL)
    return NULL;
  if (ox_value_n_items (values) != (guint64) n)
    {
      ox_fail (error, OX_ERROR_FORMAT, "a map has %" G_GINT64_FORMAT " keys, but %u values", n, ox_value_n_items (values));
      return NULL;
    }
  keys = ox_tensor_new (text ? OX_STR : OX_I64, 1, &n, error);
  if (keys == NULL)
    return NULL;
  for (gint64 i = 0; i < n; i++)
    if (text)
      ox_import_set_string (keys, i, &proto->string_keys[i]);
    else
      ((gint64 *) keys->data)[i] = proto->keys[i];
  if (!text && proto->key_type != OX_I64)
    {
      OxTensor *exact = ox_tensor_convert (keys, (OxDtype) proto->key_type, error);

      if (exact == NULL)
        return NULL;
      ox_tensor_unref (keys);
      keys = exact;
    }
  items = ox_value_array_new ();
  for (guint i = 0; i < ox_value_n_items (values); i++)
    g_ptr_array_add (items, ox_value_ref (ox_value_get_item (values, i)));
  return ox_value_new_map (g_steal_pointer (&keys), items);
}

static OxValue *
import_optional (OxImporter *self, const Onnx__OptionalProto *proto, GError **error)
{
  OxValue *some = NULL;

  switch (proto->elem_type)
    {
    case ELEM_TENSOR:
      some = proto->tensor_value != NULL ? import_tensor (self, proto->tensor_value, error) : NULL;
      if (some == NULL && proto->tensor_value != NULL)
        return NULL;
      break;
    case ELEM_SPARSE:
      some = proto->sparse_tensor_value != NULL ? import_sparse (self, proto->sparse_tensor_value, error) : NULL;
      if (some == NULL && proto->sparse_tensor_value != NULL)
        return NULL;
      break;
    case ELEM_SEQUENCE:
      some = proto->sequence_value != NULL ? import_sequence (self, proto->sequence_value, error) : NULL;
      if (some == NULL && proto->sequence_value != NULL)
        return NULL;
      break;
    case ELEM_MAP:
      some = proto->map_value != NULL ? import_map (self, proto->map_value, error) : NULL;
      if (some == NULL && proto->map_value != NULL)
        return NULL;
      break;
    case ELEM_OPTIONAL:
      some = proto->optional_value != NULL ? import_optional (self, proto->optional_value, error) : NULL;
      if (some == NULL && proto->optional_value != NULL)
        return NULL;
      break;
    case 0:
      break;
    default:
      ox_fail (error, OX_ERROR_FORMAT, "element kind %d of an optional is not known", proto->elem_type);
      return NULL;
    }
  return ox_value_new_optional (OX_UNDEFINED, some);
}

OxValue *
ox_import_value (GBytes *bytes, const OxType *type, char **name, GError **error)
{
  OxTypeKind kind = type != NULL ? type->kind : OX_TYPE_TENSOR;
  const ProtobufCMessageDescriptor *message_type = kind == OX_TYPE_SEQUENCE   ? &onnx__sequence_proto__descriptor
                                                   : kind == OX_TYPE_OPTIONAL ? &onnx__optional_proto__descriptor
                                                   : kind == OX_TYPE_MAP      ? &onnx__map_proto__descriptor
                                                   : kind == OX_TYPE_SPARSE   ? &onnx__sparse_tensor_proto__descriptor
                                                                              : &onnx__tensor_proto__descriptor;
  ProtobufCMessage *message = ox_wire_unpack (bytes, message_type, NULL, error);
  OxImporter importer;
  OxValue *value;
  const char *inner;

  if (message == NULL)
    return NULL;
  ox_importer_init (&importer, bytes, NULL, NULL, NULL);
  switch (kind)
    {
    case OX_TYPE_SEQUENCE:
      value = import_sequence (&importer, (Onnx__SequenceProto *) message, error);
      inner = ((Onnx__SequenceProto *) message)->name;
      break;
    case OX_TYPE_OPTIONAL:
      value = import_optional (&importer, (Onnx__OptionalProto *) message, error);
      inner = ((Onnx__OptionalProto *) message)->name;
      break;
    case OX_TYPE_MAP:
      value = import_map (&importer, (Onnx__MapProto *) message, error);
      inner = ((Onnx__MapProto *) message)->name;
      break;
    case OX_TYPE_SPARSE:
      value = import_sparse (&importer, (Onnx__SparseTensorProto *) message, error);
      inner = ((Onnx__SparseTensorProto *) message)->values != NULL
                ? ((Onnx__SparseTensorProto *) message)->values->name : NULL;
      break;
    default:
      value = import_tensor (&importer, (Onnx__TensorProto *) message, error);
      inner = ((Onnx__TensorProto *) message)->name;
      break;
    }
  if (name != NULL)
    *name = value != NULL ? ox_import_text (inner) : NULL;
  ox_importer_clear (&importer);
  protobuf_c_message_free_unpacked (message, NULL);
  return value;
}
