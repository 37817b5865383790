/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-provenance.h"

#include <string.h>

#include "debug/ox-influence.h"
#include "debug/ox-provenance-private.h"

static void
found_free (gpointer data)
{
  OxFound *found = data;

  ox_mask_free (found->mask);
  g_free (found);
}

static guint
found_hash (gconstpointer data)
{
  const OxFound *found = data;

  return g_direct_hash (found->frame) * 31 + g_direct_hash (found->slot);
}

static gboolean
found_equal (gconstpointer a, gconstpointer b)
{
  const OxFound *one = a, *other = b;

  return one->frame == other->frame && one->slot == other->slot;
}

static void
region_free (gpointer data)
{
  OxProvenanceRegion *region = data;

  g_free (region->where);
  g_free (region->type);
  ox_mask_free (region->mask);
  g_free (region);
}

static void
step_clear (gpointer data)
{
  ox_frame_unref (((OxStep *) data)->frame);
}

OxProvenance *
ox_provenance_new (OxSession *session, gsize budget)
{
  OxProvenance *self = g_new0 (OxProvenance, 1);

  self->session = ox_session_new_twin (session, TRUE);
  self->budget = budget;
  self->steps = g_array_new (FALSE, FALSE, sizeof (OxStep));
  g_array_set_clear_func (self->steps, step_clear);
  self->found = g_hash_table_new_full (found_hash, found_equal, found_free, NULL);
  self->touched = g_hash_table_new (NULL, NULL);
  self->carried = g_hash_table_new_full (ox_carried_hash, ox_carried_equal, ox_carried_free, NULL);
  self->regions = g_ptr_array_new_with_free_func (region_free);
  return self;
}

void
ox_provenance_free (OxProvenance *self)
{
  g_array_unref (self->steps);
  g_hash_table_unref (self->found);
  g_hash_table_unref (self->touched);
  g_hash_table_unref (self->carried);
  g_ptr_array_unref (self->regions);
  ox_session_free (self->session);
  g_free (self);
}

void
ox_provenance_set_progress (OxProvenance *self, OxProgress progress, gpointer data)
{
  self->progress = progress;
  self->progress_data = data;
}

GPtrArray *
ox_provenance_regions (OxProvenance *self)
{
  return self->regions;
}

/* ---- what is known --------------------------------------------------------------------------------------------- */

static OxFrame *
frame_of (OxFrame *frame, OxRef ref)
{
  for (int up = ref.up; up > 0 && frame != NULL; up--)
    frame = frame->outer;
  return frame;
}

static gboolean
is_weight (const OxSlot *slot)
{
  return slot->producer == NULL && slot->initializer != NULL && slot->graph_input < 0;
}

OxFound *
ox_provenance_find (OxProvenance *self, OxFrame *frame, OxRef ref)
{
  OxFrame *home = frame_of (frame, ref);
  const OxSlot *slot = home != NULL ? ox_graph_slot (home->graph, ref.slot) : NULL;
  const OxFound key = { .frame = slot != NULL && is_weight (slot) ? NULL : home, .slot = slot };

  return slot != NULL ? g_hash_table_lookup (self->found, &key) : NULL;
}

OxFound *
ox_provenance_meet (OxProvenance *self, OxFrame *frame, OxRef ref)
{
  OxFound *found = ox_provenance_find (self, frame, ref);
  OxFrame *home = frame_of (frame, ref);
  const OxSlot *slot = home != NULL ? ox_graph_slot (home->graph, ref.slot) : NULL;
  OxValue *value = slot != NULL ? ox_frame_value (frame, ref) : NULL;
  g_autoptr (OxValue) read = NULL;
  OxMask *mask;

  if (found != NULL || slot == NULL)
    return found;
  if (value == NULL && slot->initializer != NULL)
    value = read = ox_initializer_get (slot->initializer, NULL);
  mask = value != NULL ? ox_mask_new (ox_value_get_tensor (value)) : NULL;
  if (mask == NULL)
    return NULL;
  found = g_new0 (OxFound, 1);
  found->frame = is_weight (slot) ? NULL : home;
  found->slot = slot;
  found->mask = mask;
  found->order = g_hash_table_size (self->found);
  g_hash_table_add (self->found, found);
  g_hash_table_add (self->touched, home);
  return found;
}

static void
note_coarse (OxFound *found, const OxNode *coarse)
{
  if (found->coarse == NULL)
    found->coarse = coarse;
}

