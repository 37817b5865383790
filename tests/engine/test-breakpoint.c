/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-breakpoint.h"
#include "debug/ox-console.h"
#include "debug/ox-watch.h"
#include "session/ox-inference.h"

/* x f32 [2,2] -> Neg "n" -> Reciprocal "r" -> Log "l" -> Mul "s" (by small) -> Sub "z" (s - s) -> Cast "h" f16 */
/* @cast: how the last of them is called. */
static OxModel *
chain (const char *cast)
{
  OxModel *model = ox_model_new ();
  const OxOpset opset = { g_strdup ("ai.onnx"), 17 };
  const gint64 dims[] = { 2, 2 };
  static const struct { const char *op, *a, *b, *out; } nodes[] = {
    { "Neg", "x", NULL, "n" },    { "Reciprocal", "n", NULL, "r" }, { "Log", "r", NULL, "l" },
    { "Mul", "x", "x", "s" },     { "Sub", "s", "s", "z" },         { "Cast", "s", NULL, "h" },
  };
  GError *error = NULL;

  g_array_append_val (model->opsets, opset);
  model->graph = ox_graph_new (model, "g");
  ox_graph_add_input (model->graph, "x", ox_type_new_tensor (OX_F32, 2, dims));
  for (guint i = 0; i < G_N_ELEMENTS (nodes); i++)
    {
      g_autofree char *name = g_strdup_printf ("part%u/%s", i / 3, nodes[i].out);
      OxNode *node = ox_graph_add_node (model->graph, nodes[i].op, "ai.onnx", name);

      ox_node_add_input (node, nodes[i].a);
      if (nodes[i].b != NULL)
        ox_node_add_input (node, nodes[i].b);
      ox_node_add_output (node, i == 5 ? cast : nodes[i].out);
      if (g_str_equal (nodes[i].op, "Cast"))
        ox_node_add_attribute (node, "to", OX_ATTR_INT)->i = OX_F16;
    }
  ox_graph_add_output (model->graph, cast, NULL);
  ox_graph_add_output (model->graph, "l", NULL);
  ox_graph_add_output (model->graph, "z", NULL);
  ox_model_link (model, &error);
  g_assert_no_error (error);
  ox_model_infer (model, NULL, NULL);
  return model;
}

static OxDebugger *
fed (OxModel *model, const double *x)
{
  const gint64 dims[] = { 2, 2 };
  OxDebugger *debugger = ox_debugger_new (model);
  OxTensor *tensor = ox_tensor_new_zeros (OX_F32, 2, dims, NULL);
  g_autoptr (OxValue) value = NULL;
  GError *error = NULL;

  for (int i = 0; i < 4; i++)
    ox_tensor_set (tensor, i, x[i]);
  value = ox_value_new_tensor (tensor);
  ox_debugger_set_input (debugger, "x", value, &error);
  g_assert_no_error (error);
  return debugger;
}

/* "n: 'r' has 1 infinities, the first at [0,1]": the node one stands before, and why. */
static char *
go_on (OxDebugger *debugger)
{
  const OxStop *stop;
  GError *error = NULL;

  ox_debugger_move (debugger, OX_MOVE_CONTINUE, NULL, NULL, &error);
  g_assert_no_error (error);
  stop = ox_debugger_get_stop (debugger);
  if (stop->reason != OX_STOP_BREAKPOINT)
    return g_strdup (stop->reason == OX_STOP_END ? "end" : "?");
  return g_strdup_printf ("%s%s%s", stop->node != NULL ? stop->node->op_type : "end", stop->why != NULL ? ": " : "",
                          stop->why != NULL ? stop->why : "");
}

/* Place, condition, and the stop of a run with x = [[1,0],[2,1e-22]]: n = -x, r = [-1,-inf,-0.5,-1e22], l = NaN all,
 * s = [1,0,4,0 (1e-44 flushes or not)], z = 0, h as s. */
