/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-session.h"

#include <string.h>

#include "models.h"
#include "session/ox-feeds.h"

static void
link_model (OxModel *model)
{
  g_autoptr (GError) error = NULL;

  ox_model_link (model, &error);
  g_assert_no_error (error);
}

static void
run_good (OxSession *session)
{
  g_autoptr (GError) error = NULL;

  ox_session_run (session, NULL, &error);
  g_assert_no_error (error);
}

static void
run_fails (OxSession *session, OxError code, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (ox_session_run (session, NULL, &error));
  g_assert_error (error, OX_ERROR, (int) code);
  if (strstr (error->message, words) == NULL)
    g_error ("expected '%s' in '%s'", words, error->message);
}

/* The order of turns, and where they happen. */
static void
test_turns (void)
{
  static const char *const expected[] = {
    "entered Loop 'loop' iteration 0", "flag in Loop 'loop' iteration 0", "entered If else_branch", "more in If else_branch",
    "left If else_branch", "size in Loop 'loop' iteration 0", "left Loop 'loop' iteration 0",
    "entered Loop 'loop' iteration 1", "flag in Loop 'loop' iteration 1", "entered If then_branch", "twice in If then_branch",
    "left If then_branch", "size in Loop 'loop' iteration 1", "left Loop 'loop' iteration 1",
    "entered Loop 'loop' iteration 2", "flag in Loop 'loop' iteration 2", "entered If else_branch", "more in If else_branch",
    "left If else_branch", "size in Loop 'loop' iteration 2", "left Loop 'loop' iteration 2", "join in main", "ended main",
  };
  g_autoptr (OxModel) model = nested_model ();
  const OxSessionOptions options = { .keep_all = TRUE };
  g_autoptr (OxSession) session = ox_session_new (model, &options);
  const double seven = 7;
  OxTurn turn;

  give_list (session, "x", 1, &seven);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (GError) error = NULL;
      OxTurnKind kind = ox_session_turn (session, &turn, NULL, &error);
      g_autofree char *label = ox_frame_label (turn.frame);
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      text = kind == OX_TURN_NODE      ? g_strdup_printf ("%s in %s", turn.node->name, label)
             : kind == OX_TURN_ENTERED ? g_strdup_printf ("entered %s", label)
             : kind == OX_TURN_LEFT    ? g_strdup_printf ("left %s", label)
                                       : g_strdup_printf ("ended %s", label);
      g_assert_cmpstr (text, ==, expected[i]);
      g_assert_cmpuint (ox_session_turns (session), ==, i + 1);
    }
  g_assert_cmpuint (ox_session_depth (session), ==, 0);
  assert_value (ox_session_output (session, 0), "[7, 1, 7, 1, 1, 2, 4, 5]");
  g_assert_cmpint (ox_session_turn (session, NULL, NULL, NULL), ==, OX_TURN_ENDED);
  g_assert_cmpuint (ox_session_turns (session), ==, G_N_ELEMENTS (expected));
}

/* Without keep_all the result is the same, and what nobody will read is gone. */
static void
test_frees (void)
{
  g_autoptr (OxModel) model = nested_model ();
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  OxFrame *main_frame = ox_session_frame (session, 0);
  const double seven = 7;

  give_list (session, "x", 1, &seven);
  run_good (session);
  assert_value (ox_session_output (session, 0), "[7, 1, 7, 1, 1, 2, 4, 5]");
  g_assert_null (main_frame->values[ox_graph_find (model->graph, "s")]);
  g_assert_null (main_frame->values[ox_graph_find (model->graph, "n")]);
  /* Again from the start, twice. */
  ox_session_restart (session);
  g_assert_null (ox_session_output (session, 0));
  run_good (session);
  assert_value (ox_session_output (session, 0), "[7, 1, 7, 1, 1, 2, 4, 5]");
}

