/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "core/ox-error.h"
#include "core/ox-memory.h"
#include "tensor/ox-tensor-file.h"

typedef struct archive Archive;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, archive_free)

/* Names are keys, never paths: nothing is extracted. */
static char *
member_name (struct archive_entry *entry)
{
  const char *name = archive_entry_pathname_utf8 (entry);

  if (name == NULL)
    name = archive_entry_pathname (entry);
  if (name == NULL)
    return NULL;
  return g_strndup (name, strlen (name) - (g_str_has_suffix (name, ".npy") ? 4 : 0));
}

static GBytes *
read_member (Archive *archive, GError **error)
{
  gsize size = 0, room = 1 << 16;
  guint8 *data = g_malloc (room);

  for (;;)
    {
      la_ssize_t got;

      if (size == room)
        {
          guint8 *more = room < ox_memory_get_limit () / 2 ? g_try_realloc (data, room * 2) : NULL;

          if (more == NULL)
            {
              ox_fail (error, OX_ERROR_MEMORY, "an array needs more than %" G_GSIZE_FORMAT " bytes", room);
              g_free (data);
              return NULL;
            }
          data = more;
          room *= 2;
        }
      got = archive_read_data (archive, data + size, room - size);
      if (got < 0)
        {
          ox_fail (error, OX_ERROR_FORMAT, "%s", archive_error_string (archive));
          g_free (data);
          return NULL;
        }
      if (got == 0)
        return g_bytes_new_take (data, size);
      size += (gsize) got;
    }
}

GHashTable *
ox_npz_load (const char *path, const char *only, GError **error)
{
  g_autoptr (GHashTable) arrays = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_tensor_unref);
  g_autoptr (Archive) archive = archive_read_new ();
  struct archive_entry *entry;
  int status;

  archive_read_support_format_zip (archive);
  if (archive_read_open_filename (archive, path, 1 << 16) != ARCHIVE_OK)
    {
      ox_fail (error, OX_ERROR_FILE, "%s: %s", path, archive_error_string (archive));
      return NULL;
    }
  while ((status = archive_read_next_header (archive, &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN)
    {
      g_autofree char *name = member_name (entry), *plain = NULL;
      const char *type = name != NULL ? strstr (name, "::") : NULL;
      g_autoptr (GBytes) bytes = NULL;
      OxTensor *tensor;
      OxDtype dtype = OX_UNDEFINED;

      if (name == NULL)
        continue;
      /* "name::bfloat16": the raw bits of a type numpy lacks. */
      if (type != NULL && (dtype = ox_dtype_from_name (type + 2)) != OX_UNDEFINED)
        plain = g_strndup (name, (gsize) (type - name));
      else
        plain = g_strdup (name);
      if (only != NULL && !g_str_equal (only, plain) && !g_str_equal (only, name))
        continue;
      bytes = read_member (archive, error);
      tensor = bytes != NULL ? ox_npy_parse (bytes, dtype, error) : NULL;
      if (tensor == NULL)
        {
          ox_error_prefix (error, "%s: %s", path, name);
          return NULL;
        }
      if (dtype != OX_UNDEFINED && tensor->dtype != dtype && ox_dtype_size (tensor->dtype) == ox_dtype_size (dtype)
          && !ox_dtype_is_float (tensor->dtype))
        tensor->dtype = dtype;
      g_hash_table_replace (arrays, g_steal_pointer (&plain), tensor);
    }
  if (status != ARCHIVE_EOF)
    {
      ox_fail (error, OX_ERROR_FORMAT, "%s: not an npz file: %s", path, archive_error_string (archive));
      return NULL;
    }
  return g_steal_pointer (&arrays);
}

struct _OxNpzWriter
{
  Archive *archive;
  char *path;
};

static gboolean
writer_fail (OxNpzWriter *writer, GError **error)
{
  return ox_fail (error, OX_ERROR_FILE, "%s: %s", writer->path, archive_error_string (writer->archive));
}

static void
writer_free (OxNpzWriter *writer)
{
  archive_write_free (writer->archive);
  g_free (writer->path);
  g_free (writer);
}

OxNpzWriter *
ox_npz_writer_new (const char *path, GError **error)
{
  OxNpzWriter *writer = g_new0 (OxNpzWriter, 1);

  writer->path = g_strdup (path);
  writer->archive = archive_write_new ();
  archive_write_set_format_zip (writer->archive);
  archive_write_set_options (writer->archive, "zip:compression=store");
  if (archive_write_open_filename (writer->archive, path) != ARCHIVE_OK)
    {
      writer_fail (writer, error);
      writer_free (writer);
      return NULL;
    }
  return writer;
}

gboolean
ox_npz_writer_add (OxNpzWriter *writer, const char *name, OxTensor *tensor, GError **error)
{
  g_autoptr (GBytes) bytes = ox_npy_write (tensor, error);
  g_autofree char *member = g_strconcat (name, ".npy", NULL);
  struct archive_entry *entry;
  gsize size;
  const void *data;
  gboolean ok;

  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &size);
  entry = archive_entry_new ();
  archive_entry_set_pathname_utf8 (entry, member);
  archive_entry_set_size (entry, (la_int64_t) size);
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_entry_set_perm (entry, 0644);
  ok = archive_write_header (writer->archive, entry) == ARCHIVE_OK
       && archive_write_data (writer->archive, data, size) == (la_ssize_t) size;
  archive_entry_free (entry);
  return ok ? TRUE : writer_fail (writer, error);
}

gboolean
ox_npz_writer_close (OxNpzWriter *writer, GError **error)
{
  gboolean ok = archive_write_close (writer->archive) == ARCHIVE_OK ? TRUE : writer_fail (writer, error);

  writer_free (writer);
  return ok;
}
