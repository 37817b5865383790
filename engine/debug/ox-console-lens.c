/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-console-private.h"
#include "debug/ox-precision.h"
#include "debug/ox-provenance.h"
#include "debug/ox-quant-lens.h"
#include "debug/ox-rounding.h"
#include "debug/ox-what-if.h"

/* Rows that a console shows. */
#define ROWS 20
/* What a run may keep for a provenance. */
#define BUDGET ((gsize) 2 << 30)

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

/* "through TYPE [NODE|scope SCOPE|A..B]" and "keep TYPE TOLERANCE [RUNS]" */
static char *
ask_what_if (OxSession *session, GStrv words, GCancellable *cancellable, GError **error)
{
  gboolean keep = g_str_equal (words[0], "keep");
  guint n = g_strv_length (words);
  OxDtype dtype = n > 1 ? ox_dtype_from_name (words[1]) : OX_UNDEFINED;
  g_autoptr (OxSelection) selection = ox_selection_new (ox_session_get_model (session));
  g_autoptr (OxWhatIf) what_if = NULL;
  g_autoptr (OxWhatIfKept) kept = NULL;
  g_autofree char *first = NULL, *text = NULL;
  guint64 runs = 100;
  double tolerance = 0;
  gboolean ok = TRUE;

  if (n < 2 || !ox_rounding_knows (dtype) || n > 4
      || (keep && (n < 3 || (tolerance = g_ascii_strtod (words[2], NULL)) <= 0
                   || (n == 4 && !g_ascii_string_to_unsigned (words[3], 10, 1, 1000000, &runs, NULL)))))
    {
      ox_fail (error, OX_ERROR_VALUE, "expected precision through TYPE [NODE|scope SCOPE|NODE..NODE] or precision keep TYPE"
                                      " TOLERANCE [RUNS]");
      return NULL;
    }
  if (keep || n == 2)
    ox_selection_add_all (selection);
  else if (n == 4 && g_str_equal (words[2], "scope"))
    ok = ox_selection_add_scope (selection, words[3], error);
  else if (strstr (words[2], "..") != NULL)
    ok = ox_selection_add_between (selection, words[2], error);
  else
    ok = ox_selection_add (selection, words[2], error);
  if (!ok)
    return NULL;
  what_if = ox_what_if_new (session, dtype, g_steal_pointer (&selection));
  if (keep)
    {
      kept = ox_what_if_find_kept (what_if, tolerance, (guint) runs, cancellable, error);
      if (kept == NULL)
        return NULL;
      first = ox_what_if_kept_describe (kept, tolerance, ROWS);
    }
  if (!ox_what_if_run (what_if, cancellable, error))
    return NULL;
  text = ox_what_if_describe (what_if, ROWS);
  return g_strconcat (first != NULL ? first : "", text, NULL);
}

char *
ox_console_precision (OxSession *session, const char *argument, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) words = g_strsplit_set (argument, " \t", -1);

  if (words[0] != NULL && (g_str_equal (words[0], "through") || g_str_equal (words[0], "keep")))
    return ask_what_if (session, words, cancellable, error);
  return map_precision (session, words, cancellable, error);
}

char *
ox_console_quant (OxSession *session, const char *argument, GCancellable *cancellable, GError **error)
{
  gboolean all = g_str_equal (argument, "all");
  g_autoptr (OxQuantLens) lens = NULL;

  if (argument[0] != '\0' && !all)
    {
      ox_fail (error, OX_ERROR_VALUE, "expected quant [all], found '%s'", argument);
      return NULL;
    }
  lens = ox_quant_lens_new (session, NULL);
  return ox_quant_lens_run (lens, cancellable, error) ? ox_quant_lens_describe (lens, all ? 0 : ROWS) : NULL;
}

char *
ox_console_provenance (OxSession *session, const char *argument, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxProvenance) provenance = NULL;

  if (argument[0] == '\0')
    {
      ox_fail (error, OX_ERROR_VALUE, "expected provenance NAME[INDICES]");
      return NULL;
    }
  provenance = ox_provenance_new (session, BUDGET);
  return ox_provenance_run (provenance, argument, cancellable, error) ? ox_provenance_describe (provenance, ROWS) : NULL;
}
