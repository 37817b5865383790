/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "op-lines.h"

/* What older versions of the operators of networks did otherwise. */

/* Affine and the weights are chosen so that the states are plain sums. */
static const char *const recurrent[] = {
  ("RNN:1 hidden_size=1 output_sequence=1 activations=['Affine'] activation_alpha=[2.0] activation_beta=[1.0] "
   "f32[2,1,1]{1,2} f32[1,1,1]{1} f32[1,1,1]{10} -> f32[2,1,1,1]{3,65} f32[1,1,1]{65}"),
  "RNN:1 hidden_size=1 f32[1,1,1]{1} f32[1,1,1]{1} f32[1,1,1]{0} -> f32[1,1,1,1]{0.7615942} f32[1,1,1]{0.7615942}",
  ("RNN:7 direction='bidirectional' hidden_size=1 activations=['Affine','Relu'] f32[2,1,1]{1,2} f32[2,1,1]{1,3} "
   "f32[2,1,1]{0,1} -> f32[2,2,1,1]{1,9,2,6} f32[2,1,1]{2,9}"),
  ("RNN:7 hidden_size=1 clip=2.0 activations=['Affine'] f64[2,1,1]{1,2} f64[1,1,1]{1} f64[1,1,1]{1} "
   "f64[1,2]{0.25,0.25} -> f64[2,1,1,1]{1.5,2} f64[1,1,1]{2}"),
  ("GRU:1 hidden_size=1 output_sequence=1 activations=['Sigmoid','Affine'] f32[1,1,1]{3} f32[1,3,1]{0,0,1} "
   "f32[1,3,1]{0,0,4} _ _ f32[1,1,1]{2} -> f32[1,1,1,1]{4.5} f32[1,1,1]{4.5}"),
  ("GRU:1 direction='foward' hidden_size=1 activations=['Sigmoid','Affine'] f32[1,1,1]{3} f32[1,3,1]{0,0,1} "
   "f32[1,3,1]{0,0,4} -> f32[1,1,1,1]{1.5} f32[1,1,1]{1.5}"),
  ("GRU:3 linear_before_reset=1 hidden_size=1 activations=['Sigmoid','Affine'] f32[1,1,1]{3} f32[1,3,1]{0,0,1} "
   "f32[1,3,1]{0,0,4} f32[1,6]{0,0,0,0,0,10} _ f32[1,1,1]{2} -> f32[1,1,1,1]{7} f32[1,1,1]{7}"),
  ("GRU:3 output_sequence=1 hidden_size=1 activations=['Sigmoid','Affine'] f32[1,1,1]{3} f32[1,3,1]{0,0,1} "
   "f32[1,3,1]{0,0,4} f32[1,6]{0,0,0,0,0,10} _ f32[1,1,1]{2} -> f32[1,1,1,1]{9.5} f32[1,1,1]{9.5}"),
  ("GRU:7 direction='reverse' hidden_size=1 activations=['Sigmoid','Affine'] f32[2,1,1]{3,9} f32[1,3,1]{0,0,1} "
   "f32[1,3,1]{0,0,4} _ i32[1]{1} f32[1,1,1]{2} -> f32[2,1,1,1]{4.5,0} f32[1,1,1]{4.5}"),
  ("LSTM:1 hidden_size=1 output_sequence=1 input_forget=1 activations=['HardSigmoid','Affine','Affine'] "
   "f32[1,1,1]{1} f32[1,4,1]{1,0,0,2} f32[1,4,1] _ _ f32[1,1,1]{0} f32[1,1,1]{10} -> f32[1,1,1,1]{2.2} "
   "f32[1,1,1]{2.2} f32[1,1,1]{4.4}"),
  ("LSTM:7 hidden_size=1 activations=['HardSigmoid','Affine','Affine'] f32[1,1,1]{1} f32[1,4,1]{0,0,0,2} f32[1,4,1] "
   "_ _ _ f32[1,1,1]{10} f32[1,3]{0.1,0.1,-0.05} -> f32[1,1,1,1]{3.2832} f32[1,1,1]{3.2832} f32[1,1,1]{5.4}"),
};

