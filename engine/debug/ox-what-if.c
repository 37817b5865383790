/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-rounding.h"
#include "debug/ox-what-if-private.h"
#include "tensor/ox-format.h"

/* Rounded weights that are kept from one run to the next. */
#define WEIGHT_BYTES ((gsize) 1 << 30)
/* From here on a growing error is worth a line. */
#define GROWS 1.5

static void
value_free (gpointer data)
{
  OxWhatIfValue *value = data;

  g_free (value->where);
  g_free (value->type);
  g_free (value);
}

OxWhatIf *
ox_what_if_new (OxSession *session, OxDtype dtype, OxSelection *selection)
{
  OxWhatIf *self = g_new0 (OxWhatIf, 1);

  self->session = ox_session_new_twin (session, FALSE);
  self->dtype = dtype;
  self->selection = selection;
  self->kept = g_hash_table_new (NULL, NULL);
  self->weights = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) ox_value_unref);
  self->values = g_ptr_array_new_with_free_func (value_free);
  self->outputs = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
ox_what_if_free (OxWhatIf *self)
{
  ox_session_free (self->session);
  ox_selection_free (self->selection);
  g_hash_table_unref (self->kept);
  g_hash_table_unref (self->weights);
  g_ptr_array_unref (self->values);
  g_ptr_array_unref (self->outputs);
  g_free (self->parting);
  g_free (self);
}

void
ox_what_if_set_progress (OxWhatIf *self, OxProgress progress, gpointer data)
{
  self->progress = progress;
  self->progress_data = data;
}

void
ox_what_if_tell (OxWhatIf *self, double fraction, const char *doing)
{
  if (self->progress != NULL)
    self->progress (fraction, doing, self->progress_data);
}

GPtrArray *
ox_what_if_values (OxWhatIf *self)
{
  return self->values;
}

GPtrArray *
ox_what_if_outputs (OxWhatIf *self)
{
  return self->outputs;
}

const char *
ox_what_if_parting (OxWhatIf *self)
{
  return self->parting;
}

/* ---- rounding nodes -------------------------------------------------------------------------------------------- */

/* What they give is what they were given, in other places, or what their attributes say. */
static const char *const movers[] = {
  "Compress", "Concat", "ConcatFromSequence", "Constant", "ConstantOfShape", "DepthToSpace", "Expand", "Flatten",
  "Gather", "GatherElements", "GatherND", "Identity", "Pad", "Reshape", "ReverseSequence", "SequenceAt",
  "SequenceConstruct", "SequenceInsert", "Shape", "Size", "Slice", "SpaceToDepth", "Split", "SplitToSequence",
  "Squeeze", "Tile", "Transpose", "Trilu", "Unsqueeze", "Where",
};

gboolean
ox_what_if_rounds (OxWhatIf *self, OxFrame *frame, const OxNode *node)
{
  for (guint i = 0; i < G_N_ELEMENTS (movers); i++)
    if (strcmp (node->op_type, movers[i]) == 0)
      return FALSE;
  return !g_hash_table_contains (self->kept, node) && ox_selection_has (self->selection, frame, node);
}

/* (transfer full) Input @i through the type. */
static OxValue *
rounded_input (OxWhatIf *self, OxFrame *frame, const OxNode *node, guint i, GError **error)
{
  const OxSlot *slot = ox_node_input_slot (node, (int) i);
  OxInitializer *weight = slot->producer == NULL && slot->graph_input < 0 ? slot->initializer : NULL;
  OxValue *value = ox_frame_value (frame, node->inputs[i]), *known, *rounded;
  g_autoptr (OxValue) read = NULL;

  known = weight != NULL ? g_hash_table_lookup (self->weights, weight) : NULL;
  if (known != NULL)
    return ox_value_ref (known);
  /* Nobody has looked at it yet. */
  if (value == NULL)
    value = read = ox_initializer_get (slot->initializer, error);
  if (value == NULL)
    return NULL;
  rounded = ox_round_value (value, self->dtype, error);
  if (rounded != NULL && weight != NULL && self->weight_bytes + ox_value_bytes (rounded) <= WEIGHT_BYTES)
    {
      self->weight_bytes += ox_value_bytes (rounded);
      g_hash_table_insert (self->weights, weight, ox_value_ref (rounded));
    }
  return rounded;
}

