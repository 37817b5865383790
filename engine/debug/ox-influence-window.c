/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-influence.h"

typedef struct
{
  gboolean conv, transposed, pool;
  gint64   group;
  int      n;                                  /* spatial axes */
  gint64   kernel[OX_MAX_RANK], stride[OX_MAX_RANK], dilation[OX_MAX_RANK], pad[OX_MAX_RANK];
} Window;

static gboolean
one_of (const OxNode *node, const char *const *names, guint n)
{
  for (guint i = 0; i < n; i++)
    if (strcmp (node->op_type, names[i]) == 0)
      return TRUE;
  return FALSE;
}

/* Which input holds the filters; -1: a pool. */
static int
filter_input (const OxNode *node)
{
  return strcmp (node->op_type, "QLinearConv") == 0 ? 3 : 1;
}

static gboolean
read_window (const OxInfluence *self, Window *window)
{
  static const char *const convs[] = { "Conv", "ConvInteger", "FusedConv", "QLinearConv" };
  static const char *const pools[] = { "MaxPool", "AveragePool", "LpPool" };
  const OxNode *node = self->node;
  const OxTensor *x = self->inputs[0], *w = NULL, *y = self->outputs[0];

  memset (window, 0, sizeof *window);
  window->conv = one_of (node, convs, G_N_ELEMENTS (convs));
  window->transposed = strcmp (node->op_type, "ConvTranspose") == 0;
  window->pool = one_of (node, pools, G_N_ELEMENTS (pools));
  if (!window->conv && !window->transposed && !window->pool)
    return FALSE;
  for (guint o = 0; y == NULL && o < node->output_names->len; o++)
    y = self->outputs[o];
  if (!window->pool && (guint) filter_input (node) < node->input_names->len)
    w = self->inputs[filter_input (node)];
  if (x == NULL || y == NULL || x->rank < 3 || y->rank != x->rank || ox_influence_int (node, "channels_last", 0) != 0
      || (!window->pool && (w == NULL || w->rank != x->rank || w->dims[0] == 0 || w->dims[1] == 0)))
    return FALSE;
  window->n = x->rank - 2;
  window->group = window->pool ? x->dims[1] : ox_influence_int (node, "group", 1);
  if (window->group < 1 || x->dims[1] % window->group != 0 || y->dims[1] % window->group != 0)
    return FALSE;
  for (int i = 0; i < window->n; i++)
    {
      gint64 span, missing;

      window->kernel[i] = w != NULL ? w->dims[i + 2] : ox_influence_int_at (node, "kernel_shape", (guint) i, 1);
      window->stride[i] = ox_influence_int_at (node, "strides", (guint) i, 1);
      window->dilation[i] = ox_influence_int_at (node, "dilations", (guint) i, 1);
      window->pad[i] = ox_influence_int_at (node, "pads", (guint) i, 0);
      if (window->stride[i] < 1 || window->kernel[i] < 1 || window->dilation[i] < 1)
        return FALSE;
      span = window->dilation[i] * (window->kernel[i] - 1) + 1;
      missing = MAX ((y->dims[i + 2] - 1) * window->stride[i] + span - x->dims[i + 2], 0);
      if (ox_influence_has_text (node, "auto_pad", "SAME_UPPER"))
        window->pad[i] = missing / 2;
      else if (ox_influence_has_text (node, "auto_pad", "SAME_LOWER"))
        window->pad[i] = missing - missing / 2;
      else if (ox_influence_has_text (node, "auto_pad", "VALID"))
        window->pad[i] = 0;
    }
  return TRUE;
}

/* Where element @at of the output meets the input with tap @tap of the window; FALSE: nowhere. */
static gboolean
meet (const Window *window, int axis, gint64 at, gint64 tap, gint64 dim, gint64 *place)
{
  if (window->transposed)
    {
      gint64 from = at + window->pad[axis] - tap * window->dilation[axis];

      *place = from / window->stride[axis];
      return from >= 0 && from % window->stride[axis] == 0 && *place < dim;
    }
  *place = at * window->stride[axis] - window->pad[axis] + tap * window->dilation[axis];
  return *place >= 0 && *place < dim;
}

/* The places of one output element in space, all taps. */
static void
mark_windows (const Window *window, const gint64 *at, const gint64 *dims, guint8 *space)
{
  gint64 tap[OX_MAX_RANK] = { 0 }, place;
  int i;

  for (;;)
    {
      gint64 flat = 0;
      gboolean good = TRUE;

      for (i = 0; good && i < window->n; i++)
        {
          good = meet (window, i, at[i], tap[i], dims[i], &place);
          flat = flat * dims[i] + place;
        }
      if (good)
        space[flat] = 1;
      for (i = window->n - 1; i >= 0; i--)
        {
          if (++tap[i] < window->kernel[i])
            break;
          tap[i] = 0;
        }
      if (i < 0)
        return;
    }
}

