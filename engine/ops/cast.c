/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/ox-parallel.h"
#include "kernel/ox-stamp.h"
#include "ops/ox-op.h"

/* Cast, CastLike, BitCast. A run of elements is loaded into numbers wide enough for its type (double, or 64 bits of an
 * integer) and stored from there, so that there is one loop a type on each side and not one a pair. */

#define RUN 512

typedef void (*LoadDouble) (const char *p, gint64 step, gint64 n, double *to);
typedef void (*LoadInt) (const char *p, gint64 step, gint64 n, gint64 *to);
typedef void (*StoreDouble) (const double *from, gint64 n, void *to);
typedef void (*StoreInt) (const gint64 *from, gint64 n, void *to);

#define LOADS(ID, S, C, LD)                                                                                          \
  static void load_double_##ID (const char *p, gint64 step, gint64 n, double *to)                                    \
  {                                                                                                                  \
    for (gint64 i = 0; i < n; i++)                                                                                   \
      to[i] = (double) LD (*(const S *) (const void *) (p + i * step));                                              \
  }
#define LOADI(ID, S)                                                                                                 \
  static void load_int_##ID (const char *p, gint64 step, gint64 n, gint64 *to)                                       \
  {                                                                                                                  \
    for (gint64 i = 0; i < n; i++)                                                                                   \
      to[i] = (gint64) *(const S *) (const void *) (p + i * step);                                                   \
  }
#define STOREI(ID, S, C, ST)                                                                                         \
  static void store_int_##ID (const gint64 *from, gint64 n, void *to)                                                \
  {                                                                                                                  \
    for (gint64 i = 0; i < n; i++)                                                                                   \
      ((S *) to)[i] = (S) ST (from[i]);                                                                              \
  }

#define OX_DT(ID, NUM, SHORT, NAME, BITS, S, C, LD, ST, CLASS) OX_IF_SIMPLE_##CLASS (LOADS (ID, S, C, LD))
#include "tensor/ox-dtypes.def"
#define OX_DT(ID, NUM, SHORT, NAME, BITS, S, C, LD, ST, CLASS) OX_IF_INTEGER_##CLASS (LOADI (ID, S) STOREI (ID, S, C, ST))
#include "tensor/ox-dtypes.def"
LOADI (BOOL, guint8)
STOREI (BOOL, guint8, guint8, OX_TRUTH)

static const LoadDouble load_double[OX_N_DTYPES] = {
#define OX_DT(ID, NUM, SHORT, NAME, BITS, S, C, LD, ST, CLASS) OX_IF_SIMPLE_##CLASS ([OX_##ID] = load_double_##ID, )
#include "tensor/ox-dtypes.def"
};
static const LoadInt load_int[OX_N_DTYPES] = {
#define OX_DT(ID, NUM, SHORT, NAME, BITS, S, C, LD, ST, CLASS) OX_IF_INTEGER_##CLASS ([OX_##ID] = load_int_##ID, )
#include "tensor/ox-dtypes.def"
  [OX_BOOL] = load_int_BOOL,
};
static const StoreInt store_int[OX_N_DTYPES] = {
#define OX_DT(ID, NUM, SHORT, NAME, BITS, S, C, LD, ST, CLASS) OX_IF_INTEGER_##CLASS ([OX_##ID] = store_int_##ID, )
#include "tensor/ox-dtypes.def"
  [OX_BOOL] = store_int_BOOL,
};

/* ---- from double ---------------------------------------------------------------------------------------------- */

#define STORED(ID, S, EXPR)                                                                                          \
  static void store_double_##ID (const double *from, gint64 n, void *to)                                             \
  {                                                                                                                  \
    for (gint64 i = 0; i < n; i++)                                                                                   \
      {                                                                                                              \
        const double v = from[i];                                                                                    \
        ((S *) to)[i] = (S) (EXPR);                                                                                  \
      }                                                                                                              \
  }
