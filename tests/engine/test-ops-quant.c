/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "op-lines.h"

/* Quantised operators of ONNX Runtime's domain. */

static const char *const linear[] = {
  "com.microsoft/QuantizeLinear:1 f32[4]{0.5,1.5,2.5,-300} f32[]{1} i8[]{3} -> i8[4]{3,5,5,-128}",
  "com.microsoft/QuantizeLinear:1 f16[2]{1,70000} f16[]{0.5} u16[]{1} -> u16[2]{3,65535}",
  "com.microsoft/QuantizeLinear:1 f32[2]{-40000,7} f32[]{1} i16[]{1} -> i16[2]{-32768,8}",
  "com.microsoft/QuantizeLinear:1 f32[3]{-9,3,9} f32[]{1} i4[]{1} -> i4[3]{-8,4,7}",
  "com.microsoft/QuantizeLinear:1 f32[3]{-9,3,99} f32[]{1} u4[]{1} -> u4[3]{0,4,15}",
  "com.microsoft/QuantizeLinear:1 axis=0 f32[2,1]{10,10} f32[2]{1,2} i8[2]{0,1} -> i8[2,1]{10,6}",
  "com.microsoft/QuantizeLinear:1 f32[1]{300} f32[]{1} -> u8[1]{255}",
  "com.microsoft/QuantizeLinear:1 f32[N,4] f32[] i16[] ~> i16[N,4]",
  "com.microsoft/DequantizeLinear:1 i4[3]{-8,0,7} f32[]{0.5} i4[]{-1} -> f32[3]{-3.5,0.5,4}",
  "com.microsoft/DequantizeLinear:1 axis=-1 u16[1,2]{65535,2} f16[2]{0.5,2} u16[2]{65531,3} -> f16[1,2]{2,-2}",
  "com.microsoft/DequantizeLinear:1 i32[2]{-3,3} f32[]{0.5} -> f32[2]{-1.5,1.5}",
  "com.microsoft/DequantizeLinear:1 u8[N,4] f16[] ~> f16[N,4]",
};

static const char *const products[] = {
  "com.microsoft/MatMulIntegerToFloat:1 u8[1,2]{1,2} i8[2,1]{3,-4} f32[]{0.5} f32[]{2} -> f32[1,1]{-5}",
  /* (2-1, 4-1) times columns (3-1, 5-1) and (1-2, 1-2): 14 and -4. */
  ("com.microsoft/MatMulIntegerToFloat:1 u8[1,2]{2,4} u8[2,2]{3,1,5,1} f32[1]{0.5} f32[2]{1,2} u8[]{1} u8[2]{1,2} "
   "f32[2]{10,20} -> f32[1,2]{17,16}"),
  /* A scale and a zero point for each column of A: 0.5 (2-1) 3 + 2 (4-2) 5. */
  ("com.microsoft/MatMulIntegerToFloat:1 u8[1,2]{2,4} u8[2,1]{3,5} f32[2]{0.5,2} f32[]{1} u8[2]{1,2} -> f32[1,1]{21.5}"),
  /* A stack with a scale and a zero point for each column of each matrix. */
  ("com.microsoft/MatMulIntegerToFloat:1 i8[2,1,1]{2,3} i8[2,1,2]{1,2,3,4} f32[]{1} f32[2,1,2]{1,10,100,1000} _ "
   "i8[2,1,2]{0,1,2,3} -> f32[2,1,2]{2,20,300,3000}"),
  "com.microsoft/MatMulIntegerToFloat:1 i8[2]{1,2} i8[2]{3,4} f32[]{1} f32[1]{2} -> f32[]{22}",
  "com.microsoft/MatMulIntegerToFloat:1 i8[1,1]{100} i8[1,1]{100} f16[]{1} f16[]{0.5} -> f16[1,1]{5000}",
  "com.microsoft/MatMulIntegerToFloat:1 i8[0,2] i8[2,3] f32[]{1} f32[]{1} -> f32[0,3]",
  "com.microsoft/MatMulIntegerToFloat:1 i8[1,2] i8[2,1] f32[] f32[3] -> !3 for 1 columns",
  "com.microsoft/MatMulIntegerToFloat:1 i8[1,2] i8[2,1] f32[] f32[] u8[] -> !its zero point u8",
  "com.microsoft/MatMulIntegerToFloat:1 i8[1,2] i16[2,1] f32[] f32[] -> !8-bit integers as input 1",
  "com.microsoft/MatMulIntegerToFloat:1 i8[1,2] i8[2,2] f32[] f32[] _ _ f32[3] -> !each column of B",
  "com.microsoft/MatMulIntegerToFloat:1 u8[N,M,4] i8[4,K] f16[] f16[] ~> f16[N,M,K]",
  /* -1..4 in 255 steps: the scale is 5/255, the zero point 51; the products are (102-51) and (255-51) steps. */
  "com.microsoft/DynamicQuantizeMatMul:1 f32[2,2]{-1,0,1,4} i8[2,2]{1,0,0,1} f32[]{2} -> f32[2,2]{-2,0,2,8}",
  ("com.microsoft/DynamicQuantizeMatMul:1 f32[2,1]{-1,4} u8[1,2]{3,4} f32[2]{1,10} u8[2]{1,2} f32[2]{0.5,-0.5} -> "
   "f32[2,2]{-1.5,-20.5,8.5,79.5}"),
  "com.microsoft/DynamicQuantizeMatMul:1 f32[1,2]{0,0} i8[2,1]{1,2} f32[]{2} -> f32[1,1]{0}",
  "com.microsoft/DynamicQuantizeMatMul:1 f64[1,2] i8[2,1] f32[] -> !expected floats",
  "com.microsoft/DynamicQuantizeMatMul:1 f32[N,4] i8[4,K] f32[] ~> f32[N,K]",
  "com.microsoft/MatMulInteger16:1 i16[1,2]{-300,2} i16[2,1]{300,5} -> i32[1,1]{-89990}",
  "com.microsoft/MatMulInteger16:1 u16[1,1]{65535} u16[1,1]{65535} -> u32[1,1]{4294836225}",
  "com.microsoft/MatMulInteger16:1 u16[1,1]{65535} i16[1,1]{-1} -> i32[1,1]{-65535}",
  "com.microsoft/MatMulInteger16:1 i8[1,1] i16[1,1] -> !16-bit",
  "com.microsoft/MatMulInteger16:1 u16[N,K] u16[K,M] ~> u32[N,M]",
  /* (1*3 + 2*4) * 0.5 * 1 / 1 is 5.5, which goes to 6; and 2 (1*5 + 2*-4) is -6, over 4 is -1.5, which goes to -2. */
  ("com.microsoft/QGemm:1 u8[1,2]{2,3} f32[]{0.5} u8[]{1} i8[2,1]{3,4} f32[]{1} i8[]{0} _ f32[]{1} i8[]{3} -> "
   "i8[1,1]{9}"),
  ("com.microsoft/QGemm:1 alpha=2.0 transA=1 transB=1 i8[2,1]{1,2} f32[]{1} i8[]{0} i8[2,2]{5,-4,0,0} f32[2]{1,2} "
   "i8[2]{0,1} i32[2]{0,3} f32[]{4} u8[]{10} -> u8[1,2]{8,10}"),
  ("com.microsoft/QGemm:1 alpha=0.5 u8[1,1]{3} f32[]{0.5} u8[]{1} u8[1,1]{5} f32[]{2} u8[]{1} i32[1]{-3} -> "
   "f32[1,1]{2.5}"),
  ("com.microsoft/QGemm:1 u8[1,1]{255} f32[]{1} u8[]{0} u8[1,1]{255} f32[]{1} u8[]{0} _ f32[]{1} u8[]{0} -> "
   "u8[1,1]{255}"),
  "com.microsoft/QGemm:1 u8[1,1] f32[] u8[] u8[1,1] f32[] u8[] _ f32[] -> !go together",
  "com.microsoft/QGemm:1 u8[1,2] f32[] u8[] u8[1,1] f32[] u8[] -> !2 and 1",
  "com.microsoft/QGemm:1 u8[1,2] f32[] u8[] u8[2,2] f32[] u8[] i32[3] -> !does not broadcast",
  "com.microsoft/QGemm:1 transB=1 u8[N,4] f32[] u8[] i8[M,4] f32[] i8[] i32[M] f32[] i8[] ~> i8[N,M]",
};

