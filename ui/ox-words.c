/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-words.h"

#include <string.h>

#include "tensor/ox-format.h"

char *
ox_words_valid (const char *text)
{
  return g_utf8_make_valid (text != NULL ? text : "", -1);
}

char *
ox_words_operator (const OxNode *node)
{
  g_autofree char *op = ox_words_valid (node->op_type), *domain = ox_words_valid (node->domain);

  if (g_strcmp0 (ox_domain_canonical (node->domain), "ai.onnx") == 0)
    return g_steal_pointer (&op);
  return g_strdup_printf ("%s · %s", domain, op);
}

char *
ox_words_node (const OxNode *node)
{
  g_autofree char *title = ox_node_title (node);

  return ox_words_valid (title);
}

static char *
constant_type (const OxInitializer *initializer)
{
  g_autoptr (OxType) type = NULL;

  if (initializer->indices != NULL)
    type = ox_type_new_tensor (initializer->dtype, initializer->sparse_rank, initializer->sparse_dims);
  else
    type = ox_type_new_tensor (initializer->dtype, initializer->rank, initializer->dims);
  return ox_type_label (type);
}

static void
append_bytes (GString *to, GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = g_utf8_make_valid (data != NULL ? data : "", (gssize) MIN (size, 4096));

  g_string_append_printf (to, "\"%s\"", text);
}

/* One element of the attribute; FALSE beyond the last. */
static gboolean
append_item (GString *to, const OxAttribute *a, guint i)
{
  switch (a->type)
    {
    case OX_ATTR_FLOAT:
    case OX_ATTR_FLOATS:
      {
        g_autofree char *text = NULL;

        if (a->type == OX_ATTR_FLOAT ? i > 0 : a->floats == NULL || i >= a->floats->len)
          return FALSE;
        text = ox_format_double (a->type == OX_ATTR_FLOAT ? a->f : g_array_index (a->floats, float, i), 7);
        g_string_append (to, text);
        return TRUE;
      }
    case OX_ATTR_INT:
    case OX_ATTR_INTS:
      if (a->type == OX_ATTR_INT ? i > 0 : a->ints == NULL || i >= a->ints->len)
        return FALSE;
      g_string_append_printf (to, "%" G_GINT64_FORMAT, a->type == OX_ATTR_INT ? a->i : g_array_index (a->ints, gint64, i));
      return TRUE;
    case OX_ATTR_STRING:
      if (i > 0 || a->s == NULL)
        return FALSE;
      append_bytes (to, a->s);
      return TRUE;
    case OX_ATTR_STRINGS:
      if (a->strings == NULL || i >= a->strings->len)
        return FALSE;
      append_bytes (to, g_ptr_array_index (a->strings, i));
      return TRUE;
    case OX_ATTR_TENSOR:
    case OX_ATTR_TENSORS:
    case OX_ATTR_SPARSE_TENSOR:
    case OX_ATTR_SPARSE_TENSORS:
      {
        g_autofree char *text = NULL;

        if (a->tensors == NULL || i >= a->tensors->len)
          return FALSE;
        text = constant_type (g_ptr_array_index (a->tensors, i));
        g_string_append (to, text);
        return TRUE;
      }
    case OX_ATTR_GRAPH:
    case OX_ATTR_GRAPHS:
      if (a->graphs == NULL || i >= a->graphs->len)
        return FALSE;
      g_string_append_printf (to, "graph of %u nodes", ((OxGraph *) g_ptr_array_index (a->graphs, i))->nodes->len);
      return TRUE;
    case OX_ATTR_TYPE:
    case OX_ATTR_TYPES:
      {
        g_autofree char *text = NULL;

        if (a->types == NULL || i >= a->types->len)
          return FALSE;
        text = ox_type_label (g_ptr_array_index (a->types, i));
        g_string_append (to, text);
        return TRUE;
      }
    case OX_ATTR_UNDEFINED:
      break;
    }
  return FALSE;
}

/* A constant of one or a few numbers is said by its numbers. */
static char *
small_tensor (const OxAttribute *a)
{
  OxInitializer *initializer;
  g_autoptr (OxValue) value = NULL;
  g_autofree char *type = NULL, *text = NULL;

  if (a->type != OX_ATTR_TENSOR || a->tensors == NULL || a->tensors->len != 1)
    return NULL;
  initializer = g_ptr_array_index (a->tensors, 0);
  if (ox_initializer_count (initializer) > 8 || (value = ox_initializer_get (initializer, NULL)) == NULL)
    return NULL;
  type = constant_type (initializer);
  text = ox_format_value (value, 6, 8);
  return g_strdup_printf ("%s  %s", type, text);
}

char *
ox_words_attribute (const OxAttribute *attribute, gsize limit)
{
  GString *text = g_string_new (NULL);
  g_autofree char *small = small_tensor (attribute), *valid = NULL;

  if (attribute->ref != NULL)
    g_string_append_printf (text, "the function's %s", attribute->ref);
  else if (small != NULL)
    g_string_append (text, small);
  else
    for (guint i = 0;; i++)
      {
        gsize before = text->len;

        if (i > 0)
          g_string_append (text, ", ");
        if (!append_item (text, attribute, i))
          {
            g_string_truncate (text, before);
            break;
          }
        if (limit > 0 && text->len > limit)
          {
            /* Not in the middle of a character: make_valid below would show a sign for half of one. */
            if (i == 0)
              g_string_truncate (text, g_utf8_find_prev_char (text->str, text->str + limit) - text->str);
            else
              g_string_truncate (text, before);
            g_string_append (text, i == 0 ? "…" : ", …");
            break;
          }
      }
  /* Nobody knows the numbers of element types by heart. */
  if (attribute->type == OX_ATTR_INT && attribute->ref == NULL
      && (g_str_equal (attribute->name, "to") || g_str_equal (attribute->name, "dtype")) && attribute->i == (int) attribute->i
      && ox_dtype_is_valid ((int) attribute->i))
    g_string_append_printf (text, "  (%s)", ox_dtype_name ((OxDtype) attribute->i));
  valid = ox_words_valid (text->str);
  g_string_free (text, TRUE);
  return g_steal_pointer (&valid);
}

char *
ox_words_type (const OxType *type)
{
  g_autofree char *label = ox_type_label (type);

  return ox_words_valid (label);
}

char *
ox_words_slot_type (const OxSlot *slot)
{
  g_autofree char *text = NULL;

  if (slot->type != NULL && !(slot->type->kind == OX_TYPE_TENSOR && slot->type->rank < 0 && slot->initializer != NULL))
    return ox_words_type (slot->type);
  if (slot->initializer == NULL)
    return ox_words_type (slot->inferred);
  text = constant_type (slot->initializer);
  return ox_words_valid (text);
}

char *
ox_words_shape (const OxSlot *slot)
{
  g_autofree char *type = ox_words_slot_type (slot);
  const char *space = strchr (type, ' ');

  return g_strdup (space != NULL && !g_str_equal (space, " ?") ? space + 1 : "");
}

const char *
ox_words_slot_source (const OxSlot *slot)
{
  if (slot->initializer != NULL)
    return "constant";
  if (slot->type != NULL)
    return "declared";
  return slot->inferred != NULL ? "inferred" : "";
}
