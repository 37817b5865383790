/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-move.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>
#if HAVE_WEBP
#include <webp/decode.h>
#endif

#include "core/ox-memory.h"

/* ImageDecoder, and DecodeImage and EncodeImage of ONNX Runtime's extensions. */

typedef struct { const char *pixel_format; } DecoderAttrs;
typedef struct { const char *pixel_format, *format; } EncoderAttrs;
typedef enum { PIXEL_RGB, PIXEL_BGR, PIXEL_GRAY } PixelFormat;

static gboolean
pixel_format (OxCall *call, PixelFormat *format, GError **error)
{
  static const char *const names[] = { "RGB", "BGR", "Grayscale" };
  const char *name = ((const DecoderAttrs *) call->attrs)->pixel_format;

  /* The extensions write two of them small. */
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (call->op->code ? i < PIXEL_GRAY && g_ascii_strcasecmp (names[i], name) == 0 : g_str_equal (names[i], name))
      {
        *format = i;
        return TRUE;
      }
  return ox_fail (error, OX_ERROR_VALUE, "%s '%s' is not one of RGB, BGR%s", call->op->code ? "color_space" : "pixel_format",
                  name, call->op->code ? "" : ", Grayscale");
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

/* ---- EncodeImage ---------------------------------------------------------------------------------------------- */

static gboolean
encoder_infer (OxCall *call, GError **error)
{
  const OxFact *x = ox_call_fact (call, 0);
  const char *format = ((const EncoderAttrs *) call->attrs)->format;
  OxDim unknown = OX_DIM_UNKNOWN;
  PixelFormat pixels;

  if (!pixel_format (call, &pixels, error))
    return FALSE;
  if (!g_str_equal (format, "jpg") && !g_str_equal (format, "png"))
    return ox_fail (error, OX_ERROR_VALUE, "format '%s' is not jpg or png", format);
  if (ox_fact_dtype (x) != OX_UNDEFINED && x->dtype != OX_U8)
    return ox_fail (error, OX_ERROR_DTYPE, "the image is %s, expected uint8", ox_dtype_name (x->dtype));
  if (ox_fact_rank (x) >= 0 && (x->rank != 3 || (ox_dim_known (x->dims[2]) && x->dims[2] != 3)))
    return ox_fail (error, OX_ERROR_SHAPE, "expected an image of height, width and 3 colours");
  ox_call_set (call, 0, OX_U8, 1, &unknown);
  return TRUE;
}

static gboolean
encoder_run (OxCall *call, GError **error)
{
  const OxTensor *x = ox_call_in_dense (call, 0, error);
  gboolean jpeg = g_str_equal (((const EncoderAttrs *) call->attrs)->format, "jpg");
  g_autoptr (GdkPixbuf) pixbuf = NULL;
  g_autoptr (GError) problem = NULL;
  g_autofree char *bytes = NULL;
  PixelFormat format = PIXEL_RGB;
  gsize size;
  OxTensor *out;
  guint8 *pixels;

  if (x == NULL || !pixel_format (call, &format, error))
    return FALSE;
  if (x->dims[0] < 1 || x->dims[1] < 1 || x->dims[0] > 65535 || x->dims[1] > 65535)
    return ox_fail (error, OX_ERROR_SHAPE, "an image of %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT " pixels has no file", x->dims[0],
                    x->dims[1]);
  pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, (int) x->dims[1], (int) x->dims[0]);
  if (pixbuf == NULL)
    return ox_fail (error, OX_ERROR_MEMORY, "the image is too large");
  pixels = gdk_pixbuf_get_pixels (pixbuf);
  for (gint64 i = 0; i < x->count && !ox_turn (); i += 3)
    {
      gint64 row = i / 3 / x->dims[1], column = i / 3 % x->dims[1];
      guint8 *to = pixels + row * gdk_pixbuf_get_rowstride (pixbuf) + column * 3;

      for (int c = 0; c < 3; c++)
        to[c] = x->data[i + (format == PIXEL_BGR ? 2 - c : c)];
    }
  if (!(jpeg ? gdk_pixbuf_save_to_buffer (pixbuf, &bytes, &size, "jpeg", &problem, "quality", "95", NULL)
             : gdk_pixbuf_save_to_buffer (pixbuf, &bytes, &size, "png", &problem, NULL)))
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "the image cannot be written: %s", problem->message);
  if ((out = ox_call_alloc (call, 0, OX_U8, 1, (gint64[]){ (gint64) size }, error)) == NULL)
    return FALSE;
  memcpy (out->data, bytes, size);
  return TRUE;
}

static const OxAttrSpec decoder_20[] = { OX_STRING (DecoderAttrs, pixel_format, "RGB") };

static const OxOp image_rows[] = {
  { "ImageDecoder", 20, { 1, 1 }, { 1, 1 }, OX_ATTRS (decoder_20, DecoderAttrs), .infer = decoder_infer,
    .run = decoder_run },
};

OX_FAMILY (image, "ai.onnx", image_rows);

#define COLOR_SPACE(S) { "color_space", OX_KIND_STRING, offsetof (S, pixel_format), .text = "bgr" }
static const OxAttrSpec decode_specs[] = { COLOR_SPACE (DecoderAttrs) };
static const OxAttrSpec encode_specs[] = { COLOR_SPACE (EncoderAttrs), OX_STRING (EncoderAttrs, format, "png") };

static const OxOp image_extension_rows[] = {
  { "DecodeImage", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (decode_specs, DecoderAttrs), decoder_infer, decoder_run, .code = 1 },
  { "EncodeImage", 1, { 1, 1 }, { 1, 1 }, OX_ATTRS (encode_specs, EncoderAttrs), encoder_infer, encoder_run, .code = 1 },
};

OX_FAMILY (image_extension, "com.microsoft.extensions", image_extension_rows);
