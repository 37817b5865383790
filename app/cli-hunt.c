/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "cli-json.h"
#include "cli-reference.h"
#include "debug/ox-hunt.h"

typedef struct
{
  OxCliFeeds feeds;
  char      *kinds;
  gboolean   json, links;
  double     seconds;
  int        threads, memory;
} Options;

/* ---- for programs ---------------------------------------------------------------------------------------------- */

static void
put_generation (JsonBuilder *json, const OxGeneration *generation)
{
  static const char *const origins[] = { "node", "weight", "input" };

  json_builder_begin_object (json);
  ox_json_count (json, "index", generation->node->index);
  ox_json_text (json, "node", generation->node->name);
  ox_json_text (json, "op_type", generation->node->op_type);
  ox_json_text (json, "frame", generation->where);
  ox_json_text (json, "tensor", generation->name);
  ox_json_text (json, "element", generation->index);
  ox_json_number (json, "value", generation->value);
  ox_json_flag (json, "changed", generation->changed);
  json_builder_set_member_name (json, "from");
  json_builder_begin_array (json);
  for (guint i = 0; i < generation->ancestors->len; i++)
    {
      const OxAncestor *ancestor = g_ptr_array_index (generation->ancestors, i);

      json_builder_begin_object (json);
      ox_json_text (json, "tensor", ancestor->name);
      ox_json_text (json, "element", ancestor->index);
      ox_json_number (json, "value", ancestor->value);
      ox_json_count (json, "among", ancestor->among);
      ox_json_text (json, "origin", origins[ancestor->origin]);
      ox_json_flag (json, "followed", ancestor->followed);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static void
put_finding (JsonBuilder *json, const char *prefix, OxHuntKind kind, const OxFinding *finding)
{
  g_autofree char *key = g_strconcat (prefix, ox_hunt_name (kind), NULL);

  json_builder_set_member_name (json, key);
  if (finding == NULL)
    {
      json_builder_add_null_value (json);
      return;
    }
  json_builder_begin_object (json);
  ox_json_count (json, "index", finding->node->index);
  ox_json_text (json, "node", finding->node->name);
  ox_json_text (json, "op_type", finding->node->op_type);
  ox_json_text (json, "output", g_ptr_array_index (finding->node->output_names, finding->output));
  ox_json_text (json, "frame", finding->where);
  ox_json_text (json, "type", finding->shape);
  ox_json_count (json, "count", finding->count);
  ox_json_count (json, "of", finding->of);
  ox_json_text (json, "element", finding->index);
  ox_json_number (json, "value", finding->value);
  ox_json_flag (json, "intended", finding->intended);
  json_builder_set_member_name (json, "genealogy");
  json_builder_begin_array (json);
  for (guint i = 0; finding->generations != NULL && i < finding->generations->len; i++)
    put_generation (json, g_ptr_array_index (finding->generations, i));
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static void
print_json (OxHunt *hunt, guint kinds, const char *data_set, const GError *failure)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  for (int kind = 0; kind < OX_N_HUNTS; kind++)
    if ((kinds & 1U << kind) != 0)
      {
        put_finding (json, "first_", kind, ox_hunt_first (hunt, kind));
        put_finding (json, "first_unintended_", kind, ox_hunt_first_unintended (hunt, kind));
      }
  ox_json_text (json, "data_set", data_set);
  ox_json_text (json, "failure", failure != NULL ? failure->message : NULL);
  json_builder_end_object (json);
  ox_json_print (json);
}

/* ---- for people ------------------------------------------------------------------------------------------------ */

static void
print_text (OxHunt *hunt, guint kinds)
{
  for (int kind = 0; kind < OX_N_HUNTS; kind++)
    {
      const OxFinding *first = ox_hunt_first (hunt, kind), *other = ox_hunt_first_unintended (hunt, kind);
      g_autofree char *text = first != NULL ? ox_finding_describe (first) : NULL;
      g_autofree char *more = other != NULL && other != first ? ox_finding_describe (other) : NULL;

      if ((kinds & 1U << kind) == 0)
        continue;
      if (text == NULL)
        g_print ("no %s\n", ox_hunt_name (kind));
      else
        g_print ("%s%s%s", text, more != NULL ? "not on purpose, " : "", more != NULL ? more : "");
    }
}

/* ---- the verb -------------------------------------------------------------------------------------------------- */

static gboolean
parse_kinds (const char *text, guint *kinds, GError **error)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);

  *kinds = 0;
  for (int i = 0; words[i] != NULL; i++)
    {
      guint before = *kinds;

      for (int kind = 0; kind < OX_N_HUNTS; kind++)
        if (strcmp (words[i], ox_hunt_name (kind)) == 0)
          *kinds |= 1U << kind;
      if (*kinds == before)
        return ox_fail (error, OX_ERROR_VALUE, "expected inf, nan or overflow16, each once, found '%s'", words[i]);
    }
  return TRUE;
}

