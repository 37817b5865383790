/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A message being written: bytes of its own, and bulk that stays where it is until the rope is written out. */
typedef struct _OxRope OxRope;

OxRope  *ox_rope_new       (void);
void     ox_rope_free      (OxRope *rope);
gsize    ox_rope_length    (const OxRope *rope);
void     ox_rope_int       (OxRope *rope, guint field, gint64 value);
void     ox_rope_float     (OxRope *rope, guint field, float value);
void     ox_rope_data      (OxRope *rope, guint field, gconstpointer data, gsize size);
/* Does nothing for NULL; "" is written. */
void     ox_rope_text      (OxRope *rope, guint field, const char *text);
/* The bytes are referenced, not copied. */
void     ox_rope_bytes     (OxRope *rope, guint field, GBytes *bytes);
/* Whole fields as they are; NULL for none. */
void     ox_rope_raw       (OxRope *rope, GBytes *fields);
/* @inner becomes a message field and is freed. */
void     ox_rope_message   (OxRope *rope, guint field, OxRope *inner);

gboolean ox_rope_write     (const OxRope *rope, GOutputStream *stream, GError **error);
GBytes  *ox_rope_to_bytes  (const OxRope *rope);

G_END_DECLS
