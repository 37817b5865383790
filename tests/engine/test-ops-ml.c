/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "op-lines.h"

/* One tree: feature 0 <= 0.5 ? leaf 1 : leaf 2. */
#define TREE                                                                                                         \
  "nodes_treeids=[0,0,0] nodes_nodeids=[0,1,2] nodes_featureids=[0,0,0] nodes_truenodeids=[1,0,0]"                    \
  " nodes_falsenodeids=[2,0,0] nodes_modes=['BRANCH_LEQ','LEAF','LEAF'] nodes_values=[0.5,0.0,0.0]"

static const char *const trees[] = {
  "ai.onnx.ml/TreeEnsembleRegressor:1 n_targets=1 " TREE
  " target_treeids=[0,0] target_nodeids=[1,2] target_ids=[0,0] target_weights=[3.0,4.0] base_values=[1.0]"
  " f32[3,1]{0,1,nan} -> f32[3,1]{4,5,5}",
  "ai.onnx.ml/TreeEnsembleRegressor:3 n_targets=2 aggregate_function='MAX' nodes_missing_value_tracks_true=[1,0,0] " TREE
  " target_treeids=[0,0] target_nodeids=[1,2] target_ids=[0,1] target_weights=[-3.0,4.0] f64[2,1]{nan,1}"
  " -> f32[2,2]{-3,0,0,4}",
  /* All leaves speak of one class and have positive weights: a probability. */
  "ai.onnx.ml/TreeEnsembleClassifier:1 classlabels_int64s=[7,8] " TREE
  " class_treeids=[0,0] class_nodeids=[1,2] class_ids=[0,0] class_weights=[0.25,0.75] f32[2,1]{0,1}"
  " -> i64[2]{7,8} f32[2,2]{0.75,0.25,0.25,0.75}",
  /* Mixed weights: the sign decides. */
  "ai.onnx.ml/TreeEnsembleClassifier:1 post_transform='LOGISTIC' classlabels_strings=['no','yes'] " TREE
  " class_treeids=[0,0] class_nodeids=[1,2] class_ids=[0,0] class_weights=[-1.0,1.0] i64[2,1]{0,1}"
  " -> str[2]{no,yes} f32[2,2]{0.731059,0.268941,0.268941,0.731059}",
  "ai.onnx.ml/TreeEnsembleClassifier:3 classlabels_int64s=[7,8,9] " TREE
  " class_treeids=[0,0,0] class_nodeids=[1,2,2] class_ids=[0,1,2] class_weights=[1.0,0.25,0.75] f32[2]{0,0}"
  " -> i64[1]{7} f32[1,3]{1,0,0}",
  "ai.onnx.ml/TreeEnsembleClassifier:1 classlabels_int64s=[7,8] base_values=[0.5,0.25] " TREE
  " class_treeids=[0,0] class_nodeids=[1,2] class_ids=[1,1] class_weights=[1.0,-1.0] f32[1,1]{0} -> i64[1]{8} f32[1,2]{0,0.25}",
  "ai.onnx.ml/TreeEnsembleClassifier:1 " TREE " f32[2,1] -> !classlabels",
  "ai.onnx.ml/TreeEnsembleRegressor:1 " TREE
  " target_treeids=[0] target_nodeids=[9] target_ids=[0] target_weights=[3.0] f32[1,1] -> !tree 0 has no node 9",
  "ai.onnx.ml/TreeEnsembleRegressor:1 " TREE
  " target_treeids=[0] target_nodeids=[1] target_ids=[5] target_weights=[3.0] f32[1,1] -> !target 5 of 1",
  "ai.onnx.ml/TreeEnsembleRegressor:1 nodes_treeids=[0,0] nodes_nodeids=[0,1] nodes_featureids=[0,0]"
  " nodes_truenodeids=[1,0] nodes_falsenodeids=[1,0] nodes_modes=['BRANCH_LT','BRANCH_LT'] nodes_values=[0.0,0.0]"
  " f32[1,1] -> !has no root",
  "ai.onnx.ml/TreeEnsembleRegressor:1 nodes_treeids=[0,0,0] nodes_nodeids=[0,1,2] nodes_featureids=[0,0,0]"
  " nodes_truenodeids=[1,2,1] nodes_falsenodeids=[1,2,1] nodes_modes=['BRANCH_LT','BRANCH_LT','BRANCH_LT']"
  " nodes_values=[0.0,0.0,0.0] f32[1,1] -> !in circles",
  "ai.onnx.ml/TreeEnsemble:5 tree_roots=[0] nodes_featureids=[0] nodes_splits=<f32[1]{0.5}> nodes_modes=<u8[1]{2}>"
  " nodes_truenodeids=[1] nodes_trueleafs=[1] nodes_falsenodeids=[0] nodes_falseleafs=[1] leaf_targetids=[0,1]"
  " leaf_weights=<f32[2]{5,6}> n_targets=2 f32[2,1]{0,1} -> f32[2,2]{5,0,0,6}",
  "ai.onnx.ml/TreeEnsemble:5 tree_roots=[0] nodes_featureids=[0] nodes_splits=<f64[1]{0}> nodes_modes=<u8[1]{6}>"
  " membership_values=<f64[3]{2,3,nan}> nodes_truenodeids=[1] nodes_trueleafs=[1] nodes_falsenodeids=[0]"
  " nodes_falseleafs=[1] leaf_targetids=[0,0] leaf_weights=<f64[2]{5,6}> f64[3,1]{3,4,2} -> f64[3,1]{6,5,6}",
  "ai.onnx.ml/TreeEnsemble:5 tree_roots=[3] nodes_featureids=[0] nodes_splits=<f32[1]{0.5}> nodes_modes=<u8[1]{2}>"
  " nodes_truenodeids=[1] nodes_trueleafs=[1] nodes_falsenodeids=[0] nodes_falseleafs=[1] leaf_targetids=[0,0]"
  " leaf_weights=<f32[2]{5,6}> f32[1,1] -> !no root",
};

