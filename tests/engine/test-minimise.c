/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-minimise.h"

#include <math.h>

#include "core/ox-error.h"
#include "debug/ox-hunt.h"
#include "models.h"

/* ---- models ------------------------------------------------------------------------------------------------------ */

/* A node a line: "Operator inputs > outputs"; x is fed. */
static OxSession *
feed (const char *lines, OxTensor *x, const char *outputs)
{
  g_auto (GStrv) list = g_strsplit (lines, "|", -1);
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxValue) value = ox_value_new_tensor (x);
  g_autoptr (GError) error = NULL;
  const double one = 1, three[] = { 1, 2, 3 };
  const gint64 row[] = { 1, 3 };
  OxSession *session;

  ox_graph_add_input (model->graph, "x", ox_type_new_tensor (OX_F32, -1, NULL));
  add_constant (model->graph, "one", tensor_of (OX_F32, 0, NULL, &one));
  add_constant (model->graph, "row", tensor_of (OX_F32, 2, row, three));
  for (int i = 0; list[i] != NULL; i++)
    {
      g_auto (GStrv) sides = g_strsplit (list[i], " > ", 2);
      char *space = strchr (sides[0], ' ');

      *space = '\0';
      add (model->graph, sides[0], "", space + 1, sides[1]);
    }
  add_outputs (model->graph, outputs);
  ox_model_link (model, &error);
  g_assert_no_error (error);
  session = ox_session_new (model, NULL);
  ox_session_set_input (session, "x", value, &error);
  g_assert_no_error (error);
  return session;
}

static OxMinimise *
run (OxMinimise *self)
{
  g_autoptr (GError) error = NULL;

  ox_minimise_run (self, NULL, &error);
  g_assert_no_error (error);
  return self;
}

static void
assert_nodes (OxMinimise *self, const char *expected)
{
  const OxGraph *graph = ox_minimise_case (self)->model->graph;
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < graph->nodes->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", ox_graph_node (graph, i)->op_type);
  g_assert_cmpstr (text->str, ==, expected);
}

/* ---- differs ----------------------------------------------------------------------------------------------------- */

typedef struct
{
  GHashTable *values;
  double      rtol;
} Right;

static OxReference *
make_reference (OxSession *session, gpointer data, GError **error)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, ((Right *) data)->values);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_hash_table_insert (copy, g_strdup (name), ox_value_ref (value));
  return ox_reference_new_values (copy, "what is right");
}

static gboolean
prepare (OxComparison *comparison, gpointer data, GError **error)
{
  ox_comparison_set_tolerance (comparison, ((Right *) data)->rtol, 0);
  return TRUE;
}

static void
put (GHashTable *values, const char *name, double number)
{
  const gint64 n = 1;

  g_hash_table_insert (values, g_strdup (name), ox_value_new_tensor (tensor_of (OX_F32, 1, &n, &number)));
}

/* c is wrong: 3 + 1 is 5 there. */
static void
test_differs (void)
{
  const double three = 3;
  g_autoptr (OxSession) session = feed ("Abs x > a|Mul a one > b|Add b one > c|Mul c one > d", list_of (OX_F32, 1, &three), "d");
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  g_autoptr (OxMinimise) self = ox_minimise_new (session, 0);
  Right right = { values, 1e-5 };

  put (values, "a", 3);
  put (values, "b", 3);
  put (values, "c", 5);
  put (values, "d", 5);
  ox_minimise_differs (self, make_reference, FALSE, prepare, &right);
  run (self);
  assert_nodes (self, "Add");
  assert_value (g_ptr_array_index (ox_minimise_case (self)->inputs, 0), "[3]");
  assert_value (g_ptr_array_index (ox_minimise_expected (self), 0), "[5]");
  g_assert_cmpuint (ox_minimise_tried (self), ==, 1);
}

/* Each node is off by 1e-4, three of them by 3e-4. */
static void
test_adds_up (void)
{
  const double one = 1;
  g_autoptr (OxSession) session = feed ("Mul x one > a|Mul a one > b|Mul b one > c|Mul c one > d|Mul d one > e|Mul e one > f",
                                        list_of (OX_F32, 1, &one), "f");
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  g_autoptr (OxMinimise) self = ox_minimise_new (session, 0);
  Right right = { values, 2.5e-4 };

  for (int i = 1; i <= 6; i++)
    {
      const char name[] = { (char) ('a' + i - 1), '\0' };

      put (values, name, pow (1.0001, i));
    }
  ox_minimise_differs (self, make_reference, FALSE, prepare, &right);
  run (self);
  assert_nodes (self, "Mul Mul Mul");
}

