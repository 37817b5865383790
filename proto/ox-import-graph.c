/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "proto/ox-import-private.h"

char *
ox_import_text (const char *text)
{
  if (text == NULL)
    return g_strdup ("");
  return g_utf8_validate (text, -1, NULL) ? g_strdup (text) : g_utf8_make_valid (text, -1);
}

GArray *
ox_import_metadata (size_t n, Onnx__StringStringEntryProto **entries)
{
  GArray *metadata;

  if (n == 0)
    return NULL;
  metadata = ox_metadata_new ();
  for (size_t i = 0; i < n; i++)
    {
      OxMetadata entry = { ox_import_text (entries[i]->key), ox_import_text (entries[i]->value) };

      g_array_append_val (metadata, entry);
    }
  return metadata;
}

GPtrArray *
ox_import_kept (OxImporter *self, const ProtobufCMessage *message)
{
  g_autoptr (GArray) cuts = ox_wire_cuts (message);
  GPtrArray *kept;

  if (cuts == NULL)
    return NULL;
  kept = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < cuts->len; i++)
    {
      const OxCut *cut = &g_array_index (cuts, OxCut, i);

      g_ptr_array_add (kept, g_bytes_new_from_bytes (self->file, cut->offset, cut->length));
    }
  return kept;
}

static OxDtype
import_dtype (int number)
{
  return ox_dtype_is_valid (number) ? (OxDtype) number : OX_UNDEFINED;
}

static void
import_shape (OxType *type, const Onnx__TensorShapeProto *shape)
{
  if (shape == NULL || shape->n_dim > OX_MAX_RANK)
    return;
  ox_type_set_rank (type, (int) shape->n_dim);
  for (size_t i = 0; i < shape->n_dim; i++)
    {
      const Onnx__TensorShapeProto__Dimension *dim = shape->dim[i];

      if (dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE && dim->dim_value >= 0)
        type->dims[i].value = dim->dim_value;
      else if (dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM && dim->dim_param != NULL
               && dim->dim_param[0] != '\0')
        type->dims[i].param = ox_import_text (dim->dim_param);
      if (dim->denotation != NULL && dim->denotation[0] != '\0')
        type->dims[i].denotation = ox_import_text (dim->denotation);
    }
}

/* Nesting has been bounded by the walk over the file. */
OxType *
ox_import_type (const Onnx__TypeProto *proto)
{
  OxType *type;

  if (proto == NULL)
    return NULL;
  switch (proto->value_case)
    {
    case ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE:
      type = ox_type_new (OX_TYPE_TENSOR, import_dtype (proto->tensor_type->elem_type));
      import_shape (type, proto->tensor_type->shape);
      break;
    case ONNX__TYPE_PROTO__VALUE_SPARSE_TENSOR_TYPE:
      type = ox_type_new (OX_TYPE_SPARSE, import_dtype (proto->sparse_tensor_type->elem_type));
      import_shape (type, proto->sparse_tensor_type->shape);
      break;
    case ONNX__TYPE_PROTO__VALUE_SEQUENCE_TYPE:
      type = ox_type_new (OX_TYPE_SEQUENCE, OX_UNDEFINED);
      type->elem = ox_import_type (proto->sequence_type->elem_type);
      break;
    case ONNX__TYPE_PROTO__VALUE_OPTIONAL_TYPE:
      type = ox_type_new (OX_TYPE_OPTIONAL, OX_UNDEFINED);
      type->elem = ox_import_type (proto->optional_type->elem_type);
      break;
    case ONNX__TYPE_PROTO__VALUE_MAP_TYPE:
      type = ox_type_new (OX_TYPE_MAP, import_dtype (proto->map_type->key_type));
      type->elem = ox_import_type (proto->map_type->value_type);
      break;
    case ONNX__TYPE_PROTO__VALUE_OPAQUE_TYPE:
      {
        g_autofree char *domain = ox_import_text (proto->opaque_type->domain);
        g_autofree char *name = ox_import_text (proto->opaque_type->name);

        type = ox_type_new (OX_TYPE_OPAQUE, OX_UNDEFINED);
        type->name = g_strjoin (".", domain, name, NULL);
        break;
      }
    default:
      type = ox_type_new (OX_TYPE_UNKNOWN, OX_UNDEFINED);
      break;
    }
  if (proto->denotation != NULL && proto->denotation[0] != '\0')
    type->denotation = ox_import_text (proto->denotation);
  type->unknown = ox_wire_unknown (&proto->base);
  return type;
}

