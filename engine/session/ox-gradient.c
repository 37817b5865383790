/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-gradient.h"

#include "model/ox-text.h"

void
ox_gradient_free (OxGradient *self)
{
  for (guint i = 0; i < self->graph->slots->len; i++)
    {
      g_clear_pointer (&self->values[i], ox_value_unref);
      g_free (self->names[i]);
    }
  g_free (self->given);
  g_free (self->fixed);
  g_free (self->needed);
  g_free (self->stale);
  g_free (self->values);
  g_free (self->names);
  g_hash_table_unref (self->taken);
  g_free (self);
}

/* As it is written in a text; a $ would stand for something there. */
const char *
ox_gradient_name (OxGradient *self, int slot)
{
  if (self->names[slot] == NULL)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      ox_text_add_name (text, ox_graph_slot (self->graph, slot)->name);
      self->names[slot] = g_string_free (g_steal_pointer (&text), FALSE);
    }
  return self->names[slot];
}

/* ---- what it goes through ------------------------------------------------------------------------------------- */

static gboolean
find_slot (OxGradient *self, const char *what, const char *name, int *slot, GError **error)
{
  g_autofree char *path = NULL;

  *slot = ox_graph_find (self->graph, name);
  if (*slot >= 0)
    return TRUE;
  path = ox_graph_path (self->graph);
  return ox_fail (error, OX_ERROR_MODEL, "%s names '%s', which is no value of %s", what, name, path);
}

static gboolean
find_given (OxGradient *self, const OxGradientAttrs *attrs, GError **error)
{
  self->n_xs = (guint) attrs->xs.n;
  self->n_zs = (guint) attrs->zs.n;
  if (self->n_xs == 0 || self->n_xs + self->n_zs != self->node->input_names->len)
    return ox_fail (error, OX_ERROR_MODEL, "expected an input for each of its %u xs and %u zs, found %u",
                    self->n_xs, self->n_zs, self->node->input_names->len);
  if (self->n_xs < self->node->output_names->len)
    return ox_fail (error, OX_ERROR_MODEL, "it has %u outputs, and %u xs", self->node->output_names->len, self->n_xs);
  self->given = g_new (int, self->n_xs + self->n_zs);
  for (guint i = 0; i < self->n_xs + self->n_zs; i++)
    {
      gboolean x = i < self->n_xs;
      int slot;

      if (!find_slot (self, x ? "xs" : "zs", x ? attrs->xs.v[i] : attrs->zs.v[i - self->n_xs], &slot, error))
        return FALSE;
      if (self->fixed[slot])
        return ox_fail (error, OX_ERROR_MODEL, "'%s' is among its xs and zs twice", ox_graph_slot (self->graph, slot)->name);
      self->given[i] = slot;
      self->fixed[slot] = TRUE;
      self->values[slot] = ox_frame_read (self->frame, self->node->inputs[i], error);
      if (self->values[slot] == NULL)
        {
          ox_error_prefix (error, "input %u", i);
          return FALSE;
        }
      ox_value_ref (self->values[slot]);
      self->stale[slot] = self->node->inputs[i].up != 0 || self->node->inputs[i].slot != slot;
    }
  return find_slot (self, "y", attrs->y, &self->y, error);
}

/* Back from y, as far as nothing is given. */
static gboolean
find_needed (OxGradient *self, GError **error)
{
  g_autofree gboolean *wanted = g_new0 (gboolean, self->graph->slots->len);

  wanted[self->y] = TRUE;
  for (guint n = self->graph->nodes->len; n-- > 0;)
    {
      const OxNode *node = ox_graph_node (self->graph, n);

      for (guint o = 0; o < node->output_names->len; o++)
        if (node->outputs[o] >= 0 && wanted[node->outputs[o]] && !self->fixed[node->outputs[o]])
          self->needed[n] = TRUE;
      if (!self->needed[n])
        continue;
      if (node == self->node)
        return ox_fail (error, OX_ERROR_MODEL, "y '%s' is made from its own result",
                        ox_graph_slot (self->graph, self->y)->name);
      for (guint i = 0; i < node->input_names->len; i++)
        if (node->inputs[i].up == 0 && node->inputs[i].slot >= 0)
          wanted[node->inputs[i].slot] = TRUE;
    }
  return TRUE;
}

