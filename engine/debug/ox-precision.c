/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-precision.h"

#include <math.h>
#include <string.h>

#include "tensor/ox-format.h"

/* A mask is far beyond what anything else is. */
#define MASK -1e6
/* Losses that are no more than this many times what rounding takes anyway harm nobody; neither does a type of few bits
 * lose less than half of what it is given. */
#define UNITS 16

struct _OxPrecision
{
  OxSession    *session;
  OxNarrow      narrow, sums;
  GPtrArray    *nodes;          /* OxPrecisionNode */
  GPtrArray    *values;         /* OxPrecisionValue */
  GHashTable   *by_node;        /* OxNode* -> OxPrecisionNode* */
  GHashTable   *by_slot;        /* OxSlot* -> OxPrecisionValue* */
  GCancellable *cancellable;    /* of the run */
  OxProgress    progress;
  gpointer      progress_data;
};

static const char *const names[] = { "safe", "loses small values", "accumulation overflows", "overflows" };

const char *
ox_precision_verdict_name (OxPrecisionVerdict verdict)
{
  return verdict < OX_N_PRECISIONS ? names[verdict] : "?";
}

static void
node_free (gpointer data)
{
  g_free (((OxPrecisionNode *) data)->where);
  g_free (data);
}

static void
value_free (gpointer data)
{
  g_free (((OxPrecisionValue *) data)->type);
  g_free (data);
}

OxPrecision *
ox_precision_new (OxSession *session, const OxNarrow *narrow)
{
  OxPrecision *self = g_new0 (OxPrecision, 1);

  self->session = ox_session_new_twin (session, FALSE);
  self->narrow = *narrow;
  /* Nobody adds in 8 bits. */
  if (ox_dtype_bits (narrow->dtype) == 16 || !ox_narrow_find (OX_F16, &self->sums, NULL))
    self->sums = *narrow;
  self->nodes = g_ptr_array_new_with_free_func (node_free);
  self->values = g_ptr_array_new_with_free_func (value_free);
  self->by_node = g_hash_table_new (NULL, NULL);
  self->by_slot = g_hash_table_new (NULL, NULL);
  return self;
}

void
ox_precision_free (OxPrecision *self)
{
  ox_session_free (self->session);
  g_ptr_array_unref (self->nodes);
  g_ptr_array_unref (self->values);
  g_hash_table_unref (self->by_node);
  g_hash_table_unref (self->by_slot);
  g_free (self);
}

void
ox_precision_set_progress (OxPrecision *self, OxProgress progress, gpointer data)
{
  self->progress = progress;
  self->progress_data = data;
}

/* ---- values ---------------------------------------------------------------------------------------------------- */

static void
add_tensors (OxPrecision *self, OxPrecisionValue *to, const OxValue *value, OxRange *range)
{
  for (guint i = 0; i < ox_value_n_items (value); i++)
    add_tensors (self, to, ox_value_get_item (value, i), range);
  if (!ox_narrow_can_hold (value->tensor))
    return;
  if (to->type == NULL)
    {
      g_autofree char *shape = ox_tensor_shape_string (value->tensor);

      to->type = g_strdup_printf ("%s %s", ox_dtype_name (value->tensor->dtype), shape);
    }
  ox_range_add (range, value->tensor, &self->narrow);
}

/* What is known of a value after it was met again, and what it is this time; weights and inputs are looked at once. NULL for
 * what has no numbers. */
static OxPrecisionValue *
meet (OxPrecision *self, const OxSlot *slot, OxPrecisionKind kind, const OxValue *value, OxRange *range)
{
  OxPrecisionValue *known = g_hash_table_lookup (self->by_slot, slot);

  memset (range, 0, sizeof *range);
  if (known != NULL && kind != OX_PRECISION_VALUE)
    {
      *range = known->range;
      return known->type != NULL ? known : NULL;
    }
  if (known == NULL)
    {
      known = g_new0 (OxPrecisionValue, 1);
      known->slot = slot;
      known->kind = kind;
      g_hash_table_insert (self->by_slot, (gpointer) slot, known);
      g_ptr_array_add (self->values, known);
    }
  add_tensors (self, known, value, range);
  ox_range_merge (&known->range, range);
  return known->type != NULL ? known : NULL;
}

/* ---- verdicts -------------------------------------------------------------------------------------------------- */

/* A number that becomes zero is lost, however many large ones are beside it. */
static gboolean
is_divisor (const OxNode *node, guint input)
{
  return strcmp (node->op_type, "Div") == 0 ? input == 1
         : input == 0 && (strcmp (node->op_type, "Reciprocal") == 0 || strcmp (node->op_type, "Log") == 0);
}

