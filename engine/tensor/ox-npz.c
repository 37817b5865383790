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

/* "name::bfloat16" holds the raw bits of a type numpy lacks. (transfer full) The name without it. */
static char *
plain_name (const char *name, OxDtype *dtype)
{
  const char *type = g_strrstr (name, "::");

  *dtype = type != NULL ? ox_dtype_from_name (type + 2) : OX_UNDEFINED;
  return *dtype != OX_UNDEFINED ? g_strndup (name, (gsize) (type - name)) : g_strdup (name);
}

static Archive *
open_archive (const char *path, GError **error)
{
  g_autoptr (Archive) archive = archive_read_new ();

  archive_read_support_format_zip (archive);
  if (archive_read_open_filename (archive, path, 1 << 16) == ARCHIVE_OK)
    return g_steal_pointer (&archive);
  ox_fail (error, OX_ERROR_FILE, "%s: %s", path, archive_error_string (archive));
  return NULL;
}

/* The array at which the archive stands; raw bits are of @dtype if its name said so, else maybe of @wanted. */
static OxTensor *
read_array (Archive *archive, const char *path, const char *name, OxDtype dtype, OxDtype wanted, GError **error)
{
  g_autoptr (GBytes) bytes = read_member (archive, error);
  OxTensor *tensor = bytes != NULL ? ox_npy_parse (bytes, dtype != OX_UNDEFINED ? dtype : wanted, error) : NULL;

  if (tensor == NULL)
    ox_error_prefix (error, "%s: %s", path, name);
  else if (dtype != OX_UNDEFINED && tensor->dtype != dtype && ox_dtype_size (tensor->dtype) == ox_dtype_size (dtype)
           && !ox_dtype_is_float (tensor->dtype))
    tensor->dtype = dtype;
  return tensor;
}

GHashTable *
ox_npz_load (const char *path, const char *only, GError **error)
{
  g_autoptr (GHashTable) arrays = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ox_tensor_unref);
  g_autoptr (Archive) archive = open_archive (path, error);
  struct archive_entry *entry;
  int status;

  if (archive == NULL)
    return NULL;
  while ((status = archive_read_next_header (archive, &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN)
    {
      g_autofree char *name = member_name (entry), *plain = NULL;
      OxTensor *tensor;
      OxDtype dtype;

      if (name == NULL)
        continue;
      plain = plain_name (name, &dtype);
      if (only != NULL && !g_str_equal (only, plain) && !g_str_equal (only, name))
        continue;
      tensor = read_array (archive, path, name, dtype, OX_UNDEFINED, error);
      if (tensor == NULL)
        return NULL;
      g_hash_table_replace (arrays, g_steal_pointer (&plain), tensor);
    }
  if (status != ARCHIVE_EOF)
    {
      ox_fail (error, OX_ERROR_FORMAT, "%s: not an npz file: %s", path, archive_error_string (archive));
      return NULL;
    }
  return g_steal_pointer (&arrays);
}

OxTensor *
ox_npz_parse (GBytes *bytes, GError **error)
{
  g_autoptr (Archive) archive = archive_read_new ();
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);
  struct archive_entry *entry;
  g_autofree char *name = NULL;
  int status;

  archive_read_support_format_zip (archive);
  status = archive_read_open_memory (archive, data, size);
  if (status == ARCHIVE_OK)
    status = archive_read_next_header (archive, &entry);
  if (status == ARCHIVE_EOF)
    ox_fail (error, OX_ERROR_FORMAT, "expected an array in the npz file, found none");
  else if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
    ox_fail (error, OX_ERROR_FORMAT, "not an npz file: %s", archive_error_string (archive));
  else
    {
      name = member_name (entry);
      return read_array (archive, "npz", name != NULL ? name : "?", OX_UNDEFINED, OX_UNDEFINED, error);
    }
  return NULL;
}

struct _OxNpzReader
{
  char       *path;
  GHashTable *places;      /* name -> number of the member + 1 */
  Archive    *archive;     /* stands before member @next; NULL: to be opened again */
  guint       next;
};

