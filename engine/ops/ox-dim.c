/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-dim.h"

#include <string.h>

/* An expression is a polynomial with integer factors over atoms: the named dimensions, and floor, min and max of two
 * expressions. Polynomials and atoms are interned, so equal expressions have equal numbers. What grows beyond these
 * limits is simply not known. */
#define MAX_TERMS 16
#define MAX_DEGREE 7
#define MAX_SIZE 64 /* names in an expression when it is written out; bounds every recursion too */

typedef enum
{
  ATOM_SYMBOL,
  ATOM_FLOOR,
  ATOM_MIN,
  ATOM_MAX,
} AtomKind;

typedef struct
{
  AtomKind kind;
  char *name;     /* SYMBOL */
  OxDim a, b;     /* the others */
  guint size;
  gboolean positive; /* never negative */
} Atom;

typedef struct
{
  gint64 factor;
  int degree;
  int atoms[MAX_DEGREE]; /* ascending; 0 beyond degree */
} Term;

typedef struct
{
  gint64 constant;
  gint64 n;
  Term terms[MAX_TERMS]; /* in the order of term_compare() */
} Poly;

struct _OxDims
{
  gatomicrefcount refs;
  GMutex lock;
  GPtrArray *atoms;   /* Atom */
  GHashTable *by_atom;
  GPtrArray *polys;   /* Poly, cut to n terms; number i is the dimension -2 - i */
  GHashTable *by_poly;
};

/* ---- interning ------------------------------------------------------------------------------------------------ */

static gsize
poly_bytes (const Poly *poly)
{
  return offsetof (Poly, terms) + (gsize) poly->n * sizeof (Term);
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
  const Poly *x = a, *y = b;

  return x->n == y->n && memcmp (x, y, poly_bytes (x)) == 0;
}

static guint
atom_hash (gconstpointer key)
{
  const Atom *atom = key;

  if (atom->kind == ATOM_SYMBOL)
    return g_str_hash (atom->name);
  return (guint) atom->kind + 31 * (guint) atom->a + 1009 * (guint) atom->b;
}

static gboolean
atom_equal (gconstpointer a, gconstpointer b)
{
  const Atom *x = a, *y = b;

  if (x->kind != y->kind)
    return FALSE;
  return x->kind == ATOM_SYMBOL ? g_str_equal (x->name, y->name) : x->a == y->a && x->b == y->b;
}

static void
atom_free (gpointer data)
{
  Atom *atom = data;

  g_free (atom->name);
  g_free (atom);
}

OxDims *
ox_dims_new (void)
{
  OxDims *dims = g_new0 (OxDims, 1);

  g_atomic_ref_count_init (&dims->refs);
  g_mutex_init (&dims->lock);
  return dims;
}

OxDims *
ox_dims_ref (OxDims *dims)
{
  g_atomic_ref_count_inc (&dims->refs);
  return dims;
}

