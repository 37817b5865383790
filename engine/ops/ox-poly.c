/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-poly.h"

#include <string.h>

/* ---- interning ------------------------------------------------------------------------------------------------ */

static gsize
poly_bytes (const OxPoly *poly)
{
  return offsetof (OxPoly, terms) + (gsize) poly->n * sizeof (OxTerm);
}

static guint
bytes_hash (const void *data, gsize n)
{
  const guint8 *p = data;
  guint hash = 2166136261u;

  for (gsize i = 0; i < n; i++)
    hash = (hash ^ p[i]) * 16777619u;
  return hash;
}

static guint
poly_hash (gconstpointer key)
{
  return bytes_hash (key, poly_bytes (key));
}

static gboolean
poly_equal (gconstpointer a, gconstpointer b)
{
  const OxPoly *x = a, *y = b;

  return x->n == y->n && memcmp (x, y, poly_bytes (x)) == 0;
}

static guint
atom_hash (gconstpointer key)
{
  const OxAtom *atom = key;

  if (atom->kind == OX_ATOM_SYMBOL)
    return g_str_hash (atom->name);
  return (guint) atom->kind + 31 * (guint) atom->a + 1009 * (guint) atom->b;
}

static gboolean
atom_equal (gconstpointer a, gconstpointer b)
{
  const OxAtom *x = a, *y = b;

  if (x->kind != y->kind)
    return FALSE;
  return x->kind == OX_ATOM_SYMBOL ? g_str_equal (x->name, y->name) : x->a == y->a && x->b == y->b;
}

static void
atom_free (gpointer data)
{
  OxAtom *atom = data;

  g_free (atom->name);
  g_free (atom);
}

/* Most tables are those of single calls and stay empty, so the parts are made on first use. */
static void
dims_fill (OxDims *dims)
{
  if (dims->atoms != NULL)
    return;
  dims->atoms = g_ptr_array_new_with_free_func (atom_free);
  dims->by_atom = g_hash_table_new (atom_hash, atom_equal);
  dims->polys = g_ptr_array_new_with_free_func (g_free);
  dims->by_poly = g_hash_table_new (poly_hash, poly_equal);
}

const OxPoly *
ox_poly_peek (OxDims *dims, OxDim dim)
{
  return g_ptr_array_index (dims->polys, (guint) (-2 - dim));
}

const OxAtom *
ox_atom_peek (OxDims *dims, int atom)
{
  return g_ptr_array_index (dims->atoms, (guint) atom);
}

void
ox_poly_get (OxDims *dims, OxDim dim, OxPoly *poly)
{
  memset (poly, 0, sizeof *poly);
  if (dim >= 0)
    poly->constant = dim;
  else
    {
      const OxPoly *found = ox_poly_peek (dims, dim);

      memcpy (poly, found, poly_bytes (found));
    }
}

static guint
poly_size (OxDims *dims, const OxPoly *poly)
{
  guint size = 0;

  for (int i = 0; i < poly->n; i++)
    for (int k = 0; k < poly->terms[i].degree; k++)
      size += ox_atom_peek (dims, poly->terms[i].atoms[k])->size;
  return size;
}

gboolean
ox_poly_positive (OxDims *dims, const OxPoly *poly)
{
  if (poly->constant < 0)
    return FALSE;
  for (int i = 0; i < poly->n; i++)
    {
      if (poly->terms[i].factor < 0)
        return FALSE;
      for (int k = 0; k < poly->terms[i].degree; k++)
        if (!ox_atom_peek (dims, poly->terms[i].atoms[k])->positive)
          return FALSE;
    }
  return TRUE;
}

OxDim
ox_poly_intern (OxDims *dims, const OxPoly *poly)
{
  gpointer found;
  OxPoly *copy;

  if (poly->n == 0 && poly->constant >= 0)
    return poly->constant;
  dims_fill (dims);
  if (g_hash_table_lookup_extended (dims->by_poly, poly, NULL, &found))
    return -2 - (OxDim) GPOINTER_TO_UINT (found);
  if (poly_size (dims, poly) > OX_POLY_SIZE)
    return OX_DIM_UNKNOWN;
  copy = g_memdup2 (poly, poly_bytes (poly));
  g_hash_table_insert (dims->by_poly, copy, GUINT_TO_POINTER (dims->polys->len));
  g_ptr_array_add (dims->polys, copy);
  return -1 - (OxDim) dims->polys->len;
}

