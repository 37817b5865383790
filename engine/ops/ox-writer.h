/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-op.h"

G_BEGIN_DECLS

/* Writing other nodes that stand for a node, as text (model/ox-text.h), when the values it works on are there: what it is
 * made of, or its derivative. */
typedef struct
{
  const OxNode *node;
  const OxOp   *op;
  gint64        opset;
  GHashTable   *bindings;       /* attributes of the function around it, or NULL */
  int           n_in, n_out;
  const OxTensor **in, **out;   /* [n]; NULL: left out, or no tensor */
  char        **in_names, **out_names;   /* [n] as the text writes them; NULL: it knows */
  gboolean     *in_used, *out_used;      /* [n] set when a name is written */
  const char  **gradients;      /* [n_out] of the outputs, NULL: zero; $g is the first */
  guint        *serial;         /* for names of its own … */
  GHashTable   *taken;          /* … that are none of these; may be NULL */
  OxDtype       scalar;         /* of #numbers */
  GString      *text;
} OxWriter;

/* An attribute, with the default of the operator's row. */
gint64      ox_writer_int    (const OxWriter *w, const char *name);
double      ox_writer_real   (const OxWriter *w, const char *name);
gboolean    ox_writer_is     (const OxWriter *w, const char *name, const char *word);
const gint64 *ox_writer_ints (const OxWriter *w, const char *name, int *n);     /* NULL if it is not set */
gboolean    ox_writer_has    (const OxWriter *w, const char *name);

/* Appends @format, in which $0 $1 … are the inputs, $y the first output, $g the gradient, $T the type of the first input
 * (also as a number in $t), #1.5 a constant of type @scalar, and $name an attribute. printf() first: a string that may hold
 * a $ does not belong in the arguments. */
void        ox_writer_put    (OxWriter *w, GString *to, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Writes a line that gives @expression a name of its own, which is returned. (transfer full) */
char       *ox_writer_name   (OxWriter *w, const char *expression);
/* "i64[2]{3,4}" (transfer full). */
char       *ox_writer_ints_text (int n, const gint64 *values);

G_END_DECLS
