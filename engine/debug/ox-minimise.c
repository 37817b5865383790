/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-error.h"
#include "debug/ox-minimise-private.h"

#define LIMIT 1000

OxMinimise *
ox_minimise_new (OxSession *session, guint64 seed)
{
  OxMinimise *self = g_new0 (OxMinimise, 1);

  self->session = ox_session_new_twin (session, FALSE);
  self->seed = seed;
  self->limit = LIMIT;
  self->live = TRUE;
  self->notes = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
ox_minimise_free (OxMinimise *self)
{
  ox_session_free (self->session);
  g_ptr_array_unref (self->notes);
  g_free (self->op_type);
  g_free (self->message);
  g_clear_pointer (&self->recorded, g_hash_table_unref);
  g_clear_pointer (&self->best, ox_case_free);
  g_clear_pointer (&self->expected, g_ptr_array_unref);
  g_free (self);
}

void
ox_minimise_set_limit (OxMinimise *self, guint limit)
{
  self->limit = limit;
}

void
ox_minimise_differs (OxMinimise *self, OxMinimiseRefer refer, gboolean live, OxMinimisePrepare prepare, gpointer data)
{
  self->still = OX_STILL_DIFFERS;
  self->refer = refer;
  self->live = live;
  self->prepare = prepare;
  self->data = data;
}

void
ox_minimise_makes (OxMinimise *self, guint kinds)
{
  self->still = OX_STILL_MAKES;
  self->kinds = kinds;
}

void
ox_minimise_fails (OxMinimise *self)
{
  self->still = OX_STILL_FAILS;
}

void
ox_minimise_asks (OxMinimise *self, OxMinimiseTest test, gpointer data)
{
  self->still = OX_STILL_ASKS;
  self->test = test;
  self->data = data;
}

void
ox_minimise_note (OxMinimise *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (self->notes, g_strdup_vprintf (format, args));
  va_end (args);
}

gboolean
ox_minimise_may_go_on (OxMinimise *self, GCancellable *cancellable)
{
  if (g_cancellable_is_cancelled (cancellable) || self->tried >= self->limit)
    self->stopped = TRUE;
  return !self->stopped;
}

gboolean
ox_minimise_try (OxMinimise *self, OxCase *candidate, GCancellable *cancellable)
{
  gboolean still = FALSE;

  if (candidate != NULL && ox_minimise_may_go_on (self, cancellable))
    {
      self->tried++;
      still = ox_minimise_is_still (self, candidate, cancellable) && !g_cancellable_is_cancelled (cancellable);
    }
  if (!still)
    {
      g_clear_pointer (&candidate, ox_case_free);
      return FALSE;
    }
  self->taken++;
  g_clear_pointer (&self->best, ox_case_free);
  self->best = candidate;
  return TRUE;
}

/* ---- where it begins ----------------------------------------------------------------------------------------------- */

/* The reference of a session, or NULL without an error where the run's own values count. */
static gboolean
open_reference (OxMinimise *self, OxSession *session, OxReference **reference, GError **error)
{
  *reference = NULL;
  if (self->still != OX_STILL_DIFFERS)
    return TRUE;
  *reference = ox_minimise_refer (self, session, error);
  return *reference != NULL;
}

static void
remember (OxMinimise *self, GHashTable *expected)
{
  if (self->still != OX_STILL_DIFFERS || self->live)
    return;
  g_clear_pointer (&self->recorded, g_hash_table_unref);
  self->recorded = g_hash_table_ref (expected);
}

/* The nodes to blame alone, with what they are given. */
static gboolean
begin_with_nodes (OxMinimise *self, const OxMinimiseStart *start, GCancellable *cancellable)
{
  g_autoptr (OxRegion) region = ox_region_new_nodes (start->graph, start->nodes);
  g_autoptr (GHashTable) values = ox_minimise_values_new (), expected = ox_minimise_values_new ();
  g_autoptr (GPtrArray) inputs = ox_value_array_new ();
  g_autoptr (OxReference) reference = NULL;
  g_autoptr (OxFrame) frame = NULL;
  guint last = 0;

  for (guint i = 0; i < start->nodes->len; i++)
    last = MAX (last, ((OxNode *) g_ptr_array_index (start->nodes, i))->index);
  if (!open_reference (self, self->session, &reference, NULL)
      || !ox_minimise_record (self->session, reference, start->frame, ox_region_inputs (region), last, values, expected, &frame,
                              cancellable, NULL))
    return FALSE;
  for (guint i = 0; i < ox_region_inputs (region)->len; i++)
    {
      OxValue *value = g_hash_table_lookup (values, g_ptr_array_index (ox_region_inputs (region), i));

      if (value == NULL)
        return FALSE;
      g_ptr_array_add (inputs, ox_value_ref (value));
    }
  remember (self, expected);
  return ox_minimise_try (self, ox_case_new_region (region, inputs, NULL, frame, NULL), cancellable);
}

/* All of the model, or what leads to the targets. */
static gboolean
begin_with_all (OxMinimise *self, const OxMinimiseStart *start, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxCase) whole = ox_case_new_whole (self->session, error);
  const OxCaseChange change = { .outputs = start->frame == 0 && start->graph->outer == NULL ? start->targets : NULL, .input = -1 };
  OxCase *part;

  if (whole == NULL)
    return FALSE;
  g_clear_pointer (&self->recorded, g_hash_table_unref);
  if (self->still == OX_STILL_DIFFERS && !self->live)
    {
      g_autoptr (GHashTable) values = ox_minimise_values_new (), expected = ox_minimise_values_new ();
      g_autoptr (OxReference) reference = NULL;
      g_autoptr (OxFrame) frame = NULL;

      if (!open_reference (self, self->session, &reference, error)
          || !ox_minimise_record (self->session, reference, 0, NULL, G_MAXUINT - 1, values, expected, &frame, cancellable, error))
        return FALSE;
      remember (self, expected);
    }
  part = change.outputs != NULL ? ox_case_change (whole, &change, NULL) : NULL;
  if (ox_minimise_try (self, part, cancellable) || ox_minimise_try (self, g_steal_pointer (&whole), cancellable))
    return TRUE;
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    ox_fail (error, OX_ERROR_VALUE, "the model and its inputs by themselves do not show it");
  return FALSE;
}

