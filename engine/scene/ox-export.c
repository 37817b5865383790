/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-error.h"
#include "scene/ox-export-private.h"

static gboolean
write_stream (OxScene *scene, const char *path, gboolean dot, const OxExportOptions *options, GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GFileOutputStream) stream = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, cancellable, &cause);
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

gboolean
ox_scene_export (OxScene *scene, const char *path, const OxExportOptions *options, GCancellable *cancellable, GError **error)
{
  OxExportOptions own = options != NULL ? *options : (OxExportOptions) { 0 };

  if (!(own.scale > 0))
    own.scale = 1;
  if (g_str_has_suffix (path, ".svg") || g_str_has_suffix (path, ".dot"))
    return write_stream (scene, path, g_str_has_suffix (path, ".dot"), &own, cancellable, error);
  if (g_str_has_suffix (path, ".pdf"))
    return ox_export_pdf (scene, path, &own, error);
  if (g_str_has_suffix (path, ".png"))
    return ox_export_png (scene, path, &own, cancellable, error);
  return ox_fail (error, OX_ERROR_UNSUPPORTED, "%s: a picture is written as .svg, .pdf, .png or .dot", path);
}
