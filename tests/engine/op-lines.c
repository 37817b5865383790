/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "op-lines.h"

#include <math.h>
#include <string.h>

#include "ops/ox-op.h"

/* ---- reading -------------------------------------------------------------------------------------------------- */

static char *
unescape (const char *text)
{
  char *plain = g_uri_unescape_string (text, NULL);

  g_assert_nonnull (plain);
  return plain;
}

/* Reads "[a,b]" into @parts and returns what follows; NULL @parts if there is no bracket. */
static const char *
read_list (const char *text, char open, char close, char ***parts)
{
  const char *end;
  g_autofree char *inside = NULL;

  *parts = NULL;
  if (*text != open)
    return text;
  end = strchr (text, close);
  g_assert_nonnull (end);
  inside = g_strndup (text + 1, (gsize) (end - text - 1));
  *parts = *inside != '\0' ? g_strsplit (inside, ",", -1) : g_new0 (char *, 1);
  return end + 1;
}

static OxDim
read_dim (OxDims *dims, const char *text)
{
  char *end;
  gint64 number = g_ascii_strtoll (text, &end, 10);

  if (*end == '\0' && end != text)
    return ox_dim_const (dims, number);
  return g_str_equal (text, "?") ? OX_DIM_UNKNOWN : ox_dim_symbol (dims, text);
}

/* One input as it is written; what belongs to it. */
typedef struct
{
  OxFact fact;
  OxValue *value;   /* NULL when it has names in it, or is omitted */
  OxDim *ints;
} Input;

static void
input_clear (Input *input)
{
  g_clear_pointer (&input->value, ox_value_unref);
  g_free (input->ints);
}

static double
read_number (const char *text)
{
  if (g_str_equal (text, "nan"))
    return NAN;
  if (g_str_equal (text, "inf"))
    return INFINITY;
  if (g_str_equal (text, "-inf"))
    return -INFINITY;
  return g_ascii_strtod (text, NULL);
}

static const char *
read_tensor (const char *text, OxDims *dims, Input *input)
{
  const char *whole = text;
  const char *bracket = strchr (text, '[');
  g_autofree char *name = g_strndup (text, bracket != NULL ? (gsize) (bracket - text) : 0);
  g_auto (GStrv) shape = NULL;
  g_auto (GStrv) elements = NULL;
  gboolean numbers = TRUE;
  OxFact *fact = &input->fact;

  *fact = (OxFact){ .kind = OX_TYPE_TENSOR, .dtype = ox_dtype_from_name (name), .n_ints = -1 };
  g_assert_cmpint (fact->dtype, !=, OX_UNDEFINED);
  text = read_list (bracket, '[', ']', &shape);
  text = read_list (text, '{', '}', &elements);
  if (g_strcmp0 (shape[0], "*") == 0)
    fact->rank = -1;
  else
    for (int i = 0; shape[i] != NULL; i++)
      {
        fact->dims[fact->rank++] = read_dim (dims, shape[i]);
        numbers = numbers && ox_dim_known (fact->dims[i]);
      }
  for (int i = 0; elements != NULL && elements[i] != NULL; i++)
    numbers = numbers && (fact->dtype == OX_STR || !g_ascii_isupper (elements[i][0]));
  if (numbers && fact->rank >= 0)
    {
      OxTensor *tensor = ox_tensor_new_zeros (fact->dtype, fact->rank, fact->dims, NULL);

      if (elements != NULL && tensor->count != g_strv_length (elements))
        g_error ("%s has %u elements", whole, g_strv_length (elements));
      for (gint64 i = 0; elements != NULL && i < tensor->count; i++)
        if (fact->dtype == OX_STR)
          {
            g_autofree char *plain = unescape (elements[i]);

            ox_tensor_set_string (tensor, i, plain, -1);
          }
        else
          ox_tensor_set (tensor, i, read_number (elements[i]));
      input->value = ox_value_new_tensor (tensor);
      /* Numbers that are no integers are known as the tensor itself. */
      if (elements != NULL && !ox_dtype_is_integer (fact->dtype))
        fact->tensor = tensor;
    }
  if (elements != NULL && ox_dtype_is_integer (fact->dtype))
    {
      fact->n_ints = (int) g_strv_length (elements);
      fact->ints = input->ints = g_new (OxDim, fact->n_ints + 1);
      for (int i = 0; i < fact->n_ints; i++)
        input->ints[i] = read_dim (dims, elements[i]);
    }
  return text;
}

