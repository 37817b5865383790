/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-check-private.h"

#include <string.h>

#include "session/ox-inference.h"

/* Of one kind no more than this are written down; a thousand unused constants are one finding. */
#define MOST_OF_A_KIND 20

static void
finding_free (gpointer data)
{
  OxCheckFinding *finding = data;

  g_free (finding->path);
  g_free (finding->node);
  g_free (finding->op_type);
  g_free (finding->text);
  g_free (finding);
}

void
ox_check_add (OxCheck *self,
              OxCheckSeverity severity,
              const char *rule,
              const OxGraph *graph,
              const OxNode *node,
              const char *format,
              ...)
{
  g_autofree char *key = g_strdup_printf ("%s%u", rule, severity);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, key)) + 1;
  OxCheckFinding *finding;
  va_list args;

  if (node != NULL && severity == OX_CHECK_ERROR)
    g_hash_table_add (self->bad_nodes, (gpointer)node);
  g_hash_table_insert (self->counts, g_steal_pointer (&key), GUINT_TO_POINTER (n));
  if (n > MOST_OF_A_KIND)
    return;
  finding = g_new0 (OxCheckFinding, 1);
  finding->severity = severity;
  finding->rule = rule;
  finding->path = graph != NULL ? ox_graph_path (graph) : NULL;
  finding->node = node != NULL ? ox_node_title (node) : NULL;
  finding->op_type = node != NULL ? g_strdup (node->op_type) : NULL;
  va_start (args, format);
  finding->text = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (self->findings, finding);
}

gboolean
ox_check_nest (OxCheck *self, OxGraph *graph, int depth)
{
  if (depth > OX_MAX_NESTING)
    {
      ox_check_add (self, OX_CHECK_ERROR, "structure", NULL, NULL, "graphs are nested deeper than %d",
                    OX_MAX_NESTING);
      return FALSE;
    }
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      OxNode *node = g_ptr_array_index (graph->nodes, i);

      for (guint a = 0; a < node->attributes->len; a++)
        {
          OxAttribute *attribute = g_ptr_array_index (node->attributes, a);

          for (guint g = 0; attribute->graphs != NULL && g < attribute->graphs->len; g++)
            {
              OxGraph *inner = g_ptr_array_index (attribute->graphs, g);

              inner->outer = graph;
              inner->owner = node;
              if (!ox_check_nest (self, inner, depth + 1))
                return FALSE;
            }
        }
    }
  return TRUE;
}

/* Inputs that do not fit together wait until the types have been compared, which says it better where it is
 * about types. */
typedef struct
{
  const OxNode *node;
  char *text;
} Misfit;

static void
misfit_free (gpointer data)
{
  g_free (((Misfit *)data)->text);
  g_free (data);
}

/* What the inference says of a node that is not yet known to be wrong. */
static void
add_problem (const OxNode *node, OxInferenceProblem problem, const char *text, gpointer data)
{
  OxCheck *self = data;

  Misfit *misfit;

  if (problem == OX_INFERENCE_MISFIT)
    {
      misfit = g_new0 (Misfit, 1);
      misfit->node = node;
      misfit->text = g_strdup (text);
      g_ptr_array_add (self->misfits, misfit);
      return;
    }
  /* Once only: a function's node is seen with every call. */
  if (!g_hash_table_add (self->bad_nodes, (gpointer)node))
    return;
  switch (problem)
    {
    case OX_INFERENCE_MISFIT:
      break;
    case OX_INFERENCE_TYPE:
      ox_check_add (self, OX_CHECK_ERROR, "declared-type", node->graph, node, "%s", text);
      break;
    case OX_INFERENCE_SHAPE:
      ox_check_add (self, OX_CHECK_WARNING, "declared-shape", node->graph, node, "%s", text);
      break;
    }
}

static void
each_graph (OxCheck *self, void (*func) (OxCheck *self, OxGraph *graph))
{
  func (self, self->model->graph);
  for (guint i = 0; i < self->model->functions->len; i++)
    func (self, ((OxFunction *)g_ptr_array_index (self->model->functions, i))->body);
}

/* Node types, data and names are looked at inside out; then, if the names hold together, what flows through
 * them. */
