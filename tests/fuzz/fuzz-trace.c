/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "core/ox-memory.h"
#include "debug/ox-trace-file.h"
#include "tensor/ox-tensor-file.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* The first byte chooses: the rest is the archive, or the lines of a sound one. */
static gboolean
put (const char *path, const guint8 *data, gsize size)
{
  OxNpzWriter *writer;

  if (data[0] % 2 == 0)
    return g_file_set_contents (path, (const char *) data + 1, (gssize) size - 1, NULL);
  writer = ox_npz_writer_new (path, NULL);
  if (writer == NULL)
    return FALSE;
  ox_npz_writer_add_text (writer, "trace.jsonl", data + 1, size - 1, NULL);
  return ox_npz_writer_close (writer, NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *name = g_strdup_printf ("fuzz-trace-%d.oxtrace", (int) getpid ());
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), name, NULL), *text = NULL;
  g_autoptr (OxTraceFile) trace = NULL;

  if (size == 0)
    return 0;
  ox_memory_set_limit (256u << 20);
  trace = put (path, data, size) ? ox_trace_file_open (path, NULL) : NULL;
  if (trace != NULL)
    g_assert_cmpint (ox_trace_file_differ (trace, trace, &text), ==, -1);
  for (guint i = 0; trace != NULL && i < ox_trace_file_length (trace); i++)
    {
      OxValue *value = ox_trace_file_value (trace, ox_trace_file_row (trace, i), NULL);

      g_clear_pointer (&value, ox_value_unref);
    }
  g_unlink (path);
  return 0;
}
