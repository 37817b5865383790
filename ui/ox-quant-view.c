/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-quant-view.h"

#include <math.h>

#include "debug/ox-quant-lens.h"
#include "tensor/ox-format.h"
#include "ui/ox-bars-button.h"
#include "ui/ox-column.h"
#include "ui/ox-label.h"
#include "ui/ox-record.h"
#include "ui/ox-words.h"

/* Noise this much below the numbers, in decibels, is no length of a bar at all. */
#define QUIET 60.0

typedef struct
{
  OxSession   *session;
  char        *path;      /* of the reference, or NULL */
  OxQuantOpen  open;
  OxQuantLens *lens;      /* NULL when the reference cannot be had */
} Look;

/* What the study's handlers need; of its life. */
typedef struct
{
  OxFocus       *focus;
  GtkWidget     *bars, *side;
  GtkLabel      *heading;
  GtkColumnView *table, *channels;
  GtkColumnViewColumn *against[2];   /* of both */
  GtkWidget     *drop;    /* takes the reference away */
  char          *path;
  OxQuantOpen    open;
} Page;

static void
look_clear (gpointer data)
{
  Look *look = data;

  g_clear_pointer (&look->lens, ox_quant_lens_free);
  g_clear_pointer (&look->session, ox_session_free);
  g_free (look->path);
}

static void
page_free (gpointer data, GClosure *closure)
{
  Page *page = data;

  g_free (page->path);
  g_object_unref (page->focus);
  g_free (page);
}

static gboolean
look_work (gpointer study, OxProgress progress, gpointer data, GCancellable *cancellable, GError **error)
{
  Look *look = study;
  g_autoptr (OxSession) reference = NULL;

  if (look->path != NULL && (reference = look->open (look->path, look->session, cancellable, error)) == NULL)
    return FALSE;
  look->lens = ox_quant_lens_new (look->session, reference);
  ox_quant_lens_set_progress (look->lens, progress, data);
  return ox_quant_lens_run (look->lens, cancellable, error);
}

/* ---- columns of both tables ------------------------------------------------------------------------------------ */

static char *
decibels (const OxQuantChannel *channel, double rank)
{
  if (isnan (rank))
    return g_strdup ("");
  if (isinf (rank))
    return g_strdup ("exact");
  return g_strdup_printf ("%s%.1f dB", isnan (channel->sqnr) && isnan (channel->against) ? "≈ " : "", rank);
}

static char *
share (gint64 part, gint64 of)
{
  double percent = of > 0 ? 100.0 * (double) part / (double) of : 0;
  g_autofree char *number = percent >= 0.01 ? ox_format_double (percent, 3) : NULL;

  return part <= 0 ? g_strdup ("") : number != NULL ? g_strdup_printf ("%s %%", number) : g_strdup ("< 0.01 %");
}

/* Beyond the codes; where the numbers are not known, what stands at their edge. */
static double
clipped_part (const OxQuantChannel *channel)
{
  gint64 part = channel->clipped >= 0 ? channel->clipped : channel->edge;

  return channel->count > 0 ? (double) part / (double) channel->count : 0;
}

static char *
clipped_words (const OxQuantChannel *channel)
{
  g_autofree char *text = share (channel->clipped >= 0 ? channel->clipped : channel->edge, channel->count);

  return channel->clipped >= 0 || *text == '\0' ? g_steal_pointer (&text) : g_strconcat ("≤ ", text, NULL);
}

static char *
number_text (double number)
{
  return isnan (number) ? g_strdup ("") : ox_format_double (number, 4);
}

/* ---- tensors --------------------------------------------------------------------------------------------------- */

static const OxQuantSite *
site_of (gpointer item)
{
  return ox_record_get (item);
}

static char *
name_text (gpointer item)
{
  const OxQuantSite *site = site_of (item);
  g_autofree char *name = ox_words_valid (site->name), *where = site->where != NULL ? ox_words_valid (site->where) : NULL;

  return where != NULL ? g_strdup_printf ("%s, in %s", name, where) : g_steal_pointer (&name);
}

static double
rank_number (gpointer item)
{
  double rank = ox_quant_site_rank (site_of (item));

  return isnan (rank) ? G_MAXDOUBLE : rank;
}

static char *
rank_text (gpointer item)
{
  const OxQuantSite *site = site_of (item);

  return site->saturated ? g_strdup ("saturated") : decibels (&site->all, ox_quant_site_rank (site));
}

static gboolean
is_saturated (gpointer item)
{
  return site_of (item)->saturated;
}

