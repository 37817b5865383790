/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-debugger.h"

#include "models.h"

static OxDebugger *
debugger_new (OxModel *model, gint64 n, const double *x)
{
  OxDebugger *debugger = ox_debugger_new (model);
  g_autoptr (OxValue) value = ox_value_new_tensor (list_of (OX_I64, n, x));
  g_autoptr (GError) error = NULL;

  ox_debugger_set_input (debugger, "x", value, &error);
  g_assert_no_error (error);
  return debugger;
}

static OxDebugger *
nested_debugger (void)
{
  g_autoptr (OxModel) model = nested_model ();
  const double seven = 7;

  return debugger_new (model, 1, &seven);
}

/* "step: flag in Loop 'loop' iteration 0" */
static char *
stop_text (OxDebugger *debugger)
{
  static const char *const reasons[] = { "step", "target", "breakpoint", "start", "end", "failed", "interrupted" };
  const OxStop *stop = ox_debugger_get_stop (debugger);
  g_autofree char *label = stop->frame != NULL ? ox_frame_label (stop->frame) : NULL;

  if (stop->node == NULL)
    return g_strdup (reasons[stop->reason]);
  return g_strdup_printf ("%s: %s in %s", reasons[stop->reason], stop->node->name, label);
}

static void
move_to (OxDebugger *debugger, OxMove move, OxNode *target, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  ox_debugger_move (debugger, move, target, NULL, &error);
  g_assert_no_error (error);
  text = stop_text (debugger);
  g_assert_cmpstr (text, ==, expected);
}

static OxGraph *
body_of (OxGraph *graph, guint node, const char *attribute)
{
  return g_ptr_array_index (ox_node_attribute (ox_graph_node (graph, node), attribute)->graphs, 0);
}

static char *
dup_text (OxDebugger *debugger, OxGraph *graph, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OxValue) value = ox_debugger_dup_value (debugger, graph, ox_graph_find (graph, name), &error);

  g_assert_no_error (error);
  return value_text (value);
}

static void
assert_slot (OxDebugger *debugger, OxGraph *graph, const char *name, const char *expected)
{
  g_autofree char *text = dup_text (debugger, graph, name);

  g_assert_cmpstr (text, ==, expected);
}

static const char *const places[] = {
  "flag in Loop 'loop' iteration 0", "pick in Loop 'loop' iteration 0", "more in If else_branch",
  "size in Loop 'loop' iteration 0", "flag in Loop 'loop' iteration 1", "pick in Loop 'loop' iteration 1",
  "twice in If then_branch",         "size in Loop 'loop' iteration 1", "flag in Loop 'loop' iteration 2",
  "pick in Loop 'loop' iteration 2", "more in If else_branch",          "size in Loop 'loop' iteration 2",
  "join in main",
};

/* In, node by node to the end, and back in the same way, with every budget. */
static void
walk (gsize budget)
{
  g_autoptr (OxDebugger) debugger = nested_debugger ();
  OxGraph *graph = ox_debugger_get_model (debugger)->graph;

  ox_debugger_set_budget (debugger, budget);
  for (int round = 0; round < 2; round++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (places); i++)
        {
          g_autofree char *expected = g_strconcat ("step: ", places[i], NULL);

          move_to (debugger, OX_MOVE_IN, NULL, expected);
        }
      move_to (debugger, OX_MOVE_IN, NULL, "end");
      g_assert_cmpuint (ox_trace_length (ox_debugger_get_trace (debugger)), ==, 23);
      assert_slot (debugger, graph, "y", "[7, 1, 7, 1, 1, 2, 4, 5]");
      move_to (debugger, OX_MOVE_IN, NULL, "end");
      for (int i = G_N_ELEMENTS (places) - 1; i >= 0; i--)
        {
          g_autofree char *expected = g_strconcat ("step: ", places[i], NULL);

          move_to (debugger, OX_MOVE_BACK_IN, NULL, expected);
        }
      move_to (debugger, OX_MOVE_BACK_IN, NULL, "start: loop in main");
      move_to (debugger, OX_MOVE_BACK_IN, NULL, "start: loop in main");
      g_assert_cmpuint (ox_trace_length (ox_debugger_get_trace (debugger)), ==, 0);
    }
}

