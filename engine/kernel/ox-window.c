/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "kernel/ox-window.h"

#include <string.h>

#include "core/ox-parallel.h"

void
ox_window_span (const OxWindow *window, int axis, gint64 k, gint64 *first, gint64 *last)
{
  gint64 stride = window->stride[axis], at = k * window->dilation[axis] - window->begin[axis];

  *first = at >= 0 ? 0 : (-at + stride - 1) / stride;
  *last = window->in[axis] > at ? (window->in[axis] - at + stride - 1) / stride : 0;
  *first = MIN (*first, window->out[axis]);
  *last = CLAMP (*last, *first, window->out[axis]);
}

gboolean
ox_window_is_point (const OxWindow *window)
{
  for (int d = 0; d < window->n; d++)
    if (window->kernel[d] != 1 || window->stride[d] != 1 || window->begin[d] != 0 || window->in[d] != window->out[d])
      return FALSE;
  return TRUE;
}

/* The taps of a window one after the other: their index along every axis. */
static void
tap_split (const OxWindow *window, gint64 tap, gint64 *k)
{
  for (int d = window->n - 1; d >= 0; d--)
    {
      k[d] = tap % window->kernel[d];
      tap /= window->kernel[d];
    }
}

/* Where the outputs of one row (all axes but the last; number @row) begin in the image for tap @k; -1: in the padding.
 * The last axis is left out. */
static gint64
row_start (const OxWindow *window, gint64 row, const gint64 *k)
{
  gint64 start = 0, scale = window->in[window->n - 1];

  for (int d = window->n - 2; d >= 0; d--)
    {
      gint64 at = row % window->out[d] * window->stride[d] - window->begin[d] + k[d] * window->dilation[d];

      if (at < 0 || at >= window->in[d])
        return -1;
      row /= window->out[d];
      start += at * scale;
      scale *= window->in[d];
    }
  return start;
}

/* Elements of any type are moved as words of their size. */
typedef guint8 __attribute__ ((may_alias)) Word8;
typedef guint32 __attribute__ ((may_alias)) Word32;
typedef guint64 __attribute__ ((may_alias)) Word64;

#define DEFINE_UNROLL(T, name)                                                                                       \
  static void name (const OxWindow *window, const T *image, gint64 channels, gint64 from, gint64 count, T pad,       \
                    T *columns)                                                                                      \
  {                                                                                                                  \
    int axis = window->n - 1;                                                                                        \
    gint64 width = window->out[axis], stride = window->stride[axis];                                                 \
                                                                                                                     \
    for (gint64 c = 0; c < channels && !ox_turn (); c++, image += window->in_count)                                  \
      for (gint64 tap = 0; tap < window->kernel_count && !ox_turn (); tap++)                                         \
        {                                                                                                            \
          gint64 k[OX_WINDOW_MAX], first, last;                                                                      \
          T *to = columns + (c * window->kernel_count + tap) * count;                                                \
                                                                                                                     \
          tap_split (window, tap, k);                                                                                \
          ox_window_span (window, axis, k[axis], &first, &last);                                                     \
          for (gint64 at = from; at < from + count;)                                                                 \
            {                                                                                                        \
              gint64 row = at / width, begin = at % width, end = MIN (width, begin + from + count - at);             \
              gint64 start = row_start (window, row, k), x = begin, low, high;                                       \
                                                                                                                     \
              low = start < 0 ? end : CLAMP (first, begin, end);                                                     \
              high = start < 0 ? end : CLAMP (last, low, end);                                                       \
              for (; x < low; x++)                                                                                   \
                *to++ = pad;                                                                                         \
              if (x < high)                                                                                          \
                {                                                                                                    \
                  const T *source = image + start + x * stride - window->begin[axis] + k[axis] * window->dilation[axis]; \
                                                                                                                     \
                  if (stride == 1)                                                                                   \
                    memcpy (to, source, (gsize) (high - x) * sizeof (T));                                            \
                  else                                                                                               \
                    for (gint64 i = 0; i < high - x; i++)                                                            \
                      to[i] = source[i * stride];                                                                    \
                  to += high - x;                                                                                    \
                  x = high;                                                                                          \
                }                                                                                                    \
              for (; x < end; x++)                                                                                   \
                *to++ = pad;                                                                                         \
              at += end - begin;                                                                                     \
            }                                                                                                        \
        }                                                                                                            \
  }

DEFINE_UNROLL (Word8, unroll_8)
DEFINE_UNROLL (Word32, unroll_32)
DEFINE_UNROLL (Word64, unroll_64)

#undef DEFINE_UNROLL

void
ox_window_unroll (const OxWindow *window, gsize size, const void *image, gint64 channels, gint64 from, gint64 count,
                  const void *pad, void *columns)
{
  static const guint64 zero = 0;

  if (pad == NULL)
    pad = &zero;
  if (size == 1)
    unroll_8 (window, image, channels, from, count, *(const Word8 *) pad, columns);
  else if (size == 4)
    unroll_32 (window, image, channels, from, count, *(const Word32 *) pad, columns);
  else
    {
      g_assert (size == 8);
      unroll_64 (window, image, channels, from, count, *(const Word64 *) pad, columns);
    }
}

