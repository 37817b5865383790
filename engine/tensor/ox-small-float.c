/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tensor/ox-small-float.h"

#include <math.h>
#include <string.h>

/* One description serves all of them: sign, exponent and mantissa bits, bias, and what the codes at the top mean. */
typedef struct
{
  int exponent, mantissa, bias;
  guint32 nan;       /* the code of NaN; 0: none */
  guint32 infinity;  /* the code of +infinity; 0: none */
  guint32 max;       /* the code of the largest finite number */
  gboolean unsigned_zero; /* no negative zero: its code is NaN */
} Small;

static const Small f16 = { 5, 10, 15, 0x7e00, 0x7c00, 0x7bff, FALSE };
static const Small e4m3fn = { 4, 3, 7, 0x7f, 0, 0x7e, FALSE };
static const Small e4m3fnuz = { 4, 3, 8, 0x80, 0, 0x7f, TRUE };
static const Small e5m2 = { 5, 2, 15, 0x7f, 0x7c, 0x7b, FALSE };
static const Small e5m2fnuz = { 5, 2, 16, 0x80, 0, 0x7f, TRUE };
static const Small e2m1 = { 2, 1, 1, 0, 0, 0x7, FALSE };

static inline guint32
bits_of (float value)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  return bits;
}

static inline float
float_of (guint32 bits)
{
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static inline float
load (guint32 code, const Small *t)
{
  guint32 sign_bit = 1u << (t->exponent + t->mantissa);
  guint32 magnitude = code & (sign_bit - 1);
  guint32 sign = code & sign_bit ? 0x80000000u : 0;
  guint32 e = magnitude >> t->mantissa, m = magnitude & ((1u << t->mantissa) - 1);

  if (t->unsigned_zero ? code == t->nan : t->nan != 0 && magnitude > MAX (t->max, t->infinity))
    return float_of (sign | 0x7fc00000u);
  if (t->infinity != 0 && magnitude == t->infinity)
    return float_of (sign | 0x7f800000u);
  if (e == 0)
    return float_of (sign | bits_of (ldexpf ((float) m, 1 - t->bias - t->mantissa)));
  return float_of (sign | ((e + 127 - t->bias) << 23) | (m << (23 - t->mantissa)));
}

/* Rounds @value to nearest even among the codes of @t. Above the largest: infinity or NaN if @wide, else the largest.
 * Computed in double: every float and its half-way points are exact there. */
static inline guint32
store (double value, const Small *t, gboolean wide)
{
  guint32 sign_bit = 1u << (t->exponent + t->mantissa);
  guint32 sign = signbit (value) ? sign_bit : 0, code;
  double magnitude = fabs (value);
  int e;

  if (isnan (value))
    return t->nan == 0 ? t->max : t->unsigned_zero ? t->nan : (sign | t->nan);
  if (isinf (value))
    code = t->max + 1;
  else if (magnitude == 0)
    code = 0;
  else
    {
      double unit;

      frexp (magnitude, &e);
      e = MAX (e - 1, 1 - t->bias);
      unit = ldexp (1, e - t->mantissa);
      /* In units of the last place; a carry into the next exponent comes out right. */
      code = (guint32) MIN (rint (magnitude / unit), 4294967295.0);
      code = magnitude >= ldexp (1, 64) ? t->max + 1
                                        : code + (((guint32) (e + t->bias - 1)) << t->mantissa);
    }
  if (code > t->max)
    {
      if (!wide)
        code = t->max;
      else if (t->infinity != 0)
        code = t->infinity;
      else
        return t->unsigned_zero ? t->nan : (sign | t->nan);
    }
  if (code == 0 && t->unsigned_zero)
    return 0;
  return sign | code;
}

float
ox_f16_load (guint16 bits)
{
  /* Branch-light: shift into float's place, scale by 2^112, and put infinity and NaN back. */
  guint32 magnitude = (guint32) (bits & 0x7fff) << 13;
  guint32 sign = (guint32) (bits & 0x8000) << 16;
  guint32 scaled = bits_of (float_of (magnitude) * 0x1p112f);

  if (magnitude >= 0x0f800000u)
    scaled = magnitude | 0x7f800000u;
  return float_of (sign | scaled);
}

guint16
ox_f16_store (float value)
{
  guint32 bits = bits_of (value), sign = (bits >> 16) & 0x8000, magnitude = bits & 0x7fffffff;

  if (magnitude > 0x7f800000u)
    return sign | 0x7e00 | ((magnitude >> 13) & 0x3ff);
  if (magnitude >= 0x477ff000u) /* 65520 and more */
    return sign | 0x7c00;
  if (magnitude < 0x38800000u) /* below the smallest normal: let the float adder round to units of 2^-24 */
    return sign | (guint16) (bits_of (float_of (magnitude) + 0.5f) - 0x3f000000u);
  magnitude += 0xfffu + ((magnitude >> 13) & 1);
  return sign | (guint16) ((magnitude - 0x38000000u) >> 13);
}

guint16
ox_f16_from_double (double value)
{
  return (guint16) store (value, &f16, TRUE);
}

float
ox_bf16_load (guint16 bits)
{
  return float_of ((guint32) bits << 16);
}

guint16
ox_bf16_store (float value)
{
  guint32 bits = bits_of (value);

  if ((bits & 0x7fffffff) > 0x7f800000u)
    return (guint16) ((bits >> 16) | 0x40);
  return (guint16) ((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16);
}

#define SMALL(name, type)                                                                                            \
  float ox_##name##_load (guint8 bits)                                                                               \
  {                                                                                                                  \
    return load (bits, &type);                                                                                       \
  }                                                                                                                  \
  guint8 ox_##name##_store (float value)                                                                             \
  {                                                                                                                  \
    return (guint8) store (value, &type, FALSE);                                                                     \
  }
#define SMALL_WIDE(name, type)                                                                                       \
  SMALL (name, type)                                                                                                 \
  guint8 ox_##name##_store_wide (float value)                                                                        \
  {                                                                                                                  \
    return (guint8) store (value, &type, TRUE);                                                                      \
  }

SMALL_WIDE (f8e4m3fn, e4m3fn)
SMALL_WIDE (f8e4m3fnuz, e4m3fnuz)
SMALL_WIDE (f8e5m2, e5m2)
SMALL_WIDE (f8e5m2fnuz, e5m2fnuz)

#undef SMALL
#undef SMALL_WIDE

float
ox_f4e2m1_load (guint8 bits)
{
  return load (bits & 15, &e2m1);
}

guint8
ox_f4e2m1_store (float value)
{
  return (guint8) store (value, &e2m1, FALSE);
}

float
ox_f8e8m0_load (guint8 bits)
{
  return bits == 255 ? float_of (0x7fc00000u) : ldexpf (1, bits - 127);
}

guint8
ox_f8e8m0_store (float value)
{
  int e;
  float m;

  if (isnan (value) || value < 0)
    return 255;
  if (isinf (value))
    return 254;
  if (value == 0)
    return 0;
  m = frexpf (value, &e); /* m in [0.5, 1): value = (2 m) * 2^(e - 1) */
  e += 126;
  if (m >= 0.75f)
    e++;
  return (guint8) CLAMP (e, 0, 254);
}
