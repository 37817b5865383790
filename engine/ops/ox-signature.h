/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-graph.h"

G_BEGIN_DECLS

/* What the standard allows an operator to take, version by version, apart from what the kernels here can do. A check
 * compares models with it; a run never does. The texts of the table (signatures-*.def):
 *
 *   inputs, outputs   "T T1? V*"      a type variable or a plain type each; ? may be left out; * any number, at least one
 *                                     (*0: or none; ~ after it: of types that need not be the same)
 *   attributes        "axis:i! to:i"  i int, f float, s string, I F S lists of them, t tensor, z sparse tensor, g graph,
 *                                     y type; ! required
 *   types             "T=float+bf16"  the types a variable may be: names as ox_dtype_name(), seq(…), opt(…), map(…,…),
 *                                     or classes of them, see ox-signature.c
 */
typedef struct
{
  const char *domain, *name;
  int         since;
  gboolean    deprecated;
  const char *inputs, *outputs, *attributes, *types;
} OxSignature;

/* The newest with since <= @version; NULL if there is none. */
const OxSignature *ox_signature_find    (const char *domain, const char *name, gint64 version);
/* The first version of an operator; 0 if the standard has no such one. And the newest version of a domain, 0 if the standard
 * has no such one. */
int                ox_signature_first   (const char *domain, const char *name);
int                ox_signature_newest  (const char *domain);
void               ox_signature_foreach (void (*func) (const OxSignature *signature, gpointer data), gpointer data);

/* One entry of inputs or outputs. */
typedef struct
{
  char     type[32];     /* "T", or a plain type */
  gboolean optional, variadic, mixed;
  int      least;        /* VARIADIC: 0 or 1 */
} OxParameter;

/* Entry @i; a variadic one stands for all that follow. FALSE when there is no such one. */
gboolean    ox_signature_parameter  (const char *parameters, int i, OxParameter *parameter);
/* How many a node may have; @max -1 for any number. */
void        ox_signature_arity      (const char *parameters, int *min, int *max);
/* The kind of an attribute as in the table, 0 if there is none of that name. */
char        ox_signature_attribute  (const OxSignature *signature, const char *name);
OxAttrType  ox_signature_attr_type  (char kind);
/* "int", "list of floats"… */
const char *ox_signature_kind_name  (OxAttrType type);
/* What variable @variable may be; NULL if it is none. (transfer full) */
char       *ox_signature_types      (const OxSignature *signature, const char *variable);
/* "f32", "seq(i64)": a type without its shape as the table writes it; NULL where it is not wholly known. (transfer full) */
char       *ox_signature_type_text  (const OxType *type);
/* Whether such a text is one of @types. */
gboolean    ox_signature_type_is    (const char *types, const char *text);
/* @types written out: "f16, f32 or f64". (transfer full) */
char       *ox_signature_types_text (const char *types);

G_END_DECLS
