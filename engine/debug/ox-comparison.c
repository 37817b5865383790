/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/ox-error.h"
#include "debug/ox-comparison-private.h"
#include "ops/ox-op.h"
#include "tensor/ox-format.h"

/* Further from the reference than this is all the same. */
#define FAR 64

typedef struct
{
  OxFrame *frame;
  int      slot;
  OxValue *value;
} Replacement;

static void
replacement_clear (gpointer data)
{
  Replacement *self = data;

  ox_frame_unref (self->frame);
  ox_value_unref (self->value);
}

static void
compared_free (gpointer data)
{
  OxComparedValue *self = data;

  g_clear_pointer (&self->where, g_ref_string_release);
  g_free (self->text);
  g_free (self->decades);
  g_clear_pointer (&self->expected, ox_value_unref);
  g_free (self);
}

typedef struct
{
  guint64       frame;
  const OxNode *node;
  guint         output;
} Place;

static guint
place_hash (gconstpointer data)
{
  const Place *place = data;

  return g_direct_hash (place->node) ^ (guint) place->frame * 31 ^ place->output << 20;
}

static gboolean
place_equal (gconstpointer a, gconstpointer b)
{
  const Place *x = a, *y = b;

  return x->node == y->node && x->frame == y->frame && x->output == y->output;
}

static void
forget_last (OxComparison *self)
{
  self->last = NULL;
  g_clear_pointer (&self->last_inputs, g_ptr_array_unref);
  g_clear_pointer (&self->last_outputs, g_ptr_array_unref);
}

OxComparison *
ox_comparison_new (OxSession *session, OxReference *reference)
{
  OxComparison *self = g_new0 (OxComparison, 1);

  self->through = ox_session_new_twin (session, FALSE);
  self->reference = reference;
  self->isolated = TRUE;
  self->rtol = self->atol = NAN;
  self->rules = g_array_new (FALSE, FALSE, sizeof (OxRule));
  g_array_set_clear_func (self->rules, ox_rule_clear);
  self->values = g_ptr_array_new_with_free_func (compared_free);
  self->by_place = g_hash_table_new_full (place_hash, place_equal, g_free, NULL);
  self->distance = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->replacements = g_array_new (FALSE, FALSE, sizeof (Replacement));
  g_array_set_clear_func (self->replacements, replacement_clear);
  self->remarks = g_ptr_array_new_with_free_func (g_free);
  self->absent = g_hash_table_new (NULL, NULL);
  if (ox_reference_remark (reference) != NULL)
    g_ptr_array_add (self->remarks, g_strdup (ox_reference_remark (reference)));
  return self;
}

void
ox_comparison_free (OxComparison *self)
{
  ox_session_free (self->through);
  g_clear_pointer (&self->alone, ox_session_free);
  ox_reference_free (self->reference);
  g_array_unref (self->rules);
  g_ptr_array_unref (self->values);
  g_hash_table_unref (self->by_place);
  g_hash_table_unref (self->distance);
  g_array_unref (self->replacements);
  g_ptr_array_unref (self->remarks);
  g_hash_table_unref (self->absent);
  forget_last (self);
  g_clear_pointer (&self->label, g_ref_string_release);
  g_clear_error (&self->failure);
  g_free (self);
}

void
ox_comparison_set_tolerance (OxComparison *self, double rtol, double atol)
{
  self->rtol = rtol;
  self->atol = atol;
}

void
ox_comparison_set_isolated (OxComparison *self, gboolean isolated)
{
  self->isolated = isolated;
}

void
ox_comparison_set_brief (OxComparison *self, gboolean brief)
{
  self->brief = brief;
}

void
ox_comparison_set_histograms (OxComparison *self, gboolean histograms)
{
  self->histograms = histograms;
}

/* ---- what a value was computed from ---------------------------------------------------------------------------- */

static gint64
place_of (const OxFrame *frame, int slot)
{
  return (gint64) (frame->id << 24) + slot;
}

