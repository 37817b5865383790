/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "op-lines.h"

static const char *const arith[] = {
  "Add:14 f32[2,1]{1,2} f32[2]{10,20} -> f32[2,2]{11,21,12,22}",
  "Add:14 i32[1]{2147483647} i32[1]{1} -> i32[1]{-2147483648}",
  "Add:14 u8[1]{250} u8[1]{10} -> u8[1]{4}",
  "Add:14 f16[1]{2048} f16[1]{1} -> f16[1]{2048}",
  "Add:7 f32[2] f32[3] -> !do not broadcast",
  "Add:14 f32[1] f64[1] -> !one element type",
  "Add:6 f32[2,2]{1,2,3,4} f32[2]{1,2} -> !broadcast is not set",
  "Add:6 broadcast=1 axis=0 f32[2,2]{1,2,3,4} f32[2]{10,20} -> f32[2,2]{11,12,23,24}",
  "Add:1 broadcast=1 f32[2,2]{1,2,3,4} f32[2]{10,20} -> f32[2,2]{11,22,13,24}",
  "Add:14 i64[2]{N,3} i64[1]{1} ~> i64[2]{N+1,4}",
  "Mul:14 i64[2]{N,3} i64[]{2} ~> i64[2]{2*N,6}",
  "Sub:14 i8[1]{-128} i8[1]{1} -> i8[1]{127}",
  "Mul:14 i16[1]{300} i16[1]{300} -> i16[1]{24464}",
  "Div:14 i32[3]{7,-7,6} i32[1]{2} -> i32[3]{3,-3,3}",
  "Div:14 i32[1]{-2147483648} i32[1]{-1} -> i32[1]{-2147483648}",
  "Div:14 i64[2]{1,2} i64[2]{1,0} -> !element 1 of the divisor is 0",
  "Div:14 f32[2]{1,-1} f32[1]{0} -> f32[2]{inf,-inf}",
  "Mod:13 i64[4]{-7,7,-7,7} i64[4]{3,-3,-3,3} -> i64[4]{2,-2,-1,1}",
  "Mod:13 fmod=1 f32[2]{-4.5,4.5} f32[1]{2} -> f32[2]{-0.5,0.5}",
  "Pow:13 f32[3]{2,3,4} i64[1]{2} -> f32[3]{4,9,16}",
  "Pow:15 i32[3]{2,-1,0} i32[3]{10,3,0} -> i32[3]{1024,-1,1}",
  "Pow:15 i32[3]{2,3,-3} i64[3]{31,20,21} -> i32[3]{-2147483648,-808182895,-1870418611}",
  "Pow:13 f32[4]{-inf,4,-1,-0} f32[]{0.5} -> f32[4]{inf,2,nan,0}",
  "Pow:15 i64[3]{2,3,-2} f32[3]{-0.5,1.5,3} -> i64[3]{0,5,-8}",
  "Max:13 f32[2]{1,nan} f32[2]{2,0} f32[2]{0,5} -> f32[2]{2,nan}",
  "Min:13 i8[2]{1,-5} i8[1]{-2} -> i8[2]{-2,-5}",
  "Mean:13 f32[2]{1,2} f32[2]{3,6} -> f32[2]{2,4}",
  "Sum:13 f32[1]{5} -> f32[1]{5}",
};

