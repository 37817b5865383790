/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>
#if HAVE_WEBP
#include <webp/decode.h>
#endif

#include "core/ox-memory.h"

/* ImageDecoder. */

typedef struct { const char *pixel_format; } DecoderAttrs;
typedef enum { PIXEL_RGB, PIXEL_BGR, PIXEL_GRAY } PixelFormat;

static gboolean
pixel_format (OxCall *call, PixelFormat *format, GError **error)
{
  static const char *const names[] = { "RGB", "BGR", "Grayscale" };
  const char *name = ((const DecoderAttrs *) call->attrs)->pixel_format;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i], name))
      {
        *format = i;
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_VALUE, "pixel_format '%s' is not one of RGB, BGR, Grayscale", name);
}

static gboolean
decoder_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  PixelFormat format = PIXEL_RGB;

  if (!pixel_format (call, &format, error))
    return FALSE;
  if (ox_fact_dtype (x) != OX_UNDEFINED && x->dtype != OX_U8)
    return ox_fail (error, OX_ERROR_DTYPE, "the stream is %s, expected uint8", ox_dtype_name (x->dtype));
  if (ox_fact_rank (x) >= 0 && x->rank != 1)
    return ox_fail (error, OX_ERROR_SHAPE, "the stream has rank %d, expected 1", x->rank);
  ox_call_set (call, 0, OX_U8, 3, (OxDim[]){ OX_DIM_UNKNOWN, OX_DIM_UNKNOWN, format == PIXEL_GRAY ? 1 : 3 });
  return TRUE;
}

/* An image that says it is larger than memory may be is not begun. */
static void
size_prepared_cb (GdkPixbufLoader *loader, int width, int height, gboolean *too_large)
{
  gsize bytes;

  if (width <= 0 || height <= 0 || !ox_size_mul ((gsize) width, (gsize) height, &bytes)
      || !ox_size_mul (bytes, 4, &bytes) || bytes > ox_memory_get_limit ())
    {
      *too_large = TRUE;
      gdk_pixbuf_loader_set_size (loader, 1, 1);
    }
}

/* (transfer full) */
static GdkPixbuf *
decode (const guint8 *data, gsize size, GError **error)
{
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  g_autoptr (GError) problem = NULL;
  gboolean too_large = FALSE, good;
  GdkPixbuf *pixbuf;

  g_signal_connect (loader, "size-prepared", G_CALLBACK (size_prepared_cb), &too_large);
  good = gdk_pixbuf_loader_write (loader, data, size, &problem);
  /* A loader must be closed whatever came before; the first error is the one to tell. */
  if (!gdk_pixbuf_loader_close (loader, problem == NULL ? &problem : NULL))
    good = FALSE;
  pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  if (too_large)
    ox_fail (error, OX_ERROR_MEMORY, "the image is too large");
  else if (!good || pixbuf == NULL)
    {
      gboolean unknown = g_error_matches (problem, GDK_PIXBUF_ERROR, GDK_PIXBUF_ERROR_UNKNOWN_TYPE);

      ox_fail (error, unknown ? OX_ERROR_UNSUPPORTED : OX_ERROR_FORMAT, "the image cannot be decoded: %s",
               problem != NULL ? problem->message : "there is nothing in it");
    }
  return good && !too_large && pixbuf != NULL ? g_object_ref (pixbuf) : NULL;
}

#if HAVE_WEBP
static void
webp_free (guchar *pixels, gpointer data)
{
  WebPFree (pixels);
}

/* (transfer full) */
static GdkPixbuf *
decode_webp (const guint8 *data, gsize size, GError **error)
{
  int width, height;
  gsize bytes;
  guint8 *pixels = NULL;

  if (WebPGetInfo (data, size, &width, &height) && ox_size_mul ((gsize) width * 3, (gsize) height, &bytes)
      && bytes <= ox_memory_get_limit ())
    pixels = WebPDecodeRGB (data, size, &width, &height);
  if (pixels == NULL)
    {
      ox_fail (error, OX_ERROR_FORMAT, "the image cannot be decoded: it is no complete WebP");
      return NULL;
    }
  return gdk_pixbuf_new_from_data (pixels, GDK_COLORSPACE_RGB, FALSE, 8, width, height, width * 3, webp_free, NULL);
}
#endif

/* (transfer full) */
static GdkPixbuf *
decode_any (const guint8 *data, gsize size, GError **error)
{
#if HAVE_WEBP
  if (size >= 12 && memcmp (data, "RIFF", 4) == 0 && memcmp (data + 8, "WEBP", 4) == 0)
    return decode_webp (data, size, error);
#endif
  return decode (data, size, error);
}

static gboolean
decoder_run (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in_dense (call, 0, error);
  g_autoptr (GdkPixbuf) pixbuf = x != NULL ? decode_any (x->data, (gsize) x->count, error) : NULL;
  PixelFormat format = PIXEL_RGB;
  int width, height, stride, channels, depth;
  const guint8 *pixels;
  guint8 *to;
  OxTensor *out;

  if (pixbuf == NULL || !pixel_format (call, &format, error))
    return FALSE;
  width = gdk_pixbuf_get_width (pixbuf);
  height = gdk_pixbuf_get_height (pixbuf);
  stride = gdk_pixbuf_get_rowstride (pixbuf);
  channels = gdk_pixbuf_get_n_channels (pixbuf);
  pixels = gdk_pixbuf_read_pixels (pixbuf);
  depth = format == PIXEL_GRAY ? 1 : 3;
  out = ox_call_alloc (call, 0, OX_U8, 3, (gint64[]){ height, width, depth }, error);
  if (out == NULL)
    return FALSE;
  to = out->data;
  for (int y = 0; y < height; y++)
    for (int column = 0; column < width; column++, to += depth)
      {
        const guint8 *p = pixels + (gsize) y * (gsize) stride + (gsize) column * (gsize) channels;

        if (format == PIXEL_RGB)
          memcpy (to, p, 3);
        else if (format == PIXEL_BGR)
          memcpy (to, (guint8[]){ p[2], p[1], p[0] }, 3);
        else /* luma of ITU-R 601 */
          *to = (guint8) ((p[0] * 19595u + p[1] * 38470u + p[2] * 7471u + 0x8000u) >> 16);
      }
  return TRUE;
}

static const OxAttrSpec decoder_20[] = { OX_STRING (DecoderAttrs, pixel_format, "RGB") };

static const OxOp image_rows[] = {
  { "ImageDecoder", 20, { 1, 1 }, { 1, 1 }, OX_ATTRS (decoder_20, DecoderAttrs), .infer = decoder_infer,
    .run = decoder_run },
};

OX_FAMILY (image, "ai.onnx", image_rows);
