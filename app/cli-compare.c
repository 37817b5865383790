/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "cli-reference.h"
#include "debug/ox-comparison-files.h"
#include "tensor/ox-format.h"

typedef struct
{
  OxCliFeeds feeds;
  char      *reference, *runtime;
  char      *rules_file, *junit;
  char     **rules;
  gboolean   isolated, through, json, all, links, twice, bisect;
  double     rtol, atol;
  int        threads, memory;
} Options;

static const char *const verdicts[] = {
  [OX_VERDICT_SAME] = "same",
  [OX_VERDICT_INHERITED] = "inherited",
  [OX_VERDICT_RANDOM] = "random",
  [OX_VERDICT_DIFFERS] = "DIFFERS",
};

/* A node that could not run has no output to name. */
static const char *
output_name (const OxComparedValue *value)
{
  return value->output < value->node->output_names->len ? g_ptr_array_index (value->node->output_names, value->output) : "";
}

/* The run that was asked for; the other where that one did not come so far. */
static const OxDifference *
asked_for (const OxComparedValue *value, gboolean isolated)
{
  return (isolated && value->has_own) || !value->has_through ? &value->own : &value->through;
}

/* ---- for people ------------------------------------------------------------------------------------------------ */

static void
print_row (const OxComparedValue *value, gboolean isolated)
{
  const OxDifference *d = asked_for (value, isolated);
  g_autofree char *abs = ox_format_double (d->max_abs, 3), *rel = ox_format_double (d->max_rel, 3);
  g_autofree char *cosine = ox_format_double (d->cosine, 7);

  g_print ("%-9s %5u  %-20.20s %-44.44s %10s %10s %11s", verdicts[value->verdict], value->node->index, value->node->op_type,
           output_name (value), abs, rel, cosine);
  if (isolated)
    {
      g_autofree char *inherited = ox_format_double (value->has_through ? value->through.max_abs : NAN, 3);

      g_print (" %10s", inherited);
    }
  g_print ("%s%s\n", value->where != NULL ? "  in " : "", value->where != NULL ? value->where : "");
}

static void
print_text (OxComparison *comparison, const Options *options)
{
  GPtrArray *values = ox_comparison_values (comparison), *remarks = ox_comparison_remarks (comparison);
  const OxComparedValue *first = ox_comparison_first (comparison);
  guint n[G_N_ELEMENTS (verdicts)] = { 0 }, shown = 0;

  for (guint i = 0; i < values->len; i++)
    {
      const OxComparedValue *value = g_ptr_array_index (values, i);

      n[value->verdict]++;
      if (value->verdict == OX_VERDICT_SAME && !options->all)
        continue;
      if (shown++ == 0)
        g_print ("%-9s %5s  %-20s %-44s %10s %10s %11s%s\n", "verdict", "#", "operator", "tensor",
                 options->isolated ? "own abs" : "max abs", options->isolated ? "own rel" : "max rel", "cosine",
                 options->isolated ? "  inherited" : "");
      print_row (value, options->isolated);
    }
  for (guint i = 0; i < remarks->len; i++)
    g_print ("%s\n", (const char *) g_ptr_array_index (remarks, i));
  g_print ("%u values compared with %s: %u same, %u inherited, %u random, %u differ; %u are not in the reference\n",
           values->len, ox_reference_title (ox_comparison_reference (comparison)), n[OX_VERDICT_SAME],
           n[OX_VERDICT_INHERITED], n[OX_VERDICT_RANDOM], n[OX_VERDICT_DIFFERS], ox_comparison_missing (comparison));
  if (first != NULL)
    {
      g_autofree char *text = ox_compared_value_describe (first);

      g_autoptr (GPtrArray) mine = ox_comparison_region (comparison, first);
      g_autoptr (GPtrArray) theirs = ox_reference_region (ox_comparison_reference (comparison), first->node, first->output);

      g_print ("first divergence: %s\n", text);
      if (options->bisect || mine->len > 1 || theirs->len > 1)
        {
          g_autofree char *region = ox_comparison_describe_region (comparison, first);

          g_print ("%s", region);
        }
    }
  else
    g_print ("no node differs\n");
}

static gboolean
write_junit (OxComparison *comparison, const OxComparisonFacts *facts, const char *path, GError **error)
{
  g_autofree char *xml = ox_comparison_junit (comparison, facts);
  g_autoptr (GError) cause = NULL;

  return g_file_set_contents (path, xml, -1, &cause) || ox_fail (error, OX_ERROR_FILE, "%s", cause->message);
}

/* ---- the verb -------------------------------------------------------------------------------------------------- */

