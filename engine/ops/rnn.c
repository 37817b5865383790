/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "kernel/ox-gemm.h"
#include "ops/quant.h"

/* RNN, GRU and LSTM. Everything is computed in float. DynamicQuantizeLSTM of com.microsoft has weights of 8 bits, and what
 * is multiplied with them, the whole input and then the state of each step, is quantised as it comes. */

typedef struct
{
  OxStrings   activations;
  OxFloats    activation_alpha, activation_beta;
  OxOptFloat  clip;
  const char *direction;
  OxOptInt    hidden_size;
  gint64      input_forget, linear_before_reset, layout, output_sequence;
} RnnAttrs;

enum { RNN, GRU, LSTM };

#define DYNAMIC(op) ((op)->data != NULL)

static const int gates_of[] = { 1, 3, 4 };
static const int functions_of[] = { 1, 2, 3 };
static const char *const usual[][3] = { { "Tanh" }, { "Sigmoid", "Tanh" }, { "Sigmoid", "Tanh", "Tanh" } };

/* ---- activation functions ------------------------------------------------------------------------------------- */

typedef enum
{
  F_RELU, F_TANH, F_SIGMOID, F_AFFINE, F_LEAKY, F_THRESHOLDED, F_SCALED_TANH, F_HARD_SIGMOID, F_ELU, F_SOFTSIGN, F_SOFTPLUS
} Function;

typedef struct { Function f; float alpha, beta; } Activation;

static const struct
{
  const char *name;
  Function    f;
  gboolean    has_alpha, has_beta;
  float       alpha, beta;
} known[] = {
  { "relu", F_RELU, FALSE, FALSE, 0, 0 },
  { "tanh", F_TANH, FALSE, FALSE, 0, 0 },
  { "sigmoid", F_SIGMOID, FALSE, FALSE, 0, 0 },
  { "affine", F_AFFINE, TRUE, TRUE, 1, 0 },
  { "leakyrelu", F_LEAKY, TRUE, FALSE, 0.01f, 0 },
  { "thresholdedrelu", F_THRESHOLDED, TRUE, FALSE, 1, 0 },
  { "scaledtanh", F_SCALED_TANH, TRUE, TRUE, 1, 1 },
  { "hardsigmoid", F_HARD_SIGMOID, TRUE, TRUE, 0.2f, 0.5f },
  { "elu", F_ELU, TRUE, FALSE, 1, 0 },
  { "softsign", F_SOFTSIGN, FALSE, FALSE, 0, 0 },
  { "softplus", F_SOFTPLUS, FALSE, FALSE, 0, 0 },
};

static inline float
activate (const Activation *a, float x)
{
  switch (a->f)
    {
    case F_RELU:
      return x > 0 ? x : 0;
    case F_TANH:
      return tanhf (x);
    case F_SIGMOID:
      return x >= 0 ? 1 / (1 + expf (-x)) : expf (x) / (1 + expf (x));
    case F_AFFINE:
      return a->alpha * x + a->beta;
    case F_LEAKY:
      return x >= 0 ? x : a->alpha * x;
    case F_THRESHOLDED:
      return x >= a->alpha ? x : 0;
    case F_SCALED_TANH:
      return a->alpha * tanhf (a->beta * x);
    case F_HARD_SIGMOID:
      return CLAMP (a->alpha * x + a->beta, 0, 1);
    case F_ELU:
      return x >= 0 ? x : a->alpha * expm1f (x);
    case F_SOFTSIGN:
      return x / (1 + fabsf (x));
    case F_SOFTPLUS:
      return (x > 0 ? x : 0) + log1pf (expf (-fabsf (x)));
    }
  return x;
}

