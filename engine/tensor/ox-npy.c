/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "core/ox-error.h"
#include "core/ox-memory.h"
#include "tensor/ox-tensor-file.h"

#define MAGIC "\x93NUMPY"
/* numpy itself refuses headers beyond 10,000 characters. */
#define MAX_HEADER 65536

typedef struct
{
  char descr[32];
  gboolean fortran;
  int rank;
  gint64 dims[OX_MAX_RANK];
  gboolean has_descr, has_order, has_shape;
} Header;

static void
skip_space (const char **p)
{
  while (g_ascii_isspace (**p))
    (*p)++;
}

static gboolean
take (const char **p, char c)
{
  skip_space (p);
  if (**p != c)
    return FALSE;
  (*p)++;
  return TRUE;
}

/* A Python string literal without escapes, as numpy writes them. */
static gboolean
take_string (const char **p, char *out, gsize size)
{
  const char *end;
  char quote;

  skip_space (p);
  quote = **p;
  if (quote != '\'' && quote != '"')
    return FALSE;
  end = strchr (*p + 1, quote);
  if (end == NULL || (gsize) (end - *p - 1) >= size)
    return FALSE;
  g_strlcpy (out, *p + 1, (gsize) (end - *p));
  *p = end + 1;
  return TRUE;
}

static gboolean
take_shape (const char **p, Header *header)
{
  if (!take (p, '('))
    return FALSE;
  while (!take (p, ')'))
    {
      char *end;

      skip_space (p);
      if (!g_ascii_isdigit (**p) || header->rank == OX_MAX_RANK)
        return FALSE;
      header->dims[header->rank++] = g_ascii_strtoll (*p, &end, 10);
      *p = *end == 'L' ? end + 1 : end;
      if (!take (p, ','))
        {
          if (!take (p, ')'))
            return FALSE;
          break;
        }
    }
  return TRUE;
}

static gboolean
parse_header (const char *text, Header *header, GError **error)
{
  const char *p = text;
  char key[32];

  memset (header, 0, sizeof *header);
  if (!take (&p, '{'))
    return ox_fail (error, OX_ERROR_FORMAT, "the npy header is not a dictionary");
  while (!take (&p, '}'))
    {
      if (!take_string (&p, key, sizeof key) || !take (&p, ':'))
        return ox_fail (error, OX_ERROR_FORMAT, "the npy header is not a dictionary of strings");
      skip_space (&p);
      if (g_str_equal (key, "descr"))
        {
          if (*p == '[')
            return ox_fail (error, OX_ERROR_UNSUPPORTED, "the array has named fields; a plain array is expected");
          if (!take_string (&p, header->descr, sizeof header->descr))
            return ox_fail (error, OX_ERROR_FORMAT, "the npy header has no readable descr");
          header->has_descr = TRUE;
        }
      else if (g_str_equal (key, "fortran_order"))
        {
          header->fortran = g_str_has_prefix (p, "True");
          if (!header->fortran && !g_str_has_prefix (p, "False"))
            return ox_fail (error, OX_ERROR_FORMAT, "the npy header's fortran_order is neither True nor False");
          p += header->fortran ? 4 : 5;
          header->has_order = TRUE;
        }
      else if (g_str_equal (key, "shape"))
        {
          if (!take_shape (&p, header))
            return ox_fail (error, OX_ERROR_FORMAT, "the npy header's shape cannot be read");
          header->has_shape = TRUE;
        }
      else
        return ox_fail (error, OX_ERROR_FORMAT, "the npy header has an unknown key '%s'", key);
      if (!take (&p, ',') && *p != '}')
        return ox_fail (error, OX_ERROR_FORMAT, "the npy header ends early");
    }
  if (!header->has_descr || !header->has_order || !header->has_shape)
    return ox_fail (error, OX_ERROR_FORMAT, "the npy header lacks descr, fortran_order or shape");
  return TRUE;
}

static const struct
{
  const char *code;
  OxDtype dtype;
} codes[] = {
  { "b1", OX_BOOL }, { "i1", OX_I8 },  { "u1", OX_U8 },  { "i2", OX_I16 }, { "i4", OX_I32 },  { "i8", OX_I64 },  { "u2", OX_U16 },
  { "u4", OX_U32 },  { "u8", OX_U64 }, { "f2", OX_F16 }, { "f4", OX_F32 }, { "f8", OX_F64 },  { "c8", OX_C64 },  { "c16", OX_C128 },
};

static OxDtype
dtype_of_descr (const char *descr, OxDtype wanted)
{
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_str_equal (descr + 1, codes[i].code))
      return codes[i].dtype;
  /* Types numpy has no name for are saved as untyped bytes; who wants one says which. */
  if (descr[1] == 'V' && wanted != OX_UNDEFINED && wanted != OX_STR
      && g_ascii_strtoull (descr + 2, NULL, 10) == ox_dtype_size (wanted))
    return wanted;
  return OX_UNDEFINED;
}

