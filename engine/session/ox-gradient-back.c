/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-gradient.h"

#include <string.h>

#include "model/ox-text.h"
#include "ops/derive.h"

#define OPSET 22   /* of the nodes that the rules write */

/* Reverse mode: from y back through the nodes in between, each gradient the sum of what its readers give. */

typedef struct
{
  OxGradient *gradient;
  GString    *text;
  gboolean   *depends;      /* [slots] on one of xs */
  GPtrArray **parts;        /* [slots] of char*: written names of contributions */
  gboolean   *used;         /* [slots] values that the text reads */
  GPtrArray  *outer_names;  /* written names of values further out that the text reads */
  GPtrArray  *outer_values;
  guint       serial;
} Back;

static OxTensor *
tensor_of (const Back *back, int slot)
{
  const OxValue *value = slot >= 0 ? back->gradient->values[slot] : NULL;

  return value != NULL ? ox_value_get_tensor (value) : NULL;
}

static gboolean
is_real (const OxTensor *tensor)
{
  return tensor != NULL
         && (tensor->dtype == OX_F32 || tensor->dtype == OX_F64 || tensor->dtype == OX_F16
             || tensor->dtype == OX_BF16);
}

/* "d'name'" as a text writes it, and not yet there. */
static char *
fresh_name (Back *back, int slot)
{
  const char *base = ox_graph_slot (back->gradient->graph, slot)->name;
  g_autofree char *name = g_strconcat ("d", base, NULL);
  GString *text = g_string_new (NULL);

  g_strdelimit (name, "$#", '_');
  for (guint k = 2; !g_hash_table_add (back->gradient->taken, g_strdup (name)); k++)
    {
      g_free (name);
      name = g_strdup_printf ("d%s.%u", base, k);
      g_strdelimit (name, "$#", '_');
    }
  ox_text_add_name (text, name);
  return g_string_free (text, FALSE);
}

static void
add_part (Back *back, int slot, char *name)
{
  if (back->parts[slot] == NULL)
    back->parts[slot] = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (back->parts[slot], name);
}

/* The gradient of @slot as it is written; NULL: zero. */
static const char *
gradient_of (Back *back, int slot)
{
  GPtrArray *parts = slot >= 0 ? back->parts[slot] : NULL;
  char *name;

  if (parts == NULL || parts->len == 0)
    return NULL;
  if (parts->len > 1)
    {
      name = fresh_name (back, slot);
      g_string_append_printf (back->text, "%s = Sum(", name);
      for (guint i = 0; i < parts->len; i++)
        g_string_append_printf (back->text, "%s%s", i > 0 ? ", " : "", (char *) g_ptr_array_index (parts, i));
      g_string_append (back->text, ")\n");
      g_ptr_array_set_size (parts, 0);
      g_ptr_array_add (parts, name);
    }
  return g_ptr_array_index (parts, 0);
}

static void
find_dependents (Back *back)
{
  const OxGradient *self = back->gradient;

  for (guint i = 0; i < self->n_xs; i++)
    back->depends[self->given[i]] = TRUE;
  for (guint n = 0; n < self->graph->nodes->len; n++)
    {
      const OxNode *node = ox_graph_node (self->graph, n);
      gboolean depends = FALSE;

      for (guint i = 0; self->needed[n] && i < node->input_names->len; i++)
        depends = depends || (node->inputs[i].up == 0 && node->inputs[i].slot >= 0 && back->depends[node->inputs[i].slot]);
      for (guint o = 0; depends && o < node->output_names->len; o++)
        if (node->outputs[o] >= 0 && !self->fixed[node->outputs[o]])
          back->depends[node->outputs[o]] = TRUE;
    }
}

/* ---- one node ------------------------------------------------------------------------------------------------- */

static gboolean
write_inputs (Back *back, OxWriter *w, GError **error)
{
  const OxNode *node = w->node;

  for (int i = 0; i < w->n_in; i++)
    {
      int slot = node->inputs[i].up == 0 ? node->inputs[i].slot : -1;
      g_autoptr (GString) expression = g_string_new (NULL);
      char *name;

      if (slot < 0 || !back->depends[slot] || !is_real (w->in[i]))
        continue;
      if (!ox_derive_input (w, i, expression, error))
        return FALSE;
      if (expression->len == 0)
        continue;
      /* One that is handed on as it is needs no node. */
      if (w->gradients[0] != NULL && strcmp (expression->str, w->gradients[0]) == 0)
        {
          add_part (back, slot, g_strdup (w->gradients[0]));
          continue;
        }
      name = fresh_name (back, slot);
      g_string_append_printf (back->text, "%s = %s\n", name, expression->str);
      add_part (back, slot, name);
    }
  return TRUE;
}

