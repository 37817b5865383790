/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/ox-model.h"

#include <string.h>

#include "model/ox-model-private.h"

static void
opset_clear (gpointer data)
{
  g_free (((OxOpset *) data)->domain);
}

GArray *
ox_opsets_new (void)
{
  GArray *opsets = g_array_new (FALSE, TRUE, sizeof (OxOpset));

  g_array_set_clear_func (opsets, opset_clear);
  return opsets;
}

GArray *
ox_metadata_new (void)
{
  GArray *metadata = g_array_new (FALSE, TRUE, sizeof (OxMetadata));

  g_array_set_clear_func (metadata, ox_metadata_clear);
  return metadata;
}

const char *
ox_domain_canonical (const char *domain)
{
  return domain == NULL || domain[0] == '\0' ? "ai.onnx" : domain;
}

gboolean
ox_domain_equal (const char *a, const char *b)
{
  return strcmp (ox_domain_canonical (a), ox_domain_canonical (b)) == 0;
}

OxModel *
ox_model_new (void)
{
  OxModel *model = g_new0 (OxModel, 1);

  g_atomic_ref_count_init (&model->refs);
  model->opsets = ox_opsets_new ();
  model->metadata = ox_metadata_new ();
  model->functions = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_function_free);
  model->warnings = g_ptr_array_new_with_free_func (g_free);
  model->passthrough = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  model->made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_function_free);
  g_mutex_init (&model->lock);
  return model;
}

OxModel *
ox_model_ref (OxModel *model)
{
  g_atomic_ref_count_inc (&model->refs);
  return model;
}

void
ox_model_unref (OxModel *model)
{
  if (!g_atomic_ref_count_dec (&model->refs))
    return;
  g_free (model->path);
  g_free (model->producer_name);
  g_free (model->producer_version);
  g_free (model->domain);
  g_free (model->doc);
  g_array_unref (model->opsets);
  g_array_unref (model->metadata);
  g_clear_pointer (&model->graph, ox_graph_free);
  g_ptr_array_unref (model->functions);
  g_hash_table_unref (model->made);
  g_mutex_clear (&model->lock);
  g_ptr_array_unref (model->warnings);
  g_ptr_array_unref (model->passthrough);
  g_clear_pointer (&model->unknown, g_bytes_unref);
  g_clear_pointer (&model->file, g_bytes_unref);
  g_free (model);
}

static OxFunction *
function_new (OxModel *model, const char *domain, const char *name, const char *overload)
{
  OxFunction *function = g_new0 (OxFunction, 1);

  function->domain = g_strdup (ox_domain_canonical (domain));
  function->name = g_strdup (name != NULL ? name : "");
  function->overload = g_strdup (overload != NULL ? overload : "");
  function->body = ox_graph_new (model, name);
  function->body->function = function;
  function->attributes = g_ptr_array_new_with_free_func (g_free);
  function->attribute_defaults = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_attribute_free);
  function->opsets = ox_opsets_new ();
  function->metadata = ox_metadata_new ();
  return function;
}

OxFunction *
ox_function_new (OxModel *model, const char *domain, const char *name, const char *overload)
{
  OxFunction *function = function_new (model, domain, name, overload);

  g_ptr_array_add (model->functions, function);
  return function;
}

OxFunction *
ox_function_new_apart (OxModel *model, const char *name)
{
  OxFunction *function = function_new (model, NULL, name, NULL);

  /* It is of no domain. */
  function->domain[0] = '\0';
  return function;
}

OxFunction *
ox_model_keep_function (OxModel *model, const char *key, OxFunction *function)
{
  OxFunction *kept;

  g_mutex_lock (&model->lock);
  kept = g_hash_table_lookup (model->made, key);
  if (kept == NULL)
    g_hash_table_insert (model->made, g_strdup (key), function);
  g_mutex_unlock (&model->lock);
  if (kept != NULL)
    ox_function_free (function);
  return kept != NULL ? kept : function;
}

OxFunction *
ox_model_kept_function (OxModel *model, const char *key)
{
  OxFunction *kept;

  g_mutex_lock (&model->lock);
  kept = g_hash_table_lookup (model->made, key);
  g_mutex_unlock (&model->lock);
  return kept;
}

void
ox_function_free (OxFunction *function)
{
  g_free (function->domain);
  g_free (function->name);
  g_free (function->overload);
  g_free (function->doc);
  g_clear_pointer (&function->body, ox_graph_free);
  g_ptr_array_unref (function->attributes);
  g_ptr_array_unref (function->attribute_defaults);
  g_array_unref (function->opsets);
  g_array_unref (function->metadata);
  g_clear_pointer (&function->unknown, g_bytes_unref);
  g_free (function);
}

