/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "report/ox-report-private.h"

/* Values whose differences are drawn, those that differ by their own node's doing first. */
#define MOST_DRAWN 60
#define BAR_W 9
#define BAR_H 60

static const char *const verdicts[] = {
  [OX_VERDICT_SAME] = "same",
  [OX_VERDICT_INHERITED] = "inherited",
  [OX_VERDICT_RANDOM] = "random",
  [OX_VERDICT_DIFFERS] = "differs",
};

const char *
ox_report_verdict (OxVerdict verdict)
{
  return verdicts[verdict];
}

/* ---- what came of it ------------------------------------------------------------------------------------------- */

/* Where the card of a node is, if it has one. */
static void
put_way (OxReport *self, GString *html, const OxNode *top)
{
  int card = self->scene != NULL && top != NULL ? ox_scene_find (self->scene, top) : -1;

  if (card < 0)
    return;
  ox_html (html, "<p class=\"ways\"><a href=\"#card%d\">in the picture</a>", card);
  if (self->linked[card])
    ox_html (html, " <a href=\"#row%d\">in the table</a>", card);
  ox_html (html, "</p>");
}

static void
put_divergence (OxReport *self, GString *html)
{
  const OxComparedValue *first = ox_comparison_first (self->comparison);
  g_autofree char *title = NULL, *line = NULL, *detail = NULL, *region = NULL;
  g_autoptr (GPtrArray) mine = NULL, theirs = NULL;

  if (first == NULL)
    return;
  title = ox_node_title (first->node);
  line = ox_compared_value_describe (first);
  detail = ox_compared_value_detail (first);
  mine = ox_comparison_region (self->comparison, first);
  theirs = ox_reference_region (ox_comparison_reference (self->comparison), first->node, first->output);
  ox_html (html, "<article class=\"wrong\" id=\"first\"><h3>First divergence: %s <span>%s</span></h3>\n<p>%s</p>\n",
           first->node->op_type, title, line);
  if (first->has_own && first->has_through && first->text == NULL)
    {
      ox_html (html, "<p>Given the reference’s inputs, the node is off by up to <b>");
      ox_html_number (html, first->own.max_abs, 3);
      ox_html (html, "</b> by itself; in the run, with what came before it, by up to <b>");
      ox_html_number (html, first->through.max_abs, 3);
      ox_html (html, "</b>.</p>\n");
    }
  put_way (self, html, self->first);
  if (mine->len > 1 || theirs->len > 1)
    {
      region = ox_comparison_describe_region (self->comparison, first);
      ox_html (html, "<pre>%s</pre>\n", region);
    }
  ox_html (html, "<details><summary>All metrics</summary><pre>%s</pre></details></article>\n", detail);
}

static void
put_finding (OxReport *self, GString *html, const OxFinding *finding)
{
  g_autofree char *text = ox_finding_describe (finding), *title = ox_node_title (finding->node);

  ox_html (html, "<article class=\"%s\"><h3>First %s%s: %s <span>%s</span></h3>\n", finding->intended ? "calm" : "wrong",
           finding->kind == OX_HUNT_NAN ? "NaN" : "infinity", finding->intended ? ", on purpose" : "",
           finding->node->op_type, title);
  put_way (self, html, finding->frame == 0 ? finding->node : NULL);
  ox_html (html, "<pre>%s</pre></article>\n", text);
}

static void
put_findings (OxReport *self, GString *html)
{
  for (int kind = OX_HUNT_INF; self->hunt != NULL && kind <= OX_HUNT_NAN; kind++)
    {
      const OxFinding *first = ox_hunt_first (self->hunt, kind), *other = ox_hunt_first_unintended (self->hunt, kind);

      if (other != NULL)
        put_finding (self, html, other);
      if (first != NULL && first != other)
        put_finding (self, html, first);
    }
}

static void
put_counts (OxReport *self, GString *html)
{
  GPtrArray *values = ox_comparison_values (self->comparison), *remarks = ox_comparison_remarks (self->comparison);
  guint n[G_N_ELEMENTS (verdicts)] = { 0 };

  for (guint i = 0; i < values->len; i++)
    n[((const OxComparedValue *) g_ptr_array_index (values, i))->verdict]++;
  ox_html (html,
           "<p>%u values were compared with <b>%s</b>: %u same, %u inherited a difference, %u random, <b>%u differ by their "
           "node’s own doing</b>; %u are not in the reference.</p>\n",
           values->len, ox_reference_title (ox_comparison_reference (self->comparison)), n[OX_VERDICT_SAME],
           n[OX_VERDICT_INHERITED], n[OX_VERDICT_RANDOM], n[OX_VERDICT_DIFFERS], ox_comparison_missing (self->comparison));
  for (guint i = 0; i < remarks->len; i++)
    ox_html (html, "<p class=\"note\">%s</p>\n", (const char *) g_ptr_array_index (remarks, i));
}

