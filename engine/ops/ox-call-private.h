/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-call.h"
#include "ops/ox-op.h"

G_BEGIN_DECLS

typedef struct
{
  OxValue  *value;       /* (not owned) NULL: omitted, or not known while inferring */
  OxTensor *usable;      /* aligned and unpacked, while running */
  gboolean  there;
  OxFact    fact;
  GPtrArray *copies;     /* OxTensor*: dense and converted ones that were asked for */
  OxDim    *ints;        /* the elements as ox_call_ints() gave them */
  int       n_ints;
  gint64   *numbers;
} OxCallIn;

typedef struct
{
  gboolean  wanted;
  OxFact    fact;
  OxDim    *ints;
  OxTensor *tensor;
  OxValue  *value;
} OxCallOut;

struct _OxCallPrivate
{
  OxCallIn  *in;         /* [n_in] */
  OxCallOut *out;        /* [n_slots] */
  int        n_slots;    /* the outputs of the node and those the row may have beyond */
  GPtrArray *scratch;
  guint64    seed;
  GCancellable *cancellable;
  gpointer   own_state;
  GDestroyNotify own_destroy;
  gpointer  *state;
  GDestroyNotify *state_destroy;
};

/* An output of the node, or what the row has beyond; NULL for none. */
OxCallOut *ox_call_slot (OxCall *call, int o);

G_END_DECLS
