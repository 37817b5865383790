/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ui/ox-sheet.h"

G_BEGIN_DECLS

/* Fills @sheet with what is known about the model as a whole: where it is from, operator sets, inputs and outputs, size,
 * operators, metadata, warnings, and what a check has found (OxCheckFinding; may be NULL). */
void ox_model_page_fill (OxSheet *sheet, OxModel *model, GPtrArray *findings);

G_END_DECLS