static guint
distance_of (OxComparison *self, const OxFrame *frame, OxRef ref)
{
  gint64 key;

  for (int up = ref.up; up > 0 && frame != NULL; up--)
    frame = frame->outer;
  if (frame == NULL || ref.slot < 0)
    return 0;
  key = place_of (frame, ref.slot);
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->distance, &key));
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
  return ox_model_find_function (node->graph->model, node->domain, node->op_type, node->overload) != NULL;
}

static gboolean
is_random (const OxNode *node)
{
  const OxOp *op = ox_op_find (node->domain, node->op_type, ox_model_opset (node->graph->model, node->graph, node->domain));

  return op != NULL && (op->flags & OX_OP_RANDOM) != 0;
}

/* How many nodes lie between the reference and the inputs of this one. */
static guint
distance_of_inputs (OxComparison *self, const OxFrame *frame, const OxNode *node)
{
  guint far = has_body (node) ? FAR : 0;

  for (guint i = 0; i < node->input_names->len; i++)
    far = MAX (far, distance_of (self, frame, node->inputs[i]));
  return far;
}

static void
set_distance (OxComparison *self, const OxFrame *frame, int slot, guint distance)
{
  gint64 key = place_of (frame, slot);

  if (slot < 0)
    return;
  if (distance == 0)
    g_hash_table_remove (self->distance, &key);
  else
    g_hash_table_replace (self->distance, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (MIN (distance, FAR)));
}

static OxRegion
region_of (OxComparison *self, const OxFrame *frame, const OxNode *node)
{
  if (distance_of_inputs (self, frame, node) > 0)
    return OX_REGION_NODES;
  if (ox_reference_dtype (self->reference) != OX_UNDEFINED)
    return OX_REGION_ROUNDED;
  return ox_reference_is_exact (self->reference, node) ? OX_REGION_EXACT : OX_REGION_NODE;
}

/* ---- one value ------------------------------------------------------------------------------------------------- */

/* For the other run, which comes here later. */
static void
remember (OxComparison *self, const Place *place, OxComparedValue *value)
{
  if (self->isolated)
    g_hash_table_insert (self->by_place, g_memdup2 (place, sizeof *place), value);
}

/* (transfer full) NULL for main. */
static GRefString *
label_of (OxComparison *self, OxFrame *frame)
{
  g_autofree char *text = NULL;

  if (frame->id == 0)
    return NULL;
  if (self->label == NULL || self->labelled != frame->id)
    {
      text = ox_frame_label (frame);
      g_clear_pointer (&self->label, g_ref_string_release);
      self->label = g_ref_string_new (text);
      self->labelled = frame->id;
    }
  return g_ref_string_acquire (self->label);
}

/* The record of this value, made by the run that comes first; NULL when the reference does not have it. */
static OxComparedValue *
record_of (OxComparison *self, OxFrame *frame, OxNode *node, guint output, const OxValue *found)
{
  const Place place = { frame->id, node, output };
  OxComparedValue *value;
  OxValue *expected;

  if (self->isolated && g_hash_table_lookup_extended (self->by_place, &place, NULL, (gpointer *) &value))
    {
      /* The other run was here; there is no third. */
      g_hash_table_remove (self->by_place, &place);
      return value;
    }
  expected = self->failure == NULL ? ox_reference_get (self->reference, frame, node, output, found, &self->failure) : NULL;
  if (expected == NULL)
    {
      self->missing += self->failure == NULL;
      if (ox_node_output_slot (node, (int) output) != NULL)
        g_hash_table_add (self->absent, ox_node_output_slot (node, (int) output));
      remember (self, &place, NULL);
      return NULL;
    }
  value = g_new0 (OxComparedValue, 1);
  value->node = node;
  value->output = output;
  value->frame = frame->id;
  value->where = label_of (self, frame);
  value->expected = expected;
  value->scale = NAN;
  g_ptr_array_add (self->values, value);
  remember (self, &place, value);
  return value;
}

