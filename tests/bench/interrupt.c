/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "session/ox-session.h"

#include "../engine/text-models.h"

/* How long a kernel that would take long goes on after it was told to stop: a node each, stopped after DELAY microseconds.
 * Arguments: names of those to run alone. Needs some 3 GB. */

#define DELAY 50000
#define LIMIT 0.1

typedef struct
{
  const char *name, *text;
  const char *inputs;      /* "f32[2,3] i64[4]": one for each name in the text's first line */
} Case;

static const Case cases[] = {
  { "MatMul", "A, B -> Y\nY = MatMul(A, B)", "f32[6000,6000] f32[6000,6000]" },
  { "MatMul f64", "A, B -> Y\nY = MatMul(A, B)", "f64[4000,4000] f64[4000,4000]" },
  { "MatMul wide", "A, B -> Y\nY = MatMul(A, B)", "f32[8,20000] f32[20000,8000]" },
  { "MatMul f16", "A, B -> Y\nY = MatMul(A, B)", "f16[3000,3000] f16[3000,3000]" },
  { "MatMul i32", "A, B -> Y\nY = MatMul(A, B)", "i32[2000,2000] i32[2000,2000]" },
  { "Gemm", "A, B -> Y\nY = Gemm<transA=1, transB=1>(A, B)", "f32[6000,6000] f32[6000,6000]" },
  { "MatMulInteger", "A, B -> Y\nY = MatMulInteger(A, B)", "u8[4000,4000] u8[4000,4000]" },
  { "Einsum", "A, B -> Y\nY = Einsum<equation=\"ij,jk->ki\">(A, B)", "f32[5000,5000] f32[5000,5000]" },
  { "Einsum three", "A, B, C -> Y\nY = Einsum<equation=\"ij,jk,kl->il\">(A, B, C)", "f32[400,400] f32[400,400] f32[400,400]" },
  { "Conv", "X, W -> Y\nY = Conv<pads=[1,1,1,1]>(X, W)", "f32[8,256,224,224] f32[256,256,3,3]" },
  { "Conv depthwise", "X, W -> Y\nY = Conv<group=256>(X, W)", "f32[8,256,256,256] f32[256,1,5,5]" },
  { "Conv 1x1", "X, W -> Y\nY = Conv(X, W)", "f32[4,1024,128,128] f32[1024,1024,1,1]" },
  { "Conv3D", "X, W -> Y\nY = Conv(X, W)", "f32[1,32,64,64,64] f32[64,32,3,3,3]" },
  { "ConvInteger", "X, W -> Y\nY = ConvInteger(X, W)", "u8[1,256,224,224] u8[256,256,3,3]" },
  { "ConvTranspose", "X, W -> Y\nY = ConvTranspose<strides=[2,2]>(X, W)", "f32[2,256,128,128] f32[256,256,4,4]" },
  { "MaxPool", "X -> Y\nY = MaxPool<kernel_shape=[11,11]>(X)", "f32[4,256,224,224]" },
  { "AveragePool", "X -> Y\nY = AveragePool<kernel_shape=[11,11]>(X)", "f32[4,256,224,224]" },
  { "LpPool", "X -> Y\nY = LpPool<kernel_shape=[11,11]>(X)", "f32[2,128,224,224]" },
  { "LSTM", "X, W, R -> Y\nY = LSTM<hidden_size=1024>(X, W, R)", "f32[400,8,512] f32[1,4096,512] f32[1,4096,1024]" },
  { "GRU", "X, W, R -> Y\nY = GRU<hidden_size=1024>(X, W, R)", "f32[400,8,512] f32[1,3072,512] f32[1,3072,1024]" },
  { "RNN", "X, W, R -> Y\nY = RNN<hidden_size=2048>(X, W, R)", "f32[400,8,512] f32[1,2048,512] f32[1,2048,2048]" },
  { "Resize linear", "X -> Y\nY = Resize<mode=\"linear\">(X, f32[0]{}, f32[4]{1,1,4,4})", "f32[4,64,256,256]" },
  { "Resize cubic", "X -> Y\nY = Resize<mode=\"cubic\">(X, f32[0]{}, f32[4]{1,1,4,4})", "f32[4,32,256,256]" },
  { "TopK", "X -> V, I\nV, I = TopK<axis=1>(X, i64[1]{1000})", "f32[64,400000]" },
  { "TopK one row", "X -> V, I\nV, I = TopK<axis=0>(X, i64[1]{1000000})", "f32[30000000]" },
  { "Unique", "X -> Y\nY = Unique(X)", "f32[20000000]" },
  { "NonMaxSuppression", "B, S -> Y\nY = NonMaxSuppression(B, S, i64{1000000}, f32{0.999}, f32{0})", "f32[1,40000,4] f32[1,4,40000]" },
  { "GridSample", "X, G -> Y\nY = GridSample<mode=\"bicubic\">(X, G)", "f32[2,64,256,256] f32[2,1024,1024,2]" },
  { "CumSum", "X -> Y\nY = CumSum(X, i64{0})", "f32[12000,12000]" },
  { "CumSum last", "X -> Y\nY = CumSum(X, i64{1})", "f32[12000,12000]" },
  { "DFT", "X -> Y\nY = DFT(X)", "f32[64,1000003,1]" },
  { "Erf", "X -> Y\nY = Erf(X)", "f32[200000000]" },
  { "Add", "A, B -> Y\nY = Add(A, B)", "f32[150000000] f32[150000000]" },
  { "Pow f64", "A -> Y\nY = Pow(A, f64{2.7})", "f64[60000000]" },
  { "Cast", "X -> Y\nY = Cast<to=10>(X)", "f32[200000000]" },
  { "Transpose", "X -> Y\nY = Transpose<perm=[1,0]>(X)", "f32[14000,14000]" },
  { "Concat", "A, B -> Y\nY = Concat<axis=1>(A, B)", "f32[100000,1500] f32[100000,1500]" },
  { "Softmax", "X -> Y\nY = Softmax(X)", "f32[2000,100000]" },
  { "Softmax one", "X -> Y\nY = Softmax(X)", "f32[200000000]" },
  { "ReduceSum", "X -> Y\nY = ReduceSum(X)", "f32[200000000]" },
  { "ReduceL2 outer", "X -> Y\nY = ReduceL2<axes=[0]>(X)", "f32[14000,14000]" },
  { "ArgMax", "X -> Y\nY = ArgMax<axis=0>(X)", "f32[14000,14000]" },
  { "LayerNormalization", "X, S -> Y\nY = LayerNormalization(X, S)", "f32[14000,14000] f32[14000]" },
  { "BatchNormalization", "X, S, B, M, V -> Y\nY = BatchNormalization(X, S, B, M, V)",
    "f32[8,256,256,256] f32[256] f32[256] f32[256] f32[256]" },
  { "LRN", "X -> Y\nY = LRN<size=21>(X)", "f32[4,256,224,224]" },
  { "Gather", "X, I -> Y\nY = Gather<axis=1>(X, I)", "f32[10000,1000] i64[12000]" },
  { "GatherElements", "X, I -> Y\nY = GatherElements<axis=1>(X, I)", "f32[8000,8000] i64[8000,8000]" },
  { "GatherND", "X, I -> Y\nY = GatherND(X, I)", "f32[4,4] i64[30000000,2]" },
  { "ScatterElements", "X, I, U -> Y\nY = ScatterElements<axis=1, reduction=\"add\">(X, I, U)",
    "f32[8000,8000] i64[8000,8000] f32[8000,8000]" },
  { "ScatterND", "X, I, U -> Y\nY = ScatterND<reduction=\"add\">(X, I, U)", "f32[4,4] i64[20000000,2] f32[20000000]" },
  { "OneHot", "I -> Y\nY = OneHot(I, i64{1000}, f32[2]{0,1})", "i64[200000]" },
  { "NonZero", "X -> Y\nY = NonZero(X)", "f32[60000000]" },
  { "Where", "C, A, B -> Y\nY = Where(C, A, B)", "bool[100000000] f32[100000000] f32[100000000]" },
  { "Tile", "X -> Y\nY = Tile(X, i64[2]{1000,1000})", "f32[16,16]" },
  { "Expand", "X -> Y\nE = Expand(X, i64[2]{14000,14000})\nY = Neg(E)", "f32[14000]" },
  { "ConstantOfShape", "X -> Y\nY = ConstantOfShape(X)", "i64[1]=300000000" },
  { "Range", "X -> Y\nY = Range(i64{0}, X, i64{1})", "i64[]=150000000" },
  { "RandomNormalLike", "X -> Y\nY = RandomNormalLike(X)", "f32[60000000]" },
  { "Dropout", "X -> Y\nY = Dropout(X, f32{0.5}, bool{1})", "f32[60000000]" },
  { "Multinomial", "X -> Y\nY = Multinomial<sample_size=10000000>(X)", "f32[1,1000]" },
  { "Trilu", "X -> Y\nY = Trilu(X)", "f32[14000,14000]" },
  { "Pad", "X -> Y\nY = Pad<mode=\"reflect\">(X, i64[4]{100,100,100,100})", "f32[12000,12000]" },
  { "DepthToSpace", "X -> Y\nY = DepthToSpace<blocksize=4>(X)", "f32[8,256,256,256]" },
  { "QuantizeLinear", "X -> Y\nY = QuantizeLinear(X, f32{0.1}, u8{3})", "f32[200000000]" },
  { "DynamicQuantizeLinear", "X -> Y, S, Z\nY, S, Z = DynamicQuantizeLinear(X)", "f32[200000000]" },
  { "Det", "X -> Y\nY = Det(X)", "f32[1,2500,2500]" },
  { "Hardmax", "X -> Y\nY = Hardmax(X)", "f32[14000,14000]" },
  { "ReverseSequence", "X, L -> Y\nY = ReverseSequence(X, L)", "f32[1000,8,20000] i64[8]=1000" },
  { "Compress", "X, C -> Y\nY = Compress(X, C)", "f32[60000000] bool[60000000]" },
};