static void
test_walk (void)
{
  walk (G_MAXSIZE);
}

static void
test_walk_without_budget (void)
{
  walk (0);
  walk (1500);
}

static void
test_over_and_out (void)
{
  g_autoptr (OxDebugger) debugger = nested_debugger ();
  OxGraph *graph = ox_debugger_get_model (debugger)->graph;

  move_to (debugger, OX_MOVE_OVER, NULL, "step: join in main");
  move_to (debugger, OX_MOVE_OVER, NULL, "end");
  move_to (debugger, OX_MOVE_BACK, NULL, "step: join in main");
  move_to (debugger, OX_MOVE_BACK, NULL, "start: loop in main");
  move_to (debugger, OX_MOVE_IN, NULL, "step: flag in Loop 'loop' iteration 0");
  move_to (debugger, OX_MOVE_OVER, NULL, "step: pick in Loop 'loop' iteration 0");
  move_to (debugger, OX_MOVE_OVER, NULL, "step: size in Loop 'loop' iteration 0");
  move_to (debugger, OX_MOVE_OVER, NULL, "step: flag in Loop 'loop' iteration 1");
  move_to (debugger, OX_MOVE_BACK, NULL, "step: size in Loop 'loop' iteration 0");
  move_to (debugger, OX_MOVE_BACK, NULL, "step: pick in Loop 'loop' iteration 0");
  move_to (debugger, OX_MOVE_IN, NULL, "step: more in If else_branch");
  move_to (debugger, OX_MOVE_BACK, NULL, "step: pick in Loop 'loop' iteration 0");
  move_to (debugger, OX_MOVE_IN, NULL, "step: more in If else_branch");
  move_to (debugger, OX_MOVE_OUT, NULL, "step: size in Loop 'loop' iteration 0");
  move_to (debugger, OX_MOVE_OUT, NULL, "step: join in main");
  move_to (debugger, OX_MOVE_OUT, NULL, "end");
  move_to (debugger, OX_MOVE_TO_START, NULL, "start: loop in main");
  move_to (debugger, OX_MOVE_CONTINUE, NULL, "end");
  assert_slot (debugger, graph, "y", "[7, 1, 7, 1, 1, 2, 4, 5]");
}

static void
test_targets (void)
{
  g_autoptr (OxDebugger) debugger = nested_debugger ();
  OxGraph *graph = ox_debugger_get_model (debugger)->graph, *body = body_of (graph, 0, "body");
  OxNode *size = ox_graph_node (body, 2), *twice = ox_graph_node (body_of (body, 1, "then_branch"), 0);

  move_to (debugger, OX_MOVE_TO_NODE, twice, "target: twice in If then_branch");
  move_to (debugger, OX_MOVE_TO_NODE, size, "target: size in Loop 'loop' iteration 1");
  move_to (debugger, OX_MOVE_TO_NODE, size, "target: size in Loop 'loop' iteration 2");
  move_to (debugger, OX_MOVE_TO_NODE, size, "end");
  ox_debugger_restart (debugger);
  g_assert_null (ox_debugger_get_stop (debugger));
  ox_debugger_set_breakpoint (debugger, twice, TRUE);
  g_assert_true (ox_debugger_has_breakpoint (debugger, twice));
  move_to (debugger, OX_MOVE_CONTINUE, NULL, "breakpoint: twice in If then_branch");
  move_to (debugger, OX_MOVE_OUT, NULL, "step: size in Loop 'loop' iteration 1");
  move_to (debugger, OX_MOVE_TO_START, NULL, "start: loop in main");
  move_to (debugger, OX_MOVE_OVER, NULL, "breakpoint: twice in If then_branch");
  ox_debugger_set_breakpoint (debugger, twice, FALSE);
  move_to (debugger, OX_MOVE_TO_START, NULL, "start: loop in main");
  move_to (debugger, OX_MOVE_CONTINUE, NULL, "end");
}

