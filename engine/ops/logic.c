/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "kernel/ox-stamp.h"
#include "ops/elementwise.h"

/* Comparison, logic, bits, and the choice between two tensors. */

#define STAMP_NAME equal
#define STAMP_TYPES SIMPLE
#define STAMP_EXPR a == b
#include "kernel/ox-stamp-compare.def"

#define STAMP_NAME greater
#define STAMP_TYPES NUMBER
#define STAMP_EXPR a > b
#include "kernel/ox-stamp-compare.def"

#define STAMP_NAME less
#define STAMP_TYPES NUMBER
#define STAMP_EXPR a < b
#include "kernel/ox-stamp-compare.def"

#define STAMP_NAME greater_equal
#define STAMP_TYPES NUMBER
#define STAMP_EXPR a >= b
#include "kernel/ox-stamp-compare.def"

#define STAMP_NAME less_equal
#define STAMP_TYPES NUMBER
#define STAMP_EXPR a <= b
#include "kernel/ox-stamp-compare.def"

OX_COMPARE_LOOP (and, BOOL, guint8, guint8, OX_SAME, a != 0 && b != 0)
OX_COMPARE_LOOP (or, BOOL, guint8, guint8, OX_SAME, a != 0 || b != 0)
OX_COMPARE_LOOP (xor, BOOL, guint8, guint8, OX_SAME, (a != 0) != (b != 0))
OX_UNARY_LOOP (not, BOOL, guint8, guint8, OX_SAME, OX_SAME, a == 0)

static const OxLoop and_loops[OX_N_DTYPES] = { [OX_BOOL] = and_BOOL };
static const OxLoop or_loops[OX_N_DTYPES] = { [OX_BOOL] = or_BOOL };
static const OxLoop xor_loops[OX_N_DTYPES] = { [OX_BOOL] = xor_BOOL };
static const OxLoop not_loops[OX_N_DTYPES] = { [OX_BOOL] = not_BOOL };

#define STAMP_NAME bit_and
#define STAMP_TYPES INTEGER
#define STAMP_EXPR a &b
#define STAMP_INT(C) a &b
#include "kernel/ox-stamp-binary.def"

#define STAMP_NAME bit_or
#define STAMP_TYPES INTEGER
#define STAMP_EXPR a | b
#define STAMP_INT(C) a | b
#include "kernel/ox-stamp-binary.def"

#define STAMP_NAME bit_xor
#define STAMP_TYPES INTEGER
#define STAMP_EXPR a ^ b
#define STAMP_INT(C) a ^ b
#include "kernel/ox-stamp-binary.def"

#define STAMP_NAME bit_not
#define STAMP_TYPES INTEGER
#define STAMP_EXPR ~a
#define STAMP_INT(C) ~a
#include "kernel/ox-stamp-unary.def"

/* A shift by the width or more leaves nothing; what is shifted left past the width is cut off by the store. */
#define STAMP_NAME shift_left
#define STAMP_TYPES INTEGER
#define STAMP_EXPR (guint64) b < 8 * sizeof (a) ? a << b : 0
#define STAMP_INT(C) (guint64) b < 8 * sizeof (a) ? (C) ((guint64) a << b) : 0
#include "kernel/ox-stamp-binary.def"

#define STAMP_NAME shift_right
#define STAMP_TYPES INTEGER
#define STAMP_EXPR (guint64) b < 8 * sizeof (a) ? a >> b : 0
#define STAMP_INT(C) (guint64) b < 8 * sizeof (a) ? a >> b : 0
#include "kernel/ox-stamp-binary.def"

typedef struct { const char *direction; } ShiftAttrs;