static const char *const elementwise[] = {
  /* 1 + 1 and 2 + 1 over 2, plus 7: the half goes to the even sum, not to the even quotient. */
  "com.microsoft/QLinearAdd:1 u8[2]{3,5} f32[]{0.5} u8[]{1} u8[]{7} f32[]{0.25} u8[]{3} f32[]{2} u8[]{7} -> u8[2]{8,8}",
  "com.microsoft/QLinearAdd:1 i8[2,1]{-100,100} f32[]{1} _ i8[2]{-100,100} f32[]{1} _ f32[]{1} -> i8[2,2]{-128,0,0,127}",
  "com.microsoft/QLinearAdd:1 u8[2] f32[] u8[] i8[2] f32[] u8[] f32[] u8[] -> !input 3 is i8, expected u8",
  "com.microsoft/QLinearAdd:1 u8[2] f32[2] u8[] u8[2] f32[] u8[] f32[] u8[] -> !input 1 has 2 elements",
  "com.microsoft/QLinearAdd:1 u8[2] f32[] u8[] u8[3] f32[] u8[] f32[] u8[] -> !do not broadcast",
  "com.microsoft/QLinearAdd:1 u8[2] f32[] u8[] u8[2] f32[] u8[] -> !input 6, a scale",
  "com.microsoft/QLinearAdd:1 u8[N,1] f32[] u8[] u8[3] f32[] u8[] f32[] u8[] ~> u8[N,3]",
  "com.microsoft/QLinearMul:1 u8[2]{3,5} f32[]{0.5} u8[]{1} u8[1]{7} f32[]{0.25} u8[]{3} f32[]{4} u8[]{7} -> u8[2]{7,8}",
  "com.microsoft/QLinearMul:1 i8[2]{-100,100} f32[]{1} _ i8[]{2} f32[]{1} _ f32[]{1} i8[]{1} -> i8[2]{-128,127}",
  "com.microsoft/QLinearMul:1 i8[0] f32[]{1} _ i8[]{2} f32[]{1} _ f32[]{1} i8[]{1} -> i8[0]",
  "com.microsoft/QLinearSigmoid:1 u8[2]{3,255} f32[]{1} u8[]{3} f32[]{0.00390625} u8[]{0} -> u8[2]{128,255}",
  "com.microsoft/QLinearSigmoid:1 i8[1]{0} f32[]{1} _ f32[]{0.00390625} i8[]{-128} -> i8[1]{0}",
  "com.microsoft/QLinearSigmoid:1 i16[1] f32[] i16[] f32[] -> !expected 8-bit integers",
  "com.microsoft/QLinearLeakyRelu:1 alpha=0.5 i8[4]{-4,-3,0,3} f32[]{1} i8[]{0} f32[]{1} -> i8[4]{-2,-2,0,3}",
  "com.microsoft/QLinearLeakyRelu:1 i8[1]{-100} f32[]{1} i8[]{0} f32[]{0.5} i8[]{1} -> i8[1]{-1}",
  "com.microsoft/QLinearLeakyRelu:1 i8[N,3] f32[] i8[] f32[] i8[] ~> i8[N,3]",
  ("com.microsoft/QLinearWhere:1 bool[2]{1,0} u8[1]{4} f32[]{0.5} u8[]{0} u8[2]{1,3} f32[]{1} u8[]{0} f32[]{1} u8[]{10} "
   "-> u8[2]{12,13}"),
  "com.microsoft/QLinearWhere:1 bool[N,1] u8[1] f32[] u8[] u8[3] f32[] u8[] f32[] u8[] ~> u8[N,3]",
  ("com.microsoft/QLinearConcat:1 axis=0 f32[]{2} u8[]{1} u8[2]{2,4} f32[]{1} u8[]{0} u8[1]{10} f32[]{2} u8[]{5} -> "
   "u8[3]{2,3,6}"),
  "com.microsoft/QLinearConcat:1 axis=0 f32[] u8[] u8[2] f32[] u8[] u8[1] -> !tensors with scale and zero point",
  "com.microsoft/QLinearConcat:1 axis=0 f32[] u8[] u8[2] f32[] i8[] -> !expected u8",
  "com.microsoft/QLinearConcat:1 axis=-1 f32[] i8[] i8[N,2] f32[] i8[] i8[N,M] f32[] i8[] ~> i8[N,M+2]",
};

