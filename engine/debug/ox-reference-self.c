/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "core/ox-error.h"
#include "debug/ox-reference-private.h"
#include "debug/ox-rounding.h"

/* ---- what to do differently ------------------------------------------------------------------------------------ */

static gboolean
parse_word (OxSelfOptions *options, const char *word, GError **error)
{
  OxDtype dtype;

  if (strcmp (word, "expand") == 0)
    options->expand = TRUE;
  else if (g_str_has_prefix (word, "threads="))
    {
      guint64 number;

      if (!g_ascii_string_to_unsigned (word + 8, 10, 1, 1024, &number, NULL))
        return ox_fail (error, OX_ERROR_VALUE, "expected threads=N with N from 1 to 1024, found '%s'", word);
      options->threads = (int) number;
    }
  else if ((dtype = ox_dtype_from_name (word)) == OX_F64 || (dtype != OX_UNDEFINED && ox_rounding_knows (dtype)))
    {
      if (options->dtype != OX_UNDEFINED)
        return ox_fail (error, OX_ERROR_VALUE, "expected one type, found %s and %s", ox_dtype_name (options->dtype), word);
      options->dtype = dtype;
    }
  else
    return ox_fail (error, OX_ERROR_VALUE, "expected threads=N, expand, f64, f16, bf16, a type of 8 bits or i8, found '%s'", word);
  return TRUE;
}

gboolean
ox_self_options_parse (const char *text, OxSelfOptions *options, GError **error)
{
  g_auto (GStrv) words = NULL;

  *options = (OxSelfOptions){ 0, FALSE, OX_UNDEFINED };
  if (strcmp (text, "twice") == 0)
    {
      options->threads = 1;
      return TRUE;
    }
  if (strcmp (text, "self") == 0)
    return TRUE;
  if (!g_str_has_prefix (text, "self:"))
    return ox_fail (error, OX_ERROR_VALUE, "expected self:OPTION,..., found '%s'", text);
  words = g_strsplit (text[5] == '\0' ? "," : text + 5, ",", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (!parse_word (options, words[i], error))
      return FALSE;
  return TRUE;
}

gboolean
ox_self_options_fit (const char *text)
{
  return strcmp (text, "twice") == 0 || strcmp (text, "self") == 0 || g_str_has_prefix (text, "self:");
}

/* ---- other types ----------------------------------------------------------------------------------------------- */

/* (transfer full) @value as it is used in a run where floats are of @dtype. */
static OxValue *
change (OxValue *value, OxDtype dtype, GError **error)
{
  OxTensor *tensor = ox_value_get_tensor (value), *wide;

  if (dtype != OX_F64)
    return ox_round_value (value, dtype, error);
  if (tensor == NULL || (tensor->dtype != OX_F32 && tensor->dtype != OX_F16 && tensor->dtype != OX_BF16))
    return ox_value_ref (value);
  wide = ox_tensor_convert (tensor, OX_F64, error);
  return wide != NULL ? ox_value_new_tensor (wide) : NULL;
}

/* What the node has to read; NULL for what was left out, and with @error. */
static OxValue *
read_input (OxFrame *frame, const OxNode *node, guint i, OxValue **owned, GError **error)
{
  const OxSlot *slot = node->inputs[i].slot >= 0 ? ox_node_input_slot (node, (int) i) : NULL;
  OxValue *value = slot != NULL ? ox_frame_value (frame, node->inputs[i]) : NULL;

  /* Nobody has looked at it yet. */
  if (value == NULL && slot != NULL && slot->initializer != NULL)
    value = *owned = ox_initializer_get (slot->initializer, error);
  return value;
}

/* The session takes outputs out of the array. */
static void
unref_some (gpointer value)
{
  if (value != NULL)
    ox_value_unref (value);
}

/* A Cast to a float is to the widest one; NULL without @error for other nodes. */
static GPtrArray *
cast_wide (const OxNode *node, OxValue *input, GError **error)
{
  const OxAttribute *to = ox_node_attribute (node, "to");
  OxTensor *tensor = input != NULL ? ox_value_get_tensor (input) : NULL, *wide;
  GPtrArray *outputs;

  if (strcmp (node->op_type, "Cast") != 0 || strcmp (node->domain, "ai.onnx") != 0 || to == NULL
      || (to->i != OX_F32 && to->i != OX_F16 && to->i != OX_BF16) || tensor == NULL || tensor->dtype == OX_STR
      || (wide = ox_tensor_convert (tensor, OX_F64, error)) == NULL)
    return NULL;
  outputs = g_ptr_array_new_with_free_func (unref_some);
  g_ptr_array_add (outputs, ox_value_new_tensor (wide));
  return outputs;
}

/* Rounds what the node made. */
static gboolean
change_outputs (GPtrArray *outputs, OxDtype dtype, GError **error)
{
  for (guint i = 0; i < outputs->len; i++)
    {
      OxValue *output = g_ptr_array_index (outputs, i), *other;

      if (output == NULL)
        continue;
      if ((other = change (output, dtype, error)) == NULL)
        return FALSE;
      ox_value_unref (output);
      g_ptr_array_index (outputs, i) = other;
    }
  return TRUE;
}

/* The node in f32, for those that have no f64. */
static GPtrArray *
try_narrow (OxSession *session, OxFrame *frame, OxNode *node, OxValue **inputs, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) owned = ox_value_array_new ();

  for (guint i = 0; i < node->input_names->len; i++)
    {
      OxTensor *tensor = inputs[i] != NULL ? ox_value_get_tensor (inputs[i]) : NULL, *narrow;

      if (tensor == NULL || tensor->dtype != OX_F64)
        continue;
      narrow = ox_tensor_convert (tensor, OX_F32, error);
      if (narrow == NULL)
        return NULL;
      inputs[i] = ox_value_new_tensor (narrow);
      g_ptr_array_add (owned, inputs[i]);
    }
  return ox_session_try (session, frame, node, inputs, cancellable, error);
}

