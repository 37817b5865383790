/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "debug/ox-agreement.h"
#include "debug/ox-failure.h"
#include "cli.h"
#include "debug/ox-profile.h"
#include "debug/ox-trace-file.h"
#include "proto/ox-data-set.h"
#include "tensor/ox-format.h"
#include "tensor/ox-statistics.h"
#include "tensor/ox-tensor-file.h"

typedef struct
{
  OxNpzWriter *npz;
  gboolean     everything, table;
  OxShapes    *shapes;       /* for saying why a node fails */
  GHashTable  *written;      /* names, so that an archive has each once */
  GError      *error;
} Dump;

static void
dump_value (Dump *dump, const char *name, OxValue *value)
{
  if (dump->npz == NULL || dump->error != NULL || !g_hash_table_add (dump->written, g_strdup (name)))
    return;
  if (value->kind != OX_VALUE_TENSOR)
    g_printerr ("onnxscope: '%s' is no tensor, and is left out of the .npz\n", name);
  else
    ox_npz_writer_add (dump->npz, name, value->tensor, &dump->error);
}

/* A line for every tensor that a node makes, as it is made; bodies are indented. */
static void
print_row (const OxFrame *frame, const OxNode *node, const char *name, const OxValue *value)
{
  g_autofree char *what = ox_value_describe (value), *operator = NULL;
  OxTensor *tensor = ox_value_get_tensor (value);
  OxStatistics s = { 0 };
  int depth = 0;

  for (const OxFrame *f = frame; f->parent != NULL; f = f->parent)
    depth++;
  operator = g_strdup_printf ("%*s%s", 2 * depth, "", node->op_type);
  if (tensor != NULL)
    ox_statistics_compute (tensor, &s);
  g_print ("%5u  %-22.22s %-34.34s %-22.22s", node->index, operator, name, what);
  if (s.numeric && s.finite > 0)
    {
      g_autofree char *low = ox_format_double (s.min, 4), *high = ox_format_double (s.max, 4);
      g_autofree char *mean = ox_format_double (s.mean, 4), *std = ox_format_double (s.std, 4);

      g_print (" %11s %11s %11s %11s", low, high, mean, std);
    }
  if (s.nan + s.pos_inf + s.neg_inf > 0)
    g_print ("  %" G_GINT64_FORMAT " NaN, %" G_GINT64_FORMAT " Inf", s.nan, s.pos_inf + s.neg_inf);
  g_print ("\n");
}

/* Every intermediate as it comes; inside a loop the names carry the frame. */
static void
tap (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  Dump *dump = data;

  ox_shapes_note (dump->shapes, frame, node, outputs);
  for (guint i = 0; (dump->everything || dump->table) && i < node->output_names->len; i++)
    {
      const char *name = g_ptr_array_index (node->output_names, i);
      g_autofree char *inner = frame->id != 0 ? g_strdup_printf ("%s#%" G_GUINT64_FORMAT, name, frame->id) : NULL;

      if (outputs[i] == NULL || name[0] == '\0')
        continue;
      if (dump->table)
        print_row (frame, node, name, outputs[i]);
      if (dump->everything)
        dump_value (dump, inner != NULL ? inner : name, outputs[i]);
    }
}

/* Where the numbers come from that a node could not run with. */
static void
explain (OxSession *session, Dump *dump, const GError *error)
{
  OxDescentSource source = { .session = session, .shapes = dump->shapes };
  OxFrame *frame = ox_session_top (session);
  OxNode *node = frame != NULL ? ox_session_next_node (session) : NULL;
  g_autoptr (OxFailure) failure = node != NULL ? ox_failure_new (&source, frame, node, error) : NULL;
  g_autofree char *chains = failure != NULL ? ox_failure_describe_chains (failure, 4, 6) : NULL;

  if (chains != NULL)
    g_printerr ("%s", chains);
}

