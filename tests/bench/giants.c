/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/ox-memory.h"

#include "../engine/op-case.h"

/* Every kernel with giant inputs, stopped in the middle: the small cases of op-recipes.def grow along each dimension and
 * each number that is a size until they take long, are told to stop at some moment, and it is printed how long they went
 * on. Arguments: names of operators, and element types to prefer ("f16"). Needs 2 GB and half an hour for all. */

/* Seconds: how long a case should take, and what is too long to stop. */
#define LONG 0.6
#define LIMIT 0.1
/* Bytes of all inputs, and of one block while running. */
#define INPUTS ((gint64) 400 << 20)
#define BLOCK ((gsize) 700 << 20)

typedef struct { const char *types, *line; } Recipe;

static const Recipe recipes[] = {
#define OX_RECIPE(types, line) { types, line },
#include "../engine/op-recipes.def"
};

typedef struct { char *name, *how; double seconds; } Result;

static GArray *results;
static const char *preferred = "";

/* ---- words ---------------------------------------------------------------------------------------------------- */

/* The first type of "T=real+bf16" that a giant is best made of. */
static const char *
pick_type (const char *types)
{
  static const char *const order[][2] = {
    { "f32", "f32 real all" }, { "i64", "i64 int" },  { "u8", "u8 uint" }, { "bool", "bool" },   { "str", "str" },
    { "i32", "i32" },          { "f8e5m2", "fp8" },   { "u4", "small" },   { "c64", "complex" }, { "bf16", "bf16" },
    { "f16", "f16" },          { "i8", "i8" },        { "f64", "f64" },
  };
  g_auto (GStrv) words = g_strsplit (types, "+", -1);

  if (*preferred != '\0')
    for (int w = 0; words[w] != NULL; w++)
      if (g_str_equal (words[w], preferred) || g_str_equal (words[w], "all")
          || (g_str_equal (words[w], "real") && strchr (preferred, 'f') == preferred && strlen (preferred) == 3)
          || (g_str_equal (words[w], "int") && *preferred == 'i'))
        return preferred;
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    for (int w = 0; words[w] != NULL; w++)
      {
        g_auto (GStrv) groups = g_strsplit (order[i][1], " ", -1);

        if (g_strv_contains ((const char *const *) groups, words[w]))
          return order[i][0];
      }
  return "f32";
}