/* The polynomial that is one atom. */
OxDim
ox_atom_intern (OxDims *dims, const OxAtom *key)
{
  gpointer found;
  guint index;
  OxPoly poly = { 0 };

  dims_fill (dims);
  if (g_hash_table_lookup_extended (dims->by_atom, key, NULL, &found))
    index = GPOINTER_TO_UINT (found);
  else
    {
      OxAtom *atom = g_memdup2 (key, sizeof *key);

      if (key->size > OX_POLY_SIZE)
        {
          g_free (atom);
          return OX_DIM_UNKNOWN;
        }
      atom->name = g_strdup (key->name);
      index = dims->atoms->len;
      g_ptr_array_add (dims->atoms, atom);
      g_hash_table_insert (dims->by_atom, atom, GUINT_TO_POINTER (index));
    }
  poly.n = 1;
  poly.terms[0].factor = 1;
  poly.terms[0].degree = 1;
  poly.terms[0].atoms[0] = (int) index;
  return ox_poly_intern (dims, &poly);
}

OxDim
ox_poly_of_atom (OxDims *dims, OxAtomKind kind, OxDim a, OxDim b)
{
  OxPoly x, y;
  OxAtom atom = { kind, NULL, a, b };
  gboolean p, q;

  ox_poly_get (dims, a, &x);
  ox_poly_get (dims, b, &y);
  p = ox_poly_positive (dims, &x);
  q = ox_poly_positive (dims, &y);
  atom.size = 1 + poly_size (dims, &x) + poly_size (dims, &y);
  atom.positive = kind == OX_ATOM_MAX ? p || q : p && q;
  return ox_atom_intern (dims, &atom);
}

/* ---- arithmetic on polynomials; FALSE: too big ---------------------------------------------------------------- */

static int
term_compare (const OxTerm *a, const OxTerm *b)
{
  if (a->degree != b->degree)
    return b->degree - a->degree;
  for (int i = 0; i < a->degree; i++)
    if (a->atoms[i] != b->atoms[i])
      return a->atoms[i] < b->atoms[i] ? -1 : 1;
  return 0;
}

static gboolean
poly_add_term (OxPoly *poly, const OxTerm *term)
{
  int at = 0, order = 1;

  if (term->factor == 0)
    return TRUE;
  if (term->degree == 0)
    return !__builtin_add_overflow (poly->constant, term->factor, &poly->constant);
  while (at < poly->n && (order = term_compare (&poly->terms[at], term)) < 0)
    at++;
  if (at < poly->n && order == 0)
    {
      if (__builtin_add_overflow (poly->terms[at].factor, term->factor, &poly->terms[at].factor))
        return FALSE;
      if (poly->terms[at].factor == 0)
        {
          poly->n--;
          memmove (&poly->terms[at], &poly->terms[at + 1], (gsize) (poly->n - at) * sizeof (OxTerm));
          memset (&poly->terms[poly->n], 0, sizeof (OxTerm));
        }
      return TRUE;
    }
  if (poly->n == OX_POLY_TERMS)
    return FALSE;
  memmove (&poly->terms[at + 1], &poly->terms[at], (gsize) (poly->n - at) * sizeof (OxTerm));
  poly->terms[at] = *term;
  poly->n++;
  return TRUE;
}

/* @to += @factor * @from. */
gboolean
ox_poly_add (OxPoly *to, const OxPoly *from, gint64 factor)
{
  gint64 constant;

  if (__builtin_mul_overflow (from->constant, factor, &constant)
      || __builtin_add_overflow (to->constant, constant, &to->constant))
    return FALSE;
  for (int i = 0; i < from->n; i++)
    {
      OxTerm term = from->terms[i];

      if (__builtin_mul_overflow (term.factor, factor, &term.factor) || !poly_add_term (to, &term))
        return FALSE;
    }
  return TRUE;
}

static gboolean
term_mul (const OxTerm *a, const OxTerm *b, OxTerm *product)
{
  int i = 0, j = 0;

  memset (product, 0, sizeof *product);
  if (a->degree + b->degree > OX_POLY_DEGREE || __builtin_mul_overflow (a->factor, b->factor, &product->factor))
    return FALSE;
  while (i < a->degree || j < b->degree)
    product->atoms[product->degree++]
      = j == b->degree || (i < a->degree && a->atoms[i] <= b->atoms[j]) ? a->atoms[i++] : b->atoms[j++];
  return TRUE;
}

