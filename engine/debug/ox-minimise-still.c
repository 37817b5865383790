/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-error.h"
#include "debug/ox-minimise-private.h"
#include "tensor/ox-statistics.h"

#include <math.h>
#include <string.h>

#define LARGEST_F16 65504.0

void
ox_minimise_start_clear (OxMinimiseStart *start)
{
  g_clear_pointer (&start->nodes, g_ptr_array_unref);
  g_clear_pointer (&start->where, g_free);
  g_clear_pointer (&start->targets, g_hash_table_unref);
}

static void
add_targets (OxMinimiseStart *start, const OxNode *node)
{
  start->targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < node->output_names->len; i++)
    if (*(char *) g_ptr_array_index (node->output_names, i) != '\0')
      g_hash_table_add (start->targets, g_strdup (g_ptr_array_index (node->output_names, i)));
}

/* ---- differs ----------------------------------------------------------------------------------------------------- */

static OxDiffers
differs_how (const OxComparedValue *value)
{
  if (!value->has_own && !value->has_through)
    return OX_DIFFERS_FAILURE;
  if (value->bits && value->own.outside == 0)
    return OX_DIFFERS_BITS;
  return value->text != NULL && value->own.outside == 0 ? OX_DIFFERS_TYPE : OX_DIFFERS_NUMBERS;
}

static OxReference *
values_reference (GHashTable *recorded)
{
  GHashTable *values = ox_minimise_values_new ();
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, recorded);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_hash_table_insert (values, g_strdup (name), ox_value_ref (value));
  return ox_reference_new_values (values, "values of the run");
}

OxReference *
ox_minimise_refer (OxMinimise *self, OxSession *session, GError **error)
{
  return self->live || self->recorded == NULL ? self->refer (session, self->data, error) : values_reference (self->recorded);
}

static OxComparison *
compare (OxMinimise *self, OxSession *session, GCancellable *cancellable, GError **error)
{
  OxReference *reference = ox_minimise_refer (self, session, error);
  g_autoptr (OxComparison) comparison = NULL;
  GError *failure = NULL;

  if (reference == NULL)
    return NULL;
  comparison = ox_comparison_new (session, reference);
  if (self->prepare != NULL && !self->prepare (comparison, self->data, error))
    return NULL;
  if (ox_comparison_run (comparison, cancellable, &failure))
    return g_steal_pointer (&comparison);
  /* A run that fails may have differed before. */
  if (ox_comparison_first (comparison) == NULL || g_cancellable_is_cancelled (cancellable))
    {
      g_propagate_error (error, failure);
      return NULL;
    }
  g_error_free (failure);
  return g_steal_pointer (&comparison);
}

/* The first value that is not the reference's, when all nodes by themselves do right. */
static const OxComparedValue *
first_inherited (OxComparison *comparison)
{
  for (guint i = 0; i < ox_comparison_values (comparison)->len; i++)
    {
      const OxComparedValue *value = g_ptr_array_index (ox_comparison_values (comparison), i);

      if (value->verdict == OX_VERDICT_INHERITED && value->frame == 0)
        return value;
    }
  return NULL;
}

static gboolean
start_differs (OxMinimise *self, OxMinimiseStart *start, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxComparison) comparison = compare (self, self->session, cancellable, error);
  const OxComparedValue *first;
  g_autofree char *text = NULL, *title = NULL;

  if (comparison == NULL)
    return FALSE;
  first = ox_comparison_first (comparison);
  self->differs = first != NULL ? differs_how (first) : OX_DIFFERS_ADDS_UP;
  if (first == NULL)
    first = first_inherited (comparison);
  if (first == NULL)
    return ox_fail (error, OX_ERROR_VALUE, "nothing differs from %s",
                    ox_reference_title (ox_comparison_reference (comparison)));
  title = ox_node_title (first->node);
  add_targets (start, first->node);
  start->graph = first->node->graph;
  start->frame = first->frame;
  start->where = g_strdup (first->where);
  if (self->differs == OX_DIFFERS_ADDS_UP)
    {
      ox_minimise_note (self, "no node differs by itself; what adds up shows first at #%u %s '%s': max abs %.3g", first->node->index,
                        first->node->op_type, title, first->through.max_abs);
      start->nodes = g_ptr_array_new ();
      return TRUE;
    }
  start->nodes = ox_comparison_region (comparison, first);
  self->op_type = g_strdup (first->node->op_type);
  text = ox_compared_value_describe (first);
  ox_minimise_note (self, "begins with %s", text);
  return TRUE;
}

