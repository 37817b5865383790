/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sizes that come from a file are multiplied and added here, and memory for them is asked for here. */

gboolean ox_size_mul      (gsize a, gsize b, gsize *result);
gboolean ox_size_add      (gsize a, gsize b, gsize *result);

/* The product of @n dimensions, 1 for none. FALSE when one is negative or the product passes 2^56, so that strides in bytes fit too. */
gboolean ox_dims_count    (const gint64 *dims, int n, gint64 *count);

/* The largest single block ox_alloc() gives; 0 restores the default (the machine's memory). */
void     ox_memory_set_limit (gsize bytes);
gsize    ox_memory_get_limit (void);

/* @bytes of 64-byte aligned memory, not cleared, or NULL with OX_ERROR_MEMORY. Free with ox_free(). To clear, and to copy,
 * much of it takes long enough that who works may be told to stop (ox-parallel.h): the first then fails, the others return. */
gpointer ox_alloc         (gsize bytes, GError **error);
gpointer ox_alloc0        (gsize bytes, GError **error);
void     ox_copy          (gpointer to, gconstpointer from, gsize bytes);
void     ox_clear         (gpointer data, gsize bytes);
void     ox_free          (gpointer data);

G_END_DECLS
