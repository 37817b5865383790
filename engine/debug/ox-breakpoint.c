/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-breakpoint.h"

#include <string.h>

#include "debug/ox-comparison.h"
#include "debug/ox-condition.h"
#include "debug/ox-breakpoint-private.h"
#include "tensor/ox-format.h"

#define MAX_LOG 10000
#define MAX_REMEMBERED 1000000

static void
breakpoint_clear (OxBreakpoint *breakpoint)
{
  g_free (breakpoint->place);
  g_free (breakpoint->condition);
  g_free (breakpoint->log);
  g_free (breakpoint->trouble);
}

void
ox_breakpoint_free (gpointer data)
{
  breakpoint_clear (data);
  g_free (data);
}

static void
breakpoint_copy (OxBreakpoint *to, const OxBreakpoint *from)
{
  *to = *from;
  to->place = g_strdup (from->place);
  to->condition = g_strdup (from->condition);
  to->log = g_strdup (from->log);
  to->trouble = g_strdup (from->trouble);
}

void
ox_point_unref (gpointer data)
{
  OxPoint *point = data;

  if (!g_atomic_ref_count_dec (&point->refs))
    return;
  breakpoint_clear (&point->shown);
  ox_place_free (point->place);
  ox_condition_free (point->condition);
  g_clear_pointer (&point->log, g_ptr_array_unref);
  g_clear_pointer (&point->words, g_ptr_array_unref);
  g_free (point);
}

OxPoint *
ox_point_ref (OxPoint *point)
{
  g_atomic_ref_count_inc (&point->refs);
  return point;
}

/* "the text {FORMULA} and so on"; {} is nothing, and makes a text of what has no formulas. */
static gboolean
parse_template (OxPoint *point, const char *text, GError **error)
{
  g_autoptr (GString) before = g_string_new (NULL);

  point->words = g_ptr_array_new_with_free_func (g_free);
  for (const char *open, *close; (open = strchr (text, '{')) != NULL; text = close + 1)
    {
      g_autofree char *inside = NULL;
      OxExpression *formula;

      close = strchr (open, '}');
      if (close == NULL)
        return ox_fail (error, OX_ERROR_VALUE, "expected } after '%s'", open);
      inside = g_strndup (open + 1, (gsize) (close - open - 1));
      g_string_append_len (before, text, open - text);
      if (*g_strstrip (inside) == '\0')
        continue;
      if ((formula = ox_expression_new (inside, error)) == NULL)
        return FALSE;
      g_ptr_array_add (point->words, g_strdup (before->str));
      g_ptr_array_add (point->log, formula);
      g_string_truncate (before, 0);
    }
  g_ptr_array_add (point->words, g_strconcat (before->str, text, NULL));
  return TRUE;
}

static gboolean
parse_log (OxPoint *point, const char *text, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, ";", -1);

  point->log = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_expression_free);
  if (strchr (text, '{') != NULL)
    return parse_template (point, text, error);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      OxExpression *formula;

      if (*g_strstrip (parts[i]) == '\0')
        continue;
      if ((formula = ox_expression_new (parts[i], error)) == NULL)
        return FALSE;
      g_ptr_array_add (point->log, formula);
    }
  return TRUE;
}

static OxPoint *
point_new (OxDebugger *self, const OxBreakpoint *breakpoint, GError **error)
{
  g_autoptr (OxPoint) point = g_new0 (OxPoint, 1);

  g_atomic_ref_count_init (&point->refs);
  breakpoint_copy (&point->shown, breakpoint);
  if (breakpoint->node == NULL && (point->place = ox_place_new (breakpoint->place != NULL ? breakpoint->place : "", error)) == NULL)
    return NULL;
  if (breakpoint->condition != NULL && (point->condition = ox_condition_new (breakpoint->condition, error)) == NULL)
    return NULL;
  if (point->condition != NULL && ox_condition_asks_reference (point->condition) && self->reference == NULL)
    {
      ox_fail (error, OX_ERROR_VALUE, "there is no reference to differ from");
      return NULL;
    }
  if (breakpoint->log != NULL && !parse_log (point, breakpoint->log, error))
    return NULL;
  return g_steal_pointer (&point);
}

static OxPoint *
find (OxDebugger *self, guint id)
{
  for (guint i = 0; i < self->breakpoints->len; i++)
    if (((OxPoint *) g_ptr_array_index (self->breakpoints, i))->shown.id == id)
      return g_ptr_array_index (self->breakpoints, i);
  return NULL;
}