static const char *
read_value (const char *text, OxDims *dims, Input *input)
{
  memset (input, 0, sizeof *input);
  input->fact.n_ints = input->fact.rank = -1;
  if (*text == '_')
    {
      input->fact.kind = OX_TYPE_OPAQUE;
      return text + 1;
    }
  if (*text == '(')
    {
      g_autoptr (GPtrArray) items = ox_value_array_new ();
      OxDtype dtype = OX_UNDEFINED;

      for (text++; *text != ')'; text += *text == ' ')
        {
          Input item;

          text = read_value (text, dims, &item);
          dtype = item.fact.dtype;
          g_ptr_array_add (items, g_steal_pointer (&item.value));
          input_clear (&item);
        }
      input->fact.kind = OX_TYPE_SEQUENCE;
      input->fact.dtype = dtype;
      input->value = ox_value_new_sequence (dtype, g_steal_pointer (&items));
      return text + 1;
    }
  if (*text == '?')
    {
      Input some;

      text = read_value (text + 1, dims, &some);
      input->fact.kind = OX_TYPE_OPTIONAL;
      input->fact.dtype = some.fact.dtype;
      input->value = ox_value_new_optional (some.fact.dtype, g_steal_pointer (&some.value));
      input_clear (&some);
      return text;
    }
  if (*text == '@')
    {
      GPtrArray *values = ox_value_array_new ();
      Input keys = { 0 }, list = { 0 };
      OxTensor *of;

      text = read_tensor (strchr (read_tensor (text + 1, dims, &keys), '=') + 1, dims, &list);
      of = list.value->tensor;
      for (gint64 i = 0; i < of->count; i++)
        g_ptr_array_add (values, ox_value_new_tensor (ox_tensor_new_view (of, 0, NULL, NULL, ox_tensor_element (of, i))));
      input->fact.kind = OX_TYPE_MAP;
      input->value = ox_value_new_map (ox_tensor_ref (keys.value->tensor), values);
      input_clear (&keys);
      input_clear (&list);
      return text;
    }
  return read_tensor (text, dims, input);
}

static void
read_attribute (OxNode *node, const char *word)
{
  const char *text = strchr (word, '=') + 1;
  g_autofree char *name = g_strndup (word, (gsize) (text - 1 - word));
  g_auto (GStrv) list = NULL;
  OxAttribute *attribute = ox_node_add_attribute (node, name, OX_ATTR_UNDEFINED);

  read_list (text, '[', ']', &list);
  if (*text == '\'')
    {
      g_autofree char *plain = unescape (text + 1);

      g_assert_true (g_str_has_suffix (plain, "'"));
      attribute->type = OX_ATTR_STRING;
      attribute->s = g_bytes_new (plain, strlen (plain) - 1);
    }
  else if (*text == '<')
    {
      OxDims *dims = ox_dims_new ();
      Input input;

      read_value (text + 1, dims, &input);
      attribute->type = OX_ATTR_TENSOR;
      attribute->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_initializer_unref);
      g_ptr_array_add (attribute->tensors, ox_initializer_new_tensor ("", ox_tensor_ref (input.value->tensor)));
      input_clear (&input);
      ox_dims_unref (dims);
    }
  else if (list != NULL && list[0] != NULL && list[0][0] == '\'')
    {
      attribute->type = OX_ATTR_STRINGS;
      attribute->strings = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      for (int i = 0; list[i] != NULL; i++)
        {
          g_autofree char *plain = unescape (list[i] + 1);

          g_ptr_array_add (attribute->strings, g_bytes_new (plain, strlen (plain) - 1));
        }
    }
  else if (list != NULL && list[0] != NULL && strpbrk (list[0], ".n") != NULL)
    {
      attribute->type = OX_ATTR_FLOATS;
      attribute->floats = g_array_new (FALSE, FALSE, sizeof (float));
      for (int i = 0; list[i] != NULL; i++)
        {
          float number = (float) read_number (list[i]);

          g_array_append_val (attribute->floats, number);
        }
    }
  else if (list != NULL)
    {
      attribute->type = OX_ATTR_INTS;
      attribute->ints = g_array_new (FALSE, FALSE, sizeof (gint64));
      for (int i = 0; list[i] != NULL; i++)
        {
          gint64 number = g_ascii_strtoll (list[i], NULL, 10);

          g_array_append_val (attribute->ints, number);
        }
    }
  else if (strpbrk (text, ".n") != NULL)
    {
      attribute->type = OX_ATTR_FLOAT;
      attribute->f = read_number (text);
    }
  else
    {
      attribute->type = OX_ATTR_INT;
      attribute->i = g_ascii_strtoll (text, NULL, 10);
    }
}

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

typedef struct
{
  const char *line;
  OxModel *model;
  OxGraph *graph;
  const OxOp *op;
  gint64 version;
  void *attrs;
  GArray *inputs;    /* Input */
  OxDims *dims;
} Case;

static OxCall *
new_call (Case *c, int n_out, OxValue **in, const OxFact *facts)
{
  return ox_call_new (&(OxCallSetup){ .op = c->op,
                                      .opset = c->version,
                                      .attrs = c->attrs,
                                      .n_in = (int) c->inputs->len,
                                      .n_out = n_out,
                                      .in = in,
                                      .facts = facts,
                                      .dims = c->dims });
}

static OxFact *
facts_of (Case *c, gboolean shapes_only)
{
  OxFact *facts = g_new0 (OxFact, c->inputs->len + 1);

  for (guint i = 0; i < c->inputs->len; i++)
    {
      facts[i] = g_array_index (c->inputs, Input, i).fact;
      if (shapes_only)
        {
          facts[i].n_ints = -1;
          facts[i].tensor = NULL;
        }
    }
  return facts;
}

