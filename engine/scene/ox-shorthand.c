/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "ops/ox-op.h"
#include "scene/ox-card.h"
#include "tensor/ox-format.h"

/* What a card says of a node's attributes and constants, in the field's shorthand. */

#define MOST_ATTRIBUTES 3
#define MOST_ELEMENTS 6    /* of a constant that is written out */

static const gint64 *
get_ints (const OxNode *node, const char *name, guint *n)
{
  const OxAttribute *attribute = ox_node_attribute (node, name);

  *n = attribute != NULL && attribute->ints != NULL ? attribute->ints->len : 0;
  return *n > 0 ? (const gint64 *) (void *) attribute->ints->data : NULL;
}

static gboolean
all_are (const gint64 *v, guint n, gint64 value)
{
  for (guint i = 0; i < n; i++)
    if (v[i] != value)
      return FALSE;
  return TRUE;
}

static void
add_word (GString *text, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add_word (GString *text, const char *format, ...)
{
  va_list args;

  if (text->len > 0)
    g_string_append_c (text, ' ');
  va_start (args, format);
  g_string_append_vprintf (text, format, args);
  va_end (args);
}

/* "s2", or "s2x1" when they differ; nothing when all are the usual value. */
static void
add_list (GString *text, const char *letter, const gint64 *v, guint n, gint64 usual)
{
  if (n == 0 || all_are (v, n, usual))
    return;
  if (all_are (v, n, v[0]))
    {
      add_word (text, "%s%" G_GINT64_FORMAT, letter, v[0]);
      return;
    }
  add_word (text, "%s", letter);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, i > 0 ? "x%" G_GINT64_FORMAT : "%" G_GINT64_FORMAT, v[i]);
}

/* Text of a string attribute, which may hold any bytes. (transfer full) */
static char *
attribute_text (const OxAttribute *attribute)
{
  return g_utf8_make_valid (g_bytes_get_data (attribute->s, NULL), (gssize) MIN (g_bytes_get_size (attribute->s), 256));
}

static void
add_window (GString *text, const OxNode *node)
{
  const OxAttribute *pad = ox_node_attribute (node, "auto_pad"), *group = ox_node_attribute (node, "group");
  const gint64 *v;
  guint n;

  v = get_ints (node, "kernel_shape", &n);
  if (n > 0)
    add_word (text, "%" G_GINT64_FORMAT, v[0]);
  for (guint i = 1; i < n; i++)
    g_string_append_printf (text, "x%" G_GINT64_FORMAT, v[i]);
  v = get_ints (node, "strides", &n);
  add_list (text, "s", v, n, 1);
  v = get_ints (node, "pads", &n);
  /* The same at both ends is said once. */
  if (n % 2 == 0 && n > 0 && memcmp (v, v + n / 2, n / 2 * sizeof *v) == 0)
    n /= 2;
  add_list (text, "p", v, n, 0);
  v = get_ints (node, "dilations", &n);
  add_list (text, "d", v, n, 1);
  if (group != NULL && group->type == OX_ATTR_INT && group->i != 1)
    add_word (text, "g%" G_GINT64_FORMAT, group->i);
  if (pad != NULL && pad->s != NULL && g_bytes_get_size (pad->s) > 0)
    {
      g_autofree char *word = attribute_text (pad);

      if (strcmp (word, "NOTSET") != 0)
        add_word (text, "%s", word);
    }
}

/* Whether the operator would do the same without it. What a reader looks for first is never left out. */
static gboolean
is_default (const OxOp *op, const OxAttribute *attribute)
{
  const OxAttrSpec *spec = NULL;

  if (g_str_equal (attribute->name, "axis") || attribute->ref != NULL)
    return FALSE;
  for (int i = 0; op != NULL && spec == NULL && i < op->n_attrs; i++)
    if (g_str_equal (op->attrs[i].name, attribute->name))
      spec = &op->attrs[i];
  if (spec == NULL || spec->required)
    return FALSE;
  switch (spec->kind)
    {
    case OX_KIND_INT:
      return attribute->type == OX_ATTR_INT && (double) attribute->i == spec->number;
    case OX_KIND_FLOAT:
      return attribute->type == OX_ATTR_FLOAT && (float) attribute->f == (float) spec->number;
    case OX_KIND_STRING:
      return attribute->type == OX_ATTR_STRING && spec->text != NULL && attribute->s != NULL
             && g_bytes_get_size (attribute->s) == strlen (spec->text)
             && memcmp (g_bytes_get_data (attribute->s, NULL), spec->text, strlen (spec->text)) == 0;
    case OX_KIND_IGNORED:
      return TRUE;
    default:
      return FALSE;
    }
}

