/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/derive.h"

#include <string.h>

/* Derivative rules of operators that move elements: they move the gradient back. */

static gboolean
derive_reshape (OxWriter *w, int i, GString *to, GError **error)
{
  g_autofree char *shape = ox_derive_shape (w->in[0]);

  if (i == 0)
    ox_writer_put (w, to, "Reshape<allowzero=1>($g, %s)", shape);
  return TRUE;
}

static gboolean
derive_transpose (OxWriter *w, int i, GString *to, GError **error)
{
  int rank = w->in[0]->rank, n;
  const gint64 *perm = ox_writer_ints (w, "perm", &n);

  ox_writer_put (w, to, "Transpose<perm=[");
  for (int d = 0; d < rank; d++)
    {
      int at = rank - 1 - d;

      for (int k = 0; perm != NULL && k < n; k++)
        if (perm[k] == d || perm[k] + rank == d)
          at = k;
      g_string_append_printf (to, "%s%d", d > 0 ? "," : "", at);
    }
  ox_writer_put (w, to, "]>($g)");
  return TRUE;
}

static gboolean
derive_expand (OxWriter *w, int i, GString *to, GError **error)
{
  if (i == 0)
    ox_derive_fold (to, w->gradients[0], w->out[0]->rank, w->out[0]->dims, w->in[0]);
  return TRUE;
}

static int
read_axis (const OxWriter *w, int rank)
{
  gint64 axis = ox_writer_int (w, "axis");

  return (int) (axis < 0 ? axis + rank : axis);
}

static gboolean
derive_concat (OxWriter *w, int i, GString *to, GError **error)
{
  int axis = read_axis (w, w->out[0]->rank);
  gint64 start = 0;

  for (int k = 0; k < i; k++)
    start += w->in[k]->dims[axis];
  ox_writer_put (w, to, "Slice($g, i64[1]{%" G_GINT64_FORMAT "}, i64[1]{%" G_GINT64_FORMAT "}, i64[1]{%d})", start,
                 start + w->in[i]->dims[axis], axis);
  return TRUE;
}

static gboolean
derive_split (OxWriter *w, int i, GString *to, GError **error)
{
  if (i > 0)
    return TRUE;
  g_string_append_printf (to, "Concat<axis=%d>(", read_axis (w, w->in[0]->rank));
  for (int o = 0; o < w->n_out; o++)
    {
      g_autofree char *shape = w->out[o] != NULL ? ox_derive_shape (w->out[o]) : NULL;

      if (shape == NULL)
        return ox_fail (error, OX_ERROR_UNSUPPORTED, "the derivative of Split needs all of its outputs");
      if (o > 0)
        g_string_append (to, ", ");
      if (w->gradients[o] != NULL)
        g_string_append (to, w->gradients[o]);
      else
        ox_writer_put (w, to, "Expand(#0, %s)", shape);
    }
  g_string_append_c (to, ')');
  return TRUE;
}

/* Where the slice begins and how it goes, an axis each. */
static void
read_slice (const OxWriter *w, gint64 *starts, gint64 *steps)
{
  const OxTensor *x = w->in[0];
  const gint64 *given = NULL, *axes = NULL;
  gboolean inputs = w->op->since >= 10;
  int n = 0, n_axes = 0;

  for (int d = 0; d < x->rank; d++)
    {
      starts[d] = 0;
      steps[d] = 1;
    }
  if (inputs)
    n = (int) w->in[1]->count;
  else
    {
      given = ox_writer_ints (w, "starts", &n);
      axes = ox_writer_ints (w, "axes", &n_axes);
    }
  for (int k = 0; k < n; k++)
    {
      gboolean named = inputs && w->n_in > 3 && w->in[3] != NULL;
      gint64 axis = named ? ox_tensor_get_int (w->in[3], k) : axes != NULL ? axes[k] : k;
      gint64 start = inputs ? ox_tensor_get_int (w->in[1], k) : given[k];

      axis = axis < 0 ? axis + x->rank : axis;
      if (inputs && w->n_in > 4 && w->in[4] != NULL)
        steps[axis] = ox_tensor_get_int (w->in[4], k);
      start = start < 0 ? start + x->dims[axis] : start;
      starts[axis] = CLAMP (start, 0, steps[axis] < 0 ? x->dims[axis] - 1 : x->dims[axis]);
    }
}