static const char *const reductions[] = {
  "com.microsoft/QLinearSoftmax:1 opset=13 u8[1,4]{9,9,9,9} f32[]{1} u8[]{0} f32[]{0.00390625} u8[]{0} -> u8[1,4]{64,64,64,64}",
  ("com.microsoft/QLinearSoftmax:1 opset=13 axis=0 i8[2,1]{9,9} f32[]{1} _ f32[]{0.00390625} i8[]{-128} -> "
   "i8[2,1]{0,0}"),
  ("com.microsoft/QLinearSoftmax:1 opset=12 axis=0 u8[2,2]{9,9,9,9} f32[]{1} u8[]{3} f32[]{0.00390625} u8[]{1} -> "
   "u8[2,2]{65,65,65,65}"),
  "com.microsoft/QLinearSoftmax:1 opset=13 axis=2 u8[1,4] f32[] u8[] f32[] u8[] -> !axis 2",
  ("com.microsoft/QLinearReduceMean:1 axes=[1] keepdims=0 u8[2,2]{1,2,3,5} f32[]{1} u8[]{0} f32[]{0.5} u8[]{1} -> "
   "u8[2]{4,9}"),
  "com.microsoft/QLinearReduceMean:1 axes=[-1] keepdims=1 i8[1,2]{1,-4} f32[]{1} i8[]{0} f32[]{1} -> i8[1,1]{-2}",
  "com.microsoft/QLinearReduceMean:1 axes=[0] keepdims=1 i8[N,M] f32[] i8[] f32[] ~> i8[1,M]",
  /* Means 1.5 and 3.5, plus 7: rounded as sums. */
  "com.microsoft/QLinearAveragePool:1 kernel_shape=[2] u8[1,1,3]{1,2,5} f32[]{1} u8[]{0} f32[]{1} u8[]{7} -> u8[1,1,2]{8,10}",
  ("com.microsoft/QLinearAveragePool:1 kernel_shape=[2] channels_last=1 u8[1,2,2]{1,10,3,30} f32[]{1} u8[]{0} f32[]{1} -> "
   "u8[1,1,2]{2,20}"),
  ("com.microsoft/QLinearAveragePool:1 kernel_shape=[2] pads=[1,0] count_include_pad=1 i8[1,1,2]{-8,4} f32[]{0.5} i8[]{0} "
   "f32[]{1} i8[]{0} -> i8[1,1,2]{-2,-1}"),
  ("com.microsoft/QLinearAveragePool:1 kernel_shape=[2] pads=[1,0] i8[1,1,2]{-8,4} f32[]{0.5} i8[]{0} f32[]{1} i8[]{0} -> "
   "i8[1,1,2]{-4,-1}"),
  "com.microsoft/QLinearAveragePool:1 kernel_shape=[5] u8[1,1,3] f32[] u8[] f32[] u8[] -> !larger than the padded input",
  ("com.microsoft/QLinearAveragePool:1 kernel_shape=[2,2] strides=[2,2] ceil_mode=1 channels_last=1 u8[N,5,6,C] f32[] u8[] "
   "f32[] u8[] ~> u8[N,3,3,C]"),
  /* Means 1.5 and 6: rounded before 7 is added. */
  "com.microsoft/QLinearGlobalAveragePool:1 u8[1,2,2]{1,2,4,8} f32[]{1} u8[]{0} f32[]{1} u8[]{7} -> u8[1,2,1]{9,13}",
  ("com.microsoft/QLinearGlobalAveragePool:1 channels_last=1 u8[1,2,2]{1,2,4,8} f32[]{1} u8[]{0} f32[]{1} u8[]{7} -> "
   "u8[1,1,2]{9,12}"),
  "com.microsoft/QLinearGlobalAveragePool:1 channels_last=1 u8[N,H,W,3] f32[] u8[] f32[] u8[] ~> u8[N,1,1,3]",
};

static const char *const last[] = {
  "com.microsoft/NhwcMaxPool:1 kernel_shape=[2] i8[1,3,2]{1,-5,3,-6,2,-7} -> i8[1,2,2]{3,-5,3,-6}",
  "com.microsoft/NhwcMaxPool:1 kernel_shape=[2] pads=[1,0] strides=[2] u8[1,3,1]{1,2,3} -> u8[1,2,1]{1,3}",
  "com.microsoft/NhwcMaxPool:1 kernel_shape=[2,2] u8[N,H,8,C] ~> u8[N,H-1,7,C]",
  "com.microsoft/NhwcConv:1 f32[1,2,2]{1,2,3,4} f32[1,2,1]{10,1} f32[1]{1} -> f32[1,2,1]{13,35}",
  "com.microsoft/NhwcConv:1 group=2 f16[1,1,1,2]{2,3} f16[2,1,1,1]{10,100} -> f16[1,1,1,2]{20,300}",
  "com.microsoft/NhwcConv:1 f32[1,2,3] f32[1,2,1] -> !channels",
  "com.microsoft/NhwcConv:1 f32[N,8,8,3] f32[16,3,3,3] ~> f32[N,6,6,16]",
  ("com.microsoft/NhwcFusedConv:1 activation='Relu' f32[1,2,2]{1,2,3,4} f32[1,2,1]{1,-1} _ f32[1,2,1]{0.5,2} -> "
   "f32[1,2,1]{0,1}"),
  ("com.microsoft/NhwcFusedConv:1 activation='LeakyRelu' activation_params=[0.5] f32[1,1,1]{-4} f32[2,1,1]{1,-1} f32[2]{1,0} "
   "-> f32[1,1,2]{-1.5,4}"),
  "com.microsoft/NhwcFusedConv:1 activation='Wave' f32[1,1,1] f32[1,1,1] -> !'Wave'",
  "com.microsoft/NhwcFusedConv:1 f32[1,2,1] f32[1,1,1] _ f32[1,1,2] -> !the summand",
  "com.microsoft/NhwcFusedConv:1 f32[1,1,2,1] f32[1,1,1,1] -> f32[1,1,2,1]",
  /* 4 and 10 half, over 2: 1 and 2.5, which goes to 2; plus 3. */
  ("com.microsoft/QLinearConv:1 channels_last=1 u8[1,2,2]{1,2,3,4} f32[]{1} u8[]{0} i8[1,2,1]{2,1} f32[]{0.5} i8[]{0} "
   "f32[]{2} u8[]{3} -> u8[1,2,1]{4,5}"),
  ("com.microsoft/QLinearConv:1 channels_last=1 u8[1,1,2]{3,4} f32[]{1} u8[]{2} u8[2,2,1]{1,1,2,2} f32[2]{1,2} u8[2]{0,1} "
   "f32[]{1} i8[]{0} i32[2]{10,-20} -> i8[1,1,2]{13,-34}"),
  ("com.microsoft/QLinearConv:1 u8[1,2,2]{1,2,3,4} f32[]{1} u8[]{0} i8[1,2,1]{2,1} f32[]{1} i8[]{0} f32[]{1} u8[]{0} -> "
   "u8[1,1,2]{5,8}"),
  ("com.microsoft/QLinearConv:1 channels_last=1 u8[1,2,3] f32[] u8[] i8[1,2,1] f32[] i8[] f32[] u8[] -> !channels"),
  ("com.microsoft/QLinearConv:1 channels_last=1 pads=[1,1,1,1] u8[N,H,W,3] f32[] u8[] i8[16,3,3,3] f32[] i8[] f32[] i8[] ~> "
   "i8[N,H,W,16]"),
};

