/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <string.h>

#include "core/ox-memory.h"
#include "core/ox-parallel.h"
#include "kernel/ox-gemm.h"
#include "kernel/ox-walk.h"

/* Einsum: operands are contracted two at a time, each time as a stack of matrix products. */

typedef struct { const char *equation; } EinsumAttrs;

/* Labels are the letters, then the axes of the ellipsis counted from the right. */
#define LETTERS 52
#define N_LABELS (LETTERS + OX_MAX_RANK)

typedef struct
{
  int     n;
  guint8  label[OX_MAX_RANK];
} Term;

typedef struct
{
  int     n_in;
  Term   *in;                   /* [n_in] */
  Term    out;
  OxDim   dim[N_LABELS];        /* 1 until an operand says otherwise */
} Equation;

static void
equation_clear (Equation *equation)
{
  g_free (equation->in);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Equation, equation_clear)

/* ---- the equation --------------------------------------------------------------------------------------------- */

static int
label_of (char letter)
{
  return g_ascii_isupper (letter) ? letter - 'A' : letter - 'a' + 26;
}

static gboolean
term_add (Term *term, int label, GError **error)
{
  if (term->n == OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_VALUE, "a term has more than %d axes", OX_MAX_RANK);
  term->label[term->n++] = (guint8) label;
  return TRUE;
}

/* Reads a term up to ',', '-' or the end; its ellipsis stands for @hidden axes (-1: as many as @rank leaves over). */
static gboolean
term_parse (Term *term, const char **text, int rank, int *hidden, gboolean *has_ellipsis, GError **error)
{
  const char *p = *text;
  int letters = 0;

  *has_ellipsis = FALSE;
  for (; *p != '\0' && *p != ',' && *p != '-'; p++)
    if (g_ascii_isalpha (*p))
      letters++;
    else if (p[0] == '.' && p[1] == '.' && p[2] == '.' && !*has_ellipsis)
      {
        *has_ellipsis = TRUE;
        p += 2;
      }
    else if (*p != ' ')
      return ox_fail (error, OX_ERROR_VALUE, "the equation has '%c' where a letter or an ellipsis should be", *p);
  if (*hidden < 0)
    {
      *hidden = *has_ellipsis ? rank - letters : 0;
      if (*hidden < 0 || letters + *hidden != rank)
        return ox_fail (error, OX_ERROR_SHAPE, "a term names %d axes of an input of rank %d", letters, rank);
    }
  term->n = 0;
  for (p = *text; *p != '\0' && *p != ',' && *p != '-'; p++)
    {
      if (*p == '.')
        {
          for (int d = 0; d < *hidden; d++)
            if (!term_add (term, LETTERS + *hidden - 1 - d, error))
              return FALSE;
          p += 2;
        }
      else if (*p != ' ' && !term_add (term, label_of (*p), error))
        return FALSE;
    }
  *text = p;
  return TRUE;
}

/* Without "->": the axes of the ellipsis, then the labels that occur once, in the order of the alphabet where capitals
 * come first. */
static gboolean
implicit_output (Equation *equation, int hidden, GError **error)
{
  int times[N_LABELS] = { 0 };

  for (int i = 0; i < equation->n_in; i++)
    for (int d = 0; d < equation->in[i].n; d++)
      times[equation->in[i].label[d]]++;
  for (int d = 0; d < hidden; d++)
    if (!term_add (&equation->out, LETTERS + hidden - 1 - d, error))
      return FALSE;
  for (int label = 0; label < LETTERS; label++)
    if (times[label] == 1 && !term_add (&equation->out, label, error))
      return FALSE;
  return TRUE;
}

