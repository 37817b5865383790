/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "core/ox-error.h"
#include "debug/ox-what-if-private.h"
#include "tensor/ox-format.h"

/* The search for few nodes to keep as they are. */

typedef struct
{
  OxWhatIf     *what_if;
  GPtrArray    *nodes;        /* OxNode*: what there is to choose from, in the order they run */
  GPtrArray    *expected;     /* OxValue or NULL: the outputs of the unchanged run */
  double        tolerance;
  guint         runs, most;
  GCancellable *cancellable;
} Search;

typedef struct
{
  guint  first, n;            /* of the nodes */
  double harm;                /* what the outputs are off by when only these are rounded */
} Group;

void
ox_what_if_kept_free (OxWhatIfKept *kept)
{
  g_ptr_array_unref (kept->nodes);
  g_free (kept);
}

/* ---- runs ------------------------------------------------------------------------------------------------------ */

static gboolean
has_numbers (OxFrame *frame, const OxNode *node, OxValue *const *outputs)
{
  for (guint i = 0; i < node->output_names->len; i++)
    if (outputs[i] != NULL && (outputs[i]->tensor == NULL || ox_dtype_is_float (outputs[i]->tensor->dtype)))
      return TRUE;
  for (guint i = 0; i < node->input_names->len; i++)
    {
      const OxValue *value = node->inputs[i].slot >= 0 ? ox_frame_value (frame, node->inputs[i]) : NULL;

      if (value != NULL && value->tensor != NULL && ox_dtype_is_float (value->tensor->dtype))
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_body (const OxNode *node)
{
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, i);

      if (attribute->graphs != NULL && attribute->graphs->len > 0)
        return TRUE;
    }
  return FALSE;
}

typedef struct
{
  Search     *search;
  GHashTable *seen;
} Collection;

static void
collect (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  Collection *collection = data;

  if (!has_body (node) && ox_what_if_rounds (collection->search->what_if, frame, node) && has_numbers (frame, node, outputs)
      && g_hash_table_add (collection->seen, node))
    g_ptr_array_add (collection->search->nodes, node);
}

/* The unchanged run: what it gives, and which nodes there are. */
static gboolean
run_calm (Search *search, GError **error)
{
  g_autoptr (OxSession) session = ox_session_new_twin (search->what_if->session, FALSE);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  Collection collection = { search, seen };
  guint n = ox_session_get_model (session)->graph->outputs->len;

  ox_session_set_tap (session, collect, &collection);
  if (!ox_session_run (session, search->cancellable, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      OxValue *value = ox_session_output (session, i);

      g_ptr_array_add (search->expected, value != NULL ? ox_value_ref (value) : NULL);
    }
  return TRUE;
}

/* How far off the outputs are with these kept; a run that cannot go on is infinitely far off. FALSE: cancelled. */
static gboolean
measure (Search *search, GHashTable *kept, double *off, GError **error)
{
  OxWhatIf *self = search->what_if;
  GHashTable *before = self->kept;
  g_autoptr (OxSession) session = NULL;
  g_autofree char *doing = g_strdup_printf ("run %u", ++search->runs);

  ox_what_if_tell (self, MIN ((double) search->runs / (search->most + 1), 1), doing);
  self->kept = kept;
  session = ox_what_if_session (self);
  *off = ox_session_run (session, search->cancellable, NULL) ? 0 : INFINITY;
  self->kept = before;
  if (g_cancellable_set_error_if_cancelled (search->cancellable, error))
    return FALSE;
  for (guint i = 0; isfinite (*off) && i < search->expected->len; i++)
    {
      const OxValue *expected = g_ptr_array_index (search->expected, i), *found = ox_session_output (session, i);
      OxDifference unused;

      if (expected != NULL)
        *off = MAX (*off, found != NULL ? ox_what_if_error (found, expected, &unused) : INFINITY);
    }
  return TRUE;
}

/* ---- choosing -------------------------------------------------------------------------------------------------- */

static void
keep_group (const Search *search, GHashTable *kept, const Group *group, gboolean keep)
{
  for (guint i = group->first; i < group->first + group->n; i++)
    if (keep)
      g_hash_table_add (kept, g_ptr_array_index (search->nodes, i));
    else
      g_hash_table_remove (kept, g_ptr_array_index (search->nodes, i));
}

static int
compare_harm (gconstpointer a, gconstpointer b)
{
  const Group *one = a, *other = b;

  return one->harm > other->harm ? -1 : one->harm < other->harm ? 1 : 0;
}

/* Each group rounded alone; those that do most harm first. (transfer full) of Group; NULL: cancelled. */
static GArray *
rank (Search *search, GError **error)
{
  guint n = search->nodes->len, groups = CLAMP (search->most / 3, 1, n);
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (Group));
  g_autoptr (GHashTable) kept = g_hash_table_new (NULL, NULL);
  const Group all = { 0, n, 0 };

  keep_group (search, kept, &all, TRUE);
  for (guint g = 0; g < groups; g++)
    {
      guint first = (guint) ((guint64) n * g / groups), end = (guint) ((guint64) n * (g + 1) / groups);
      Group group = { first, end - first, 0 };

      keep_group (search, kept, &group, FALSE);
      if (!measure (search, kept, &group.harm, error))
        return NULL;
      keep_group (search, kept, &group, TRUE);
      g_array_append_val (list, group);
    }
  g_array_sort (list, compare_harm);
  return g_steal_pointer (&list);
}

