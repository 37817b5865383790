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

/* A row and the version of the entry's domain from which on it holds. */
typedef struct { int since; const OxOp *op; } Row;

typedef struct
{
  const char *domain, *name;
  GArray *rows; /* Row, newest first */
} Entry;

/* Operators that are one of the standard's under another name: the domain, name and version by which they are asked for,
 * then those of the standard's row. */
static const struct { const char *domain, *name; int since; const char *same_domain, *same_name; int same_version; } aliases[]
  = {
      /* ONNX Runtime had them before the standard. */
      { "com.microsoft", "GatherND", 1, "ai.onnx", "GatherND", 11 },
      { "com.microsoft", "GridSample", 1, "ai.onnx", "GridSample", 16 },
      { "com.microsoft", "Pad", 1, "ai.onnx", "Pad", 11 },
      { "com.microsoft", "SampleOp", 1, "ai.onnx", "Identity", 1 },
      { "com.microsoft", "TransposeMatMul", 1, "com.microsoft", "FusedMatMul", 1 },
      { "com.microsoft", "Trilu", 1, "ai.onnx", "Trilu", 14 },
      /* Experiments of the first opsets. */
      { "ai.onnx", "DynamicSlice", 1, "ai.onnx", "Slice", 10 },
      { "ai.onnx", "ThresholdedRelu", 1, "ai.onnx", "ThresholdedRelu", 10 },
      /* It keeps the texts whose mask is true, for all its name. */
      { "ai.onnx.contrib", "MaskedFill", 1, "ai.onnx", "Compress", 9 },
    };

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
  return ((const Row *) b)->since - ((const Row *) a)->since;
}

static void
add_row (GHashTable *table, const char *domain, const char *name, Row row)
{
  const Entry key = { domain, name, NULL };
  Entry *entry = g_hash_table_lookup (table, &key);

  if (entry == NULL)
    {
      entry = g_new (Entry, 1);
      *entry = key;
      entry->rows = g_array_new (FALSE, FALSE, sizeof (Row));
      g_hash_table_add (table, entry);
    }
  g_array_append_val (entry->rows, row);
  g_array_sort (entry->rows, newest_first);
}

static const OxOp *
find_row (GHashTable *table, const char *domain, const char *name, gint64 version)
{
  const Entry key = { domain, name, NULL };
  const Entry *entry = g_hash_table_lookup (table, &key);

  for (guint i = 0; entry != NULL && i < entry->rows->len; i++)
    {
      const Row *row = &g_array_index (entry->rows, Row, i);

      if (row->since <= version)
        return row->op;
    }
  return NULL;
}

static GHashTable *
build (void)
{
  GHashTable *table = g_hash_table_new (entry_hash, entry_equal);

  for (guint f = 0; families[f] != NULL; f++)
    for (int i = 0; i < families[f]->n_rows; i++)
      add_row (table, families[f]->domain, families[f]->rows[i].name,
               (Row){ families[f]->rows[i].since, &families[f]->rows[i] });
  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    {
      const OxOp *op = find_row (table, aliases[i].same_domain, aliases[i].same_name, aliases[i].same_version);

      g_assert (op != NULL);
      add_row (table, aliases[i].domain, aliases[i].name, (Row){ aliases[i].since, op });
    }
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
  return find_row (registry (), ox_domain_canonical (domain), name, version);
}

void
ox_op_foreach (void (*func) (const char *domain, const OxOp *op, gpointer data), gpointer data)
{
  for (guint f = 0; families[f] != NULL; f++)
    for (int i = 0; i < families[f]->n_rows; i++)
      func (families[f]->domain, &families[f]->rows[i], data);
}