void
ox_provenance_whole (OxProvenance *self, OxFrame *frame, OxRef ref, const OxNode *coarse)
{
  OxFound *found = ox_provenance_meet (self, frame, ref);

  if (found == NULL)
    return;
  ox_mask_fill (found->mask);
  note_coarse (found, coarse);
}

void
ox_provenance_add (OxProvenance *self, OxFrame *frame, OxRef ref, const OxMask *mask, const OxNode *coarse)
{
  gboolean any = mask != NULL && (mask->on == NULL || ox_mask_size (mask) > 0);
  OxFound *found = any ? ox_provenance_meet (self, frame, ref) : NULL;

  if (found == NULL)
    return;
  ox_mask_add (found->mask, mask);
  note_coarse (found, coarse);
}

OxFound *
ox_provenance_output (OxProvenance *self, OxFrame *frame, const OxNode *node, guint i)
{
  return node->outputs[i] >= 0 ? ox_provenance_find (self, frame, (OxRef){ 0, node->outputs[i] }) : NULL;
}

/* ---- one node -------------------------------------------------------------------------------------------------- */

static const OxTensor *
tensor_of (OxFrame *frame, OxRef ref)
{
  OxValue *value = ref.slot >= 0 ? ox_frame_value (frame, ref) : NULL;

  return value != NULL ? ox_value_get_tensor (value) : NULL;
}

static gboolean
has_body (const OxNode *node)
{
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, i);

      if (attribute->graphs != NULL && attribute->graphs->len > 0)
        return TRUE;
    }
  return FALSE;
}

static void
ask_node (OxProvenance *self, const OxStep *step)
{
  OxNode *node = step->node;
  guint n = node->input_names->len, n_out = node->output_names->len;
  g_autofree const OxTensor **inputs = g_new0 (const OxTensor *, n + 1), **outputs = g_new0 (const OxTensor *, n_out + 1);
  g_autofree OxMask **asked = g_new0 (OxMask *, n_out + 1), **hangs_on = g_new0 (OxMask *, n + 1);
  g_autofree gboolean *coarse = g_new0 (gboolean, n + 1);
  g_autoptr (GPtrArray) own = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_mask_free);
  OxInfluence influence = { self->session, step->frame, node, inputs, outputs, asked, hangs_on, coarse, self->cancellable };
  const OxNode *before = NULL;
  gboolean any = FALSE;

  for (guint o = 0; o < n_out; o++)
    {
      OxFound *found = ox_provenance_output (self, step->frame, node, o);

      outputs[o] = node->outputs[o] >= 0 ? tensor_of (step->frame, (OxRef){ 0, node->outputs[o] }) : NULL;
      asked[o] = found != NULL ? found->mask : NULL;
      before = before == NULL && found != NULL ? found->coarse : before;
      any = any || found != NULL;
    }
  if (!any)
    return;
  for (guint i = 0; i < n; i++)
    {
      OxValue *value = node->inputs[i].slot >= 0 ? ox_frame_value (step->frame, node->inputs[i]) : NULL;

      inputs[i] = tensor_of (step->frame, node->inputs[i]);
      hangs_on[i] = value != NULL ? ox_mask_new (inputs[i]) : NULL;
      if (hangs_on[i] != NULL)
        g_ptr_array_add (own, hangs_on[i]);
    }
  ox_influence_add (&influence);
  for (guint i = 0; i < n; i++)
    if (hangs_on[i] != NULL)
      ox_provenance_add (self, step->frame, node->inputs[i], hangs_on[i], before != NULL ? before : coarse[i] ? node : NULL);
}

/* ---- there and back -------------------------------------------------------------------------------------------- */

static gboolean
run_forwards (OxProvenance *self, GError **error)
{
  for (;;)
    {
      OxTurn turn;
      OxTurnKind kind = ox_session_turn (self->session, &turn, self->cancellable, error);
      OxStep step = { kind, NULL, turn.node };

      if (kind == OX_TURN_FAILED)
        return FALSE;
      if (kind == OX_TURN_ENDED)
        return TRUE;
      step.frame = ox_frame_ref (turn.frame);
      g_array_append_val (self->steps, step);
      if (ox_session_kept_bytes (self->session) > self->budget)
        return ox_fail (error, OX_ERROR_MEMORY, "what the run makes takes more than %" G_GSIZE_FORMAT " MB",
                        self->budget >> 20);
    }
}

