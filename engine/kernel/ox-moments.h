/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sums over contiguous elements, for normalisations: in float within a block, in double over blocks. */

double ox_sum_f32          (const float *x, gint64 n);
double ox_sum_f64          (const double *x, gint64 n);
/* The sum of (x - @center)^2. */
double ox_square_sum_f32   (const float *x, gint64 n, double center);
double ox_square_sum_f64   (const double *x, gint64 n, double center);
/* y = x * a + b; @y may be @x. */
void   ox_scale_f32        (const float *x, float *y, gint64 n, float a, float b);
void   ox_scale_f64        (const double *x, double *y, gint64 n, double a, double b);

G_END_DECLS
