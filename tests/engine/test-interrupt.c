/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "core/ox-parallel.h"
#include "kernel/ox-sort.h"
#include "session/ox-session.h"

#include "text-models.h"

/* Kernels that are told to stop: nothing of what they left is seen, and going on gives what would have been. */

typedef struct { const char *name, *text, *inputs; } Case;

/* Each takes some tenths of a second; more than one node, so that the stop also falls between. */
static const Case cases[] = {
  { "walk", "X -> Y\nA = Erf(X)\nY = Tan(A)", "f32[6000000]" },
  { "matmul", "X -> Y\nA = MatMul(X, X)\nY = MatMul(A, X)", "f32[1200,1200]" },
  { "matmul-f64", "X -> Y\nY = MatMul(X, X)", "f64[900,900]" },
  { "matmul-i32", "X -> Y\nY = MatMul(X, X)", "i32[700,700]" },
  { "unique", "X -> Y, I, J, C\nY, I, J, C = Unique(X)", "f32[600000]" },
  { "unique-slices", "X -> Y, I, J, C\nY, I, J, C = Unique<axis=0>(X)", "i32[20000,20]" },
  { "topk", "X -> V, I\nV, I = TopK<axis=0>(X, i64[1]{300000})", "f32[1000000]" },
  { "softmax", "X -> Y\nY = Softmax(X)", "f32[6000000]" },
  { "norm", "X, S -> Y\nA = LayerNormalization(X, S)\nY = Erf(A)", "f32[20,300000] f32[300000]" },
  { "reduce", "X -> Y\nA = ReduceLogSumExp(X)\nB = ReduceL2<axes=[0]>(X)\nY = Add(A, B)", "f32[2000,2000]" },
  { "dft", "X -> Y\nY = DFT(X)", "f32[4,100003,1]" },
  { "nonzero", "X -> Y\nC = Greater(X, f32{0.5})\nA = NonZero(C)\nB = Cast<to=1>(A)\nY = CumSum(B, i64{1})", "f32[3000000]" },
  { "compress", "X -> Y\nC = Greater(X, f32{0.25})\nA = Compress(X, C)\nY = Erf(A)", "f32[4000000]" },
  { "scatter", "X -> Y\nA, B = TopK<axis=0>(X, i64[1]{200000})\nY = ScatterElements<reduction=\"add\">(X, B, A)",
    "f32[800000]" },
  { "random", "X -> Y\nA = RandomNormalLike(X)\nB = Dropout(X, f32{0.5}, bool{1})\nY = Add(A, B)", "f32[2000000]" },
  { "conv", "X, W -> Y\nY = Conv(X, W)", "f32[2,48,120,120] f32[48,48,3,3]" },
  { "pool", "X -> Y, I\nY, I = MaxPool<kernel_shape=[7,7]>(X)", "f32[2,32,120,120]" },
  { "cumsum", "X -> Y\nA = CumSum(X, i64{0})\nY = CumSum(A, i64{1})", "f64[1500,1500]" },
  { "resize", "X -> Y\nY = Resize<mode=\"cubic\">(X, f32[0]{}, f32[4]{1,1,4,4})", "f32[1,8,200,200]" },
  { "lstm", "X, W, R -> Y\nY = LSTM<hidden_size=64>(X, W, R)", "f32[300,64,64] f32[1,256,64] f32[1,256,64]" },
};

static OxValue *
make (const char *word)
{
  g_autofree char *name = g_strndup (word, strcspn (word, "[")), *inside = NULL;
  const char *open = strchr (word, '[');
  g_auto (GStrv) parts = NULL;
  gint64 dims[8];
  int rank;
  OxTensor *tensor;
  guint32 state = 1;

  inside = g_strndup (open + 1, strcspn (open + 1, "]"));
  parts = g_strsplit (inside, ",", -1);
  rank = (int) g_strv_length (parts);
  for (int d = 0; d < rank; d++)
    dims[d] = g_ascii_strtoll (parts[d], NULL, 10);
  tensor = ox_tensor_new (ox_dtype_from_name (name), rank, dims, NULL);
  for (gint64 i = 0; i < tensor->count; i++)
    {
      state = state * 1664525 + 1013904223;
      ox_tensor_set (tensor, i, ox_dtype_is_integer (tensor->dtype) ? (double) (state >> 29) : (state >> 8) * 0x1p-24);
    }
  return ox_value_new_tensor (tensor);
}

static gpointer
stop_later (gpointer data)
{
  g_usleep (2000 + (gulong) g_random_int_range (0, 15000));
  g_cancellable_cancel (data);
  return NULL;
}