static void
replace_later (OxComparison *self, OxFrame *frame, int slot, OxValue *value)
{
  Replacement replacement = { ox_frame_ref (frame), slot, ox_value_ref (value) };

  if (slot >= 0)
    g_array_append_val (self->replacements, replacement);
  else
    replacement_clear (&replacement);
}

/* Whether a node further on can take the value of the reference instead. */
static gboolean
can_replace (const OxValue *found, const OxValue *expected)
{
  return found->kind == expected->kind && found->dtype == expected->dtype;
}

static void
judge_alone (OxComparison *self, OxFrame *frame, OxNode *node, guint output, const OxValue *found, OxRegion region, gboolean same,
             OxComparedValue *value)
{
  gboolean random = is_random (node) && region != OX_REGION_EXACT, asked, within;
  gboolean types = strcmp (node->op_type, "Cast") == 0 || !ox_dtype_is_float (found->dtype);
  const OxDemand demand = { node, output, region, types };

  value->has_own = TRUE;
  /* The other run has looked at it. */
  if (same && value->has_through && value->same)
    value->own = value->through;
  value->bits = ox_reference_is_same (self->reference) && found->kind == OX_VALUE_TENSOR && found->dtype != OX_STR && !same;
  within = ox_comparison_measure (self, &demand, found, value->expected, same, &value->scale, &value->tolerance, &asked, &value->own,
                                  &value->text);
  if (within)
    {
      /* A zero of the other sign, a NaN of another kind. */
      if (value->bits)
        {
          value->verdict = OX_VERDICT_DIFFERS;
          value->text = g_strdup ("the numbers are equal, and their bits are not");
        }
      return;
    }
  if (random && value->own.same_shape)
    value->verdict = OX_VERDICT_RANDOM;
  else if (asked || (region != OX_REGION_NODE && region != OX_REGION_ROUNDED) || value->text != NULL
           || ox_session_is_replaced (self->alone, frame, node, node->outputs[output])
           || !ox_comparison_is_rounding (self->alone, frame, node, output, found, region, &value->own))
    value->verdict = OX_VERDICT_DIFFERS;
}

/* Whether a value that is not within its tolerance was computed from another such. */
static gboolean
is_inherited (OxComparison *self, OxFrame *frame, OxNode *node)
{
  const OxComparedValue *first = has_body (node) ? ox_comparison_first (self) : NULL;

  for (guint i = 0; i < node->input_names->len; i++)
    if (distance_of (self, frame, node->inputs[i]) > 0)
      return TRUE;
  return first != NULL && first->frame != 0;
}

/* FALSE: it is not within its tolerance. */
static gboolean
judge_through (OxComparison *self, OxFrame *frame, OxNode *node, guint output, const OxValue *found, OxComparedValue *value)
{
  const OxDemand demand = { node, output, OX_REGION_NODES, FALSE };
  OxTolerance tolerance;
  gboolean asked;
  g_autofree char *text = NULL;

  value->has_through = TRUE;
  value->same = ox_comparison_same_bits (found, value->expected);
  if (ox_comparison_measure (self, &demand, found, value->expected, value->same, &value->scale, &tolerance, &asked, &value->through,
                             &text))
    return TRUE;
  if (value->verdict != OX_VERDICT_SAME)
    return FALSE;
  value->verdict = self->isolated || is_inherited (self, frame, node) ? OX_VERDICT_INHERITED : OX_VERDICT_DIFFERS;
  if (!self->isolated)
    value->tolerance = tolerance;
  if (value->text == NULL)
    value->text = g_steal_pointer (&text);
  return FALSE;
}

static void
count_decades (OxComparison *self, const OxValue *found, const OxDifference *difference, OxComparedValue *value)
{
  const OxTensor *a = ox_value_get_tensor (found), *b = ox_value_get_tensor (value->expected);

  if (!self->histograms || a == NULL || b == NULL || difference->unequal == 0 || a->dtype == OX_STR || b->dtype == OX_STR)
    return;
  if (value->decades == NULL)
    value->decades = g_new (OxDecades, 1);
  ox_decades_compute (a, b, value->decades);
}

