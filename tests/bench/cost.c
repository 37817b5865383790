/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "core/ox-parallel.h"
#include "debug/ox-breakpoint.h"
#include "debug/ox-comparison.h"
#include "proto/ox-data-set.h"
#include "session/ox-feeds.h"

/* What stopping and comparing add to the run of a model: cost [-t SECONDS] MODEL.onnx... With test_data_set_0 beside it,
 * else with made-up inputs. Every kind of run is held against the plain run next to it, in turns, by the processor time
 * that all threads took; printed is the middle one of the shares. What must be smaller than 1 % drowns when others use the
 * machine, so the error of that middle is printed with it. */

#define LEAST 15
#define MOST 401

typedef struct
{
  OxModel    *model;
  OxSession  *session;        /* fed, at its start */
  GHashTable *same, *other;   /* name -> OxValue: of a run; as another runtime would make them */
  OxDebugger *debugger;
  OxBreakpoint breakpoint;    /* that run_marked() has */
  double      seconds;        /* for one line of the table */
} Subject;

typedef double (*Run) (Subject *self);

static double
processor_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

static void
die (GError *error, const char *what)
{
  if (error == NULL)
    return;
  g_printerr ("%s: %s\n", what, error->message);
  exit (1);
}

/* ---- runs ------------------------------------------------------------------------------------------------------ */

static double
run_plain (Subject *self)
{
  double begin = processor_time ();
  OxSession *session = ox_session_new_twin (self->session, FALSE);
  GError *error = NULL;

  ox_session_run (session, NULL, &error);
  ox_session_free (session);
  die (error, "run");
  return processor_time () - begin;
}

static double
compare_with (Subject *self, GHashTable *values, gboolean isolated, gboolean brief)
{
  OxReference *reference = ox_reference_new_values (g_hash_table_ref (values), "memory");
  double begin = processor_time ();
  OxComparison *comparison = ox_comparison_new (self->session, reference);
  GError *error = NULL;

  ox_comparison_set_isolated (comparison, isolated);
  ox_comparison_set_brief (comparison, brief);
  ox_comparison_run (comparison, NULL, &error);
  begin = processor_time () - begin;
  if (ox_comparison_values (comparison)->len == 0)
    g_printerr ("nothing was compared\n");
  ox_comparison_free (comparison);
  die (error, "compare");
  return begin;
}

static double
run_same (Subject *self)
{
  return compare_with (self, self->same, FALSE, TRUE);
}

static double
run_other (Subject *self)
{
  return compare_with (self, self->other, FALSE, TRUE);
}

static double
run_metrics (Subject *self)
{
  return compare_with (self, self->other, FALSE, FALSE);
}

static double
run_isolated_same (Subject *self)
{
  return compare_with (self, self->same, TRUE, TRUE);
}

static double
run_isolated (Subject *self)
{
  return compare_with (self, self->other, TRUE, TRUE);
}

static double
continue_to_end (OxDebugger *debugger)
{
  GError *error = NULL;
  double begin;

  ox_debugger_restart (debugger);
  begin = processor_time ();
  ox_debugger_move (debugger, OX_MOVE_CONTINUE, NULL, NULL, &error);
  die (error, "continue");
  if (ox_debugger_get_stop (debugger)->reason != OX_STOP_END)
    g_printerr ("a breakpoint fired\n");
  return processor_time () - begin;
}

static double
run_debugger (Subject *self)
{
  return continue_to_end (self->debugger);
}

/* In the same debugger, as where its memory lies makes more of a difference than what is measured. */
static double
run_marked (Subject *self)
{
  GError *error = NULL;
  guint id = ox_debugger_put_breakpoint (self->debugger, &self->breakpoint, &error);
  double time;

  die (error, "breakpoint");
  time = continue_to_end (self->debugger);
  ox_debugger_remove_breakpoint (self->debugger, id);
  return time;
}

/* ---- what is run ----------------------------------------------------------------------------------------------- */