static gboolean
prefix (const OxNode *node, GError **error)
{
  g_autofree char *title = ox_node_title (node);

  ox_error_prefix (error, "the derivative of node '%s' (%s)", title, node->op_type);
  return FALSE;
}

static GHashTable *
bindings_of (OxFrame *frame)
{
  while (frame != NULL && frame->bindings == NULL)
    frame = frame->outer;
  return frame != NULL ? frame->bindings : NULL;
}

static char *
outer_name (const OxSlot *slot, int up)
{
  g_autofree char *name = g_strdup_printf ("%s (%d further out)", slot->name, up);
  GString *text = g_string_new (NULL);

  ox_text_add_name (text, name);
  return g_string_free (text, FALSE);
}

static gboolean
go_through (Back *back, const OxNode *node, GError **error)
{
  OxGradient *self = back->gradient;
  int n_in = (int) node->input_names->len, n_out = (int) node->output_names->len;
  g_autofree const OxTensor **in = g_new0 (const OxTensor *, n_in + 1), **out = g_new0 (const OxTensor *, n_out + 1);
  g_autofree char **in_names = g_new0 (char *, n_in + 1), **out_names = g_new0 (char *, n_out + 1);
  g_autofree gboolean *in_used = g_new0 (gboolean, n_in + 1), *out_used = g_new0 (gboolean, n_out + 1);
  g_autofree const char **gradients = g_new0 (const char *, n_out + 1);
  gint64 opset = ox_model_opset (self->session->model, node->graph, node->domain);
  OxWriter w = { .node = node,
                 .opset = opset > 0 ? opset : G_MAXINT32,
                 .bindings = bindings_of (self->frame),
                 .n_in = n_in,
                 .n_out = n_out,
                 .in = in,
                 .out = out,
                 .in_names = in_names,
                 .out_names = out_names,
                 .in_used = in_used,
                 .out_used = out_used,
                 .gradients = gradients,
                 .serial = &back->serial,
                 .taken = self->taken,
                 .text = back->text };
  g_autoptr (GPtrArray) further = g_ptr_array_new_with_free_func (g_free);
  gboolean any = FALSE;

  for (int o = 0; o < n_out; o++)
    {
      gradients[o] = gradient_of (back, node->outputs[o]);
      out[o] = tensor_of (back, node->outputs[o]);
      out_names[o] = node->outputs[o] >= 0 ? (char *) ox_gradient_name (self, node->outputs[o]) : NULL;
      any = any || gradients[o] != NULL;
      if (w.scalar == OX_UNDEFINED && gradients[o] != NULL && out[o] != NULL)
        w.scalar = out[o]->dtype;
    }
  if (!any)
    return TRUE;
  if (ox_model_find_function (self->session->model, node->domain, node->op_type, node->overload) == NULL)
    w.op = ox_op_find (node->domain, node->op_type, w.opset);
  if (!ox_derive_known (&w, error))
    return prefix (node, error);
  for (int i = 0; i < n_in; i++)
    {
      const OxRef ref = node->inputs[i];

      if (ref.slot < 0)
        continue;
      /* What is further out is a constant here, and goes by a name of its own. */
      if (ref.up > 0)
        {
          OxValue *value = ox_frame_read (self->frame, ref, error);

          if (value == NULL)
            return prefix (node, error);
          in[i] = ox_value_get_tensor (value);
          in_names[i] = outer_name (ox_node_input_slot (node, i), ref.up);
          g_ptr_array_add (further, in_names[i]);
          continue;
        }
      in[i] = tensor_of (back, ref.slot);
      in_names[i] = (char *) ox_gradient_name (self, ref.slot);
    }
  if (!write_inputs (back, &w, error))
    return prefix (node, error);
  for (int i = 0; i < n_in; i++)
    if (in_used[i] && node->inputs[i].up == 0)
      back->used[node->inputs[i].slot] = TRUE;
    else if (in_used[i] && !g_ptr_array_find_with_equal_func (back->outer_names, in_names[i], g_str_equal, NULL))
      {
        g_ptr_array_add (back->outer_names, g_strdup (in_names[i]));
        g_ptr_array_add (back->outer_values, ox_value_ref (ox_frame_read (self->frame, node->inputs[i], NULL)));
      }
  for (int o = 0; o < n_out; o++)
    if (out_used[o])
      back->used[node->outputs[o]] = TRUE;
  return TRUE;
}

/* ---- the whole ------------------------------------------------------------------------------------------------ */