#define DEFINE_FOLD(T, name)                                                                                         \
  void name (const OxWindow *window, const T *columns, gint64 channels, T *image)                                    \
  {                                                                                                                  \
    int axis = window->n - 1;                                                                                        \
    gint64 width = window->out[axis], stride = window->stride[axis];                                                 \
    gint64 rows = width > 0 ? window->out_count / width : 0;                                                         \
                                                                                                                     \
    for (gint64 c = 0; c < channels && !ox_turn (); c++, image += window->in_count)                                  \
      for (gint64 tap = 0; tap < window->kernel_count && !ox_turn (); tap++, columns += window->out_count)           \
        {                                                                                                            \
          gint64 k[OX_WINDOW_MAX], first, last;                                                                      \
                                                                                                                     \
          tap_split (window, tap, k);                                                                                \
          ox_window_span (window, axis, k[axis], &first, &last);                                                     \
          for (gint64 row = 0; row < rows && first < last && !ox_turn (); row++)                                     \
            {                                                                                                        \
              gint64 start = row_start (window, row, k);                                                             \
              const T *from = columns + row * width;                                                                 \
              T *to;                                                                                                 \
                                                                                                                     \
              if (start < 0)                                                                                         \
                continue;                                                                                            \
              to = image + start + first * stride - window->begin[axis] + k[axis] * window->dilation[axis];          \
              if (stride == 1)                                                                                       \
                for (gint64 i = 0; i < last - first; i++)                                                            \
                  to[i] += from[first + i];                                                                          \
              else                                                                                                   \
                for (gint64 i = 0; i < last - first; i++)                                                            \
                  to[i * stride] += from[first + i];                                                                 \
            }                                                                                                        \
        }                                                                                                            \
  }

DEFINE_FOLD (float, ox_window_fold_f32)
DEFINE_FOLD (double, ox_window_fold_f64)
DEFINE_FOLD (guint64, ox_window_fold_u64)

#undef DEFINE_FOLD

/* Row by row of the output, a row of taps at a time: the row stays in the first cache, and the inner loop is
 * contiguous. Taps further right begin earlier and end earlier, which the middle of three relies on. */
#define DEFINE_APPLY(T, name)                                                                                        \
  /* One tap for the outputs first..last - 1 of a row, whose input for output 0 is image[at], if that is inside. */  \
  static void name##_tap (const T *image, gint64 at, gint64 stride, gint64 first, gint64 last, T tap, T *out)        \
  {                                                                                                                  \
    if (stride == 1)                                                                                                 \
      _Pragma ("omp simd") for (gint64 i = first; i < last; i++)                                                     \
        out[i] += tap * image[at + i];                                                                               \
    else                                                                                                             \
      for (gint64 i = first; i < last; i++)                                                                          \
        out[i] += tap * image[at + i * stride];                                                                      \
  }                                                                                                                  \
                                                                                                                     \
  /* Three taps at once, @apart elements apart. */                                                                   \
  static void name##_three (const T *image, gint64 at, gint64 stride, gint64 apart, gint64 first, gint64 last,       \
                            const T *taps, T *out)                                                                   \
  {                                                                                                                  \
    T a = taps[0], b = taps[1], c = taps[2];                                                                         \
                                                                                                                     \
    if (stride == 1)                                                                                                 \
      _Pragma ("omp simd") for (gint64 i = first; i < last; i++)                                                     \
        out[i] += a * image[at + i] + b * image[at + i + apart] + c * image[at + i + 2 * apart];                     \
    else                                                                                                             \
      for (gint64 i = first; i < last; i++)                                                                          \
        {                                                                                                            \
          const T *from = image + at + i * stride;                                                                   \
                                                                                                                     \
          out[i] += a * from[0] + b * from[apart] + c * from[2 * apart];                                             \
        }                                                                                                            \
  }                                                                                                                  \
                                                                                                                     \
  void name (const OxWindow *window, const T *image, const T *taps, T *out)                                          \
  {                                                                                                                  \
    int axis = window->n - 1;                                                                                        \
    gint64 width = window->out[axis], stride = window->stride[axis], taps_x = window->kernel[axis];                  \
    gint64 rows = window->n == 2 ? window->out[0] : 1, taps_y = window->n == 2 ? window->kernel[0] : 1;              \
    gint64 apart = window->dilation[axis], first[3], last[3];                                                        \
                                                                                                                     \
    for (int k = 0; k < 3 && k < taps_x; k++)                                                                        \
      ox_window_span (window, axis, k, &first[k], &last[k]);                                                         \
    for (gint64 row = 0; row < rows && !ox_turn (); row++, out += width)                                             \
      for (gint64 ky = 0; ky < taps_y; ky++)                                                                         \
        {                                                                                                            \
          gint64 start = row_start (window, row, &ky), at = start - window->begin[axis];                             \
          const T *tap = taps + ky * taps_x;                                                                         \
                                                                                                                     \
          if (start < 0)                                                                                             \
            continue;                                                                                                \
          if (taps_x == 3 && first[0] < last[2])                                                                     \
            {                                                                                                        \
              /* In the middle all three lie inside; at the ends some do. */                                         \
              name##_three (image, at, stride, apart, first[0], last[2], tap, out);                                  \
              for (int k = 0; k < 3; k++)                                                                            \
                {                                                                                                    \
                  name##_tap (image, at + k * apart, stride, first[k], MIN (first[0], last[k]), tap[k], out);        \
                  name##_tap (image, at + k * apart, stride, MAX (last[2], first[k]), last[k], tap[k], out);         \
                }                                                                                                    \
              continue;                                                                                              \
            }                                                                                                        \
          for (gint64 kx = 0; kx < taps_x; kx++)                                                                     \
            {                                                                                                        \
              gint64 begin, end;                                                                                     \
                                                                                                                     \
              ox_window_span (window, axis, kx, &begin, &end);                                                       \
              name##_tap (image, at + kx * apart, stride, begin, end, tap[kx], out);                                 \
            }                                                                                                        \
        }                                                                                                            \
  }

DEFINE_APPLY (float, ox_window_apply_f32)
DEFINE_APPLY (double, ox_window_apply_f64)

#undef DEFINE_APPLY
