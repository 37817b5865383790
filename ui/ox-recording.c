/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-recording.h"

#include <string.h>

struct _OxRecording
{
  GObject parent_instance;

  OxTraceFile *file;
  OxTraceSum   sum;
  GMutex       reading;     /* a value, of which the archive gives one at a time */
};

G_DEFINE_FINAL_TYPE (OxRecording, ox_recording, G_TYPE_OBJECT)

static void
ox_recording_finalize (GObject *object)
{
  OxRecording *self = OX_RECORDING (object);

  g_clear_pointer (&self->file, ox_trace_file_free);
  g_mutex_clear (&self->reading);
  G_OBJECT_CLASS (ox_recording_parent_class)->finalize (object);
}

static void
ox_recording_class_init (OxRecordingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ox_recording_finalize;
}

static void
ox_recording_init (OxRecording *self)
{
  g_mutex_init (&self->reading);
}

OxRecording *
ox_recording_open (const char *path, GCancellable *cancellable, GError **error)
{
  OxTraceFile *file = ox_trace_file_open (path, error);
  OxRecording *self;

  if (file == NULL)
    return NULL;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      ox_trace_file_free (file);
      return NULL;
    }
  self = g_object_new (OX_TYPE_RECORDING, NULL);
  self->file = file;
  ox_trace_file_sum (file, &self->sum);
  return self;
}

OxTraceFile *
ox_recording_get_file (OxRecording *self)
{
  return self->file;
}

char *
ox_recording_dup_name (OxRecording *self)
{
  return g_filename_display_basename (ox_trace_file_path (self->file));
}

const OxTraceSum *
ox_recording_sum (OxRecording *self)
{
  return &self->sum;
}

OxValue *
ox_recording_read (OxRecording *self, const OxTraceRow *row, GError **error)
{
  OxValue *value;

  g_mutex_lock (&self->reading);
  value = ox_trace_file_value (self->file, row, error);
  g_mutex_unlock (&self->reading);
  return value;
}

gint64
ox_recording_differ (OxRecording *self, OxRecording *other, char **text)
{
  const gboolean bits = strcmp (ox_trace_file_hashing (self->file), ox_trace_file_hashing (other->file)) == 0;
  const gboolean same_model = strcmp (ox_trace_file_hash (self->file), ox_trace_file_hash (other->file)) == 0;
  g_autofree char *how = NULL, *name = ox_recording_dup_name (other);
  gint64 first = ox_trace_file_differ (self->file, other->file, &how);
  GString *words = g_string_new (NULL);

  if (first < 0)
    g_string_append_printf (words, "%u values, all with the same %s as in %s", ox_trace_file_length (self->file),
                            bits ? "bits" : "statistics", name);
  else if (first == 0)
    g_string_append_printf (words, "The first value already is another in %s: %s", name, how);
  else
    {
      g_autofree char *before = first == 1 ? g_strdup ("The first value is")
                                           : g_strdup_printf ("The first %" G_GINT64_FORMAT " values are", first);

      g_string_append_printf (words, "%s the same in %s, then: %s", before, name, how);
    }
  if (first < 0 && !bits)
    g_string_append (words, "; their bits were hashed in two ways");
  if (!same_model)
    g_string_append (words, ". The model's file was another");
  *text = g_string_free (words, FALSE);
  return first;
}
