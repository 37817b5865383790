/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "op-lines.h"

#include <math.h>
#include <string.h>

#include "op-case.h"

/* ---- comparing ------------------------------------------------------------------------------------------------ */

static void
compare (const char *line, const OxValue *found, const OxValue *expected)
{
  g_autofree char *a = ox_value_describe (found), *b = ox_value_describe (expected);

  if (found->kind != expected->kind || ox_value_n_items (found) != ox_value_n_items (expected))
    g_error ("%s\nfound %s, expected %s", line, a, b);
  for (guint i = 0; i < ox_value_n_items (found); i++)
    compare (line, ox_value_get_item (found, i), ox_value_get_item (expected, i));
  if (found->kind == OX_VALUE_MAP)
    compare (line, &(OxValue){ .kind = OX_VALUE_TENSOR, .dtype = found->dtype, .tensor = found->keys },
             &(OxValue){ .kind = OX_VALUE_TENSOR, .dtype = expected->dtype, .tensor = expected->keys });
  if (found->kind != OX_VALUE_TENSOR)
    return;
  if (found->dtype != expected->dtype || !ox_tensor_same_shape (found->tensor, expected->tensor))
    g_error ("%s\nfound %s, expected %s", line, a, b);
  for (gint64 i = 0; i < found->tensor->count; i++)
    if (found->dtype == OX_STR)
      g_assert_cmpstr (ox_tensor_get_string (found->tensor, i), ==, ox_tensor_get_string (expected->tensor, i));
    else
      {
        double x = ox_tensor_get (found->tensor, i), y = ox_tensor_get (expected->tensor, i);

        if (x != y && !(isnan (x) && isnan (y)) && !(fabs (x - y) <= 1e-5 * MAX (1, fabs (y))))
          g_error ("%s\nelement %" G_GINT64_FORMAT " is %g, expected %g", line, i, x, y);
      }
}

