/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-quant-lens-private.h"

/* Which inputs and outputs of which operators are codes, scales and zero points. */

#define OUT(i) (100 + (i))
#define NONE -1
/* Axes: of an attribute "axis"; of the columns or rows of a matrix. */
#define ATTRIBUTE 1000
#define COLUMNS -1
#define ROWS -2

typedef struct
{
  const char *op_type;
  int         codes, scale, zero;
  int         axis;
  int         real;
} Role;

static const Role roles[] = {
  { "QuantizeLinear", OUT (0), 1, 2, ATTRIBUTE, 0 },
  { "DequantizeLinear", 0, 1, 2, ATTRIBUTE, NONE },
  { "DynamicQuantizeLinear", OUT (0), OUT (1), OUT (2), 0, 0 },
  { "QLinearConv", 0, 1, 2, 0, NONE },
  { "QLinearConv", 3, 4, 5, 0, NONE },
  { "QLinearConv", OUT (0), 6, 7, 0, NONE },
  { "QLinearMatMul", 0, 1, 2, ROWS, NONE },
  { "QLinearMatMul", 3, 4, 5, COLUMNS, NONE },
  { "QLinearMatMul", OUT (0), 6, 7, ROWS, NONE },
  { "ConvInteger", 0, NONE, 2, 0, NONE },
  { "ConvInteger", 1, NONE, 3, 0, NONE },
  { "MatMulInteger", 0, NONE, 2, ROWS, NONE },
  { "MatMulInteger", 1, NONE, 3, COLUMNS, NONE },
  { "MatMulIntegerToFloat", 0, 2, 4, ROWS, NONE },
  { "MatMulIntegerToFloat", 1, 3, 5, COLUMNS, NONE },
  { "DynamicQuantizeMatMul", 1, 2, 3, COLUMNS, NONE },
  { "QGemm", 0, 1, 2, ROWS, NONE },
  { "QGemm", 3, 4, 5, COLUMNS, NONE },
  { "QGemm", OUT (0), 7, 8, COLUMNS, NONE },
  { "QAttention", 0, 3, 6, ROWS, NONE },
  { "QAttention", 1, 4, 7, COLUMNS, NONE },
  { "QLinearAdd", 0, 1, 2, 0, NONE },
  { "QLinearAdd", 3, 4, 5, 0, NONE },
  { "QLinearAdd", OUT (0), 6, 7, 0, NONE },
  { "QLinearMul", 0, 1, 2, 0, NONE },
  { "QLinearMul", 3, 4, 5, 0, NONE },
  { "QLinearMul", OUT (0), 6, 7, 0, NONE },
  { "QLinearWhere", 1, 2, 3, 0, NONE },
  { "QLinearWhere", 4, 5, 6, 0, NONE },
  { "QLinearWhere", OUT (0), 7, 8, 0, NONE },
  { "QLinearConcat", OUT (0), 0, 1, 0, NONE },
  { "QLinearSigmoid", OUT (0), 3, 4, 0, NONE },
  { "QLinearLeakyRelu", OUT (0), 3, 4, 0, NONE },
  { "QLinearSoftmax", OUT (0), 3, 4, 0, NONE },
  { "QLinearReduceMean", OUT (0), 3, 4, 0, NONE },
  { "QLinearAveragePool", OUT (0), 3, 4, 0, NONE },
  { "QLinearGlobalAveragePool", OUT (0), 3, 4, 0, NONE },
};

/* ---- looking up ------------------------------------------------------------------------------------------------ */

static gint64
int_of (const OxNode *node, const char *name, gint64 fallback)
{
  const OxAttribute *attribute = ox_node_attribute (node, name);

  return attribute != NULL ? attribute->i : fallback;
}

static const OxTensor *
tensor_at (OxFrame *frame, const OxNode *node, OxValue *const *outputs, int at)
{
  guint i = (guint) (at >= OUT (0) ? at - OUT (0) : at);
  const OxValue *value = NULL;

  if (at < 0)
    return NULL;
  if (at >= OUT (0))
    value = i < node->output_names->len ? outputs[i] : NULL;
  else if (i < node->input_names->len && node->inputs[i].slot >= 0)
    value = ox_frame_value (frame, node->inputs[i]);
  return value != NULL ? ox_value_get_tensor (value) : NULL;
}

