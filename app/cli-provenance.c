/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "cli-json.h"
#include "cli-reference.h"
#include "debug/ox-provenance.h"

/* Values of a kind that are shown unless all are asked for. */
#define ROWS 12

typedef struct
{
  OxCliFeeds feeds;
  gint64     budget;
  gboolean   json, links, all, expand;
  int        threads, memory;
} Options;

static void
put_bounds (JsonBuilder *json, const char *key, const OxProvenanceRegion *region, const gint64 *bounds)
{
  ox_json_array (json, key);
  for (int i = 0; i < region->mask->rank; i++)
    json_builder_add_int_value (json, bounds[i]);
  json_builder_end_array (json);
}

static void
put_region (JsonBuilder *json, const OxProvenanceRegion *region)
{
  static const char *const origins[] = { "node", "weight", "input" };

  json_builder_begin_object (json);
  ox_json_text (json, "tensor", region->slot->name);
  ox_json_text (json, "type", region->type);
  ox_json_text (json, "origin", origins[region->origin]);
  ox_json_text (json, "frame", region->where);
  if (region->node != NULL)
    {
      ox_json_count (json, "index", region->node->index);
      ox_json_text (json, "node", region->node->name);
      ox_json_text (json, "op_type", region->node->op_type);
    }
  put_bounds (json, "low", region, region->low);
  put_bounds (json, "high", region, region->high);
  ox_json_count (json, "count", region->count);
  ox_json_count (json, "of", region->of);
  ox_json_flag (json, "exact", region->coarse == NULL);
  ox_json_text (json, "coarse_after", region->coarse != NULL ? region->coarse->op_type : NULL);
  json_builder_end_object (json);
}

static void
print_json (OxProvenance *provenance, const char *data_set)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  GPtrArray *regions = ox_provenance_regions (provenance);

  json_builder_begin_object (json);
  ox_json_array (json, "regions");
  for (guint i = 0; i < regions->len; i++)
    put_region (json, g_ptr_array_index (regions, i));
  json_builder_end_array (json);
  ox_json_text (json, "data_set", data_set);
  json_builder_end_object (json);
  ox_json_print (json);
}

static int
ask (OxModel *model, const char *expression, Options *options)
{
  OxSessionOptions how = { .seed = (guint64) options->feeds.seed, .expand = options->expand };
  g_autoptr (OxSession) session = ox_session_new (model, &how);
  g_autoptr (OxProvenance) provenance = NULL;
  g_autofree char *data_set = NULL, *text = NULL;
  GError *error = NULL;

  ox_cli_find_data (&options->feeds, model);
  if (!ox_cli_feed (&options->feeds, session, &data_set, &error))
    return ox_cli_fail (error);
  provenance = ox_provenance_new (session, (gsize) CLAMP (options->budget, 1, G_MAXINT32) << 20);
  if (!ox_provenance_run (provenance, expression, NULL, &error))
    return ox_cli_fail (error);
  text = ox_provenance_describe (provenance, options->all ? 0 : ROWS);
  if (options->json)
    print_json (provenance, data_set);
  else
    g_print ("%s", text);
  return OX_EXIT_GOOD;
}

int
ox_cli_provenance (int argc, char **argv)
{
  Options options = { .budget = 2048 };
  g_autoptr (OxModel) model = NULL;
  int status = OX_EXIT_UNUSABLE;
  GOptionEntry entries[] = {
    { 0 }, { 0 }, { 0 }, { 0 }, { 0 },
    { "all", 0, 0, G_OPTION_ARG_NONE, &options.all, "All values, not only the nearest", NULL },
    { "budget", 0, 0, G_OPTION_ARG_INT64, &options.budget, "What the run may keep, in MB (2048)", "MB" },
    { "expand", 0, 0, G_OPTION_ARG_NONE, &options.expand, "Look into operators that are made of others", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "For programs", NULL },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, "Threads (0: one a core)", "N" },
    { "memory", 0, 0, G_OPTION_ARG_INT, &options.memory, "Largest tensor in MB (0: the machine's memory)", "MB" },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &options.links, "Follow links to external data", NULL },
    { NULL },
  };

  ox_cli_feeds_entries (&options.feeds, entries);
  if (ox_cli_parse (&argc, &argv, "MODEL NAME[INDICES]",
                    "Runs a model and tells of an element of a value, or of some, which elements of every value on the way,"
                    " every weight and every input can have an influence on it.",
                    entries, 2))
    {
      model = ox_cli_open_limited (argv[1], options.links, options.threads, options.memory);
      if (model != NULL)
        status = ask (model, argv[2], &options);
    }
  ox_cli_feeds_clear (&options.feeds);
  return status;
}