/* Files of IR version 1 leave the type out: it is what is there. */
static OxAttrType
attribute_type (const Onnx__AttributeProto *proto)
{
  if (proto->type > OX_ATTR_UNDEFINED && proto->type <= OX_ATTR_TYPES)
    return (OxAttrType) proto->type;
  if (proto->has_f)
    return OX_ATTR_FLOAT;
  if (proto->has_i)
    return OX_ATTR_INT;
  if (proto->has_s)
    return OX_ATTR_STRING;
  if (proto->t != NULL)
    return OX_ATTR_TENSOR;
  if (proto->g != NULL)
    return OX_ATTR_GRAPH;
  if (proto->n_floats > 0)
    return OX_ATTR_FLOATS;
  if (proto->n_ints > 0)
    return OX_ATTR_INTS;
  if (proto->n_strings > 0)
    return OX_ATTR_STRINGS;
  if (proto->n_tensors > 0)
    return OX_ATTR_TENSORS;
  if (proto->n_graphs > 0)
    return OX_ATTR_GRAPHS;
  return OX_ATTR_UNDEFINED;
}

static gboolean
add_tensor (OxImporter *self, OxAttribute *attribute, const Onnx__TensorProto *proto, GError **error)
{
  OxInitializer *tensor = ox_import_tensor (self, proto, error);

  if (tensor != NULL)
    g_ptr_array_add (attribute->tensors, tensor);
  return tensor != NULL;
}

static gboolean
add_sparse (OxImporter *self, OxAttribute *attribute, const Onnx__SparseTensorProto *proto, GError **error)
{
  OxInitializer *tensor = ox_import_sparse (self, proto, error);

  if (tensor != NULL)
    g_ptr_array_add (attribute->tensors, tensor);
  return tensor != NULL;
}

/* @owner is NULL for the default of a function's attribute. */
static gboolean
add_graph (OxImporter *self, OxAttribute *attribute, OxNode *owner, const Onnx__GraphProto *proto, GError **error)
{
  OxGraph *graph = ox_graph_new (self->model, NULL);

  g_ptr_array_add (attribute->graphs, graph);
  if (owner != NULL)
    {
      graph->outer = owner->graph;
      graph->owner = owner;
    }
  return ox_import_graph (self, graph, proto, error);
}