static const struct
{
  const char *place, *condition, *stop;
} cases[] = {
  { "op:Neg", NULL, "Neg" },
  { "op:r*", NULL, "Reciprocal" },
  { "scope:part1", NULL, "Mul" },
  { "name:*1/z", NULL, "Sub" },
  { "out:f16", NULL, "Cast" },
  { "in:f32 op:S*", NULL, "Sub" },
  { "op:*", "nan", "Mul: 'l' has 4 NaN, the first at [0,0]" },
  { "op:*", "inf", "Log: 'r' has 1 infinities, the first at [0,1]" },
  { "op:*", "bad", "Log: 'r' has 1 infinities, the first at [0,1]" },
  { "op:*", "zero", "Cast: 'z' is 0 throughout, 4 elements" },
  { "op:*", "constant", "Cast: 'z' is 0 throughout, 4 elements" },
  { "op:*", "abs>3", "Log: abs>3, it is Inf" },
  { "op:Mul", "abs>=4", "Sub: abs>=4, it is 4" },
  { "op:Mul", "abs>4", "end" },
  { "op:Mul", "abs>3.99999999", "Sub: abs>3.99999999, it is 4" },
  { "op:Mul", "abs>=4.00000001", "end" },
  { "out:f16", "abs>=4", "end: abs>=4, it is 4" },
  { "out:f16", "abs>4", "end" },
  { "op:Reciprocal", "abs>1e300", "Log: abs>1e300, it is Inf" },
  { "op:*", "min<=-2", "Reciprocal: min<=-2, it is -2" },
  { "op:*", "mean==0", "Cast: mean==0, it is 0" },
  { "op:Neg", "range>1.5", "Reciprocal: range>1.5, it is 2" },
  { "op:*", "rank>2", "end" },
  { "op:*", "rank==2", "Reciprocal: rank==2, it is 2" },
  { "op:*", "size > 4", "end" },
  { "op:*", "bytes<16", "end: bytes<16, it is 8" },
  { "op:*", "time<0", "end" },
  { "op:*", "shape=2x*", "Reciprocal: 'n' is 2x2" },
  { "op:*", "shape=2", "end" },
  { "op:*", "any(in < 0)", "Reciprocal: any(in < 0)" },
  { "op:*", "in1[0,0] == 1", "Mul: in1[0,0] == 1, it is 1" },
  { "op:Cast", "max(abs(s - z)) > 3", "Cast: max(abs(s - z)) > 3, it is 4" },
  { "op:*", "out0[1,0] == 4", "Sub: out0[1,0] == 4, it is 4" },
  { "op:*", "changed", "end" },
  { "out:f16", "nan", "end" },
  { "out:f16", "zero", "end" },
};

static void
test_case (gconstpointer data)
{
  const char *const *c = data;
  const double x[] = { 1, 0, 2, 1e-22 };
  g_autoptr (OxModel) model = chain ("h");
  g_autoptr (OxDebugger) debugger = fed (model, x);
  const OxBreakpoint wanted = { .place = (char *) c[0], .condition = (char *) c[1], .enabled = TRUE };
  g_autofree char *stop = NULL;
  GError *error = NULL;

  g_assert_cmpuint (ox_debugger_put_breakpoint (debugger, &wanted, &error), ==, 1);
  g_assert_no_error (error);
  stop = go_on (debugger);
  g_assert_cmpstr (stop, ==, c[2]);
}

