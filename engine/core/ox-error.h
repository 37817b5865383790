/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One error domain for the engine. A message says what was expected and what was found; whoever knows
 * more (node, graph path, file) puts it in front with ox_error_prefix(). */
typedef enum
{
  OX_ERROR_FILE,        /* cannot be opened, read or written */
  OX_ERROR_FORMAT,      /* the bytes are not what the format asks for */
  OX_ERROR_MODEL,       /* well-formed, but not a valid model: names, cycles, arity, attributes */
  OX_ERROR_UNSUPPORTED, /* an operator, version or type that this program does not execute */
  OX_ERROR_DTYPE,       /* element types do not fit */
  OX_ERROR_SHAPE,       /* shapes do not fit */
  OX_ERROR_VALUE,       /* a value is out of its domain */
  OX_ERROR_MEMORY,      /* more memory than the limit or the machine has */
} OxError;

#define OX_ERROR (ox_error_quark ())
GQuark   ox_error_quark  (void);

/* Sets @error and returns FALSE, so that a check is one line: return ox_fail (error, OX_ERROR_SHAPE, …). */
gboolean ox_fail         (GError    **error,
                          OxError     code,
                          const char *format,
                          ...) G_GNUC_PRINTF (3, 4);

/* Puts "prefix: " in front of an error that is set; does nothing otherwise. */
void     ox_error_prefix (GError    **error,
                          const char *format,
                          ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