static gboolean
run_shift (OxCall *call, GError **error)
{
  const ShiftAttrs *attrs = call->attrs;
  gboolean left = strcmp (attrs->direction, "LEFT") == 0;
  const OxTensor *in[2] = { ox_call_in (call, 0), ox_call_in (call, 1) };
  OxLoop loop;
  OxTensor *out;

  if (!left && strcmp (attrs->direction, "RIGHT") != 0)
    return ox_fail (error, OX_ERROR_VALUE, "direction is LEFT or RIGHT, found '%s'", attrs->direction);
  loop = ox_loop_for (call, left ? shift_left_loops : shift_right_loops, in[0]->dtype, error);
  out = loop != NULL ? ox_call_out (call, 0, error) : NULL;
  if (out == NULL)
    return FALSE;
  ox_walk_tensors (out, 2, in, loop, NULL);
  return TRUE;
}

static void
equal_strings (char **p, const gint64 *step, gint64 n, const void *user)
{
  for (gint64 i = 0; i < n; i++)
    *(guint8 *) (p[0] + i * step[0])
      = g_strcmp0 (*(char *const *) (void *) (p[1] + i * step[1]), *(char *const *) (void *) (p[2] + i * step[2])) == 0;
}

static gboolean
run_equal (OxCall *call, GError **error)
{
  const OxTensor *in[2] = { ox_call_in (call, 0), ox_call_in (call, 1) };
  OxTensor *out;

  if (in[0]->dtype != OX_STR)
    return ox_run_binary (call, error);
  out = ox_call_out (call, 0, error);
  if (out == NULL)
    return FALSE;
  ox_walk_tensors (out, 2, in, equal_strings, NULL);
  return TRUE;
}

/* ---- Where ---------------------------------------------------------------------------------------------------- */

#define WHERE_LOOP(bits, T)                                                                                          \
  static void where_##bits (char **p, const gint64 *step, gint64 n, const void *user)                                \
  {                                                                                                                  \
    for (gint64 i = 0; i < n; i++)                                                                                   \
      *(T *) (void *) (p[0] + i * step[0]) = *(const guint8 *) (p[1] + i * step[1])                                  \
                                               ? *(const T *) (const void *) (p[2] + i * step[2])                    \
                                               : *(const T *) (const void *) (p[3] + i * step[3]);                   \
  }
WHERE_LOOP (8, guint8)
WHERE_LOOP (16, guint16)
WHERE_LOOP (32, guint32)
WHERE_LOOP (64, guint64)
WHERE_LOOP (128, OxComplex128)

static void
where_strings (char **p, const gint64 *step, gint64 n, const void *user)
{
  for (gint64 i = 0; i < n && !ox_pause (i); i++)
    {
      char **to = (char **) (void *) (p[0] + i * step[0]);
      char *from = *(const guint8 *) (p[1] + i * step[1]) ? *(char **) (void *) (p[2] + i * step[2])
                                                          : *(char **) (void *) (p[3] + i * step[3]);

      if (*to != NULL)
        g_ref_string_release (*to);
      *to = from != NULL ? g_ref_string_acquire (from) : NULL;
    }
}

static gboolean
infer_where (OxCall *call, GError **error)
{
  const OxFact *c = ox_call_fact (call, 0), *a = ox_call_fact (call, 1), *b = ox_call_fact (call, 2);
  OxDim dims[OX_MAX_RANK];
  int rank;

  if (c == NULL || a == NULL || b == NULL)
    return TRUE;
  if (c->dtype != OX_BOOL && c->dtype != OX_UNDEFINED)
    return ox_fail (error, OX_ERROR_DTYPE, "the condition should be bool, found %s", ox_dtype_name (c->dtype));
  if (a->dtype != b->dtype && a->dtype != OX_UNDEFINED && b->dtype != OX_UNDEFINED)
    return ox_fail (error, OX_ERROR_DTYPE, "expected one type on both sides, found %s and %s", ox_dtype_name (a->dtype),
                    ox_dtype_name (b->dtype));
  if (!ox_call_broadcast (call, a->rank, a->dims, b->rank, b->dims, &rank, dims, error)
      || !ox_call_broadcast (call, rank, dims, c->rank, c->dims, &rank, dims, error))
    return FALSE;
  ox_call_set (call, 0, a->dtype != OX_UNDEFINED ? a->dtype : b->dtype, rank, dims);
  return TRUE;
}

