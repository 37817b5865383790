/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "op-lines.h"

/* What older versions of elementwise operators did otherwise; each version that has a test of its own in no other place. */

/* Version 1 of most: consumed_inputs is a hint without effect. */
static const char *const first[] = {
  "Abs:1 consumed_inputs=[0] f32[2]{-1,2} -> f32[2]{1,2}",
  "Ceil:1 consumed_inputs=[0] f32[2]{-1.5,1.5} -> f32[2]{-1,2}",
  "Clip:1 consumed_inputs=[0] min=0.0 max=1.0 f64[3]{-1,0.5,3} -> f64[3]{0,0.5,1}",
  "Clip:1 max=1.0 f32[2]{-7,3} -> f32[2]{-7,1}",
  "Clip:6 min=2.0 f32[2]{-7,3} -> f32[2]{2,3}",
  "Elu:1 consumed_inputs=[0] alpha=2.0 f32[2]{-1,3} -> f32[2]{-1.2642411,3}",
  "Exp:1 consumed_inputs=[0] f32[2]{0,1} -> f32[2]{1,2.7182818}",
  "Floor:1 consumed_inputs=[0] f32[2]{-1.5,1.5} -> f32[2]{-2,1}",
  "HardSigmoid:1 consumed_inputs=[0] f32[3]{1,5,-5} -> f32[3]{0.7,1,0}",
  "HardSigmoid:1 consumed_inputs=[0] alpha=1.0 beta=0.0 f16[2]{0.25,-1} -> f16[2]{0.25,0}",
  "LeakyRelu:1 consumed_inputs=[0] f32[2]{-100,2} -> f32[2]{-1,2}",
  "Log:1 consumed_inputs=[0] f64[2]{1,10} -> f64[2]{0,2.3025851}",
  "Neg:1 consumed_inputs=[0] f32[2]{-1,2} -> f32[2]{1,-2}",
  "Reciprocal:1 consumed_inputs=[0] f32[2]{-4,0.5} -> f32[2]{-0.25,2}",
  "Relu:1 consumed_inputs=[0] f32[2]{-4,0.5} -> f32[2]{0,0.5}",
  /* The constants had fewer digits. */
  "Selu:1 consumed_inputs=[0] f32[2]{-100,2} -> f32[2]{-1.7580312,2.1014}",
  "Selu:6 f32[2]{-100,2} -> f32[2]{-1.7580993,2.1014020}",
  "Sigmoid:1 consumed_inputs=[0] f32[2]{0,1} -> f32[2]{0.5,0.7310586}",
  "Softsign:1 f64[2]{1,-3} -> f64[2]{0.5,-0.75}",
  "Sqrt:1 consumed_inputs=[0] f32[2]{0,9} -> f32[2]{0,3}",
  "Tanh:1 consumed_inputs=[0] f32[2]{0,1} -> f32[2]{0,0.7615942}",
  "PRelu:1 consumed_inputs=[0] f32[1,2,2]{-1,2,-3,-4} f32[2]{0.5,10} -> f32[1,2,2]{-0.5,2,-30,-40}",
  "PRelu:6 f32[1,2,1]{-1,-3} f32[1]{10} -> f32[1,2,1]{-10,-30}",
  "Max:1 consumed_inputs=[0,0,0] f32[2]{1,5} f32[2]{2,4} f32[2]{0,9} -> f32[2]{2,9}",
  "Min:1 consumed_inputs=[0,0] f64[2]{1,5} f64[2]{2,4} -> f64[2]{1,4}",
  "Mean:1 consumed_inputs=[0,0] f32[2]{1,5} f32[2]{2,4} -> f32[2]{1.5,4.5}",
  "Sum:1 consumed_inputs=[0,0] f32[2]{1,5} f32[2]{2,4} -> f32[2]{3,9}",
};

