/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-debugger.h"

#include "models.h"

static void
add_floats (OxGraph *graph, const char *name, int rank, const gint64 *dims, const double *values)
{
  add_constant (graph, name, tensor_of (OX_F32, rank, dims, values));
}

/* Noise that a function adds; every call has a frame, and so a seed, of its own. */
static void
add_its_function (OxModel *model)
{
  OxFunction *function = ox_function_new (model, "own", "Shake", "");
  OxOpset own = { g_strdup ("own"), 1 }, import = { g_strdup ("ai.onnx"), 17 };

  g_array_append_val (model->opsets, own);
  g_array_append_val (function->opsets, import);
  ox_graph_add_input (function->body, "a", NULL);
  add (function->body, "RandomNormalLike", "draw", "a", "noise");
  add (function->body, "Add", "shaken", "a noise", "b");
  add_outputs (function->body, "b");
}

static OxNode *
shake (OxGraph *graph, const char *name, const char *in, const char *out)
{
  OxNode *node = ox_graph_add_node (graph, "Shake", "own", name);

  ox_node_add_input (node, in);
  ox_node_add_output (node, out);
  return node;
}

/* Every operator that draws, and every one with a body. */
static OxModel *
random_model (void)
{
  const double flags[] = { 0, 1, 0, 1 }, half = 0.5, quarters[] = { 0.25, 0.5, 0.75, 0.9 };
  const gint64 four = 4, one_four[] = { 1, 4 }, three_four[] = { 3, 4 };
  const double rows[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
  OxModel *model = model_new (17);
  OxGraph *g = model->graph, *body, *branch;
  OxNode *loop, *pick, *scan, *map;
  g_autoptr (GError) error = NULL;

  add_its_function (model);
  ox_graph_add_input (g, "x", ox_type_new_tensor (OX_F32, 1, &four));
  add_constant (g, "trips", ox_tensor_new_scalar (OX_I64, 4));
  add_constant (g, "yes", ox_tensor_new_scalar (OX_BOOL, 1));
  add_constant (g, "flags", list_of (OX_BOOL, 4, flags));
  add_floats (g, "half", 0, NULL, &half);
  add_floats (g, "chances", 1, &four, quarters);
  add_floats (g, "odds", 2, one_four, quarters);
  add_floats (g, "rows", 2, three_four, rows);
  add (g, "Bernoulli", "coin", "chances", "coins");
  set_int (add (g, "Multinomial", "dice", "odds", "dice"), "sample_size", 7);
  add (g, "Dropout", "drop", "rows half yes", "dropped mask");
  shake (g, "first", "x", "shaken");
  loop = add (g, "Loop", "loop", "trips - shaken", "last all");
  body = add_body (loop, "body", "i go s");
  shake (body, "again", "s", "moved");
  add (body, "Gather", "flag", "flags i", "flag");
  pick = add (body, "If", "pick", "flag", "next");
  branch = add_body (pick, "then_branch", "");
  add (branch, "RandomUniformLike", "draw", "moved", "u");
  add (branch, "Mul", "times", "moved u", "t");
  add_outputs (branch, "t");
  branch = add_body (pick, "else_branch", "");
  add (branch, "Add", "plus", "moved moved", "e");
  add_outputs (branch, "e");
  add (body, "Identity", "keep", "go", "still");
  add_outputs (body, "still next moved");
  scan = add (g, "Scan", "scan", "last dropped", "sum parts");
  set_int (scan, "num_scan_inputs", 1);
  body = add_body (scan, "body", "so_far row");
  add (body, "Add", "step", "so_far row", "sum_out");
  add (body, "RandomNormalLike", "draw", "row", "part");
  add_outputs (body, "sum_out part");
  add (g, "SplitToSequence", "split", "parts", "pieces");
  map = add (g, "SequenceMap", "map", "pieces", "mapped");
  body = add_body (map, "body", "piece");
  add (body, "Dropout", "drop", "piece half yes", "thin");
  add_outputs (body, "thin");
  set_int (add (g, "ConcatFromSequence", "join", "mapped", "joined"), "axis", 0);
  /* 1/0 in the end, so that there is something bad to go back to. */
  add (g, "Sub", "none", "sum sum", "zero");
  add (g, "Div", "bad", "zero zero", "nan");
  add (g, "Add", "end", "nan sum", "y");
  add_outputs (g, "y joined coins dice all mask");
  ox_model_link (model, &error);
  g_assert_no_error (error);
  return model;
}

/* ---- what a straight run gives -------------------------------------------------------------------------------- */

static char *
key_of (const OxFrame *frame, int slot)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%d", frame->id, slot);
}

