/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ox-writer.h"

G_BEGIN_DECLS

/* What operators are made of that the standard defines as functions: texts (model/ox-text.h) of simpler operators. */

/* Writes the text to w->text; FALSE: at these inputs there is none, or they are not what the operator takes. */
typedef gboolean (*OxExpandFunc) (OxWriter *w);

typedef struct
{
  const char  *name;       /* of ai.onnx */
  int          since;
  const char  *text;       /* as ox_writer_put() reads it; or */
  OxExpandFunc func;       /* a text that depends on shapes and attributes; neither: none so far */
  gboolean     any;        /* also for types other than f16, bf16, f32, f64 */
} OxExpandRow;

/* Of the body of a text. */
#define OX_EXPAND_OPSET 24

typedef enum
{
  OX_EXPAND_NO,        /* the standard does not define it by others */
  OX_EXPAND_MISSING,   /* it does, this program has no text */
  OX_EXPAND_YES,
} OxExpandKind;

OxExpandKind ox_expand_kind (const char *domain, const char *name, gint64 opset);
/* The text for these inputs (transfer full), NULL if there is none. */
char        *ox_expand      (OxWriter *w);

/* ---- for the texts ---- */
gboolean    ox_expand_given  (const OxWriter *w, int i);
/* "f32{0.5}" after @format. */
void        ox_expand_line   (OxWriter *w, const char *format, ...) G_GNUC_PRINTF (2, 3);
extern const OxExpandRow ox_expand_reduce_rows[], ox_expand_norm_rows[], ox_expand_attention_rows[], ox_expand_other_rows[];

G_END_DECLS