static void
run_inference (Case *c, const char *expected)
{
  g_auto (GStrv) words = g_strsplit (expected, " ", -1);
  g_autofree OxFact *facts = facts_of (c, FALSE);
  OxCall *call = new_call (c, (int) g_strv_length (words), NULL, facts);
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
run_values (Case *c, const char *expected)
{
  g_autoptr (GArray) outs = g_array_new (FALSE, TRUE, sizeof (Input));
  g_autofree OxValue **in = g_new0 (OxValue *, c->inputs->len + 1);
  g_autofree OxFact *facts = facts_of (c, TRUE);
  g_autoptr (GError) error = NULL;
  gboolean fails = expected[0] == '!';
  OxCall *call, *blind;

  g_array_set_clear_func (outs, (GDestroyNotify) input_clear);
  for (guint i = 0; i < c->inputs->len; i++)
    in[i] = g_array_index (c->inputs, Input, i).value;
  for (const char *p = expected; !fails && *p != '\0'; p += *p == ' ')
    {
      Input out;

      p = read_value (p, c->dims, &out);
      g_array_append_val (outs, out);
    }
  call = new_call (c, fails ? c->op->out.min : (int) outs->len, in, NULL);
  if (!ox_call_run (call, &error))
    {
      if (!fails || strstr (error->message, expected + 1) == NULL)
        g_error ("%s\n%s", c->line, error->message);
      ox_call_free (call);
      return;
    }
  if (fails)
    g_error ("%s\nit did not fail", c->line);
  blind = new_call (c, (int) outs->len, NULL, facts);
  if (!ox_call_infer (blind, &error))
    g_error ("%s\nfrom shapes alone: %s", c->line, error->message);
  for (guint o = 0; o < outs->len; o++)
    {
      g_autoptr (OxValue) value = ox_call_steal (call, (int) o);
      const OxValue *wanted = g_array_index (outs, Input, o).value;

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
run_types (Case *c, const char *expected)
{
  g_auto (GStrv) words = g_strsplit (expected, " ", -1);
  g_autofree OxValue **in = g_new0 (OxValue *, c->inputs->len + 1);
  g_autoptr (GError) error = NULL;
  OxCall *call;
  char *problem = NULL;

  for (guint i = 0; i < c->inputs->len; i++)
    in[i] = g_array_index (c->inputs, Input, i).value;
  call = new_call (c, (int) g_strv_length (words), in, NULL);
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
  static const char *const arrows[] = { " -> ", " ~> ", " => " };
  Case c = { .line = line, .model = ox_model_new (), .dims = ox_dims_new () };
  const char *arrow = NULL, *p = line;
  int way = -1;
  g_autofree char *head = NULL, *name = NULL;
  g_autoptr (GError) error = NULL;
  const char *slash, *colon;
  char *problem = NULL;
  OxNode *node;

  while (arrow == NULL && ++way < (int) G_N_ELEMENTS (arrows))
    arrow = strstr (line, arrows[way]);
  g_assert_nonnull (arrow);
  c.inputs = g_array_new (FALSE, TRUE, sizeof (Input));
  g_array_set_clear_func (c.inputs, (GDestroyNotify) input_clear);
  c.graph = ox_graph_new (c.model, "test");
  head = g_strndup (p, strcspn (p, " "));
  slash = strrchr (head, '/');
  colon = strchr (head, ':');
  name = g_strndup (slash != NULL ? slash + 1 : head, (gsize) (colon - (slash != NULL ? slash + 1 : head)));
  if (slash != NULL)
    head[slash - head] = '\0';
  c.version = g_ascii_strtoll (colon + 1, NULL, 10);
  c.op = ox_op_find (slash != NULL ? head : "ai.onnx", name, c.version);
  if (c.op == NULL)
    g_error ("%s\nno such operator", line);
  node = ox_graph_add_node (c.graph, name, slash != NULL ? head : "ai.onnx", "");
  for (p = line + strcspn (line, " "); p < arrow; p += *p == ' ')
    {
      gsize n = strcspn (p, " ");
      g_autofree char *word = g_strndup (p, n);
      Input input;

      if (g_ascii_isalpha (*word) && strcspn (word, "=") < strcspn (word, "[{"))
        {
          read_attribute (node, word);
          p += n;
        }
      else if (n > 0)
        {
          p = read_value (p, c.dims, &input);
          g_array_append_val (c.inputs, input);
        }
    }
  c.attrs = ox_attrs_parse (c.op, node, NULL, &error);
  if (c.attrs == NULL)
    g_error ("%s\n%s", line, error->message);
  if (way == 1)
    run_inference (&c, arrow + 4);
  else if (way == 0)
    run_values (&c, arrow + 4);
  else
    problem = run_types (&c, arrow + 4);
  ox_attrs_free (c.op, c.attrs);
  g_array_unref (c.inputs);
  ox_graph_free (c.graph);
  ox_dims_unref (c.dims);
  ox_model_unref (c.model);
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