/* Type, shape and bits. */
static char *
bits_of (const OxValue *value)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *what = ox_value_describe (value);
  OxTensor *tensor = ox_value_get_tensor (value);

  for (guint i = 0; tensor == NULL && i < ox_value_n_items (value); i++)
    {
      g_autofree char *item = bits_of (ox_value_get_item (value, i));

      g_checksum_update (sum, (const guchar *) item, -1);
    }
  if (tensor != NULL)
    {
      gsize size = (gsize) tensor->count * ox_dtype_size (tensor->dtype);
      g_autofree guchar *bytes = g_malloc0 (size + 1);

      ox_tensor_copy_to (tensor, bytes);
      g_checksum_update (sum, bytes, (gssize) size);
    }
  return g_strdup_printf ("%s %s", what, g_checksum_get_string (sum));
}

static void
record (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  for (guint i = 0; i < node->output_names->len; i++)
    if (outputs[i] != NULL && node->outputs[i] >= 0)
      g_hash_table_insert (data, key_of (frame, node->outputs[i]), bits_of (outputs[i]));
}

static OxValue *
input_new (void)
{
  const double x[] = { 1, -2, 3, -4 };

  return ox_value_new_tensor (list_of (OX_F32, 4, x));
}

static GHashTable *
straight_run (OxModel *model, guint64 seed)
{
  OxSessionOptions options = { .seed = seed };
  g_autoptr (OxSession) session = ox_session_new (model, &options);
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (OxValue) x = input_new ();
  g_autoptr (GError) error = NULL;

  ox_session_set_input (session, "x", x, &error);
  g_assert_no_error (error);
  ox_session_set_tap (session, record, values);
  ox_session_run (session, NULL, &error);
  g_assert_no_error (error);
  return values;
}

static OxDebugger *
random_debugger (OxModel *model, gsize budget, guint64 seed)
{
  OxDebugger *debugger = ox_debugger_new (model);
  g_autoptr (OxValue) x = input_new ();
  g_autoptr (GError) error = NULL;

  ox_debugger_set_budget (debugger, budget);
  ox_debugger_set_seed (debugger, seed);
  ox_debugger_set_input (debugger, "x", x, &error);
  g_assert_no_error (error);
  return debugger;
}

/* ---- a walk --------------------------------------------------------------------------------------------------- */

static void
compare_value (const OxFrame *frame, int slot, const OxValue *value, GHashTable *expected, guint *compared)
{
  g_autofree char *key = key_of (frame, slot), *bits = NULL;

  if (value == NULL || ox_graph_slot (frame->graph, slot)->producer == NULL)
    return;
  bits = bits_of (value);
  g_assert_cmpstr (bits, ==, g_hash_table_lookup (expected, key));
  (*compared)++;
}

/* All that is at hand, and one that may have been dropped. */
static void
compare_all (OxDebugger *debugger, GRand *rand, GHashTable *expected, guint *compared)
{
  OxFrame *frame = NULL;
  g_autoptr (OxValue) value = NULL;
  g_autoptr (GError) error = NULL;
  int slot;

  for (guint level = 0; level == 0 || level < ox_debugger_get_depth (debugger); level++)
    {
      frame = ox_debugger_get_frame (debugger, level);
      for (guint s = 0; s < frame->graph->slots->len; s++)
        compare_value (frame, (int) s, frame->values[s], expected, compared);
    }
  slot = g_rand_int_range (rand, 0, (int) frame->graph->slots->len);
  value = ox_debugger_dup_value (debugger, frame->graph, slot, &error);
  g_assert_no_error (error);
  compare_value (frame, slot, value, expected, compared);
}

