/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "op-lines.h"

/* Attention of ONNX Runtime's domain. Where keys are zero every key that a row may see has the same weight. */

/* The input {1, 3} becomes V = {2, 6}. */
#define PLAIN "com.microsoft/Attention:1 num_heads=1 f32[1,2,1]{1,3} f32[1,3]{0,0,2} "
#define PLAIN_CAUSAL "com.microsoft/Attention:1 num_heads=1 unidirectional=1 f32[1,2,1]{1,3} f32[1,3]{0,0,2} "

static const char *const packed[] = {
  PLAIN "-> f32[1,2,1]{4,4}",
  PLAIN "f32[3]{5,0,1} -> f32[1,2,1]{5,5}",
  PLAIN_CAUSAL "-> f32[1,2,1]{2,4}",
  /* Masks: lengths; ends and starts; lengths and more; keys; rows and keys; one for any length. */
  PLAIN "_ i32[1]{1} -> f32[1,2,1]{2,2}",
  PLAIN "_ i32[2]{2,1} -> f32[1,2,1]{6,6}",
  PLAIN "_ i32[5]{1,0,2,0,2} -> f32[1,2,1]{2,2}",
  PLAIN "_ i32[1,2]{0,1} -> f32[1,2,1]{6,6}",
  PLAIN "_ i32[1,1]{0} -> f32[1,2,1]{4,4}",
  PLAIN "_ i32[1,2,2]{1,0,0,1} -> f32[1,2,1]{2,6}",
  PLAIN "_ i32[1,1,3,3]{1,0,0,1,1,0,0,0,0} -> f32[1,2,1]{2,4}",
  PLAIN "_ i32[1,3] -> !expected the mask to be",
  ("com.microsoft/Attention:1 num_heads=1 mask_filter_value=0.0 f32[1,2,1]{1,3} f32[1,3]{0,0,2} _ i32[1,2]{0,1} -> "
   "f32[1,2,1]{4,4}"),
  /* Least numbers everywhere: what is to come counts like what is masked. */
  ("com.microsoft/Attention:1 num_heads=1 unidirectional=1 mask_filter_value=-3.4028234663852886e+38 f32[1,2,1]{1,3} "
   "f32[1,3]{0,0,2} _ i32[1,2]{0,1} -> f32[1,2,1]{4,6}"),
  PLAIN "_ _ _ f32[1,1,2,2]{0,-1e9,-1e9,0} -> f32[1,2,1]{2,6}",
  PLAIN "_ _ _ f32[1,1,2,3] -> !attention_bias",
  /* With keys {0, ln 3} the second of two rows gives the weights 1 and 3, or 1 and 9. */
  "com.microsoft/Attention:1 num_heads=1 f32[1,2,1]{0,1} f32[1,3]{1,1.0986123,4} -> f32[1,2,1]{2,3}",
  "com.microsoft/Attention:1 num_heads=1 scale=2.0 f32[1,2,1]{0,1} f32[1,3]{1,1.0986123,4} -> f32[1,2,1]{2,3.6}",
  "com.microsoft/Attention:1 num_heads=1 f16[1,2,1]{0,1} f16[1,3]{1,1.0986123,4} -> f16[1,2,1]{2,3}",
  "com.microsoft/Attention:1 num_heads=1 qkv_hidden_sizes=[1,1,2] f32[1,2,1]{1,3} f32[1,4]{0,0,2,20} -> f32[1,2,2]{4,40,4,40}",
  ("com.microsoft/Attention:1 num_heads=2 f32[1,2,1]{1,3} f32[1,6]{0,0,0,0,2,20} -> f32[1,2,2]{4,40,4,40} "
   "f32[2,1,2,2,1]{0,0,0,0,2,6,20,60}"),
  /* A key 5 and a value 8 of before. */
  (PLAIN_CAUSAL "_ _ f32[2,1,1,1,1]{5,8} -> f32[1,2,1]{5,5.3333335} f32[2,1,1,3,1]{5,0,0,8,2,6}"),
  ("com.microsoft/Attention:1 num_heads=1 past_present_share_buffer=1 f32[1,2,1]{1,3} f32[1,3]{0,0,2} _ _ "
   "f32[2,1,1,4,1]{5,9,9,7,8,9,9,7} _ i32[1]{1} -> f32[1,2,1]{5.3333335,5.3333335} f32[2,1,1,4,1]{5,0,0,7,8,2,6,7}"),
  ("com.microsoft/Attention:1 num_heads=1 past_present_share_buffer=1 f32[1,2,1]{1,3} f32[1,3]{0,0,2} _ _ f32[2,1,1,2,1] _ "
   "i32[1]{1} -> !do not fit into 2"),
  PLAIN "_ _ f32[2,1,2,1,1] -> !expected past",
  /* Rows are turned by their place: q k is k cos (s - t), and k (1 - cos 1) is ln 3. */
  ("com.microsoft/Attention:1 num_heads=1 do_rotary=1 scale=1.0 f32[1,2,2]{1,0,1,1} "
   "f32[2,6]{1,0,2.3898583,0,0,0,0,0,0,0,4,8} -> f32[1,2,2]{1,2,3,6}"),
  "com.microsoft/Attention:1 num_heads=2 f32[1,2,1] f32[1,3] -> !do not divide",
  "com.microsoft/Attention:1 num_heads=0 f32[1,2,1] f32[1,3] -> !num_heads is 0",
  "com.microsoft/Attention:1 num_heads=1 f32[1,2,2] f32[1,3] -> !expected 2",
  "com.microsoft/Attention:1 num_heads=1 i32[1,2,1] i32[1,3] -> !expected a float type",
  "com.microsoft/Attention:1 num_heads=2 f32[B,S,8] f32[8,24] f32[24] i32[B,T] f32[2,B,2,P,4] ~> f32[B,S,8] f32[2,B,2,S+P,4]",
  ("com.microsoft/DecoderMaskedSelfAttention:1 num_heads=1 f32[1,1,1]{3} f32[1,3]{0,0,2} f32[3] _ f32[2,1,1,1,1]{5,8} -> "
   "f32[1,1,1]{7} f32[2,1,1,2,1]{5,0,8,6}"),
  ("com.microsoft/DecoderMaskedSelfAttention:1 num_heads=1 f32[1,2,1] f32[1,3] f32[3] _ f32[2,1,1,1,1] -> !expected one row"),
  ("com.microsoft/DecoderMaskedSelfAttention:1 num_heads=1 f32[1,1,1] f32[1,3] f32[3] _ f32[2,1,1,1,1] _ _ i32[1]{4} -> "
   "!several beams"),
  /* V = {2, 6, 10} in sequences of one and two. */
  ("com.microsoft/PackedAttention:1 num_heads=1 f32[3,1]{1,3,5} f32[1,3]{0,0,2} f32[3] i32[2,2]{0,2,3,1} i32[3]{0,1,3} -> "
   "f32[3,1]{2,8,8}"),
  ("com.microsoft/PackedAttention:1 num_heads=1 f32[3,1]{1,3,5} f32[1,3]{0,0,2} f32[3] i32[2,2]{0,2,3,1} i32[3]{0,1,3} "
   "f32[2,1,2,2]{0,0,0,0,0,-1e9,-1e9,0} -> f32[3,1]{2,6,10}"),
  "com.microsoft/PackedAttention:1 num_heads=1 f32[3,1] f32[1,3] f32[3] i32[2,2] i32[3]{0,3,3} -> !sequence 0",
  "com.microsoft/PackedAttention:1 num_heads=1 f32[3,1] f32[1,3] f32[3] i32[2,2] i32[3]{0,1,2} -> !from 0 to 3",
};

