/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-hash.h"

#include <string.h>

/* The five odd numbers of XXH64. */
#define P1 G_GUINT64_CONSTANT (0x9E3779B185EBCA87)
#define P2 G_GUINT64_CONSTANT (0xC2B2AE3D27D4EB4F)
#define P3 G_GUINT64_CONSTANT (0x165667B19E3779F9)
#define P4 G_GUINT64_CONSTANT (0x85EBCA77C2B2AE63)
#define P5 G_GUINT64_CONSTANT (0x27D4EB2F165667C5)

static inline guint64
turn (guint64 x, int by)
{
  return x << by | x >> (64 - by);
}

static inline guint64
word64 (const guint8 *at)
{
  guint64 x;

  memcpy (&x, at, 8);
  return GUINT64_FROM_LE (x);
}

static inline guint32
word32 (const guint8 *at)
{
  guint32 x;

  memcpy (&x, at, 4);
  return GUINT32_FROM_LE (x);
}

static inline guint64
mix (guint64 lane, guint64 word)
{
  return turn (lane + word * P2, 31) * P1;
}

guint64
ox_hash64 (const void *data, gsize size, guint64 seed)
{
  const guint8 *at = data;
  gsize left = size;
  guint64 hash = seed + P5;

  if (size >= 32)
    {
      guint64 lanes[4] = { seed + P1 + P2, seed + P2, seed, seed - P1 };

      for (; left >= 32; at += 32, left -= 32)
        for (int i = 0; i < 4; i++)
          lanes[i] = mix (lanes[i], word64 (at + 8 * i));
      hash = turn (lanes[0], 1) + turn (lanes[1], 7) + turn (lanes[2], 12) + turn (lanes[3], 18);
      for (int i = 0; i < 4; i++)
        hash = (hash ^ mix (0, lanes[i])) * P1 + P4;
    }
  hash += size;
  for (; left >= 8; at += 8, left -= 8)
    hash = turn (hash ^ mix (0, word64 (at)), 27) * P1 + P4;
  if (left >= 4)
    {
      hash = turn (hash ^ word32 (at) * P1, 23) * P2 + P3;
      at += 4;
      left -= 4;
    }
  for (; left > 0; at++, left--)
    hash = turn (hash ^ *at * P5, 11) * P1;
  hash = (hash ^ hash >> 33) * P2;
  hash = (hash ^ hash >> 29) * P3;
  return hash ^ hash >> 32;
}
