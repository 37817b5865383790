/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-console-private.h"
#include "debug/ox-precision.h"

/* Rows that a console shows. */
#define ROWS 20

/* "precision [TYPE] [all]" */
static char *
map_precision (OxSession *session, GStrv words, GCancellable *cancellable, GError **error)
{
  guint n = g_strv_length (words);
  gboolean all = n > 0 && g_str_equal (words[n - 1], "all");
  OxDtype dtype = n > (guint) all ? ox_dtype_from_name (words[0]) : OX_F16;
  g_autoptr (OxPrecision) precision = NULL;
  OxNarrow narrow;

  if (n > 1 + (guint) all || dtype == OX_UNDEFINED)
    {
      ox_fail (error, OX_ERROR_VALUE, "expected precision [TYPE] [all], found '%s'", words[n > 1 + (guint) all ? 1 : 0]);
      return NULL;
    }
  if (!ox_narrow_find (dtype, &narrow, error))
    return NULL;
  precision = ox_precision_new (session, &narrow);
  return ox_precision_run (precision, cancellable, error) ? ox_precision_describe (precision, all ? 0 : ROWS) : NULL;
}

char *
ox_console_precision (OxSession *session, const char *argument, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) words = g_strsplit_set (argument, " \t", -1);

  return map_precision (session, argument[0] == '\0' ? words + 1 : words, cancellable, error);
}