static const char *const logic[] = {
  "Equal:19 str[2]{a,b} str[1]{b} -> bool[2]{0,1}",
  "Equal:13 f32[2]{nan,0} f32[2]{nan,-0} -> bool[2]{0,1}",
  "Greater:13 u64[1]{18446744073709551615} u64[1]{1} -> bool[1]{1}",
  "LessOrEqual:16 i8[2]{-1,1} i8[1]{0} -> bool[2]{1,0}",
  "And:7 bool[2]{1,1} bool[2]{0,1} -> bool[2]{0,1}",
  "Xor:7 bool[2]{1,1} bool[2]{0,1} -> bool[2]{1,0}",
  "Not:1 bool[2]{1,0} -> bool[2]{0,1}",
  "BitShift:11 direction='LEFT' u8[2]{129,1} u8[2]{1,9} -> u8[2]{2,0}",
  "BitShift:11 direction='UP' u8[1]{1} u8[1]{1} -> !LEFT or RIGHT",
  "BitwiseNot:18 i8[2]{0,-1} -> i8[2]{-1,0}",
  "BitwiseXor:18 u16[1]{65535} u16[1]{255} -> u16[1]{65280}",
  "Where:16 bool[2]{1,0} str[1]{yes} str[1]{no} -> str[2]{yes,no}",
  "Where:9 i32[1] f32[1] f32[1] -> !bool",
};

static const char *const functions[] = {
  "Neg:13 i32[1]{-2147483648} -> i32[1]{-2147483648}",
  "Abs:13 i8[2]{-3,3} -> i8[2]{3,3}",
  "Sign:13 f32[3]{-2,0,5} -> f32[3]{-1,0,1}",
  "Round:11 f32[4]{0.5,1.5,2.5,-0.5} -> f32[4]{0,2,2,-0}",
  "Exp:13 f64[1]{0} -> f64[1]{1}",
  "Erf:9 i8[3]{-9,1,9} -> i8[3]{-1,0,1}",
  "Erf:13 i8[1] -> !i8",
  "Sqrt:13 i32[1] -> !i32",
  "IsNaN:20 f16[2]{nan,1} -> bool[2]{1,0}",
  "IsInf:20 detect_negative=0 f32[3]{inf,-inf,1} -> bool[3]{1,0,0}",
  "Identity:16 (f32[1]{1} f32[1]{2}) -> (f32[1]{1} f32[1]{2})",
  "Relu:14 i32[3]{-1,0,2} -> i32[3]{0,0,2}",
  "LeakyRelu:16 alpha=0.5 f32[2]{-2,2} -> f32[2]{-1,2}",
  "PRelu:16 f32[2,2]{-1,-2,3,-4} f32[2]{2,3} -> f32[2,2]{-2,-6,3,-12}",
  "PRelu:6 f32[1,2,2]{-1,-1,-1,-1} f32[2]{2,3} -> f32[1,2,2]{-2,-2,-3,-3}",
  "Clip:13 f32[3]{-1,0.5,9} f32[]{0} f32[]{1} -> f32[3]{0,0.5,1}",
  "Clip:13 i8[3]{-5,0,5} _ i8[]{3} -> i8[3]{-5,0,3}",
  "Clip:13 f32[2]{1,2} f32[]{5} f32[]{3} -> f32[2]{3,3}",
  "Clip:6 min=0.0 f32[2]{-1,1} -> f32[2]{0,1}",
  "HardSigmoid:6 f32[3]{-5,0,5} -> f32[3]{0,0.5,1}",
  "Shrink:9 lambd=1.5 bias=1.5 f32[3]{-2,1,2} -> f32[3]{-0.5,0,0.5}",
  "Softplus:1 f32[2]{1000,-1000} -> f32[2]{1000,0}",
  "Sigmoid:13 f32[3]{0,1000,-1000} -> f32[3]{0.5,1,0}",
  "Gelu:20 approximate='other' f32[1] -> !none or tanh",
};

