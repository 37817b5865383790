/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "core/ox-error.h"
#include "debug/ox-reference-private.h"
#include "tensor/ox-tensor-file.h"

/* Values by name. */
typedef struct
{
  OxReference     base;
  OxNpzReader    *npz;         /* one of these three */
  GHashTable     *files;       /* name -> path */
  GHashTable     *values;      /* name -> OxValue */
  OxReferenceLoad load;
  GHashTable     *tame;        /* name with only letters, digits and '_' -> name (not owned); "" for two of them; NULL until asked */
  GString        *inner;       /* the name of a value in a body, for as long as it is looked for */
} Table;

void
ox_reference_free (OxReference *self)
{
  g_free (self->title);
  g_free (self->remark);
  self->class->free (self);
}

OxValue *
ox_reference_get (OxReference *self, OxFrame *frame, const OxNode *node, guint output, const OxValue *found, GError **error)
{
  const char *name = g_ptr_array_index (node->output_names, output);

  return name[0] != '\0' ? self->class->get (self, frame, node, output, found, error) : NULL;
}

gboolean
ox_reference_is_exact (OxReference *self, const OxNode *node)
{
  return self->class->is_exact != NULL && self->class->is_exact (self, node);
}

gboolean
ox_reference_is_same (OxReference *self)
{
  return self->same;
}

OxDtype
ox_reference_dtype (OxReference *self)
{
  return self->dtype;
}

GPtrArray *
ox_reference_region (OxReference *self, const OxNode *node, guint output)
{
  GPtrArray *nodes = g_ptr_array_new ();

  if (self->class->region != NULL)
    self->class->region (self, node, output, nodes);
  return nodes;
}

static gint
by_place (gconstpointer a, gconstpointer b)
{
  const OxNode *x = *(const OxNode *const *) a, *y = *(const OxNode *const *) b;

  return (x->index > y->index) - (x->index < y->index);
}

void
ox_region_collect (const OxNode *node, gboolean (*between) (const OxSlot *slot, gpointer data), gpointer data, GPtrArray *nodes)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  g_ptr_array_add (nodes, (gpointer) node);
  g_hash_table_add (seen, (gpointer) node);
  /* The array is its own list of what is to be looked at. */
  for (guint next = 0; next < nodes->len; next++)
    {
      const OxNode *at = g_ptr_array_index (nodes, next);

      for (guint i = 0; i < at->input_names->len; i++)
        {
          const OxSlot *slot = at->inputs[i].slot >= 0 ? ox_node_input_slot (at, (int) i) : NULL;

          if (slot != NULL && slot->producer != NULL && slot->producer->graph == node->graph && between (slot, data)
              && g_hash_table_add (seen, slot->producer))
            g_ptr_array_add (nodes, slot->producer);
        }
    }
  g_ptr_array_sort (nodes, by_place);
}

int
ox_reference_size (OxReference *self)
{
  return self->size;
}

void
ox_reference_set_cancellable (OxReference *self, GCancellable *cancellable)
{
  self->cancellable = cancellable;
}

void
ox_reference_run_again (OxReference *self)
{
  self->runs_again = TRUE;
}

const char *
ox_reference_title (OxReference *self)
{
  return self->title;
}

const char *
ox_reference_remark (OxReference *self)
{
  return self->remark;
}

/* ---- tables --------------------------------------------------------------------------------------------------- */

/* File names and some tools cannot have every character. (transfer full) */
static char *
tame_name (const char *name)
{
  char *tame = g_strdup (name);

  for (char *p = tame; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p))
      *p = '_';
  return tame;
}

static GHashTable *
table_names (Table *self)
{
  if (self->npz != NULL)
    return ox_npz_reader_names (self->npz);
  return self->files != NULL ? self->files : self->values;
}

static GHashTable *
tame_names (Table *self)
{
  GHashTable *tame = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, table_names (self));
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      char *key = tame_name (name);

      g_hash_table_replace (tame, key, g_hash_table_contains (tame, key) ? "" : name);
    }
  return tame;
}

/* The name as the table has it, or NULL. */
static const char *
find_name (Table *self, const char *name)
{
  g_autofree char *tame = NULL;
  const char *found;
  gpointer own;

  if (g_hash_table_lookup_extended (table_names (self), name, &own, NULL))
    return own;
  if (self->tame == NULL)
    self->tame = tame_names (self);
  tame = tame_name (name);
  found = g_hash_table_lookup (self->tame, tame);
  return found != NULL && found[0] != '\0' ? found : NULL;
}