static void
keep (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  for (guint i = 0; i < node->output_names->len; i++)
    {
      const char *name = g_ptr_array_index (node->output_names, i);

      if (outputs[i] != NULL && name[0] != '\0')
        g_hash_table_insert (data, frame->id == 0 ? g_strdup (name) : g_strdup_printf ("%s#%" G_GUINT64_FORMAT, name, frame->id),
                             ox_value_ref (outputs[i]));
    }
}

/* (transfer full) The last bits of floats are others, by a fixed pattern; what is no float is the same. */
static OxValue *
shake (OxValue *value)
{
  const OxTensor *tensor = ox_value_get_tensor (value);
  OxTensor *other = NULL;

  if (tensor != NULL && ox_dtype_is_float (tensor->dtype) && ox_dtype_bits (tensor->dtype) >= 16 && tensor->count > 0)
    other = ox_tensor_new (tensor->dtype, tensor->rank, tensor->dims, NULL);
  if (other == NULL)
    return ox_value_ref (value);
  for (gint64 i = 0; i < tensor->count; i++)
    {
      guint64 bits = ((guint64) i + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) >> 62;

      ox_tensor_set (other, i, ox_tensor_get (tensor, i) * (1 + ((double) bits - 1) * 0x1p-23));
    }
  return ox_value_new_tensor (other);
}

static GHashTable *
table_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
}

static void
feed (Subject *self, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path), *set = g_build_filename (folder, "test_data_set_0", NULL);
  g_autoptr (GHashTable) values = NULL;
  const OxGraph *graph = self->model->graph;
  GError *error = NULL;

  if (g_file_test (set, G_FILE_TEST_IS_DIR))
    values = ox_data_set_load (self->model, set, FALSE, &error);
  die (error, set);
  for (guint i = 0; i < graph->inputs->len; i++)
    {
      const OxSlot *slot = ox_graph_slot (graph, g_array_index (graph->inputs, int, i));
      OxValue *given = values != NULL ? g_hash_table_lookup (values, slot->name) : NULL;
      g_autoptr (OxValue) value = given != NULL ? ox_value_ref (given) : NULL;

      if (value == NULL && slot->initializer == NULL)
        value = ox_feed_make (slot, OX_FILL_RANDOM, 1, NULL, 0, NULL, &error);
      if (value != NULL)
        ox_session_set_input (self->session, slot->name, value, &error);
      die (error, slot->name);
    }
}

static OxDebugger *
debugger_for (Subject *self)
{
  OxDebugger *debugger = ox_debugger_new (self->model);
  const OxGraph *graph = self->model->graph;
  GError *error = NULL;

  /* Without a budget, what is kept does not depend on what fits. */
  ox_debugger_set_budget (debugger, 0);
  for (guint i = 0; i < graph->inputs->len; i++)
    {
      const OxSlot *slot = ox_graph_slot (graph, g_array_index (graph->inputs, int, i));

      if (ox_session_get_input (self->session, slot->name) != NULL)
        ox_debugger_set_input (debugger, slot->name, ox_session_get_input (self->session, slot->name), &error);
      die (error, slot->name);
    }
  return debugger;
}

/* ---- the table ------------------------------------------------------------------------------------------------- */

static int
by_size (const void *a, const void *b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* The middle of what @much takes more than @little, and how sure that is: half of what lies between the places where the
 * true middle is with a probability of 95 %. */
static double
measure (Subject *self, Run little, Run much, double *around, double *time)
{
  double shares[MOST], times[MOST], left = self->seconds;
  int n = 0, off;

  little (self);
  much (self);
  while (n < LEAST || (n < MOST && left > 0))
    {
      double first = n % 2 == 0 ? little (self) : much (self), second = n % 2 == 0 ? much (self) : little (self);

      times[n] = n % 2 == 0 ? first : second;
      shares[n] = (n % 2 == 0 ? second / first : first / second) - 1;
      left -= first + second;
      n++;
    }
  qsort (shares, (size_t) n, sizeof *shares, by_size);
  qsort (times, (size_t) n, sizeof *times, by_size);
  off = MIN ((int) ceil (0.98 * sqrt (n)), n / 2);
  *around = (shares[n / 2 + off] - shares[n / 2 - off]) / 2;
  *time = times[n / 2];
  return shares[n / 2];
}

static void
line (Subject *self, const char *what, Run little, Run much)
{
  double around, time, share = measure (self, little, much, &around, &time);

  g_print ("  %-46s %9.3f ms %+8.2f %% (+- %.2f)\n", what, time * 1e3, share * 100, around * 100);
}

/* The one with the largest output whose condition does not hold. */
static gboolean
find_float_node (const OxGraph *graph, Subject *self, const OxNode **found)
{
  gsize largest = 0;

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const OxNode *node = ox_graph_node (graph, i);
      OxValue *value = node->output_names->len > 0
                         ? g_hash_table_lookup (self->same, g_ptr_array_index (node->output_names, 0)) : NULL;
      OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
      OxStatistics s;

      if (tensor == NULL || !ox_dtype_is_float (tensor->dtype) || ox_value_bytes (value) <= largest)
        continue;
      ox_statistics_compute (tensor, &s);
      if (s.nan + s.pos_inf + s.neg_inf > 0 || MAX (fabs (s.min), fabs (s.max)) > 65504)
        continue;
      largest = ox_value_bytes (value);
      *found = node;
    }
  return largest > 0;
}

