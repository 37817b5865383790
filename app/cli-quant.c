/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "cli-json.h"
#include "cli-reference.h"
#include "debug/ox-quant-lens.h"

/* Tensors that are shown unless all are asked for. */
#define ROWS 15

typedef struct
{
  OxCliFeeds feeds;
  char      *reference;
  gboolean   json, links, all;
  int        threads, memory;
} Options;

static void
put_channel (JsonBuilder *json, const OxQuantChannel *channel, const OxCodes *codes)
{
  ox_json_number (json, "scale", channel->scale);
  ox_json_number (json, "zero_point", channel->zero);
  ox_json_count (json, "count", channel->count);
  if (channel->clipped >= 0)
    ox_json_count (json, "clipped", channel->clipped);
  ox_json_count (json, "edge", channel->edge);
  if (channel->used >= 0)
    {
      ox_json_count (json, "used", channel->used);
      ox_json_count (json, "unused", (1 << codes->bits) - channel->used);
    }
  ox_json_number (json, "sqnr", channel->sqnr);
  ox_json_number (json, "sqnr_expected", channel->expected);
  ox_json_number (json, "sqnr_reference", channel->against);
}

static void
put_site (JsonBuilder *json, const OxQuantSite *site)
{
  static const char *const kinds[] = { "made", "codes", "weight" };

  json_builder_begin_object (json);
  ox_json_text (json, "tensor", site->name);
  ox_json_text (json, "kind", kinds[site->kind]);
  ox_json_text (json, "type", site->type);
  ox_json_count (json, "bits", site->codes.bits);
  ox_json_count (json, "index", site->node->index);
  ox_json_text (json, "node", site->node->name);
  ox_json_text (json, "op_type", site->node->op_type);
  ox_json_text (json, "frame", site->where);
  ox_json_flag (json, "saturated", site->saturated);
  ox_json_text (json, "reference", site->reference);
  put_channel (json, &site->all, &site->codes);
  ox_json_array (json, "channels");
  for (guint c = 0; c < site->channels->len; c++)
    {
      const OxQuantChannel *channel = &g_array_index (site->channels, OxQuantChannel, c);

      json_builder_begin_object (json);
      ox_json_count (json, "channel", channel->channel);
      put_channel (json, channel, &site->codes);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static void
print_json (OxQuantLens *lens, const char *data_set, const GError *failure)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  GPtrArray *sites = ox_quant_lens_sites (lens);

  json_builder_begin_object (json);
  ox_json_array (json, "tensors");
  for (guint i = 0; i < sites->len; i++)
    put_site (json, g_ptr_array_index (sites, i));
  json_builder_end_array (json);
  ox_json_text (json, "data_set", data_set);
  ox_json_text (json, "failure", failure != NULL ? failure->message : NULL);
  json_builder_end_object (json);
  ox_json_print (json);
}

static int
look (OxModel *model, Options *options)
{
  OxSessionOptions how = { .seed = (guint64) options->feeds.seed };
  g_autoptr (OxSession) session = ox_session_new (model, &how), reference = NULL;
  g_autoptr (OxModel) other = NULL;
  g_autoptr (OxQuantLens) lens = NULL;
  g_autofree char *data_set = NULL;
  GError *error = NULL;
  gboolean ok;

  ox_cli_find_data (&options->feeds, model);
  if (!ox_cli_feed (&options->feeds, session, &data_set, &error))
    return ox_cli_fail (error);
  if (options->reference != NULL)
    {
      other = ox_cli_open (options->reference, options->links);
      if (other == NULL)
        return OX_EXIT_UNUSABLE;
      reference = ox_session_new (other, &how);
      if (!ox_cli_feed_like (reference, session, &error))
        return ox_cli_fail (error);
    }
  lens = ox_quant_lens_new (session, reference);
  ok = ox_quant_lens_run (lens, NULL, &error);
  if (options->json)
    print_json (lens, data_set, error);
  else
    {
      g_autofree char *text = ox_quant_lens_describe (lens, options->all ? 0 : ROWS);

      g_print ("%s", text);
    }
  return ok ? OX_EXIT_GOOD : ox_cli_fail (error);
}

int
ox_cli_quant (int argc, char **argv)
{
  Options options = { 0 };
  g_autoptr (OxModel) model = NULL;
  int status = OX_EXIT_UNUSABLE;
  GOptionEntry entries[] = {
    { 0 }, { 0 }, { 0 }, { 0 }, { 0 },
    { "reference", 0, 0, G_OPTION_ARG_FILENAME, &options.reference, "The model before it was quantised", "MODEL" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &options.all, "All tensors and channels, not only the worst", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "For programs", NULL },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, "Threads (0: one a core)", "N" },
    { "memory", 0, 0, G_OPTION_ARG_INT, &options.memory, "Largest tensor in MB (0: the machine's memory)", "MB" },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &options.links, "Follow links to external data", NULL },
    { NULL },
  };

  ox_cli_feeds_entries (&options.feeds, entries);
  if (ox_cli_parse (
          &argc, &argv, "MODEL",
          "Runs a model and tells of what is quantised in it: scales, what is clipped, codes nobody uses, and how far the"
          " numbers are from those before, in decibels.",
          entries, 1))
    {
      model = ox_cli_open_limited (argv[1], options.links, options.threads, options.memory);
      if (model != NULL)
        status = look (model, &options);
    }
  ox_cli_feeds_clear (&options.feeds);
  g_free (options.reference);
  return status;
}
