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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  op_lines ("/ops/quant/linear", linear, G_N_ELEMENTS (linear));
  op_lines ("/ops/quant/products", products, G_N_ELEMENTS (products));
  return g_test_run ();
}