/* One set of functions a direction. Alphas and betas are given only for the functions that have them, in order. */
static gboolean
read_activations (const RnnAttrs *attrs, int cell, int directions, Activation *out, GError **error)
{
  int n = functions_of[cell], a = 0, b = 0;

  if (attrs->activations.set && attrs->activations.n != n * directions)
    return ox_fail (error, OX_ERROR_VALUE, "expected %d activations, found %d", n * directions, attrs->activations.n);
  for (int i = 0; i < n * directions; i++)
    {
      const char *name = attrs->activations.set ? attrs->activations.v[i] : usual[cell][i % n];
      guint k = 0;

      while (k < G_N_ELEMENTS (known) && g_ascii_strcasecmp (known[k].name, name) != 0)
        k++;
      if (k == G_N_ELEMENTS (known))
        return ox_fail (error, OX_ERROR_VALUE, "activation '%s' is not one of the standard's", name);
      out[i] = (Activation) { known[k].f, known[k].alpha, known[k].beta };
      if (known[k].has_alpha && a < attrs->activation_alpha.n)
        out[i].alpha = attrs->activation_alpha.v[a++];
      if (known[k].has_beta && b < attrs->activation_beta.n)
        out[i].beta = attrs->activation_beta.v[b++];
    }
  return TRUE;
}

/* ---- shapes --------------------------------------------------------------------------------------------------- */

static int
count_directions (const RnnAttrs *attrs)
{
  return strcmp (attrs->direction, "bidirectional") == 0 ? 2 : 1;
}

static gboolean
infer_rnn (OxCall *call, GError **error)
{
  const RnnAttrs *attrs = call->attrs;
  const OxFact *x = ox_call_fact (call, 0), *r = ox_call_fact (call, 2);
  OxDim steps = OX_DIM_UNKNOWN, batch = OX_DIM_UNKNOWN, hidden = OX_DIM_UNKNOWN, directions = count_directions (attrs);

  /* The default of GRU was misspelled in its first version. */
  if (strcmp (attrs->direction, "forward") != 0 && strcmp (attrs->direction, "reverse") != 0 && directions == 1
      && (call->op->since > 1 || strcmp (attrs->direction, "foward") != 0))
    return ox_fail (error, OX_ERROR_VALUE, "direction is forward, reverse or bidirectional, found '%s'", attrs->direction);
  if (attrs->layout != 0 && attrs->layout != 1)
    return ox_fail (error, OX_ERROR_VALUE, "layout is 0 or 1, found %" G_GINT64_FORMAT, attrs->layout);
  for (int i = 8; DYNAMIC (call->op) && i < 12; i++)
    if (ox_call_fact (call, i) == NULL)
      return ox_fail (error, OX_ERROR_MODEL, "input %d, a scale or a zero point, must not be omitted", i);
  if (x == NULL)
    return TRUE;
  if (x->rank >= 0 && x->rank != 3)
    return ox_fail (error, OX_ERROR_SHAPE, "X should have 3 dimensions, found %d", x->rank);
  if (x->rank == 3)
    {
      steps = x->dims[attrs->layout];
      batch = x->dims[1 - attrs->layout];
    }
  if (attrs->hidden_size.set)
    hidden = attrs->hidden_size.v;
  else if (r != NULL && r->rank == 3)
    hidden = r->dims[DYNAMIC (call->op) ? 1 : 2];
  if (hidden < -1 && !attrs->hidden_size.set)
    hidden = OX_DIM_UNKNOWN;
  if (attrs->layout == 0)
    {
      ox_call_set (call, 0, x->dtype, 4, (const OxDim[]) { steps, directions, batch, hidden });
      ox_call_set (call, 1, x->dtype, 3, (const OxDim[]) { directions, batch, hidden });
      if (call->op->code == LSTM)
        ox_call_set (call, 2, x->dtype, 3, (const OxDim[]) { directions, batch, hidden });
    }
  else
    {
      ox_call_set (call, 0, x->dtype, 4, (const OxDim[]) { batch, steps, directions, hidden });
      ox_call_set (call, 1, x->dtype, 3, (const OxDim[]) { batch, directions, hidden });
      if (call->op->code == LSTM)
        ox_call_set (call, 2, x->dtype, 3, (const OxDim[]) { batch, directions, hidden });
    }
  return TRUE;
}

/* ---- one direction -------------------------------------------------------------------------------------------- */

typedef struct
{
  int               cell, gates;
  gint64            steps, batch, input, hidden;
  const RnnAttrs   *attrs;
  const Activation *f;          /* of this direction */
  const float      *w, *r, *wb, *rb, *p;    /* of this direction; biases and peepholes may be NULL */
  const gint64     *lengths;    /* [batch] */
  float            *xw;         /* [steps, batch, gates * hidden]: X W^T + biases */
  float            *h, *c;      /* [batch, hidden] */
  float            *z;          /* [batch, gates * hidden] */
  float            *t;          /* [batch, hidden] for a GRU */
  float             clip;       /* 0: none */
  float            *q;          /* [batch, hidden]: the state rounded to 8 bits; NULL: it is not */
  guint8           *bytes;
} Direction;

