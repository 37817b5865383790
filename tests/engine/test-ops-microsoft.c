/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "op-lines.h"

/* Operators of ONNX Runtime's domain outside of attention and quantisation, and the experiments of the first opsets. */

#define MS "com.microsoft/"

static const char *const same[] = {
  (MS "Trilu:1 upper=0 f32[2,2]{1,2,3,4} -> f32[2,2]{1,0,3,4}"),
  (MS "GatherND:1 f32[2,2]{1,2,3,4} i32[2,1]{1,0} -> f32[2,2]{3,4,1,2}"),
  (MS "GridSample:1 mode='nearest' f32[1,1,1,2]{1,2} f32[1,1,1,2]{0.9,0} -> f32[1,1,1,1]{2}"),
  (MS "Pad:1 f32[2]{1,2} i64[2]{1,0} f32[1]{5} -> f32[3]{5,1,2}"),
  (MS "TransposeMatMul:1 transA=1 alpha=2.0 f32[2,1]{1,2} f32[2,1]{3,4} -> f32[1,1]{22}"),
  (MS "SampleOp:1 f32[2]{1,2} -> f32[2]{1,2}"),
  (MS "ConvTransposeWithDynamicPads:1 f32[1,1,2]{1,2} f32[1,1,2]{1,10} i64[2]{1,0} f32[1]{0.5} -> f32[1,1,2]{12.5,20.5}"),
  (MS "ConvTransposeWithDynamicPads:1 f32[1,1,2]{1,2} f32[1,1,2]{1,10} -> f32[1,1,3]{1,12,20}"),
  (MS "ConvTransposeWithDynamicPads:1 f32[1,1,2] f32[1,1,2] i64[3]{1,0,1} -> !pads"),
};

static const char *const biases[] = {
  (MS "BiasAdd:1 f32[1,2,2]{1,2,3,4} f32[2]{10,20} f32[1,2,2]{100,200,300,400} -> f32[1,2,2]{111,222,313,424}"),
  (MS "BiasAdd:1 f32[1,2,2] f32[3] f32[1,2,2] -> !expected 2"),
  (MS "BiasAdd:1 f32[1,2,2] f32[2] f32[1,2] -> !skip has the shape"),
  (MS "BiasSplitGelu:1 f32[1,1,4]{1,2,3,-1} f32[4]{1,0,-2,0} -> f32[1,1,2]{1.6826895,-0.3173105}"),
  (MS "BiasSplitGelu:1 f32[N,S,6] f32[6] ~> f32[N,S,3]"),
  (MS "BiasSplitGelu:1 f32[1,3] f32[3] -> !no halves"),
  /* Over all axes from the given one on. */
  (MS "BiasSoftmax:1 axis=1 is_inner_broadcast=0 f32[1,2,2]{0,1,1,1} f32[2]{1,0} -> f32[1,2,2]{0.174877,0.174877,0.475367,0.174877}"),
  (MS "BiasSoftmax:1 axis=2 is_inner_broadcast=1 f32[1,2,2]{0,1,1,1} f32[1,1,2]{1,0} -> f32[1,2,2]{0.5,0.5,0.731059,0.268941}"),
  (MS "BiasSoftmax:1 is_inner_broadcast=0 f32[1,2] f32[2,2] -> !does not broadcast to 1x2"),
  (MS "BiasDropout:1 f32[2,2]{1,2,3,4} f32[2]{10,20} f32[2,2]{5,5,5,5} -> f32[2,2]{16,27,18,29} bool[2,2]{1,1,1,1}"),
  (MS "BiasDropout:1 f32[1]{1} f32[1]{1} _ f32[]{0} bool[]{1} -> f32[1]{2} bool[1]{1}"),
  (MS "BiasDropout:1 f32[1]{1} f32[1]{1} _ f32[]{2} bool[]{1} -> !less than 1"),
};

