/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-provenance.h"

#include <math.h>
#include <string.h>

#include "text-models.h"

#define BUDGET ((gsize) 1 << 30)

/* A model of one input X and one output Y; @shape@ stands for random numbers. What is outside of the regions must not change
 * an element of Y by a bit, what is inside must, unless the model takes steps. */
typedef struct
{
  const char *name, *text, *shape;
  gboolean    steps, coarse;
} Row;

static const Row rows[] = {
  { "points", "X -> Y\nY = Mul(Add(Tanh(X), @3,1@), @4@)", "2,3,4", FALSE, FALSE },
  { "clip", "X -> Y\nY = Clip(X, -0.7, 0.9)", "5", TRUE, FALSE },
  { "where", "X -> Y\nY = Where(Greater(X, @4@), X, Neg(@3,4@))", "3,4", TRUE, FALSE },
  { "matmul", "X -> Y\nY = MatMul(X, @3,4,5@)", "2,1,6,4", FALSE, FALSE },
  { "matmul-right", "X -> Y\nY = MatMul(@5,6@, X)", "3,6,2", FALSE, FALSE },
  { "matmul-vector", "X -> Y\nY = MatMul(X, @4@)", "2,3,4", FALSE, FALSE },
  { "matmul-row", "X -> Y\nY = MatMul(@3@, X)", "2,3,4", FALSE, FALSE },
  { "gemm", "X -> Y\nY = Gemm<transA=1,transB=1>(X, @5,4@, @5@)", "4,3", FALSE, FALSE },
  { "einsum", "X -> Y\nY = Einsum<equation=\"bij, bjk -> bik\">(X, @2,4,5@)", "2,3,4", FALSE, FALSE },
  { "einsum-diagonal", "X -> Y\nY = Einsum<equation=\"ii->i\">(X)", "4,4", FALSE, FALSE },
  { "conv", "X -> Y\nY = Conv<pads=[1,0,1,2],strides=[2,1]>(X, @4,3,3,2@, @4@)", "2,3,7,6", FALSE, FALSE },
  { "conv-groups", "X -> Y\nY = Conv<group=2,dilations=[2]>(X, @4,2,3@)", "1,4,9", FALSE, FALSE },
  { "conv-same", "X -> Y\nY = Conv<auto_pad=\"SAME_LOWER\",strides=[2,2]>(X, @1,1,3,3@)", "1,1,6,7", FALSE, FALSE },
  { "conv-depthwise", "X -> Y\nY = Conv<group=3>(X, @3,1,3@)", "1,3,6", FALSE, FALSE },
  { "conv-transpose", "X -> Y\nY = ConvTranspose<strides=[2],pads=[1,0]>(X, @3,2,3@, @2@)", "2,3,5", FALSE, FALSE },
  { "conv-transpose-groups", "X -> Y\nY = ConvTranspose<group=2,dilations=[2,1]>(X, @2,2,2,3@)", "1,2,4,4", FALSE, FALSE },
  { "conv-transpose-same", "X -> Y\nY = ConvTranspose<auto_pad=\"SAME_UPPER\",strides=[2,2]>(X, @1,2,3,3@)", "1,1,4,5",
    FALSE, FALSE },
  { "conv-transpose-lower", "X -> Y\nY = ConvTranspose<auto_pad=\"SAME_LOWER\",strides=[2,2]>(X, @1,2,3,3@)", "1,1,4,5",
    FALSE, FALSE },
  { "conv-transpose-shape", "X -> Y\nY = ConvTranspose<output_shape=[8],strides=[2]>(X, @1,2,4@)", "1,1,4", FALSE, FALSE },
  { "lstm", "X -> Y\nY, H = LSTM<hidden_size=2>(X, @1,8,3@, @1,8,2@)", "4,2,3", FALSE, TRUE },
  { "one-hot", "X -> Y\nA = ArgMax<axis=1,keepdims=0>(X)\nY = OneHot<axis=0>(A, i64[]{4}, @2@)", "3,4", TRUE, FALSE },
  { "dropout", "X -> Y\nY = Dropout(X, 0.3, bool[]{0})", "3,4", TRUE, FALSE },
  { "max-pool", "X -> Y\nY = MaxPool<kernel_shape=[3,2],strides=[2,1],pads=[1,0,1,0]>(X)", "1,2,7,5", FALSE, FALSE },
  { "average-pool", "X -> Y\nY = AveragePool<kernel_shape=[3],strides=[2],ceil_mode=1>(X)", "2,2,8", FALSE, FALSE },
  { "global-pool", "X -> Y\nY = GlobalAveragePool(X)", "2,3,4,2", FALSE, FALSE },
  { "reduce", "X -> Y\nY = ReduceSum<keepdims=0>(X, i64[2]{-1,0})", "2,3,4", FALSE, FALSE },
  { "reduce-all", "X -> Y\nY = ReduceMean<keepdims=1>(X)", "2,3", FALSE, FALSE },
  { "reduce-nothing", "X -> Y\nY = ReduceSum<noop_with_empty_axes=1>(X)", "2,3", FALSE, FALSE },
  { "argmax", "X -> Y\nY = Cast<to=11>(ArgMax<axis=1,keepdims=0>(X))", "3,4,2", TRUE, FALSE },
  { "softmax", "X -> Y\nY = Softmax<axis=1>(X)", "2,3,4", FALSE, FALSE },
  { "layer-norm", "X -> Y\nY = LayerNormalization<axis=1>(X, @3,4@, @3,4@)", "2,3,4", FALSE, FALSE },
  { "instance-norm", "X -> Y\nY = InstanceNormalization(X, @3@, @3@)", "2,3,5", FALSE, FALSE },
  { "group-norm", "X -> Y\nY = GroupNormalization<num_groups=2>(X, @2@, @2@)", "2,4,3", FALSE, TRUE },
  { "batch-norm", "X -> Y\nY = BatchNormalization(X, @3@, @3@, @3@, Abs(@3@))", "2,3,4", FALSE, FALSE },
  { "lrn", "X -> Y\nY = LRN<size=3>(X)", "1,6,2", FALSE, TRUE },
  { "top-k", "X -> Y\nY, I = TopK<axis=0>(X, i64[1]{2})", "4,3", FALSE, FALSE },
  { "cumsum", "X -> Y\nY = CumSum(X, i64[]{1})", "2,5", FALSE, TRUE },
  { "transpose", "X -> Y\nY = Transpose<perm=[2,0,1]>(X)", "2,3,4", FALSE, FALSE },
  { "reshape", "X -> Y\nY = Squeeze(Unsqueeze(Flatten(Reshape(X, i64[2]{4,6})), i64[1]{1}), i64[1]{1})", "2,3,4", FALSE,
    FALSE },
  { "slice", "X -> Y\nY = Slice(X, i64[2]{-1,0}, i64[2]{-9,4}, i64[2]{1,0}, i64[2]{-2,2})", "5,6", FALSE, FALSE },
  { "concat", "X -> Y\nY = Concat<axis=1>(X, @2,2@, X)", "2,3", FALSE, FALSE },
  { "split", "X -> Y\nA, B = Split<axis=1>(X, i64[2]{2,3})\nY = ReduceSum(B, i64[1]{0})", "2,5", FALSE, FALSE },
  { "gather", "X -> Y\nY = Gather<axis=1>(X, i64[2,2]{3,0,-1,1})", "2,4,2", FALSE, FALSE },
  { "gather-elements", "X -> Y\nY = GatherElements<axis=1>(X, i64[2,2]{3,0,-1,1})", "2,4", FALSE, FALSE },
  { "gather-nd", "X -> Y\nY = GatherND(X, i64[2,2]{1,0,0,2})", "2,3,2", FALSE, FALSE },
  { "scatter", "X -> Y\nY = ScatterND(X, i64[2,1]{3,0}, @2,2@)", "4,2", FALSE, FALSE },
  { "pad", "X -> Y\nY = Pad(X, i64[4]{1,0,0,2}, 0.5)", "2,3", FALSE, FALSE },
  { "pad-reflect", "X -> Y\nY = Pad<mode=\"reflect\">(X, i64[4]{1,2,1,2})", "3,4", FALSE, FALSE },
  { "tile", "X -> Y\nY = Expand(Tile(X, i64[2]{2,3}), i64[3]{2,1,1})", "2,2", FALSE, FALSE },
  { "depth-to-space", "X -> Y\nY = SpaceToDepth<blocksize=2>(DepthToSpace<blocksize=2,mode=\"CRD\">(X))", "1,4,2,2", FALSE,
    FALSE },
  { "reverse", "X -> Y\nY = ReverseSequence<batch_axis=0,time_axis=1>(X, i64[2]{3,2})", "2,4", FALSE, FALSE },
  { "triangle", "X -> Y\nY = Trilu<upper=0>(X)", "4,4", FALSE, FALSE },
  { "resize-nearest", "X -> Y\nY = Resize<mode=\"nearest\">(X, , f32[4]{1,1,1.5,0.6})", "1,2,4,5", FALSE, FALSE },
  { "resize-linear", "X -> Y\nY = Resize<mode=\"linear\">(X, , f32[4]{1,1,3.0,3.0})", "1,1,9,8", FALSE, TRUE },
  { "resize-down", "X -> Y\nY = Resize<mode=\"cubic\",antialias=1>(X, , , i64[4]{1,1,6,24})", "1,1,24,6", FALSE, TRUE },
  { "attention", "X -> Y\nY = Attention(X, @2,2,3,4@, @2,2,3,4@)", "2,2,3,4", FALSE, TRUE },
  { "unknown", "X -> Y\nY = Det(X)", "2,3,3", FALSE, TRUE },
  { "network",
    "X -> Y\nA = Relu(Conv<pads=[1,1,1,1]>(X, @4,2,3,3@, @4@))\nB = MaxPool<kernel_shape=[2,2],strides=[2,2]>(A)\n"
    "C = Reshape(Transpose<perm=[0,2,3,1]>(B), i64[3]{1,16,4})\nD = Softmax(MatMul(C, @4,5@))\n"
    "Y = Slice(Add(D, @16,1@), i64[1]{3}, i64[1]{9}, i64[1]{1})",
    "1,2,8,8", FALSE, FALSE },
};

