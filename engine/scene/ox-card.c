/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "scene/ox-card.h"
#include "tensor/ox-format.h"

#define MOST_WIDE 176.0
#define MOST_INSETS 6

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
      if (strcmp (attribute->name, "to") == 0 || strcmp (attribute->name, "dtype") == 0)
        add_word (text, "%s=%s", attribute->name, ox_dtype_name ((OxDtype) CLAMP (attribute->i, 0, OX_N_DTYPES)));
      else
        add_word (text, "%s=%" G_GINT64_FORMAT, attribute->name, attribute->i);
      break;
    case OX_ATTR_FLOAT:
      add_word (text, "%s=%.4g", attribute->name, attribute->f);
      break;
    case OX_ATTR_STRING:
      if (attribute->s != NULL && g_bytes_get_size (attribute->s) > 0 && g_bytes_get_size (attribute->s) < 40)
        {
          g_autofree char *word = attribute_text (attribute);

          add_word (text, "%s=%s", attribute->name, word);
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
    default:
      break;
    }
}

/* What decides what the node does, in the field's shorthand; NULL for nothing. */
static char *
node_detail (const OxNode *node)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint shown = 0;

  if (ox_node_attribute (node, "kernel_shape") != NULL || ox_node_attribute (node, "strides") != NULL)
    add_window (text, node);
  else
    for (guint i = 0; i < node->attributes->len && shown < 3; i++)
      {
        gsize before = text->len;

        add_attribute (text, g_ptr_array_index (node->attributes, i));
        shown += text->len > before;
      }
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

/* ---- constants ------------------------------------------------------------------------------------------------ */

gboolean
ox_slot_is_folded (const OxSlot *slot)
{
  if (slot->graph_output >= 0)
    return FALSE;
  if (slot->initializer != NULL)
    return TRUE;
  return slot->producer != NULL && strcmp (slot->producer->op_type, "Constant") == 0
         && strcmp (slot->producer->domain, "ai.onnx") == 0;
}

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

/* "W 64x32x3x3"; a single number by its value. */
static char *
inset_text (const OxNode *node, guint i, const OxSlot *slot)
{
  const char *formal = formal_name (node, i), *last = strrchr (slot->name, '.'), *slash = strrchr (slot->name, '/');
  g_autofree char *name = formal != NULL ? g_strndup (formal, strcspn (formal, " "))
                                         : g_strdup (slot->initializer == NULL ? "const" : MAX (last, slash) != NULL
                                                                                             ? MAX (last, slash) + 1 : slot->name);
  OxInitializer *tensor = folded_tensor (slot);
  g_autofree char *shape = NULL;

  if (tensor == NULL)
    return name != NULL ? g_steal_pointer (&name) : NULL;
  if (tensor->indices == NULL && ox_initializer_count (tensor) == 1 && tensor->encoding != OX_ENCODING_MISSING)
    {
      OxValue *value = ox_initializer_get (tensor, NULL);
      g_autoptr (OxTensor) usable = value != NULL && ox_value_get_tensor (value) != NULL
                                      ? ox_tensor_usable (ox_value_get_tensor (value), NULL) : NULL;
      g_autofree char *number = usable != NULL ? ox_format_element (usable, 0, 4) : NULL;

      if (value != NULL)
        ox_value_unref (value);
      if (number != NULL)
        return g_strdup_printf ("%s = %s", name, number);
    }
  shape = ox_shape_to_string (tensor->indices != NULL ? tensor->sparse_rank : tensor->rank,
                              tensor->indices != NULL ? tensor->sparse_dims : tensor->dims);
  if (tensor->dtype != OX_F32)
    return g_strdup_printf ("%s %s %s", name, ox_dtype_name (tensor->dtype), shape);
  return g_strdup_printf ("%s %s", name, shape);
}

/* ---- cards ---------------------------------------------------------------------------------------------------- */