static gboolean
go_back (OxProvenance *self, GError **error)
{
  for (guint i = self->steps->len; i > 0; i--)
    {
      const OxStep *step = &g_array_index (self->steps, OxStep, i - 1);

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      if (self->progress != NULL)
        self->progress ((double) (self->steps->len - i + 1) / self->steps->len, step->node->op_type, self->progress_data);
      if (step->kind == OX_TURN_LEFT)
        ox_provenance_left (self, step);
      else if (step->kind == OX_TURN_ENTERED)
        ox_provenance_entered (self, step);
      else if (has_body (step->node))
        ox_provenance_idle (self, step);
      else
        ask_node (self, step);
      if (self->unknown != NULL)
        return ox_fail (error, OX_ERROR_UNSUPPORTED, "#%u %s: what it takes from the graph around it is not followed",
                        self->unknown->index, self->unknown->op_type);
    }
  return TRUE;
}

/* ---- what is asked about --------------------------------------------------------------------------------------- */

/* "3", "-1", "2:4", ":" for an axis of @dim. */
static gboolean
parse_range (const char *text, gint64 dim, gint64 *low, gint64 *high, GError **error)
{
  g_auto (GStrv) ends = g_strsplit (text, ":", 2);
  gint64 from = 0, to = dim;
  gboolean good = TRUE;

  for (int k = 0; ends[k] != NULL; k++)
    {
      g_strstrip (ends[k]);
      if (ends[k][0] != '\0' || ends[1] == NULL)
        good = good && g_ascii_string_to_signed (ends[k], 10, -dim, dim, k == 0 ? &from : &to, NULL);
    }
  if (from < 0)
    from += dim;
  if (to < 0)
    to += dim;
  if (ends[0] != NULL && ends[1] == NULL)
    to = from + 1;
  *low = from;
  *high = to;
  return (good && ends[0] != NULL && from < to && to <= dim)
         || ox_fail (error, OX_ERROR_VALUE, "expected an index or a range of 0 to %" G_GINT64_FORMAT ", found '%s'", dim - 1,
                     text);
}

static gboolean
mark_asked (OxFound *found, const char *indices, GError **error)
{
  g_autofree char *text = indices != NULL ? g_strndup (indices, strcspn (indices, "]")) : g_strdup ("");
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  OxMask *mask = found->mask;
  gint64 low[OX_MAX_RANK], high[OX_MAX_RANK], at[OX_MAX_RANK] = { 0 };
  int n = text[0] != '\0' ? (int) g_strv_length (parts) : 0;

  if (indices != NULL && (mask->on == NULL || n > mask->rank || strlen (text) + 1 != strlen (indices)))
    return ox_fail (error, OX_ERROR_VALUE, "expected at most %d indices in brackets, found '[%s'", mask->rank, indices);
  for (int i = 0; i < mask->rank; i++)
    {
      low[i] = 0;
      high[i] = mask->dims[i];
      if (i < n && !parse_range (parts[i], mask->dims[i], &low[i], &high[i], error))
        return FALSE;
    }
  for (gint64 i = 0; mask->on != NULL && i < mask->count; i++)
    {
      gboolean in = TRUE;

      for (int k = 0; k < mask->rank; k++)
        in = in && at[k] >= low[k] && at[k] < high[k];
      mask->on[i] = in;
      for (int k = mask->rank - 1; k >= 0; k--)
        {
          if (++at[k] < mask->dims[k])
            break;
          at[k] = 0;
        }
    }
  return TRUE;
}

/* The frame that has the value: main, or the last that was there. */
static OxFrame *
find_frame (OxProvenance *self, const char *name, int *slot)
{
  OxFrame *main = ox_session_frame (self->session, 0);

  *slot = ox_graph_find (main->graph, name);
  if (*slot >= 0)
    return main;
  for (guint i = self->steps->len; i > 0; i--)
    {
      OxFrame *frame = g_array_index (self->steps, OxStep, i - 1).frame;

      *slot = ox_graph_find (frame->graph, name);
      if (*slot >= 0)
        return frame;
    }
  return NULL;
}