static const char *const qonnx[] = {
  /* Halves go to the even number; -8..7, or -7..7 if narrow. */
  ("qonnx.custom_op.general/IntQuant:1 f32[6]{1.25,0.75,-1.25,100,-100,0.3} f32[]{0.5} f32[]{0} f32[]{4} -> "
   "f32[6]{1,1,-1,3.5,-4,0.5}"),
  "qonnx.custom_op.general/Quant:1 narrow=1 f32[2]{-100,100} f32[]{1} f32[]{0} i32[]{4} -> f32[2]{-7,7}",
  "onnx.brevitas/Quant:1 signed=0 f32[3]{-5,7.4,100} f32[]{1} f32[]{0} f32[]{3} -> f32[3]{0,7,7}",
  "onnx.brevitas/Quant:1 signed=0 narrow=1 f32[2]{-5,100} f32[]{1} f32[]{0} f32[]{3} -> f32[2]{0,6}",
  /* The zero point is added before and taken off after: 0..7 is -3..4. */
  "finn.custom_op.general/Quant:1 signed=0 f32[3]{-9,1.2,9} f32[]{1} f32[]{3} f32[]{3} -> f32[3]{-3,1,4}",
  /* A scale for each row. */
  "qonnx.custom_op.general/IntQuant:1 f32[2,2]{3,5,3,5} f32[2,1]{2,4} f32[]{0} f32[]{8} -> f32[2,2]{4,4,4,4}",
  /* One signed bit has the values -1 and 1. */
  "qonnx.custom_op.general/IntQuant:1 f32[3]{-0.1,0,7} f32[]{2} f32[]{0} f32[]{1} -> f32[3]{-2,2,2}",
  "qonnx.custom_op.general/IntQuant:1 signed=0 f32[3]{-0.1,0.6,7} f32[]{1} f32[]{0} f32[]{1} -> f32[3]{0,1,1}",
  ("qonnx.custom_op.general/IntQuant:1 rounding_mode='CEIL' f32[4]{5.5,1.1,-1.6,-2.5} f32[]{1} f32[]{0} f32[]{8} -> "
   "f32[4]{6,2,-1,-2}"),
  ("qonnx.custom_op.general/IntQuant:1 rounding_mode='floor' f32[4]{5.5,1.1,-1.6,-2.5} f32[]{1} f32[]{0} f32[]{8} -> "
   "f32[4]{5,1,-2,-3}"),
  ("qonnx.custom_op.general/IntQuant:1 rounding_mode='UP' f32[4]{5.5,1.1,-1.1,-1} f32[]{1} f32[]{0} f32[]{8} -> "
   "f32[4]{6,2,-2,-1}"),
  ("qonnx.custom_op.general/IntQuant:1 rounding_mode='DOWN' f32[4]{5.5,1.6,-1.6,-1} f32[]{1} f32[]{0} f32[]{8} -> "
   "f32[4]{5,1,-1,-1}"),
  ("qonnx.custom_op.general/IntQuant:1 rounding_mode='HALF_UP' f32[4]{2.5,1.1,-1.6,-2.5} f32[]{1} f32[]{0} f32[]{8} -> "
   "f32[4]{3,1,-2,-3}"),
  ("qonnx.custom_op.general/IntQuant:1 rounding_mode='HALF_DOWN' f32[4]{5.5,1.6,-1.6,-2.5} f32[]{1} f32[]{0} f32[]{8} -> "
   "f32[4]{5,2,-2,-2}"),
  "qonnx.custom_op.general/IntQuant:1 rounding_mode='SIDEWAYS' f32[1] f32[] f32[] f32[] -> !'SIDEWAYS'",
  "qonnx.custom_op.general/IntQuant:1 f32[2] f32[3] f32[] f32[] -> !does not broadcast",
  "qonnx.custom_op.general/IntQuant:1 f32[2] f32[1,2] f32[] f32[] -> !does not broadcast",
  "qonnx.custom_op.general/IntQuant:1 f32[2]{1,3} f32[1,1]{2} f32[] f32[1]{4} -> f32[2]{0,4}",
  "qonnx.custom_op.general/IntQuant:1 i32[2] f32[] f32[] f32[] -> !expected floats",
  "qonnx.custom_op.general/IntQuant:1 f32[N,M] f32[M] f32[] f32[] ~> f32[N,M]",
  "qonnx.custom_op.general/BipolarQuant:1 f32[2,2]{-3,0,0.1,-0.1} f32[2]{2,5} -> f32[2,2]{-2,5,2,-5}",
  /* 37 in 6 bits, two of them less: 9.25. */
  "qonnx.custom_op.general/Trunc:1 f32[2]{18.5,-18.5} f32[]{0.5} f32[]{0} i32[]{6} i32[]{4} -> f32[2]{4.5,-5}",
  "qonnx.custom_op.general/Trunc:1 rounding_mode='ROUND' f32[1]{5} f32[]{0.5} f32[]{0} i32[]{6} i32[]{4} -> f32[1]{1}",
  "qonnx.custom_op.general/Trunc:2 f32[2]{18.5,-18.5} f32[]{0.5} f32[]{0} i32[]{6} f32[]{2} i32[]{4} -> f32[2]{14,-16}",
  "qonnx.custom_op.general/Trunc:2 f32[2]{6.5,-6.5} f32[]{0.5} f32[]{4} i32[]{6} f32[]{2} i32[]{4} -> f32[2]{6,-8}",
  "qonnx.custom_op.general/Trunc:2 f32[1]{18.5} f32[]{0.5} f32[]{0} i32[]{6} i32[]{4} -> f32[1]{4.5}",
  /* Two bits of exponent with bias 1 and one of mantissa: steps of 0.5 below 2, of 1 to 4, of 2 to 6. */
  ("qonnx.custom_op.general/FloatQuant:1 f32[5]{0.3,1.7,2.6,-5.1,9} f32[]{1} f32[]{2} f32[]{1} f32[]{1} f32[]{100} -> "
   "f32[5]{0.5,1.5,3,-6,6}"),
  ("qonnx.custom_op.general/FloatQuant:1 signed=0 has_nan=1 rounding_mode='FLOOR' f32[3]{-2,3.9,99} f32[]{1} f32[]{2} f32[]{1} "
   "f32[]{1} f32[]{4} -> f32[3]{0,3,4}"),
};