static int
compare (OxModel *model, Options *options)
{
  OxSessionOptions how = { .seed = (guint64) options->feeds.seed };
  g_autoptr (OxSession) session = ox_session_new (model, &how);
  g_autoptr (OxComparison) comparison = NULL;
  g_autofree char *data_set = NULL;
  OxComparisonFacts facts = { .model = model->path, .isolated = options->isolated };
  OxReference *reference;
  GError *error = NULL;

  ox_cli_find_data (&options->feeds, model);
  if (!ox_cli_feed (&options->feeds, session, &data_set, &error))
    return ox_cli_fail (error);
  reference = ox_cli_reference (options->reference, session, options->runtime, options->links, &error);
  if (reference == NULL)
    return ox_cli_fail (error);
  if (options->feeds.made_up && ox_reference_size (reference) >= 0)
    g_printerr ("onnxscope: values of a file were made from other inputs than made-up ones, unless you know better\n");
  comparison = ox_comparison_new (session, reference);
  ox_comparison_set_tolerance (comparison, options->rtol, options->atol);
  if (options->rules_file != NULL && !ox_comparison_add_rules_from (comparison, options->rules_file, &error))
    return ox_cli_fail (error);
  for (guint i = 0; options->rules != NULL && options->rules[i] != NULL; i++)
    if (!ox_comparison_add_rule (comparison, options->rules[i], &error))
      return ox_cli_fail (error);
  ox_comparison_set_histograms (comparison, options->json);
  ox_comparison_set_isolated (comparison, !options->through);
  ox_comparison_set_brief (comparison, !options->json && !options->all && !options->isolated && options->junit == NULL);
  if (!ox_comparison_run (comparison, NULL, &error))
    return ox_cli_fail (error);
  if (ox_comparison_values (comparison)->len == 0 && ox_comparison_missing (comparison) > 0)
    {
      ox_fail (&error, OX_ERROR_VALUE, "%s: has none of the %u values that the model's nodes make", options->reference,
               ox_comparison_missing (comparison));
      return ox_cli_fail (error);
    }
  facts.data_set = data_set;
  if (options->junit != NULL && !write_junit (comparison, &facts, options->junit, &error))
    return ox_cli_fail (error);
  if (options->json)
    {
      g_autofree char *json = ox_comparison_json (comparison, &facts);

      g_print ("%s", json);
    }
  else
    print_text (comparison, options);
  return ox_comparison_first (comparison) == NULL ? OX_EXIT_GOOD : OX_EXIT_DIFFERS;
}

int
ox_cli_compare (int argc, char **argv)
{
  Options options = { .rtol = NAN, .atol = NAN };
  g_autoptr (OxModel) model = NULL;
  int status = OX_EXIT_UNUSABLE;
  GOptionEntry entries[] = {
    { 0 }, { 0 }, { 0 }, { 0 }, { 0 },
    { "reference", 'r', 0, G_OPTION_ARG_FILENAME, &options.reference, "What is right: .npz, .json, .onnx, .db, a folder, onnxruntime, self:OPTION,...",
      "FILE" },
    { "twice", 0, 0, G_OPTION_ARG_NONE, &options.twice, "The model again, on one thread: every bit has to be equal", NULL },
    { "bisect", 0, 0, G_OPTION_ARG_NONE, &options.bisect, "Name the nodes since the last values that agree", NULL },
    { "onnxruntime", 0, 0, G_OPTION_ARG_FILENAME, &options.runtime, "The library, for --reference onnxruntime", "FILE" },
    { "isolated", 0, 0, G_OPTION_ARG_NONE, &options.isolated, "Show each node's own error, with the reference's inputs", NULL },
    { "through", 0, 0, G_OPTION_ARG_NONE, &options.through, "Only the model's own run, which is quick",
      NULL },
    { "rtol", 0, 0, G_OPTION_ARG_DOUBLE, &options.rtol, "Relative tolerance instead of the defaults", "X" },
    { "atol", 0, 0, G_OPTION_ARG_DOUBLE, &options.atol, "Absolute tolerance instead of the defaults", "X" },
    { "rule", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.rules, "Tolerances: WHAT is a pattern of names, type:f16 or op:Softmax",
      "WHAT=rtol,atol" },
    { "rules", 0, 0, G_OPTION_ARG_FILENAME, &options.rules_file, "A file with a rule a line", "FILE" },
    { "junit", 0, 0, G_OPTION_ARG_FILENAME, &options.junit, "Write a report for build servers", "FILE" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &options.all, "List values that are the same too", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "For programs", NULL },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, "Threads (0: one a core)", "N" },
    { "memory", 0, 0, G_OPTION_ARG_INT, &options.memory, "Largest tensor in MB (0: the machine's memory)", "MB" },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &options.links, "Follow links to external data", NULL },
    { NULL },
  };

  ox_cli_feeds_entries (&options.feeds, entries);
  if (ox_cli_parse (&argc, &argv, "MODEL", "Finds the first node whose results differ from a reference.", entries, 1))
    {
      if (options.twice && options.reference == NULL)
        options.reference = g_strdup ("twice");
      if (options.twice && strcmp (options.reference, "twice") != 0)
        g_printerr ("onnxscope compare: --twice is a reference of its own; expected no --reference\n");
      else if (options.through && options.isolated)
        g_printerr ("onnxscope compare: expected --isolated or --through, found both\n");
      else if (options.reference == NULL)
        g_printerr ("onnxscope compare: expected --reference FILE; --help tells more\n");
      else
        {
          model = ox_cli_open_limited (argv[1], options.links, options.threads, options.memory);
          if (model != NULL)
            status = compare (model, &options);
        }
    }
  ox_cli_feeds_clear (&options.feeds);
  g_free (options.reference);
  g_free (options.runtime);
  g_free (options.rules_file);
  g_free (options.junit);
  g_strfreev (options.rules);
  return status;
}