/* Numbers for every @shape@. */
static char *
fill_in (const char *text, GRand *rand)
{
  g_auto (GStrv) parts = g_strsplit (text, "@", -1);
  GString *all = g_string_new (NULL);

  for (int i = 0; parts[i] != NULL; i++)
    if (i % 2 == 0)
      g_string_append (all, parts[i]);
    else
      {
        g_auto (GStrv) dims = g_strsplit (parts[i], ",", -1);
        gint64 n = 1;

        for (int k = 0; dims[k] != NULL; k++)
          n *= g_ascii_strtoll (dims[k], NULL, 10);
        g_string_append_printf (all, "f64[%s]{", parts[i]);
        for (gint64 k = 0; k < n; k++)
          g_string_append_printf (all, "%s%.4f", k > 0 ? ", " : "", g_rand_double_range (rand, -2, 2));
        g_string_append (all, "}");
      }
  return g_string_free (all, FALSE);
}

static OxTensor *
random_tensor (const char *shape, GRand *rand)
{
  g_auto (GStrv) parts = g_strsplit (shape, ",", -1);
  gint64 dims[8];
  int rank = 0;
  OxTensor *tensor;

  for (; parts[rank] != NULL; rank++)
    dims[rank] = g_ascii_strtoll (parts[rank], NULL, 10);
  tensor = ox_tensor_new (OX_F64, rank, dims, NULL);
  for (gint64 i = 0; i < tensor->count; i++)
    ox_tensor_set (tensor, i, g_rand_double_range (rand, -2, 2));
  return tensor;
}