static OxGoal
random_goal (OxDebugger *debugger, GRand *rand, GPtrArray *graphs)
{
  OxGraph *graph = g_ptr_array_index (graphs, g_rand_int_range (rand, 0, (int) graphs->len));
  OxGoal goal = {
    .move = (OxMove) g_rand_int_range (rand, 0, OX_MOVE_BACK_TO_BREAK + 1),
    .target = ox_graph_node (graph, (guint) g_rand_int_range (rand, 0, (int) graph->nodes->len)),
    .time = (guint64) g_rand_int_range (rand, 0, 80), .iteration = g_rand_int_range (rand, 0, 4),
    .graph = graph, .slot = g_rand_int_range (rand, 0, (int) graph->slots->len),
    .bad = (guint) g_rand_int_range (rand, 1, 4),
  };

  return goal;
}

static void
collect_graph (OxGraph *graph, gpointer graphs)
{
  g_ptr_array_add (graphs, graph);
}

static void
walk (gsize budget, guint32 seed, int moves)
{
  g_autoptr (OxModel) model = random_model ();
  g_autoptr (GHashTable) expected = straight_run (model, seed);
  g_autoptr (OxDebugger) debugger = random_debugger (model, budget, seed);
  g_autoptr (GPtrArray) graphs = g_ptr_array_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  guint compared = 0, refused = 0;

  ox_graph_foreach (model->graph, collect_graph, graphs);
  ox_graph_foreach (((OxFunction *) g_ptr_array_index (model->functions, 0))->body, collect_graph, graphs);
  for (int i = 0; i < moves; i++)
    {
      OxGoal goal = random_goal (debugger, rand, graphs);
      g_autoptr (GError) error = NULL;

      if (g_rand_int_range (rand, 0, 4) == 0)
        ox_debugger_set_breakpoint (debugger, goal.target, !ox_debugger_has_breakpoint (debugger, goal.target));
      if (!ox_debugger_go (debugger, &goal, NULL, &error))
        {
          g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
          refused++;
          continue;
        }
      g_assert_no_error (ox_debugger_get_stop (debugger)->error);
      compare_all (debugger, rand, expected, &compared);
    }
  g_assert_cmpuint (compared, >, (guint) moves);
  g_assert_cmpuint (refused, <, (guint) moves / 2);
}

static void
test_walk (gconstpointer budget)
{
  for (guint32 seed = 1; seed <= 4; seed++)
    walk (GPOINTER_TO_SIZE (budget), seed, 150);
}

/* ---- each of them --------------------------------------------------------------------------------------------- */

static char *
place_text (OxDebugger *debugger)
{
  static const char *const reasons[] = { "step", "target", "breakpoint", "start", "end", "failed", "interrupted", "nowhere" };
  const OxStop *stop = ox_debugger_get_stop (debugger);
  g_autofree char *label = stop->frame != NULL ? ox_frame_label (stop->frame) : NULL;

  if (stop->node == NULL)
    return g_strdup (reasons[stop->reason]);
  return g_strdup_printf ("%s: %s in %s", reasons[stop->reason], stop->node->name, label);
}

static void
go (OxDebugger *debugger, const OxGoal *goal, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (!ox_debugger_go (debugger, goal, NULL, &error))
    {
      g_assert_cmpstr (error->message, ==, expected);
      return;
    }
  text = place_text (debugger);
  g_assert_cmpstr (text, ==, expected);
}

static void
move (OxDebugger *debugger, OxMove how, const char *expected)
{
  go (debugger, &(OxGoal){ .move = how, .bad = OX_BAD_NAN | OX_BAD_INF }, expected);
}

static void
to_time (OxDebugger *debugger, guint64 time, const char *expected)
{
  go (debugger, &(OxGoal){ .move = OX_MOVE_TO_TIME, .time = time }, expected);
}

static void
to_iteration (OxDebugger *debugger, gint64 iteration, const char *expected)
{
  go (debugger, &(OxGoal){ .move = OX_MOVE_TO_ITERATION, .iteration = iteration }, expected);
}

