/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-error.h"
#include "core/ox-parallel.h"
#include "debug/ox-reference-private.h"

/* What is kept of values that nobody has asked for, when the model can run again. */
#define MOST_PENDING ((gsize) 256 << 20)

/* Another model that runs at the side, as far as values are asked for. */
typedef struct
{
  OxReference  base;
  OxSession   *session;
  OxAlignment *alignment;
  GHashTable  *pending;      /* key -> OxValue: made, and not asked for yet */
  gsize        bytes;        /* of them */
  const char  *wanted;       /* the key that is asked for */
  GError      *failure;      /* what stopped it */
  int          threads;      /* of its turns; 0: as they are */
  OxLikeness   likeness;
} Lockstep;

/* How many threads there are is for all of the process. */
static OxTurnKind
turn (Lockstep *self)
{
  int threads = ox_get_threads ();
  OxTurnKind kind;

  if (self->threads > 0)
    ox_set_threads (self->threads);
  kind = ox_session_turn (self->session, NULL, self->base.cancellable, &self->failure);
  if (self->threads > 0)
    ox_set_threads (threads);
  return kind;
}

static void
put_their_path (GString *path, const OxFrame *frame)
{
  for (; frame->parent != NULL; frame = frame->parent)
    g_string_append_printf (path, "%p.%p.%" G_GINT64_FORMAT "/", (void *) frame->caller, (void *) frame->graph,
                            frame->iteration);
}

/* The same words for the frame of theirs that goes with one of mine; FALSE if there is none. */
static gboolean
put_my_path (GString *path, const OxFrame *frame, OxAlignment *alignment)
{
  for (; frame->parent != NULL; frame = frame->parent)
    {
      OxNode *caller = g_hash_table_lookup (alignment->nodes, frame->caller);
      OxGraph *graph = g_hash_table_lookup (alignment->graphs, frame->graph);

      if (caller == NULL || graph == NULL)
        return FALSE;
      g_string_append_printf (path, "%p.%p.%" G_GINT64_FORMAT "/", (void *) caller, (void *) graph, frame->iteration);
    }
  return TRUE;
}

static void
keep (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  Lockstep *self = data;

  for (guint i = 0; i < node->output_names->len; i++)
    {
      OxSlot *slot = ox_node_output_slot (node, (int) i);
      GString *key;

      if (slot == NULL || outputs[i] == NULL || !g_hash_table_contains (self->alignment->taken, slot))
        continue;
      key = g_string_new (NULL);
      put_their_path (key, frame);
      g_string_append_printf (key, "%p", (void *) slot);
      if (self->base.runs_again && self->bytes > MOST_PENDING && g_strcmp0 (key->str, self->wanted) != 0)
        {
          g_string_free (key, TRUE);
          continue;
        }
      self->bytes += ox_value_bytes (outputs[i]);
      g_hash_table_replace (self->pending, g_string_free (key, FALSE), ox_value_ref (outputs[i]));
    }
}

/* (transfer full) @value, taken over, in the type of floats that @found has. */
static OxValue *
in_the_type_of (OxValue *value, const OxValue *found, GError **error)
{
  OxTensor *tensor = ox_value_get_tensor (value), *other;

  if (tensor == NULL || found->kind != OX_VALUE_TENSOR || tensor->dtype == found->dtype || !ox_dtype_is_float (tensor->dtype)
      || !ox_dtype_is_float (found->dtype))
    return value;
  other = ox_tensor_convert (tensor, found->dtype, error);
  ox_value_unref (value);
  return other != NULL ? ox_value_new_tensor (other) : NULL;
}

/* Turns until the value of this key is there; FALSE when the run ends, or fails, without it. */
static gboolean
run_to (Lockstep *self, const char *key)
{
  gboolean there;

  self->wanted = key;
  while (!(there = g_hash_table_contains (self->pending, key)) && self->failure == NULL)
    {
      OxTurnKind kind = turn (self);

      if (kind == OX_TURN_ENDED)
        {
          /* In a branch that theirs did not take, or a round that it did not go. */
          there = g_hash_table_contains (self->pending, key);
          break;
        }
      if (kind == OX_TURN_FAILED)
        ox_error_prefix (&self->failure, "%s", self->base.title);
    }
  self->wanted = NULL;
  return there;
}

static void
begin_again (Lockstep *self)
{
  g_hash_table_remove_all (self->pending);
  self->bytes = 0;
  ox_session_restart (self->session);
}