/* Steps other than one are scattered axis by axis, the rest is padded. */
static gboolean
derive_slice (OxWriter *w, int i, GString *to, GError **error)
{
  const OxTensor *x = w->in[0], *y = w->out[0];
  gint64 starts[OX_MAX_RANK], steps[OX_MAX_RANK], dims[OX_MAX_RANK], pads[2 * OX_MAX_RANK];
  g_autofree char *shape = ox_derive_shape (x), *list = NULL;
  g_autoptr (GString) now = g_string_new (w->gradients[0]);
  gboolean pad = FALSE;

  if (i > 0)
    return TRUE;
  if (y->count == 0)
    {
      ox_writer_put (w, to, "Expand(#0, %s)", shape);
      return TRUE;
    }
  read_slice (w, starts, steps);
  memcpy (dims, y->dims, (gsize) y->rank * sizeof (gint64));
  for (int d = 0; d < x->rank; d++)
    {
      pads[d] = pads[x->rank + d] = 0;
      if (steps[d] == 1 || dims[d] == 1)
        {
          pads[d] = starts[d];
          pads[x->rank + d] = x->dims[d] - starts[d] - dims[d];
          pad = pad || pads[d] > 0 || pads[x->rank + d] > 0;
        }
      else
        {
          gint64 ones[OX_MAX_RANK];
          g_autofree char *before = ox_writer_ints_text (y->rank, dims), *after = NULL, *line = NULL;
          g_autoptr (GString) next = g_string_new (NULL);

          for (int k = 0; k < x->rank; k++)
            ones[k] = k == d ? dims[d] : 1;
          line = ox_writer_ints_text (x->rank, ones);
          g_string_append_printf (next, "Expand(Reshape(Range(i64{%" G_GINT64_FORMAT "}, i64{%" G_GINT64_FORMAT "}, "
                                        "i64{%" G_GINT64_FORMAT "}), %s), %s)",
                                  starts[d], starts[d] + steps[d] * dims[d], steps[d], line, before);
          dims[d] = x->dims[d];
          after = ox_writer_ints_text (x->rank, dims);
          g_string_prepend (next, ", ");
          g_string_prepend (next, ")");
          {
            g_autoptr (GString) zeros = g_string_new (NULL);

            ox_writer_put (w, zeros, "ScatterElements<axis=%d>(Expand(#0, %s", d, after);
            g_string_prepend (next, zeros->str);
          }
          g_string_append_printf (next, ", %s)", now->str);
          g_string_assign (now, next->str);
        }
    }
  list = ox_writer_ints_text (2 * x->rank, pads);
  if (pad)
    g_string_append_printf (to, "Pad(%s, %s)", now->str, list);
  else
    g_string_append (to, now->str);
  return TRUE;
}

/* Of a constant border only: the elements inside. */
static gboolean
derive_pad (OxWriter *w, int i, GString *to, GError **error)
{
  const OxTensor *x = w->in[0];
  gint64 starts[OX_MAX_RANK], ends[OX_MAX_RANK], axes[OX_MAX_RANK];
  g_autofree char *from = NULL, *until = NULL, *along = NULL;
  const gint64 *given = NULL;
  int n = 0;

  if (i > 0)
    return i == 2 ? ox_fail (error, OX_ERROR_UNSUPPORTED, "there is no derivative rule for the value of Pad") : TRUE;
  if (w->op->since < 2 || !ox_writer_is (w, "mode", "constant"))
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "there is a derivative rule only for Pad from opset 2 on with a constant");
  if (w->op->since < 11)
    given = ox_writer_ints (w, "pads", &n);
  for (int d = 0; d < x->rank; d++)
    {
      starts[d] = given != NULL ? given[d] : 0;
      axes[d] = d;
    }
  n = given != NULL ? 0 : (int) w->in[1]->count / 2;
  for (int k = 0; k < n; k++)
    {
      gint64 axis = w->n_in > 3 && w->in[3] != NULL ? ox_tensor_get_int (w->in[3], k) : k;

      starts[axis < 0 ? axis + x->rank : axis] = ox_tensor_get_int (w->in[1], k);
    }
  for (int d = 0; d < x->rank; d++)
    {
      if (starts[d] < 0 || starts[d] + x->dims[d] > w->out[0]->dims[d])
        return ox_fail (error, OX_ERROR_UNSUPPORTED, "there is no derivative rule for Pad that cuts off");
      ends[d] = starts[d] + x->dims[d];
    }
  from = ox_writer_ints_text (x->rank, starts);
  until = ox_writer_ints_text (x->rank, ends);
  along = ox_writer_ints_text (x->rank, axes);
  ox_writer_put (w, to, "Slice($g, %s, %s, %s)", from, until, along);
  return TRUE;
}

