/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tensor/ox-dtype.h"

#include <math.h>
#include <string.h>

#include "tensor/ox-small-float.h"

typedef struct
{
  const char *name, *onnx_name;
  int bits;
  gsize size;
  OxClass class;
} Info;

static const Info infos[OX_N_DTYPES] = {
  [OX_UNDEFINED] = { "?", "undefined", 0, 0, OX_CLASS_NONE },
#define OX_DT(ID, NUMBER, SHORT, NAME, BITS, S, C, LD, ST, CLASS)                                                    \
  [OX_##ID] = { SHORT, NAME, BITS, sizeof (S), OX_CLASS_##CLASS },
#include "tensor/ox-dtypes.def"
};

static const Info *
info (OxDtype dtype)
{
  return &infos[ox_dtype_is_valid (dtype) ? dtype : OX_UNDEFINED];
}

gboolean
ox_dtype_is_valid (int number)
{
  return number > OX_UNDEFINED && number < OX_N_DTYPES;
}

const char *
ox_dtype_name (OxDtype dtype)
{
  return info (dtype)->name;
}

const char *
ox_dtype_onnx_name (OxDtype dtype)
{
  return info (dtype)->onnx_name;
}

OxDtype
ox_dtype_from_name (const char *name)
{
  for (int i = OX_UNDEFINED + 1; i < OX_N_DTYPES; i++)
    if (g_str_equal (infos[i].name, name) || g_str_equal (infos[i].onnx_name, name))
      return i;
  return OX_UNDEFINED;
}

OxClass
ox_dtype_class (OxDtype dtype)
{
  return info (dtype)->class;
}

int
ox_dtype_bits (OxDtype dtype)
{
  return info (dtype)->bits;
}

gsize
ox_dtype_size (OxDtype dtype)
{
  return info (dtype)->size;
}

gboolean
ox_dtype_is_float (OxDtype dtype)
{
  return ox_dtype_class (dtype) == OX_CLASS_FLOAT || ox_dtype_class (dtype) == OX_CLASS_SMALL;
}

gboolean
ox_dtype_is_integer (OxDtype dtype)
{
  return ox_dtype_class (dtype) == OX_CLASS_INT || ox_dtype_class (dtype) == OX_CLASS_UINT;
}

gboolean
ox_dtype_is_packed (OxDtype dtype)
{
  int bits = ox_dtype_bits (dtype);

  return bits > 0 && bits < 8;
}

/* Reading: memcpy, since the callers may point into a file. */
#define READ(T)                                                                                                      \
  ({                                                                                                                 \
    T read_;                                                                                                         \
    memcpy (&read_, element, sizeof read_);                                                                          \
    read_;                                                                                                           \
  })
#define WRITE(T, value)                                                                                              \
  G_STMT_START                                                                                                       \
  {                                                                                                                  \
    T write_ = (value);                                                                                              \
    memcpy (element, &write_, sizeof write_);                                                                        \
  }                                                                                                                  \
  G_STMT_END

double
ox_element_get (OxDtype dtype, const void *element)
{
  switch (dtype)
    {
    case OX_F32:
      return READ (float);
    case OX_F64:
      return READ (double);
    case OX_U8:
      return READ (guint8);
    case OX_I8:
      return READ (gint8);
    case OX_U16:
      return READ (guint16);
    case OX_I16:
      return READ (gint16);
    case OX_U32:
      return READ (guint32);
    case OX_I32:
      return READ (gint32);
    case OX_U64:
      return (double) READ (guint64);
    case OX_I64:
      return (double) READ (gint64);
    case OX_BOOL:
      return READ (guint8) != 0;
    case OX_F16:
      return ox_f16_load (READ (guint16));
    case OX_BF16:
      return ox_bf16_load (READ (guint16));
    case OX_F8E4M3FN:
      return ox_f8e4m3fn_load (READ (guint8));
    case OX_F8E4M3FNUZ:
      return ox_f8e4m3fnuz_load (READ (guint8));
    case OX_F8E5M2:
      return ox_f8e5m2_load (READ (guint8));
    case OX_F8E5M2FNUZ:
      return ox_f8e5m2fnuz_load (READ (guint8));
    case OX_F8E8M0:
      return ox_f8e8m0_load (READ (guint8));
    case OX_F4E2M1:
      return ox_f4e2m1_load (READ (guint8));
    case OX_U4:
    case OX_U2:
      return READ (guint8);
    case OX_I4:
    case OX_I2:
      return READ (gint8);
    case OX_C64:
      return READ (OxComplex64).re;
    case OX_C128:
      return READ (OxComplex128).re;
    case OX_STR:
    case OX_UNDEFINED:
    case OX_N_DTYPES:
      break;
    }
  return NAN;
}

/* Rounds to nearest even and saturates; the bounds are exact in double except the upper ones of 64 bits, where the
 * comparison is with the power of two above. */
static gint64
to_signed (double value, int bits)
{
  double top = ldexp (1, bits - 1);

  if (isnan (value))
    return 0;
  if (value >= top)
    return bits == 64 ? G_MAXINT64 : (G_GINT64_CONSTANT (1) << (bits - 1)) - 1;
  if (value <= -top)
    return bits == 64 ? G_MININT64 : -(G_GINT64_CONSTANT (1) << (bits - 1));
  return (gint64) CLAMP (rint (value), -top, bits == 64 ? 9223372036854774784.0 : top - 1);
}

static guint64
to_unsigned (double value, int bits)
{
  double top = ldexp (1, bits);

  if (isnan (value) || value <= 0)
    return 0;
  if (value >= top)
    return bits == 64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << bits) - 1;
  return (guint64) CLAMP (rint (value), 0, bits == 64 ? 18446744073709549568.0 : top - 1);
}

