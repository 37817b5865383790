/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "cli.h"
#include "scene/ox-scene.h"
#include "session/ox-inference.h"

typedef struct
{
  const char *name;
  OxGraph    *body;
} Search;

static void
look (OxGraph *graph, gpointer data)
{
  Search *search = data;

  for (guint i = 0; search->body == NULL && i < graph->nodes->len; i++)
    {
      const OxNode *node = g_ptr_array_index (graph->nodes, i);

      if (strcmp (node->name, search->name) != 0)
        continue;
      for (guint a = 0; search->body == NULL && a < node->attributes->len; a++)
        {
          const OxAttribute *attribute = g_ptr_array_index (node->attributes, a);

          if (attribute->graphs != NULL && attribute->graphs->len > 0)
            search->body = g_ptr_array_index (attribute->graphs, 0);
        }
    }
}

/* The first body of the node of that name, or the body of the function; NULL if there is none. */
static OxGraph *
find_body (OxModel *model, const char *name)
{
  Search search = { name, NULL };

  ox_graph_foreach (model->graph, look, &search);
  for (guint i = 0; search.body == NULL && i < model->functions->len; i++)
    {
      const OxFunction *function = g_ptr_array_index (model->functions, i);

      if (strcmp (function->name, name) == 0)
        search.body = function->body;
    }
  return search.body;
}

int
ox_cli_export (int argc, char **argv)
{
  g_autofree char *path = NULL, *scope = NULL, *theme = NULL, *inside = NULL;
  int depth = 0;
  double scale = 1;
  gboolean links = FALSE;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &path, "Where to: its ending says what", "FILE.svg|png|pdf|dot" },
    { "scope", 0, 0, G_OPTION_ARG_STRING, &scope, "Only what is in this scope, as layers.0/attn", "SCOPE" },
    { "depth", 0, 0, G_OPTION_ARG_INT, &depth, "Scopes below this depth become one card each", "N" },
    { "body", 0, 0, G_OPTION_ARG_STRING, &inside, "The body of this node or function instead of the main graph", "NAME" },
    { "theme", 0, 0, G_OPTION_ARG_STRING, &theme, "light (default) or dark", "THEME" },
    { "scale", 0, 0, G_OPTION_ARG_DOUBLE, &scale, "PNG: pixels a point (1)", "X" },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &links, "Follow links to external data", NULL },
    { NULL },
  };
  OxSceneOptions how = { 0 };
  OxExportOptions options = { 0 };
  g_autoptr (OxModel) model = NULL;
  g_autoptr (OxScene) scene = NULL;
  OxGraph *graph;
  GError *error = NULL;

  if (!ox_cli_parse (&argc, &argv, "MODEL", "Draws a model, without a display.", entries, 1))
    return OX_EXIT_UNUSABLE;
  options.dark = g_strcmp0 (theme, "dark") == 0;
  options.scale = scale;
  how.scope = scope;
  how.depth = depth;
  if (path == NULL || (theme != NULL && !options.dark && strcmp (theme, "light") != 0) || !(scale > 0 && scale <= 64) || depth < 0)
    {
      g_printerr ("onnxscope export: %s\n", path == NULL ? "-o FILE is missing" : "the theme is light or dark, the scale up to 64");
      return OX_EXIT_UNUSABLE;
    }
  model = ox_cli_open (argv[1], links);
  if (model == NULL)
    return OX_EXIT_UNUSABLE;
  ox_model_infer (model, NULL, NULL);
  graph = model->graph;
  if (inside != NULL)
    {
      graph = find_body (model, inside);
      if (graph == NULL)
        {
          g_printerr ("onnxscope export: no node or function '%s' with a body\n", inside);
          return OX_EXIT_UNUSABLE;
        }
    }
  scene = ox_scene_new (graph, &how, NULL, &error);
  if (scene == NULL || !ox_scene_export (scene, path, &options, NULL, &error))
    {
      ox_cli_fail (error);
      return OX_EXIT_UNUSABLE;
    }
  return OX_EXIT_GOOD;
}
