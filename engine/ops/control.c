/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/control.h"

static const OxAttrSpec if_specs[] = { OX_NEED (OxIfAttrs, then_branch, GRAPH), OX_NEED (OxIfAttrs, else_branch, GRAPH) };
static const OxAttrSpec body_specs[] = { OX_NEED (OxLoopAttrs, body, GRAPH) };
static const OxAttrSpec scan8_specs[] = {
  OX_NEED (OxScanAttrs, body, GRAPH),
  OX_NEED (OxScanAttrs, num_scan_inputs, INT),
  OX_ATTR (OxScanAttrs, directions, INTS),
};
static const OxAttrSpec scan_specs[] = {
  OX_NEED (OxScanAttrs, body, GRAPH),
  OX_NEED (OxScanAttrs, num_scan_inputs, INT),
  OX_ATTR (OxScanAttrs, scan_input_axes, INTS),
  OX_ATTR (OxScanAttrs, scan_input_directions, INTS),
  OX_ATTR (OxScanAttrs, scan_output_axes, INTS),
  OX_ATTR (OxScanAttrs, scan_output_directions, INTS),
};

/* What comes out is what the bodies make, so nothing is inferred here. */
static const OxOp control_rows[] = {
  { "If", 1, { 1, 1 }, { 1, -1 }, OX_ATTRS (if_specs, OxIfAttrs), .flow = OX_FLOW_IF, .flags = OX_OP_VALUES },
  { "Loop", 1, { 2, -1 }, { 1, -1 }, OX_ATTRS (body_specs, OxLoopAttrs), .flow = OX_FLOW_LOOP,
    .flags = OX_OP_VALUES | OX_OP_OMITS },
  { "Scan", 8, { 1, -1 }, { 1, -1 }, OX_ATTRS (scan8_specs, OxScanAttrs), .flow = OX_FLOW_SCAN, .flags = OX_OP_OMITS },
  { "Scan", 9, { 1, -1 }, { 1, -1 }, OX_ATTRS (scan_specs, OxScanAttrs), .flow = OX_FLOW_SCAN },
  { "SequenceMap", 17, { 1, -1 }, { 1, -1 }, OX_ATTRS (body_specs, OxLoopAttrs), .flow = OX_FLOW_SEQUENCE_MAP,
    .flags = OX_OP_VALUES },
};

OX_FAMILY (control, "ai.onnx", control_rows);