/* Before version 7 an operand was stretched only where broadcast said so, from axis on. */
static const char *const broadcasting[] = {
  "Sub:1 consumed_inputs=[0,0] broadcast=1 axis=0 f32[2,2]{1,2,3,4} f32[2]{10,20} -> f32[2,2]{-9,-8,-17,-16}",
  "Sub:6 broadcast=1 i32[2,2]{1,2,3,4} i32[2]{10,20} -> i32[2,2]{-9,-18,-7,-16}",
  "Sub:1 f32[2,2] f32[2] -> !broadcast is not set",
  "Mul:1 consumed_inputs=[0,0] broadcast=1 axis=1 f32[1,2,2]{1,2,3,4} f32[2]{10,100} -> f32[1,2,2]{10,20,300,400}",
  "Mul:6 broadcast=1 axis=-2 u64[2,2]{1,2,3,4} u64[2,1]{10,100} -> u64[2,2]{10,20,300,400}",
  "Div:1 consumed_inputs=[0,0] broadcast=1 f32[2,2]{1,2,3,4} f32[]{2} -> f32[2,2]{0.5,1,1.5,2}",
  "Div:6 broadcast=1 axis=0 i64[2,2]{-7,8,9,-10} i64[2]{2,3} -> i64[2,2]{-3,4,3,-3}",
  "Div:1 broadcast=1 axis=1 f32[2,2] f32[2,2,1] -> !rank 3 does not fit into rank 2",
  "Pow:1 broadcast=1 axis=0 f32[2,2]{1,2,3,4} f32[2]{2,3} -> f32[2,2]{1,4,27,64}",
  "And:1 broadcast=1 axis=0 bool[2,2]{1,1,1,0} bool[2]{0,1} -> bool[2,2]{0,0,1,0}",
  "Or:1 broadcast=1 axis=0 bool[2,2]{0,1,0,0} bool[2]{0,1} -> bool[2,2]{0,1,1,1}",
  "Xor:1 broadcast=1 bool[2,2]{0,1,1,0} bool[2]{0,1} -> bool[2,2]{0,0,1,1}",
  "Xor:1 bool[2,2] bool[2] -> !broadcast is not set",
  "Equal:1 broadcast=1 axis=0 i32[2,2]{1,2,2,3} i32[2]{1,2} -> bool[2,2]{1,0,1,0}",
  "Equal:1 bool[2]{1,0} bool[2]{1,1} -> bool[2]{1,0}",
  "Greater:1 broadcast=1 axis=0 f32[2,2]{1,2,2,3} f32[2]{1,2} -> bool[2,2]{0,1,0,1}",
  "Less:1 broadcast=1 axis=1 f64[2,2]{1,2,2,3} f64[2]{2,3} -> bool[2,2]{1,1,0,0}",
  "Less:1 f64[2,2] f64[1] -> !broadcast is not set",
};

