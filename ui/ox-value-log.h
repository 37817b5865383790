/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "debug/ox-debugger.h"
#include "tensor/ox-statistics.h"

G_BEGIN_DECLS

#define OX_TYPE_VALUE_ITEM (ox_value_item_get_type ())
G_DECLARE_FINAL_TYPE (OxValueItem, ox_value_item, OX, VALUE_ITEM, GObject)

#define OX_VALUE_FORGOTTEN G_MAXUINT

/* An output of a node that has run, as it was when the debugger last stopped. Read only; "notify::type" says that more of
 * it is known. */
struct _OxValueItem
{
  GObject      parent_instance;

  OxNode      *node;
  OxGraph     *graph;
  int          slot;
  guint64      time;         /* the turn that wrote it */
  char        *type;         /* NULL: not looked at yet */
  OxStatistics statistics;
  gboolean     numeric;      /* @statistics hold numbers */
  guint64      bytes;
  guint        version;      /* of the value: grows when it is written again, OX_VALUE_FORGOTTEN when it was taken back */
  gboolean     queued;       /* to be looked at, or being looked at */
};

/* How many of its elements are NaN or infinite. */
gint64      ox_value_item_bad     (const OxValueItem *item);

#define OX_TYPE_VALUE_LOG (ox_value_log_get_type ())
G_DECLARE_FINAL_TYPE (OxValueLog, ox_value_log, OX, VALUE_LOG, GObject)

/* What the values of this run look like. Whenever the debugger stops, the values that were written are looked through on a
 * worker, a few at a time; a move that starts meanwhile goes first. Values that were dropped from the trace are not computed
 * again. Signals: "noted" (OxNode *, guint64), when it turned out that a node made NaN or infinity in this turn, or no longer
 * so; "changed" after some of them. */
OxValueLog *ox_value_log_new      (OxDebugger *debugger);
/* Of OxValueItem, in the order of their first writing. (transfer none) */
GListModel *ox_value_log_values   (OxValueLog *self);
/* How many NaN and infinities are in what @node made last; @time: only if it was in this turn, or G_MAXUINT64. */
gint64      ox_value_log_bad      (OxValueLog *self, const OxNode *node, guint64 time);

G_END_DECLS
