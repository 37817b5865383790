/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-re2.h"

#include <string.h>

#include "core/ox-error.h"

/* GRegex speaks Perl's language, which has all of RE2's but means other characters by \d, \w and \s: there all of
 * Unicode, in RE2 those of ASCII. They are written out. */

static const char *
class_text (char letter, gboolean inside)
{
  switch (letter)
    {
    case 'd':
      return inside ? "0-9" : "[0-9]";
    case 'w':
      return inside ? "0-9A-Za-z_" : "[0-9A-Za-z_]";
    case 's':
      return inside ? "\\t\\n\\f\\r " : "[\\t\\n\\f\\r ]";
    case 'D':
      return inside ? "\\x{0}-/:-\\x{10ffff}" : "[^0-9]";
    case 'W':
      return inside ? "\\x{0}-/:-@\\[-\\^`{-\\x{10ffff}" : "[^0-9A-Za-z_]";
    case 'S':
      return inside ? "\\x{0}-\\x{8}\\x{b}\\x{e}-\\x{1f}!-\\x{10ffff}" : "[^\\t\\n\\f\\r ]";
    default:
      return NULL;
    }
}

/* What follows "(?" and is not in RE2. */
static gboolean
is_foreign_group (const char *text)
{
  static const char *const foreign[] = {
    "=", "!", "<=", "<!", ">", "|", "(", "R", "&", "P=", "P>", "#", "+", "-", NULL
  };

  for (guint i = 0; foreign[i] != NULL; i++)
    if (g_str_has_prefix (text, foreign[i]))
      {
        /* (?-i) switches a flag off, (?-1) calls a group. */
        if (foreign[i][0] == '-')
          return g_ascii_isdigit (text[1]);
        return TRUE;
      }
  return g_ascii_isdigit (text[0]);
}

static gboolean
foreign (const char *pattern, const char *what, GError **error)
{
  return ox_fail (error, OX_ERROR_VALUE, "the pattern '%s' has %s, which RE2 does not know", pattern, what);
}

static gboolean
rewrite (const char *pattern, GString *out, GError **error)
{
  gboolean inside = FALSE;

  for (const char *p = pattern; *p != '\0'; p++)
    if (*p == '\\' && p[1] != '\0')
      {
        const char *text = class_text (*++p, inside), *end;

        if (*p == 'Q' && !inside)
          {
            g_autofree char *plain = NULL, *escaped = NULL;

            end = strstr (p + 1, "\\E");
            plain = end != NULL ? g_strndup (p + 1, (gsize) (end - p - 1)) : g_strdup (p + 1);
            escaped = g_regex_escape_string (plain, -1);
            g_string_append (out, escaped);
            p = end != NULL ? end + 1 : p + strlen (p) - 1;
          }
        else if (text != NULL)
          g_string_append (out, text);
        else if (strchr ("123456789gkKRXZGhHVN", *p) != NULL)
          return foreign (pattern, "a back reference or an escape", error);
        else
          g_string_append_printf (out, "\\%c", *p);
      }
    else if (inside)
      {
        const char *end = *p == '[' && p[1] == ':' ? strstr (p + 2, ":]") : NULL;

        if (end != NULL)
          {
            g_string_append_len (out, p, end + 2 - p);
            p = end + 1;
            continue;
          }
        inside = *p != ']';
        g_string_append (out, *p == '[' ? "\\[" : (const char[]){ *p, '\0' });
      }
    else
      {
        g_string_append_c (out, *p);
        if (*p == '[')
          {
            inside = TRUE;
            if (p[1] == '^')
              g_string_append_c (out, *++p);
            /* A bracket that comes first is an element. */
            if (p[1] == ']')
              {
                g_string_append (out, "\\]");
                p++;
              }
          }
        else if (*p == '(' && ((p[1] == '?' && is_foreign_group (p + 2)) || p[1] == '*'))
          return foreign (pattern, "look-around, an atomic group or a call", error);
        else if (*p == '+' && p > pattern && strchr ("*+?", p[-1]) != NULL && (p < pattern + 2 || p[-2] != '\\'))
          return foreign (pattern, "a possessive repetition", error);
      }
  return TRUE;
}

static GRegex *
compile (const char *pattern, const char *before, const char *behind, GRegexCompileFlags flags, GError **error)
{
  g_autoptr (GString) text = g_string_new (before);
  g_autoptr (GError) problem = NULL;
  GRegex *regex;

  if (!g_utf8_validate (pattern, -1, NULL))
    {
      ox_fail (error, OX_ERROR_VALUE, "the pattern is not UTF-8");
      return NULL;
    }
  if (!rewrite (pattern, text, error))
    return NULL;
  g_string_append (text, behind);
  regex = g_regex_new (text->str, flags | G_REGEX_DOLLAR_ENDONLY | G_REGEX_NEWLINE_LF | G_REGEX_OPTIMIZE, 0, &problem);
  if (regex == NULL)
    ox_fail (error, OX_ERROR_VALUE, "'%s' is no regular expression: %s", pattern, problem->message);
  return regex;
}

GRegex *
ox_re2_full_match (const char *pattern, GError **error)
{
  return compile (pattern, "(?:", ")\\z", G_REGEX_ANCHORED, error);
}

GRegex *
ox_re2_search (const char *pattern, GError **error)
{
  return compile (pattern, "", "", 0, error);
}
