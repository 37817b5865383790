/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

/* What is inferred before a run against what the run makes. For every folder below those given that has a model.onnx and a
 * test_data_set_0: each output of each node, in bodies and functions too, must be of the inferred kind, type and rank; a
 * dimension that is a number must be that number, an expression must give it once the names are bound by the inputs; and
 * known elements must be those elements. TAP: a test a folder given. With -v also what was not known, by operator. */

#include <string.h>

#include "proto/ox-data-set.h"
#include "session/ox-inference.h"
#include "session/ox-session.h"

typedef struct
{
  OxFact  fact;
  OxDim  *ints;
} Known;

typedef struct
{
  gboolean    verbose;
  GHashTable *unknown;   /* operator -> how many of its outputs */
  guint       models, values, no_type, no_rank, open, free_names, wrong, skipped, misled;
} Audit;

typedef struct
{
  Audit      *audit;
  const char *folder;
  GHashTable *known;     /* OxSlot* -> Known */
  GHashTable *seen;      /* OxSlot* counted already */
  GHashTable *symbols;   /* name -> gint64* */
  OxDims     *dims;
  gboolean    misled;    /* the file declared an output as what the run does not make; what follows from it is wrong too */
} Case;

static void
known_free (gpointer data)
{
  Known *known = data;

  g_free (known->ints);
  g_free (known);
}

static void
take_fact (const OxSlot *slot, const OxFact *fact, OxDims *dims, gpointer data)
{
  Case *self = data;
  Known *known = g_new0 (Known, 1);

  known->fact = *fact;
  known->fact.tensor = NULL;
  if (fact->n_ints > 0)
    known->ints = g_memdup2 (fact->ints, (gsize) fact->n_ints * sizeof (OxDim));
  known->fact.ints = known->ints;
  if (self->dims == NULL)
    self->dims = ox_dims_ref (dims);
  g_hash_table_insert (self->known, (gpointer) slot, known);
}

static void
count_unknown (Case *self, const OxNode *node, const char *what)
{
  g_autofree char *key = g_strdup_printf ("%s %s.%s", what, node->domain, node->op_type);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->audit->unknown, key));

  g_hash_table_insert (self->audit->unknown, g_strdup (key), GUINT_TO_POINTER (n + 1));
}

static void
wrong (Case *self, const OxNode *node, const OxSlot *slot, const char *inferred, const OxValue *value)
{
  g_autofree char *found = ox_value_describe (value), *title = ox_node_title (node);
  g_autofree char *name = g_path_get_basename (self->folder);

  if (!self->misled && slot->type != NULL && !ox_type_check_value (slot->type, value, NULL, NULL))
    {
      g_print ("# %s: node '%s' (%s): '%s' is not what the file declares, but %s; no more is said of this model\n", name,
               title, node->op_type, slot->name, found);
      self->misled = TRUE;
      self->audit->misled++;
    }
  if (self->misled)
    return;
  g_print ("# %s: node '%s' (%s): '%s' was inferred %s, the run made %s\n", name, title, node->op_type, slot->name, inferred,
           found);
  self->audit->wrong++;
}

static gboolean
kinds_agree (OxTypeKind kind, OxValueKind value)
{
  switch (value)
    {
    case OX_VALUE_TENSOR:
      return kind == OX_TYPE_TENSOR || kind == OX_TYPE_OPTIONAL;
    case OX_VALUE_SPARSE:
      return kind == OX_TYPE_SPARSE;
    case OX_VALUE_SEQUENCE:
      return kind == OX_TYPE_SEQUENCE || kind == OX_TYPE_OPTIONAL;
    case OX_VALUE_OPTIONAL:
      return kind == OX_TYPE_OPTIONAL;
    case OX_VALUE_MAP:
      return kind == OX_TYPE_MAP;
    }
  return FALSE;
}

