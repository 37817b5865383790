/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "model/ox-scope.h"
#include "report/ox-report-private.h"

/* ---- how deep -------------------------------------------------------------------------------------------------- */

/* Cards of the main graph when scopes at @depth are one each; 0: none are. */
static guint
count_cards (const OxGraph *graph, int depth)
{
  g_autoptr (GHashTable) groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint n = 0;

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const OxNode *node = g_ptr_array_index (graph->nodes, i);
      g_autofree char *scope = depth > 0 ? ox_node_scope (node) : NULL;

      if (scope == NULL || ox_scope_depth (scope) < depth)
        n++;
      else
        g_hash_table_add (groups, ox_scope_cut (scope, depth));
    }
  return n + g_hash_table_size (groups);
}

static int
deepest (const OxGraph *graph)
{
  int depth = 0;

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      g_autofree char *scope = ox_node_scope (g_ptr_array_index (graph->nodes, i));

      depth = MAX (depth, ox_scope_depth (scope));
    }
  return depth;
}

static double
larger (double a, double b)
{
  return isnan (a) || b > a ? b : a;
}

/* A card of a scope shows the largest of its nodes'. */
static void
gather_errors (OxReport *self)
{
  self->card_errors = g_new (OxCardErrors, self->scene->cards->len + 1);
  for (guint i = 0; i < self->scene->cards->len; i++)
    self->card_errors[i] = (OxCardErrors){ NAN, NAN, FALSE };
  for (guint i = 0; i < self->model->graph->nodes->len; i++)
    {
      const OxNode *node = g_ptr_array_index (self->model->graph->nodes, i);
      int card = ox_scene_find (self->scene, node);
      double own = NAN, through = NAN;

      if (card < 0)
        continue;
      ox_node_errors_get (self->errors, node, &own, &through);
      self->card_errors[card].own = larger (self->card_errors[card].own, own);
      self->card_errors[card].through = larger (self->card_errors[card].through, through);
      self->card_errors[card].first |= node == self->first;
    }
}

/* A card of a scope goes by its first node. */
static void
gather_bad (OxReport *self)
{
  g_autoptr (GList) nodes = g_hash_table_get_keys (self->bad);

  for (GList *at = nodes; at != NULL; at = at->next)
    {
      int card = ox_scene_find (self->scene, at->data);

      if (card >= 0)
        g_hash_table_add (self->bad, ox_scene_card (self->scene, card)->node);
    }
}

gboolean
ox_report_make_picture (OxReport *self, GCancellable *cancellable, GError **error)
{
  const OxGraph *graph = self->model->graph;
  guint most = self->options.cards > 0 ? self->options.cards : OX_REPORT_CARDS;
  OxSceneOptions how = { 0 };

  if (self->options.progress != NULL)
    self->options.progress (0.9, "Drawing…", self->options.data);
  if (count_cards (graph, 0) > most)
    {
      for (how.depth = deepest (graph); how.depth > 0 && count_cards (graph, how.depth) > most; how.depth--)
        ;
      if (how.depth == 0)
        {
          self->no_picture =
              g_strdup_printf ("The graph has %u nodes and no scopes to fold them by; a picture of more than %u cards "
                               "is left out.",
                               graph->nodes->len, most);
          return TRUE;
        }
    }
  self->depth = how.depth;
  self->scene = ox_scene_new (self->model->graph, &how, cancellable, error);
  if (self->scene == NULL)
    return FALSE;
  self->linked = g_new0 (gboolean, self->scene->cards->len + 1);
  if (self->errors != NULL)
    gather_errors (self);
  gather_bad (self);
  return TRUE;
}

int
ox_report_card (const OxReport *self, const OxRecord *record)
{
  return self->scene != NULL && record->top != NULL ? ox_scene_find (self->scene, record->top) : -1;
}

/* ---- the picture ----------------------------------------------------------------------------------------------- */

static gboolean
errors_of (OxNode *node, OxCardErrors *errors, gpointer data)
{
  const OxReport *self = data;

  *errors = self->card_errors[ox_scene_find (self->scene, node)];
  return !isnan (errors->own) || !isnan (errors->through);
}

static OxNodeState
state_of (OxNode *node, gpointer data)
{
  const OxReport *self = data;

  return self->failed != NULL && node == self->failed ? OX_NODE_FAILED : OX_NODE_DONE;
}

static gboolean
bad_of (OxNode *node, gpointer data)
{
  const OxReport *self = data;

  return g_hash_table_contains (self->bad, node);
}

static gboolean
linked_of (int card, gpointer data)
{
  const OxReport *self = data;

  return self->linked[card];
}

static void
put_legend (OxReport *self, GString *html)
{
  ox_html (html, "<p class=\"legend\">");
  if (self->errors != NULL)
    ox_html (html,
             "<span><i class=\"swatch own\"></i>the node’s own error</span>"
             "<span><i class=\"swatch through\"></i>error of the run, with what it inherited; a full bar is an error as "
             "large as the value</span>");
  if (self->first != NULL)
    ox_html (html, "<span><i class=\"swatch first\"></i>the first to differ</span>");
  if (g_hash_table_size (self->bad) > 0)
    ox_html (html, "<span><i class=\"swatch sign\">!</i>makes NaN or infinity</span>");
  if (self->failed != NULL)
    ox_html (html, "<span><i class=\"swatch first\"></i>could not run</span>");
  if (self->depth > 0)
    ox_html (html, "<span>%u nodes are too many to draw: scopes of depth %d are one card each.</span>",
             self->model->graph->nodes->len, self->depth);
  ox_html (html, "</p>\n");
}

gboolean
ox_report_put_picture (OxReport *self, GString *html, GCancellable *cancellable, GError **error)
{
  const OxExportOptions how = { .scale = 1,
                                .state = state_of,
                                .errors = self->errors != NULL ? errors_of : NULL,
                                .bad = bad_of,
                                .linked = linked_of,
                                .data = self };
  g_autoptr (GOutputStream) stream = NULL;

  ox_html (html, "<section id=\"picture\">\n<h2>Picture</h2>\n");
  if (self->scene == NULL)
    {
      ox_html (html, "<p class=\"empty\">%s</p>\n</section>\n", self->no_picture);
      return TRUE;
    }
  put_legend (self, html);
  ox_html (html, "<div class=\"canvas\" tabindex=\"0\" role=\"group\" aria-label=\"The graph\">\n");
  stream = g_memory_output_stream_new_resizable ();
  if (!ox_scene_embed (self->scene, stream, &how, cancellable, error))
    return FALSE;
  g_string_append_len (html, g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (stream)),
                       (gssize) g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream)));
  ox_html (html, "</div>\n</section>\n");
  return TRUE;
}