/* The stand-in of a session: the node with rounded inputs, its outputs rounded. */
static GPtrArray *
run_rounded (OxSession *session, OxFrame *frame, OxNode *node, gpointer data, GCancellable *cancellable, GError **error)
{
  OxWhatIf *self = data;
  guint n = node->input_names->len;
  g_autofree OxValue **inputs = NULL;
  g_autoptr (GPtrArray) owned = ox_value_array_new ();
  GPtrArray *outputs;

  if (!ox_what_if_rounds (self, frame, node))
    return NULL;
  inputs = g_new0 (OxValue *, n + 1);
  for (guint i = 0; i < n; i++)
    {
      const OxSlot *slot = node->inputs[i].slot >= 0 ? ox_node_input_slot (node, (int) i) : NULL;

      if (slot == NULL || (slot->initializer == NULL && ox_frame_value (frame, node->inputs[i]) == NULL))
        continue;
      inputs[i] = rounded_input (self, frame, node, i, error);
      if (inputs[i] == NULL)
        return NULL;
      g_ptr_array_add (owned, inputs[i]);
    }
  outputs = ox_session_try (session, frame, node, inputs, cancellable, error);
  for (guint i = 0; outputs != NULL && i < outputs->len; i++)
    {
      OxValue *output = g_ptr_array_index (outputs, i);
      OxValue *rounded = output != NULL ? ox_round_value (output, self->dtype, error) : NULL;

      if (output == NULL)
        continue;
      if (rounded == NULL)
        {
          g_ptr_array_unref (outputs);
          return NULL;
        }
      ox_value_unref (output);
      g_ptr_array_index (outputs, i) = rounded;
    }
  return outputs;
}

OxSession *
ox_what_if_session (OxWhatIf *self)
{
  OxSession *session = ox_session_new_twin (self->session, FALSE);

  ox_session_set_stand_in (session, run_rounded, self);
  return session;
}

/* ---- distances ------------------------------------------------------------------------------------------------- */

static double
tensor_error (const OxTensor *found, const OxTensor *expected, OxDifference *difference)
{
  ox_tensor_compare (found, expected, 0, 0, difference);
  if (!difference->same_shape || !difference->same_type)
    return INFINITY;
  if (difference->unequal == 0)
    return 0;
  if (!ox_dtype_is_float (expected->dtype))
    return (double) difference->unequal / (double) expected->count;
  /* A NaN that is none in the other. */
  if (!isfinite (difference->max_abs) || difference->rms == 0)
    return INFINITY;
  return difference->rmse / difference->rms;
}

double
ox_what_if_error (const OxValue *found, const OxValue *expected, OxDifference *difference)
{
  OxDifference unused;
  double worst = 0;

  if (found->kind != expected->kind || ox_value_n_items (found) != ox_value_n_items (expected))
    return INFINITY;
  if (found->tensor != NULL && expected->tensor != NULL)
    worst = tensor_error (found->tensor, expected->tensor, difference);
  for (guint i = 0; i < ox_value_n_items (expected); i++)
    worst = MAX (worst, ox_what_if_error (ox_value_get_item (found, i), ox_value_get_item (expected, i), &unused));
  return worst;
}

/* ---- side by side ---------------------------------------------------------------------------------------------- */

/* What a session's node has just made. */
typedef struct
{
  OxWhatIf     *what_if;
  gboolean      calm;         /* the unchanged run */
  GCancellable *cancellable;
  OxNode       *node;         /* NULL: nothing since it was last asked */
  guint64       frame;
  double        given;        /* the largest error among what it was given */
  char         *where;
  GHashTable   *errors;       /* calm: OxSlot* -> double, the last of each */
  GPtrArray    *outputs;      /* OxValue or NULL */
  GPtrArray    *alone;        /* calm: of the node alone, rounded; or NULL */
} Side;

static void
unref_some (gpointer value)
{
  if (value != NULL)
    ox_value_unref (value);
}

static void
side_clear (Side *side)
{
  side->node = NULL;
  g_clear_pointer (&side->where, g_free);
  g_clear_pointer (&side->outputs, g_ptr_array_unref);
  g_clear_pointer (&side->alone, g_ptr_array_unref);
}

static void
note (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  Side *side = data;

  side_clear (side);
  side->node = node;
  side->frame = frame->id;
  side->where = frame->id != 0 ? ox_frame_label (frame) : NULL;
  side->outputs = g_ptr_array_new_with_free_func (unref_some);
  for (guint i = 0; i < node->output_names->len; i++)
    g_ptr_array_add (side->outputs, outputs[i] != NULL ? ox_value_ref (outputs[i]) : NULL);
  side->given = 0;
  for (guint i = 0; side->calm && i < node->input_names->len; i++)
    {
      const double *error =
          node->inputs[i].slot >= 0 ? g_hash_table_lookup (side->errors, ox_node_input_slot (node, (int) i)) : NULL;

      side->given = error != NULL ? MAX (side->given, *error) : side->given;
    }
  /* A node that cannot be asked has a body, where it is looked at. */
  if (side->calm && ox_what_if_rounds (side->what_if, frame, node))
    side->alone = run_rounded (session, frame, node, side->what_if, side->cancellable, NULL);
}