static const char *const groups[] = {
  /* Groups of one channel each: the mean is the middle, the deviation 1. */
  (MS "GroupNorm:1 activation=0 groups=2 epsilon=0.0 f32[1,2,2]{1,10,3,12} f32[2]{1,2} f32[2]{0,5} -> f32[1,2,2]{-1,3,1,7}"),
  (MS "GroupNorm:1 activation=0 groups=1 channels_last=0 epsilon=0.0 f32[1,2,2]{1,3,1,3} f32[2]{1,2} f32[2]{0,5} -> "
      "f32[1,2,2]{-1,1,3,7}"),
  (MS "GroupNorm:1 activation=1 groups=1 epsilon=0.0 f32[1,2,1]{1,3} f32[1]{1} f32[1]{0} -> f32[1,2,1]{-0.268941,0.731059}"),
  (MS "GroupNorm:1 activation=0 groups=2 f32[1,2,3] f32[3] f32[3] -> !3 channels do not make 2 groups"),
  (MS "GroupNorm:1 activation=2 groups=2 f32[1,2,2] f32[2] f32[2] -> !activation is 2"),
  (MS "SkipGroupNorm:1 activation=0 groups=2 epsilon=0.0 f32[1,2,2]{0,0,1,1} f32[2]{1,2} f32[2]{0,5} f32[1,2,2]{0,8,1,9} "
      "f32[2]{1,2} -> f32[1,2,2]{-1,3,1,7} f32[1,2,2]{1,10,3,12}"),
  (MS "SkipGroupNorm:1 activation=0 groups=2 epsilon=0.0 f32[1,2,2]{0,0,2,2} f32[2]{1,2} f32[2]{0,5} f32[1,2]{3,4} -> "
      "f32[1,2,2]{-1,3,1,7} f32[1,2,2]{3,4,5,6}"),
  (MS "SkipGroupNorm:1 activation=0 groups=1 f32[1,2,2] f32[2] f32[2] f32[3] -> !does not fit"),
};

static const char *const matrices[] = {
  (MS "Inverse:1 f64[2,2]{1,2,3,4} -> f64[2,2]{-2,1,1.5,-0.5}"),
  (MS "Inverse:1 f32[2,2]{0,2,4,0} -> f32[2,2]{0,0.25,0.5,0}"),
  (MS "Inverse:1 f32[2,2]{1,2,2,4} -> !matrix 0 has no inverse"),
  (MS "Inverse:1 f32[2,3] -> !square"),
  (MS "CDist:1 f32[2,2]{0,0,3,4} f32[1,2]{0,0} -> f32[2,1]{0,25}"),
  (MS "CDist:1 metric='euclidean' f32[2,2]{0,0,3,4} f32[1,2]{0,0} -> f32[2,1]{0,5}"),
  (MS "CDist:1 metric='cityblock' f64[1,2]{3,-4} f64[1,2]{0,0} -> f64[1,1]{7}"),
  (MS "CDist:1 metric='chebyshev' f64[1,2]{3,-4} f64[1,2]{0,0} -> f64[1,1]{4}"),
  (MS "CDist:1 metric='cosine' f64[1,2]{3,4} f64[1,2]{4,3} -> f64[1,1]{0.04}"),
  (MS "CDist:1 metric='hamming' f64[1,2]{3,4} f64[1,2]{4,4} -> f64[1,1]{0.5}"),
  (MS "CDist:1 metric='yule' f32[1,1] f32[1,1] -> !'yule' is not supported"),
  (MS "CDist:1 f32[1,2] f32[1,3] -> !2 and 3 elements"),
  (MS "UnfoldTensor:1 size=2 f32[4]{1,2,3,4} -> f32[3,2]{1,2,2,3,3,4}"),
  (MS "UnfoldTensor:1 dim=0 size=2 step=2 f32[4,1]{1,2,3,4} -> f32[2,1,2]{1,2,3,4}"),
  (MS "UnfoldTensor:1 size=5 f32[4] -> !do not fit"),
};

static const char *const tokens[] = {
  /* The reference vectors of the hash: an empty text, and with a seed. */
  (MS "MurmurHash3:1 str[1] -> u32[1]{0}"),
  (MS "MurmurHash3:1 seed=1 str[1] -> u32[1]{1364076727}"),
  (MS "MurmurHash3:1 positive=0 seed=1 str[1] -> i32[1]{1364076727}"),
  (MS "MurmurHash3:1 u8[1] -> !u8"),
  (MS "NGramRepeatBlock:1 ngram_size=2 i64[1,4]{1,2,0,1} f32[1,3]{5,6,7} -> f32[1,3]{5,6,-inf}"),
  (MS "NGramRepeatBlock:1 ngram_size=3 i64[1,2]{1,2} f32[1,3]{5,6,7} -> f32[1,3]{5,6,7}"),
  (MS "NGramRepeatBlock:1 ngram_size=1 i64[1,1]{3} f32[1,3] -> !id 3"),
  (MS "NGramRepeatBlock:1 ngram_size=0 i64[1,1] f32[1,3] -> !ngram_size is 0"),
  (MS "Unique:1 f32[5]{2,1,1,3,2} -> f32[3]{2,1,3} i64[5]{0,1,1,2,0} i64[3]{2,2,1}"),
  (MS "Unique:1 f32[0] -> f32[0] i64[0] i64[0]"),
  (MS "TorchEmbedding:1 f32[3,2]{1,2,3,4,5,6} i64[2]{2,0} i64[]{1} -> f32[2,2]{5,6,1,2}"),
  (MS "TorchEmbedding:1 f32[3,2] i64[N,S] ~> f32[N,S,2]"),
  (MS "ExpandDims:1 f32[2,3] i32[]{-1} -> f32[2,3,1]"),
  (MS "ExpandDims:1 f32[N,3] i32[]{0} ~> f32[1,N,3]"),
  (MS "ExpandDims:1 f32[2] i32[]{3} -> !axis 3"),
  (MS "Range:1 i32[]{1} i32[]{4} -> i32[3]{1,2,3}"),
  (MS "Range:1 f32[]{1} f32[]{2} f32[]{0.5} -> f32[2]{1,1.5}"),
  (MS "IsAllFinite:1 f32[2]{1,2} f16[1]{inf} -> bool[]{0}"),
  (MS "IsAllFinite:1 isnan_only=1 f32[2]{1,inf} -> bool[]{1}"),
  (MS "IsAllFinite:1 isinf_only=1 f32[2]{1,nan} -> bool[]{1}"),
  "ai.onnx.contrib/MaskedFill:1 str[3]{a,b,c} bool[3]{1,0,1} -> str[2]{a,c}",
};

