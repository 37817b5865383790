/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-expression-private.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/ox-error.h"
#include "kernel/ox-walk.h"
#include "tensor/ox-statistics.h"

/* How many elements are computed between two looks at the cancellable. */
#define CHUNK 65536

typedef enum { REAL, INTEGER, TRUTH } Kind;

/* Doubles, dense. */
typedef struct
{
  OxTensor *tensor;
  Kind      kind;
  OxDtype   from;    /* what a name's tensor is made of, else f64 */
} Number;

typedef struct
{
  OxExpressionLookup lookup;
  gpointer           data;
  GCancellable      *cancellable;
  GError           **error;
} Evaluation;

static gboolean evaluate (Evaluation *e, const OxTerm *term, Number *out);

static double *
numbers (const OxTensor *tensor)
{
  return (double *) (void *) tensor->data;
}

static gboolean
set_new (Evaluation *e, Number *out, Kind kind, int rank, const gint64 *dims)
{
  *out = (Number){ ox_tensor_new (OX_F64, rank, dims, e->error), kind, OX_F64 };
  return out->tensor != NULL;
}

static gboolean
set_scalar (Evaluation *e, Number *out, Kind kind, double value)
{
  if (!set_new (e, out, kind, 0, NULL))
    return FALSE;
  numbers (out->tensor)[0] = value;
  return TRUE;
}

/* ---- functions ------------------------------------------------------------------------------------------------- */

