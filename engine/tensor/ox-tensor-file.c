/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tensor/ox-tensor-file.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <math.h>
#include <string.h>

#include "core/ox-error.h"

/* The side of a declared image dimension: its number, or @fallback where it is open. */
static gint64
side (const OxType *type, int axis, gint64 fallback)
{
  return type->dims[axis].value > 0 ? type->dims[axis].value : fallback;
}

/* Where the channels of a declared image are: 1 (NCHW) or 3 (NHWC), -1 if it is none. */
static int
channel_axis (const OxType *type)
{
  if (type == NULL || type->kind != OX_TYPE_TENSOR || type->rank != 4 || type->dims[0].value > 1
      || !(ox_dtype_is_float (type->dtype) || type->dtype == OX_U8 || type->dtype == OX_I8))
    return -1;
  /* Three channels are a surer sign than one. */
  for (gint64 channels = 3; channels >= 1; channels -= 2)
    for (int axis = 1; axis <= 3; axis += 2)
      if (type->dims[axis].value == channels)
        return axis;
  return -1;
}

gboolean
ox_type_is_image (const OxType *type)
{
  return channel_axis (type) > 0;
}

OxTensor *
ox_image_load (const char *path, const OxType *type, GError **error)
{
  g_autoptr (GdkPixbuf) file = NULL, image = NULL;
  int axis = channel_axis (type);
  gint64 channels = axis > 0 ? type->dims[axis].value : 3, height, width, dims[4];
  OxDtype dtype = axis > 0 ? type->dtype : OX_F32;
  OxTensor *tensor;
  const guint8 *pixels;
  int row, step;

  file = gdk_pixbuf_new_from_file (path, error);
  if (file == NULL)
    return NULL;
  height = axis > 0 ? side (type, axis == 1 ? 2 : 1, gdk_pixbuf_get_height (file)) : gdk_pixbuf_get_height (file);
  width = axis > 0 ? side (type, axis == 1 ? 3 : 2, gdk_pixbuf_get_width (file)) : gdk_pixbuf_get_width (file);
  if (height > 32768 || width > 32768)
    {
      ox_fail (error, OX_ERROR_SHAPE, "an image of %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT " is too large", width, height);
      return NULL;
    }
  image = gdk_pixbuf_scale_simple (file, (int) width, (int) height, GDK_INTERP_BILINEAR);
  dims[0] = 1;
  dims[axis == 3 ? 3 : 1] = channels;
  dims[axis == 3 ? 1 : 2] = height;
  dims[axis == 3 ? 2 : 3] = width;
  tensor = image != NULL ? ox_tensor_new (dtype, 4, dims, error) : NULL;
  if (tensor == NULL)
    {
      if (image == NULL)
        ox_fail (error, OX_ERROR_MEMORY, "%s: the image does not fit", path);
      return NULL;
    }
  pixels = gdk_pixbuf_read_pixels (image);
  row = gdk_pixbuf_get_rowstride (image);
  step = gdk_pixbuf_get_n_channels (image);
  for (gint64 y = 0; y < height; y++)
    for (gint64 x = 0; x < width; x++)
      {
        const guint8 *p = pixels + y * row + x * step;

        for (gint64 c = 0; c < channels; c++)
          {
            double v = channels == 1 ? 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2] : p[c];
            gint64 at = axis == 3 ? (y * width + x) * channels + c : (c * height + y) * width + x;

            ox_tensor_set (tensor, at, ox_dtype_is_float (dtype) ? v / 255 : dtype == OX_I8 ? v - 128 : v);
          }
      }
  return tensor;
}