static const OxSlot *
slot_at (const OxNode *node, int at)
{
  guint i = (guint) (at >= OUT (0) ? at - OUT (0) : at);

  if (at >= OUT (0))
    return i < node->output_names->len && node->outputs[i] >= 0 ? ox_node_output_slot (node, (int) i) : NULL;
  return at >= 0 && i < node->input_names->len && node->inputs[i].slot >= 0 ? ox_node_input_slot (node, (int) i) : NULL;
}

static gboolean
is_weight (const OxSlot *slot)
{
  return (slot->producer == NULL && slot->initializer != NULL)
         || (slot->producer != NULL && strcmp (slot->producer->op_type, "Constant") == 0);
}

/* What other nodes make is looked at where it is made. */
static gboolean
is_looked_at (const Role *role, const OxSlot *slot)
{
  return slot != NULL && (role->codes >= OUT (0) || slot->producer == NULL || is_weight (slot));
}

static OxTensor *
keep (OxQuantView *view, OxTensor *tensor)
{
  if (tensor != NULL)
    g_ptr_array_add (view->owned, tensor);
  return tensor;
}

/* ---- weights in packed blocks ---------------------------------------------------------------------------------- */

/* Number @i of @bits bits, the lowest first. */
static guint
packed (const guint8 *data, gsize i, int bits)
{
  gsize first = i * (gsize) bits;

  return data[first / 8] >> first % 8 & ((1U << bits) - 1);
}

/* MatMulNBits: rows of blocks, each a string of bytes; zero points in strings of their own, or floats, or the middle. */
static gboolean
view_blocks (OxFrame *frame, const OxNode *node, OxQuantView *view)
{
  gint64 n = int_of (node, "N", 0), k = int_of (node, "K", 0), block = int_of (node, "block_size", 0), blocks;
  int bits = (int) int_of (node, "bits", 4);
  const OxTensor *scale = tensor_at (frame, node, NULL, 2), *zero = tensor_at (frame, node, NULL, 3);
  g_autoptr (OxTensor) data = NULL, scales = NULL;
  OxTensor *codes, *zeros;
  gsize blob, row;

  view->slot = slot_at (node, 1);
  if (view->slot == NULL || n <= 0 || k <= 0 || block <= 0 || (bits != 2 && bits != 4 && bits != 8) || scale == NULL
      || tensor_at (frame, node, NULL, 1) == NULL)
    return FALSE;
  blocks = (k - 1) / block + 1;
  blob = (gsize) (block * bits + 7) / 8;
  row = (gsize) (blocks * bits + 7) / 8;
  data = ox_tensor_contiguous ((OxTensor *) tensor_at (frame, node, NULL, 1), NULL);
  if (data == NULL || data->dtype != OX_U8 || (guint64) data->count < (guint64) n * (guint64) blocks * blob
      || scale->count != n * blocks)
    return FALSE;
  codes = keep (view, ox_tensor_new (OX_U8, 2, (gint64[]) { n, k }, NULL));
  zeros = keep (view, ox_tensor_new (OX_F32, 2, (gint64[]) { n, blocks }, NULL));
  scales = ox_tensor_convert ((OxTensor *) scale, OX_F32, NULL);
  if (codes == NULL || zeros == NULL || scales == NULL
      || (zero != NULL && zero->dtype == OX_U8 && (guint64) zero->count < (guint64) n * row)
      || (zero != NULL && zero->dtype != OX_U8 && zero->count != n * blocks))
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    {
      for (gint64 j = 0; j < k; j++)
        codes->data[i * k + j] =
            (guint8) packed (data->data + (gsize) (i * blocks + j / block) * blob, (gsize) (j % block), bits);
      for (gint64 b = 0; b < blocks; b++)
        {
          double number = 1 << (bits - 1);

          if (zero != NULL && zero->dtype != OX_U8)
            number = ox_tensor_get (zero, i * blocks + b);
          else if (zero != NULL)
            {
              gsize at = (gsize) i * row + (gsize) b * (gsize) bits / 8;

              number = ox_tensor_get_int (zero, (gint64) at) >> ((gsize) b * (gsize) bits % 8) & ((1 << bits) - 1);
            }
          ox_tensor_set (zeros, i * blocks + b, number);
        }
    }
  view->codes = codes;
  view->zero = zeros;
  view->scale = keep (view, ox_tensor_reshape (scales, 2, zeros->dims, NULL));
  view->axis = 1;
  view->block = block;
  view->range = (OxCodes){ OX_U8, bits, 0, (1 << bits) - 1 };
  view->kind = OX_QUANT_WEIGHT;
  return view->scale != NULL;
}

