/* SPDX-License-Identifier: Apache-2.0 */
#include "debug/ox-breakpoint.h"
#include "debug/ox-edit.h"
#include "debug/ox-watch.h"
#include "text-models.h"

/* What is looked up on a worker where the run stands. Expected values are worked out by hand. */

static OxValue *
input (void)
{
  return ox_value_new_tensor (list_of (OX_F64, 3, (double[]){ 1, 2, 3 }));
}

/* The squares of x where the other model has its doubles; both take the negative of it. */
static OxDebugger *
beside (gboolean again)
{
  g_autoptr (OxModel) mine = whole_model (17, "x -> z\nc = Mul(x, x)\nz = Neg(c)");
  g_autoptr (OxModel) theirs = whole_model (17, "x -> z\nc = Add(x, x)\nz = Neg(c)");
  g_autoptr (OxValue) x = input ();
  g_autoptr (GError) error = NULL;
  OxDebugger *debugger = ox_debugger_new (mine);
  OxSession *other = ox_session_new (theirs, NULL);
  g_autoptr (OxSession) study = NULL;
  OxReference *reference;

  ox_debugger_set_input (debugger, "x", x, &error);
  ox_session_set_input (other, "x", x, &error);
  study = ox_debugger_new_study (debugger);
  reference = ox_reference_new_model (other, study, NULL, &error);
  g_assert_no_error (error);
  if (again)
    ox_reference_run_again (reference);
  ox_debugger_set_reference (debugger, reference);
  ox_debugger_move (debugger, OX_MOVE_CONTINUE, NULL, NULL, &error);
  g_assert_no_error (error);
  return debugger;
}

static void
store_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (result);
}

static void
count_cb (OxDebugger *debugger, guint *count)
{
  (*count)++;
}

static void
stopped_cb (guint *count)
{
  (*count)++;
}

static OxValue *
ask (OxDebugger *debugger, const char *name, GCancellable *cancellable, GError **error)
{
  OxGraph *graph = ox_debugger_get_model (debugger)->graph;
  GAsyncResult *stored = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  ox_debugger_reference_value_async (debugger, graph, ox_graph_find (graph, name), cancellable, store_cb, &stored);
  g_assert_true (ox_debugger_is_running (debugger));
  result = wait_for (&stored);
  g_assert_false (ox_debugger_is_running (debugger));
  return ox_debugger_reference_value_finish (debugger, result, error);
}

static void
has (OxDebugger *debugger, const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OxValue) value = ask (debugger, name, NULL, &error);

  g_assert_no_error (error);
  assert_value (value, expected);
}

/* A model is asked for what it has passed, and for the same again. */
static void
test_any_order (void)
{
  g_autoptr (OxDebugger) debugger = beside (TRUE);
  guint running = 0, rested = 0, stopped = 0;

  g_signal_connect (debugger, "running", G_CALLBACK (count_cb), &running);
  g_signal_connect (debugger, "rested", G_CALLBACK (count_cb), &rested);
  g_signal_connect_swapped (debugger, "stopped", G_CALLBACK (stopped_cb), &stopped);
  has (debugger, "z", "[-2, -4, -6]");
  has (debugger, "c", "[2, 4, 6]");
  has (debugger, "c", "[2, 4, 6]");
  has (debugger, "z", "[-2, -4, -6]");
  g_assert_cmpuint (running, ==, 4);
  g_assert_cmpuint (rested, ==, 4);
  g_assert_cmpuint (stopped, ==, 0);
}

/* Without that each value is there once. */
static void
test_once (void)
{
  g_autoptr (OxDebugger) debugger = beside (FALSE);
  g_autoptr (GError) error = NULL;

  has (debugger, "c", "[2, 4, 6]");
  g_assert_null (ask (debugger, "c", NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
}

static void
test_cancelled (void)
{
  g_autoptr (OxDebugger) debugger = beside (TRUE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (ask (debugger, "c", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  has (debugger, "c", "[2, 4, 6]");
}

/* Nothing else runs meanwhile. */
static void
test_busy (void)
{
  g_autoptr (OxDebugger) debugger = beside (TRUE);
  OxGraph *graph = ox_debugger_get_model (debugger)->graph;
  GAsyncResult *first = NULL, *second = NULL;
  g_autoptr (GAsyncResult) one = NULL, two = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OxValue) value = NULL;

  ox_debugger_reference_value_async (debugger, graph, ox_graph_find (graph, "c"), NULL, store_cb, &first);
  g_assert_false (ox_debugger_move (debugger, OX_MOVE_BACK, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  ox_debugger_look_async (debugger, NULL, store_cb, &second);
  two = wait_for (&second);
  g_assert_false (ox_debugger_look_finish (debugger, two, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  one = wait_for (&first);
  value = ox_debugger_reference_value_finish (debugger, one, &error);
  assert_value (value, "[2, 4, 6]");
}

/* The sum of squares is 14. */
static void
test_watch (void)
{
  g_autoptr (OxDebugger) debugger = beside (TRUE);
  GAsyncResult *stored = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) watches = NULL;
  g_autoptr (GError) error = NULL;
  const OxWatch *watch;

  g_assert_cmpuint (ox_debugger_add_watch (debugger, "sum(c)", &error), ==, 1);
  ox_debugger_look_async (debugger, NULL, store_cb, &stored);
  g_assert_true (ox_debugger_is_running (debugger));
  result = wait_for (&stored);
  g_assert_true (ox_debugger_look_finish (debugger, result, &error));
  g_assert_no_error (error);
  watches = ox_debugger_dup_watches (debugger);
  watch = g_ptr_array_index (watches, 0);
  g_assert_nonnull (watch->value);
  g_assert_cmpfloat (ox_tensor_get (watch->value, 0), ==, 14);
  g_assert_cmpuint (watch->history->len, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lookup/any-order", test_any_order);
  g_test_add_func ("/lookup/once", test_once);
  g_test_add_func ("/lookup/cancelled", test_cancelled);
  g_test_add_func ("/lookup/busy", test_busy);
  g_test_add_func ("/lookup/watch", test_watch);
  return g_test_run ();
}
