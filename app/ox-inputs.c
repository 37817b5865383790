/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-inputs.h"

#include <string.h>

#include "core/ox-error.h"
#include "proto/ox-data-set.h"

struct _OxInputs
{
  OxModel    *model;
  GArray     *choices;   /* OxInputChoice, one a graph input */
  GPtrArray  *names;     /* char*: symbolic dimensions */
  GHashTable *symbols;   /* name -> gint64* */
  guint64     seed;
};

static void
choice_clear (gpointer data)
{
  g_free (((OxInputChoice *) data)->path);
}

static void
add_symbols (OxInputs *inputs, const OxType *type)
{
  for (; type != NULL; type = type->elem)
    for (int i = 0; i < type->rank; i++)
      {
        const char *name = type->dims[i].param;

        if (type->dims[i].value >= 0 || name == NULL || *name == '\0' || g_hash_table_contains (inputs->symbols, name))
          continue;
        g_ptr_array_add (inputs->names, g_strdup (name));
        ox_inputs_set_symbol (inputs, name, 1);
      }
}

static OxInputs *
new_empty (OxModel *model)
{
  OxInputs *inputs = g_new0 (OxInputs, 1);

  inputs->model = ox_model_ref (model);
  inputs->choices = g_array_new (FALSE, TRUE, sizeof (OxInputChoice));
  g_array_set_clear_func (inputs->choices, choice_clear);
  inputs->names = g_ptr_array_new_with_free_func (g_free);
  inputs->symbols = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return inputs;
}

OxInputs *
ox_inputs_new (OxModel *model)
{
  OxInputs *inputs = new_empty (model);

  for (guint i = 0; i < model->graph->inputs->len; i++)
    {
      const OxSlot *slot = ox_graph_slot (model->graph, g_array_index (model->graph->inputs, int, i));
      OxInputChoice choice = { slot->initializer != NULL ? OX_INPUT_DEFAULT : OX_INPUT_FILL, OX_FILL_RANDOM, NULL };

      g_array_append_val (inputs->choices, choice);
      if (slot->initializer == NULL)
        add_symbols (inputs, slot->type);
    }
  return inputs;
}

OxInputs *
ox_inputs_copy (const OxInputs *inputs)
{
  OxInputs *copy = new_empty (inputs->model);

  copy->seed = inputs->seed;
  for (guint i = 0; i < inputs->choices->len; i++)
    {
      OxInputChoice choice = g_array_index (inputs->choices, OxInputChoice, i);

      choice.path = g_strdup (choice.path);
      g_array_append_val (copy->choices, choice);
    }
  for (guint i = 0; i < inputs->names->len; i++)
    {
      const char *name = g_ptr_array_index (inputs->names, i);

      g_ptr_array_add (copy->names, g_strdup (name));
      ox_inputs_set_symbol (copy, name, ox_inputs_get_symbol (inputs, name));
    }
  return copy;
}

void
ox_inputs_free (OxInputs *inputs)
{
  if (inputs == NULL)
    return;
  ox_model_unref (inputs->model);
  g_array_unref (inputs->choices);
  g_ptr_array_unref (inputs->names);
  g_hash_table_unref (inputs->symbols);
  g_free (inputs);
}

guint
ox_inputs_length (const OxInputs *inputs)
{
  return inputs->choices->len;
}

const OxSlot *
ox_inputs_slot (const OxInputs *inputs, guint i)
{
  return ox_graph_slot (inputs->model->graph, g_array_index (inputs->model->graph->inputs, int, i));
}

const OxInputChoice *
ox_inputs_get (const OxInputs *inputs, guint i)
{
  return &g_array_index (inputs->choices, OxInputChoice, i);
}

static void
set (OxInputs *inputs, guint i, OxInputKind kind, OxFill fill, const char *path)
{
  OxInputChoice *choice = &g_array_index (inputs->choices, OxInputChoice, i);
  char *copy = g_strdup (path);

  g_free (choice->path);
  *choice = (OxInputChoice){ kind, fill, copy };
}

