/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-op.h"

#include <string.h>

gboolean
ox_call_axis (OxCall *call, gint64 axis, int rank, int *result, GError **error)
{
  if (axis < -(gint64) rank || axis >= rank)
    return ox_fail (error, OX_ERROR_VALUE, "axis %" G_GINT64_FORMAT " is outside of %d..%d, the rank is %d", axis, -rank,
                    rank - 1, rank);
  *result = (int) (axis < 0 ? axis + rank : axis);
  return TRUE;
}

static char *
dims_string (OxCall *call, int rank, const OxDim *dims)
{
  GString *text = g_string_new (rank == 0 ? "[]" : NULL);

  for (int i = 0; i < rank; i++)
    {
      g_autofree char *dim = ox_dim_to_string (call->dims, dims[i]);

      g_string_append_printf (text, i > 0 ? "x%s" : "%s", dim);
    }
  return g_string_free (text, FALSE);
}

gboolean
ox_call_broadcast (OxCall *call, int rank_a, const OxDim *a, int rank_b, const OxDim *b, int *rank, OxDim *dims,
                   GError **error)
{
  OxDim result[OX_MAX_RANK];
  int n = MAX (rank_a, rank_b);

  if (rank_a < 0 || rank_b < 0)
    {
      *rank = -1;
      return TRUE;
    }
  for (int i = 0; i < n; i++)
    {
      OxDim x = i < n - rank_a ? 1 : a[i - (n - rank_a)];
      OxDim y = i < n - rank_b ? 1 : b[i - (n - rank_b)];

      if (x == y || y == 1)
        result[i] = x;
      else if (x == 1)
        result[i] = y;
      else if (ox_dim_known (x) && ox_dim_known (y))
        {
          g_autofree char *left = dims_string (call, rank_a, a);
          g_autofree char *right = dims_string (call, rank_b, b);

          return ox_fail (error, OX_ERROR_SHAPE, "shapes %s and %s do not broadcast", left, right);
        }
      else if (ox_dim_known (x))
        result[i] = x; /* the other one can only be the same or 1 */
      else if (ox_dim_known (y))
        result[i] = y;
      else
        result[i] = OX_DIM_UNKNOWN;
    }
  *rank = n;
  if (n > 0)
    memcpy (dims, result, (gsize) n * sizeof (OxDim));
  return TRUE;
}

gboolean
ox_infer_same (OxCall *call, GError **error)
{
  for (int o = 0; o < MAX (call->n_out, call->op->out.max); o++)
    ox_call_set_like (call, o, 0);
  return TRUE;
}

/* All inputs broadcast; @dtype UNDEFINED: that of the inputs. */
static gboolean
infer_broadcast (OxCall *call, OxDtype dtype, GError **error)
{
  OxDim dims[OX_MAX_RANK];
  OxDtype common = OX_UNDEFINED;
  int rank = 0;

  for (int i = 0; i < call->n_in; i++)
    {
      const OxFact *fact = ox_call_fact (call, i);

      if (fact == NULL)
        continue;
      if (fact->dtype != OX_UNDEFINED)
        {
          if (common == OX_UNDEFINED)
            common = fact->dtype;
          else if (common != fact->dtype)
            return ox_fail (error, OX_ERROR_DTYPE, "inputs must have one element type, found %s and %s",
                            ox_dtype_name (common), ox_dtype_name (fact->dtype));
        }
      if (!ox_call_broadcast (call, rank, dims, fact->kind == OX_TYPE_TENSOR ? fact->rank : -1, fact->dims, &rank, dims,
                              error))
        return FALSE;
    }
  ox_call_set (call, 0, dtype != OX_UNDEFINED ? dtype : common, rank, dims);
  return TRUE;
}

gboolean
ox_infer_broadcast (OxCall *call, GError **error)
{
  return infer_broadcast (call, OX_UNDEFINED, error);
}

gboolean
ox_infer_compare (OxCall *call, GError **error)
{
  return infer_broadcast (call, OX_BOOL, error);
}