void
ox_debugger_init_breakpoints (OxDebugger *self)
{
  g_mutex_init (&self->lock);
  self->breakpoints = g_ptr_array_new_with_free_func (ox_point_unref);
  self->stops = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  self->met = g_hash_table_new (NULL, NULL);
  self->last = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->log = g_ptr_array_new_with_free_func (g_free);
}

void
ox_debugger_clear_breakpoints (OxDebugger *self)
{
  g_clear_pointer (&self->stops, g_hash_table_unref);
  g_clear_pointer (&self->met, g_hash_table_unref);
  g_clear_pointer (&self->last, g_hash_table_unref);
  g_clear_pointer (&self->breakpoints, g_ptr_array_unref);
  g_clear_pointer (&self->log, g_ptr_array_unref);
  g_clear_pointer (&self->reference, ox_reference_free);
  g_mutex_clear (&self->lock);
}

/* ---- the list --------------------------------------------------------------------------------------------------- */

guint
ox_debugger_put_breakpoint (OxDebugger *self, const OxBreakpoint *breakpoint, GError **error)
{
  OxPoint *point = point_new (self, breakpoint, error), *old;
  guint id, at;

  if (point == NULL)
    return 0;
  g_mutex_lock (&self->lock);
  old = breakpoint->id > 0 ? find (self, breakpoint->id) : NULL;
  if (old != NULL && g_ptr_array_find (self->breakpoints, old, &at))
    {
      point->shown.hits = old->shown.hits;
      g_ptr_array_index (self->breakpoints, at) = point;
      ox_point_unref (old);
    }
  else
    {
      point->shown.id = ++self->last_id;
      g_ptr_array_add (self->breakpoints, point);
    }
  id = point->shown.id;
  ox_debugger_match_points (self);
  g_mutex_unlock (&self->lock);
  ox_debugger_tell_breakpoints (self);
  return id;
}

gboolean
ox_debugger_remove_breakpoint (OxDebugger *self, guint id)
{
  OxPoint *point;

  g_mutex_lock (&self->lock);
  if ((point = find (self, id)) != NULL)
    g_ptr_array_remove (self->breakpoints, point);
  ox_debugger_match_points (self);
  g_mutex_unlock (&self->lock);
  if (point != NULL)
    ox_debugger_tell_breakpoints (self);
  return point != NULL;
}

GPtrArray *
ox_debugger_dup_breakpoints (OxDebugger *self)
{
  GPtrArray *copies = g_ptr_array_new_with_free_func (ox_breakpoint_free);

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->breakpoints->len; i++)
    {
      OxBreakpoint *copy = g_new0 (OxBreakpoint, 1);

      breakpoint_copy (copy, &((OxPoint *) g_ptr_array_index (self->breakpoints, i))->shown);
      g_ptr_array_add (copies, copy);
    }
  g_mutex_unlock (&self->lock);
  return copies;
}

void
ox_debugger_set_reference (OxDebugger *self, OxReference *reference)
{
  g_return_if_fail (!self->running);
  g_clear_pointer (&self->reference, ox_reference_free);
  self->reference = reference;
}

OxReference *
ox_debugger_get_reference (OxDebugger *self)
{
  return self->reference;
}

/* ---- plain ones at a node --------------------------------------------------------------------------------------- */

void
ox_debugger_set_breakpoint (OxDebugger *self, OxNode *node, gboolean on)
{
  const OxBreakpoint plain = { .node = node, .enabled = TRUE };

  if (on)
    {
      if (!ox_debugger_has_breakpoint (self, node))
        ox_debugger_put_breakpoint (self, &plain, NULL);
      else
        ox_debugger_enable_breakpoint (self, node, TRUE);
      return;
    }
  g_mutex_lock (&self->lock);
  for (guint i = self->breakpoints->len; i > 0; i--)
    if (((OxPoint *) g_ptr_array_index (self->breakpoints, i - 1))->shown.node == node)
      g_ptr_array_remove_index (self->breakpoints, i - 1);
  ox_debugger_match_points (self);
  g_mutex_unlock (&self->lock);
  ox_debugger_tell_breakpoints (self);
}

void
ox_debugger_enable_breakpoint (OxDebugger *self, OxNode *node, gboolean enabled)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->breakpoints->len; i++)
    {
      OxPoint *point = g_ptr_array_index (self->breakpoints, i);

      if (point->shown.node == node)
        point->shown.enabled = enabled;
    }
  ox_debugger_match_points (self);
  g_mutex_unlock (&self->lock);
  ox_debugger_tell_breakpoints (self);
}