static gboolean
equation_parse (Equation *equation, OxCall *call, GError **error)
{
  const char *text = ((const EinsumAttrs *) call->attrs)->equation;
  int hidden = 0;
  gboolean seen[N_LABELS] = { FALSE }, ellipsis;

  memset (equation, 0, sizeof *equation);
  equation->n_in = call->n_in;
  equation->in = g_new0 (Term, call->n_in);
  for (int l = 0; l < N_LABELS; l++)
    equation->dim[l] = 1;
  for (int i = 0; i < call->n_in; i++)
    {
      const OxFact *fact = ox_call_fact (call, i);
      Term *term = &equation->in[i];
      int own = -1;

      if (i > 0 && *text++ != ',')
        return ox_fail (error, OX_ERROR_VALUE, "the equation has %d terms, the node %d inputs", i, call->n_in);
      if (!term_parse (term, &text, fact->rank, &own, &ellipsis, error))
        return FALSE;
      hidden = MAX (hidden, own);
      for (int d = 0; d < term->n; d++)
        {
          OxDim *dim = &equation->dim[term->label[d]], have = fact->dims[d];

          seen[term->label[d]] = TRUE;
          if (*dim == 1)
            *dim = have;
          else if (ox_dim_known (*dim) && ox_dim_known (have) && have != 1 && have != *dim)
            return ox_fail (error, OX_ERROR_SHAPE,
                            "axis %d of input %d has %" G_GINT64_FORMAT " elements, the same label elsewhere %" G_GINT64_FORMAT,
                            d, i, have, *dim);
          else if (!ox_dim_known (*dim) && ox_dim_known (have) && have != 1)
            *dim = have;
        }
    }
  if (*text == ',')
    return ox_fail (error, OX_ERROR_VALUE, "the equation has more terms than the node has inputs (%d)", call->n_in);
  if (*text == '\0')
    return implicit_output (equation, hidden, error);
  if (text[1] != '>')
    return ox_fail (error, OX_ERROR_VALUE, "the equation has '-' without '>'");
  text += 2;
  if (!term_parse (&equation->out, &text, 0, &hidden, &ellipsis, error))
    return FALSE;
  if (*text != '\0')
    return ox_fail (error, OX_ERROR_VALUE, "the equation goes on after the output's term");
  for (int d = 0; d < equation->out.n; d++)
    {
      if (!seen[equation->out.label[d]])
        return ox_fail (error, OX_ERROR_VALUE, "the output has a label that no input has");
      for (int e = 0; e < d; e++)
        if (equation->out.label[e] == equation->out.label[d])
          return ox_fail (error, OX_ERROR_VALUE, "the output has a label twice");
    }
  return TRUE;
}

static gboolean
einsum_infer (OxCall *call, GError **error)
{
  g_auto (Equation) equation = { 0 };
  OxDtype dtype = ox_fact_dtype (ox_call_fact (call, 0));
  OxDim dims[OX_MAX_RANK];

  for (int i = 0; i < call->n_in; i++)
    {
      OxDtype other = ox_fact_dtype (ox_call_fact (call, i));

      if (dtype != OX_UNDEFINED && other != OX_UNDEFINED && other != dtype)
        return ox_fail (error, OX_ERROR_DTYPE, "inputs must have one element type, found %s and %s", ox_dtype_name (dtype),
                        ox_dtype_name (other));
      if (ox_fact_rank (ox_call_fact (call, i)) < 0)
        {
          ox_call_set_unknown (call, 0, dtype);
          return TRUE;
        }
    }
  if (!equation_parse (&equation, call, error))
    return FALSE;
  for (int d = 0; d < equation.out.n; d++)
    dims[d] = equation.dim[equation.out.label[d]];
  ox_call_set (call, 0, dtype, equation.out.n, dims);
  return TRUE;
}

/* ---- contracting ---------------------------------------------------------------------------------------------- */

/* An operand: each label once, with strides in bytes; elements in the computing type. */
typedef struct
{
  int         n;
  guint8      label[OX_MAX_RANK];
  gint64      dim[OX_MAX_RANK], stride[OX_MAX_RANK];
  const char *data;
} Operand;

typedef struct
{
  OxCall  *call;
  OxDtype  dtype;               /* f32, f64, i64 or u64 */
  gint64   size;
} Work;