static const char *const linear[] = {
  "ai.onnx.ml/LinearRegressor:1 coefficients=[1.0,2.0] intercepts=[10.0] f32[2,2]{1,1,2,3} -> f32[2,1]{13,18}",
  "ai.onnx.ml/LinearRegressor:1 targets=2 coefficients=[1.0,2.0,0.0,1.0] i64[2]{3,4} -> f32[1,2]{11,4}",
  "ai.onnx.ml/LinearRegressor:1 coefficients=[1.0] f32[1,2] -> !1 coefficients",
  "ai.onnx.ml/LinearClassifier:1 coefficients=[1.0,0.0,0.0,1.0] intercepts=[0.0,0.5] classlabels_strings=['a','b']"
  " post_transform='SOFTMAX' f32[2,2]{1,1,2,0} -> str[2]{b,a} f32[2,2]{0.377541,0.622459,0.817574,0.182426}",
  "ai.onnx.ml/LinearClassifier:1 coefficients=[1.0] intercepts=[0.0] classlabels_ints=[3,4] f32[2,1]{0.2,-1}"
  " -> i64[2]{4,3} f32[2,2]{0.8,0.2,2,-1}",
  "ai.onnx.ml/LinearClassifier:1 coefficients=[1.0] intercepts=[0.0] post_transform='LOGISTIC' classlabels_ints=[3,4]"
  " f32[1,1]{1} -> i64[1]{4} f32[1,2]{0.268941,0.731059}",
  "ai.onnx.ml/LinearClassifier:1 coefficients=[1.0,2.0] intercepts=[0.0,0.0] classlabels_ints=[3] f32[1,1] -> !2 scores",
  "ai.onnx.ml/SVMRegressor:1 kernel_type='RBF' kernel_params=[0.5,0.0,3.0] n_supports=2 support_vectors=[0.0,1.0]"
  " coefficients=[1.0,-1.0] rho=[0.25] f32[1,1]{0} -> f32[1,1]{0.643469}",
  "ai.onnx.ml/SVMRegressor:1 one_class=1 coefficients=[1.0] rho=[-0.5] f32[2,1]{0,1} -> f32[2,1]{-1,1}",
  "ai.onnx.ml/SVMRegressor:1 n_supports=2 support_vectors=[0.0] coefficients=[1.0,1.0] rho=[0.0] f32[1,1]"
  " -> !support_vectors has 1",
  /* Two classes, one vector each, linear: the vote, and the score with its opposite. */
  "ai.onnx.ml/SVMClassifier:1 vectors_per_class=[1,1] support_vectors=[1.0,-1.0] coefficients=[0.5,-0.5] rho=[0.0]"
  " classlabels_ints=[3,4] f32[2,1]{2,-2} -> i64[2]{3,4} f32[2,2]{-2,2,2,-2}",
  "ai.onnx.ml/SVMClassifier:1 vectors_per_class=[1,1] support_vectors=[1.0,-1.0] coefficients=[0.5,-0.5] rho=[0.0]"
  " prob_a=[-1.0] prob_b=[0.0] classlabels_strings=['p','n'] f32[1,1]{2} -> str[1]{p} f32[1,2]{0.880797,0.119203}",
  "ai.onnx.ml/SVMClassifier:1 kernel_type='POLY' kernel_params=[1.0,0.0,2.0] vectors_per_class=[1,1,1]"
  " support_vectors=[1.0,2.0,3.0] coefficients=[1.0,-1.0,-1.0,1.0,1.0,-1.0] rho=[0.0,0.0,0.0] classlabels_ints=[1,2,3]"
  " f32[1,1]{1} -> i64[1]{3} f32[1,3]{-3,-8,-5}",
  "ai.onnx.ml/SVMClassifier:1 kernel_type='x' coefficients=[1.0] rho=[0.0] classlabels_ints=[1] f32[1,1] -> !kernel_type",
};