/* ---- nodes --------------------------------------------------------------------------------------------------------- */

typedef struct
{
  OxCase     *base;
  GHashTable *values;       /* what was made in it */
  GArray     *left;         /* guint: nodes of it that are still there */
} Nodes;

static gboolean
try_without (OxMinimise *self, Nodes *nodes, guint begin, guint end, gboolean alone, GCancellable *cancellable)
{
  g_autofree gboolean *keep = g_new0 (gboolean, nodes->base->model->graph->nodes->len);
  OxCaseChange change = { .keep = keep, .cut = nodes->values, .input = -1 };

  for (guint i = 0; i < nodes->left->len; i++)
    keep[g_array_index (nodes->left, guint, i)] = (i >= begin && i < end) == alone;
  if (!ox_minimise_try (self, ox_case_change (nodes->base, &change, NULL), cancellable))
    return FALSE;
  if (alone)
    {
      g_array_set_size (nodes->left, end);
      g_array_remove_range (nodes->left, 0, begin);
    }
  else
    g_array_remove_range (nodes->left, begin, end - begin);
  return TRUE;
}

/* Delta debugging: parts alone, then all without a part, then smaller parts. */
static void
leave_out_nodes (OxMinimise *self, Nodes *nodes, GCancellable *cancellable)
{
  guint parts = 2;

  while (nodes->left->len > 1 && ox_minimise_may_go_on (self, cancellable))
    {
      const guint n = nodes->left->len;
      gboolean found = FALSE;

      parts = MIN (parts, n);
      /* What comes last is nearest to what shows it. */
      for (guint k = parts; k > 0 && !found; k--)
        found = try_without (self, nodes, (guint) ((guint64) n * (k - 1) / parts), (guint) ((guint64) n * k / parts), TRUE, cancellable);
      if (found)
        {
          parts = 2;
          continue;
        }
      for (guint k = 0; k < parts && !found && parts > 2; k++)
        found = try_without (self, nodes, (guint) ((guint64) n * k / parts), (guint) ((guint64) n * (k + 1) / parts), FALSE, cancellable);
      if (found)
        parts = MAX (parts - 1, 2);
      else if (parts >= n)
        break;
      else
        parts *= 2;
    }
}

static gboolean
is_constant (const OxNode *node)
{
  return g_str_equal (node->op_type, "Constant") && g_str_equal (node->domain, "ai.onnx");
}