#define GROUP "com.microsoft/GroupQueryAttention:1 num_heads=1 kv_num_heads=1 "

static const char *const group[] = {
  GROUP "f32[1,2,1] f32[1,2,1] f32[1,2,1]{2,6} _ _ i32[1]{1} i32[]{2} -> f32[1,2,1]{2,4} f32[1,1,2,1]{0,0} f32[1,1,2,1]{2,6}",
  GROUP "f32[1,2,3]{0,0,2,0,0,6} _ _ _ _ i32[1]{1} i32[]{2} -> f32[1,2,1]{2,4} f32[1,1,2,1]{0,0} f32[1,1,2,1]{2,6}",
  GROUP "causal=0 f32[1,2,1] f32[1,2,1] f32[1,2,1]{2,6} _ _ i32[1]{1} i32[]{2} -> f32[1,2,1]{4,4}",
  GROUP "local_window_size=1 f32[1,2,1] f32[1,2,1] f32[1,2,1]{2,6} _ _ i32[1]{1} i32[]{2} -> f32[1,2,1]{2,6}",
  /* One more weight without a value. */
  GROUP "smooth_softmax=1 f32[1,2,1] f32[1,2,1] f32[1,2,1]{2,7} _ _ i32[1]{1} i32[]{2} -> f32[1,2,1]{1,3}",
  (GROUP "f32[1,2,1] f32[1,2,1] f32[1,2,1]{2,6} _ _ i32[1]{1} i32[]{2} _ _ _ _ f32[1]{0.6931472} -> "
         "f32[1,2,1]{0.6666667,2}"),
  /* Two heads share the keys {0, ln 3}: a query of 1 gives 1 and 3, one of 2 gives 1 and 9; capped at 1 it is tanh. */
  ("com.microsoft/GroupQueryAttention:1 num_heads=2 kv_num_heads=1 f32[1,1,2]{1,2} f32[1,1,1]{1.0986123} f32[1,1,1]{4} "
   "f32[1,1,1,1] f32[1,1,1,1] i32[1]{1} i32[]{2} -> f32[1,1,2]{3,3.6} f32[1,1,2,1]{0,1.0986123} f32[1,1,2,1]{0,4}"),
  (GROUP "softcap=1.0 qk_output=1 f32[1,1,1]{1} f32[1,1,1]{0.54930615} f32[1,1,1]{4} f32[1,1,1,1] f32[1,1,1,1] i32[1]{1} "
         "i32[]{2} -> f32[1,1,1]{2.4898374} f32[1,1,2,1]{0,0.54930615} f32[1,1,2,1]{0,4} f32[1,1,1,2]{0,0.5}"),
  (GROUP "qk_output=2 f32[1,2,1] f32[1,2,1] f32[1,2,1]{2,6} _ _ i32[1]{1} i32[]{2} -> f32[1,2,1]{2,4} f32[1,1,2,1]{0,0} "
         "f32[1,1,2,1]{2,6} f32[1,1,2,2]{1,0,0.5,0.5}"),
  (GROUP "f32[1,2,1] f32[1,2,1] f32[1,2,1]{2,6} _ _ i32[1]{1} i32[]{2} _ _ _ f32[1,1,2,2]{0,0,-1e9,0} -> f32[1,2,1]{2,6}"),
  /* Batches of other lengths in a cache with room. */
  ("com.microsoft/GroupQueryAttention:1 num_heads=1 kv_num_heads=1 f32[2,1,1] f32[2,1,1] f32[2,1,1]{6,9} f32[2,1,4,1] "
   "f32[2,1,4,1]{2,4,0,0,1,5,7,7} i32[2]{2,0} i32[]{3} -> f32[2,1,1]{4,9} f32[2,1,4,1]{0,0,0,0,0,0,0,0} "
   "f32[2,1,4,1]{2,4,6,0,9,0,0,0}"),
  /* A quarter turn at position 1; the second key is as far from the first as it was. */
  (GROUP "do_rotary=1 f32[1,1,2]{1,0} f32[1,1,2]{1,0} f32[1,1,2]{4,8} f32[1,1,1,2] f32[1,1,1,2] i32[1]{1} i32[]{2} "
         "f32[2,1]{1,0} f32[2,1]{0,1} -> f32[1,1,2]{2.6790526,5.3581052} f32[1,1,2,2]{0,0,0,1} f32[1,1,2,2]{0,0,4,8}"),
  (GROUP "do_rotary=1 f32[1,1,2] f32[1,1,2]{1,0} f32[1,1,2] _ _ i32[1]{0} i32[]{1} f32[2,1]{1,0} f32[2,1]{0,1} i64[1,1]{1} -> "
         "f32[1,1,2]{0,0} f32[1,1,1,2]{0,1} f32[1,1,1,2]{0,0}"),
  GROUP "do_rotary=1 f32[1,1,2] f32[1,1,2] f32[1,1,2] _ _ i32[1]{0} i32[]{1} -> !cos_cache",
  /* (3, 4) over its root mean square of 5 / sqrt 2. */
  (GROUP "qk_norm_epsilon=0.0 f32[1,1,2]{1,1} f32[1,1,2]{3,4} f32[1,1,2]{5,6} _ _ i32[1]{0} i32[]{1} _ _ _ _ _ _ _ f32[2]{1,1} "
         "f32[2]{1,10} -> f32[1,1,2]{5,6} f32[1,1,1,2]{0.8485281,11.3137085} f32[1,1,1,2]{5,6}"),
  /* A window of one key in a cache of two: at length 4 the keys of positions 2 and 3 are left. */
  (GROUP "local_window_size=1 sliding_window_cache=1 f32[1,1,1] f32[1,1,1]{8} f32[1,1,1]{9} f32[1,1,2,1]{5,0} f32[1,1,2,1]{6,0} "
         "i32[1]{3} i32[]{4} -> f32[1,1,1]{9} f32[1,1,2,1]{5,8} f32[1,1,2,1]{6,9}"),
  GROUP "local_window_size=3 sliding_window_cache=1 f32[1,1,1] f32[1,1,1] f32[1,1,1] f32[1,1,2,1] f32[1,1,2,1] i32[1]{2} i32[]{3} -> !at least",
  /* Caches of whole numbers; 2.6 is kept as 2.5. */
  (GROUP "k_quant_type='PER_TENSOR' v_quant_type='PER_TENSOR' f32[1,1,1] f32[1,1,1] f32[1,1,1]{2.6} i8[1,1,1,1]{0} "
         "i8[1,1,1,1]{-3} i32[1]{1} i32[]{2} _ _ _ _ _ f32[1]{1} f32[1]{0.5} -> f32[1,1,1]{0.5} i8[1,1,2,1]{0,0} "
         "i8[1,1,2,1]{-3,5}"),
  (GROUP "k_quant_type='PER_CHANNEL' v_quant_type='PER_CHANNEL' kv_cache_bit_width=4 f32[1,1,2] f32[1,1,2] f32[1,1,2]{1,20} "
         "u8[1,1,1,1]{136} u8[1,1,1,1]{154} i32[1]{1} i32[]{2} _ _ _ _ _ f32[1,1,1,2]{1,1} f32[1,1,1,2]{1,10} -> "
         "f32[1,1,2]{1.5,15} u8[1,1,2,1]{136,136} u8[1,1,2,1]{154,169}"),
  GROUP "f32[1,1,1] f32[1,1,1] f32[1,1,1] i8[1,1,1,1] i8[1,1,1,1] i32[1]{1} i32[]{2} -> !type of quantisation is NONE",
  GROUP "f32[1,1,1] f32[1,1,1] f32[1,1,1] _ _ i32[1]{1} i32[]{1} -> !is not in 0..0",
  GROUP "f32[1,1,1] f32[1,1,1] f32[1,1,1] f32[1,1,1,1] f32[1,1,1,1] i32[1]{4} i32[]{5} -> !4 keys of before",
  GROUP "f32[1,1,1] f32[1,1,1] f32[1,1,2] _ _ i32[1]{0} i32[]{1} -> !expected the value",
  GROUP "f32[1,1,1] f32[1,1,1] _ _ _ i32[1]{0} i32[]{1} -> !come together",
  "com.microsoft/GroupQueryAttention:1 num_heads=3 kv_num_heads=2 f32[1,1,3] f32[1,1,2] f32[1,1,2] _ _ i32[1] i32[]{1} -> !do not share",
  ("com.microsoft/GroupQueryAttention:1 num_heads=8 kv_num_heads=2 f16[B,S,128] f16[B,S,32] f16[B,S,32] f16[B,2,P,16] "
   "f16[B,2,P,16] i32[B] i32[] ~> f16[B,S,128] f16[B,2,?,16] f16[B,2,?,16]"),
  /* Blocks of two keys; the second block of rows sees itself alone. */
  ("com.microsoft/SparseAttention:1 num_heads=1 kv_num_heads=1 sparse_block_size=2 f32[1,4,1] f32[1,4,1] f32[1,4,1]{1,3,5,7} "
   "f32[1,1,4,1] f32[1,1,4,1] i32[1,3]{0,1,2} i32[1,2]{0,1} i32[]{4} i32[1]{4} -> f32[1,4,1]{1,2,5,6} f32[1,1,4,1]{0,0,0,0} "
   "f32[1,1,4,1]{1,3,5,7}"),
  ("com.microsoft/SparseAttention:1 num_heads=1 kv_num_heads=1 sparse_block_size=2 f32[1,4,1] f32[1,4,1] f32[1,4,1] f32[1,1,4,1] "
   "f32[1,1,4,1] i32[1,2]{0,1} i32[1,1]{0} i32[]{4} i32[1]{4} -> !no row of blocks 1"),
};

