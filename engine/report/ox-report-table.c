/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "report/ox-report-private.h"

/* Worth a row before others. */
static gboolean
is_notable (const OxRecord *record)
{
  return record->nan > 0 || record->inf > 0 || (record->compared != NULL && record->compared->verdict != OX_VERDICT_SAME);
}

void
ox_report_choose_rows (OxReport *self)
{
  guint most = self->options.rows > 0 ? self->options.rows : OX_REPORT_ROWS, n = 0, half = (most + 1) / 2;
  gboolean all = self->records->len <= most;

  self->listed = g_new0 (guint8, self->records->len + 1);
  for (int pass = all ? 1 : 0; pass < 2; pass++)
    for (guint i = 0; i < self->records->len && n < (pass == 0 ? half : most); i++)
      {
        const OxRecord *record = &g_array_index (self->records, OxRecord, i);

        if (self->listed[i] || (pass == 0 && !is_notable (record)))
          continue;
        self->listed[i] = 1;
        n++;
      }
  for (guint i = 0; self->scene != NULL && i < self->records->len; i++)
    {
      int card = self->listed[i] ? ox_report_card (self, &g_array_index (self->records, OxRecord, i)) : -1;

      /* The first row of a card is its anchor. */
      if (card >= 0 && !self->linked[card])
        {
          self->linked[card] = TRUE;
          self->listed[i] = 2;
        }
    }
}

/* ---- cells ----------------------------------------------------------------------------------------------------- */

static void
put_number_cell (GString *html, double number, int digits)
{
  ox_html (html, "<td class=\"n\">");
  ox_html_number (html, number, digits);
  ox_html (html, "</td>");
}

static void
put_count_cell (GString *html, gint64 count)
{
  if (count > 0)
    ox_html (html, "<td class=\"n alarm\">%" G_GINT64_FORMAT "</td>", count);
  else
    ox_html (html, "<td class=\"n\"></td>");
}

static void
put_error_cell (GString *html, const char *class, gboolean known, const OxDifference *difference, double length)
{
  if (!known)
    {
      ox_html (html, "<td class=\"n\"></td>");
      return;
    }
  ox_html (html, "<td class=\"n\">");
  ox_html_number (html, difference->max_abs, 3);
  if (length > 0)
    ox_html (html, "<span class=\"bar\"><i class=\"%s\" style=\"width:%d%%\"></i></span>", class,
             (int)lround (length * 100));
  ox_html (html, "</td>");
}

static void
put_compared (GString *html, const OxComparedValue *value)
{
  double own, through;

  if (value == NULL)
    {
      ox_html (html, "<td class=\"faint\">no reference</td><td class=\"n\"></td><td class=\"n\"></td>");
      return;
    }
  ox_compared_value_lengths (value, &own, &through);
  ox_html (html, "<td><span class=\"verdict %s\">%s</span></td>", ox_report_verdict (value->verdict),
           ox_report_verdict (value->verdict));
  put_error_cell (html, "own", value->has_own, &value->own, own);
  put_error_cell (html, "through", value->has_through, &value->through, through);
}

static void
put_row (OxReport *self, GString *html, guint i)
{
  const OxRecord *record = &g_array_index (self->records, OxRecord, i);
  const OxNode *node = record->node;
  g_autofree char *title = ox_node_title (node);
  int card = ox_report_card (self, record);
  const char *output =
      record->output < node->output_names->len ? g_ptr_array_index (node->output_names, record->output) : "";

  ox_html (html, "<tr");
  if (self->listed[i] == 2)
    ox_html (html, " id=\"row%d\"", card);
  if (card >= 0)
    ox_html (html, " data-card=\"%d\"", card);
  if (record->compared != NULL)
    ox_html (html, " data-verdict=\"%s\"", ox_report_verdict (record->compared->verdict));
  if (record->nan > 0 || record->inf > 0)
    ox_html (html, " data-bad");
  ox_html (html, "><td class=\"n faint\">%u</td><td class=\"name\"><b>%s</b>", node->index, node->op_type);
  if (card >= 0)
    ox_html (html, "<a href=\"#card%d\">%s</a>", card, title);
  else
    ox_html (html, "<span>%s</span>", title);
  if (record->where != NULL)
    ox_html (html, "<span class=\"where\">in %s</span>", record->where);
  ox_html (html, "</td><td class=\"name\">%s<span class=\"type\">%s</span></td>", output,
           record->type != NULL ? record->type : "was not made in the run");
  put_number_cell (html, record->min, 4);
  put_number_cell (html, record->mean, 4);
  put_number_cell (html, record->max, 4);
  put_count_cell (html, record->nan);
  put_count_cell (html, record->inf);
  if (!self->options.no_times)
    put_number_cell (html, record->seconds * 1e3, 3);
  if (self->comparison != NULL)
    put_compared (html, record->compared);
  ox_html (html, "</tr>\n");
}

/* ---- the table ------------------------------------------------------------------------------------------------- */

static void
put_head (OxReport *self, GString *html)
{
  ox_html (html, "<thead><tr><th class=\"n\" title=\"The node’s place in its graph; sorts by order of "
                 "execution\">#</th><th>Node</th><th>Value</th><th class=\"n\">Min</th>"
                 "<th class=\"n\">Mean</th><th class=\"n\">Max</th><th class=\"n\">NaN</th><th class=\"n\">Inf</th>");
  if (!self->options.no_times)
    ox_html (html, "<th class=\"n\" title=\"Of the node\">ms</th>");
  if (self->comparison != NULL)
    ox_html (html,
             "<th>Verdict</th><th class=\"n\" title=\"Largest absolute error of the node alone, with the reference’s "
             "inputs\">Own error</th><th class=\"n\" title=\"Largest absolute error of the run, with what it inherited\">"
             "Error in the run</th>");
  ox_html (html, "</tr></thead>\n");
}

static void
put_how_many (OxReport *self, GString *html)
{
  guint n = 0;

  for (guint i = 0; i < self->records->len; i++)
    n += self->listed[i] != 0;
  if (n < self->records->len || self->n_values > self->records->len)
    ox_html (html,
             "<p class=\"note\">%u of %" G_GUINT64_FORMAT
             " values are listed: the first ones, and those after them that differ or hold NaN or "
             "infinities, as far as there is room. <code>--rows</code> makes room.</p>\n",
             n, MAX (self->n_values, (guint64)self->records->len));
}

void
ox_report_put_table (OxReport *self, GString *html)
{
  ox_html (html, "<section id=\"values\">\n<h2>Values <span class=\"faint\">in order of execution</span></h2>\n");
  if (self->records->len == 0)
    {
      ox_html (html, "<p class=\"empty\">No node made a value.</p>\n</section>\n");
      return;
    }
  put_how_many (self, html);
  ox_html (html, "<div class=\"scroll\"><table id=\"table\">\n");
  put_head (self, html);
  ox_html (html, "<tbody>\n");
  for (guint i = 0; i < self->records->len; i++)
    if (self->listed[i])
      put_row (self, html, i);
  ox_html (html, "</tbody>\n</table></div>\n</section>\n");
}
