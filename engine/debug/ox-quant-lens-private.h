/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-quant-lens.h"

G_BEGIN_DECLS

struct _OxQuantLens
{
  OxSession    *session, *reference;   /* the latter may be NULL */
  GPtrArray    *sites;                 /* OxQuantSite */
  GHashTable   *by_slot;               /* OxSlot* of the codes -> OxQuantSite*, NULL for what is none */
  GHashTable   *expected;              /* name -> OxValue of the reference, or NULL until it ran */
  OxProgress    progress;
  gpointer      progress_data;
};

/* What a node says of one quantised tensor. */
typedef struct
{
  const OxSlot   *slot;                /* of the codes */
  const OxTensor *codes, *scale, *zero, *real;
  gint64          axis, block;
  OxCodes         range;
  OxQuantKind     kind;
  const char     *real_name;           /* of the numbers before; or NULL */
  GPtrArray      *owned;               /* tensors made for it */
} OxQuantView;

/* ---- ox-quant-roles.c ---- */
/* Calls @func for what is quantised at a node that has just run; the view is gone afterwards. */
void ox_quant_view_node  (OxFrame *frame, const OxNode *node, OxValue *const *outputs,
                          void (*func) (const OxQuantView *view, gpointer data), gpointer data);
/* Adds the names under which the reference may have what the node quantises. */
void ox_quant_add_names  (const OxNode *node, GHashTable *names);
/* The name without what quantisers put behind it. (transfer full) NULL: there is nothing like that. */
char *ox_quant_plain_name (const char *name);

G_END_DECLS