OxNpzReader *
ox_npz_reader_new (const char *path, GError **error)
{
  g_autoptr (Archive) archive = open_archive (path, error);
  OxNpzReader *self;
  struct archive_entry *entry;
  int status;
  guint n = 0;

  if (archive == NULL)
    return NULL;
  self = g_new0 (OxNpzReader, 1);
  self->path = g_strdup (path);
  self->places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while ((status = archive_read_next_header (archive, &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN)
    {
      g_autofree char *name = member_name (entry);
      OxDtype dtype;

      n++;
      if (name != NULL)
        g_hash_table_replace (self->places, plain_name (name, &dtype), GUINT_TO_POINTER (n));
    }
  if (status == ARCHIVE_EOF)
    return self;
  ox_fail (error, OX_ERROR_FORMAT, "%s: not an npz file: %s", path, archive_error_string (archive));
  ox_npz_reader_free (self);
  return NULL;
}

void
ox_npz_reader_free (OxNpzReader *self)
{
  g_clear_pointer (&self->archive, archive_free);
  g_hash_table_unref (self->places);
  g_free (self->path);
  g_free (self);
}

GHashTable *
ox_npz_reader_names (OxNpzReader *self)
{
  return self->places;
}

OxTensor *
ox_npz_reader_get (OxNpzReader *self, const char *name, OxDtype wanted, GError **error)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (self->places, name));
  struct archive_entry *entry;
  int status;

  if (place == 0)
    {
      ox_fail (error, OX_ERROR_VALUE, "%s: there is no array '%s'", self->path, name);
      return NULL;
    }
  if (self->archive == NULL || place <= self->next)
    {
      g_clear_pointer (&self->archive, archive_free);
      self->next = 0;
      self->archive = open_archive (self->path, error);
      if (self->archive == NULL)
        return NULL;
    }
  while ((status = archive_read_next_header (self->archive, &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN)
    if (++self->next == place)
      {
        g_autofree char *member = member_name (entry), *plain = NULL;
        OxDtype dtype = OX_UNDEFINED;

        plain = member != NULL ? plain_name (member, &dtype) : NULL;
        if (plain != NULL && g_str_equal (plain, name))
          return read_array (self->archive, self->path, member, dtype, wanted, error);
        break;
      }
  ox_fail (error, OX_ERROR_FILE, "%s: array '%s' is not there any more", self->path, name);
  return NULL;
}

GBytes *
ox_npz_read_text (const char *path, const char *member, GError **error)
{
  g_autoptr (Archive) archive = open_archive (path, error);
  struct archive_entry *entry;
  int status;

  if (archive == NULL)
    return NULL;
  while ((status = archive_read_next_header (archive, &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN)
    if (g_strcmp0 (archive_entry_pathname (entry), member) == 0)
      {
        GBytes *bytes = read_member (archive, error);

        if (bytes == NULL)
          ox_error_prefix (error, "%s: %s", path, member);
        return bytes;
      }
  if (status == ARCHIVE_EOF)
    ox_fail (error, OX_ERROR_FORMAT, "%s: there is no %s in it", path, member);
  else
    ox_fail (error, OX_ERROR_FORMAT, "%s: not a zip file: %s", path, archive_error_string (archive));
  return NULL;
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
ox_npz_writer_add_text (OxNpzWriter *writer, const char *member, const void *data, gsize size, GError **error)
{
  struct archive_entry *entry = archive_entry_new ();
  gboolean ok;

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
ox_npz_writer_add (OxNpzWriter *writer, const char *name, OxTensor *tensor, GError **error)
{
  g_autoptr (GBytes) bytes = ox_npy_write (tensor, error);
  g_autofree char *member = g_strconcat (name, ".npy", NULL);

  return bytes != NULL
         && ox_npz_writer_add_text (writer, member, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
}

gboolean
ox_npz_writer_close (OxNpzWriter *writer, GError **error)
{
  gboolean ok = archive_write_close (writer->archive) == ARCHIVE_OK ? TRUE : writer_fail (writer, error);

  writer_free (writer);
  return ok;
}
