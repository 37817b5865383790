/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-failure.h"
#include "session/ox-ask.h"

#define MOST_CHAINS 12

void
ox_failure_free (OxFailure *self)
{
  g_free (self->rule);
  g_ptr_array_unref (self->inputs);
  g_ptr_array_unref (self->chains);
  g_free (self);
}

/* ---- inputs --------------------------------------------------------------------------------------------------- */

static char *
where_from (const OxSlot *slot, const OxGraph *graph)
{
  g_autofree char *title = slot->producer != NULL ? ox_node_title (slot->producer) : NULL;

  if (slot->producer != NULL && slot->producer->name[0] != '\0')
    return g_strdup_printf ("from %s '%s'", slot->producer->op_type, title);
  if (slot->producer != NULL)
    return g_strdup_printf ("from %s #%u", slot->producer->op_type, slot->producer->index);
  if (slot->initializer != NULL)
    return g_strdup ("a weight");
  return g_strdup (graph->owner != NULL || graph->function != NULL ? "given to the body" : "an input of the model");
}

static char *
words_of_fact (const OxFact *fact)
{
  gint64 dims[OX_MAX_RANK];
  g_autofree char *shape = NULL;

  if (fact->kind != OX_TYPE_TENSOR || fact->rank < 0)
    return g_strdup (fact->kind == OX_TYPE_TENSOR ? ox_dtype_name (fact->dtype) : "no tensor");
  for (int d = 0; d < fact->rank; d++)
    dims[d] = fact->dims[d];
  shape = ox_shape_to_string (fact->rank, dims);
  if (fact->n_ints >= 1 && fact->n_ints <= 8 && fact->tensor != NULL)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      for (int i = 0; i < fact->n_ints; i++)
        g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", ox_tensor_get_int (fact->tensor, i));
      return g_strdup_printf ("%s %s [%s]", ox_dtype_name (fact->dtype), shape, text->str);
    }
  return g_strdup_printf ("%s %s", ox_dtype_name (fact->dtype), shape);
}

static char *
describe_input (const OxNode *node, guint i, const OxFact *fact, gboolean known)
{
  const OxSlot *slot = ox_node_input_slot (node, (int) i);
  const OxGraph *graph = node->graph;
  g_autofree char *from = NULL, *what = NULL;

  if (slot == NULL)
    return g_strdup_printf ("%u: omitted", i);
  for (int up = node->inputs[i].up; up > 0; up--)
    graph = graph->outer;
  from = where_from (slot, graph);
  what = known ? words_of_fact (fact) : g_strdup ("there is no such value");
  return g_strdup_printf ("%u '%s': %s, %s", i, slot->name, what, from);
}

/* ---- which numbers the rule is about -------------------------------------------------------------------------- */

typedef struct
{
  OxDescentSource *source;
  OxFrame   *frame;
  OxNode    *node;
  OxFact    *facts;
  OxDims    *dims;
  OxFailure *failure;
} Search;

/* Whether the node takes its inputs when this number of input @input is not known. */
static gboolean
helps (const Search *search, guint input, gboolean is_element, int at)
{
  guint n = search->node->input_names->len;
  g_autofree OxFact *facts = g_memdup2 (search->facts, (n + 1) * sizeof (OxFact));
  g_autofree OxDim *ints = NULL;

  facts[input].tensor = NULL;
  if (!is_element)
    facts[input].dims[at] = OX_DIM_UNKNOWN;
  else
    {
      ints = g_memdup2 (facts[input].ints, (gsize) facts[input].n_ints * sizeof (OxDim));
      ints[at] = OX_DIM_UNKNOWN;
      facts[input].ints = ints;
    }
  return ox_session_ask (search->source->session, search->frame, search->node, facts, search->dims, NULL, NULL, NULL);
}

static void
add_chain (const Search *search, guint input, gboolean is_element, int at)
{
  gint64 number = -1;

  if (search->failure->chains->len >= MOST_CHAINS)
    return;
  if (is_element)
    ox_dim_is_const (search->dims, search->facts[input].ints[at], &number);
  else
    number = search->facts[input].dims[at];
  g_ptr_array_add (search->failure->chains,
                   ox_descent_trace (search->source, search->frame, search->node->inputs[input], is_element, at, number));
}