static void
add_attribute (GString *text, const OxAttribute *attribute)
{
  if (attribute->ref != NULL)
    {
      add_word (text, "%s=@%s", attribute->name, attribute->ref);
      return;
    }
  switch (attribute->type)
    {
    case OX_ATTR_INT:
      if (g_str_equal (attribute->name, "to") || g_str_equal (attribute->name, "dtype"))
        add_word (text, "%s=%s", attribute->name, ox_dtype_name ((OxDtype) CLAMP (attribute->i, 0, OX_N_DTYPES)));
      else
        add_word (text, "%s=%" G_GINT64_FORMAT, attribute->name, attribute->i);
      break;
    case OX_ATTR_FLOAT:
      add_word (text, "%s=%.4g", attribute->name, attribute->f);
      break;
    case OX_ATTR_STRING:
      /* Words say by themselves what they are about: linear, half_pixel, bidirectional. */
      if (attribute->s != NULL && g_bytes_get_size (attribute->s) > 0 && g_bytes_get_size (attribute->s) < 40)
        {
          g_autofree char *word = attribute_text (attribute);

          add_word (text, "%s", word);
        }
      break;
    case OX_ATTR_INTS:
      add_word (text, "%s=", attribute->name);
      for (guint i = 0; i < MIN (attribute->ints->len, 8); i++)
        g_string_append_printf (text, i > 0 ? ",%" G_GINT64_FORMAT : "%" G_GINT64_FORMAT,
                                g_array_index (attribute->ints, gint64, i));
      if (attribute->ints->len > 8)
        g_string_append (text, ",…");
      break;
    case OX_ATTR_FLOATS:
      add_word (text, "%s=", attribute->name);
      for (guint i = 0; i < MIN (attribute->floats->len, 4); i++)
        g_string_append_printf (text, i > 0 ? ",%.4g" : "%.4g", (double) g_array_index (attribute->floats, float, i));
      if (attribute->floats->len > 4)
        g_string_append (text, ",…");
      break;
    default:
      break;
    }
}

char *
ox_shorthand_attributes (const OxNode *node)
{
  static const char *const windows[] = { "kernel_shape", "strides", "pads", "dilations", "group", "auto_pad", NULL };
  const OxOp *op = ox_op_find (node->domain, node->op_type, ox_model_opset (node->graph->model, node->graph, node->domain));
  gboolean window = ox_node_attribute (node, "kernel_shape") != NULL || ox_node_attribute (node, "strides") != NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  guint shown = 0;

  if (window)
    add_window (text, node);
  for (guint i = 0; i < node->attributes->len && shown < MOST_ATTRIBUTES; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, i);
      gsize before = text->len;

      if ((window && g_strv_contains (windows, attribute->name)) || is_default (op, attribute))
        continue;
      add_attribute (text, attribute);
      shown += text->len > before;
    }
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

/* ---- constants ------------------------------------------------------------------------------------------------ */

/* The name of input @i as the operator's documentation has it, where pictures are read by it. */
static const char *
formal_name (const OxNode *node, guint i)
{
  static const struct { const char *op, *names; } known[] = {
    { "Conv", "X W B" }, { "ConvTranspose", "X W B" }, { "ConvInteger", "x w x_zp w_zp" }, { "Gemm", "A B C" },
    { "MatMul", "A B" }, { "MatMulInteger", "A B a_zp b_zp" }, { "BatchNormalization", "X scale B mean var" },
    { "InstanceNormalization", "X scale B" }, { "LayerNormalization", "X scale B" }, { "RMSNormalization", "X scale" },
    { "LSTM", "X W R B lens h0 c0 P" }, { "GRU", "X W R B lens h0" }, { "RNN", "X W R B lens h0" },
    { "Gather", "data indices" }, { "Reshape", "data shape" }, { "Slice", "data starts ends axes steps" },
    { "PRelu", "X slope" }, { "QuantizeLinear", "x scale zp" }, { "DequantizeLinear", "x scale zp" },
    { "QLinearConv", "x x_s x_zp w w_s w_zp y_s y_zp B" }, { "Resize", "X roi scales sizes" }, { "Clip", "X min max" },
    { "Pad", "data pads value axes" }, { "Unsqueeze", "data axes" }, { "Squeeze", "data axes" }, { "Expand", "x shape" },
    { "Split", "x split" }, { "TopK", "X k" }, { "Pow", "X Y" }, { "Where", "cond X Y" }, { "Tile", "x repeats" },
  };

  for (guint k = 0; k < G_N_ELEMENTS (known); k++)
    if (strcmp (known[k].op, node->op_type) == 0)
      {
        const char *p = known[k].names;

        while (i-- > 0 && p != NULL)
          p = (p = strchr (p, ' ')) != NULL ? p + 1 : NULL;
        return p;
      }
  return NULL;
}

