/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "core/ox-parallel.h"
#include "debug/ox-breakpoint.h"
#include "debug/ox-watch.h"

/* What breakpoints that do not fire, and watches, add to a run: the same run with and without them in turns. With -m
 * perf there are more rounds, and the limits are closer. */

#define NODES 400
#define ELEMENTS 20000

static OxModel *
chain (gint64 n)
{
  OxModel *model = ox_model_new ();
  const OxOpset opset = { g_strdup ("ai.onnx"), 17 };
  const gint64 dims[] = { n };
  g_autofree char *last = g_strdup ("x");
  GError *error = NULL;

  g_array_append_val (model->opsets, opset);
  model->graph = ox_graph_new (model, "g");
  ox_graph_add_input (model->graph, "x", ox_type_new_tensor (OX_F32, 1, dims));
  for (guint i = 0; i < NODES; i++)
    {
      g_autofree char *name = g_strdup_printf ("layers.%u/node", i);
      OxNode *node = ox_graph_add_node (model->graph, i % 2 == 0 ? "Neg" : "Abs", "ai.onnx", name);

      ox_node_add_input (node, last);
      g_free (last);
      last = g_strdup_printf ("v%u", i);
      ox_node_add_output (node, last);
    }
  ox_graph_add_output (model->graph, last, NULL);
  ox_model_link (model, &error);
  g_assert_no_error (error);
  return model;
}

static OxDebugger *
fed (OxModel *model, gint64 n)
{
  const gint64 dims[] = { n };
  OxDebugger *debugger = ox_debugger_new (model);
  g_autoptr (OxValue) value = ox_value_new_tensor (ox_tensor_new_zeros (OX_F32, 1, dims, NULL));

  ox_debugger_set_budget (debugger, 0);
  ox_debugger_set_input (debugger, "x", value, NULL);
  return debugger;
}

/* Of this thread, which does all the work. */
static double
seconds_so_far (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

static double
run (OxDebugger *debugger)
{
  GError *error = NULL;
  double begin;

  ox_debugger_restart (debugger);
  begin = seconds_so_far ();
  ox_debugger_move (debugger, OX_MOVE_CONTINUE, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ox_debugger_get_stop (debugger)->reason, ==, OX_STOP_END);
  return seconds_so_far () - begin;
}

static void
put (OxDebugger *debugger, const char *place, const char *condition)
{
  const OxBreakpoint breakpoint = { .place = (char *) place, .condition = (char *) condition, .enabled = TRUE };
  GError *error = NULL;

  ox_debugger_put_breakpoint (debugger, &breakpoint, &error);
  g_assert_no_error (error);
}

static int
by_size (const void *a, const void *b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* What @debugger takes more than @plain: the middle one of the ratios of runs that follow each other, in either order. */
static double
more (OxDebugger *plain, OxDebugger *debugger, int rounds)
{
  g_autofree double *ratios = g_new (double, rounds);

  for (int i = 0; i < rounds; i++)
    {
      double first = run (i % 2 == 0 ? plain : debugger), second = run (i % 2 == 0 ? debugger : plain);

      ratios[i] = i % 2 == 0 ? second / first : first / second;
    }
  qsort (ratios, (size_t) rounds, sizeof *ratios, by_size);
  return ratios[rounds / 2] - 1;
}

static void
check (double share, double promised, const char *what)
{
  g_test_message ("%s: %+.2f %%", what, share * 100);
  /* The same two runs one after the other may be a few percent apart by where their memory lies; beside other work, more. */
  if (share >= promised)
    g_test_fail_printf ("%s: %.2f %% more", what, share * 100);
}

static void
test_silent (void)
{
  g_autoptr (OxModel) model = chain (ELEMENTS);
  g_autoptr (OxDebugger) plain = fed (model, ELEMENTS), debugger = fed (model, ELEMENTS);

  for (int i = 0; i < 10; i++)
    {
      put (debugger, "op:Conv", "nan");
      put (debugger, "scope:decoder*", NULL);
    }
  put (debugger, "op:Neg in:f16", "max(out) > 1");
  check (more (plain, debugger, g_test_perf () ? 301 : 5), 0.1, "21 breakpoints that no node fits");
}

/* Nodes that do next to nothing: what a turn takes more. */
static void
test_turn (void)
{
  g_autoptr (OxModel) model = chain (1);
  g_autoptr (OxDebugger) plain = fed (model, 1), debugger = fed (model, 1);
  double share, nanoseconds;

  put (debugger, "op:Conv", "nan");
  share = more (plain, debugger, g_test_perf () ? 301 : 5);
  nanoseconds = share * run (plain) / NODES * 1e9;
  g_test_message ("a breakpoint that no node fits: %+.0f ns a turn", nanoseconds);
  g_assert_cmpfloat (nanoseconds, <, 5000);
}

static void
test_one (void)
{
  g_autoptr (OxModel) model = chain (ELEMENTS);
  g_autoptr (OxDebugger) plain = fed (model, ELEMENTS), debugger = fed (model, ELEMENTS);

  put (debugger, "name:layers.200/*", "nan");
  check (more (plain, debugger, g_test_perf () ? 301 : 5), 0.1, "one that fits 1 node of 400 and does not hold");
}

static void
test_watch (void)
{
  g_autoptr (OxModel) model = chain (ELEMENTS);
  g_autoptr (OxDebugger) plain = fed (model, ELEMENTS), debugger = fed (model, ELEMENTS);

  ox_debugger_add_watch (debugger, "max(abs(v300 - v100))", NULL);
  check (more (plain, debugger, g_test_perf () ? 301 : 5), 0.2, "a watch over 2 values of 400");
}

static void
test_all (void)
{
  g_autoptr (OxModel) model = chain (ELEMENTS);
  g_autoptr (OxDebugger) plain = fed (model, ELEMENTS), debugger = fed (model, ELEMENTS);

  if (!g_test_perf ())
    {
      g_test_skip ("only with -m perf");
      return;
    }
  put (debugger, "op:*", "nan");
  check (more (plain, debugger, 101), 2, "nan at every node, which are as cheap as nodes can be");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ox_set_threads (1);
  g_test_add_func ("/breakpoint/no-node", test_silent);
  g_test_add_func ("/breakpoint/turn", test_turn);
  g_test_add_func ("/breakpoint/one-node", test_one);
  g_test_add_func ("/breakpoint/watch", test_watch);
  g_test_add_func ("/breakpoint/every-node", test_all);
  return g_test_run ();
}
