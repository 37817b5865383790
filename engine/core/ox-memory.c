/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/ox-error.h"
#include "core/ox-parallel.h"

/* Blocks from here on come from the system each time, and are best made of huge pages; smaller ones are used again. */
#define LARGE ((gsize) 32 << 20)
#define HUGE_PAGE ((gsize) 2 << 20)
/* Bytes between two looks at whether to stop. */
#define CHUNK ((gsize) 1 << 22)

static gsize limit;

gboolean
ox_size_mul (gsize a, gsize b, gsize *result)
{
  return g_size_checked_mul (result, a, b);
}

gboolean
ox_size_add (gsize a, gsize b, gsize *result)
{
  return g_size_checked_add (result, a, b);
}

gboolean
ox_dims_count (const gint64 *dims, int n, gint64 *count)
{
  gint64 product = 1;
  gboolean zero = FALSE;

  for (int i = 0; i < n; i++)
    {
      if (dims[i] < 0)
        return FALSE;
      if (dims[i] == 0)
        zero = TRUE;
      else if (product > (G_GINT64_CONSTANT (1) << 56) / dims[i])
        return FALSE;
      else
        product *= dims[i];
    }
  *count = zero ? 0 : product;
  return TRUE;
}

void
ox_memory_set_limit (gsize bytes)
{
  limit = bytes;
}

gsize
ox_memory_get_limit (void)
{
  if (limit == 0)
    {
      long pages = sysconf (_SC_PHYS_PAGES), size = sysconf (_SC_PAGESIZE);

      limit = pages > 0 && size > 0 ? (gsize) pages * (gsize) size : G_MAXSSIZE;
    }
  return limit;
}

gpointer
ox_alloc (gsize bytes, GError **error)
{
  gpointer data;
  const gsize alignment = bytes < LARGE ? 64 : HUGE_PAGE;
  gsize rounded = MAX (bytes, 1);

  if (bytes > ox_memory_get_limit () || !ox_size_add (rounded, alignment - 1, &rounded))
    {
      ox_fail (error, OX_ERROR_MEMORY, "%" G_GSIZE_FORMAT " bytes are needed, the limit is %" G_GSIZE_FORMAT,
               bytes, ox_memory_get_limit ());
      return NULL;
    }
  data = aligned_alloc (alignment, rounded & ~(alignment - 1));
#ifdef MADV_HUGEPAGE
  /* To touch and to give back a gigabyte takes a tenth of the time; where there are no huge pages it stays as it is. */
  if (data != NULL && bytes >= LARGE)
    madvise (data, bytes & ~(HUGE_PAGE - 1), MADV_HUGEPAGE);
#endif
  if (data == NULL)
    ox_fail (error, OX_ERROR_MEMORY, "%" G_GSIZE_FORMAT " bytes could not be allocated", bytes);
  return data;
}

gpointer
ox_alloc0 (gsize bytes, GError **error)
{
  gpointer data = ox_alloc (bytes, error);

  /* The first touch of a page is the dear one, so that gigabytes take a while. */
  for (gsize at = 0; data != NULL && at < bytes; at += CHUNK)
    if (at == 0 || ox_parallel_check (error))
      memset ((guint8 *) data + at, 0, MIN (CHUNK, bytes - at));
    else
      {
        free (data);
        return NULL;
      }
  return data;
}

void
ox_copy (gpointer to, gconstpointer from, gsize bytes)
{
  for (gsize at = 0; at < bytes && (at == 0 || !ox_parallel_stopped ()); at += CHUNK)
    memcpy ((guint8 *) to + at, (const guint8 *) from + at, MIN (CHUNK, bytes - at));
}

void
ox_clear (gpointer data, gsize bytes)
{
  for (gsize at = 0; at < bytes && (at == 0 || !ox_parallel_stopped ()); at += CHUNK)
    memset ((guint8 *) data + at, 0, MIN (CHUNK, bytes - at));
}

void
ox_free (gpointer data)
{
  free (data);
}
