/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-condition.h"

#include <math.h>
#include <string.h>

#include "debug/ox-expression-private.h"
#include "tensor/ox-format.h"
#include "tensor/ox-statistics.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define WIDE __attribute__ ((target ("avx2")))
#define HAS_WIDE __builtin_cpu_supports ("avx2")
#else
#define WIDE
#define HAS_WIDE FALSE
#endif

typedef enum { FORMULA, BAD, SAME, SHAPE, DIFFERS, CHANGED, BEYOND } Kind;

struct _OxCondition
{
  char         *text;
  Kind          kind;
  OxExpression *formula;
  gboolean      each_in, each_out, after;
  gint64       *dims;       /* SHAPE: -1 is any */
  int           rank;
  double        bound;      /* BEYOND: of the magnitudes */
  gboolean      reached;    /* the bound itself counts */
};

static const struct
{
  const char *word, *formula;
  Kind        kind;
} words[] = {
  { "nan", "nans(out) > 0", BAD },
  { "inf", "infs(out) > 0", BAD },
  { "bad", "nans(out) + infs(out) > 0", BAD },
  { "zero", "size(out) > 0 and zeros(out) == size(out)", SAME },
  { "constant", "size(out) > 1 and range(out) == 0", SAME },
  { "differs", NULL, DIFFERS },
  { "changed", NULL, CHANGED },
};

/* "abs>65504" is "max(abs(out)) > 65504". */
static const struct
{
  const char *word, *formula;
} measures[] = {
  { "abs", "max(abs(out))" }, { "denormals", "denormals(out) / size(out)" },
  { "range", "range(out)" },  { "rank", "rank(out)" },  { "size", "size(out)" }, { "min", "min(out)" }, { "max", "max(out)" },
  { "mean", "mean(out)" },    { "std", "std(out)" },    { "time", "time" },      { "bytes", "bytes" },
};

/* ---- parsing --------------------------------------------------------------------------------------------------- */

/* (transfer full) the formula for a measure and a bound; NULL for anything else. */
static char *
measure_formula (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (measures); i++)
    {
      const gsize n = strlen (measures[i].word);
      const char *at = text + n;

      if (strncmp (text, measures[i].word, n) != 0)
        continue;
      at += strspn (at, " ");
      if (*at != '\0' && strchr ("<>=!", *at) != NULL)
        return g_strdup_printf ("%s %s", measures[i].formula, at);
    }
  return NULL;
}

/* "abs>65504" mostly shows without the formula. */
static void
parse_bound (OxCondition *self)
{
  const char *at = self->text + strcspn (self->text, "<>=!");
  char *end;

  if (!g_str_has_prefix (self->text, "abs") || at[0] != '>')
    return;
  self->reached = at[1] == '=';
  at += self->reached ? 2 : 1;
  self->bound = g_ascii_strtod (at, &end);
  if (end != at && end[strspn (end, " ")] == '\0' && isfinite (self->bound) && self->bound > 0)
    self->kind = BEYOND;
}

static gboolean
parse_shape (OxCondition *self, const char *text, GError **error)
{
  g_auto (GStrv) parts = g_strcmp0 (text, "[]") == 0 ? g_new0 (char *, 1) : g_strsplit (text, "x", -1);

  self->kind = SHAPE;
  self->after = self->each_out = TRUE;
  self->rank = (int) g_strv_length (parts);
  if (self->rank > OX_MAX_RANK)
    return ox_fail (error, OX_ERROR_VALUE, "%d axes, expected at most %d", self->rank, OX_MAX_RANK);
  self->dims = g_new0 (gint64, MAX (self->rank, 1));
  for (int i = 0; i < self->rank; i++)
    if (g_str_equal (parts[i], "*"))
      self->dims[i] = -1;
    else if (!g_ascii_string_to_signed (parts[i], 10, 0, G_MAXINT64, &self->dims[i], NULL))
      return ox_fail (error, OX_ERROR_VALUE, "expected a shape such as 1x3x*, found '%s'", text);
  return TRUE;
}

