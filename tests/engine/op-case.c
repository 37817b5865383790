/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "op-case.h"

#include <math.h>
#include <string.h>

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

void
op_input_clear (OpInput *input)
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

/* Elements that are made up before they come again. */
#define PERIOD ((gint64) 1 << 20)

static gboolean
is_made_up (char **elements)
{
  return elements[0] != NULL && elements[1] == NULL && g_str_equal (elements[0], "~");
}

static gboolean
is_repeated (char **elements)
{
  guint n = g_strv_length (elements);

  return n > 1 && g_str_equal (elements[n - 1], "..");
}

static void
fill (OxTensor *tensor, char **elements, const char *whole)
{
  guint n = g_strv_length (elements);
  gboolean made_up = is_made_up (elements), again = is_repeated (elements);
  guint32 state = 1;

  if (!made_up && !again && tensor->count != n)
    g_error ("%s has %u elements", whole, n);
  n -= again ? 1 : 0;
  for (gint64 i = 0; i < tensor->count; i++)
    {
      const char *text;

      /* What comes again and again is copied from where it was last. */
      if (i == PERIOD * n && tensor->dtype != OX_STR)
        {
          gsize done = (gsize) i * ox_dtype_size (tensor->dtype), bytes = ox_tensor_bytes (tensor);

          for (; done < bytes; done *= 2)
            memcpy (tensor->data + done, tensor->data, MIN (done, bytes - done));
          return;
        }
      text = elements[i % n];
      state = state * 1664525 + 1013904223;
      if (tensor->dtype == OX_STR)
        {
          g_autofree char *plain = made_up ? g_strdup_printf ("word%u", state >> 20) : unescape (text);

          ox_tensor_set_string (tensor, i, plain, -1);
        }
      else if (!made_up)
        ox_tensor_set (tensor, i, read_number (text));
      else if (tensor->dtype == OX_F32)
        ((float *) (void *) tensor->data)[i] = (float) (state >> 8) * 0x1p-24f;
      else
        ox_tensor_set (tensor, i, ox_dtype_is_float (tensor->dtype) ? (state >> 8) * 0x1p-24 : state >> 31);
    }
}

static const char *
read_tensor (const char *text, OxDims *dims, OpInput *input)
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

      if (elements != NULL)
        fill (tensor, elements, whole);
      input->value = ox_value_new_tensor (tensor);
      /* Numbers that are no integers are known as the tensor itself. */
      if (elements != NULL && !ox_dtype_is_integer (fact->dtype))
        fact->tensor = tensor;
    }
  if (elements != NULL && ox_dtype_is_integer (fact->dtype) && !is_made_up (elements) && !is_repeated (elements))
    {
      fact->n_ints = (int) g_strv_length (elements);
      fact->ints = input->ints = g_new (OxDim, fact->n_ints + 1);
      for (int i = 0; i < fact->n_ints; i++)
        input->ints[i] = read_dim (dims, elements[i]);
    }
  return text;
}

const char *
op_read_value (const char *text, OxDims *dims, OpInput *input)
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
          OpInput item;

          text = op_read_value (text, dims, &item);
          dtype = item.fact.dtype;
          g_ptr_array_add (items, g_steal_pointer (&item.value));
          op_input_clear (&item);
        }
      input->fact.kind = OX_TYPE_SEQUENCE;
      input->fact.dtype = dtype;
      input->value = ox_value_new_sequence (dtype, g_steal_pointer (&items));
      return text + 1;
    }
  if (*text == '?')
    {
      OpInput some;

      text = op_read_value (text + 1, dims, &some);
      input->fact.kind = OX_TYPE_OPTIONAL;
      input->fact.dtype = some.fact.dtype;
      input->value = ox_value_new_optional (some.fact.dtype, g_steal_pointer (&some.value));
      op_input_clear (&some);
      return text;
    }
  if (*text == '@')
    {
      GPtrArray *values = ox_value_array_new ();
      OpInput keys = { 0 }, list = { 0 };
      OxTensor *of;

      text = read_tensor (strchr (read_tensor (text + 1, dims, &keys), '=') + 1, dims, &list);
      of = list.value->tensor;
      for (gint64 i = 0; i < of->count; i++)
        g_ptr_array_add (values, ox_value_new_tensor (ox_tensor_new_view (of, 0, NULL, NULL, ox_tensor_element (of, i))));
      input->fact.kind = OX_TYPE_MAP;
      input->value = ox_value_new_map (ox_tensor_ref (keys.value->tensor), values);
      op_input_clear (&keys);
      op_input_clear (&list);
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
      OpInput input;

      op_read_value (text + 1, dims, &input);
      attribute->type = OX_ATTR_TENSOR;
      attribute->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_initializer_unref);
      g_ptr_array_add (attribute->tensors, ox_initializer_new_tensor ("", ox_tensor_ref (input.value->tensor)));
      op_input_clear (&input);
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