static void
to_write (OxDebugger *debugger, OxGraph *graph, const char *name, const char *expected)
{
  go (debugger, &(OxGoal){ .move = OX_MOVE_BACK_TO_WRITE, .graph = graph, .slot = ox_graph_find (graph, name) }, expected);
}

static OxDebugger *
nested_debugger (gsize budget)
{
  const double seven = 7;
  g_autoptr (OxModel) model = nested_model ();
  OxDebugger *debugger = ox_debugger_new (model);
  g_autoptr (OxValue) value = ox_value_new_tensor (list_of (OX_I64, 1, &seven));
  g_autoptr (GError) error = NULL;

  ox_debugger_set_budget (debugger, budget);
  ox_debugger_set_input (debugger, "x", value, &error);
  g_assert_no_error (error);
  return debugger;
}

static OxGraph *
body_of (OxGraph *graph, guint node, const char *attribute)
{
  return g_ptr_array_index (ox_node_attribute (ox_graph_node (graph, node), attribute)->graphs, 0);
}

/* An iteration is seven turns: in, flag, into the If, one node, out of it, size, out. */
static void
test_goto (gconstpointer budget)
{
  g_autoptr (OxDebugger) debugger = nested_debugger (GPOINTER_TO_SIZE (budget));
  OxTrace *trace = ox_debugger_get_trace (debugger);

  to_time (debugger, 9, "target: pick in Loop 'loop' iteration 1");
  g_assert_cmpuint (ox_debugger_get_stop (debugger)->time, ==, 9);
  /* Behind the last node of a body: the next iteration's first. */
  to_time (debugger, 6, "target: flag in Loop 'loop' iteration 1");
  g_assert_cmpuint (ox_debugger_get_stop (debugger)->time, ==, 8);
  to_time (debugger, 7, "target: flag in Loop 'loop' iteration 1");
  to_time (debugger, 3, "target: more in If else_branch");
  g_assert_cmpuint (ox_trace_length (trace), ==, 3);
  g_assert_cmpuint (ox_trace_reach (trace), ==, 9);
  g_assert_cmpuint (ox_trace_get (trace, 8)->time, ==, 8);
  to_time (debugger, 0, "start: loop in main");
  to_time (debugger, 1000, "end");
  g_assert_cmpuint (ox_trace_reach (trace), ==, 23);
  to_time (debugger, 21, "target: join in main");
  to_time (debugger, 23, "end");
  ox_debugger_restart (debugger);
  g_assert_cmpuint (ox_trace_reach (trace), ==, 0);
}

static void
test_iteration (gconstpointer budget)
{
  g_autoptr (OxDebugger) debugger = nested_debugger (GPOINTER_TO_SIZE (budget));
  OxGraph *body = body_of (ox_debugger_get_model (debugger)->graph, 0, "body");

  to_iteration (debugger, 1, "expected to be in the body of a Loop or Scan; step goes into one");
  to_time (debugger, 3, "target: more in If else_branch");
  to_iteration (debugger, 2, "target: flag in Loop 'loop' iteration 2");
  to_iteration (debugger, 0, "target: flag in Loop 'loop' iteration 0");
  to_iteration (debugger, 0, "target: flag in Loop 'loop' iteration 0");
  to_iteration (debugger, 1, "target: flag in Loop 'loop' iteration 1");
  to_iteration (debugger, 3, "expected an iteration of 0 to 2, found 3");
  to_iteration (debugger, -1, "expected an iteration of 0 to 2, found -1");
  to_iteration (debugger, 0, "target: flag in Loop 'loop' iteration 0");
  ox_debugger_set_breakpoint (debugger, ox_graph_node (body_of (body, 1, "then_branch"), 0), TRUE);
  to_iteration (debugger, 2, "breakpoint: twice in If then_branch");
  to_iteration (debugger, 2, "target: flag in Loop 'loop' iteration 2");
}