static gboolean
any_at (OxDebugger *self, const OxNode *node, gboolean enabled)
{
  gboolean found = FALSE;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->breakpoints->len && !found; i++)
    {
      const OxPoint *point = g_ptr_array_index (self->breakpoints, i);

      found = point->shown.node == node && (point->shown.enabled || !enabled);
    }
  g_mutex_unlock (&self->lock);
  return found;
}

gboolean
ox_debugger_has_breakpoint (OxDebugger *self, OxNode *node)
{
  return any_at (self, node, FALSE);
}

gboolean
ox_debugger_breakpoint_enabled (OxDebugger *self, OxNode *node)
{
  return any_at (self, node, TRUE);
}

GPtrArray *
ox_debugger_list_breakpoints (OxDebugger *self)
{
  GPtrArray *nodes = g_ptr_array_new ();

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->breakpoints->len; i++)
    {
      OxNode *node = ((OxPoint *) g_ptr_array_index (self->breakpoints, i))->shown.node;

      if (node != NULL && !g_ptr_array_find (nodes, node, NULL))
        g_ptr_array_add (nodes, node);
    }
  g_mutex_unlock (&self->lock);
  return nodes;
}

/* ---- judging; on the worker ------------------------------------------------------------------------------------- */

static char *
differs (OxFrame *frame, OxNode *node, guint output, gpointer data)
{
  OxDebugger *self = data;
  const OxValue *found = frame->values[node->outputs[output]];
  g_autoptr (OxValue) expected = NULL;
  g_autofree char *text = NULL;

  if (self->reference != NULL)
    {
      ox_reference_set_cancellable (self->reference, self->interrupt);
      expected = ox_reference_get (self->reference, frame, node, output, found, NULL);
      ox_reference_set_cancellable (self->reference, NULL);
    }

  if (expected == NULL || ox_comparison_agree (node, found, expected, &text))
    return NULL;
  return g_strdup_printf ("'%s' differs from %s: %s", (const char *) g_ptr_array_index (node->output_names, output),
                          ox_reference_title (self->reference), text);
}

static guint64
hash_bytes (guint64 hash, const guint8 *data, gsize n)
{
  for (; n >= sizeof (guint64); data += sizeof (guint64), n -= sizeof (guint64))
    {
      guint64 word;

      memcpy (&word, data, sizeof word);
      hash = (hash ^ word) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
      hash ^= hash >> 32;
    }
  for (gsize i = 0; i < n; i++)
    hash = (hash ^ data[i]) * G_GUINT64_CONSTANT (1099511628211);
  return hash;
}

/* Of the bits of a tensor; of other kinds, of what they look like. */
static guint64
hash_value (const OxValue *value)
{
  guint64 hash = G_GUINT64_CONSTANT (14695981039346656037);
  OxTensor *tensor = ox_value_get_tensor (value);
  g_autoptr (OxTensor) dense = NULL;
  g_autofree char *text = NULL;

  if (tensor != NULL && tensor->dtype != OX_STR && (dense = ox_tensor_contiguous (tensor, NULL)) != NULL)
    {
      hash = hash_bytes (hash, (const guint8 *) dense->dims, (gsize) dense->rank * sizeof (gint64));
      return hash_bytes (hash, dense->data, ox_tensor_bytes (dense));
    }
  text = ox_format_value (value, 9, 1000);
  return hash_bytes (hash, (const guint8 *) text, strlen (text));
}

static char *
key_of (const OxFrame *frame, const OxNode *node, guint output)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT " %p %u", frame->id, (const void *) node, output);
}

static char *
changed (OxFrame *frame, OxNode *node, guint output, gpointer data)
{
  OxDebugger *self = data;
  g_autofree char *key = key_of (frame, node, output);
  const guint64 *before = g_hash_table_lookup (self->last, key);

  if (before == NULL || *before == hash_value (frame->values[node->outputs[output]]))
    return NULL;
  return g_strdup_printf ("'%s' is not what it was when it was computed last",
                          (const char *) g_ptr_array_index (node->output_names, output));
}