#define MULTI "com.microsoft/MultiHeadAttention:1 num_heads=1 "
#define MASKED "com.microsoft/DecoderMaskedMultiHeadAttention:1 num_heads=1 "

static const char *const multi[] = {
  MULTI "f32[1,1,1] f32[1,2,1] f32[1,2,1]{2,6} -> f32[1,1,1]{4}",
  MULTI "f32[1,1,1] f32[1,2,1] f32[1,2,2]{2,1,6,3} f32[4]{0,0,1,2} -> f32[1,1,2]{5,4}",
  MULTI "unidirectional=1 f32[1,2,1] f32[1,2,1] f32[1,2,1]{2,6} -> f32[1,2,1]{2,4}",
  MULTI "f32[1,1,1]{1} f32[1,2,1]{0,1.0986123} f32[1,2,1]{0,4} -> f32[1,1,1]{3}",
  MULTI "scale=2.0 f32[1,1,1]{1} f32[1,2,1]{0,1.0986123} f32[1,2,1]{0,4} -> f32[1,1,1]{3.6}",
  /* Packed: each head has its query, key and value beside each other. */
  MULTI "f32[1,2,1,3,1]{0,0,2,0,0,6} -> f32[1,2,1]{4,4}",
  ("com.microsoft/MultiHeadAttention:1 num_heads=2 f32[1,1,2,3,1]{0,0,2,0,0,6} -> f32[1,1,2]{2,6} f32[1,2,1,1]{0,0} "
   "f32[1,2,1,1]{2,6}"),
  MULTI "f32[1,1,1] f32[1,2,1,2,1]{0,2,0,6} -> f32[1,1,1]{4}",
  ("com.microsoft/MultiHeadAttention:1 num_heads=2 f32[1,1,2] f32[1,2,2,1] f32[1,2,2,1]{2,6,20,60} -> f32[1,1,2]{4,40}"),
  MULTI "f32[1,1,1] f32[1,2,1] f32[1,2,1]{2,6} _ i32[1]{1} -> f32[1,1,1]{2}",
  MULTI "f32[1,1,1] f32[1,2,1] f32[1,2,1]{2,6} _ i32[5]{1,0,1,0,2} -> f32[1,1,1]{2}",
  MULTI "f32[1,1,1] f32[1,2,1] f32[1,2,1]{2,6} _ i32[1,2]{0,1} -> f32[1,1,1]{6}",
  MULTI "f32[1,1,1] f32[1,2,1] f32[1,2,1]{2,6} _ i32[1,1,2]{0,1} -> f32[1,1,1]{6}",
  MULTI "f32[1,1,1] f32[1,2,1] f32[1,2,1]{2,6} _ _ f32[1,1,1,2]{-1e9,0} -> f32[1,1,1]{6}",
  (MULTI "f32[1,1,1] f32[1,1,1]{3} f32[1,1,1]{6} _ _ _ f32[1,1,1,1]{5} f32[1,1,1,1]{2} -> f32[1,1,1]{4} f32[1,1,2,1]{5,3} "
         "f32[1,1,2,1]{2,6}"),
  /* A mask of the new keys alone. */
  (MULTI "f32[1,2,1] f32[1,2,1] f32[1,2,1]{6,9} _ i32[1,2]{1,0} _ f32[1,1,1,1] f32[1,1,1,1]{2} -> f32[1,2,1]{4,4}"),
  (MULTI "f32[1,1,1] f32[1,1,1]{3} f32[1,1,1]{6} _ _ _ f32[1,1,3,1]{5,9,9} f32[1,1,3,1]{2,8,8} i32[1]{1} -> f32[1,1,1]{4} "
         "f32[1,1,3,1]{5,3,9} f32[1,1,3,1]{2,6,8}"),
  (MULTI "unidirectional=1 f32[1,2,1]{1,1} f32[1,2,1]{2,3} f32[1,2,1] -> f32[1,2,1] f32[1,1,2,1]{2,3} f32[1,1,2,1] "
         "f32[1,1,2,2]{2,-3.4028235e38,2,3}"),
  MULTI "f32[1,1,1] f32[1,2,1] -> !do not go together",
  MULTI "f32[1,1,1] f32[1,2,1] f32[1,3,1] -> !differ in batch",
  MULTI "f32[1,1,1] f32[1,2,2] f32[1,2,1] -> !those of K 2",
  MULTI "f32[1,1,1] f32[1,2,1] f32[1,2,1] _ i32[1,3] -> !expected the mask",
  MULTI "f32[1,1,1] f32[1,1,1] f32[1,1,1] _ _ _ f32[1,1,1,1] f32[1,1,1,1] _ i32[1,1,1] -> !without a number of beams",
  MULTI "f32[1,1,1] f32[1,1,1] f32[1,1,1] _ _ _ f32[1,1,1,1] f32[1,1,1,1] i32[1]{2} -> !expected 0 to 1",
  ("com.microsoft/MultiHeadAttention:1 num_heads=2 f16[B,S,8] f16[B,L,8] f16[B,L,6] _ _ _ f16[B,2,P,4] f16[B,2,P,3] ~> "
   "f16[B,S,6] f16[B,2,L+P,4] f16[B,2,L+P,3] f16[B,2,S,L+P]"),
  (MASKED "f32[1,1,1] f32[1,1,1]{3} f32[1,1,1]{6} _ _ f32[1,1,1,1]{5} f32[1,1,1,1]{2} -> f32[1,1,1]{4} f32[1,1,2,1]{5,3} "
          "f32[1,1,2,1]{2,6}"),
  (MASKED "past_present_share_buffer=1 f32[1,1,3]{0,3,6} _ _ _ _ f32[1,1,3,1]{5,9,9} f32[1,1,3,1]{2,8,8} i32[1]{1} _ _ "
          "f32[3]{0,1,4} -> f32[1,1,1]{6} f32[1,1,3,1]{5,4,9} f32[1,1,3,1]{2,10,8}"),
  (MASKED "output_qk=1 f32[1,1,1]{1} f32[1,1,2,1]{1,2} f32[1,1,2,1]{2,6} i32[1,2]{0,1} -> f32[1,1,1]{6} f32[1,1,2,1]{1,2} "
          "f32[1,1,2,1]{2,6} f32[1,1,1,2]{-9999,2}"),
  /* Two beams: the first goes on from the second's past, which the cache that goes out does not show. */
  (MASKED "past_present_share_buffer=1 f32[2,1,1] f32[2,1,1] f32[2,1,1]{6,6} _ _ f32[2,1,2,1] f32[2,1,2,1]{2,0,4,0} i32[1]{1} "
          "i32[1]{2} i32[1,2,2]{1,0,1,0} -> f32[2,1,1]{5,5} f32[2,1,2,1]{0,0,0,0} f32[2,1,2,1]{2,6,4,6}"),
  (MASKED "past_present_share_buffer=1 f32[2,1,1] f32[2,1,1] f32[2,1,1] _ _ f32[2,1,2,1] f32[2,1,2,1] i32[1]{1} i32[1]{2} "
          "i32[1,2,2]{2,0,1,0} -> !beam 2 of 2"),
  MASKED "f32[1,2,1] f32[1,2,1] f32[1,2,1] -> !expected one row",
  MASKED "past_present_share_buffer=1 f32[1,1,1] f32[1,1,1] f32[1,1,1] _ _ f32[1,1,1,1] f32[1,1,1,1] -> !needs past_sequence_length",
  ("com.microsoft/PackedMultiHeadAttention:1 num_heads=1 f32[3,1] f32[3,1] f32[3,1]{2,6,10} f32[3]{0,0,1} i32[2,2]{0,2,3,1} "
   "i32[3]{0,1,3} -> f32[3,1]{3,9,9}"),
  ("com.microsoft/PackedMultiHeadAttention:1 num_heads=1 f32[3,1,3,1]{0,0,2,0,0,6,0,0,10} _ _ _ i32[2,2]{0,2,3,1} i32[3]{0,1,3} "
   "f32[2,1,2,2]{0,0,0,0,0,-1e9,-1e9,0} -> f32[3,1]{2,6,10}"),
  "com.microsoft/PackedMultiHeadAttention:1 num_heads=1 f32[3,1] _ _ _ i32[2,2] i32[3] -> !expected [tokens",
};