static OxReference *
in_half (OxSession *session, gpointer data, GError **error)
{
  const OxSelfOptions options = { .dtype = OX_F16 };

  return ox_reference_new_self (session, &options, NULL, error);
}

/* In half precision -1.5 is what it is, and its exponential is not; both are in a branch. */
static void
test_branch (void)
{
  const double x[] = { 1.5, 0, 2 }, yes = 1;
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxValue) value = ox_value_new_tensor (list_of (OX_F32, 3, x));
  g_autoptr (OxMinimise) self = NULL;
  g_autoptr (OxSession) session = NULL;
  g_autoptr (GError) error = NULL;
  OxNode *choice;
  OxGraph *branch;
  Right right = { NULL, 1e-6 };

  ox_graph_add_input (model->graph, "x", ox_type_new_tensor (OX_F32, -1, NULL));
  add_constant (model->graph, "yes", tensor_of (OX_BOOL, 0, NULL, &yes));
  choice = add (model->graph, "If", "choice", "yes", "y");
  branch = add_body (choice, "then_branch", "");
  add (branch, "Neg", "", "x", "a");
  add (branch, "Exp", "", "a", "b");
  add (branch, "Neg", "", "b", "c");
  add_outputs (branch, "c");
  branch = add_body (choice, "else_branch", "");
  add (branch, "Neg", "", "x", "d");
  add_outputs (branch, "d");
  add_outputs (model->graph, "y");
  ox_model_link (model, &error);
  g_assert_no_error (error);
  session = ox_session_new (model, NULL);
  ox_session_set_input (session, "x", value, &error);
  g_assert_no_error (error);
  self = ox_minimise_new (session, 0);
  ox_minimise_differs (self, in_half, TRUE, prepare, &right);
  run (self);
  assert_nodes (self, "Exp");
  /* Whole numbers are tried, and the exponential of one is not exact either. */
  assert_value (g_ptr_array_index (ox_minimise_case (self)->inputs, 0), "[1]");
}

