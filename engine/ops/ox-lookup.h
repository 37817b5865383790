/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-move.h"

G_BEGIN_DECLS

/* A list of keys or values, whatever attribute it comes from. */
typedef struct
{
  OxDtype dtype;   /* UNDEFINED: there is none */
  gint64 n;
  const OxStrings *strings;
  const OxInts *ints;
  const OxFloats *floats;
  const OxTensor *tensor;
} OxList;

/* From key to its position; of equal keys the first counts. */
typedef struct _OxLookup OxLookup;

/* The first of them that is set; @floats and @value may be NULL. */
OxList  ox_list_of     (const OxStrings *strings, const OxInts *ints, const OxFloats *floats, const OxValue *value);
/* Element @i of @list into element @at of @out, which is of its type. */
void    ox_list_copy   (const OxList *list, gint64 i, OxTensor *out, gint64 at);

/* Made at the first run and kept by the node. */
const OxLookup *ox_lookup_get (OxCall *call, const OxList *keys);
/* The position of element @i of @x, which is of the keys' type, among the keys; -1 if it is none of them. */
gint64  ox_lookup_find (const OxLookup *lookup, const OxTensor *x, gint64 i);

G_END_DECLS
