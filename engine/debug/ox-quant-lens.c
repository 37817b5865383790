/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-quant-lens-private.h"
#include "tensor/ox-format.h"

/* Channels beyond are not told apart. */
#define MAX_CHANNELS 65536
/* Channels of a tensor that are shown. */
#define SHOWN_CHANNELS 3
/* The share of elements at the edge from which on a tensor is called saturated. */
#define SATURATED 0.01

static void
site_free (gpointer data)
{
  OxQuantSite *site = data;

  g_free (site->name);
  g_free (site->where);
  g_free (site->type);
  g_free (site->reference);
  g_array_unref (site->channels);
  ox_quant_sums_free (site->sums);
  g_free (site);
}

OxQuantLens *
ox_quant_lens_new (OxSession *session, OxSession *reference)
{
  OxQuantLens *self = g_new0 (OxQuantLens, 1);

  self->session = ox_session_new_twin (session, FALSE);
  self->reference = reference != NULL ? ox_session_new_twin (reference, FALSE) : NULL;
  self->sites = g_ptr_array_new_with_free_func (site_free);
  self->by_slot = g_hash_table_new (NULL, NULL);
  self->expected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  return self;
}

void
ox_quant_lens_free (OxQuantLens *self)
{
  ox_session_free (self->session);
  g_clear_pointer (&self->reference, ox_session_free);
  g_ptr_array_unref (self->sites);
  g_hash_table_unref (self->by_slot);
  g_hash_table_unref (self->expected);
  g_free (self);
}

void
ox_quant_lens_set_progress (OxQuantLens *self, OxProgress progress, gpointer data)
{
  self->progress = progress;
  self->progress_data = data;
}

GPtrArray *
ox_quant_lens_sites (OxQuantLens *self)
{
  return self->sites;
}

double
ox_quant_channel_rank (const OxQuantChannel *channel)
{
  return !isnan (channel->sqnr) ? channel->sqnr : !isnan (channel->against) ? channel->against : channel->expected;
}

double
ox_quant_site_rank (const OxQuantSite *site)
{
  double rank = ox_quant_channel_rank (&site->all);

  return site->saturated ? MIN (rank, -10 * log10 ((double) site->all.edge / (double) site->all.count)) : rank;
}

/* ---- the reference --------------------------------------------------------------------------------------------- */

typedef struct
{
  OxQuantLens   *lens;
  const OxGraph *mine;
  GHashTable    *names;
} Notes;

/* What a normalisation makes goes by the name of what it was given when it has become part of what makes that. */
static const char *
name_of (const Notes *notes, const OxNode *node, guint output)
{
  const OxSlot *given = node->inputs != NULL && node->input_names->len > 0 ? ox_node_input_slot (node, 0) : NULL;
  const char *name = g_ptr_array_index (node->output_names, output);

  if (output == 0 && given != NULL && strcmp (node->op_type, "BatchNormalization") == 0 && given->uses != NULL
      && given->uses->len == 1 && ox_graph_find (notes->mine, name) < 0 && ox_graph_find (notes->mine, given->name) >= 0)
    return given->name;
  return name;
}

static void
note_expected (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  const Notes *notes = data;

  for (guint i = 0; frame->id == 0 && i < node->output_names->len; i++)
    {
      const char *name = name_of (notes, node, i);

      if (outputs[i] != NULL && outputs[i]->tensor != NULL && g_hash_table_contains (notes->names, name))
        g_hash_table_insert (notes->lens->expected, g_strdup (name), ox_value_ref (outputs[i]));
    }
}

/* Keeps what the reference has under names that may be asked for. */
static gboolean
run_reference (OxQuantLens *self, GCancellable *cancellable, GError **error)
{
  const OxGraph *graph = ox_session_get_model (self->session)->graph,
                *theirs = ox_session_get_model (self->reference)->graph;
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Notes notes = { self, graph, names };
  GHashTableIter iter;
  gpointer name;

  for (guint i = 0; i < graph->nodes->len; i++)
    ox_quant_add_names (ox_graph_node (graph, i), names);
  ox_session_set_tap (self->reference, note_expected, &notes);
  if (!ox_session_run (self->reference, cancellable, error))
    {
      ox_error_prefix (error, "the reference");
      return FALSE;
    }
  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      const OxSlot *slot = ox_graph_slot (theirs, ox_graph_find (theirs, name));
      OxValue *value = NULL;

      if (slot == NULL || slot->producer != NULL)
        continue;
      if (slot->initializer != NULL)
        value = ox_initializer_get (slot->initializer, error);
      else if (slot->graph_input >= 0 && ox_session_get_input (self->reference, name) != NULL)
        value = ox_value_ref (ox_session_get_input (self->reference, name));
      if (slot->initializer != NULL && value == NULL)
        return FALSE;
      if (value != NULL)
        g_hash_table_insert (self->expected, g_strdup (name), value);
    }
  return TRUE;
}