static OxSession *
new_session (OxModel *model, const char *inputs)
{
  OxSession *session = ox_session_new (model, NULL);
  g_auto (GStrv) words = g_strsplit (inputs, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autoptr (OxValue) value = make (words[i]);

      give (session, ox_graph_slot (model->graph, g_array_index (model->graph->inputs, int, i))->name, value);
    }
  return session;
}

static void
test_continue (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (OxModel) model = whole_model (17, c->text);
  g_autoptr (OxSession) straight = new_session (model, c->inputs), broken = NULL;
  guint stops = 0;

  run_good (straight);
  /* The machine may be too fast or too slow for one try. */
  for (int turn = 0; turn < 20 && stops < 3; turn++)
    {
      gboolean done = FALSE;

      g_clear_pointer (&broken, ox_session_free);
      broken = new_session (model, c->inputs);
      while (!done)
        {
          g_autoptr (GCancellable) cancellable = g_cancellable_new ();
          g_autoptr (GError) error = NULL;
          GThread *thread = g_thread_new ("stop", stop_later, cancellable);

          done = ox_session_run (broken, cancellable, &error);
          g_thread_join (thread);
          if (done)
            break;
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
          if (++stops % 3 == 0)
            {
              run_good (broken);
              done = TRUE;
            }
        }
    }
  g_assert_cmpuint (stops, >, 0);
  for (guint i = 0; i < model->graph->outputs->len; i++)
    {
      OxValue *a = ox_session_output (straight, i), *b = ox_session_output (broken, i);
      g_autoptr (OxTensor) x = ox_tensor_contiguous (a->tensor, NULL), y = ox_tensor_contiguous (b->tensor, NULL);

      g_assert_true (ox_tensor_same_shape (x, y));
      g_assert_cmpint (memcmp (x->data, y->data, ox_tensor_bytes (x)), ==, 0);
    }
}

/* ---- the pieces ----------------------------------------------------------------------------------------------- */

typedef struct { GCancellable *stop; gint seen; } Count;

static void
count_range (gint64 begin, gint64 end, gpointer data)
{
  Count *count = data;

  if (g_atomic_int_add (&count->seen, (gint) (end - begin)) > 1000)
    g_cancellable_cancel (count->stop);
}

static void
test_parallel (void)
{
  for (int threads = 1; threads <= 4; threads++)
    {
      g_autoptr (GCancellable) stop = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      Count count = { stop, 0 };

      ox_set_threads (threads);
      ox_parallel_set_stop (stop);
      g_assert_true (ox_parallel_check (&error));
      ox_parallel_for (1000000, 100, count_range, &count);
      g_assert_cmpint (count.seen, >, 1000);
      g_assert_cmpint (count.seen, <, 200000);
      g_assert_false (ox_parallel_check (&error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      ox_parallel_set_stop (NULL);
      count.seen = 0;
      ox_parallel_for (1000000, 100, count_range, &count);
      g_assert_cmpint (count.seen, ==, 1000000);
    }
  ox_set_threads (0);
}

typedef struct { gint64 key; int place; } Item;

static int
compare_keys (gconstpointer a, gconstpointer b, gpointer data)
{
  const Item *x = a, *y = b;

  return x->key < y->key ? -1 : x->key > y->key;
}

static void
test_sort (void)
{
  static const int lengths[] = { 0, 1, 2, 7, 8, 9, 16, 17, 1000, 4096, 100001 };
  g_autoptr (GCancellable) stop = g_cancellable_new ();

  for (guint l = 0; l < G_N_ELEMENTS (lengths); l++)
    {
      int n = lengths[l];
      g_autofree Item *items = g_new (Item, n + 1), *room = g_new (Item, n + 1);

      for (int i = 0; i < n; i++)
        items[i] = (Item){ (gint64) i * 7919 % 1009, i };
      g_assert_true (ox_sort (items, room, n, sizeof (Item), compare_keys, NULL));
      for (int i = 1; i < n; i++)
        g_assert_true (items[i - 1].key < items[i].key
                       || (items[i - 1].key == items[i].key && items[i - 1].place < items[i].place));
      for (int i = 0; i < n; i++)
        g_assert_cmpint ((gint64) items[i].place * 7919 % 1009, ==, items[i].key);
      if (n < 1000)
        continue;
      g_cancellable_cancel (stop);
      ox_parallel_set_stop (stop);
      g_assert_false (ox_sort (items, room, n, sizeof (Item), compare_keys, NULL));
      ox_parallel_set_stop (NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/interrupt/parallel", test_parallel);
  g_test_add_func ("/interrupt/sort", test_sort);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/interrupt/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_continue);
    }
  return g_test_run ();
}