gboolean
ox_poly_mul (const OxPoly *a, const OxPoly *b, OxPoly *product)
{
  memset (product, 0, sizeof *product);
  for (int i = -1; i < a->n; i++)
    for (int j = -1; j < b->n; j++)
      {
        const OxTerm x = { a->constant }, y = { b->constant };
        OxTerm term;

        if (!term_mul (i < 0 ? &x : &a->terms[i], j < 0 ? &y : &b->terms[j], &term)
            || !poly_add_term (product, &term))
          return FALSE;
      }
  return TRUE;
}

/* a / b where b's atoms are among a's and its factor divides a's. */
static gboolean
term_divide (const OxTerm *a, const OxTerm *b, OxTerm *quotient)
{
  int j = 0;

  memset (quotient, 0, sizeof *quotient);
  if (b->factor == 0 || b->factor == -1 || a->factor % b->factor != 0)
    return FALSE;
  quotient->factor = a->factor / b->factor;
  for (int i = 0; i < a->degree; i++)
    {
      if (j < b->degree && a->atoms[i] == b->atoms[j])
        j++;
      else
        quotient->atoms[quotient->degree++] = a->atoms[i];
    }
  return j == b->degree;
}

/* floor (a / b) for a number b > 1, in one form: what b divides stands outside; inside, the constant is in 0..b-1 and
 * a floor by a number is merged: floor ((floor (x / c) + k) / b) = floor ((x + k * c) / (b * c)). */
OxDim
ox_poly_div_number (OxDims *dims, const OxPoly *a, gint64 b)
{
  OxPoly outside = { 0 }, inside = { 0 }, result = { 0 };
  OxDim rest;

  outside.constant = ox_floor_div (a->constant, b);
  inside.constant = a->constant - outside.constant * b;
  for (int i = 0; i < a->n; i++)
    {
      OxTerm term = a->terms[i];

      if (term.factor % b == 0)
        {
          term.factor /= b;
          if (!poly_add_term (&outside, &term))
            return OX_DIM_UNKNOWN;
        }
      else if (!poly_add_term (&inside, &term))
        return OX_DIM_UNKNOWN;
    }
  if (inside.n == 0)
    return ox_poly_intern (dims, &outside);
  if (inside.n == 1 && inside.terms[0].degree == 1 && inside.terms[0].factor == 1)
    {
      const OxAtom *atom = ox_atom_peek (dims, inside.terms[0].atoms[0]);
      gint64 divisor;

      if (atom->kind == OX_ATOM_FLOOR && atom->b > 0 && !__builtin_mul_overflow (atom->b, b, &divisor))
        {
          OxPoly numerator, shift = { 0 };

          ox_poly_get (dims, atom->a, &numerator);
          if (!__builtin_mul_overflow (inside.constant, atom->b, &shift.constant) && ox_poly_add (&numerator, &shift, 1))
            {
              /* The numerator was in its form for the old divisor; its terms have smaller factors than that, so one
               * more turn at most finds nothing to merge. */
              rest = ox_poly_div_number (dims, &numerator, divisor);
              if (rest == OX_DIM_UNKNOWN)
                return rest;
              ox_poly_get (dims, rest, &result);
              return ox_poly_add (&result, &outside, 1) ? ox_poly_intern (dims, &result) : OX_DIM_UNKNOWN;
            }
        }
    }
  rest = ox_poly_intern (dims, &inside);
  if (rest != OX_DIM_UNKNOWN)
    rest = ox_poly_of_atom (dims, OX_ATOM_FLOOR, rest, b);
  if (rest == OX_DIM_UNKNOWN)
    return rest;
  ox_poly_get (dims, rest, &result);
  return ox_poly_add (&result, &outside, 1) ? ox_poly_intern (dims, &result) : OX_DIM_UNKNOWN;
}

OxDim
ox_poly_div (OxDims *dims, OxDim a, OxDim b)
{
  OxPoly x, y, quotient = { 0 };
  OxTerm divisor;

  if (a == b)
    return 1;
  ox_poly_get (dims, a, &x);
  ox_poly_get (dims, b, &y);
  if (x.n == 0 && x.constant == 0)
    return 0;
  /* Exact where the divisor is one product, as when a reshape gives what is left over. */
  if (y.n == 1 && y.constant == 0 && x.constant == 0)
    {
      int i;

      for (i = 0; i < x.n; i++)
        if (!term_divide (&x.terms[i], &y.terms[0], &divisor) || !poly_add_term (&quotient, &divisor))
          break;
      if (i == x.n)
        return ox_poly_intern (dims, &quotient);
    }
  return ox_poly_of_atom (dims, OX_ATOM_FLOOR, a, b);
}