static int
hunt (OxModel *model, Options *options)
{
  OxSessionOptions how = { .seed = (guint64) options->feeds.seed };
  g_autoptr (OxSession) session = ox_session_new (model, &how);
  g_autoptr (OxHunt) self = NULL;
  g_autofree char *data_set = NULL;
  GError *error = NULL;
  guint kinds;
  gboolean ok, found;

  if (!parse_kinds (options->kinds != NULL ? options->kinds : "inf,nan,overflow16", &kinds, &error))
    return ox_cli_fail (error);
  ox_cli_find_data (&options->feeds, model);
  if (!ox_cli_feed (&options->feeds, session, &data_set, &error))
    return ox_cli_fail (error);
  self = ox_hunt_new (session, kinds);
  ok = ox_hunt_run (self, options->seconds, NULL, &error);
  if (options->json)
    print_json (self, kinds, data_set, error);
  else
    print_text (self, kinds);
  /* Large numbers are no fault unless they were asked for. */
  found = ox_hunt_first_unintended (self, OX_HUNT_INF) != NULL || ox_hunt_first_unintended (self, OX_HUNT_NAN) != NULL
          || (options->kinds != NULL && ox_hunt_first_unintended (self, OX_HUNT_OVERFLOW16) != NULL);
  if (!ok && !found)
    return ox_cli_fail (error);
  if (!ok)
    ox_cli_fail (error);
  return found ? OX_EXIT_DIFFERS : OX_EXIT_GOOD;
}

int
ox_cli_hunt (int argc, char **argv)
{
  Options options = { .seconds = 3 };
  g_autoptr (OxModel) model = NULL;
  int status = OX_EXIT_UNUSABLE;
  GOptionEntry entries[] = {
    { 0 }, { 0 }, { 0 }, { 0 }, { 0 },
    { "for", 0, 0, G_OPTION_ARG_STRING, &options.kinds, "What to look for: inf, nan, overflow16 (all)", "KINDS" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &options.seconds, "How long to look where each comes from (3)", "X" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "For programs", NULL },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, "Threads (0: one a core)", "N" },
    { "memory", 0, 0, G_OPTION_ARG_INT, &options.memory, "Largest tensor in MB (0: the machine's memory)", "MB" },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &options.links, "Follow links to external data", NULL },
    { NULL },
  };

  ox_cli_feeds_entries (&options.feeds, entries);
  if (ox_cli_parse (&argc, &argv, "MODEL",
                    "Runs a model and finds the first Inf, the first NaN and the first number beyond 16 bits, and where they"
                    " come from.",
                    entries, 1))
    {
      model = ox_cli_open_limited (argv[1], options.links, options.threads, options.memory);
      if (model != NULL)
        status = hunt (model, &options);
    }
  ox_cli_feeds_clear (&options.feeds);
  g_free (options.kinds);
  return status;
}