/* What follows from a value that is not the run's, or has not been computed yet, is computed again. */
static void
find_stale (OxGradient *self)
{
  for (guint n = 0; n < self->graph->nodes->len; n++)
    {
      const OxNode *node = ox_graph_node (self->graph, n);
      gboolean stale = n > self->node->index;

      for (guint i = 0; i < node->input_names->len; i++)
        stale = stale || (node->inputs[i].up == 0 && node->inputs[i].slot >= 0 && self->stale[node->inputs[i].slot]);
      for (guint o = 0; self->needed[n] && stale && o < node->output_names->len; o++)
        if (node->outputs[o] >= 0 && !self->fixed[node->outputs[o]])
          self->stale[node->outputs[o]] = TRUE;
    }
}

static gboolean
is_stale (const OxGradient *self, const OxNode *node)
{
  for (guint o = 0; self->needed[node->index] && o < node->output_names->len; o++)
    if (node->outputs[o] >= 0 && !self->fixed[node->outputs[o]] && self->stale[node->outputs[o]])
      return TRUE;
  return FALSE;
}

/* Values of the run that the derivative may look at. */
static gboolean
take_values (OxGradient *self, GError **error)
{
  for (guint n = 0; n < self->graph->nodes->len; n++)
    {
      const OxNode *node = ox_graph_node (self->graph, n);

      if (!self->needed[n])
        continue;
      for (guint i = 0; i < node->input_names->len + node->output_names->len; i++)
        {
          gboolean in = i < node->input_names->len;
          int slot = in ? node->inputs[i].slot : node->outputs[i - node->input_names->len];
          OxValue *value;

          if (slot < 0 || (in && node->inputs[i].up > 0) || self->values[slot] != NULL || self->stale[slot])
            continue;
          value = ox_frame_read (self->frame, (OxRef) { 0, slot }, in ? error : NULL);
          if (value == NULL && in)
            return FALSE;
          self->values[slot] = value != NULL ? ox_value_ref (value) : NULL;
        }
    }
  if (self->values[self->y] == NULL && !self->stale[self->y])
    {
      OxValue *value = ox_frame_read (self->frame, (OxRef) { 0, self->y }, error);

      self->values[self->y] = value != NULL ? ox_value_ref (value) : NULL;
    }
  return self->values[self->y] != NULL || self->stale[self->y];
}

OxGradient *
ox_gradient_new (OxSession *session, OxFrame *frame, OxNode *node, const OxGradientAttrs *attrs, GError **error)
{
  OxGradient *self = g_new0 (OxGradient, 1);
  guint n = MAX (node->graph->slots->len, 1);

  self->session = session;
  self->frame = frame;
  self->node = node;
  self->graph = node->graph;
  self->fixed = g_new0 (gboolean, n);
  self->stale = g_new0 (gboolean, n);
  self->values = g_new0 (OxValue *, n);
  self->names = g_new0 (char *, n);
  self->needed = g_new0 (gboolean, node->graph->nodes->len);
  self->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < node->graph->slots->len; i++)
    g_hash_table_add (self->taken, g_strdup (ox_graph_slot (node->graph, (int) i)->name));
  if (find_given (self, attrs, error) && find_needed (self, error))
    {
      find_stale (self);
      if (take_values (self, error))
        return self;
    }
  ox_gradient_free (self);
  return NULL;
}

/* ---- computing again ------------------------------------------------------------------------------------------ */

static gboolean
copy_attributes (OxNode *to, const OxNode *from, GError **error)
{
  for (guint a = 0; a < from->attributes->len; a++)
    {
      const OxAttribute *old = g_ptr_array_index (from->attributes, a);

      if (old->graphs != NULL && old->graphs->len > 0)
        {
          g_autofree char *title = ox_node_title (from);

          return ox_fail (error, OX_ERROR_UNSUPPORTED,
                          "node '%s' (%s) would have to run again at other values, and has a body", title,
                          from->op_type);
        }
      g_ptr_array_add (to->attributes, ox_attribute_copy (old));
    }
  return TRUE;
}

