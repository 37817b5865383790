/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-error.h"
#include "debug/ox-console-private.h"
#include "debug/ox-excerpt.h"

#define USAGE "expected extract NODE, --from NODE --to NODE or --scope PATTERN, -o FOLDER [--weights-as-inputs]"

typedef struct
{
  char    *node, *from, *to, *scope, *folder;
  gboolean weights;
} Request;

static void
request_clear (Request *self)
{
  g_free (self->node);
  g_free (self->from);
  g_free (self->to);
  g_free (self->scope);
  g_free (self->folder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Request, request_clear)

static gboolean
parse (const char *argument, Request *request, GError **error)
{
  struct { const char *word; char **text; } options[] = { { "-o", &request->folder },  { "--from", &request->from },
                                                          { "--to", &request->to },    { "--scope", &request->scope } };
  g_auto (GStrv) words = g_strsplit (argument, " ", -1);
  g_autoptr (GString) node = g_string_new (NULL);

  for (int i = 0; words[i] != NULL; i++)
    {
      guint o = 0;

      while (o < G_N_ELEMENTS (options) && !g_str_equal (words[i], options[o].word))
        o++;
      if (words[i][0] == '\0')
        continue;
      if (g_str_equal (words[i], "--weights-as-inputs"))
        request->weights = TRUE;
      else if (o < G_N_ELEMENTS (options) && words[i + 1] != NULL && *options[o].text == NULL)
        *options[o].text = g_strdup (words[++i]);
      else
        g_string_append_printf (node, "%s%s", node->len > 0 ? " " : "", words[i]);
    }
  if (node->len > 0)
    request->node = g_strdup (node->str);
  return ((request->folder != NULL
           && (request->node != NULL) + (request->scope != NULL) + (request->from != NULL || request->to != NULL) == 1)
          || ox_fail (error, OX_ERROR_VALUE, USAGE));
}

static OxRegion *
find_region (OxConsole *self, const Request *request, GError **error)
{
  OxGraph *graph = ox_console_frame (self)->graph;
  char *from[] = { request->from, NULL }, *to[] = { request->to, NULL };
  OxNode *node;

  if (request->scope != NULL)
    return ox_region_new_scope (graph, request->scope, error);
  if (request->node == NULL)
    return ox_region_new_between (graph, from, to, error);
  node = ox_console_find_node (self, request->node, error);
  return node != NULL ? ox_region_new_node (node) : NULL;
}

struct _OxConsoleExtract
{
  OxExcerpt     *excerpt;
  OxConsoleWrite write;
  char          *folder;
};

void
ox_console_extract_free (OxConsoleExtract *self)
{
  g_clear_pointer (&self->excerpt, ox_excerpt_free);
  g_free (self->folder);
  g_free (self);
}

OxConsoleExtract *
ox_console_extract_new (OxConsole *console, const char *argument, GError **error)
{
  g_autoptr (OxConsoleExtract) self = g_new0 (OxConsoleExtract, 1);
  g_auto (Request) request = { 0 };
  OxRegion *region;

  if (!parse (argument, &request, error))
    return NULL;
  if (console->write == NULL)
    {
      ox_fail (error, OX_ERROR_UNSUPPORTED, "this console cannot write models");
      return NULL;
    }
  region = find_region (console, &request, error);
  if (region == NULL)
    return NULL;
  if (request.weights)
    ox_region_take_weights (region);
  self->write = console->write;
  self->folder = g_steal_pointer (&request.folder);
  self->excerpt = ox_excerpt_new (console->debugger, region, error);
  return self->excerpt != NULL ? g_steal_pointer (&self) : NULL;
}

/* Besides Constants that go along. */
static guint
count_nodes (const OxGraph *graph)
{
  guint n = 0;

  for (guint i = 0; i < graph->nodes->len; i++)
    n += !g_str_equal (ox_graph_node (graph, i)->op_type, "Constant");
  return MAX (n, 1);
}

char *
ox_console_extract_run (OxConsoleExtract *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) expected = NULL;
  g_autoptr (OxCase) made = ox_excerpt_make (self->excerpt, &expected, cancellable, error);
  const char *failure = ox_excerpt_failure (self->excerpt);
  guint size;

  if (made == NULL || !self->write (made, expected, self->folder, error))
    return NULL;
  size = count_nodes (made->model->graph);
  return g_strdup_printf ("%s: %u %s, %u inputs, %u outputs%s%s\n", self->folder, size, size == 1 ? "node" : "nodes", made->inputs->len,
                          expected->len, failure != NULL ? "; it fails: " : "", failure != NULL ? failure : "");
}