static const char *const around[] = {
  ("com.microsoft/RemovePadding:1 f32[2,3,1]{1,0,0,2,3,0} i32[2]{1,2} -> f32[3,1]{1,2,3} i32[2,3]{0,3,4,1,2,5} i32[3]{0,1,3} "
   "i32[1]{2}"),
  "com.microsoft/RemovePadding:1 f16[1,2,2]{1,2,3,4} i32[1]{1} -> f16[1,2]{1,2} i32[1,2]{0,1} i32[2]{0,1} i32[1]{1}",
  "com.microsoft/RemovePadding:1 f32[1,2,1] i32[1]{3} -> !sequence of 3 tokens",
  "com.microsoft/RemovePadding:1 f32[B,S,8] i32[B] ~> f32[?,8] i32[B,S] i32[B+1] i32[1]",
  "com.microsoft/RestorePadding:1 f32[3,1]{1,2,3} i32[2,3]{0,3,4,1,2,5} -> f32[2,3,1]{1,0,0,2,3,0}",
  "com.microsoft/RestorePadding:1 f32[1,1] i32[1,2]{2,0} -> !place 2",
  "com.microsoft/RestorePadding:1 f32[3,1] i32[1,2] -> !3 tokens for 2 places",
  "com.microsoft/RestorePadding:1 f32[T,8] i32[B,S] ~> f32[B,S,8]",
  /* Four classes: 0, 1, then by the logarithm to base 4 of half the distance. */
  ("com.microsoft/RelativePositionBias:1 max_distance=8 f32[4,1]{1,2,3,4} i64[1]{4} i64[1]{4} -> "
   "f32[1,1,4,4]{1,2,3,3,2,1,2,3,3,2,1,2,3,3,2,1}"),
  ("com.microsoft/RelativePositionBias:1 max_distance=8 is_bidirectional=1 f32[4,1]{1,2,3,4} i64[1]{2} i64[1]{2} -> "
   "f32[1,1,2,2]{1,4,2,1}"),
  ("com.microsoft/RelativePositionBias:1 max_distance=8 f32[2,2]{1,2,3,4} i64[1]{2} i64[1]{2} -> f32[1,2,2,2]{1,2,2,1,3,4,4,3}"),
  "com.microsoft/RelativePositionBias:1 max_distance=8 f32[4,1] i64[1]{4} i64[1]{3} -> !one and the same",
  "com.microsoft/RelativePositionBias:1 max_distance=2 f32[4,1] i64[1]{4} i64[1]{4} -> !4 buckets",
  /* Gates of a half: (0.5 (0.5 - 1) + 2) 3. */
  ("com.microsoft/GatedRelativePositionBias:1 num_heads=1 f32[1,1,1] f32[1] f32[1,1,1,1]{3} f32[1,2] f32[2] f32[1,1,1,1]{1} -> "
   "f32[1,1,1,1]{5.25}"),
  /* Gates of 3/4 and a half: 0.75 (0.5 * 4 - 1) + 2. */
  ("com.microsoft/GatedRelativePositionBias:1 num_heads=1 f32[1,1,1]{1} f32[1]{1} f32[1,1,1,1]{4} f32[1,2]{0.54930615,0} f32[2] "
   "f32[1,1,1,1]{4} -> f32[1,1,1,1]{11}"),
  ("com.microsoft/GatedRelativePositionBias:1 num_heads=1 f32[1,1] f32[1] f32[1,1,2,2]{4,8,1,1} f32[1,2] f32[2] f32[1,1,1,1]{1} "
   "i32[1,2]{0,1} -> f32[1,1,2,2]{7,14,0,0}"),
  ("com.microsoft/GatedRelativePositionBias:1 num_heads=1 f32[1,1,1] f32[1] f32[1,1,1,1] f32[1,3] f32[3] f32[1,1,1,1] -> "
   "!an even number"),
  ("com.microsoft/RotaryEmbedding:1 is_packed_batching=1 scale=0.5 f32[1,2,2]{3,4,3,4} i64[1,2]{1,0} f32[2,1]{0,1} f32[2,1]{1,0} "
   "-> f32[1,2,2]{3,4,-4,3}"),
};