static gboolean
ask (OxProvenance *self, const char *expression, GError **error)
{
  const char *bracket = strrchr (expression, '[');
  g_autofree char *name = g_strdup (expression);
  OxFrame *frame;
  int slot;

  /* A name may have brackets of its own. */
  frame = find_frame (self, name, &slot);
  if (frame == NULL && bracket != NULL && g_str_has_suffix (expression, "]"))
    {
      name[bracket - expression] = '\0';
      frame = find_frame (self, name, &slot);
    }
  else
    bracket = NULL;
  if (frame == NULL)
    return ox_fail (error, OX_ERROR_VALUE, "there is no value '%s'", name);
  self->asked = ox_provenance_meet (self, frame, (OxRef){ 0, slot });
  if (self->asked == NULL)
    return ox_fail (error, OX_ERROR_VALUE, "'%s' was not computed", name);
  return mark_asked (self->asked, bracket != NULL ? bracket + 1 : NULL, error);
}

/* ---- the answer ------------------------------------------------------------------------------------------------ */

static int
rank_of (const OxProvenance *self, const OxProvenanceRegion *region)
{
  return region->slot == self->asked->slot && region->frame == (self->asked->frame != NULL ? self->asked->frame->id : 0) ? 0
         : region->origin == OX_ORIGIN_INPUT                                                                             ? 1
         : region->origin == OX_ORIGIN_WEIGHT                                                                            ? 2
                                                                                                                         : 3;
}

static int
compare_found (gconstpointer a, gconstpointer b)
{
  const OxFound *one = *(OxFound *const *) a, *other = *(OxFound *const *) b;

  return (one->order > other->order) - (one->order < other->order);
}

static int
compare_regions (gconstpointer a, gconstpointer b, gpointer self)
{
  return rank_of (self, *(OxProvenanceRegion *const *) a) - rank_of (self, *(OxProvenanceRegion *const *) b);
}

static void
add_region (OxProvenance *self, const OxFound *found)
{
  const OxGraph *main = ox_session_get_model (self->session)->graph;
  OxProvenanceRegion *region;
  OxValue *value;
  int slot = -1;

  if (found->mask->on != NULL && ox_mask_size (found->mask) == 0)
    return;
  region = g_new0 (OxProvenanceRegion, 1);
  region->slot = found->slot;
  region->node = found->slot->producer;
  region->origin = found->slot->producer != NULL || (found->frame != NULL && found->frame->graph != main) ? OX_ORIGIN_NODE
                   : found->slot->initializer != NULL ? OX_ORIGIN_WEIGHT : OX_ORIGIN_INPUT;
  region->frame = found->frame != NULL ? found->frame->id : 0;
  region->where = region->frame != 0 ? ox_frame_label (found->frame) : NULL;
  region->mask = ox_mask_copy (found->mask);
  region->count = ox_mask_size (found->mask);
  region->of = found->mask->count;
  region->coarse = found->coarse;
  ox_mask_box (found->mask, region->low, region->high);
  for (guint i = 0; found->frame != NULL && slot < 0 && i < found->frame->graph->slots->len; i++)
    if (g_ptr_array_index (found->frame->graph->slots, i) == found->slot)
      slot = (int) i;
  value = slot >= 0 && found->frame->values[slot] != NULL ? ox_value_ref (found->frame->values[slot])
          : found->slot->initializer != NULL              ? ox_initializer_get (found->slot->initializer, NULL) : NULL;
  region->type = value != NULL ? ox_value_describe (value) : g_strdup ("?");
  g_clear_pointer (&value, ox_value_unref);
  g_ptr_array_add (self->regions, region);
}

gboolean
ox_provenance_run (OxProvenance *self, const char *expression, GCancellable *cancellable, GError **error)
{
  g_autofree gpointer *keys = NULL;
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  guint n;

  self->cancellable = cancellable;
  g_hash_table_remove_all (self->found);
  g_hash_table_remove_all (self->touched);
  g_hash_table_remove_all (self->carried);
  self->unknown = NULL;
  g_ptr_array_set_size (self->regions, 0);
  if (self->steps->len == 0 && !run_forwards (self, error))
    return FALSE;
  if (!ask (self, expression, error) || !go_back (self, error))
    return FALSE;
  keys = g_hash_table_get_keys_as_array (self->found, &n);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (list, keys[i]);
  g_ptr_array_sort (list, compare_found);
  for (guint i = 0; i < n; i++)
    add_region (self, g_ptr_array_index (list, i));
  g_ptr_array_sort_with_data (self->regions, compare_regions, self);
  return TRUE;
}
