/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-session-private.h"

/* Nodes that are passed over: zeros or an input in the place of what they would give. */

typedef struct
{
  OxPass     how;
  int        input;
  GPtrArray *observed;
} Passing;

static void
passing_free (gpointer data)
{
  Passing *passing = data;

  g_clear_pointer (&passing->observed, g_ptr_array_unref);
  g_free (passing);
}

void
ox_session_pass (OxSession *self, const OxNode *node, OxPass how, int input, GPtrArray *observed)
{
  Passing *passing;

  ox_recall_touch (self, node);
  if (self->passes == NULL)
    self->passes = g_hash_table_new_full (NULL, NULL, NULL, passing_free);
  if (how == OX_PASS_NONE)
    {
      g_hash_table_remove (self->passes, node);
      return;
    }
  passing = g_new0 (Passing, 1);
  passing->how = how;
  passing->input = input;
  passing->observed = observed != NULL ? g_ptr_array_ref (observed) : NULL;
  g_hash_table_insert (self->passes, (gpointer) node, passing);
}

void
ox_pass_copy (OxSession *self, OxSession *other)
{
  GHashTableIter iter;
  gpointer node, data;

  if (other->passes == NULL)
    return;
  g_hash_table_iter_init (&iter, other->passes);
  while (g_hash_table_iter_next (&iter, &node, &data))
    {
      const Passing *passing = data;

      ox_session_pass (self, node, passing->how, passing->input, passing->observed);
    }
}

gboolean
ox_pass_has (OxSession *self, const OxNode *node)
{
  return self->passes != NULL && g_hash_table_contains (self->passes, node);
}

/* ---- what the outputs should be ------------------------------------------------------------------------------- */

static OxType *
type_of_fact (const OxFact *fact)
{
  OxType *type;

  if (fact == NULL || fact->kind == OX_TYPE_UNKNOWN || fact->kind == OX_TYPE_OPAQUE)
    return NULL;
  type = ox_type_new (fact->kind, fact->dtype);
  if (fact->kind == OX_TYPE_TENSOR && fact->rank >= 0)
    {
      ox_type_set_rank (type, fact->rank);
      for (int d = 0; d < fact->rank; d++)
        ox_type_set_dim (type, d, ox_dim_known (fact->dims[d]) ? fact->dims[d] : -1, NULL);
    }
  if (fact->elem != NULL)
    type->elem = ox_type_ref (fact->elem);
  return type;
}

/* The types of the outputs into @data, [outputs]. */
static void
take_types (OxCall *call, gpointer data)
{
  OxType **types = data;

  for (int o = 0; o < call->n_out; o++)
    types[o] = type_of_fact (ox_call_out_fact (call, o));
}

/* What the operator says of outputs when it is given what is there; nothing if that is not all there. */
static gboolean
ask_operator (OxSession *self, OxFrame *frame, const OxNode *node, OxValue *const *inputs, OxType **types, GError **error)
{
  OxPlan *plan = ox_plan_find (self, node, NULL);
  guint n_in = node->input_names->len, n_out = node->output_names->len;
  g_autofree OxValue **in = g_new0 (OxValue *, n_in + 1);
  OxCallSetup setup = { .n_in = (int) n_in, .n_out = (int) n_out, .in = in };

  if (plan == NULL || plan->op == NULL || plan->op->infer == NULL || plan->op->flow != OX_FLOW_NONE)
    return TRUE;
  for (guint i = 0; i < n_in; i++)
    {
      in[i] = inputs != NULL && inputs[i] != NULL ? inputs[i]
              : node->inputs[i].slot >= 0         ? ox_frame_read (frame, node->inputs[i], NULL)
                                                  : NULL;
      if (node->inputs[i].slot >= 0 && in[i] == NULL)
        return TRUE;
    }
  return ox_plan_ask (self, plan, frame, node, &setup, types != NULL ? take_types : NULL, types, error);
}

gboolean
ox_session_accepts (OxSession *self, OxFrame *frame, const OxNode *node, OxValue *const *inputs, GError **error)
{
  return ask_operator (self, frame, node, inputs, NULL, error);
}

static gboolean
is_whole (const OxType *type)
{
  if (type == NULL || type->kind == OX_TYPE_UNKNOWN)
    return FALSE;
  if (type->kind != OX_TYPE_TENSOR)
    return TRUE;
  if (type->dtype == OX_UNDEFINED || type->rank < 0)
    return FALSE;
  for (int d = 0; d < type->rank; d++)
    if (type->dims[d].value < 0)
      return FALSE;
  return TRUE;
}

/* Keeps the one that says more; takes a reference. */
static void
improve (OxType **type, OxType *other)
{
  if (is_whole (*type) || other == NULL || (*type != NULL && !is_whole (other)))
    return;
  /* The element type that the operator gave is right. */
  if (*type != NULL && ((*type)->kind != other->kind || ((*type)->dtype != OX_UNDEFINED && (*type)->dtype != other->dtype)))
    return;
  g_clear_pointer (type, ox_type_unref);
  *type = ox_type_ref (other);
}

static void
clear_type (gpointer type)
{
  if (type != NULL)
    ox_type_unref (type);
}

/* (transfer full) of OxType or NULL, one an output. */
static GPtrArray *
expected_types (OxSession *self, OxFrame *frame, const OxNode *node, GPtrArray *observed)
{
  GPtrArray *types = g_ptr_array_new_with_free_func (clear_type);

  g_ptr_array_set_size (types, (int) node->output_names->len);
  ask_operator (self, frame, node, NULL, (OxType **) types->pdata, NULL);
  for (guint o = 0; o < types->len; o++)
    {
      const OxSlot *slot = ox_node_output_slot (node, (int) o);
      OxType **type = (OxType **) &types->pdata[o];

      if (observed != NULL && o < observed->len)
        improve (type, g_ptr_array_index (observed, o));
      if (slot != NULL)
        improve (type, slot->inferred);
      if (slot != NULL)
        improve (type, slot->type);
    }
  return types;
}

