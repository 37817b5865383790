/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-reference.h"
#include "tensor/ox-statistics.h"

G_BEGIN_DECLS

/* How far a value may be from its reference: |found - expected| <= atol + rtol * |expected|, for all elements but a share
 * of them, which may be as far off as reach. */
typedef struct
{
  double rtol, atol;
  double share, reach;
} OxTolerance;

typedef enum
{
  OX_VERDICT_SAME,      /* within its tolerance */
  OX_VERDICT_INHERITED, /* outside in the run, but within when the node is given the reference's inputs */
  OX_VERDICT_RANDOM,    /* drawn from another generator */
  OX_VERDICT_DIFFERS,   /* the node itself makes the difference */
} OxVerdict;

/* One value that a node makes. */
typedef struct
{
  const OxNode *node;
  guint        output;
  guint64      frame;        /* its id; 0: main */
  GRefString  *where;        /* "Loop 'decode' iteration 3"; NULL: main */
  OxVerdict    verdict;
  gboolean     has_through, has_own;
  gboolean     bits;         /* all bits had to be equal, and are not */
  OxDifference through;      /* of the model's run */
  OxDifference own;          /* of the node alone, with the inputs of the reference */
  OxTolerance  tolerance;    /* that own was judged by; or through, if there is no own */
  OxDecades   *decades;      /* of through, or of own where the run did not come so far; NULL: not asked for, or equal */
  char        *text;         /* what differs besides numbers: types, shapes, a failure; or NULL */
  OxValue     *expected;     /* until both runs have been here */
  double       scale;        /* of expected; NAN: not looked at */
  gboolean     same;         /* the run's own has the bits of expected */
} OxComparedValue;

/* Runs a model node by node beside a reference and looks at every value when it is made; keeps numbers, not values. Two
 * runs go side by side: the model's own, where differences add up, and one where every node is given the inputs of the
 * reference, which tells whose differences they are. */
typedef struct _OxComparison OxComparison;

/* @session is fed and at its start, without keep_all; @reference (transfer full). */
OxComparison *ox_comparison_new       (OxSession *session, OxReference *reference);
void          ox_comparison_free      (OxComparison *self);
/* For all values, instead of the defaults for their types; NAN keeps one of them. */
void          ox_comparison_set_tolerance (OxComparison *self, double rtol, double atol);
/* "WHAT=rtol,atol": WHAT is a pattern of names (* and ?), "type:f16" or "op:Softmax"; the last rule that fits counts. */
gboolean      ox_comparison_add_rule  (OxComparison *self, const char *text, GError **error);
/* A rule a line; empty lines and what follows a # at the begin of a line do not count. */
gboolean      ox_comparison_add_rules_from (OxComparison *self, const char *path, GError **error);
/* FALSE: the model's own run only, which costs little beside it. A value that is outside then differs if nothing it was
 * computed from is outside, else it is inherited; what a node adds to what it inherits is not seen. */
void          ox_comparison_set_isolated (OxComparison *self, gboolean isolated);
/* Of values that are well within the defaults only unequal and max_abs are found out, which is quick; their other numbers
 * are NAN. */
void          ox_comparison_set_brief (OxComparison *self, gboolean brief);
/* Count differences by size, for values that differ at all. */
void          ox_comparison_set_histograms (OxComparison *self, gboolean histograms);
/* Called with what the model's own run makes, as by a session, and after each of its turns; either may be NULL. */
void          ox_comparison_follow    (OxComparison *self, OxSessionTap tap, void (*turn) (const OxTurn *turn, gpointer data),
                                       gpointer data);
/* FALSE with @error when the reference could not be read, when the model cannot be run before anything was found to differ,
 * or when it was cancelled; what was compared until then stays. */
gboolean      ox_comparison_run       (OxComparison *self, GCancellable *cancellable, GError **error);

/* OxComparedValue*, in the order of execution. (transfer none) */
GPtrArray    *ox_comparison_values    (OxComparison *self);
/* The first value that differs by its own node's doing; NULL if there is none. */
const OxComparedValue *ox_comparison_first (OxComparison *self);
/* The nodes that make this value from the last values that the reference has, itself included, in order: several where
 * the reference lacks what is between, as a model in which they are fused. OxNode* (transfer container) */
GPtrArray    *ox_comparison_region    (OxComparison *self, const OxComparedValue *value);
/* Values that nodes made and the reference does not have. */
guint         ox_comparison_missing   (OxComparison *self);
OxReference  *ox_comparison_reference (OxComparison *self);
/* Sentences about what could not be compared. (transfer none) array of char* */
GPtrArray    *ox_comparison_remarks   (OxComparison *self);
/* Whether @found, which an output of @node is after all that was run before it, is @expected within the defaults for its
 * type; @text (transfer full) says how not. */
gboolean      ox_comparison_agree     (const OxNode *node, const OxValue *found, const OxValue *expected, char **text);
/* One line about a value. (transfer full) */
char         *ox_compared_value_describe (const OxComparedValue *value);
/* All that is known of it, in lines. (transfer full) */
char         *ox_compared_value_detail (const OxComparedValue *value);
/* Lines about the nodes between the last values that agree and this one, on both sides. (transfer full) */
char         *ox_comparison_describe_region (OxComparison *self, const OxComparedValue *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxComparison, ox_comparison_free)

G_END_DECLS