/* "f32[2,3]" or "i64[4]=7": numbers from 0 to 1, small integers that index, or all of them one. */
static OxValue *
make (const char *word)
{
  g_autofree char *name = g_strndup (word, strcspn (word, "["));
  const char *open = strchr (word, '['), *fill = strchr (word, '=');
  g_autofree char *inside = g_strndup (open + 1, strcspn (open + 1, "]"));
  g_auto (GStrv) parts = g_strsplit (inside, ",", -1);
  gint64 dims[8];
  int rank = inside[0] != '\0' ? (int) g_strv_length (parts) : 0;
  OxDtype dtype = ox_dtype_from_name (name);
  OxTensor *tensor;
  guint32 state = 1;

  for (int d = 0; d < rank; d++)
    dims[d] = g_ascii_strtoll (parts[d], NULL, 10);
  tensor = ox_tensor_new (dtype, rank, dims, NULL);
  g_assert_nonnull (tensor);
  for (gint64 i = 0; i < tensor->count; i++)
    {
      state = state * 1664525 + 1013904223;
      if (fill != NULL)
        ox_tensor_set (tensor, i, g_ascii_strtod (fill + 1, NULL));
      else if (dtype == OX_F32)
        ((float *) tensor->data)[i] = (float) (state >> 8) * 0x1p-24f;
      else if (dtype == OX_I64)
        ((gint64 *) tensor->data)[i] = state >> 31;
      else if (ox_dtype_size (dtype) == 1)
        tensor->data[i] = dtype == OX_BOOL ? state >> 31 : state >> 24;
      else
        ox_tensor_set (tensor, i, (double) (state >> 8) * 0x1p-24);
    }
  return ox_value_new_tensor (tensor);
}