/* Rows of numbers with commas, semicolons, tabs or blanks between; a first row without a number is a heading. */
static OxTensor *
load_table (const char *path, const OxType *type, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (OxTensor) flat = NULL;
  g_auto (GStrv) lines = NULL;
  gboolean strings = type != NULL && type->dtype == OX_STR;
  OxDtype dtype = type != NULL && type->dtype != OX_UNDEFINED ? type->dtype : OX_F32;
  gint64 rows = 0, columns = -1, dims[OX_MAX_RANK];
  int rank = 2;

  if (!g_file_get_contents (path, &text, NULL, error))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) cells = NULL;
      gint64 found = 0;
      gboolean bad = FALSE;

      if (*g_strstrip (lines[i]) == '\0')
        continue;
      if (strings)
        {
          g_ptr_array_add (words, g_strdup (lines[i]));
          continue;
        }
      cells = g_strsplit_set (lines[i], ",; \t", -1);
      for (guint k = 0; cells[k] != NULL; k++)
        {
          char *end;
          double value;

          if (*cells[k] == '\0')
            continue;
          value = g_ascii_strtod (cells[k], &end);
          bad = bad || *end != '\0';
          g_array_append_val (numbers, value);
          found++;
        }
      if (bad && rows == 0 && columns < 0)
        {
          g_array_set_size (numbers, 0);
          columns = found;
          continue;
        }
      if (bad || (columns >= 0 && found != columns))
        {
          ox_fail (error, OX_ERROR_FORMAT, "%s: line %u: expected %" G_GINT64_FORMAT " numbers, found %" G_GINT64_FORMAT "%s",
                   path, i + 1, columns, found, bad ? ", not all of them numbers" : "");
          return NULL;
        }
      columns = found;
      rows++;
    }
  if (strings)
    flat = ox_tensor_new_strings ((const char *const *) words->pdata, words->len);
  else
    {
      gint64 n = numbers->len;

      flat = ox_tensor_new (dtype, 1, &n, error);
      for (gint64 i = 0; flat != NULL && i < n; i++)
        ox_tensor_set (flat, i, g_array_index (numbers, double, i));
    }
  if (flat == NULL)
    return NULL;
  dims[0] = rows;
  dims[1] = MAX (columns, 0);
  if (type != NULL && type->rank >= 0)
    {
      /* The declared shape, with one open dimension taking what is left. */
      gint64 known = 1;
      int open = -1;

      rank = MIN (type->rank, OX_MAX_RANK);
      for (int i = 0; i < rank; i++)
        {
          dims[i] = MAX (type->dims[i].value, 1);
          if (type->dims[i].value < 0 && open < 0)
            open = i;
          else
            known *= dims[i];
        }
      if (open >= 0 && known > 0)
        dims[open] = flat->count / known;
    }
  else if (strings)
    return g_steal_pointer (&flat);
  return ox_tensor_reshape (flat, rank, dims, error);
}

static OxTensor *
load_npz (const char *path, const char *member, GError **error)
{
  g_autoptr (GHashTable) arrays = ox_npz_load (path, member, error);
  GHashTableIter iter;
  gpointer tensor;

  if (arrays == NULL)
    return NULL;
  if (g_hash_table_size (arrays) != 1)
    {
      ox_fail (error, OX_ERROR_FILE, "%s: expected one array%s%s, found %u", path, member != NULL ? " named " : "",
               member != NULL ? member : "", g_hash_table_size (arrays));
      return NULL;
    }
  g_hash_table_iter_init (&iter, arrays);
  g_hash_table_iter_next (&iter, NULL, &tensor);
  return ox_tensor_ref (tensor);
}

OxTensor *
ox_tensor_file_load (const char *path, const char *member, const OxType *type, GError **error)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  OxDtype wanted = type != NULL ? type->dtype : OX_UNDEFINED;
  OxTensor *tensor;

  if (g_str_has_suffix (lower, ".npy"))
    {
      g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);
      g_autoptr (GBytes) bytes = file != NULL ? g_mapped_file_get_bytes (file) : NULL;

      if (bytes == NULL)
        return NULL;
      tensor = ox_npy_parse (bytes, wanted, error);
      if (tensor == NULL)
        ox_error_prefix (error, "%s", path);
      return tensor;
    }
  /* A recorded run is one with a member more. */
  if (g_str_has_suffix (lower, ".npz") || g_str_has_suffix (lower, ".oxtrace"))
    return load_npz (path, member, error);
  if (g_str_has_suffix (lower, ".csv") || g_str_has_suffix (lower, ".txt") || g_str_has_suffix (lower, ".tsv"))
    return load_table (path, type, error);
  for (guint i = 0; i < 8; i++)
    {
      static const char *const images[] = { ".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp" };

      if (g_str_has_suffix (lower, images[i]))
        return ox_image_load (path, type, error);
    }
  ox_fail (error, OX_ERROR_UNSUPPORTED, "%s: expected .npy, .npz, .oxtrace, .csv, .txt, .pb, .tensorproto or an image",
           path);
  return NULL;
}