void
ox_dims_unref (OxDims *dims)
{
  if (!g_atomic_ref_count_dec (&dims->refs))
    return;
  g_clear_pointer (&dims->by_atom, g_hash_table_unref);
  g_clear_pointer (&dims->by_poly, g_hash_table_unref);
  g_clear_pointer (&dims->atoms, g_ptr_array_unref);
  g_clear_pointer (&dims->polys, g_ptr_array_unref);
  g_mutex_clear (&dims->lock);
  g_free (dims);
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

static const Poly *
poly_peek (OxDims *dims, OxDim dim)
{
  return g_ptr_array_index (dims->polys, (guint) (-2 - dim));
}

static const Atom *
atom_peek (OxDims *dims, int atom)
{
  return g_ptr_array_index (dims->atoms, (guint) atom);
}

static void
poly_get (OxDims *dims, OxDim dim, Poly *poly)
{
  memset (poly, 0, sizeof *poly);
  if (dim >= 0)
    poly->constant = dim;
  else
    {
      const Poly *found = poly_peek (dims, dim);

      memcpy (poly, found, poly_bytes (found));
    }
}

static guint
poly_size (OxDims *dims, const Poly *poly)
{
  guint size = 0;

  for (int i = 0; i < poly->n; i++)
    for (int k = 0; k < poly->terms[i].degree; k++)
      size += atom_peek (dims, poly->terms[i].atoms[k])->size;
  return size;
}

static gboolean
poly_positive (OxDims *dims, const Poly *poly)
{
  if (poly->constant < 0)
    return FALSE;
  for (int i = 0; i < poly->n; i++)
    {
      if (poly->terms[i].factor < 0)
        return FALSE;
      for (int k = 0; k < poly->terms[i].degree; k++)
        if (!atom_peek (dims, poly->terms[i].atoms[k])->positive)
          return FALSE;
    }
  return TRUE;
}

static OxDim
poly_intern (OxDims *dims, const Poly *poly)
{
  gpointer found;
  Poly *copy;

  if (poly->n == 0 && poly->constant >= 0)
    return poly->constant;
  dims_fill (dims);
  if (g_hash_table_lookup_extended (dims->by_poly, poly, NULL, &found))
    return -2 - (OxDim) GPOINTER_TO_UINT (found);
  if (poly_size (dims, poly) > MAX_SIZE)
    return OX_DIM_UNKNOWN;
  copy = g_memdup2 (poly, poly_bytes (poly));
  g_hash_table_insert (dims->by_poly, copy, GUINT_TO_POINTER (dims->polys->len));
  g_ptr_array_add (dims->polys, copy);
  return -1 - (OxDim) dims->polys->len;
}

/* The polynomial that is one atom. */
static OxDim
atom_intern (OxDims *dims, const Atom *key)
{
  gpointer found;
  guint index;
  Poly poly = { 0 };

  dims_fill (dims);
  if (g_hash_table_lookup_extended (dims->by_atom, key, NULL, &found))
    index = GPOINTER_TO_UINT (found);
  else
    {
      Atom *atom = g_memdup2 (key, sizeof *key);

      if (key->size > MAX_SIZE)
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
  return poly_intern (dims, &poly);
}

static OxDim
atom_of (OxDims *dims, AtomKind kind, OxDim a, OxDim b)
{
  Poly x, y;
  Atom atom = { kind, NULL, a, b };
  gboolean p, q;

  poly_get (dims, a, &x);
  poly_get (dims, b, &y);
  p = poly_positive (dims, &x);
  q = poly_positive (dims, &y);
  atom.size = 1 + poly_size (dims, &x) + poly_size (dims, &y);
  atom.positive = kind == ATOM_MAX ? p || q : p && q;
  return atom_intern (dims, &atom);
}

/* ---- arithmetic on polynomials; FALSE: too big ---------------------------------------------------------------- */

static int
term_compare (const Term *a, const Term *b)
{
  if (a->degree != b->degree)
    return b->degree - a->degree;
  for (int i = 0; i < a->degree; i++)
    if (a->atoms[i] != b->atoms[i])
      return a->atoms[i] < b->atoms[i] ? -1 : 1;
  return 0;
}

static gboolean
poly_add_term (Poly *poly, const Term *term)
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
          memmove (&poly->terms[at], &poly->terms[at + 1], (gsize) (poly->n - at) * sizeof (Term));
          memset (&poly->terms[poly->n], 0, sizeof (Term));
        }
      return TRUE;
    }
  if (poly->n == MAX_TERMS)
    return FALSE;
  memmove (&poly->terms[at + 1], &poly->terms[at], (gsize) (poly->n - at) * sizeof (Term));
  poly->terms[at] = *term;
  poly->n++;
  return TRUE;
}

/* @to += @factor * @from. */
static gboolean
poly_add (Poly *to, const Poly *from, gint64 factor)
{
  gint64 constant;

  if (__builtin_mul_overflow (from->constant, factor, &constant)
      || __builtin_add_overflow (to->constant, constant, &to->constant))
    return FALSE;
  for (int i = 0; i < from->n; i++)
    {
      Term term = from->terms[i];

      if (__builtin_mul_overflow (term.factor, factor, &term.factor) || !poly_add_term (to, &term))
        return FALSE;
    }
  return TRUE;
}

static gboolean
term_mul (const Term *a, const Term *b, Term *product)
{
  int i = 0, j = 0;

  memset (product, 0, sizeof *product);
  if (a->degree + b->degree > MAX_DEGREE || __builtin_mul_overflow (a->factor, b->factor, &product->factor))
    return FALSE;
  while (i < a->degree || j < b->degree)
    product->atoms[product->degree++]
      = j == b->degree || (i < a->degree && a->atoms[i] <= b->atoms[j]) ? a->atoms[i++] : b->atoms[j++];
  return TRUE;
}

static gboolean
poly_mul (const Poly *a, const Poly *b, Poly *product)
{
  memset (product, 0, sizeof *product);
  for (int i = -1; i < a->n; i++)
    for (int j = -1; j < b->n; j++)
      {
        const Term x = { a->constant }, y = { b->constant };
        Term term;

        if (!term_mul (i < 0 ? &x : &a->terms[i], j < 0 ? &y : &b->terms[j], &term)
            || !poly_add_term (product, &term))
          return FALSE;
      }
  return TRUE;
}