/* ---- sharing --------------------------------------------------------------------------------------------------- */

static void
unref_some (gpointer value)
{
  if (value != NULL)
    ox_value_unref (value);
}

/* Keeps what the run just did. */
static void
remember_last (OxComparison *self, OxFrame *frame, OxNode *node, OxValue *const *outputs)
{
  forget_last (self);
  self->last = node;
  self->last_frame = frame->id;
  self->last_caller = frame->caller;
  self->last_inputs = g_ptr_array_new_with_free_func (unref_some);
  self->last_outputs = g_ptr_array_new_with_free_func (unref_some);
  for (guint i = 0; i < node->input_names->len; i++)
    {
      OxValue *value = ox_frame_value (frame, node->inputs[i]);

      g_ptr_array_add (self->last_inputs, value != NULL ? ox_value_ref (value) : NULL);
    }
  for (guint i = 0; i < node->output_names->len; i++)
    g_ptr_array_add (self->last_outputs, outputs[i] != NULL ? ox_value_ref (outputs[i]) : NULL);
}

/* The stand-in of the run alone: what the other run made of the very same inputs. */
static GPtrArray *
share (OxSession *session, OxFrame *frame, OxNode *node, gpointer data, GCancellable *cancellable, GError **error)
{
  OxComparison *self = data;

  if (self->last != node || self->last_frame != frame->id || self->last_caller != frame->caller || self->last_outputs == NULL)
    return NULL;
  for (guint i = 0; i < node->input_names->len; i++)
    {
      const OxSlot *slot = node->inputs[i].slot >= 0 ? ox_node_input_slot (node, (int) i) : NULL;

      if (slot != NULL && (slot->producer != NULL || slot->graph_input >= 0)
          && ox_frame_value (frame, node->inputs[i]) != g_ptr_array_index (self->last_inputs, i))
        return NULL;
    }
  self->shared = TRUE;
  return g_steal_pointer (&self->last_outputs);
}

/* ---- the two runs ---------------------------------------------------------------------------------------------- */

static void
tap_alone (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  OxComparison *self = data;
  OxRegion region = region_of (self, frame, node);
  guint far = distance_of_inputs (self, frame, node);

  for (guint i = 0; i < node->output_names->len; i++)
    {
      OxComparedValue *value;
      gboolean same;

      if (outputs[i] == NULL || node->outputs[i] < 0)
        continue;
      value = record_of (self, frame, node, i, outputs[i]);
      if (value == NULL)
        {
          set_distance (self, frame, node->outputs[i], far + 1);
          continue;
        }
      same = self->shared && value->has_through ? value->same : ox_comparison_same_bits (outputs[i], value->expected);
      judge_alone (self, frame, node, i, outputs[i], region, same, value);
      if (!value->has_through)
        count_decades (self, outputs[i], &value->own, value);
      /* Where the bits are the same the run's own value stays, so that both can be seen to have the same. */
      if (can_replace (outputs[i], value->expected) && !same)
        replace_later (self, frame, node->outputs[i], value->expected);
      set_distance (self, frame, node->outputs[i], can_replace (outputs[i], value->expected) ? 0 : far + 1);
      if (value->has_through)
        g_clear_pointer (&value->expected, ox_value_unref);
    }
}

static void
tap_through (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  OxComparison *self = data;

  if (self->isolated)
    remember_last (self, frame, node, outputs);
  if (self->follow_tap != NULL)
    self->follow_tap (session, frame, node, outputs, self->follow_data);
  for (guint i = 0; i < node->output_names->len; i++)
    {
      OxComparedValue *value;
      gboolean within;

      if (outputs[i] == NULL || node->outputs[i] < 0)
        continue;
      value = record_of (self, frame, node, i, outputs[i]);
      if (value == NULL)
        {
          if (!self->isolated)
            set_distance (self, frame, node->outputs[i], is_inherited (self, frame, node) ? 1 : 0);
          continue;
        }
      within = judge_through (self, frame, node, i, outputs[i], value);
      count_decades (self, outputs[i], &value->through, value);
      /* What hangs on numbers drawn elsewhere can only be looked at with the same numbers. */
      if (!within && is_random (node) && !ox_reference_is_exact (self->reference, node) && value->through.same_shape
          && can_replace (outputs[i], value->expected))
        {
          replace_later (self, frame, node->outputs[i], value->expected);
          value->verdict = self->isolated ? value->verdict : OX_VERDICT_RANDOM;
        }
      if (!self->isolated)
        set_distance (self, frame, node->outputs[i], !within && value->verdict != OX_VERDICT_RANDOM);
      if (value->has_own || !self->isolated)
        g_clear_pointer (&value->expected, ox_value_unref);
    }
}

