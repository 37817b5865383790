/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "core/ox-error.h"
#include "proto/ox-export-private.h"

static void
put_metadata (OxRope *rope, guint field, const GArray *metadata)
{
  for (guint i = 0; metadata != NULL && i < metadata->len; i++)
    {
      const OxMetadata *entry = &g_array_index (metadata, OxMetadata, i);
      OxRope *inner = ox_rope_new ();

      ox_rope_text (inner, 1, entry->key);
      ox_rope_text (inner, 2, entry->value);
      ox_rope_message (rope, field, inner);
    }
}

static void
put_entry (OxRope *rope, guint field, const char *key, const char *value)
{
  OxRope *inner = ox_rope_new ();

  ox_rope_text (inner, 1, key);
  ox_rope_text (inner, 2, value);
  ox_rope_message (rope, field, inner);
}

static void
put_kept (OxRope *rope, const GPtrArray *kept)
{
  for (guint i = 0; kept != NULL && i < kept->len; i++)
    ox_rope_raw (rope, g_ptr_array_index (kept, i));
}

static const char *
file_domain (const char *domain)
{
  return strcmp (domain, "ai.onnx") == 0 ? "" : domain;
}

gboolean
ox_export_elements (OxRope *rope, OxTensor *tensor, GError **error)
{
  g_autoptr (GBytes) packed = NULL;

  if (tensor->dtype == OX_STR)
    {
      for (gint64 i = 0; i < tensor->count; i++)
        {
          const char *text = *(char *const *) ox_tensor_element (tensor, i);

          ox_rope_data (rope, 6, text != NULL ? text : "", text != NULL ? g_ref_string_length ((char *) text) : 0);
        }
      return TRUE;
    }
  packed = ox_tensor_pack (tensor, error);
  if (packed == NULL)
    return FALSE;
  ox_rope_bytes (rope, 9, packed);
  return TRUE;
}

static guint
varint_field (OxDtype dtype)
{
  return dtype == OX_I64 ? 7 : dtype == OX_U32 || dtype == OX_U64 ? 11 : 5;
}

static gboolean
put_initializer (OxRope *rope, const OxInitializer *tensor, GError **error)
{
  for (int i = 0; i < tensor->rank; i++)
    ox_rope_int (rope, 1, tensor->dims[i]);
  ox_rope_int (rope, 2, tensor->dtype_number);
  if (tensor->name[0] != '\0')
    ox_rope_text (rope, 8, tensor->name);
  if (tensor->location != NULL)
    {
      g_autofree char *offset = g_strdup_printf ("%" G_GUINT64_FORMAT, tensor->offset);
      g_autofree char *length = g_strdup_printf ("%" G_GUINT64_FORMAT, tensor->length);

      put_entry (rope, 13, "location", tensor->location);
      put_entry (rope, 13, "offset", offset);
      put_entry (rope, 13, "length", length);
      ox_rope_int (rope, 14, 1);
    }
  else if (tensor->encoding == OX_ENCODING_TENSOR)
    {
      if (!ox_export_elements (rope, tensor->value->tensor, error))
        return FALSE;
    }
  else if (tensor->encoding == OX_ENCODING_VARINT && tensor->data != NULL)
    ox_rope_bytes (rope, varint_field (tensor->dtype), tensor->data);
  else if (tensor->data != NULL)
    ox_rope_bytes (rope, 9, tensor->data);
  ox_rope_text (rope, 12, tensor->doc);
  put_metadata (rope, 16, tensor->metadata);
  ox_rope_raw (rope, tensor->unknown);
  return TRUE;
}

static gboolean
put_tensor_field (OxRope *rope, guint field, const OxInitializer *tensor, GError **error)
{
  OxRope *inner = ox_rope_new ();

  if (!put_initializer (inner, tensor, error))
    {
      ox_rope_free (inner);
      return FALSE;
    }
  ox_rope_message (rope, field, inner);
  return TRUE;
}

static gboolean
put_sparse_field (OxRope *rope, guint field, const OxInitializer *tensor, GError **error)
{
  OxRope *inner = ox_rope_new ();

  if (!put_tensor_field (inner, 1, tensor, error) || !put_tensor_field (inner, 2, tensor->indices, error))
    {
      ox_rope_free (inner);
      return FALSE;
    }
  for (int i = 0; i < tensor->sparse_rank; i++)
    ox_rope_int (inner, 3, tensor->sparse_dims[i]);
  ox_rope_message (rope, field, inner);
  return TRUE;
}