/* a / b where b's atoms are among a's and its factor divides a's. */
static gboolean
term_divide (const Term *a, const Term *b, Term *quotient)
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

static gint64
floor_div (gint64 a, gint64 b)
{
  gint64 q = a / b;

  return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

/* floor (a / b) for a number b > 1, in one form: what b divides stands outside; inside, the constant is in 0..b-1 and
 * a floor by a number is merged: floor ((floor (x / c) + k) / b) = floor ((x + k * c) / (b * c)). */
static OxDim
div_number (OxDims *dims, const Poly *a, gint64 b)
{
  Poly outside = { 0 }, inside = { 0 }, result = { 0 };
  OxDim rest;

  outside.constant = floor_div (a->constant, b);
  inside.constant = a->constant - outside.constant * b;
  for (int i = 0; i < a->n; i++)
    {
      Term term = a->terms[i];

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
    return poly_intern (dims, &outside);
  if (inside.n == 1 && inside.terms[0].degree == 1 && inside.terms[0].factor == 1)
    {
      const Atom *atom = atom_peek (dims, inside.terms[0].atoms[0]);
      gint64 divisor;

      if (atom->kind == ATOM_FLOOR && atom->b > 0 && !__builtin_mul_overflow (atom->b, b, &divisor))
        {
          Poly numerator, shift = { 0 };

          poly_get (dims, atom->a, &numerator);
          if (!__builtin_mul_overflow (inside.constant, atom->b, &shift.constant) && poly_add (&numerator, &shift, 1))
            {
              /* The numerator was in its form for the old divisor; its terms have smaller factors than that, so one
               * more turn at most finds nothing to merge. */
              rest = div_number (dims, &numerator, divisor);
              if (rest == OX_DIM_UNKNOWN)
                return rest;
              poly_get (dims, rest, &result);
              return poly_add (&result, &outside, 1) ? poly_intern (dims, &result) : OX_DIM_UNKNOWN;
            }
        }
    }
  rest = poly_intern (dims, &inside);
  if (rest != OX_DIM_UNKNOWN)
    rest = atom_of (dims, ATOM_FLOOR, rest, b);
  if (rest == OX_DIM_UNKNOWN)
    return rest;
  poly_get (dims, rest, &result);
  return poly_add (&result, &outside, 1) ? poly_intern (dims, &result) : OX_DIM_UNKNOWN;
}

static OxDim
div_poly (OxDims *dims, OxDim a, OxDim b)
{
  Poly x, y, quotient = { 0 };
  Term divisor;

  if (a == b)
    return 1;
  poly_get (dims, a, &x);
  poly_get (dims, b, &y);
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
        return poly_intern (dims, &quotient);
    }
  return atom_of (dims, ATOM_FLOOR, a, b);
}

/* ---- the public face ------------------------------------------------------------------------------------------ */

OxDim
ox_dim_symbol (OxDims *dims, const char *name)
{
  const Atom atom = { ATOM_SYMBOL, (char *) name, 0, 0, 1, TRUE };
  OxDim dim;

  g_mutex_lock (&dims->lock);
  dim = atom_intern (dims, &atom);
  g_mutex_unlock (&dims->lock);
  return dim;
}

OxDim
ox_dim_const (OxDims *dims, gint64 value)
{
  const Poly poly = { value };
  OxDim dim;

  if (value >= 0)
    return value;
  g_mutex_lock (&dims->lock);
  dim = poly_intern (dims, &poly);
  g_mutex_unlock (&dims->lock);
  return dim;
}

gboolean
ox_dim_is_const (OxDims *dims, OxDim dim, gint64 *value)
{
  gboolean is = dim >= 0;

  if (is)
    *value = dim;
  else if (dim != OX_DIM_UNKNOWN)
    {
      g_mutex_lock (&dims->lock);
      is = poly_peek (dims, dim)->n == 0;
      if (is)
        *value = poly_peek (dims, dim)->constant;
      g_mutex_unlock (&dims->lock);
    }
  return is;
}

static OxDim
add_times (OxDims *dims, OxDim a, OxDim b, gint64 factor)
{
  Poly sum, other;
  OxDim dim = OX_DIM_UNKNOWN;

  if (a == OX_DIM_UNKNOWN || b == OX_DIM_UNKNOWN)
    return OX_DIM_UNKNOWN;
  if (a >= b && b >= 0 && factor < 0)
    return a - b;
  g_mutex_lock (&dims->lock);
  poly_get (dims, a, &sum);
  poly_get (dims, b, &other);
  if (poly_add (&sum, &other, factor))
    dim = poly_intern (dims, &sum);
  g_mutex_unlock (&dims->lock);
  return dim;
}

OxDim
ox_dim_add (OxDims *dims, OxDim a, OxDim b)
{
  return add_times (dims, a, b, 1);
}

OxDim
ox_dim_sub (OxDims *dims, OxDim a, OxDim b)
{
  return add_times (dims, a, b, -1);
}

OxDim
ox_dim_mul (OxDims *dims, OxDim a, OxDim b)
{
  Poly x, y, product;
  OxDim dim = OX_DIM_UNKNOWN;

  if (a == 0 || b == 0)
    return 0;
  if (a == OX_DIM_UNKNOWN || b == OX_DIM_UNKNOWN)
    return OX_DIM_UNKNOWN;
  g_mutex_lock (&dims->lock);
  poly_get (dims, a, &x);
  poly_get (dims, b, &y);
  if (poly_mul (&x, &y, &product))
    dim = poly_intern (dims, &product);
  g_mutex_unlock (&dims->lock);
  return dim;
}

OxDim
ox_dim_div (OxDims *dims, OxDim a, OxDim b)
{
  Poly x, y;
  OxDim dim = OX_DIM_UNKNOWN;

  if (a == OX_DIM_UNKNOWN || b == OX_DIM_UNKNOWN || b == 0)
    return OX_DIM_UNKNOWN;
  if (a >= 0 && b > 0)
    return a / b;
  if (b == 1)
    return a;
  g_mutex_lock (&dims->lock);
  poly_get (dims, a, &x);
  poly_get (dims, b, &y);
  if (y.n == 0 && y.constant > 0)
    dim = div_number (dims, &x, y.constant);
  else if (y.n == 0)
    {
      /* floor (a / -b) = floor (-a / b) */
      Poly negated = { 0 };

      if (y.constant != G_MININT64 && poly_add (&negated, &x, -1))
        dim = y.constant == -1 ? poly_intern (dims, &negated) : div_number (dims, &negated, -y.constant);
    }
  else
    dim = div_poly (dims, a, b);
  g_mutex_unlock (&dims->lock);
  return dim;
}

OxDim
ox_dim_ceil_div (OxDims *dims, OxDim a, OxDim b)
{
  /* ceil (a / b) = floor ((a + b - 1) / b) holds for b > 0 only; a divisor here is a stride or a block. */
  gint64 number;

  if (ox_dim_is_const (dims, b, &number) && number < 0)
    return ox_dim_ceil_div (dims, ox_dim_sub (dims, 0, a), ox_dim_sub (dims, 0, b));
  return ox_dim_div (dims, ox_dim_sub (dims, ox_dim_add (dims, a, b), 1), b);
}

static OxDim
min_max (OxDims *dims, AtomKind kind, OxDim a, OxDim b)
{
  Poly x, y;
  OxDim dim = OX_DIM_UNKNOWN;

  if (a == b)
    return a;
  if (a == OX_DIM_UNKNOWN || b == OX_DIM_UNKNOWN)
    return OX_DIM_UNKNOWN;
  g_mutex_lock (&dims->lock);
  poly_get (dims, a, &x);
  poly_get (dims, b, &y);
  if (poly_add (&x, &y, -1))
    {
      Poly negated = { 0 };

      /* x is a - b: where its sign is certain so is the answer. */
      if (poly_positive (dims, &x))
        dim = kind == ATOM_MAX ? a : b;
      else if (poly_add (&negated, &x, -1) && poly_positive (dims, &negated))
        dim = kind == ATOM_MAX ? b : a;
      else
        dim = atom_of (dims, kind, MIN (a, b), MAX (a, b));
    }
  g_mutex_unlock (&dims->lock);
  return dim;
}

OxDim
ox_dim_min (OxDims *dims, OxDim a, OxDim b)
{
  return min_max (dims, ATOM_MIN, a, b);
}

OxDim
ox_dim_max (OxDims *dims, OxDim a, OxDim b)
{
  return min_max (dims, ATOM_MAX, a, b);
}

/* ---- reading -------------------------------------------------------------------------------------------------- */

static void
print_dim (OxDims *dims, OxDim dim, GString *text)
{
  Poly poly;
  gboolean first = TRUE;

  if (dim == OX_DIM_UNKNOWN)
    {
      g_string_append_c (text, '?');
      return;
    }
  poly_get (dims, dim, &poly);
  /* What is added comes before what is subtracted: "5-N", not "-N+5". */
  for (int sign = 1; sign >= -1; sign -= 2)
    {
      for (int i = 0; i < poly.n; i++)
        {
          const Term *term = &poly.terms[i];
          guint64 factor = term->factor < 0 ? -(guint64) term->factor : (guint64) term->factor;

          if ((term->factor < 0) != (sign < 0))
            continue;
          if (sign < 0 || !first)
            g_string_append_c (text, sign < 0 ? '-' : '+');
          first = FALSE;
          if (factor != 1)
            g_string_append_printf (text, "%" G_GUINT64_FORMAT "*", factor);
          for (int k = 0; k < term->degree; k++)
            {
              const Atom *atom = atom_peek (dims, term->atoms[k]);

              if (k > 0)
                g_string_append_c (text, '*');
              switch (atom->kind)
                {
                case ATOM_SYMBOL:
                  g_string_append (text, atom->name);
                  break;
                case ATOM_FLOOR:
                  {
                    Poly a, b;

                    poly_get (dims, atom->a, &a);
                    poly_get (dims, atom->b, &b);
                    g_string_append (text, a.n + (a.constant != 0) > 1 ? "floor((" : "floor(");
                    print_dim (dims, atom->a, text);
                    g_string_append (text, a.n + (a.constant != 0) > 1 ? ")/" : "/");
                    if (b.n > 0)
                      g_string_append_c (text, '(');
                    print_dim (dims, atom->b, text);
                    g_string_append (text, b.n > 0 ? "))" : ")");
                    break;
                  }
                case ATOM_MIN:
                case ATOM_MAX:
                  g_string_append (text, atom->kind == ATOM_MIN ? "min(" : "max(");
                  print_dim (dims, atom->a, text);
                  g_string_append_c (text, ',');
                  print_dim (dims, atom->b, text);
                  g_string_append_c (text, ')');
                  break;
                }
            }
        }
      if (sign > 0 && poly.constant > 0)
        {
          g_string_append_printf (text, first ? "%" G_GINT64_FORMAT : "+%" G_GINT64_FORMAT, poly.constant);
          first = FALSE;
        }
    }
  if (poly.constant < 0 || first)
    g_string_append_printf (text, "%" G_GINT64_FORMAT, poly.constant);
}

char *
ox_dim_to_string (OxDims *dims, OxDim dim)
{
  GString *text = g_string_new (NULL);

  g_mutex_lock (&dims->lock);
  print_dim (dims, dim, text);
  g_mutex_unlock (&dims->lock);
  return g_string_free (text, FALSE);
}

static gboolean
evaluate (OxDims *dims, OxDim dim, GHashTable *values, gint64 *result)
{
  Poly poly;

  if (dim == OX_DIM_UNKNOWN)
    return FALSE;
  poly_get (dims, dim, &poly);
  *result = poly.constant;
  for (int i = 0; i < poly.n; i++)
    {
      gint64 product = poly.terms[i].factor, a, b;

      for (int k = 0; k < poly.terms[i].degree; k++)
        {
          const Atom *atom = atom_peek (dims, poly.terms[i].atoms[k]);

          if (atom->kind == ATOM_SYMBOL)
            {
              const gint64 *value = g_hash_table_lookup (values, atom->name);

              if (value == NULL)
                return FALSE;
              a = *value;
            }
          else if (!evaluate (dims, atom->a, values, &a) || !evaluate (dims, atom->b, values, &b))
            return FALSE;
          else if (atom->kind == ATOM_FLOOR)
            {
              if (b == 0 || (a == G_MININT64 && b == -1))
                return FALSE;
              a = floor_div (a, b);
            }
          else
            a = atom->kind == ATOM_MIN ? MIN (a, b) : MAX (a, b);
          if (__builtin_mul_overflow (product, a, &product))
            return FALSE;
        }
      if (__builtin_add_overflow (*result, product, result))
        return FALSE;
    }
  return TRUE;
}

gboolean
ox_dim_evaluate (OxDims *dims, OxDim dim, GHashTable *values, gint64 *result)
{
  gint64 value;
  gboolean known;

  g_mutex_lock (&dims->lock);
  known = evaluate (dims, dim, values, &value);
  g_mutex_unlock (&dims->lock);
  if (known)
    *result = value;
  return known;
}
