/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/ox-inline.h"

#include <string.h>

#include "debug/ox-agreement.h"

#include "models.h"

static void
link_good (OxModel *model)
{
  g_autoptr (GError) error = NULL;

  ox_model_link (model, &error);
  g_assert_no_error (error);
}

/* ---- every value of a run, by its name without functions ------------------------------------------------------- */

typedef struct
{
  GHashTable *inlined;    /* or NULL */
  GHashTable *values;     /* name -> OxValue */
} Kept;

static void
keep (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  Kept *self = data;
  g_autoptr (GString) path = g_string_new (NULL);

  for (const OxFrame *at = frame; at->id != 0; at = at->parent)
    {
      g_autofree char *index = NULL;

      /* Bodies are compared by what they give. */
      if (at->graph->function == NULL)
        return;
      index = g_strdup_printf (path->len > 0 ? "%u." : "%u", at->caller->index);
      g_string_prepend (path, index);
    }
  for (guint i = 0; i < node->output_names->len; i++)
    {
      const char *name = g_ptr_array_index (node->output_names, i);
      g_autofree char *key = path->len > 0 ? ox_inlined_key (path->str, name) : NULL;

      if (key != NULL && self->inlined != NULL)
        name = g_hash_table_lookup (self->inlined, key);
      g_assert_nonnull (name);
      if (outputs[i] != NULL && name[0] != '\0')
        g_hash_table_insert (self->values, g_strdup (name), ox_value_ref (outputs[i]));
    }
}

static GHashTable *
run (OxModel *model, GHashTable *inlined)
{
  Kept kept = { inlined, g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref) };
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  g_autoptr (GError) error = NULL;

  ox_session_set_tap (session, keep, &kept);
  ox_session_run (session, NULL, &error);
  g_assert_no_error (error);
  return kept.values;
}

/* (transfer full) It makes what the model makes, functions' values included. */
static OxModel *
inline_all (OxModel *model, guint expected_calls, guint at_least)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) before = NULL, after = NULL;
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func (g_free);
  OxModel *plain;
  GHashTableIter iter;
  gpointer name, value;
  guint calls, compared = 0;

  link_good (model);
  plain = ox_model_inline (model, &calls, left, names);
  link_good (plain);
  g_assert_cmpuint (calls, ==, expected_calls);
  g_assert_cmpuint (plain->functions->len, ==, 0);
  g_assert_cmpuint (left->len, ==, 0);
  before = run (model, names);
  after = run (plain, NULL);
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      OxValue *other = g_hash_table_lookup (after, name);
      g_autofree char *text = NULL;

      g_assert_nonnull (other);
      if (!ox_values_agree (other, value, 0, 0, &text))
        g_error ("%s: %s", (char *) name, text);
      compared++;
    }
  g_assert_cmpuint (compared, >=, at_least);
  return plain;
}

/* ---- models ---------------------------------------------------------------------------------------------------- */

static void
add_matrix (OxGraph *graph, const char *name)
{
  const double values[] = { 1, 2, 3, 4 };
  const gint64 dims[] = { 2, 2 };

  add_constant (graph, name, tensor_of (OX_I64, 2, dims, values));
}

/* Inner (p, q) with an axis that has a default. */
static void
add_inner (OxModel *model)
{
  OxFunction *inner = add_function (model, "Inner", "p q");
  OxAttribute *preset = ox_attribute_new ("way", OX_ATTR_INT);

  preset->i = 0;
  g_ptr_array_add (inner->attribute_defaults, preset);
  refer (add (inner->body, "Concat", "join", "p q", "r"), "axis", OX_ATTR_INT, "way");
  add_outputs (inner->body, "r");
}

/* Calls in calls, called twice, with names that are taken, an input that is handed on and an output nobody wants. */
static void
test_nested (void)
{
  g_autoptr (OxModel) model = model_new (17), plain = NULL;
  OxFunction *outer = add_function (model, "Outer", "a b");
  OxGraph *g = model->graph;
  OxNode *call;

  add_inner (model);
  g_ptr_array_add (outer->attributes, g_strdup ("axis"));
  refer (call_function (outer->body, "Inner", "a b", "c"), "way", OX_ATTR_INT, "axis");
  call_function (outer->body, "Inner", "c c", "d");
  add (outer->body, "Size", "", "d", "n");
  add_outputs (outer->body, "c a n");
  add_matrix (g, "m");
  add (g, "Identity", "", "m", "call/d");
  call = call_function (g, "Outer", "m m", "y");
  ox_node_add_output (call, "same");
  ox_node_add_output (call, "");
  set_int (call, "axis", 1);
  g_free (call->name);
  call->name = g_strdup ("call");
  call = call_function (g, "Outer", "y same", "z");
  set_int (call, "axis", 1);
  add_outputs (g, "y z same");
  plain = inline_all (model, 6, 8);
  g_assert_cmpint (ox_graph_find (plain->graph, "call/d.2"), >=, 0);
  g_assert_cmpint (ox_graph_find (plain->graph, "call/n"), >=, 0);
  g_assert_cmpint (ox_graph_find (plain->graph, "z/d"), >=, 0);
}

