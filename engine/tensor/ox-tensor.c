/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "tensor/ox-tensor.h"

#include <string.h>

#include "core/ox-error.h"
#include "core/ox-memory.h"
#include "core/ox-parallel.h"

/* Elements between two looks at whether to stop, as of ox_pause(): copies of fewer are always whole. */
#define PAUSE ((gint64) 1 << 16)

typedef struct
{
  char **strings;
  gint64 count;
} Strings;

static void
strings_free (gpointer data)
{
  Strings *strings = data;

  for (gint64 i = 0; i < strings->count; i++)
    if (strings->strings[i] != NULL)
      g_ref_string_release (strings->strings[i]);
  ox_free (strings->strings);
  g_free (strings);
}

static OxTensor *
tensor_alloc (OxDtype dtype, int rank, const gint64 *dims, gint64 count)
{
  OxTensor *tensor = g_malloc0 (sizeof (OxTensor) + 2 * (gsize) rank * sizeof (gint64));
  gint64 stride = (gint64) ox_dtype_size (dtype);

  g_atomic_ref_count_init (&tensor->refs);
  tensor->dtype = dtype;
  tensor->rank = rank;
  tensor->count = count;
  tensor->dims = (gint64 *) (tensor + 1);
  tensor->strides = tensor->dims + rank;
  for (int i = rank - 1; i >= 0; i--)
    {
      tensor->dims[i] = dims[i];
      tensor->strides[i] = stride;
      stride *= MAX (dims[i], 1);
    }
  return tensor;
}

/* How many elements and bytes; the common door for shapes from outside. */
static gboolean
check_shape (OxDtype dtype, int rank, const gint64 *dims, gint64 *count, gsize *bytes, GError **error)
{
  if (!ox_dtype_is_valid (dtype))
    return ox_fail (error, OX_ERROR_DTYPE, "element type %d is not one of ONNX'", dtype);
  if (rank < 0 || rank > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_SHAPE, "rank %d is beyond the limit of %d", rank, OX_MAX_RANK);
  if (!ox_dims_count (dims, rank, count) || !ox_size_mul ((gsize) *count, ox_dtype_size (dtype), bytes)
      || *bytes > G_MAXINT64 / 2)
    {
      g_autofree char *shape = ox_shape_to_string (rank, dims);

      return ox_fail (error, OX_ERROR_SHAPE, "shape %s has a negative dimension or too many elements", shape);
    }
  return TRUE;
}

static OxTensor *
new_tensor (OxDtype dtype, int rank, const gint64 *dims, gboolean zeros, GError **error)
{
  gint64 count;
  gsize bytes;
  gpointer data;
  OxTensor *tensor;

  if (!check_shape (dtype, rank, dims, &count, &bytes, error))
    return NULL;
  data = zeros || dtype == OX_STR ? ox_alloc0 (bytes, error) : ox_alloc (bytes, error);
  if (data == NULL)
    return NULL;
  tensor = tensor_alloc (dtype, rank, dims, count);
  tensor->data = data;
  if (dtype == OX_STR)
    {
      Strings *strings = g_new (Strings, 1);

      strings->strings = data;
      strings->count = count;
      tensor->storage = g_bytes_new_with_free_func (data, bytes, strings_free, strings);
    }
  else
    tensor->storage = g_bytes_new_with_free_func (data, bytes, ox_free, data);
  return tensor;
}

OxTensor *
ox_tensor_new (OxDtype dtype, int rank, const gint64 *dims, GError **error)
{
  return new_tensor (dtype, rank, dims, FALSE, error);
}

OxTensor *
ox_tensor_new_zeros (OxDtype dtype, int rank, const gint64 *dims, GError **error)
{
  return new_tensor (dtype, rank, dims, TRUE, error);
}