/* Keeps the fewest groups, the worst first, that bring the outputs near enough; half of what is left at a time. */
static gboolean
keep_worst (Search *search, const GArray *groups, GHashTable *kept, GError **error)
{
  guint low = 0, high = groups->len;      /* low is too few, high is enough: nothing is rounded then */

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;
      double off;

      g_hash_table_remove_all (kept);
      for (guint g = 0; g < middle; g++)
        keep_group (search, kept, &g_array_index (groups, Group, g), TRUE);
      if (!measure (search, kept, &off, error))
        return FALSE;
      if (off <= search->tolerance)
        high = middle;
      else
        low = middle;
    }
  g_hash_table_remove_all (kept);
  for (guint g = 0; g < high; g++)
    keep_group (search, kept, &g_array_index (groups, Group, g), TRUE);
  return TRUE;
}

/* Lets go of as many as can be, in ever smaller parts; *@minimal: until none is left that can. */
static gboolean
let_go (Search *search, const GArray *groups, GHashTable *kept, gboolean *minimal, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  guint parts = 2;

  /* Those that do least harm are tried first. */
  for (guint g = groups->len; g > 0; g--)
    {
      const Group *group = &g_array_index (groups, Group, g - 1);

      for (guint i = group->first; i < group->first + group->n; i++)
        if (g_hash_table_contains (kept, g_ptr_array_index (search->nodes, i)))
          g_ptr_array_add (list, g_ptr_array_index (search->nodes, i));
    }
  *minimal = FALSE;
  while (list->len > 0)
    {
      gboolean fewer = FALSE;
      guint at = 0;

      parts = MIN (parts, list->len);
      for (guint p = 0; p < parts && at < list->len; p++)
        {
          guint n = MAX ((list->len - at) / (parts - p), 1);
          double off;

          if (search->runs >= search->most)
            return TRUE;
          for (guint i = at; i < at + n; i++)
            g_hash_table_remove (kept, g_ptr_array_index (list, i));
          if (!measure (search, kept, &off, error))
            return FALSE;
          if (off <= search->tolerance)
            {
              g_ptr_array_remove_range (list, at, n);
              fewer = TRUE;
              continue;
            }
          for (guint i = at; i < at + n; i++)
            g_hash_table_add (kept, g_ptr_array_index (list, i));
          at += n;
        }
      if (parts >= list->len && !fewer)
        break;
      parts = MIN (parts * 2, MAX (list->len, 1));
    }
  *minimal = TRUE;
  return TRUE;
}

static gboolean
search_kept (Search *search, OxWhatIfKept *result, GError **error)
{
  GHashTable *kept = search->what_if->kept;
  g_autoptr (GArray) groups = NULL;

  g_hash_table_remove_all (kept);
  result->minimal = TRUE;
  if (!run_calm (search, error) || !measure (search, kept, &result->alone, error))
    return FALSE;
  result->of = search->nodes->len;
  result->error = result->alone;
  if (result->alone <= search->tolerance || search->nodes->len == 0)
    return TRUE;
  groups = rank (search, error);
  if (groups == NULL || !keep_worst (search, groups, kept, error) || !let_go (search, groups, kept, &result->minimal, error))
    return FALSE;
  return measure (search, kept, &result->error, error);
}

OxWhatIfKept *
ox_what_if_find_kept (OxWhatIf *self, double tolerance, guint runs, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new (), expected = g_ptr_array_new ();
  Search search = { self, nodes, expected, tolerance, 0, MAX (runs, 8), cancellable };
  OxWhatIfKept *result = g_new0 (OxWhatIfKept, 1);
  gboolean ok;

  result->nodes = g_ptr_array_new ();
  ok = search_kept (&search, result, error);
  result->runs = search.runs;
  for (guint i = 0; ok && i < nodes->len; i++)
    if (g_hash_table_contains (self->kept, g_ptr_array_index (nodes, i)))
      g_ptr_array_add (result->nodes, g_ptr_array_index (nodes, i));
  for (guint i = 0; i < expected->len; i++)
    if (g_ptr_array_index (expected, i) != NULL)
      ox_value_unref (g_ptr_array_index (expected, i));
  if (ok)
    return result;
  g_hash_table_remove_all (self->kept);
  ox_what_if_kept_free (result);
  return NULL;
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

char *
ox_what_if_kept_describe (const OxWhatIfKept *kept, double tolerance, guint rows)
{
  GString *text = g_string_new (NULL);
  g_autofree char *error = ox_format_double (kept->error, 3), *alone = ox_format_double (kept->alone, 3);
  g_autofree char *limit = ox_format_double (tolerance, 3);

  if (kept->nodes->len == 0)
    g_string_append_printf (text, "nothing has to be kept: with all %u nodes rounded the error is %s, %s is allowed\n",
                            kept->of, alone, limit);
  else
    g_string_append_printf (
        text, "keep %u of %u nodes: then the error is %s, %s is allowed; with none kept it is %s (%u runs%s)\n",
        kept->nodes->len, kept->of, error, limit, alone, kept->runs,
        kept->minimal ? "; none of them can be left out" : "; they were used up, fewer may be enough");
  for (guint i = 0; i < kept->nodes->len; i++)
    {
      const OxNode *node = g_ptr_array_index (kept->nodes, i);
      g_autofree char *title = ox_node_title (node), *path = node->graph->outer != NULL || node->graph->function != NULL
                                                                ? ox_graph_path (node->graph) : NULL;

      if (rows != 0 && i >= rows)
        {
          g_string_append_printf (text, "  and %u more\n", kept->nodes->len - i);
          break;
        }
      g_string_append_printf (text, "  #%u %s '%s'%s%s\n", node->index, node->op_type, title, path != NULL ? " in " : "",
                              path != NULL ? path : "");
    }
  return g_string_free (text, FALSE);
}
