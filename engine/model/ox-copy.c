/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/ox-copy.h"

#include "model/ox-model-private.h"

static GBytes *
ref_bytes (GBytes *bytes)
{
  return bytes != NULL ? g_bytes_ref (bytes) : NULL;
}

static GPtrArray *
ref_kept (GPtrArray *kept)
{
  GPtrArray *copy;

  if (kept == NULL)
    return NULL;
  copy = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < kept->len; i++)
    g_ptr_array_add (copy, g_bytes_ref (g_ptr_array_index (kept, i)));
  return copy;
}

static GArray *
copy_metadata (const GArray *from)
{
  GArray *copy;

  if (from == NULL)
    return NULL;
  copy = ox_metadata_new ();
  for (guint i = 0; i < from->len; i++)
    {
      const OxMetadata *entry = &g_array_index (from, OxMetadata, i);
      const OxMetadata mine = { g_strdup (entry->key), g_strdup (entry->value) };

      g_array_append_val (copy, mine);
    }
  return copy;
}

static void
copy_opsets (const GArray *from, GArray *to)
{
  g_array_set_size (to, 0);
  for (guint i = 0; i < from->len; i++)
    {
      const OxOpset *opset = &g_array_index (from, OxOpset, i);
      const OxOpset mine = { g_strdup (opset->domain), opset->version };

      g_array_append_val (to, mine);
    }
}

static OxType *
ref_type (const OxSlot *slot)
{
  return slot->type != NULL ? ox_type_ref (slot->type) : NULL;
}

static void
copy_info (const OxSlot *from, OxSlot *to)
{
  to->doc = g_strdup (from->doc);
  to->metadata = copy_metadata (from->metadata);
  to->unknown = ref_bytes (from->unknown);
}

static void copy_graph (const OxGraph *from, OxGraph *to, const OxRenaming *as);

/* (transfer full) */
static char *
name_of (const char *name, const OxRenaming *as)
{
  return as != NULL && name[0] != '\0' ? as->name (name, as->data) : g_strdup (name);
}

static OxAttribute *
copy_attribute (const OxAttribute *from, OxModel *model, const OxRenaming *as)
{
  OxAttribute *to;

  if (from->graphs == NULL)
    to = ox_attribute_copy (from);
  else
    {
      to = ox_attribute_new (from->name, from->type);
      to->ref = g_strdup (from->ref);
      for (guint i = 0; i < from->graphs->len; i++)
        {
          const OxGraph *graph = g_ptr_array_index (from->graphs, i);
          OxGraph *copy = ox_graph_new (model, graph->name);

          copy_graph (graph, copy, as);
          g_ptr_array_add (to->graphs, copy);
        }
    }
  to->doc = g_strdup (from->doc);
  to->unknown = ref_bytes (from->unknown);
  return to;
}

/* What stands for an attribute of the call is that attribute, or none. */
static void
copy_bound (const OxAttribute *from, OxNode *to, const OxRenaming *as)
{
  const OxAttribute *bound = from->ref != NULL && as != NULL ? as->bound (from->ref, as->data) : from;
  OxAttribute *copy;

  if (bound == NULL)
    return;
  /* Graphs of the call keep their names. */
  copy = copy_attribute (bound, to->graph->model, bound == from ? as : NULL);
  g_free (copy->name);
  copy->name = g_strdup (from->name);
  g_ptr_array_add (to->attributes, copy);
}

OxNode *
ox_node_copy (const OxNode *from, OxGraph *graph, const OxRenaming *as)
{
  OxNode *to = ox_graph_add_node (graph, from->op_type, from->domain, from->name);

  g_free (to->overload);
  to->overload = g_strdup (from->overload);
  to->doc = g_strdup (from->doc);
  for (guint i = 0; i < from->input_names->len; i++)
    {
      g_autofree char *name = name_of (g_ptr_array_index (from->input_names, i), as);

      ox_node_add_input (to, name);
    }
  for (guint i = 0; i < from->output_names->len; i++)
    {
      g_autofree char *name = name_of (g_ptr_array_index (from->output_names, i), as);

      ox_node_add_output (to, name);
    }
  for (guint i = 0; i < from->attributes->len; i++)
    copy_bound (g_ptr_array_index (from->attributes, i), to, as);
  to->metadata = copy_metadata (from->metadata);
  to->passthrough = ref_kept (from->passthrough);
  to->unknown = ref_bytes (from->unknown);
  return to;
}

