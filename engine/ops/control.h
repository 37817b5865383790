/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-op.h"

G_BEGIN_DECLS

/* The attributes of the operators that the session runs itself, because their bodies are frames one can step into. */

typedef struct { OxGraph *then_branch, *else_branch; } OxIfAttrs;
typedef struct { OxGraph *body; } OxLoopAttrs;      /* and of SequenceMap */

/* Scan: since 8 with a batch axis and one axis of sequence, from 9 on with axes of its own. */
typedef struct
{
  OxGraph *body;
  gint64   num_scan_inputs;
  OxInts   directions;                              /* Scan-8 */
  OxInts   scan_input_axes, scan_input_directions;
  OxInts   scan_output_axes, scan_output_directions;
} OxScanAttrs;

G_END_DECLS