static void
test_refused (void)
{
  static const struct { const char *place, *condition, *log, *why; } wrong[] = {
    { "op:", NULL, NULL, "found 'op:'" },
    { "spot:x", NULL, NULL, "found 'spot:x'" },
    { "", NULL, NULL, "expected which nodes" },
    { "out:f17", NULL, NULL, "element type 'f17'" },
    { "op:Add", "shape=2xq", NULL, "found '2xq'" },
    { "op:Add", "abs>", NULL, "expected a value" },
    { "op:Add", "differs", NULL, "no reference" },
    { "op:Add", NULL, "max(", "expected a value" },
  };
  const double x[] = { 1, 0, 2, 3 };
  g_autoptr (OxModel) model = chain ("h");
  g_autoptr (OxDebugger) debugger = fed (model, x);
  g_autoptr (GPtrArray) list = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      const OxBreakpoint one = { .place = (char *) wrong[i].place, .condition = (char *) wrong[i].condition,
                                 .log = (char *) wrong[i].log, .enabled = TRUE };
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (ox_debugger_put_breakpoint (debugger, &one, &error), ==, 0);
      g_assert_nonnull (strstr (error->message, wrong[i].why));
    }
  list = ox_debugger_dup_breakpoints (debugger);
  g_assert_cmpuint (list->len, ==, 0);
}

/* Only the second hit counts, then it is gone; what cannot be judged says why. */
static void
test_counts (void)
{
  const double x[] = { 1, 2, 2, 3 };
  g_autoptr (OxModel) model = chain ("h");
  g_autoptr (OxDebugger) debugger = fed (model, x);
  const OxBreakpoint second = { .place = (char *) "scope:part1", .ignore = 1, .once = TRUE, .enabled = TRUE };
  const OxBreakpoint early = { .place = (char *) "op:Log", .condition = (char *) "max(h) > 0", .enabled = TRUE };
  g_autoptr (GPtrArray) list = NULL;
  g_autofree char *first = NULL, *last = NULL;

  g_assert_cmpuint (ox_debugger_put_breakpoint (debugger, &second, NULL), ==, 1);
  g_assert_cmpuint (ox_debugger_put_breakpoint (debugger, &early, NULL), ==, 2);
  first = go_on (debugger);
  g_assert_cmpstr (first, ==, "Sub");
  list = ox_debugger_dup_breakpoints (debugger);
  g_assert_cmpuint (list->len, ==, 1);
  g_assert_cmpstr (((OxBreakpoint *) g_ptr_array_index (list, 0))->trouble, ==, "'h' is not computed yet");
  last = go_on (debugger);
  g_assert_cmpstr (last, ==, "end");
}

/* What a node has read is there to be judged, whatever may be kept; a run that was let go stops before its first node once. */
static void
test_budget (void)
{
  const double x[] = { 1, 2, 2, 3 };
  g_autoptr (OxModel) model = chain ("h");
  g_autoptr (OxDebugger) debugger = fed (model, x);
  const OxBreakpoint first = { .place = (char *) "op:Neg", .enabled = TRUE };
  const OxBreakpoint both = { .place = (char *) "op:Sub", .condition = (char *) "max(abs(in - out)) == 9", .enabled = TRUE };
  const OxBreakpoint old = { .place = (char *) "op:Cast", .condition = (char *) "max(r) == 0 or any(out < 0)", .enabled = TRUE };
  g_autoptr (GPtrArray) list = NULL;
  static const char *const stops[] = { "Neg", "Cast: max(abs(in - out)) == 9, it is 9", "end", "end" };

  ox_debugger_set_budget (debugger, 0);
  ox_debugger_put_breakpoint (debugger, &first, NULL);
  ox_debugger_put_breakpoint (debugger, &both, NULL);
  ox_debugger_put_breakpoint (debugger, &old, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (stops); i++)
    {
      g_autofree char *stop = go_on (debugger);

      g_assert_cmpstr (stop, ==, stops[i]);
    }
  list = ox_debugger_dup_breakpoints (debugger);
  g_assert_cmpstr (((OxBreakpoint *) g_ptr_array_index (list, 2))->trouble, ==, "'r' has been forgotten");
}