static char *
substitute (const Recipe *recipe)
{
  g_autoptr (GString) text = g_string_new (recipe->line);
  g_auto (GStrv) specs = g_strsplit (recipe->types, " ", -1);

  /* Longer names first: T1 before T. */
  for (int length = 8; length > 0; length--)
    for (int i = 0; specs[i] != NULL; i++)
      {
        g_auto (GStrv) halves = g_strsplit (specs[i], "=", 2);
        const char *type;
        g_autofree char *mark = NULL, *number = NULL, *name = NULL, *upper = NULL, *digits = NULL;

        if (halves[0] == NULL || halves[1] == NULL || (int) strlen (halves[0]) != length)
          continue;
        type = pick_type (halves[1]);
        mark = g_strconcat ("$", halves[0], NULL);
        number = g_strconcat ("#", halves[0], NULL);
        name = g_strconcat ("@", halves[0], NULL);
        upper = g_ascii_strup (ox_dtype_onnx_name (ox_dtype_from_name (type)), -1);
        digits = g_strdup_printf ("%d", (int) ox_dtype_from_name (type));
        g_string_replace (text, mark, type, 0);
        g_string_replace (text, number, digits, 0);
        g_string_replace (text, name, upper, 0);
      }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A tensor in a line: "f32[2,3]" or "i64[2]{1,2}". */
typedef struct
{
  char  *dtype;
  int    rank, n;              /* n: elements that are written, -1 if none are */
  gint64 dims[8];
  char **elements;
} Piece;

/* The line as text before, between and after its tensors. */
typedef struct
{
  GPtrArray *between;          /* one more than pieces */
  GArray    *pieces;
} Shape;

static Shape
take_apart (const char *line)
{
  Shape shape = { g_ptr_array_new_with_free_func (g_free), g_array_new (FALSE, TRUE, sizeof (Piece)) };
  const char *end = strstr (line, " => "), *from = line, *p = line;

  while (p < end)
    {
      gsize letters = strspn (p, "abcdefghijklmnopqrstuvwxyz0123456789");
      g_autofree char *name = g_strndup (p, letters), *inside = NULL;
      Piece piece = { .n = -1 };
      g_auto (GStrv) parts = NULL;

      if (letters == 0 || p[letters] != '[' || ox_dtype_from_name (name) == OX_UNDEFINED || (p[-1] != ' ' && p[-1] != '('))
        {
          p += MAX (letters, 1);
          continue;
        }
      g_ptr_array_add (shape.between, g_strndup (from, (gsize) (p - from)));
      piece.dtype = g_steal_pointer (&name);
      p += letters + 1;
      inside = g_strndup (p, strcspn (p, "]"));
      parts = *inside != '\0' ? g_strsplit (inside, ",", -1) : g_new0 (char *, 1);
      for (; parts[piece.rank] != NULL; piece.rank++)
        piece.dims[piece.rank] = g_ascii_strtoll (parts[piece.rank], NULL, 10);
      p += strlen (inside) + 1;
      if (*p == '{')
        {
          g_autofree char *list = g_strndup (p + 1, strcspn (p, "}") - 1);

          piece.elements = *list != '\0' ? g_strsplit (list, ",", -1) : g_new0 (char *, 1);
          piece.n = (int) g_strv_length (piece.elements);
          p += strlen (list) + 2;
        }
      g_array_append_val (shape.pieces, piece);
      from = p;
    }
  g_ptr_array_add (shape.between, g_strdup (from));
  return shape;
}

static void
shape_clear (Shape *shape)
{
  for (guint i = 0; i < shape->pieces->len; i++)
    {
      g_free (g_array_index (shape->pieces, Piece, i).dtype);
      g_strfreev (g_array_index (shape->pieces, Piece, i).elements);
    }
  g_array_unref (shape->pieces);
  g_ptr_array_unref (shape->between);
}

/* What grows: all dimensions of a size, one dimension of one input, or one number of one input. */
typedef struct { gint64 size; int piece, axis, element; } Growth;

/* NULL when the inputs would be too large. */
static char *
grown (const Shape *shape, const Growth *g, gint64 factor)
{
  GString *text = g_string_new (NULL);
  gint64 bytes = 0;

  for (guint i = 0; i < shape->pieces->len; i++)
    {
      const Piece *piece = &g_array_index (shape->pieces, Piece, i);
      gboolean here = (int) i == g->piece, list = piece->n >= 0 && ox_dtype_is_integer (ox_dtype_from_name (piece->dtype));
      double count = 1, before = 1;

      g_string_append (text, g_ptr_array_index (shape->between, i));
      g_string_append_printf (text, "%s[", piece->dtype);
      for (int d = 0; d < piece->rank; d++)
        {
          gboolean grows = (here && g->axis == d) || (g->size == piece->dims[d] && !list);
          gint64 dim = piece->dims[d] * (grows ? factor : 1);

          before *= (double) piece->dims[d];
          count *= (double) dim;
          g_string_append_printf (text, d > 0 ? ",%" G_GINT64_FORMAT : "%" G_GINT64_FORMAT, dim);
        }
      g_string_append_c (text, ']');
      bytes += (gint64) MIN (count * (double) MAX (ox_dtype_size (ox_dtype_from_name (piece->dtype)), 1)
                             * (g_str_equal (piece->dtype, "str") ? 6 : 1), 1e15);
      if (piece->n < 0 && count > 0)
        g_string_append (text, "{~}");
      else if (piece->n >= 0)
        {
          g_string_append_c (text, '{');
          for (int e = 0; e < piece->n; e++)
            {
              g_string_append (text, e > 0 ? "," : "");
              if (here && g->element == e)
                g_string_append_printf (text, "%" G_GINT64_FORMAT, g_ascii_strtoll (piece->elements[e], NULL, 10) * factor);
              else
                g_string_append (text, piece->elements[e]);
            }
          g_string_append (text, count > before ? ",..}" : "}");
        }
    }
  g_string_append (text, g_ptr_array_index (shape->between, shape->between->len - 1));
  return g_string_free (text, bytes > INPUTS);
}

/* ---- stopping ------------------------------------------------------------------------------------------------- */

typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean done;
  double delay, wall, cpu;     /* when it was stopped */
  GCancellable *cancellable;
} Stopper;