static void
size_card (OxRuler *ruler, OxCard *card)
{
  double w = ox_ruler_width (ruler, OX_TEXT_TITLE, card->title), h = ox_text_line (OX_TEXT_TITLE);

  if (card->detail != NULL)
    {
      w = MAX (w, ox_ruler_width (ruler, OX_TEXT_DETAIL, card->detail));
      h += ox_text_line (OX_TEXT_DETAIL);
    }
  for (int i = 0; card->insets != NULL && card->insets[i] != NULL; i++)
    {
      w = MAX (w, ox_ruler_width (ruler, OX_TEXT_INSET, card->insets[i]));
      h += ox_text_line (OX_TEXT_INSET);
    }
  /* Steps of 4, so that cards that are nearly alike are laid out alike. */
  card->w = (float) ((int) ((w + OX_CARD_LEFT + OX_CARD_RIGHT + 3.99) / 4) * 4);
  card->h = (float) (h + OX_CARD_TOP + OX_CARD_BOTTOM);
  card->w = MAX (card->w, 52);
}

static char *
fit_and_free (OxRuler *ruler, OxTextStyle style, char *text)
{
  char *fitted = text != NULL ? ox_ruler_fit (ruler, style, text, MOST_WIDE) : NULL;

  g_free (text);
  return fitted;
}

OxCard *
ox_card_for_node (OxRuler *ruler, OxNode *node)
{
  OxCard *card = g_new0 (OxCard, 1);
  const OxModel *model = node->graph->model;
  g_autoptr (GPtrArray) insets = g_ptr_array_new ();
  guint folded = 0;

  card->kind = OX_CARD_NODE;
  card->node = node;
  card->slot = -1;
  card->title = ox_ruler_fit (ruler, OX_TEXT_TITLE, node->op_type[0] != '\0' ? node->op_type : "?", MOST_WIDE);
  card->detail = fit_and_free (ruler, OX_TEXT_DETAIL, node_detail (node));
  card->tip = ox_node_title (node);
  card->family = ox_family_of (node->domain, node->op_type);
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, i);

      card->has_body = card->has_body || (attribute->graphs != NULL && attribute->graphs->len > 0);
    }
  if (model->functions->len > 0
      && ox_model_find_function (model, node->domain, node->op_type, node->overload) != NULL)
    {
      card->family = OX_FAMILY_FUNCTION;
      card->has_body = TRUE;
    }
  for (guint i = 0; i < node->input_names->len; i++)
    {
      const OxSlot *slot = ox_node_input_slot (node, (int) i);

      if (slot == NULL || !ox_slot_is_folded (slot) || ++folded > MOST_INSETS)
        continue;
      g_ptr_array_add (insets, fit_and_free (ruler, OX_TEXT_INSET, inset_text (node, i, slot)));
    }
  if (folded > MOST_INSETS)
    g_ptr_array_add (insets, g_strdup_printf ("+ %u more", folded - MOST_INSETS));
  if (insets->len > 0)
    {
      g_ptr_array_add (insets, NULL);
      card->insets = (char **) g_ptr_array_free (g_steal_pointer (&insets), FALSE);
    }
  size_card (ruler, card);
  return card;
}

OxCard *
ox_card_for_value (OxRuler *ruler, OxCardKind kind, const char *name, const OxType *type, int slot)
{
  OxCard *card = g_new0 (OxCard, 1);

  card->kind = kind;
  card->slot = slot;
  card->family = OX_FAMILY_IO;
  card->title = ox_ruler_fit (ruler, OX_TEXT_TITLE, name[0] != '\0' ? name : "?", MOST_WIDE);
  card->detail = type != NULL ? fit_and_free (ruler, OX_TEXT_DETAIL, ox_type_to_string (type)) : NULL;
  card->tip = g_strdup (name);
  size_card (ruler, card);
  return card;
}

OxCard *
ox_card_for_group (OxRuler *ruler, const char *scope, OxNode *first, guint n_nodes)
{
  OxCard *card = g_new0 (OxCard, 1);
  const char *last = strrchr (scope, '/');

  card->kind = OX_CARD_GROUP;
  card->slot = -1;
  card->node = first;
  card->n_nodes = n_nodes;
  card->has_body = TRUE;
  card->family = OX_FAMILY_FUNCTION;
  card->title = ox_ruler_fit (ruler, OX_TEXT_TITLE, last != NULL ? last + 1 : scope, MOST_WIDE);
  card->detail = g_strdup_printf (n_nodes == 1 ? "%u node" : "%u nodes", n_nodes);
  card->tip = g_strdup (scope);
  size_card (ruler, card);
  return card;
}

void
ox_card_free (OxCard *card)
{
  g_free (card->title);
  g_free (card->detail);
  g_strfreev (card->insets);
  g_free (card->tip);
  g_free (card);
}