static const char *const blocks[] = {
  /* Numbers 8 and 9 of 4 bits around 8; then around 3. */
  ("com.microsoft/MatMulNBits:1 K=16 N=1 block_size=16 f32[1,16]{1,2,0,0,0,0,0,0,0,0,0,0,0,0,0,0} "
   "u8[1,1,8]{152,136,136,136,136,136,136,136} f32[1,1]{0.5} -> f32[1,1]{1}"),
  ("com.microsoft/MatMulNBits:1 K=16 N=1 block_size=16 f32[1,16]{1,2,0,0,0,0,0,0,0,0,0,0,0,0,0,0} "
   "u8[1,1,8]{152,136,136,136,136,136,136,136} f32[1,1]{0.5} u8[1,1]{3} -> f32[1,1]{8.5}"),
  ("com.microsoft/MatMulNBits:1 K=16 N=1 block_size=16 accuracy_level=4 f16[1,16]{1,2,0,0,0,0,0,0,0,0,0,0,0,0,0,0} "
   "u8[1,1,8]{152,136,136,136,136,136,136,136} f16[1,1]{0.5} f16[1,1]{2.5} -> f16[1,1]{9.25}"),
  /* 0, 1, 2 and 3 around 2. */
  ("com.microsoft/MatMulNBits:1 K=16 N=1 block_size=16 bits=2 f32[1,16]{1,0,0,4,0,0,0,0,0,0,0,0,0,0,0,0} "
   "u8[1,1,4]{228,170,170,170} f32[1,1]{0.5} -> f32[1,1]{1}"),
  ("com.microsoft/MatMulNBits:1 K=16 N=1 block_size=16 bits=8 f32[16]{1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0} "
   "u8[1,1,16]{130,128,128,128,128,128,128,128,128,128,128,128,128,128,128,128} f32[1]{0.5} -> f32[1]{1}"),
  /* The second block has one column: 2 (10 - 8) 3 + 1; of the first group: 2 (10 - 8) 1. */
  ("com.microsoft/MatMulNBits:1 K=17 N=1 block_size=16 f32[1,17]{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2} "
   "u8[1,2,8]{136,136,136,136,136,136,136,136,138,136,136,136,136,136,136,136} f32[1,2]{1,3} _ _ f32[1]{1} -> "
   "f32[1,1]{13}"),
  ("com.microsoft/MatMulNBits:1 K=17 N=1 block_size=16 f32[1,17]{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2} "
   "u8[1,2,8]{136,136,136,136,136,136,136,136,138,136,136,136,136,136,136,136} f32[1,2]{1,3} _ i32[17] -> "
   "f32[1,1]{4}"),
  /* Zero points of the two blocks in one byte: 2 (10 - 4) 3. */
  ("com.microsoft/MatMulNBits:1 K=17 N=1 block_size=16 f32[1,17]{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2} "
   "u8[1,2,8]{136,136,136,136,136,136,136,136,138,136,136,136,136,136,136,136} f32[1,2]{1,3} u8[1]{73} -> "
   "f32[1,1]{36}"),
  ("com.microsoft/MatMulNBits:1 K=17 N=1 block_size=16 f32[1,17] u8[1,2,8] f32[1,2] _ "
   "i32[17]{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2} -> !group 2"),
  "com.microsoft/MatMulNBits:1 K=16 N=1 block_size=16 bits=3 f32[1,16] u8[1,1,6] f32[1,1] -> !bits is 3",
  "com.microsoft/MatMulNBits:1 K=16 N=1 block_size=24 f32[1,16] u8[1,1,12] f32[1,1] -> !power of 2",
  ("com.microsoft/MatMulNBits:1 K=16 N=2 block_size=16 f32[1,16] u8[1,1,8] f32[1,1] -> !8 bytes of weight, expected "
   "16"),
  "com.microsoft/MatMulNBits:1 K=16 N=1 block_size=16 f32[1,15] u8[1,1,8] f32[1,1] -> !15 columns, expected 16",
  ("com.microsoft/MatMulNBits:1 K=16 N=1 block_size=16 weight_prepacked=1 f32[1,16] u8[1,1,8] f32[1,1] -> "
   "!weight_prepacked"),
  "com.microsoft/MatMulNBits:1 K=16 N=0 block_size=16 f32[1,16] u8[0,1,8] f32[0,1] -> !expected positive",
  "com.microsoft/MatMulNBits:1 K=16 N=1 block_size=16 f32[0,16] u8[1,1,8] f32[1,1] -> f32[0,1]",
  "com.microsoft/MatMulNBits:1 K=32 N=8 block_size=16 f16[A,B,32] u8[8,2,8] f16[8,2] u8[8,1] ~> f16[A,B,8]",
  /* The high half of a byte is first: 2/3 and 1, times 3. */
  ("com.microsoft/MatMulBnb4:1 K=16 N=1 block_size=16 quant_type=0 f32[1,16]{1,2,0,0,0,0,0,0,0,0,0,0,0,0,0,0} "
   "u8[8]{35,0,0,0,0,0,0,0} f32[1]{3} -> f32[1,1]{8}"),
  ("com.microsoft/MatMulBnb4:1 K=16 N=1 block_size=16 quant_type=1 f32[1,16]{2,5,0,0,0,0,0,0,0,0,0,0,0,0,0,0} "
   "u8[8]{247,119,119,119,119,119,119,119} f32[1]{0.5} -> f32[1,1]{1}"),
  ("com.microsoft/MatMulBnb4:1 K=3 N=2 block_size=16 quant_type=1 transB=0 f32[1,2]{2,3} u8[3]{247,15,119} "
   "f32[1]{0.5} -> f32[1,3]{2.5,0,-1}"),
  "com.microsoft/MatMulBnb4:1 K=3 N=2 block_size=16 quant_type=2 f32[1,3] u8[3] f32[1] -> !quant_type",
  ("com.microsoft/MatMulBnb4:1 K=3 N=2 block_size=16 quant_type=0 f32[1,3] u8[4] f32[1] -> !4 bytes of weight, "
   "expected 3"),
  "com.microsoft/MatMulBnb4:1 K=64 N=8 block_size=16 quant_type=0 transB=0 bf16[A,8] u8[256] bf16[32] ~> bf16[A,64]",
  ("com.microsoft/GatherBlockQuantized:1 block_size=16 u4[2,16]{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,2,3,4,5,6,7,8,9,"
   "10,11,12,13,14,15} i64[1]{-1} f32[2,1]{1,0.5} -> f32[1,16]{0,0.5,1,1.5,2,2.5,3,3.5,4,4.5,5,5.5,6,6.5,7,7.5}"),
  ("com.microsoft/GatherBlockQuantized:1 block_size=16 i4[2,16]{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,-3,-3,-3,-3,-3,-3,"
   "-3,-3,-3,-3,-3,-3,-3,-3,-3,-3} i32[]{1} f16[2,1]{1,0.5} i4[2,1]{0,-7} -> "
   "f16[16]{2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2}"),
  /* Out of range: zeros. */
  ("com.microsoft/GatherBlockQuantized:1 block_size=16 u4[1,16]{3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3} i64[2]{1,-2} "
   "f32[1,1]{1} u4[1,1]{5} -> f32[2,16]"),
  /* uint8 of two numbers around 8, the low half first; then around 2 and 1, packed as the table is. */
  ("com.microsoft/GatherBlockQuantized:1 block_size=16 u8[1,16]{155,155,155,155,155,155,155,155,27,27,27,27,27,27,"
   "27,27} i64[1]{0} f32[1,2]{1,2} -> f32[1,32]{3,1,3,1,3,1,3,1,3,1,3,1,3,1,3,1,6,-14,6,-14,6,-14,6,-14,6,-14,6,-14,"
   "6,-14,6,-14}"),
  ("com.microsoft/GatherBlockQuantized:1 block_size=16 u8[1,16]{155,155,155,155,155,155,155,155,27,27,27,27,27,27,"
   "27,27} i64[1]{0} f32[1,2]{1,2} u8[1,1]{18} -> f32[1,32]{9,7,9,7,9,7,9,7,9,7,9,7,9,7,9,7,20,0,20,0,20,0,20,0,20,"
   "0,20,0,20,0,20,0}"),
  ("com.microsoft/GatherBlockQuantized:1 block_size=16 bits=8 u8[1,2]{130,127} i64[1]{0} f32[1,1]{0.5} -> "
   "f32[1,2]{1,-0.5}"),
  /* Blocks along the axis that is gathered from. */
  ("com.microsoft/GatherBlockQuantized:1 block_size=16 quantize_axis=0 i4[17,1]{2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2} "
   "i64[2]{0,16} f32[2,1]{1,3} -> f32[2,1]{2,6}"),
  ("com.microsoft/GatherBlockQuantized:1 block_size=16 gather_axis=1 quantize_axis=0 i4[1,3]{1,2,3} i64[2]{2,0} "
   "f32[1,3]{1,2,3} -> f32[1,2]{9,1}"),
  /* One scale for all, only with small floats. */
  ("com.microsoft/GatherBlockQuantized:1 block_size=0 f8e4m3fn[2,2]{1,2,3,4} i64[1]{1} f32[1,1]{0.5} -> "
   "f32[1,2]{1.5,2}"),
  ("com.microsoft/GatherBlockQuantized:1 block_size=16 i4[2,2]{1,2,3,4} i64[1]{1} f32[1,1]{0.5} -> !1 scales along "
   "axis 0, expected 2"),
  "com.microsoft/GatherBlockQuantized:1 block_size=16 f8e5m2[2,2] i64[1] f32[1,1] f8e5m2[2,1] -> !no zero points",
  "com.microsoft/GatherBlockQuantized:1 block_size=0 i4[2,2] i64[1] f32[2,1] -> !block_size is 0",
  "com.microsoft/GatherBlockQuantized:1 gather_axis=1 u8[2,64] i64[1] f32[2,1] -> !gather_axis is 1",
  "com.microsoft/GatherBlockQuantized:1 i8[2,128] i64[1] f32[2,1] -> !found i8",
  "com.microsoft/GatherBlockQuantized:1 bits=2 u8[V,64] i64[N,S] f16[V,2] ~> f16[N,S,256]",
};

