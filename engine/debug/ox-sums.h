/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-session.h"

G_BEGIN_DECLS

/* What a node adds up on its way to a result. */
typedef struct
{
  gint64 length;      /* terms of one sum */
  double bound;       /* no partial sum, in whatever order, is larger: the largest sum of |a| |b| */
  double growth;      /* how many units of rounding the results are off, as root mean squares, when every step is rounded and
                       * the terms come in no particular order: root of length / 18 + (magnitudes / results)^2 / 12, for partial
                       * sums that go to the result on a straight line and stray from it like a random walk */
} OxSums;

/* For products, convolutions, pools and reductions; FALSE for other operators, and for what cannot be asked. The node is run
 * aside with the magnitudes of its inputs, from a tap of @session. */
gboolean ox_sums_compute (OxSession *session, OxFrame *frame, OxNode *node, const OxTensor *result,
                          GCancellable *cancellable, OxSums *sums);

G_END_DECLS
