/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

/* A small convolutional classifier of drawn shapes: draws them, trains on them, and writes the model with one image and what
 * it makes of it. Everything is computed here in double, without the engine, so that the expected output is a check of it. */

#define SIDE 16
#define CLASSES 6
#define C1 8
#define C2 16
#define HIDDEN 32
#define FLAT (C2 * SIDE / 4 * SIDE / 4)
#define MEAN 0.25
#define SCALE 0.3

static const char *const labels[CLASSES] = { "disc", "square", "triangle", "cross", "ring", "stripes" };

typedef struct
{
  double k1[C1 * 9], b1[C1], k2[C2 * C1 * 9], b2[C2], w3[HIDDEN * FLAT], b3[HIDDEN], w4[CLASSES * HIDDEN], b4[CLASSES];
} Weights;

typedef struct
{
  double x[SIDE * SIDE];
  double a1[C1 * SIDE * SIDE], p1[C1 * SIDE / 2 * SIDE / 2];
  double a2[C2 * SIDE / 2 * SIDE / 2], p2[FLAT];
  double h[HIDDEN], y[CLASSES];
} Activations;

static gboolean
inside (int kind, double dx, double dy, double r)
{
  double d = sqrt (dx * dx + dy * dy);

  switch (kind)
    {
    case 0:
      return d < r;
    case 1:
      return fabs (dx) < r * 0.9 && fabs (dy) < r * 0.9;
    case 2:
      return dy < r * 0.8 && dy > -r && fabs (dx) < (dy + r) * 0.55;
    case 3:
      return (fabs (dx) < r * 0.3 && fabs (dy) < r) || (fabs (dy) < r * 0.3 && fabs (dx) < r);
    case 4:
      return d < r && d > r * 0.6;
    default:
      return fabs (dx) < r && fabs (dy) < r && fmod (dy + 32, 3) < 1.5;
    }
}

static void
draw (int kind, guint64 *seed, double *image)
{
  double cx = 7.5 + (sample_uniform (seed) - 0.5) * 3, cy = 7.5 + (sample_uniform (seed) - 0.5) * 3;
  double r = 4 + sample_uniform (seed) * 2.2;

  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++)
      {
        double v = (inside (kind, x - cx, y - cy, r) ? 0.9 : 0.05) + sample_normal (seed) * 0.08;

        image[y * SIDE + x] = CLAMP (v, 0, 1);
      }
}

/* 3x3 with one row of zeros around, and max(0, .). */
static void
conv_relu (const double *in, int n_in, int side, const double *k, const double *b, int n_out, double *out)
{
  for (int o = 0; o < n_out; o++)
    for (int y = 0; y < side; y++)
      for (int x = 0; x < side; x++)
        {
          double sum = b[o];

          for (int c = 0; c < n_in; c++)
            for (int i = 0; i < 9; i++)
              {
                int yy = y + i / 3 - 1, xx = x + i % 3 - 1;

                if (yy >= 0 && yy < side && xx >= 0 && xx < side)
                  sum += k[(o * n_in + c) * 9 + i] * in[(c * side + yy) * side + xx];
              }
          out[(o * side + y) * side + x] = MAX (sum, 0);
        }
}

/* Gradients of the same; @grad_in may be NULL. Where the output is 0 nothing flows. */
static void
conv_relu_back (const double *in, int n_in, int side, const double *k, int n_out, const double *out,
                const double *grad_out, double *grad_k, double *grad_b, double *grad_in)
{
  for (int o = 0; o < n_out; o++)
    for (int y = 0; y < side; y++)
      for (int x = 0; x < side; x++)
        {
          int at = (o * side + y) * side + x;
          double g = out[at] > 0 ? grad_out[at] : 0;

          if (g == 0)
            continue;
          grad_b[o] += g;
          for (int c = 0; c < n_in; c++)
            for (int i = 0; i < 9; i++)
              {
                int yy = y + i / 3 - 1, xx = x + i % 3 - 1, from = (c * side + yy) * side + xx;

                if (yy < 0 || yy >= side || xx < 0 || xx >= side)
                  continue;
                grad_k[(o * n_in + c) * 9 + i] += g * in[from];
                if (grad_in != NULL)
                  grad_in[from] += g * k[(o * n_in + c) * 9 + i];
              }
        }
}