#define LINEAR "com.microsoft/LinearAttention:1 q_num_heads=1 kv_num_heads=1 scale=1.0 "
#define CAUSAL "com.microsoft/CausalConvWithState:1 "

static const char *const states[] = {
  LINEAR "update_rule='linear' f32[1,2,1]{1,2} f32[1,2,1]{3,1} f32[1,2,1]{2,4} -> f32[1,2,1]{6,20} f32[1,1,1,1]{10}",
  (LINEAR "update_rule='gated' f32[1,1,1]{1} f32[1,1,1]{3} f32[1,1,1]{2} f32[1,1,1,1]{8} f32[1,1,1]{-0.6931472} -> f32[1,1,1]{10} "
          "f32[1,1,1,1]{10}"),
  /* Half of 2 - 1 * 0.5 is written. */
  (LINEAR "update_rule='delta' f32[1,1,1]{1} f32[1,1,1]{1} f32[1,1,1]{2} f32[1,1,1,1]{0.5} _ f32[1,1,1]{0.5} -> f32[1,1,1]{1.25} "
          "f32[1,1,1,1]{1.25}"),
  /* Two heads of values for one of queries. */
  ("com.microsoft/LinearAttention:1 q_num_heads=1 kv_num_heads=2 scale=1.0 update_rule='linear' f32[1,1,1]{5} f32[1,1,2]{1,2} "
   "f32[1,1,2]{3,4} -> f32[1,1,2]{15,40} f32[1,2,1,1]{3,8}"),
  LINEAR "state_window=2 update_rule='linear' f32[1,1,1] f32[1,1,1] f32[1,1,1] -> !window of 2 states",
  LINEAR "f32[1,1,1] f32[1,1,1] f32[1,1,1] -> !needs decay",
  CAUSAL "f32[1,1,3]{1,2,3} f32[1,1,2]{10,1} -> f32[1,1,3]{1,12,23} f32[1,1,1]{3}",
  CAUSAL "f32[1,1,3]{1,2,3} f32[1,1,2]{10,1} f32[1]{5} f32[1,1,1]{4} -> f32[1,1,3]{46,17,28} f32[1,1,1]{3}",
  CAUSAL "dilation=2 f32[1,1,3]{1,2,3} f32[1,1,2]{10,1} _ f32[1,1,2]{4,5} -> f32[1,1,3]{41,52,13} f32[1,1,2]{2,3}",
  CAUSAL "channels_last=1 f32[1,2,2]{1,7,2,8} f32[2,1,2]{10,1,1,0} -> f32[1,2,2]{1,0,12,7} f32[1,1,2]{2,8}",
  CAUSAL "channels_last=1 f32[1,2,1,2]{1,7,2,8} f32[2,1,2]{10,1,1,0} -> f32[1,2,1,2]{1,0,12,7} f32[1,1,1,2]{2,8}",
  CAUSAL "activation='silu' f32[1,1,2]{0,100} f32[1,1,1]{1} -> f32[1,1,2]{0,100} f32[1,1,0]",
  CAUSAL "ndim=2 f32[1,1,2,2] f32[1,1,2,2] -> !2 axes",
  CAUSAL "f32[1,2,2] f32[1,1,2] -> !axis 0 of weight should be 2",
  CAUSAL "f32[1,1,2] f32[1,1,2] _ f32[1,1,2] -> !axis 2 of past_state should be 1",
  CAUSAL "dilation=3 f16[B,C,L] f16[C,1,4] ~> f16[B,C,L] f16[B,C,9]",
};

