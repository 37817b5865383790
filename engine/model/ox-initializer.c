/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/ox-initializer.h"

#include <string.h>

#include "core/ox-error.h"
#include "core/ox-memory.h"

/* A tensor whose bytes lie misaligned in the file is copied once up to this size and kept; a larger one is copied by
 * whoever needs it, so that looking at a big model does not double its memory. */
#define KEEP_COPY (16u << 20)

OxInitializer *
ox_initializer_new (const char *name, OxDtype dtype, int rank, const gint64 *dims)
{
  OxInitializer *self = g_new0 (OxInitializer, 1);

  g_atomic_ref_count_init (&self->refs);
  self->name = g_strdup (name != NULL ? name : "");
  self->dtype = dtype;
  self->dtype_number = dtype;
  self->rank = rank;
  self->dims = g_memdup2 (dims, (gsize) rank * sizeof (gint64));
  g_mutex_init (&self->lock);
  return self;
}

OxInitializer *
ox_initializer_new_tensor (const char *name, OxTensor *tensor)
{
  OxInitializer *self = ox_initializer_new (name, tensor->dtype, tensor->rank, tensor->dims);

  self->encoding = OX_ENCODING_TENSOR;
  self->value = ox_value_new_tensor (tensor);
  return self;
}

OxInitializer *
ox_initializer_ref (OxInitializer *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
ox_initializer_unref (OxInitializer *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->name);
  g_free (self->doc);
  g_free (self->dims);
  g_clear_pointer (&self->data, g_bytes_unref);
  g_free (self->problem);
  g_free (self->location);
  g_clear_pointer (&self->indices, ox_initializer_unref);
  g_free (self->sparse_dims);
  g_clear_pointer (&self->metadata, g_array_unref);
  g_clear_pointer (&self->unknown, g_bytes_unref);
  g_clear_pointer (&self->value, ox_value_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Where its bytes lie outside of the model is not said. */
static OxInitializer *
copy_as (const OxInitializer *self, const char *name)
{
  OxInitializer *other = ox_initializer_new (name, self->dtype, self->rank, self->dims);

  other->dtype_number = self->dtype_number;
  other->doc = g_strdup (self->doc);
  other->encoding = self->encoding;
  other->data = self->data != NULL ? g_bytes_ref (self->data) : NULL;
  other->problem = g_strdup (self->problem);
  return other;
}

OxInitializer *
ox_initializer_within (OxInitializer *self)
{
  return self->location != NULL ? copy_as (self, self->name) : ox_initializer_ref (self);
}

OxInitializer *
ox_initializer_called (OxInitializer *self, const char *name)
{
  OxInitializer *other = copy_as (self, name);

  other->location = g_strdup (self->location);
  other->offset = self->offset;
  other->length = self->length;
  other->indices = self->indices != NULL ? ox_initializer_ref (self->indices) : NULL;
  other->sparse_rank = self->sparse_rank;
  other->sparse_dims = self->sparse_dims != NULL ? g_memdup2 (self->sparse_dims, sizeof (gint64) * (gsize) self->sparse_rank) : NULL;
  other->unknown = self->unknown != NULL ? g_bytes_ref (self->unknown) : NULL;
  g_mutex_lock (&self->lock);
  other->value = self->value != NULL ? ox_value_ref (self->value) : NULL;
  g_mutex_unlock (&self->lock);
  return other;
}

/* Varints end with the first byte below 128; ten bytes hold 64 bits. */
static gboolean
read_varint (const guint8 **p, const guint8 *end, guint64 *value)
{
  guint64 v = 0;

  for (int shift = 0; shift < 70 && *p < end; shift += 7)
    {
      guint8 byte = *(*p)++;

      if (shift < 64)
        v |= (guint64) (byte & 127) << shift;
      if (byte < 128)
        {
          *value = v;
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
varints_match (const guint8 *data, gsize size, gsize want, GError **error)
{
  gsize found = 0;

  for (gsize i = 0; i < size; i++)
    found += data[i] < 128;
  if (found == want)
    return TRUE;
  return ox_fail (error, OX_ERROR_FORMAT, "expected %" G_GSIZE_FORMAT " numbers, found %" G_GSIZE_FORMAT, want, found);
}

static OxTensor *
decode_varints (OxInitializer *self, GError **error)
{
  gsize size, n, bits = (gsize) ox_dtype_bits (self->dtype), unit = ox_dtype_size (self->dtype);
  const guint8 *p = g_bytes_get_data (self->data, &size), *end = size > 0 ? p + size : p;
  gboolean packed = ox_dtype_is_packed (self->dtype);
  g_autoptr (OxTensor) tensor = NULL;
  gint64 count;

  if (!ox_dims_count (self->dims, self->rank, &count))
    {
      ox_fail (error, OX_ERROR_SHAPE, "its dimensions do not multiply");
      return NULL;
    }
  n = (gsize) count;
  if (packed)
    n = n / (8 / bits) + (n % (8 / bits) != 0);
  if (!varints_match (p, size, n, error))
    return NULL;
  if (packed)
    {
      guint8 *bytes = ox_alloc (MAX (n, 1), error);
      g_autoptr (GBytes) storage = NULL;
      guint64 v = 0;

      if (bytes == NULL)
        return NULL;
      storage = g_bytes_new_with_free_func (bytes, n, ox_free, bytes);
      for (gsize i = 0; i < n; i++)
        {
          if (!read_varint (&p, end, &v))
            break;
          bytes[i] = (guint8) v;
        }
      return ox_tensor_new_for_bytes (self->dtype, self->rank, self->dims, storage, 0, error);
    }
  tensor = ox_tensor_new (self->dtype, self->rank, self->dims, error);
  if (tensor == NULL)
    return NULL;
  for (gsize i = 0; i < n; i++)
    {
      guint64 v = 0;

      if (!read_varint (&p, end, &v))
        {
          ox_fail (error, OX_ERROR_FORMAT, "number %" G_GSIZE_FORMAT " is no varint", i);
          return NULL;
        }
      if (self->dtype == OX_BOOL)
        v = v != 0;
      /* Little-endian: the low bytes are the element, whatever its width. */
      memcpy (tensor->data + i * unit, &v, unit);
    }
  return g_steal_pointer (&tensor);
}

static gboolean
is_aligned (const OxTensor *tensor)
{
  gsize unit = ox_dtype_size (tensor->dtype), align = MIN (unit, 8);

  return tensor->count == 0 || align <= 1 || ((gsize) tensor->data & (align - 1)) == 0;
}

static OxTensor *
make_tensor (OxInitializer *self, GError **error)
{
  if (self->encoding == OX_ENCODING_MISSING)
    {
      ox_fail (error, OX_ERROR_FILE, "%s", self->problem != NULL ? self->problem : "it has no data");
      return NULL;
    }
  if (self->dtype == OX_UNDEFINED)
    {
      ox_fail (error, OX_ERROR_UNSUPPORTED, "element type %d is not one of ONNX'", self->dtype_number);
      return NULL;
    }
  if (self->encoding == OX_ENCODING_VARINT)
    return decode_varints (self, error);
  if (self->data == NULL)
    {
      gint64 count = 0;

      if (ox_dims_count (self->dims, self->rank, &count) && count == 0)
        return ox_tensor_new (self->dtype, self->rank, self->dims, error);
      ox_fail (error, OX_ERROR_FORMAT, "it has no data");
      return NULL;
    }
  else
    {
      g_autoptr (OxTensor) tensor
        = ox_tensor_new_for_bytes (self->dtype, self->rank, self->dims, self->data, 0, error);

      if (tensor == NULL)
        return NULL;
      if (!is_aligned (tensor) && ox_tensor_bytes (tensor) <= KEEP_COPY)
        return ox_tensor_usable (tensor, error);
      return g_steal_pointer (&tensor);
    }
}

static OxValue *
make_sparse (OxInitializer *self, OxTensor *values, GError **error)
{
  g_autoptr (OxTensor) owned = values;
  g_autoptr (OxTensor) raw = NULL;
  g_autoptr (OxTensor) indices = NULL;
  gint64 count, nnz = self->dims[0];
  gboolean linear = self->indices->rank == 1;

  raw = make_tensor (self->indices, error);
  if (raw == NULL)
    {
      ox_error_prefix (error, "indices");
      return NULL;
    }
  indices = ox_tensor_convert (raw, OX_I64, error);
  if (indices == NULL)
    return NULL;
  if (!ox_dims_count (self->sparse_dims, self->sparse_rank, &count))
    {
      ox_fail (error, OX_ERROR_SHAPE, "its dense dimensions do not multiply");
      return NULL;
    }
  if (indices->count != (linear ? nnz : nnz * self->sparse_rank) || indices->dims[0] != nnz)
    {
      ox_fail (error, OX_ERROR_SHAPE, "%" G_GINT64_FORMAT " values, but %" G_GINT64_FORMAT " indices", nnz,
               indices->count);
      return NULL;
    }
  for (gint64 i = 0; i < indices->count; i++)
    {
      gint64 at = ((const gint64 *) indices->data)[i], bound = linear ? count : self->sparse_dims[i % self->sparse_rank];

      if (at < 0 || at >= bound)
        {
          ox_fail (error, OX_ERROR_VALUE, "index %" G_GINT64_FORMAT " is not in 0..%" G_GINT64_FORMAT, at, bound - 1);
          return NULL;
        }
    }
  return ox_value_new_sparse (g_steal_pointer (&owned), g_steal_pointer (&indices), self->sparse_rank,
                              self->sparse_dims);
}

OxValue *
ox_initializer_get (OxInitializer *self, GError **error)
{
  OxValue *value = NULL;

  g_mutex_lock (&self->lock);
  if (self->value == NULL)
    {
      OxTensor *tensor = make_tensor (self, error);

      if (tensor != NULL && self->indices != NULL)
        self->value = make_sparse (self, tensor, error);
      else if (tensor != NULL)
        self->value = ox_value_new_tensor (tensor);
    }
  if (self->value != NULL)
    value = ox_value_ref (self->value);
  g_mutex_unlock (&self->lock);
  if (value == NULL)
    ox_error_prefix (error, "tensor '%s'", self->name);
  return value;
}

gint64
ox_initializer_count (const OxInitializer *self)
{
  gint64 count;
  gboolean ok = self->indices != NULL ? ox_dims_count (self->sparse_dims, self->sparse_rank, &count)
                                      : ox_dims_count (self->dims, self->rank, &count);

  return ok ? count : 0;
}

guint64
ox_initializer_bytes (const OxInitializer *self)
{
  if (self->encoding == OX_ENCODING_TENSOR)
    return self->value != NULL ? ox_value_bytes (self->value) : 0;
  return (self->data != NULL ? g_bytes_get_size (self->data) : self->length)
         + (self->indices != NULL ? ox_initializer_bytes (self->indices) : 0);
}