static int
pool_source (const double *in, int side, int c, int y, int x)
{
  int best = (c * side + 2 * y) * side + 2 * x;

  for (int i = 1; i < 4; i++)
    {
      int at = (c * side + 2 * y + i / 2) * side + 2 * x + i % 2;

      if (in[at] > in[best])
        best = at;
    }
  return best;
}

static void
pool (const double *in, int channels, int side, double *out)
{
  for (int c = 0; c < channels; c++)
    for (int y = 0; y < side / 2; y++)
      for (int x = 0; x < side / 2; x++)
        *out++ = in[pool_source (in, side, c, y, x)];
}

static void
pool_back (const double *in, int channels, int side, const double *grad_out, double *grad_in)
{
  for (int c = 0; c < channels; c++)
    for (int y = 0; y < side / 2; y++)
      for (int x = 0; x < side / 2; x++)
        grad_in[pool_source (in, side, c, y, x)] += *grad_out++;
}

static void
dense (const double *in, int n_in, const double *w, const double *b, int n_out, double *out)
{
  for (int o = 0; o < n_out; o++)
    {
      out[o] = b[o];
      for (int i = 0; i < n_in; i++)
        out[o] += w[o * n_in + i] * in[i];
    }
}

static void
forward (const Weights *w, const double *image, Activations *a)
{
  double sum = 0, top;

  for (int i = 0; i < SIDE * SIDE; i++)
    a->x[i] = (image[i] - MEAN) / SCALE;
  conv_relu (a->x, 1, SIDE, w->k1, w->b1, C1, a->a1);
  pool (a->a1, C1, SIDE, a->p1);
  conv_relu (a->p1, C1, SIDE / 2, w->k2, w->b2, C2, a->a2);
  pool (a->a2, C2, SIDE / 2, a->p2);
  dense (a->p2, FLAT, w->w3, w->b3, HIDDEN, a->h);
  for (int i = 0; i < HIDDEN; i++)
    a->h[i] = MAX (a->h[i], 0);
  dense (a->h, HIDDEN, w->w4, w->b4, CLASSES, a->y);
  top = a->y[0];
  for (int i = 1; i < CLASSES; i++)
    top = MAX (top, a->y[i]);
  for (int i = 0; i < CLASSES; i++)
    sum += a->y[i] = exp (a->y[i] - top);
  for (int i = 0; i < CLASSES; i++)
    a->y[i] /= sum;
}

static void
backward (const Weights *w, const Activations *a, int kind, Weights *g)
{
  double gy[CLASSES], gh[HIDDEN] = { 0 }, gp2[FLAT] = { 0 }, ga2[C2 * SIDE / 2 * SIDE / 2] = { 0 };
  double gp1[C1 * SIDE / 2 * SIDE / 2] = { 0 }, ga1[C1 * SIDE * SIDE] = { 0 };

  for (int o = 0; o < CLASSES; o++)
    {
      gy[o] = a->y[o] - (o == kind);
      g->b4[o] += gy[o];
      for (int i = 0; i < HIDDEN; i++)
        {
          g->w4[o * HIDDEN + i] += gy[o] * a->h[i];
          gh[i] += gy[o] * w->w4[o * HIDDEN + i];
        }
    }
  for (int o = 0; o < HIDDEN; o++)
    {
      if (a->h[o] <= 0)
        continue;
      g->b3[o] += gh[o];
      for (int i = 0; i < FLAT; i++)
        {
          g->w3[o * FLAT + i] += gh[o] * a->p2[i];
          gp2[i] += gh[o] * w->w3[o * FLAT + i];
        }
    }
  pool_back (a->a2, C2, SIDE / 2, gp2, ga2);
  conv_relu_back (a->p1, C1, SIDE / 2, w->k2, C2, a->a2, ga2, g->k2, g->b2, gp1);
  pool_back (a->a1, C1, SIDE, gp1, ga1);
  conv_relu_back (a->x, 1, SIDE, w->k1, C1, a->a1, ga1, g->k1, g->b1, NULL);
}