/* Towards zero; what does not fit takes the nearest number that does, NaN is 0. */
#define CUT(lo, hi) (v != v ? 0 : v <= (lo) ? (lo) : v >= (hi) ? (hi) : v)
STORED (F32, float, v)
STORED (F64, double, v)
STORED (F16, guint16, ox_f16_from_double (v))
STORED (BF16, guint16, ox_bf16_store ((float) v))
STORED (F8E4M3FN, guint8, ox_f8e4m3fn_store ((float) v))
STORED (F8E4M3FNUZ, guint8, ox_f8e4m3fnuz_store ((float) v))
STORED (F8E5M2, guint8, ox_f8e5m2_store ((float) v))
STORED (F8E5M2FNUZ, guint8, ox_f8e5m2fnuz_store ((float) v))
STORED (F8E4M3FN_wide, guint8, ox_f8e4m3fn_store_wide ((float) v))
STORED (F8E4M3FNUZ_wide, guint8, ox_f8e4m3fnuz_store_wide ((float) v))
STORED (F8E5M2_wide, guint8, ox_f8e5m2_store_wide ((float) v))
STORED (F8E5M2FNUZ_wide, guint8, ox_f8e5m2fnuz_store_wide ((float) v))
/* It has no NaN: minus zero stands for it. */
STORED (F4E2M1, guint8, v != v ? 8 : ox_f4e2m1_store ((float) v))
STORED (U8, guint8, CUT (0, G_MAXUINT8))
STORED (I8, gint8, CUT (G_MININT8, G_MAXINT8))
STORED (U16, guint16, CUT (0, G_MAXUINT16))
STORED (I16, gint16, CUT (G_MININT16, G_MAXINT16))
STORED (U32, guint32, CUT (0, G_MAXUINT32))
STORED (I32, gint32, CUT (G_MININT32, G_MAXINT32))
/* Less than a byte: the low bits of the whole number. */
#define WHOLE ((gint64) CUT (-9e18, 9e18))
STORED (U4, guint8, OX_U4 (WHOLE))
STORED (I4, gint8, OX_I4 (WHOLE))
STORED (U2, guint8, OX_U2 (WHOLE))
STORED (I2, gint8, OX_I2 (WHOLE))
STORED (BOOL, guint8, v != 0)
STORED (I64, gint64, v != v ? 0 : v >= 9223372036854775808.0 ? G_MAXINT64 : v <= -9223372036854775808.0 ? G_MININT64 : (gint64) v)
STORED (U64, guint64, v != v || v <= 0 ? 0 : v >= 18446744073709551616.0 ? G_MAXUINT64 : (guint64) v)

/* Powers of two: up, down, or to the nearest with ties up; saturating at both ends. */
enum { UP, DOWN, NEAREST };

static guint8
round_e8m0 (double v, int mode, gboolean saturate)
{
  double mantissa;
  int exponent;

  if (isnan (v) || v < 0 || (isinf (v) && !saturate))
    return 0xff;
  if (isinf (v))
    return 0xfe;
  if (v == 0)
    return 0;
  mantissa = frexp (v, &exponent) * 2;
  exponent--;
  if ((mode == UP && mantissa > 1) || (mode == NEAREST && mantissa >= 1.5))
    exponent++;
  if (exponent > 127)
    return saturate ? 0xfe : 0xff;
  return (guint8) MAX (exponent + 127, 0);
}

#define STORE_E8(name, mode, saturate) STORED (E8_##name, guint8, round_e8m0 (v, mode, saturate))
STORE_E8 (up, UP, TRUE)
STORE_E8 (down, DOWN, TRUE)
STORE_E8 (nearest, NEAREST, TRUE)
STORE_E8 (up_wide, UP, FALSE)
STORE_E8 (down_wide, DOWN, FALSE)
STORE_E8 (nearest_wide, NEAREST, FALSE)

static const StoreDouble store_double[OX_N_DTYPES] = {
  [OX_F32] = store_double_F32, [OX_F64] = store_double_F64, [OX_F16] = store_double_F16, [OX_BF16] = store_double_BF16,
  [OX_F8E4M3FN] = store_double_F8E4M3FN, [OX_F8E4M3FNUZ] = store_double_F8E4M3FNUZ, [OX_F8E5M2] = store_double_F8E5M2,
  [OX_F8E5M2FNUZ] = store_double_F8E5M2FNUZ, [OX_F4E2M1] = store_double_F4E2M1, [OX_U8] = store_double_U8,
  [OX_I8] = store_double_I8, [OX_U16] = store_double_U16, [OX_I16] = store_double_I16, [OX_U32] = store_double_U32,
  [OX_I32] = store_double_I32, [OX_U4] = store_double_U4, [OX_I4] = store_double_I4, [OX_U2] = store_double_U2,
  [OX_I2] = store_double_I2, [OX_BOOL] = store_double_BOOL, [OX_I64] = store_double_I64, [OX_U64] = store_double_U64,
};

static const StoreDouble store_wide[OX_N_DTYPES] = {
  [OX_F8E4M3FN] = store_double_F8E4M3FN_wide, [OX_F8E4M3FNUZ] = store_double_F8E4M3FNUZ_wide,
  [OX_F8E5M2] = store_double_F8E5M2_wide, [OX_F8E5M2FNUZ] = store_double_F8E5M2FNUZ_wide,
};

