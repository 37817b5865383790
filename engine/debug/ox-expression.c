/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-expression-private.h"

#include <math.h>
#include <string.h>

#include "core/ox-error.h"

#define MAX_DEPTH 64
#define MAX_LENGTH 4096

typedef struct
{
  const char *text, *at;
  GPtrArray  *names;
  int         depth;
  GError    **error;
} Parser;

static void
term_free (OxTerm *term)
{
  if (term == NULL)
    return;
  for (int i = 0; i < term->n_arguments; i++)
    term_free (term->arguments[i]);
  if (term->ranges != NULL)
    g_array_unref (term->ranges);
  g_free (term->name);
  g_free (term);
}

static OxTerm *
term_new (OxTermKind kind, OxTerm *a, OxTerm *b)
{
  OxTerm *term = g_new0 (OxTerm, 1);

  term->kind = kind;
  term->arguments[0] = a;
  term->arguments[1] = b;
  term->n_arguments = b != NULL ? 2 : a != NULL ? 1 : 0;
  return term;
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

static void
skip (Parser *p)
{
  while (g_ascii_isspace (*p->at))
    p->at++;
}

static gpointer
complain (Parser *p, const char *what)
{
  skip (p);
  if (*p->at == '\0')
    ox_fail (p->error, OX_ERROR_VALUE, "%s: %s at its end", p->text, what);
  else
    ox_fail (p->error, OX_ERROR_VALUE, "%s: %s at column %d, found '%.12s'", p->text, what, (int) (p->at - p->text) + 1, p->at);
  return NULL;
}

/* Takes @word if it is next; one of letters must end there. */
static gboolean
take (Parser *p, const char *word)
{
  gsize n = strlen (word);

  skip (p);
  if (strncmp (p->at, word, n) != 0
      || (g_ascii_isalpha (word[0]) && (g_ascii_isalnum (p->at[n]) || strchr ("_.:/", p->at[n]) != NULL) && p->at[n] != '\0'))
    return FALSE;
  p->at += n;
  return TRUE;
}

static gboolean
begins_name (const char *at)
{
  return g_ascii_isalpha (*at) || *at == '_' || (*at == '/' && (g_ascii_isalnum (at[1]) || at[1] == '_'));
}

static gboolean
goes_on_name (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '.' || c == ':' || c == '/';
}

char *
ox_expression_quote (const char *name)
{
  static const char *const words[] = { "and", "or", "not", "nan", "inf", NULL };
  g_auto (GStrv) parts = NULL;
  g_autofree char *doubled = NULL;
  gboolean plain = begins_name (name) && !g_strv_contains (words, name) && ox_term_find_function (name) < 0;

  for (const char *c = name; *c != '\0' && plain; c++)
    plain = goes_on_name (*c);
  if (plain)
    return g_strdup (name);
  parts = g_strsplit (name, "'", -1);
  doubled = g_strjoinv ("''", parts);
  return g_strdup_printf ("'%s'", doubled);
}

/* ---- what binds tighter is further down ------------------------------------------------------------------------ */

static OxTerm *parse_any (Parser *p);

static gboolean
parse_integer (Parser *p, gint64 *value)
{
  char *end;
  gboolean digits;

  skip (p);
  digits = g_ascii_isdigit (p->at[*p->at == '-']);
  *value = g_ascii_strtoll (p->at, &end, 10);
  if (!digits)
    return complain (p, "expected an index") != NULL;
  p->at = end;
  return TRUE;
}

static gboolean
parse_range (Parser *p, OxTermRange *range)
{
  *range = (OxTermRange){ .step = 1 };
  skip (p);
  if (*p->at != ':')
    {
      if (!parse_integer (p, &range->begin))
        return FALSE;
      range->has_begin = TRUE;
    }
  if (!take (p, ":"))
    return TRUE;
  range->range = TRUE;
  skip (p);
  if (*p->at != ':' && *p->at != ',' && *p->at != ']')
    {
      if (!parse_integer (p, &range->end))
        return FALSE;
      range->has_end = TRUE;
    }
  if (!take (p, ":"))
    return TRUE;
  if (!parse_integer (p, &range->step))
    return FALSE;
  return range->step != 0 || complain (p, "expected a step other than 0") != NULL;
}

static OxTerm *
parse_index (Parser *p, OxTerm *of)
{
  OxTerm *term = term_new (OX_TERM_INDEX, of, NULL);

  term->ranges = g_array_new (FALSE, FALSE, sizeof (OxTermRange));
  do
    {
      OxTermRange range;

      if (term->ranges->len == OX_MAX_RANK || !parse_range (p, &range))
        {
          if (term->ranges->len == OX_MAX_RANK)
            complain (p, "expected fewer indices");
          term_free (term);
          return NULL;
        }
      g_array_append_val (term->ranges, range);
    }
  while (take (p, ","));
  if (take (p, "]"))
    return term;
  term_free (term);
  return complain (p, "expected ]");
}

static OxTerm *
parse_call (Parser *p, int function)
{
  const OxTermFunction *row = ox_term_get_function (function);
  OxTerm *term = term_new (OX_TERM_CALL, NULL, NULL);

  term->function = function;
  do
    {
      OxTerm *argument = term->n_arguments < row->most ? parse_any (p) : complain (p, "expected )");

      if (argument == NULL)
        {
          term_free (term);
          return NULL;
        }
      term->arguments[term->n_arguments++] = argument;
    }
  while (take (p, ","));
  if (term->n_arguments >= row->least && take (p, ")"))
    return term;
  complain (p, term->n_arguments < row->least ? "expected another argument" : "expected )");
  term_free (term);
  return NULL;
}

static OxTerm *
name_term (Parser *p, const char *begin, gsize n)
{
  OxTerm *term = term_new (OX_TERM_NAME, NULL, NULL);

  term->name = g_strndup (begin, n);
  if (!g_ptr_array_find_with_equal_func (p->names, term->name, g_str_equal, NULL))
    g_ptr_array_add (p->names, g_strdup (term->name));
  return term;
}

static OxTerm *
parse_word (Parser *p)
{
  const char *begin = p->at;
  g_autofree char *word = NULL;
  int function;

  while (goes_on_name (*p->at))
    p->at++;
  word = g_strndup (begin, (gsize) (p->at - begin));
  function = ox_term_find_function (word);
  if (*p->at == '(')
    {
      if (function < 0)
        {
          p->at = begin;
          return complain (p, "expected a function");
        }
      p->at++;
      return parse_call (p, function);
    }
  if (g_str_equal (word, "nan") || g_str_equal (word, "inf"))
    {
      OxTerm *term = term_new (OX_TERM_NUMBER, NULL, NULL);

      term->number = word[0] == 'n' ? (double) NAN : (double) INFINITY;
      return term;
    }
  return name_term (p, begin, strlen (word));
}

static OxTerm *
parse_number (Parser *p)
{
  OxTerm *term = term_new (OX_TERM_NUMBER, NULL, NULL);
  char *end;

  g_autofree char *digits = NULL;

  term->number = g_ascii_strtod (p->at, &end);
  digits = g_strndup (p->at, (gsize) (end - p->at));
  term->integer = g_ascii_string_to_signed (digits, 10, 0, G_MAXINT64, &term->whole, NULL);
  p->at = end;
  return term;
}

/* 'a name', in which a quote is written twice. (transfer full) NULL: it does not end. */
static char *
parse_quoted (Parser *p)
{
  GString *name = g_string_new (NULL);

  for (const char *at = p->at + 1; *at != '\0'; at++)
    {
      if (*at == '\'' && *++at != '\'')
        {
          p->at = at;
          return g_string_free (name, FALSE);
        }
      g_string_append_c (name, *at);
    }
  g_string_free (name, TRUE);
  return NULL;
}

static OxTerm *
parse_operand (Parser *p)
{
  OxTerm *term = NULL;

  skip (p);
  if (g_ascii_isdigit (*p->at) || (*p->at == '.' && g_ascii_isdigit (p->at[1])))
    term = parse_number (p);
  else if (*p->at == '\'')
    {
      g_autofree char *name = parse_quoted (p);

      if (name == NULL)
        return complain (p, "expected a closing '");
      term = name_term (p, name, strlen (name));
    }
  else if (begins_name (p->at))
    term = parse_word (p);
  else if (take (p, "("))
    {
      term = parse_any (p);
      if (term != NULL && !take (p, ")"))
        {
          term_free (term);
          return complain (p, "expected )");
        }
    }
  else
    return complain (p, "expected a value");
  while (term != NULL && *p->at == '[')
    {
      p->at++;
      term = parse_index (p, term);
    }
  return term;
}

static OxTerm *parse_unary (Parser *p);

static OxTerm *
parse_power (Parser *p)
{
  OxTerm *a = parse_operand (p), *b;

  if (a == NULL || !take (p, "^"))
    return a;
  if ((b = parse_unary (p)) != NULL)
    return term_new (OX_TERM_POWER, a, b);
  term_free (a);
  return NULL;
}

static OxTerm *
parse_unary (Parser *p)
{
  OxTerm *a = NULL;

  if (++p->depth > MAX_DEPTH)
    complain (p, "expected less nesting");
  else if (take (p, "-"))
    a = (a = parse_unary (p)) != NULL ? term_new (OX_TERM_NEGATE, a, NULL) : NULL;
  else
    a = parse_power (p);
  p->depth--;
  return a;
}

typedef struct
{
  const char *word;
  OxTermKind  kind;
} Operator;

/* Operands of one level, from the left. */
static OxTerm *
parse_level (Parser *p, const Operator *operators, int n, OxTerm *(*below) (Parser *p))
{
  OxTerm *a = below (p);

  while (a != NULL)
    {
      OxTerm *b;
      int i = 0;

      while (i < n && !take (p, operators[i].word))
        i++;
      if (i == n)
        return a;
      if ((b = below (p)) == NULL)
        {
          term_free (a);
          return NULL;
        }
      a = term_new (operators[i].kind, a, b);
    }
  return NULL;
}

static OxTerm *
parse_product (Parser *p)
{
  static const Operator operators[] = { { "*", OX_TERM_MULTIPLY }, { "/", OX_TERM_DIVIDE }, { "%", OX_TERM_REMAINDER } };

  return parse_level (p, operators, G_N_ELEMENTS (operators), parse_unary);
}

static OxTerm *
parse_sum (Parser *p)
{
  static const Operator operators[] = { { "+", OX_TERM_ADD }, { "-", OX_TERM_SUBTRACT } };

  return parse_level (p, operators, G_N_ELEMENTS (operators), parse_product);
}

static OxTerm *
parse_comparison (Parser *p)
{
  static const Operator operators[] = { { "<=", OX_TERM_LESS_EQUAL }, { ">=", OX_TERM_MORE_EQUAL }, { "==", OX_TERM_EQUAL },
                                        { "!=", OX_TERM_UNEQUAL },    { "<", OX_TERM_LESS },        { ">", OX_TERM_MORE } };

  return parse_level (p, operators, G_N_ELEMENTS (operators), parse_sum);
}

static OxTerm *
parse_not (Parser *p)
{
  OxTerm *a = NULL;

  if (++p->depth > MAX_DEPTH)
    complain (p, "expected less nesting");
  else if (take (p, "not"))
    a = (a = parse_not (p)) != NULL ? term_new (OX_TERM_NOT, a, NULL) : NULL;
  else
    a = parse_comparison (p);
  p->depth--;
  return a;
}

static OxTerm *
parse_and (Parser *p)
{
  static const Operator operators[] = { { "and", OX_TERM_AND } };

  return parse_level (p, operators, G_N_ELEMENTS (operators), parse_not);
}

static OxTerm *
parse_any (Parser *p)
{
  static const Operator operators[] = { { "or", OX_TERM_OR } };
  OxTerm *a = NULL;

  if (++p->depth > MAX_DEPTH)
    complain (p, "expected less nesting");
  else
    a = parse_level (p, operators, G_N_ELEMENTS (operators), parse_and);
  p->depth--;
  return a;
}

OxExpression *
ox_expression_new (const char *text, GError **error)
{
  g_autoptr (OxExpression) self = NULL;
  Parser parser = { .error = error };

  if (strlen (text) > MAX_LENGTH)
    {
      ox_fail (error, OX_ERROR_VALUE, "an expression of %" G_GSIZE_FORMAT " characters, expected at most %d", strlen (text),
               MAX_LENGTH);
      return NULL;
    }
  self = g_new0 (OxExpression, 1);
  self->text = g_strstrip (g_strdup (text));
  self->names = g_ptr_array_new_with_free_func (g_free);
  parser.text = parser.at = self->text;
  parser.names = self->names;
  if ((self->root = parse_any (&parser)) == NULL)
    return NULL;
  skip (&parser);
  if (*parser.at != '\0')
    return complain (&parser, "expected an operator");
  return g_steal_pointer (&self);
}

void
ox_expression_free (OxExpression *self)
{
  if (self == NULL)
    return;
  term_free (self->root);
  g_ptr_array_unref (self->names);
  g_free (self->text);
  g_free (self);
}

const char *
ox_expression_text (const OxExpression *self)
{
  return self->text;
}

GPtrArray *
ox_expression_names (const OxExpression *self)
{
  return self->names;
}