static void
init (double *w, int n, int fan_in, guint64 *seed)
{
  for (int i = 0; i < n; i++)
    w[i] = sample_normal (seed) * sqrt (2.0 / fan_in);
}

static void
train (Weights *w, guint64 *seed)
{
  const int n = (int) (sizeof *w / sizeof (double)), batch = 16, steps = 600;
  g_autofree Weights *g = g_new0 (Weights, 1), *m = g_new0 (Weights, 1), *v = g_new0 (Weights, 1);
  g_autofree Activations *a = g_new0 (Activations, 1);
  double *pw = (double *) w, *pg = (double *) g, *pm = (double *) m, *pv = (double *) v;
  double image[SIDE * SIDE];
  int right = 0, tried = 600;

  init (w->k1, C1 * 9, 9, seed);
  init (w->k2, C2 * C1 * 9, C1 * 9, seed);
  init (w->w3, HIDDEN * FLAT, FLAT, seed);
  init (w->w4, CLASSES * HIDDEN, HIDDEN, seed);
  for (int step = 1; step <= steps; step++)
    {
      memset (g, 0, sizeof *g);
      for (int i = 0; i < batch; i++)
        {
          int kind = (int) (sample_uniform (seed) * CLASSES);

          draw (kind, seed, image);
          forward (w, image, a);
          backward (w, a, kind, g);
        }
      /* Adam */
      for (int i = 0; i < n; i++)
        {
          double grad = pg[i] / batch;

          pm[i] += 0.1 * (grad - pm[i]);
          pv[i] += 0.001 * (grad * grad - pv[i]);
          pw[i] -= 0.002 * pm[i] / (1 - pow (0.9, step)) / (sqrt (pv[i] / (1 - pow (0.999, step))) + 1e-8);
        }
    }
  /* What is written are floats: so what is checked is what they give. */
  for (int i = 0; i < n; i++)
    pw[i] = (float) pw[i];
  for (int i = 0; i < tried; i++)
    {
      int best = 0, kind = i % CLASSES;

      draw (kind, seed, image);
      forward (w, image, a);
      for (int c = 1; c < CLASSES; c++)
        if (a->y[c] > a->y[best])
          best = c;
      right += best == kind;
    }
  g_print ("%d of %d new drawings recognised\n", right, tried);
  if (right < tried * 95 / 100)
    exit (1);
}

