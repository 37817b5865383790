/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-call.h"
#include "session/ox-session.h"

G_BEGIN_DECLS

/* Sees the call once its outputs are inferred. */
typedef void (*OxAskLook) (OxCall *call, gpointer data);

/* What the operator of @node says of its outputs if its inputs were @facts, [inputs] of the table @dims; nothing runs. FALSE
 * with @error when it takes no such inputs, or has nothing to say: it has a body, or is not known (OX_ERROR_UNSUPPORTED). @frame
 * is where a function's attributes come from. */
gboolean ox_session_ask (OxSession *session, OxFrame *frame, const OxNode *node, const OxFact *facts, OxDims *dims,
                         OxAskLook look, gpointer data, GError **error);

G_END_DECLS