void
ox_report_put_result (OxReport *self, GString *html)
{
  ox_html (html, "<section id=\"result\">\n<h2>Result</h2>\n");
  if (self->result->failure != NULL)
    {
      ox_html (html, "<article class=\"wrong\"><h3>The run stopped</h3><p>%s</p>", self->result->failure->message);
      put_way (self, html, self->failed);
      ox_html (html, "</article>\n");
    }
  if (self->comparison != NULL)
    {
      put_divergence (self, html);
      put_findings (self, html);
      put_counts (self, html);
    }
  else
    put_findings (self, html);
  if (self->n_bad == 0)
    ox_html (html,
             "<p>%" G_GUINT64_FORMAT " values of %" G_GUINT64_FORMAT " executed nodes hold no NaN and no infinity.</p>\n",
             self->n_values, self->n_nodes);
  else
    ox_html (html, "<p>%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " values hold NaN or infinities.</p>\n", self->n_bad,
             self->n_values);
  ox_html (html, "</section>\n");
}

/* ---- histograms ------------------------------------------------------------------------------------------------ */

/* Bars are as high as the logarithm of their count, so that one element among a million is seen. */
static void
put_bars (GString *html, const OxDecades *decades)
{
  double most = 1;

  for (int i = 0; i < OX_DECADES; i++)
    most = MAX (most, log1p ((double) decades->counts[i]));
  ox_html (
      html,
      "<svg class=\"histogram\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"Differences by "
      "size\">",
      OX_DECADES * BAR_W, BAR_H + 14, OX_DECADES * BAR_W, BAR_H + 14);
  ox_html (html, "<path class=\"axis\" d=\"M0 %d.5H%d\"/>", BAR_H, OX_DECADES * BAR_W);
  for (int i = 0; i < OX_DECADES; i++)
    {
      int height =
          decades->counts[i] > 0 ? MAX (2, (int)lround (log1p ((double)decades->counts[i]) / most * (BAR_H - 2))) : 0;

      if (height > 0)
        ox_html (html,
                 "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>%" G_GINT64_FORMAT " %s 1e%d</title></rect>",
                 i * BAR_W + 1, BAR_H - height, BAR_W - 2, height, decades->counts[i], i == 0 ? "below" : "from",
                 OX_DECADES_LOW + MAX (i - 1, 0));
    }
  for (int i = 1; i < OX_DECADES; i += 5)
    ox_html (html, "<text x=\"%d\" y=\"%d\">1e%d</text>", i * BAR_W, BAR_H + 12, OX_DECADES_LOW + i - 1);
  ox_html (html, "</svg>");
}

static void
put_histogram (OxReport *self, GString *html, const OxComparedValue *value)
{
  const char *output =
      value->output < value->node->output_names->len ? g_ptr_array_index (value->node->output_names, value->output) : "";
  const OxDecades *decades = value->decades;
  gint64 n = decades->bad;

  for (int i = 0; i < OX_DECADES; i++)
    n += decades->counts[i];
  ox_html (html, "<figure><figcaption><span class=\"verdict %s\">%s</span> <b>%s</b> %s", verdicts[value->verdict],
           verdicts[value->verdict], value->node->op_type, output);
  if (value->where != NULL)
    ox_html (html, "<span class=\"where\">in %s</span>", value->where);
  ox_html (html, "</figcaption>");
  put_bars (html, decades);
  ox_html (html, "<p class=\"faint\">%" G_GINT64_FORMAT " unequal, %" G_GINT64_FORMAT " equal", n, decades->equal);
  if (decades->bad > 0)
    ox_html (html, ", %" G_GINT64_FORMAT " with NaN or infinity", decades->bad);
  ox_html (html, "</p></figure>\n");
}

void
ox_report_put_differences (OxReport *self, GString *html)
{
  GPtrArray *values;
  guint n = 0, of = 0;

  if (self->comparison == NULL)
    return;
  values = ox_comparison_values (self->comparison);
  for (guint i = 0; i < values->len; i++)
    {
      const OxComparedValue *value = g_ptr_array_index (values, i);

      of += value->decades != NULL && value->verdict != OX_VERDICT_SAME;
    }
  if (of == 0)
    return;
  ox_html (html, "<section id=\"differences\">\n<h2>Differences by size</h2>\n<p class=\"note\">Of values outside of their "
                 "tolerance: how "
                 "many elements differ by how much. Heights are logarithms of counts.");
  if (of > MOST_DRAWN)
    ox_html (html, " %d of %u are drawn.", MOST_DRAWN, of);
  ox_html (html, "</p>\n<div class=\"figures\">\n");
  for (int pass = 0; pass < 2; pass++)
    for (guint i = 0; i < values->len && n < MOST_DRAWN; i++)
      {
        const OxComparedValue *value = g_ptr_array_index (values, i);

        if (value->decades == NULL || value->verdict == OX_VERDICT_SAME
            || (pass == 0) != (value->verdict == OX_VERDICT_DIFFERS))
          continue;
        put_histogram (self, html, value);
        n++;
      }
  ox_html (html, "</div>\n</section>\n");
}