static inline float
clipped (const Direction *d, float x)
{
  return d->clip > 0 ? CLAMP (x, -d->clip, d->clip) : x;
}

/* Gates are i, o, f, c. */
static void
lstm_row (const Direction *d, float *z, float *h, float *c)
{
  gint64 n = d->hidden;

  for (gint64 k = 0; k < n && !ox_pause (k); k++)
    {
      float i = z[k], o = z[n + k], f = z[2 * n + k], g = z[3 * n + k], cell;

      if (d->p != NULL)
        {
          i += d->p[k] * c[k];
          f += d->p[2 * n + k] * c[k];
        }
      i = activate (&d->f[0], clipped (d, i));
      f = d->attrs->input_forget ? 1 - i : activate (&d->f[0], clipped (d, f));
      g = activate (&d->f[1], clipped (d, g));
      cell = f * c[k] + i * g;
      if (d->p != NULL)
        o += d->p[n + k] * cell;
      o = activate (&d->f[0], clipped (d, o));
      c[k] = cell;
      h[k] = o * activate (&d->f[2], clipped (d, cell));
    }
}

/* Gates are z, r, h; what the third one reads of the state is in @t. */
static void
gru_row (const Direction *d, const float *xw, float *z, const float *t, float *h)
{
  gint64 n = d->hidden;

  for (gint64 k = 0; k < n && !ox_pause (k); k++)
    {
      float update = activate (&d->f[0], clipped (d, z[k]));
      float candidate = activate (&d->f[1], clipped (d, xw[2 * n + k] + t[k]));

      h[k] = (1 - update) * candidate + update * h[k];
    }
}

/* @n numbers as they are after quantisation. */
static void
quantised (const float *from, gint64 n, guint8 *bytes, float *to)
{
  float scale;
  guint8 zero;

  ox_quant_dynamic (from, n, bytes, &scale, &zero);
  for (gint64 i = 0; i < n; i++)
    to[i] = (float) (bytes[i] - zero) * scale;
}

/* The recurrent product of all rows at once: z = xw + h R^T. */
static void
recur (const Direction *d, const float *xw)
{
  gint64 width = d->gates * d->hidden, n = d->hidden;

  memcpy (d->z, xw, (gsize) (d->batch * width) * sizeof (float));
  if (d->cell != GRU)
    {
      if (d->q != NULL)
        quantised (d->h, d->batch * n, d->bytes, d->q);
      ox_gemm_f32 (FALSE, TRUE, d->batch, width, n, 1, d->q != NULL ? d->q : d->h, n, d->r, n, 1, d->z, width);
      return;
    }
  ox_gemm_f32 (FALSE, TRUE, d->batch, 2 * n, n, 1, d->h, n, d->r, n, 1, d->z, width);
  for (gint64 b = 0; b < d->batch && !ox_turn (); b++)
    for (gint64 k = 0; k < n && !ox_pause (k); k++)
      {
        float reset = activate (&d->f[0], clipped (d, d->z[b * width + n + k]));

        d->z[b * width + n + k] = reset;
        d->t[b * n + k] = d->attrs->linear_before_reset ? d->h[b * n + k] : reset * d->h[b * n + k];
      }
  {
    /* R_h times the state, reset before or after. */
    float *product = d->t + d->batch * n;

    ox_gemm_f32 (FALSE, TRUE, d->batch, n, n, 1, d->t, n, d->r + 2 * n * n, n, 0, product, n);
    for (gint64 b = 0; b < d->batch && !ox_turn (); b++)
      for (gint64 k = 0; k < n && !ox_pause (k); k++)
        {
          float bias = d->rb != NULL ? d->rb[2 * n + k] : 0;

          d->t[b * n + k] = d->attrs->linear_before_reset ? d->z[b * width + n + k] * (product[b * n + k] + bias)
                                                          : product[b * n + k] + bias;
        }
  }
}