void
ox_inputs_set_fill (OxInputs *inputs, guint i, OxFill fill)
{
  set (inputs, i, OX_INPUT_FILL, fill, NULL);
}

void
ox_inputs_set_default (OxInputs *inputs, guint i)
{
  set (inputs, i, OX_INPUT_DEFAULT, OX_FILL_RANDOM, NULL);
}

void
ox_inputs_set_file (OxInputs *inputs, guint i, const char *path)
{
  set (inputs, i, OX_INPUT_FILE, OX_FILL_RANDOM, path);
}

static char *
existing (const char *folder, const char *name, const char *ending)
{
  g_autofree char *base = g_strconcat (name, ending, NULL), *path = NULL;

  /* A name with a slash would lead out of the folder. */
  if (strchr (base, G_DIR_SEPARATOR) != NULL)
    return NULL;
  path = g_build_filename (folder, base, NULL);
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer (&path) : NULL;
}

guint
ox_inputs_set_folder (OxInputs *inputs, const char *folder, GError **error)
{
  guint found = 0, number = 0;

  for (guint i = 0; i < inputs->choices->len; i++)
    {
      const OxSlot *slot = ox_inputs_slot (inputs, i);
      g_autofree char *numbered = g_strdup_printf ("input_%u", number);
      g_autofree char *path = existing (folder, numbered, ".pb");

      if (path == NULL)
        path = existing (folder, slot->name, ".npy");
      if (path == NULL)
        path = existing (folder, slot->name, ".pb");
      /* Old models list their weights as inputs; data sets have no files for them. */
      if (path != NULL || slot->initializer == NULL)
        number++;
      if (path == NULL)
        continue;
      ox_inputs_set_file (inputs, i, path);
      found++;
    }
  if (found == 0)
    ox_fail (error, OX_ERROR_FILE, "%s: expected input_0.pb, input_1.pb, … or files named as the inputs, found none", folder);
  return found;
}

guint64
ox_inputs_get_seed (const OxInputs *inputs)
{
  return inputs->seed;
}

void
ox_inputs_set_seed (OxInputs *inputs, guint64 seed)
{
  inputs->seed = seed;
}

const char *
ox_inputs_symbol (const OxInputs *inputs, guint i)
{
  return i < inputs->names->len ? g_ptr_array_index (inputs->names, i) : NULL;
}

gint64
ox_inputs_get_symbol (const OxInputs *inputs, const char *name)
{
  const gint64 *value = g_hash_table_lookup (inputs->symbols, name);

  return value != NULL ? *value : 1;
}

void
ox_inputs_set_symbol (OxInputs *inputs, const char *name, gint64 value)
{
  gint64 *copy = g_new (gint64, 1);

  *copy = value;
  g_hash_table_replace (inputs->symbols, g_strdup (name), copy);
}

OxValue *
ox_inputs_read (const OxSlot *slot, const char *path, GError **error)
{
  return ox_value_load_named (path, slot->name, slot->type, error);
}

GHashTable *
ox_inputs_make (const OxInputs *inputs, GError **error)
{
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);

  for (guint i = 0; i < inputs->choices->len; i++)
    {
      const OxInputChoice *choice = ox_inputs_get (inputs, i);
      const OxSlot *slot = ox_inputs_slot (inputs, i);
      OxValue *value = NULL;

      if (choice->kind == OX_INPUT_DEFAULT)
        continue;
      if (choice->kind == OX_INPUT_FILE)
        value = ox_inputs_read (slot, choice->path, error);
      else
        /* Every input draws other numbers. */
        value = ox_feed_make (slot, choice->fill, inputs->seed + i, inputs->symbols, -1, NULL, error);
      if (value == NULL)
        {
          ox_error_prefix (error, "input '%s'", slot->name);
          return NULL;
        }
      g_hash_table_insert (values, g_strdup (slot->name), value);
    }
  return g_steal_pointer (&values);
}
