/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "ops/ox-op.h"

/* The error of every float kernel in units of the last place of the exact result: f32 and f64 against long double, f16
 * and bf16 likewise with each of their values. With -m perf more points are looked at and a table is printed. */

#define MOST_ULPS 4.0

typedef long double Real;

/* One function of one number. */
typedef struct
{
  const char *op;
  gint64 version;
  const char *attrs;      /* name=text, one at most */
  Real (*exact) (Real x);
  double low, high;       /* where points are put besides the ones of all magnitudes */
} Function;

static Real
one_over (Real x)
{
  return 1 / x;
}

static Real
sigmoid (Real x)
{
  return x >= 0 ? 1 / (1 + expl (-x)) : expl (x) / (1 + expl (x));
}

static Real
softplus (Real x)
{
  return x > 0 ? x + log1pl (expl (-x)) : log1pl (expl (x));
}

static Real
softsign (Real x)
{
  return isinf (x) ? (Real) NAN : x / (1 + fabsl (x));
}

static Real
mish (Real x)
{
  /* tanh (log (1 + e)) = (e² + 2 e) / (e² + 2 e + 2) */
  Real e = expl (MIN (x, 60)), n = e * (e + 2);

  return x > 60 ? x : isinf (x) ? (Real) NAN : x * (n / (n + 2));
}

static Real
swish (Real x)
{
  return x * sigmoid (x);
}

static Real
gelu (Real x)
{
  return x / 2 * erfcl (-x * sqrtl (0.5L));
}

/* (1 + tanh (t)) / 2 is the sigmoid of 2 t, which loses nothing on the way. */
static Real
gelu_tanh (Real x)
{
  return x * sigmoid (2 * sqrtl (2 / acosl (-1)) * (x + 0.044715L * x * x * x));
}

static Real
elu (Real x)
{
  return x < 0 ? expm1l (x) : x;
}

static Real
selu (Real x)
{
  return (Real) 1.05070102214813232421875f * (x > 0 ? x : (Real) 1.67326319217681884765625f * expm1l (x));
}

static Real
log_of (Real x)
{
  return logl (x);
}

static const Function functions[] = {
  { "Acos", 7, NULL, acosl, -1, 1 },      { "Acosh", 9, NULL, acoshl, 1, 100 },  { "Asin", 7, NULL, asinl, -1, 1 },
  { "Asinh", 9, NULL, asinhl, -9, 9 },    { "Atan", 7, NULL, atanl, -9, 9 },     { "Atanh", 9, NULL, atanhl, -1, 1 },
  { "Celu", 12, NULL, elu, -20, 2 },      { "Cos", 7, NULL, cosl, -100, 100 },   { "Cosh", 9, NULL, coshl, -20, 20 },
  { "Elu", 6, NULL, elu, -20, 2 },        { "Erf", 13, NULL, erfl, -5, 5 },      { "Exp", 13, NULL, expl, -110, 90 },
  { "Gelu", 20, NULL, gelu, -12, 6 },     { "Gelu", 20, "approximate=tanh", gelu_tanh, -8, 6 },
  { "Log", 13, NULL, log_of, 0, 4 },      { "Mish", 18, NULL, mish, -30, 10 },   { "Reciprocal", 13, NULL, one_over, -4, 4 },
  { "Selu", 6, NULL, selu, -20, 2 },      { "Sigmoid", 13, NULL, sigmoid, -30, 30 }, { "Sin", 7, NULL, sinl, -100, 100 },
  { "Sinh", 9, NULL, sinhl, -20, 20 },    { "Softplus", 1, NULL, softplus, -30, 30 },
  { "Softsign", 1, NULL, softsign, -4, 4 }, { "Sqrt", 13, NULL, sqrtl, 0, 100 }, { "Swish", 24, NULL, swish, -30, 10 },
  { "Tan", 7, NULL, tanl, -100, 100 },    { "Tanh", 13, NULL, tanhl, -10, 10 },
};

/* Digits and exponents of the types; @spread: points are put that many apart through all patterns of bits. */
typedef struct { OxDtype dtype; int digits, least; double most; } Format;

static const Format formats[] = {
  { OX_F32, FLT_MANT_DIG, FLT_MIN_EXP, FLT_MAX },
  { OX_F64, DBL_MANT_DIG, DBL_MIN_EXP, DBL_MAX },
  { OX_F16, 11, -13, 65504 },
  { OX_BF16, 8, -125, 3.3895313892515355e38 },
};