static void
step (const Direction *d, gint64 time)
{
  gint64 width = d->gates * d->hidden;
  const float *xw = d->xw + time * d->batch * width;

  recur (d, xw);
  for (gint64 b = 0; b < d->batch && !ox_turn (); b++)
    {
      float *z = d->z + b * width, *h = d->h + b * d->hidden;

      /* A sequence that is over, or has not begun in reverse, keeps its state. */
      if (time >= d->lengths[b])
        continue;
      if (d->cell == LSTM)
        lstm_row (d, z, h, d->c + b * d->hidden);
      else if (d->cell == GRU)
        gru_row (d, xw + b * width, z, d->t + b * d->hidden, h);
      else
        for (gint64 k = 0; k < d->hidden; k++)
          h[k] = activate (&d->f[0], clipped (d, z[k]));
    }
}

/* ---- the run -------------------------------------------------------------------------------------------------- */

static gboolean
check (OxCall *call, int i, const char *name, int rank, const gint64 *dims, const float **data, GError **error)
{
  const OxTensor *tensor = ox_call_in (call, i), *dense;

  *data = NULL;
  if (tensor == NULL)
    return TRUE;
  for (int k = 0; k < rank; k++)
    if (tensor->rank != rank || tensor->dims[k] != dims[k])
      {
        g_autofree char *found = ox_tensor_shape_string (tensor), *expected = ox_shape_to_string (rank, dims);

        return ox_fail (error, OX_ERROR_SHAPE, "%s should be %s, found %s", name, expected, found);
      }
  dense = ox_call_in_as (call, i, OX_F32, error);
  if (dense == NULL)
    return FALSE;
  *data = (const float *) (const void *) dense->data;
  return TRUE;
}

/* Input @i, [directions, rows, width] of 8 bits, restored as [directions, width, rows]; its scales, one a direction or one a
 * column, are input @scale, its zero points the next one. */
static gboolean
restore (OxCall *call, int i, const char *name, int scale, const gint64 *dims, const float **data, GError **error)
{
  const OxTensor *q = ox_call_in_dense (call, i, error), *scales, *zeros;
  gint64 rows = dims[1], width = dims[2];
  float *to;

  if (q == NULL || (scales = ox_call_in_as (call, scale, OX_F32, error)) == NULL
      || (zeros = ox_call_in_as (call, scale + 1, OX_F32, error)) == NULL)
    return FALSE;
  if ((q->dtype != OX_U8 && q->dtype != OX_I8) || ox_call_in (call, scale + 1)->dtype != q->dtype)
    return ox_fail (error, OX_ERROR_DTYPE, "%s and its zero points should be 8-bit integers, found %s and %s", name,
                    ox_dtype_name (q->dtype), ox_dtype_name (ox_call_in (call, scale + 1)->dtype));
  if (q->rank != 3 || q->dims[0] != dims[0] || q->dims[1] != rows || q->dims[2] != width)
    {
      g_autofree char *found = ox_tensor_shape_string (q), *expected = ox_shape_to_string (3, dims);

      return ox_fail (error, OX_ERROR_SHAPE, "%s should be %s, found %s", name, expected, found);
    }
  if ((scales->count != dims[0] && scales->count != dims[0] * width)
      || (zeros->count != dims[0] && zeros->count != dims[0] * width))
    return ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " scales and %" G_GINT64_FORMAT " zero points of %s",
                    scales->count,
                    zeros->count, name);
  if ((to = ox_call_scratch_n (call, q->count + 1, sizeof (float), error)) == NULL)
    return FALSE;
  for (gint64 at = 0; at < q->count && !ox_pause (at); at++)
    {
      gint64 column = at % width, row = at / width % rows, d = at / width / rows;
      float zero = ((const float *) (const void *) zeros->data)[zeros->count == dims[0] ? d : d * width + column];
      float step = ((const float *) (const void *) scales->data)[scales->count == dims[0] ? d : d * width + column];

      to[(d * width + column) * rows + row]
        = (q->dtype == OX_U8 ? (float) q->data[at] - zero : (float) (gint8) q->data[at] - zero) * step;
    }
  *data = to;
  return TRUE;
}