static gint64
find_opset (const GArray *opsets, const char *domain)
{
  for (guint i = 0; i < opsets->len; i++)
    {
      const OxOpset *opset = &g_array_index (opsets, OxOpset, i);

      if (ox_domain_equal (opset->domain, domain))
        return opset->version;
    }
  return 0;
}

gint64
ox_model_opset (const OxModel *model, const OxGraph *graph, const char *domain)
{
  const OxFunction *function;
  gint64 version = 0;

  while (graph != NULL && graph->outer != NULL)
    graph = graph->outer;
  function = graph != NULL ? graph->function : NULL;
  if (function != NULL)
    version = find_opset (function->opsets, domain);
  return version != 0 ? version : find_opset (model->opsets, domain);
}

OxFunction *
ox_model_find_function (const OxModel *model, const char *domain, const char *name, const char *overload)
{
  for (guint i = 0; i < model->functions->len; i++)
    {
      OxFunction *function = g_ptr_array_index (model->functions, i);

      if (strcmp (function->name, name) == 0 && ox_domain_equal (function->domain, domain)
          && strcmp (function->overload, overload != NULL ? overload : "") == 0)
        return function;
    }
  return NULL;
}

void
ox_model_foreach_graph (const OxModel *model, void (*func) (OxGraph *graph, gpointer data), gpointer data)
{
  if (model->graph != NULL)
    ox_graph_foreach (model->graph, func, data);
  for (guint i = 0; i < model->functions->len; i++)
    ox_graph_foreach (((OxFunction *) g_ptr_array_index (model->functions, i))->body, func, data);
}

typedef struct
{
  const char *path;
  OxGraph    *found;
} Wanted;

static void
look_for (OxGraph *graph, gpointer data)
{
  Wanted *wanted = data;
  g_autofree char *path = wanted->found == NULL ? ox_graph_path (graph) : NULL;

  if (g_strcmp0 (path, wanted->path) == 0)
    wanted->found = graph;
}

OxGraph *
ox_model_find_graph (const OxModel *model, const char *path)
{
  Wanted wanted = { path, NULL };

  ox_model_foreach_graph (model, look_for, &wanted);
  return wanted.found;
}

const char *
ox_model_get_metadata (const OxModel *model, const char *key)
{
  for (guint i = 0; i < model->metadata->len; i++)
    {
      const OxMetadata *entry = &g_array_index (model->metadata, OxMetadata, i);

      if (strcmp (entry->key, key) == 0)
        return entry->value;
    }
  return NULL;
}

static void
count_initializer (OxModelCounts *counts, const OxInitializer *initializer)
{
  counts->parameters += (guint64) ox_initializer_count (initializer);
  counts->bytes += ox_initializer_bytes (initializer);
}

static void
count_graph (OxGraph *graph, gpointer data)
{
  OxModelCounts *counts = data;

  counts->nodes_total += graph->nodes->len;
  counts->initializers += graph->initializers->len;
  for (guint i = 0; i < graph->initializers->len; i++)
    count_initializer (counts, g_ptr_array_index (graph->initializers, i));
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const OxNode *node = g_ptr_array_index (graph->nodes, i);
      gboolean standard = ox_domain_equal (node->domain, NULL);
      g_autofree char *qualified = standard ? NULL : g_strconcat (node->domain, ".", node->op_type, NULL);
      const char *key = standard ? node->op_type : qualified;
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts->op_types, key));

      g_hash_table_insert (counts->op_types, g_strdup (key), GUINT_TO_POINTER (n + 1));
      if (standard && strcmp (node->op_type, "Constant") == 0)
        for (guint j = 0; j < node->attributes->len; j++)
          {
            const OxAttribute *attribute = g_ptr_array_index (node->attributes, j);

            for (guint k = 0; attribute->tensors != NULL && k < attribute->tensors->len; k++)
              count_initializer (counts, g_ptr_array_index (attribute->tensors, k));
          }
    }
}

void
ox_model_count (const OxModel *model, OxModelCounts *counts)
{
  memset (counts, 0, sizeof *counts);
  counts->op_types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  ox_model_foreach_graph (model, count_graph, counts);
  counts->nodes = model->graph != NULL ? model->graph->nodes->len : 0;
}

void
ox_model_counts_clear (OxModelCounts *counts)
{
  g_clear_pointer (&counts->op_types, g_hash_table_unref);
}