static double sign_of (double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
static double sigmoid (double x) { return 1 / (1 + exp (-x)); }
static double is_nan (double x) { return isnan (x); }
static double is_inf (double x) { return isinf (x); }
static double is_finite (double x) { return isfinite (x) != 0; }

typedef struct
{
  double sum, squares, least, most;
  gint64 n, least_at, most_at, nan, inf, zeros, denormals, true_ones;
} Sums;

/* NaN are counted and left out of the least, the most and their places; sums have them in. */
static gboolean
add_up (Evaluation *e, const Number *x, Sums *sums)
{
  const double *v = numbers (x->tensor), smallest = ox_dtype_smallest_normal (x->from);

  *sums = (Sums){ .least = INFINITY, .most = -INFINITY, .least_at = -1, .most_at = -1, .n = x->tensor->count };
  for (gint64 i = 0; i < x->tensor->count; i++)
    {
      if (i % CHUNK == 0 && g_cancellable_set_error_if_cancelled (e->cancellable, e->error))
        return FALSE;
      sums->sum += v[i];
      sums->squares += v[i] * v[i];
      sums->nan += isnan (v[i]);
      sums->inf += isinf (v[i]) != 0;
      sums->zeros += v[i] == 0;
      sums->true_ones += v[i] != 0;
      sums->denormals += v[i] != 0 && fabs (v[i]) < smallest;
      if (v[i] < sums->least || (sums->least_at < 0 && !isnan (v[i])))
        {
          sums->least = v[i];
          sums->least_at = i;
        }
      if (v[i] > sums->most || (sums->most_at < 0 && !isnan (v[i])))
        {
          sums->most = v[i];
          sums->most_at = i;
        }
    }
  return TRUE;
}

typedef enum
{
  EACH,     /* element by element */
  EACH_TRUTH,
  EACH_PAIR,
  ABS, SUM, MEAN, STD, MIN, MAX, RANGE, ARGMIN, ARGMAX, NORM, COUNT, SHARE, ANY, ALL, NAN_COUNT, INF_COUNT, ZERO_COUNT,
  DENORMAL_COUNT, SHAPE, RANK, SIZE, DOT, COSINE,
} What;

static const struct
{
  OxTermFunction row;
  What           what;
  double       (*func) (double x);
} functions[] = {
  { { "abs", 1, 1 }, EACH, fabs },          { { "sqrt", 1, 1 }, EACH, sqrt },         { { "exp", 1, 1 }, EACH, exp },
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
  { { "dot", 2, 2 }, DOT },                 { { "cosine", 2, 2 }, COSINE },
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

/* ---- two operands ---------------------------------------------------------------------------------------------- */

static double
combine (OxTermKind kind, double a, double b)
{
  switch (kind)
    {
    case OX_TERM_ADD:        return a + b;
    case OX_TERM_SUBTRACT:   return a - b;
    case OX_TERM_MULTIPLY:   return a * b;
    case OX_TERM_DIVIDE:     return a / b;
    case OX_TERM_REMAINDER:  return b == 0 ? (double) NAN : a - b * floor (a / b);
    case OX_TERM_POWER:      return pow (a, b);
    case OX_TERM_LESS:       return a < b;
    case OX_TERM_LESS_EQUAL: return a <= b;
    case OX_TERM_MORE:       return a > b;
    case OX_TERM_MORE_EQUAL: return a >= b;
    case OX_TERM_EQUAL:      return a == b;
    case OX_TERM_UNEQUAL:    return a != b;
    case OX_TERM_AND:        return a != 0 && b != 0;
    default:                 return a != 0 || b != 0;
    }
}

static Kind
kind_of_pair (OxTermKind kind, Kind a, Kind b)
{
  if (kind >= OX_TERM_LESS)
    return TRUTH;
  return a != REAL && b != REAL && kind != OX_TERM_DIVIDE && kind != OX_TERM_POWER ? INTEGER : REAL;
}

static gboolean
common_shape (Evaluation *e, const OxTensor *a, const OxTensor *b, int *rank, gint64 *dims)
{
  g_autofree char *left = NULL, *right = NULL;

  *rank = MAX (a->rank, b->rank);
  for (int i = 1; i <= *rank; i++)
    {
      const gint64 x = i <= a->rank ? a->dims[a->rank - i] : 1, y = i <= b->rank ? b->dims[b->rank - i] : 1;

      if (x != y && x != 1 && y != 1)
        {
          left = ox_tensor_shape_string (a);
          right = ox_tensor_shape_string (b);
          return ox_fail (e->error, OX_ERROR_SHAPE, "shapes %s and %s do not broadcast", left, right);
        }
      dims[*rank - i] = x == 1 ? y : x;
    }
  return TRUE;
}

typedef double (*Pair) (OxTermKind kind, double a, double b);

static gboolean
pair (Evaluation *e, OxTermKind kind, Pair func, Kind result, const Number *a, const Number *b, Number *out)
{
  gint64 dims[OX_MAX_RANK], sa[OX_MAX_RANK], sb[OX_MAX_RANK], index[OX_MAX_RANK] = { 0 };
  const guint8 *pa = a->tensor->data, *pb = b->tensor->data;
  double *to;
  int rank;

  if (!common_shape (e, a->tensor, b->tensor, &rank, dims) || !set_new (e, out, result, rank, dims))
    return FALSE;
  ox_broadcast_strides (a->tensor, rank, dims, sa);
  ox_broadcast_strides (b->tensor, rank, dims, sb);
  to = numbers (out->tensor);
  for (gint64 i = 0; i < out->tensor->count; i++)
    {
      if (i % CHUNK == 0 && g_cancellable_set_error_if_cancelled (e->cancellable, e->error))
        {
          g_clear_pointer (&out->tensor, ox_tensor_unref);
          return FALSE;
        }
      to[i] = func (kind, *(const double *) (const void *) pa, *(const double *) (const void *) pb);
      for (int d = rank - 1; d >= 0; d--)
        {
          pa += sa[d];
          pb += sb[d];
          if (++index[d] < dims[d])
            break;
          pa -= sa[d] * dims[d];
          pb -= sb[d] * dims[d];
          index[d] = 0;
        }
    }
  return TRUE;
}

static double
lesser (OxTermKind kind, double a, double b)
{
  return fmin (a, b);
}

static double
greater (OxTermKind kind, double a, double b)
{
  return fmax (a, b);
}

/* Both as one long row. */
static gboolean
product_of (Evaluation *e, What what, const Number *a, const Number *b, Number *out)
{
  const double *x = numbers (a->tensor), *y = numbers (b->tensor);
  double xy = 0, xx = 0, yy = 0;

  if (a->tensor->count != b->tensor->count)
    return ox_fail (e->error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " elements have no product",
                    a->tensor->count, b->tensor->count);
  for (gint64 i = 0; i < a->tensor->count; i++)
    {
      xy += x[i] * y[i];
      xx += x[i] * x[i];
      yy += y[i] * y[i];
    }
  return set_scalar (e, out, REAL, what == DOT ? xy : xy / sqrt (xx * yy));
}

/* ---- one operand ----------------------------------------------------------------------------------------------- */

static gboolean
each (Evaluation *e, double (*func) (double x), Kind kind, const Number *x, Number *out)
{
  const double *from = numbers (x->tensor);

  if (!set_new (e, out, kind, x->tensor->rank, x->tensor->dims))
    return FALSE;
  for (gint64 i = 0; i < x->tensor->count; i++)
    numbers (out->tensor)[i] = func (from[i]);
  return TRUE;
}

static gboolean
shape_of (Evaluation *e, const Number *x, Number *out)
{
  const gint64 rank = x->tensor->rank;

  if (!set_new (e, out, INTEGER, 1, &rank))
    return FALSE;
  for (int i = 0; i < rank; i++)
    numbers (out->tensor)[i] = (double) x->tensor->dims[i];
  return TRUE;
}

static gboolean
reduce (Evaluation *e, What what, const Number *x, Number *out)
{
  const Kind like = x->kind == REAL ? REAL : INTEGER;
  double n, mean;
  Sums s;

  if (!add_up (e, x, &s))
    return FALSE;
  n = (double) s.n;
  mean = s.sum / n;
  switch (what)
    {
    case SUM:    return set_scalar (e, out, like, s.sum);
    case MEAN:   return set_scalar (e, out, REAL, mean);
    case STD:
      {
        double squares = 0;

        for (gint64 i = 0; i < s.n; i++)
          squares += (numbers (x->tensor)[i] - mean) * (numbers (x->tensor)[i] - mean);
        return set_scalar (e, out, REAL, sqrt (squares / n));
      }
    case MIN:    return set_scalar (e, out, like, s.least_at < 0 ? (double) NAN : s.least);
    case MAX:    return set_scalar (e, out, like, s.most_at < 0 ? (double) NAN : s.most);
    case RANGE:  return set_scalar (e, out, like, s.most_at < 0 ? (double) NAN : s.most - s.least);
    case ARGMIN: return set_scalar (e, out, INTEGER, (double) s.least_at);
    case ARGMAX: return set_scalar (e, out, INTEGER, (double) s.most_at);
    case NORM:   return set_scalar (e, out, REAL, sqrt (s.squares));
    case COUNT:  return set_scalar (e, out, INTEGER, (double) s.true_ones);
    case SHARE:  return set_scalar (e, out, REAL, s.n > 0 ? (double) s.true_ones / n : 0);
    case ANY:    return set_scalar (e, out, TRUTH, s.true_ones > 0);
    case ALL:    return set_scalar (e, out, TRUTH, s.true_ones == s.n);
    case NAN_COUNT:  return set_scalar (e, out, INTEGER, (double) s.nan);
    case INF_COUNT:  return set_scalar (e, out, INTEGER, (double) s.inf);
    case ZERO_COUNT: return set_scalar (e, out, INTEGER, (double) s.zeros);
    case DENORMAL_COUNT: return set_scalar (e, out, INTEGER, (double) s.denormals);
    case RANK:   return set_scalar (e, out, INTEGER, x->tensor->rank);
    default:     return set_scalar (e, out, INTEGER, n);
    }
}

static gboolean
call (Evaluation *e, const OxTerm *term, const Number *x, const Number *y, Number *out)
{
  const What what = functions[term->function].what;

  switch (what)
    {
    case EACH:
      return each (e, functions[term->function].func, x->kind == REAL ? REAL : functions[term->function].func == fabs ? INTEGER : REAL,
                   x, out);
    case EACH_TRUTH:
      return each (e, functions[term->function].func, TRUTH, x, out);
    case SHAPE:
      return shape_of (e, x, out);
    case DOT:
    case COSINE:
      return product_of (e, what, x, y, out);
    case MIN:
    case MAX:
      if (y->tensor != NULL)
        return pair (e, OX_TERM_ADD, what == MIN ? lesser : greater, kind_of_pair (OX_TERM_ADD, x->kind, y->kind), x, y, out);
      return reduce (e, what, x, out);
    default:
      return reduce (e, what, x, out);
    }
}

/* ---- names and indices ----------------------------------------------------------------------------------------- */

/* A view; (transfer full). */
static OxTensor *
index_of (Evaluation *e, OxTensor *tensor, const GArray *ranges)
{
  gint64 dims[OX_MAX_RANK], strides[OX_MAX_RANK];
  guint8 *data = tensor->data;
  int rank = 0;

  if ((int) ranges->len > tensor->rank)
    {
      ox_fail (e->error, OX_ERROR_SHAPE, "%u indices for %d axes", ranges->len, tensor->rank);
      return NULL;
    }
  for (int d = 0; d < tensor->rank; d++)
    {
      const OxTermRange all = { .range = TRUE, .step = 1 };
      const OxTermRange *range = d < (int) ranges->len ? &g_array_index (ranges, OxTermRange, d) : &all;
      const gint64 n = tensor->dims[d], step = range->step;
      gint64 begin = range->has_begin ? range->begin : step > 0 ? 0 : n - 1, end = range->has_end ? range->end : step > 0 ? n : -1;

      begin += range->has_begin && begin < 0 ? n : 0;
      end += range->has_end && end < 0 ? n : 0;
      if (!range->range)
        {
          if (begin < 0 || begin >= n)
            {
              ox_fail (e->error, OX_ERROR_VALUE, "index %" G_GINT64_FORMAT " of axis %d, which has %" G_GINT64_FORMAT, range->begin,
                       d, n);
              return NULL;
            }
          data += begin * tensor->strides[d];
          continue;
        }
      begin = CLAMP (begin, step > 0 ? 0 : -1, step > 0 ? n : n - 1);
      end = CLAMP (end, step > 0 ? 0 : -1, step > 0 ? n : n - 1);
      dims[rank] = step > 0 ? MAX (0, (end - begin + step - 1) / step) : MAX (0, (begin - end - step - 1) / -step);
      if (dims[rank] > 0)
        data += begin * tensor->strides[d];
      strides[rank] = dims[rank] > 1 ? tensor->strides[d] * step : tensor->strides[d];
      rank++;
    }
  return ox_tensor_new_view (tensor, rank, dims, strides, data);
}

static gboolean
from_tensor (Evaluation *e, const OxTensor *tensor, Number *out)
{
  const Kind kind = tensor->dtype == OX_BOOL ? TRUTH : ox_dtype_is_integer (tensor->dtype) ? INTEGER : REAL;

  if (tensor->dtype == OX_STR)
    return ox_fail (e->error, OX_ERROR_DTYPE, "texts are no numbers");
  if (!set_new (e, out, kind, tensor->rank, tensor->dims))
    return FALSE;
  out->from = tensor->dtype;
  for (gint64 i = 0; i < tensor->count; i += CHUNK)
    {
      if (g_cancellable_set_error_if_cancelled (e->cancellable, e->error))
        {
          g_clear_pointer (&out->tensor, ox_tensor_unref);
          return FALSE;
        }
      ox_tensor_read_numbers (tensor, i, MIN (i + CHUNK, tensor->count), numbers (out->tensor) + i);
    }
  return TRUE;
}

/* Of a large tensor only the part that is asked for is read. */
static gboolean
evaluate_index (Evaluation *e, const OxTerm *term, Number *out)
{
  const OxTerm *of = term->arguments[0];
  g_autoptr (OxTensor) whole = NULL;
  g_autoptr (OxTensor) part = NULL;
  Number inner = { 0 };
  gboolean done;

  if (of->kind == OX_TERM_NAME && (whole = e->lookup (of->name, e->data, e->error)) == NULL)
    return FALSE;
  if (whole != NULL && !whole->packed && whole->dtype != OX_STR)
    {
      part = index_of (e, whole, term->ranges);
      return part != NULL && from_tensor (e, part, out);
    }
  if (whole != NULL ? !from_tensor (e, whole, &inner) : !evaluate (e, of, &inner))
    return FALSE;
  part = index_of (e, inner.tensor, term->ranges);
  done = part != NULL && from_tensor (e, part, out);
  if (done)
    {
      out->kind = inner.kind;
      out->from = inner.from;
    }
  ox_tensor_unref (inner.tensor);
  return done;
}

static double
negate (double x)
{
  return -x;
}

static double
not_so (double x)
{
  return x == 0;
}

static gboolean
evaluate (Evaluation *e, const OxTerm *term, Number *out)
{
  Number arguments[2] = { { 0 } };
  gboolean done = TRUE;

  if (term->kind == OX_TERM_NUMBER)
    return set_scalar (e, out, term->integer ? INTEGER : REAL, term->number);
  if (term->kind == OX_TERM_NAME)
    {
      g_autoptr (OxTensor) tensor = e->lookup (term->name, e->data, e->error);

      return tensor != NULL && from_tensor (e, tensor, out);
    }
  if (term->kind == OX_TERM_INDEX)
    return evaluate_index (e, term, out);
  for (int i = 0; i < term->n_arguments && done; i++)
    done = evaluate (e, term->arguments[i], &arguments[i]);
  if (!done)
    ;
  else if (term->kind == OX_TERM_CALL)
    done = call (e, term, &arguments[0], &arguments[1], out);
  else if (term->kind == OX_TERM_NEGATE)
    done = each (e, negate, arguments[0].kind == REAL ? REAL : INTEGER, &arguments[0], out);
  else if (term->kind == OX_TERM_NOT)
    done = each (e, not_so, TRUTH, &arguments[0], out);
  else
    done = pair (e, term->kind, combine, kind_of_pair (term->kind, arguments[0].kind, arguments[1].kind), &arguments[0],
                 &arguments[1], out);
  for (int i = 0; i < term->n_arguments; i++)
    g_clear_pointer (&arguments[i].tensor, ox_tensor_unref);
  return done;
}

OxTensor *
ox_expression_evaluate (const OxExpression *self, OxExpressionLookup lookup, gpointer data, GCancellable *cancellable,
                        GError **error)
{
  Evaluation e = { lookup, data, cancellable, error };
  OxTensor *result;
  Number number;

  if (!evaluate (&e, self->root, &number))
    return NULL;
  if (number.kind == REAL)
    return number.tensor;
  result = ox_tensor_new (number.kind == TRUTH ? OX_BOOL : OX_I64, number.tensor->rank, number.tensor->dims, error);
  for (gint64 i = 0; result != NULL && i < result->count; i++)
    ox_tensor_set (result, i, numbers (number.tensor)[i]);
  ox_tensor_unref (number.tensor);
  return result;
}