static OxTurnKind
do_turn (OxComparison *self, OxSession *session, OxTurn *turn, GCancellable *cancellable, GError **error)
{
  OxTurnKind kind;

  self->shared = FALSE;
  kind = ox_session_turn (session, turn, cancellable, error);
  for (guint i = 0; i < self->replacements->len; i++)
    {
      const Replacement *r = &g_array_index (self->replacements, Replacement, i);

      ox_session_replace (session, r->frame, r->slot, r->value);
    }
  g_array_set_size (self->replacements, 0);
  if (session == self->through && self->follow_turn != NULL)
    self->follow_turn (turn, self->follow_data);
  return kind;
}

/* A node that cannot run with what the reference gave it is what differs. */
static void
add_failure (OxComparison *self, const OxTurn *turn, const GError *error)
{
  OxComparedValue *value = g_new0 (OxComparedValue, 1);

  value->node = turn->node;
  value->frame = turn->frame->id;
  value->where = label_of (self, turn->frame);
  value->verdict = OX_VERDICT_DIFFERS;
  value->text = g_strdup (error->message);
  g_ptr_array_add (self->values, value);
}

static gboolean
is_blameless (const GError *error)
{
  return error->domain != OX_ERROR || error->code == OX_ERROR_UNSUPPORTED || error->code == OX_ERROR_MEMORY
         || error->code == OX_ERROR_FILE;
}

gboolean
ox_comparison_run (OxComparison *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) alone_error = NULL, through_error = NULL;
  gboolean alone = self->isolated, through = TRUE;

  if (alone)
    {
      self->alone = ox_session_new_twin (self->through, FALSE);
      ox_session_set_tap (self->alone, tap_alone, self);
      ox_session_set_stand_in (self->alone, share, self);
    }
  ox_session_set_tap (self->through, tap_through, self);
  while ((alone || through) && self->failure == NULL)
    {
      OxTurn turn;

      if (through)
        switch (do_turn (self, self->through, &turn, cancellable, &through_error))
          {
          case OX_TURN_FAILED:
          case OX_TURN_ENDED:
            through = FALSE;
            break;
          default:
            break;
          }
      if (alone)
        switch (do_turn (self, self->alone, &turn, cancellable, &alone_error))
          {
          case OX_TURN_FAILED:
            alone = FALSE;
            if (turn.node != NULL && !is_blameless (alone_error))
              add_failure (self, &turn, alone_error);
            break;
          case OX_TURN_ENDED:
            alone = FALSE;
            break;
          default:
            break;
          }
    }
  for (guint i = 0; i < self->values->len; i++)
    g_clear_pointer (&((OxComparedValue *) g_ptr_array_index (self->values, i))->expected, ox_value_unref);
  if (self->failure != NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      if (self->failure != NULL)
        g_propagate_error (error, g_steal_pointer (&self->failure));
      return FALSE;
    }
  if (through_error != NULL)
    g_ptr_array_add (self->remarks, g_strdup_printf ("the run stops: %s", through_error->message));
  if (alone_error != NULL && through_error == NULL && ox_comparison_first (self) == NULL)
    g_ptr_array_add (self->remarks, g_strdup_printf ("with the reference's inputs: %s", alone_error->message));
  if (ox_comparison_first (self) == NULL && through_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&through_error));
      return FALSE;
    }
  return TRUE;
}
