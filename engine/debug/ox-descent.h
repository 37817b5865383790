/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-shapes.h"
#include "debug/ox-trace.h"
#include "ops/ox-call.h"

G_BEGIN_DECLS

/* Where a number in a shape comes from: a dimension of a value, or an element of a small tensor of integers, followed through
 * the nodes that pass it on. Which input's dimension an output's follows is asked of the operator's own inference, by putting a
 * name in the place of the number and looking for it in what comes out; so it goes for every operator. */
typedef enum
{
  OX_DESCENT_PASSED,      /* @node takes it from one number of an input, the next step */
  OX_DESCENT_COMPUTED,    /* @node computes it from numbers of its inputs; the next step is one of them */
  OX_DESCENT_MADE,        /* @node's attributes, or the elements of its inputs, make it */
  OX_DESCENT_CONSTANT,    /* a weight or constant has it */
  OX_DESCENT_INPUT,       /* an input of the model was given with it */
  OX_DESCENT_UNKNOWN,     /* what it was is not known any more, or it comes out of a body that is not */
} OxDescentKind;

typedef struct
{
  OxDescentKind kind;
  OxGraph *graph;       /* of the value */
  int      slot;
  OxNode  *node;        /* that has written it, or has the body it was given to; NULL for none */
  gboolean is_element;  /* element @at, in row-major order, rather than dimension @at */
  int      at;
  gint64   number;
  char    *how;         /* a sentence without its subject: "Transpose 'turn' takes it from axis 1 of 'x'" */
} OxDescent;

typedef struct
{
  OxSession *session;
  OxShapes  *shapes;    /* NULL: only what is in the frames */
  OxTrace   *trace;     /* frames that have closed; or NULL */
  gboolean   missing;   /* out: with more shapes more could be said */
} OxDescentSource;

/* Fills @fact with what is known of a value; what it points at is put into @arena (of OxTensor, OxType, or g_malloc). FALSE if
 * it is not known. */
typedef struct _OxArena OxArena;

OxArena   *ox_arena_new     (void);
void       ox_arena_free    (OxArena *arena);
gboolean   ox_descent_fact   (OxDescentSource *source, OxFrame *frame, OxRef ref, OxFact *fact, OxDims *dims, OxArena *arena);

/* (transfer full) of OxDescent, from the number itself to where it began. */
GPtrArray *ox_descent_trace  (OxDescentSource *source, OxFrame *frame, OxRef ref, gboolean is_element, int at, gint64 number);
/* "axis 2 of 'k' is 63: Transpose 'turn' takes it from axis 1 of 'r'"; (transfer full) */
char      *ox_descent_describe (const OxDescent *origin);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxArena, ox_arena_free)

G_END_DECLS
