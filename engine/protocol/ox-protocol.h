/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-console.h"
#include "protocol/ox-arguments.h"

G_BEGIN_DECLS

/* The debugger by messages, in the manner of the Debug Adapter Protocol: requests in, responses and events out; docs/protocol.md
 * has them all. It reads and writes nothing itself. All calls are on the main thread, whose main loop has to run: moves, and
 * what has to be computed to be looked at, are on a worker. */
typedef struct _OxProtocol OxProtocol;

/* What the program around it does. */
typedef struct
{
  /* One message for the other side. */
  void        (*send)   (const char *text, gsize length, gpointer data);
  /* The debugger that "launch" asks for, with its inputs. Lines for people are appended to @said. (transfer full) */
  OxDebugger *(*launch) (JsonObject *arguments, GString *said, gpointer data, GError **error);
  OxConsoleLoad load;     /* see ox_console_new() */
  gpointer      data;
} OxProtocolHost;

OxProtocol *ox_protocol_new     (const OxProtocolHost *host);
/* Only when it is over, or nothing was asked of it yet. */
void        ox_protocol_free    (OxProtocol *self);
/* One message; never fails: what cannot be done is answered so. */
void        ox_protocol_take    (OxProtocol *self, const char *text, gsize length);
/* One that could not be read. */
void        ox_protocol_refuse  (OxProtocol *self, const GError *error);
/* Nobody listens any more: what runs is interrupted, what waits is dropped. */
void        ox_protocol_end     (OxProtocol *self);
/* It has ended, or the other side has said so, and nothing runs. */
gboolean    ox_protocol_is_over (OxProtocol *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxProtocol, ox_protocol_free)

G_END_DECLS