/* Branches that a function is given see the values around its call, and those of the function around that one. */
static void
test_branches (void)
{
  g_autoptr (OxModel) model = model_new (17), plain = NULL;
  OxFunction *choose = add_function (model, "Choose", "c"), *around = add_function (model, "Around", "c p");
  OxGraph *g = model->graph, *branch;
  OxNode *pick, *call;

  add_inner (model);
  add_constant (choose->body, "unlike", ox_tensor_new_scalar (OX_I64, 5));
  pick = add (choose->body, "If", "pick", "c", "r");
  refer (pick, "then_branch", OX_ATTR_GRAPH, "yes");
  refer (pick, "else_branch", OX_ATTR_GRAPH, "no");
  add (choose->body, "Size", "", "unlike", "one");
  add_outputs (choose->body, "r");
  add (around->body, "Size", "", "p", "before");
  call = call_function (around->body, "Choose", "c", "q");
  branch = add_body (call, "yes", "");
  refer (add (branch, "Concat", "", "p p", "pp"), "axis", OX_ATTR_INT, "axis");
  call_function (branch, "Inner", "pp pp", "pppp");
  add_outputs (branch, "pppp");
  branch = add_body (call, "no", "");
  add (branch, "Identity", "", "before", "n");
  add_outputs (branch, "n");
  add_outputs (around->body, "q");
  add_matrix (g, "m");
  add_constant (g, "true", ox_tensor_new_scalar (OX_BOOL, 1));
  add_constant (g, "false", ox_tensor_new_scalar (OX_BOOL, 0));
  set_int (call_function (g, "Around", "true m", "y"), "axis", 1);
  set_int (call_function (g, "Around", "false m", "z"), "axis", 1);
  add_outputs (g, "y z");
  /* Inner stands in both copies of the branch. */
  plain = inline_all (model, 6, 6);
  g_assert_cmpuint (plain->graph->initializers->len, ==, 5);
}

/* What means another thing in other versions stays a call, and what it calls is kept. */
static void
test_versions (void)
{
  g_autoptr (OxModel) model = model_new (17), plain = NULL;
  OxFunction *outer = add_function (model, "Outer", "a b");
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func (g_free);
  OxGraph *g = model->graph;
  guint calls;

  add_inner (model);
  add_function (model, "Unused", "a");
  g_array_index (outer->opsets, OxOpset, 0).version = 12;
  add (outer->body, "Size", "", "a", "n");
  set_int (call_function (outer->body, "Inner", "a b", "c"), "way", 1);
  add_outputs (outer->body, "c");
  add_matrix (g, "m");
  set_int (call_function (g, "Inner", "m m", "x"), "way", 0);
  call_function (g, "Outer", "x x", "y");
  add_outputs (g, "y");
  link_good (model);
  plain = ox_model_inline (model, &calls, left, NULL);
  link_good (plain);
  g_assert_cmpuint (calls, ==, 1);
  g_assert_cmpuint (plain->functions->len, ==, 2);
  g_assert_cmpuint (left->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (left, 0), ==, "1 call of a function stays, which is written in other versions of operators");
}

/* Each calls the one before twice: 2^30 nodes would be too many. */
static void
test_too_many (void)
{
  g_autoptr (OxModel) model = model_new (17), plain = NULL;
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func (g_free);
  OxGraph *g = model->graph;
  guint calls;

  add_inner (model);
  for (int i = 0; i < 30; i++)
    {
      g_autofree char *name = g_strdup_printf ("F%d", i), *inner = i > 0 ? g_strdup_printf ("F%d", i - 1) : g_strdup ("Inner");
      OxFunction *function = add_function (model, name, "a b");

      call_function (function->body, inner, "a b", "c");
      call_function (function->body, inner, "a b", "d");
      add_outputs (function->body, "c");
    }
  add_matrix (g, "m");
  call_function (g, "F29", "m m", "y");
  add_outputs (g, "y");
  link_good (model);
  plain = ox_model_inline (model, &calls, left, NULL);
  link_good (plain);
  g_assert_cmpuint (calls, <, 200000);
  g_assert_cmpuint (left->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (left, 0), "too many nodes"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inline/nested", test_nested);
  g_test_add_func ("/inline/branches", test_branches);
  g_test_add_func ("/inline/versions", test_versions);
  g_test_add_func ("/inline/too-many", test_too_many);
  return g_test_run ();
}