static GPtrArray *
run_changed (OxSession *session, OxFrame *frame, OxNode *node, gpointer data, GCancellable *cancellable, GError **error)
{
  OxDtype dtype = (OxDtype) GPOINTER_TO_INT (data);
  guint n = node->input_names->len;
  g_autofree OxValue **inputs = g_new0 (OxValue *, n + 1);
  g_autoptr (GPtrArray) owned = ox_value_array_new ();
  g_autoptr (GError) first = NULL;
  GPtrArray *outputs;

  /* A constant is rounded where it is read, like a weight. */
  if (n == 0)
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (OxValue) mine = NULL;
      g_autoptr (GError) problem = NULL;
      OxValue *value = read_input (frame, node, i, &mine, &problem);

      if (value == NULL && problem == NULL)
        continue;
      inputs[i] = value != NULL ? change (value, dtype, &problem) : NULL;
      if (inputs[i] == NULL)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return NULL;
        }
      g_ptr_array_add (owned, inputs[i]);
    }
  if (dtype == OX_F64 && n == 1)
    {
      outputs = cast_wide (node, inputs[0], &first);
      if (outputs != NULL || first != NULL)
        {
          if (first != NULL)
            g_propagate_error (error, g_steal_pointer (&first));
          return outputs;
        }
    }
  outputs = ox_session_try (session, frame, node, inputs, cancellable, &first);
  if (outputs == NULL && dtype == OX_F64 && !g_error_matches (first, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_clear_error (&first);
      outputs = try_narrow (session, frame, node, inputs, cancellable, &first);
    }
  if (outputs == NULL || !change_outputs (outputs, dtype, &first))
    {
      g_clear_pointer (&outputs, g_ptr_array_unref);
      g_propagate_error (error, g_steal_pointer (&first));
    }
  return outputs;
}

/* ---- the reference --------------------------------------------------------------------------------------------- */

static char *
title_of (const OxSelfOptions *options)
{
  GString *title = g_string_new ("the same model");

  if (options->threads > 0)
    g_string_append_printf (title, ", %d thread%s", options->threads, options->threads == 1 ? "" : "s");
  if (options->expand)
    g_string_append (title, ", operators as what they are made of");
  if (options->dtype != OX_UNDEFINED)
    g_string_append_printf (title, ", floats as %s", ox_dtype_name (options->dtype));
  return g_string_free (title, FALSE);
}

OxReference *
ox_reference_new_self (OxSession *mine, const OxSelfOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxSession) theirs = ox_session_new_other (mine, options->expand);
  OxReference *self;
  char *title;

  if (options->dtype != OX_UNDEFINED)
    ox_session_set_stand_in (theirs, run_changed, GINT_TO_POINTER (options->dtype));
  self = ox_reference_new_model (g_steal_pointer (&theirs), mine, cancellable, error);
  if (self == NULL)
    return NULL;
  title = title_of (options);
  g_free (self->title);
  self->title = title;
  self->dtype = options->dtype;
  ox_reference_model_set (self, options->threads,
                          !options->expand && options->dtype == OX_UNDEFINED ? OX_LIKENESS_ALL : OX_LIKENESS_NONE);
  return self;
}