static void
test_write (gconstpointer budget)
{
  g_autoptr (OxDebugger) debugger = nested_debugger (GPOINTER_TO_SIZE (budget));
  OxGraph *graph = ox_debugger_get_model (debugger)->graph, *body = body_of (graph, 0, "body");

  to_write (debugger, graph, "s", "'s' has not been written so far");
  move (debugger, OX_MOVE_CONTINUE, "end");
  to_write (debugger, graph, "x", "'x' is an input; no node writes it");
  to_write (debugger, graph, "ten", "there is no such value");
  to_write (debugger, graph, "one", "'one' is a constant; no node writes it");
  to_write (debugger, body, "size", "target: size in Loop 'loop' iteration 2");
  to_write (debugger, body, "size", "target: size in Loop 'loop' iteration 1");
  /* What is carried into iteration 1 is what the If of iteration 0 gave; into iteration 0, what the Loop was given. */
  to_write (debugger, body, "before", "target: pick in Loop 'loop' iteration 0");
  to_write (debugger, body, "before", "start: loop in main");
  move (debugger, OX_MOVE_CONTINUE, "end");
  to_write (debugger, graph, "y", "target: join in main");
  to_write (debugger, graph, "s", "start: loop in main");
}

static void
test_bad (gconstpointer budget)
{
  g_autoptr (OxModel) model = random_model ();
  g_autoptr (OxDebugger) debugger = random_debugger (model, GPOINTER_TO_SIZE (budget), 1);
  OxTrace *trace = ox_debugger_get_trace (debugger);

  move (debugger, OX_MOVE_CONTINUE, "end");
  move (debugger, OX_MOVE_BACK_TO_BAD, "target: end in main");
  move (debugger, OX_MOVE_BACK_TO_BAD, "target: bad in main");
  g_assert_cmpint (ox_trace_get (trace, ox_trace_length (trace))->bad, ==, OX_BAD_NAN | OX_BAD_LOOKED);
  move (debugger, OX_MOVE_BACK_TO_BAD, "nowhere: bad in main");
  go (debugger, &(OxGoal){ .move = OX_MOVE_BACK_TO_BAD, .bad = OX_BAD_INF }, "nowhere: bad in main");
}

static void
test_break (gconstpointer budget)
{
  g_autoptr (OxDebugger) debugger = nested_debugger (GPOINTER_TO_SIZE (budget));
  OxGraph *graph = ox_debugger_get_model (debugger)->graph, *body = body_of (graph, 0, "body");

  move (debugger, OX_MOVE_CONTINUE, "end");
  ox_debugger_set_breakpoint (debugger, ox_graph_node (body, 2), TRUE);
  ox_debugger_set_breakpoint (debugger, ox_graph_node (body_of (body, 1, "then_branch"), 0), TRUE);
  move (debugger, OX_MOVE_BACK_TO_BREAK, "breakpoint: size in Loop 'loop' iteration 2");
  move (debugger, OX_MOVE_BACK_TO_BREAK, "breakpoint: size in Loop 'loop' iteration 1");
  move (debugger, OX_MOVE_BACK_TO_BREAK, "breakpoint: twice in If then_branch");
  move (debugger, OX_MOVE_BACK_TO_BREAK, "breakpoint: size in Loop 'loop' iteration 0");
  move (debugger, OX_MOVE_BACK_TO_BREAK, "start: loop in main");
  move (debugger, OX_MOVE_BACK_TO_BREAK, "start: loop in main");
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; gsize bytes; } budgets[] = { { "none", 0 }, { "small", 2000 }, { "all", G_MAXSIZE } };
  static const struct { const char *name; GTestDataFunc run; } tests[] = {
    { "walk", test_walk }, { "goto", test_goto }, { "iteration", test_iteration },
    { "write", test_write }, { "bad", test_bad }, { "break", test_break },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    for (guint b = 0; b < G_N_ELEMENTS (budgets); b++)
      {
        g_autofree char *path = g_strdup_printf ("/time/%s/%s", tests[i].name, budgets[b].name);

        g_test_add_data_func (path, GSIZE_TO_POINTER (budgets[b].bytes), tests[i].run);
      }
  return g_test_run ();
}