/* Graphs nest at most OX_MAX_NESTING deep. */
static void
copy_graph (const OxGraph *from, OxGraph *to, const OxRenaming *as)
{
  to->doc = g_strdup (from->doc);
  for (guint i = 0; i < from->inputs->len; i++)
    {
      const OxSlot *slot = ox_graph_slot (from, g_array_index (from->inputs, int, i));
      g_autofree char *name = name_of (slot->name, as);

      copy_info (slot, ox_graph_add_input (to, name, ref_type (slot)));
    }
  for (guint i = 0; i < from->output_infos->len; i++)
    {
      const OxSlot *slot = g_ptr_array_index (from->output_infos, i);
      g_autofree char *name = name_of (slot->name, as);

      copy_info (slot, ox_graph_add_output (to, name, ref_type (slot)));
    }
  /* Linking lends the types of value infos to slots, and those of outputs too. */
  for (guint i = 0; i < from->slots->len; i++)
    {
      const OxSlot *slot = ox_graph_slot (from, (int) i);

      if (slot->graph_input < 0 && slot->graph_output < 0
          && (slot->type != NULL || slot->doc != NULL || slot->metadata != NULL || slot->unknown != NULL))
        {
          g_autofree char *name = name_of (slot->name, as);

          copy_info (slot, ox_graph_add_value_info (to, name, ref_type (slot)));
        }
    }
  for (guint i = 0; i < from->value_infos->len; i++)
    {
      const OxSlot *slot = g_ptr_array_index (from->value_infos, i);
      g_autofree char *name = name_of (slot->name, as);

      copy_info (slot, ox_graph_add_value_info (to, name, ref_type (slot)));
    }
  for (guint i = 0; i < from->initializers->len; i++)
    {
      OxInitializer *initializer = g_ptr_array_index (from->initializers, i);
      g_autofree char *name = name_of (initializer->name, as);

      ox_graph_add_initializer (to, as != NULL ? ox_initializer_called (initializer, name) : ox_initializer_ref (initializer));
    }
  for (guint i = 0; i < from->nodes->len; i++)
    ox_node_copy (ox_graph_node (from, i), to, as);
  to->passthrough = ref_kept (from->passthrough);
  to->metadata = copy_metadata (from->metadata);
  to->unknown = ref_bytes (from->unknown);
}

static void
copy_function (const OxFunction *from, OxModel *model)
{
  OxFunction *to = ox_function_new (model, from->domain, from->name, from->overload);

  to->doc = g_strdup (from->doc);
  copy_opsets (from->opsets, to->opsets);
  for (guint i = 0; i < from->attributes->len; i++)
    g_ptr_array_add (to->attributes, g_strdup (g_ptr_array_index (from->attributes, i)));
  for (guint i = 0; i < from->attribute_defaults->len; i++)
    g_ptr_array_add (to->attribute_defaults, copy_attribute (g_ptr_array_index (from->attribute_defaults, i), model, NULL));
  g_clear_pointer (&to->metadata, g_array_unref);
  to->metadata = copy_metadata (from->metadata);
  to->unknown = ref_bytes (from->unknown);
  copy_graph (from->body, to->body, NULL);
}

OxModel *
ox_model_copy (const OxModel *model)
{
  OxModel *copy = ox_model_new ();

  copy->path = g_strdup (model->path);
  copy->ir_version = model->ir_version;
  copy->model_version = model->model_version;
  copy->producer_name = g_strdup (model->producer_name);
  copy->producer_version = g_strdup (model->producer_version);
  copy->domain = g_strdup (model->domain);
  copy->doc = g_strdup (model->doc);
  copy_opsets (model->opsets, copy->opsets);
  if (model->metadata != NULL)
    {
      g_clear_pointer (&copy->metadata, g_array_unref);
      copy->metadata = copy_metadata (model->metadata);
    }
  for (guint i = 0; i < model->passthrough->len; i++)
    g_ptr_array_add (copy->passthrough, g_bytes_ref (g_ptr_array_index (model->passthrough, i)));
  copy->unknown = ref_bytes (model->unknown);
  copy->file = ref_bytes (model->file);
  copy->external_bytes = model->external_bytes;
  for (guint i = 0; i < model->functions->len; i++)
    copy_function (g_ptr_array_index (model->functions, i), copy);
  copy->graph = ox_graph_new (copy, model->graph->name);
  copy_graph (model->graph, copy->graph, NULL);
  return copy;
}
