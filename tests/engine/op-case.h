/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-op.h"

/* A line of op-lines.h taken apart. */

/* One input as it is written; what belongs to it. */
typedef struct
{
  OxFact   fact;
  OxValue *value;   /* NULL when it has names in it, or is omitted */
  OxDim   *ints;
} OpInput;

typedef struct
{
  const char *line, *expected;
  char        way;           /* the first character of the arrow */
  OxModel    *model;
  OxGraph    *graph;
  const OxOp *op;
  gint64      version;
  void       *attrs;
  GArray     *inputs;        /* OpInput */
  OxDims     *dims;
} OpCase;

/* The value at the start of @text, and what follows it. */
const char *op_read_value  (const char *text, OxDims *dims, OpInput *input);
void        op_input_clear (OpInput *input);

/* Lines that cannot be read end the program. @line must outlive it. */
OpCase     *op_case_new    (const char *line);
void        op_case_free   (OpCase *c);
OxCall     *op_case_call   (OpCase *c, int n_out, OxValue **in, const OxFact *facts, GCancellable *cancellable);
