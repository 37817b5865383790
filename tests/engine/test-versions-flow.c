/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "models.h"

/* Every version of If, Loop and Scan runs; with the element types that the version brought. */

typedef struct
{
  const char *op;
  gint64      opset;
  OxDtype     dtype;
} Version;

static const Version versions[] = {
  { "If", 1, OX_F32 }, { "If", 11, OX_STR }, { "If", 13, OX_BF16 }, { "If", 16, OX_BF16 },
  { "If", 19, OX_F8E4M3FN }, { "If", 21, OX_I4 }, { "If", 23, OX_F4E2M1 }, { "If", 24, OX_F8E8M0 },
  { "If", 25, OX_U2 },
  { "Loop", 1, OX_F32 }, { "Loop", 11, OX_I64 }, { "Loop", 13, OX_BF16 }, { "Loop", 16, OX_BF16 },
  { "Loop", 19, OX_F8E5M2 }, { "Loop", 21, OX_U4 }, { "Loop", 23, OX_F4E2M1 }, { "Loop", 24, OX_F8E8M0 },
  { "Loop", 25, OX_U2 },
  { "Scan", 9, OX_F32 }, { "Scan", 11, OX_I64 }, { "Scan", 16, OX_BF16 }, { "Scan", 19, OX_F8E5M2 },
  { "Scan", 21, OX_I4 }, { "Scan", 23, OX_F4E2M1 }, { "Scan", 24, OX_F8E8M0 }, { "Scan", 25, OX_U2 },
};

/* Strings have no number: "a", "b", "c" stand for 0, 1, 2. */
static OxTensor *
elements (OxDtype dtype, gint64 n, const double *values)
{
  OxTensor *tensor = ox_tensor_new_zeros (dtype, 1, &n, NULL);

  for (gint64 i = 0; i < n; i++)
    if (dtype == OX_STR)
      ox_tensor_set_string (tensor, i, &"c\0b\0a\0"[4 - 2 * (int) values[i]], -1);
    else
      ox_tensor_set (tensor, i, values[i]);
  return tensor;
}

static void
check_output (OxSession *session, guint i, OxDtype dtype, gint64 n, const double *values)
{
  OxTensor *found = ox_value_get_tensor (ox_session_output (session, i));
  g_autoptr (OxTensor) expected = elements (dtype, n, values);

  g_assert_nonnull (found);
  g_assert_cmpint (found->dtype, ==, dtype);
  g_assert_cmpint (found->count, ==, n);
  for (gint64 k = 0; k < n; k++)
    if (dtype == OX_STR)
      g_assert_cmpstr (ox_tensor_get_string (found, k), ==, ox_tensor_get_string (expected, k));
    else
      g_assert_cmpfloat (ox_tensor_get (found, k), ==, ox_tensor_get (expected, k));
}

static OxSession *
run (OxModel *model)
{
  g_autoptr (GError) error = NULL;
  OxSession *session;

  g_assert_true (ox_model_link (model, &error));
  session = ox_session_new (model, NULL);
  g_assert_true (ox_session_run (session, NULL, &error));
  g_assert_no_error (error);
  return session;
}

/* y = yes ? a : b, of different lengths, which all versions may as long as nothing is declared. */
static void
check_if (const Version *version, gboolean yes)
{
  const double a[] = { 1, 2, 1 }, b[] = { 2, 1 };
  g_autoptr (OxModel) model = model_new (version->opset);
  g_autoptr (OxSession) session = NULL;
  OxGraph *g = model->graph, *branch;
  OxNode *pick;

  add_constant (g, "a", elements (version->dtype, 3, a));
  add_constant (g, "b", elements (version->dtype, 2, b));
  add_constant (g, "yes", ox_tensor_new_scalar (OX_BOOL, yes));
  pick = add (g, "If", "pick", "yes", "y");
  branch = add_body (pick, "then_branch", "");
  add (branch, "Identity", "take", "a", "t");
  add_outputs (branch, "t");
  branch = add_body (pick, "else_branch", "");
  add (branch, "Identity", "take", "b", "e");
  add_outputs (branch, "e");
  add_outputs (g, "y");
  session = run (model);
  check_output (session, 0, version->dtype, yes ? 3 : 2, yes ? a : b);
}

/* Three trips that hand the state on and give it out. */
static void
check_loop (const Version *version)
{
  const double a[] = { 1, 2 }, all[] = { 1, 2, 1, 2, 1, 2 };
  g_autoptr (OxModel) model = model_new (version->opset);
  g_autoptr (OxSession) session = NULL;
  OxGraph *g = model->graph, *body;

  add_constant (g, "a", elements (version->dtype, 2, a));
  add_constant (g, "trips", ox_tensor_new_scalar (OX_I64, 3));
  add_constant (g, "go", ox_tensor_new_scalar (OX_BOOL, 1));
  body = add_body (add (g, "Loop", "loop", "trips go a", "s all"), "body", "i go before");
  add (body, "Identity", "again", "go", "again");
  add (body, "Identity", "keep", "before", "after");
  add (body, "Identity", "show", "before", "shown");
  add_outputs (body, "again after shown");
  add_outputs (g, "s all");
  session = run (model);
  check_output (session, 0, version->dtype, 2, a);
  check_output (session, 1, version->dtype, 6, all);
}

