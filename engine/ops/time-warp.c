/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>

#include "ops/ox-move.h"

/* DynamicTimeWarping: the cheapest way through a matrix of costs, from its first element to its last by steps down, right
 * and both. Of ways that cost the same, one that comes from the left is taken. */

enum { BOTH, DOWN, RIGHT };

static gboolean
infer_warp (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  int rank = ox_fact_rank (x);

  if (x != NULL && x->dtype != OX_UNDEFINED && x->dtype != OX_F32)
    return ox_fail (error, OX_ERROR_DTYPE, "expected costs of float, found %s", ox_dtype_name (x->dtype));
  if (rank >= 0 && rank != 2 && rank != 3)
    return ox_fail (error, OX_ERROR_SHAPE, "the costs have rank %d, expected 2, or 3 with one matrix", rank);
  if (rank == 3 && ox_dim_known (x->dims[0]) && x->dims[0] != 1)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " matrices of costs, expected one", x->dims[0]);
  /* How long the way is tells only the run. */
  if (!call->running)
    ox_call_set (call, 0, OX_I32, 2, (const OxDim[]){ 2, OX_DIM_UNKNOWN });
  return TRUE;
}

static gboolean
run_warp (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in_dense (call, 0, error);
  gint64 rows, columns, n = 0, row, column;
  const float *cost;
  gint32 *way, *out;
  guint8 *from;
  float *sums;
  OxTensor *result;

  if (x == NULL)
    return FALSE;
  rows = x->dims[x->rank - 2];
  columns = x->dims[x->rank - 1];
  cost = (const float *) (const void *) x->data;
  if (rows > G_MAXINT32 || columns > G_MAXINT32)
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " rows and %" G_GINT64_FORMAT " columns are too many", rows, columns);
  if ((sums = ox_call_scratch_n (call, columns + 1, 2 * sizeof (float), error)) == NULL
      || (from = ox_call_scratch_n (call, MAX (x->count, 1), 1, error)) == NULL
      || (way = ox_call_scratch_n (call, rows + columns + 1, 2 * sizeof (gint32), error)) == NULL)
    return FALSE;
  for (gint64 r = 0; r < rows; r++)
    {
      float *above = sums + (r % 2) * columns, *here = sums + (1 - r % 2) * columns;

      if (ox_call_cancelled (call, error))
        return FALSE;
      for (gint64 c = 0; c < columns && !ox_pause (c); c++)
        {
          float both = r > 0 && c > 0 ? above[c - 1] : r + c > 0 ? INFINITY : 0;
          float down = r > 0 ? above[c] : INFINITY, right = c > 0 ? here[c - 1] : INFINITY;
          guint8 step = both < right && both < down ? BOTH : down < both && down < right ? DOWN : RIGHT;

          if (r + c == 0)
            step = BOTH;
          from[r * columns + c] = step;
          here[c] = cost[r * columns + c] + (step == BOTH ? both : step == DOWN ? down : right);
        }
    }
  row = rows - 1;
  column = columns - 1;
  while (row >= 0 && column >= 0)
    {
      guint8 step = from[row * columns + column];

      /* Not numbers tell nothing of where to go: along the edge back to the beginning. */
      step = row == 0 && column > 0 ? RIGHT : column == 0 && row > 0 ? DOWN : step;
      way[2 * n] = (gint32) row;
      way[2 * n++ + 1] = (gint32) column;
      row -= step != RIGHT;
      column -= step != DOWN;
    }
  if ((result = ox_call_alloc (call, 0, OX_I32, 2, (const gint64[]){ 2, n }, error)) == NULL)
    return FALSE;
  out = (gint32 *) (void *) result->data;
  for (gint64 i = 0; i < n; i++)
    {
      out[i] = way[2 * (n - 1 - i)];
      out[n + i] = way[2 * (n - 1 - i) + 1];
    }
  return TRUE;
}

static const OxOp time_warp_rows[] = {
  { "DynamicTimeWarping", 1, { 1, 1 }, { 1, 1 }, .infer = infer_warp, .run = run_warp },
};

OX_FAMILY (time_warp, "com.microsoft", time_warp_rows);
