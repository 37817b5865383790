/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli.h"
#include "debug/ox-debugger.h"

G_BEGIN_DECLS

/* What "debug" was told on the command line: "launch" may say the same. */
typedef struct
{
  const char *model;       /* NULL: "launch" names it */
  gboolean    links, expand;
  gint64      budget;      /* MB; -1: the usual one */
  OxCliFeeds *feeds;
} OxCliDebug;

/* The debugger over a model with its inputs. */
OxDebugger *ox_cli_make_debugger (OxModel *model, OxCliFeeds *feeds, gint64 budget, gboolean expand, GError **error);
/* Speaks the protocol on stdin and stdout, see protocol/ox-protocol.h, until the other side ends it. Returns the exit status. */
int         ox_cli_protocol (const OxCliDebug *given);

G_END_DECLS