/* "in", "out", "in3": @number is -1 without one. */
static gboolean
is_end (const char *name, const char *word, int *number)
{
  const gsize n = strlen (word);
  guint64 value;

  if (strncmp (name, word, n) != 0)
    return FALSE;
  *number = -1;
  if (name[n] == '\0')
    return TRUE;
  if (!g_ascii_string_to_unsigned (name + n, 10, 0, 9999, &value, NULL))
    return FALSE;
  *number = (int) value;
  return TRUE;
}

static gboolean
parse_formula (OxCondition *self, const char *text, GError **error)
{
  GPtrArray *names;

  if ((self->formula = ox_expression_new (text, error)) == NULL)
    return FALSE;
  names = ox_expression_names (self->formula);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      int number;

      if (is_end (name, "in", &number))
        self->each_in |= number < 0;
      else if (is_end (name, "out", &number))
        {
          self->each_out |= number < 0;
          self->after = TRUE;
        }
      else if (g_str_equal (name, "time") || g_str_equal (name, "bytes"))
        self->after = TRUE;
    }
  return TRUE;
}

OxCondition *
ox_condition_new (const char *text, GError **error)
{
  g_autoptr (OxCondition) self = g_new0 (OxCondition, 1);
  g_autofree char *formula = NULL;

  self->text = g_strstrip (g_strdup (text));
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (self->text, words[i].word))
      {
        self->kind = words[i].kind;
        self->after = self->each_out = TRUE;
        if (words[i].formula != NULL && !parse_formula (self, words[i].formula, error))
          return NULL;
        return g_steal_pointer (&self);
      }
  if (g_str_has_prefix (self->text, "shape="))
    return parse_shape (self, self->text + 6, error) ? g_steal_pointer (&self) : NULL;
  formula = measure_formula (self->text);
  if (formula != NULL)
    parse_bound (self);
  return parse_formula (self, formula != NULL ? formula : self->text, error) ? g_steal_pointer (&self) : NULL;
}

void
ox_condition_free (OxCondition *self)
{
  if (self == NULL)
    return;
  ox_expression_free (self->formula);
  g_free (self->dims);
  g_free (self->text);
  g_free (self);
}

const char *
ox_condition_text (const OxCondition *self)
{
  return self->text;
}

gboolean
ox_condition_is_after (const OxCondition *self)
{
  return self->after;
}

gboolean
ox_condition_asks_reference (const OxCondition *self)
{
  return self->kind == DIFFERS;
}

gboolean
ox_condition_asks_last (const OxCondition *self)
{
  return self->kind == CHANGED;
}

/* ---- values of the moment -------------------------------------------------------------------------------------- */

typedef struct
{
  const OxMoment *moment;
  int             in, out;    /* what "in" and "out" mean now */
} Scene;

static OxValue *
input_of (const OxMoment *moment, int i)
{
  return i < (int) moment->node->input_names->len && moment->node->inputs[i].slot >= 0
           ? ox_frame_value (moment->frame, moment->node->inputs[i]) : NULL;
}

static OxValue *
output_of (const OxMoment *moment, int i)
{
  return moment->after && i < (int) moment->node->output_names->len && moment->node->outputs[i] >= 0
           ? moment->frame->values[moment->node->outputs[i]] : NULL;
}

/* From the frame outwards; NULL with @trouble if it is not to be had. */
static OxValue *
named (const OxMoment *moment, const char *name, const char **trouble)
{
  OxFrame *frame = moment->frame;

  *trouble = "is no value here";
  for (; frame != NULL; frame = frame->outer)
    {
      const int slot = ox_graph_find (frame->graph, name);

      if (slot < 0)
        continue;
      *trouble = ox_frame_was_dropped (frame, slot) ? "has been forgotten" : "is not computed yet";
      return ox_frame_value (frame, (OxRef){ 0, slot });
    }
  return NULL;
}