/* ---- the cast ------------------------------------------------------------------------------------------------- */

typedef struct { gint64 to, saturate; const char *round_mode; } CastAttrs;
typedef struct { const char *to; } NamedCastAttrs;

typedef struct
{
  LoadDouble  load_double;
  LoadInt     load_int;
  StoreDouble store_double;
  StoreInt    store_int;
} Way;

static void
cast_loop (char **p, const gint64 *step, gint64 n, const void *user)
{
  const Way *way = user;
  union { double d[RUN]; gint64 i[RUN]; } run;

  for (gint64 at = 0; at < n && !ox_turn (); at += RUN)
    {
      gint64 k = MIN (n - at, RUN);
      const char *from = p[1] + at * step[1];
      char *to = p[0] + at * step[0];

      if (way->load_int != NULL)
        {
          way->load_int (from, step[1], k, run.i);
          way->store_int (run.i, k, to);
        }
      else
        {
          way->load_double (from, step[1], k, run.d);
          way->store_double (run.d, k, to);
        }
    }
}

static gboolean
parse_number (const char *text, OxDtype dtype, StoreDouble store, void *to, GError **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  char *end = NULL;
  double v;

  if (ox_dtype_is_integer (dtype))
    {
      gint64 whole = dtype == OX_U64 ? (gint64) g_ascii_strtoull (trimmed, &end, 10) : g_ascii_strtoll (trimmed, &end, 10);

      if (end != trimmed && *end == '\0')
        {
          store_int[dtype] (&whole, 1, to);
          return TRUE;
        }
    }
  v = g_ascii_strtod (trimmed, &end);
  if (end == trimmed || *end != '\0')
    return ox_fail (error, OX_ERROR_VALUE, "'%.40s' is not a number", text);
  store (&v, 1, to);
  return TRUE;
}

/* The shortest digits that give the number of @dtype back: "d.ddd" and the power of ten of the first. */
static int
shortest (OxDtype dtype, double v, char *buffer, int size)
{
  char *e;

  for (int digits = 0; digits < 17; digits++)
    {
      const char format[] = { '%', '.', (char) ('0' + digits / 10), (char) ('0' + digits % 10), 'e', 0 };
      double back;
      union { double d; guint8 bytes[8]; } element;

      g_ascii_formatd (buffer, size, format, v);
      back = g_ascii_strtod (buffer, NULL);
      store_double[dtype] (&back, 1, &element);
      load_double[dtype] ((const char *) &element, 0, 1, &back);
      if (back == v)
        break;
    }
  e = strchr (buffer, 'e');
  *e = '\0';
  return (int) g_ascii_strtoll (e + 1, NULL, 10);
}

/* As Python writes it: 120.0, 0.25, 1e-07. */
static char *
print_float (OxDtype dtype, double v)
{
  char buffer[64];
  g_autoptr (GString) digits = NULL;
  GString *text;
  int exponent, n;

  if (isnan (v))
    return g_strdup ("NaN");
  if (isinf (v))
    return g_strdup (v > 0 ? "INF" : "-INF");
  if (v == 0)
    return g_strdup (signbit (v) ? "-0.0" : "0.0");
  exponent = shortest (dtype == OX_F8E8M0 ? OX_F32 : dtype, fabs (v), buffer, sizeof buffer);
  text = g_string_new (v < 0 ? "-" : "");
  if (exponent < -4 || exponent >= 16)
    {
      g_string_append_printf (text, "%se%c%02d", buffer, exponent < 0 ? '-' : '+', ABS (exponent));
      return g_string_free (text, FALSE);
    }
  digits = g_string_new (buffer);
  if (digits->len > 1)
    g_string_erase (digits, 1, 1);
  n = (int) digits->len;
  if (exponent < 0)
    g_string_append_printf (text, "0.%.*s%s", -exponent - 1, "000", digits->str);
  else
    {
      for (; n < exponent + 2; n++)
        g_string_append_c (digits, '0');
      g_string_append_printf (text, "%.*s.%s", exponent + 1, digits->str, digits->str + exponent + 1);
    }
  return g_string_free (text, FALSE);
}

static gboolean
from_strings (const OxTensor *in, OxTensor *out, StoreDouble store, GError **error)
{
  gsize unit = ox_dtype_size (out->dtype);

  for (gint64 i = 0; i < in->count && !ox_pause (i); i++)
    if (!parse_number (ox_tensor_get_string (in, i), out->dtype, store, out->data + (gsize) i * unit, error))
      return FALSE;
  return TRUE;
}

