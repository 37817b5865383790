/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include <json-glib/json-glib.h>

#include "debug/ox-comparison-private.h"
#include "debug/ox-debugger-private.h"
#include "debug/ox-genealogy.h"
#include "debug/ox-versus.h"
#include "tensor/ox-format.h"

enum { WITHOUT, WITH };

struct _OxVersus
{
  OxSession  *sessions[2];
  GHashTable *waiting[2];    /* place -> Waiting: values that the other run has not made yet */
  GPtrArray  *values;        /* OxVersusValue */
  char       *failure[2];
  int         running;       /* which one's turn it is */
  guint       n_same;
};

typedef struct
{
  OxVersusValue *entry;
  OxValue       *value;
} Waiting;

static void
waiting_free (gpointer data)
{
  Waiting *waiting = data;

  ox_value_unref (waiting->value);
  g_free (waiting);
}

static void
value_free (gpointer data)
{
  OxVersusValue *value = data;

  g_free (value->where);
  g_free (value->type);
  g_free (value->text);
  g_free (value->first);
  g_free (value->worst);
  g_free (value);
}

/* ---- comparing ------------------------------------------------------------------------------------------------ */

static void
note_numbers (OxVersusValue *entry, const OxTensor *with, const OxTensor *without)
{
  OxDifference *difference = &entry->difference;

  if (with == NULL || with->dtype == OX_STR || difference->first < 0)
    return;
  entry->first = ox_index_to_string (with, difference->first);
  entry->first_with = ox_tensor_get (with, difference->first);
  entry->first_without = ox_tensor_get (without, difference->first);
  if (difference->worst < 0)
    return;
  entry->worst = ox_index_to_string (with, difference->worst);
  entry->worst_with = ox_tensor_get (with, difference->worst);
  entry->worst_without = ox_tensor_get (without, difference->worst);
}

static void
compare (OxVersus *self, OxVersusValue *entry, const OxValue *with, const OxValue *without)
{
  static const OxTolerance exact = { 0, 0, 0, 0 };
  OxDifference *difference = &entry->difference;

  g_free (entry->type);
  entry->type = ox_value_describe (with);
  entry->kind = ox_comparison_judge (with, without, &exact, TRUE, difference, &entry->text) ? OX_VERSUS_SAME : OX_VERSUS_MOVED;
  if (entry->kind == OX_VERSUS_SAME)
    {
      self->n_same++;
      return;
    }
  if (entry->text != NULL)
    {
      g_autofree char *before = ox_value_describe (without);

      g_free (entry->text);
      entry->text = g_strcmp0 (before, entry->type) != 0 ? g_strdup_printf ("was %s", before) : g_strdup ("holds something else");
      entry->moved = INFINITY;
      return;
    }
  note_numbers (entry, ox_value_get_tensor (with), ox_value_get_tensor (without));
  entry->moved = difference->rms > 0 && isfinite (difference->rmse) ? difference->rmse / difference->rms : INFINITY;
}

/* ---- the two runs --------------------------------------------------------------------------------------------- */

/* The same in both runs: which node opened it, in which iteration, from the outside in. Frames are at most OX_MAX_FRAMES. */
static void
put_place (GString *text, const OxFrame *frame)
{
  if (frame->parent != NULL)
    put_place (text, frame->parent);
  g_string_append_printf (text, "%p %p %" G_GINT64_FORMAT "/", (void *) frame->caller, (void *) frame->graph, frame->iteration);
}

static char *
place_of (const OxFrame *frame, int slot)
{
  GString *text = g_string_new (NULL);

  put_place (text, frame);
  g_string_append_printf (text, "%d", slot);
  return g_string_free (text, FALSE);
}

static OxVersusValue *
new_entry (OxVersus *self, const OxFrame *frame, const OxNode *node, guint output, const OxValue *value, int side)
{
  OxVersusValue *entry = g_new0 (OxVersusValue, 1);

  entry->kind = side == WITH ? OX_VERSUS_ONLY_WITH : OX_VERSUS_ONLY_WITHOUT;
  entry->node = node;
  entry->output = output;
  entry->where = frame->parent != NULL ? ox_frame_label (frame) : NULL;
  entry->type = ox_value_describe (value);
  entry->moved = -1;
  entry->difference.first = entry->difference.worst = -1;
  g_ptr_array_add (self->values, entry);
  return entry;
}

static gboolean
is_over (OxVersus *self, int side)
{
  return self->failure[side] != NULL || ox_session_depth (self->sessions[side]) == 0;
}

