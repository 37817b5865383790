/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "op-lines.h"

static const char *const gather[] = {
  "Gather:1 f32[3]{1,2,3} i64[2]{2,0} -> f32[2]{3,1}",
  "Gather:13 axis=1 f32[2,2]{1,2,3,4} i64[]{-1} -> f32[2]{2,4}",
  "Gather:13 axis=1 str[2,2]{a,b,c,d} i32[1,2]{1,1} -> str[2,1,2]{b,b,d,d}",
  "Gather:13 c128[2]{1,2} i64[1]{1} -> c128[1]{2}",
  "Gather:13 f32[3] i64[2]{0,3} -> !index 3 is outside of -3..2",
  "Gather:13 f32[3] i64[1]{-4} -> !index -4 is outside",
  "Gather:13 f32[0,2] i64[0]{} -> f32[0,2]{}",
  "Gather:13 f32[0,2] i64[2]{0,0} -> !outside of",
  "Gather:13 f32[3] f32[1] -> !integer type",
  "Gather:13 f32[V,8] i64[N,S] ~> f32[N,S,8]",
  "Gather:13 i64[2]{N,3} i64[]{0} ~> i64[]{N}",
  "GatherElements:11 axis=1 f32[2,2]{1,2,3,4} i64[2,2]{0,0,1,0} -> f32[2,2]{1,1,4,3}",
  "GatherElements:13 str[3]{a,b,c} i64[2]{-1,0} -> str[2]{c,a}",
  "GatherElements:13 f32[2] i64[1,1] -> !indices have rank 2",
  "GatherElements:13 f32[2] i64[1]{2} -> !outside of",
  "GatherND:11 f32[2,2]{1,2,3,4} i64[2,2]{0,0,1,1} -> f32[2]{1,4}",
  "GatherND:12 batch_dims=1 f32[2,2]{1,2,3,4} i64[2,1]{1,0} -> f32[2]{2,3}",
  "GatherND:13 str[2,2]{a,b,c,d} i64[1,1]{1} -> str[1,2]{c,d}",
  "GatherND:13 f32[2,2] i64[1,3] -> !tuples have 3 parts",
  "GatherND:13 f32[2,2] i64[1,1]{5} -> !outside of",
  "GatherND:13 batch_dims=2 f32[2,2] i64[2,2] -> !batch_dims 2",
  "OneHot:9 i64[2]{1,-1} i64[]{3} f32[2]{0,5} -> f32[2,3]{0,5,0,0,0,5}",
  "OneHot:11 axis=0 f32[2]{0,9} f32[1]{2} i32[2]{1,2} -> i32[2,2]{2,1,1,1}",
  "OneHot:11 i64[1]{0} i64[]{2} str[2]{no,yes} -> str[1,2]{yes,no}",
  "OneHot:11 i64[1]{0} i64[]{-1} f32[2] -> !not a size",
  "OneHot:11 i64[1]{0} i64[]{2} f32[3] -> !two elements",
  "OneHot:11 i64[N] i64[]{D} f32[2] ~> f32[N,D]",
};

static const char *const scatter[] = {
  "Scatter:9 f32[3]{1,2,3} i64[1]{1} f32[1]{9} -> f32[3]{1,9,3}",
  "ScatterElements:11 axis=1 str[1,3]{a,b,c} i64[1,2]{-1,0} str[1,2]{x,y} -> str[1,3]{y,b,x}",
  "ScatterElements:16 reduction='add' f32[2]{1,2} i64[3]{1,1,0} f32[3]{1,1,1} -> f32[2]{2,4}",
  "ScatterElements:18 reduction='max' i8[2]{1,-2} i64[2]{1,0} i8[2]{-1,-5} -> i8[2]{1,-1}",
  "ScatterElements:18 reduction='mul' i32[1]{2147483647} i64[1]{0} i32[1]{2} -> i32[1]{-2}",
  "ScatterElements:18 reduction='min' bf16[1]{3} i64[1]{0} bf16[1]{2} -> bf16[1]{2}",
  "ScatterElements:16 reduction='min' f32[1] i64[1]{0} f32[1] -> !not known to version 16",
  "ScatterElements:18 reduction='add' str[1]{a} i64[1]{0} str[1]{b} -> !not defined for str",
  "ScatterElements:18 f32[1] i64[1]{1} f32[1] -> !outside of",
  "ScatterElements:18 f32[1] i64[1]{0} f64[1] -> !updates are f64",
  "ScatterElements:18 f32[2] i64[1] f32[2] -> !indices have 1 on axis 0",
  "ScatterND:11 f32[2,2]{1,2,3,4} i64[1,1]{1} f32[1,2]{8,9} -> f32[2,2]{1,2,8,9}",
  "ScatterND:16 reduction='add' u8[2]{250,1} i64[2,1]{0,0} u8[2]{3,4} -> u8[2]{1,1}",
  "ScatterND:18 str[2]{a,b} i64[1,1]{-1} str[1]{x} -> str[2]{a,x}",
  "ScatterND:18 f32[2] i64[1,1]{2} f32[1] -> !outside of",
  "ScatterND:18 f32[2] i64[1,1] f32[2] -> !updates have 2",
  "ScatterND:18 f32[N,2] i64[K,1] f32[K,2] ~> f32[N,2]",
  "TensorScatter:24 axis=1 f32[1,3]{1,2,3} f32[1,2]{8,9} i64[1]{1} -> f32[1,3]{1,8,9}",
  "TensorScatter:24 axis=1 mode='circular' f32[1,3]{1,2,3} f32[1,2]{8,9} i64[1]{2} -> f32[1,3]{9,2,8}",
  "TensorScatter:24 axis=1 f32[1,3] f32[1,2] i64[1]{2} -> !do not fit",
};