static OxInitializer *
folded_tensor (const OxSlot *slot)
{
  const OxAttribute *value;

  if (slot->initializer != NULL)
    return slot->initializer;
  value = ox_node_attribute (slot->producer, "value");
  return value != NULL && value->tensors != NULL && value->tensors->len > 0 ? g_ptr_array_index (value->tensors, 0) : NULL;
}

/* "B" for a constant whose name says nothing; else the last part of its name. (transfer full) */
static char *
short_name (const OxNode *node, guint i, const OxSlot *slot)
{
  const char *formal = formal_name (node, i), *last = strrchr (slot->name, '.'), *slash = strrchr (slot->name, '/');
  const char *own = MAX (last, slash) != NULL ? MAX (last, slash) + 1 : slot->name;

  if (formal != NULL)
    return g_strndup (formal, strcspn (formal, " "));
  if (slot->initializer == NULL || strstr (slot->name, "::") != NULL || strstr (own, "Const") != NULL
      || own[strspn (own, "0123456789_")] == '\0')
    return node->input_names->len <= 4 ? g_strdup_printf ("%c", 'A' + (int) i) : g_strdup_printf ("#%u", i + 1);
  return g_strdup (own);
}

/* The elements of a small tensor: "2,3"; NULL if it is not small, or cannot be read. */
static char *
elements (const OxNode *node, OxInitializer *tensor)
{
  g_autoptr (OxTensor) usable = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  gint64 count = tensor->indices == NULL ? ox_initializer_count (tensor) : 0;
  OxValue *value;

  if (count < 1 || count > (tensor->rank <= 1 ? MOST_ELEMENTS : 1) || tensor->encoding == OX_ENCODING_MISSING)
    return NULL;
  value = ox_initializer_get (tensor, NULL);
  if (value == NULL)
    return NULL;
  if (ox_value_get_tensor (value) != NULL)
    usable = ox_tensor_usable (ox_value_get_tensor (value), NULL);
  for (gint64 i = 0; usable != NULL && i < usable->count; i++)
    {
      g_autofree char *number = ox_format_element (usable, i, 4);

      /* Slices to the end are written with the largest number there is. */
      if (g_str_equal (node->op_type, "Slice") && ox_dtype_is_integer (usable->dtype)
          && (ox_tensor_get_int (usable, i) == G_MAXINT64 || ox_tensor_get_int (usable, i) == G_MAXINT32))
        g_string_append (text, i > 0 ? ",end" : "end");
      else
        g_string_append_printf (text, i > 0 ? ",%s" : "%s", number);
    }
  ox_value_unref (value);
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

char *
ox_shorthand_constant (const OxNode *node, guint i, const OxSlot *slot)
{
  g_autofree char *name = short_name (node, i, slot), *shape = NULL, *numbers = NULL;
  OxInitializer *tensor = folded_tensor (slot);

  if (tensor == NULL)
    {
      /* A Constant with value_int, value_floats, … */
      const OxAttribute *value = slot->producer->attributes->len == 1 ? g_ptr_array_index (slot->producer->attributes, 0) : NULL;
      g_autoptr (GString) text = g_string_new (NULL);
      const char *equal;

      if (value != NULL)
        add_attribute (text, value);
      equal = value != NULL && value->type != OX_ATTR_STRING ? strchr (text->str, '=') : NULL;
      return text->len > 0 ? g_strdup_printf ("%s = %s", name, equal != NULL ? equal + 1 : text->str) : g_steal_pointer (&name);
    }
  numbers = elements (node, tensor);
  if (numbers != NULL)
    return g_strdup_printf ("%s = %s", name, numbers);
  shape = ox_shape_to_string (tensor->indices != NULL ? tensor->sparse_rank : tensor->rank,
                              tensor->indices != NULL ? tensor->sparse_dims : tensor->dims);
  if (tensor->dtype != OX_F32)
    return g_strdup_printf ("%s %s %s", name, ox_dtype_name (tensor->dtype), shape);
  return g_strdup_printf ("%s %s", name, shape);
}