static void
compare_sides (OxWhatIf *self, const Side *calm, const Side *other)
{
  for (guint i = 0; i < calm->outputs->len; i++)
    {
      const OxValue *expected = g_ptr_array_index (calm->outputs, i), *found = g_ptr_array_index (other->outputs, i);
      const OxValue *alone = calm->alone != NULL && i < calm->alone->len ? g_ptr_array_index (calm->alone, i) : NULL;
      OxDifference unused;
      OxWhatIfValue *value;

      if (expected == NULL || found == NULL)
        continue;
      value = g_new0 (OxWhatIfValue, 1);
      value->node = calm->node;
      value->output = i;
      value->where = g_strdup (calm->where);
      value->type = ox_value_describe (expected);
      value->rounded = calm->alone != NULL;
      value->through = ox_what_if_error (found, expected, &value->difference);
      value->own = alone != NULL ? ox_what_if_error (alone, expected, &unused) : 0;
      value->growth = calm->given > 0 ? value->through / MAX (calm->given, value->own) : 0;
      if (calm->node->outputs[i] >= 0)
        g_hash_table_insert (calm->errors, ox_node_output_slot (calm->node, (int) i),
                             g_memdup2 (&value->through, sizeof (double)));
      g_ptr_array_add (self->values, value);
    }
}

static void
part (OxWhatIf *self, const OxTurn *turn)
{
  g_autofree char *title = turn->node != NULL ? ox_node_title (turn->node) : g_strdup ("the end");

  self->parting =
      g_strdup_printf ("%s%s%s", turn->node != NULL ? turn->node->op_type : "", turn->node != NULL ? " " : "", title);
}

static void
compare_outputs (OxWhatIf *self, OxSession *calm, OxSession *other)
{
  const OxGraph *graph = ox_session_get_model (calm)->graph;

  g_ptr_array_set_size (self->outputs, 0);
  for (guint i = 0; i < graph->outputs->len; i++)
    {
      OxValue *expected = ox_session_output (calm, i), *found = ox_session_output (other, i);
      OxWhatIfOutput *output;

      if (expected == NULL || found == NULL)
        continue;
      output = g_new0 (OxWhatIfOutput, 1);
      output->name = ((OxSlot *) g_ptr_array_index (graph->output_infos, i))->name;
      output->error = ox_what_if_error (found, expected, &output->difference);
      g_ptr_array_add (self->outputs, output);
    }
}

gboolean
ox_what_if_run (OxWhatIf *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxSession) calm = ox_session_new_twin (self->session, FALSE), other = ox_what_if_session (self);
  Side one = { .what_if = self, .calm = TRUE, .cancellable = cancellable }, two = { .what_if = self };
  g_autoptr (GHashTable) errors = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  guint total = ox_session_get_model (calm)->graph->nodes->len;
  gboolean ok = TRUE;

  g_ptr_array_set_size (self->values, 0);
  g_ptr_array_set_size (self->outputs, 0);
  g_clear_pointer (&self->parting, g_free);
  one.errors = errors;
  ox_session_set_tap (calm, note, &one);
  ox_session_set_tap (other, note, &two);
  for (;;)
    {
      OxTurn turn, beside;
      OxTurnKind kind, other_kind;

      side_clear (&one);
      side_clear (&two);
      kind = ox_session_turn (calm, &turn, cancellable, error);
      if (kind == OX_TURN_FAILED)
        {
          ok = FALSE;
          break;
        }
      other_kind = ox_session_turn (other, &beside, cancellable, error);
      if (other_kind == OX_TURN_FAILED)
        {
          ox_error_prefix (error, "rounded");
          ok = FALSE;
          break;
        }
      if (kind != other_kind || turn.node != beside.node || one.node != two.node || one.frame != two.frame)
        {
          part (self, &turn);
          break;
        }
      if (one.node != NULL)
        compare_sides (self, &one, &two);
      if (kind == OX_TURN_ENDED)
        break;
      if (turn.node != NULL && turn.frame->id == 0)
        ox_what_if_tell (self, (double) (turn.node->index + 1) / total, turn.node->op_type);
    }
  side_clear (&one);
  side_clear (&two);
  ox_session_set_tap (calm, NULL, NULL);
  ox_session_set_tap (other, NULL, NULL);
  if (ok && self->parting != NULL)
    ok = ox_session_run (calm, cancellable, error) && ox_session_run (other, cancellable, error);
  if (ok)
    compare_outputs (self, calm, other);
  return ok;
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