static void
compare (Case *self, const OxNode *node, const OxSlot *slot, const OxFact *fact, const OxValue *value)
{
  gboolean first = g_hash_table_add (self->seen, (gpointer) slot);
  const OxTensor *tensor = ox_value_get_tensor (value);

  if (first)
    self->audit->values++;
  if (fact == NULL || fact->kind == OX_TYPE_UNKNOWN)
    {
      if (first)
        {
          self->audit->no_type++;
          count_unknown (self, node, "type");
        }
      return;
    }
  if (!kinds_agree (fact->kind, value->kind))
    {
      wrong (self, node, slot, "another kind", value);
      return;
    }
  if (tensor == NULL || fact->kind != OX_TYPE_TENSOR)
    return;
  if (fact->dtype != OX_UNDEFINED && fact->dtype != tensor->dtype)
    {
      wrong (self, node, slot, ox_dtype_name (fact->dtype), value);
      return;
    }
  if (fact->rank < 0)
    {
      if (first)
        {
          self->audit->no_rank++;
          count_unknown (self, node, "rank");
        }
      return;
    }
  if (fact->rank != tensor->rank)
    {
      g_autofree char *text = g_strdup_printf ("rank %d", fact->rank);

      wrong (self, node, slot, text, value);
      return;
    }
  for (int i = 0; i < fact->rank; i++)
    {
      gint64 number;

      if (fact->dims[i] == OX_DIM_UNKNOWN)
        {
          if (first)
            {
              self->audit->open++;
              count_unknown (self, node, "dim");
            }
        }
      else if (!ox_dim_evaluate (self->dims, fact->dims[i], self->symbols, &number))
        self->audit->free_names += first;
      else if (number != tensor->dims[i])
        {
          g_autofree char *text = ox_dim_to_string (self->dims, fact->dims[i]);
          g_autofree char *words = g_strdup_printf ("dimension %d = %s", i, text);

          wrong (self, node, slot, words, value);
          return;
        }
    }
  if (fact->n_ints >= 0 && fact->n_ints != tensor->count)
    wrong (self, node, slot, "another number of elements", value);
  else if (fact->n_ints > 0 && (ox_dtype_is_integer (tensor->dtype) || tensor->dtype == OX_BOOL))
    {
      g_autoptr (OxTensor) usable = ox_tensor_usable ((OxTensor *) tensor, NULL);

      for (int i = 0; usable != NULL && i < fact->n_ints; i++)
        {
          gint64 number;

          if (!ox_dim_evaluate (self->dims, fact->ints[i], self->symbols, &number)
              || number == ox_tensor_get_int (usable, i))
            continue;
          else
            {
              g_autofree char *text = ox_dim_to_string (self->dims, fact->ints[i]);
              g_autofree char *words
                = g_strdup_printf ("element %d = %s, which it is not (%" G_GINT64_FORMAT ")", i, text,
                                   ox_tensor_get_int (usable, i));

              wrong (self, node, slot, words, value);
              return;
            }
        }
    }
}

static void
tap (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  Case *self = data;

  for (guint i = 0; i < node->output_names->len; i++)
    {
      const OxSlot *slot = ox_node_output_slot (node, (int) i);
      const Known *known = slot != NULL ? g_hash_table_lookup (self->known, slot) : NULL;

      if (slot != NULL && outputs[i] != NULL)
        compare (self, node, slot, known != NULL ? &known->fact : NULL, outputs[i]);
    }
}

/* The names of dimensions get the numbers that the inputs have. */
static void
bind (Case *self, const OxSlot *input, const OxValue *value)
{
  const OxTensor *tensor = ox_value_get_tensor (value);

  for (int i = 0; tensor != NULL && input->type != NULL && i < input->type->rank && i < tensor->rank; i++)
    if (input->type->dims[i].param != NULL && !g_hash_table_contains (self->symbols, input->type->dims[i].param))
      g_hash_table_insert (self->symbols, g_strdup (input->type->dims[i].param),
                           g_memdup2 (&tensor->dims[i], sizeof (gint64)));
}

