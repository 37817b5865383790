/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-error.h"

G_DEFINE_QUARK (ox-error-quark, ox_error)

gboolean
ox_fail (GError **error, OxError code, const char *format, ...)
{
  va_list args;

  if (error == NULL)
    return FALSE;
  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (OX_ERROR, code, format, args));
  va_end (args);
  return FALSE;
}

void
ox_error_prefix (GError **error, const char *format, ...)
{
  va_list args;
  g_autofree char *prefix = NULL;
  char *message;

  if (error == NULL || *error == NULL)
    return;
  va_start (args, format);
  prefix = g_strdup_vprintf (format, args);
  va_end (args);
  message = g_strconcat (prefix, ": ", (*error)->message, NULL);
  g_free ((*error)->message);
  (*error)->message = message;
}
