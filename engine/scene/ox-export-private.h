/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "scene/ox-card.h"

G_BEGIN_DECLS

#define OX_EXPORT_MARGIN 16.0

gboolean ox_export_svg (OxScene *scene, GOutputStream *stream, const OxExportOptions *options, GCancellable *cancellable,
                        GError **error);
gboolean ox_export_dot (OxScene *scene, GOutputStream *stream, GCancellable *cancellable, GError **error);
gboolean ox_export_pdf (OxScene *scene, const char *path, const OxExportOptions *options, GCancellable *cancellable,
                        GError **error);
gboolean ox_export_png (OxScene *scene, const char *path, const OxExportOptions *options, GCancellable *cancellable,
                        GError **error);

G_END_DECLS