static int
operand_find (const Operand *operand, int label)
{
  for (int d = 0; d < operand->n; d++)
    if (operand->label[d] == label)
      return d;
  return -1;
}

/* A label that is repeated is a diagonal: its strides add up. An axis of 1 that is longer elsewhere is dropped, which
 * broadcasts it. */
static gboolean
operand_init (Operand *operand, const Work *work, int i, const Equation *equation, GError **error)
{
  const OxTensor *tensor = ox_call_in_as (work->call, i, work->dtype, error);

  if (tensor == NULL)
    return FALSE;
  operand->n = 0;
  operand->data = (const char *) tensor->data;
  for (int d = 0; d < tensor->rank; d++)
    {
      int label = equation->in[i].label[d], at = operand_find (operand, label);

      if (tensor->dims[d] == 1 && equation->dim[label] != 1)
        continue;
      if (at >= 0)
        operand->stride[at] += tensor->strides[d];
      else
        {
          operand->label[operand->n] = (guint8) label;
          operand->dim[operand->n] = tensor->dims[d];
          operand->stride[operand->n++] = tensor->strides[d];
        }
    }
  return TRUE;
}

/* A dense copy with the labels of @order (all of the operand's) in that order; itself if it already is so. */
static const char *
operand_pack (const Operand *operand, const Work *work, int n, const guint8 *order, GError **error)
{
  gint64 dims[OX_MAX_RANK], from[OX_MAX_RANK], to[OX_MAX_RANK], count = 1;
  gboolean dense = TRUE;
  char *copy;

  for (int d = n - 1; d >= 0; d--)
    {
      int at = operand_find (operand, order[d]);

      dims[d] = operand->dim[at];
      from[d] = operand->stride[at];
      to[d] = count * work->size;
      dense = dense && (from[d] == to[d] || dims[d] == 1);
      count *= dims[d];
    }
  if (dense)
    return operand->data;
  if ((copy = ox_call_scratch_n (work->call, count, (gsize) work->size, error)) == NULL)
    return NULL;
  if (count > 0)
    ox_copy_strided (work->dtype, n, dims, copy, to, operand->data, from);
  return copy;
}

static gint64
labels_count (const Equation *equation, int n, const guint8 *labels)
{
  gint64 count = 1;

  for (int d = 0; d < n; d++)
    if (__builtin_mul_overflow (count, equation->dim[labels[d]], &count))
      return G_MAXINT64;
  return count;
}

/* Makes @operand dense over @data with the labels @order. */
static void
operand_set (Operand *operand, const Work *work, const Equation *equation, int n, const guint8 *order, const char *data)
{
  gint64 stride = work->size;

  operand->n = n;
  operand->data = data;
  for (int d = n - 1; d >= 0; d--)
    {
      operand->label[d] = order[d];
      operand->dim[d] = equation->dim[order[d]];
      operand->stride[d] = stride;
      stride *= operand->dim[d];
    }
}

/* Sums over the labels that @wanted does not have. */
static gboolean
operand_reduce (Operand *operand, const Work *work, const Equation *equation, const gboolean *wanted, GError **error)
{
  guint8 order[OX_MAX_RANK];
  int kept = 0, n = 0;
  gint64 rows, length;
  const char *packed;
  char *sums;

  for (int d = 0; d < operand->n; d++)
    if (wanted[operand->label[d]])
      order[kept++] = operand->label[d];
  n = kept;
  for (int d = 0; d < operand->n; d++)
    if (!wanted[operand->label[d]])
      order[n++] = operand->label[d];
  if (kept == n)
    return TRUE;
  rows = labels_count (equation, kept, order);
  length = labels_count (equation, n - kept, order + kept);
  if ((packed = operand_pack (operand, work, n, order, error)) == NULL
      || (sums = ox_call_scratch_n (work->call, rows, (gsize) work->size, error)) == NULL)
    return FALSE;
  for (gint64 r = 0; r < rows && !ox_turn (); r++)
    if (!ox_dtype_is_float (work->dtype))
      {
        guint64 sum = 0;

        for (gint64 i = 0; i < length; i++)
          sum += ((const guint64 *) packed)[r * length + i];
        ((guint64 *) sums)[r] = sum;
      }
    else
      {
        double sum = 0;

        for (gint64 i = 0; i < length; i++)
          sum += work->dtype == OX_F32 ? ((const float *) packed)[r * length + i] : ((const double *) packed)[r * length + i];
        if (work->dtype == OX_F32)
          ((float *) sums)[r] = (float) sum;
        else
          ((double *) sums)[r] = sum;
      }
  operand_set (operand, work, equation, kept, order, sums);
  return TRUE;
}