static OxAttribute *
import_attribute (OxImporter *self, OxNode *owner, const Onnx__AttributeProto *proto, GError **error)
{
  g_autofree char *name = ox_import_text (proto->name);
  OxAttribute *attribute = ox_attribute_new (name, attribute_type (proto));
  gboolean ok = TRUE;

  if (proto->doc_string != NULL)
    attribute->doc = ox_import_text (proto->doc_string);
  if (proto->ref_attr_name != NULL && proto->ref_attr_name[0] != '\0')
    attribute->ref = ox_import_text (proto->ref_attr_name);
  attribute->unknown = ox_wire_unknown (&proto->base);
  switch (attribute->type)
    {
    case OX_ATTR_FLOAT:
      attribute->f = proto->f;
      break;
    case OX_ATTR_INT:
      attribute->i = proto->i;
      break;
    case OX_ATTR_STRING:
      attribute->s = g_bytes_new (proto->s.data, proto->s.len);
      break;
    case OX_ATTR_FLOATS:
      g_array_append_vals (attribute->floats, proto->floats, (guint) proto->n_floats);
      break;
    case OX_ATTR_INTS:
      g_array_append_vals (attribute->ints, proto->ints, (guint) proto->n_ints);
      break;
    case OX_ATTR_STRINGS:
      for (size_t i = 0; i < proto->n_strings; i++)
        g_ptr_array_add (attribute->strings, g_bytes_new (proto->strings[i].data, proto->strings[i].len));
      break;
    case OX_ATTR_TENSOR:
      ok = proto->t == NULL || add_tensor (self, attribute, proto->t, error);
      break;
    case OX_ATTR_TENSORS:
      for (size_t i = 0; ok && i < proto->n_tensors; i++)
        ok = add_tensor (self, attribute, proto->tensors[i], error);
      break;
    case OX_ATTR_SPARSE_TENSOR:
      ok = proto->sparse_tensor == NULL || add_sparse (self, attribute, proto->sparse_tensor, error);
      break;
    case OX_ATTR_SPARSE_TENSORS:
      for (size_t i = 0; ok && i < proto->n_sparse_tensors; i++)
        ok = add_sparse (self, attribute, proto->sparse_tensors[i], error);
      break;
    case OX_ATTR_GRAPH:
      ok = proto->g == NULL || add_graph (self, attribute, owner, proto->g, error);
      break;
    case OX_ATTR_GRAPHS:
      for (size_t i = 0; ok && i < proto->n_graphs; i++)
        ok = add_graph (self, attribute, owner, proto->graphs[i], error);
      break;
    case OX_ATTR_TYPE:
      if (proto->tp != NULL)
        g_ptr_array_add (attribute->types, ox_import_type (proto->tp));
      break;
    case OX_ATTR_TYPES:
      for (size_t i = 0; i < proto->n_type_protos; i++)
        g_ptr_array_add (attribute->types, ox_import_type (proto->type_protos[i]));
      break;
    case OX_ATTR_UNDEFINED:
      break;
    }
  if (ok)
    return attribute;
  ox_attribute_free (attribute);
  return NULL;
}

static gboolean
import_node (OxImporter *self, OxGraph *graph, const Onnx__NodeProto *proto, GError **error)
{
  g_autofree char *op_type = ox_import_text (proto->op_type);
  g_autofree char *domain = ox_import_text (proto->domain);
  g_autofree char *name = ox_import_text (proto->name);
  OxNode *node = ox_graph_add_node (graph, op_type, domain, name);

  for (size_t i = 0; i < proto->n_input; i++)
    g_ptr_array_add (node->input_names, ox_import_text (proto->input[i]));
  for (size_t i = 0; i < proto->n_output; i++)
    g_ptr_array_add (node->output_names, ox_import_text (proto->output[i]));
  if (proto->doc_string != NULL)
    node->doc = ox_import_text (proto->doc_string);
  g_free (node->overload);
  node->overload = ox_import_text (proto->overload);
  node->metadata = ox_import_metadata (proto->n_metadata_props, proto->metadata_props);
  node->passthrough = ox_import_kept (self, &proto->base);
  node->unknown = ox_wire_unknown (&proto->base);
  for (size_t i = 0; i < proto->n_attribute; i++)
    {
      g_autoptr (GError) cause = NULL;
      OxAttribute *attribute = import_attribute (self, node, proto->attribute[i], &cause);

      if (attribute == NULL)
        {
          g_autofree char *title = ox_node_title (node);
          g_autofree char *path = ox_graph_path (graph);
          gboolean named = proto->attribute[i]->g != NULL || proto->attribute[i]->n_graphs > 0;

          /* An error inside a subgraph has its path already. */
          g_propagate_error (error, g_steal_pointer (&cause));
          if (!named)
            ox_error_prefix (error, "%s: node '%s' (%s), attribute '%s'", path, title, node->op_type,
                             proto->attribute[i]->name != NULL ? proto->attribute[i]->name : "");
          return FALSE;
        }
      g_ptr_array_add (node->attributes, attribute);
    }
  return TRUE;
}

typedef OxSlot *(*AddInfo) (OxGraph *graph, const char *name, OxType *type);

static void
import_infos (OxGraph *graph, size_t n, Onnx__ValueInfoProto **infos, AddInfo add)
{
  for (size_t i = 0; i < n; i++)
    {
      g_autofree char *name = ox_import_text (infos[i]->name);
      OxSlot *slot = add (graph, name, ox_import_type (infos[i]->type));

      if (infos[i]->doc_string != NULL)
        slot->doc = ox_import_text (infos[i]->doc_string);
      slot->metadata = ox_import_metadata (infos[i]->n_metadata_props, infos[i]->metadata_props);
      slot->unknown = ox_wire_unknown (&infos[i]->base);
    }
}

