/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sorts @n items of @size bytes, equal ones stay in their order; @room has space for as many. FALSE when it was stopped
 * (ox-parallel.h): the items are then in any order, some of them perhaps twice. */
gboolean ox_sort (gpointer items, gpointer room, gint64 n, gsize size, GCompareDataFunc compare, gpointer data);

G_END_DECLS