static void
test_states (void)
{
  g_autoptr (OxDebugger) debugger = nested_debugger ();
  OxGraph *graph = ox_debugger_get_model (debugger)->graph, *body = body_of (graph, 0, "body");
  OxNode *loop = ox_graph_node (graph, 0), *join = ox_graph_node (graph, 1);
  OxNode *flag = ox_graph_node (body, 0), *pick = ox_graph_node (body, 1), *size = ox_graph_node (body, 2);
  OxNode *twice = ox_graph_node (body_of (body, 1, "then_branch"), 0);
  OxNode *more = ox_graph_node (body_of (body, 1, "else_branch"), 0);
  OxNode *const nodes[] = { loop, join, flag, pick, size, twice, more };
  /* w)aiting d)one c)urrent u)ntaken, in the order of @nodes */
  static const struct
  {
    guint moves;
    const char *states;
  } expected[] = {
    { 0, "wwwwwww" }, { 1, "cwcwwww" }, { 2, "cwdcwww" }, { 3, "cwdcwuc" }, { 4, "cwddcud" },
    { 5, "cwcwwww" }, { 7, "cwdcwcu" }, { 8, "cwddcdu" }, { 13, "dcddd" }, { 14, "dd" },
  };

  for (guint i = 0, moves = 0; i < G_N_ELEMENTS (expected); i++)
    {
      for (; moves < expected[i].moves; moves++)
        ox_debugger_move (debugger, OX_MOVE_IN, NULL, NULL, NULL);
      for (guint n = 0; expected[i].states[n] != '\0'; n++)
        {
          OxNodeState state = ox_debugger_node_state (debugger, nodes[n]);

          if ("wdcfu"[state] != expected[i].states[n])
            g_error ("after %u moves node %s is '%c'", moves, nodes[n]->name, "wdcfu"[state]);
        }
    }
}

/* A node that fails stops with everything in place, and going back from there works. */
static void
test_failure (void)
{
  g_autoptr (OxModel) model = failing_model ();
  const double x[] = { 1, 2 };
  g_autoptr (OxDebugger) debugger = debugger_new (model, 2, x);
  OxNode *read = ox_graph_node (model->graph, 1);

  for (int i = 0; i < 2; i++)
    {
      move_to (debugger, OX_MOVE_CONTINUE, NULL, "failed: read in main");
      g_assert_error (ox_debugger_get_stop (debugger)->error, OX_ERROR, OX_ERROR_VALUE);
      g_assert_cmpint (ox_debugger_node_state (debugger, read), ==, OX_NODE_FAILED);
      g_assert_cmpint (ox_debugger_node_state (debugger, ox_graph_node (model->graph, 0)), ==, OX_NODE_DONE);
      assert_slot (debugger, model->graph, "xx", "[1, 2, 1, 2]");
      assert_slot (debugger, model->graph, "y", "nothing");
    }
  move_to (debugger, OX_MOVE_BACK, NULL, "start: join in main");
  assert_slot (debugger, model->graph, "xx", "nothing");
  move_to (debugger, OX_MOVE_OVER, NULL, "step: read in main");
}

