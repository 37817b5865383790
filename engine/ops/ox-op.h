/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/ox-memory.h"
#include "core/ox-parallel.h"
#include "model/ox-model.h"
#include "ops/ox-call.h"

G_BEGIN_DECLS

/* An operator's behaviour from one opset on is one row of its family's table; see docs/adding-an-operator.md. */

typedef struct { int min, max; } OxArity;   /* max -1: variadic */

/* What an attribute becomes in the family's typed struct:  */
typedef enum
{
  OX_KIND_INT,       /* gint64 */
  OX_KIND_FLOAT,     /* double */
  OX_KIND_STRING,    /* const char *, NUL-terminated */
  OX_KIND_OPT_INT,   /* OxOptInt: no default */
  OX_KIND_OPT_FLOAT, /* OxOptFloat */
  OX_KIND_INTS,      /* OxInts */
  OX_KIND_FLOATS,    /* OxFloats */
  OX_KIND_STRINGS,   /* OxStrings */
  OX_KIND_TENSOR,    /* OxValue *, NULL if not set; dense or sparse */
  OX_KIND_TENSORS,   /* OxValues */
  OX_KIND_GRAPH,     /* OxGraph * */
  OX_KIND_TYPE,      /* OxType * */
  OX_KIND_IGNORED,   /* allowed by the standard and without effect by its words (consumed_inputs) */
} OxAttrKind;

typedef struct { gint64 v; gboolean set; } OxOptInt;
typedef struct { double v; gboolean set; } OxOptFloat;
typedef struct { const gint64 *v; int n; gboolean set; } OxInts;
typedef struct { const float *v; int n; gboolean set; } OxFloats;
typedef struct { const char *const *v; int n; gboolean set; } OxStrings;
typedef struct { OxValue *const *v; int n; gboolean set; } OxValues;

typedef struct
{
  const char *name;
  OxAttrKind  kind;
  gsize       offset;
  gboolean    required;
  double      number;   /* default of INT and FLOAT */
  const char *text;     /* default of STRING, may be NULL */
} OxAttrSpec;

#define OX_INT(S, f, def)    { #f, OX_KIND_INT, offsetof (S, f), .number = (def) }
#define OX_FLOAT(S, f, def)  { #f, OX_KIND_FLOAT, offsetof (S, f), .number = (def) }
#define OX_STRING(S, f, def) { #f, OX_KIND_STRING, offsetof (S, f), .text = (def) }
#define OX_ATTR(S, f, kind_) { #f, OX_KIND_##kind_, offsetof (S, f) }
#define OX_NEED(S, f, kind_) { #f, OX_KIND_##kind_, offsetof (S, f), .required = TRUE }
#define OX_IGNORE(name_)     { name_, OX_KIND_IGNORED, 0 }
#define OX_ATTRS(specs, S)   .attrs = (specs), .n_attrs = G_N_ELEMENTS (specs), .attrs_size = sizeof (S)

typedef gboolean (*OxCallFunc) (OxCall *call, GError **error);

typedef enum
{
  OX_FLOW_NONE,
  OX_FLOW_IF,
  OX_FLOW_LOOP,
  OX_FLOW_SCAN,
  OX_FLOW_SEQUENCE_MAP,
  OX_FLOW_FLEX,
  OX_FLOW_GRADIENT,
} OxFlow;

typedef enum
{
  OX_OP_RANDOM = 1 << 0,   /* draws from ox_call_seed() */
  OX_OP_OMITS  = 1 << 1,   /* an omitted input in the middle of a variadic list is allowed */
  OX_OP_VALUES = 1 << 2,   /* takes sequences, optionals, maps or sparse tensors too; without it tensors only */
} OxOpFlags;

struct _OxOp
{
  const char *name;
  int         since;             /* behaviour since this opset */
  OxArity     in, out;
  const OxAttrSpec *attrs;
  int         n_attrs;
  gsize       attrs_size;
  OxCallFunc  infer;             /* types and shapes of the outputs; NULL: nothing can be said before running */
  OxCallFunc  run;               /* fills them; NULL with a flow */
  OxFlow      flow;
  guint       flags;
  gintptr     code;              /* the family's own: an enum … */
  const void *data;              /* … or a table of kernels */
};

typedef struct
{
  const char *domain;            /* "ai.onnx", "ai.onnx.ml", "com.microsoft", … */
  const OxOp *rows;
  int         n_rows;
} OxOpFamily;

/* At the end of a family's file: OX_FAMILY (arith, "ai.onnx", arith_rows). The name goes into families.def too. */
#define OX_FAMILY(id, domain_, rows_)                                                                                \
  extern const OxOpFamily ox_family_##id;                                                                            \
  const OxOpFamily ox_family_##id = { domain_, rows_, G_N_ELEMENTS (rows_) }

/* The newest row with since <= @version; NULL if the operator or so old a version is not there. */
const OxOp *ox_op_find        (const char *domain, const char *name, gint64 version);
/* Calls @func for every row. */
void        ox_op_foreach     (void (*func) (const char *domain, const OxOp *op, gpointer data), gpointer data);

/* The attributes of @node as the typed struct of @op, defaults filled in; @bindings (name -> OxAttribute*, may be NULL)
 * are those of the enclosing function's call. Free with ox_attrs_free(). Errors: OX_ERROR_MODEL for a missing, unknown or
 * wrongly typed attribute. */
void       *ox_attrs_parse    (const OxOp *op, const OxNode *node, GHashTable *bindings, GError **error);
void        ox_attrs_free     (const OxOp *op, void *attrs);
/* What such an attribute is in a file; OX_ATTR_UNDEFINED for one that is ignored. */
OxAttrType  ox_attr_kind_type (OxAttrKind kind);

G_END_DECLS
