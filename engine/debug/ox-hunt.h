/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-genealogy.h"

G_BEGIN_DECLS

typedef enum
{
  OX_HUNT_INF,
  OX_HUNT_NAN,
  OX_HUNT_OVERFLOW16,     /* beyond 65504, the largest number of 16 bits; infinite ones too */
  OX_N_HUNTS,
} OxHuntKind;

/* The first value of a kind that a node of a run made. */
typedef struct
{
  OxHuntKind    kind;
  OxNode       *node;
  guint         output;
  guint64       frame;        /* its id; 0: main */
  char         *where;        /* the frame, NULL: main */
  char         *shape;        /* "f32 1x64x224x224" */
  gint64        count, of;    /* how many elements are of the kind */
  gint64        element;      /* the first of them */
  char         *index;
  double        value;
  gboolean      intended;     /* carried on from a constant, as masks with -Inf are */
  GPtrArray    *generations;  /* OxGeneration*: how the first element came to be */
} OxFinding;

typedef struct _OxHunt OxHunt;

/* "inf", "nan", "overflow16"; "?" for what is none. */
const char      *ox_hunt_name   (OxHuntKind kind);

/* @session is fed and at its start. @kinds: one bit each, 1 << OX_HUNT_INF. */
OxHunt          *ox_hunt_new    (OxSession *session, guint kinds);
void             ox_hunt_free   (OxHunt *self);
/* Runs until everything that is hunted was found, then looks where it comes from, which may take @seconds for each. FALSE
 * when the run cannot go on; what was found until then stays. */
gboolean         ox_hunt_run    (OxHunt *self, double seconds, GCancellable *cancellable, GError **error);
/* NULL: there is none. */
const OxFinding *ox_hunt_first  (OxHunt *self, OxHuntKind kind);
/* The first that is not there on purpose. */
const OxFinding *ox_hunt_first_unintended (OxHunt *self, OxHuntKind kind);
/* Lines about a finding and its genealogy. (transfer full) */
char            *ox_finding_describe (const OxFinding *finding);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxHunt, ox_hunt_free)

G_END_DECLS