/* Every value that can be seen, at every stop, is the same whatever the budget. */
static void
test_budget (void)
{
  static const struct
  {
    const char *in;
    const char *const names[8];
  } tables[] = { { "main", { "x", "one", "s", "n", "y" } }, { "body", { "i", "before", "flag", "after", "size" } },
                 { "then", { "t" } }, { "else", { "e" } } };
  const gsize budgets[] = { 0, 600, 1500, 3000, 5000 };
  g_autoptr (OxDebugger) rich = nested_debugger ();
  OxGraph *graph = ox_debugger_get_model (rich)->graph, *body = body_of (graph, 0, "body");
  OxGraph *const graphs[] = { graph, body, body_of (body, 1, "then_branch"), body_of (body, 1, "else_branch") };
  static const OxMove moves[] = { OX_MOVE_IN,   OX_MOVE_OVER, OX_MOVE_OVER, OX_MOVE_OVER,    OX_MOVE_BACK, OX_MOVE_IN,
                                  OX_MOVE_OVER, OX_MOVE_IN,   OX_MOVE_OUT,  OX_MOVE_BACK_IN, OX_MOVE_OUT,  OX_MOVE_BACK,
                                  OX_MOVE_OVER, OX_MOVE_OVER, OX_MOVE_BACK, OX_MOVE_BACK_IN, OX_MOVE_BACK_IN };

  for (guint b = 0; b < G_N_ELEMENTS (budgets); b++)
    {
      g_autoptr (OxDebugger) poor = ox_debugger_new (ox_debugger_get_model (rich));
      gboolean kept_less = FALSE;
      g_autoptr (GError) error = NULL;

      ox_debugger_set_input (poor, "x", ox_debugger_get_input (rich, "x"), &error);
      g_assert_no_error (error);
      ox_debugger_set_budget (poor, budgets[b]);
      ox_debugger_restart (rich);
      for (guint m = 0; m < G_N_ELEMENTS (moves); m++)
        {
          g_autofree char *place = NULL;

          ox_debugger_move (rich, moves[m], NULL, NULL, &error);
          g_assert_no_error (error);
          place = stop_text (rich);
          move_to (poor, moves[m], NULL, place);
          g_assert_cmpuint (ox_debugger_get_stop (poor)->time, ==, ox_debugger_get_stop (rich)->time);
          g_assert_cmpuint (ox_trace_kept_bytes (ox_debugger_get_trace (poor)), <=,
                            ox_trace_kept_bytes (ox_debugger_get_trace (rich)));
          kept_less = kept_less || ox_trace_kept_bytes (ox_debugger_get_trace (poor))
                                     < ox_trace_kept_bytes (ox_debugger_get_trace (rich));
          for (guint g = 0; g < G_N_ELEMENTS (graphs); g++)
            for (guint n = 0; tables[g].names[n] != NULL; n++)
              {
                g_autofree char *expected = dup_text (rich, graphs[g], tables[g].names[n]);

                assert_slot (poor, graphs[g], tables[g].names[n], expected);
              }
        }
      g_assert_true (kept_less || budgets[b] > 1000);
    }
}

/* ---- on the worker -------------------------------------------------------------------------------------------- */

typedef struct
{
  GMainLoop *loop;
  guint      running, stopped, reset;
  OxValue   *value;
  GError    *error;
} Seen;

static void
count (OxDebugger *debugger, gpointer counter)
{
  ++*(guint *) counter;
}

static void
stopped (OxDebugger *debugger, const OxStop *stop, gpointer counter)
{
  g_assert_true (stop == ox_debugger_get_stop (debugger));
  g_assert_false (ox_debugger_is_running (debugger));
  ++*(guint *) counter;
}

static void
moved (GObject *source, GAsyncResult *result, gpointer data)
{
  Seen *seen = data;

  ox_debugger_move_finish (OX_DEBUGGER (source), result, &seen->error);
  g_main_loop_quit (seen->loop);
}

static void
got_value (GObject *source, GAsyncResult *result, gpointer data)
{
  Seen *seen = data;

  seen->value = ox_debugger_dup_value_finish (OX_DEBUGGER (source), result, &seen->error);
  g_main_loop_quit (seen->loop);
}

