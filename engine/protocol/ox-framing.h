/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define OX_FRAMING_MOST (1u << 20)   /* bytes of one message */

/* Cuts a stream of bytes into messages: one a line, or each behind a header "Content-Length: N" as in the Debug Adapter
 * Protocol. The first bytes decide. */
typedef struct _OxFraming OxFraming;

OxFraming *ox_framing_new   (void);
void       ox_framing_free  (OxFraming *self);
void       ox_framing_push  (OxFraming *self, const void *bytes, gsize length);
/* The next message (transfer full), not terminated by itself but followed by a zero; NULL: not all of it is there. NULL with
 * @error for one that cannot be read, which is passed over: ask again. */
char      *ox_framing_pop   (OxFraming *self, gsize *length, GError **error);
/* @text as it goes to the other side. */
GBytes    *ox_framing_wrap  (const OxFraming *self, const char *text, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxFraming, ox_framing_free)

G_END_DECLS
