/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-study.h"

G_BEGIN_DECLS

/* A study: what quantising does to each tensor that is quantised, the worst first, with its channels beside it. As bars over the
 * graph, too. */
OxStudy *ox_quant_view_new (OxFocus *focus);

/* A session of the model at @path, fed as @like is; off the main thread. (transfer full) NULL with @error. */
typedef OxSession *(*OxQuantOpen) (const char *path, OxSession *like, GCancellable *cancellable, GError **error);
/* From now on the numbers are held against those of the model before it was quantised; NULL: of none. */
void     ox_quant_view_set_reference (OxStudy *study, const char *path, OxQuantOpen open);

G_END_DECLS