static OxRope *
shape_rope (const OxType *type)
{
  OxRope *shape = ox_rope_new ();

  for (int i = 0; i < type->rank; i++)
    {
      OxRope *dim = ox_rope_new ();

      if (type->dims[i].value >= 0)
        ox_rope_int (dim, 1, type->dims[i].value);
      else
        ox_rope_text (dim, 2, type->dims[i].param);
      ox_rope_text (dim, 3, type->dims[i].denotation);
      ox_rope_message (shape, 1, dim);
    }
  return shape;
}

/* Types nest no deeper than the importer or the builder let them. */
static OxRope *
type_rope (const OxType *type)
{
  OxRope *rope = ox_rope_new (), *inner = ox_rope_new ();
  guint field = 0;

  switch (type->kind)
    {
    case OX_TYPE_TENSOR:
    case OX_TYPE_SPARSE:
      field = type->kind == OX_TYPE_TENSOR ? 1 : 8;
      ox_rope_int (inner, 1, type->dtype);
      if (type->rank >= 0)
        ox_rope_message (inner, 2, shape_rope (type));
      break;
    case OX_TYPE_SEQUENCE:
    case OX_TYPE_OPTIONAL:
      field = type->kind == OX_TYPE_SEQUENCE ? 4 : 9;
      if (type->elem != NULL)
        ox_rope_message (inner, 1, type_rope (type->elem));
      break;
    case OX_TYPE_MAP:
      field = 5;
      ox_rope_int (inner, 1, type->dtype);
      if (type->elem != NULL)
        ox_rope_message (inner, 2, type_rope (type->elem));
      break;
    case OX_TYPE_OPAQUE:
      {
        const char *dot = type->name != NULL ? strrchr (type->name, '.') : NULL;

        field = 7;
        if (dot != NULL)
          {
            g_autofree char *domain = g_strndup (type->name, (gsize) (dot - type->name));

            ox_rope_text (inner, 1, domain);
            ox_rope_text (inner, 2, dot + 1);
          }
        break;
      }
    case OX_TYPE_UNKNOWN:
      break;
    }
  if (field != 0)
    ox_rope_message (rope, field, inner);
  else
    ox_rope_free (inner);
  ox_rope_text (rope, 6, type->denotation);
  ox_rope_raw (rope, type->unknown);
  return rope;
}

static void
put_info (OxRope *rope, guint field, const OxSlot *slot)
{
  OxRope *inner = ox_rope_new ();

  ox_rope_text (inner, 1, slot->name);
  if (slot->type != NULL)
    ox_rope_message (inner, 2, type_rope (slot->type));
  ox_rope_text (inner, 3, slot->doc);
  put_metadata (inner, 4, slot->metadata);
  ox_rope_raw (inner, slot->unknown);
  ox_rope_message (rope, field, inner);
}

static OxRope *graph_rope (const OxGraph *graph, GError **error);

static gboolean
put_graph (OxRope *rope, guint field, const OxGraph *graph, GError **error)
{
  OxRope *inner = graph_rope (graph, error);

  if (inner != NULL)
    ox_rope_message (rope, field, inner);
  return inner != NULL;
}

static gboolean
fill_attribute (OxRope *rope, const OxAttribute *attribute, GError **error)
{
  OxAttrType type = attribute->type;
  gboolean ok = TRUE;

  ox_rope_text (rope, 1, attribute->name);
  if (type != OX_ATTR_UNDEFINED)
    ox_rope_int (rope, 20, type);
  ox_rope_text (rope, 21, attribute->ref);
  ox_rope_text (rope, 13, attribute->doc);
  if (attribute->ref == NULL && type == OX_ATTR_FLOAT)
    ox_rope_float (rope, 2, (float) attribute->f);
  if (attribute->ref == NULL && type == OX_ATTR_INT)
    ox_rope_int (rope, 3, attribute->i);
  if (attribute->ref == NULL && type == OX_ATTR_STRING && attribute->s != NULL)
    ox_rope_bytes (rope, 4, attribute->s);
  for (guint i = 0; attribute->floats != NULL && i < attribute->floats->len; i++)
    ox_rope_float (rope, 7, g_array_index (attribute->floats, float, i));
  for (guint i = 0; attribute->ints != NULL && i < attribute->ints->len; i++)
    ox_rope_int (rope, 8, g_array_index (attribute->ints, gint64, i));
  for (guint i = 0; attribute->strings != NULL && i < attribute->strings->len; i++)
    ox_rope_bytes (rope, 9, g_ptr_array_index (attribute->strings, i));
  for (guint i = 0; ok && attribute->tensors != NULL && i < attribute->tensors->len; i++)
    {
      const OxInitializer *tensor = g_ptr_array_index (attribute->tensors, i);

      ok = type == OX_ATTR_TENSOR    ? put_tensor_field (rope, 5, tensor, error)
           : type == OX_ATTR_TENSORS ? put_tensor_field (rope, 10, tensor, error)
                                     : put_sparse_field (rope, type == OX_ATTR_SPARSE_TENSOR ? 22 : 23, tensor, error);
    }
  for (guint i = 0; ok && attribute->graphs != NULL && i < attribute->graphs->len; i++)
    ok = put_graph (rope, type == OX_ATTR_GRAPH ? 6 : 11, g_ptr_array_index (attribute->graphs, i), error);
  for (guint i = 0; attribute->types != NULL && i < attribute->types->len; i++)
    ox_rope_message (rope, type == OX_ATTR_TYPE ? 14 : 15, type_rope (g_ptr_array_index (attribute->types, i)));
  ox_rope_raw (rope, attribute->unknown);
  return ok;
}

