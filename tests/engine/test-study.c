/* SPDX-License-Identifier: Apache-2.0 */
#include "debug/ox-comparison.h"
#include "debug/ox-edit.h"
#include "debug/ox-hunt.h"
#include "text-models.h"

/* Studies are runs of their own: of the model with the changes that the debugger has. */

static OxDebugger *
debugger_of (OxModel *model, double x)
{
  OxDebugger *debugger = ox_debugger_new (model);
  g_autoptr (OxValue) value = ox_value_new_tensor (list_of (OX_F64, 1, &x));
  g_autoptr (GError) error = NULL;

  ox_debugger_set_input (debugger, "x", value, &error);
  ox_debugger_move (debugger, OX_MOVE_CONTINUE, NULL, NULL, &error);
  g_assert_no_error (error);
  return debugger;
}

static OxValue *
output_of (OxSession *session)
{
  g_autoptr (GError) error = NULL;

  ox_session_run (session, NULL, &error);
  g_assert_no_error (error);
  return ox_session_output (session, 0);
}

static OxNode *
node_at (OxDebugger *debugger, guint i)
{
  return ox_graph_node (ox_debugger_get_model (debugger)->graph, i);
}

static void
set (OxDebugger *debugger, const char *name, double number)
{
  OxGraph *graph = ox_debugger_get_model (debugger)->graph;
  g_autoptr (OxValue) value = ox_value_new_tensor (list_of (OX_F64, 1, &number));

  ox_debugger_edit (debugger, graph, ox_graph_find (graph, name), value, "set");
}

/* y is x, or half of it if that is negative. */
static OxModel *
small_model (void)
{
  return whole_model (17, "x -> y\na = Neg(x)\nm = Neg(a)\nb = LeakyRelu<alpha=0.5>(m)\ny = Identity(b)");
}

/* What a twin runs has the changes of its session, of all kinds; a plain one has none. */
static void
test_twins (void)
{
  g_autoptr (OxModel) model = small_model ();
  g_autoptr (OxDebugger) debugger = debugger_of (model, 2);
  g_autoptr (OxSession) study = NULL, twin = NULL, plain = NULL, other = NULL;
  g_autoptr (GError) error = NULL;
  OxNode *leaky = node_at (debugger, 2);
  OxAttribute *alpha = ox_debugger_parse_attribute (debugger, leaky, "alpha", "4", &error);

  g_assert_no_error (error);
  set (debugger, "a", 7);
  g_assert_true (ox_debugger_edit_attribute (debugger, leaky, "alpha", alpha, "4", &error));
  ox_attribute_free (alpha);
  study = ox_debugger_new_study (debugger);
  twin = ox_session_new_twin (study, TRUE);
  plain = ox_session_new_plain (twin);
  assert_value (output_of (study), "[-28]");
  assert_value (output_of (twin), "[-28]");
  assert_value (output_of (plain), "[2]");
  /* The default is 0.01; the first node is passed over, but its value is still what was set. */
  g_assert_true (ox_debugger_edit_attribute (debugger, leaky, "alpha", NULL, "", &error));
  g_assert_true (ox_debugger_pass_over (debugger, node_at (debugger, 1), OX_EDIT_IDENTITY, -1, "", &error));
  g_clear_pointer (&study, ox_session_free);
  study = ox_debugger_new_study (debugger);
  other = ox_session_new_other (study, TRUE);
  assert_value (output_of (other), "[7]");
  set (debugger, "a", -100);
  g_clear_pointer (&study, ox_session_free);
  g_clear_pointer (&twin, ox_session_free);
  study = ox_debugger_new_study (debugger);
  twin = ox_session_new_twin (study, FALSE);
  assert_value (output_of (twin), "[-1]");
}

static void
test_hunt (void)
{
  g_autoptr (OxModel) model = small_model ();
  g_autoptr (OxDebugger) debugger = debugger_of (model, 2);
  g_autoptr (OxSession) study = NULL;
  g_autoptr (OxHunt) hunt = NULL;
  g_autoptr (GError) error = NULL;

  set (debugger, "m", INFINITY);
  study = ox_debugger_new_study (debugger);
  hunt = ox_hunt_new (study, 1U << OX_HUNT_INF);
  ox_hunt_run (hunt, 1, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (ox_hunt_first (hunt, OX_HUNT_INF));
  g_assert_true (ox_hunt_first (hunt, OX_HUNT_INF)->node == node_at (debugger, 1));
}

/* Beside values of the run without changes, it is the changed node that differs, and what follows inherits it. */
static void
test_compare (void)
{
  g_autoptr (OxModel) model = small_model ();
  g_autoptr (OxDebugger) debugger = debugger_of (model, 2);
  GHashTable *expected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  g_autoptr (OxSession) study = NULL;
  g_autoptr (OxComparison) comparison = NULL;
  g_autoptr (GError) error = NULL;
  const double two = 2, minus = -2;

  g_hash_table_insert (expected, g_strdup ("a"), ox_value_new_tensor (list_of (OX_F64, 1, &minus)));
  for (int i = 0; i < 3; i++)
    g_hash_table_insert (expected, g_strdup (((const char *[]) { "m", "b", "y" })[i]),
                         ox_value_new_tensor (list_of (OX_F64, 1, &two)));
  set (debugger, "m", 3);
  study = ox_debugger_new_study (debugger);
  comparison = ox_comparison_new (study, ox_reference_new_values (expected, "by hand"));
  ox_comparison_run (comparison, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (ox_comparison_first (comparison));
  g_assert_true (ox_comparison_first (comparison)->node == node_at (debugger, 1));
  for (guint i = 0; i < ox_comparison_values (comparison)->len; i++)
    {
      const OxComparedValue *value = g_ptr_array_index (ox_comparison_values (comparison), i);

      g_assert_cmpint (value->verdict, ==, value->node->index == 0 ? OX_VERDICT_SAME
                                           : value->node->index == 1 ? OX_VERDICT_DIFFERS : OX_VERDICT_INHERITED);
    }
}

/* A product of f32 beside what it should be. */
static gboolean
product_differs (float x, float expected)
{
  g_autoptr (OxModel) model = whole_model (17, "x -> y\ny = MatMul(x, x)");
  const gint64 dims[] = { 1, 1 };
  g_autoptr (OxValue) value = ox_value_new_tensor (ox_tensor_new (OX_F32, 2, dims, NULL));
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  OxTensor *other = ox_tensor_new (OX_F32, 2, dims, NULL);
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  g_autoptr (OxComparison) comparison = NULL;
  g_autoptr (GError) error = NULL;

  ox_tensor_set (value->tensor, 0, x);
  ox_tensor_set (other, 0, expected);
  g_hash_table_insert (values, g_strdup ("y"), ox_value_new_tensor (other));
  ox_session_set_input (session, "x", value, &error);
  comparison = ox_comparison_new (session, ox_reference_new_values (values, "by hand"));
  ox_comparison_run (comparison, NULL, &error);
  g_assert_no_error (error);
  return ox_comparison_first (comparison) != NULL;
}

/* 1e-40 is 71362 steps of a denormal. */
static void
test_denormals (void)
{
  g_assert_false (product_differs (1e-20f, 1.002e-40f));
  g_assert_false (product_differs (1e-20f, 0));
  g_assert_true (product_differs (1e-15f, 1.002e-30f));
  g_assert_true (product_differs (1e-17f, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/study/twins", test_twins);
  g_test_add_func ("/study/hunt", test_hunt);
  g_test_add_func ("/study/compare", test_compare);
  g_test_add_func ("/study/denormals", test_denormals);
  return g_test_run ();
}
