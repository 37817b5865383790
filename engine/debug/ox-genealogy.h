/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-session.h"

G_BEGIN_DECLS

typedef enum
{
  OX_ORIGIN_NODE,
  OX_ORIGIN_WEIGHT,
  OX_ORIGIN_INPUT,       /* of the model, or of a body that cannot be looked behind */
} OxOrigin;

/* One input of a node: the element of it that matters most for one element of the node's output. */
typedef struct
{
  char    *name;         /* of the tensor */
  char    *index;        /* "[0,3,17]" */
  double   value;
  gint64   among;        /* how many elements of this tensor the output element hangs on */
  OxOrigin origin;
  gboolean followed;     /* the next generation is about the node that made it */
} OxAncestor;

/* An element and where it comes from. */
typedef struct
{
  const OxNode *node;
  char         *where;   /* the frame, NULL: main */
  char         *name;    /* of the tensor */
  char         *index;
  double        value;
  gboolean      changed;     /* it is not of the node's doing: somebody put it there, or passed the node over */
  GPtrArray    *ancestors;   /* OxAncestor*; none if changed */
} OxGeneration;

/* How element @element of output @output of @node came to be, from the inputs that @session (keep_all, before the node or
 * after it) has: generation after generation along what matters most, back to a weight or an input, or until the time is
 * over. What an output element hangs on is found by putting NaN into parts of the inputs. (transfer full) array of
 * OxGeneration. */
GPtrArray *ox_genealogy_trace    (OxSession *session, OxFrame *frame, OxNode *node, guint output, gint64 element,
                                  const OxTensor *found, double seconds);
/* "[0,3,17]"; "" for a scalar. (transfer full) */
char      *ox_index_to_string    (const OxTensor *tensor, gint64 element);

G_END_DECLS
