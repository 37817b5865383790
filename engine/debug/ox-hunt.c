/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-hunt.h"

#include <math.h>
#include <string.h>

#include "tensor/ox-format.h"
#include "tensor/ox-statistics.h"

#define LARGEST_F16 65504.0
/* What the run that looks back may keep. */
#define BUDGET ((gsize) 2 << 30)
#define BLOCK 4096

struct _OxHunt
{
  OxSession  *session;
  guint       kinds;
  OxFinding  *first[OX_N_HUNTS], *unintended[OX_N_HUNTS];   /* may be the same */
  GHashTable *carried[OX_N_HUNTS];                          /* keys of values that have it from a constant */
};

static const char *const names[] = { "inf", "nan", "overflow16" };

const char *
ox_hunt_name (OxHuntKind kind)
{
  return kind < OX_N_HUNTS ? names[kind] : "?";
}

static void
finding_free (OxFinding *self)
{
  g_free (self->where);
  g_free (self->shape);
  g_free (self->index);
  g_clear_pointer (&self->generations, g_ptr_array_unref);
  g_free (self);
}

OxHunt *
ox_hunt_new (OxSession *session, guint kinds)
{
  OxHunt *self = g_new0 (OxHunt, 1);

  self->session = ox_session_new_twin (session, FALSE);
  self->kinds = kinds;
  for (int k = 0; k < OX_N_HUNTS; k++)
    self->carried[k] = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return self;
}

void
ox_hunt_free (OxHunt *self)
{
  for (int k = 0; k < OX_N_HUNTS; k++)
    {
      if (self->unintended[k] != NULL && self->unintended[k] != self->first[k])
        finding_free (self->unintended[k]);
      g_clear_pointer (&self->first[k], finding_free);
      g_hash_table_unref (self->carried[k]);
    }
  ox_session_free (self->session);
  g_free (self);
}

/* ---- one tensor ------------------------------------------------------------------------------------------------ */

typedef struct
{
  gint64 count[OX_N_HUNTS], positive[OX_N_HUNTS], first[OX_N_HUNTS];
} Counts;

static gboolean
is_hunted (OxHuntKind kind, double x)
{
  return kind == OX_HUNT_NAN ? isnan (x) : kind == OX_HUNT_INF ? isinf (x) : fabs (x) > LARGEST_F16;
}

static gboolean
count_hunted (const OxTensor *tensor, Counts *counts)
{
  OxClass class = ox_dtype_class (tensor->dtype);
  double x[BLOCK];
  gboolean any = FALSE;

  memset (counts, 0, sizeof *counts);
  if (class != OX_CLASS_FLOAT && class != OX_CLASS_SMALL && class != OX_CLASS_COMPLEX)
    return FALSE;
  for (gint64 begin = 0; begin < tensor->count; begin += BLOCK)
    {
      gint64 end = MIN (begin + BLOCK, tensor->count);

      ox_tensor_read_numbers (tensor, begin, end, x);
      for (gint64 i = begin; i < end; i++)
        {
          /* One comparison tells nearly all of them. */
          if (fabs (x[i - begin]) <= LARGEST_F16)
            continue;
          any = TRUE;
          for (int k = 0; k < OX_N_HUNTS; k++)
            if (is_hunted (k, x[i - begin]))
              {
                if (counts->count[k]++ == 0)
                  counts->first[k] = i;
                counts->positive[k] += x[i - begin] > 0;
              }
        }
    }
  return any;
}

/* ---- intent ---------------------------------------------------------------------------------------------------- */

static gint64
key_of (const OxFrame *frame, int slot)
{
  return (gint64) (frame->id << 24) + slot;
}

static OxFrame *
frame_of (OxFrame *frame, OxRef ref)
{
  for (int up = ref.up; up > 0 && frame != NULL; up--)
    frame = frame->outer;
  return frame;
}

/* Operators that carry a mask on, or put it where it belongs. */
static const char *const carriers[] = {
  "Add", "Cast", "CastLike", "Clip", "Concat", "Constant", "ConstantOfShape", "Expand", "Flatten", "Gather", "GatherElements",
  "GatherND", "Identity", "Max", "Min", "Mul", "Pad", "Reshape", "ScatterElements", "ScatterND", "Slice", "Split", "Squeeze",
  "Sub", "Sum", "Tile", "Transpose", "Trilu", "Unsqueeze", "Where",
};

static gboolean
is_carrier (const OxNode *node)
{
  for (guint i = 0; i < G_N_ELEMENTS (carriers); i++)
    if (strcmp (node->op_type, carriers[i]) == 0)
      return TRUE;
  return FALSE;
}