/* ---- running one operator ------------------------------------------------------------------------------------- */

static OxTensor *
run (const char *name, gint64 version, const char *attrs, int n_in, OxTensor **tensors)
{
  const OxOp *op = ox_op_find ("", name, version);
  g_autoptr (OxModel) model = ox_model_new ();
  OxGraph *graph = ox_graph_new (model, "test");
  OxNode *node = ox_graph_add_node (graph, name, "", "");
  OxValue *in[4];
  g_autoptr (OxValue) out = NULL;
  g_autoptr (GError) error = NULL;
  OxCallSetup setup = { .op = op, .opset = version, .n_in = n_in, .n_out = 1 };
  OxCall *call;
  void *parsed;

  g_assert_nonnull (op);
  if (attrs != NULL)
    {
      g_auto (GStrv) parts = g_strsplit (attrs, "=", 2);
      OxAttribute *attribute = ox_node_add_attribute (node, parts[0], OX_ATTR_STRING);

      attribute->s = g_bytes_new (parts[1], strlen (parts[1]));
    }
  parsed = ox_attrs_parse (op, node, NULL, &error);
  g_assert_no_error (error);
  for (int i = 0; i < n_in; i++)
    in[i] = ox_value_new_tensor (ox_tensor_ref (tensors[i]));
  setup.attrs = parsed;
  setup.in = in;
  call = ox_call_new (&setup);
  ox_call_run (call, &error);
  g_assert_no_error (error);
  out = ox_call_steal (call, 0);
  ox_call_free (call);
  ox_attrs_free (op, parsed);
  for (int i = 0; i < n_in; i++)
    ox_value_unref (in[i]);
  ox_graph_free (graph);
  return ox_tensor_ref (ox_value_get_tensor (out));
}

static OxTensor *
tensor_of (OxDtype dtype, int rank, const gint64 *dims)
{
  OxTensor *tensor = ox_tensor_new (dtype, rank, dims, NULL);

  g_assert_nonnull (tensor);
  return tensor;
}

/* ---- points --------------------------------------------------------------------------------------------------- */

static double
fraction (guint64 i)
{
  guint64 x = i * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  x ^= x >> 31;
  x *= G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x ^= x >> 29;
  return (double) (x >> 11) / 9007199254740992.0;
}

/* Half of the points are all patterns of bits in turn, half lie between @low and @high. */
static OxTensor *
points (const Format *format, double low, double high, gint64 n)
{
  OxTensor *x;
  gsize unit = ox_dtype_size (format->dtype);

  if (unit == 2)
    n = 65536;
  x = tensor_of (format->dtype, 1, &n);
  for (gint64 i = 0; i < n; i++)
    if (unit == 2)
      ((guint16 *) (void *) x->data)[i] = (guint16) i;
    else if (i % 2 == 0)
      {
        guint64 bits = (guint64) ((double) i / (double) n * 18446744073709551616.0) + (guint64) (fraction ((guint64) i) * 1e9);

        if (unit == 8)
          ((guint64 *) (void *) x->data)[i] = bits;
        else
          ((guint32 *) (void *) x->data)[i] = (guint32) (bits >> 32);
      }
    else
      ox_element_set (format->dtype, (guint8 *) x->data + i * (gint64) unit, low + (high - low) * fraction ((guint64) i));
  for (gint64 i = 0; i < n; i++)
    if (isnan (ox_tensor_get (x, i)))
      ox_tensor_set (x, i, NAN);   /* the quiet one */
  return x;
}

/* The distance between @found and @exact in units of the last place of @exact. */
static double
ulps (const Format *format, double found, Real exact)
{
  int exponent;

  if (isnan (exact) || isnan (found))
    return isnan (exact) && isnan (found) ? 0 : HUGE_VAL;
  if (fabsl (exact) > format->most)
    exact = copysignl (ldexpl (1, format->least == DBL_MIN_EXP ? 1024 : format->least == -13 ? 16 : 128), exact);
  if (isinf (found))
    found = copysign (1, found) * (double) MIN (fabsl (exact), (Real) DBL_MAX);
  if (fabsl (exact) > format->most && fabs (found) >= format->most)
    return 0;
  frexpl (exact, &exponent);
  exponent = MAX (exact == 0 ? format->least : exponent, format->least) - format->digits;
  return (double) fabsl (ldexpl ((Real) found - exact, -exponent));
}

