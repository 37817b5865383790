/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-expression-private.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/ox-error.h"
#include "tensor/ox-statistics.h"

#define CHUNK OX_TERM_CHUNK

static double sign_of (double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
static double sigmoid (double x) { return 1 / (1 + exp (-x)); }
static double is_nan (double x) { return isnan (x); }
static double is_inf (double x) { return isinf (x); }
static double is_finite (double x) { return isfinite (x) != 0; }

typedef enum
{
  EACH,     /* element by element */
  EACH_TRUTH,
  ABS, SUM, MEAN, STD, MIN, MAX, RANGE, ARGMIN, ARGMAX, NORM, COUNT, SHARE, ANY, ALL, NAN_COUNT, INF_COUNT, ZERO_COUNT,
  DENORMAL_COUNT, SHAPE, RANK, SIZE, DOT, COSINE, UNIQUE,
} What;

static const struct
{
  OxTermFunction row;
  What           what;
  double       (*func) (double x);
} functions[] = {
  { { "abs", 1, 1 }, ABS, fabs },           { { "sqrt", 1, 1 }, EACH, sqrt },         { { "exp", 1, 1 }, EACH, exp },
  { { "log", 1, 1 }, EACH, log },           { { "log2", 1, 1 }, EACH, log2 },         { { "log10", 1, 1 }, EACH, log10 },
  { { "floor", 1, 1 }, EACH, floor },       { { "ceil", 1, 1 }, EACH, ceil },         { { "round", 1, 1 }, EACH, rint },
  { { "sign", 1, 1 }, EACH, sign_of },      { { "tanh", 1, 1 }, EACH, tanh },         { { "sigmoid", 1, 1 }, EACH, sigmoid },
  { { "isnan", 1, 1 }, EACH_TRUTH, is_nan }, { { "isinf", 1, 1 }, EACH_TRUTH, is_inf },
  { { "isfinite", 1, 1 }, EACH_TRUTH, is_finite },
  { { "min", 1, 2 }, MIN },                 { { "max", 1, 2 }, MAX },                 { { "sum", 1, 1 }, SUM },
  { { "mean", 1, 1 }, MEAN },               { { "std", 1, 1 }, STD },                 { { "range", 1, 1 }, RANGE },
  { { "argmin", 1, 1 }, ARGMIN },           { { "argmax", 1, 1 }, ARGMAX },           { { "norm", 1, 1 }, NORM },
  { { "count", 1, 1 }, COUNT },             { { "share", 1, 1 }, SHARE },             { { "any", 1, 1 }, ANY },
  { { "all", 1, 1 }, ALL },                 { { "nans", 1, 1 }, NAN_COUNT },          { { "infs", 1, 1 }, INF_COUNT },
  { { "zeros", 1, 1 }, ZERO_COUNT },        { { "denormals", 1, 1 }, DENORMAL_COUNT },
  { { "shape", 1, 1 }, SHAPE },             { { "rank", 1, 1 }, RANK },               { { "size", 1, 1 }, SIZE },
  { { "dot", 2, 2 }, DOT },                 { { "cosine", 2, 2 }, COSINE },           { { "unique", 1, 1 }, UNIQUE },
};

int
ox_term_find_function (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (g_str_equal (functions[i].row.name, name))
      return (int) i;
  return -1;
}

const OxTermFunction *
ox_term_get_function (int function)
{
  return &functions[function].row;
}

const char *
ox_expression_functions (void)
{
  static char *all;

  if (g_once_init_enter (&all))
    {
      GString *text = g_string_new (NULL);

      for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
        g_string_append_printf (text, "%s%s", i > 0 ? " " : "", functions[i].row.name);
      g_once_init_leave (&all, g_string_free (text, FALSE));
    }
  return all;
}

/* ---- numbers --------------------------------------------------------------------------------------------------- */

gboolean
ox_term_set_new (OxEvaluation *e, OxTermNumber *out, OxTermNumberKind kind, int rank, const gint64 *dims)
{
  *out = (OxTermNumber){ ox_tensor_new (kind == OX_KIND_REAL ? OX_F64 : OX_I64, rank, dims, e->error), kind, OX_F64 };
  return out->tensor != NULL;
}

gboolean
ox_term_set_real (OxEvaluation *e, OxTermNumber *out, double value)
{
  if (!ox_term_set_new (e, out, OX_KIND_REAL, 0, NULL))
    return FALSE;
  ox_term_reals (out)[0] = value;
  return TRUE;
}

gboolean
ox_term_set_integer (OxEvaluation *e, OxTermNumber *out, OxTermNumberKind kind, gint64 value)
{
  if (!ox_term_set_new (e, out, kind, 0, NULL))
    return FALSE;
  ox_term_integers (out)[0] = value;
  return TRUE;
}

static gboolean
cancelled (OxEvaluation *e, gint64 i)
{
  return i % CHUNK == 0 && g_cancellable_set_error_if_cancelled (e->cancellable, e->error);
}

gboolean
ox_term_each (OxEvaluation *e, double (*func) (double x), OxTermNumberKind kind, const OxTermNumber *x, OxTermNumber *out)
{
  if (!ox_term_set_new (e, out, kind, x->tensor->rank, x->tensor->dims))
    return FALSE;
  for (gint64 i = 0; i < x->tensor->count; i++)
    {
      if (cancelled (e, i))
        {
          g_clear_pointer (&out->tensor, ox_tensor_unref);
          return FALSE;
        }
      if (kind == OX_KIND_REAL)
        ox_term_reals (out)[i] = func (ox_term_at (x, i));
      else
        ox_term_integers (out)[i] = func (ox_term_at (x, i)) != 0;
    }
  return TRUE;
}

/* Of integers; the least has no positive one and becomes a real. */
static gboolean
absolute (OxEvaluation *e, const OxTermNumber *x, OxTermNumber *out)
{
  const gint64 *from = ox_term_integers (x);

  for (gint64 i = 0; i < x->tensor->count; i++)
    if (from[i] == G_MININT64)
      return ox_term_each (e, fabs, OX_KIND_REAL, x, out);
  if (!ox_term_set_new (e, out, OX_KIND_INTEGER, x->tensor->rank, x->tensor->dims))
    return FALSE;
  for (gint64 i = 0; i < x->tensor->count; i++)
    ox_term_integers (out)[i] = from[i] < 0 ? -from[i] : from[i];
  return TRUE;
}

/* ---- all of it to one ------------------------------------------------------------------------------------------ */

typedef struct
{
  double   sum, squares;
  gint64   total;           /* of integers, unless it went over */
  gboolean over;
  gint64   n, least, most;  /* where; -1: there is none */
  gint64   nan, inf, zeros, denormals;
} Sums;

static gboolean
is_less (const OxTermNumber *x, gint64 i, gint64 than)
{
  return x->kind == OX_KIND_REAL ? ox_term_reals (x)[i] < ox_term_reals (x)[than]
                                 : ox_term_integers (x)[i] < ox_term_integers (x)[than];
}

/* NaN are counted and left out of the least, the most and their places; sums have them in. */
static gboolean
add_up (OxEvaluation *e, const OxTermNumber *x, Sums *sums)
{
  const double smallest = ox_dtype_smallest_normal (x->from);

  *sums = (Sums){ .least = -1, .most = -1, .n = x->tensor->count };
  for (gint64 i = 0; i < x->tensor->count; i++)
    {
      const double v = ox_term_at (x, i);

      if (cancelled (e, i))
        return FALSE;
      sums->sum += v;
      sums->squares += v * v;
      sums->nan += isnan (v);
      sums->inf += isinf (v) != 0;
      sums->zeros += v == 0;
      sums->denormals += v != 0 && fabs (v) < smallest;
      if (x->kind != OX_KIND_REAL)
        sums->over |= __builtin_add_overflow (sums->total, ox_term_integers (x)[i], &sums->total);
      if (isnan (v))
        continue;
      if (sums->least < 0 || is_less (x, i, sums->least))
        sums->least = i;
      if (sums->most < 0 || is_less (x, sums->most, i))
        sums->most = i;
    }
  return TRUE;
}

/* Element @i, of its kind; NaN for -1. */
static gboolean
set_element (OxEvaluation *e, const OxTermNumber *x, gint64 i, OxTermNumber *out)
{
  if (i < 0 || x->kind == OX_KIND_REAL)
    return ox_term_set_real (e, out, i < 0 ? (double) NAN : ox_term_reals (x)[i]);
  return ox_term_set_integer (e, out, OX_KIND_INTEGER, ox_term_integers (x)[i]);
}

static gboolean
set_range (OxEvaluation *e, const OxTermNumber *x, const Sums *s, OxTermNumber *out)
{
  gint64 range;

  if (s->least < 0)
    return ox_term_set_real (e, out, (double) NAN);
  if (x->kind != OX_KIND_REAL
      && !__builtin_sub_overflow (ox_term_integers (x)[s->most], ox_term_integers (x)[s->least], &range))
    return ox_term_set_integer (e, out, OX_KIND_INTEGER, range);
  return ox_term_set_real (e, out, ox_term_at (x, s->most) - ox_term_at (x, s->least));
}

static gboolean
set_deviation (OxEvaluation *e, const OxTermNumber *x, double mean, OxTermNumber *out)
{
  double squares = 0;

  for (gint64 i = 0; i < x->tensor->count; i++)
    {
      if (cancelled (e, i))
        return FALSE;
      squares += (ox_term_at (x, i) - mean) * (ox_term_at (x, i) - mean);
    }
  return ox_term_set_real (e, out, sqrt (squares / (double) x->tensor->count));
}

static gboolean
reduce (OxEvaluation *e, What what, const OxTermNumber *x, OxTermNumber *out)
{
  gint64 nonzero;
  Sums s;

  if (!add_up (e, x, &s))
    return FALSE;
  nonzero = s.n - s.zeros;
  switch (what)
    {
    case SUM:
      return x->kind == OX_KIND_REAL || s.over ? ox_term_set_real (e, out, s.sum)
                                               : ox_term_set_integer (e, out, OX_KIND_INTEGER, s.total);
    case MEAN:   return ox_term_set_real (e, out, s.sum / (double) s.n);
    case STD:    return set_deviation (e, x, s.sum / (double) s.n, out);
    case MIN:    return set_element (e, x, s.least, out);
    case MAX:    return set_element (e, x, s.most, out);
    case RANGE:  return set_range (e, x, &s, out);
    case ARGMIN: return ox_term_set_integer (e, out, OX_KIND_INTEGER, s.least);
    case ARGMAX: return ox_term_set_integer (e, out, OX_KIND_INTEGER, s.most);
    case NORM:   return ox_term_set_real (e, out, sqrt (s.squares));
    case COUNT:  return ox_term_set_integer (e, out, OX_KIND_INTEGER, nonzero);
    case SHARE:  return ox_term_set_real (e, out, s.n > 0 ? (double) nonzero / (double) s.n : 0);
    case ANY:    return ox_term_set_integer (e, out, OX_KIND_TRUTH, nonzero > 0);
    case ALL:    return ox_term_set_integer (e, out, OX_KIND_TRUTH, s.zeros == 0);
    case NAN_COUNT:  return ox_term_set_integer (e, out, OX_KIND_INTEGER, s.nan);
    case INF_COUNT:  return ox_term_set_integer (e, out, OX_KIND_INTEGER, s.inf);
    case ZERO_COUNT: return ox_term_set_integer (e, out, OX_KIND_INTEGER, s.zeros);
    default:     return ox_term_set_integer (e, out, OX_KIND_INTEGER, s.denormals);
    }
}

/* Both as one long row. */
static gboolean
product_of (OxEvaluation *e, What what, const OxTermNumber *a, const OxTermNumber *b, OxTermNumber *out)
{
  double xy = 0, xx = 0, yy = 0;

  if (a->tensor->count != b->tensor->count)
    return ox_fail (e->error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " elements have no product",
                    a->tensor->count, b->tensor->count);
  for (gint64 i = 0; i < a->tensor->count; i++)
    {
      const double x = ox_term_at (a, i), y = ox_term_at (b, i);

      if (cancelled (e, i))
        return FALSE;
      xy += x * y;
      xx += x * x;
      yy += y * y;
    }
  return ox_term_set_real (e, out, what == DOT ? xy : xy / sqrt (xx * yy));
}

/* ---- others ---------------------------------------------------------------------------------------------------- */

static gboolean
shape_of (OxEvaluation *e, const OxTermNumber *x, OxTermNumber *out)
{
  const gint64 rank = x->tensor->rank;

  if (!ox_term_set_new (e, out, OX_KIND_INTEGER, 1, &rank))
    return FALSE;
  memcpy (out->tensor->data, x->tensor->dims, (gsize) rank * sizeof (gint64));
  return TRUE;
}

/* NaN comes last. */
static int
by_real (const void *a, const void *b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return isnan (x) || isnan (y) ? !!isnan (x) - !!isnan (y) : (x > y) - (x < y);
}

static int
by_integer (const void *a, const void *b)
{
  const gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

/* What there is, in order, each once. */
static gboolean
unique_of (OxEvaluation *e, const OxTermNumber *x, OxTermNumber *out)
{
  int (*order) (const void *, const void *) = x->kind == OX_KIND_REAL ? by_real : by_integer;
  const gint64 stride = 8;
  OxTensor *all, *view;
  gint64 n = 0;
  guint8 *data;

  if (!ox_term_set_new (e, out, x->kind, 1, &x->tensor->count))
    return FALSE;
  all = out->tensor;
  data = all->data;
  memcpy (data, x->tensor->data, (gsize) all->count * 8);
  qsort (data, (gsize) all->count, 8, order);
  for (gint64 i = 0; i < all->count; i++)
    if (n == 0 || order (data + (n - 1) * 8, data + i * 8) != 0)
      {
        memmove (data + n * 8, data + i * 8, 8);
        n++;
      }
  view = ox_tensor_new_view (all, 1, &n, &stride, data);
  ox_tensor_unref (all);
  out->tensor = view;
  return TRUE;
}

gboolean
ox_term_call (OxEvaluation *e, int function, const OxTermNumber *x, const OxTermNumber *y, OxTermNumber *out)
{
  const What what = functions[function].what;

  switch (what)
    {
    case ABS:
      return x->kind == OX_KIND_REAL ? ox_term_each (e, fabs, OX_KIND_REAL, x, out) : absolute (e, x, out);
    case EACH:
      return ox_term_each (e, functions[function].func, OX_KIND_REAL, x, out);
    case EACH_TRUTH:
      return ox_term_each (e, functions[function].func, OX_KIND_TRUTH, x, out);
    case SHAPE:
      return shape_of (e, x, out);
    case RANK:
      return ox_term_set_integer (e, out, OX_KIND_INTEGER, x->tensor->rank);
    case SIZE:
      return ox_term_set_integer (e, out, OX_KIND_INTEGER, x->tensor->count);
    case DOT:
    case COSINE:
      return product_of (e, what, x, y, out);
    case UNIQUE:
      return unique_of (e, x, out);
    case MIN:
    case MAX:
      if (y->tensor != NULL)
        return ox_term_pair (e, what == MIN ? OX_PAIR_LEAST : OX_PAIR_MOST, OX_TERM_ADD, x, y, out);
      return reduce (e, what, x, out);
    default:
      return reduce (e, what, x, out);
    }
}