/* Which places of a group of channels of one item are asked about, then which of the input they meet. */
static void
add_input (OxInfluence *self, const Window *window, const OxMask *asked)
{
  OxMask *x = self->hangs_on[0];
  gint64 out = 1, in = 1, per_out = asked->dims[1] / window->group, per_in = x->dims[1] / window->group;
  g_autofree guint8 *wanted = NULL, *space = NULL;

  for (int i = 0; i < window->n; i++)
    {
      out *= asked->dims[i + 2];
      in *= x->dims[i + 2];
    }
  wanted = g_new (guint8, MAX (out, 1));
  space = g_new (guint8, MAX (in, 1));
  for (gint64 b = 0; b < asked->dims[0] * window->group; b++)
    {
      gint64 at[OX_MAX_RANK] = { 0 };
      gboolean any = FALSE;

      memset (wanted, 0, (gsize) out);
      memset (space, 0, (gsize) in);
      for (gint64 i = 0; i < per_out * out; i++)
        {
          wanted[i % out] |= asked->on[b * per_out * out + i];
          any = any || asked->on[b * per_out * out + i];
        }
      for (gint64 i = 0; any && i < out; i++)
        {
          if (wanted[i])
            mark_windows (window, at, x->dims + 2, space);
          for (int k = window->n - 1; k >= 0; k--)
            {
              if (++at[k] < asked->dims[k + 2])
                break;
              at[k] = 0;
            }
        }
      for (gint64 i = 0; any && i < per_in * in; i++)
        x->on[b * per_in * in + i] |= space[i % in];
    }
}

/* Which taps of the window meet the input somewhere, for what is asked about. (transfer full) one byte a tap. */
static guint8 *
used_taps (const Window *window, const OxMask *asked, const gint64 *dims, gint64 *n)
{
  gint64 out = 1, at[OX_MAX_RANK] = { 0 };
  g_autofree guint8 *wanted = NULL;
  guint8 *taps;

  *n = 1;
  for (int i = 0; i < window->n; i++)
    {
      *n *= window->kernel[i];
      out *= asked->dims[i + 2];
    }
  taps = g_new0 (guint8, *n);
  wanted = g_new0 (guint8, MAX (out, 1));
  for (gint64 i = 0; i < asked->count; i++)
    wanted[i % out] |= asked->on[i];
  for (gint64 i = 0; i < out; i++)
    {
      for (gint64 t = 0; wanted[i] && t < *n; t++)
        {
          gint64 rest = t, place;
          gboolean good = TRUE;

          for (int k = window->n - 1; good && k >= 0; k--)
            {
              good = meet (window, k, at[k], rest % window->kernel[k], dims[k + 2], &place);
              rest /= window->kernel[k];
            }
          taps[t] |= good;
        }
      for (int k = window->n - 1; k >= 0; k--)
        {
          if (++at[k] < asked->dims[k + 2])
            break;
          at[k] = 0;
        }
    }
  return taps;
}

static void
add_filter (OxInfluence *self, const Window *window, const OxMask *asked, guint input)
{
  const OxTensor *filter = self->inputs[input];
  g_autoptr (OxMask) mask = ox_mask_new (filter);
  g_autofree guint8 *taps = NULL;
  int map[OX_MAX_RANK];
  gint64 n;

  if (mask == NULL)
    {
      ox_influence_add_whole (self, input);
      return;
    }
  for (int k = 0; k < filter->rank; k++)
    map[k] = OX_FREE;
  if (window->conv)
    map[0] = 1;
  else if (window->group == 1)
    map[1] = 1;
  ox_mask_add_by_axes (mask, asked, map);
  taps = used_taps (window, asked, self->inputs[0]->dims, &n);
  for (gint64 i = 0; i < mask->count; i++)
    mask->on[i] &= taps[i % n];
  ox_mask_add (self->hangs_on[input], mask);
}