static gboolean
read_lengths (OxCall *call, gint64 batch, gint64 steps, gint64 *lengths, GError **error)
{
  const OxTensor *tensor = ox_call_in (call, 4);

  if (tensor != NULL && (tensor->count != batch || !ox_dtype_is_integer (tensor->dtype)))
    return ox_fail (error, OX_ERROR_SHAPE, "expected %" G_GINT64_FORMAT " sequence lengths, found %" G_GINT64_FORMAT, batch,
                    tensor->count);
  for (gint64 b = 0; b < batch && !ox_pause (b); b++)
    {
      lengths[b] = tensor != NULL ? ox_tensor_get_int (tensor, b) : steps;
      if (lengths[b] < 0 || lengths[b] > steps)
        return ox_fail (error, OX_ERROR_VALUE, "sequence length %" G_GINT64_FORMAT " is not in 0..%" G_GINT64_FORMAT,
                        lengths[b],
                        steps);
    }
  return TRUE;
}

/* [batch, directions, hidden] with layout 1, [directions, batch, hidden] without: element (d, b). */
static gint64
state_at (const RnnAttrs *attrs, gint64 directions, gint64 batch, gint64 d, gint64 b)
{
  return attrs->layout ? b * directions + d : d * batch + b;
}

static gboolean
store (OxCall *call, int o, const float *data, GError **error)
{
  return !ox_call_wants (call, o) || ox_call_store_f32 (call, o, data, error);
}

