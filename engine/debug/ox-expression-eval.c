/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-expression-private.h"

#include <math.h>
#include <string.h>

#include "core/ox-error.h"
#include "tensor/ox-statistics.h"

#define CHUNK OX_TERM_CHUNK

/* ---- two operands ---------------------------------------------------------------------------------------------- */

static double
combine (OxTermPair pair, OxTermKind kind, double a, double b)
{
  if (pair != OX_PAIR_TERM)
    return pair == OX_PAIR_LEAST ? fmin (a, b) : fmax (a, b);
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

/* The sign is that of @b, as numpy has it. FALSE for what has no integer. */
static gboolean
remainder_of (gint64 a, gint64 b, gint64 *result)
{
  if (b == 0)
    return FALSE;
  *result = b == -1 ? 0 : a % b;
  if (*result != 0 && (*result < 0) != (b < 0))
    *result += b;
  return TRUE;
}

/* FALSE: it is no integer of 64 bits. */
static gboolean
combine_integers (OxTermPair pair, OxTermKind kind, gint64 a, gint64 b, gint64 *result)
{
  if (pair != OX_PAIR_TERM)
    {
      *result = pair == OX_PAIR_LEAST ? MIN (a, b) : MAX (a, b);
      return TRUE;
    }
  switch (kind)
    {
    case OX_TERM_ADD:        return !__builtin_add_overflow (a, b, result);
    case OX_TERM_SUBTRACT:   return !__builtin_sub_overflow (a, b, result);
    case OX_TERM_MULTIPLY:   return !__builtin_mul_overflow (a, b, result);
    case OX_TERM_REMAINDER:  return remainder_of (a, b, result);
    case OX_TERM_LESS:       *result = a < b; return TRUE;
    case OX_TERM_LESS_EQUAL: *result = a <= b; return TRUE;
    case OX_TERM_MORE:       *result = a > b; return TRUE;
    case OX_TERM_MORE_EQUAL: *result = a >= b; return TRUE;
    case OX_TERM_EQUAL:      *result = a == b; return TRUE;
    case OX_TERM_UNEQUAL:    *result = a != b; return TRUE;
    case OX_TERM_AND:        *result = a != 0 && b != 0; return TRUE;
    case OX_TERM_OR:         *result = a != 0 || b != 0; return TRUE;
    default:                 return FALSE;
    }
}

static gboolean
common_shape (OxEvaluation *e, const OxTensor *a, const OxTensor *b, int *rank, gint64 *dims)
{
  *rank = MAX (a->rank, b->rank);
  for (int i = 1; i <= *rank; i++)
    {
      const gint64 x = i <= a->rank ? a->dims[a->rank - i] : 1, y = i <= b->rank ? b->dims[b->rank - i] : 1;

      if (x != y && x != 1 && y != 1)
        {
          g_autofree char *left = ox_tensor_shape_string (a), *right = ox_tensor_shape_string (b);

          return ox_fail (e->error, OX_ERROR_SHAPE, "shapes %s and %s do not broadcast", left, right);
        }
      dims[*rank - i] = x == 1 ? y : x;
    }
  return TRUE;
}

/* Where two operands are, while all pairs of their elements are gone through. */
typedef struct
{
  int           rank;
  gint64        dims[OX_MAX_RANK], sa[OX_MAX_RANK], sb[OX_MAX_RANK], index[OX_MAX_RANK];
  const guint8 *a, *b;
} Walk;

static void
walk_on (Walk *w)
{
  for (int d = w->rank - 1; d >= 0; d--)
    {
      w->a += w->sa[d];
      w->b += w->sb[d];
      if (++w->index[d] < w->dims[d])
        break;
      w->a -= w->sa[d] * w->dims[d];
      w->b -= w->sb[d] * w->dims[d];
      w->index[d] = 0;
    }
}

/* What has one element along an axis stands still there. */
static void
stretch (const OxTensor *tensor, int rank, gint64 *strides)
{
  for (int d = 0; d < rank; d++)
    {
      const int own = d - rank + tensor->rank;

      strides[d] = own >= 0 && tensor->dims[own] != 1 ? tensor->strides[own] : 0;
    }
}

static double
real_at (OxTermNumberKind kind, const guint8 *at)
{
  return kind == OX_KIND_REAL ? *(const double *) (const void *) at : (double) *(const gint64 *) (const void *) at;
}

/* FALSE with @error; or without it if integers do not do, and *@out is as before. */
static gboolean
pair_all (OxEvaluation *e, OxTermPair pair, OxTermKind kind, const OxTermNumber *a, const OxTermNumber *b, gboolean exact,
          OxTermNumberKind result, OxTermNumber *out)
{
  Walk w = { .a = a->tensor->data, .b = b->tensor->data };
  OxTermNumber made;
  gboolean done = TRUE;

  if (!common_shape (e, a->tensor, b->tensor, &w.rank, w.dims) || !ox_term_set_new (e, &made, result, w.rank, w.dims))
    return FALSE;
  stretch (a->tensor, w.rank, w.sa);
  stretch (b->tensor, w.rank, w.sb);
  for (gint64 i = 0; i < made.tensor->count && done; i++)
    {
      if (i % CHUNK == 0 && g_cancellable_set_error_if_cancelled (e->cancellable, e->error))
        done = FALSE;
      else if (exact)
        done = combine_integers (pair, kind, *(const gint64 *) (const void *) w.a, *(const gint64 *) (const void *) w.b,
                                 &ox_term_integers (&made)[i]);
      else
        {
          const double value = combine (pair, kind, real_at (a->kind, w.a), real_at (b->kind, w.b));

          if (result == OX_KIND_REAL)
            ox_term_reals (&made)[i] = value;
          else
            ox_term_integers (&made)[i] = value != 0;
        }
      walk_on (&w);
    }
  if (done)
    *out = made;
  else
    ox_tensor_unref (made.tensor);
  return done;
}

gboolean
ox_term_pair (OxEvaluation *e, OxTermPair pair, OxTermKind kind, const OxTermNumber *a, const OxTermNumber *b, OxTermNumber *out)
{
  const gboolean truth = pair == OX_PAIR_TERM && kind >= OX_TERM_LESS;
  const gboolean exact = a->kind != OX_KIND_REAL && b->kind != OX_KIND_REAL && kind != OX_TERM_DIVIDE && kind != OX_TERM_POWER;
  GError *problem = NULL, **error = e->error;

  if (exact)
    {
      gboolean done;

      e->error = &problem;
      done = pair_all (e, pair, kind, a, b, TRUE, truth ? OX_KIND_TRUTH : OX_KIND_INTEGER, out);
      e->error = error;
      if (problem != NULL)
        g_propagate_error (error, problem);
      if (done || problem != NULL)
        return done;
    }
  return pair_all (e, pair, kind, a, b, FALSE, truth ? OX_KIND_TRUTH : OX_KIND_REAL, out);
}

/* ---- names and indices ----------------------------------------------------------------------------------------- */

/* How many elements there are from @begin on, @step apart, before @end. */
static gint64
steps (gint64 begin, gint64 end, gint64 step)
{
  if (step > 0)
    return end > begin ? (end - begin - 1) / step + 1 : 0;
  /* The least integer has no positive one. */
  return begin > end ? (begin - end - 1) / (step == G_MININT64 ? G_MAXINT64 : -step) + 1 : 0;
}

/* A view; (transfer full). */
static OxTensor *
index_of (OxEvaluation *e, OxTensor *tensor, const GArray *ranges)
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
      dims[rank] = steps (begin, end, step);
      if (dims[rank] > 0)
        data += begin * tensor->strides[d];
      strides[rank] = dims[rank] > 1 ? tensor->strides[d] * step : tensor->strides[d];
      rank++;
    }
  return ox_tensor_new_view (tensor, rank, dims, strides, data);
}