typedef struct
{
  const Work *work;
  gint64      m, n, k;
  const char *a, *b;
  char       *c;
} Products;

static void
product_range (gint64 begin, gint64 end, gpointer data)
{
  const Products *p = data;
  gint64 size = p->work->size;

  for (gint64 i = begin; i < end && !ox_turn (); i++)
    {
      const char *a = p->a + i * p->m * p->k * size, *b = p->b + i * p->k * p->n * size;
      char *c = p->c + i * p->m * p->n * size;

      if (p->work->dtype == OX_F32)
        ox_gemm_f32 (FALSE, FALSE, p->m, p->n, p->k, 1, (const float *) a, p->k, (const float *) b, p->n, 0, (float *) c, p->n);
      else if (p->work->dtype == OX_F64)
        ox_gemm_f64 (FALSE, FALSE, p->m, p->n, p->k, 1, (const double *) a, p->k, (const double *) b, p->n, 0, (double *) c,
                     p->n);
      else
        ox_gemm_i64 (p->m, p->n, p->k, (const gint64 *) a, (const gint64 *) b, (gint64 *) c);
    }
}

/* @a = @a times @b; @wanted are the labels that the output or a later operand has. */
static gboolean
contract (Operand *a, Operand *b, const Work *work, const Equation *equation, const gboolean *wanted, GError **error)
{
  gboolean with_a[N_LABELS], with_b[N_LABELS];
  guint8 batch[OX_MAX_RANK], rows[OX_MAX_RANK], columns[OX_MAX_RANK], inner[OX_MAX_RANK], order[OX_MAX_RANK];
  int n_batch = 0, n_rows = 0, n_columns = 0, n_inner = 0;
  Products p = { .work = work };
  gint64 stack, count, sizes[3];

  memcpy (with_a, wanted, sizeof with_a);
  memcpy (with_b, wanted, sizeof with_b);
  for (int d = 0; d < b->n; d++)
    with_a[b->label[d]] = TRUE;
  for (int d = 0; d < a->n; d++)
    with_b[a->label[d]] = TRUE;
  if (!operand_reduce (a, work, equation, with_a, error) || !operand_reduce (b, work, equation, with_b, error))
    return FALSE;
  for (int d = 0; d < a->n; d++)
    if (operand_find (b, a->label[d]) < 0)
      rows[n_rows++] = a->label[d];
    else if (wanted[a->label[d]])
      batch[n_batch++] = a->label[d];
    else
      inner[n_inner++] = a->label[d];
  for (int d = 0; d < b->n; d++)
    if (operand_find (a, b->label[d]) < 0)
      columns[n_columns++] = b->label[d];
  if (n_batch + n_rows + n_columns > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_SHAPE, "an intermediate result has more than %d axes", OX_MAX_RANK);

  stack = labels_count (equation, n_batch, batch);
  p.m = labels_count (equation, n_rows, rows);
  p.k = labels_count (equation, n_inner, inner);
  p.n = labels_count (equation, n_columns, columns);
  sizes[0] = stack;
  sizes[1] = p.m;
  sizes[2] = p.n;
  if (!ox_dims_count (sizes, 3, &count))
    return ox_fail (error, OX_ERROR_SHAPE, "an intermediate result is too large");
  memcpy (order, batch, (gsize) n_batch);
  memcpy (order + n_batch, rows, (gsize) n_rows);
  memcpy (order + n_batch + n_rows, inner, (gsize) n_inner);
  p.a = operand_pack (a, work, n_batch + n_rows + n_inner, order, error);
  memcpy (order + n_batch, inner, (gsize) n_inner);
  memcpy (order + n_batch + n_inner, columns, (gsize) n_columns);
  p.b = operand_pack (b, work, n_batch + n_inner + n_columns, order, error);
  if (p.a == NULL || p.b == NULL || (p.c = ox_call_scratch_n (work->call, count, (gsize) work->size, error)) == NULL)
    return FALSE;
  if (count > 0)
    ox_parallel_for (stack, 1 + (gint64) ((1 << 20) / (1 + (double) p.m * (double) p.n * (double) p.k)), product_range, &p);
  memcpy (order + n_batch, rows, (gsize) n_rows);
  memcpy (order + n_batch + n_rows, columns, (gsize) n_columns);
  operand_set (a, work, equation, n_batch + n_rows + n_columns, order, p.c);
  return TRUE;
}