static void
breakpoint_line (Subject *self, const char *what, const OxNode *node, const char *place, const char *condition)
{
  self->breakpoint
    = (OxBreakpoint){ .node = (OxNode *) node, .place = (char *) place, .condition = (char *) condition, .enabled = TRUE };
  line (self, what, run_debugger, run_marked);
}

static void
measure_breakpoints (Subject *self)
{
  const OxNode *node = NULL;

  breakpoint_line (self, "a breakpoint on an operator that it has not", NULL, "op:NoSuch", NULL);
  breakpoint_line (self, "one on a name that it has not, with a condition", NULL, "name:no/such/node", "nan");
  if (find_float_node (self->model->graph, self, &node))
    breakpoint_line (self, "abs>65504 at the node with the largest output", node, NULL, "abs>65504");
}

static void
measure_model (const char *path, double seconds)
{
  GError *error = NULL;
  Subject self = { .seconds = seconds, .same = table_new (), .other = table_new () };
  GHashTableIter iter;
  gpointer name, value;
  OxSession *once;

  self.model = ox_import_file (path, NULL, NULL, &error);
  die (error, path);
  self.session = ox_session_new (self.model, NULL);
  feed (&self, path);
  once = ox_session_new_twin (self.session, FALSE);
  ox_session_set_tap (once, keep, self.same);
  ox_session_run (once, NULL, &error);
  die (error, path);
  ox_session_free (once);
  g_hash_table_iter_init (&iter, self.same);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_hash_table_insert (self.other, g_strdup (name), shake (value));
  self.debugger = debugger_for (&self);
  for (int threads = 1; threads <= 2; threads++)
    {
      ox_set_threads (threads);
      g_print ("%s, %u values, %d thread%s\n", path, g_hash_table_size (self.same), threads, threads > 1 ? "s" : "");
      measure_breakpoints (&self);
      line (&self, "every value compared, equal bits", run_plain, run_same);
      line (&self, "every value compared, other last bits", run_plain, run_other);
      line (&self, "and all metrics of all of them", run_plain, run_metrics);
      line (&self, "isolated nodes, equal bits", run_plain, run_isolated_same);
      line (&self, "isolated nodes, which all run twice", run_plain, run_isolated);
    }
  g_object_unref (self.debugger);
  g_hash_table_unref (self.same);
  g_hash_table_unref (self.other);
  ox_session_free (self.session);
  ox_model_unref (self.model);
}

int
main (int argc, char **argv)
{
  double seconds = 2;
  int i = 1;

#ifdef __GLIBC__
  /* What the system makes of pages that come and go is not what is measured. */
  mallopt (M_MMAP_THRESHOLD, 32 << 20);
  mallopt (M_TRIM_THRESHOLD, 2000 << 20);
#endif
  if (argc > 2 && strcmp (argv[1], "-t") == 0)
    {
      seconds = g_ascii_strtod (argv[2], NULL);
      i = 3;
    }
  for (; i < argc; i++)
    measure_model (argv[i], seconds);
  return 0;
}