typedef struct { double worst, sum, at; gint64 count; } Errors;

static void
note (Errors *errors, double error, double at)
{
  errors->count++;
  errors->sum += error;
  if (error > errors->worst || errors->count == 1)
    {
      errors->worst = error;
      errors->at = at;
    }
}

static void
report (const char *name, const char *detail, OxDtype dtype, const Errors *errors)
{
  if (g_test_perf ())
    g_print ("# %-22s %-18s %-5s worst %6.2f ulp at %-14.9g mean %.3f\n", name, detail != NULL ? detail : "",
             ox_dtype_name (dtype), errors->worst, errors->at, errors->sum / (double) errors->count);
}

/* ---- tests ---------------------------------------------------------------------------------------------------- */

static void
test_function (gconstpointer data)
{
  const Function *f = data;

  for (guint k = 0; k < G_N_ELEMENTS (formats); k++)
    {
      const Format *format = &formats[k];
      g_autoptr (OxTensor) x = points (format, f->low, f->high, g_test_perf () ? 4000000 : 60000);
      g_autoptr (OxTensor) y = run (f->op, f->version, f->attrs, 1, &x);
      Errors errors = { 0 };

      for (gint64 i = 0; i < x->count; i++)
        {
          double at = ox_tensor_get (x, i);

          note (&errors, ulps (format, ox_tensor_get (y, i), f->exact ((Real) at)), at);
        }
      report (f->op, f->attrs, format->dtype, &errors);
      if (errors.worst > MOST_ULPS)
        g_test_message ("%s of %s: %g ulp at %.17g", f->op, ox_dtype_name (format->dtype), errors.worst, errors.at);
      g_assert_cmpfloat (errors.worst, <=, MOST_ULPS);
    }
}

static void
test_pow (void)
{
  for (guint k = 0; k < 2; k++)
    {
      const Format *format = &formats[k];
      gint64 n = g_test_perf () ? 4000000 : 60000;
      OxTensor *in[2] = { points (format, 0, 8, n), points (format, -30, 30, n) };
      g_autoptr (OxTensor) y = NULL;
      Errors errors = { 0 };

      /* Other patterns for the exponents, so that all pairs occur. */
      for (gint64 i = 0; i < n; i += 2)
        ox_element_set (format->dtype, (guint8 *) in[1]->data + i * (gint64) ox_dtype_size (format->dtype),
                        floor (40 * fraction ((guint64) i + 7)) / 2 - 10);
      y = run ("Pow", 15, NULL, 2, in);
      for (gint64 i = 0; i < n; i++)
        note (&errors, ulps (format, ox_tensor_get (y, i), powl ((Real) ox_tensor_get (in[0], i), (Real) ox_tensor_get (in[1], i))),
              ox_tensor_get (in[0], i));
      report ("Pow", NULL, format->dtype, &errors);
      g_assert_cmpfloat (errors.worst, <=, MOST_ULPS);
      ox_tensor_unref (in[0]);
      ox_tensor_unref (in[1]);
    }
}

/* A sum of n positive numbers, one after the other, is wrong by about n/4 ulp at worst; in blocks it is by a few. */
static void
test_sums (void)
{
  static const struct { const char *op; gint64 version; } sums[] = { { "ReduceSum", 13 }, { "ReduceMean", 13 },
    { "ReduceL1", 13 }, { "ReduceL2", 13 }, { "ReduceSumSquare", 13 }, { "ReduceLogSum", 13 }, { "ReduceLogSumExp", 13 } };
  const gint64 n = g_test_perf () ? 10000000 : 1000000;

  for (guint s = 0; s < G_N_ELEMENTS (sums); s++)
    for (guint k = 0; k < 2; k++)
      {
        const Format *format = &formats[k];
        OxTensor *x = tensor_of (format->dtype, 1, &n);
        g_autoptr (OxTensor) y = NULL;
        Errors errors = { 0 };
        Real sum = 0, exact;

        for (gint64 i = 0; i < n; i++)
          {
            Real at;

            ox_element_set (format->dtype, (guint8 *) x->data + i * (gint64) ox_dtype_size (format->dtype),
                            0.5 + fraction ((guint64) i));
            at = ox_tensor_get (x, i);
            sum += s == 3 || s == 4 ? at * at : s == 6 ? expl (at) : at;
          }
        exact = s == 1 ? sum / n : s == 3 ? sqrtl (sum) : s >= 5 ? logl (sum) : sum;
        y = run (sums[s].op, sums[s].version, NULL, 1, &x);
        note (&errors, ulps (format, ox_tensor_get (y, 0), exact), (double) n);
        report (sums[s].op, "n terms", format->dtype, &errors);
        g_assert_cmpfloat (errors.worst, <=, 8);
        ox_tensor_unref (x);
      }
}