static void
find_numbers (const Search *search)
{
  g_autoptr (GError) error = NULL;

  /* What it says of shapes is fine: the rule is about something else. */
  if (ox_session_ask (search->source->session, search->frame, search->node, search->facts, search->dims, NULL, NULL, &error)
      || error->domain != OX_ERROR || error->code == OX_ERROR_UNSUPPORTED)
    return;
  for (guint i = 0; i < search->node->input_names->len; i++)
    {
      const OxFact *fact = &search->facts[i];

      if (fact->kind != OX_TYPE_TENSOR)
        continue;
      for (int d = 0; d < fact->rank; d++)
        if (helps (search, i, FALSE, d))
          add_chain (search, i, FALSE, d);
      for (int k = 0; k < fact->n_ints; k++)
        if (helps (search, i, TRUE, k))
          add_chain (search, i, TRUE, k);
    }
}

/* The message behind "main: node 'x' (Op): ". */
static const char *
rule_of (const OxNode *node, const char *message)
{
  g_autofree char *title = ox_node_title (node), *tail = g_strdup_printf ("node '%s' (%s): ", title, node->op_type);
  const char *found = strstr (message, tail);

  return found != NULL ? found + strlen (tail) : message;
}

OxFailure *
ox_failure_new (OxDescentSource *source, OxFrame *frame, OxNode *node, const GError *error)
{
  OxFailure *self = g_new0 (OxFailure, 1);
  guint n = node->input_names->len;
  g_autoptr (OxArena) arena = ox_arena_new ();
  g_autofree OxFact *facts = g_new0 (OxFact, n + 1);
  OxDims *dims = ox_dims_new ();
  Search search = { source, frame, node, facts, dims, self };
  gboolean all = TRUE;

  self->node = node;
  self->code = error->domain == OX_ERROR ? error->code : -1;
  self->rule = g_strdup (rule_of (node, error->message));
  self->inputs = g_ptr_array_new_with_free_func (g_free);
  self->chains = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < n; i++)
    {
      gboolean known = ox_descent_fact (source, frame, node->inputs[i], &facts[i], dims, arena);

      g_ptr_array_add (self->inputs, describe_input (node, i, &facts[i], known));
      all = all && known;
    }
  if (all)
    find_numbers (&search);
  ox_dims_unref (dims);
  return self;
}

/* ---- words ---------------------------------------------------------------------------------------------------- */

char *
ox_failure_describe_chains (const OxFailure *self, guint most, guint steps)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint c = 0; c < self->chains->len && c < most; c++)
    {
      const GPtrArray *chain = g_ptr_array_index (self->chains, c);

      for (guint i = 0; i < chain->len; i++)
        {
          g_autofree char *step = ox_descent_describe (g_ptr_array_index (chain, i));

          /* Where it begins matters more than what it comes through. */
          if (chain->len > steps && i == steps - 1)
            {
              g_string_append_printf (text, "    ... %u more\n", chain->len - steps);
              i = chain->len - 2;
              continue;
            }
          g_string_append_printf (text, "%s%s\n", i == 0 ? "  " : "    ", step);
        }
    }
  if (self->chains->len > most)
    g_string_append_printf (text, "  and %u more numbers\n", self->chains->len - most);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
ox_failure_describe (const OxFailure *self, guint most, guint steps)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *title = ox_node_title (self->node), *path = ox_graph_path (self->node->graph);
  g_autofree char *chains = ox_failure_describe_chains (self, most, steps);

  g_string_append_printf (text, "%s '%s' in %s cannot run: %s\n", self->node->op_type, title, path, self->rule);
  if (self->inputs->len > 0)
    g_string_append (text, "inputs\n");
  for (guint i = 0; i < self->inputs->len; i++)
    g_string_append_printf (text, "  %s\n", (const char *) g_ptr_array_index (self->inputs, i));
  if (chains[0] != '\0')
    g_string_append_printf (text, "where the numbers come from\n%s", chains);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