/* The numbers moved where @mask (NULL: nothing) is @inside. */
static OxValue *
disturb (OxTensor *tensor, const OxMask *mask, gboolean inside, GRand *rand)
{
  g_autoptr (OxTensor) dense = ox_tensor_contiguous (tensor, NULL);
  OxTensor *copy = ox_tensor_new (dense->dtype, dense->rank, dense->dims, NULL);

  for (gint64 i = 0; i < copy->count; i++)
    {
      double x = ox_tensor_get (dense, i), by = g_rand_double_range (rand, -3, 3);

      ox_tensor_set (copy, i, (mask != NULL && mask->on[i]) == inside ? x + by : x);
    }
  return ox_value_new_tensor (copy);
}

static double
element_with (OxSession *session, int slot, OxValue *value, gint64 element)
{
  g_autoptr (OxSession) other = ox_session_new_twin (session, FALSE);

  ox_session_pin (other, OX_ANY_FRAME, ox_session_get_model (session)->graph, slot, value);
  ox_session_restart (other);
  run_good (other);
  return ox_tensor_get (ox_value_get_tensor (ox_session_output (other, 0)), element);
}

static const OxProvenanceRegion *
region_of (OxProvenance *provenance, const char *name)
{
  GPtrArray *regions = ox_provenance_regions (provenance);

  for (guint i = 0; i < regions->len; i++)
    if (g_str_equal (((OxProvenanceRegion *) g_ptr_array_index (regions, i))->slot->name, name))
      return g_ptr_array_index (regions, i);
  return NULL;
}

