/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-study.h"

G_BEGIN_DECLS

/* A study: what quantising does to each tensor that is quantised, the worst first, with its channels beside it. As bars over the
 * graph, too. */
OxStudy *ox_quant_view_new (OxFocus *focus);

G_END_DECLS