static const char *const order[] = {
  "TopK:1 k=2 f32[4]{1,3,3,2} -> f32[2]{3,3} i64[2]{1,2}",
  "TopK:10 axis=0 f32[2,2]{1,4,3,2} i64[1]{1} -> f32[1,2]{3,4} i64[1,2]{1,0}",
  "TopK:11 largest=0 f32[4]{2,-1,-1,0} i64[1]{3} -> f32[3]{-1,-1,0} i64[3]{1,2,3}",
  "TopK:11 u64[3]{1,9,5} i64[1]{3} -> u64[3]{9,5,1} i64[3]{1,2,0}",
  "TopK:11 f32[3]{1,nan,2} i64[1]{2} -> f32[2]{nan,2} i64[2]{1,2}",
  "TopK:11 largest=0 f16[3]{-1,-0,0} i64[1]{3} -> f16[3]{-1,0,0} i64[3]{0,1,2}",
  "TopK:11 f32[3] i64[1]{0} -> f32[0]{} i64[0]{}",
  "TopK:11 f32[3] i64[1]{4} -> !has only 3",
  "TopK:11 f32[3] i64[1]{-1} -> !K is -1",
  "TopK:11 f32[N,9] i64[1]{K} ~> f32[N,K] i64[N,K]",
  "Unique:11 f32[5]{2,1,1,3,2} -> f32[3]{1,2,3} i64[3]{1,0,3} i64[5]{1,0,0,2,1} i64[3]{2,2,1}",
  "Unique:11 sorted=0 str[4]{b,a,b,c} -> str[3]{b,a,c} i64[3]{0,1,3} i64[4]{0,1,0,2} i64[3]{2,1,1}",
  "Unique:11 axis=0 f32[3,2]{1,2,0,5,1,2} -> f32[2,2]{0,5,1,2} i64[2]{1,0} i64[3]{1,0,1} i64[2]{1,2}",
  "Unique:11 axis=-1 i32[1,3]{4,3,4} -> i32[1,2]{3,4} i64[2]{1,0} i64[3]{1,0,1} i64[2]{1,2}",
  "Unique:11 f32[0]{} -> f32[0]{} i64[0]{} i64[0]{} i64[0]{}",
};

static const char *const regions[] = {
  "NonMaxSuppression:10 f32[1,3,4]{0,0,1,1,0,0.1,1,1.1,0,10,1,11} f32[1,1,3]{0.9,0.75,0.6} i64[1]{3} f32[1]{0.5}"
  " f32[1]{0} -> i64[2,3]{0,0,0,0,0,2}",
  "NonMaxSuppression:11 f32[1,2,4]{1,1,0,0,0,10,1,11} f32[1,1,2]{0.9,0.95} i64[1]{1} -> i64[1,3]{0,0,1}",
  "NonMaxSuppression:11 center_point_box=1 f32[1,2,4]{0.5,0.5,1,1,0.5,0.6,1,1} f32[1,1,2]{0.9,0.95} i64[1]{9} f32[1]{0.5}"
  " -> i64[1,3]{0,0,1}",
  "NonMaxSuppression:11 f32[1,2,4] f32[1,1,2] -> i64[0,3]{}",
  "NonMaxSuppression:11 f32[1,2,4] f32[1,1,3] -> !number of boxes",
  "NonMaxSuppression:11 f32[1,2,4] f32[1,1,2] i64[1]{1} f32[1]{2} -> !expected 0..1",
  "RoiAlign:10 f32[1,1,2,2]{1,2,3,4} f32[1,4]{0,0,2,2} i64[1]{0} -> f32[1,1,1,1]{3.25}",
  "RoiAlign:16 f32[1,1,2,2]{1,2,3,4} f32[1,4]{0,0,2,2} i64[1]{0} -> f32[1,1,1,1]{2.5}",
  "RoiAlign:16 f32[1,1,2,2] f32[1,4] i64[1]{1} -> !batch index 1",
  "RoiAlign:16 f32[1,1,2,2] f32[1,4]{0,0,inf,1} i64[1]{0} -> !sensible size",
  "RoiAlign:16 output_height=2 output_width=3 f32[1,C,8,8] f32[R,4] i64[R] ~> f32[R,C,2,3]",
  "MaxRoiPool:1 pooled_shape=[1,1] f32[1,1,2,2]{1,2,3,4} f32[1,5]{0,0,0,1,1} -> f32[1,1,1,1]{4}",
  "MaxRoiPool:1 pooled_shape=[2,2] f32[1,1,2,2]{1,2,3,4} f32[1,5]{0,0,0,1,1} -> f32[1,1,2,2]{1,2,3,4}",
  "MaxRoiPool:1 pooled_shape=[1,1] f32[1,1,2,2] f32[1,5]{7,0,0,1,1} -> !batch index 7",
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  op_lines ("/ops/gather", gather, G_N_ELEMENTS (gather));
  op_lines ("/ops/scatter", scatter, G_N_ELEMENTS (scatter));
  op_lines ("/ops/order", order, G_N_ELEMENTS (order));
  op_lines ("/ops/regions", regions, G_N_ELEMENTS (regions));
  return g_test_run ();
}
