/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "op-lines.h"
#include "ops/ox-op.h"

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

static const char *const spectra[] = {
  (MS "Rfft:1 f32[4]{1,2,3,4} -> f32[3,2]{10,0,-2,2,-2,0}"),
  (MS "Rfft:1 onesided=0 f64[1,4]{1,2,3,4} -> f64[1,4,2]{10,0,-2,2,-2,0,-2,-2}"),
  (MS "Rfft:1 signal_ndim=2 f32[2,3]{1,1,1,2,2,2} -> f32[2,2,2]{9,0,0,0,-3,0,0,0}"),
  (MS "Rfft:1 signal_ndim=2 f32[2,2]{1,2,3,5} -> f32[2,2,2]{11,0,-3,0,-5,0,1,0}"),
  (MS "Rfft:1 signal_ndim=2 f32[B,H,W] ~> f32[B,H,floor(W/2)+1,2]"),
  (MS "Rfft:1 signal_ndim=2 f32[4] -> !2 axes of signals"),
  (MS "Rfft:1 signal_ndim=4 f32[1,1,1,4] -> !expected 1, 2 or 3"),
  (MS "Rfft:1 normalized=1 f32[4] -> !normalized = 1"),
  /* 2 n - 1 points, as ONNX Runtime has it. */
  (MS "Irfft:1 signal_ndim=1 f32[2,2]{6,0,0,0} -> f32[3]{2,2,2}"),
  (MS "Irfft:1 signal_ndim=1 f64[2,2]{0,0,1.5,-0.8660254037844386} -> f64[3]{1,0,-1}"),
  (MS "Irfft:1 signal_ndim=1 onesided=0 f32[4,2]{10,0,-2,2,-2,0,-2,-2} -> f32[4]{1,2,3,4}"),
  (MS "Irfft:1 signal_ndim=2 f32[2,2,2]{9,0,0,0,-3,0,0,0} -> f32[2,3]{1,1,1,2,2,2}"),
  (MS "Irfft:1 signal_ndim=1 f32[2,3] -> !expected 2"),
  (MS "Irfft:1 signal_ndim=1 f32[B,N,2] ~> f32[B,2*N-1]"),
  (MS "ComplexMul:1 f32[1,2]{1,2} f32[2,2]{3,4,0,1} -> f32[2,2]{-5,10,-2,1}"),
  (MS "ComplexMulConj:1 f32[1,2]{1,2} f32[2,2]{3,4,0,1} -> f32[2,2]{11,2,2,-1}"),
  (MS "ComplexMul:1 f32[3] f32[2] -> !2 parts"),
  (MS "Gelu:1 f64[2]{1,-1} -> f64[2]{0.8413447460685429,-0.15865525393145707}"),
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
  (MS "Unique:1 i64[3]{5,3,5} -> "
      "i64[2]{5,3} i64[3]{0,1,0} i64[2]{2,1}"),
  (MS "Unique:1 str[3]{b,a,b} -> str[2]{b,a} i64[3]{0,1,0} i64[2]{2,1}"),
  (MS "Tokenizer:1 mark=0 mincharnum=1 pad_value='#' separators=['%20'] str[2]{a%20bc%20%20d,xyz} -> str[2,3]{a,bc,d,xyz,#,#}"),
  (MS "Tokenizer:1 mark=1 mincharnum=2 pad_value='#' separators=['%20','%2C'] str[2]{ab%2Ccd%20e,x} -> "
      "str[2,4]{%02,ab,cd,%03,%02,%03,#,#}"),
  (MS "Tokenizer:1 mark=0 mincharnum=1 pad_value='' separators=[''] str[1,2]{%C3%A4b,c} -> str[1,2,2]{%C3%A4,b,c,}"),
  (MS "Tokenizer:1 mark=0 mincharnum=1 pad_value='#' tokenexp='a|ab|[0-9]+' str[2]{xabx12,a} -> str[2,2]{ab,12,a,#}"),
  (MS "Tokenizer:1 mark=1 mincharnum=5 pad_value='#' separators=['%20'] str[2]{a%20b,c} -> str[2,0]"),
  (MS "Tokenizer:1 mark=0 mincharnum=1 pad_value='#' separators=['%20'] str[2,0] -> str[2,0]"),
  (MS "Tokenizer:1 mark=0 mincharnum=1 pad_value='#' separators=['('] str[1] -> !no regular expression"),
  (MS "Tokenizer:1 mark=0 mincharnum=1 pad_value='#' str[1] -> !one of separators and tokenexp"),
  (MS "Tokenizer:1 mark=0 mincharnum=0 pad_value='#' separators=['x'] str[1] -> !mincharnum is 0"),
  (MS "Tokenizer:1 mark=0 mincharnum=1 pad_value='#' separators=['x'] str[1,1,1] -> !rank 3"),
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

/* Ids 0 to 11: [PAD] [UNK] [CLS] [SEP] [MASK] un ##want ##ed , run UN and an ideograph; the empty line is none. */
#define BERT                                                                                                           \
  "ai.onnx.contrib/BertTokenizer:1 vocab_file='[PAD]%0A[UNK]%0A[CLS]%0A[SEP]%0A%0A[MASK]%0Aun%0A##want%0A##ed%0A%2C%0A" \
  "run%0AUN%0A%E4%B8%AD' "

static const char *const texts[] = {
  (BERT "str[1]{Unwanted%2C%20run} -> i64[7]{2,5,6,7,8,9,3} i64[7] i64[7]{1,1,1,1,1,1,1}"),
  (BERT "str[1]{run%09%C2%AD%E4%B8%ADun%20xyz%20unx} -> i64[8]{2,9,11,5,1,5,1,3} i64[8] i64[8]{1,1,1,1,1,1,1,1}"),
  (BERT "str[2]{run,un} -> i64[5]{2,9,3,5,3} i64[5]{0,0,0,1,1} i64[5]{1,1,1,1,1}"),
  (BERT "str[2]{,un} -> i64[3]{2,5,3} i64[3] i64[3]{1,1,1}"),
  (BERT "do_lower_case=0 str[1]{UN%20Un} -> i64[4]{2,10,1,3} i64[4] i64[4]{1,1,1,1}"),
  (BERT "strip_accents=1 str[1]{%C3%9Bn} -> i64[3]{2,5,3} i64[3] i64[3]{1,1,1}"),
  (BERT "str[1]{%C3%9Bn} -> i64[3]{2,1,3} i64[3] i64[3]{1,1,1}"),
  (BERT "do_basic_tokenize=0 str[1]{unwanted%20%2C} -> i64[6]{2,5,6,7,8,3} i64[6] i64[6]{1,1,1,1,1,1}"),
  (BERT "max_length=4 str[1]{unwanted} -> i64[4]{2,5,6,3} i64[4] i64[4]{1,1,1,1}"),
  (BERT "max_length=6 str[2]{unwanted,run%20run} -> i64[6]{2,5,6,3,9,3} i64[6]{0,0,0,0,1,1} i64[6]{1,1,1,1,1,1}"),
  (BERT "max_length=6 truncation_strategy_name='longest_from_back' str[2]{unwanted,run%20un} -> "
        "i64[6]{2,6,7,3,5,3} i64[6]{0,0,0,0,1,1} i64[6]{1,1,1,1,1,1}"),
  (BERT "max_length=6 truncation_strategy_name='only_first' str[2]{unwanted,run%20un} -> "
        "i64[6]{2,5,3,9,5,3} i64[6]{0,0,0,1,1,1} i64[6]{1,1,1,1,1,1}"),
  (BERT "max_length=6 truncation_strategy_name='only_second' str[2]{unwanted,run%20un} -> "
        "i64[6]{2,5,6,7,3,3} i64[6]{0,0,0,0,0,1} i64[6]{1,1,1,1,1,1}"),
  (BERT "truncation_strategy_name='none' str[1] -> !'none' is not known"),
  (BERT "str[3] -> !one text or two"),
  "ai.onnx.contrib/BertTokenizer:1 vocab_file='a' str[1] -> !no '[UNK]'",
  /* A PPM of a red and a blue pixel. */
  "com.microsoft.extensions/DecodeImage:1 u8[17]{80,54,32,50,32,49,32,50,53,53,10,255,1,2,3,4,255} -> "
  "u8[1,2,3]{2,1,255,255,4,3}",
  "com.microsoft.extensions/DecodeImage:1 color_space='rgb' u8[14]{80,54,32,49,32,49,32,50,53,53,10,255,1,2} -> "
  "u8[1,1,3]{255,1,2}",
  "com.microsoft.extensions/DecodeImage:1 color_space='gray' u8[1] -> !'gray'",
  "com.microsoft.extensions/EncodeImage:1 format='tiff' u8[1,1,3] -> !'tiff' is not jpg or png",
  "com.microsoft.extensions/EncodeImage:1 u8[1,1,4] -> !3 colours",
  "com.microsoft.extensions/EncodeImage:1 u8[0,1,3] -> !no file",
  "com.microsoft.extensions/EncodeImage:1 u8[H,W,3] ~> u8[?]",
};

/* What is written is read again: a PNG keeps every pixel. */
static void
test_image_round (void)
{
  const guint8 pixels[] = { 1, 2, 3, 250, 128, 7 };
  gint64 dims[] = { 2, 1, 3 };
  OxTensor *tensor = ox_tensor_new (OX_U8, 3, dims, NULL);
  g_autoptr (OxValue) image = ox_value_new_tensor (tensor);
  g_autoptr (OxValue) file = NULL;
  g_autoptr (OxValue) again = NULL;

  memcpy (tensor->data, pixels, sizeof pixels);
  for (int step = 0; step < 2; step++)
    {
      const OxOp *op = ox_op_find ("com.microsoft.extensions", step == 0 ? "EncodeImage" : "DecodeImage", 1);
      g_autoptr (OxModel) model = ox_model_new ();
      OxGraph *graph = ox_graph_new (model, "test");
      void *attrs = ox_attrs_parse (op, ox_graph_add_node (graph, op->name, "com.microsoft.extensions", ""), NULL, NULL);
      OxValue *in = step == 0 ? image : file;
      OxCall *call = ox_call_new (&(OxCallSetup){ .op = op, .opset = 1, .attrs = attrs, .n_in = 1, .n_out = 1, .in = &in });

      g_assert_true (ox_call_run (call, NULL));
      *(step == 0 ? &file : &again) = ox_call_steal (call, 0);
      ox_call_free (call);
      ox_attrs_free (op, attrs);
      ox_graph_free (graph);
    }
  g_assert_cmpmem (ox_value_get_tensor (file)->data, 4, "\x89PNG", 4);
  g_assert_cmpmem (ox_value_get_tensor (again)->data, ox_value_get_tensor (again)->count, pixels, sizeof pixels);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  op_lines ("/ops/microsoft/same", same, G_N_ELEMENTS (same));
  op_lines ("/ops/microsoft/spectra", spectra, G_N_ELEMENTS (spectra));
  op_lines ("/ops/microsoft/bias", biases, G_N_ELEMENTS (biases));
  op_lines ("/ops/microsoft/groups", groups, G_N_ELEMENTS (groups));
  op_lines ("/ops/microsoft/matrices", matrices, G_N_ELEMENTS (matrices));
  op_lines ("/ops/microsoft/tokens", tokens, G_N_ELEMENTS (tokens));
  op_lines ("/ops/microsoft/images", images, G_N_ELEMENTS (images));
  op_lines ("/ops/microsoft/texts", texts, G_N_ELEMENTS (texts));
  g_test_add_func ("/ops/microsoft/image/round", test_image_round);
  return g_test_run ();
}