/* All turns back to the start and forwards again. */
static void
test_undo (void)
{
  g_autoptr (OxModel) model = nested_model ();
  const OxSessionOptions options = { .keep_all = TRUE };
  g_autoptr (OxSession) session = ox_session_new (model, &options);
  const double seven = 7;

  give_list (session, "x", 1, &seven);
  for (guint64 turns = 1; turns <= 23; turns++)
    {
      while (ox_session_turns (session) < turns)
        g_assert_cmpint (ox_session_turn (session, NULL, NULL, NULL), !=, OX_TURN_FAILED);
      while (ox_session_turns (session) > 0)
        g_assert_true (ox_session_undo (session));
      g_assert_false (ox_session_undo (session));
      g_assert_cmpuint (ox_session_depth (session), ==, 1);
      g_assert_cmpuint (ox_session_top (session)->pc, ==, 0);
      g_assert_null (ox_session_output (session, 0));
    }
  run_good (session);
  assert_value (ox_session_output (session, 0), "[7, 1, 7, 1, 1, 2, 4, 5]");
  /* One back, one forwards, all the way. */
  while (ox_session_turns (session) > 1)
    {
      guint64 id = ox_session_depth (session) > 0 ? ox_session_top (session)->id : 0;

      g_assert_true (ox_session_undo (session));
      g_assert_cmpint (ox_session_turn (session, NULL, NULL, NULL), !=, OX_TURN_FAILED);
      g_assert_cmpuint (ox_session_depth (session) > 0 ? ox_session_top (session)->id : 0, ==, id);
      g_assert_true (ox_session_undo (session));
    }
}

/* Only the last turns can be taken back once the way was forgotten. */
static void
test_forget (void)
{
  g_autoptr (OxModel) model = nested_model ();
  const OxSessionOptions options = { .keep_all = TRUE };
  g_autoptr (OxSession) session = ox_session_new (model, &options);
  const double seven = 7;

  give_list (session, "x", 1, &seven);
  run_good (session);
  ox_session_forget (session, 3);
  g_assert_cmpuint (ox_session_undoable (session), ==, 3);
  for (int i = 0; i < 3; i++)
    g_assert_true (ox_session_undo (session));
  g_assert_false (ox_session_undo (session));
  g_assert_cmpuint (ox_session_turns (session), ==, 20);
  run_good (session);
  assert_value (ox_session_output (session, 0), "[7, 1, 7, 1, 1, 2, 4, 5]");
}

static void
test_failure (void)
{
  g_autoptr (OxModel) model = failing_model ();
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  const double few[] = { 1, 2, 3 }, enough[] = { 0, 1, 2, 3, 4, 5 };

  run_fails (session, OX_ERROR_VALUE, "input 'x'");
  give_list (session, "x", 3, few);
  for (int i = 0; i < 2; i++)
    {
      OxTurn turn;
      g_autoptr (GError) error = NULL;

      run_fails (session, OX_ERROR_VALUE, "main: node 'read' (Gather)");
      g_assert_cmpint (ox_session_turn (session, &turn, NULL, &error), ==, OX_TURN_FAILED);
      g_assert_nonnull (error);
      /* Everything stays where it was: the node is next, its inputs are there. */
      g_assert_cmpstr (turn.node->name, ==, "read");
      g_assert_true (ox_session_next_node (session) == turn.node);
      g_assert_cmpuint (ox_session_turns (session), ==, 1);
      assert_value (ox_frame_value (turn.frame, turn.node->inputs[0]), "[1, 2, 3, 1, 2, 3]");
    }
  give_list (session, "x", 6, enough);
  ox_session_restart (session);
  run_good (session);
  assert_value (ox_session_output (session, 0), "[][4]");
}