gboolean
ox_import_graph (OxImporter *self, OxGraph *graph, const Onnx__GraphProto *proto, GError **error)
{
  g_free (graph->name);
  graph->name = ox_import_text (proto->name);
  if (proto->doc_string != NULL)
    graph->doc = ox_import_text (proto->doc_string);
  graph->metadata = ox_import_metadata (proto->n_metadata_props, proto->metadata_props);
  graph->passthrough = ox_import_kept (self, &proto->base);
  graph->unknown = ox_wire_unknown (&proto->base);
  import_infos (graph, proto->n_input, proto->input, ox_graph_add_input);
  import_infos (graph, proto->n_output, proto->output, ox_graph_add_output);
  import_infos (graph, proto->n_value_info, proto->value_info, ox_graph_add_value_info);
  for (size_t i = 0; i < proto->n_initializer + proto->n_sparse_initializer; i++)
    {
      OxInitializer *initializer
        = i < proto->n_initializer ? ox_import_tensor (self, proto->initializer[i], error)
                                   : ox_import_sparse (self, proto->sparse_initializer[i - proto->n_initializer], error);

      if (initializer == NULL)
        {
          g_autofree char *path = ox_graph_path (graph);

          ox_error_prefix (error, "%s", path);
          return FALSE;
        }
      ox_graph_add_initializer (graph, initializer);
    }
  for (size_t i = 0; i < proto->n_node; i++)
    if (!import_node (self, graph, proto->node[i], error))
      return FALSE;
  return TRUE;
}

gboolean
ox_import_function (OxImporter *self, const Onnx__FunctionProto *proto, GError **error)
{
  g_autofree char *domain = ox_import_text (proto->domain);
  g_autofree char *name = ox_import_text (proto->name);
  g_autofree char *overload = ox_import_text (proto->overload);
  OxFunction *function = ox_function_new (self->model, domain, name, overload);
  GArray *metadata = ox_import_metadata (proto->n_metadata_props, proto->metadata_props);

  if (proto->doc_string != NULL)
    function->doc = ox_import_text (proto->doc_string);
  function->unknown = ox_wire_unknown (&proto->base);
  if (metadata != NULL)
    {
      g_array_unref (function->metadata);
      function->metadata = metadata;
    }
  for (size_t i = 0; i < proto->n_opset_import; i++)
    {
      OxOpset opset = { ox_import_text (proto->opset_import[i]->domain), proto->opset_import[i]->version };

      if (opset.domain[0] == '\0')
        {
          g_free (opset.domain);
          opset.domain = g_strdup (ox_domain_canonical (NULL));
        }
      g_array_append_val (function->opsets, opset);
    }
  for (size_t i = 0; i < proto->n_attribute; i++)
    g_ptr_array_add (function->attributes, ox_import_text (proto->attribute[i]));
  for (size_t i = 0; i < proto->n_attribute_proto; i++)
    {
      OxAttribute *attribute = import_attribute (self, NULL, proto->attribute_proto[i], error);

      if (attribute == NULL)
        {
          ox_error_prefix (error, "function %s.%s", function->domain, function->name);
          return FALSE;
        }
      g_ptr_array_add (function->attribute_defaults, attribute);
    }
  for (size_t i = 0; i < proto->n_input; i++)
    {
      g_autofree char *input = ox_import_text (proto->input[i]);

      ox_graph_add_input (function->body, input, NULL);
    }
  for (size_t i = 0; i < proto->n_output; i++)
    {
      g_autofree char *output = ox_import_text (proto->output[i]);

      ox_graph_add_output (function->body, output, NULL);
    }
  import_infos (function->body, proto->n_value_info, proto->value_info, ox_graph_add_value_info);
  for (size_t i = 0; i < proto->n_node; i++)
    if (!import_node (self, function->body, proto->node[i], error))
      return FALSE;
  return TRUE;
}
