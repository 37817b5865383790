/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-op.h"

G_BEGIN_DECLS

#define OX_FOURIER_LONGEST (G_GINT64_CONSTANT (1) << 28)

/* A Fourier transform of @n points in double: by halves where that is a power of two (m == n), else as a convolution of @m
 * points with a chirp (Bluestein). Its arrays live as long as the call. */
typedef struct
{
  gint64 n, m;
  double *wr, *wi;   /* [m / 2] exp (-2 pi i k / m) */
  double *cr, *ci;   /* [n] the chirp exp (-pi i k^2 / n) */
  double *fr, *fi;   /* [m] the transform of its conjugate */
  double *tr, *ti;   /* [m] */
} OxFourier;

/* Errors: OX_ERROR_VALUE for a length that is not positive or too long. */
gboolean ox_fourier_init      (OxFourier *plan, OxCall *call, gint64 n, GError **error);
/* In place; an inverse one is divided by n. */
void     ox_fourier_transform (const OxFourier *plan, double *re, double *im, gboolean inverse);

G_END_DECLS