static gboolean
einsum_run (OxCall *call, GError **error)
{
  g_auto (Equation) equation = { 0 };
  OxDtype dtype = ox_call_in (call, 0)->dtype;
  OxTensor *out = ox_call_out (call, 0, error);
  Work work = { .call = call };
  gboolean wanted[N_LABELS];
  Operand result, next;
  const char *data;

  if (out == NULL || !equation_parse (&equation, call, error))
    return FALSE;
  if (!ox_dtype_is_float (dtype) && !ox_dtype_is_integer (dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "no sums of products of %s", ox_dtype_name (dtype));
  /* Sums modulo 2^64 are right modulo every smaller power too. */
  work.dtype = dtype == OX_F64 ? OX_F64 : ox_dtype_is_float (dtype) ? OX_F32 : dtype == OX_U64 ? OX_U64 : OX_I64;
  work.size = (gint64) ox_dtype_size (work.dtype);
  if (!operand_init (&result, &work, 0, &equation, error))
    return FALSE;
  for (int i = 1; i <= call->n_in; i++)
    {
      memset (wanted, 0, sizeof wanted);
      for (int d = 0; d < equation.out.n; d++)
        wanted[equation.out.label[d]] = TRUE;
      for (int k = i + 1; k < call->n_in; k++)
        for (int d = 0; d < equation.in[k].n; d++)
          wanted[equation.in[k].label[d]] = TRUE;
      if (ox_call_cancelled (call, error))
        return FALSE;
      if (i == call->n_in)
        {
          if (!operand_reduce (&result, &work, &equation, wanted, error))
            return FALSE;
        }
      else if (!operand_init (&next, &work, i, &equation, error)
               || !contract (&result, &next, &work, &equation, wanted, error))
        return FALSE;
    }
  if ((data = operand_pack (&result, &work, equation.out.n, equation.out.label, error)) == NULL)
    return FALSE;
  if (out->count == 0)
    return TRUE;
  if (dtype == work.dtype)
    memcpy (out->data, data, (gsize) (out->count * work.size));
  else if (ox_dtype_is_float (dtype))
    return ox_call_store_f32 (call, 0, (const float *) data, error);
  else
    {
      gint64 size = (gint64) ox_dtype_size (dtype);

      /* Little-endian: the low bytes are the value in the narrower type. */
      for (gint64 i = 0; i < out->count && !ox_pause (i); i++)
        {
          guint64 value = GUINT64_TO_LE (((const guint64 *) data)[i]);

          memcpy (out->data + i * size, &value, (gsize) size);
        }
    }
  return TRUE;
}

static const OxAttrSpec einsum_specs[] = { OX_NEED (EinsumAttrs, equation, STRING) };

static const OxOp einsum_rows[] = {
  { "Einsum", 12, { 1, -1 }, { 1, 1 }, OX_ATTRS (einsum_specs, EinsumAttrs), .infer = einsum_infer, .run = einsum_run },
};

OX_FAMILY (einsum, "ai.onnx", einsum_rows);
