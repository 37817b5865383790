/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* XXH64 of @size bytes: fast, and no secret is safe with it. */
guint64 ox_hash64 (const void *data, gsize size, guint64 seed);

G_END_DECLS