static const char *const layers[] = {
  "Dropout:1 is_test=1 consumed_inputs=[0] f32[2]{1,2} -> f32[2]{1,2}",
  "Dropout:1 ratio=0.0 f32[2]{1,2} -> f32[2]{1,2} f32[2]{1,1}",
  "Dropout:6 is_test=1 f16[2]{1,2} -> f16[2]{1,2}",
  "Dropout:6 is_test=0 ratio=0.0 f64[2]{1,2} -> f64[2]{1,2} f64[2]{1,1}",
  "Dropout:7 ratio=0.9 f64[2]{1,2} -> f64[2]{1,2}",
  "Dropout:10 ratio=0.9 f32[2]{1,2} -> f32[2]{1,2} bool[2]{1,1}",
  "Dropout:12 f32[2]{1,2} f32[]{0} bool[]{1} -> f32[2]{1,2} bool[2]{1,1}",
  "Dropout:12 f32[2]{1,2} f64[]{0.9} bool[]{0} -> f32[2]{1,2} bool[2]{1,1}",
  "Gemm:1 broadcast=1 f32[1,1]{2} f32[1,2]{3,4} f32[2]{1,-1} -> f32[1,2]{7,7}",
  "Gemm:6 f32[1,1]{2} f32[1,2]{3,4} f32[1,2]{1,-1} -> f32[1,2]{7,7}",
  "Gemm:9 i32[1,1]{2} i32[1,2]{3,4} i32[2]{1,-1} -> i32[1,2]{7,7}",
  "Gemm:11 u64[1,1]{2} u64[1,2]{3,4} -> u64[1,2]{6,8}",
  "Hardmax:1 f32[1,2,2]{1,3,2,3} -> f32[1,2,2]{0,1,0,0}",
  "Hardmax:1 axis=2 f32[1,2,2]{1,3,2,3} -> f32[1,2,2]{0,1,0,1}",
  "Hardmax:11 axis=-2 f64[1,2,2]{1,3,2,3} -> f64[1,2,2]{0,1,0,0}",
  "Hardmax:11 axis=0 f32[2,1]{1,3} -> f32[2,1]{0,1}",
  "Softmax:1 f32[1,2,2]{0,0,0,0} -> f32[1,2,2]{0.25,0.25,0.25,0.25}",
  "LogSoftmax:1 axis=0 f32[2,1]{0,0} -> f32[2,1]{-0.6931472,-0.6931472}",
  "LogSoftmax:11 f32[1,2,2]{0,0,0,0} -> f32[1,2,2]{-1.3862944,-1.3862944,-1.3862944,-1.3862944}",
  "LogSoftmax:11 axis=-1 f32[1,2,2]{0,0,0,0} -> f32[1,2,2]{-0.6931472,-0.6931472,-0.6931472,-0.6931472}",
  "LpPool:11 kernel_shape=[2] pads=[1,0] f32[1,1,2]{3,4} -> f32[1,1,2]{3,5}",
  "LpPool:11 kernel_shape=[2] strides=[2] auto_pad='SAME_UPPER' p=1 f32[1,1,3]{3,4,-5} -> f32[1,1,2]{7,5}",
  "GlobalLpPool:22 bf16[1,1,2]{3,4} -> bf16[1,1,1]{5}",
  "GlobalLpPool:22 p=1 f32[1,2,2]{3,4,-1,0} -> f32[1,2,1]{7,1}",
  "MaxRoiPool:22 pooled_shape=[1,1] f16[1,1,2,2]{1,2,4,3} f16[1,5]{0,0,0,1,1} -> f16[1,1,1,1]{4}",
  "AveragePool:1 auto_pad='SAME_UPPER' kernel_shape=[2] f32[1,1,2]{2,4} -> f32[1,1,2]{3,4}",
  "AveragePool:10 kernel_shape=[2] strides=[2] ceil_mode=1 f32[1,1,3]{2,4,6} -> f32[1,1,2]{3,6}",
  "AveragePool:11 kernel_shape=[2] pads=[1,0] count_include_pad=1 f32[1,1,2]{2,4} -> f32[1,1,2]{1,3}",
  "Resize:10 f32[1,4]{1,2,3,4} f32[2]{1,0.6} -> f32[1,2]{1,3}",
  "Resize:10 mode='linear' f32[4]{1,2,3,4} f32[1]{0.6} -> f32[2]{1,2.6666667}",
  "Resize:10 f32[2]{1,2} f32[1]{1.5} -> f32[3]{1,1,2}",
  "MaxPool:10 kernel_shape=[2] strides=[3] auto_pad='VALID' ceil_mode=1 f32[1,1,7]{1,2,3,4,5,6,7} -> f32[1,1,2]{2,5}",
  "LpPool:18 kernel_shape=[1] strides=[2] auto_pad='VALID' ceil_mode=1 f32[1,1,6]{1,2,3,4,5,6} -> f32[1,1,3]{1,3,5}",
  "NegativeLogLikelihoodLoss:12 f32[1,2]{-1,-3} i64[1]{1} -> f32[]{3}",
  "NegativeLogLikelihoodLoss:12 reduction='sum' f32[2,2]{1,2,3,4} i64[2]{1,0} f32[2]{10,1} -> f32[]{-32}",
  "NegativeLogLikelihoodLoss:12 reduction='none' ignore_index=0 f64[1,2,2]{1,2,3,4} i32[1,2]{1,0} -> f64[1,2]{-3,0}",
  "NegativeLogLikelihoodLoss:12 f32[2,2]{1,2,3,4} i64[2]{1,0} f32[2]{3,1} -> f32[]{-2.75}",
  "SoftmaxCrossEntropyLoss:12 f32[1,2]{0,0} i64[1]{1} -> f32[]{0.6931472} f32[1,2]{-0.6931472,-0.6931472}",
  ("SoftmaxCrossEntropyLoss:12 reduction='none' ignore_index=-1 f32[2,2]{0,0,5,5} i64[2]{-1,0} f32[2]{2,1} -> "
   "f32[2]{0,1.3862944}"),
  /* The sentence of version 1 on which side gets the odd pad was turned round in 11; runtimes never followed it. */
  "ConvTranspose:1 strides=[2] output_shape=[4] f32[1,1,2]{1,2} f32[1,1,2]{1,1} -> f32[1,1,4]{1,1,2,2}",
  "ConvTranspose:1 output_padding=[1] strides=[2] f32[1,1,2]{1,2} f32[1,1,2]{1,1} -> f32[1,1,5]{1,1,2,2,0}",
  "ConvTranspose:11 strides=[2] auto_pad='SAME_UPPER' f32[1,1,2]{1,2} f32[1,1,3]{1,1,1} -> f32[1,1,4]{1,1,3,2}",
};

