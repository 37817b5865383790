/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-debugger.h"

G_BEGIN_DECLS

/* What a run is made of: inputs and edits. They are kept alive, so that others cannot be taken for them. */
typedef struct _OxSituation OxSituation;

OxSituation *ox_situation_new   (OxDebugger *debugger);
void         ox_situation_free  (OxSituation *self);
/* Whether the debugger's run is made of the same now. Not while it is running. */
gboolean     ox_situation_holds (const OxSituation *self, OxDebugger *debugger);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxSituation, ox_situation_free)

G_END_DECLS