#define LINEAR_LSTM                                                                                                  \
  "com.microsoft/DynamicQuantizeLSTM:1 hidden_size=1 activations=['Affine','Affine','Affine'] "                      \
  "activation_alpha=[1.0,1.0,1.0] activation_beta=[0.0,0.0,0.0] "

/* With functions that are lines: i, o, f, g are X W + H R + B; C = f C + i g; H = o C. */
static const char *const lstm[] = {
  (LINEAR_LSTM "f32[1,1,1]{2} u8[1,1,4]{129,130,131,132} u8[1,1,4]{1,1,1,1} _ _ _ _ _ f32[1]{0.5} u8[1]{128} f32[1]{1} u8[1]{0} "
               "-> f32[1,1,1,1]{8} f32[1,1,1]{8} f32[1,1,1]{4}"),
  (LINEAR_LSTM "f32[1,1,1]{2} i8[1,1,4]{1,2,3,4} i8[1,1,4]{1,1,1,1} _ _ f32[1,1,1]{1} f32[1,1,1]{2} _ f32[1]{0.5} i8[1]{0} "
               "f32[1]{1} i8[1]{0} -> f32[1,1,1,1]{54} f32[1,1,1]{54} f32[1,1,1]{18}"),
  /* A scale and a zero point for each column. */
  (LINEAR_LSTM "f32[1,1,1]{2} u8[1,1,4]{2,4,4,6} u8[1,1,4] _ _ _ _ _ f32[1,4]{0.5,0.5,1,1} u8[1,4]{1,2,1,2} f32[1,4]{1,1,1,1} "
               "u8[1,4] -> f32[1,1,1,1]{16} f32[1,1,1]{16} f32[1,1,1]{8}"),
  /* 0.301 of 0..1 in 255 steps is 77 of them. */
  (LINEAR_LSTM "f32[2,1,1]{0.301,1} u8[1,1,4]{0,0,0,1} u8[1,1,4] f32[1,8]{1,1,0,0,0,0,0,0} _ _ _ _ f32[1]{1} u8[1]{0} f32[1]{1} "
               "u8[1]{0} -> f32[2,1,1,1]{0.3019608,1} f32[1,1,1]{1} f32[1,1,1]{1}"),
  (LINEAR_LSTM "f32[1,1,1] u8[1,1,4] u8[1,1,4] _ _ _ _ _ f32[1] u8[1] f32[1] -> !input 11"),
  (LINEAR_LSTM "f32[1,1,1] u8[1,1,4] u8[1,1,4] _ _ _ _ _ f32[2] u8[1] f32[1] u8[1] -> !2 scales"),
  (LINEAR_LSTM "f32[1,1,1] u8[1,4,1] u8[1,1,4] _ _ _ _ _ f32[1] u8[1] f32[1] u8[1] -> !should be 1x1x4, found 1x4x1"),
  (LINEAR_LSTM "f32[1,1,1] u8[1,1,4] u8[1,1,4] _ _ _ _ _ f32[1] i8[1] f32[1] u8[1] -> !u8 and i8"),
  ("com.microsoft/DynamicQuantizeLSTM:1 f32[T,B,3] u8[1,3,20] u8[1,5,20] _ _ _ _ _ f32[1] u8[1] f32[1] u8[1] ~> f32[T,1,B,5] "
   "f32[1,B,5] f32[1,B,5]"),
};

static const char *const warp[] = {
  "com.microsoft/DynamicTimeWarping:1 f32[2,3]{1,9,9,9,1,1} -> i32[2,3]{0,1,1,0,1,2}",
  "com.microsoft/DynamicTimeWarping:1 f32[1,1,3]{5,5,5} -> i32[2,3]{0,0,0,0,1,2}",
  "com.microsoft/DynamicTimeWarping:1 f32[3,1]{5,5,5} -> i32[2,3]{0,1,2,0,0,0}",
  /* Down and right cost as much as both at once. */
  "com.microsoft/DynamicTimeWarping:1 f32[2,2]{0,9,0,0} -> i32[2,3]{0,1,1,0,0,1}",
  "com.microsoft/DynamicTimeWarping:1 f32[2,2]{0,0,5,0} -> i32[2,3]{0,1,1,0,0,1}",
  "com.microsoft/DynamicTimeWarping:1 f32[2,2]{nan,0,5,0} -> i32[2,3]{0,1,1,0,0,1}",
  "com.microsoft/DynamicTimeWarping:1 f32[0,3] -> i32[2,0]",
  "com.microsoft/DynamicTimeWarping:1 f32[3] -> !rank 1",
  "com.microsoft/DynamicTimeWarping:1 f32[2,3,3] -> !2 matrices",
  "com.microsoft/DynamicTimeWarping:1 f32[N,M] ~> i32[2,?]",
};

/* Sums -1, 1 of words 1, 3 less 2 and positions 0; normalised and times 2, plus 3. */
static const char *const embed[] = {
  ("com.microsoft/QEmbedLayerNormalization:1 i32[1,1]{1} _ u8[2,2]{0,0,1,3} u8[1,2]{5,5} _ u8[2]{5,5} u8[2]{3,3} _ f32[]{1} "
   "f32[]{1} _ f32[]{0.5} f32[]{1} u8[]{2} u8[]{5} _ u8[]{1} u8[]{0} -> f32[1,1,2]{1,5} i32[1]{0}"),
  ("com.microsoft/QEmbedLayerNormalization:1 i32[1,2]{1,1} i32[1,2]{0,1} i8[2,2]{0,0,1,3} i8[2,2]{5,5,5,5} i8[2,2]{0,0,6,-2} "
   "i8[2]{5,5} i8[2]{3,3} i32[1,2]{1,0} f32[]{1} f32[]{1} f32[]{0.5} f32[]{0.5} f32[]{1} i8[]{2} i8[]{5} i8[]{0} i8[]{1} i8[]{0} "
   "-> f32[1,2,2]{1,5,5,1} i32[1]{1}"),
  ("com.microsoft/QEmbedLayerNormalization:1 i32[1,1] _ u8[2,2] u8[1,2] _ u8[2] u8[2] _ f32[] f32[] _ f32[] f32[] u8[] i8[] _ "
   "u8[] u8[] -> !its zero point i8"),
  ("com.microsoft/QEmbedLayerNormalization:1 i32[1,1] _ u8[2,2] u8[1,2] _ u8[2] u8[2] _ f32[] f32[] _ f32[] _ u8[] u8[] _ "
   "u8[] u8[] -> !input 12, a scale"),
  ("com.microsoft/QEmbedLayerNormalization:1 i32[B,S] _ u8[V,H] u8[P,H] _ u8[H] u8[H] _ f32[] f32[] _ f32[] f32[] u8[] u8[] _ "
   "u8[] u8[] ~> f32[B,S,H] i32[B]"),
};

