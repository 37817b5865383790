/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-comparison.h"

G_BEGIN_DECLS

typedef struct
{
  char  *pattern;
  double rtol, atol;
} OxRule;

/* What lies between a value and the values of the reference that it was computed from. */
typedef enum
{
  OX_REGION_EXACT,     /* one node, that the same engine ran for the reference */
  OX_REGION_NODE,      /* one node */
  OX_REGION_NODES,     /* several, or a body */
} OxRegion;

struct _OxComparison
{
  OxSession   *through, *alone;
  OxReference *reference;
  double       rtol, atol;       /* NAN: the defaults */
  GArray      *rules;            /* OxRule */
  GPtrArray   *values;           /* OxComparedValue */
  GHashTable  *by_place;         /* key of frame, node and output -> OxComparedValue; until both runs were there */
  GHashTable  *distance;         /* key of frame and slot -> nodes since the reference, of the run alone */
  GArray      *replacements;     /* what to put into a frame after the turn */
  GPtrArray   *remarks;
  guint        missing;
  GError      *failure;          /* of the reference */
};

/* ---- ox-comparison-judge.c ---- */
/* *@asked: whether somebody asked for it, or it is the default. */
OxTolerance ox_comparison_tolerance (OxComparison *self, const OxNode *node, guint output, const OxValue *expected,
                                     OxRegion region, gboolean *asked);
/* Fills @difference, and *@text with what differs besides numbers. TRUE if the value is within the tolerance. */
gboolean    ox_comparison_judge     (const OxValue *found, const OxValue *expected, const OxTolerance *tolerance,
                                     gboolean types_count, OxDifference *difference, char **text);
/* Whether a difference is no more than what the node answers when the last bits of its inputs change: what rounding does to
 * sums that cancel, and to what is steep. Called from a tap of @session. */
gboolean    ox_comparison_is_rounding (OxSession *session, OxFrame *frame, OxNode *node, guint output, const OxValue *found,
                                       const OxDifference *difference);

G_END_DECLS