/* ---- values --------------------------------------------------------------------------------------------------- */

static OxValue *
zeros (const OxType *type, const char *name, GError **error)
{
  gint64 dims[OX_MAX_RANK];
  OxTensor *tensor;

  if (is_whole (type) && type->kind == OX_TYPE_SEQUENCE)
    return ox_value_new_sequence (type->elem != NULL ? type->elem->dtype : type->dtype, ox_value_array_new ());
  if (is_whole (type) && type->kind == OX_TYPE_OPTIONAL)
    return ox_value_new_optional (type->elem != NULL ? type->elem->dtype : type->dtype, NULL);
  if (!is_whole (type) || type->kind != OX_TYPE_TENSOR)
    {
      g_autofree char *text = ox_type_to_string (type);

      ox_fail (error, OX_ERROR_VALUE, "there are no zeros for its output '%s': only %s is known of it", name, text);
      return NULL;
    }
  for (int d = 0; d < type->rank; d++)
    dims[d] = type->dims[d].value;
  tensor = ox_tensor_new_zeros (type->dtype, type->rank, dims, error);
  return tensor != NULL ? ox_value_new_tensor (tensor) : NULL;
}

/* 0: another type; 1: the type; 2: the shape, too. What is not known fits. */
static int
likeness (const OxType *type, const OxValue *value)
{
  g_autoptr (OxType) found = ox_type_of_value (value);

  if (type == NULL || type->kind == OX_TYPE_UNKNOWN)
    return 1;
  if (found == NULL || found->kind != type->kind || (type->dtype != OX_UNDEFINED && found->dtype != type->dtype))
    return 0;
  return ox_type_check_value (type, value, NULL, NULL) ? 2 : 1;
}

/* An input for output @o; NULL for none. */
static OxValue *
fitting_input (OxFrame *frame, const OxNode *node, const OxType *type, int input, gboolean exactly, guint8 *taken)
{
  OxValue *best = NULL;
  int best_likeness = exactly ? 1 : 0;
  guint which = 0;

  for (guint i = 0; i < node->input_names->len; i++)
    {
      OxValue *value = (input < 0 || input == (int) i) && !taken[i] && node->inputs[i].slot >= 0
                         ? ox_frame_read (frame, node->inputs[i], NULL) : NULL;
      int like = value != NULL ? likeness (type, value) : 0;

      if (like <= best_likeness)
        continue;
      best_likeness = like;
      best = value;
      which = i;
    }
  if (best != NULL)
    taken[which] = 1;
  return best;
}

static void
refuse (OxFrame *frame, const OxNode *node, const OxType *type, int input, const char *name, GError **error)
{
  g_autoptr (GString) found = g_string_new (NULL);
  g_autofree char *expected = ox_type_to_string (type);

  for (guint i = 0; i < node->input_names->len; i++)
    {
      OxValue *value = node->inputs[i].slot >= 0 ? ox_frame_read (frame, node->inputs[i], NULL) : NULL;
      g_autofree char *text = value != NULL ? ox_value_describe (value) : g_strdup ("not there");

      if (input < 0 || input == (int) i)
        g_string_append_printf (found, "%s%s", found->len > 0 ? ", " : "", text);
    }
  ox_fail (error, OX_ERROR_DTYPE, "expected an input that its output '%s' (%s) can be, found %s", name, expected,
           found->len > 0 ? found->str : "none");
}

static void
unref_some (gpointer value)
{
  if (value != NULL)
    ox_value_unref (value);
}

GPtrArray *
ox_session_pass_try (OxSession *self, OxFrame *frame, const OxNode *node, OxPass how, int input, GPtrArray *observed,
                     GError **error)
{
  g_autoptr (GPtrArray) types = expected_types (self, frame, node, observed);
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (unref_some);
  g_autofree guint8 *taken = g_new0 (guint8, node->input_names->len + 1);
  gboolean first = TRUE;

  g_ptr_array_set_size (values, (int) types->len);
  for (guint o = 0; o < types->len; o++)
    {
      const OxType *type = g_ptr_array_index (types, o);
      const char *name = g_ptr_array_index (node->output_names, o);
      OxValue *value = NULL;

      if (node->outputs[o] < 0)
        continue;
      if (how == OX_PASS_IDENTITY)
        value = fitting_input (frame, node, type, first ? input : -1, !first, taken);
      if (how == OX_PASS_IDENTITY && first && value == NULL)
        {
          refuse (frame, node, type, input, name, error);
          return NULL;
        }
      first = FALSE;
      value = value != NULL ? ox_value_ref (value) : zeros (type, name, error);
      if (value == NULL)
        return NULL;
      values->pdata[o] = value;
    }
  return g_steal_pointer (&values);
}

gboolean
ox_pass_run (OxSession *self, OxFrame *frame, const OxNode *node, OxValue **out, GError **error)
{
  const Passing *passing = g_hash_table_lookup (self->passes, node);
  g_autoptr (GPtrArray) values = ox_session_pass_try (self, frame, node, passing->how, passing->input, passing->observed, error);

  for (guint o = 0; values != NULL && o < values->len; o++)
    out[o] = g_steal_pointer (&values->pdata[o]);
  return values != NULL;
}