static gboolean
shows (OxMinimise *self, const OxComparedValue *value)
{
  const OxSlot *slot = ox_node_output_slot (value->node, (int) value->output);

  if (value->frame != 0)
    return FALSE;
  if (self->differs == OX_DIFFERS_ADDS_UP)
    return slot != NULL && slot->graph_output >= 0 && (value->verdict == OX_VERDICT_INHERITED || value->verdict == OX_VERDICT_DIFFERS);
  return value->verdict == OX_VERDICT_DIFFERS && differs_how (value) == self->differs
         && g_strcmp0 (value->node->op_type, self->op_type) == 0
         && (self->differs == OX_DIFFERS_FAILURE || (slot != NULL && slot->graph_output >= 0));
}

static gboolean
still_differs (OxMinimise *self, const OxCase *candidate, GCancellable *cancellable)
{
  g_autoptr (OxSession) session = ox_case_session (candidate, self->seed, NULL);
  g_autoptr (OxSession) before = session != NULL ? ox_session_new_twin (session, FALSE) : NULL;
  g_autoptr (OxComparison) comparison = NULL;

  /* What does not run here need not be asked elsewhere. */
  if (session == NULL || (self->live && self->differs != OX_DIFFERS_FAILURE && !ox_session_run (before, cancellable, NULL)))
    return FALSE;
  comparison = compare (self, session, cancellable, NULL);
  if (comparison == NULL)
    return FALSE;
  for (guint i = 0; i < ox_comparison_values (comparison)->len; i++)
    if (shows (self, g_ptr_array_index (ox_comparison_values (comparison), i)))
      return TRUE;
  return FALSE;
}

/* ---- makes ------------------------------------------------------------------------------------------------------- */

static gboolean
start_makes (OxMinimise *self, OxMinimiseStart *start, GCancellable *cancellable, GError **error)
{
  OxHunt *hunt = ox_hunt_new (self->session, self->kinds);
  const OxFinding *found = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree char *title = NULL;

  ox_hunt_run (hunt, 0, cancellable, &failure);
  for (int kind = 0; kind < OX_N_HUNTS; kind++)
    {
      const OxFinding *one = ox_hunt_first_unintended (hunt, kind);

      if (one == NULL)
        one = ox_hunt_first (hunt, kind);
      if ((self->kinds & 1U << kind) == 0 || one == NULL)
        continue;
      if (found == NULL || (one->frame == found->frame && one->node->index < found->node->index))
        found = one;
    }
  if (found != NULL)
    {
      title = ox_node_title (found->node);
      self->kind = found->kind;
      self->op_type = g_strdup (found->node->op_type);
      start->graph = found->node->graph;
      start->nodes = g_ptr_array_new ();
      g_ptr_array_add (start->nodes, found->node);
      start->frame = found->frame;
      start->where = g_strdup (found->where);
      add_targets (start, found->node);
      ox_minimise_note (self, "begins with #%u %s '%s'%s%s: the first that makes %s", found->node->index, found->node->op_type,
                        title, found->where != NULL ? " in " : "", found->where != NULL ? found->where : "",
                        ox_hunt_name (found->kind));
    }
  ox_hunt_free (hunt);
  if (found != NULL)
    return TRUE;
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return ox_fail (error, OX_ERROR_VALUE, "no node makes what is asked for");
}

static gboolean
has_kind (const OxValue *value, OxHuntKind kind)
{
  const OxTensor *tensor = ox_value_get_tensor (value);
  OxStatistics s;

  if (tensor == NULL || tensor->dtype == OX_STR)
    return FALSE;
  ox_statistics_compute (tensor, &s);
  if (kind == OX_HUNT_NAN)
    return s.nan > 0;
  return s.pos_inf + s.neg_inf > 0
         || (kind == OX_HUNT_OVERFLOW16 && s.finite > 0 && MAX (fabs (s.min), fabs (s.max)) > LARGEST_F16);
}

static gboolean
still_makes (OxMinimise *self, const OxCase *candidate, GCancellable *cancellable)
{
  g_autoptr (OxSession) session = ox_case_session (candidate, self->seed, NULL);

  if (session == NULL || !ox_session_run (session, cancellable, NULL))
    return FALSE;
  for (guint i = 0; i < candidate->inputs->len; i++)
    if (has_kind (g_ptr_array_index (candidate->inputs, i), self->kind))
      return FALSE;
  for (guint i = 0; i < candidate->model->graph->output_infos->len; i++)
    {
      const OxSlot *info = g_ptr_array_index (candidate->model->graph->output_infos, i);
      const OxSlot *slot = ox_graph_slot (candidate->model->graph, ox_graph_find (candidate->model->graph, info->name));

      if (slot != NULL && slot->producer != NULL && g_str_equal (slot->producer->op_type, self->op_type)
          && ox_session_output (session, i) != NULL && has_kind (ox_session_output (session, i), self->kind))
        return TRUE;
    }
  return FALSE;
}

