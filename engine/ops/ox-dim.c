/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-dim.h"

#include "ops/ox-poly.h"

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

/* ---- the public face ------------------------------------------------------------------------------------------ */

OxDim
ox_dim_symbol (OxDims *dims, const char *name)
{
  const OxAtom atom = { OX_ATOM_SYMBOL, (char *) name, 0, 0, 1, TRUE };
  OxDim dim;

  g_mutex_lock (&dims->lock);
  dim = ox_atom_intern (dims, &atom);
  g_mutex_unlock (&dims->lock);
  return dim;
}

OxDim
ox_dim_const (OxDims *dims, gint64 value)
{
  const OxPoly poly = { value };
  OxDim dim;

  if (value >= 0)
    return value;
  g_mutex_lock (&dims->lock);
  dim = ox_poly_intern (dims, &poly);
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
      is = ox_poly_peek (dims, dim)->n == 0;
      if (is)
        *value = ox_poly_peek (dims, dim)->constant;
      g_mutex_unlock (&dims->lock);
    }
  return is;
}

static OxDim
add_times (OxDims *dims, OxDim a, OxDim b, gint64 factor)
{
  OxPoly sum, other;
  OxDim dim = OX_DIM_UNKNOWN;

  if (a == OX_DIM_UNKNOWN || b == OX_DIM_UNKNOWN)
    return OX_DIM_UNKNOWN;
  if (a >= b && b >= 0 && factor < 0)
    return a - b;
  g_mutex_lock (&dims->lock);
  ox_poly_get (dims, a, &sum);
  ox_poly_get (dims, b, &other);
  if (ox_poly_add (&sum, &other, factor))
    dim = ox_poly_intern (dims, &sum);
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
  OxPoly x, y, product;
  OxDim dim = OX_DIM_UNKNOWN;

  if (a == 0 || b == 0)
    return 0;
  if (a == OX_DIM_UNKNOWN || b == OX_DIM_UNKNOWN)
    return OX_DIM_UNKNOWN;
  g_mutex_lock (&dims->lock);
  ox_poly_get (dims, a, &x);
  ox_poly_get (dims, b, &y);
  if (ox_poly_mul (&x, &y, &product))
    dim = ox_poly_intern (dims, &product);
  g_mutex_unlock (&dims->lock);
  return dim;
}

OxDim
ox_dim_div (OxDims *dims, OxDim a, OxDim b)
{
  OxPoly x, y;
  OxDim dim = OX_DIM_UNKNOWN;

  if (a == OX_DIM_UNKNOWN || b == OX_DIM_UNKNOWN || b == 0)
    return OX_DIM_UNKNOWN;
  if (a >= 0 && b > 0)
    return a / b;
  if (b == 1)
    return a;
  g_mutex_lock (&dims->lock);
  ox_poly_get (dims, a, &x);
  ox_poly_get (dims, b, &y);
  if (y.n == 0 && y.constant > 0)
    dim = ox_poly_div_number (dims, &x, y.constant);
  else if (y.n == 0)
    {
      /* floor (a / -b) = floor (-a / b) */
      OxPoly negated = { 0 };

      if (y.constant != G_MININT64 && ox_poly_add (&negated, &x, -1))
        dim = y.constant == -1 ? ox_poly_intern (dims, &negated) : ox_poly_div_number (dims, &negated, -y.constant);
    }
  else
    dim = ox_poly_div (dims, a, b);
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
min_max (OxDims *dims, OxAtomKind kind, OxDim a, OxDim b)
{
  OxPoly x, y;
  OxDim dim = OX_DIM_UNKNOWN;

  if (a == b)
    return a;
  if (a == OX_DIM_UNKNOWN || b == OX_DIM_UNKNOWN)
    return OX_DIM_UNKNOWN;
  g_mutex_lock (&dims->lock);
  ox_poly_get (dims, a, &x);
  ox_poly_get (dims, b, &y);
  if (ox_poly_add (&x, &y, -1))
    {
      OxPoly negated = { 0 };

      /* x is a - b: where its sign is certain so is the answer. */
      if (ox_poly_positive (dims, &x))
        dim = kind == OX_ATOM_MAX ? a : b;
      else if (ox_poly_add (&negated, &x, -1) && ox_poly_positive (dims, &negated))
        dim = kind == OX_ATOM_MAX ? b : a;
      else
        dim = ox_poly_of_atom (dims, kind, MIN (a, b), MAX (a, b));
    }
  g_mutex_unlock (&dims->lock);
  return dim;
}

OxDim
ox_dim_min (OxDims *dims, OxDim a, OxDim b)
{
  return min_max (dims, OX_ATOM_MIN, a, b);
}

OxDim
ox_dim_max (OxDims *dims, OxDim a, OxDim b)
{
  return min_max (dims, OX_ATOM_MAX, a, b);
}

/* ---- reading -------------------------------------------------------------------------------------------------- */

static void
print_dim (OxDims *dims, OxDim dim, GString *text)
{
  OxPoly poly;
  gboolean first = TRUE;

  if (dim == OX_DIM_UNKNOWN)
    {
      g_string_append_c (text, '?');
      return;
    }
  ox_poly_get (dims, dim, &poly);
  /* What is added comes before what is subtracted: "5-N", not "-N+5". */
  for (int sign = 1; sign >= -1; sign -= 2)
    {
      for (int i = 0; i < poly.n; i++)
        {
          const OxTerm *term = &poly.terms[i];
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
              const OxAtom *atom = ox_atom_peek (dims, term->atoms[k]);

              if (k > 0)
                g_string_append_c (text, '*');
              switch (atom->kind)
                {
                case OX_ATOM_SYMBOL:
                  g_string_append (text, atom->name);
                  break;
                case OX_ATOM_FLOOR:
                  {
                    OxPoly a, b;

                    ox_poly_get (dims, atom->a, &a);
                    ox_poly_get (dims, atom->b, &b);
                    g_string_append (text, a.n + (a.constant != 0) > 1 ? "floor((" : "floor(");
                    print_dim (dims, atom->a, text);
                    g_string_append (text, a.n + (a.constant != 0) > 1 ? ")/" : "/");
                    if (b.n > 0)
                      g_string_append_c (text, '(');
                    print_dim (dims, atom->b, text);
                    g_string_append (text, b.n > 0 ? "))" : ")");
                    break;
                  }
                case OX_ATOM_MIN:
                case OX_ATOM_MAX:
                  g_string_append (text, atom->kind == OX_ATOM_MIN ? "min(" : "max(");
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
  OxPoly poly;

  if (dim == OX_DIM_UNKNOWN)
    return FALSE;
  ox_poly_get (dims, dim, &poly);
  *result = poly.constant;
  for (int i = 0; i < poly.n; i++)
    {
      gint64 product = poly.terms[i].factor, a, b;

      for (int k = 0; k < poly.terms[i].degree; k++)
        {
          const OxAtom *atom = ox_atom_peek (dims, poly.terms[i].atoms[k]);

          if (atom->kind == OX_ATOM_SYMBOL)
            {
              const gint64 *value = g_hash_table_lookup (values, atom->name);

              if (value == NULL)
                return FALSE;
              a = *value;
            }
          else if (!evaluate (dims, atom->a, values, &a) || !evaluate (dims, atom->b, values, &b))
            return FALSE;
          else if (atom->kind == OX_ATOM_FLOOR)
            {
              if (b == 0 || (a == G_MININT64 && b == -1))
                return FALSE;
              a = ox_floor_div (a, b);
            }
          else
            a = atom->kind == OX_ATOM_MIN ? MIN (a, b) : MAX (a, b);
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