static gboolean
write_outputs (OxSession *session, Dump *dump, const char *folder, GError **error)
{
  const OxGraph *graph = ox_session_get_model (session)->graph;

  if (folder != NULL && g_mkdir_with_parents (folder, 0777) != 0)
    return ox_fail (error, OX_ERROR_FILE, "%s: %s", folder, g_strerror (errno));
  for (guint i = 0; i < graph->output_infos->len; i++)
    {
      const char *name = ((const OxSlot *) g_ptr_array_index (graph->output_infos, i))->name;
      OxValue *value = ox_session_output (session, i);

      dump_value (dump, name, value);
      if (folder != NULL && !ox_data_set_write (folder, TRUE, i, name, value, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
compare_outputs (OxSession *session, GHashTable *expected, double rtol, double atol)
{
  const OxGraph *graph = ox_session_get_model (session)->graph;
  gboolean all = TRUE;

  for (guint i = 0; i < graph->output_infos->len; i++)
    {
      const char *name = ((const OxSlot *) g_ptr_array_index (graph->output_infos, i))->name;
      const OxValue *reference = g_hash_table_lookup (expected, name);
      g_autofree char *text = NULL;
      gboolean same, coarse;

      if (reference == NULL)
        continue;
      /* Halves carry the rounding of every node before them. */
      coarse = reference->kind == OX_VALUE_TENSOR && ox_dtype_is_float (reference->dtype) && ox_dtype_size (reference->dtype) <= 2;
      same = ox_values_agree (ox_session_output (session, i), reference, !isnan (rtol) ? rtol : coarse ? 1e-2 : 1e-3,
                              !isnan (atol) ? atol : coarse ? 1e-3 : 1e-4, &text);
      g_print ("%s  %s: %s\n", same ? "same   " : "DIFFERS", name, text);
      all = all && same;
    }
  return all;
}

static void
print_outputs (OxSession *session)
{
  const OxGraph *graph = ox_session_get_model (session)->graph;

  for (guint i = 0; i < graph->output_infos->len; i++)
    {
      OxValue *value = ox_session_output (session, i);
      g_autofree char *type = ox_value_describe (value), *text = ox_format_value (value, 4, 100);

      g_print ("%s: %s\n%s\n", ((const OxSlot *) g_ptr_array_index (graph->output_infos, i))->name, type, text);
    }
}

typedef struct
{
  OxCliFeeds feeds;
  char      *npz, *folder, *profile, *record, *record_values;
  gboolean   dump_all, table, quiet, links, expand;
  double     rtol, atol;
  int        threads, memory;
} Options;

static int
run_model (OxModel *model, Options *options)
{
  OxSessionOptions how = { .seed = (guint64) options->feeds.seed, .expand = options->expand };
  g_autoptr (OxSession) session = ox_session_new (model, &how);
  g_autoptr (GHashTable) written = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) expected = NULL;
  g_autofree char *data_set = NULL;
  g_autoptr (OxShapes) shapes = ox_shapes_new ();
  Dump dump = { .shapes = shapes, .everything = options->dump_all, .table = options->table, .written = written };
  GError *error = NULL;
  OxTraceValues values = { 0 };
  gboolean ok, failed;

  if (options->expand)
    {
      g_autofree char *what = ox_model_expansions (model);

      g_printerr ("onnxscope: expanded: %s\n", what);
    }
  if (!ox_trace_values_parse (options->record_values, &values, &error) || !ox_cli_feed (&options->feeds, session, &data_set, &error))
    return ox_cli_fail (error);
  if (data_set != NULL && (expected = ox_data_set_load (model, data_set, TRUE, &error)) == NULL)
    return ox_cli_fail (error);
  if (options->npz != NULL && (dump.npz = ox_npz_writer_new (options->npz, &error)) == NULL)
    return ox_cli_fail (error);
  ox_session_set_tap (session, tap, &dump);
  if (options->table)
    g_print ("%5s  %-22s %-34s %-22s %11s %11s %11s %11s\n", "#", "operator", "tensor", "type and shape", "min", "max", "mean",
             "std");
  if (options->record != NULL)
    ok = ox_trace_record (session, options->record, &values, tap, &dump, NULL, &error);
  else if (options->profile != NULL)
    ok = ox_profile_run (session, options->profile, tap, &dump, NULL, NULL, &error);
  else
    ok = ox_session_run (session, NULL, &error);
  failed = !ok;
  if (ok)
    ok = write_outputs (session, &dump, options->folder, &error);
  if (dump.npz != NULL && !ox_npz_writer_close (dump.npz, dump.error == NULL ? &dump.error : NULL) && ok)
    {
      ok = FALSE;
      error = g_steal_pointer (&dump.error);
    }
  if (ok && dump.error != NULL)
    {
      ok = FALSE;
      error = g_steal_pointer (&dump.error);
    }
  g_clear_error (&dump.error);
  if (!ok)
    {
      g_autoptr (GError) copy = g_error_copy (error);
      int status = ox_cli_fail (error);

      if (failed)
        explain (session, &dump, copy);
      return status;
    }
  if (expected != NULL && g_hash_table_size (expected) > 0)
    return compare_outputs (session, expected, options->rtol, options->atol) ? OX_EXIT_GOOD : OX_EXIT_DIFFERS;
  if (!options->quiet)
    print_outputs (session);
  return OX_EXIT_GOOD;
}

int
ox_cli_run (int argc, char **argv)
{
  Options options = { .rtol = NAN, .atol = NAN };
  g_autoptr (OxModel) model = NULL;
  int status = OX_EXIT_UNUSABLE;
  GOptionEntry entries[] = {
    { 0 }, { 0 }, { 0 }, { 0 }, { 0 },
    { "npz", 0, 0, G_OPTION_ARG_FILENAME, &options.npz, "Write the outputs to an .npz", "FILE" },
    { "output-dir", 0, 0, G_OPTION_ARG_FILENAME, &options.folder, "Write output_i.pb there", "FOLDER" },
    { "dump-all", 0, 0, G_OPTION_ARG_NONE, &options.dump_all, "With --npz: every intermediate too", NULL },
    { "table", 0, 0, G_OPTION_ARG_NONE, &options.table, "A line for every tensor as it is made: shape and statistics", NULL },
    { "expand", 0, 0, G_OPTION_ARG_NONE, &options.expand, "Run operators that are made of others as bodies of those", NULL },
    { "profile", 0, 0, G_OPTION_ARG_FILENAME, &options.profile, "Write what each node took, for chrome://tracing and Perfetto",
      "FILE.json" },
    { "record", 0, 0, G_OPTION_ARG_FILENAME, &options.record, "Write the run down, to be looked at with \"onnxscope trace\"",
      "FILE.oxtrace" },
    { "record-values", 0, 0, G_OPTION_ARG_STRING, &options.record_values,
      "With --record: values that go along (none): none, all, bytes of the largest, or a pattern of names", "WHICH" },
    { "rtol", 0, 0, G_OPTION_ARG_DOUBLE, &options.rtol, "Relative tolerance of the comparison (1e-3; 1e-2 for halves)", "X" },
    { "atol", 0, 0, G_OPTION_ARG_DOUBLE, &options.atol, "Absolute tolerance of the comparison (1e-4; 1e-3 for halves)", "X" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, "Threads (0: one a core)", "N" },
    { "memory", 0, 0, G_OPTION_ARG_INT, &options.memory, "Largest tensor in MB (0: the machine's memory)", "MB" },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &options.links, "Follow links to external data", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &options.quiet, "Do not print outputs", NULL },
    { NULL },
  };

  ox_cli_feeds_entries (&options.feeds, entries);
  if (ox_cli_parse (&argc, &argv, "MODEL", "Runs a model. With a data set that has outputs, compares with them.", entries, 1))
    {
      if (options.dump_all && options.npz == NULL)
        g_printerr ("onnxscope run: --dump-all needs --npz FILE\n");
      else if (options.record_values != NULL && options.record == NULL)
        g_printerr ("onnxscope run: --record-values needs --record FILE\n");
      else if (options.record != NULL && options.profile != NULL)
        g_printerr ("onnxscope run: --record and --profile do not go together\n");
      else
        {
          model = ox_cli_open_limited (argv[1], options.links, options.threads, options.memory);
          if (model != NULL)
            status = run_model (model, &options);
        }
    }
  ox_cli_feeds_clear (&options.feeds);
  g_free (options.npz);
  g_free (options.folder);
  g_free (options.profile);
  g_free (options.record);
  g_free (options.record_values);
  return status;
}