/* Seconds that all threads together have computed. */
static double
computed (void)
{
  struct timespec t;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static double before;

static gpointer
stop_later (gpointer cancellable)
{
  g_usleep (DELAY);
  before = computed ();
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* Seconds from the stop to the answer; -1: it was done before. */
static double
measure (const Case *c)
{
  g_autoptr (OxModel) model = whole_model (17, c->text);
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (GStrv) words = g_strsplit (c->inputs, " ", -1);
  g_autoptr (GError) error = NULL;
  GThread *thread;
  gint64 start, end;
  double seconds;
  gboolean done;

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autoptr (OxValue) value = make (words[i]);

      give (session, ox_graph_slot (model->graph, g_array_index (model->graph->inputs, int, i))->name, value);
    }
  start = g_get_monotonic_time ();
  thread = g_thread_new ("stop", stop_later, cancellable);
  done = ox_session_run (session, cancellable, &error);
  end = g_get_monotonic_time ();
  seconds = computed ();
  g_thread_join (thread);
  if (!done && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      printf ("# %s: %s\n", c->name, error->message);
      return -2;
    }
  /* Others compute on the machine, too: what was not computed was not waited for. */
  return done && end - start < DELAY ? -1 : MIN ((double) (end - start - DELAY) / 1e6, seconds - before);
}

int
main (int argc, char **argv)
{
  int slow = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gboolean wanted = argc < 2;
      double seconds;

      for (int a = 1; a < argc; a++)
        wanted = wanted || g_str_equal (argv[a], cases[i].name);
      if (!wanted)
        continue;
      seconds = measure (&cases[i]);
      if (seconds == -2)
        slow++;
      else if (seconds < 0)
        printf ("%-24s done before it was stopped\n", cases[i].name);
      else
        printf ("%-24s %6.0f ms%s\n", cases[i].name, seconds * 1e3, seconds > LIMIT ? "  TOO LONG" : "");
      slow += seconds > LIMIT;
      fflush (stdout);
    }
  return slow > 0;
}