static OxTensor *
look_up (const char *name, gpointer data, GError **error)
{
  const Scene *scene = data;
  const OxMoment *moment = scene->moment;
  const char *trouble = "is not there";
  OxValue *value;
  OxTensor *tensor;
  int number;

  if (g_str_equal (name, "time") && moment->after)
    return ox_tensor_new_scalar (OX_F64, moment->seconds);
  if (g_str_equal (name, "bytes") && moment->after)
    return ox_tensor_new_scalar (OX_F64, (double) moment->bytes);
  if (is_end (name, "in", &number))
    value = input_of (moment, number >= 0 ? number : scene->in);
  else if (is_end (name, "out", &number))
    value = output_of (moment, number >= 0 ? number : scene->out);
  else
    value = named (moment, name, &trouble);
  tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
  if (tensor != NULL)
    return ox_tensor_ref (tensor);
  ox_fail (error, OX_ERROR_VALUE, "'%s' %s", name, value == NULL ? trouble : "is not a tensor");
  return NULL;
}

OxTensor *
ox_moment_evaluate (const OxMoment *moment, const OxExpression *expression, GCancellable *cancellable, GError **error)
{
  Scene scene = { moment, 0, 0 };

  return ox_expression_evaluate (expression, look_up, &scene, cancellable, error);
}

/* ---- judging --------------------------------------------------------------------------------------------------- */

static gboolean
is_true (const OxTensor *tensor)
{
  for (gint64 i = 0; i < tensor->count; i++)
    if (ox_tensor_get (tensor, i) == 0)
      return FALSE;
  return tensor->count > 0;
}

static const char *
output_name (const OxMoment *moment, int output)
{
  return g_ptr_array_index (moment->node->output_names, (guint) output);
}