/* Rows {1, 3} of one batch; V is twice the row. */
#define DECODER "com.microsoft/DecoderAttention:1 num_heads=1 f32[2,1,1]{1,3} f32[1,1,1]{5} f32[1,1] f32[1,2]{0,2} f32[3]{0,0,1} "

static const char *const decoder[] = {
  DECODER "_ _ _ bool[1]{0} bool[1]{0} bool[1]{0} bool[1]{0} -> f32[2,1,1]{5,5} f32[1,1,2,1]{0,0} f32[1,1,2,1]{3,7}",
  DECODER "_ _ _ bool[1]{1} bool[1]{0} bool[1]{1} bool[1]{0} -> f32[2,1,1]{11,11} f32[1,1,1,1]{0} f32[1,1,1,1]{11}",
  DECODER "bool[1,2]{1,0} _ _ bool[1]{0} bool[1]{0} bool[1]{0} bool[1]{1} -> f32[2,1,1]{7,7}",
  (DECODER "_ f32[1,1,1,1]{4} f32[1,1,1,1]{2} bool[1]{0} bool[1]{1} bool[1]{1} bool[1]{0} -> f32[2,1,1]{4,4} f32[1,1,3,1]{4,0,0} "
           "f32[1,1,3,1]{2,3,7}"),
  (DECODER "_ f32[1,1,2,1]{4,5} f32[1,1,2,1]{2,8} bool[1]{1} bool[1]{1} bool[1]{1} bool[1]{0} -> f32[2,1,1]{5,5} "
           "f32[1,1,2,1]{4,5} f32[1,1,2,1]{2,8}"),
  /* Two batches lie side by side in each row. */
  ("com.microsoft/DecoderAttention:1 num_heads=1 f32[1,2,1]{1,3} f32[1,2,1] f32[1,1] f32[1,2]{0,2} f32[3] _ _ _ bool[1]{0} "
   "bool[1]{0} bool[1]{0} bool[1]{0} -> f32[1,2,1]{2,6} f32[2,1,1,1]{0,0} f32[2,1,1,1]{2,6}"),
  DECODER "_ _ _ bool[1]{0} bool[1]{1} bool[1]{1} bool[1]{0} -> !there is no key_cache",
  DECODER "_ _ _ bool[1]{0} bool[1]{0} bool[1]{0} bool[1]{1} -> !there is none",
  DECODER "bool[1,3] _ _ bool[1]{0} bool[1]{0} bool[1]{0} bool[1]{1} -> !expected key_padding_mask",
  DECODER "-> !input 8 must not be omitted",
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  op_lines ("/ops/attention/packed", packed, G_N_ELEMENTS (packed));
  op_lines ("/ops/attention/group", group, G_N_ELEMENTS (group));
  op_lines ("/ops/attention/multi", multi, G_N_ELEMENTS (multi));
  op_lines ("/ops/attention/around", around, G_N_ELEMENTS (around));
  op_lines ("/ops/attention/states", states, G_N_ELEMENTS (states));
  op_lines ("/ops/attention/decoder", decoder, G_N_ELEMENTS (decoder));
  return g_test_run ();
}