/* Each axis becomes two, of the repeats and of the elements. */
static gboolean
derive_tile (OxWriter *w, int i, GString *to, GError **error)
{
  const OxTensor *x = w->in[0];
  gint64 dims[OX_MAX_RANK], axes[OX_MAX_RANK];
  g_autofree char *apart = NULL, *sum = NULL;

  if (i > 0)
    return TRUE;
  if (2 * x->rank > OX_MAX_RANK || w->op->since < 6)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "there is no derivative rule for this Tile");
  for (int d = 0; d < x->rank; d++)
    {
      dims[2 * d] = x->dims[d] > 0 ? w->out[0]->dims[d] / x->dims[d] : ox_tensor_get_int (w->in[1], d);
      dims[2 * d + 1] = x->dims[d];
      axes[d] = 2 * d;
    }
  apart = ox_writer_ints_text (2 * x->rank, dims);
  sum = ox_writer_ints_text (x->rank, axes);
  if (x->rank == 0)
    ox_writer_put (w, to, "$g");
  else
    ox_writer_put (w, to, "ReduceSum<keepdims=0>(Reshape<allowzero=1>($g, %s), %s)", apart, sum);
  return TRUE;
}

/* What was gathered from one place adds up there. */
static gboolean
derive_gather (OxWriter *w, int i, GString *to, GError **error)
{
  const OxTensor *x = w->in[0];
  int axis = read_axis (w, x->rank);
  gint64 three[3] = { 1, x->dims[axis], 1 }, gathered[3], line[3] = { 1, w->in[1]->count, 1 };
  g_autofree char *whole = NULL, *part = NULL, *list = NULL, *shape = ox_derive_shape (x);

  if (i > 0)
    return TRUE;
  for (int d = 0; d < x->rank; d++)
    if (d != axis)
      three[d < axis ? 0 : 2] *= x->dims[d];
  memcpy (gathered, three, sizeof gathered);
  gathered[1] = line[1];
  whole = ox_writer_ints_text (3, three);
  part = ox_writer_ints_text (3, gathered);
  list = ox_writer_ints_text (3, line);
  ox_writer_put (w, to, "Reshape<allowzero=1>(ScatterElements<axis=1, reduction=\"add\">(Expand(#0, %s), "
                        "Expand(Reshape<allowzero=1>($1, %s), %s), Reshape<allowzero=1>($g, %s)), %s)",
                 whole, list, part, part, shape);
  return TRUE;
}

static gboolean
derive_gather_elements (OxWriter *w, int i, GString *to, GError **error)
{
  g_autofree char *shape = ox_derive_shape (w->in[0]);

  if (i == 0)
    ox_writer_put (w, to, "ScatterElements<axis=%d, reduction=\"add\">(Expand(#0, %s), $1, $g)",
                   read_axis (w, w->in[0]->rank), shape);
  return TRUE;
}

static gboolean
derive_gather_nd (OxWriter *w, int i, GString *to, GError **error)
{
  g_autofree char *shape = ox_derive_shape (w->in[0]);

  if (i > 0)
    return TRUE;
  if (ox_writer_has (w, "batch_dims") && ox_writer_int (w, "batch_dims") != 0)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "there is no derivative rule for GatherND with batch_dims");
  ox_writer_put (w, to, "ScatterND<reduction=\"add\">(Expand(#0, %s), $1, $g)", shape);
  return TRUE;
}

const OxDeriveRow ox_derive_move_rows[] = {
  { "Concat", .func = derive_concat },
  { "Expand", .func = derive_expand },
  { "Flatten", .func = derive_reshape },
  { "Gather", .func = derive_gather },
  { "GatherElements", .func = derive_gather_elements },
  { "GatherND", .func = derive_gather_nd },
  { "Pad", .func = derive_pad },
  { "Reshape", .func = derive_reshape },
  { "Slice", .func = derive_slice },
  { "Split", .func = derive_split, .all = TRUE },
  { "Squeeze", .func = derive_reshape },
  { "Tile", .func = derive_tile },
  { "Transpose", .func = derive_transpose },
  { "Unsqueeze", .func = derive_reshape },
  { NULL },
};