static char *
fact_text (OxDims *dims, const OxFact *fact)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (fact->kind != OX_TYPE_TENSOR)
    return g_strdup (fact->kind == OX_TYPE_SEQUENCE ? "seq" : fact->kind == OX_TYPE_OPTIONAL ? "opt" : "-");
  g_string_append_printf (text, "%s[", ox_dtype_name (fact->dtype));
  if (fact->rank < 0)
    g_string_append_c (text, '*');
  for (int i = 0; i < fact->rank; i++)
    {
      g_autofree char *dim = ox_dim_to_string (dims, fact->dims[i]);

      g_string_append_printf (text, i > 0 ? ",%s" : "%s", dim);
    }
  g_string_append_c (text, ']');
  for (int i = 0; i < fact->n_ints; i++)
    {
      g_autofree char *dim = ox_dim_to_string (dims, fact->ints[i]);

      g_string_append_printf (text, i > 0 ? ",%s" : "{%s", dim);
    }
  if (fact->n_ints >= 0)
    g_string_append (text, fact->n_ints == 0 ? "{}" : "}");
  g_string_replace (text, " ", "", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What shapes alone tell must fit what came out. */
static void
check_inferred (const char *line, const OxFact *fact, const OxValue *value)
{
  const OxTensor *tensor = ox_value_get_tensor (value);
  gboolean good = tensor == NULL || fact->kind == OX_TYPE_UNKNOWN || fact->kind == OX_TYPE_TENSOR;

  if (good && tensor != NULL && fact->kind == OX_TYPE_TENSOR)
    {
      good = (fact->dtype == OX_UNDEFINED || fact->dtype == tensor->dtype)
             && (fact->rank < 0 || fact->rank == tensor->rank);
      for (int i = 0; good && i < fact->rank; i++)
        good = !ox_dim_known (fact->dims[i]) || fact->dims[i] == tensor->dims[i];
    }
  if (!good)
    g_error ("%s\nthe shape inferred without data is not that of the result", line);
}

/* ---- one line ------------------------------------------------------------------------------------------------- */

static OxFact *
facts_of (OpCase *c, gboolean shapes_only)
{
  OxFact *facts = g_new0 (OxFact, c->inputs->len + 1);

  for (guint i = 0; i < c->inputs->len; i++)
    {
      facts[i] = g_array_index (c->inputs, OpInput, i).fact;
      if (shapes_only)
        {
          facts[i].n_ints = -1;
          facts[i].tensor = NULL;
        }
    }
  return facts;
}

static void
run_inference (OpCase *c, const char *expected)
{
  g_auto (GStrv) words = g_strsplit (expected, " ", -1);
  g_autofree OxFact *facts = facts_of (c, FALSE);
  OxCall *call = op_case_call (c, (int) g_strv_length (words), NULL, facts, NULL);
  g_autoptr (GError) error = NULL;

  if (!ox_call_infer (call, &error))
    {
      if (expected[0] != '!' || strstr (error->message, expected + 1) == NULL)
        g_error ("%s\n%s", c->line, error->message);
      ox_call_free (call);
      return;
    }
  for (int o = 0; words[o] != NULL; o++)
    {
      g_autofree char *found = fact_text (c->dims, ox_call_out_fact (call, o));

      if (!g_str_equal (found, words[o]))
        g_error ("%s\noutput %d is inferred as %s", c->line, o, found);
    }
  ox_call_free (call);
}

static void
run_values (OpCase *c, const char *expected)
{
  g_autoptr (GArray) outs = g_array_new (FALSE, TRUE, sizeof (OpInput));
  g_autofree OxValue **in = g_new0 (OxValue *, c->inputs->len + 1);
  g_autofree OxFact *facts = facts_of (c, TRUE);
  g_autoptr (GError) error = NULL;
  gboolean fails = expected[0] == '!';
  OxCall *call, *blind;

  g_array_set_clear_func (outs, (GDestroyNotify) op_input_clear);
  for (guint i = 0; i < c->inputs->len; i++)
    in[i] = g_array_index (c->inputs, OpInput, i).value;
  for (const char *p = expected; !fails && *p != '\0'; p += *p == ' ')
    {
      OpInput out;

      p = op_read_value (p, c->dims, &out);
      g_array_append_val (outs, out);
    }
  call = op_case_call (c, fails ? c->op->out.min : (int) outs->len, in, NULL, NULL);
  if (!ox_call_run (call, &error))
    {
      if (!fails || strstr (error->message, expected + 1) == NULL)
        g_error ("%s\n%s", c->line, error->message);
      ox_call_free (call);
      return;
    }
  if (fails)
    g_error ("%s\nit did not fail", c->line);
  blind = op_case_call (c, (int) outs->len, NULL, facts, NULL);
  if (!ox_call_infer (blind, &error))
    g_error ("%s\nfrom shapes alone: %s", c->line, error->message);
  for (guint o = 0; o < outs->len; o++)
    {
      g_autoptr (OxValue) value = ox_call_steal (call, (int) o);
      const OxValue *wanted = g_array_index (outs, OpInput, o).value;

      if (wanted != NULL)
        compare (c->line, value, wanted);
      check_inferred (c->line, ox_call_out_fact (blind, (int) o), value);
    }
  ox_call_free (call);
  ox_call_free (blind);
}

/* What a value is, as it stands after => in a line. */
static char *
type_text (const OxValue *value)
{
  g_autofree char *inner = NULL;

  if (value == NULL)
    return g_strdup ("-");
  if (value->kind == OX_VALUE_SEQUENCE || (value->kind == OX_VALUE_OPTIONAL && ox_value_n_items (value) == 0))
    inner = g_strdup (ox_value_n_items (value) > 0 ? ox_dtype_name (ox_value_get_item (value, 0)->dtype)
                                                   : ox_dtype_name (value->dtype));
  else if (value->kind == OX_VALUE_OPTIONAL)
    inner = type_text (ox_value_get_item (value, 0));
  if (inner != NULL)
    return g_strdup_printf (value->kind == OX_VALUE_SEQUENCE ? "(%s)" : "?%s", inner);
  return g_strdup (ox_dtype_name (value->dtype));
}

static char *
run_types (OpCase *c, const char *expected)
{
  g_auto (GStrv) words = g_strsplit (expected, " ", -1);
  g_autofree OxValue **in = g_new0 (OxValue *, c->inputs->len + 1);
  g_autoptr (GError) error = NULL;
  OxCall *call;
  char *problem = NULL;

  for (guint i = 0; i < c->inputs->len; i++)
    in[i] = g_array_index (c->inputs, OpInput, i).value;
  call = op_case_call (c, (int) g_strv_length (words), in, NULL, NULL);
  if (!ox_call_run (call, &error))
    problem = g_strdup_printf ("%s\n%s", c->line, error->message);
  for (int o = 0; problem == NULL && words[o] != NULL; o++)
    {
      g_autoptr (OxValue) value = ox_call_steal (call, o);
      g_autofree char *found = type_text (value);

      if (!g_str_equal (words[o], "-") && !g_str_equal (words[o], found))
        problem = g_strdup_printf ("%s\noutput %d is %s", c->line, o, found);
    }
  ox_call_free (call);
  return problem;
}

static char *
one_line (const char *line)
{
  OpCase *c = op_case_new (line);
  char *problem = NULL;

  if (c->way == '~')
    run_inference (c, c->expected);
  else if (c->way == '-')
    run_values (c, c->expected);
  else
    problem = run_types (c, c->expected);
  op_case_free (c);
  return problem;
}

void
op_line (const char *line)
{
  g_autofree char *problem = one_line (line);

  if (problem != NULL)
    g_error ("%s", problem);
}

char *
op_line_problem (const char *line)
{
  return one_line (line);
}

static void
line_test (gconstpointer data)
{
  op_line (data);
}

void
op_lines (const char *path, const char *const *lines, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      gsize head = strcspn (lines[i], ":"), skip = strcspn (lines[i], "/");
      const char *op = skip < head ? lines[i] + skip + 1 : lines[i];
      g_autofree char *name = g_strdup_printf ("%s/%u-%.*s", path, i + 1, (int) strcspn (op, ":"), op);

      g_test_add_data_func (name, lines[i], line_test);
    }
}
