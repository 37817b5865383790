/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "proto/ox-data-set.h"

#include <string.h>

#include "core/ox-error.h"
#include "tensor/ox-tensor-file.h"

static GBytes *
map_file (const char *path, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GMappedFile) map = g_mapped_file_new (path, FALSE, &cause);

  if (map != NULL)
    return g_mapped_file_get_bytes (map);
  ox_fail (error, OX_ERROR_FILE, "%s", cause->message);
  return NULL;
}

static OxValue *
load_pb (const char *path, const OxType *type, char **name, GError **error)
{
  g_autoptr (GBytes) bytes = map_file (path, error);
  OxValue *value = bytes != NULL ? ox_import_value (bytes, type, name, error) : NULL;

  if (value == NULL && bytes != NULL)
    ox_error_prefix (error, "%s", path);
  return value;
}

OxValue *
ox_value_load (const char *path, const OxType *type, GError **error)
{
  const char *found = strstr (path, ".npz:"), *colon = found != NULL ? found + 4 : NULL;
  g_autofree char *file = NULL;
  OxTensor *tensor;

  if (found == NULL && (found = strstr (path, ".oxtrace:")) != NULL)
    colon = found + strlen (".oxtrace");
  file = colon != NULL ? g_strndup (path, (gsize) (colon - path)) : g_strdup (path);
  if (g_str_has_suffix (path, ".pb") || g_str_has_suffix (path, ".tensorproto"))
    return load_pb (path, type, NULL, error);
  tensor = ox_tensor_file_load (file, colon != NULL ? colon + 1 : NULL, type, error);
  return tensor != NULL ? ox_value_new_tensor (tensor) : NULL;
}

OxValue *
ox_value_load_named (const char *path, const char *name, const OxType *type, GError **error)
{
  if (g_str_has_suffix (path, ".npz") || g_str_has_suffix (path, ".oxtrace"))
    {
      OxNpzReader *reader = ox_npz_reader_new (path, error);
      g_autofree char *member = NULL;

      if (reader == NULL)
        return NULL;
      if (g_hash_table_contains (ox_npz_reader_names (reader), name))
        member = g_strdup_printf ("%s:%s", path, name);
      ox_npz_reader_free (reader);
      return ox_value_load (member != NULL ? member : path, type, error);
    }
  return ox_value_load (path, type, error);
}

/* The slots that files are numbered after. */
static GPtrArray *
numbered (const OxModel *model, gboolean outputs)
{
  const OxGraph *graph = model->graph;
  GPtrArray *slots = g_ptr_array_new ();

  if (outputs)
    for (guint i = 0; i < graph->output_infos->len; i++)
      g_ptr_array_add (slots, g_ptr_array_index (graph->output_infos, i));
  else
    for (guint i = 0; i < graph->inputs->len; i++)
      {
        OxSlot *slot = ox_graph_slot (graph, g_array_index (graph->inputs, int, i));

        if (slot->initializer == NULL)
          g_ptr_array_add (slots, slot);
      }
  return slots;
}

/* Inputs with a default come after those without for files that give them too. */
static void
add_defaults (const OxModel *model, GPtrArray *slots)
{
  const OxGraph *graph = model->graph;

  for (guint i = 0; i < graph->inputs->len; i++)
    {
      OxSlot *slot = ox_graph_slot (graph, g_array_index (graph->inputs, int, i));

      if (slot->initializer != NULL)
        g_ptr_array_add (slots, slot);
    }
}

/* Older data sets hold the bit patterns of bfloat16 as uint16, because numpy has no such type: where the model declares
 * bf16, u16 is that. (transfer full), takes @value. */
static OxValue *
as_declared (OxValue *value, const OxType *type, GError **error)
{
  g_autoptr (OxValue) own = value;
  const OxTensor *from = ox_value_get_tensor (value);
  g_autoptr (OxTensor) bits = NULL;
  OxTensor *to;

  if (from == NULL || from->dtype != OX_U16 || type == NULL || type->kind != OX_TYPE_TENSOR || type->dtype != OX_BF16)
    return g_steal_pointer (&own);
  bits = ox_tensor_usable (value->tensor, error);
  to = bits != NULL ? ox_tensor_new (OX_BF16, bits->rank, bits->dims, error) : NULL;
  if (to == NULL)
    return NULL;
  for (gint64 i = 0; i < to->count; i++)
    memcpy (ox_tensor_element (to, i), ox_tensor_element (bits, i), sizeof (guint16));
  return ox_value_new_tensor (to);
}

GHashTable *
ox_data_set_load (const OxModel *model, const char *folder, gboolean outputs, GError **error)
{
  g_autoptr (GHashTable) values
    = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  g_autoptr (GPtrArray) slots = numbered (model, outputs);

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    {
      ox_fail (error, OX_ERROR_FILE, "%s: there is no such folder", folder);
      return NULL;
    }
  if (!outputs)
    add_defaults (model, slots);
  for (guint i = 0;; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s_%u.pb", folder, outputs ? "output" : "input", i);
      const OxSlot *slot = i < slots->len ? g_ptr_array_index (slots, i) : NULL;
      g_autofree char *name = NULL;
      OxValue *value;

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        break;
      if (slot == NULL)
        {
          ox_fail (error, OX_ERROR_FORMAT, "%s: the model has only %u %s", path, slots->len, outputs ? "outputs" : "inputs");
          return NULL;
        }
      value = load_pb (path, slot->type, &name, error);
      if (value == NULL)
        return NULL;
      for (guint k = 0; name != NULL && name[0] != '\0' && k < slots->len; k++)
        if (strcmp (((const OxSlot *) g_ptr_array_index (slots, k))->name, name) == 0)
          slot = g_ptr_array_index (slots, k);
      value = as_declared (value, slot->type, error);
      if (value == NULL)
        return NULL;
      g_hash_table_insert (values, g_strdup (slot->name), value);
    }
  return g_steal_pointer (&values);
}

gboolean
ox_data_set_write (const char *folder, gboolean outputs, guint i, const char *name, const OxValue *value, GError **error)
{
  g_autofree char *path = g_strdup_printf ("%s/%s_%u.pb", folder, outputs ? "output" : "input", i);
  g_autoptr (GBytes) bytes = ox_export_value (value, name, error);
  g_autoptr (GError) cause = NULL;

  if (bytes == NULL)
    return FALSE;
  if (g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), &cause))
    return TRUE;
  return ox_fail (error, OX_ERROR_FILE, "%s", cause->message);
}
