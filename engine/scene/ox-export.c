/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>

#include "core/ox-error.h"
#include "scene/ox-export-private.h"

static gboolean
write_stream (OxScene *scene, const char *path, gboolean dot, const OxExportOptions *options, GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GFileOutputStream) stream = g_file_create (file, G_FILE_CREATE_NONE, cancellable, &cause);
  gboolean ok = stream != NULL;

  if (ok)
    ok = dot ? ox_export_dot (scene, G_OUTPUT_STREAM (stream), cancellable, &cause)
             : ox_export_svg (scene, G_OUTPUT_STREAM (stream), options, cancellable, &cause);
  ok = ok && g_output_stream_close (G_OUTPUT_STREAM (stream), cancellable, &cause);
  if (!ok && g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&cause));
  else if (!ok)
    ox_fail (error, OX_ERROR_FILE, "%s", cause->message);
  return ok;
}

/* A file beside the one that is asked for takes its place when it is complete: what is stopped or fails leaves what was
 * there. */
gboolean
ox_scene_export (OxScene *scene, const char *path, const OxExportOptions *options, GCancellable *cancellable, GError **error)
{
  OxExportOptions own = options != NULL ? *options : (OxExportOptions) { 0 };
  gboolean svg = g_str_has_suffix (path, ".svg"), dot = g_str_has_suffix (path, ".dot"), pdf = g_str_has_suffix (path, ".pdf");
  g_autofree char *dir = g_path_get_dirname (path), *draft = NULL;
  char *there = realpath (path, NULL);   /* a link stays one */
  GError *cause = NULL;
  gboolean ok;

  if (!(own.scale > 0))
    own.scale = 1;
  if (!svg && !dot && !pdf && !g_str_has_suffix (path, ".png"))
    {
      free (there);
      return ox_fail (error, OX_ERROR_UNSUPPORTED, "%s: a picture is written as .svg, .pdf, .png or .dot", path);
    }
  draft = g_strdup_printf ("%s.%08x.part", there != NULL ? there : path, g_random_int ());
  if (!g_file_test (dir, G_FILE_TEST_IS_DIR))
    ok = ox_fail (&cause, OX_ERROR_FILE, "there is no folder %s", dir);
  else if (svg || dot)
    ok = write_stream (scene, draft, dot, &own, cancellable, &cause);
  else
    ok = pdf ? ox_export_pdf (scene, draft, &own, cancellable, &cause) : ox_export_png (scene, draft, &own, cancellable, &cause);
  if (ok && g_rename (draft, there != NULL ? there : path) != 0)
    ok = ox_fail (&cause, OX_ERROR_FILE, "%s", g_strerror (errno));
  if (!ok)
    {
      g_unlink (draft);
      if (cause->domain == OX_ERROR)
        ox_error_prefix (&cause, "%s", path);
      g_propagate_error (error, cause);
    }
  free (there);
  return ok;
}
