/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Told by long work, in its own thread: how much of it is done, 0 to 1, and what it is at. */
typedef void (*OxProgress) (double fraction, const char *doing, gpointer data);

G_END_DECLS