static const char *const reduce[] = {
  "ReduceSum:13 f32[2,3]{1,2,3,4,5,6} i64[1]{0} -> f32[1,3]{5,7,9}",
  "ReduceSum:13 keepdims=0 i32[2,2]{1,2,3,4} -> i32[]{10}",
  "ReduceSum:13 noop_with_empty_axes=1 f32[2]{1,2} -> f32[2]{1,2}",
  "ReduceSum:11 axes=[-1] keepdims=0 f32[2,2]{1,2,3,4} -> f32[2]{3,7}",
  "ReduceSum:13 f32[2,0] i64[1]{1} -> f32[2,1]{0,0}",
  "ReduceMax:20 keepdims=0 bool[2,2]{0,0,0,1} i64[1]{1} -> bool[2]{0,1}",
  "ReduceMax:18 u64[2]{18446744073709551615,1} -> u64[1]{18446744073709551615}",
  "ReduceMin:18 f32[0] -> f32[1]{inf}",
  "ReduceMean:18 f32[2]{1,nan} -> f32[1]{nan}",
  "ReduceProd:18 i64[3]{2,3,4} -> i64[1]{24}",
  "ReduceL2:18 f64[2]{3,4} -> f64[1]{5}",
  "ReduceLogSumExp:18 f32[2]{1000,1000} -> f32[1]{1000.6931}",
  "ReduceSum:13 f32[2] i64[1]{1} -> !axis 1",
  "ReduceSum:13 f32[N,3] i64[1]{1} ~> f32[N,1]",
  "ArgMax:13 keepdims=0 f32[2,3]{1,5,5,9,2,3} -> i64[3]{1,0,0}",
  "ArgMax:13 axis=1 select_last_index=1 f32[1,3]{1,5,5} -> i64[1,1]{2}",
  "ArgMin:13 axis=-1 u8[1,3]{3,1,2} -> i64[1,1]{1}",
  "CumSum:14 i32[3]{1,2,3} i64[]{0} -> i32[3]{1,3,6}",
  "CumSum:14 exclusive=1 reverse=1 f32[3]{1,2,3} i64[]{0} -> f32[3]{5,3,0}",
  "Softmax:13 f32[1,2]{0,0} -> f32[1,2]{0.5,0.5}",
  "Softmax:11 axis=1 f32[1,2,2]{0,0,0,0} -> f32[1,2,2]{0.25,0.25,0.25,0.25}",
  "LogSoftmax:13 f32[2]{1000,0} -> f32[2]{0,-1000}",
  "Hardmax:13 f32[1,3]{1,3,3} -> f32[1,3]{0,1,0}",
};

static const char *const casts[] = {
  "Cast:13 to=6 f32[4]{1.9,-1.9,nan,1e20} -> i32[4]{1,-1,0,2147483647}",
  "Cast:13 to=3 i32[2]{200,-129} -> i8[2]{-56,127}",
  "Cast:13 to=9 f32[3]{0,0.1,nan} -> bool[3]{0,1,1}",
  "Cast:13 to=1 str[3]{1.5,-INF,1e3} -> f32[3]{1.5,-inf,1000}",
  "Cast:13 to=1 str[1]{one} -> !'one' is not a number",
  "Cast:13 to=8 i64[2]{-3,7} -> str[2]{-3,7}",
  "Cast:13 to=8 f32[9]{120,0.1,1e16,-0.0001,0.00001,123456.78,0,1.5e-7,nan} -> str[9]{120.0,0.1,1e+16,-0.0001,1e-05,123456.78,0.0,1.5e-07,NaN}",
  "Cast:13 to=8 f64[3]{0.1,-1e15,0.30000000000000004} -> str[3]{0.1,-1000000000000000.0,0.30000000000000004}",
  "Cast:13 to=8 f16[2]{0.1,2048} -> str[2]{0.1,2048.0}",
  "Cast:13 to=99 f32[1] -> !not an element type",
  "Cast:5 to='FLOAT' i32[1]{3} -> f32[1]{3}",
  "Cast:21 to=22 f32[3]{1.7,-2,9} -> i4[3]{1,-2,-7}",
  "Cast:19 to=17 f32[2]{1000,nan} -> f8e4m3fn[2]{448,nan}",
  "Cast:19 saturate=0 to=17 f32[1]{1e9} -> f8e4m3fn[1]{nan}",
  "Cast:24 to=24 round_mode='down' str[3]{5,0.7,NaN} -> f8e8m0[3]{4,0.5,nan}",
  "Cast:13 to=7 i32[2]{N,3} ~> i64[2]{N,3}",
  "CastLike:19 f32[1]{1.5} i32[1] -> i32[1]{1}",
};