/* TreeEnsemble took their place in version 5, but they still run. */
static const char *const trees[] = {
  ("ai.onnx.ml/TreeEnsembleRegressor:5 nodes_treeids=[0,0,0] nodes_nodeids=[0,1,2] nodes_featureids=[0,0,0] "
   "nodes_values=[1.0,0.0,0.0] nodes_modes=['BRANCH_LEQ','LEAF','LEAF'] nodes_truenodeids=[1,0,0] "
   "nodes_falsenodeids=[2,0,0] target_treeids=[0,0] target_nodeids=[1,2] target_ids=[0,0] target_weights=[-3.0,4.0] "
   "f32[2,1]{1,2} -> f32[2,1]{-3,4}"),
  ("ai.onnx.ml/TreeEnsembleClassifier:5 classlabels_int64s=[7,8,9] nodes_treeids=[0,0,0] nodes_nodeids=[0,1,2] "
   "nodes_featureids=[0,0,0] nodes_values=[1.0,0.0,0.0] nodes_modes=['BRANCH_LEQ','LEAF','LEAF'] "
   "nodes_truenodeids=[1,0,0] nodes_falsenodeids=[2,0,0] class_treeids=[0,0] class_nodeids=[1,2] class_ids=[0,2] "
   "class_weights=[1.0,2.0] f32[2,1]{1,2} -> i64[2]{7,9} f32[2,3]{1,0,0,0,0,2}"),
};

/* Maps go in and out of these; their keys are put in order. */
static const char *const maps[] = {
  "ai.onnx.ml/ZipMap:1 classlabels_int64s=[3,5] f32[2,2]{1,2,4,8} -> (@i64[2]{3,5}=f32[2]{1,2} @i64[2]{3,5}=f32[2]{4,8})",
  "ai.onnx.ml/ZipMap:1 classlabels_strings=['a','b'] f32[2]{1,2} -> (@str[2]{a,b}=f32[2]{1,2})",
  "ai.onnx.ml/DictVectorizer:1 string_vocabulary=['a','b','c'] @str[2]{c,a}=i64[2]{7,-1} -> i64[1,3]{-1,0,7}",
  "ai.onnx.ml/DictVectorizer:1 int64_vocabulary=[5,3] @i64[3]{3,4,5}=f64[3]{1,2,3} -> f64[1,2]{3,1}",
  "ai.onnx.ml/DictVectorizer:1 int64_vocabulary=[5,3] @i64[2]{3,5}=str[2]{x,y} -> str[1,2]{y,x}",
  "ai.onnx.ml/CastMap:1 @i64[2]{7,3}=f32[2]{1.5,2.5} -> f32[1,2]{2.5,1.5}",
  "ai.onnx.ml/CastMap:1 cast_to='TO_INT64' map_form='SPARSE' max_map=4 @i64[2]{2,0}=f32[2]{1.5,-2.5} -> i64[1,4]{-2,0,1,0}",
  "ai.onnx.ml/CastMap:1 cast_to='TO_STRING' @i64[2]{1,0}=f32[2]{1.5,2} -> str[1,2]{2.000000,1.500000}",
};

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  op_lines ("/ops/versions/recurrent", recurrent, G_N_ELEMENTS (recurrent));
  op_lines ("/ops/versions/layers", layers, G_N_ELEMENTS (layers));
  op_lines ("/ops/versions/trees", trees, G_N_ELEMENTS (trees));
  op_lines ("/ops/versions/maps", maps, G_N_ELEMENTS (maps));
  return g_test_run ();
}