/* ---- one line ------------------------------------------------------------------------------------------------- */

OpCase *
op_case_new (const char *line)
{
  static const char *const arrows[] = { " -> ", " ~> ", " => " };
  OpCase *c = g_new0 (OpCase, 1);
  const char *arrow = NULL, *p = line, *slash, *colon;
  int way = -1;
  g_autofree char *head = g_strndup (p, strcspn (p, " ")), *name = NULL;
  g_autoptr (GError) error = NULL;
  OxNode *node;

  c->line = line;
  c->model = ox_model_new ();
  c->dims = ox_dims_new ();
  while (arrow == NULL && ++way < (int) G_N_ELEMENTS (arrows))
    arrow = strstr (line, arrows[way]);
  g_assert_nonnull (arrow);
  c->way = arrow[1];
  c->expected = arrow + 4;
  c->inputs = g_array_new (FALSE, TRUE, sizeof (OpInput));
  g_array_set_clear_func (c->inputs, (GDestroyNotify) op_input_clear);
  c->graph = ox_graph_new (c->model, "test");
  slash = strrchr (head, '/');
  colon = strchr (head, ':');
  name = g_strndup (slash != NULL ? slash + 1 : head, (gsize) (colon - (slash != NULL ? slash + 1 : head)));
  if (slash != NULL)
    head[slash - head] = '\0';
  c->version = g_ascii_strtoll (colon + 1, NULL, 10);
  c->op = ox_op_find (slash != NULL ? head : "ai.onnx", name, c->version);
  if (c->op == NULL)
    g_error ("%s\nno such operator", line);
  node = ox_graph_add_node (c->graph, name, slash != NULL ? head : "ai.onnx", "");
  for (p = line + strcspn (line, " "); p < arrow; p += *p == ' ')
    {
      gsize n = strcspn (p, " ");
      g_autofree char *word = g_strndup (p, n);
      OpInput input;

      if (g_ascii_isalpha (*word) && strcspn (word, "=") < strcspn (word, "[{"))
        {
          read_attribute (node, word);
          p += n;
        }
      else if (n > 0)
        {
          p = op_read_value (p, c->dims, &input);
          g_array_append_val (c->inputs, input);
        }
    }
  c->attrs = ox_attrs_parse (c->op, node, NULL, &error);
  if (c->attrs == NULL)
    g_error ("%s\n%s", line, error->message);
  return c;
}

void
op_case_free (OpCase *c)
{
  ox_attrs_free (c->op, c->attrs);
  g_array_unref (c->inputs);
  ox_graph_free (c->graph);
  ox_dims_unref (c->dims);
  ox_model_unref (c->model);
  g_free (c);
}

OxCall *
op_case_call (OpCase *c, int n_out, OxValue **in, const OxFact *facts, GCancellable *cancellable)
{
  return ox_call_new (&(OxCallSetup){ .op = c->op,
                                      .opset = c->version,
                                      .attrs = c->attrs,
                                      .n_in = (int) c->inputs->len,
                                      .n_out = n_out,
                                      .in = in,
                                      .facts = facts,
                                      .dims = c->dims,
                                      .cancellable = cancellable });
}