static const char *const images[] = {
  (MS "CropAndResize:1 f32[1,1,2,2]{1,2,3,4} f32[1,4]{0,0,1,1} i32[1]{0} i32[2]{3,3} -> "
      "f32[1,1,3,3]{1,1.5,2,2,2.5,3,3,3.5,4}"),
  (MS "CropAndResize:1 extrapolation_value=9.0 f32[1,1,2,2]{1,2,3,4} f32[1,4]{0,0,2,0} i32[1]{0} i32[2]{3,1} -> "
      "f32[1,1,3,1]{1,3,9}"),
  (MS "CropAndResize:1 mode='nearest' f32[1,1,2,2]{1,2,3,4} f32[1,4]{0,0.6,1,1} i32[1]{0} i32[2]{2,1} -> f32[1,1,2,1]{2,4}"),
  (MS "CropAndResize:1 f32[1,1,2,2] f32[1,4] i32[1]{1} i32[2]{2,1} -> !image 1"),
  (MS "CropAndResize:1 f32[1,C,2,2] f32[R,4] i32[R] i32[2]{H,4} ~> f32[R,C,H,4]"),
  "Crop:1 border=[1,0,0,1] f32[1,1,2,2]{1,2,3,4} -> f32[1,1,1,1]{2}",
  "Crop:1 border=[1,0,0,0] scale=[2,1] f32[1,1,2,3]{1,2,3,4,5,6} -> f32[1,1,2,1]{2,5}",
  "Crop:1 border=[1,0,0,0] scale=[2,3] f32[1,1,2,3] -> !not inside",
  "Crop:1 border=[1,0] f32[1,1,2,2] -> !expected 4",
  "ImageScaler:1 scale=2.0 bias=[0.5,1.0] f32[1,2,1,1]{1,2} -> f32[1,2,1,1]{2.5,5}",
  "ImageScaler:1 bias=[0.5] f32[1,2,1,1] -> !1 elements of bias for 2",
  "Scale:1 scale=3.0 f32[2]{1,2} -> f32[2]{3,6}",
  "Affine:1 alpha=2.0 beta=0.5 f32[2]{1,-1} -> f32[2]{2.5,-1.5}",
  "ScaledTanh:1 alpha=2.0 beta=0.5 f32[1]{2} -> f32[1]{1.5231884}",
  "ParametricSoftplus:1 alpha=2.0 beta=0.5 f64[2]{0,1000} -> f64[2]{1.3862943611,1000}",
  "ThresholdedRelu:1 alpha=0.5 f32[2]{0.4,0.6} -> f32[2]{0,0.6}",
  "DynamicSlice:1 f32[3]{1,2,3} i64[1]{1} i64[1]{3} -> f32[2]{2,3}",
  "Affine:1 i32[1] -> !i32",
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  op_lines ("/ops/microsoft/same", same, G_N_ELEMENTS (same));
  op_lines ("/ops/microsoft/bias", biases, G_N_ELEMENTS (biases));
  op_lines ("/ops/microsoft/groups", groups, G_N_ELEMENTS (groups));
  op_lines ("/ops/microsoft/matrices", matrices, G_N_ELEMENTS (matrices));
  op_lines ("/ops/microsoft/tokens", tokens, G_N_ELEMENTS (tokens));
  op_lines ("/ops/microsoft/images", images, G_N_ELEMENTS (images));
  return g_test_run ();
}