static OxPrecisionVerdict
verdict_of (const OxPrecision *self, const OxRange *range)
{
  return range->beyond > 0 ? OX_PRECISION_OVERFLOWS
         : ox_range_lost (range) > MIN (UNITS * self->narrow.unit, 0.5) ? OX_PRECISION_LOSES : OX_PRECISION_SAFE;
}

/* A weight or an input that overflows is the reason for what comes of it. */
static void
judge (OxPrecision *self, OxPrecisionNode *known, const OxPrecisionValue *value, const OxRange *range)
{
  OxPrecisionVerdict verdict = verdict_of (self, range);

  known->largest = MAX (known->largest, range->largest);
  if (verdict < known->verdict
      || (verdict == known->verdict && known->value != NULL
          && (range->largest <= known->range.largest
              || (known->value->kind != OX_PRECISION_VALUE && value->kind == OX_PRECISION_VALUE))))
    return;
  known->verdict = verdict;
  known->value = value;
  known->range = *range;
  known->divides = FALSE;
}

static void
judge_divisor (OxPrecision *self, OxPrecisionNode *known, const OxSlot *slot, const OxValue *value)
{
  OxPrecisionValue *divisor = g_hash_table_lookup (self->by_slot, slot);
  OxRange range = { 0 };

  if (!ox_narrow_can_hold (value->tensor) || divisor == NULL || known->verdict >= OX_PRECISION_LOSES)
    return;
  ox_range_add (&range, value->tensor, &self->narrow);
  if (range.flushed == 0)
    return;
  known->verdict = OX_PRECISION_LOSES;
  known->value = divisor;
  known->range = range;
  known->divides = TRUE;
}

static void
judge_sums (OxPrecision *self, OxPrecisionNode *known, OxSession *session, OxFrame *frame, OxNode *node,
            const OxValue *output)
{
  OxSums sums;

  if (output == NULL || output->tensor == NULL
      || !ox_sums_compute (session, frame, node, output->tensor, self->cancellable, &sums))
    return;
  known->sums = TRUE;
  known->sum.length = MAX (known->sum.length, sums.length);
  known->sum.bound = MAX (known->sum.bound, sums.bound);
  known->sum.growth = MAX (known->sum.growth, sums.growth);
  if (sums.bound > self->sums.largest && known->verdict < OX_PRECISION_ACCUMULATES)
    {
      known->verdict = OX_PRECISION_ACCUMULATES;
      known->value = NULL;
    }
}

