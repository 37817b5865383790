/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gdk/gdk.h>

#include "tensor/ox-tensor.h"

G_BEGIN_DECLS

/* Whether there is anything to see: two axes of real numbers. */
gboolean    ox_tensor_has_picture (const OxTensor *tensor);
/* The last two axes as a picture, the others held at @index: @low is black, @high is white, NaN and infinities are orange.
 * Three planes before them are red, green and blue. Large ones are sampled, small ones enlarged without blurring.
 * (transfer full) */
GdkTexture *ox_tensor_picture     (const OxTensor *tensor, const gint64 *index, double low, double high);

G_END_DECLS