/* What it is beside the reference, when the first number is another. */
static double
against_number (gpointer item)
{
  return isnan (site_of (item)->all.against) ? G_MAXDOUBLE : site_of (item)->all.against;
}

static char *
against_text (gpointer item)
{
  return decibels (&site_of (item)->all, site_of (item)->all.against);
}

static double
clipped_number (gpointer item)
{
  return clipped_part (&site_of (item)->all);
}

static char *
clipped_text (gpointer item)
{
  return clipped_words (&site_of (item)->all);
}

static double
unused_number (gpointer item)
{
  const OxQuantSite *site = site_of (item);

  return site->all.used >= 0 ? 1 - (double) site->all.used / (1 << site->codes.bits) : -1;
}

static char *
unused_text (gpointer item)
{
  const OxQuantSite *site = site_of (item);
  int all = 1 << site->codes.bits;

  return site->all.used >= 0 ? g_strdup_printf ("%d of %d", all - site->all.used, all) : g_strdup ("");
}

static double
scale_number (gpointer item)
{
  return isnan (site_of (item)->all.scale) ? G_MAXDOUBLE : site_of (item)->all.scale;
}

static char *
scale_text (gpointer item)
{
  const OxQuantSite *site = site_of (item);

  return site->channels->len > 0 ? g_strdup_printf ("%u scales", site->channels->len) : number_text (site->all.scale);
}

static double
zero_number (gpointer item)
{
  return isnan (site_of (item)->all.zero) ? G_MAXDOUBLE : site_of (item)->all.zero;
}

static char *
zero_text (gpointer item)
{
  return number_text (site_of (item)->all.zero);
}

static char *
type_text (gpointer item)
{
  return ox_words_valid (site_of (item)->type);
}

static char *
op_text (gpointer item)
{
  const OxQuantSite *site = site_of (item);
  g_autofree char *op = ox_words_operator (site->node);

  return g_strconcat (site->kind == OX_QUANT_WEIGHT ? "weight of " : "", op, NULL);
}

/* ---- channels -------------------------------------------------------------------------------------------------- */

static const OxQuantChannel *
channel_of (gpointer item)
{
  return ox_record_get (item);
}

static double
index_number (gpointer item)
{
  return (double) channel_of (item)->channel;
}

static char *
index_text (gpointer item)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT, channel_of (item)->channel);
}

static double
channel_rank_number (gpointer item)
{
  double rank = ox_quant_channel_rank (channel_of (item));

  return isnan (rank) ? G_MAXDOUBLE : rank;
}

static char *
channel_rank_text (gpointer item)
{
  return decibels (channel_of (item), ox_quant_channel_rank (channel_of (item)));
}

static double
channel_against_number (gpointer item)
{
  return isnan (channel_of (item)->against) ? G_MAXDOUBLE : channel_of (item)->against;
}

static char *
channel_against_text (gpointer item)
{
  return decibels (channel_of (item), channel_of (item)->against);
}

static double
channel_clipped_number (gpointer item)
{
  return clipped_part (channel_of (item));
}

static char *
channel_clipped_text (gpointer item)
{
  return clipped_words (channel_of (item));
}

static double
channel_used_number (gpointer item)
{
  return channel_of (item)->used;
}

static char *
channel_used_text (gpointer item)
{
  return channel_of (item)->used >= 0 ? g_strdup_printf ("%d", channel_of (item)->used) : g_strdup ("");
}

static double
channel_scale_number (gpointer item)
{
  return channel_of (item)->scale;
}

static char *
channel_scale_text (gpointer item)
{
  return number_text (channel_of (item)->scale);
}

static double
channel_zero_number (gpointer item)
{
  return channel_of (item)->zero;
}

static char *
channel_zero_text (gpointer item)
{
  return number_text (channel_of (item)->zero);
}

static void
show_channels (Page *page, OxRecord *item)
{
  const OxQuantSite *site = item != NULL ? site_of (item) : NULL;
  g_autoptr (GPtrArray) channels = NULL;
  g_autoptr (GListModel) rows = NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_visible (page->side, site != NULL && site->channels->len > 0);
  if (site == NULL || site->channels->len == 0)
    return;
  channels = g_ptr_array_sized_new (site->channels->len);
  for (guint i = 0; i < site->channels->len; i++)
    g_ptr_array_add (channels, &g_array_index (site->channels, OxQuantChannel, i));
  rows = ox_record_list (channels, ox_record_get_owner (item), look_clear);
  ox_column_view_set_model (page->channels, rows);
  text = g_strdup_printf ("Scales of %s", site->name);
  ox_label_set_line (page->heading, text);
}

/* ---- what was found -------------------------------------------------------------------------------------------- */