/* <U and S arrays: fixed-size cells, zero padded. */
static OxTensor *
parse_strings (const Header *header, const guint8 *data, gsize size, GError **error)
{
  gsize width = (gsize) g_ascii_strtoull (header->descr + 2, NULL, 10), cell, need;
  gboolean ucs4 = header->descr[1] == 'U', swap = header->descr[0] == '>';
  OxTensor *tensor = ox_tensor_new (OX_STR, header->rank, header->dims, error);

  if (tensor == NULL)
    return NULL;
  if (!ox_size_mul (width, ucs4 ? 4 : 1, &cell) || !ox_size_mul (cell, (gsize) tensor->count, &need) || need > size)
    {
      ox_fail (error, OX_ERROR_FORMAT, "the npy data ends early");
      ox_tensor_unref (tensor);
      return NULL;
    }
  for (gint64 i = 0; i < tensor->count; i++)
    {
      const guint8 *at = data + (gsize) i * cell;
      GString *text = g_string_new (NULL);

      for (gsize k = 0; k < width; k++)
        {
          guint32 c = at[k];

          if (ucs4)
            {
              memcpy (&c, at + 4 * k, 4);
              c = swap ? GUINT32_SWAP_LE_BE (c) : GUINT32_FROM_LE (c);
              if (!g_unichar_validate (c))
                c = 0xfffd;
            }
          if (c == 0)
            break;
          if (ucs4)
            g_string_append_unichar (text, c);
          else
            g_string_append_c (text, (char) c);
        }
      ox_tensor_set_string (tensor, i, text->str, (gssize) text->len);
      g_string_free (text, TRUE);
    }
  return tensor;
}

/* A column-major array seen row-major: the strides the other way round. */
static OxTensor *
as_fortran (OxTensor *tensor, const Header *header, GError **error)
{
  gint64 strides[OX_MAX_RANK], stride = (gint64) ox_dtype_size (tensor->dtype);
  g_autoptr (OxTensor) view = NULL;

  for (int i = 0; i < header->rank; i++)
    {
      strides[i] = stride;
      stride *= MAX (header->dims[i], 1);
    }
  view = ox_tensor_new_view (tensor, header->rank, header->dims, strides, tensor->data);
  return ox_tensor_contiguous (view, error);
}

static void
swap_bytes (OxTensor *tensor)
{
  gsize size = ox_dtype_size (tensor->dtype), unit = ox_dtype_class (tensor->dtype) == OX_CLASS_COMPLEX ? size / 2 : size;

  for (gsize at = 0; at < size * (gsize) tensor->count; at += unit)
    for (gsize k = 0; k < unit / 2; k++)
      {
        guint8 keep = tensor->data[at + k];

        tensor->data[at + k] = tensor->data[at + unit - 1 - k];
        tensor->data[at + unit - 1 - k] = keep;
      }
}

OxTensor *
ox_npy_parse (GBytes *bytes, OxDtype wanted, GError **error)
{
  gsize size, start, length;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = NULL;
  g_autoptr (OxTensor) tensor = NULL;
  Header header;
  OxDtype dtype;

  if (size < 10 || memcmp (data, MAGIC, 6) != 0)
    {
      ox_fail (error, OX_ERROR_FORMAT, "not an npy file");
      return NULL;
    }
  start = data[6] == 1 ? 10 : 12;
  length = (gsize) data[8] | (gsize) data[9] << 8;
  if (data[6] > 1 && size >= 12)
    length |= (gsize) data[10] << 16 | (gsize) data[11] << 24;
  if (data[6] < 1 || data[6] > 3 || length > MAX_HEADER || start + length > size)
    {
      ox_fail (error, OX_ERROR_FORMAT, "the npy header is damaged or of an unknown version");
      return NULL;
    }
  text = g_strndup ((const char *) data + start, length);
  if (!parse_header (text, &header, error))
    return NULL;
  start += length;
  if (strlen (header.descr) < 3)
    header.descr[0] = '\0';
  if (header.descr[0] != '\0' && (header.descr[1] == 'U' || header.descr[1] == 'S'))
    tensor = parse_strings (&header, data + start, size - start, error);
  else
    {
      g_autoptr (OxTensor) mapped = NULL;

      dtype = header.descr[0] != '\0' ? dtype_of_descr (header.descr, wanted) : OX_UNDEFINED;
      if (dtype == OX_UNDEFINED)
        {
          ox_fail (error, OX_ERROR_UNSUPPORTED, "numpy type '%s' has no ONNX counterpart here", header.descr);
          return NULL;
        }
      if (ox_dtype_is_packed (dtype))
        {
          /* numpy keeps one such element a byte. */
          tensor = ox_tensor_new (dtype, header.rank, header.dims, error);
          if (tensor != NULL && (gsize) tensor->count > size - start)
            {
              ox_fail (error, OX_ERROR_FORMAT, "the npy data ends early");
              return NULL;
            }
          if (tensor != NULL && tensor->count > 0)
            memcpy (tensor->data, data + start, (gsize) tensor->count);
        }
      else
        {
          mapped = ox_tensor_new_for_bytes (dtype, header.rank, header.dims, bytes, start, error);
          if (mapped != NULL && header.descr[0] == '>' && ox_dtype_size (dtype) > 1)
            {
              tensor = ox_tensor_new (dtype, header.rank, header.dims, error);
              if (tensor != NULL)
                {
                  ox_tensor_copy_to (mapped, tensor->data);
                  swap_bytes (tensor);
                }
            }
          else if (mapped != NULL)
            tensor = ox_tensor_usable (mapped, error);
        }
    }
  if (tensor != NULL && header.fortran && header.rank > 1)
    return as_fortran (tensor, &header, error);
  return g_steal_pointer (&tensor);
}

