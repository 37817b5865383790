/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/derive.h"

/* The derivative of Conv: back to the input by ConvTranspose, to the weights by a convolution of input and gradient with
 * batch and channels exchanged. */

typedef struct
{
  int    axes;
  gint64 strides[OX_MAX_RANK], dilations[OX_MAX_RANK], begins[OX_MAX_RANK], ends[OX_MAX_RANK], rest[OX_MAX_RANK];
} Window;

static void
read_window (const OxWriter *w, Window *window)
{
  const OxTensor *x = w->in[0], *weights = w->in[1], *y = w->out[0];
  int n_strides, n_dilations, n_pads;
  const gint64 *strides = ox_writer_ints (w, "strides", &n_strides),
               *dilations = ox_writer_ints (w, "dilations", &n_dilations);
  const gint64 *pads = ox_writer_ints (w, "pads", &n_pads);
  gboolean upper = ox_writer_is (w, "auto_pad", "SAME_UPPER"), lower = ox_writer_is (w, "auto_pad", "SAME_LOWER");
  gboolean own = ox_writer_is (w, "auto_pad", "NOTSET");

  window->axes = x->rank - 2;
  for (int d = 0; d < window->axes; d++)
    {
      gint64 s = window->strides[d] = strides != NULL && d < n_strides ? strides[d] : 1;
      gint64 l = window->dilations[d] = dilations != NULL && d < n_dilations ? dilations[d] : 1;
      gint64 extent = (weights->dims[d + 2] - 1) * l + 1, covered = (y->dims[d + 2] - 1) * s + extent;
      gint64 total = MAX (covered - x->dims[d + 2], 0);

      window->begins[d] = upper ? total / 2 : lower ? total - total / 2 : 0;
      window->ends[d] = upper || lower ? total - window->begins[d] : 0;
      if (own && pads != NULL && n_pads == 2 * window->axes)
        {
          window->begins[d] = pads[d];
          window->ends[d] = pads[window->axes + d];
        }
      window->rest[d] = x->dims[d + 2] + window->begins[d] + window->ends[d] - covered;
    }
}

static void
put_list (GString *to, const char *name, int n, const gint64 *a, const gint64 *b)
{
  g_string_append_printf (to, "%s=[", name);
  for (int i = 0; i < n; i++)
    g_string_append_printf (to, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "", a[i]);
  for (int i = 0; b != NULL && i < n; i++)
    g_string_append_printf (to, ",%" G_GINT64_FORMAT, b[i]);
  g_string_append_c (to, ']');
}

/* Axes 0 and 1 of @expression exchanged. */
static char *
exchange (const char *expression, int rank)
{
  GString *text = g_string_new ("Transpose<perm=[1,0");

  for (int d = 2; d < rank; d++)
    g_string_append_printf (text, ",%d", d);
  g_string_append_printf (text, "]>(%s)", expression);
  return g_string_free (text, FALSE);
}

static char *
channels (const char *expression, gint64 groups, gint64 group, gint64 n)
{
  if (groups == 1)
    return g_strdup (expression);
  return g_strdup_printf ("Slice(%s, i64[1]{%" G_GINT64_FORMAT "}, i64[1]{%" G_GINT64_FORMAT "}, i64[1]{1})", expression,
                          group * n, (group + 1) * n);
}

/* Of one group: steps and gaps change places, and what lies beyond the kernel is cut off. */
static void
put_weights (OxWriter *w, GString *to, const Window *window, gint64 groups, gint64 group)
{
  const OxTensor *x = w->in[0], *weights = w->in[1];
  int rank = x->rank;
  g_autoptr (GString) input = g_string_new (NULL), text = g_string_new ("Conv<");
  g_autofree char *part = NULL, *slope = NULL, *a = NULL, *b = NULL, *whole = NULL;
  g_autofree char *starts = NULL, *ends = NULL, *along = NULL;
  gint64 zeros[OX_MAX_RANK] = { 0 }, axes[OX_MAX_RANK];

  ox_writer_put (w, input, "$0");
  part = channels (input->str, groups, group, x->dims[1] / groups);
  slope = channels (w->gradients[0], groups, group, weights->dims[0] / groups);
  a = exchange (part, rank);
  b = exchange (slope, rank);
  put_list (text, "strides", window->axes, window->dilations, NULL);
  put_list (text, ", dilations", window->axes, window->strides, NULL);
  put_list (text, ", pads", window->axes, window->begins, window->ends);
  g_string_append_printf (text, ">(%s, %s)", a, b);
  for (int d = 0; d < window->axes; d++)
    axes[d] = d + 2;
  starts = ox_writer_ints_text (window->axes, zeros);
  ends = ox_writer_ints_text (window->axes, weights->dims + 2);
  along = ox_writer_ints_text (window->axes, axes);
  whole = exchange (text->str, rank);
  g_string_append_printf (to, "Slice(%s, %s, %s, %s)", whole, starts, ends, along);
}

gboolean
ox_derive_conv (OxWriter *w, int i, GString *to, GError **error)
{
  const OxTensor *x = w->in[0];
  gint64 groups = ox_writer_int (w, "group");
  Window window;

  read_window (w, &window);
  if (x->rank < 3 || x->count == 0 || w->out[0]->count == 0)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "there is no derivative rule for Conv of nothing");
  if (i == 0)
    {
      g_string_append (to, "ConvTranspose<");
      put_list (to, "strides", window.axes, window.strides, NULL);
      put_list (to, ", dilations", window.axes, window.dilations, NULL);
      put_list (to, ", pads", window.axes, window.begins, window.ends);
      put_list (to, ", output_padding", window.axes, window.rest, NULL);
      ox_writer_put (w, to, ", group=%" G_GINT64_FORMAT ">($g, $1)", groups);
      return TRUE;
    }
  if (i == 2)
    {
      g_string_append (to, "ReduceSum<keepdims=0>(");
      ox_writer_put (w, to, "$g, i64[%d]{0", x->rank - 1);
      for (int d = 2; d < x->rank; d++)
        g_string_append_printf (to, ",%d", d);
      g_string_append (to, "})");
      return TRUE;
    }
  if (groups > 1)
    g_string_append (to, "Concat<axis=0>(");
  for (gint64 g = 0; g < groups; g++)
    {
      if (g > 0)
        g_string_append (to, ", ");
      put_weights (w, to, &window, groups, g);
    }
  if (groups > 1)
    g_string_append_c (to, ')');
  return TRUE;
}
