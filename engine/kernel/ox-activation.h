/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/ox-error.h"
#include "tensor/ox-tensor.h"

G_BEGIN_DECLS

/* The activation that a fused operator names in an attribute. */
typedef struct
{
  int    kind;
  double a, b;
} OxActivation;

/* "Relu", "LeakyRelu", … with up to two numbers, the operator's own defaults where @n is less; NULL and "": none.
 * Errors: OX_ERROR_VALUE. */
gboolean ox_activation_read  (OxActivation *activation, const char *name, int n, const double *numbers, GError **error);
/* In place, on a contiguous tensor of a float type. */
void     ox_activation_apply (const OxActivation *activation, OxTensor *tensor);

G_END_DECLS