static gboolean
put_attribute (OxRope *rope, guint field, const OxAttribute *attribute, GError **error)
{
  OxRope *inner = ox_rope_new ();

  if (!fill_attribute (inner, attribute, error))
    {
      ox_rope_free (inner);
      return FALSE;
    }
  ox_rope_message (rope, field, inner);
  return TRUE;
}

static gboolean
put_node (OxRope *rope, guint field, const OxNode *node, GError **error)
{
  OxRope *inner = ox_rope_new ();

  for (guint i = 0; i < node->input_names->len; i++)
    ox_rope_text (inner, 1, g_ptr_array_index (node->input_names, i));
  for (guint i = 0; i < node->output_names->len; i++)
    ox_rope_text (inner, 2, g_ptr_array_index (node->output_names, i));
  if (node->name[0] != '\0')
    ox_rope_text (inner, 3, node->name);
  ox_rope_text (inner, 4, node->op_type);
  ox_rope_text (inner, 7, file_domain (node->domain));
  if (node->overload[0] != '\0')
    ox_rope_text (inner, 8, node->overload);
  ox_rope_text (inner, 6, node->doc);
  put_metadata (inner, 9, node->metadata);
  put_kept (inner, node->passthrough);
  ox_rope_raw (inner, node->unknown);
  for (guint i = 0; i < node->attributes->len; i++)
    if (!put_attribute (inner, 5, g_ptr_array_index (node->attributes, i), error))
      {
        ox_rope_free (inner);
        return FALSE;
      }
  ox_rope_message (rope, field, inner);
  return TRUE;
}

static gboolean
is_plain_value (const OxSlot *slot)
{
  return slot->graph_input < 0 && slot->graph_output < 0
         && (slot->type != NULL || slot->doc != NULL || slot->metadata != NULL || slot->unknown != NULL);
}

static void
put_value_infos (OxRope *rope, guint field, const OxGraph *graph)
{
  for (guint i = 0; i < graph->slots->len; i++)
    if (is_plain_value (g_ptr_array_index (graph->slots, i)))
      put_info (rope, field, g_ptr_array_index (graph->slots, i));
  for (guint i = 0; i < graph->value_infos->len; i++)
    put_info (rope, field, g_ptr_array_index (graph->value_infos, i));
}

/* Graphs nest at most OX_MAX_NESTING deep. */
static OxRope *
graph_rope (const OxGraph *graph, GError **error)
{
  OxRope *rope = ox_rope_new ();
  gboolean ok = TRUE;

  for (guint i = 0; ok && i < graph->nodes->len; i++)
    ok = put_node (rope, 1, g_ptr_array_index (graph->nodes, i), error);
  ox_rope_text (rope, 2, graph->name);
  for (guint i = 0; ok && i < graph->initializers->len; i++)
    {
      const OxInitializer *tensor = g_ptr_array_index (graph->initializers, i);

      ok = tensor->indices != NULL ? put_sparse_field (rope, 15, tensor, error)
                                   : put_tensor_field (rope, 5, tensor, error);
    }
  ox_rope_text (rope, 10, graph->doc);
  for (guint i = 0; i < graph->inputs->len; i++)
    put_info (rope, 11, ox_graph_slot (graph, g_array_index (graph->inputs, int, i)));
  for (guint i = 0; i < graph->output_infos->len; i++)
    put_info (rope, 12, g_ptr_array_index (graph->output_infos, i));
  put_value_infos (rope, 13, graph);
  put_kept (rope, graph->passthrough);
  put_metadata (rope, 16, graph->metadata);
  ox_rope_raw (rope, graph->unknown);
  if (ok)
    return rope;
  ox_rope_free (rope);
  return NULL;
}