void
ox_element_set (OxDtype dtype, void *element, double value)
{
  switch (dtype)
    {
    case OX_F32:
      WRITE (float, (float) value);
      break;
    case OX_F64:
      WRITE (double, value);
      break;
    case OX_U8:
      WRITE (guint8, to_unsigned (value, 8));
      break;
    case OX_I8:
      WRITE (gint8, to_signed (value, 8));
      break;
    case OX_U16:
      WRITE (guint16, to_unsigned (value, 16));
      break;
    case OX_I16:
      WRITE (gint16, to_signed (value, 16));
      break;
    case OX_U32:
      WRITE (guint32, to_unsigned (value, 32));
      break;
    case OX_I32:
      WRITE (gint32, to_signed (value, 32));
      break;
    case OX_U64:
      WRITE (guint64, to_unsigned (value, 64));
      break;
    case OX_I64:
      WRITE (gint64, to_signed (value, 64));
      break;
    case OX_BOOL:
      WRITE (guint8, value != 0);
      break;
    case OX_F16:
      WRITE (guint16, ox_f16_from_double (value));
      break;
    case OX_BF16:
      WRITE (guint16, ox_bf16_store ((float) value));
      break;
    case OX_F8E4M3FN:
      WRITE (guint8, ox_f8e4m3fn_store ((float) value));
      break;
    case OX_F8E4M3FNUZ:
      WRITE (guint8, ox_f8e4m3fnuz_store ((float) value));
      break;
    case OX_F8E5M2:
      WRITE (guint8, ox_f8e5m2_store ((float) value));
      break;
    case OX_F8E5M2FNUZ:
      WRITE (guint8, ox_f8e5m2fnuz_store ((float) value));
      break;
    case OX_F8E8M0:
      WRITE (guint8, ox_f8e8m0_store ((float) value));
      break;
    case OX_F4E2M1:
      WRITE (guint8, ox_f4e2m1_store ((float) value));
      break;
    case OX_U4:
      WRITE (guint8, to_unsigned (value, 4));
      break;
    case OX_U2:
      WRITE (guint8, to_unsigned (value, 2));
      break;
    case OX_I4:
      WRITE (gint8, to_signed (value, 4));
      break;
    case OX_I2:
      WRITE (gint8, to_signed (value, 2));
      break;
    case OX_C64:
      WRITE (OxComplex64, ((OxComplex64){ (float) value, 0 }));
      break;
    case OX_C128:
      WRITE (OxComplex128, ((OxComplex128){ value, 0 }));
      break;
    case OX_STR:
    case OX_UNDEFINED:
    case OX_N_DTYPES:
      break;
    }
}

gint64
ox_element_get_int (OxDtype dtype, const void *element)
{
  switch (dtype)
    {
    case OX_I64:
      return READ (gint64);
    case OX_U64:
      return (gint64) READ (guint64);
    default:
      return to_signed (trunc (ox_element_get (dtype, element)), 64);
    }
}
