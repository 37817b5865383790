/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define OX_TYPE_EXPORT_DIALOG (ox_export_dialog_get_type ())
G_DECLARE_FINAL_TYPE (OxExportDialog, ox_export_dialog, OX, EXPORT_DIALOG, AdwWindow)

/* What to make of the picture. */
typedef struct
{
  const char *format;   /* "svg", "pdf", "png", "dot": also the file's ending */
  gboolean    dark;
  double      scale;    /* of a png */
} OxExportChoice;

/* Asks for format, colours and scale, then for a file. @folder and @name (without ending) are proposed. Signal: "export"
 * (GFile *), when both are known. */
GtkWindow *ox_export_dialog_new        (GFile *folder, const char *name);
void       ox_export_dialog_get_choice (OxExportDialog *self, OxExportChoice *choice);

G_END_DECLS