/* Opsets are those of the graph, which may be a function's. */
static void
copy_opsets (OxFunction *to, const OxGraph *graph)
{
  const OxFunction *around;

  while (graph->outer != NULL)
    graph = graph->outer;
  around = graph->function;
  for (guint i = 0; around != NULL && i < around->opsets->len; i++)
    {
      const OxOpset *opset = &g_array_index (around->opsets, OxOpset, i);
      OxOpset copy = { g_strdup (opset->domain), opset->version };

      g_array_append_val (to->opsets, copy);
    }
}

/* One input of a node: by its name, if it is of this graph; what is further out gets a name that is free. */
static gboolean
add_reading (OxGradient *self, OxFunction *function, OxNode *to, const OxNode *from, guint i, GHashTable *inputs,
             GPtrArray *feeds, GError **error)
{
  const OxRef ref = from->inputs[i];
  const OxSlot *slot = ox_node_input_slot (from, (int) i);
  g_autofree char *name = NULL;
  OxValue *value;

  if (slot == NULL)
    {
      ox_node_add_input (to, "");
      return TRUE;
    }
  name = ref.up > 0 ? g_strdup_printf ("%s (%d further out)", slot->name, ref.up) : g_strdup (slot->name);
  ox_node_add_input (to, name);
  if (ref.up == 0 && self->stale[ref.slot] && !self->fixed[ref.slot])
    return TRUE;
  if (g_hash_table_contains (inputs, name))
    return TRUE;
  value = ref.up > 0 ? ox_frame_read (self->frame, ref, error) : self->values[ref.slot];
  if (value == NULL)
    return FALSE;
  g_ptr_array_add (feeds, ox_value_ref (value));
  ox_graph_add_input (function->body, name, NULL);
  g_hash_table_add (inputs, g_steal_pointer (&name));
  return TRUE;
}

OxFunction *
ox_gradient_again (OxGradient *self, GPtrArray *feeds, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s again", ox_graph_slot (self->graph, self->y)->name);
  g_autofree char *key = g_strdup_printf ("again %p", (void *) self->node);
  g_autoptr (GHashTable) inputs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  OxFunction *function = ox_function_new_apart (self->session->model, name);
  gboolean ok = TRUE;

  copy_opsets (function, self->graph);
  for (guint n = 0; ok && n < self->graph->nodes->len; n++)
    {
      const OxNode *from = ox_graph_node (self->graph, n);
      OxNode *to;

      if (!is_stale (self, from))
        continue;
      to = ox_graph_add_node (function->body, from->op_type, from->domain, from->name);
      g_free (to->overload);
      to->overload = g_strdup (from->overload);
      ok = copy_attributes (to, from, error);
      for (guint i = 0; ok && i < from->input_names->len; i++)
        ok = add_reading (self, function, to, from, i, inputs, feeds, error);
      for (guint o = 0; o < from->output_names->len; o++)
        {
          int slot = from->outputs[o];

          /* A value that is given is not made here. */
          ox_node_add_output (to, slot >= 0 && !self->fixed[slot] ? ox_graph_slot (self->graph, slot)->name : "");
          if (slot >= 0 && !self->fixed[slot])
            ox_graph_add_output (function->body, ox_graph_slot (self->graph, slot)->name, NULL);
        }
    }
  if (ok && function->body->nodes->len > 0 && ox_function_link (function, error))
    return ox_model_keep_function (self->session->model, key, function);
  ox_function_free (function);
  return NULL;
}

void
ox_gradient_accept (OxGradient *self, OxValue **results)
{
  guint r = 0;

  for (guint n = 0; n < self->graph->nodes->len; n++)
    {
      const OxNode *node = ox_graph_node (self->graph, n);

      for (guint o = 0; is_stale (self, node) && o < node->output_names->len; o++)
        if (node->outputs[o] >= 0 && !self->fixed[node->outputs[o]])
          {
            g_clear_pointer (&self->values[node->outputs[o]], ox_value_unref);
            self->values[node->outputs[o]] = ox_value_ref (results[r++]);
          }
    }
}