/* Inputs are checked against what the model declares. */
static void
test_inputs (void)
{
  g_autoptr (OxModel) model = nested_model ();
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  g_autoptr (OxValue) wrong = ox_value_new_tensor (ox_tensor_new_scalar (OX_F32, 1));
  g_autoptr (GError) error = NULL;

  g_assert_false (ox_session_set_input (session, "nobody", wrong, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (ox_session_set_input (session, "x", wrong, &error));
  g_assert_nonnull (strstr (error->message, "input 'x'"));
  g_clear_error (&error);
  g_assert_false (ox_session_set_input (session, "one", wrong, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (ox_session_ready (session, &error));
  g_assert_nonnull (strstr (error->message, "'x'"));
}

static void
test_unsupported (void)
{
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxSession) session = NULL;
  const double seven = 7;

  ox_graph_add_input (model->graph, "x", NULL);
  ox_graph_add_node (model->graph, "NoSuchThing", "com.example", "odd");
  ox_node_add_input (ox_graph_node (model->graph, 0), "x");
  ox_node_add_output (ox_graph_node (model->graph, 0), "y");
  add_outputs (model->graph, "y");
  link_model (model);
  session = ox_session_new (model, NULL);
  give_list (session, "x", 1, &seven);
  run_fails (session, OX_ERROR_UNSUPPORTED, "com.example.NoSuchThing");
  run_fails (session, OX_ERROR_UNSUPPORTED, "main: node 'odd'");
}

static OxModel *
loop_model (const char *inputs, double trips, gboolean first, gboolean with_scan)
{
  OxModel *model = model_new (17);
  OxGraph *g = model->graph, *body;
  const double flags[] = { 1, 1, 0, 1, 1 };
  const gint64 any = -1;

  ox_graph_add_input (g, "x", ox_type_new_tensor (OX_I64, 1, &any));
  add_constant (g, "trips", ox_tensor_new_scalar (OX_I64, trips));
  add_constant (g, "first", ox_tensor_new_scalar (OX_BOOL, first));
  add_constant (g, "flags", list_of (OX_BOOL, 5, flags));
  body = add_body (add (g, "Loop", "loop", inputs, with_scan ? "s all" : "s"), "body", "i go before");
  add (body, "Gather", "flag", "flags i", "again");
  set_int (add (body, "Concat", "grow", "before x", "after"), "axis", 0);
  add_outputs (body, "again after");
  if (with_scan)
    ox_graph_add_output (body, "x", ox_type_new_tensor (OX_I64, 1, &any));
  add_outputs (g, with_scan ? "s all" : "s");
  link_model (model);
  return model;
}

static void
check_loop (const char *inputs, double trips, gboolean first, const char *state, const char *scan)
{
  g_autoptr (OxModel) model = loop_model (inputs, trips, first, scan != NULL);
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  const double two[] = { 2, 3 };

  give_list (session, "x", 2, two);
  run_good (session);
  assert_value (ox_session_output (session, 0), state);
  if (scan != NULL)
    assert_value (ox_session_output (session, 1), scan);
}

static void
test_loop (void)
{
  check_loop ("trips first x", 2, TRUE, "[2, 3, 2, 3, 2, 3]", "2x2[2, 3, 2, 3]");
  check_loop ("trips - x", 1, FALSE, "[2, 3, 2, 3]", "1x2[2, 3]");
  check_loop ("- first x", 0, TRUE, "[2, 3, 2, 3, 2, 3, 2, 3]", NULL);   /* three trips: the third says stop */
  check_loop ("- - x", 0, TRUE, "[2, 3, 2, 3, 2, 3, 2, 3]", NULL);
  check_loop ("trips first x", 9, TRUE, "[2, 3, 2, 3, 2, 3, 2, 3]", NULL);
  check_loop ("trips first x", 9, FALSE, "[2, 3]", "0x0[]");
  check_loop ("trips first x", 0, TRUE, "[2, 3]", NULL);
  check_loop ("trips first x", -4, TRUE, "[2, 3]", NULL);
}

/* The reader of a Loop's iteration count is not the only way to end it. */
static void
test_cancel (void)
{
  g_autoptr (OxModel) model = nested_model ();
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  const double seven = 7;

  give_list (session, "x", 1, &seven);
  ox_session_turn (session, NULL, cancellable, &error);
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
  g_assert_false (ox_session_run (session, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (ox_session_turns (session), ==, 1);
  run_good (session);
  assert_value (ox_session_output (session, 0), "[7, 1, 7, 1, 1, 2, 4, 5]");
}

/* A Scan over the second axis, backwards, that stacks along the second axis, backwards too. */
static void
test_scan (void)
{
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxSession) session = NULL;
  OxGraph *g = model->graph, *body;
  const double values[] = { 1, 2, 3, 4, 5, 6 }, zero = 0;
  const gint64 dims[] = { 2, 3 }, one = 1;
  OxNode *scan;

  ox_graph_add_input (g, "x", NULL);
  add_constant (g, "m", tensor_of (OX_I64, 2, dims, values));
  scan = add (g, "Scan", "scan", "x m", "s columns plain");
  set_int (scan, "num_scan_inputs", 1);
  set_ints (scan, "scan_input_axes", 1, &one);
  set_ints (scan, "scan_input_directions", 1, &one);
  set_ints (scan, "scan_output_axes", 1, (const gint64[]) { -1 });
  set_ints (scan, "scan_output_directions", 1, &one);
  body = add_body (scan, "body", "before column");
  set_int (add (body, "Concat", "grow", "before column", "after"), "axis", 0);
  add_outputs (body, "after column column");
  add_outputs (g, "s columns plain");
  link_model (model);
  session = ox_session_new (model, NULL);
  give_list (session, "x", 1, &zero);
  run_good (session);
  assert_value (ox_session_output (session, 0), "[0, 3, 6, 2, 5, 1, 4]");
  assert_value (ox_session_output (session, 1), "2x3[1, 2, 3, 4, 5, 6]");
  assert_value (ox_session_output (session, 2), "3x2[3, 6, 2, 5, 1, 4]");
}

static void
test_sequence_map (void)
{
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxSession) session = NULL;
  OxGraph *g = model->graph, *body;
  const double values[] = { 4, 5 };

  ox_graph_add_input (g, "x", NULL);
  set_int (add (g, "Concat", "twice", "x x", "xx"), "axis", 0);
  add (g, "SequenceConstruct", "pack", "x xx x", "list");
  body = add_body (add (g, "SequenceMap", "map", "list x", "sizes joined"), "body", "part all");
  add (body, "Size", "size", "part", "size");
  set_int (add (body, "Concat", "join", "part all", "joint"), "axis", 0);
  add_outputs (body, "size joint");
  set_int (add (g, "ConcatFromSequence", "unpack", "joined", "y"), "axis", 0);
  add_outputs (g, "sizes y");
  link_model (model);
  session = ox_session_new (model, NULL);
  give_list (session, "x", 2, values);
  run_good (session);
  g_assert_cmpuint (ox_value_n_items (ox_session_output (session, 0)), ==, 3);
  assert_value (ox_value_get_item (ox_session_output (session, 0), 1), "[][4]");
  assert_value (ox_session_output (session, 1), "[4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5]");
}

/* ---- functions ------------------------------------------------------------------------------------------------ */

/* Outer (a, b) { Inner (a, b) with axis from the call }, and Inner's axis has a default; the attribute of the call reaches
 * an operator two functions further in. An input that is left out stays left out. */
static void
test_functions (void)
{
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxSession) session = NULL;
  OxFunction *outer = add_function (model, "Outer", "a b"), *inner = add_function (model, "Inner", "p q");
  OxAttribute *preset = ox_attribute_new ("way", OX_ATTR_INT);
  const double values[] = { 1, 2, 3, 4 };
  const gint64 dims[] = { 2, 2 };
  OxGraph *g = model->graph;

  preset->i = 0;
  g_ptr_array_add (inner->attribute_defaults, preset);
  refer (add (inner->body, "Concat", "", "p q", "r"), "axis", OX_ATTR_INT, "way");
  add_outputs (inner->body, "r");
  g_ptr_array_add (outer->attributes, g_strdup ("axis"));
  refer (call_function (outer->body, "Inner", "a b", "c"), "way", OX_ATTR_INT, "axis");
  call_function (outer->body, "Inner", "c c", "d");
  add_outputs (outer->body, "c d");
  add_constant (g, "m", tensor_of (OX_I64, 2, dims, values));
  set_int (call_function (g, "Outer", "m m", "y z"), "axis", 1);
  add_outputs (g, "y z");
  link_model (model);
  session = ox_session_new (model, NULL);
  run_good (session);
  assert_value (ox_session_output (session, 0), "2x4[1, 2, 1, 2, 3, 4, 3, 4]");
  assert_value (ox_session_output (session, 1), "4x4[1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4]");
}

/* A function that is given the branches of its If: they see the values around the call, and an attribute in them is one of
 * the function around the call. */
static void
test_graph_attributes (void)
{
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxSession) session = NULL;
  OxFunction *choose = add_function (model, "Choose", "c"), *around = add_function (model, "Around", "c p");
  OxGraph *g = model->graph, *branch;
  OxNode *pick, *call;
  const double values[] = { 1, 2, 3, 4 };
  const gint64 dims[] = { 2, 2 };

  g_ptr_array_add (choose->attributes, g_strdup ("yes"));
  g_ptr_array_add (choose->attributes, g_strdup ("no"));
  g_ptr_array_add (choose->attributes, g_strdup ("axis"));
  add_constant (choose->body, "unlike", ox_tensor_new_scalar (OX_I64, 5));
  pick = add (choose->body, "If", "pick", "c", "r");
  refer (pick, "then_branch", OX_ATTR_GRAPH, "yes");
  refer (pick, "else_branch", OX_ATTR_GRAPH, "no");
  add_outputs (choose->body, "r");

  g_ptr_array_add (around->attributes, g_strdup ("axis"));
  add (around->body, "Size", "", "p", "before");
  call = call_function (around->body, "Choose", "c", "q");
  set_int (call, "axis", 0);
  branch = add_body (call, "yes", "");
  refer (add (branch, "Concat", "", "p p", "pp"), "axis", OX_ATTR_INT, "axis");
  add_outputs (branch, "pp");
  branch = add_body (call, "no", "");
  add (branch, "Size", "", "p", "n");
  add_outputs (branch, "n");
  add_outputs (around->body, "q");

  add_constant (g, "m", tensor_of (OX_I64, 2, dims, values));
  add_constant (g, "true", ox_tensor_new_scalar (OX_BOOL, 1));
  add_constant (g, "false", ox_tensor_new_scalar (OX_BOOL, 0));
  set_int (call_function (g, "Around", "true m", "y"), "axis", 1);
  set_int (call_function (g, "Around", "false m", "z"), "axis", 1);
  add_outputs (g, "y z");
  link_model (model);
  session = ox_session_new (model, NULL);
  run_good (session);
  assert_value (ox_session_output (session, 0), "2x4[1, 2, 1, 2, 3, 4, 3, 4]");
  assert_value (ox_session_output (session, 1), "[][4]");
}

/* What a kernel keeps for a node is not kept over calls with other attributes. */
static void
test_kernel_state (void)
{
  g_autoptr (OxModel) model = model_new (20);
  g_autoptr (OxSession) session = NULL;
  OxFunction *match = add_function (model, "Match", "t");
  const char *const words[] = { "abc", "123" };
  OxGraph *g = model->graph;

  g_array_index (match->opsets, OxOpset, 0).version = 20;
  g_ptr_array_add (match->attributes, g_strdup ("p"));
  refer (add (match->body, "RegexFullMatch", "", "t", "r"), "pattern", OX_ATTR_STRING, "p");
  add_outputs (match->body, "r");
  add_constant (g, "words", ox_tensor_new_strings (words, 2));
  ox_node_add_attribute (call_function (g, "Match", "words", "letters"), "p", OX_ATTR_STRING)->s
    = g_bytes_new_static ("[a-z]+", 6);
  ox_node_add_attribute (call_function (g, "Match", "words", "digits"), "p", OX_ATTR_STRING)->s
    = g_bytes_new_static ("[0-9]+", 6);
  add_outputs (g, "letters digits");
  link_model (model);
  session = ox_session_new (model, NULL);
  run_good (session);
  assert_value (ox_session_output (session, 0), "[1, 0]");
  assert_value (ox_session_output (session, 1), "[0, 1]");
}

/* A function that calls itself ends with an error, not with the memory. */
static void
test_recursion (void)
{
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (OxSession) session = NULL;
  g_autoptr (GError) error = NULL;
  OxFunction *again = add_function (model, "Again", "a");
  const double one = 1;

  call_function (again->body, "Again", "a", "b");
  add_outputs (again->body, "b");
  ox_graph_add_input (model->graph, "x", NULL);
  call_function (model->graph, "Again", "x", "y");
  add_outputs (model->graph, "y");
  if (!ox_model_link (model, &error))
    {
      g_assert_error (error, OX_ERROR, OX_ERROR_MODEL);
      return;
    }
  session = ox_session_new (model, NULL);
  give_list (session, "x", 1, &one);
  run_fails (session, OX_ERROR_MODEL, "call itself");
}

/* ---- made-up inputs ------------------------------------------------------------------------------------------- */

static void
test_feeds (void)
{
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (GHashTable) symbols = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (GError) error = NULL;
  const gint64 shape[] = { 2, 2 }, negative[] = { -2, 2 }, seven = 7;
  OxType *type = ox_type_new_tensor (OX_F32, 2, (const gint64[]) { -1, 3 });
  OxSlot *slot;

  ox_type_set_dim (type, 0, -1, "batch");
  slot = ox_graph_add_input (model->graph, "x", type);
  {
    g_autoptr (OxValue) a = ox_feed_make (slot, OX_FILL_RANDOM, 5, NULL, 0, NULL, &error);
    g_autoptr (OxValue) b = ox_feed_make (slot, OX_FILL_RANDOM, 5, NULL, 0, NULL, &error);
    g_autoptr (OxValue) c = ox_feed_make (slot, OX_FILL_RANDOM, 6, NULL, 0, NULL, &error);
    g_autofree char *shape_a = NULL, *text_a = value_text (a), *text_b = value_text (b), *text_c = value_text (c);

    g_assert_no_error (error);
    shape_a = ox_tensor_shape_string (a->tensor);
    g_assert_cmpstr (shape_a, ==, "1x3");
    g_assert_cmpstr (text_a, ==, text_b);
    g_assert_cmpstr (text_a, !=, text_c);
    for (gint64 i = 0; i < 3; i++)
      g_assert_true (ox_tensor_get (a->tensor, i) >= 0 && ox_tensor_get (a->tensor, i) <= 1);
  }
  g_hash_table_insert (symbols, (gpointer) "batch", g_memdup2 (&seven, sizeof seven));
  {
    g_autoptr (OxValue) zeros = ox_feed_make (slot, OX_FILL_ZEROS, 0, symbols, 0, NULL, &error);
    g_autoptr (OxValue) ones = ox_feed_make (slot, OX_FILL_ONES, 0, symbols, 2, shape, &error);

    g_assert_no_error (error);
    g_assert_cmpint (zeros->tensor->dims[0], ==, 7);
    g_assert_cmpfloat (ox_tensor_get (zeros->tensor, 20), ==, 0);
    assert_value (ones, "2x2[1, 1, 1, 1]");
  }
  g_assert_null (ox_feed_make (slot, OX_FILL_ONES, 0, NULL, 2, negative, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/turns", test_turns);
  g_test_add_func ("/session/frees", test_frees);
  g_test_add_func ("/session/undo", test_undo);
  g_test_add_func ("/session/forget", test_forget);
  g_test_add_func ("/session/failure", test_failure);
  g_test_add_func ("/session/inputs", test_inputs);
  g_test_add_func ("/session/unsupported", test_unsupported);
  g_test_add_func ("/session/cancel", test_cancel);
  g_test_add_func ("/session/loop", test_loop);
  g_test_add_func ("/session/scan", test_scan);
  g_test_add_func ("/session/sequence-map", test_sequence_map);
  g_test_add_func ("/session/functions", test_functions);
  g_test_add_func ("/session/graph-attributes", test_graph_attributes);
  g_test_add_func ("/session/kernel-state", test_kernel_state);
  g_test_add_func ("/session/recursion", test_recursion);
  g_test_add_func ("/session/feeds", test_feeds);
  return g_test_run ();
}