/* Filters, biases and scales of the channels that are asked about. */
static void
add_parameters (OxInfluence *self, const Window *window, const OxMask *asked)
{
  int filters = window->pool ? 0 : filter_input (self->node);

  for (guint i = 1; i < self->node->input_names->len; i++)
    {
      const OxTensor *tensor = self->inputs[i];
      const int channel = 1;

      if (self->hangs_on[i] == NULL)
        continue;
      if ((int) i == filters)
        add_filter (self, window, asked, i);
      else if (tensor != NULL && tensor->rank == 1 && tensor->dims[0] == asked->dims[1])
        ox_mask_add_by_axes (self->hangs_on[i], asked, &channel);
      else
        {
          self->coarse[i] = self->coarse[i] || (tensor != NULL && tensor->rank == asked->rank);
          ox_influence_add_whole (self, i);
        }
    }
}

/* A transposed convolution whose padding follows from the shape of its output: half of it before, the odd one on the side
 * that the attributes say. */
static gboolean
pad_to_shape (const OxInfluence *self, Window *window)
{
  const OxTensor *x = self->inputs[0], *y = self->outputs[0];
  gboolean upper = ox_influence_has_text (self->node, "auto_pad", "SAME_UPPER");

  for (int i = 0; i < window->n; i++)
    {
      gint64 whole = window->stride[i] * (x->dims[i + 2] - 1) + (window->kernel[i] - 1) * window->dilation[i] + 1
                     + ox_influence_int_at (self->node, "output_padding", (guint) i, 0) - y->dims[i + 2];

      /* An odd one has been put on either side by versions of the standard. */
      if (whole < 0 || (whole % 2 != 0 && !upper && !ox_influence_has_text (self->node, "auto_pad", "SAME_LOWER")))
        return FALSE;
      window->pad[i] = upper ? whole / 2 : whole - whole / 2;
    }
  return TRUE;
}

/* ---- interpolation --------------------------------------------------------------------------------------------- */

/* Neighbours at most three away from where the output lies, whichever way coordinates are meant, or four scales with
 * antialiasing. */
static gboolean
resize (OxInfluence *self)
{
  const OxTensor *x = self->inputs[0], *y = self->outputs[0];
  const OxMask *asked = self->asked[0];
  g_autoptr (OxMask) swept = NULL;

  if ((strcmp (self->node->op_type, "Resize") != 0 && strcmp (self->node->op_type, "Upsample") != 0) || x == NULL
      || y == NULL || x->rank != y->rank
      || ox_influence_has_text (self->node, "coordinate_transformation_mode", "tf_crop_and_resize"))
    return FALSE;
  swept = ox_mask_copy (asked);
  /* An axis after the other: what each index of the output asks for in the input. */
  for (int axis = 0; swept != NULL && axis < x->rank; axis++)
    {
      double scale = (double) x->dims[axis] / (double) MAX (y->dims[axis], 1);
      gint64 reach = x->dims[axis] == y->dims[axis] ? 0 : 3 + (gint64) ceil (MAX (scale, 1) * 4), dims[OX_MAX_RANK];
      OxMask *next;

      memcpy (dims, swept->dims, sizeof dims);
      dims[axis] = x->dims[axis];
      next = ox_mask_new_dims (x->rank, dims);
      for (gint64 o = 0; next != NULL && o < y->dims[axis]; o++)
        {
          g_autoptr (OxMask) part = ox_mask_slice (swept, axis, o);
          gint64 middle = reach == 0 ? o : (gint64) (((double) o + 0.5) * scale);

          for (gint64 i = MAX (middle - reach, 0); part != NULL && i <= MIN (middle + reach, x->dims[axis] - 1); i++)
            ox_mask_add_slice (next, axis, i, part);
        }
      ox_mask_free (swept);
      swept = next;
    }
  if (swept == NULL)
    return FALSE;
  ox_mask_add (self->hangs_on[0], swept);
  self->coarse[0] = TRUE;
  for (guint i = 1; i < self->node->input_names->len; i++)
    ox_influence_add_whole (self, i);
  return TRUE;
}

gboolean
ox_influence_by_window (OxInfluence *self)
{
  Window window;
  gboolean shaped;

  if (!read_window (self, &window))
    return resize (self);
  shaped = window.transposed && (ox_node_attribute (self->node, "output_shape") != NULL
                                 || ox_influence_has_text (self->node, "auto_pad", "SAME_UPPER")
                                 || ox_influence_has_text (self->node, "auto_pad", "SAME_LOWER"));
  if (shaped && !pad_to_shape (self, &window))
    return FALSE;
  for (guint o = 0; o < self->node->output_names->len; o++)
    if (self->asked[o] != NULL)
      {
        if (self->hangs_on[0] != NULL)
          add_input (self, &window, self->asked[o]);
        add_parameters (self, &window, self->asked[o]);
      }
  return TRUE;
}
