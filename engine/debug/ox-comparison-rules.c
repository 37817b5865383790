/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/ox-error.h"
#include "debug/ox-comparison-private.h"

void
ox_rule_clear (gpointer rule)
{
  g_free (((OxRule *) rule)->pattern);
}

gboolean
ox_rule_fits (const OxRule *rule, const OxNode *node, guint output, const OxValue *expected)
{
  if (rule->dtype != OX_UNDEFINED)
    return expected->kind == OX_VALUE_TENSOR && expected->dtype == rule->dtype;
  if (rule->op)
    return strcmp (rule->pattern, node->op_type) == 0;
  return g_pattern_match_simple (rule->pattern, g_ptr_array_index (node->output_names, output));
}

gboolean
ox_comparison_add_rule (OxComparison *self, const char *text, GError **error)
{
  const char *equals = strrchr (text, '=');
  g_autofree char *what = equals != NULL ? g_strndup (text, (gsize) (equals - text)) : NULL;
  OxRule rule = { NULL, FALSE, OX_UNDEFINED, 0, 0 };
  char *end = NULL;

  rule.rtol = equals != NULL ? g_ascii_strtod (equals + 1, &end) : 0;
  if (equals == NULL || equals == text || end == equals + 1 || *end != ',')
    return ox_fail (error, OX_ERROR_VALUE, "expected PATTERN=rtol,atol, found '%s'", text);
  equals = end + 1;
  rule.atol = g_ascii_strtod (equals, &end);
  if (end == equals || *end != '\0' || !(rule.rtol >= 0) || !(rule.atol >= 0))
    return ox_fail (error, OX_ERROR_VALUE, "expected PATTERN=rtol,atol, found '%s'", text);
  if (g_str_has_prefix (what, "type:"))
    {
      rule.dtype = ox_dtype_from_name (what + 5);
      if (rule.dtype == OX_UNDEFINED)
        return ox_fail (error, OX_ERROR_VALUE, "expected a type such as f16, found '%s'", what + 5);
    }
  rule.op = g_str_has_prefix (what, "op:");
  rule.pattern = g_strdup (rule.op ? what + 3 : what);
  g_array_append_val (self->rules, rule);
  return TRUE;
}

gboolean
ox_comparison_add_rules_from (OxComparison *self, const char *path, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, &cause))
    return ox_fail (error, OX_ERROR_FILE, "%s", cause->message);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = g_strstrip (lines[i]);

      if (line[0] == '\0' || line[0] == '#')
        continue;
      if (!ox_comparison_add_rule (self, line, error))
        {
          ox_error_prefix (error, "%s: line %u", path, i + 1);
          return FALSE;
        }
    }
  return TRUE;
}