static gboolean
run_where (OxCall *call, GError **error)
{
  const OxTensor *in[3] = { ox_call_in (call, 0), ox_call_in (call, 1), ox_call_in (call, 2) };
  OxTensor *out = ox_call_out (call, 0, error);
  OxLoop loop;

  if (out == NULL)
    return FALSE;
  switch (ox_dtype_size (out->dtype))
    {
    case 1:
      loop = where_8;
      break;
    case 2:
      loop = where_16;
      break;
    case 4:
      loop = where_32;
      break;
    case 16:
      loop = where_128;
      break;
    default:
      loop = out->dtype == OX_STR ? where_strings : where_64;
      break;
    }
  ox_walk_tensors (out, 3, in, loop, NULL);
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec old_specs[] = { OX_BROADCAST_SPECS };
static const OxAttrSpec shift_specs[] = { OX_NEED (ShiftAttrs, direction, STRING) };
#define OLD OX_ATTRS (old_specs, OxBroadcastAttrs)
#define TWO { 2, 2 }, { 1, 1 }

static const OxOp logic_rows[] = {
  { "Equal", 1, TWO, OLD, ox_infer_old_compare, ox_run_old_binary, .data = equal_loops },
  { "Equal", 7, TWO, .infer = ox_infer_compare, .run = run_equal, .data = equal_loops },
  { "Greater", 1, TWO, OLD, ox_infer_old_compare, ox_run_old_binary, .data = greater_loops },
  { "Greater", 7, TWO, .infer = ox_infer_compare, .run = ox_run_binary, .data = greater_loops },
  { "Less", 1, TWO, OLD, ox_infer_old_compare, ox_run_old_binary, .data = less_loops },
  { "Less", 7, TWO, .infer = ox_infer_compare, .run = ox_run_binary, .data = less_loops },
  { "GreaterOrEqual", 12, TWO, .infer = ox_infer_compare, .run = ox_run_binary, .data = greater_equal_loops },
  { "LessOrEqual", 12, TWO, .infer = ox_infer_compare, .run = ox_run_binary, .data = less_equal_loops },
  { "And", 1, TWO, OLD, ox_infer_old_compare, ox_run_old_binary, .data = and_loops },
  { "And", 7, TWO, .infer = ox_infer_compare, .run = ox_run_binary, .data = and_loops },
  { "Or", 1, TWO, OLD, ox_infer_old_compare, ox_run_old_binary, .data = or_loops },
  { "Or", 7, TWO, .infer = ox_infer_compare, .run = ox_run_binary, .data = or_loops },
  { "Xor", 1, TWO, OLD, ox_infer_old_compare, ox_run_old_binary, .data = xor_loops },
  { "Xor", 7, TWO, .infer = ox_infer_compare, .run = ox_run_binary, .data = xor_loops },
  { "Not", 1, { 1, 1 }, { 1, 1 }, .infer = ox_infer_same, .run = ox_run_unary, .data = not_loops },
  { "BitShift", 11, TWO, OX_ATTRS (shift_specs, ShiftAttrs), ox_infer_broadcast, run_shift },
  { "BitwiseAnd", 18, TWO, .infer = ox_infer_broadcast, .run = ox_run_binary, .data = bit_and_loops },
  { "BitwiseOr", 18, TWO, .infer = ox_infer_broadcast, .run = ox_run_binary, .data = bit_or_loops },
  { "BitwiseXor", 18, TWO, .infer = ox_infer_broadcast, .run = ox_run_binary, .data = bit_xor_loops },
  { "BitwiseNot", 18, { 1, 1 }, { 1, 1 }, .infer = ox_infer_same, .run = ox_run_unary, .data = bit_not_loops },
  { "Where", 9, { 3, 3 }, { 1, 1 }, .infer = infer_where, .run = run_where },
};

OX_FAMILY (logic, "ai.onnx", logic_rows);