/* NAME, or NAME#FRAME in a body; until the next is asked for. */
static const char *
name_in (Table *self, const OxFrame *frame, const char *name)
{
  char digits[24];
  guint at = sizeof digits - 1;

  if (frame->id == 0)
    return name;
  digits[at] = '\0';
  for (guint64 id = frame->id; id > 0; id /= 10)
    digits[--at] = (char) ('0' + id % 10);
  digits[--at] = '#';
  g_string_assign (self->inner, name);
  g_string_append (self->inner, digits + at);
  return self->inner->str;
}

/* Files of numpy hold types it lacks widened to one it has. */
static OxValue *
narrow (OxTensor *tensor, const OxValue *found, GError **error)
{
  OxTensor *narrow_one;
  OxDtype wide = tensor->dtype, dtype = found->kind == OX_VALUE_TENSOR ? found->dtype : wide;
  gboolean fits = ox_dtype_bits (dtype) < ox_dtype_bits (wide)
                  && ((ox_dtype_class (dtype) == OX_CLASS_SMALL && dtype != OX_F16 && ox_dtype_is_float (wide))
                      || (ox_dtype_is_packed (dtype) && ox_dtype_is_integer (dtype) && ox_dtype_is_integer (wide)));

  if (!fits)
    return ox_value_new_tensor (tensor);
  narrow_one = ox_tensor_convert (tensor, dtype, error);
  ox_tensor_unref (tensor);
  return narrow_one != NULL ? ox_value_new_tensor (narrow_one) : NULL;
}

static OxValue *
table_get (OxReference *reference, OxFrame *frame, const OxNode *node, guint output, const OxValue *found, GError **error)
{
  Table *self = (Table *) reference;
  const char *name = find_name (self, name_in (self, frame, g_ptr_array_index (node->output_names, output)));
  g_autoptr (OxType) type = NULL;
  OxTensor *tensor;
  OxValue *value;

  if (name == NULL)
    return NULL;
  if (self->values != NULL)
    return ox_value_ref (g_hash_table_lookup (self->values, name));
  if (self->npz != NULL)
    {
      tensor = ox_npz_reader_get (self->npz, name, found->kind == OX_VALUE_TENSOR ? found->dtype : OX_UNDEFINED, error);
      return tensor != NULL ? narrow (tensor, found, error) : NULL;
    }
  type = ox_type_of_value (found);
  value = self->load (g_hash_table_lookup (self->files, name), type, error);
  if (value == NULL || value->kind != OX_VALUE_TENSOR)
    return value;
  tensor = ox_tensor_ref (value->tensor);
  ox_value_unref (value);
  return narrow (tensor, found, error);
}

static void
table_free (OxReference *reference)
{
  Table *self = (Table *) reference;

  g_clear_pointer (&self->npz, ox_npz_reader_free);
  g_clear_pointer (&self->files, g_hash_table_unref);
  g_clear_pointer (&self->values, g_hash_table_unref);
  g_clear_pointer (&self->tame, g_hash_table_unref);
  g_string_free (self->inner, TRUE);
  g_free (self);
}

static const OxReferenceClass table_class = { table_get, NULL, table_free, NULL };

static OxReference *
table_new (OxNpzReader *npz, GHashTable *files, GHashTable *values, const char *title)
{
  Table *self = g_new0 (Table, 1);

  self->base.class = &table_class;
  self->base.title = g_strdup (title);
  self->npz = npz;
  self->files = files;
  self->values = values;
  self->base.size = (int) g_hash_table_size (table_names (self));
  self->inner = g_string_new (NULL);
  return &self->base;
}

OxReference *
ox_reference_new_npz (const char *path, GError **error)
{
  OxNpzReader *npz = ox_npz_reader_new (path, error);

  return npz != NULL ? table_new (npz, NULL, NULL, path) : NULL;
}

OxReference *
ox_reference_new_files (GHashTable *files, OxReferenceLoad load, const char *title)
{
  OxReference *self = table_new (NULL, files, NULL, title);

  ((Table *) self)->load = load;
  return self;
}

OxReference *
ox_reference_new_values (GHashTable *values, const char *title)
{
  return table_new (NULL, NULL, values, title);
}