static void
test_async (void)
{
  g_autoptr (OxDebugger) debugger = nested_debugger ();
  OxGraph *graph = ox_debugger_get_model (debugger)->graph;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  Seen seen = { .loop = loop };

  g_signal_connect (debugger, "running", G_CALLBACK (count), &seen.running);
  g_signal_connect (debugger, "stopped", G_CALLBACK (stopped), &seen.stopped);
  g_signal_connect (debugger, "reset", G_CALLBACK (count), &seen.reset);
  ox_debugger_set_budget (debugger, 0);
  ox_debugger_move_async (debugger, OX_MOVE_CONTINUE, NULL, NULL, moved, &seen);
  g_assert_true (ox_debugger_is_running (debugger));
  g_assert_false (ox_debugger_move (debugger, OX_MOVE_IN, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_main_loop_run (loop);
  g_assert_no_error (seen.error);
  g_assert_cmpint (ox_debugger_get_stop (debugger)->reason, ==, OX_STOP_END);
  g_assert_cmpuint (seen.running, ==, 1);
  g_assert_cmpuint (seen.stopped, ==, 1);
  ox_debugger_dup_value_async (debugger, graph, ox_graph_find (graph, "s"), NULL, got_value, &seen);
  g_main_loop_run (loop);
  g_assert_no_error (seen.error);
  assert_value (seen.value, "[7, 1, 7, 1, 1]");
  ox_value_unref (seen.value);
  ox_debugger_restart (debugger);
  g_assert_cmpuint (seen.reset, ==, 1);
}

/* Before a turn that is to end long after this test. */
static void
test_interrupt (void)
{
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (OxDebugger) debugger = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  OxGraph *g = model->graph, *body;
  Seen seen = { .loop = loop };
  const double one = 1;

  ox_graph_add_input (g, "x", NULL);
  body = add_body (add (g, "Loop", "forever", "- - x", "y"), "body", "i go before");
  add (body, "Size", "size", "before", "size");
  add_outputs (body, "go before");
  add_outputs (g, "y");
  ox_model_link (model, &error);
  g_assert_no_error (error);
  debugger = debugger_new (model, 1, &one);
  ox_debugger_set_budget (debugger, 1000);
  ox_debugger_move_async (debugger, OX_MOVE_OVER, NULL, NULL, moved, &seen);
  ox_debugger_interrupt (debugger);
  g_main_loop_run (loop);
  g_assert_cmpint (ox_debugger_get_stop (debugger)->reason, ==, OX_STOP_INTERRUPTED);
  g_assert_null (ox_debugger_get_stop (debugger)->error);
  g_cancellable_cancel (cancellable);
  ox_debugger_move (debugger, OX_MOVE_CONTINUE, NULL, cancellable, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ox_debugger_get_stop (debugger)->reason, ==, OX_STOP_INTERRUPTED);
}

static void
test_not_ready (void)
{
  g_autoptr (OxModel) model = nested_model ();
  g_autoptr (OxDebugger) debugger = ox_debugger_new (model);
  g_autoptr (GError) error = NULL;

  g_assert_false (ox_debugger_ready (debugger, NULL));
  g_assert_false (ox_debugger_move (debugger, OX_MOVE_IN, NULL, NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_assert_null (ox_debugger_get_stop (debugger));
  assert_slot (debugger, model->graph, "flags", "[0, 1, 0]");
  assert_slot (debugger, model->graph, "s", "nothing");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/debugger/walk", test_walk);
  g_test_add_func ("/debugger/walk-without-budget", test_walk_without_budget);
  g_test_add_func ("/debugger/over-and-out", test_over_and_out);
  g_test_add_func ("/debugger/targets", test_targets);
  g_test_add_func ("/debugger/states", test_states);
  g_test_add_func ("/debugger/failure", test_failure);
  g_test_add_func ("/debugger/budget", test_budget);
  g_test_add_func ("/debugger/async", test_async);
  g_test_add_func ("/debugger/interrupt", test_interrupt);
  g_test_add_func ("/debugger/not-ready", test_not_ready);
  return g_test_run ();
}