static void
put_opsets (OxRope *rope, guint field, const GArray *opsets)
{
  for (guint i = 0; i < opsets->len; i++)
    {
      const OxOpset *opset = &g_array_index (opsets, OxOpset, i);
      OxRope *inner = ox_rope_new ();

      ox_rope_text (inner, 1, file_domain (opset->domain));
      ox_rope_int (inner, 2, opset->version);
      ox_rope_message (rope, field, inner);
    }
}

static gboolean
put_function (OxRope *rope, guint field, const OxFunction *function, GError **error)
{
  OxRope *inner = ox_rope_new ();
  const OxGraph *body = function->body;
  gboolean ok = TRUE;

  ox_rope_text (inner, 1, function->name);
  for (guint i = 0; i < body->inputs->len; i++)
    ox_rope_text (inner, 4, ox_graph_slot (body, g_array_index (body->inputs, int, i))->name);
  for (guint i = 0; i < body->output_infos->len; i++)
    ox_rope_text (inner, 5, ((OxSlot *) g_ptr_array_index (body->output_infos, i))->name);
  for (guint i = 0; i < function->attributes->len; i++)
    ox_rope_text (inner, 6, g_ptr_array_index (function->attributes, i));
  for (guint i = 0; ok && i < body->nodes->len; i++)
    ok = put_node (inner, 7, g_ptr_array_index (body->nodes, i), error);
  ox_rope_text (inner, 8, function->doc);
  put_opsets (inner, 9, function->opsets);
  ox_rope_text (inner, 10, file_domain (function->domain));
  for (guint i = 0; ok && i < function->attribute_defaults->len; i++)
    ok = put_attribute (inner, 11, g_ptr_array_index (function->attribute_defaults, i), error);
  put_value_infos (inner, 12, body);
  if (function->overload[0] != '\0')
    ox_rope_text (inner, 13, function->overload);
  put_metadata (inner, 14, function->metadata);
  ox_rope_raw (inner, function->unknown);
  if (ok)
    ox_rope_message (rope, field, inner);
  else
    ox_rope_free (inner);
  return ok;
}

static OxRope *
model_rope (const OxModel *model, GError **error)
{
  OxRope *rope = ox_rope_new ();
  gboolean ok;

  ox_rope_int (rope, 1, model->ir_version);
  ox_rope_text (rope, 2, model->producer_name);
  ox_rope_text (rope, 3, model->producer_version);
  ox_rope_text (rope, 4, model->domain);
  ox_rope_int (rope, 5, model->model_version);
  ox_rope_text (rope, 6, model->doc);
  ok = put_graph (rope, 7, model->graph, error);
  put_opsets (rope, 8, model->opsets);
  put_metadata (rope, 14, model->metadata);
  put_kept (rope, model->passthrough);
  for (guint i = 0; ok && i < model->functions->len; i++)
    ok = put_function (rope, 25, g_ptr_array_index (model->functions, i), error);
  ox_rope_raw (rope, model->unknown);
  if (ok)
    return rope;
  ox_rope_free (rope);
  return NULL;
}

gboolean
ox_export_file (const OxModel *model, const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileOutputStream) stream = NULL;
  g_autoptr (GError) cause = NULL;
  OxRope *rope = model_rope (model, error);
  gboolean ok;

  if (rope == NULL)
    return FALSE;
  /* A replace writes beside the file and renames, so that a model can be saved over the one its weights are mapped from. */
  stream = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, NULL, &cause);
  ok = stream != NULL && ox_rope_write (rope, G_OUTPUT_STREAM (stream), &cause)
       && g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, &cause);
  ox_rope_free (rope);
  return ok || ox_fail (error, OX_ERROR_FILE, "%s", cause->message);
}

GBytes *
ox_export_bytes (const OxModel *model, GError **error)
{
  OxRope *rope = model_rope (model, error);
  GBytes *bytes;

  if (rope == NULL)
    return NULL;
  bytes = ox_rope_to_bytes (rope);
  ox_rope_free (rope);
  return bytes;
}
