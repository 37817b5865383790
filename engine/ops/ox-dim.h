/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A dimension: a number >= 0; OX_DIM_UNKNOWN; or, below that, an expression of named dimensions in an OxDims table.
 * (The elements of a known shape tensor use the same type, so a plain negative number there is an expression too:
 * make it with ox_dim_const().) The arithmetic is exact on numbers and symbolic on the rest, so an inference function is
 * written once and serves before and during the run. Overflow gives OX_DIM_UNKNOWN. */
typedef gint64 OxDim;

#define OX_DIM_UNKNOWN ((OxDim) -1)

typedef struct _OxDims OxDims;

OxDims     *ox_dims_new       (void);
OxDims     *ox_dims_ref       (OxDims *dims);
void        ox_dims_unref     (OxDims *dims);

OxDim       ox_dim_symbol     (OxDims *dims, const char *name);     /* the dimension of that name */
OxDim       ox_dim_const      (OxDims *dims, gint64 value);         /* also negative numbers */
/* Whether it is a number (and which, negative ones too). */
gboolean    ox_dim_is_const   (OxDims *dims, OxDim dim, gint64 *value);
OxDim       ox_dim_add        (OxDims *dims, OxDim a, OxDim b);
OxDim       ox_dim_sub        (OxDims *dims, OxDim a, OxDim b);
OxDim       ox_dim_mul        (OxDims *dims, OxDim a, OxDim b);
OxDim       ox_dim_div        (OxDims *dims, OxDim a, OxDim b);     /* floor; by 0: unknown */
OxDim       ox_dim_ceil_div   (OxDims *dims, OxDim a, OxDim b);
OxDim       ox_dim_min        (OxDims *dims, OxDim a, OxDim b);
OxDim       ox_dim_max        (OxDims *dims, OxDim a, OxDim b);
/* "N", "2*N+1", "floor((W+1)/2)-1", "224", "?"; (transfer full). */
char       *ox_dim_to_string  (OxDims *dims, OxDim dim);
/* Its number when the named dimensions have the values of @values (name -> gint64*); FALSE if one is missing. */
gboolean    ox_dim_evaluate   (OxDims *dims, OxDim dim, GHashTable *values, gint64 *result);

static inline gboolean
ox_dim_known (OxDim dim)
{
  return dim >= 0;
}

G_END_DECLS