/* The name numpy has for a type, or UNDEFINED's for one it has not. */
static OxDtype
numpy_type (OxDtype dtype)
{
  if (ox_dtype_class (dtype) == OX_CLASS_SMALL && dtype != OX_F16)
    return OX_F32;
  if (ox_dtype_is_packed (dtype))
    return ox_dtype_class (dtype) == OX_CLASS_INT ? OX_I8 : OX_U8;
  return dtype;
}

static GBytes *
write_parts (const char *descr, const OxTensor *tensor, const void *data, gsize size)
{
  GString *head = g_string_new (NULL);
  GByteArray *out = g_byte_array_new ();
  guint8 start[10] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 0, 0 };

  g_string_append_printf (head, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
  for (int i = 0; i < tensor->rank; i++)
    g_string_append_printf (head, "%" G_GINT64_FORMAT "%s", tensor->dims[i],
                            tensor->rank == 1 ? "," : i < tensor->rank - 1 ? ", " : "");
  g_string_append (head, "), }");
  while ((10 + head->len + 1) % 64 != 0)
    g_string_append_c (head, ' ');
  g_string_append_c (head, '\n');
  start[8] = head->len & 255;
  start[9] = (guint8) (head->len >> 8);
  g_byte_array_append (out, start, 10);
  g_byte_array_append (out, (guint8 *) head->str, (guint) head->len);
  g_string_free (head, TRUE);
  /* GByteArray counts in 32 bits, so large data is put together by hand. */
  if (size < G_MAXINT32 / 2)
    {
      if (size > 0)
        g_byte_array_append (out, data, (guint) size);
      return g_byte_array_free_to_bytes (out);
    }
  else
    {
      gsize total = out->len + size;
      guint8 *all = g_try_malloc (total);

      if (all == NULL)
        {
          g_byte_array_unref (out);
          return NULL;
        }
      memcpy (all, out->data, out->len);
      memcpy (all + out->len, data, size);
      g_byte_array_unref (out);
      return g_bytes_new_take (all, total);
    }
}

static GBytes *
write_strings (const OxTensor *tensor, GError **error)
{
  glong width = 1;
  g_autofree guint32 *cells = NULL;
  g_autofree char *descr = NULL;
  gsize size;

  for (gint64 i = 0; i < tensor->count; i++)
    {
      g_autofree char *text = g_utf8_make_valid (ox_tensor_get_string (tensor, i), -1);

      width = MAX (width, g_utf8_strlen (text, -1));
    }
  if (!ox_size_mul ((gsize) width * 4, (gsize) tensor->count, &size) || (cells = g_try_malloc0 (MAX (size, 1))) == NULL)
    {
      ox_fail (error, OX_ERROR_MEMORY, "%" G_GINT64_FORMAT " strings of %ld characters do not fit", tensor->count, width);
      return NULL;
    }
  for (gint64 i = 0; i < tensor->count; i++)
    {
      g_autofree char *text = g_utf8_make_valid (ox_tensor_get_string (tensor, i), -1);
      gint64 k = 0;

      for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
        cells[i * width + k++] = GUINT32_TO_LE (g_utf8_get_char (p));
    }
  descr = g_strdup_printf ("<U%ld", width);
  return write_parts (descr, tensor, cells, size);
}

GBytes *
ox_npy_write (OxTensor *tensor, GError **error)
{
  OxDtype dtype = numpy_type (tensor->dtype);
  g_autoptr (OxTensor) wide = NULL, dense = NULL;
  GBytes *bytes;
  char descr[8] = "";

  if (tensor->dtype == OX_STR)
    return write_strings (tensor, error);
  wide = ox_tensor_convert (tensor, dtype, error);
  dense = wide != NULL ? ox_tensor_contiguous (wide, error) : NULL;
  if (dense == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (codes[i].dtype == dtype)
      g_snprintf (descr, sizeof descr, "%c%s", ox_dtype_size (dtype) == 1 ? '|' : '<', codes[i].code);
  bytes = write_parts (descr, dense, dense->data, ox_tensor_bytes (dense));
  if (bytes == NULL)
    ox_fail (error, OX_ERROR_MEMORY, "%" G_GSIZE_FORMAT " bytes do not fit", ox_tensor_bytes (dense));
  return bytes;
}
