/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-expression.h"

G_BEGIN_DECLS

/* What ox-expression.c parses and ox-expression-eval.c computes. */

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
  gboolean   integer;       /* NUMBER: written without a point */
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

/* The row of a function, -1: there is none. */
int                   ox_term_find_function (const char *name);
const OxTermFunction *ox_term_get_function  (int function);

G_END_DECLS
