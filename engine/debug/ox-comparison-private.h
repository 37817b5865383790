/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-comparison.h"

G_BEGIN_DECLS

typedef struct
{
  char   *pattern;     /* of names, or an operator */
  gboolean op;
  OxDtype dtype;       /* or this type; OX_UNDEFINED: none */
  double  rtol, atol;
} OxRule;

/* What lies between a value and the values of the reference that it was computed from. */
typedef enum
{
  OX_REGION_EXACT,     /* one node, that the same engine ran for the reference */
  OX_REGION_NODE,      /* one node */
  OX_REGION_ROUNDED,   /* one node, whose inputs were rounded to the model's types */
  OX_REGION_NODES,     /* several, or a body */
} OxRegion;

struct _OxComparison
{
  OxSession   *through, *alone;  /* alone: while it runs; NULL if it is not isolated */
  OxReference *reference;
  double       rtol, atol;       /* NAN: the defaults */
  GArray      *rules;            /* OxRule */
  GPtrArray   *values;           /* OxComparedValue */
  GHashTable  *by_place;         /* key of frame, node and output -> OxComparedValue; until both runs were there */
  GHashTable  *distance;         /* key of frame and slot -> nodes since the reference, of the run alone */
  GArray      *replacements;     /* what to put into a frame after the turn */
  GHashTable  *absent;           /* set of OxSlot*: made by nodes, and not in the reference */
  gboolean     histograms, isolated, brief;
  /* The last node of the run, which the one alone need not run again when it is given the same. */
  OxNode      *last, *last_caller;
  guint64      last_frame;
  GPtrArray   *last_inputs, *last_outputs;   /* OxValue or NULL */
  gboolean     shared;           /* it did not, so its outputs are those of the run */
  GRefString  *label;            /* of the frame looked at last */
  guint64      labelled;
  GPtrArray   *remarks;
  OxSessionTap follow_tap;
  void       (*follow_turn) (const OxTurn *turn, gpointer data);
  gpointer     follow_data;
  guint        missing;
  GError      *failure;          /* of the reference */
};

/* ---- ox-comparison-judge.c ---- */
/* What this output of a node is to be within. */
typedef struct
{
  const OxNode *node;
  guint         output;
  OxRegion      region;
  gboolean      types;       /* types count, too */
} OxDemand;

/* Fills @difference, *@tolerance and *@text as ox_comparison_judge(), which it is, within the tolerance for @demand. *@scale: of
 * @expected, NAN when it is not known yet. *@asked: whether somebody asked for the tolerance, or it is the default. @same: they have the same
 * bits; then @difference may be full already, else it is empty. */
gboolean    ox_comparison_measure   (OxComparison *self, const OxDemand *demand, const OxValue *found, const OxValue *expected,
                                     gboolean same, double *scale, OxTolerance *tolerance, gboolean *asked,
                                     OxDifference *difference, char **text);
/* Fills @difference, and *@text with what differs besides numbers. TRUE if the value is within the tolerance. */
gboolean    ox_comparison_judge     (const OxValue *found, const OxValue *expected, const OxTolerance *tolerance,
                                     gboolean types_count, OxDifference *difference, char **text);
/* Whether a difference is no more than what the node answers when the last bits of its inputs change: what rounding does to
 * sums that cancel, and to what is steep. Called from a tap of @session. */
gboolean    ox_comparison_is_rounding (OxSession *session, OxFrame *frame, OxNode *node, guint output, const OxValue *found,
                                       OxRegion region, const OxDifference *difference);
/* Whether they are the same to the bit; of tensors only. */
gboolean    ox_comparison_same_bits   (const OxValue *found, const OxValue *expected);

/* ---- ox-comparison-rules.c ---- */
void        ox_rule_clear             (gpointer rule);
gboolean    ox_rule_fits              (const OxRule *rule, const OxNode *node, guint output, const OxValue *expected);

G_END_DECLS
