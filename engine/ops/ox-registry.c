/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-op.h"

#define OX_FAMILY_ROW(id) extern const OxOpFamily ox_family_##id;
#include "ops/families.def"
#undef OX_FAMILY_ROW

static const OxOpFamily *const families[] = {
#define OX_FAMILY_ROW(id) &ox_family_##id,
#include "ops/families.def"
#undef OX_FAMILY_ROW
  NULL,
};

typedef struct
{
  const char *domain, *name;
  GPtrArray *rows; /* const OxOp *, newest first */
} Entry;

static guint
entry_hash (gconstpointer key)
{
  const Entry *entry = key;

  return g_str_hash (entry->name) + 31 * g_str_hash (entry->domain);
}

static gboolean
entry_equal (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;

  return g_str_equal (x->name, y->name) && g_str_equal (x->domain, y->domain);
}

static int
newest_first (gconstpointer a, gconstpointer b)
{
  const OxOp *x = *(const OxOp *const *) a, *y = *(const OxOp *const *) b;

  return y->since - x->since;
}

static GHashTable *
build (void)
{
  GHashTable *table = g_hash_table_new (entry_hash, entry_equal);
  GHashTableIter iter;
  gpointer value;

  for (guint f = 0; families[f] != NULL; f++)
    for (int i = 0; i < families[f]->n_rows; i++)
      {
        const OxOp *op = &families[f]->rows[i];
        const Entry key = { families[f]->domain, op->name, NULL };
        Entry *entry = g_hash_table_lookup (table, &key);

        if (entry == NULL)
          {
            entry = g_new (Entry, 1);
            *entry = key;
            entry->rows = g_ptr_array_new ();
            g_hash_table_add (table, entry);
          }
        g_ptr_array_add (entry->rows, (gpointer) op);
      }
  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_sort (((Entry *) value)->rows, newest_first);
  return table;
}

/* Made once and kept for the life of the program. */
static GHashTable *
registry (void)
{
  static gsize table;

  if (g_once_init_enter (&table))
    g_once_init_leave (&table, (gsize) build ());
  return (GHashTable *) table;
}

const OxOp *
ox_op_find (const char *domain, const char *name, gint64 version)
{
  const Entry key = { ox_domain_canonical (domain), name, NULL };
  const Entry *entry = g_hash_table_lookup (registry (), &key);

  for (guint i = 0; entry != NULL && i < entry->rows->len; i++)
    {
      const OxOp *op = g_ptr_array_index (entry->rows, i);

      if (op->since <= version)
        return op;
    }
  return NULL;
}

void
ox_op_foreach (void (*func) (const char *domain, const OxOp *op, gpointer data), gpointer data)
{
  for (guint f = 0; families[f] != NULL; f++)
    for (int i = 0; i < families[f]->n_rows; i++)
      func (families[f]->domain, &families[f]->rows[i], data);
}
