/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "scene/ox-palette.h"

#include <math.h>
#include <string.h>

/* Fills are faint, so that text keeps its contrast; the left edge carries the colour. Hues follow the Okabe-Ito set;
 * test-scene computes that no two edges look alike to people without red or green cones. */
static const OxPalette light = {
  .background = 0xfafafa, .text = 0x1e1e1e, .faint_text = 0x5a5a5a, .line = 0x8a8a8a, .lit = 0x1c71d8, .grid = 0xeeeeee,
  .accent = 0x1c71d8, .failed = 0xc01c28, .warning = 0xb35c00, .done = 0x26804a, .chip = 0xe9e9ec,
  .fill = {
    [OX_FAMILY_MOVEMENT] = 0xeeeef0, [OX_FAMILY_ELEMENTWISE] = 0xe3f0fb, [OX_FAMILY_ACTIVATION] = 0xfbe9df,
    [OX_FAMILY_MATRIX] = 0xdfe8f8, [OX_FAMILY_NORM] = 0xe0f3ec, [OX_FAMILY_REDUCTION] = 0xfbf3d4,
    [OX_FAMILY_RECURRENT] = 0xf6e5f0, [OX_FAMILY_QUANT] = 0xe6f2d9, [OX_FAMILY_CONTROL] = 0xf9e0de,
    [OX_FAMILY_FUNCTION] = 0xebe5f7, [OX_FAMILY_OTHER] = 0xf2f2f2, [OX_FAMILY_IO] = 0xffffff,
  },
  .edge = {
    [OX_FAMILY_MOVEMENT] = 0x868690, [OX_FAMILY_ELEMENTWISE] = 0x56a5dc, [OX_FAMILY_ACTIVATION] = 0xd55e00,
    [OX_FAMILY_MATRIX] = 0x0a5ba8, [OX_FAMILY_NORM] = 0x009e73, [OX_FAMILY_REDUCTION] = 0xd8ac00,
    [OX_FAMILY_RECURRENT] = 0xa0407f, [OX_FAMILY_QUANT] = 0x62a838, [OX_FAMILY_CONTROL] = 0xb0302a,
    [OX_FAMILY_FUNCTION] = 0x8a6cf0, [OX_FAMILY_OTHER] = 0x9a9a9a, [OX_FAMILY_IO] = 0x5a5a5a,
  },
};

static const OxPalette dark = {
  .background = 0x1e1e1e, .text = 0xf2f2f2, .faint_text = 0xb4b4b8, .line = 0x7d7d82, .lit = 0x78aeed, .grid = 0x282828,
  .accent = 0x78aeed, .failed = 0xff7b73, .warning = 0xffb454, .done = 0x69c98d, .chip = 0x35353a,
  .fill = {
    [OX_FAMILY_MOVEMENT] = 0x333338, [OX_FAMILY_ELEMENTWISE] = 0x243645, [OX_FAMILY_ACTIVATION] = 0x452d1e,
    [OX_FAMILY_MATRIX] = 0x1d2f4c, [OX_FAMILY_NORM] = 0x1c3b31, [OX_FAMILY_REDUCTION] = 0x423717,
    [OX_FAMILY_RECURRENT] = 0x42293a, [OX_FAMILY_QUANT] = 0x2e3b1c, [OX_FAMILY_CONTROL] = 0x4a2523,
    [OX_FAMILY_FUNCTION] = 0x342a4d, [OX_FAMILY_OTHER] = 0x303030, [OX_FAMILY_IO] = 0x26262a,
  },
  .edge = {
    [OX_FAMILY_MOVEMENT] = 0x8f8f98, [OX_FAMILY_ELEMENTWISE] = 0x6bb8ea, [OX_FAMILY_ACTIVATION] = 0xe07a35,
    [OX_FAMILY_MATRIX] = 0x4479d4, [OX_FAMILY_NORM] = 0x35c397, [OX_FAMILY_REDUCTION] = 0xf2cf4a,
    [OX_FAMILY_RECURRENT] = 0xd878c0, [OX_FAMILY_QUANT] = 0x84c24a, [OX_FAMILY_CONTROL] = 0xee7169,
    [OX_FAMILY_FUNCTION] = 0xa590ff, [OX_FAMILY_OTHER] = 0xb0b0b0, [OX_FAMILY_IO] = 0xb4b4b8,
  },
};

const OxPalette *
ox_palette (gboolean is_dark)
{
  return is_dark ? &dark : &light;
}