/* Against the sum of the magnitudes of the products, which is what can be asked of a dot product. */
static void
test_products (void)
{
  for (guint k = 0; k < 2; k++)
    {
      const Format *format = &formats[k];
      const gint64 n = g_test_perf () ? 1000000 : 100000, rows = 4, a_dims[2] = { rows, n }, b_dims[2] = { n, rows };
      OxTensor *in[2] = { tensor_of (format->dtype, 2, a_dims), tensor_of (format->dtype, 2, b_dims) };
      g_autoptr (OxTensor) y = NULL;
      Errors errors = { 0 };

      for (int t = 0; t < 2; t++)
        for (gint64 i = 0; i < rows * n; i++)
          ox_element_set (format->dtype, (guint8 *) in[t]->data + i * (gint64) ox_dtype_size (format->dtype),
                          fraction ((guint64) (i + t * 40000000)) + 0.5);
      y = run ("MatMul", 13, NULL, 2, in);
      for (gint64 r = 0; r < rows; r++)
        for (gint64 c = 0; c < rows; c++)
          {
            Real sum = 0;

            for (gint64 i = 0; i < n; i++)
              sum += (Real) ox_tensor_get (in[0], r * n + i) * (Real) ox_tensor_get (in[1], i * rows + c);
            note (&errors, ulps (format, ox_tensor_get (y, r * rows + c), sum), (double) n);
          }
      report ("MatMul", "n terms", format->dtype, &errors);
      /* Blocks of some hundred terms each, one after the other inside. */
      g_assert_cmpfloat (errors.worst, <=, 200);
      ox_tensor_unref (in[0]);
      ox_tensor_unref (in[1]);
    }
}

static void
test_softmax (void)
{
  static const char *const ops[] = { "Softmax", "LogSoftmax" };

  for (guint o = 0; o < 2; o++)
    for (guint k = 0; k < 2; k++)
      {
        const Format *format = &formats[k];
        const gint64 n = 50000, dims[2] = { 3, n };
        OxTensor *x = tensor_of (format->dtype, 2, dims);
        g_autoptr (OxTensor) y = NULL;
        Errors errors = { 0 };

        for (gint64 i = 0; i < 3 * n; i++)
          ox_element_set (format->dtype, (guint8 *) x->data + i * (gint64) ox_dtype_size (format->dtype),
                          40 * fraction ((guint64) i) - 20);
        y = run (ops[o], 13, NULL, 1, &x);
        for (gint64 r = 0; r < 3; r++)
          {
            Real sum = 0;

            for (gint64 i = 0; i < n; i++)
              sum += expl ((Real) ox_tensor_get (x, r * n + i));
            for (gint64 i = 0; i < n; i++)
              {
                Real at = ox_tensor_get (x, r * n + i);

                note (&errors, ulps (format, ox_tensor_get (y, r * n + i), o == 0 ? expl (at) / sum : at - logl (sum)), (double) at);
              }
          }
        report (ops[o], "50000 wide", format->dtype, &errors);
        /* In f64 the difference to the largest element is rounded before it is raised: up to 40 of 2^-53. */
        g_assert_cmpfloat (errors.worst, <=, k == 0 ? 2 : 40);
        ox_tensor_unref (x);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      g_autofree char *path = g_strdup_printf ("/accuracy/%s%s%s", functions[i].op, functions[i].attrs != NULL ? "/" : "",
                                               functions[i].attrs != NULL ? functions[i].attrs : "");

      g_test_add_data_func (path, &functions[i], test_function);
    }
  g_test_add_func ("/accuracy/Pow", test_pow);
  g_test_add_func ("/accuracy/sums", test_sums);
  g_test_add_func ("/accuracy/products", test_products);
  g_test_add_func ("/accuracy/softmax", test_softmax);
  return g_test_run ();
}