/* ---- fails ------------------------------------------------------------------------------------------------------- */

/* What is said of the rule that was broken: without the place, and without numbers. */
static char *
plain_message (const GError *error, const OxNode *node)
{
  g_autofree char *title = ox_node_title (node);
  const char *text = strstr (error->message, title);
  GString *plain = g_string_new (NULL);

  for (const char *p = text != NULL ? text + strlen (title) : error->message; *p != '\0'; p++)
    if (!g_ascii_isdigit (*p) && strchr ("x-., []", *p) == NULL)
      g_string_append_c (plain, *p);
  return g_string_free (plain, FALSE);
}

static gboolean
start_fails (OxMinimise *self, OxMinimiseStart *start, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxSession) twin = ox_session_new_twin (self->session, FALSE);
  g_autoptr (GError) failure = NULL;
  OxTurn turn = { 0 };
  OxTurnKind kind;

  do
    kind = ox_session_turn (twin, &turn, cancellable, &failure);
  while (kind != OX_TURN_FAILED && kind != OX_TURN_ENDED);
  if (kind == OX_TURN_ENDED)
    return ox_fail (error, OX_ERROR_VALUE, "the run does not fail");
  if (turn.node == NULL || failure->domain != OX_ERROR)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  self->op_type = g_strdup (turn.node->op_type);
  self->code = failure->code;
  self->message = plain_message (failure, turn.node);
  start->graph = turn.node->graph;
  start->nodes = g_ptr_array_new ();
  g_ptr_array_add (start->nodes, turn.node);
  start->frame = turn.frame->id;
  start->where = turn.frame->id != 0 ? ox_frame_label (turn.frame) : NULL;
  add_targets (start, turn.node);
  ox_minimise_note (self, "begins with what fails: %s", failure->message);
  return TRUE;
}

static gboolean
still_fails (OxMinimise *self, const OxCase *candidate, GCancellable *cancellable)
{
  g_autoptr (OxSession) session = ox_case_session (candidate, self->seed, NULL);
  g_autoptr (GError) failure = NULL;
  g_autofree char *message = NULL;
  OxTurn turn = { 0 };
  OxTurnKind kind;

  if (session == NULL)
    return FALSE;
  do
    kind = ox_session_turn (session, &turn, cancellable, &failure);
  while (kind != OX_TURN_FAILED && kind != OX_TURN_ENDED);
  if (kind == OX_TURN_ENDED || turn.node == NULL || failure->domain != OX_ERROR || failure->code != self->code
      || !g_str_equal (turn.node->op_type, self->op_type))
    return FALSE;
  message = plain_message (failure, turn.node);
  return g_str_equal (message, self->message);
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

gboolean
ox_minimise_find_start (OxMinimise *self, OxMinimiseStart *start, GCancellable *cancellable, GError **error)
{
  switch (self->still)
    {
    case OX_STILL_DIFFERS:
      return start_differs (self, start, cancellable, error);
    case OX_STILL_MAKES:
      return start_makes (self, start, cancellable, error);
    case OX_STILL_FAILS:
      return start_fails (self, start, cancellable, error);
    case OX_STILL_ASKS:
      start->graph = ox_session_get_model (self->session)->graph;
      start->nodes = g_ptr_array_new ();
      return TRUE;
    case OX_STILL_NOTHING:
      break;
    }
  return ox_fail (error, OX_ERROR_VALUE, "nothing says what has to stay");
}

gboolean
ox_minimise_is_still (OxMinimise *self, const OxCase *candidate, GCancellable *cancellable)
{
  switch (self->still)
    {
    case OX_STILL_DIFFERS:
      return still_differs (self, candidate, cancellable);
    case OX_STILL_MAKES:
      return still_makes (self, candidate, cancellable);
    case OX_STILL_FAILS:
      return still_fails (self, candidate, cancellable);
    case OX_STILL_ASKS:
      return self->test (candidate, self->data, cancellable);
    case OX_STILL_NOTHING:
      break;
    }
  return FALSE;
}