static OxValue *
lockstep_get (OxReference *reference, OxFrame *frame, const OxNode *node, guint output, const OxValue *found, GError **error)
{
  Lockstep *self = (Lockstep *) reference;
  const OxSlot *slot = ox_node_output_slot (node, (int) output);
  OxSlot *other = slot != NULL ? g_hash_table_lookup (self->alignment->slots, slot) : NULL;
  g_autoptr (GString) key = g_string_new (NULL);
  gpointer own, value;
  gboolean there;

  if (other == NULL)
    return NULL;
  if (other->producer == NULL)
    return other->initializer != NULL ? ox_initializer_get (other->initializer, error) : NULL;
  if (!put_my_path (key, frame, self->alignment))
    return NULL;
  g_string_append_printf (key, "%p", (void *) other);
  /* Where it failed it would fail again, but what was made before is to be had. */
  there = run_to (self, key->str);
  if (!there && reference->runs_again && !g_cancellable_is_cancelled (reference->cancellable))
    {
      g_clear_error (&self->failure);
      begin_again (self);
      there = run_to (self, key->str);
    }
  if (!there)
    {
      if (self->failure != NULL)
        g_propagate_error (error, g_error_copy (self->failure));
      /* What was interrupted goes on when it is asked next. */
      if (g_error_matches (self->failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_clear_error (&self->failure);
      return NULL;
    }
  g_hash_table_steal_extended (self->pending, key->str, &own, &value);
  g_free (own);
  self->bytes -= MIN (self->bytes, ox_value_bytes (value));
  return self->base.dtype != OX_UNDEFINED ? in_the_type_of (value, found, error) : value;
}

static gboolean
lockstep_is_exact (OxReference *reference, const OxNode *node)
{
  Lockstep *self = (Lockstep *) reference;

  return self->likeness == OX_LIKENESS_ALL
         || (self->likeness == OX_LIKENESS_SOME && ox_alignment_is_same (self->alignment, node));
}

static gboolean
is_theirs_alone (const OxSlot *slot, gpointer alignment)
{
  return !g_hash_table_contains (((OxAlignment *) alignment)->taken, slot);
}

static void
lockstep_region (OxReference *reference, const OxNode *node, guint output, GPtrArray *nodes)
{
  Lockstep *self = (Lockstep *) reference;
  const OxSlot *slot = ox_node_output_slot (node, (int) output);
  const OxSlot *other = slot != NULL ? g_hash_table_lookup (self->alignment->slots, slot) : NULL;

  if (other != NULL && other->producer != NULL)
    ox_region_collect (other->producer, is_theirs_alone, self->alignment, nodes);
}

static void
lockstep_free (OxReference *reference)
{
  Lockstep *self = (Lockstep *) reference;

  g_hash_table_unref (self->pending);
  ox_alignment_free (self->alignment);
  ox_session_free (self->session);
  g_clear_error (&self->failure);
  g_free (self);
}

static const OxReferenceClass lockstep_class = { lockstep_get, lockstep_is_exact, lockstep_free, lockstep_region };

OxReference *
ox_reference_new_model (OxSession *theirs, OxSession *mine, GCancellable *cancellable, GError **error)
{
  Lockstep *self = g_new0 (Lockstep, 1);
  OxModel *model = ox_session_get_model (theirs);
  OxAlignment *alignment = ox_alignment_new (ox_session_get_model (mine), model);

  self->base.class = &lockstep_class;
  self->base.size = -1;
  self->base.title = g_strdup (model->path != NULL ? model->path : "the other model");
  self->session = theirs;
  self->alignment = alignment;
  self->pending = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_value_unref);
  if (!ox_alignment_by_value (alignment, mine, theirs, cancellable, error))
    {
      ox_reference_free (&self->base);
      return NULL;
    }
  if (alignment->by_place + alignment->by_value + alignment->unmatched > 0)
    self->base.remark
      = g_strdup_printf ("values of the two models: %u by name, %u by operator and place, %u by their numbers, %u without a"
                         " counterpart",
                         alignment->by_name, alignment->by_place, alignment->by_value, alignment->unmatched);
  ox_session_set_tap (theirs, keep, self);
  return &self->base;
}

void
ox_reference_model_set (OxReference *reference, int threads, OxLikeness likeness)
{
  Lockstep *self = (Lockstep *) reference;

  self->threads = threads;
  self->likeness = likeness;
  reference->same = likeness == OX_LIKENESS_ALL;
}