static void
audit_case (Audit *audit, const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "model.onnx", NULL);
  g_autofree char *set = g_build_filename (folder, "test_data_set_0", NULL);
  g_autoptr (OxModel) model = ox_import_file (path, NULL, NULL, NULL);
  g_autoptr (GHashTable) inputs = model != NULL ? ox_data_set_load (model, set, FALSE, NULL) : NULL;
  g_autoptr (GHashTable) known = g_hash_table_new_full (NULL, NULL, NULL, known_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) symbols = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (OxSession) session = NULL;
  Case self = { .audit = audit, .folder = folder, .known = known, .seen = seen, .symbols = symbols };
  const OxInferenceSink sink = { .fact = take_fact, .data = &self };
  gboolean ok = inputs != NULL;

  if (ok)
    {
      ox_model_infer_into (model, &sink, NULL);
      session = ox_session_new (model, NULL);
      ox_session_set_tap (session, tap, &self);
    }
  for (guint i = 0; ok && i < model->graph->inputs->len; i++)
    {
      const OxSlot *slot = ox_graph_slot (model->graph, g_array_index (model->graph->inputs, int, i));
      OxValue *value = g_hash_table_lookup (inputs, slot->name);

      if (value != NULL)
        {
          bind (&self, slot, value);
          ok = ox_session_set_input (session, slot->name, value, NULL);
        }
    }
  /* A run that fails has shown what it could before it did. */
  if (ok && ox_session_run (session, NULL, NULL))
    audit->models++;
  else
    audit->skipped++;
  g_clear_pointer (&session, ox_session_free);
  g_clear_pointer (&self.dims, ox_dims_unref);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
search (Audit *audit, const char *folder, int depth)
{
  g_autofree char *model = g_build_filename (folder, "model.onnx", NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (g_file_test (model, G_FILE_TEST_EXISTS))
    {
      audit_case (audit, folder);
      return;
    }
  dir = depth > 0 ? g_dir_open (folder, 0, NULL) : NULL;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        g_ptr_array_add (names, g_steal_pointer (&path));
    }
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    search (audit, g_ptr_array_index (names, i), depth - 1);
}

static void
print_unknown (const Audit *audit)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer key, n;

  g_hash_table_iter_init (&iter, audit->unknown);
  while (g_hash_table_iter_next (&iter, &key, &n))
    g_ptr_array_add (lines, g_strdup_printf ("%6u no %s", GPOINTER_TO_UINT (n), (const char *) key));
  g_ptr_array_sort (lines, compare_names);
  for (guint i = 0; i < lines->len; i++)
    g_print ("# %s\n", (const char *) g_ptr_array_index (lines, i));
}

int
main (int argc, char **argv)
{
  gboolean verbose = argc > 1 && strcmp (argv[1], "-v") == 0;
  int first = verbose ? 2 : 1, bad = 0;

  g_print ("1..%d\n", argc - first);
  for (int i = first; i < argc; i++)
    {
      g_autoptr (GHashTable) unknown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      Audit audit = { .verbose = verbose, .unknown = unknown };

      if (!g_file_test (argv[i], G_FILE_TEST_IS_DIR))
        {
          g_print ("ok %d - inference # SKIP %s is not there\n", i - first + 1, argv[i]);
          continue;
        }
      search (&audit, argv[i], 8);
      if (verbose)
        print_unknown (&audit);
      g_print ("# %s: %u models ran, %u did not; %u values, %u wrong; not known: type %u, rank %u, dimensions %u; "
               "names bound by no input %u; models that declare what they do not make %u\n",
               argv[i], audit.models, audit.skipped, audit.values, audit.wrong, audit.no_type, audit.no_rank, audit.open,
               audit.free_names, audit.misled);
      g_print ("%s %d - what is inferred of %u models is what their runs make\n", audit.wrong == 0 ? "ok" : "not ok",
               i - first + 1, audit.models);
      bad += audit.wrong > 0;
    }
  return bad > 0;
}
