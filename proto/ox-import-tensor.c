/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/ox-memory.h"
#include "proto/ox-import-private.h"

/* One file of external data: mapped once, or the reason why not. */
typedef struct
{
  GBytes *bytes;
  char   *problem;
  guint   tensors;  /* that got nothing from it */
  char   *first;    /* the first of them */
} External;

static void
external_free (gpointer data)
{
  External *external = data;

  g_clear_pointer (&external->bytes, g_bytes_unref);
  g_free (external->problem);
  g_free (external->first);
  g_free (external);
}

void
ox_importer_init (OxImporter *self, GBytes *file, OxModel *model, const char *path, const OxImportOptions *options)
{
  self->file = file;
  self->model = model;
  self->allow_links = options != NULL && options->allow_links;
  self->dir = options != NULL && options->data_dir != NULL ? g_strdup (options->data_dir)
              : path != NULL                               ? g_path_get_dirname (path)
                                                           : NULL;
  self->externals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, external_free);
}

void
ox_importer_report (OxImporter *self)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, self->externals);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      External *external = value;

      if (external->problem != NULL)
        g_ptr_array_add (self->model->warnings,
                         g_strdup_printf ("%u %s no data, the first is '%s': %s", external->tensors,
                                          external->tensors == 1 ? "tensor has" : "tensors have", external->first,
                                          external->problem));
    }
}

void
ox_importer_clear (OxImporter *self)
{
  g_free (self->dir);
  g_hash_table_unref (self->externals);
}

/* The parts of a location that stays inside the folder; NULL for any other. */
static char **
split_location (const char *location)
{
  g_auto (GStrv) parts = g_strsplit (location, "/", -1);

  if (location[0] == '\0' || location[0] == '/' || strchr (location, '\\') != NULL
      || (g_ascii_isalpha (location[0]) && location[1] == ':'))
    return NULL;
  for (int i = 0; parts[i] != NULL; i++)
    if (strcmp (parts[i], "..") == 0)
      return NULL;
  return g_steal_pointer (&parts);
}