/* What the reference has for these codes. *@name is what it is called there. */
static const OxTensor *
find_expected (OxQuantLens *self, const OxQuantView *view, char **name)
{
  g_autofree char *plain = ox_quant_plain_name (view->slot->name), *plain_real = NULL;
  const char *candidates[4] = { view->real_name, view->slot->name, plain, NULL };

  if (view->real_name != NULL)
    candidates[3] = plain_real = ox_quant_plain_name (view->real_name);
  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      const OxValue *value = candidates[i] != NULL ? g_hash_table_lookup (self->expected, candidates[i]) : NULL;
      const OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;

      if (tensor != NULL && ox_dtype_is_float (tensor->dtype) && ox_tensor_same_shape (tensor, view->codes))
        {
          *name = g_strdup (candidates[i]);
          return tensor;
        }
    }
  return NULL;
}

/* ---- the run --------------------------------------------------------------------------------------------------- */

typedef struct
{
  OxQuantLens  *lens;
  OxFrame      *frame;
  const OxNode *node;
} Look;

static OxQuantSite *
new_site (OxQuantLens *self, const Look *look, const OxQuantView *view, gint64 channels)
{
  OxQuantSite *site = g_new0 (OxQuantSite, 1);
  g_autofree char *shape = ox_tensor_shape_string (view->codes);

  site->node = look->node;
  site->name = g_strdup (view->slot->name);
  site->where = look->frame->id != 0 ? ox_frame_label (look->frame) : NULL;
  site->type = view->range.bits == ox_dtype_bits (view->codes->dtype)
                 ? g_strdup_printf ("%s %s", ox_dtype_name (view->codes->dtype), shape)
                 : g_strdup_printf ("%d bits %s", view->range.bits, shape);
  site->kind = view->kind;
  site->codes = view->range;
  site->channels = g_array_new (FALSE, FALSE, sizeof (OxQuantChannel));
  site->sums = ox_quant_sums_new (&view->range, channels);
  g_ptr_array_add (self->sites, site);
  return site;
}

static void
add_view (const OxQuantView *view, gpointer data)
{
  const Look *look = data;
  OxQuantLens *self = look->lens;
  OxQuantSite *site = g_hash_table_lookup (self->by_slot, view->slot);
  const OxTensor *grid = view->scale != NULL ? view->scale : view->zero, *expected;
  g_autofree char *name = NULL;
  gint64 channels = grid != NULL ? grid->count : 1;
  OxQuantPlaces places;

  /* Weights are the same every time. */
  if (site != NULL && (site->kind == OX_QUANT_WEIGHT || ox_quant_sums_channels (site->sums) != channels))
    return;
  if (channels > MAX_CHANNELS || channels < 1 || !ox_quant_places_init (&places, view->codes, grid, view->axis, view->block))
    return;
  if (site == NULL)
    {
      site = new_site (self, look, view, channels);
      g_hash_table_insert (self->by_slot, (gpointer) view->slot, site);
    }
  expected = find_expected (self, view, &name);
  if (expected != NULL && site->reference == NULL)
    site->reference = g_steal_pointer (&name);
  ox_quant_sums_add (site->sums, view->codes, view->scale, view->zero, &places, view->real, expected);
}

static void
look_at (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  OxQuantLens *self = data;
  Look look = { self, frame, node };

  ox_quant_view_node (frame, node, outputs, add_view, &look);
  if (self->progress != NULL && frame->id == 0)
    self->progress ((double) (node->index + 1) / ox_session_get_model (session)->graph->nodes->len, node->op_type,
                    self->progress_data);
}

static int
compare_ranks (double one, double other)
{
  if (isnan (one) || isnan (other))
    return isnan (one) - isnan (other);
  return (one > other) - (one < other);
}

static int
compare_channels (gconstpointer a, gconstpointer b)
{
  return compare_ranks (ox_quant_channel_rank (a), ox_quant_channel_rank (b));
}

static int
compare_sites (gconstpointer a, gconstpointer b)
{
  const OxQuantSite *one = *(OxQuantSite *const *) a, *other = *(OxQuantSite *const *) b;

  return compare_ranks (ox_quant_site_rank (one), ox_quant_site_rank (other));
}

