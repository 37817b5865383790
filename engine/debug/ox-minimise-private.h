/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-hunt.h"
#include "debug/ox-minimise.h"

G_BEGIN_DECLS

typedef enum
{
  OX_STILL_NOTHING,
  OX_STILL_DIFFERS,
  OX_STILL_MAKES,
  OX_STILL_FAILS,
  OX_STILL_ASKS,
} OxStill;

/* How a value differs. */
typedef enum
{
  OX_DIFFERS_NUMBERS,
  OX_DIFFERS_BITS,
  OX_DIFFERS_TYPE,       /* or shape */
  OX_DIFFERS_FAILURE,    /* the node cannot run */
  OX_DIFFERS_ADDS_UP,    /* no node by itself */
} OxDiffers;

struct _OxMinimise
{
  OxSession        *session;
  guint64           seed;
  guint             limit, tried, taken;
  gboolean          stopped;
  GPtrArray        *notes;

  OxStill           still;
  OxMinimiseRefer   refer;
  OxMinimisePrepare prepare;
  OxMinimiseTest    test;
  gpointer          data;
  gboolean          live;        /* other values can be tried */
  guint             kinds;

  /* What it began with. */
  OxDiffers         differs;
  OxHuntKind        kind;
  char             *op_type;     /* of the node to blame; NULL: there is none */
  int               code;        /* FAILS */
  char             *message;     /* FAILS: without numbers */
  GHashTable       *recorded;    /* name -> OxValue: what the reference has, where only the run can be asked for */

  OxCase           *best;
  GPtrArray        *expected;
};

/* Where to begin. */
typedef struct
{
  OxGraph   *graph;
  GPtrArray *nodes;       /* OxNode* of it; empty: the whole model */
  guint64    frame;       /* in which they ran */
  char      *where;       /* NULL: main */
  GHashTable *targets;    /* names: outputs that show it; NULL: all */
} OxMinimiseStart;

/* ---- ox-minimise-still.c ---- */
gboolean ox_minimise_find_start  (OxMinimise *self, OxMinimiseStart *start, GCancellable *cancellable, GError **error);
void     ox_minimise_start_clear (OxMinimiseStart *start);
/* The reference of a session; what was recorded, where only the whole run can be asked for. (transfer full) */
OxReference *ox_minimise_refer   (OxMinimise *self, OxSession *session, GError **error);
/* Whether the case shows it. */
gboolean ox_minimise_is_still    (OxMinimise *self, const OxCase *candidate, GCancellable *cancellable);

/* ---- ox-minimise-record.c ---- */
/* Runs @session with the reference's values in the place of its own (@reference NULL: its own), until node @last of the frame
 * has run. @values takes those of the frame's @names (NULL: all) that nodes read, @expected those that the reference has for what is
 * made in the frame. FALSE when there is no such frame; a node that fails is not an error. */
gboolean ox_minimise_record      (OxSession *session, OxReference *reference, guint64 frame_id, const GPtrArray *names, guint last,
                                  GHashTable *values, GHashTable *expected, OxFrame **frame, GCancellable *cancellable,
                                  GError **error);
GHashTable *ox_minimise_values_new (void);

/* ---- ox-minimise.c ---- */
/* Takes @candidate (may be NULL) for the best if it shows it. */
gboolean ox_minimise_try         (OxMinimise *self, OxCase *candidate, GCancellable *cancellable);
gboolean ox_minimise_may_go_on   (OxMinimise *self, GCancellable *cancellable);
void     ox_minimise_note        (OxMinimise *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* ---- ox-minimise-shrink.c ---- */
void     ox_minimise_shrink      (OxMinimise *self, GCancellable *cancellable);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OxMinimiseStart, ox_minimise_start_clear)

G_END_DECLS
