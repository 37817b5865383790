/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-progress.h"
#include "debug/ox-quant-site.h"
#include "session/ox-session.h"

G_BEGIN_DECLS

typedef enum
{
  OX_QUANT_MADE,        /* a node makes codes of numbers */
  OX_QUANT_CODES,       /* a node makes codes of codes, or they are the model's input */
  OX_QUANT_WEIGHT,
} OxQuantKind;

/* One quantised tensor. */
typedef struct
{
  const OxNode *node;        /* that makes it; of weights and inputs: that reads it first */
  char         *name;        /* of the tensor */
  char         *where;       /* the frame, NULL: main */
  char         *type;        /* "i8 64x3x3x3" */
  OxQuantKind   kind;
  OxCodes       codes;
  OxQuantChannel all;
  GArray       *channels;    /* OxQuantChannel, the worst first; empty when there is one scale */
  gboolean      saturated;   /* CODES: so many at the edge that what is beyond it is missed */
  char         *reference;   /* the value of the reference it was held against, NULL: none */
  OxQuantSums  *sums;
} OxQuantSite;

/* Runs a model and looks at what is quantised in it: QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear, the integer
 * and QLinear operators of the standard and of ONNX Runtime, MatMulNBits, and QONNX' Quant and BipolarQuant. */
typedef struct _OxQuantLens OxQuantLens;

/* @session is fed and at its start. @reference: the model before it was quantised, fed with the same, or NULL; values belong
 * together by name, where quantisers put "_quantized" and the like behind it. */
OxQuantLens *ox_quant_lens_new      (OxSession *session, OxSession *reference);
void         ox_quant_lens_free     (OxQuantLens *self);
void         ox_quant_lens_set_progress (OxQuantLens *self, OxProgress progress, gpointer data);
/* FALSE when a run cannot go on or was cancelled; what was seen until then stays. */
gboolean     ox_quant_lens_run      (OxQuantLens *self, GCancellable *cancellable, GError **error);
/* OxQuantSite*, the worst first: by SQNR, which without the numbers before and without a reference is expected
 * from the codes, or for those that are saturated from how many are. (transfer none) */
GPtrArray   *ox_quant_lens_sites    (OxQuantLens *self);
/* The decibels that a channel, or a tensor, is ordered by; NAN: nothing is known. */
double       ox_quant_channel_rank  (const OxQuantChannel *channel);
double       ox_quant_site_rank     (const OxQuantSite *site);
/* Lines; @rows: how many tensors at most, 0: all, with all their channels. (transfer full) */
char        *ox_quant_lens_describe (OxQuantLens *self, guint rows);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxQuantLens, ox_quant_lens_free)

G_END_DECLS