OxTensor *
ox_tensor_new_for_bytes (OxDtype dtype, int rank, const gint64 *dims, GBytes *bytes, gsize offset, GError **error)
{
  static guint8 nothing[64] __attribute__ ((aligned (64)));
  guint8 *data;
  gint64 count;
  gsize need, bits, size = g_bytes_get_size (bytes);
  OxTensor *tensor;

  if (!check_shape (dtype, rank, dims, &count, &need, error))
    return NULL;
  if (dtype == OX_STR)
    {
      ox_fail (error, OX_ERROR_DTYPE, "strings are not kept as bytes");
      return NULL;
    }
  if (ox_dtype_is_packed (dtype))
    {
      bits = (gsize) ox_dtype_bits (dtype);
      need = (gsize) count / (8 / bits) + ((gsize) count % (8 / bits) != 0);
    }
  if (offset > size || need > size - offset)
    {
      g_autofree char *shape = ox_shape_to_string (rank, dims);

      ox_fail (error, OX_ERROR_FORMAT, "%s %s needs %" G_GSIZE_FORMAT " bytes, found %" G_GSIZE_FORMAT,
               ox_dtype_name (dtype), shape, need, offset > size ? 0 : size - offset);
      return NULL;
    }
  tensor = tensor_alloc (dtype, rank, dims, count);
  tensor->packed = ox_dtype_is_packed (dtype);
  tensor->storage = g_bytes_ref (bytes);
  data = (guint8 *) g_bytes_get_data (bytes, NULL);
  /* No bytes may come without an address, which kernels would have to look out for. */
  tensor->data = data != NULL ? data + offset : nothing;
  return tensor;
}

OxTensor *
ox_tensor_new_view (OxTensor *base, int rank, const gint64 *dims, const gint64 *strides, guint8 *data)
{
  gint64 count = 0;
  OxTensor *view;

  g_return_val_if_fail (!base->packed && rank <= OX_MAX_RANK && ox_dims_count (dims, rank, &count), NULL);
  view = tensor_alloc (base->dtype, rank, dims, count);
  if (rank > 0)
    memcpy (view->strides, strides, (gsize) rank * sizeof (gint64));
  view->storage = g_bytes_ref (base->storage);
  view->data = data;
  return view;
}

OxTensor *
ox_tensor_new_scalar (OxDtype dtype, double value)
{
  OxTensor *tensor = ox_tensor_new_zeros (dtype, 0, NULL, NULL);

  g_return_val_if_fail (tensor != NULL, NULL);
  ox_tensor_set (tensor, 0, value);
  return tensor;
}

OxTensor *
ox_tensor_new_ints (const gint64 *values, gint64 n)
{
  OxTensor *tensor = ox_tensor_new (OX_I64, 1, &n, NULL);

  g_return_val_if_fail (tensor != NULL, NULL);
  if (n > 0)
    memcpy (tensor->data, values, (gsize) n * sizeof (gint64));
  return tensor;
}

OxTensor *
ox_tensor_new_strings (const char *const *values, gint64 n)
{
  OxTensor *tensor = ox_tensor_new (OX_STR, 1, &n, NULL);

  g_return_val_if_fail (tensor != NULL, NULL);
  for (gint64 i = 0; i < n; i++)
    ox_tensor_set_string (tensor, i, values[i], -1);
  return tensor;
}

OxTensor *
ox_tensor_ref (OxTensor *tensor)
{
  g_atomic_ref_count_inc (&tensor->refs);
  return tensor;
}

void
ox_tensor_unref (OxTensor *tensor)
{
  if (!g_atomic_ref_count_dec (&tensor->refs))
    return;
  g_bytes_unref (tensor->storage);
  g_free (tensor);
}

gboolean
ox_tensor_is_contiguous (const OxTensor *tensor)
{
  gint64 stride = (gint64) ox_dtype_size (tensor->dtype);

  if (tensor->packed || tensor->count == 0)
    return TRUE;
  for (int i = tensor->rank - 1; i >= 0; i--)
    {
      if (tensor->dims[i] != 1 && tensor->strides[i] != stride)
        return FALSE;
      stride *= tensor->dims[i];
    }
  return TRUE;
}

gsize
ox_tensor_bytes (const OxTensor *tensor)
{
  gsize bits = (gsize) ox_dtype_bits (tensor->dtype);

  return tensor->packed ? ((gsize) tensor->count * bits + 7) / 8
                        : (gsize) tensor->count * ox_dtype_size (tensor->dtype);
}