static const char *const made[] = {
  "Constant:13 value_ints=[1,2] -> i64[2]{1,2}",
  "Constant:13 value_float=2.5 -> f32[]{2.5}",
  "Constant:13 value_int=1 value_float=2.5 -> !found 2",
  "ConstantOfShape:9 i64[2]{2,2} -> f32[2,2]{0,0,0,0}",
  "ConstantOfShape:9 i64[1]{-1} -> !dimension 0 is -1",
  "ConstantOfShape:9 i64[2]{N,4} ~> f32[N,4]",
  "EyeLike:9 k=1 i32[2,3] -> i32[2,3]{0,1,0,0,0,1}",
  "Range:11 i64[]{10} i64[]{4} i64[]{-2} -> i64[3]{10,8,6}",
  "Range:11 f32[]{0} f32[]{1} f32[]{0} -> !no end",
  "Range:11 i64[]{0} i64[]{N} i64[]{1} ~> i64[N]",
  "Dropout:13 f32[2]{1,2} -> f32[2]{1,2}",
  "Dropout:13 f32[2]{1,2} f32[]{2} bool[]{1} -> !less than 1",
};

static const char *const losses[] = {
  "NegativeLogLikelihoodLoss:13 f32[2,2]{-1,-2,-3,-4} i64[2]{0,1} -> f32[]{2.5}",
  "NegativeLogLikelihoodLoss:13 reduction='none' f32[2,2]{-1,-2,-3,-4} i64[2]{0,1} f32[2]{1,10} -> f32[2]{1,40}",
  "NegativeLogLikelihoodLoss:13 ignore_index=7 f32[2,2]{-1,-2,-3,-4} i64[2]{7,1} -> f32[]{4}",
  "NegativeLogLikelihoodLoss:13 f32[1,2]{-1,-2} i64[1]{2} -> !label 2 at place 0",
  "SoftmaxCrossEntropyLoss:13 reduction='sum' f64[1,2]{0,0} i64[1]{1} -> f64[]{0.6931471805599453} f64[1,2]{-0.6931471805599453,-0.6931471805599453}",
  "SoftmaxCrossEntropyLoss:13 reduction='max' f32[1,2] i64[1] -> !none, sum or mean",
};

static const char *const quant[] = {
  "QuantizeLinear:13 f32[4]{0,1.5,2.5,1000} f32[]{1} u8[]{10} -> u8[4]{10,12,12,255}",
  "QuantizeLinear:13 axis=0 f32[2,1]{10,10} f32[2]{1,2} i8[2]{0,1} -> i8[2,1]{10,6}",
  "QuantizeLinear:10 f32[1]{300} f32[]{1} -> u8[1]{255}",
  "QuantizeLinear:21 block_size=2 axis=1 f32[1,4]{1,2,3,4} f32[1,2]{1,2} -> u8[1,4]{1,2,2,2}",
  "QuantizeLinear:13 axis=0 f32[2] f32[3]{1,1,1} -> !3 scales",
  "QuantizeLinear:13 f32[2,0] f32[1,2]{1,1} -> !axis 0",
  "DequantizeLinear:13 u8[2]{10,12} f32[]{0.5} u8[]{10} -> f32[2]{0,1}",
  "DequantizeLinear:19 i32[1]{-4} f16[]{0.5} -> f16[1]{-2}",
  "DynamicQuantizeLinear:11 f32[2]{0,255} -> u8[2]{0,255} f32[]{1} u8[]{0}",
  "MatMulInteger:10 u8[1,2]{3,4} i8[2,1]{-1,2} u8[]{1} -> i32[1,1]{4}",
  "MatMulInteger:10 f32[1,1] u8[1,1] -> !8-bit",
  "ConvInteger:10 u8[1,1,2]{2,3} u8[1,1,1]{4} u8[]{1} -> i32[1,1,2]{4,8}",
};

