/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What dimension expressions are made of; only ox-dim.c uses it, with the lock of the table held. */

#include "ops/ox-dim.h"

G_BEGIN_DECLS

/* An expression is a polynomial with integer factors over atoms: the named dimensions, and floor, min and max of two
 * expressions. Polynomials and atoms are interned, so equal expressions have equal numbers. What grows beyond these
 * limits is simply not known. */
#define OX_POLY_TERMS 16
#define OX_POLY_DEGREE 7
#define OX_POLY_SIZE 64 /* names in an expression when it is written out; bounds every recursion too */

typedef enum
{
  OX_ATOM_SYMBOL,
  OX_ATOM_FLOOR,
  OX_ATOM_MIN,
  OX_ATOM_MAX,
} OxAtomKind;

typedef struct
{
  OxAtomKind kind;
  char *name;     /* SYMBOL */
  OxDim a, b;     /* the others */
  guint size;
  gboolean positive; /* never negative */
} OxAtom;

typedef struct
{
  gint64 factor;
  int degree;
  int atoms[OX_POLY_DEGREE]; /* ascending; 0 beyond degree */
} OxTerm;

typedef struct
{
  gint64 constant;
  gint64 n;
  OxTerm terms[OX_POLY_TERMS]; /* in the order of term_compare() */
} OxPoly;

struct _OxDims
{
  gatomicrefcount refs;
  GMutex lock;
  GPtrArray *atoms;   /* OxAtom */
  GHashTable *by_atom;
  GPtrArray *polys;   /* OxPoly, cut to n terms; number i is the dimension -2 - i */
  GHashTable *by_poly;
};

static inline gint64
ox_floor_div (gint64 a, gint64 b)
{
  gint64 q = a / b;

  return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

const OxPoly *ox_poly_peek       (OxDims *dims, OxDim dim);
const OxAtom *ox_atom_peek       (OxDims *dims, int atom);
/* The polynomial of a dimension that is known. */
void          ox_poly_get        (OxDims *dims, OxDim dim, OxPoly *poly);
gboolean      ox_poly_positive   (OxDims *dims, const OxPoly *poly);   /* certainly not negative */
/* The dimension that is this polynomial, OX_DIM_UNKNOWN when it is too long; the one that is this atom. */
OxDim         ox_poly_intern     (OxDims *dims, const OxPoly *poly);
OxDim         ox_atom_intern     (OxDims *dims, const OxAtom *key);
OxDim         ox_poly_of_atom    (OxDims *dims, OxAtomKind kind, OxDim a, OxDim b);
/* @to += @factor * @from, and a product; FALSE: too big. */
gboolean      ox_poly_add        (OxPoly *to, const OxPoly *from, gint64 factor);
gboolean      ox_poly_mul        (const OxPoly *a, const OxPoly *b, OxPoly *product);
/* Floors of quotients: by a number > 1, and by what is no number. */
OxDim         ox_poly_div_number (OxDims *dims, const OxPoly *a, gint64 b);
OxDim         ox_poly_div        (OxDims *dims, OxDim a, OxDim b);

G_END_DECLS