static void
meet (OxSession *session, OxFrame *frame, OxNode *node, OxValue *const *outputs, gpointer data)
{
  OxVersus *self = data;
  int side = self->running, other = side == WITH ? WITHOUT : WITH;

  for (guint o = 0; o < node->output_names->len; o++)
    {
      g_autofree char *place = NULL;
      Waiting *waiting;

      if (node->outputs[o] < 0 || outputs[o] == NULL)
        continue;
      place = place_of (frame, node->outputs[o]);
      waiting = g_hash_table_lookup (self->waiting[other], place);
      if (waiting != NULL)
        {
          compare (self, waiting->entry, side == WITH ? outputs[o] : waiting->value, side == WITH ? waiting->value : outputs[o]);
          g_hash_table_remove (self->waiting[other], place);
          continue;
        }
      /* A run that is over makes nothing more. */
      if (is_over (self, other))
        {
          new_entry (self, frame, node, o, outputs[o], side);
          continue;
        }
      waiting = g_new0 (Waiting, 1);
      waiting->entry = new_entry (self, frame, node, o, outputs[o], side);
      waiting->value = ox_value_ref (outputs[o]);
      g_hash_table_insert (self->waiting[side], g_steal_pointer (&place), waiting);
    }
}

OxVersus *
ox_versus_new (OxSession *with, OxSession *without)
{
  OxVersus *self = g_new0 (OxVersus, 1);

  self->sessions[WITH] = with;
  self->sessions[WITHOUT] = without;
  self->values = g_ptr_array_new_with_free_func (value_free);
  for (int side = WITHOUT; side <= WITH; side++)
    {
      self->waiting[side] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, waiting_free);
      ox_session_set_tap (self->sessions[side], meet, self);
    }
  return self;
}

OxVersus *
ox_debugger_versus (OxDebugger *debugger)
{
  OxSession *with = ox_debugger_new_session (debugger, FALSE);

  return ox_versus_new (with, ox_session_new_plain (with));
}

void
ox_versus_free (OxVersus *self)
{
  for (int side = WITHOUT; side <= WITH; side++)
    {
      ox_session_free (self->sessions[side]);
      g_hash_table_unref (self->waiting[side]);
      g_free (self->failure[side]);
    }
  g_ptr_array_unref (self->values);
  g_free (self);
}

/* How far a run has come: nodes of the main graph. */
static guint
progress (OxVersus *self, int side)
{
  return is_over (self, side) ? G_MAXUINT : ox_session_frame (self->sessions[side], 0)->pc;
}

static gboolean
turn (OxVersus *self, int side, GCancellable *cancellable, GError **error)
{
  GError *failure = NULL;

  self->running = side;
  if (ox_session_turn (self->sessions[side], NULL, cancellable, &failure) != OX_TURN_FAILED)
    return TRUE;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  self->failure[side] = g_strdup (failure->message);
  g_error_free (failure);
  return TRUE;
}

gboolean
ox_versus_run (OxVersus *self, GCancellable *cancellable, GError **error)
{
  guint passed = 0;

  while (!is_over (self, WITHOUT) || !is_over (self, WITH))
    {
      guint a = progress (self, WITHOUT), b = progress (self, WITH);

      if (a <= b && a != G_MAXUINT && !turn (self, WITHOUT, cancellable, error))
        return FALSE;
      if (b <= a && b != G_MAXUINT && !turn (self, WITH, cancellable, error))
        return FALSE;
      a = progress (self, WITHOUT);
      b = progress (self, WITH);
      /* Both are beyond the node: what waits was made by one of them only. */
      if (MIN (a, b) > passed && a == b)
        {
          g_hash_table_remove_all (self->waiting[WITHOUT]);
          g_hash_table_remove_all (self->waiting[WITH]);
          passed = MIN (a, b);
        }
    }
  return TRUE;
}

/* ---- what came out -------------------------------------------------------------------------------------------- */

GPtrArray *
ox_versus_values (OxVersus *self)
{
  return self->values;
}

static int
by_distance (gconstpointer a, gconstpointer b, gpointer data)
{
  const OxVersusValue *one = *(OxVersusValue *const *) a, *other = *(OxVersusValue *const *) b;

  return one->moved > other->moved ? -1 : one->moved < other->moved;
}

GPtrArray *
ox_versus_moved (OxVersus *self)
{
  GPtrArray *moved = g_ptr_array_new ();

  for (guint i = 0; i < self->values->len; i++)
    if (((OxVersusValue *) g_ptr_array_index (self->values, i))->kind != OX_VERSUS_SAME)
      g_ptr_array_add (moved, g_ptr_array_index (self->values, i));
  g_ptr_array_sort_with_data (moved, by_distance, NULL);
  return moved;
}

guint
ox_versus_n_same (OxVersus *self)
{
  return self->n_same;
}

const char *
ox_versus_failure (OxVersus *self, gboolean with)
{
  return self->failure[with ? WITH : WITHOUT];
}