static double
now (clockid_t clock)
{
  struct timespec t;

  clock_gettime (clock, &t);
  return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static gpointer
stop_later (gpointer data)
{
  Stopper *s = data;
  gint64 end = g_get_monotonic_time () + (gint64) (s->delay * 1e6);

  g_mutex_lock (&s->lock);
  while (!s->done && g_cond_wait_until (&s->cond, &s->lock, end))
    continue;
  if (!s->done)
    {
      s->wall = now (CLOCK_MONOTONIC);
      s->cpu = now (CLOCK_PROCESS_CPUTIME_ID);
      g_cancellable_cancel (s->cancellable);
    }
  g_mutex_unlock (&s->lock);
  return NULL;
}

typedef struct { double taken, late; char *error; } Run;   /* late: -1 when it was done before */

static Run
run (const char *line, double delay)
{
  OpCase *c = op_case_new (line);
  g_autofree OxValue **in = g_new0 (OxValue *, c->inputs->len + 1);
  g_auto (GStrv) outs = g_strsplit (c->expected, " ", -1);
  Stopper s = { .delay = delay, .cancellable = g_cancellable_new () };
  Run result = { .late = -1 };
  g_autoptr (GError) error = NULL;
  GThread *thread;
  double start, end, cpu;
  OxCall *call;
  gboolean ok;

  for (guint i = 0; i < c->inputs->len; i++)
    in[i] = g_array_index (c->inputs, OpInput, i).value;
  call = op_case_call (c, (int) g_strv_length (outs), in, NULL, s.cancellable);
  g_mutex_init (&s.lock);
  g_cond_init (&s.cond);
  start = now (CLOCK_MONOTONIC);
  thread = g_thread_new ("stop", stop_later, &s);
  ok = ox_call_run (call, &error);
  ox_call_free (call);
  end = now (CLOCK_MONOTONIC);
  cpu = now (CLOCK_PROCESS_CPUTIME_ID);
  g_mutex_lock (&s.lock);
  s.done = TRUE;
  g_cond_signal (&s.cond);
  g_mutex_unlock (&s.lock);
  g_thread_join (thread);
  result.taken = end - start;
  /* Others compute on this machine, too: what was not computed was not waited for. */
  if (s.wall > 0 && s.wall < end)
    result.late = MIN (end - s.wall, cpu - s.cpu);
  if (!ok && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    result.error = g_strdup (error->message);
  g_mutex_clear (&s.lock);
  g_cond_clear (&s.cond);
  g_object_unref (s.cancellable);
  op_case_free (c);
  return result;
}

/* The growth until it takes LONG, then twice more at made-up moments. */
static void
measure (const char *name, const Shape *shape, const Growth *g, GRand *chance)
{
  g_autofree char *last = NULL;
  double taken = 0, worst = -1;

  for (gint64 factor = 2; factor < ((gint64) 1 << 40); factor *= taken > 0.1 ? 2 : taken > 0.01 ? 4 : 16)
    {
      g_autofree char *line = grown (shape, g, factor);
      Run r;

      if (line == NULL)
        break;
      r = run (line, LONG);
      if (r.error != NULL)
        {
          g_free (r.error);
          break;
        }
      worst = MAX (worst, r.late);
      taken = MIN (r.taken, LONG);
      g_free (last);
      last = g_steal_pointer (&line);
      if (r.late >= 0)
        break;
    }
  for (int i = 0; i < 2 && taken > 0.05; i++)
    {
      Run r = run (last, g_rand_double_range (chance, 0.02, taken * 0.9));

      worst = MAX (worst, r.late);
      g_free (r.error);
    }
  if (taken > 0.02)
    {
      Result result = { g_strdup (name), g_steal_pointer (&last), worst };

      printf ("%-26s %5.0f ms taken, stopped after %5.0f ms%s  %.110s\n", name, taken * 1e3, worst * 1e3,
              worst > LIMIT ? "  TOO LONG" : "", result.how);
      fflush (stdout);
      g_array_append_val (results, result);
    }
}

static void
walk (const Recipe *recipe, GRand *chance)
{
  g_autofree char *line = substitute (recipe), *name = g_strndup (line, strcspn (line, " "));
  Shape shape = take_apart (line);
  guint before = results->len;

  for (guint i = 0; i < shape.pieces->len; i++)
    {
      const Piece *piece = &g_array_index (shape.pieces, Piece, i);
      gboolean list = piece->n >= 0 && ox_dtype_is_integer (ox_dtype_from_name (piece->dtype));

      for (int d = 0; d < piece->rank && !list; d++)
        {
          Growth one = { .piece = (int) i, .axis = d, .element = -1, .size = -1 };
          Growth all = { .piece = -1, .axis = -1, .element = -1, .size = piece->dims[d] };
          gboolean seen = FALSE;

          measure (name, &shape, &one, chance);
          for (guint k = 0; k < i && !seen; k++)
            for (int e = 0; e < g_array_index (shape.pieces, Piece, k).rank && !seen; e++)
              seen = g_array_index (shape.pieces, Piece, k).dims[e] == piece->dims[d];
          for (int e = 0; e < d && !seen; e++)
            seen = piece->dims[e] == piece->dims[d];
          if (!seen && (piece->rank > 1 || shape.pieces->len > 1))
            measure (name, &shape, &all, chance);
        }
      for (int e = 0; e < piece->n && list; e++)
        if (g_ascii_strtoll (piece->elements[e], NULL, 10) > 0)
          {
            Growth number = { .piece = (int) i, .axis = -1, .element = e, .size = -1 };

            measure (name, &shape, &number, chance);
          }
    }
  if (results->len == before)
    printf ("%-26s cannot be made to take long\n", name);
  shape_clear (&shape);
}

static int
by_seconds (gconstpointer a, gconstpointer b)
{
  double x = ((const Result *) a)->seconds, y = ((const Result *) b)->seconds;

  return x < y ? 1 : x > y ? -1 : 0;
}

int
main (int argc, char **argv)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (GRand) chance = g_rand_new_with_seed (7);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  guint slow = 0;

  results = g_array_new (FALSE, TRUE, sizeof (Result));
  ox_memory_set_limit (BLOCK);
  for (int a = 1; a < argc; a++)
    if (ox_dtype_from_name (argv[a]) != OX_UNDEFINED)
      preferred = argv[a];
    else
      g_ptr_array_add (names, argv[a]);
  for (guint i = 0; i < G_N_ELEMENTS (recipes); i++)
    {
      g_autofree char *head = g_strndup (recipes[i].line, strcspn (recipes[i].line, " "));
      char *colon = strrchr (head, ':'), *slash = strchr (head, '/');
      const OxOp *op;
      gboolean wanted = names->len == 0;

      *colon = '\0';
      if (slash != NULL)
        *slash = '\0';
      for (guint n = 0; n < names->len; n++)
        wanted = wanted || g_str_equal (g_ptr_array_index (names, n), slash != NULL ? slash + 1 : head);
      op = ox_op_find (slash != NULL ? head : "ai.onnx", slash != NULL ? slash + 1 : head, g_ascii_strtoll (colon + 1, NULL, 10));
      if (wanted && op != NULL && op->run != NULL && g_hash_table_add (seen, (gpointer) op))
        walk (&recipes[i], chance);
    }
  g_array_sort (results, by_seconds);
  printf ("\nthe slowest to stop:\n");
  for (guint i = 0; i < results->len; i++)
    {
      const Result *r = &g_array_index (results, Result, i);

      slow += r->seconds > LIMIT;
      if (i < 20 || r->seconds > LIMIT)
        printf ("%6.0f ms  %-26s %.120s\n", r->seconds * 1e3, r->name, r->how);
    }
  return slow > 0;
}