gboolean
ox_tensor_same_shape (const OxTensor *a, const OxTensor *b)
{
  return a->rank == b->rank && (a->rank == 0 || memcmp (a->dims, b->dims, (gsize) a->rank * sizeof (gint64)) == 0);
}

static gboolean
is_aligned (const OxTensor *tensor)
{
  gsize size = ox_dtype_size (tensor->dtype);
  gsize align = MIN (size, 8);
  gsize mixed = (gsize) (guintptr) tensor->data;

  for (int i = 0; i < tensor->rank; i++)
    if (tensor->dims[i] > 1)
      mixed |= (gsize) tensor->strides[i];
  return (mixed & (align - 1)) == 0;
}

/* (transfer full) @tensor, unless it was stopped while it was filled. */
static OxTensor *
whole (OxTensor *tensor, GError **error)
{
  if (tensor->count < PAUSE || ox_parallel_check (error))
    return tensor;
  ox_tensor_unref (tensor);
  return NULL;
}

static OxTensor *
unpack (const OxTensor *tensor, GError **error)
{
  OxTensor *copy = ox_tensor_new (tensor->dtype, tensor->rank, tensor->dims, error);
  int bits = ox_dtype_bits (tensor->dtype), per = 8 / bits;
  guint8 mask = (guint8) ((1 << bits) - 1), top = (guint8) (1 << (bits - 1));
  gboolean sign = ox_dtype_class (tensor->dtype) == OX_CLASS_INT;

  if (copy == NULL)
    return NULL;
  for (gint64 i = 0; i < tensor->count && !ox_pause (i); i++)
    {
      guint8 code = (guint8) (tensor->data[i / per] >> (bits * (i % per))) & mask;

      copy->data[i] = sign ? (guint8) ((code ^ top) - top) : code;
    }
  return whole (copy, error);
}

OxTensor *
ox_tensor_usable (OxTensor *tensor, GError **error)
{
  OxTensor *copy;

  if (tensor->packed)
    return unpack (tensor, error);
  if (is_aligned (tensor))
    return ox_tensor_ref (tensor);
  copy = ox_tensor_new (tensor->dtype, tensor->rank, tensor->dims, error);
  if (copy == NULL)
    return NULL;
  ox_tensor_copy_to (tensor, copy->data);
  return whole (copy, error);
}

OxTensor *
ox_tensor_contiguous (OxTensor *tensor, GError **error)
{
  OxTensor *copy;

  if (tensor->packed || (ox_tensor_is_contiguous (tensor) && is_aligned (tensor)))
    return ox_tensor_usable (tensor, error);
  copy = ox_tensor_new (tensor->dtype, tensor->rank, tensor->dims, error);
  if (copy == NULL)
    return NULL;
  ox_tensor_copy_to (tensor, copy->data);
  return whole (copy, error);
}

OxTensor *
ox_tensor_reshape (OxTensor *tensor, int rank, const gint64 *dims, GError **error)
{
  g_autoptr (OxTensor) dense = NULL;
  OxTensor *view;
  gint64 count;
  gsize bytes;

  if (!check_shape (tensor->dtype, rank, dims, &count, &bytes, error))
    return NULL;
  if (count != tensor->count)
    {
      g_autofree char *from = ox_tensor_shape_string (tensor), *to = ox_shape_to_string (rank, dims);

      ox_fail (error, OX_ERROR_SHAPE, "%s cannot be reshaped to %s", from, to);
      return NULL;
    }
  dense = ox_tensor_contiguous (tensor, error);
  if (dense == NULL)
    return NULL;
  view = tensor_alloc (dense->dtype, rank, dims, count);
  view->storage = g_bytes_ref (dense->storage);
  view->data = dense->data;
  return view;
}

/* The elements one after the other in row-major order, for code that is not a kernel. */
typedef struct
{
  const OxTensor *tensor;
  gint64 index[OX_MAX_RANK];
  guint8 *at;
} Cursor;

static void
cursor_init (Cursor *cursor, const OxTensor *tensor)
{
  cursor->tensor = tensor;
  cursor->at = tensor->data;
  memset (cursor->index, 0, sizeof cursor->index);
}