/* The state is the element of before, so the elements come out one place later. */
static void
check_scan (const Version *version)
{
  const double start = 2, x[] = { 1, 2, 1 }, late[] = { 2, 1, 2 }, last = 1;
  g_autoptr (OxModel) model = model_new (version->opset);
  g_autoptr (OxSession) session = NULL;
  g_autoptr (OxTensor) list = elements (version->dtype, 1, &start);
  OxGraph *g = model->graph, *body;
  OxNode *scan;

  add_constant (g, "start", ox_tensor_new_view (list, 0, NULL, NULL, list->data));
  add_constant (g, "x", elements (version->dtype, 3, x));
  scan = add (g, "Scan", "scan", "start x", "s late");
  set_int (scan, "num_scan_inputs", 1);
  body = add_body (scan, "body", "before element");
  add (body, "Identity", "keep", "element", "after");
  add (body, "Identity", "show", "before", "shown");
  add_outputs (body, "after shown");
  add_outputs (g, "s late");
  session = run (model);
  check_output (session, 0, version->dtype, 1, &last);
  check_output (session, 1, version->dtype, 3, late);
}

static void
test_version (gconstpointer data)
{
  const Version *version = data;

  if (g_str_equal (version->op, "Loop"))
    check_loop (version);
  else if (g_str_equal (version->op, "Scan"))
    check_scan (version);
  else
    {
      check_if (version, TRUE);
      check_if (version, FALSE);
    }
}

/* Scan-8 had a batch, lengths of its sequences and one list of directions: running sums of two sequences, the second of
 * two steps only, backwards. What is beyond a sequence's end is zero. */
static void
test_scan_8 (void)
{
  const double x[] = { 1, 2, 3, 10, 20, 30 }, zeros[] = { 0, 0 }, lens[] = { 3, 2 };
  const double sums[] = { 6, 30 }, back[] = { 3, 5, 6, 20, 30, 0 };
  const gint64 dims[] = { 2, 3 }, state[] = { 2 }, one = 1;
  g_autoptr (OxModel) model = model_new (8);
  g_autoptr (OxSession) session = NULL;
  OxGraph *g = model->graph, *body;
  OxNode *scan;

  add_constant (g, "x", tensor_of (OX_F32, 2, dims, x));
  add_constant (g, "zeros", tensor_of (OX_F32, 1, state, zeros));
  add_constant (g, "lens", tensor_of (OX_I64, 1, state, lens));
  scan = add (g, "Scan", "scan", "lens zeros x", "sums running");
  set_int (scan, "num_scan_inputs", 1);
  set_ints (scan, "directions", 1, &one);
  body = add_body (scan, "body", "before element");
  add (body, "Add", "add", "before element", "after");
  add (body, "Identity", "show", "after", "shown");
  add_outputs (body, "after shown");
  add_outputs (g, "sums running");
  session = run (model);
  check_output (session, 0, OX_F32, 2, sums);
  check_output (session, 1, OX_F32, 6, back);
}

/* Without an iteration the shape of what is stacked is what the body declares. */
static void
test_loop_0 (void)
{
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxSession) session = NULL;
  const double one = 1;
  const gint64 dims[] = { 0, 2, 3, 5 };
  OxType *type = ox_type_new_tensor (OX_F32, 3, dims + 1);
  OxGraph *g = model->graph, *body;
  const OxTensor *all;

  add_constant (g, "a", elements (OX_F32, 1, &one));
  add_constant (g, "trips", ox_tensor_new_scalar (OX_I64, 0));
  add_constant (g, "go", ox_tensor_new_scalar (OX_BOOL, 1));
  body = add_body (add (g, "Loop", "loop", "trips go a", "s all"), "body", "i go before");
  add (body, "Identity", "again", "go", "again");
  add (body, "Identity", "keep", "before", "after");
  add (body, "Identity", "show", "before", "shown");
  add_outputs (body, "again after");
  ox_graph_add_output (body, "shown", type);
  add_outputs (g, "s all");
  session = run (model);
  check_output (session, 0, OX_F32, 1, &one);
  all = ox_value_get_tensor (ox_session_output (session, 1));
  g_assert_nonnull (all);
  g_assert_cmpint (all->rank, ==, 4);
  for (int d = 0; d < 4; d++)
    g_assert_cmpint (all->dims[d], ==, dims[d]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *path = g_strdup_printf ("/versions/flow/%s-%" G_GINT64_FORMAT, versions[i].op, versions[i].opset);

      g_test_add_data_func (path, &versions[i], test_version);
    }
  g_test_add_func ("/versions/flow/Scan-8", test_scan_8);
  g_test_add_func ("/versions/flow/Loop-0", test_loop_0);
  return g_test_run ();
}
