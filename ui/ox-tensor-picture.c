/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-tensor-picture.h"

#include <math.h>

#define MOST 1024    /* pixels a side */
#define LEAST 256

gboolean
ox_tensor_has_picture (const OxTensor *tensor)
{
  OxClass class = tensor != NULL ? ox_dtype_class (tensor->dtype) : OX_CLASS_NONE;

  return tensor != NULL && tensor->rank >= 2 && tensor->count > 0 && class != OX_CLASS_STRING && class != OX_CLASS_COMPLEX
         && class != OX_CLASS_NONE;
}

static guint8
shade (double value, double low, double high)
{
  return high > low ? (guint8) lrint (CLAMP ((value - low) / (high - low), 0, 1) * 255) : 128;
}

GdkTexture *
ox_tensor_picture (const OxTensor *tensor, const gint64 *index, double low, double high)
{
  gint64 rows = tensor->dims[tensor->rank - 2], columns = tensor->dims[tensor->rank - 1], larger = MAX (rows, columns);
  gboolean colour = tensor->rank >= 3 && tensor->dims[tensor->rank - 3] == 3;
  gint64 first = 0, plane = rows * columns;
  int zoom = larger < LEAST ? (int) (LEAST / larger) : 1;
  int height = (int) MIN (rows, MOST) * zoom, width = (int) MIN (columns, MOST) * zoom;
  guint8 *pixels = g_malloc_n ((gsize) height, (gsize) width * 3);
  g_autoptr (GBytes) bytes = NULL;

  for (int i = 0; i < tensor->rank - 2; i++)
    first = first * tensor->dims[i] + (colour && i == tensor->rank - 3 ? 0 : index[i]);
  first *= plane;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        gint64 at = first + (gint64) y * rows / height * columns + (gint64) x * columns / width;
        guint8 *pixel = pixels + ((gsize) y * (gsize) width + (gsize) x) * 3;

        for (int c = 0; c < 3; c++)
          {
            double value = ox_tensor_get (tensor, colour ? at + c * plane : at);

            if (!isfinite (value))
              {
                pixel[0] = 0xff;
                pixel[1] = 0x8c;
                pixel[2] = 0;
                break;
              }
            pixel[c] = shade (value, low, high);
          }
      }
  bytes = g_bytes_new_take (pixels, (gsize) height * (gsize) width * 3);
  return gdk_memory_texture_new (width, height, GDK_MEMORY_R8G8B8, bytes, (gsize) width * 3);
}