/* Those of the standard, with a scale or a zero point for each row or column, and of small floats. */
static const char *const standard[] = {
  /* Sums (2 3; 3 by 2, 3), times rows 1, 2 and columns 1, 10, over rows 4, 12, plus rows 0, 100. */
  ("QLinearMatMul:10 u8[2,1]{2,4} f32[2]{1,2} u8[2]{0,1} u8[1,2]{3,5} f32[2]{1,10} u8[2]{1,2} f32[2]{4,12} u8[2]{0,100} -> "
   "u8[2,2]{1,15,101,115}"),
  ("QLinearMatMul:21 i8[2,1,1]{2,3} f16[2,1,1]{1,2} i8[2,1,1]{0,1} i8[2,1,1]{1,2} f16[2,1,1]{3,5} i8[2,1,1]{0,1} f16[]{2} "
   "i8[]{0} -> i8[2,1,1]{3,10}"),
  ("QLinearMatMul:21 f8e4m3fn[1,2]{0.5,1.5} f32[]{1} f8e4m3fn[]{0} f8e4m3fn[2,1]{2,4} f32[]{1} f8e4m3fn[]{0} f32[]{2} "
   "f8e4m3fn[]{0} -> f8e4m3fn[1,1]{3.5}"),
  ("QLinearMatMul:10 u8[2]{2,4} f32[1]{1} u8[1]{0} u8[2]{3,5} f32[1]{1} u8[1]{1} f32[1]{4} u8[1]{10} -> u8[]{15}"),
  "QLinearMatMul:10 u8[2,1] f32[3] u8[] u8[1,2] f32[] u8[] f32[] u8[] -> !do not broadcast",
  "QLinearMatMul:10 u8[2,1] f32[] u8[] u8[1,1] f32[3] u8[] f32[] u8[] -> !do not fit the product",
  "MatMulInteger:10 u8[2,1]{3,4} u8[1,1]{2} u8[2]{1,2} -> i32[2,1]{4,4}",
  "MatMulInteger:10 u8[2,1,1]{3,4} i8[1,2]{2,1} u8[2,1,1]{1,3} i8[2]{1,0} -> i32[2,1,2]{2,2,1,1}",
  "MatMulInteger:10 u8[1,2]{3,4} u8[2,1]{2,1} u8[2,1]{1,2} -> !do not fit it",
  "MatMulInteger:10 f8e5m2[1,1] u8[1,1] -> !8-bit integers",
};

#define Q_ATTENTION "com.microsoft/QAttention:1 num_heads=1 "

/* Queries are 0, so that each key counts the same; keys are half the input 1, 3, and values 10 more than it. */
static const char *const attention[] = {
  (Q_ATTENTION "u8[1,2,1]{3,5} i8[1,3]{0,1,2} f32[3]{0,0,10} f32[]{1} f32[]{0.5} _ u8[]{2} -> f32[1,2,1]{12,12} "
               "f32[2,1,1,2,1]{0.5,1.5,11,13}"),
  (Q_ATTENTION "unidirectional=1 u8[1,2,1]{1,3} u8[1,3]{7,9,9} f32[3]{0,0,10} f32[]{1} f32[3]{1,0.25,0.5} _ _ u8[3]{7,7,7} -> "
               "f32[1,2,1]{11,12} f32[2,1,1,2,1]{0.5,1.5,11,13}"),
  (Q_ATTENTION "u8[1,2,1]{1,3} i8[1,3]{0,1,2} f32[3]{0,0,10} f32[1]{1} f32[1]{0.5} i32[1]{1} -> f32[1,2,1]{11,11}"),
  (Q_ATTENTION "i8[1,1,1]{3} i8[1,3]{0,1,2} f16[3]{0,0,10} f16[]{1} f16[]{0.5} _ _ _ f16[2,1,1,1,1]{0,2} -> f16[1,1,1]{7.5} "
               "f16[2,1,1,2,1]{0,1.5,2,13}"),
  (Q_ATTENTION "u8[1,2,1] i16[1,3] f32[3] f32[] f32[] -> !8-bit integers as input 1"),
  (Q_ATTENTION "u8[1,2,1] i8[1,3] f32[3] f32[] f32[] _ i8[] -> !its zero point i8"),
  (Q_ATTENTION "u8[1,2,1] i8[1,3] f32[3] f32[] f32[2] -> !2 for 3 columns"),
  (Q_ATTENTION "u8[1,2,1] i8[1,4] f32[4] f32[] f32[] -> !multiple of three"),
  ("com.microsoft/QAttention:1 num_heads=2 u8[B,S,4] i8[4,12] f16[12] f16[] f16[] ~> f16[B,S,4] f16[2,B,2,S,2]"),
};

#define MOE "com.microsoft/MoE:1 "
#define SWIGLU "activation_type='swiglu' activation_alpha=0.0 activation_beta=1.0 "
#define QMOE "com.microsoft/QMoE:1 activation_type='identity' "