static const char *const attention[] = {
  "Attention:23 f32[1,1,1,1]{1} f32[1,1,2,1]{0,0} f32[1,1,2,1]{2,4} -> f32[1,1,1,1]{3}",
  "Attention:23 f32[1,1,1,1]{1} f32[1,1,2,1]{0,0} f32[1,1,2,1]{2,4} bool[1,2]{0,1} -> f32[1,1,1,1]{4}",
  "Attention:23 f32[1,1,1,1]{1} f32[1,1,2,1]{0,0} f32[1,1,2,1]{2,4} bool[1,2]{0,0} -> f32[1,1,1,1]{0}",
  "Attention:23 is_causal=1 f32[1,1,2,1]{1,1} f32[1,1,2,1]{0,0} f32[1,1,2,1]{2,4} -> f32[1,1,2,1]{2,3}",
  "Attention:23 q_num_heads=2 kv_num_heads=1 f32[1,1,2]{1,1} f32[1,1,1]{5} f32[1,1,1]{7} -> f32[1,1,2]{7,7}",
  "Attention:23 f32[1,1,1,1]{0} f32[1,1,1,1]{1} f32[1,1,1,1]{1} _ f32[1,1,1,1]{1} f32[1,1,1,1]{3} -> f32[1,1,1,1]{2} f32[1,1,2,1]{1,1} f32[1,1,2,1]{3,1}",
  "Attention:24 f32[1,1,1,1]{1} f32[1,1,2,1]{0,0} f32[1,1,2,1]{2,4} _ _ _ i64[1]{1} -> f32[1,1,1,1]{2}",
  "Attention:23 f32[1,1,2] f32[1,1,1] f32[1,1,1] -> !q_num_heads",
  "Attention:23 f32[B,8,S,64] f32[B,2,T,64] f32[B,2,T,32] ~> f32[B,8,S,32]",
};

static const char *const recurrent[] = {
  "RNN:14 hidden_size=1 activations=['Affine'] f32[2,1,1]{1,2} f32[1,1,1]{1} f32[1,1,1]{10} -> f32[2,1,1,1]{1,12} f32[1,1,1]{12}",
  "RNN:14 hidden_size=1 direction='reverse' activations=['Affine'] f32[2,1,1]{1,2} f32[1,1,1]{1} f32[1,1,1]{10} -> f32[2,1,1,1]{21,2} f32[1,1,1]{21}",
  "RNN:14 layout=1 hidden_size=1 activations=['Relu'] f32[1,2,1]{1,2} f32[1,1,1]{1} f32[1,1,1]{1} -> f32[1,2,1,1]{1,3} f32[1,1,1]{3}",
  "RNN:14 hidden_size=1 activations=['Relu'] f32[2,1,1]{1,2} f32[1,1,1]{1} f32[1,1,1]{1} _ i32[1]{1} -> f32[2,1,1,1]{1,0} f32[1,1,1]{1}",
  "RNN:14 hidden_size=1 activations=['Loud'] f32[1,1,1] f32[1,1,1] f32[1,1,1] -> !'Loud'",
  "RNN:14 hidden_size=2 f32[1,1,1] f32[1,1,1] f32[1,2,2] -> !W should be 1x2x1",
  "GRU:14 hidden_size=1 f32[1,1,1]{0} f32[1,3,1] f32[1,3,1] _ _ f32[1,1,1]{2} -> f32[1,1,1,1]{1} f32[1,1,1]{1}",
  "LSTM:14 hidden_size=1 f32[1,1,1]{0} f32[1,4,1] f32[1,4,1] _ _ _ f32[1,1,1]{0} -> f32[1,1,1,1]{0} f32[1,1,1]{0} f32[1,1,1]{0}",
  "LSTM:14 hidden_size=3 f32[T,B,4] f32[1,12,4] f32[1,12,3] ~> f32[T,1,B,3] f32[1,B,3] f32[1,B,3]",
};

