/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "cli-reference.h"
#include "core/ox-memory.h"
#include "core/ox-parallel.h"
#include "proto/ox-import.h"
#include "report/ox-report.h"
#include "session/ox-check.h"
#include "session/ox-inference.h"

typedef struct
{
  OxCliFeeds feeds;
  char      *output, *reference, *runtime, *rules_file;
  char     **rules;
  gboolean   links, no_times, no_check, date;
  double     rtol, atol, seconds;
  int        threads, memory, rows, cards;
} Options;

/* What is wrong with the file, which has to be read again for that; NULL if it cannot. */
static GPtrArray *
check (const char *path, gboolean allow_links)
{
  OxImportOptions options = { .unlinked = TRUE, .allow_links = allow_links };
  g_autoptr (OxModel) model = ox_import_file (path, &options, NULL, NULL);

  return model != NULL ? ox_model_check (model, FALSE, NULL) : NULL;
}

static char *
describe_inputs (const Options *options, const char *data_set)
{
  GString *text = g_string_new (NULL);

  if (data_set != NULL)
    g_string_append_printf (text, "data set %s", data_set);
  for (guint i = 0; options->feeds.inputs != NULL && options->feeds.inputs[i] != NULL; i++)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", options->feeds.inputs[i]);
  if (options->feeds.made_up)
    g_string_append_printf (text, "%smade up, %s", text->len > 0 ? ", others " : "",
                            options->feeds.fill != NULL ? options->feeds.fill : "random");
  if (text->len == 0)
    g_string_append (text, "the model needs none");
  return g_string_free (text, FALSE);
}

static OxComparison *
make_comparison (OxSession *session, const Options *options, GError **error)
{
  OxReference *reference = ox_cli_reference (options->reference, session, options->runtime, options->links, error);
  g_autoptr (OxComparison) comparison = reference != NULL ? ox_comparison_new (session, reference) : NULL;

  if (comparison == NULL)
    return NULL;
  if (options->feeds.made_up && ox_reference_size (reference) >= 0)
    g_printerr ("onnxscope: values of a file were made from other inputs than made-up ones, unless you know better\n");
  ox_comparison_set_tolerance (comparison, options->rtol, options->atol);
  if (options->rules_file != NULL && !ox_comparison_add_rules_from (comparison, options->rules_file, error))
    return NULL;
  for (guint i = 0; options->rules != NULL && options->rules[i] != NULL; i++)
    if (!ox_comparison_add_rule (comparison, options->rules[i], error))
      return NULL;
  return g_steal_pointer (&comparison);
}

static int
report (OxModel *model, Options *options)
{
  OxSessionOptions how = { .seed = (guint64) options->feeds.seed };
  g_autoptr (OxSession) session = ox_session_new (model, &how);
  g_autoptr (OxComparison) comparison = NULL;
  g_autoptr (GPtrArray) checks = options->no_check ? NULL : check (model->path, options->links);
  g_autoptr (GDateTime) now = options->date ? g_date_time_new_now_utc () : NULL;
  g_autofree char *data_set = NULL, *inputs = NULL, *date = now != NULL ? g_date_time_format_iso8601 (now) : NULL;
  g_auto (OxReportResult) result = { 0 };
  OxReportOptions page = { .seed = how.seed,
                           .checks = checks,
                           .rows = (guint)options->rows,
                           .cards = (guint)options->cards,
                           .no_times = options->no_times,
                           .date = date,
                           .seconds = options->seconds };
  GError *error = NULL;
  int status;

  ox_cli_find_data (&options->feeds, model);
  if (!ox_cli_feed (&options->feeds, session, &data_set, &error))
    return ox_cli_fail (error);
  if (options->reference != NULL)
    {
      comparison = make_comparison (session, options, &error);
      if (comparison == NULL)
        return ox_cli_fail (error);
    }
  inputs = describe_inputs (options, data_set);
  page.inputs = inputs;
  if (!ox_report_write (session, comparison, options->output, &page, &result, NULL, &error))
    return ox_cli_fail (error);
  if (result.failure != NULL)
    {
      status = ox_cli_fail (g_steal_pointer (&result.failure));
      return result.differs ? OX_EXIT_DIFFERS : status;
    }
  return result.differs ? OX_EXIT_DIFFERS : OX_EXIT_GOOD;
}

int
ox_cli_report (int argc, char **argv)
{
  Options options = { .rtol = NAN, .atol = NAN, .seconds = 3 };
  g_autoptr (OxModel) model = NULL;
  int status = OX_EXIT_UNUSABLE;
  GOptionEntry entries[] = {
    { 0 },
    { 0 },
    { 0 },
    { 0 },
    { 0 },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, "Where to", "FILE.html" },
    { "reference", 'r', 0, G_OPTION_ARG_FILENAME, &options.reference, "What is right, as for compare", "FILE" },
    { "onnxruntime", 0, 0, G_OPTION_ARG_FILENAME, &options.runtime, "The library, for --reference onnxruntime", "FILE" },
    { "rtol", 0, 0, G_OPTION_ARG_DOUBLE, &options.rtol, "Relative tolerance instead of the defaults", "X" },
    { "atol", 0, 0, G_OPTION_ARG_DOUBLE, &options.atol, "Absolute tolerance instead of the defaults", "X" },
    { "rule", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.rules, "Tolerances, as for compare", "WHAT=rtol,atol" },
    { "rules", 0, 0, G_OPTION_ARG_FILENAME, &options.rules_file, "A file with a rule a line", "FILE" },
    { "rows", 0, 0, G_OPTION_ARG_INT, &options.rows, "Values in the table (5000)", "N" },
    { "cards", 0, 0, G_OPTION_ARG_INT, &options.cards, "Cards in the picture (1500); of larger graphs scopes are folded",
      "N" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &options.seconds, "How long to look where a NaN comes from (3)", "X" },
    { "date", 0, 0, G_OPTION_ARG_NONE, &options.date, "Say when it was made", NULL },
    { "no-times", 0, 0, G_OPTION_ARG_NONE, &options.no_times, "Without times: the same run gives the same bytes", NULL },
    { "no-check", 0, 0, G_OPTION_ARG_NONE, &options.no_check, "Without what check finds", NULL },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, "Threads (0: one a core)", "N" },
    { "memory", 0, 0, G_OPTION_ARG_INT, &options.memory, "Largest tensor in MB (0: the machine's memory)", "MB" },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &options.links, "Follow links to external data", NULL },
    { NULL },
  };

  ox_cli_feeds_entries (&options.feeds, entries);
  if (ox_cli_parse (&argc, &argv, "MODEL",
                    "Runs a model and writes what it was and what came of it, value by value, as one HTML file.", entries,
                    1))
    {
      if (options.output == NULL)
        g_printerr ("onnxscope report: -o FILE is missing\n");
      else if (options.rows < 0 || options.cards < 0)
        g_printerr ("onnxscope report: expected rows and cards from 0, found %d and %d\n", options.rows, options.cards);
      else
        {
          ox_set_threads (MAX (options.threads, 0));
          ox_memory_set_limit ((gsize) MAX (options.memory, 0) << 20);
          model = ox_cli_open (argv[1], options.links);
          if (model != NULL)
            {
              ox_model_infer (model, NULL, NULL);
              status = report (model, &options);
            }
        }
    }
  ox_cli_feeds_clear (&options.feeds);
  g_free (options.output);
  g_free (options.reference);
  g_free (options.runtime);
  g_free (options.rules_file);
  g_strfreev (options.rules);
  return status;
}