/* What is computed with a mask; a mask is negative. */
static gboolean
is_arithmetic (const OxNode *node)
{
  return strcmp (node->op_type, "Add") == 0 || strcmp (node->op_type, "Mul") == 0 || strcmp (node->op_type, "Sub") == 0
         || strcmp (node->op_type, "Sum") == 0;
}

/* What constants hold is there on purpose, and what is made of it by moving it or by putting it on as a mask, as long as
 * nothing else has any. */
static gboolean
is_intended (OxHunt *self, OxHuntKind kind, OxFrame *frame, const OxNode *node, const Counts *counts)
{
  gboolean constant = node->input_names->len == 0;

  if (kind == OX_HUNT_NAN || (counts->positive[kind] > 0 && is_arithmetic (node)) || !is_carrier (node))
    return FALSE;
  for (guint i = 0; i < node->input_names->len; i++)
    {
      OxFrame *home = frame_of (frame, node->inputs[i]);
      const OxSlot *slot = ox_node_input_slot (node, (int) i);
      OxValue *value = slot != NULL ? ox_frame_value (frame, node->inputs[i]) : NULL;
      Counts other;
      gint64 key;

      if (value == NULL || home == NULL || value->tensor == NULL || !count_hunted (value->tensor, &other)
          || other.count[kind] == 0)
        continue;
      key = key_of (home, node->inputs[i].slot);
      if (slot->initializer == NULL && !g_hash_table_contains (self->carried[kind], &key))
        return FALSE;
      constant = TRUE;
    }
  /* The number that fills is an attribute. */
  return constant || strcmp (node->op_type, "ConstantOfShape") == 0;
}

/* ---- the run --------------------------------------------------------------------------------------------------- */

static void
note (OxHunt *self, OxHuntKind kind, OxFrame *frame, OxNode *node, guint output, const OxTensor *tensor, const Counts *counts,
      gboolean intended)
{
  g_autofree char *shape = ox_tensor_shape_string (tensor);
  OxFinding *finding;

  if (self->first[kind] != NULL && (intended || self->unintended[kind] != NULL))
    return;
  finding = g_new0 (OxFinding, 1);
  finding->kind = kind;
  finding->node = node;
  finding->output = output;
  finding->frame = frame->id;
  finding->where = frame->id != 0 ? ox_frame_label (frame) : NULL;
  finding->shape = g_strdup_printf ("%s %s", ox_dtype_name (tensor->dtype), shape);
  finding->count = counts->count[kind];
  finding->of = tensor->count;
  finding->element = counts->first[kind];
  finding->index = ox_index_to_string (tensor, finding->element);
  finding->value = ox_tensor_get (tensor, finding->element);
  finding->intended = intended;
  if (self->first[kind] == NULL)
    self->first[kind] = finding;
  if (!intended)
    self->unintended[kind] = finding;
}

/* Sequences, optionals and maps hold tensors, which nest no deeper than what made them. */
static void
look_at (OxHunt *self, OxFrame *frame, OxNode *node, guint output, const OxValue *value)
{
  Counts counts;

  for (guint i = 0; i < ox_value_n_items (value); i++)
    look_at (self, frame, node, output, ox_value_get_item (value, i));
  if (value->tensor == NULL || !count_hunted (value->tensor, &counts))
    return;
  for (int kind = 0; kind < OX_N_HUNTS; kind++)
    {
      gint64 key = key_of (frame, node->outputs[output]);
      gboolean intended;

      if ((self->kinds & 1U << kind) == 0 || counts.count[kind] == 0)
        continue;
      intended = is_intended (self, kind, frame, node, &counts);
      note (self, kind, frame, node, output, value->tensor, &counts, intended);
      if (intended && node->outputs[output] >= 0)
        g_hash_table_add (self->carried[kind], g_memdup2 (&key, sizeof key));
    }
}

static void
look (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  for (guint i = 0; i < node->output_names->len; i++)
    if (outputs[i] != NULL)
      look_at (data, frame, node, i, outputs[i]);
}

static gboolean
found_all (const OxHunt *self)
{
  for (int kind = 0; kind < OX_N_HUNTS; kind++)
    if ((self->kinds & 1U << kind) != 0 && self->unintended[kind] == NULL)
      return FALSE;
  return TRUE;
}

/* ---- looking back ---------------------------------------------------------------------------------------------- */

typedef struct
{
  OxFinding *findings[2 * OX_N_HUNTS];
  guint      n;
  double     seconds;
} Search;