static inline void
cursor_next (Cursor *cursor)
{
  const OxTensor *t = cursor->tensor;

  for (int i = t->rank - 1; i >= 0; i--)
    {
      cursor->at += t->strides[i];
      if (++cursor->index[i] < t->dims[i])
        return;
      cursor->at -= t->strides[i] * t->dims[i];
      cursor->index[i] = 0;
    }
}

OxTensor *
ox_tensor_convert (OxTensor *tensor, OxDtype dtype, GError **error)
{
  g_autoptr (OxTensor) from = NULL;
  OxTensor *copy;
  Cursor cursor;
  gsize size = ox_dtype_size (dtype);
  gboolean exact = (ox_dtype_is_integer (dtype) || dtype == OX_BOOL)
                   && (ox_dtype_is_integer (tensor->dtype) || tensor->dtype == OX_BOOL);

  if (tensor->dtype == dtype)
    return ox_tensor_usable (tensor, error);
  if (dtype == OX_STR || tensor->dtype == OX_STR)
    {
      ox_fail (error, OX_ERROR_DTYPE, "strings are not converted to or from numbers");
      return NULL;
    }
  from = ox_tensor_usable (tensor, error);
  copy = from != NULL ? ox_tensor_new (dtype, tensor->rank, tensor->dims, error) : NULL;
  if (copy == NULL)
    return NULL;
  cursor_init (&cursor, from);
  for (gint64 i = 0; i < from->count && !ox_pause (i); i++, cursor_next (&cursor))
    {
      guint8 *to = copy->data + (gsize) i * size;

      if (exact && size == 8)
        {
          gint64 value = ox_element_get_int (from->dtype, cursor.at);

          memcpy (to, &value, sizeof value);
        }
      else if (dtype == OX_C128 && from->dtype == OX_C64)
        {
          OxComplex64 c = *(const OxComplex64 *) cursor.at;

          *(OxComplex128 *) to = (OxComplex128){ c.re, c.im };
        }
      else if (dtype == OX_C64 && from->dtype == OX_C128)
        {
          OxComplex128 c = *(const OxComplex128 *) cursor.at;

          *(OxComplex64 *) to = (OxComplex64){ (float) c.re, (float) c.im };
        }
      else
        ox_element_set (dtype, to, ox_element_get (from->dtype, cursor.at));
    }
  return whole (copy, error);
}

GBytes *
ox_tensor_pack (OxTensor *tensor, GError **error)
{
  g_autoptr (OxTensor) dense = NULL;
  guint8 *packed;
  int bits, per;
  gsize bytes;

  if (tensor->dtype == OX_STR)
    {
      ox_fail (error, OX_ERROR_DTYPE, "strings are not kept as bytes");
      return NULL;
    }
  if (tensor->packed)
    return g_bytes_new_with_free_func (tensor->data, ox_tensor_bytes (tensor), (GDestroyNotify) g_bytes_unref,
                                       g_bytes_ref (tensor->storage));
  dense = ox_tensor_contiguous (tensor, error);
  if (dense == NULL)
    return NULL;
  if (!ox_dtype_is_packed (tensor->dtype))
    return g_bytes_new_with_free_func (dense->data, ox_tensor_bytes (dense), (GDestroyNotify) g_bytes_unref,
                                       g_bytes_ref (dense->storage));
  bits = ox_dtype_bits (tensor->dtype);
  per = 8 / bits;
  bytes = (gsize) (dense->count + per - 1) / (gsize) per;
  packed = ox_alloc0 (bytes, error);
  if (packed == NULL)
    return NULL;
  for (gint64 i = 0; i < dense->count; i++)
    packed[i / per] |= (guint8) ((dense->data[i] & ((1 << bits) - 1)) << (bits * (i % per)));
  return g_bytes_new_with_free_func (packed, bytes, ox_free, packed);
}

