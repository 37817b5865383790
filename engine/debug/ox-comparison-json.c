/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "debug/ox-comparison-files.h"
#include "debug/ox-json.h"

static const char *const verdicts[] = {
  [OX_VERDICT_SAME] = "same",
  [OX_VERDICT_INHERITED] = "inherited",
  [OX_VERDICT_RANDOM] = "random",
  [OX_VERDICT_DIFFERS] = "DIFFERS",
};

/* A node that could not run has no output to name. */
static const char *
output_name (const OxComparedValue *value)
{
  return value->output < value->node->output_names->len ? g_ptr_array_index (value->node->output_names, value->output) : "";
}

/* The run that was asked for; the other where that one did not come so far. */
static const OxDifference *
asked_for (const OxComparedValue *value, gboolean isolated)
{
  return (isolated && value->has_own) || !value->has_through ? &value->own : &value->through;
}

/* JSON has neither NaN nor infinity: here they are null. */
static void
put_number (JsonBuilder *json, const char *key, double number)
{
  json_builder_set_member_name (json, key);
  if (isfinite (number))
    json_builder_add_double_value (json, ox_json_writable (number));
  else
    json_builder_add_null_value (json);
}

static void
put_difference (JsonBuilder *json, const OxDifference *d)
{
  put_number (json, "max_abs", d->max_abs);
  put_number (json, "max_rel", d->max_rel);
  put_number (json, "mean_abs", d->mean_abs);
  put_number (json, "rmse", d->rmse);
  put_number (json, "cosine", d->cosine);
  put_number (json, "psnr", d->psnr);
  put_number (json, "max_ulps", d->max_ulps);
  ox_json_count (json, "count", d->count);
  ox_json_count (json, "unequal", d->unequal);
  ox_json_count (json, "outside", d->outside);
  ox_json_count (json, "first_index", d->first);
  ox_json_count (json, "worst_index", d->worst);
  json_builder_set_member_name (json, "same_shape");
  json_builder_add_boolean_value (json, d->same_shape);
  json_builder_set_member_name (json, "same_type");
  json_builder_add_boolean_value (json, d->same_type);
}

static void
put_place (JsonBuilder *json, const OxComparedValue *value)
{
  ox_json_count (json, "index", value->node->index);
  ox_json_text (json, "node", value->node->name);
  ox_json_text (json, "op_type", value->node->op_type);
  ox_json_text (json, "output", output_name (value));
  ox_json_text (json, "frame", value->where);
}

/* Each is null where its run did not come so far, or was not asked for. */
static void
put_both (JsonBuilder *json, const OxComparedValue *value)
{
  json_builder_set_member_name (json, "own");
  if (value->has_own)
    {
      json_builder_begin_object (json);
      put_difference (json, &value->own);
      json_builder_end_object (json);
    }
  else
    json_builder_add_null_value (json);
  json_builder_set_member_name (json, "inherited");
  if (value->has_through)
    {
      json_builder_begin_object (json);
      put_difference (json, &value->through);
      json_builder_end_object (json);
    }
  else
    json_builder_add_null_value (json);
}

/* By decade: the power of ten it begins with, and how many; the first has all that are smaller, too. */
static void
put_decades (JsonBuilder *json, const OxDecades *decades)
{
  json_builder_set_member_name (json, "histogram");
  if (decades == NULL)
    {
      json_builder_add_null_value (json);
      return;
    }
  json_builder_begin_object (json);
  ox_json_count (json, "equal", decades->equal);
  ox_json_count (json, "not_finite", decades->bad);
  json_builder_set_member_name (json, "decades");
  json_builder_begin_array (json);
  for (int i = 0; i < OX_DECADES; i++)
    if (decades->counts[i] > 0)
      {
        json_builder_begin_object (json);
        ox_json_count (json, "exponent", OX_DECADES_LOW + i - 1);
        ox_json_count (json, "count", decades->counts[i]);
        json_builder_end_object (json);
      }
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static void
put_tensor (JsonBuilder *json, const OxComparedValue *value, gboolean isolated)
{
  json_builder_begin_object (json);
  ox_json_text (json, "name", output_name (value));
  put_place (json, value);
  ox_json_text (json, "verdict", verdicts[value->verdict]);
  put_difference (json, asked_for (value, isolated));
  put_number (json, "rtol", value->tolerance.rtol);
  put_number (json, "atol", value->tolerance.atol);
  ox_json_text (json, "text", value->text);
  put_decades (json, value->decades);
  put_both (json, value);
  json_builder_end_object (json);
}

static void
put_nodes (JsonBuilder *json, const char *key, GPtrArray *nodes)
{
  json_builder_set_member_name (json, key);
  json_builder_begin_array (json);
  for (guint i = 0; i < nodes->len; i++)
    {
      const OxNode *node = g_ptr_array_index (nodes, i);

      json_builder_begin_object (json);
      ox_json_count (json, "index", node->index);
      ox_json_text (json, "node", node->name);
      ox_json_text (json, "op_type", node->op_type);
      ox_json_text (json, "output", node->output_names->len > 0 ? g_ptr_array_index (node->output_names, 0) : "");
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

/* From the last values that agree, in the model and in the reference. */
static void
put_regions (JsonBuilder *json, OxComparison *comparison, const OxComparedValue *value)
{
  g_autoptr (GPtrArray) mine = ox_comparison_region (comparison, value);
  g_autoptr (GPtrArray) theirs
    = ox_reference_region (ox_comparison_reference (comparison), value->node, value->output);

  put_nodes (json, "region", mine);
  put_nodes (json, "reference_region", theirs);
}

static void
put_first (JsonBuilder *json, OxComparison *comparison)
{
  const OxComparedValue *first = ox_comparison_first (comparison);
  const OxDifference *d;

  json_builder_set_member_name (json, "first_divergence");
  if (first == NULL)
    {
      json_builder_add_null_value (json);
      return;
    }
  d = asked_for (first, TRUE);
  json_builder_begin_object (json);
  put_place (json, first);
  put_number (json, "max_abs", d->max_abs);
  put_number (json, "max_rel", d->max_rel);
  ox_json_text (json, "text", first->text);
  put_both (json, first);
  put_regions (json, comparison, first);
  json_builder_end_object (json);
}

char *
ox_comparison_json (OxComparison *comparison, const OxComparisonFacts *facts)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  GPtrArray *values = ox_comparison_values (comparison), *remarks = ox_comparison_remarks (comparison);

  json_builder_begin_object (json);
  put_first (json, comparison);
  ox_json_text (json, "reference", ox_reference_title (ox_comparison_reference (comparison)));
  ox_json_text (json, "data_set", facts->data_set);
  if (facts->edits != NULL && facts->edits[0] != NULL)
    {
      ox_json_array (json, "edits");
      for (guint i = 0; facts->edits[i] != NULL; i++)
        json_builder_add_string_value (json, facts->edits[i]);
      json_builder_end_array (json);
    }
  ox_json_count (json, "compared", values->len);
  ox_json_count (json, "missing", ox_comparison_missing (comparison));
  ox_json_array (json, "remarks");
  for (guint i = 0; i < remarks->len; i++)
    json_builder_add_string_value (json, g_ptr_array_index (remarks, i));
  json_builder_end_array (json);
  ox_json_array (json, "tensors");
  for (guint i = 0; i < values->len; i++)
    put_tensor (json, g_ptr_array_index (values, i), facts->isolated);
  json_builder_end_array (json);
  json_builder_end_object (json);
  return ox_json_lines (json);
}