static void
put_value (GString *text, const OxWhatIfValue *value)
{
  g_autofree char *own = ox_format_double (value->own, 3), *through = ox_format_double (value->through, 3);
  g_autofree char *most = ox_format_double (value->difference.max_abs, 3);

  g_string_append_printf (text, "  own %-9s in the run %-9s (at most %s)  #%u %s%s%s '%s' (%s)\n",
                          value->rounded ? own : "-", through, most, value->node->index, value->node->op_type,
                          value->where != NULL ? " in " : "", value->where != NULL ? value->where : "",
                          (const char *) g_ptr_array_index (value->node->output_names, value->output), value->type);
}

static int
compare_own (gconstpointer a, gconstpointer b)
{
  const OxWhatIfValue *one = *(OxWhatIfValue *const *) a, *other = *(OxWhatIfValue *const *) b;

  return one->own > other->own ? -1 : one->own < other->own ? 1 : 0;
}

/* The values sorted, each node's output once, with the worst that it was. (transfer full) */
static GPtrArray *
sort_values (OxWhatIf *self, GCompareFunc compare)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GPtrArray *once = g_ptr_array_new ();

  g_ptr_array_extend (sorted, self->values, NULL, NULL);
  g_ptr_array_sort (sorted, compare);
  for (guint i = 0; i < sorted->len; i++)
    {
      const OxWhatIfValue *value = g_ptr_array_index (sorted, i);

      if (g_hash_table_add (seen, g_ptr_array_index (value->node->output_names, value->output)))
        g_ptr_array_add (once, (gpointer) value);
    }
  return once;
}

static void
put_worst (OxWhatIf *self, GString *text, guint rows)
{
  g_autoptr (GPtrArray) sorted = sort_values (self, compare_own);

  g_string_append (text, "what adds most by itself:\n");
  for (guint i = 0; i < sorted->len && i < rows && ((OxWhatIfValue *) g_ptr_array_index (sorted, i))->own > 0; i++)
    put_value (text, g_ptr_array_index (sorted, i));
}

static int
compare_growth (gconstpointer a, gconstpointer b)
{
  const OxWhatIfValue *one = *(OxWhatIfValue *const *) a, *other = *(OxWhatIfValue *const *) b;

  return one->growth > other->growth ? -1 : one->growth < other->growth ? 1 : 0;
}

/* What is farther off than what it was made from, and than what the node adds by itself. */
static void
put_growing (OxWhatIf *self, GString *text, guint rows)
{
  g_autoptr (GPtrArray) sorted = sort_values (self, compare_growth);

  for (guint i = 0; i < sorted->len && i < rows; i++)
    {
      const OxWhatIfValue *value = g_ptr_array_index (sorted, i);
      g_autofree char *growth = ox_format_double (value->growth, 3);

      if (value->growth < GROWS)
        break;
      if (i == 0)
        g_string_append (text, "what makes errors larger:\n");
      g_string_append_printf (text, "  %s times:", growth);
      put_value (text, value);
    }
}

char *
ox_what_if_describe (OxWhatIf *self, guint rows)
{
  GString *text = g_string_new (NULL);
  guint rounded = 0;

  for (guint i = 0; i < self->values->len; i++)
    rounded += ((OxWhatIfValue *) g_ptr_array_index (self->values, i))->rounded;
  g_string_append_printf (text, "through %s: %u of %u values are rounded\n", ox_dtype_name (self->dtype), rounded,
                          self->values->len);
  for (guint i = 0; i < self->outputs->len; i++)
    {
      const OxWhatIfOutput *output = g_ptr_array_index (self->outputs, i);
      g_autofree char *error = ox_format_double (output->error, 3), *most = ox_format_double (output->difference.max_abs, 3);

      if (rows != 0 && i >= rows / 2)
        {
          g_string_append_printf (text, "  and %u more outputs\n", self->outputs->len - i);
          break;
        }
      g_string_append_printf (text, "  output '%s': error %s, at most %s, cosine %.6f\n", output->name, error, most,
                              output->difference.cosine);
    }
  if (self->parting != NULL)
    g_string_append_printf (text, "the runs go different ways at %s: values after it are not compared\n", self->parting);
  for (guint i = 0; rows == 0 && i < self->values->len; i++)
    put_value (text, g_ptr_array_index (self->values, i));
  if (rows != 0 && rounded > 0)
    {
      put_worst (self, text, MAX (rows / 3, 1));
      put_growing (self, text, MAX (rows / 3, 1));
    }
  return g_string_free (text, FALSE);
}