static OxTermNumberKind
kind_of (const OxTensor *tensor)
{
  if (tensor->dtype == OX_BOOL)
    return OX_KIND_TRUTH;
  if (!ox_dtype_is_integer (tensor->dtype))
    return OX_KIND_REAL;
  /* Those of 64 bits without a sign may be too large. */
  for (gint64 i = 0; tensor->dtype == OX_U64 && i < tensor->count; i++)
    if (ox_tensor_get_int (tensor, i) < 0)
      return OX_KIND_REAL;
  return OX_KIND_INTEGER;
}

/* Elements @begin to @end. */
static void
read_part (OxTensor *tensor, gint64 begin, gint64 end, OxTermNumber *out)
{
  if (out->kind == OX_KIND_REAL)
    ox_tensor_read_numbers (tensor, begin, end, ox_term_reals (out) + begin);
  else
    for (gint64 i = begin; i < end; i++)
      ox_term_integers (out)[i] = ox_tensor_get_int (tensor, i);
}

static gboolean
from_tensor (OxEvaluation *e, OxTensor *tensor, OxTermNumber *out)
{
  g_autoptr (OxTensor) usable = NULL;

  if (tensor->dtype == OX_STR)
    return ox_fail (e->error, OX_ERROR_DTYPE, "texts are no numbers");
  if ((usable = ox_tensor_usable (tensor, e->error)) == NULL
      || !ox_term_set_new (e, out, kind_of (usable), usable->rank, usable->dims))
    return FALSE;
  out->from = usable->dtype;
  for (gint64 i = 0; i < usable->count; i += CHUNK)
    {
      if (g_cancellable_set_error_if_cancelled (e->cancellable, e->error))
        {
          g_clear_pointer (&out->tensor, ox_tensor_unref);
          return FALSE;
        }
      read_part (usable, i, MIN (i + CHUNK, usable->count), out);
    }
  return TRUE;
}

