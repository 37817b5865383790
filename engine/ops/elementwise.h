/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "kernel/ox-walk.h"
#include "ops/ox-op.h"

G_BEGIN_DECLS

/* Rows whose data is a table of loops by element type (kernel/ox-stamp.h) share these. */

/* Before opset 7 the second operand was stretched only when asked to, from @axis on. */
typedef struct { gint64 broadcast; OxOptInt axis; } OxBroadcastAttrs;
#define OX_BROADCAST_SPECS                                                                                           \
  OX_INT (OxBroadcastAttrs, broadcast, 0), OX_ATTR (OxBroadcastAttrs, axis, OPT_INT)

gboolean ox_infer_old_broadcast (OxCall *call, GError **error);   /* like input 0 */
gboolean ox_infer_old_compare   (OxCall *call, GError **error);   /* the same with bool */
/* out = loop (in 0, in 1); the table is chosen by the type of input 0, @user is the attributes. */
gboolean ox_run_binary          (OxCall *call, GError **error);
gboolean ox_run_old_binary      (OxCall *call, GError **error);
/* out = loop (in 0). */
gboolean ox_run_unary           (OxCall *call, GError **error);
/* out = loop (… loop (in 0, in 1) …, in n). */
gboolean ox_run_variadic        (OxCall *call, GError **error);
/* (transfer full) Input 1 seen as opsets before 7 see it beside input 0. */
OxTensor *ox_old_operand        (OxCall *call, GError **error);
/* The loop for @dtype in the row's table, or an error that names the type. */
OxLoop   ox_loop_for            (OxCall *call, const OxLoop *table, OxDtype dtype, GError **error);

G_END_DECLS