static gboolean
run_rnn (OxCall *call, GError **error)
{
  const RnnAttrs *attrs = call->attrs;
  int cell = (int) call->op->code, gates = gates_of[cell], directions = count_directions (attrs);
  const OxTensor *x = ox_call_in (call, 0), *r_tensor = ox_call_in (call, 2);
  const float *xs, *w, *r, *bias, *h0, *c0 = NULL, *p = NULL;
  gint64 steps, batch, input, hidden, width;
  float *y, *states, *cells, *turned = NULL;
  gint64 *lengths;
  Activation functions[6];
  Direction d = { .cell = cell, .gates = gates, .attrs = attrs, .clip = attrs->clip.set ? (float) attrs->clip.v : 0 };

  if (!ox_dtype_is_float (x->dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "expected floats, found %s", ox_dtype_name (x->dtype));
  if (r_tensor->rank != 3)
    return ox_fail (error, OX_ERROR_SHAPE, "R should have 3 dimensions, found %d", r_tensor->rank);
  d.steps = steps = x->dims[attrs->layout];
  d.batch = batch = x->dims[1 - attrs->layout];
  d.input = input = x->dims[2];
  d.hidden = hidden = attrs->hidden_size.set ? attrs->hidden_size.v : r_tensor->dims[DYNAMIC (call->op) ? 1 : 2];
  if (hidden < 0 || hidden > G_MAXINT32 / 8)
    return ox_fail (error, OX_ERROR_VALUE, "hidden_size is %" G_GINT64_FORMAT, hidden);
  width = gates * hidden;
  if (DYNAMIC (call->op) ? !restore (call, 1, "W", 8, (const gint64[]) { directions, input, width }, &w, error)
                               || !restore (call, 2, "R", 10, (const gint64[]) { directions, hidden, width }, &r, error)
                         : !check (call, 1, "W", 3, (const gint64[]) { directions, width, input }, &w, error)
                               || !check (call, 2, "R", 3, (const gint64[]) { directions, width, hidden }, &r, error))
    return FALSE;
  if (!check (call, 3, "B", 2, (const gint64[]) { directions, 2 * width }, &bias, error)
      || !check (call, 5, "initial_h", 3,
                 attrs->layout ? (const gint64[]) { batch, directions, hidden } : (const gint64[]) { directions, batch,
                                                                                                     hidden },
                 &h0, error)
      || (cell == LSTM
          && (!check (call, 6, "initial_c", 3,
                      attrs->layout ? (const gint64[]) { batch, directions, hidden } : (const gint64[]) { directions,
                                                                                                          batch, hidden },
                      &c0, error)
              || !check (call, 7, "P", 2, (const gint64[]) { directions, 3 * hidden }, &p, error)))
      || !read_activations (attrs, cell, directions, functions, error))
    return FALSE;
  {
    const OxTensor *dense = ox_call_in_as (call, 0, OX_F32, error);

    if (dense == NULL)
      return FALSE;
    xs = (const float *) (const void *) dense->data;
  }
  y = ox_call_scratch_n (call, steps * directions * batch * hidden + 1, sizeof (float), error);
  states = y != NULL ? ox_call_scratch_n (call, directions * batch * hidden + 1, sizeof (float), error) : NULL;
  cells = states != NULL ? ox_call_scratch_n (call, directions * batch * hidden + 1, sizeof (float), error) : NULL;
  lengths = cells != NULL ? ox_call_scratch_n (call, batch + 1, sizeof (gint64), error) : NULL;
  d.xw = lengths != NULL ? ox_call_scratch_n (call, steps * batch * width + 1, sizeof (float), error) : NULL;
  d.z = d.xw != NULL ? ox_call_scratch_n (call, batch * width + 1, sizeof (float), error) : NULL;
  d.t = d.z != NULL ? ox_call_scratch_n (call, 2 * batch * hidden + 1, sizeof (float), error) : NULL;
  d.h = d.t != NULL ? ox_call_scratch_n (call, batch * hidden + 1, sizeof (float), error) : NULL;
  d.c = d.h != NULL ? ox_call_scratch_n (call, batch * hidden + 1, sizeof (float), error) : NULL;
  if (d.c == NULL || !read_lengths (call, batch, steps, lengths, error))
    return FALSE;
  if (DYNAMIC (call->op))
    {
      float *rounded = ox_call_scratch_n (call, x->count + 1, sizeof (float), error);

      d.q = rounded != NULL ? ox_call_scratch_n (call, batch * hidden + 1, sizeof (float), error) : NULL;
      d.bytes = d.q != NULL ? ox_call_scratch_n (call, MAX (x->count, batch * hidden) + 1, 1, error) : NULL;
      if (d.bytes == NULL)
        return FALSE;
      quantised (xs, x->count, d.bytes, rounded);
      xs = rounded;
    }
  d.lengths = lengths;
  ox_clear (y, (gsize) (steps * directions * batch * hidden) * sizeof (float));
  if (attrs->layout == 1)
    {
      turned = ox_call_scratch_n (call, steps * batch * input + 1, sizeof (float), error);
      if (turned == NULL)
        return FALSE;
      for (gint64 b = 0; b < batch && !ox_turn (); b++)
        for (gint64 t = 0; t < steps && !ox_turn (); t++)
          memcpy (turned + (t * batch + b) * input, xs + (b * steps + t) * input, (gsize) input * sizeof (float));
      xs = turned;
    }
  for (gint64 k = 0; k < directions && !ox_turn (); k++)
    {
      gboolean reverse = k == 1 || strcmp (attrs->direction, "reverse") == 0;

      d.w = w + k * width * input;
      d.r = r + k * width * hidden;
      d.wb = bias != NULL ? bias + k * 2 * width : NULL;
      d.rb = bias != NULL ? d.wb + width : NULL;
      d.p = p != NULL ? p + k * 3 * hidden : NULL;
      d.f = functions + k * functions_of[cell];
      for (gint64 i = 0; i < steps * batch * width && !ox_pause (i); i++)
        {
          gint64 g = i % width;

          /* The candidate's recurrent bias of a GRU belongs to its recurrent product. */
          d.xw[i] = d.wb == NULL ? 0 : d.wb[g] + (cell == GRU && g >= 2 * hidden ? 0 : d.rb[g]);
        }
      ox_gemm_f32 (FALSE, TRUE, steps * batch, width, input, 1, xs, input, d.w, input, 1, d.xw, width);
      for (gint64 b = 0; b < batch && !ox_turn (); b++)
        for (gint64 n = 0; n < hidden && !ox_pause (n); n++)
          {
            gint64 at = state_at (attrs, directions, batch, k, b) * hidden + n;

            d.h[b * hidden + n] = h0 != NULL ? h0[at] : 0;
            d.c[b * hidden + n] = c0 != NULL ? c0[at] : 0;
          }
      for (gint64 i = 0; i < steps; i++)
        {
          gint64 t = reverse ? steps - 1 - i : i;

          if (ox_call_cancelled (call, error))
            return FALSE;
          step (&d, t);
          for (gint64 b = 0; b < batch && !ox_turn (); b++)
            {
              gint64 at = attrs->layout ? (b * steps + t) * directions + k : (t * directions + k) * batch + b;

              if (t < lengths[b])
                memcpy (y + at * hidden, d.h + b * hidden, (gsize) hidden * sizeof (float));
            }
        }
      for (gint64 b = 0; b < batch && !ox_turn (); b++)
        {
          gint64 at = state_at (attrs, directions, batch, k, b) * hidden;

          memcpy (states + at, d.h + b * hidden, (gsize) hidden * sizeof (float));
          memcpy (cells + at, d.c + b * hidden, (gsize) hidden * sizeof (float));
        }
    }
  return store (call, 0, y, error) && store (call, 1, states, error) && (cell != LSTM || store (call, 2, cells, error));
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

#define COMMON                                                                                                       \
  OX_ATTR (RnnAttrs, activations, STRINGS), OX_ATTR (RnnAttrs, activation_alpha, FLOATS),                            \
  OX_ATTR (RnnAttrs, activation_beta, FLOATS), OX_ATTR (RnnAttrs, clip, OPT_FLOAT),                                  \
  OX_STRING (RnnAttrs, direction, "forward"), OX_ATTR (RnnAttrs, hidden_size, OPT_INT)
#define LAYOUT OX_INT (RnnAttrs, layout, 0)
/* Until opset 6: without it there was no Y. We give it whenever it is wanted. */
#define SEQUENCE OX_INT (RnnAttrs, output_sequence, 0)
#define RESET OX_INT (RnnAttrs, linear_before_reset, 0)
#define FORGET OX_INT (RnnAttrs, input_forget, 0)

static const OxAttrSpec rnn1_specs[] = { COMMON, SEQUENCE };
static const OxAttrSpec rnn7_specs[] = { COMMON };
static const OxAttrSpec rnn14_specs[] = { COMMON, LAYOUT };
static const OxAttrSpec gru1_specs[] = { COMMON, SEQUENCE };
static const OxAttrSpec gru3_specs[] = { COMMON, SEQUENCE, RESET };
static const OxAttrSpec gru7_specs[] = { COMMON, RESET };
static const OxAttrSpec gru14_specs[] = { COMMON, RESET, LAYOUT };
static const OxAttrSpec lstm1_specs[] = { COMMON, FORGET, SEQUENCE };
static const OxAttrSpec lstm7_specs[] = { COMMON, FORGET };
static const OxAttrSpec lstm14_specs[] = { COMMON, FORGET, LAYOUT };
#define ROW(name_, since_, in, out, specs_, code_) \
  { name_, since_, { 3, in }, { 0, out }, OX_ATTRS (specs_, RnnAttrs), infer_rnn, run_rnn, .code = code_ }

static const OxOp rnn_rows[] = {
  ROW ("RNN", 1, 6, 2, rnn1_specs, RNN),     ROW ("RNN", 7, 6, 2, rnn7_specs, RNN),     ROW ("RNN", 14, 6, 2, rnn14_specs,
                                                                                             RNN),
  ROW ("GRU", 1, 6, 2, gru1_specs, GRU),     ROW ("GRU", 3, 6, 2, gru3_specs, GRU),     ROW ("GRU", 7, 6, 2, gru7_specs,
                                                                                             GRU),
  ROW ("GRU", 14, 6, 2, gru14_specs, GRU),   ROW ("LSTM", 1, 8, 3, lstm1_specs, LSTM),  ROW ("LSTM", 7, 8, 3, lstm7_specs,
                                                                                             LSTM),
  ROW ("LSTM", 14, 8, 3, lstm14_specs, LSTM),
};

OX_FAMILY (rnn, "ai.onnx", rnn_rows);

static const OxOp rnn_ms_rows[] = {
  { "DynamicQuantizeLSTM", 1, { 3, 12 }, { 0, 3 }, OX_ATTRS (lstm7_specs, RnnAttrs), infer_rnn, run_rnn, .code = LSTM,
    .data = lstm7_specs },
};

OX_FAMILY (rnn_ms, "com.microsoft", rnn_ms_rows);