static const struct
{
  OxFamily    family;
  const char *names;
} members[] = {
  { OX_FAMILY_MATRIX, " Conv ConvTranspose DeformConv MatMul Gemm Einsum Det Col2Im FusedConv FusedMatMul FusedGemm MatMulNBits "
                      "LinearClassifier LinearRegressor SVMClassifier SVMRegressor TreeEnsembleClassifier TreeEnsembleRegressor "
                      "TreeEnsemble TransposeMatMul GemmFastGelu " },
  { OX_FAMILY_ACTIVATION, " Relu LeakyRelu PRelu Elu Selu Celu ThresholdedRelu Sigmoid HardSigmoid HardSwish Softplus Softsign Tanh "
                          "Gelu FastGelu QuickGelu BiasGelu Mish Swish SwiGLU Shrink Clip Softmax LogSoftmax Hardmax Erf Dropout " },
  { OX_FAMILY_NORM, " BatchNormalization InstanceNormalization LayerNormalization GroupNormalization RMSNormalization LRN "
                    "LpNormalization MeanVarianceNormalization SkipLayerNormalization SimplifiedLayerNormalization "
                    "SkipSimplifiedLayerNormalization EmbedLayerNormalization Normalizer Scaler " },
  { OX_FAMILY_REDUCTION, " MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool MaxUnpool MaxRoiPool RoiAlign "
                         "ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp "
                         "ReduceSumSquare ArgMax ArgMin TopK CumSum CumProd NonMaxSuppression Unique " },
  { OX_FAMILY_RECURRENT, " RNN GRU LSTM Attention MultiHeadAttention GroupQueryAttention RotaryEmbedding FlexAttention "
                         "LinearAttention CausalConvWithState QAttention DecoderMaskedMultiHeadAttention " },
  { OX_FAMILY_QUANT, " QuantizeLinear DequantizeLinear DynamicQuantizeLinear MatMulInteger ConvInteger QLinearMatMul QLinearConv "
                     "DynamicQuantizeMatMul MatMulIntegerToFloat QLinearAdd QLinearMul QLinearSigmoid QLinearLeakyRelu QLinearConcat "
                     "QLinearGlobalAveragePool QLinearAveragePool QLinearSoftmax Quant BipolarQuant Trunc Cast CastLike BitCast " },
  { OX_FAMILY_CONTROL, " If Loop Scan SequenceMap " },
  { OX_FAMILY_MOVEMENT, " Reshape Transpose Concat Split Slice Gather GatherElements GatherND Scatter ScatterElements ScatterND "
                        "TensorScatter Squeeze Unsqueeze Flatten Expand Tile Pad Shape Size Identity Constant ConstantOfShape Range "
                        "EyeLike DepthToSpace SpaceToDepth Resize Upsample GridSample AffineGrid CenterCropPad Compress NonZero OneHot "
                        "ReverseSequence Trilu SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength "
                        "SplitToSequence ConcatFromSequence Optional OptionalGetElement OptionalHasElement Where ArrayFeatureExtractor "
                        "ZipMap FeatureVectorizer ImageDecoder " },
  { OX_FAMILY_ELEMENTWISE, " Add Sub Mul Div Pow Mod Max Min Mean Sum Neg Abs Sign Exp Log Sqrt Reciprocal Floor Ceil Round Sin Cos Tan "
                           "Asin Acos Atan Sinh Cosh Asinh Acosh Atanh And Or Xor Not Equal Greater Less GreaterOrEqual LessOrEqual "
                           "BitShift BitwiseAnd BitwiseOr BitwiseXor BitwiseNot IsNaN IsInf " },
};

/* Operator -> family + 1. */
static GHashTable *
members_by_name (void)
{
  static GHashTable *table;

  if (g_once_init_enter (&table))
    {
      GHashTable *made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

      for (guint i = 0; i < G_N_ELEMENTS (members); i++)
        {
          g_auto (GStrv) names = g_strsplit (members[i].names, " ", -1);

          for (int k = 0; names[k] != NULL; k++)
            if (names[k][0] != '\0')
              g_hash_table_insert (made, g_strdup (names[k]), GINT_TO_POINTER ((int) members[i].family + 1));
        }
      g_once_init_leave (&table, made);
    }
  return table;
}

OxFamily
ox_family_of (const char *domain, const char *op_type)
{
  int family = GPOINTER_TO_INT (g_hash_table_lookup (members_by_name (), op_type)) - 1;

  return family >= 0 ? (OxFamily) family : OX_FAMILY_OTHER;
}

const char *
ox_family_name (OxFamily family)
{
  static const char *const names[OX_N_FAMILIES] = {
    "data movement", "elementwise", "activation", "convolution and matrix product", "normalisation", "pooling and reduction",
    "recurrent and attention", "quantisation and types", "control flow", "function", "other", "input or output",
  };

  return family < OX_N_FAMILIES ? names[family] : "";
}

static double
luminance (OxColor color)
{
  double sum = 0;
  static const double weight[3] = { 0.2126, 0.7152, 0.0722 };

  for (int i = 0; i < 3; i++)
    {
      double c = (color >> (16 - 8 * i) & 255) / 255.0;

      sum += weight[i] * (c <= 0.04045 ? c / 12.92 : pow ((c + 0.055) / 1.055, 2.4));
    }
  return sum;
}

double
ox_color_contrast (OxColor a, OxColor b)
{
  double x = luminance (a), y = luminance (b);

  return (MAX (x, y) + 0.05) / (MIN (x, y) + 0.05);
}

void
ox_color_set_source (cairo_t *cr, OxColor color, double alpha)
{
  cairo_set_source_rgba (cr, (color >> 16 & 255) / 255.0, (color >> 8 & 255) / 255.0, (color & 255) / 255.0, alpha);
}