void
ox_tensor_copy_to (const OxTensor *from, void *to)
{
  gsize size = ox_dtype_size (from->dtype);
  guint8 *out = to;
  gint64 run = 1, since = 0;
  int outer = from->rank;
  Cursor cursor;
  OxTensor head;

  if (from->count == 0)
    return;
  /* The longest contiguous tail is copied in one go. */
  while (outer > 0 && (from->dims[outer - 1] == 1 || from->strides[outer - 1] == (gint64) size * run))
    run *= from->dims[--outer];
  head = *from;
  head.rank = outer;
  cursor_init (&cursor, &head);
  for (gint64 i = 0; i < from->count; i += run, cursor_next (&cursor))
    for (gint64 done = 0, n; done < run; done += n)
      {
        n = MIN (PAUSE, run - done);
        if ((since += n) >= PAUSE)
          {
            if (ox_parallel_stopped ())
              return;
            since = 0;
          }
        memcpy (out, cursor.at + (gsize) done * size, (gsize) n * size);
        if (from->dtype == OX_STR)
          for (gint64 j = 0; j < n; j++)
            if (((char **) out)[j] != NULL)
              g_ref_string_acquire (((char **) out)[j]);
        out += (gsize) n * size;
      }
}

guint8 *
ox_tensor_element (const OxTensor *tensor, gint64 index)
{
  guint8 *at = tensor->data;

  for (int i = tensor->rank - 1; i >= 0; i--)
    {
      at += index % tensor->dims[i] * tensor->strides[i];
      index /= tensor->dims[i];
    }
  return at;
}

/* One element of a packed tensor as its unpacked byte. */
static guint8
packed_element (const OxTensor *tensor, gint64 index)
{
  int bits = ox_dtype_bits (tensor->dtype), per = 8 / bits;
  guint8 mask = (guint8) ((1 << bits) - 1), top = (guint8) (1 << (bits - 1));
  guint8 code = (guint8) (tensor->data[index / per] >> (bits * (index % per))) & mask;

  return ox_dtype_class (tensor->dtype) == OX_CLASS_INT ? (guint8) ((code ^ top) - top) : code;
}

double
ox_tensor_get (const OxTensor *tensor, gint64 index)
{
  g_return_val_if_fail (index >= 0 && index < tensor->count, 0);
  if (tensor->packed)
    return ox_element_get (tensor->dtype, (guint8[]){ packed_element (tensor, index) });
  return ox_element_get (tensor->dtype, ox_tensor_element (tensor, index));
}

gint64
ox_tensor_get_int (const OxTensor *tensor, gint64 index)
{
  g_return_val_if_fail (index >= 0 && index < tensor->count, 0);
  if (tensor->packed)
    return ox_element_get_int (tensor->dtype, (guint8[]){ packed_element (tensor, index) });
  return ox_element_get_int (tensor->dtype, ox_tensor_element (tensor, index));
}

const char *
ox_tensor_get_string (const OxTensor *tensor, gint64 index)
{
  const char *text;

  g_return_val_if_fail (tensor->dtype == OX_STR && index >= 0 && index < tensor->count, "");
  text = *(char **) ox_tensor_element (tensor, index);
  return text != NULL ? text : "";
}

void
ox_tensor_set (OxTensor *tensor, gint64 index, double value)
{
  g_return_if_fail (!tensor->packed && index >= 0 && index < tensor->count);
  ox_element_set (tensor->dtype, ox_tensor_element (tensor, index), value);
}

void
ox_tensor_set_string (OxTensor *tensor, gint64 index, const char *text, gssize length)
{
  char **at;

  g_return_if_fail (tensor->dtype == OX_STR && index >= 0 && index < tensor->count);
  at = (char **) ox_tensor_element (tensor, index);
  if (*at != NULL)
    g_ref_string_release (*at);
  *at = g_ref_string_new_len (text, length);
}

char *
ox_shape_to_string (int rank, const gint64 *dims)
{
  GString *text = g_string_new (NULL);

  if (rank == 0)
    g_string_append (text, "[]");
  for (int i = 0; i < rank; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? "x" : "", dims[i]);
  return g_string_free (text, FALSE);
}

char *
ox_tensor_shape_string (const OxTensor *tensor)
{
  return ox_shape_to_string (tensor->rank, tensor->dims);
}