static OxBars *
make_bars (const Look *look)
{
  GPtrArray *sites = ox_quant_lens_sites (look->lens);
  OxBars *bars = ox_bars_new ("noise of codes, 60 to 0 dB", "clipped, up to 100 %",
                              "Filled: how near the noise of quantising comes to the numbers themselves; a full bar is 0 dB, "
                              "none 60 dB or exact. Hatched: the share that is clipped; full is all of it, a fifth less is "
                              "ten times less. A flag marks the worst.");

  for (guint i = 0; i < sites->len; i++)
    {
      const OxQuantSite *site = g_ptr_array_index (sites, i);
      double rank = ox_quant_site_rank (site), clipped = site->all.clipped > 0 ? clipped_part (&site->all) : 0;

      ox_bars_add_nested (bars, site->node, isnan (rank) ? (double) NAN : CLAMP (1 - rank / QUIET, 0, 1),
                          clipped > 0 ? CLAMP (1 + log10 (clipped) / 5, 0, 1) : 0);
    }
  if (sites->len > 0 && !isnan (ox_quant_site_rank (g_ptr_array_index (sites, 0))))
    ox_bars_set_first (bars, ((OxQuantSite *) g_ptr_array_index (sites, 0))->node);
  return bars;
}

static char *
sentence (const Look *look, const GError *error)
{
  GPtrArray *sites = ox_quant_lens_sites (look->lens);
  guint weights = 0, clipped = 0, about = 0, held = 0;
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < sites->len; i++)
    {
      const OxQuantSite *site = g_ptr_array_index (sites, i);

      weights += site->kind == OX_QUANT_WEIGHT;
      clipped += site->all.clipped > 0;
      held += site->reference != NULL;
      about += isnan (site->all.sqnr) && isnan (site->all.against) && !isnan (site->all.expected);
    }
  if (error != NULL)
    g_string_append_printf (text, "The run stops: %s. ", error->message);
  if (sites->len == 0)
    g_string_append (text, error != NULL ? "Nothing that is quantised was met until then"
                                         : "Nothing in this model is quantised: no node makes or reads codes");
  else
    {
      g_string_append_printf (text, "Quantised tensors: %u, weights among them: %u, clipped: %u", sites->len, weights, clipped);
      if (look->path != NULL)
        {
          g_autofree char *name = g_path_get_basename (look->path);

          g_string_append_printf (text, "; held against %s: %u", name, held);
        }
      if (about > 0)
        g_string_append (text, "; ≈ is expected from the codes alone");
    }
  return g_string_free (text, FALSE);
}

static void
selected_cb (GtkSingleSelection *selection, GParamSpec *pspec, gpointer study)
{
  Page *page = g_object_get_data (study, "page");
  OxRecord *item = gtk_single_selection_get_selected_item (selection);

  if (item != NULL)
    ox_focus_select_named (page->focus, (OxNode *) site_of (item)->node, site_of (item)->name);
  show_channels (page, item);
}

static void
done_cb (OxStudy *study, Look *look, const GError *error, Page *page)
{
  GPtrArray *sites;
  g_autoptr (GListModel) rows = NULL;
  g_autofree char *text = NULL;
  g_autoptr (OxBars) bars = NULL;

  if (look->lens == NULL)
    {
      ox_study_say (study, error->message, TRUE);
      return;
    }
  sites = ox_quant_lens_sites (look->lens);
  rows = ox_record_list (sites, look, look_clear);
  text = sentence (look, error);
  for (guint i = 0; i < G_N_ELEMENTS (page->against); i++)
    gtk_column_view_column_set_visible (page->against[i], look->path != NULL);
  ox_study_say (study, text, error != NULL);
  if (sites->len == 0)
    return;
  show_channels (page, NULL);
  g_signal_connect_object (ox_column_view_set_model (page->table, rows), "notify::selected-item", G_CALLBACK (selected_cb), study, 0);
  bars = make_bars (look);
  ox_bars_button_show (page->bars, bars);
  ox_study_show_findings (study);
}

static void
begin_cb (OxStudy *study, Page *page)
{
  Look *look = g_atomic_rc_box_new0 (Look);

  look->session = ox_debugger_new_study (ox_focus_get_debugger (page->focus));
  look->path = g_strdup (page->path);
  look->open = page->open;
  ox_study_run (study, look_work, look, look_clear);
}