/* @mistake: as a careless exporter writes it, with all padding of the second convolution on one side. */
static OxModel *
build (const Weights *w, gboolean mistake)
{
  static const gint64 three[] = { 3, 3 }, two[] = { 2, 2 }, ones[] = { 1, 1, 1, 1 }, one_side[] = { 0, 0, 2, 2 };
  const gint64 k1[] = { C1, 1, 3, 3 }, k2[] = { C2, C1, 3, 3 }, w3[] = { HIDDEN, FLAT }, w4[] = { CLASSES, HIDDEN };
  const gint64 b1 = C1, b2 = C2, b3 = HIDDEN, b4 = CLASSES;
  const double mean = MEAN, scale = SCALE;
  OxModel *model = sample_model ("shapes", "Tells six drawn shapes apart. Trained by the program beside it.");
  OxGraph *g = model->graph;
  OxMetadata entry = { g_strdup ("labels"), NULL };
  OxNode *node;

  entry.value = g_strdup_printf ("%s,%s,%s,%s,%s,%s", labels[0], labels[1], labels[2], labels[3], labels[4], labels[5]);
  g_array_append_val (model->metadata, entry);
  ox_graph_add_input (g, "image", sample_type (OX_F32, "N 1 16 16"))->doc = g_strdup ("grey, 0 to 1");
  ox_graph_add_output (g, "probabilities", sample_type (OX_F32, "N 6"));
  ox_graph_add_output (g, "label", sample_type (OX_I64, "N"));
  sample_weight (g, "normalize.mean", 0, NULL, &mean);
  sample_weight (g, "normalize.scale", 0, NULL, &scale);
  sample_weight (g, "features.0.conv.weight", 4, k1, w->k1);
  sample_weight (g, "features.0.conv.bias", 1, &b1, w->b1);
  sample_weight (g, "features.1.conv.weight", 4, k2, w->k2);
  sample_weight (g, "features.1.conv.bias", 1, &b2, w->b2);
  sample_weight (g, "head.hidden.weight", 2, w3, w->w3);
  sample_weight (g, "head.hidden.bias", 1, &b3, w->b3);
  sample_weight (g, "head.out.weight", 2, w4, w->w4);
  sample_weight (g, "head.out.bias", 1, &b4, w->b4);
  sample_node (g, "Sub", "/normalize/Sub", "image normalize.mean", "centred");
  sample_node (g, "Div", "/normalize/Div", "centred normalize.scale", "normalized");
  node = sample_node (g, "Conv", "/features/0/conv/Conv", "normalized features.0.conv.weight features.0.conv.bias", "c1");
  sample_ints (node, "kernel_shape", 2, three);
  sample_ints (node, "pads", 4, ones);
  sample_node (g, "Relu", "/features/0/act/Relu", "c1", "r1");
  node = sample_node (g, "MaxPool", "/features/0/pool/MaxPool", "r1", "p1");
  sample_ints (node, "kernel_shape", 2, two);
  sample_ints (node, "strides", 2, two);
  node = sample_node (g, "Conv", "/features/1/conv/Conv", "p1 features.1.conv.weight features.1.conv.bias", "c2");
  sample_ints (node, "kernel_shape", 2, three);
  sample_ints (node, "pads", 4, mistake ? one_side : ones);
  sample_node (g, "Relu", "/features/1/act/Relu", "c2", "r2");
  node = sample_node (g, "MaxPool", "/features/1/pool/MaxPool", "r2", "p2");
  sample_ints (node, "kernel_shape", 2, two);
  sample_ints (node, "strides", 2, two);
  sample_node (g, "Flatten", "/head/Flatten", "p2", "flat");
  sample_int (sample_node (g, "Gemm", "/head/hidden/Gemm", "flat head.hidden.weight head.hidden.bias", "h"), "transB", 1);
  sample_node (g, "Relu", "/head/act/Relu", "h", "hr");
  sample_int (sample_node (g, "Gemm", "/head/out/Gemm", "hr head.out.weight head.out.bias", "logits"), "transB", 1);
  sample_int (sample_node (g, "Softmax", "/head/Softmax", "logits", "probabilities"), "axis", -1);
  node = sample_node (g, "ArgMax", "/head/ArgMax", "logits", "label");
  sample_int (node, "axis", -1);
  sample_int (node, "keepdims", 0);
  return model;
}

int
main (int argc, char **argv)
{
  const gint64 image_dims[] = { 1, 1, SIDE, SIDE }, y_dims[] = { 1, CLASSES };
  g_autofree Weights *w = g_new0 (Weights, 1);
  g_autofree Activations *a = g_new0 (Activations, 1);
  g_autoptr (OxModel) model = NULL, wrong = NULL;
  g_autoptr (OxValue) in = NULL, probabilities = NULL, label = NULL;
  guint64 seed = 20240229;
  double image[SIDE * SIDE];
  gint64 best = 0;

  if (argc != 3)
    {
      g_printerr ("usage: %s FOLDER FOLDER-OF-THE-ONE-WITH-A-MISTAKE\n", argv[0]);
      return 2;
    }
  train (w, &seed);
  draw (2, &seed, image);
  for (int i = 0; i < SIDE * SIDE; i++)
    image[i] = (float) image[i];
  forward (w, image, a);
  for (int c = 1; c < CLASSES; c++)
    if (a->y[c] > a->y[best])
      best = c;
  g_print ("a %s is taken for a %s (%.4f)\n", labels[2], labels[best], a->y[best]);
  model = build (w, FALSE);
  wrong = build (w, TRUE);
  in = ox_value_new_tensor (sample_tensor (4, image_dims, image));
  probabilities = ox_value_new_tensor (sample_tensor (2, y_dims, a->y));
  label = ox_value_new_tensor (ox_tensor_new_ints (&best, 1));
  sample_write (model, argv[1], 1, &in, 2, (OxValue *[]) { probabilities, label });
  sample_write (wrong, argv[2], 1, &in, 2, (OxValue *[]) { probabilities, label });
  return 0;
}