static OxPrecisionNode *
know (OxPrecision *self, OxFrame *frame, const OxNode *node)
{
  OxPrecisionNode *known = g_hash_table_lookup (self->by_node, node);

  if (known == NULL)
    {
      known = g_new0 (OxPrecisionNode, 1);
      known->node = node;
      known->where = frame->id != 0 ? ox_frame_label (frame) : NULL;
      g_hash_table_insert (self->by_node, (gpointer) node, known);
      g_ptr_array_add (self->nodes, known);
    }
  known->times++;
  return known;
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

static gboolean
overflows (OxPrecision *self, const OxSlot *slot)
{
  const OxPrecisionValue *value = g_hash_table_lookup (self->by_slot, slot);

  return value != NULL && value->range.beyond > 0;
}

static void
look (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  OxPrecision *self = data;
  OxPrecisionNode *known = know (self, frame, node);
  const OxGraph *main = ox_session_get_model (session)->graph;
  gboolean inherited = FALSE;

  for (guint i = 0; i < node->input_names->len; i++)
    {
      const OxSlot *slot = node->inputs[i].slot >= 0 ? ox_node_input_slot (node, (int) i) : NULL;
      const OxValue *input = slot != NULL ? ox_frame_value (frame, node->inputs[i]) : NULL;
      gboolean weight = slot != NULL && slot->producer == NULL && slot->initializer != NULL;
      gboolean given =
          slot != NULL && slot->graph_input >= 0 && !weight && ox_graph_slot (main, node->inputs[i].slot) == slot;
      OxPrecisionValue *value = NULL;
      OxRange range;

      if (input == NULL)
        continue;
      if (weight || given)
        value = meet (self, slot, weight ? OX_PRECISION_WEIGHT : OX_PRECISION_INPUT, input, &range);
      else
        inherited = inherited || overflows (self, slot);
      if (value != NULL)
        judge (self, known, value, &range);
      if (is_divisor (node, i))
        judge_divisor (self, known, slot, input);
    }
  for (guint i = 0; i < node->output_names->len; i++)
    {
      const OxSlot *slot = node->outputs[i] >= 0 ? ox_node_output_slot (node, (int) i) : NULL;
      OxRange range;
      OxPrecisionValue *value = slot != NULL && outputs[i] != NULL
                                  ? meet (self, slot, OX_PRECISION_VALUE, outputs[i], &range) : NULL;

      /* What a body gives has been judged where it was made. */
      if (value != NULL && !has_body (node))
        judge (self, known, value, &range);
    }
  known->inherited = known->verdict == OX_PRECISION_OVERFLOWS && inherited && known->value->kind == OX_PRECISION_VALUE;
  if (node->output_names->len > 0)
    judge_sums (self, known, session, frame, node, outputs[0]);
  if (self->progress != NULL && frame->id == 0)
    self->progress ((double) (node->index + 1) / main->nodes->len, node->op_type, self->progress_data);
}

/* ---- the run --------------------------------------------------------------------------------------------------- */

/* All numbers beyond are one, and negative. */
static void
find_mask (OxPrecisionNode *known)
{
  const OxRange *range = &known->range;

  known->mask = known->verdict == OX_PRECISION_OVERFLOWS && range->one_beyond && range->extreme < MASK;
}

static double
pressure (const OxPrecision *self, const OxPrecisionNode *node)
{
  return MAX (node->largest / self->narrow.largest, node->sums ? node->sum.bound / self->sums.largest : 0);
}

static int
compare_nodes (gconstpointer a, gconstpointer b, gpointer data)
{
  const OxPrecisionNode *one = *(OxPrecisionNode *const *) a, *other = *(OxPrecisionNode *const *) b;
  double p = pressure (data, one), q = pressure (data, other);

  if (one->verdict != other->verdict)
    return one->verdict > other->verdict ? -1 : 1;
  if (one->mask != other->mask)
    return one->mask ? 1 : -1;
  if (one->inherited != other->inherited)
    return one->inherited ? 1 : -1;
  if (one->inherited)
    return 0;
  return p > q ? -1 : p < q ? 1 : 0;
}

gboolean
ox_precision_run (OxPrecision *self, GCancellable *cancellable, GError **error)
{
  gboolean ok;

  self->cancellable = cancellable;
  ox_session_set_tap (self->session, look, self);
  ok = ox_session_run (self->session, cancellable, error);
  self->cancellable = NULL;
  for (guint i = 0; i < self->nodes->len; i++)
    find_mask (g_ptr_array_index (self->nodes, i));
  g_ptr_array_sort_with_data (self->nodes, compare_nodes, self);
  return ok;
}

GPtrArray *
ox_precision_nodes (OxPrecision *self)
{
  return self->nodes;
}

GPtrArray *
ox_precision_values (OxPrecision *self)
{
  return self->values;
}

guint
ox_precision_count (OxPrecision *self, OxPrecisionVerdict verdict)
{
  guint n = 0;

  for (guint i = 0; i < self->nodes->len; i++)
    n += ((OxPrecisionNode *) g_ptr_array_index (self->nodes, i))->verdict == verdict;
  return n;
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

static const char *
kind_name (OxPrecisionKind kind)
{
  return kind == OX_PRECISION_WEIGHT ? "weight " : kind == OX_PRECISION_INPUT ? "input " : "";
}

char *
ox_precision_node_reason (OxPrecision *self, const OxPrecisionNode *node)
{
  const OxPrecisionValue *value = node->value;
  const OxRange *range = &node->range;
  g_autofree char *a = NULL, *b = NULL;

  switch (node->verdict)
    {
    case OX_PRECISION_OVERFLOWS:
      a = ox_format_double (range->extreme, 5);
      b = ox_format_double (self->narrow.largest, 5);
      return g_strdup_printf ("%s'%s': %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " beyond %s, %s %s%s",
                              kind_name (value->kind), value->slot->name, range->beyond, range->count, b,
                              node->mask ? "a mask of" : "the largest", a, node->inherited ? "; it was given such" : "");
    case OX_PRECISION_ACCUMULATES:
      a = ox_format_double (node->sum.bound, 5);
      b = ox_format_double (node->largest, 5);
      return g_strdup_printf ("sums of %" G_GINT64_FORMAT " terms reach up to %s on the way to at most %s", node->sum.length,
                              a, b);
    case OX_PRECISION_LOSES:
      a = ox_format_double (range->smallest, 3);
      b = ox_format_double (100 * ox_range_lost (range), 3);
      return g_strdup_printf ("%s'%s': %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " become zero, %" G_GINT64_FORMAT
                              " denormal, the smallest %s; %s%s%%",
                              kind_name (value->kind), value->slot->name, range->flushed, range->count, range->denormal, a,
                              node->divides ? "it divides or takes the logarithm by them; lost are " : "lost are ", b);
    default:
      a = ox_format_double (node->largest, 5);
      b = node->sums ? ox_format_double (node->sum.bound, 5) : NULL;
      return g_strdup_printf ("largest %s%s%s", a, b != NULL ? ", sums up to " : "", b != NULL ? b : "");
    }
}

static void
put_node (OxPrecision *self, GString *text, const OxPrecisionNode *node)
{
  g_autofree char *reason = ox_precision_node_reason (self, node);
  g_autofree char *title = ox_node_title (node->node);

  g_string_append_printf (text, "  %-22s #%u %s '%s'%s%s: %s", names[node->verdict], node->node->index, node->node->op_type,
                          title, node->where != NULL ? " in " : "", node->where != NULL ? node->where : "", reason);
  if (node->sums && node->verdict != OX_PRECISION_OVERFLOWS && node->sum.growth * self->sums.unit >= 0.01)
    {
      g_autofree char *lost = ox_format_double (100 * node->sum.growth * self->sums.unit, 2);

      g_string_append_printf (text, "; summed in %s it is off by about %s%%", ox_dtype_name (self->sums.dtype), lost);
    }
  g_string_append_c (text, '\n');
}

static void
put_value (GString *text, const OxPrecisionValue *value)
{
  const OxRange *range = &value->range;
  g_autofree char *largest = ox_format_double (range->extreme, 5), *smallest = ox_format_double (range->smallest, 3);

  g_string_append_printf (text, "  %s'%s' (%s): largest %s, smallest %s; %" G_GINT64_FORMAT " beyond, %" G_GINT64_FORMAT
                                " become zero, %" G_GINT64_FORMAT " denormal\n",
                          kind_name (value->kind), value->slot->name, value->type, largest, smallest, range->beyond,
                          range->flushed, range->denormal);
}

static void
put_values (OxPrecision *self, GString *text)
{
  g_string_append (text, "values:\n");
  for (guint i = 0; i < self->values->len; i++)
    {
      const OxPrecisionValue *value = g_ptr_array_index (self->values, i);

      if (value->type != NULL)
        put_value (text, value);
    }
}

static void
put_weights (OxPrecision *self, GString *text)
{
  gint64 count = 0, beyond = 0, flushed = 0, denormal = 0;
  guint n = 0;

  for (guint i = 0; i < self->values->len; i++)
    {
      const OxPrecisionValue *value = g_ptr_array_index (self->values, i);

      if (value->kind != OX_PRECISION_WEIGHT || value->type == NULL)
        continue;
      n++;
      count += value->range.count;
      beyond += value->range.beyond;
      flushed += value->range.flushed;
      denormal += value->range.denormal;
    }
  g_string_append_printf (text, "%u weights of %" G_GINT64_FORMAT " numbers: %" G_GINT64_FORMAT " beyond, %" G_GINT64_FORMAT
                                " become zero, %" G_GINT64_FORMAT " denormal\n", n, count, beyond, flushed, denormal);
}

char *
ox_precision_describe (OxPrecision *self, guint rows)
{
  GString *text = g_string_new (NULL);
  guint bad = self->nodes->len - ox_precision_count (self, OX_PRECISION_SAFE), shown = 0;

  g_string_append_printf (text, "%s: %u of %u nodes are not safe", ox_dtype_name (self->narrow.dtype), bad,
                          self->nodes->len);
  for (int v = OX_N_PRECISIONS - 1, first = TRUE; v > OX_PRECISION_SAFE; v--)
    if (ox_precision_count (self, v) > 0)
      {
        g_string_append_printf (text, "%s%s: %u", first ? ": " : ", ", names[v], ox_precision_count (self, v));
        first = FALSE;
      }
  g_string_append_c (text, '\n');
  for (; shown < self->nodes->len && (rows == 0 || shown < MIN (rows, bad)); shown++)
    put_node (self, text, g_ptr_array_index (self->nodes, shown));
  if (shown < bad)
    g_string_append_printf (text, "  and %u more\n", bad - shown);
  if (rows != 0 && bad < self->nodes->len)
    {
      g_string_append (text, "of the safe ones the nearest to the limit:\n");
      put_node (self, text, g_ptr_array_index (self->nodes, bad));
    }
  put_weights (self, text);
  if (rows == 0)
    put_values (self, text);
  return g_string_free (text, FALSE);
}