static void
reduce_nodes (OxMinimise *self, GCancellable *cancellable)
{
  const OxCaseChange change = OX_CASE_CHANGE_NONE;
  g_autoptr (GHashTable) values = ox_minimise_values_new (), expected = ox_minimise_values_new ();
  g_autoptr (OxSession) session = ox_case_session (self->best, self->seed, NULL);
  g_autoptr (GArray) left = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (OxReference) reference = NULL;
  g_autoptr (OxFrame) frame = NULL;
  Nodes nodes = { NULL, values, left };
  guint before;

  for (guint i = 0; i < self->best->model->graph->nodes->len; i++)
    if (!is_constant (ox_graph_node (self->best->model->graph, i)))
      g_array_append_val (left, i);
  before = left->len;
  if (before < 2 || session == NULL || !open_reference (self, session, &reference, NULL)
      || !ox_minimise_record (session, reference, 0, NULL, G_MAXUINT - 1, values, expected, &frame, cancellable, NULL))
    return;
  nodes.base = ox_case_change (self->best, &change, NULL);
  leave_out_nodes (self, &nodes, cancellable);
  ox_case_free (nodes.base);
  if (left->len > 1)
    ox_minimise_note (self, self->stopped ? "%u of %u nodes are left" : "%u of %u nodes: without any of them it does not show", left->len,
                      before);
  else
    ox_minimise_note (self, "1 of %u nodes is enough", before);
}

static void
reduce_outputs (OxMinimise *self, GCancellable *cancellable)
{
  const OxGraph *graph = self->best->model->graph;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) left = g_hash_table_new (g_str_hash, g_str_equal);
  guint dropped = 0;

  for (guint i = 0; i < graph->output_infos->len; i++)
    g_ptr_array_add (names, g_strdup (((OxSlot *) g_ptr_array_index (graph->output_infos, i))->name));
  for (guint i = 0; i < names->len; i++)
    g_hash_table_add (left, g_ptr_array_index (names, i));
  /* The first that shows it stays. */
  for (guint i = names->len; i > 0 && g_hash_table_size (left) > 1; i--)
    {
      const OxCaseChange change = { .outputs = left, .input = -1 };

      g_hash_table_remove (left, g_ptr_array_index (names, i - 1));
      if (ox_minimise_try (self, ox_case_change (self->best, &change, NULL), cancellable))
        dropped++;
      else
        g_hash_table_add (left, g_ptr_array_index (names, i - 1));
    }
  if (dropped > 0)
    ox_minimise_note (self, "%u of %u outputs are not needed", dropped, names->len);
}

/* ---- what is in a branch ------------------------------------------------------------------------------------------- */

/* The case with the branch in the place of its If, looked at anew. */
static gboolean
enter_branch (OxMinimise *self, const char *branch, GCancellable *cancellable)
{
  g_autoptr (OxCase) unfolded = ox_case_unfold (self->best, 0, branch, NULL);
  g_autoptr (OxSession) session = unfolded != NULL ? ox_case_session (unfolded, self->seed, NULL) : NULL;
  g_autoptr (OxMinimise) inner = session != NULL ? ox_minimise_new (session, self->seed) : NULL;

  if (inner == NULL)
    return FALSE;
  ox_minimise_differs (inner, self->refer, TRUE, self->prepare, self->data);
  ox_minimise_set_limit (inner, self->limit - self->tried);
  if (!ox_minimise_run (inner, cancellable, NULL))
    {
      self->tried += inner->tried;
      return FALSE;
    }
  ox_minimise_note (self, "the If is not needed, only its %s", branch);
  for (guint i = 0; i < inner->notes->len; i++)
    g_ptr_array_add (self->notes, g_strdup (g_ptr_array_index (inner->notes, i)));
  ox_case_free (self->best);
  self->best = g_steal_pointer (&inner->best);
  self->tried += inner->tried;
  self->taken += inner->taken;
  self->stopped |= inner->stopped;
  return TRUE;
}

/* Whether the branch is the one that is taken, as far as an input says. */
static gboolean
is_taken (const OxCase *self, const OxNode *choice, gboolean then)
{
  const OxSlot *slot = ox_node_input_slot (choice, 0);
  const OxTensor *tensor = slot != NULL && slot->graph_input >= 0
                             ? ox_value_get_tensor (g_ptr_array_index (self->inputs, slot->graph_input)) : NULL;

  return tensor == NULL || tensor->count != 1 || (ox_tensor_get (tensor, 0) != 0) == then;
}