/* Every value of the main graph in turn. */
static void
try_values (const Row *row, OxSession *session, OxProvenance *provenance, OxSession *kept, gint64 element, GRand *rand)
{
  OxGraph *graph = ox_session_get_model (session)->graph;
  OxFrame *frame = ox_session_frame (kept, 0);
  double right = ox_tensor_get (ox_value_get_tensor (ox_session_output (kept, 0)), element);

  for (int slot = 0; slot < (int) graph->slots->len; slot++)
    {
      const OxSlot *info = ox_graph_slot (graph, slot);
      OxValue *value = ox_frame_value (frame, (OxRef){ 0, slot });
      OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
      const OxProvenanceRegion *region = region_of (provenance, info->name);
      g_autoptr (OxValue) outside = NULL, inside = NULL;
      double found;

      g_assert_true (region == NULL || region->coarse == NULL || row->coarse);
      if (tensor == NULL || tensor->dtype != OX_F64)
        continue;
      outside = disturb (tensor, region != NULL ? region->mask : NULL, FALSE, rand);
      found = element_with (session, slot, outside, element);
      if (memcmp (&found, &right, sizeof found) != 0)
        g_error ("%s: element %d is %.17g; with '%s' changed outside it is %.17g", row->name, (int) element, right,
                 info->name, found);
      if (region == NULL || row->steps || region->coarse != NULL)
        continue;
      inside = disturb (tensor, region->mask, TRUE, rand);
      found = element_with (session, slot, inside, element);
      if (found == right)
        g_error ("%s: element %d is %.17g whatever '%s' is", row->name, (int) element, right, info->name);
    }
}

static char *
name_of (const char *value, const OxTensor *tensor, gint64 element)
{
  g_autofree char *index = ox_index_to_string (tensor, element);

  return g_strconcat (value, index, NULL);
}

static void
test_disturb (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_str_hash (row->name));
  g_autofree char *text = fill_in (row->text, rand);
  OxModel *model = whole_model (strstr (text, "Attention") != NULL ? 23 : 19, text);
  g_autoptr (OxSession) session = ox_session_new (model, NULL), kept = NULL;
  g_autoptr (OxValue) x = ox_value_new_tensor (random_tensor (row->shape, rand));
  g_autoptr (OxProvenance) provenance = NULL;
  gint64 count;

  give (session, "X", x);
  kept = ox_session_new_twin (session, TRUE);
  run_good (kept);
  provenance = ox_provenance_new (session, BUDGET);
  count = ox_value_get_tensor (ox_session_output (kept, 0))->count;
  for (int times = 0; times < 6; times++)
    {
      gint64 element = g_rand_int_range (rand, 0, (gint32) count);
      g_autofree char *name = name_of ("Y", ox_value_get_tensor (ox_session_output (kept, 0)), element);
      g_autoptr (GError) error = NULL;

      ox_provenance_run (provenance, name, NULL, &error);
      g_assert_no_error (error);
      try_values (row, session, provenance, kept, element, rand);
    }
  ox_model_unref (model);
}