static const char *const features[] = {
  "ai.onnx.ml/Binarizer:1 threshold=1.0 f32[3]{0,1,2} -> f32[3]{0,0,1}",
  "ai.onnx.ml/Imputer:1 imputed_value_floats=[9.0,8.0] replaced_value_float=nan f32[2,2]{nan,1,2,nan} -> f32[2,2]{9,1,2,8}",
  "ai.onnx.ml/Imputer:1 imputed_value_int64s=[5] replaced_value_int64=-1 i64[1,2]{-1,3} -> i64[1,2]{5,3}",
  "ai.onnx.ml/Imputer:1 imputed_value_floats=[9.0,8.0] f32[1,3] -> !2 imputed floats",
  "ai.onnx.ml/Normalizer:1 norm='L2' f32[1,2]{3,4} -> f32[1,2]{0.6,0.8}",
  "ai.onnx.ml/Normalizer:1 norm='L1' i64[2,2]{-1,3,0,0} -> f32[2,2]{-0.25,0.75,0,0}",
  "ai.onnx.ml/Normalizer:1 f64[2]{2,4} -> f32[2]{0.5,1}",
  "ai.onnx.ml/Normalizer:1 norm='L3' f32[1,2] -> !not one of",
  "ai.onnx.ml/Scaler:1 offset=[1.0] scale=[2.0,3.0] f32[2,2]{1,2,3,4} -> f32[2,2]{0,3,4,9}",
  "ai.onnx.ml/Scaler:1 offset=[1.0,2.0,3.0] f32[2,2] -> !3 offsets",
  "ai.onnx.ml/FeatureVectorizer:1 inputdimensions=[1,3] f32[2,2]{1,2,3,4} i64[2,2]{5,6,7,8} -> f32[2,4]{1,5,6,0,3,7,8,0}",
  "ai.onnx.ml/FeatureVectorizer:1 f32[2] f32[N,3] ~> f32[1,5]",
  "ai.onnx.ml/ArrayFeatureExtractor:1 f32[2,3]{1,2,3,4,5,6} i64[2]{2,0} -> f32[2,2]{3,1,6,4}",
  "ai.onnx.ml/ArrayFeatureExtractor:1 str[3]{a,b,c} i64[1]{1} -> str[1,1]{b}",
  "ai.onnx.ml/ArrayFeatureExtractor:1 f32[3] i64[1]{3} -> !feature 3",
  "ai.onnx.ml/OneHotEncoder:1 cats_int64s=[4,5] f32[3]{5,4,6} -> f32[3,2]{0,1,1,0,0,0}",
  "ai.onnx.ml/OneHotEncoder:1 zeros=0 cats_strings=['a'] str[2]{a,b} -> !no known category",
};

static const char *const maps[] = {
  "ai.onnx.ml/LabelEncoder:1 classes_strings=['a','b'] str[3]{b,a,z} -> i64[3]{1,0,-1}",
  "ai.onnx.ml/LabelEncoder:1 classes_strings=['a','b'] i64[2]{1,7} -> str[2]{b,_Unused}",
  "ai.onnx.ml/LabelEncoder:2 keys_strings=['a','b'] values_int64s=[5,6] default_int64=9 str[3]{b,a,z} -> i64[3]{6,5,9}",
  "ai.onnx.ml/LabelEncoder:2 keys_floats=[1.0,nan] values_strings=['one','none'] f32[3]{nan,1,2} -> str[3]{none,one,_Unused}",
  "ai.onnx.ml/LabelEncoder:2 keys_int64s=[1] values_floats=[0.5,0.25] i64[1] -> !1 keys stand against 2",
  ("ai.onnx.ml/LabelEncoder:4 keys_tensor=<str[2]{a,b}> values_tensor=<i16[2]{5,6}> default_tensor=<i16[1]{9}>"
   " str[2]{b,z} -> i16[2]{6,9}"),
  "ai.onnx.ml/LabelEncoder:2 keys_int64s=[1] values_int64s=[1] str[1] -> !the keys are i64",
  "ai.onnx.ml/CategoryMapper:1 cats_int64s=[7,8] cats_strings=['a','b'] str[2]{b,z} -> i64[2]{8,-1}",
  "ai.onnx.ml/CategoryMapper:1 cats_int64s=[7,8] cats_strings=['a','b'] default_string='?' i64[2]{7,9} -> str[2]{a,?}",
  "ai.onnx.ml/ZipMap:1 classlabels_int64s=[1,2,3] f32[2,2] -> !2 columns for 3",
  "ai.onnx.ml/ZipMap:1 f32[2,2] -> !must be given",
  "ai.onnx.ml/DictVectorizer:1 int64_vocabulary=[1] f32[2] -> !must be a map",
  "ai.onnx.ml/CastMap:1 f32[2] -> !must be a map",
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  op_lines ("/ops/ml/trees", trees, G_N_ELEMENTS (trees));
  op_lines ("/ops/ml/linear", linear, G_N_ELEMENTS (linear));
  op_lines ("/ops/ml/features", features, G_N_ELEMENTS (features));
  op_lines ("/ops/ml/maps", maps, G_N_ELEMENTS (maps));
  return g_test_run ();
}
