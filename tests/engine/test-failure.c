/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-debugger.h"
#include "debug/ox-edit.h"

#include "text-models.h"

/* Nodes that cannot run: what is said of them, and where the numbers come from. */

static void
run_to_failure (OxDebugger *debugger, const char *name, const char *shape)
{
  g_autoptr (OxValue) x = make_input (shape, 0, -1, 0);
  g_autoptr (GError) error = NULL;

  ox_debugger_set_input (debugger, name, x, &error);
  g_assert_no_error (error);
  ox_debugger_move (debugger, OX_MOVE_CONTINUE, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ox_debugger_get_stop (debugger)->reason, ==, OX_STOP_FAILED);
  g_assert_nonnull (ox_debugger_get_stop (debugger)->failure);
}

static OxDebugger *
debugger_of (const char *text, gsize budget)
{
  g_autoptr (OxModel) model = whole_model (17, text);
  OxDebugger *debugger = ox_debugger_new (model);

  ox_debugger_set_budget (debugger, budget);
  return debugger;
}

typedef struct
{
  const char *model, *shape;    /* of X */
  const char *rule, *chains;
} Case;

static const Case cases[] = {
  /* Through what a model computes of shapes. */
  { "X -> Y\nS = Shape(X)\nA = Gather(S, i64[1]{1})\nB = Concat<axis=0>(i64[1]{-1}, A)\nR = Reshape(X, B)\n"
    "Y = MatMul(R, f64[2,1]{1,1})", "4,3",
    "the columns of A and the rows of B differ: 3 and 2",
    "  axis 1 of 'R' is 3: Reshape takes it from element 1 of 'B'\n"
    "    element 1 of 'B' is 3: Concat takes it from element 0 of 'A'\n"
    "    element 0 of 'A' is 3: Gather takes it from element 1 of 'S'\n"
    "    element 1 of 'S' is 3: Shape takes it from axis 1 of 'X'\n"
    "    axis 1 of 'X' is 3: an input of the model\n" },
  /* What is moved, computed, and joined. */
  { "X -> Y\nT = Transpose<perm=[1,0]>(X)\nC = Concat<axis=1>(T, T)\nN = Neg(C)\nY = Add(N, f64[3]{1,2,3})", "4,5",
    "shapes 5x8 and 3 do not broadcast",
    "  axis 1 of 'N' is 8: Neg takes it from axis 1 of 'C'\n"
    "    axis 1 of 'C' is 8: Concat makes it of axis 1 of 'T' (4), axis 1 of 'T' (4)\n"
    "    axis 1 of 'T' is 4: Transpose takes it from axis 0 of 'X'\n"
    "    axis 0 of 'X' is 4: an input of the model\n" },
  /* A number that both operands have is the first one's. */
  { "X -> Y\nP = Pad(X, i64[2]{1,1})\nQ = Add(P, P)\nY = Mul(Q, f64[7]{1,2,3,4,5,6,7})", "3",
    "shapes 5 and 7 do not broadcast",
    "  axis 0 of 'Q' is 5: Add takes it from axis 0 of 'P'\n"
    "    axis 0 of 'P' is 5: Pad makes it of axis 0 of 'X' (3)" },
  /* What data decides is made by the node. */
  { "X -> Y\nN = NonZero(X)\nM = Cast<to=11>(N)\nY = MatMul(X, M)", "4",
    "the columns of A and the rows of B differ: 4 and 1",
    "  axis 0 of 'X' is 4: an input of the model\n"
    "  axis 0 of 'M' is 1: Cast takes it from axis 0 of 'N'\n"
    "    axis 0 of 'N' is 1: NonZero makes it\n" },
};

static void
test_chains (gconstpointer data)
{
  const Case *c = data;

  for (int kept = 0; kept < 2; kept++)
    {
      g_autoptr (OxDebugger) debugger = debugger_of (c->model, kept ? G_MAXSIZE : 0);
      g_autofree char *chains = NULL;
      const OxFailure *failure;

      run_to_failure (debugger, "X", c->shape);
      failure = ox_debugger_get_stop (debugger)->failure;
      chains = ox_failure_describe_chains (failure, 20, 20);
      g_assert_cmpstr (failure->rule, ==, c->rule);
      if (!g_str_has_prefix (chains, c->chains))
        g_assert_cmpstr (chains, ==, c->chains);
    }
}

static void
test_skip (void)
{
  g_autoptr (OxDebugger) debugger = debugger_of ("X -> Y\nA = Neg(X)\nB = Add(A, f64[3]{1,2,3})\nY = Neg(A)", G_MAXSIZE);
  g_autoptr (GError) error = NULL;
  g_autofree char *said = NULL;
  OxNode *node;

  run_to_failure (debugger, "X", "2");
  node = ox_debugger_get_stop (debugger)->node;
  g_assert_true (ox_debugger_skip (debugger, node, "skip it", &said, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (said, ==, "B is what 'A' is: f64 2\n");
  g_assert_cmpuint (ox_debugger_n_edits (debugger), ==, 1);
  ox_debugger_move (debugger, OX_MOVE_CONTINUE, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ox_debugger_get_stop (debugger)->reason, ==, OX_STOP_END);
  ox_debugger_drop_edit (debugger, 0);
  ox_debugger_move (debugger, OX_MOVE_AGAIN, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ox_debugger_get_stop (debugger)->reason, ==, OX_STOP_FAILED);
}

/* Inside a body, from what the Loop was given and what it carries. */
static void
test_body (void)
{
  const double two[] = { 1, 2 };
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxDebugger) debugger = NULL;
  g_autofree char *chains = NULL;
  OxGraph *g = model->graph, *body;
  OxNode *loop;

  ox_graph_add_input (g, "X", NULL);
  add_constant (g, "trips", ox_tensor_new_scalar (OX_I64, 3));
  add_constant (g, "two", list_of (OX_F64, 2, two));
  loop = add (g, "Loop", "loop", "trips - X", "last");
  body = add_body (loop, "body", "i go s");
  set_int (add (body, "Concat", "grow", "s s", "t"), "axis", 0);
  add (body, "Add", "sum", "s two", "u");
  add_outputs (body, "go t");
  add_outputs (g, "last");
  link_good (model);
  debugger = ox_debugger_new (model);
  run_to_failure (debugger, "X", "1");
  /* 1 and 2 broadcast and so do 2 and 2; then it is 4. */
  chains = ox_failure_describe_chains (ox_debugger_get_stop (debugger)->failure, 1, 20);
  g_assert_cmpint (ox_debugger_get_stop (debugger)->frame->iteration, ==, 2);
  g_assert_cmpstr (chains, ==,
                   "  axis 0 of 's' is 4: Loop 'loop' carries it on from iteration 1\n"
                   "    axis 0 of 't' is 4: Concat 'grow' makes it of axis 0 of 's' (2), axis 0 of 's' (2)\n"
                   "    axis 0 of 's' is 2: Loop 'loop' carries it on from iteration 0\n"
                   "    axis 0 of 't' is 2: Concat 'grow' makes it of axis 0 of 's' (1), axis 0 of 's' (1)\n"
                   "    axis 0 of 's' is 1: Loop 'loop' gives its body 'X'\n"
                   "    axis 0 of 'X' is 1: an input of the model\n"
                   "  and 1 more numbers\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/failure/chains/%u", i);

      g_test_add_data_func (path, &cases[i], test_chains);
    }
  g_test_add_func ("/failure/skip", test_skip);
  g_test_add_func ("/failure/body", test_body);
  return g_test_run ();
}