/* Opens folder by folder without following links, so that nothing outside can be reached. */
static int
open_beneath (const OxImporter *self, char **parts, char **problem)
{
  int follow = self->allow_links ? 0 : O_NOFOLLOW;
  int fd = open (self->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct stat info;

  for (int i = 0; fd >= 0 && parts[i] != NULL; i++)
    {
      int next, saved;

      if (parts[i][0] == '\0' || strcmp (parts[i], ".") == 0)
        continue;
      next = openat (fd, parts[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK | follow);
      saved = errno;
      close (fd);
      fd = next;
      errno = saved;
    }
  if (fd < 0)
    {
      *problem = errno == ELOOP ? g_strdup ("is a symbolic link, which is not followed unless links are allowed")
                                : g_strdup_printf ("cannot be opened: %s", g_strerror (errno));
      return -1;
    }
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    *problem = g_strdup ("is not a regular file");
  else if (info.st_nlink > 1 && !self->allow_links)
    *problem = g_strdup ("has several hard links, which is refused unless links are allowed");
  if (*problem == NULL)
    return fd;
  close (fd);
  return -1;
}

static External *
find_external (OxImporter *self, const char *location, char **parts)
{
  External *external = g_hash_table_lookup (self->externals, location);
  g_autofree char *problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) map = NULL;
  int fd;

  if (external != NULL)
    return external;
  external = g_new0 (External, 1);
  g_hash_table_insert (self->externals, g_strdup (location), external);
  if (self->dir == NULL)
    {
      external->problem = g_strdup_printf ("'%s' cannot be found: the model has no folder", location);
      return external;
    }
  fd = open_beneath (self, parts, &problem);
  if (fd < 0)
    {
      external->problem = g_strdup_printf ("'%s' %s", location, problem);
      return external;
    }
  map = g_mapped_file_new_from_fd (fd, FALSE, &error);
  close (fd);
  if (map == NULL)
    external->problem = g_strdup_printf ("'%s' cannot be mapped: %s", location, error->message);
  else
    external->bytes = g_mapped_file_get_bytes (map);
  return external;
}

static gboolean
import_external (OxImporter *self, OxInitializer *tensor, const Onnx__TensorProto *proto, gsize need, GError **error)
{
  const char *location = NULL, *offset = NULL, *length = NULL;
  g_auto (GStrv) parts = NULL;
  External *external;
  guint64 size;

  for (size_t i = 0; i < proto->n_external_data; i++)
    {
      const char *key = proto->external_data[i]->key, *value = proto->external_data[i]->value;

      if (key == NULL || value == NULL)
        continue;
      if (strcmp (key, "location") == 0)
        location = value;
      else if (strcmp (key, "offset") == 0)
        offset = value;
      else if (strcmp (key, "length") == 0)
        length = value;
    }
  if (location == NULL)
    return ox_fail (error, OX_ERROR_FORMAT, "its data is external, but no location is given");
  if (offset != NULL && !g_ascii_string_to_unsigned (offset, 10, 0, G_MAXINT64, &tensor->offset, NULL))
    return ox_fail (error, OX_ERROR_FORMAT, "expected a number of bytes as offset, found '%.40s'", offset);
  if (length != NULL && !g_ascii_string_to_unsigned (length, 10, 0, G_MAXINT64, &tensor->length, NULL))
    return ox_fail (error, OX_ERROR_FORMAT, "expected a number of bytes as length, found '%.40s'", length);
  parts = split_location (location);
  if (parts == NULL)
    return ox_fail (error, OX_ERROR_FILE, "its data is in '%.200s', which is outside the model's folder: refused",
                    location);
  tensor->location = ox_import_text (location);
  if (length == NULL)
    tensor->length = need;
  if (self->model != NULL)
    self->model->external_bytes += tensor->length;
  external = find_external (self, tensor->location, parts);
  size = external->bytes != NULL ? g_bytes_get_size (external->bytes) : 0;
  if (external->bytes != NULL && tensor->offset <= size && tensor->length <= size - tensor->offset)
    {
      tensor->data = g_bytes_new_from_bytes (external->bytes, tensor->offset, tensor->length);
      return TRUE;
    }
  tensor->encoding = OX_ENCODING_MISSING;
  if (external->bytes == NULL)
    tensor->problem = g_strdup (external->problem);
  else
    tensor->problem
      = g_strdup_printf ("'%s' has %" G_GUINT64_FORMAT " bytes, but %" G_GUINT64_FORMAT " from %" G_GUINT64_FORMAT
                         " on are wanted", tensor->location, size, tensor->length, tensor->offset);
  if (external->tensors++ == 0)
    external->first = g_strdup (tensor->name);
  if (external->problem == NULL)
    external->problem = g_strdup (tensor->problem);
  return TRUE;
}

/* The field that holds the elements of a type unless raw_data does. */
static guint
typed_field (OxDtype dtype)
{
  switch (dtype)
    {
    case OX_F32:
    case OX_C64:
      return 4;
    case OX_STR:
      return 6;
    case OX_I64:
      return 7;
    case OX_F64:
    case OX_C128:
      return 10;
    case OX_U32:
    case OX_U64:
      return 11;
    default:
      return 5;
    }
}

static void
append_varint (GByteArray *out, guint64 v)
{
  guint8 byte;

  do
    {
      byte = (guint8) ((v & 127) | (v > 127 ? 128 : 0));
      g_byte_array_append (out, &byte, 1);
      v >>= 7;
    }
  while (v != 0);
}

/* Elements that were written one field each instead of packed, as they would be packed. */
static void
append_loose (GByteArray *out, const Onnx__TensorProto *proto, guint field)
{
  switch (field)
    {
    case 4:
      if (proto->n_float_data > 0)
        g_byte_array_append (out, (const guint8 *) proto->float_data, (guint) (proto->n_float_data * sizeof (float)));
      break;
    case 10:
      if (proto->n_double_data > 0)
        g_byte_array_append (out, (const guint8 *) proto->double_data, (guint) (proto->n_double_data * sizeof (double)));
      break;
    case 7:
      for (size_t i = 0; i < proto->n_int64_data; i++)
        append_varint (out, (guint64) proto->int64_data[i]);
      break;
    case 11:
      for (size_t i = 0; i < proto->n_uint64_data; i++)
        append_varint (out, proto->uint64_data[i]);
      break;
    default:
      for (size_t i = 0; i < proto->n_int32_data; i++)
        append_varint (out, (guint64) (gint64) proto->int32_data[i]);
      break;
    }
}

static void
import_inline (OxImporter *self, OxInitializer *tensor, const Onnx__TensorProto *proto)
{
  g_autoptr (GArray) cuts = ox_wire_cuts (&proto->base);
  g_autoptr (GByteArray) joined = g_byte_array_new ();
  guint field = typed_field (tensor->dtype), pieces = 0;
  const OxCut *only = NULL, *raw = NULL;

  for (guint i = 0; cuts != NULL && i < cuts->len; i++)
    {
      const OxCut *cut = &g_array_index (cuts, OxCut, i);

      if (cut->field == 9)
        raw = cut;
      else if (cut->field == field)
        {
          only = cut;
          pieces++;
        }
    }
  if (raw != NULL && (raw->length > 0 || pieces == 0))
    {
      tensor->data = g_bytes_new_from_bytes (self->file, raw->offset, raw->length);
      return;
    }
  tensor->encoding = field == 4 || field == 10 ? OX_ENCODING_RAW : OX_ENCODING_VARINT;
  append_loose (joined, proto, field);
  if (pieces == 1 && joined->len == 0)
    tensor->data = g_bytes_new_from_bytes (self->file, only->offset, only->length);
  else
    {
      /* Several pieces are one list by protobuf's rules. */
      g_autoptr (GByteArray) all = g_byte_array_new ();

      for (guint i = 0; cuts != NULL && i < cuts->len; i++)
        {
          const OxCut *cut = &g_array_index (cuts, OxCut, i);

          if (cut->field == field)
            g_byte_array_append (all, (const guint8 *) g_bytes_get_data (self->file, NULL) + cut->offset,
                                 (guint) MIN (cut->length, G_MAXUINT32 - all->len));
        }
      if (joined->len > 0)
        g_byte_array_append (all, joined->data, joined->len);
      tensor->data = g_byte_array_free_to_bytes (g_steal_pointer (&all));
    }
}

/* protobuf-c has no address for an empty string. */
void
ox_import_set_string (OxTensor *tensor, gint64 index, const ProtobufCBinaryData *text)
{
  ox_tensor_set_string (tensor, index, text->len > 0 ? (const char *) text->data : "", (gssize) text->len);
}

static gboolean
import_strings (OxInitializer *tensor, const Onnx__TensorProto *proto, gint64 count, GError **error)
{
  OxTensor *strings;

  if ((guint64) count != proto->n_string_data)
    {
      tensor->encoding = OX_ENCODING_MISSING;
      tensor->problem = g_strdup_printf ("it has room for %" G_GINT64_FORMAT " strings, found %" G_GSIZE_FORMAT, count,
                                         proto->n_string_data);
      return TRUE;
    }
  strings = ox_tensor_new (OX_STR, tensor->rank, tensor->dims, error);
  if (strings == NULL)
    return FALSE;
  for (gint64 i = 0; i < count; i++)
    ox_import_set_string (strings, i, &proto->string_data[i]);
  tensor->encoding = OX_ENCODING_TENSOR;
  tensor->value = ox_value_new_tensor (strings);
  return TRUE;
}

/* Bytes the elements take as raw data. */
static gboolean
bytes_needed (OxDtype dtype, gint64 count, gsize *need)
{
  gsize bits = dtype == OX_UNDEFINED || dtype == OX_STR ? 8 : (gsize) ox_dtype_bits (dtype);

  if (bits >= 8)
    return ox_size_mul ((gsize) count, bits / 8, need);
  *need = (gsize) count / (8 / bits) + ((gsize) count % (8 / bits) != 0);
  return TRUE;
}

static gboolean
fill_tensor (OxImporter *self, OxInitializer *tensor, const Onnx__TensorProto *proto, GError **error)
{
  gint64 count;
  gsize need;

  for (int i = 0; i < tensor->rank; i++)
    if (tensor->dims[i] < 0)
      return ox_fail (error, OX_ERROR_SHAPE, "dimension %d is %" G_GINT64_FORMAT, i, tensor->dims[i]);
  if (!ox_dims_count (tensor->dims, tensor->rank, &count) || !bytes_needed (tensor->dtype, count, &need))
    {
      g_autofree char *shape = ox_shape_to_string (tensor->rank, tensor->dims);

      return ox_fail (error, OX_ERROR_SHAPE, "its dimensions %s do not multiply", shape);
    }
  if (proto->data_location == 1)
    return import_external (self, tensor, proto, need, error);
  if (proto->segment != NULL)
    {
      tensor->encoding = OX_ENCODING_MISSING;
      tensor->problem = g_strdup ("it is stored in segments, which no known writer does");
      return TRUE;
    }
  if (tensor->dtype == OX_STR)
    return import_strings (tensor, proto, count, error);
  import_inline (self, tensor, proto);
  if (tensor->encoding == OX_ENCODING_RAW && tensor->dtype != OX_UNDEFINED && g_bytes_get_size (tensor->data) != need)
    {
      g_autofree char *shape = ox_shape_to_string (tensor->rank, tensor->dims);

      tensor->encoding = OX_ENCODING_MISSING;
      tensor->problem = g_strdup_printf ("%s %s takes %" G_GSIZE_FORMAT " bytes, found %" G_GSIZE_FORMAT,
                                         ox_dtype_name (tensor->dtype), shape, need, g_bytes_get_size (tensor->data));
      if (self->model != NULL)
        g_ptr_array_add (self->model->warnings,
                         g_strdup_printf ("tensor '%s' has no usable data: %s", tensor->name, tensor->problem));
    }
  return TRUE;
}

OxInitializer *
ox_import_tensor (OxImporter *self, const Onnx__TensorProto *proto, GError **error)
{
  g_autofree char *name = ox_import_text (proto->name);
  g_autoptr (OxInitializer) tensor = NULL;

  if (proto->n_dims > OX_MAX_RANK)
    {
      ox_fail (error, OX_ERROR_SHAPE, "tensor '%s': it has %" G_GSIZE_FORMAT " dimensions, at most %d are possible",
               name, proto->n_dims, OX_MAX_RANK);
      return NULL;
    }
  tensor = ox_initializer_new (name, ox_dtype_is_valid (proto->data_type) ? (OxDtype) proto->data_type : OX_UNDEFINED,
                               (int) proto->n_dims, proto->dims);
  tensor->dtype_number = proto->data_type;
  if (proto->doc_string != NULL)
    tensor->doc = ox_import_text (proto->doc_string);
  tensor->metadata = ox_import_metadata (proto->n_metadata_props, proto->metadata_props);
  tensor->unknown = ox_wire_unknown (&proto->base);
  if (!fill_tensor (self, tensor, proto, error))
    {
      ox_error_prefix (error, "tensor '%s'", tensor->name);
      return NULL;
    }
  return g_steal_pointer (&tensor);
}

OxInitializer *
ox_import_sparse (OxImporter *self, const Onnx__SparseTensorProto *proto, GError **error)
{
  g_autoptr (OxInitializer) values = NULL;
  gint64 count;

  if (proto->values == NULL || proto->indices == NULL)
    {
      ox_fail (error, OX_ERROR_FORMAT, "a sparse tensor needs values and indices");
      return NULL;
    }
  values = ox_import_tensor (self, proto->values, error);
  if (values == NULL)
    return NULL;
  values->indices = ox_import_tensor (self, proto->indices, error);
  if (values->indices == NULL)
    return NULL;
  if (proto->n_dims > OX_MAX_RANK || !ox_dims_count (proto->dims, (int) proto->n_dims, &count))
    {
      ox_fail (error, OX_ERROR_SHAPE, "tensor '%s': its dense dimensions do not multiply", values->name);
      return NULL;
    }
  if (values->rank != 1 || values->indices->rank < 1 || values->indices->rank > 2)
    {
      ox_fail (error, OX_ERROR_SHAPE, "tensor '%s': expected a list of values and one of indices, found ranks %d and %d",
               values->name, values->rank, values->indices->rank);
      return NULL;
    }
  values->sparse_rank = (int) proto->n_dims;
  values->sparse_dims = g_memdup2 (proto->dims, proto->n_dims * sizeof (gint64));
  return g_steal_pointer (&values);
}