void
ox_quant_view_set_reference (OxStudy *study, const char *path, OxQuantOpen open)
{
  Page *page = g_object_get_data (G_OBJECT (study), "page");
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : NULL, *valid = ox_words_valid (name);
  g_autofree char *tip = g_strdup_printf ("No Longer Hold against %s", valid);

  g_free (page->path);
  page->path = g_strdup (path);
  page->open = open;
  gtk_widget_set_visible (page->drop, path != NULL);
  gtk_widget_set_tooltip_text (page->drop, tip);
}

static void
drop_cb (OxStudy *study)
{
  ox_quant_view_set_reference (study, NULL, NULL);
  ox_study_ask (study);
}

/* ---- the study ------------------------------------------------------------------------------------------------- */

static GtkColumnView *
new_table (void)
{
  GtkColumnView *table = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));

  gtk_widget_add_css_class (GTK_WIDGET (table), "data-table");
  return table;
}

static GtkWidget *
scrolled (GtkColumnView *table)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (table));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_set_hexpand (scroller, TRUE);
  return scroller;
}

static GtkWidget *
make_side (Page *page)
{
  GtkWidget *side = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  page->heading = GTK_LABEL (ox_label_new_line (NULL, "heading", PANGO_ELLIPSIZE_START));
  gtk_widget_add_css_class (GTK_WIDGET (page->heading), "ox-study");
  page->channels = new_table ();
  ox_column_append (page->channels, "Channel", index_text, index_number, FALSE);
  ox_column_append (page->channels, "SQNR", channel_rank_text, channel_rank_number, FALSE);
  page->against[1] = ox_column_append (page->channels, "Reference", channel_against_text, channel_against_number, FALSE);
  ox_column_append (page->channels, "Clipped", channel_clipped_text, channel_clipped_number, FALSE);
  ox_column_append (page->channels, "Used", channel_used_text, channel_used_number, FALSE);
  ox_column_append (page->channels, "Scale", channel_scale_text, channel_scale_number, FALSE);
  ox_column_append (page->channels, "Zero", channel_zero_text, channel_zero_number, FALSE);
  gtk_box_append (GTK_BOX (side), GTK_WIDGET (page->heading));
  gtk_box_append (GTK_BOX (side), scrolled (page->channels));
  gtk_widget_set_size_request (side, 240, -1);
  gtk_widget_set_visible (side, FALSE);
  return side;
}

OxStudy *
ox_quant_view_new (OxFocus *focus)
{
  Page *page = g_new0 (Page, 1);
  GtkWidget *findings = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL), *against = gtk_button_new_with_label ("Against…");
  OxStudy *study;

  page->focus = g_object_ref (focus);
  page->table = new_table ();
  ox_column_append (page->table, "Tensor", name_text, NULL, TRUE);
  ox_column_set_mark (ox_column_append (page->table, "SQNR", rank_text, rank_number, FALSE), is_saturated);
  page->against[0] = ox_column_append (page->table, "Reference", against_text, against_number, FALSE);
  ox_column_append (page->table, "Clipped", clipped_text, clipped_number, FALSE);
  ox_column_append (page->table, "Unused", unused_text, unused_number, FALSE);
  ox_column_append (page->table, "Scale", scale_text, scale_number, FALSE);
  ox_column_append (page->table, "Zero", zero_text, zero_number, FALSE);
  ox_column_append (page->table, "Type", type_text, NULL, FALSE);
  ox_column_append (page->table, "Operator", op_text, NULL, FALSE);
  page->side = make_side (page);
  gtk_paned_set_start_child (GTK_PANED (findings), scrolled (page->table));
  gtk_paned_set_end_child (GTK_PANED (findings), page->side);
  gtk_paned_set_resize_end_child (GTK_PANED (findings), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (findings), FALSE);
  study = OX_STUDY (ox_study_new (focus, "Look",
                                  "What does quantising do to each tensor? A run tells of scales and zero points, of what is "
                                  "clipped, of codes nobody uses, and how far the numbers are from those before, in decibels.",
                                  findings));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (against), "page.quant-reference");
  gtk_widget_set_tooltip_text (against, "Hold It against the Model before It Was Quantised");
  page->drop = gtk_button_new_from_icon_name ("edit-clear-symbolic");
  gtk_widget_set_visible (page->drop, FALSE);
  g_signal_connect_swapped (page->drop, "clicked", G_CALLBACK (drop_cb), study);
  ox_study_add_question (study, against);
  ox_study_add_question (study, page->drop);
  page->bars = ox_bars_button_new (focus);
  ox_study_add_tool (study, page->bars);
  g_object_set_data (G_OBJECT (study), "page", page);
  g_signal_connect (study, "begin", G_CALLBACK (begin_cb), page);
  g_signal_connect_data (study, "done", G_CALLBACK (done_cb), page, page_free, 0);
  return study;
}