static void
to_strings (const OxTensor *in, OxTensor *out)
{
  for (gint64 i = 0; i < in->count && !ox_pause (i); i++)
    {
      const guint8 *at = ox_tensor_element (in, i);
      g_autofree char *text = NULL;

      if (in->dtype == OX_BOOL)
        text = g_strdup (*at != 0 ? "True" : "False");
      else if (in->dtype == OX_U64)
        text = g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64) ox_element_get_int (in->dtype, at));
      else if (ox_dtype_is_integer (in->dtype))
        text = g_strdup_printf ("%" G_GINT64_FORMAT, ox_element_get_int (in->dtype, at));
      else
        text = print_float (in->dtype, ox_element_get (in->dtype, at));
      ox_tensor_set_string (out, i, text, -1);
    }
}

/* What stores doubles as @to. */
static gboolean
choose_store (OxDtype to, gboolean saturate, const char *round_mode, StoreDouble *store, GError **error)
{
  *store = saturate || store_wide[to] == NULL ? store_double[to] : store_wide[to];
  if (to != OX_F8E8M0)
    return TRUE;
  if (strcmp (round_mode, "down") == 0)
    *store = saturate ? store_double_E8_down : store_double_E8_down_wide;
  else if (strcmp (round_mode, "nearest") == 0)
    *store = saturate ? store_double_E8_nearest : store_double_E8_nearest_wide;
  else if (strcmp (round_mode, "up") == 0)
    *store = saturate ? store_double_E8_up : store_double_E8_up_wide;
  else
    return ox_fail (error, OX_ERROR_VALUE, "round_mode is up, down or nearest, found '%s'", round_mode);
  return TRUE;
}

static gboolean
cast_to (OxCall *call, OxDtype to, gboolean saturate, const char *round_mode, GError **error)
{
  const OxTensor *in = ox_call_in (call, 0);
  gboolean exact = (ox_dtype_is_integer (in->dtype) || in->dtype == OX_BOOL) && (ox_dtype_is_integer (to) || to == OX_BOOL);
  Way way = { NULL };
  OxTensor *out;

  if (in->dtype == to)
    {
      ox_call_take_value (call, 0, ox_value_ref (ox_call_in_value (call, 0)));
      return TRUE;
    }
  if (!choose_store (to, saturate || call->op->since < 19, round_mode != NULL ? round_mode : "up", &way.store_double, error))
    return FALSE;
  way.load_double = load_double[in->dtype];
  if ((in->dtype != OX_STR && way.load_double == NULL) || (to != OX_STR && way.store_double == NULL))
    return ox_fail (error, OX_ERROR_DTYPE, "%s does not cast to %s", ox_dtype_name (in->dtype), ox_dtype_name (to));
  if ((out = ox_call_out (call, 0, error)) == NULL)
    return FALSE;
  if (in->dtype == OX_STR)
    return from_strings (in, out, way.store_double, error);
  if (to == OX_STR)
    {
      to_strings (in, out);
      return TRUE;
    }
  if (exact)
    {
      way.load_int = load_int[in->dtype];
      way.store_int = store_int[to];
    }
  ox_walk_tensors (out, 1, &in, cast_loop, &way);
  return TRUE;
}

static gboolean
set_type (OxCall *call, gint64 number, GError **error)
{
  const OxFact *fact = ox_call_fact (call, 0);
  const OxDim *ints;
  int n;

  if (number < 1 || number >= OX_N_DTYPES)
    return ox_fail (error, OX_ERROR_VALUE, "'to' is %" G_GINT64_FORMAT ", which is not an element type", number);
  if (fact == NULL || fact->kind == OX_TYPE_UNKNOWN)
    return TRUE;
  ox_call_set (call, 0, (OxDtype) number, fact->rank, fact->dims);
  if (!call->running && ox_dtype_is_integer ((OxDtype) number) && ox_call_ints (call, 0, &ints, &n))
    ox_call_set_ints (call, 0, ints, n);
  return TRUE;
}

static gboolean
infer_cast (OxCall *call, GError **error)
{
  return set_type (call, ((const CastAttrs *) call->attrs)->to, error);
}

static gboolean
run_cast (OxCall *call, GError **error)
{
  const CastAttrs *attrs = call->attrs;

  return cast_to (call, (OxDtype) attrs->to, attrs->saturate != 0, attrs->round_mode, error);
}

