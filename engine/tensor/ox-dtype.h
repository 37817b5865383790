/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct { float re, im; } OxComplex64;
typedef struct { double re, im; } OxComplex128;

/* OX_F32, OX_U8, …: the values are those of ONNX' TensorProto.DataType. */
typedef enum
{
  OX_UNDEFINED = 0,
#define OX_DT(ID, number, ...) OX_##ID = number,
#include "tensor/ox-dtypes.def"
  OX_N_DTYPES
} OxDtype;

typedef enum
{
  OX_CLASS_NONE,
  OX_CLASS_FLOAT,   /* f32, f64 */
  OX_CLASS_SMALL,   /* f16, bf16, f8*, f4: computed in float */
  OX_CLASS_INT,
  OX_CLASS_UINT,
  OX_CLASS_BOOL,
  OX_CLASS_COMPLEX,
  OX_CLASS_STRING,
} OxClass;

/* The short name the program shows ("f32"), ONNX' name ("float"); "?" for a number that is no type. */
const char *ox_dtype_name      (OxDtype dtype);
const char *ox_dtype_onnx_name (OxDtype dtype);
/* From either name; OX_UNDEFINED if it is none. */
OxDtype     ox_dtype_from_name (const char *name);
gboolean    ox_dtype_is_valid  (int number);
OxClass     ox_dtype_class     (OxDtype dtype);
/* Bits of one element in a file (4 and 2 for the packed types), bytes of one element in memory. */
int         ox_dtype_bits      (OxDtype dtype);
gsize       ox_dtype_size      (OxDtype dtype);
gboolean    ox_dtype_is_float  (OxDtype dtype);   /* FLOAT or SMALL */
gboolean    ox_dtype_is_integer (OxDtype dtype);  /* INT or UINT */
gboolean    ox_dtype_is_packed (OxDtype dtype);   /* less than a byte an element in a file */

/* One element at @element as a number (strings give NaN, complex its real part), and back. The store rounds
 * to nearest even for floats and saturates for integers; NaN becomes 0 in an integer. */
double      ox_element_get     (OxDtype dtype, const void *element);
void        ox_element_set     (OxDtype dtype, void *element, double value);
/* Exact for every integer type and bool. */
gint64      ox_element_get_int (OxDtype dtype, const void *element);

G_END_DECLS
