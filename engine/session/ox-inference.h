/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "model/ox-model.h"

G_BEGIN_DECLS

/* Fills OxSlot.inferred of every value whose type the file does not declare, in the main graph and the bodies inside it, as
 * far as the operators' inference goes; dimensions may be expressions ("2*N+1"). To be called once, before the model is
 * shared. What contradicts itself is put into @problems (of char*, may be NULL) as a sentence and goes no further. FALSE
 * only when cancelled. Weights are not read, except integers that are shapes. */
gboolean ox_model_infer (OxModel *model, GPtrArray *problems, GCancellable *cancellable);

G_END_DECLS