static void
test_nothing (void)
{
  const double one = 1;
  g_autoptr (OxSession) session = feed ("Mul x one > a", list_of (OX_F32, 1, &one), "a");
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  g_autoptr (OxMinimise) self = ox_minimise_new (session, 0);
  g_autoptr (GError) error = NULL;
  Right right = { values, 1e-5 };

  put (values, "a", 1);
  ox_minimise_differs (self, make_reference, FALSE, prepare, &right);
  g_assert_false (ox_minimise_run (self, NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_assert_cmpstr (error->message, ==, "nothing differs from what is right");
}

/* ---- makes ------------------------------------------------------------------------------------------------------- */

/* Only the logarithm of the second is none. */
static void
test_makes (void)
{
  const double x[] = { -3, 2, -5 };
  g_autoptr (OxSession) session = feed ("Neg x > a|Log a > b|Exp b > c|Add c one > d", list_of (OX_F32, 3, x), "d");
  g_autoptr (OxMinimise) self = ox_minimise_new (session, 0);

  ox_minimise_makes (self, 1U << OX_HUNT_NAN);
  run (self);
  assert_nodes (self, "Log");
  assert_value (g_ptr_array_index (ox_minimise_case (self)->inputs, 0), "[-2]");
  g_assert_true (isnan (ox_tensor_get (ox_value_get_tensor (g_ptr_array_index (ox_minimise_expected (self), 0)), 0)));
}

/* v = v - 1 from 2: 1, 0 and -1; the third logarithm is none. */
static void
test_body (void)
{
  const double trips = 3, two = 2, one = 1;
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxSession) session = NULL;
  g_autoptr (OxMinimise) self = NULL;
  g_autoptr (GError) error = NULL;
  OxNode *loop;
  OxGraph *body;

  add_constant (model->graph, "trips", tensor_of (OX_I64, 0, NULL, &trips));
  add_constant (model->graph, "start", tensor_of (OX_F32, 0, NULL, &two));
  add_constant (model->graph, "one", tensor_of (OX_F32, 0, NULL, &one));
  loop = add (model->graph, "Loop", "loop", "trips - start", "v_last logs");
  body = add_body (loop, "body", "i go v");
  add (body, "Identity", "", "go", "on");
  add (body, "Sub", "", "v one", "less");
  add (body, "Log", "", "less", "log");
  add_outputs (body, "on less log");
  add_outputs (model->graph, "v_last logs");
  ox_model_link (model, &error);
  g_assert_no_error (error);
  session = ox_session_new (model, NULL);
  self = ox_minimise_new (session, 0);
  ox_minimise_makes (self, 1U << OX_HUNT_NAN);
  run (self);
  assert_nodes (self, "Log");
  assert_value (g_ptr_array_index (ox_minimise_case (self)->inputs, 0), "[][-1]");
  g_assert_nonnull (strstr (g_ptr_array_index (ox_minimise_notes (self), 0), "iteration 2"));
}

/* ---- fails and asks ------------------------------------------------------------------------------------------------ */

static void
test_fails (void)
{
  const double x[] = { 1, 2, 3, 4, 5, 6, 7 };
  g_autoptr (OxSession) session = feed ("Neg x > a|Abs row > r|Add a r > b|Exp b > c", list_of (OX_F32, 7, x), "c");
  g_autoptr (OxMinimise) self = ox_minimise_new (session, 0);
  const OxTensor *left, *right;

  ox_minimise_fails (self);
  run (self);
  assert_nodes (self, "Add");
  g_assert_cmpuint (ox_minimise_case (self)->inputs->len, ==, 2);
  left = ox_value_get_tensor (g_ptr_array_index (ox_minimise_case (self)->inputs, 0));
  right = ox_value_get_tensor (g_ptr_array_index (ox_minimise_case (self)->inputs, 1));
  /* Two sizes that do not fit, the smaller ones of which there are. */
  g_assert_cmpint (MIN (left->count, right->count), ==, 2);
  g_assert_cmpint (MAX (left->count, right->count), ==, 3);
  g_assert_null (g_ptr_array_index (ox_minimise_expected (self), 0));
}

static gboolean
has_two (const OxCase *candidate, gpointer data, GCancellable *cancellable)
{
  gboolean exp = FALSE, tanh = FALSE;

  for (guint i = 0; i < candidate->model->graph->nodes->len; i++)
    {
      exp |= g_str_equal (ox_graph_node (candidate->model->graph, i)->op_type, "Exp");
      tanh |= g_str_equal (ox_graph_node (candidate->model->graph, i)->op_type, "Tanh");
    }
  return exp && tanh;
}

#define EIGHT "Neg x > a|Exp a > b|Abs b > c|Neg c > d|Abs d > e|Tanh e > f|Neg f > g|Add g c > y"

static void
test_asks (void)
{
  const double x[] = { 1, 2, 3, 4 };
  g_autoptr (OxSession) session = feed (EIGHT, list_of (OX_F32, 4, x), "y");
  g_autoptr (OxMinimise) self = ox_minimise_new (session, 0), little = ox_minimise_new (session, 0);

  ox_minimise_asks (self, has_two, NULL);
  run (self);
  assert_nodes (self, "Exp Tanh");
  g_assert_cmpuint (ox_minimise_case (self)->model->graph->output_infos->len, ==, 2);
  assert_value (g_ptr_array_index (ox_minimise_case (self)->inputs, 0), "[0]");
  g_assert_false (ox_minimise_stopped (self));

  ox_minimise_asks (little, has_two, NULL);
  ox_minimise_set_limit (little, 1);
  run (little);
  assert_nodes (little, "Neg Exp Abs Neg Abs Tanh Neg Add");
  g_assert_true (ox_minimise_stopped (little));
}

static gboolean
cancels (const OxCase *candidate, gpointer data, GCancellable *cancellable)
{
  guint *left = data;

  if ((*left)-- == 0)
    g_cancellable_cancel (cancellable);
  return has_two (candidate, NULL, NULL);
}

/* What was found before it was cancelled stays. */
static void
test_cancelled (void)
{
  const double x[] = { 1, 2, 3, 4 };
  g_autoptr (OxSession) session = feed (EIGHT, list_of (OX_F32, 4, x), "y");
  g_autoptr (OxMinimise) self = ox_minimise_new (session, 0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  guint left = 8;

  ox_minimise_asks (self, cancels, &left);
  g_assert_true (ox_minimise_run (self, cancellable, &error));
  g_assert_no_error (error);
  g_assert_true (ox_minimise_stopped (self));
  g_assert_true (has_two (ox_minimise_case (self), NULL, NULL));
  g_assert_cmpuint (ox_minimise_tried (self), ==, 9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/minimise/differs", test_differs);
  g_test_add_func ("/minimise/adds-up", test_adds_up);
  g_test_add_func ("/minimise/branch", test_branch);
  g_test_add_func ("/minimise/nothing", test_nothing);
  g_test_add_func ("/minimise/makes", test_makes);
  g_test_add_func ("/minimise/body", test_body);
  g_test_add_func ("/minimise/fails", test_fails);
  g_test_add_func ("/minimise/asks", test_asks);
  g_test_add_func ("/minimise/cancelled", test_cancelled);
  return g_test_run ();
}