/* Everything the node was given is still there. */
static void
recognise (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  Search *search = data;

  for (guint i = 0; i < search->n; i++)
    {
      OxFinding *finding = search->findings[i];
      OxTensor *tensor;

      if (finding->generations != NULL || node != finding->node || frame->id != finding->frame
          || outputs[finding->output] == NULL)
        continue;
      tensor = ox_value_get_tensor (outputs[finding->output]);
      if (tensor != NULL)
        finding->generations = ox_genealogy_trace (session, frame, node, finding->output, finding->element, tensor,
                                                   search->seconds);
    }
}

static gboolean
recognised_all (const Search *search)
{
  for (guint i = 0; i < search->n; i++)
    if (search->findings[i]->generations == NULL)
      return FALSE;
  return TRUE;
}

/* The same run again, keeping what it made, up to the last finding. */
static void
look_back (OxHunt *self, double seconds, GCancellable *cancellable)
{
  g_autoptr (OxSession) session = ox_session_new_twin (self->session, TRUE);
  Search search = { .seconds = seconds };

  for (int k = 0; k < OX_N_HUNTS; k++)
    {
      if (self->first[k] != NULL)
        search.findings[search.n++] = self->first[k];
      if (self->unintended[k] != NULL && self->unintended[k] != self->first[k])
        search.findings[search.n++] = self->unintended[k];
    }
  ox_session_set_tap (session, recognise, &search);
  while (!recognised_all (&search))
    {
      OxTurnKind kind = ox_session_turn (session, NULL, cancellable, NULL);

      if (kind == OX_TURN_ENDED || kind == OX_TURN_FAILED)
        break;
      if (ox_session_kept_bytes (session) > BUDGET)
        ox_session_forget (session, ox_session_undoable (session) / 2);
    }
}

gboolean
ox_hunt_run (OxHunt *self, double seconds, GCancellable *cancellable, GError **error)
{
  OxTurnKind kind = OX_TURN_NODE;

  ox_session_set_tap (self->session, look, self);
  while (kind != OX_TURN_ENDED && kind != OX_TURN_FAILED && !found_all (self))
    kind = ox_session_turn (self->session, NULL, cancellable, error);
  if (seconds > 0)
    look_back (self, seconds, cancellable);
  return kind != OX_TURN_FAILED;
}

const OxFinding *
ox_hunt_first (OxHunt *self, OxHuntKind kind)
{
  return self->first[kind];
}

const OxFinding *
ox_hunt_first_unintended (OxHunt *self, OxHuntKind kind)
{
  return self->unintended[kind];
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

static void
put_generation (GString *text, const OxGeneration *generation)
{
  g_autofree char *value = ox_format_double (generation->value, 6);

  g_string_append_printf (text, "  %s%s = %s  by %s#%u %s%s%s\n", generation->name, generation->index, value,
                          generation->changed ? "a change of " : "", generation->node->index, generation->node->op_type,
                          generation->where != NULL ? " in " : "", generation->where != NULL ? generation->where : "");
  for (guint i = 0; i < generation->ancestors->len; i++)
    {
      const OxAncestor *ancestor = g_ptr_array_index (generation->ancestors, i);
      g_autofree char *number = ox_format_double (ancestor->value, 6);

      g_string_append_printf (text, "    %s %s%s = %s", ancestor->followed ? "<-" : "  ", ancestor->name, ancestor->index, number);
      if (ancestor->among > 1)
        g_string_append_printf (text, ", the largest of %" G_GINT64_FORMAT, ancestor->among);
      g_string_append_printf (text, "%s\n", ancestor->origin == OX_ORIGIN_WEIGHT  ? ", a weight"
                                            : ancestor->origin == OX_ORIGIN_INPUT ? ", an input" : "");
    }
}

char *
ox_finding_describe (const OxFinding *finding)
{
  GString *text = g_string_new (NULL);
  g_autofree char *title = ox_node_title (finding->node);

  g_string_append_printf (text, "first %s: #%u %s '%s'%s%s, output '%s' (%s), %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                                " elements, the first at %s%s\n",
                          names[finding->kind], finding->node->index, finding->node->op_type, title,
                          finding->where != NULL ? " in " : "", finding->where != NULL ? finding->where : "",
                          (const char *) g_ptr_array_index (finding->node->output_names, finding->output), finding->shape,
                          finding->count, finding->of, finding->index[0] != '\0' ? finding->index : "its only element",
                          finding->intended ? "; it comes from a constant, on purpose" : "");
  for (guint i = 0; finding->generations != NULL && i < finding->generations->len; i++)
    put_generation (text, g_ptr_array_index (finding->generations, i));
  return g_string_free (text, FALSE);
}