/* Another input gives other values; the same one does not. */
static void
test_changed (void)
{
  const double x[] = { 1, 2, 2, 3 }, y[] = { 1, 2, 2, -3 };
  g_autoptr (OxModel) model = chain ("h");
  g_autoptr (OxDebugger) debugger = fed (model, x);
  const OxBreakpoint changed = { .place = (char *) "op:Mul", .condition = (char *) "changed", .enabled = TRUE };
  const OxBreakpoint neg = { .place = (char *) "op:Neg", .condition = (char *) "changed", .enabled = TRUE };
  g_autoptr (OxDebugger) other = fed (model, y);
  g_autofree char *a = NULL, *b = NULL, *c = NULL, *d = NULL;

  ox_debugger_put_breakpoint (debugger, &changed, NULL);
  ox_debugger_put_breakpoint (debugger, &neg, NULL);
  a = go_on (debugger);
  g_assert_cmpstr (a, ==, "end");
  ox_debugger_restart (debugger);
  b = go_on (debugger);
  g_assert_cmpstr (b, ==, "end");
  ox_debugger_set_input (debugger, "x", ox_debugger_get_input (other, "x"), NULL);
  c = go_on (debugger);
  g_assert_cmpstr (c, ==, "Reciprocal: 'n' is not what it was when it was computed last");
  /* (-3)^2 is 3^2. */
  d = go_on (debugger);
  g_assert_cmpstr (d, ==, "end");
}

static void
test_differs (void)
{
  const double x[] = { 1, 2, 2, 3 };
  const gint64 dims[] = { 2, 2 };
  g_autoptr (OxModel) model = chain ("h");
  g_autoptr (OxDebugger) debugger = fed (model, x);
  const OxBreakpoint differs = { .place = (char *) "op:*", .condition = (char *) "differs", .enabled = TRUE };
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  static const struct { const char *name; double v[4]; } known[] = { { "n", { -1, -2, -2, -3 } }, { "s", { 1, 4, 4, 9.5 } } };
  g_autofree char *stop = NULL, *end = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      OxTensor *tensor = ox_tensor_new_zeros (OX_F32, 2, dims, NULL);

      for (int k = 0; k < 4; k++)
        ox_tensor_set (tensor, k, known[i].v[k]);
      g_hash_table_insert (values, g_strdup (known[i].name), ox_value_new_tensor (tensor));
    }
  ox_debugger_set_reference (debugger, ox_reference_new_values (values, "the reference"));
  g_assert_cmpuint (ox_debugger_put_breakpoint (debugger, &differs, NULL), ==, 1);
  stop = go_on (debugger);
  g_assert_cmpstr (stop, ==, "Sub: 's' differs from the reference: 1 of 4 elements differ, max abs 0.5");
  end = go_on (debugger);
  g_assert_cmpstr (end, ==, "end");
}

/* The history of a watch goes with the run, back too. */
static void
test_watch (void)
{
  const double x[] = { 1, 2, 2, 3 };
  g_autoptr (OxModel) model = chain ("h");
  g_autoptr (OxDebugger) debugger = fed (model, x);
  g_autoptr (GPtrArray) list = NULL, back = NULL;
  g_autoptr (OxTensor) now = NULL;
  const OxWatch *watch;
  GError *error = NULL;

  g_assert_cmpuint (ox_debugger_add_watch (debugger, "sum(", &error), ==, 0);
  g_clear_error (&error);
  g_assert_cmpuint (ox_debugger_add_watch (debugger, "sum(s) + sum(n)", NULL), ==, 1);
  g_assert_cmpuint (ox_debugger_add_watch (debugger, "s[1]", NULL), ==, 2);
  ox_debugger_move (debugger, OX_MOVE_CONTINUE, NULL, NULL, &error);
  g_assert_no_error (error);
  list = ox_debugger_dup_watches (debugger);
  watch = g_ptr_array_index (list, 0);
  g_assert_cmpfloat (ox_tensor_get (watch->value, 0), ==, 18 - 8);
  g_assert_cmpuint (watch->history->len, ==, 1);
  g_assert_cmpuint (g_array_index (watch->history, OxWatchPoint, 0).time, ==, 4);
  watch = g_ptr_array_index (list, 1);
  g_assert_cmpuint (watch->value->count, ==, 2);
  g_assert_cmpuint (watch->history->len, ==, 0);
  now = ox_debugger_evaluate (debugger, "s[1,1] * 2", NULL, &error);
  g_assert_cmpfloat (ox_tensor_get (now, 0), ==, 18);
  ox_debugger_move (debugger, OX_MOVE_TO_START, NULL, NULL, &error);
  back = ox_debugger_dup_watches (debugger);
  watch = g_ptr_array_index (back, 0);
  g_assert_null (watch->value);
  g_assert_cmpstr (watch->trouble, ==, "'s' is not computed yet");
  g_assert_cmpuint (watch->history->len, ==, 0);
  g_assert_true (ox_debugger_remove_watch (debugger, 1));
  g_assert_false (ox_debugger_remove_watch (debugger, 1));
}

