/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "layout/ox-piece.h"

#define PATIENCE 4.0       /* seconds, for all pieces of a layout */
#define MOST_FAILURES 16   /* a helper that fails so often is not asked again */

struct _OxHelper
{
  GPid     pid;       /* 0: not running */
  int      in, out;   /* its standard input and output */
  gboolean hopeless;  /* it cannot be started, or fails too often */
  int      failures;
  gint64   spent;     /* microseconds */
};

void
ox_piece_layout_free (OxPieceLayout *layout)
{
  g_free (layout->centres);
  g_free (layout->first);
  g_free (layout->points);
  g_free (layout);
}

/* Where it is: told, beside the program as built, or installed. */
static char *
find_program (void)
{
  const char *told = g_getenv ("OX_LAYOUT_HELPER");
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;
  g_autofree char *built = folder != NULL ? g_build_filename (folder, "..", "engine", "layout", "helper", "onnxscope-layout", NULL)
                                          : NULL;
  g_autofree char *near = folder != NULL ? g_build_filename (folder, "..", "libexec", "onnxscope-layout", NULL) : NULL;

  if (told != NULL && told[0] != '\0')
    return g_strdup (told);
  if (built != NULL && g_file_test (built, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&built);
  if (near != NULL && g_file_test (near, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&near);
  return g_strdup (OX_LIBEXECDIR "/onnxscope-layout");
}

OxHelper *
ox_helper_new (void)
{
  OxHelper *helper = g_new0 (OxHelper, 1);

  helper->in = helper->out = -1;
  return helper;
}

static void
stop (OxHelper *helper)
{
  if (helper->pid != 0)
    {
      kill (helper->pid, SIGKILL);
      while (waitpid (helper->pid, NULL, 0) < 0 && errno == EINTR)
        ;
      g_spawn_close_pid (helper->pid);
      helper->pid = 0;
    }
  if (helper->in >= 0)
    close (helper->in);
  if (helper->out >= 0)
    close (helper->out);
  helper->in = helper->out = -1;
}

void
ox_helper_free (OxHelper *helper)
{
  stop (helper);
  g_free (helper);
}

static gboolean
start (OxHelper *helper)
{
  g_autofree char *program = find_program ();
  char *argv[] = { program, NULL };

  if (helper->pid != 0)
    return TRUE;
  if (helper->hopeless
      || !g_spawn_async_with_pipes (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                                    &helper->pid, &helper->in, &helper->out, NULL, NULL))
    {
      helper->pid = 0;
      helper->hopeless = TRUE;
      return FALSE;
    }
  fcntl (helper->in, F_SETFL, O_NONBLOCK);
  fcntl (helper->out, F_SETFL, O_NONBLOCK);
  return TRUE;
}

/* A helper that died makes writing fail and raises SIGPIPE, which would end the program. What the rest of it does with that
 * signal is not ours to change: it is held back in this thread, and taken away if this write raised it. */
static ssize_t
write_quietly (int fd, const void *data, gsize size)
{
  sigset_t ours, before, pending;
  gboolean was_pending;
  ssize_t n;
  int cause;

  sigemptyset (&ours);
  sigaddset (&ours, SIGPIPE);
  sigemptyset (&pending);
  sigpending (&pending);
  was_pending = sigismember (&pending, SIGPIPE) == 1;
  pthread_sigmask (SIG_BLOCK, &ours, &before);
  n = write (fd, data, size);
  cause = errno;
  if (n < 0 && cause == EPIPE && !was_pending)
    {
      int number;

      sigemptyset (&pending);
      sigpending (&pending);
      if (sigismember (&pending, SIGPIPE) == 1)
        sigwait (&ours, &number);
    }
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  errno = cause;
  return n;
}

/* Moves @size bytes to or from the helper. FALSE when it died, was too slow, or the caller gave up. */
static gboolean
transfer (OxHelper *helper, gboolean sending, void *data, gsize size, gint64 deadline, GCancellable *cancellable)
{
  char *p = data;

  while (size > 0)
    {
      struct pollfd poll_fd = { sending ? helper->in : helper->out, sending ? POLLOUT : POLLIN, 0 };
      ssize_t n = sending ? write_quietly (poll_fd.fd, p, size) : read (poll_fd.fd, p, size);

      if (n > 0)
        {
          p += n;
          size -= (gsize) n;
        }
      else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        return FALSE;
      else if (g_get_monotonic_time () > deadline || g_cancellable_is_cancelled (cancellable))
        return FALSE;
      else
        poll (&poll_fd, 1, 5);
    }
  return TRUE;
}

static gboolean
send_piece (OxHelper *helper, const OxPiece *piece, int effort, gint64 deadline, GCancellable *cancellable)
{
  OxWireRequest head = { OX_WIRE_MAGIC, piece->n, piece->m, piece->top, piece->bottom, effort };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *) &head, sizeof head);
  g_byte_array_append (bytes, (const guint8 *) piece->w, (guint) piece->n * (guint) sizeof (float));
  g_byte_array_append (bytes, (const guint8 *) piece->h, (guint) piece->n * (guint) sizeof (float));
  if (piece->m > 0)
    {
      g_byte_array_append (bytes, (const guint8 *) piece->from, (guint) piece->m * (guint) sizeof (int));
      g_byte_array_append (bytes, (const guint8 *) piece->to, (guint) piece->m * (guint) sizeof (int));
    }
  return transfer (helper, TRUE, bytes->data, bytes->len, deadline, cancellable);
}