/* Two experts of one neuron, 1 1 and 10 1: from 1, 2 they make 3 and 12; and pass on 1 1 and 2 -1 of it. */
static const char *const experts[] = {
  (MOE "normalize_routing_weights=1 f32[1,2]{1,2} f32[1,2]{0,1} f32[2,1,2]{1,1,10,1} _ f32[2,2,1]{1,1,2,-1} -> f32[1,2]{24,-12}"),
  (MOE "normalize_routing_weights=1 f32[1,2]{1,2} f32[1,2]{0,1} f32[2,1,2]{1,1,10,1} f32[2,1]{0,-20} f32[2,2,1]{1,1,2,-1} "
       "f32[2,2]{0,0,5,6} -> f32[1,2]{5,6}"),
  /* Both, to equal parts; then the first of two equal ones, with its part of the whole. */
  (MOE "k=2 f32[1,1,2]{1,2} f32[1,2]{3,3} f32[2,1,2]{1,1,10,1} _ f32[2,2,1]{1,1,2,-1} -> f32[1,1,2]{13.5,-4.5}"),
  (MOE "k=1 f16[1,2]{1,2} f16[1,2]{3,3} f16[2,1,2]{1,1,10,1} _ f16[2,2,1]{1,1,2,-1} -> f16[1,2]{1.5,1.5}"),
  /* A third layer, 0 1, is a factor. */
  (MOE "activation_type='identity' f32[1,2]{1,2} f32[1,1]{3} f32[1,1,2]{10,1} _ f32[1,2,1]{2,-1} _ f32[1,1,2]{0,1} f32[1,1]{1} -> "
       "f32[1,2]{72,-36}"),
  /* 4 half (3 + 1); cut at 2: 2 half (2 + 1). */
  (MOE SWIGLU "swiglu_fusion=1 f32[1,1]{1} f32[1,1]{0} f32[1,2,1]{4,3} _ f32[1,1,1]{1} -> f32[1,1]{8}"),
  (MOE SWIGLU "swiglu_fusion=1 swiglu_limit=2.0 f32[1,1]{1} f32[1,1]{0} f32[1,2,1]{4,3} _ f32[1,1,1]{1} -> f32[1,1]{3}"),
  (MOE SWIGLU "f32[1,1]{1} f32[1,1]{0} f32[1,1,1]{4} _ f32[1,1,1]{1} _ f32[1,1,1]{3} -> f32[1,1]{8}"),
  /* Gates 4, 3 and their factors 2, 1, in turn; gates 4, 2 and then factors 3, 1. */
  (MOE SWIGLU "swiglu_fusion=1 f32[1,1]{1} f32[1,1]{0} f32[1,4,1]{4,2,3,1} _ f32[1,1,2]{1,10} -> f32[1,1]{36}"),
  (MOE SWIGLU "swiglu_fusion=2 f32[1,1]{1} f32[1,1]{0} f32[1,4,1]{4,2,3,1} _ f32[1,1,2]{1,10} -> f32[1,1]{28}"),
  (MOE SWIGLU "f32[1,1] f32[1,1] f32[1,1,1] _ f32[1,1,1] -> !in FC3"),
  (MOE "activation_type='wave' f32[1,1] f32[1,1] f32[1,1,1] _ f32[1,1,1] -> !'wave'"),
  (MOE "k=2 f32[1,1] f32[1,1] f32[1,1,1] _ f32[1,1,1] -> !2 of 1 experts"),
  (MOE "f32[1,1] f32[1,1] f32[1,1,1] -> !input 4, a weight"),
  (MOE "f32[1,2] f32[1,1] f32[1,1,1] _ f32[1,2,1] -> !1 experts and 2 columns"),
  (MOE "use_sparse_mixer=1 f32[1,1] f32[1,1] f32[1,1,1] _ f32[1,1,1] -> !use_sparse_mixer"),
  (MOE "f32[0,2] f32[0,1] f32[1,1,2] _ f32[1,2,1] -> f32[0,2]"),
  (MOE "f16[B,S,H] f16[N,E] f16[E,I,H] _ f16[E,H,I] ~> f16[B,S,H]"),
  (QMOE "expert_weight_bits=8 f32[1,1]{2} f32[1,1]{0} u8[1,1,1]{131} f32[1,1]{0.5} _ u8[1,1,1]{126} f32[1,1]{1} -> f32[1,1]{-6}"),
  (QMOE "expert_weight_bits=8 f32[1,1]{2} f32[1,1]{0} u8[1,1,1]{131} f32[1,1]{0.5} _ u8[1,1,1]{126} f32[1,1]{1} _ _ _ _ "
        "u8[1,1]{129} u8[1,1]{128} _ f32[1,1]{0.25} -> f32[1,1]{-1}"),
  /* Rows 0 1 and 1 -1, times 1 and 2, make 5 and -4 of 3, 5; then 1 0 and 0 2. */
  (QMOE "f32[1,2]{3,5} f32[1,1]{0} u8[1,2,1]{152,121} f32[1,2]{1,2} _ u8[1,2,1]{137,168} f32[1,2]{1,1} -> f32[1,2]{5,-8}"),
  /* The zero points of both rows in a byte, 7 and 8. */
  (QMOE "f32[1,2]{3,5} f32[1,1]{0} u8[1,2,1]{152,121} f32[1,2]{1,2} _ u8[1,2,1]{137,168} f32[1,2]{1,1} _ _ _ _ u8[1,1]{135} -> "
        "f32[1,2]{13,-8}"),
  (QMOE "quant_type='fp4' f32[1,2] f32[1,1] u8[1,2,1] f32[1,2] _ u8[1,2,1] f32[1,2] -> !quant_type 'fp4'"),
  (QMOE "expert_weight_bits=3 f32[1,2] f32[1,1] u8[1,2,1] f32[1,2] _ u8[1,2,1] f32[1,2] -> !expert_weight_bits is 3"),
  (QMOE "block_size=16 f32[1,2] f32[1,1] u8[1,2,1] f32[1,3] _ u8[1,2,1] f32[1,2] -> !3 scales in input 3, expected 2"),
};

#define THRESHOLD "qonnx.custom_op.general/MultiThreshold:1 out_dtype='UINT2' "

static const char *const threshold[] = {
  (THRESHOLD "f32[1,2,1,2]{0.5,1,5,-5} f32[2,2]{1,2,-5,5} -> f32[1,2,1,2]{0,1,2,1}"),
  (THRESHOLD "data_layout='NHWC' f32[1,1,2,2]{0.5,1,5,-5} f32[2,2]{1,2,-5,5} -> f32[1,1,2,2]{0,1,2,1}"),
  (THRESHOLD "out_scale=2.0 out_bias=-1.0 f32[2,2]{0,1,2,3} f32[1,3]{1,2,3} -> f32[2,2]{-1,1,3,5}"),
  ("finn.custom_op.general/MultiThreshold:1 out_dtype='BIPOLAR' out_scale=2.0 out_bias=-1.0 f32[1,3,2]{-1,0,1,2,3,4} "
   "f32[2,1]{1,3} -> f32[1,3,2]{-1,-1,1,-1,1,1}"),
  (THRESHOLD "f32[0,2] f32[2,1] -> f32[0,2]"),
  (THRESHOLD "f32[1,3] f32[2,1] -> !2 rows of thresholds for 3 channels"),
  (THRESHOLD "f32[1,3] f32[2] -> !rank 1"),
  (THRESHOLD "f32[] f32[1,1] -> !no channels"),
  (THRESHOLD "data_layout='CHWN' f32[1,3] f32[1,1] -> !'CHWN'"),
  (THRESHOLD "f32[N,C,H,W] f32[C,T] ~> f32[N,C,H,W]"),
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  op_lines ("/ops/quant/linear", linear, G_N_ELEMENTS (linear));
  op_lines ("/ops/quant/products", products, G_N_ELEMENTS (products));
  op_lines ("/ops/quant/elementwise", elementwise, G_N_ELEMENTS (elementwise));
  op_lines ("/ops/quant/reductions", reductions, G_N_ELEMENTS (reductions));
  op_lines ("/ops/quant/channels-last", last, G_N_ELEMENTS (last));
  op_lines ("/ops/quant/qonnx", qonnx, G_N_ELEMENTS (qonnx));
  op_lines ("/ops/quant/blocks", blocks, G_N_ELEMENTS (blocks));
  op_lines ("/ops/quant/lstm", lstm, G_N_ELEMENTS (lstm));
  op_lines ("/ops/quant/time-warp", warp, G_N_ELEMENTS (warp));
  op_lines ("/ops/quant/embed", embed, G_N_ELEMENTS (embed));
  op_lines ("/ops/quant/standard", standard, G_N_ELEMENTS (standard));
  op_lines ("/ops/quant/attention", attention, G_N_ELEMENTS (attention));
  op_lines ("/ops/quant/experts", experts, G_N_ELEMENTS (experts));
  op_lines ("/ops/quant/threshold", threshold, G_N_ELEMENTS (threshold));
  return g_test_run ();
}
