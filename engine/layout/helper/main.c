/* SPDX-License-Identifier: Apache-2.0 */

/* onnxscope-layout: lays out one piece of a graph after the other with Graphviz' dot. It is a process of its own because
 * libgvc cannot be cancelled, has no limits, and may crash on hostile input; whoever started it kills it. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <gvc.h>

#include "layout/ox-piece.h"

/* A sanitizer keeps books in terabytes of address space. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

#define INCH 72.0
#define LARGEST 20000.0f   /* points; dot's limit is 65535 */

static gboolean
read_all (void *to, size_t size)
{
  char *p = to;

  while (size > 0)
    {
      ssize_t n = read (STDIN_FILENO, p, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      p += n;
      size -= (size_t) n;
    }
  return TRUE;
}

static gboolean
write_all (const void *from, size_t size)
{
  const char *p = from;

  while (size > 0)
    {
      ssize_t n = write (STDOUT_FILENO, p, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      p += n;
      size -= (size_t) n;
    }
  return TRUE;
}

static void
set (void *object, const char *name, const char *value)
{
  agsafeset (object, (char *) name, (char *) value, (char *) "");
}

/* Numbers are names here: no text of a model comes this way. */
static Agraph_t *
build (const OxWireRequest *request, const float *w, const float *h, const gint32 *from, const gint32 *to, Agnode_t **nodes,
       Agedge_t **edges)
{
  Agraph_t *graph = agopen ((char *) "g", Agdirected, NULL);
  char text[64];

  set (graph, "rankdir", "TB");
  set (graph, "nodesep", "0.3");
  set (graph, "ranksep", "0.42");
  set (graph, "splines", "true");
  if (request->effort > 0)
    {
      set (graph, "nslimit", "0.1");
      set (graph, "nslimit1", "0.2");
      set (graph, "mclimit", "0.2");
    }
  agattr (graph, AGNODE, (char *) "label", (char *) "");
  agattr (graph, AGNODE, (char *) "shape", (char *) "box");
  agattr (graph, AGNODE, (char *) "fixedsize", (char *) "true");
  agattr (graph, AGEDGE, (char *) "arrowhead", (char *) "none");
  for (int i = 0; i < request->n; i++)
    {
      snprintf (text, sizeof text, "n%d", i);
      nodes[i] = agnode (graph, text, 1);
      snprintf (text, sizeof text, "%.4f", CLAMP (w[i], 1, LARGEST) / INCH);
      set (nodes[i], "width", text);
      snprintf (text, sizeof text, "%.4f", CLAMP (h[i], 1, LARGEST) / INCH);
      set (nodes[i], "height", text);
    }
  for (int i = 0; i < request->m; i++)
    {
      snprintf (text, sizeof text, "e%d", i);
      edges[i] = agedge (graph, nodes[from[i]], nodes[to[i]], text, 1);
    }
  for (int end = 0; end < 2; end++)
    {
      int node = end == 0 ? request->top : request->bottom;

      if (node >= 0)
        {
          Agraph_t *rank = agsubg (graph, (char *) (end == 0 ? "top" : "bottom"), 1);

          agsubnode (rank, nodes[node], 1);
          set (rank, "rank", end == 0 ? "source" : "sink");
        }
    }
  return graph;
}

static void
push (float **points, int *n, int *room, pointf p, double height)
{
  if (*n == *room)
    {
      *room = *room * 2 + 64;
      *points = realloc (*points, (size_t) *room * 2 * sizeof (float));
      if (*points == NULL)
        exit (1);
    }
  (*points)[2 * *n] = (float) p.x;
  (*points)[2 * (*n)++ + 1] = (float) (height - p.y);
}

static gboolean
reply (const OxWireRequest *request, Agraph_t *graph, Agnode_t **nodes, Agedge_t **edges)
{
  boxf around = GD_bb (graph);
  OxWireReply head = { OX_WIRE_MAGIC, 0, (float) (around.UR.x - around.LL.x), (float) (around.UR.y - around.LL.y), 0 };
  float *centres = calloc ((size_t) request->n * 2 + 1, sizeof (float)), *points = NULL;
  gint32 *counts = calloc ((size_t) request->m + 1, sizeof (gint32));
  int room = 0;
  gboolean ok;

  if (centres == NULL || counts == NULL)
    exit (1);
  for (int i = 0; i < request->n; i++)
    {
      centres[2 * i] = (float) (ND_coord (nodes[i]).x - around.LL.x);
      centres[2 * i + 1] = (float) (around.UR.y - ND_coord (nodes[i]).y);
    }
  for (int i = 0; i < request->m; i++)
    {
      splines *spline = ED_spl (edges[i]);
      int before = head.n_points;

      for (int b = 0; spline != NULL && b < (int) spline->size && b < 1; b++)
        for (int k = 0; k < (int) spline->list[b].size; k++)
          {
            pointf p = { spline->list[b].list[k].x - around.LL.x, spline->list[b].list[k].y - around.LL.y };

            push (&points, &head.n_points, &room, p, around.UR.y - around.LL.y);
          }
      counts[i] = head.n_points - before;
    }
  ok = write_all (&head, sizeof head) && write_all (centres, (size_t) request->n * 2 * sizeof (float))
       && write_all (counts, (size_t) request->m * sizeof (gint32))
       && write_all (points, (size_t) head.n_points * 2 * sizeof (float));
  free (centres);
  free (counts);
  free (points);
  return ok;
}

static gboolean
valid (const OxWireRequest *request, const gint32 *from, const gint32 *to)
{
  for (int i = 0; i < request->m; i++)
    if (from[i] < 0 || from[i] >= request->n || to[i] < 0 || to[i] >= request->n)
      return FALSE;
  return request->top >= -1 && request->top < request->n && request->bottom >= -1 && request->bottom < request->n;
}

int
main (int argc, char **argv)
{
  struct rlimit memory = { 2ul << 30, 2ul << 30 }, core = { 0, 0 }, seconds = { 60, 60 };
  GVC_t *context;
  OxWireRequest request;

#ifndef SANITIZED
  setrlimit (RLIMIT_AS, &memory);
#else
  (void) memory;
#endif
  setrlimit (RLIMIT_CORE, &core);
  setrlimit (RLIMIT_CPU, &seconds);   /* for the day that nobody is left to end it */
  context = gvContext ();
  agseterr (AGMAX);
  while (context != NULL && read_all (&request, sizeof request))
    {
      size_t n = (size_t) request.n, m = (size_t) request.m;
      float *w, *h;
      gint32 *from, *to;
      Agnode_t **nodes;
      Agedge_t **edges;
      Agraph_t *graph;
      gboolean ok;

      if (request.magic != OX_WIRE_MAGIC || request.n < 1 || request.m < 0 || request.n > OX_WIRE_MOST
          || request.m > OX_WIRE_MOST)
        return 2;
      w = calloc (n, sizeof *w);
      h = calloc (n, sizeof *h);
      from = calloc (m + 1, sizeof *from);
      to = calloc (m + 1, sizeof *to);
      nodes = calloc (n, sizeof *nodes);
      edges = calloc (m + 1, sizeof *edges);
      if (w == NULL || h == NULL || from == NULL || to == NULL || nodes == NULL || edges == NULL)
        return 1;
      if (!read_all (w, n * sizeof *w) || !read_all (h, n * sizeof *h) || !read_all (from, m * sizeof *from)
          || !read_all (to, m * sizeof *to) || !valid (&request, from, to))
        return 2;
      graph = build (&request, w, h, from, to, nodes, edges);
      if (gvLayout (context, graph, "dot") == 0)
        {
          ok = reply (&request, graph, nodes, edges);
          gvFreeLayout (context, graph);
        }
      else
        {
          OxWireReply bad = { OX_WIRE_MAGIC, 1, 0, 0, 0 };

          ok = write_all (&bad, sizeof bad);
        }
      agclose (graph);
      free (w);
      free (h);
      free (from);
      free (to);
      free (nodes);
      free (edges);
      if (!ok)
        return 1;
    }
  return 0;
}