/* Until opset 5 the type was a word. */
static gboolean
infer_named_cast (OxCall *call, GError **error)
{
  const NamedCastAttrs *attrs = call->attrs;
  g_autofree char *lower = g_ascii_strdown (attrs->to, -1);
  OxDtype dtype = ox_dtype_from_name (lower);

  if (dtype == OX_UNDEFINED)
    return ox_fail (error, OX_ERROR_VALUE, "'to' is '%s', which is not an element type", attrs->to);
  return set_type (call, dtype, error);
}

static gboolean
run_named_cast (OxCall *call, GError **error)
{
  return cast_to (call, ox_call_out_fact (call, 0)->dtype, TRUE, "up", error);
}

static gboolean
infer_cast_like (OxCall *call, GError **error)
{
  const OxFact *like = ox_call_fact (call, 1), *fact = ox_call_fact (call, 0);

  if (like == NULL || fact == NULL)
    return TRUE;
  ox_call_set (call, 0, like->dtype, fact->rank, fact->dims);
  return TRUE;
}

static gboolean
run_cast_like (OxCall *call, GError **error)
{
  const CastAttrs *attrs = call->attrs;

  return cast_to (call, ox_call_fact (call, 1)->dtype, attrs->saturate != 0, attrs->round_mode, error);
}

/* ---- BitCast -------------------------------------------------------------------------------------------------- */

static gboolean
run_bit_cast (OxCall *call, GError **error)
{
  OxDtype to = (OxDtype) ((const CastAttrs *) call->attrs)->to;
  OxTensor *in = (OxTensor *) ox_call_in (call, 0);
  g_autoptr (OxTensor) dense = NULL;
  g_autoptr (GBytes) bytes = NULL;
  OxTensor *out;

  if (in->dtype == OX_STR || to == OX_STR || ox_dtype_bits (in->dtype) != ox_dtype_bits (to))
    return ox_fail (error, OX_ERROR_DTYPE, "the bits of %s are not those of %s", ox_dtype_name (in->dtype),
                    ox_dtype_name (to));
  bytes = ox_tensor_pack (in, error);
  if (bytes == NULL)
    return FALSE;
  dense = ox_tensor_new_for_bytes (to, in->rank, in->dims, bytes, 0, error);
  out = dense != NULL ? ox_tensor_usable (dense, error) : NULL;
  if (out == NULL)
    return FALSE;
  ox_call_take (call, 0, out);
  return TRUE;
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static const OxAttrSpec named_specs[] = { OX_NEED (NamedCastAttrs, to, STRING) };
#define SATURATE OX_INT (CastAttrs, saturate, 1)
#define ROUND OX_STRING (CastAttrs, round_mode, "up")
static const OxAttrSpec cast6_specs[] = { OX_NEED (CastAttrs, to, INT) };
static const OxAttrSpec cast19_specs[] = { OX_NEED (CastAttrs, to, INT), SATURATE };
static const OxAttrSpec cast24_specs[] = { OX_NEED (CastAttrs, to, INT), SATURATE, ROUND };
static const OxAttrSpec like19_specs[] = { SATURATE };
static const OxAttrSpec like24_specs[] = { SATURATE, ROUND };

static const OxOp cast_rows[] = {
  { "Cast", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (named_specs, NamedCastAttrs), infer_named_cast, run_named_cast },
  { "Cast", 6, { 1, 1 }, { 1, 1 }, OX_ATTRS (cast6_specs, CastAttrs), infer_cast, run_cast },
  { "Cast", 19, { 1, 1 }, { 1, 1 }, OX_ATTRS (cast19_specs, CastAttrs), infer_cast, run_cast },
  { "Cast", 24, { 1, 1 }, { 1, 1 }, OX_ATTRS (cast24_specs, CastAttrs), infer_cast, run_cast },
  { "CastLike", 15, { 2, 2 }, { 1, 1 }, .attrs_size = sizeof (CastAttrs), .infer = infer_cast_like, .run = run_cast_like },
  { "CastLike", 19, { 2, 2 }, { 1, 1 }, OX_ATTRS (like19_specs, CastAttrs), infer_cast_like, run_cast_like },
  { "CastLike", 24, { 2, 2 }, { 1, 1 }, OX_ATTRS (like24_specs, CastAttrs), infer_cast_like, run_cast_like },
  { "BitCast", 26, { 1, 1 }, { 1, 1 }, OX_ATTRS (cast6_specs, CastAttrs), infer_cast, run_bit_cast },
};

OX_FAMILY (cast, "ai.onnx", cast_rows);