static const char *const rotary[] = {
  "RotaryEmbedding:23 f32[1,1,1,2]{3,4} f32[1,1]{0} f32[1,1]{1} i64[1,1]{0} -> f32[1,1,1,2]{-4,3}",
  "RotaryEmbedding:23 f32[1,1,1,2]{3,4} f32[1,1]{0} f32[1,1]{1} i64[1,1]{1} -> !position 1",
  "com.microsoft/RotaryEmbedding:1 num_heads=1 f32[1,2,2]{3,4,3,4} i64[1]{0} f32[2,1]{0,1} f32[2,1]{1,0} -> f32[1,2,2]{-4,3,3,4}",
};

static const char *const signals[] = {
  "DFT:17 f32[1,4,1]{1,2,3,4} -> f32[1,4,2]{10,0,-2,2,-2,0,-2,-2}",
  "DFT:20 f64[3,1]{1,1,1} -> f64[3,2]{3,0,0,0,0,0}",
  "DFT:20 onesided=1 f32[1,4,1]{1,2,3,4} -> f32[1,3,2]{10,0,-2,2,-2,0}",
  "DFT:20 inverse=1 f32[1,4,2]{10,0,-2,2,-2,0,-2,-2} -> f32[1,4,2]{1,0,2,0,3,0,4,0}",
  "DFT:20 inverse=1 onesided=1 f32[1,3,2]{10,0,-2,2,-2,0} -> f32[1,4,1]{1,2,3,4}",
  "DFT:20 f32[1,2,1]{1,2} i64[]{4} -> f32[1,4,2]{3,0,1,-2,-1,0,1,2}",
  "DFT:20 f32[1,2,1] i64[]{0} -> !0 points",
  "DFT:20 f32[1,2,3] -> !expected 1 or 2",
  "DFT:20 f32[1,2,1] _ i64[]{2} -> !real and imaginary",
  "DFT:20 onesided=1 f32[B,N,1] ~> f32[B,floor(N/2)+1,2]",
  "DFT:20 f32[1,2,1] _ f32[]{0} -> !integer as axis",
  "STFT:17 f32[1,4,1]{1,2,3,4} i64[]{2} f32[2]{1,1} -> f32[1,2,2,2]{3,0,-1,0,7,0,-1,0}",
  "STFT:17 f32[1,4,1] i64[]{0} f32[2] -> !frame_step 0",
  "STFT:17 f32[1,4,1] i64[]{1} -> !neither",
  "HannWindow:17 i64[]{4} -> f32[4]{0,0.5,1,0.5}",
  "HannWindow:17 periodic=0 output_datatype=11 i32[]{3} -> f64[3]{0,1,0}",
  "HannWindow:17 i64[]{1} -> f32[1]{0}",
  "HannWindow:17 i64[]{-1} -> !-1 elements",
};

