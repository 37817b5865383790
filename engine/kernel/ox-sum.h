/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <math.h>

/* A sum that carries along what its additions have rounded away (Neumaier), so that doubles too add up whatever their
 * number. Starts as { 0 }. */
typedef struct { double sum, lost; } OxSum;

static inline void
ox_sum_add (OxSum *acc, double x)
{
  double next = acc->sum + x;

  acc->lost += fabs (acc->sum) >= fabs (x) ? acc->sum - next + x : x - next + acc->sum;
  acc->sum = next;
}

/* Once the sum is infinite what was lost says nothing any more. */
static inline double
ox_sum_get (const OxSum *acc)
{
  return isfinite (acc->sum) ? acc->sum + acc->lost : acc->sum;
}