static void
remember (OxDebugger *self, const OxMoment *moment)
{
  for (guint i = 0; i < moment->node->output_names->len; i++)
    {
      const OxValue *value = moment->node->outputs[i] >= 0 ? moment->frame->values[moment->node->outputs[i]] : NULL;
      const guint64 hash = value != NULL ? hash_value (value) : 0;

      g_autofree char *key = key_of (moment->frame, moment->node, i);

      if (value != NULL && (g_hash_table_size (self->last) < MAX_REMEMBERED || g_hash_table_contains (self->last, key)))
        g_hash_table_replace (self->last, g_steal_pointer (&key), g_memdup2 (&hash, sizeof hash));
    }
}

/* Formula @i of what is logged. (transfer full) */
static char *
log_text (const OxPoint *point, guint i, const OxMoment *moment, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OxTensor) value = ox_moment_evaluate (moment, g_ptr_array_index (point->log, i), cancellable, &error);
  char *text = value != NULL ? ox_format_tensor (value, 4, 20) : g_strdup (error->message);

  return g_strdelimit (text, "\n", ' ');
}

/* "Conv 'conv1' in Loop 'decode' iteration 3: max(x) = 1.5; …", or the words somebody has chosen. */
static char *
log_line (const OxPoint *point, const OxMoment *moment, GCancellable *cancellable)
{
  g_autofree char *label = ox_frame_label (moment->frame), *title = ox_node_title (moment->node);
  g_autoptr (GString) line = g_string_new (NULL);

  if (point->words == NULL)
    g_string_append_printf (line, "%s '%s'", moment->node->op_type, title);
  if (point->words == NULL && moment->frame->caller != NULL)
    g_string_append_printf (line, " in %s", label);
  for (guint i = 0; i < point->log->len; i++)
    {
      g_autofree char *text = log_text (point, i, moment, cancellable);

      if (point->words != NULL)
        g_string_append_printf (line, "%s%s", (const char *) g_ptr_array_index (point->words, i), text);
      else
        g_string_append_printf (line, "%s %s = %s", i == 0 ? ":" : ";",
                                ox_expression_text (g_ptr_array_index (point->log, i)), text);
    }
  if (point->words != NULL)
    g_string_append (line, g_ptr_array_index (point->words, point->log->len));
  return g_string_free (g_steal_pointer (&line), FALSE);
}

/* TRUE: it stops. */
static gboolean
judge (OxDebugger *self, OxPoint *point, const OxMoment *moment, GCancellable *cancellable, char **why)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *reason = NULL, *line = NULL;
  gboolean holds = TRUE, stops = FALSE;

  if (point->condition != NULL)
    holds = ox_condition_holds (point->condition, moment, cancellable, &reason, &error);
  if (point->condition != NULL && ox_condition_asks_last (point->condition))
    remember (self, moment);
  if (g_cancellable_is_cancelled (cancellable))
    return FALSE;
  if (holds && point->log != NULL)
    line = log_line (point, moment, cancellable);
  g_mutex_lock (&self->lock);
  g_free (point->shown.trouble);
  point->shown.trouble = error != NULL ? g_strdup (error->message) : NULL;
  if (holds && point->shown.ignore > 0)
    {
      point->shown.ignore--;
      holds = FALSE;
    }
  if (holds)
    {
      point->shown.hits++;
      self->counted = TRUE;
      stops = point->log == NULL;
      if (!stops && self->log->len < MAX_LOG)
        g_ptr_array_add (self->log, g_steal_pointer (&line));
      if (stops && point->shown.once && g_ptr_array_remove (self->breakpoints, point))
        ox_debugger_match_points (self);
    }
  g_mutex_unlock (&self->lock);
  if (stops)
    *why = g_steal_pointer (&reason);
  return stops;
}

guint
ox_debugger_judge (OxDebugger *self, OxFrame *frame, OxNode *node, const OxTraceRecord *done, GCancellable *cancellable, char **why)
{
  g_autoptr (GPtrArray) points = ox_debugger_points_at (self, frame->graph, node);
  const OxMoment moment = { frame, node, done != NULL, done != NULL ? done->seconds : 0, done != NULL ? done->bytes : 0,
                            differs, changed, self };
  guint id = 0;

  for (guint i = 0; points != NULL && i < points->len; i++)
    {
      OxPoint *point = g_ptr_array_index (points, i);
      /* What is written is of the node's outputs, too. */
      const gboolean after = point->log != NULL || (point->condition != NULL && ox_condition_is_after (point->condition));

      if (after != moment.after || (self->looking_back && point->log != NULL) || (id != 0 && point->log == NULL))
        continue;
      if (judge (self, point, &moment, cancellable, why))
        id = point->shown.id;
    }
  return id;
}