gboolean
ox_quant_lens_run (OxQuantLens *self, GCancellable *cancellable, GError **error)
{
  gboolean ok = self->reference == NULL || run_reference (self, cancellable, error);

  ox_session_set_tap (self->session, look_at, self);
  ok = ok && ox_session_run (self->session, cancellable, error);
  for (guint i = 0; i < self->sites->len; i++)
    {
      OxQuantSite *site = g_ptr_array_index (self->sites, i);
      gint64 n = ox_quant_sums_channels (site->sums);

      ox_quant_sums_tell (site->sums, -1, &site->all);
      site->saturated = site->kind == OX_QUANT_CODES && isnan (site->all.against)
                        && (double) site->all.edge >= SATURATED * (double) MAX (site->all.count, 1);
      for (gint64 c = 0; n > 1 && c < n; c++)
        {
          OxQuantChannel channel;

          ox_quant_sums_tell (site->sums, c, &channel);
          g_array_append_val (site->channels, channel);
        }
      g_array_sort (site->channels, compare_channels);
    }
  g_ptr_array_sort (self->sites, compare_sites);
  return ok;
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

static void
put_decibels (GString *text, const OxQuantChannel *channel)
{
  double rank = ox_quant_channel_rank (channel);

  if (isnan (rank))
    g_string_append (text, "SQNR not known");
  else if (isinf (rank))
    g_string_append (text, "exact");
  else
    g_string_append_printf (text, "%s%.1f dB", isnan (channel->sqnr) && isnan (channel->against) ? "about " : "", rank);
  if (!isnan (channel->sqnr) && !isnan (channel->against) && !isinf (channel->against))
    g_string_append_printf (text, " (%.1f dB beside the reference)", channel->against);
}

static void
put_counts (GString *text, const OxQuantChannel *channel, const OxCodes *codes)
{
  int all = 1 << codes->bits;

  if (channel->clipped > 0)
    g_string_append_printf (text, ", %.3g%% clipped", 100.0 * (double) channel->clipped / (double) channel->count);
  else if (channel->clipped < 0 && channel->edge > 0)
    g_string_append_printf (text, ", %.3g%% at the edge", 100.0 * (double) channel->edge / (double) channel->count);
  if (channel->used >= 0)
    g_string_append_printf (text, ", %d of %d codes unused", all - channel->used, all);
}

static void
put_scale (GString *text, const OxQuantChannel *channel)
{
  g_autofree char *scale = ox_format_double (channel->scale, 4), *zero = ox_format_double (channel->zero, 4);

  if (!isnan (channel->scale))
    g_string_append_printf (text, ", scale %s", scale);
  if (!isnan (channel->zero) && channel->zero != 0)
    g_string_append_printf (text, ", zero point %s", zero);
}

static void
put_site (GString *text, const OxQuantSite *site, guint channels)
{
  g_string_append (text, site->saturated ? "  saturated" : "  ");
  if (!site->saturated)
    put_decibels (text, &site->all);
  g_string_append_printf (text, "  %s'%s' (%s) %s #%u %s%s%s", site->kind == OX_QUANT_WEIGHT ? "weight " : "", site->name,
                          site->type, site->kind == OX_QUANT_WEIGHT ? "of" : "at", site->node->index, site->node->op_type,
                          site->where != NULL ? " in " : "", site->where != NULL ? site->where : "");
  if (site->channels->len > 0)
    g_string_append_printf (text, ", %u scales", site->channels->len);
  else
    put_scale (text, &site->all);
  put_counts (text, &site->all, &site->codes);
  g_string_append_c (text, '\n');
  for (guint c = 0; c < site->channels->len && c < channels; c++)
    {
      const OxQuantChannel *channel = &g_array_index (site->channels, OxQuantChannel, c);

      g_string_append_printf (text, "    channel %" G_GINT64_FORMAT ": ", channel->channel);
      put_decibels (text, channel);
      put_scale (text, channel);
      put_counts (text, channel, &site->codes);
      g_string_append_c (text, '\n');
    }
}

char *
ox_quant_lens_describe (OxQuantLens *self, guint rows)
{
  GString *text = g_string_new (NULL);
  guint weights = 0, clipped = 0, held = 0, n = self->sites->len;

  for (guint i = 0; i < n; i++)
    {
      const OxQuantSite *site = g_ptr_array_index (self->sites, i);

      weights += site->kind == OX_QUANT_WEIGHT;
      clipped += site->all.clipped > 0;
      held += site->reference != NULL;
    }
  if (n == 0)
    return g_string_free (g_string_append (text, "nothing in it is quantised\n"), FALSE);
  g_string_append_printf (text, "%u weights and %u other tensors are quantised, %u of them clipped; the worst first%s:\n",
                          weights, n - weights, clipped, self->reference == NULL ? ", \"about\" from the codes alone" : "");
  for (guint i = 0; i < n && (rows == 0 || i < rows); i++)
    put_site (text, g_ptr_array_index (self->sites, i), rows == 0 ? G_MAXUINT : SHOWN_CHANNELS);
  if (rows != 0 && n > rows)
    g_string_append_printf (text, "  and %u more\n", n - rows);
  if (self->reference != NULL)
    g_string_append_printf (text, "%u of them were held against the reference\n", held);
  return g_string_free (text, FALSE);
}