/* The helper is ours, but its memory may not be: nothing it says is believed. */
static OxPieceLayout *
receive (OxHelper *helper, const OxPiece *piece, gint64 deadline, GCancellable *cancellable)
{
  OxWireReply head;
  OxPieceLayout *layout;
  g_autofree float *numbers = NULL;
  g_autofree gint32 *counts = g_new0 (gint32, piece->m + 1);
  gint64 total = 0;

  if (!transfer (helper, FALSE, &head, sizeof head, deadline, cancellable) || head.magic != OX_WIRE_MAGIC
      || head.status != 0 || head.n_points < 0 || head.n_points > 64 * (OX_WIRE_MOST + piece->m))
    return NULL;
  numbers = g_new0 (float, 2 * (gsize) (piece->n + head.n_points) + 1);
  if (!transfer (helper, FALSE, numbers, 2 * (gsize) piece->n * sizeof (float), deadline, cancellable)
      || !transfer (helper, FALSE, counts, (gsize) piece->m * sizeof (gint32), deadline, cancellable)
      || !transfer (helper, FALSE, numbers + 2 * piece->n, 2 * (gsize) head.n_points * sizeof (float), deadline,
                    cancellable))
    return NULL;
  for (int i = 0; i < piece->m; i++)
    {
      if (counts[i] < 4 || counts[i] % 3 != 1 || counts[i] > head.n_points)
        return NULL;
      total += counts[i];
    }
  if (total != head.n_points)
    return NULL;
  for (int i = 0; i < 2 * (piece->n + head.n_points); i++)
    if (!(numbers[i] > -1e6f && numbers[i] < 1e6f))
      return NULL;
  layout = g_new0 (OxPieceLayout, 1);
  layout->width = head.width;
  layout->height = head.height;
  layout->centres = g_new (OxPoint, piece->n);
  layout->first = g_new0 (int, piece->m + 1);
  layout->points = g_new (OxPoint, head.n_points + 1);
  for (int i = 0; i < piece->n; i++)
    layout->centres[i] = (OxPoint) { (double) numbers[2 * i], (double) numbers[2 * i + 1] };
  for (int i = 0; i < head.n_points; i++)
    layout->points[i]
      = (OxPoint) { (double) numbers[2 * (piece->n + i)], (double) numbers[2 * (piece->n + i) + 1] };
  for (int i = 0; i < piece->m; i++)
    layout->first[i + 1] = layout->first[i] + counts[i];
  return layout;
}

OxPieceLayout *
ox_helper_layout (OxHelper *helper, const OxPiece *piece, int effort, double seconds, GCancellable *cancellable,
                  GError **error)
{
  gint64 begin = g_get_monotonic_time ();
  gint64 left = (gint64) (PATIENCE * 1e6) - helper->spent, deadline = begin + MIN ((gint64) (seconds * 1e6), left);
  OxPieceLayout *layout = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (piece->n > OX_WIRE_MOST || piece->m > OX_WIRE_MOST || left <= 0 || !start (helper))
    return NULL;
  if (send_piece (helper, piece, effort, deadline, cancellable))
    layout = receive (helper, piece, deadline, cancellable);
  if (layout == NULL)
    {
      stop (helper);
      helper->hopeless = ++helper->failures >= MOST_FAILURES;
    }
  helper->spent += g_get_monotonic_time () - begin;
  g_cancellable_set_error_if_cancelled (cancellable, error);
  if (layout != NULL && g_cancellable_is_cancelled (cancellable))
    g_clear_pointer (&layout, ox_piece_layout_free);
  return layout;
}