/* A result stays known after what it was made of has been forgotten, until the run goes back behind it. */
static void
test_watch_budget (void)
{
  const double x[] = { 1, 2, 2, 3 };
  g_autoptr (OxModel) model = chain ("h");
  g_autoptr (OxDebugger) debugger = fed (model, x);
  g_autoptr (GPtrArray) end = NULL, back = NULL;
  const OxWatch *watch;
  GError *error = NULL;

  ox_debugger_set_budget (debugger, 0);
  ox_debugger_add_watch (debugger, "min(n)", NULL);
  ox_debugger_move (debugger, OX_MOVE_CONTINUE, NULL, NULL, &error);
  g_assert_no_error (error);
  end = ox_debugger_dup_watches (debugger);
  watch = g_ptr_array_index (end, 0);
  g_assert_cmpfloat (ox_tensor_get (watch->value, 0), ==, -3);
  g_assert_cmpuint (watch->history->len, ==, 1);
  ox_debugger_move (debugger, OX_MOVE_TO_START, NULL, NULL, &error);
  g_assert_no_error (error);
  back = ox_debugger_dup_watches (debugger);
  watch = g_ptr_array_index (back, 0);
  g_assert_null (watch->value);
  g_assert_cmpuint (watch->history->len, ==, 0);
}

/* Names and functions in what is a formula, quoted where they must be. */
static void
test_complete (void)
{
  static const struct { const char *line, *first; guint n; } lines[] = {
    { "watch max(abs(n", "watch max(abs(n", 3 },   /* n; nans( and norm( */
    { "eval h-2", NULL, 0 },
    { "eval 'h", "eval 'h-2'", 1 },
    { "eval 1 + h", "eval 1 + 'h-2'", 1 },
    { "break op:Cast if coun", "break op:Cast if count(", 1 },
    { "log op:Cast : cos", "log op:Cast : cosine(", 1 },
    { "log op:Cast if s", "log op:Cast if s", 9 },   /* and share( shape( sigmoid( sign( size( sqrt( std( sum( */
    { "break part1/z", "break part1/z", 1 },
  };
  const double x[] = { 1, 2, 2, 3 };
  g_autoptr (OxModel) model = chain ("h-2");
  g_autoptr (OxDebugger) debugger = fed (model, x);
  g_autoptr (OxConsole) console = ox_console_new (debugger, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_auto (GStrv) found = ox_console_complete (console, lines[i].line, 50);

      g_assert_cmpstr (found[0], ==, lines[i].first);
      g_assert_cmpuint (g_strv_length (found), ==, lines[i].n);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/breakpoint/%u", i);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/breakpoint/refused", test_refused);
  g_test_add_func ("/breakpoint/counts", test_counts);
  g_test_add_func ("/breakpoint/changed", test_changed);
  g_test_add_func ("/breakpoint/differs", test_differs);
  g_test_add_func ("/breakpoint/budget", test_budget);
  g_test_add_func ("/formula/complete", test_complete);
  g_test_add_func ("/watch/history", test_watch);
  g_test_add_func ("/watch/budget", test_watch_budget);
  return g_test_run ();
}
