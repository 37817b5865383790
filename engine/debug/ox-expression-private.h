/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-expression.h"

G_BEGIN_DECLS

/* What ox-expression.c parses and the other two compute. */

typedef enum
{
  OX_TERM_NUMBER, OX_TERM_NAME, OX_TERM_CALL, OX_TERM_INDEX,
  OX_TERM_NEGATE, OX_TERM_NOT,
  OX_TERM_ADD, OX_TERM_SUBTRACT, OX_TERM_MULTIPLY, OX_TERM_DIVIDE, OX_TERM_REMAINDER, OX_TERM_POWER,
  OX_TERM_LESS, OX_TERM_LESS_EQUAL, OX_TERM_MORE, OX_TERM_MORE_EQUAL, OX_TERM_EQUAL, OX_TERM_UNEQUAL,
  OX_TERM_AND, OX_TERM_OR,
} OxTermKind;

/* One axis of an index: a number, or a range of which parts may be missing. */
typedef struct
{
  gboolean range, has_begin, has_end;
  gint64   begin, end, step;
} OxTermRange;

typedef struct _OxTerm OxTerm;
struct _OxTerm
{
  OxTermKind kind;
  double     number;
  gboolean   integer;       /* NUMBER: written without a point, and it is @whole */
  gint64     whole;
  char      *name;          /* NAME */
  int        function;      /* CALL: its row */
  OxTerm    *arguments[2];
  int        n_arguments;
  GArray    *ranges;        /* INDEX: OxTermRange */
};

struct _OxExpression
{
  char      *text;
  OxTerm    *root;
  GPtrArray *names;
};

typedef struct
{
  const char *name;
  int         least, most;   /* arguments */
} OxTermFunction;

/* ---- ox-expression-functions.c ---- */
/* The row of a function, -1: there is none. */
int                   ox_term_find_function (const char *name);
const OxTermFunction *ox_term_get_function  (int function);

/* How many elements are computed between two looks at the cancellable. */
#define OX_TERM_CHUNK 65536

typedef enum { OX_KIND_REAL, OX_KIND_INTEGER, OX_KIND_TRUTH } OxTermNumberKind;

/* What a term gives: dense, REAL of f64, the others of i64. */
typedef struct
{
  OxTensor        *tensor;
  OxTermNumberKind kind;
  OxDtype          from;    /* what a name's tensor is made of, else f64 */
} OxTermNumber;

typedef struct
{
  OxExpressionLookup lookup;
  gpointer           data;
  GCancellable      *cancellable;
  GError           **error;
} OxEvaluation;

static inline double *
ox_term_reals (const OxTermNumber *number)
{
  return (double *) (void *) number->tensor->data;
}

static inline gint64 *
ox_term_integers (const OxTermNumber *number)
{
  return (gint64 *) (void *) number->tensor->data;
}

static inline double
ox_term_at (const OxTermNumber *number, gint64 i)
{
  return number->kind == OX_KIND_REAL ? ox_term_reals (number)[i] : (double) ox_term_integers (number)[i];
}

gboolean ox_term_set_new     (OxEvaluation *e, OxTermNumber *out, OxTermNumberKind kind, int rank, const gint64 *dims);
gboolean ox_term_set_real    (OxEvaluation *e, OxTermNumber *out, double value);
gboolean ox_term_set_integer (OxEvaluation *e, OxTermNumber *out, OxTermNumberKind kind, gint64 value);
gboolean ox_term_each        (OxEvaluation *e, double (*func) (double x), OxTermNumberKind kind, const OxTermNumber *x,
                              OxTermNumber *out);
/* A function of one or, if @y has a tensor, of two. */
gboolean ox_term_call        (OxEvaluation *e, int function, const OxTermNumber *x, const OxTermNumber *y, OxTermNumber *out);

/* ---- ox-expression-eval.c ---- */
/* LEAST and MOST are no terms: the functions of two arguments. */
typedef enum { OX_PAIR_TERM, OX_PAIR_LEAST, OX_PAIR_MOST } OxTermPair;
gboolean ox_term_pair        (OxEvaluation *e, OxTermPair pair, OxTermKind kind, const OxTermNumber *a, const OxTermNumber *b,
                              OxTermNumber *out);

G_END_DECLS