const OxVersusValue *
ox_versus_output (OxVersus *self, guint i)
{
  const OxGraph *graph = ox_session_get_model (self->sessions[WITH])->graph;
  const OxRef *ref = i < graph->outputs->len ? &g_array_index (graph->outputs, OxRef, i) : NULL;

  for (guint k = self->values->len; ref != NULL && k > 0; k--)
    {
      const OxVersusValue *value = g_ptr_array_index (self->values, k - 1);

      if (value->node->graph == graph && value->node->outputs[value->output] == ref->slot)
        return value;
    }
  return NULL;
}

static void
put_change (GString *text, const char *title, const char *index, double before, double after)
{
  g_autofree char *a = ox_format_double (before, 4), *b = ox_format_double (after, 4);

  if (index[0] != '\0')
    g_string_append_printf (text, ", %s %s: %s -> %s", title, index, a, b);
  else
    g_string_append_printf (text, ", %s -> %s", a, b);
}

char *
ox_versus_value_describe (const OxVersusValue *value)
{
  GString *text = g_string_new (g_ptr_array_index (value->node->output_names, value->output));
  const OxDifference *difference = &value->difference;

  g_string_append_printf (text, " (%s)", value->type);
  if (value->where != NULL)
    g_string_append_printf (text, " in %s", value->where);
  if (value->kind == OX_VERSUS_SAME)
    g_string_append (text, ": the same");
  else if (value->kind != OX_VERSUS_MOVED)
    g_string_append_printf (text, ": only %s the changes", value->kind == OX_VERSUS_ONLY_WITH ? "with" : "without");
  else if (value->text != NULL)
    g_string_append_printf (text, ": %s", value->text);
  else
    {
      g_autofree char *abs = ox_format_double (difference->max_abs, 4), *rel = ox_format_double (difference->max_rel, 4);
      g_autofree char *cosine = ox_format_double (difference->cosine, 6);

      g_string_append_printf (text, ": %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " differ", difference->outside,
                              difference->count);
      if (value->first != NULL)
        g_string_append_printf (text, ", max abs %s, max rel %s, cosine %s", abs, rel, cosine);
      if (value->first != NULL)
        put_change (text, "first", value->first, value->first_without, value->first_with);
      if (value->worst != NULL && difference->worst != difference->first)
        put_change (text, "most", value->worst, value->worst_without, value->worst_with);
    }
  return g_string_free (text, FALSE);
}

/* ---- JSON ----------------------------------------------------------------------------------------------------- */

static void
add_number (JsonBuilder *json, const char *name, double number)
{
  json_builder_set_member_name (json, name);
  if (isfinite (number))
    json_builder_add_double_value (json, number);
  else
    json_builder_add_string_value (json, isnan (number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
}

static void
add_text (JsonBuilder *json, const char *name, const char *text)
{
  if (text == NULL)
    return;
  json_builder_set_member_name (json, name);
  json_builder_add_string_value (json, text);
}

static void
add_value (JsonBuilder *json, const OxVersusValue *value)
{
  static const char *const kinds[] = { "same", "moved", "only_with", "only_without" };

  json_builder_begin_object (json);
  add_text (json, "name", g_ptr_array_index (value->node->output_names, value->output));
  add_text (json, "node", value->node->name);
  add_text (json, "op_type", value->node->op_type);
  add_text (json, "where", value->where);
  add_text (json, "type", value->type);
  add_text (json, "verdict", kinds[value->kind]);
  add_text (json, "text", value->text);
  if (value->kind == OX_VERSUS_MOVED && value->text == NULL)
    {
      json_builder_set_member_name (json, "outside");
      json_builder_add_int_value (json, value->difference.outside);
      json_builder_set_member_name (json, "count");
      json_builder_add_int_value (json, value->difference.count);
      add_number (json, "max_abs", value->difference.max_abs);
      add_number (json, "max_rel", value->difference.max_rel);
      add_number (json, "cosine", value->difference.cosine);
      add_number (json, "moved", value->moved);
      json_builder_set_member_name (json, "first");
      json_builder_add_int_value (json, value->difference.first);
    }
  json_builder_end_object (json);
}

char *
ox_versus_to_json (OxVersus *self)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (json);
  json_builder_set_member_name (json, "same");
  json_builder_add_int_value (json, self->n_same);
  add_text (json, "failure_with", self->failure[WITH]);
  add_text (json, "failure_without", self->failure[WITHOUT]);
  json_builder_set_member_name (json, "values");
  json_builder_begin_array (json);
  for (guint i = 0; i < self->values->len; i++)
    add_value (json, g_ptr_array_index (self->values, i));
  json_builder_end_array (json);
  json_builder_end_object (json);
  root = json_builder_get_root (json);
  return json_to_string (root, TRUE);
}
