/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-op.h"

G_BEGIN_DECLS

/* Gradient names values of the graph it stands in: the session makes the derivative a graph and runs it as a frame. */
typedef struct
{
  OxStrings   xs, zs;
  const char *y;
} OxGradientAttrs;

G_END_DECLS