static const char *const later[] = {
  "Ceil:6 f16[2]{-1.5,1.5} -> f16[2]{-1,2}",
  "Floor:6 f16[2]{-1.5,1.5} -> f16[2]{-2,1}",
  "Log:6 f16[1]{1} -> f16[1]{0}",
  "Reciprocal:6 f16[2]{-4,0.5} -> f16[2]{-0.25,2}",
  "Mean:6 f16[2]{1,5} f16[2]{2,4} f16[2]{6,0} -> f16[2]{3,3}",
  "Mean:8 f32[2,1]{1,5} f32[2]{2,4} -> f32[2,2]{1.5,2.5,3.5,4.5}",
  "Sum:6 f64[2]{1,5} -> f64[2]{1,5}",
  "Acos:7 f32[3]{0.5,1,2} -> f32[3]{1.0471976,0,nan}",
  "Asin:7 f32[2]{0.5,-1} -> f32[2]{0.5235988,-1.5707963}",
  "Atan:7 f64[2]{1,-inf} -> f64[2]{0.7853982,-1.5707963}",
  "Sin:7 f32[1]{0.5} -> f32[1]{0.4794255}",
  "Tan:7 f64[1]{0.5} -> f64[1]{0.5463025}",
  "Acosh:9 f32[2]{2,0.5} -> f32[2]{1.3169579,nan}",
  "Asinh:9 f32[2]{1,-1} -> f32[2]{0.8813736,-0.8813736}",
  "Atanh:9 f64[2]{0.5,1} -> f64[2]{0.5493061,inf}",
  "Cosh:9 f32[2]{1,-1} -> f32[2]{1.5430806,1.5430806}",
  "Sinh:9 f32[2]{1,-1} -> f32[2]{1.1752012,-1.1752012}",
  "Celu:12 alpha=2.0 f32[2]{-2,3} -> f32[2]{-1.2642411,3}",
  "Clip:11 f32[3]{-1,0.5,3} _ f32[]{1} -> f32[3]{-1,0.5,1}",
  "Clip:12 i8[3]{-5,0,5} i8[]{-2} i8[]{3} -> i8[3]{-2,0,3}",
  "Clip:12 u64[2]{1,9} u64[]{2} -> u64[2]{2,9}",
  /* Crossed limits: the upper one wins. */
  "Clip:12 f32[3]{-5,0,5} f32[]{2} f32[]{1} -> f32[3]{1,1,1}",
  "Equal:7 bool[2,1]{1,0} bool[2]{1,0} -> bool[2,2]{1,0,0,1}",
  "Equal:7 i64[2,1]{1,2} i64[2]{1,2} -> bool[2,2]{1,0,0,1}",
  "Equal:11 f32[3]{1,nan,-0} f32[3]{1,nan,0} -> bool[3]{1,0,1}",
  "Equal:11 u8[2]{1,255} u8[1]{255} -> bool[2]{0,1}",
  "Greater:7 f32[2,1]{1,2} f32[2]{1,nan} -> bool[2,2]{0,0,1,0}",
  "Greater:9 i8[2]{-128,127} i8[1]{0} -> bool[2]{0,1}",
  "Less:7 f64[2,1]{1,2} f64[2]{2,3} -> bool[2,2]{1,1,0,1}",
  "Less:9 u64[2]{1,18446744073709551615} u64[1]{2} -> bool[2]{1,0}",
  "GreaterOrEqual:12 f32[3]{1,2,nan} f32[1]{2} -> bool[3]{0,1,0}",
  "LessOrEqual:12 i16[3]{1,2,3} i16[1]{2} -> bool[3]{1,1,0}",
  "HardSwish:14 f32[3]{1,-4,4} -> f32[3]{0.6666667,0,4}",
  "IsInf:10 detect_negative=0 f32[3]{inf,-inf,1} -> bool[3]{1,0,0}",
  "IsInf:10 detect_positive=0 f64[3]{inf,-inf,nan} -> bool[3]{0,1,0}",
  "IsNaN:9 f16[2]{nan,1} -> bool[2]{1,0}",
  "IsNaN:13 bf16[2]{nan,inf} -> bool[2]{1,0}",
  "Max:12 i8[2]{-1,3} i8[1]{2} -> i8[2]{2,3}",
  "Max:12 u64[2]{1,18446744073709551615} u64[1]{2} -> u64[2]{2,18446744073709551615}",
  "Min:12 i16[2]{-1,3} i16[1]{2} -> i16[2]{-1,2}",
  "Mish:18 f32[1]{1} -> f32[1]{0.8650984}",
  "Mod:10 i32[4]{-4,4,-4,4} i32[4]{3,-3,-3,3} -> i32[4]{2,-2,-1,1}",
  "Mod:10 fmod=1 f32[2]{-4.5,4.5} f32[1]{3} -> f32[2]{-1.5,1.5}",
  "Mod:10 fmod=1 i8[2]{-4,4} i8[2]{3,-3} -> i8[2]{-1,1}",
  "Mul:13 bf16[2]{1.5,-2} bf16[1]{2} -> bf16[2]{3,-4}",
  "PRelu:7 f32[2,2]{-1,-2,-3,4} f32[2,1]{2,3} -> f32[2,2]{-2,-4,-9,4}",
  "PRelu:9 i32[2]{-3,4} i32[1]{2} -> i32[2]{-6,4}",
  "PRelu:9 u64[1]{7} u64[1]{0} -> u64[1]{7}",
  "Pow:7 f32[2,1]{2,3} f32[2]{2,-1} -> f32[2,2]{4,0.5,9,0.3333333}",
  "Pow:12 i32[2]{2,-3} f32[1]{2} -> i32[2]{4,9}",
  "Pow:12 f32[2]{2,4} i64[1]{-1} -> f32[2]{0.5,0.25}",
  "Relu:13 bf16[2]{-1.5,2} -> bf16[2]{0,2}",
  "ThresholdedRelu:10 alpha=2.0 f32[3]{1,2,3} -> f32[3]{0,0,3}",
  "ThresholdedRelu:10 f32[2]{1,1.5} -> f32[2]{0,1.5}",
};

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  op_lines ("/ops/versions/first", first, G_N_ELEMENTS (first));
  op_lines ("/ops/versions/broadcasting", broadcasting, G_N_ELEMENTS (broadcasting));
  op_lines ("/ops/versions/later", later, G_N_ELEMENTS (later));
  return g_test_run ();
}