static gboolean
reduce_branches (OxMinimise *self, GCancellable *cancellable)
{
  const OxGraph *graph = self->best->model->graph;
  const OxNode *choice = graph->nodes->len == 1 ? ox_graph_node (graph, 0) : NULL;

  if (self->still != OX_STILL_DIFFERS || !self->live || choice == NULL || !g_str_equal (choice->op_type, "If")
      || !g_str_equal (choice->domain, "ai.onnx") || !ox_minimise_may_go_on (self, cancellable))
    return FALSE;
  return (is_taken (self->best, choice, TRUE) && enter_branch (self, "then_branch", cancellable))
         || (is_taken (self->best, choice, FALSE) && enter_branch (self, "else_branch", cancellable));
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */

static void
free_value (gpointer value)
{
  if (value != NULL)
    ox_value_unref (value);
}

/* What the outputs should be, and of which types they are. */
static void
finish (OxMinimise *self)
{
  const OxGraph *graph = self->best->model->graph;
  g_autoptr (GHashTable) values = ox_minimise_values_new (), expected = ox_minimise_values_new ();
  g_autoptr (OxSession) session = ox_case_session (self->best, self->seed, NULL);
  g_autoptr (GPtrArray) types = g_ptr_array_new ();
  g_autoptr (OxReference) reference = NULL;
  g_autoptr (OxFrame) frame = NULL;
  OxCase *declared;

  self->expected = g_ptr_array_new_with_free_func (free_value);
  if (session == NULL)
    return;
  if (self->live)
    {
      if (open_reference (self, session, &reference, NULL))
        ox_minimise_record (session, reference, 0, NULL, G_MAXUINT - 1, values, expected, &frame, NULL, NULL);
    }
  else
    ox_minimise_record (session, NULL, 0, NULL, G_MAXUINT - 1, values, expected, &frame, NULL, NULL);
  for (guint i = 0; i < graph->output_infos->len; i++)
    {
      const char *name = ((OxSlot *) g_ptr_array_index (graph->output_infos, i))->name;
      OxValue *right = g_hash_table_lookup (self->recorded != NULL ? self->recorded : expected, name);

      if (right == NULL && self->still != OX_STILL_DIFFERS)
        right = g_hash_table_lookup (values, name);
      g_ptr_array_add (types, right != NULL ? right : g_hash_table_lookup (values, name));
      g_ptr_array_add (self->expected, right != NULL ? ox_value_ref (right) : NULL);
    }
  declared = ox_case_declare (self->best, types, NULL);
  if (declared != NULL)
    {
      ox_case_free (self->best);
      self->best = declared;
    }
}

gboolean
ox_minimise_run (OxMinimise *self, GCancellable *cancellable, GError **error)
{
  g_auto (OxMinimiseStart) start = { 0 };

  if (!ox_minimise_find_start (self, &start, cancellable, error))
    return FALSE;
  if (start.nodes->len == 0 || !begin_with_nodes (self, &start, cancellable))
    {
      if (start.nodes->len > 0)
        ox_minimise_note (self, "alone, with the values of the run, it does not show");
      if (!begin_with_all (self, &start, cancellable, error))
        return FALSE;
    }
  reduce_nodes (self, cancellable);
  reduce_outputs (self, cancellable);
  if (self->live && !reduce_branches (self, cancellable))
    ox_minimise_shrink (self, cancellable);
  if (!self->live)
    ox_minimise_note (self, "values and sizes are those of the run: the reference has no others");
  finish (self);
  return TRUE;
}

const OxCase *
ox_minimise_case (OxMinimise *self)
{
  return self->best;
}

GPtrArray *
ox_minimise_expected (OxMinimise *self)
{
  return self->expected;
}

GPtrArray *
ox_minimise_notes (OxMinimise *self)
{
  return self->notes;
}

guint
ox_minimise_tried (OxMinimise *self)
{
  return self->tried;
}

guint
ox_minimise_taken (OxMinimise *self)
{
  return self->taken;
}

gboolean
ox_minimise_stopped (OxMinimise *self)
{
  return self->stopped;
}