/* The derivative of a y of many elements is that of their sum. */
static gboolean
write_back (Back *back, GError **error)
{
  OxGradient *self = back->gradient;
  const OxTensor *y = tensor_of (back, self->y);

  if (!is_real (y))
    return ox_fail (error, OX_ERROR_DTYPE, "y '%s' is no tensor of real numbers",
                    ox_graph_slot (self->graph, self->y)->name);
  if (back->depends[self->y])
    {
      char *name = fresh_name (back, self->y);
      g_autofree char *shape = ox_derive_shape (y);

      g_string_append_printf (back->text, "%s = Expand(%s{1}, %s)\n", name, ox_dtype_name (y->dtype), shape);
      add_part (back, self->y, name);
    }
  for (guint n = self->graph->nodes->len; n-- > 0;)
    if (self->needed[n] && !go_through (back, ox_graph_node (self->graph, n), error))
      return FALSE;
  return TRUE;
}

/* "dY/dX" for each of xs. */
static gboolean
write_results (Back *back, GString *head, GError **error)
{
  OxGradient *self = back->gradient;
  const char *y = ox_graph_slot (self->graph, self->y)->name;

  for (guint i = 0; i < self->n_xs; i++)
    {
      int slot = self->given[i];
      const OxTensor *x = tensor_of (back, slot);
      g_autofree char *plain = g_strdup_printf ("d%s/d%s", y, ox_graph_slot (self->graph, slot)->name);
      g_autofree char *shape = x != NULL ? ox_derive_shape (x) : NULL;
      g_autoptr (GString) name = g_string_new (NULL);
      const char *gradient = gradient_of (back, slot);

      if (!is_real (x))
        return ox_fail (error, OX_ERROR_DTYPE, "xs '%s' is no tensor of real numbers",
                        ox_graph_slot (self->graph, slot)->name);
      while (!g_hash_table_add (self->taken, g_strdup (plain)))
        {
          char *longer = g_strconcat (plain, "'", NULL);

          g_free (plain);
          plain = longer;
        }
      ox_text_add_name (name, plain);
      g_string_append_printf (head, "%s%s", i > 0 ? ", " : "", name->str);
      if (gradient != NULL)
        g_string_append_printf (back->text, "%s = Identity(%s)\n", name->str, gradient);
      else
        g_string_append_printf (back->text, "%s = Expand(%s{0}, %s)\n", name->str, ox_dtype_name (x->dtype), shape);
    }
  return TRUE;
}

static OxFunction *
finish (Back *back, GPtrArray *feeds, GError **error)
{
  OxGradient *self = back->gradient;
  OxModel *model = self->session->model;
  g_autoptr (GString) head = g_string_new (NULL), results = g_string_new (NULL);
  g_autofree char *name = g_strdup_printf ("derivative of %s", ox_graph_slot (self->graph, self->y)->name);
  OxFunction *function;

  if (!write_results (back, results, error))
    return NULL;
  for (guint s = 0; s < self->graph->slots->len; s++)
    if (back->used[s])
      {
        g_string_append_printf (head, "%s%s", feeds->len > 0 ? ", " : "", ox_gradient_name (self, (int) s));
        g_ptr_array_add (feeds, ox_value_ref (self->values[s]));
      }
  for (guint i = 0; i < back->outer_names->len; i++)
    {
      g_string_append_printf (head, "%s%s", feeds->len > 0 ? ", " : "", (char *) g_ptr_array_index (back->outer_names, i));
      g_ptr_array_add (feeds, ox_value_ref (g_ptr_array_index (back->outer_values, i)));
    }
  g_string_append_printf (head, " -> %s\n%s", results->str, back->text->str);
  function = ox_model_kept_function (model, head->str);
  if (function != NULL)
    return function;
  function = ox_function_parse (model, name, OPSET, OX_F32, head->str, error);
  return function != NULL ? ox_model_keep_function (model, head->str, function) : NULL;
}

OxFunction *
ox_gradient_back (OxGradient *self, GPtrArray *feeds, GError **error)
{
  guint n = MAX (self->graph->slots->len, 1);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree gboolean *depends = g_new0 (gboolean, n), *used = g_new0 (gboolean, n);
  g_autofree GPtrArray **parts = g_new0 (GPtrArray *, n);
  g_autoptr (GPtrArray) outer_names = g_ptr_array_new_with_free_func (g_free), outer_values = ox_value_array_new ();
  Back back = { self, text, depends, parts, used, outer_names, outer_values, 0 };
  OxFunction *function = NULL;

  find_dependents (&back);
  if (write_back (&back, error))
    function = finish (&back, feeds, error);
  for (guint i = 0; i < self->graph->slots->len; i++)
    g_clear_pointer (&parts[i], g_ptr_array_unref);
  return function;
}