static const char *const training[] = {
  "ai.onnx.preview.training/Adagrad:1 decay_factor=1.0 epsilon=0.0 f32[]{0.5} i64[]{1} f32[1]{4} f32[1]{3} f32[1]{16} -> f32[1]{3.85} f32[1]{25}",
  "ai.onnx.preview.training/Adagrad:1 f64[1]{1} i64[1]{0} f32[1]{1} f64[2]{0,0} f32[1]{0} f64[2]{2,0} f32[1]{0} f64[2]{4,0} -> f32[1]{1} f64[2]{-0.7071065,0} f32[1]{0} f64[2]{8,0}",
  "ai.onnx.preview.training/Adam:1 alpha=0.5 beta=0.5 epsilon=0.0 f32[]{0.5} i64[]{0} f32[1]{1} f32[1]{2} f32[1]{4} f32[1]{14} -> f32[1]{0.5} f32[1]{3} f32[1]{9}",
  "ai.onnx.preview.training/Adam:1 alpha=0.5 beta=0.5 epsilon=0.0 f32[]{0.5} i64[]{1} f32[1]{1} f32[1]{2} f32[1]{4} f32[1]{14} -> f32[1]{0.29289322} f32[1]{3} f32[1]{9}",
  "ai.onnx.preview.training/Adam:1 alpha=0.5 beta=0.5 epsilon=0.0 norm_coefficient=1.0 norm_coefficient_post=0.5 f32[]{0.5} i64[]{0} f32[1]{1} f32[1]{1} f32[1]{4} f32[1]{14} -> f32[1]{0.25} f32[1]{3} f32[1]{9}",
  "ai.onnx.preview.training/Momentum:1 norm_coefficient=1.0 alpha=0.5 beta=0.25 mode='standard' f32[]{0.5} i64[]{0} f32[1]{1} f32[1]{2} f32[1]{4} -> f32[1]{-1.5} f32[1]{5}",
  "ai.onnx.preview.training/Momentum:1 norm_coefficient=1.0 alpha=0.5 beta=0.25 mode='standard' f32[]{0.5} i64[]{1} f32[1]{1} f32[1]{2} f32[1]{4} -> f32[1]{-0.375} f32[1]{2.75}",
  "ai.onnx.preview.training/Momentum:1 norm_coefficient=1.0 alpha=0.5 beta=0.25 mode='nesterov' f32[]{0.5} i64[]{0} f32[1]{1} f32[1]{2} f32[1]{4} -> f32[1]{-1.75} f32[1]{5}",
  "ai.onnx.preview.training/Momentum:1 norm_coefficient=1.0 alpha=0.5 beta=0.25 mode='fast' f32[] i64[] f32[1] f32[1] f32[1] -> !'fast'",
  "ai.onnx.preview.training/Adagrad:1 f32[] i64[] f32[2] f32[3] f32[2] -> !shape of its tensor",
  "ai.onnx.preview.training/Adagrad:1 f32[] i64[] f32[2] f32[2] -> !3 inputs for each tensor",
  "ai.onnx.preview.training/Adagrad:1 f32[2] i64[] f32[2] f32[2] f32[2] -> !R should be a scalar",
  "ai.onnx.preview.training/Adagrad:1 f32[] i64[] f32[2] f32[2] f32[2] -> !2 outputs for 1 tensors, found 1",
  "ai.onnx.preview.training/Adam:1 f32[] i64[] f32[N,3] f32[N,3] f32[N,3] f32[N,3] ~> f32[N,3] f32[N,3] f32[N,3]",
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  op_lines ("/ops/arith", arith, G_N_ELEMENTS (arith));
  op_lines ("/ops/logic", logic, G_N_ELEMENTS (logic));
  op_lines ("/ops/functions", functions, G_N_ELEMENTS (functions));
  op_lines ("/ops/reduce", reduce, G_N_ELEMENTS (reduce));
  op_lines ("/ops/casts", casts, G_N_ELEMENTS (casts));
  op_lines ("/ops/made", made, G_N_ELEMENTS (made));
  op_lines ("/ops/losses", losses, G_N_ELEMENTS (losses));
  op_lines ("/ops/quant", quant, G_N_ELEMENTS (quant));
  op_lines ("/ops/attention", attention, G_N_ELEMENTS (attention));
  op_lines ("/ops/recurrent", recurrent, G_N_ELEMENTS (recurrent));
  op_lines ("/ops/rotary", rotary, G_N_ELEMENTS (rotary));
  op_lines ("/ops/signals", signals, G_N_ELEMENTS (signals));
  op_lines ("/ops/training", training, G_N_ELEMENTS (training));
  return g_test_run ();
}