/* "'y' has 3 NaN, the first at [0,1]" */
static char *
why_bad (const OxMoment *moment, int output)
{
  const OxTensor *tensor = ox_value_get_tensor (output_of (moment, output));
  g_autoptr (GString) text = g_string_new (NULL);
  OxStatistics s;
  gint64 at;

  ox_statistics_compute (tensor, &s);
  g_string_append_printf (text, "'%s' has ", output_name (moment, output));
  if (s.nan > 0)
    g_string_append_printf (text, "%" G_GINT64_FORMAT " NaN%s", s.nan, s.pos_inf + s.neg_inf > 0 ? " and " : "");
  if (s.pos_inf + s.neg_inf > 0)
    g_string_append_printf (text, "%" G_GINT64_FORMAT " infinities", s.pos_inf + s.neg_inf);
  g_string_append (text, ", the first at [");
  at = s.first_bad;
  for (int d = 0; d < tensor->rank; d++)
    {
      gint64 inner = 1;

      for (int k = d + 1; k < tensor->rank; k++)
        inner *= tensor->dims[k];
      g_string_append_printf (text, "%s%" G_GINT64_FORMAT, d > 0 ? "," : "", at / inner);
      at %= inner;
    }
  g_string_append_c (text, ']');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* "'y' is 0 throughout, 64 elements" */
static char *
why_same (const OxMoment *moment, int output)
{
  const OxTensor *tensor = ox_value_get_tensor (output_of (moment, output));
  g_autofree char *value = ox_format_element (tensor, 0, 4);

  return g_strdup_printf ("'%s' is %s throughout, %" G_GINT64_FORMAT " elements", output_name (moment, output), value,
                          tensor->count);
}

/* The condition, and what its left side is. */
static char *
why_formula (const OxCondition *self, const Scene *scene, GCancellable *cancellable)
{
  const OxTerm *root = self->formula->root;
  g_autoptr (GString) text = g_string_new (self->text);
  g_autoptr (OxTensor) left = NULL;
  OxExpression part = { 0 };

  if (self->each_out && scene->moment->node->output_names->len > 1)
    g_string_append_printf (text, " of '%s'", output_name (scene->moment, scene->out));
  if (root->kind < OX_TERM_LESS || root->kind > OX_TERM_UNEQUAL)
    return g_string_free (g_steal_pointer (&text), FALSE);
  part.root = root->arguments[0];
  left = ox_expression_evaluate (&part, look_up, (gpointer) scene, cancellable, NULL);
  if (left != NULL && left->count == 1)
    {
      g_autofree char *value = ox_format_double (ox_tensor_get (left, 0), 4);

      g_string_append_printf (text, ", it is %s", value);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
has_shape (const OxCondition *self, const OxTensor *tensor)
{
  if (tensor->rank != self->rank)
    return FALSE;
  for (int i = 0; i < self->rank; i++)
    if (self->dims[i] >= 0 && self->dims[i] != tensor->dims[i])
      return FALSE;
  return TRUE;
}

/* Whether a number without its sign is more than @limit, as bits, without a branch, so that it is as fast as memory. */
#define ANY_BEYOND(name, type)                                                                                          \
  static inline __attribute__ ((always_inline)) gboolean                                                                \
  name##_body (const type *v, gint64 n, type limit)                                                                     \
  {                                                                                                                     \
    const type mask = (type) ~((type) 1 << (8 * sizeof (type) - 1));                                                    \
    type any = 0;                                                                                                       \
                                                                                                                        \
    _Pragma ("omp simd reduction(| : any)")                                                                             \
    for (gint64 i = 0; i < n; i++)                                                                                      \
      any |= (type) ((v[i] & mask) + (type) (mask - limit));                                                            \
    return (any & (type) ~mask) != 0;                                                                                   \
  }                                                                                                                     \
  WIDE static gboolean                                                                                                  \
  name##_wide (const type *v, gint64 n, type limit)                                                                     \
  {                                                                                                                     \
    return name##_body (v, n, limit);                                                                                   \
  }                                                                                                                     \
  static gboolean                                                                                                       \
  name (gconstpointer v, gint64 n, type limit)                                                                          \
  {                                                                                                                     \
    return HAS_WIDE ? name##_wide (v, n, limit) : name##_body (v, n, limit);                                            \
  }

ANY_BEYOND (any_beyond_16, guint16)
ANY_BEYOND (any_beyond_32, guint32)
ANY_BEYOND (any_beyond_64, guint64)

/* The bits of the largest number of @dtype that is no more than @bound, or less than it. */
static guint64
largest_within (OxDtype dtype, double bound, gboolean less)
{
  guint64 low = 0, high = dtype == OX_F64   ? G_GUINT64_CONSTANT (0x7fefffffffffffff)
                          : dtype == OX_F32 ? 0x7f7fffff
                          : dtype == OX_F16 ? 0x7bff : 0x7f7f;

  while (low < high)
    {
      guint64 middle = low + (high - low + 1) / 2;
      const guint16 half = (guint16) middle;
      const guint32 word = (guint32) middle;
      double x = ox_element_get (dtype, dtype == OX_F64   ? (gconstpointer) &middle
                                        : dtype == OX_F32 ? (gconstpointer) &word : (gconstpointer) &half);

      if (less ? x < bound : x <= bound)
        low = middle;
      else
        high = middle - 1;
    }
  return low;
}

/* FALSE: there is certainly no NaN in it, and nothing with a magnitude beyond @bound. */
static gboolean
may_go_beyond (const OxTensor *tensor, double bound, gboolean less)
{
  const OxDtype dtype = tensor->dtype;
  guint64 limit;

  if ((dtype != OX_F32 && dtype != OX_F64 && dtype != OX_F16 && dtype != OX_BF16) || !ox_tensor_is_contiguous (tensor)
      || ((guintptr) tensor->data & (ox_dtype_size (dtype) - 1)) != 0)
    return TRUE;
  limit = largest_within (dtype, bound, less);
  return dtype == OX_F64   ? any_beyond_64 (tensor->data, tensor->count, limit)
         : dtype == OX_F32 ? any_beyond_32 (tensor->data, tensor->count, (guint32) limit)
                           : any_beyond_16 (tensor->data, tensor->count, (guint16) limit);
}

/* FALSE: there is certainly no NaN and no infinity in it. */
static gboolean
may_be_bad (const OxTensor *tensor)
{
  return !ox_dtype_is_integer (tensor->dtype) && tensor->dtype != OX_BOOL && tensor->dtype != OX_STR
         && may_go_beyond (tensor, INFINITY, TRUE);
}

/* FALSE: it certainly is not one number throughout, which mostly shows at its ends. */
static gboolean
may_be_same (const OxTensor *tensor)
{
  if (tensor->dtype == OX_STR || tensor->count == 0)
    return FALSE;
  return ox_tensor_get (tensor, 0) == ox_tensor_get (tensor, tensor->count - 1)
         && ox_tensor_get (tensor, 0) == ox_tensor_get (tensor, tensor->count / 2);
}

/* Whether the formula need not be computed. */
static gboolean
surely_not (const OxCondition *self, const Scene *scene)
{
  const gboolean asks = self->kind == BAD || self->kind == SAME || self->kind == BEYOND;
  const OxValue *value = asks ? output_of (scene->moment, scene->out) : NULL;
  const OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;

  if (tensor == NULL)
    return FALSE;
  if (self->kind == BEYOND)
    return !may_go_beyond (tensor, self->bound, self->reached);
  return self->kind == BAD ? !may_be_bad (tensor) : !may_be_same (tensor);
}

/* For one choice of "in" and "out". */
static gboolean
holds_for (const OxCondition *self, const Scene *scene, GCancellable *cancellable, char **why, GError **error)
{
  const OxMoment *moment = scene->moment;
  g_autoptr (OxTensor) answer = NULL;

  if (self->kind == DIFFERS || self->kind == CHANGED)
    {
      *why = output_of (moment, scene->out) == NULL ? NULL
             : self->kind == DIFFERS                ? moment->differs (moment->frame, moment->node, (guint) scene->out, moment->data)
                                                    : moment->changed (moment->frame, moment->node, (guint) scene->out, moment->data);
      return *why != NULL;
    }
  if (self->kind == SHAPE)
    {
      const OxValue *value = output_of (moment, scene->out);
      const OxTensor *tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
      g_autofree char *shape = tensor != NULL ? ox_tensor_shape_string (tensor) : NULL;

      if (tensor == NULL || !has_shape (self, tensor))
        return FALSE;
      *why = g_strdup_printf ("'%s' is %s", output_name (moment, scene->out), shape);
      return TRUE;
    }
  if (surely_not (self, scene))
    return FALSE;
  answer = ox_expression_evaluate (self->formula, look_up, (gpointer) scene, cancellable, error);
  if (answer == NULL || !is_true (answer))
    return FALSE;
  *why = self->kind == BAD    ? why_bad (moment, scene->out)
         : self->kind == SAME ? why_same (moment, scene->out)
                              : why_formula (self, scene, cancellable);
  return TRUE;
}

gboolean
ox_condition_holds (const OxCondition *self, const OxMoment *moment, GCancellable *cancellable, char **why, GError **error)
{
  const int n_in = self->each_in ? (int) moment->node->input_names->len : 1;
  const int n_out = self->each_out ? (int) moment->node->output_names->len : 1;
  g_autoptr (GError) first = NULL;

  *why = NULL;
  for (int i = 0; i < n_in; i++)
    for (int o = 0; o < n_out; o++)
      {
        const Scene scene = { moment, i, o };
        g_autoptr (GError) problem = NULL;

        if (self->each_in && input_of (moment, i) == NULL)
          continue;
        if (self->each_out && output_of (moment, o) == NULL)
          continue;
        if (holds_for (self, &scene, cancellable, why, &problem))
          return TRUE;
        if (problem != NULL && first == NULL)
          first = g_steal_pointer (&problem);
      }
  if (first != NULL)
    g_propagate_error (error, g_steal_pointer (&first));
  return FALSE;
}