/* ---- QONNX ----------------------------------------------------------------------------------------------------- */

/* The one axis along which a tensor that broadcasts to @to has more than one element; -1: none, -2: several. */
static int
only_axis (const OxTensor *tensor, const OxTensor *to)
{
  int found = -1;

  for (int i = 0; i < tensor->rank; i++)
    if (tensor->dims[i] != 1)
      found = found >= 0 || found == -2 || i + to->rank < tensor->rank ? -2 : i + to->rank - tensor->rank;
  return found;
}

/* Operators whose outputs are already the numbers that the codes stand for. */
static gboolean
is_of_numbers (const OxNode *node)
{
  return strcmp (node->op_type, "Quant") == 0 || strcmp (node->op_type, "IntQuant") == 0
         || strcmp (node->op_type, "BipolarQuant") == 0;
}

static gboolean
view_numbers (OxFrame *frame, const OxNode *node, OxValue *const *outputs, OxQuantView *view)
{
  const OxTensor *real = tensor_at (frame, node, outputs, 0), *scale = tensor_at (frame, node, outputs, 1);
  const OxTensor *zero = tensor_at (frame, node, outputs, 2), *bits = tensor_at (frame, node, outputs, 3);
  const OxTensor *made = tensor_at (frame, node, outputs, OUT (0));
  gboolean bipolar = strcmp (node->op_type, "BipolarQuant") == 0;
  gboolean is_signed = int_of (node, "signed", 1) != 0, narrow = int_of (node, "narrow", 0) != 0;
  gint64 inner = 1;
  OxTensor *codes;
  int axis, width;

  view->slot = slot_at (node, OUT (0));
  if (view->slot == NULL || real == NULL || scale == NULL || made == NULL || scale->count == 0
      || !ox_tensor_same_shape (real, made) || (!bipolar && (zero == NULL || bits == NULL || bits->count != 1)))
    return FALSE;
  axis = only_axis (scale, made);
  width = bipolar ? 1 : (int) CLAMP (ox_tensor_get (bits, 0), 0, 99);
  if (axis == -2 || width < 1 || width > 16 || (zero != NULL && zero->count != 1 && zero->count != scale->count))
    return FALSE;
  for (int i = axis + 1; axis >= 0 && i < made->rank; i++)
    inner *= made->dims[i];
  codes = keep (view, ox_tensor_new (OX_F64, made->rank, made->dims, NULL));
  if (codes == NULL)
    return FALSE;
  for (gint64 i = 0; i < made->count; i++)
    {
      gint64 c = axis >= 0 ? i / inner % made->dims[axis] : 0;

      ox_tensor_set (codes, i, nearbyint (ox_tensor_get (made, i) / ox_tensor_get (scale, scale->count > 1 ? c : 0)
                                          + (zero != NULL ? ox_tensor_get (zero, zero->count > 1 ? c : 0) : 0)));
    }
  view->codes = codes;
  view->real = real;
  view->scale = scale;
  view->zero = zero;
  view->axis = MAX (axis, 0);
  view->range = (OxCodes){ OX_I16, width, is_signed ? -ldexp (1, width - 1) + narrow : 0,
                           is_signed ? ldexp (1, width - 1) - 1 : ldexp (1, width) - 1 - narrow };
  if (bipolar || (is_signed && width == 1))
    view->range = (OxCodes){ OX_I16, 1, -1, 1 };
  view->kind = is_weight (slot_at (node, 0)) ? OX_QUANT_WEIGHT : OX_QUANT_MADE;
  view->real_name = slot_at (node, 0)->name;
  return TRUE;
}