static char *
regions_text (OxProvenance *provenance)
{
  GPtrArray *regions = ox_provenance_regions (provenance);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < regions->len; i++)
    {
      const OxProvenanceRegion *region = g_ptr_array_index (regions, i);
      g_autofree char *part = ox_provenance_region_text (region);

      g_string_append_printf (text, "%s%s %s", i > 0 ? "; " : "", region->slot->name, part);
    }
  return g_string_free (text, FALSE);
}

static void
assert_regions (OxSession *session, const char *expression, const char *expected)
{
  g_autoptr (OxProvenance) provenance = ox_provenance_new (session, BUDGET);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  ox_provenance_run (provenance, expression, NULL, &error);
  g_assert_no_error (error);
  text = regions_text (provenance);
  g_assert_cmpstr (text, ==, expected);
}

/* By hand. */
static void
test_words (void)
{
  OxModel *model = whole_model (17, "X -> Y\nT = Transpose(X)\nY = Slice(T, i64[1]{1}, i64[1]{5}, i64[1]{0}, i64[1]{2})");
  const double x[10] = { 0 };
  g_autoptr (OxValue) value = ox_value_new_tensor (tensor_of (OX_F64, 2, (gint64[]) { 2, 5 }, x));
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  g_autoptr (OxProvenance) provenance = ox_provenance_new (session, BUDGET);
  g_autoptr (GError) error = NULL;

  give (session, "X", value);
  ox_provenance_free (provenance);
  provenance = ox_provenance_new (session, BUDGET);
  /* Y are columns 1 and 3 of X. */
  for (int i = 0; i < 2; i++)
    {
      static const char *const asked[] = { "Y[1,0]", "Y[:,-1]" };
      static const char *const expected[] = {
        "Y [1,0], 1 of 4; X [0,3], 1 of 10; T [3,0], 1 of 10",
        "Y [:,1], 2 of 4; X [1,1:4], 2 in there, of 10; T [1:4,1], 2 in there, of 10"
      };
      g_autofree char *text = NULL;
      g_autoptr (GString) found = g_string_new (NULL);

      g_assert_true (ox_provenance_run (provenance, asked[i], NULL, &error));
      for (guint k = 0; k < ox_provenance_regions (provenance)->len; k++)
        {
          const OxProvenanceRegion *region = g_ptr_array_index (ox_provenance_regions (provenance), k);
          g_autofree char *part = ox_provenance_region_text (region);

          if (region->origin != OX_ORIGIN_WEIGHT)
            g_string_append_printf (found, "%s%s %s", found->len > 0 ? "; " : "", region->slot->name, part);
        }
      g_assert_cmpstr (found->str, ==, expected[i]);
      text = ox_provenance_describe (provenance, 5);
      g_assert_nonnull (strstr (text, "inputs of the model:\n  'X' (f64 2x5): ["));
    }
  g_assert_false (ox_provenance_run (provenance, "Y[4,0]", NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (ox_provenance_run (provenance, "Y[0,0,0]", NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_clear_error (&error);
  g_assert_false (ox_provenance_run (provenance, "Z", NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  ox_model_unref (model);
}

/* s goes round: s = [s, 10 i + w[i]] three times, and each time its size is put aside. */
static void
test_loop (void)
{
  OxModel *model = model_new (17);
  OxGraph *g = model->graph, *body;
  const double w[] = { 1, 2, 3, 4 };
  g_autoptr (OxSession) session = NULL;
  OxNode *loop;

  ox_graph_add_input (g, "x", NULL);
  add_constant (g, "trips", ox_tensor_new_scalar (OX_I64, 3));
  add_constant (g, "w", list_of (OX_I64, 4, w));
  loop = add (g, "Loop", "loop", "trips - x", "s all");
  body = add_body (loop, "body", "i go before");
  add (body, "Unsqueeze", "", "i zero", "at");
  add_constant (body, "zero", list_of (OX_I64, 1, (double[]) { 0 }));
  add (body, "Gather", "", "w at", "one");
  set_int (add (body, "Concat", "", "before one", "after"), "axis", 0);
  add (body, "ReduceSum", "", "after", "sum");
  add_outputs (body, "go after sum");
  add_outputs (g, "s all");
  link_good (model);
  session = ox_session_new (model, NULL);
  give_list (session, "x", 2, (double[]) { 7, 8 });
  ox_model_unref (model);
  /* s is [7, 8, 1, 2, 3]: the fourth came in the second iteration from w[1]. */
  {
    g_autoptr (OxProvenance) provenance = ox_provenance_new (session, BUDGET);
    g_autoptr (GError) error = NULL;
    g_autofree char *second = NULL, *first = NULL;

    g_assert_true (ox_provenance_run (provenance, "s[3]", NULL, &error));
    g_assert_null (region_of (provenance, "x"));
    second = ox_provenance_region_text (region_of (provenance, "w"));
    g_assert_cmpstr (second, ==, "[1], 1 of 4");
    g_assert_true (ox_provenance_run (provenance, "s[1]", NULL, &error));
    g_assert_null (region_of (provenance, "w"));
    first = ox_provenance_region_text (region_of (provenance, "x"));
    g_assert_cmpstr (first, ==, "[1], 1 of 2");
    g_assert_nonnull (region_of (provenance, "trips"));
  }
  /* The sum of the second iteration knows of x and of the first two. */
  {
    g_autoptr (OxProvenance) provenance = ox_provenance_new (session, BUDGET);
    g_autoptr (GError) error = NULL;
    g_autofree char *w_text = NULL;

    g_assert_true (ox_provenance_run (provenance, "all[1]", NULL, &error));
    w_text = ox_provenance_region_text (region_of (provenance, "w"));
    g_assert_cmpstr (w_text, ==, "[0:2], 2 of 4");
    for (guint i = 0; i < ox_provenance_regions (provenance)->len; i++)
      {
        const OxProvenanceRegion *region = g_ptr_array_index (ox_provenance_regions (provenance), i);

        g_assert_true (region->where == NULL || strstr (region->where, "iteration 2") == NULL);
      }
    /* One asks of the last iteration when asking of a value in the body. */
    g_assert_true (ox_provenance_run (provenance, "before[2]", NULL, &error));
    g_assert_no_error (error);
    g_clear_pointer (&w_text, g_free);
    w_text = ox_provenance_region_text (region_of (provenance, "w"));
    g_assert_cmpstr (w_text, ==, "[0], 1 of 4");
  }
}

/* Only the branch that was taken, and what decided it. */
static void
test_if (void)
{
  OxModel *model = model_new (17);
  OxGraph *g = model->graph, *branch;
  g_autoptr (OxSession) session = NULL;
  OxNode *pick;

  ox_graph_add_input (g, "x", NULL);
  add_constant (g, "limit", list_of (OX_I64, 1, (double[]) { 5 }));
  set_int (add (g, "ReduceSum", "", "x", "sum"), "keepdims", 0);
  add (g, "Greater", "", "sum limit", "flags");
  add (g, "Squeeze", "", "flags", "flag");
  pick = add (g, "If", "pick", "flag", "y");
  branch = add_body (pick, "then_branch", "");
  add (branch, "Neg", "", "x", "n");
  add_outputs (branch, "n");
  branch = add_body (pick, "else_branch", "");
  add (branch, "Identity", "", "limit", "p");
  add_outputs (branch, "p");
  add_outputs (g, "y");
  link_good (model);
  session = ox_session_new (model, NULL);
  give_list (session, "x", 3, (double[]) { 3, 4, 5 });
  ox_model_unref (model);
  assert_regions (session, "y[1]",
                  "y [1], 1 of 3; x [:], all 3; limit [0], all 1; n [1], 1 of 3; flag all 1; flags [0], all 1; sum all 1");
  assert_regions (session, "sum", "sum all 1; x [:], all 3");
}

/* A Scan that goes backwards over rows: its outputs in order again. */
static void
test_scan (void)
{
  OxModel *model = model_new (17);
  OxGraph *g = model->graph, *body;
  g_autoptr (OxSession) session = NULL;
  const gint64 backwards = 1;
  OxNode *scan;

  ox_graph_add_input (g, "x", NULL);
  add_constant (g, "start", ox_tensor_new_scalar (OX_I64, 0));
  scan = add (g, "Scan", "scan", "start x", "end sums");
  set_int (scan, "num_scan_inputs", 1);
  set_ints (scan, "scan_input_directions", 1, &backwards);
  set_ints (scan, "scan_output_directions", 1, &backwards);
  body = add_body (scan, "body", "before item");
  add (body, "Add", "", "before item", "after");
  add (body, "Identity", "", "after", "copy");
  add_outputs (body, "after copy");
  add_outputs (g, "end sums");
  link_good (model);
  session = ox_session_new (model, NULL);
  give_list (session, "x", 4, (double[]) { 1, 2, 3, 4 });
  ox_model_unref (model);
  {
    g_autoptr (OxProvenance) provenance = ox_provenance_new (session, BUDGET);
    g_autofree char *text = NULL;

    /* x[3] comes first: sums[2] is x[3] + x[2]. */
    g_assert_true (ox_provenance_run (provenance, "sums[2]", NULL, NULL));
    text = ox_provenance_region_text (region_of (provenance, "x"));
    g_assert_cmpstr (text, ==, "[2:4], 2 of 4");
  }
}

static void
test_function (void)
{
  OxModel *model = model_new (17);
  OxFunction *function = ox_function_new (model, "own", "Rows", "");
  OxOpset import = { g_strdup ("own"), 1 }, inner = { g_strdup ("ai.onnx"), 17 };
  g_autoptr (OxSession) session = NULL;
  OxNode *call;

  g_array_append_val (model->opsets, import);
  g_array_append_val (function->opsets, inner);
  ox_graph_add_input (function->body, "a", NULL);
  ox_graph_add_input (function->body, "b", NULL);
  add (function->body, "Mul", "", "a b", "c");
  add_outputs (function->body, "c");
  ox_graph_add_input (model->graph, "x", NULL);
  add (model->graph, "Neg", "", "x", "n");
  call = ox_graph_add_node (model->graph, "Rows", "own", "call");
  ox_node_add_input (call, "n");
  ox_node_add_input (call, "x");
  ox_node_add_output (call, "y");
  add_outputs (model->graph, "y");
  link_good (model);
  session = ox_session_new (model, NULL);
  give_list (session, "x", 3, (double[]) { 1, 2, 3 });
  ox_model_unref (model);
  assert_regions (session, "y[2]",
                  "y [2], 1 of 3; x [2], 1 of 3; c [2], 1 of 3; a [2], 1 of 3; b [2], 1 of 3; n [2], 1 of 3");
}

static void
test_limits (void)
{
  OxModel *model = whole_model (17, "X -> Y\nY = Neg(Neg(X))");
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  g_autoptr (OxValue) x = ox_value_new_tensor (ox_tensor_new_zeros (OX_F64, 1, (gint64[]) { 100000 }, NULL));
  g_autoptr (OxProvenance) small = NULL, cancelled = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  give (session, "X", x);
  small = ox_provenance_new (session, 1000);
  g_assert_false (ox_provenance_run (small, "Y[0]", NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_MEMORY);
  g_clear_error (&error);
  cancelled = ox_provenance_new (session, BUDGET);
  g_cancellable_cancel (cancellable);
  g_assert_false (ox_provenance_run (cancelled, "Y[0]", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  ox_model_unref (model);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *name = g_strconcat ("/provenance/disturb/", rows[i].name, NULL);

      g_test_add_data_func (name, &rows[i], test_disturb);
    }
  g_test_add_func ("/provenance/words", test_words);
  g_test_add_func ("/provenance/loop", test_loop);
  g_test_add_func ("/provenance/if", test_if);
  g_test_add_func ("/provenance/scan", test_scan);
  g_test_add_func ("/provenance/function", test_function);
  g_test_add_func ("/provenance/limits", test_limits);
  return g_test_run ();
}