static gboolean evaluate (OxEvaluation *e, const OxTerm *term, OxTermNumber *out);

/* Of a large tensor only the part that is asked for is read. */
static gboolean
evaluate_index (OxEvaluation *e, const OxTerm *term, OxTermNumber *out)
{
  const OxTerm *of = term->arguments[0];
  g_autoptr (OxTensor) whole = NULL;
  g_autoptr (OxTensor) part = NULL;
  OxTermNumber inner = { 0 };
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

/* ---- terms ----------------------------------------------------------------------------------------------------- */

static double
minus (double x)
{
  return -x;
}

static double
not_so (double x)
{
  return x == 0;
}

/* Integers stay so: they are taken from nothing. */
static gboolean
negate (OxEvaluation *e, const OxTermNumber *x, OxTermNumber *out)
{
  OxTermNumber zero = { 0 };
  gboolean done;

  if (x->kind == OX_KIND_REAL)
    return ox_term_each (e, minus, OX_KIND_REAL, x, out);
  if (!ox_term_set_integer (e, &zero, OX_KIND_INTEGER, 0))
    return FALSE;
  done = ox_term_pair (e, OX_PAIR_TERM, OX_TERM_SUBTRACT, &zero, x, out);
  ox_tensor_unref (zero.tensor);
  return done;
}

static gboolean
evaluate (OxEvaluation *e, const OxTerm *term, OxTermNumber *out)
{
  OxTermNumber arguments[2] = { { 0 } };
  gboolean done = TRUE;

  if (term->kind == OX_TERM_NUMBER)
    return term->integer ? ox_term_set_integer (e, out, OX_KIND_INTEGER, term->whole) : ox_term_set_real (e, out, term->number);
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
    done = ox_term_call (e, term->function, &arguments[0], &arguments[1], out);
  else if (term->kind == OX_TERM_NEGATE)
    done = negate (e, &arguments[0], out);
  else if (term->kind == OX_TERM_NOT)
    done = ox_term_each (e, not_so, OX_KIND_TRUTH, &arguments[0], out);
  else
    done = ox_term_pair (e, OX_PAIR_TERM, term->kind, &arguments[0], &arguments[1], out);
  for (int i = 0; i < term->n_arguments; i++)
    g_clear_pointer (&arguments[i].tensor, ox_tensor_unref);
  return done;
}

OxTensor *
ox_expression_evaluate (const OxExpression *self, OxExpressionLookup lookup, gpointer data, GCancellable *cancellable,
                        GError **error)
{
  OxEvaluation e = { lookup, data, cancellable, error };
  OxTermNumber number;
  OxTensor *result;

  if (!evaluate (&e, self->root, &number))
    return NULL;
  if (number.kind != OX_KIND_TRUTH)
    return number.tensor;
  result = ox_tensor_convert (number.tensor, OX_BOOL, error);
  ox_tensor_unref (number.tensor);
  return result;
}
