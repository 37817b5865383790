/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-comparison.h"

G_BEGIN_DECLS

/* What a comparison found, as lengths to be drawn: 0 is none, 1 as large as the values themselves, NAN not known. */

/* The length of one error: a digit more is a seventh more. */
double        ox_error_length           (const OxDifference *difference);
/* The node's own error in this value, and that with what it inherited. */
void          ox_compared_value_lengths (const OxComparedValue *value, double *own, double *through);

/* The largest errors in what each node made, in all frames. Immutable. */
typedef struct _OxNodeErrors OxNodeErrors;

OxNodeErrors *ox_node_errors_new        (GPtrArray *values);   /* of OxComparedValue, not kept */
void          ox_node_errors_free       (OxNodeErrors *self);
/* FALSE when nothing of it was compared. */
gboolean      ox_node_errors_get        (OxNodeErrors *self, const OxNode *node, double *own, double *through);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxNodeErrors, ox_node_errors_free)

G_END_DECLS
