/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Resampling along one axis: where every output element comes from, and the passes that move the data. */

typedef enum
{
  OX_COORD_HALF_PIXEL,
  OX_COORD_HALF_PIXEL_SYMMETRIC,
  OX_COORD_PYTORCH_HALF_PIXEL,
  OX_COORD_ALIGN_CORNERS,
  OX_COORD_ASYMMETRIC,
  OX_COORD_TF_CROP,
  OX_COORD_TF_HALF_PIXEL,
} OxCoord;

typedef enum { OX_RESAMPLE_NEAREST, OX_RESAMPLE_LINEAR, OX_RESAMPLE_CUBIC } OxResampleMode;

typedef enum { OX_NEAREST_PREFER_FLOOR, OX_NEAREST_PREFER_CEIL, OX_NEAREST_FLOOR, OX_NEAREST_CEIL } OxNearest;

typedef struct
{
  OxResampleMode mode;
  OxCoord   coord;
  OxNearest nearest;
  gboolean  antialias, exclude_outside;
  double    cubic_a;
} OxResample;

/* One axis. @width taps for each of the @out outputs. */
typedef struct
{
  gint64  in, out, width;
  gint64 *index;     /* [out * width], inside 0..in-1 */
  float  *weight;    /* [out * width]; NULL with nearest */
  guint8 *outside;   /* [out], only with OX_COORD_TF_CROP: the extrapolation value stands there; else NULL */
} OxTaps;

/* @scale is out / in as the model says, before rounding; @roi_begin and @roi_end count with OX_COORD_TF_CROP only. @in
 * must be positive. Free with ox_taps_free(). Errors: OX_ERROR_MEMORY, OX_ERROR_VALUE. */
OxTaps  *ox_taps_new      (const OxResample *how, gint64 in, gint64 out, double scale, double roi_begin, double roi_end,
                           GError **error);
void     ox_taps_free     (OxTaps *taps);
/* Whether every output is the input at the same place. */
gboolean ox_taps_identity (const OxTaps *taps);

/* @to [outer, taps->out, inner] from @from [outer, taps->in, inner] by the weights. */
void     ox_taps_apply_f32 (const OxTaps *taps, gint64 outer, gint64 inner, const float *from, float *to);
void     ox_taps_apply_f64 (const OxTaps *taps, gint64 outer, gint64 inner, const double *from, double *to);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxTaps, ox_taps_free)

G_END_DECLS