static gboolean
look (OxCheck *self, gboolean weights)
{
  OxModel *model = self->model;
  const OxInferenceSink sink = { .problem = add_problem, .data = self };
  g_autoptr (GError) error = NULL;
  guint before;

  if (!ox_check_nest (self, model->graph, 1))
    return TRUE;
  for (guint i = 0; i < model->functions->len; i++)
    if (!ox_check_nest (self, ((OxFunction *)g_ptr_array_index (model->functions, i))->body, 1))
      return TRUE;
  ox_check_model (self);
  before = self->findings->len;
  each_graph (self, ox_check_names);
  each_graph (self, ox_check_operators);
  each_graph (self, ox_check_data);
  if (!ox_model_link (model, &error))
    {
      gboolean said = FALSE;

      /* It stops at the first thing that is wrong, which mostly has been said already. */
      for (guint i = 0; i < self->findings->len; i++)
        {
          const OxCheckFinding *finding = g_ptr_array_index (self->findings, i);

          said = said
                 || (finding->severity == OX_CHECK_ERROR
                     && (i >= before ? strcmp (finding->rule, "names") == 0
                                     : strcmp (finding->rule, "functions") == 0));
        }
      if (!said)
        ox_check_add (self, OX_CHECK_ERROR, "structure", NULL, NULL, "%s", error->message);
    }
  else
    {
      if (!ox_model_infer_into (model, &sink, self->cancellable))
        return FALSE;
      each_graph (self, ox_check_types);
      for (guint i = 0; i < self->misfits->len; i++)
        {
          const Misfit *misfit = g_ptr_array_index (self->misfits, i);

          if (!g_hash_table_contains (self->bad_nodes, misfit->node))
            ox_check_add (self, OX_CHECK_ERROR, "shape", misfit->node->graph, misfit->node, "%s",
                          misfit->text);
        }
    }
  if (weights)
    each_graph (self, ox_check_weights);
  return !g_cancellable_is_cancelled (self->cancellable);
}

static int
compare_findings (gconstpointer a, gconstpointer b)
{
  const OxCheckFinding *x = *(OxCheckFinding *const *)a, *y = *(OxCheckFinding *const *)b;

  return (int)x->severity - (int)y->severity;
}

/* What was not written down. */
static void
add_rest (OxCheck *self)
{
  g_autoptr (GPtrArray) rest = g_ptr_array_new ();

  for (guint i = 0; i < self->findings->len; i++)
    {
      const OxCheckFinding *finding = g_ptr_array_index (self->findings, i);
      g_autofree char *key = g_strdup_printf ("%s%u", finding->rule, finding->severity);
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, key));
      OxCheckFinding *more;

      if (n <= MOST_OF_A_KIND)
        continue;
      g_hash_table_remove (self->counts, key);
      more = g_new0 (OxCheckFinding, 1);
      more->severity = finding->severity;
      more->rule = finding->rule;
      more->text = g_strdup_printf ("and %u more of this kind (%s)", n - MOST_OF_A_KIND, finding->rule);
      g_ptr_array_add (rest, more);
    }
  for (guint i = 0; i < rest->len; i++)
    g_ptr_array_add (self->findings, g_ptr_array_index (rest, i));
}

GPtrArray *
ox_model_check (OxModel *model, gboolean weights, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func (finding_free);
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) bad = g_hash_table_new (NULL, NULL), called = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) misfits = g_ptr_array_new_with_free_func (misfit_free);
  OxCheck self = { model, findings, counts, bad, called, misfits, cancellable };

  if (!look (&self, weights))
    return NULL;
  add_rest (&self);
  g_ptr_array_sort (findings, compare_findings);
  return g_steal_pointer (&findings);
}

OxNode *
ox_check_finding_node (const OxCheckFinding *finding, const OxModel *model)
{
  const OxGraph *graph = finding->node != NULL && finding->path != NULL ? ox_model_find_graph (model, finding->path) : NULL;

  for (guint i = 0; graph != NULL && i < graph->nodes->len; i++)
    {
      OxNode *node = ox_graph_node (graph, i);
      g_autofree char *title = g_str_equal (node->op_type, finding->op_type) ? ox_node_title (node) : NULL;

      if (g_strcmp0 (title, finding->node) == 0)
        return node;
    }
  return NULL;
}