/* ---- roles ----------------------------------------------------------------------------------------------------- */

static gboolean
view_role (OxFrame *frame, const OxNode *node, OxValue *const *outputs, const Role *role, OxQuantView *view)
{
  view->slot = slot_at (node, role->codes);
  if (!is_looked_at (role, view->slot))
    return FALSE;
  view->codes = tensor_at (frame, node, outputs, role->codes);
  view->scale = tensor_at (frame, node, outputs, role->scale);
  view->zero = tensor_at (frame, node, outputs, role->zero);
  view->real = tensor_at (frame, node, outputs, role->real);
  view->axis = role->axis == ATTRIBUTE ? int_of (node, "axis", 1) : role->axis;
  if (strcmp (node->op_type, "QGemm") == 0 && role->codes == 3 && int_of (node, "transB", 0) != 0)
    view->axis = ROWS;
  view->block = role->axis == ATTRIBUTE ? int_of (node, "block_size", 0) : 0;
  view->kind = role->real >= 0 ? OX_QUANT_MADE : is_weight (view->slot) ? OX_QUANT_WEIGHT : OX_QUANT_CODES;
  if (role->real >= 0 && slot_at (node, role->real) != NULL)
    view->real_name = slot_at (node, role->real)->name;
  if (view->codes == NULL || !ox_codes_find (view->codes->dtype, &view->range))
    return FALSE;
  if (view->codes->packed)
    view->codes = keep (view, ox_tensor_usable ((OxTensor *) view->codes, NULL));
  return view->codes != NULL && (role->scale < 0 || view->scale != NULL)
         && (view->real == NULL || ox_tensor_same_shape (view->real, view->codes));
}

void
ox_quant_view_node (OxFrame *frame, const OxNode *node, OxValue *const *outputs,
                    void (*func) (const OxQuantView *view, gpointer data), gpointer data)
{
  gboolean blocks = strcmp (node->op_type, "MatMulNBits") == 0;
  gboolean numbers = is_of_numbers (node);

  for (guint r = 0; r < G_N_ELEMENTS (roles); r++)
    {
      g_autoptr (GPtrArray) owned = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_tensor_unref);
      OxQuantView view = { .owned = owned };
      gboolean any;

      if (blocks)
        any = view_blocks (frame, node, &view);
      else if (numbers)
        any = view_numbers (frame, node, outputs, &view);
      else
        any = strcmp (node->op_type, roles[r].op_type) == 0 && view_role (frame, node, outputs, &roles[r], &view);
      if (any)
        func (&view, data);
      if (blocks || numbers)
        return;
    }
}

char *
ox_quant_plain_name (const char *name)
{
  static const char *const ends[] = { "_QuantizeLinear_Output",
                                      "_DequantizeLinear_Output",
                                      "_QuantizeLinear",
                                      "_DequantizeLinear",
                                      "_quantized",
                                      "_quant",
                                      "_Q4",
                                      "_Q8",
                                      "_int8",
                                      "_uint8",
                                      "_q" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_str_has_suffix (name, ends[i]) && strlen (name) > strlen (ends[i]))
      return g_strndup (name, strlen (name) - strlen (ends[i]));
  return NULL;
}

static void
add_name (GHashTable *names, const OxSlot *slot)
{
  char *plain;

  if (slot == NULL)
    return;
  g_hash_table_add (names, g_strdup (slot->name));
  plain = ox_quant_plain_name (slot->name);
  if (plain != NULL)
    g_hash_table_add (names, plain);
}

void
ox_quant_add_names (const OxNode *node, GHashTable *names)
{
  gboolean numbers = is_of_numbers (node);

  for (guint r = 0; r < G_N_ELEMENTS (roles); r++)
    if (strcmp (node->op_type, roles[r].op_type) == 0)
      {
        add_name (names, slot_at (node, roles[r].codes));
        add_name (names, slot_at (node, roles[r].real));
      }
  if (numbers)
    {
      add_name (names, slot_at (node, 0));
      add_name (names, slot_at (node, OUT (0)));
    }
  if (strcmp (node->op_type, "MatMulNBits") == 0)
    add_name (names, slot_at (node, 1));
}
