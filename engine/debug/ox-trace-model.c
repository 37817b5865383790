/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-trace-model.h"

#include <gio/gio.h>
#include <string.h>

#include "core/ox-error.h"

#define CHUNK (1u << 20)

/* ---- the file -------------------------------------------------------------------------------------------------- */

static char *
hash_file (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, &cause);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guchar *chunk = g_malloc (CHUNK);
  gssize got = stream != NULL ? 1 : -1;

  while (got > 0)
    {
      got = g_input_stream_read (G_INPUT_STREAM (stream), chunk, CHUNK, cancellable, &cause);
      if (got > 0)
        g_checksum_update (sum, chunk, got);
    }
  if (got == 0)
    return g_strdup (g_checksum_get_string (sum));
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&cause));
  else
    ox_fail (error, OX_ERROR_FILE, "%s: %s", path, cause->message);
  return NULL;
}

gboolean
ox_trace_file_fits (OxTraceFile *self, const char *path, OxTraceModel *how, GCancellable *cancellable, GError **error)
{
  const char *wanted = ox_trace_file_hash (self);
  g_autofree char *hash = hash_file (path, cancellable, error);

  if (hash == NULL)
    return FALSE;
  *how = wanted[0] == '\0' ? OX_TRACE_MODEL_UNTOLD : g_ascii_strcasecmp (hash, wanted) == 0 ? OX_TRACE_MODEL_SAME
                                                                                            : OX_TRACE_MODEL_OTHER;
  return TRUE;
}

char *
ox_trace_file_find_model (OxTraceFile *self, OxTraceModel *how, GCancellable *cancellable, GError **error)
{
  const char *path = ox_trace_file_model (self);
  g_autofree char *folder = g_path_get_dirname (ox_trace_file_path (self)), *name = g_path_get_basename (path);
  char *places[] = { g_strdup (path), g_build_filename (folder, path, NULL), g_build_filename (folder, name, NULL) };
  g_autofree char *found = NULL;
  gboolean good = TRUE;

  *how = OX_TRACE_MODEL_MISSING;
  for (guint i = 0; i < G_N_ELEMENTS (places) && good && path[0] != '\0' && *how != OX_TRACE_MODEL_SAME; i++)
    {
      OxTraceModel this = OX_TRACE_MODEL_MISSING;

      /* The second is the first again if that begins at the root. */
      if ((i == 1 && g_path_is_absolute (path)) || !g_file_test (places[i], G_FILE_TEST_IS_REGULAR))
        continue;
      good = ox_trace_file_fits (self, places[i], &this, cancellable, error);
      if (!good || this >= *how)
        continue;
      *how = this;
      g_free (found);
      found = g_canonicalize_filename (places[i], NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    g_free (places[i]);
  return good ? g_steal_pointer (&found) : NULL;
}

/* ---- its nodes ------------------------------------------------------------------------------------------------- */

struct _OxTraceNodes
{
  OxModel    *model;
  GHashTable *made;      /* name -> GPtrArray of OxNode that make a value of that name */
};

static void
add_graph (OxGraph *graph, gpointer data)
{
  OxTraceNodes *self = data;

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      OxNode *node = ox_graph_node (graph, i);

      for (guint k = 0; k < node->output_names->len; k++)
        {
          const char *name = g_ptr_array_index (node->output_names, k);
          GPtrArray *nodes = g_hash_table_lookup (self->made, name);

          if (name[0] == '\0')
            continue;
          if (nodes == NULL)
            g_hash_table_insert (self->made, (gpointer) name, nodes = g_ptr_array_new ());
          g_ptr_array_add (nodes, node);
        }
    }
}

OxTraceNodes *
ox_trace_nodes_new (OxModel *model)
{
  OxTraceNodes *self = g_new0 (OxTraceNodes, 1);

  self->model = ox_model_ref (model);
  self->made = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  ox_model_foreach_graph (model, add_graph, self);
  return self;
}

void
ox_trace_nodes_free (OxTraceNodes *self)
{
  g_hash_table_unref (self->made);
  ox_model_unref (self->model);
  g_free (self);
}

/* Sibling bodies may use the same names: "If then_branch" and "function NAME" tell them apart, "Loop 'decode' iteration 3"
 * has the name of the node that the body belongs to. */
static gboolean
is_of (const OxGraph *graph, const OxTraceRow *row)
{
  const OxNode *owner = graph->owner;
  g_autofree char *quoted = owner != NULL ? g_strdup_printf ("%s '%s' ", owner->op_type, owner->name) : NULL;

  return g_str_has_suffix (row->where, ox_graph_label (graph)) || (quoted != NULL && g_str_has_prefix (row->where, quoted));
}

OxNode *
ox_trace_nodes_find (OxTraceNodes *self, const OxTraceRow *row)
{
  const GPtrArray *nodes = row->op_type[0] != '\0' ? g_hash_table_lookup (self->made, row->output) : NULL;
  OxNode *best = NULL;
  int most = -1;

  for (guint i = 0; nodes != NULL && i < nodes->len; i++)
    {
      OxNode *node = g_ptr_array_index (nodes, i);
      int fit = 0;

      if (strcmp (node->op_type, row->op_type) != 0)
        continue;
      fit += (row->frame == 0) == (node->graph == self->model->graph) ? 8 : 0;
      fit += row->frame > 0 && is_of (node->graph, row) ? 4 : 0;
      fit += strcmp (node->name, row->node) == 0 ? 2 : 0;
      fit += node->index == row->index ? 1 : 0;
      if (fit > most)
        best = node;
      most = MAX (fit, most);
    }
  return best;
}

/* ---- in numbers ------------------------------------------------------------------------------------------------ */

void
ox_trace_file_sum (OxTraceFile *self, OxTraceSum *sum)
{
  guint64 before = 0;

  *sum = (OxTraceSum){ .values = ox_trace_file_length (self) };
  for (guint i = 0; i < sum->values; i++)
    {
      const OxTraceRow *row = ox_trace_file_row (self, i);

      sum->stored += row->stored != NULL ? 1 : 0;
      sum->bad += row->nan + row->inf > 0 ? 1 : 0;
      /* Every output of a node has the time of its turn. */
      if (row->turn != before)
        sum->seconds += row->seconds;
      before = row->turn;
      sum->turns = MAX (sum->turns, row->turn);
    }
}
