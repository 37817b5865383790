/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "model/ox-scope.h"

#include <string.h>

#include "model/ox-model.h"

static const char *
node_metadata (const OxNode *node, const char *key)
{
  for (guint i = 0; node->metadata != NULL && i < node->metadata->len; i++)
    if (strcmp (g_array_index (node->metadata, OxMetadata, i).key, key) == 0)
      return g_array_index (node->metadata, OxMetadata, i).value;
  return NULL;
}

/* Parts without empty ones. */
static char *
tidy (const char *text, const char *separator, gboolean drop_last)
{
  g_auto (GStrv) parts = g_strsplit (text, separator, -1);
  guint n = g_strv_length (parts);
  GString *path = g_string_new (NULL);

  for (guint i = 0; i + (drop_last ? 1 : 0) < n; i++)
    if (parts[i][0] != '\0')
      g_string_append_printf (path, path->len > 0 ? "/%s" : "%s", parts[i]);
  return g_string_free (path, FALSE);
}

/* The text of a Python list of strings, outermost first; the last is the operator. Each names its parents again. */
static char *
from_list (const char *text)
{
  GString *path = g_string_new (NULL);
  g_autofree char *before = NULL, *part = NULL;

  for (const char *p = text; (p = strpbrk (p, "'\"")) != NULL;)
    {
      const char *end = strchr (p + 1, *p);

      if (end == NULL)
        break;
      if (part != NULL && part[0] != '\0')
        {
          gsize n = before != NULL ? strlen (before) : 0;
          const char *own = n > 0 && strncmp (part, before, n) == 0 && part[n] == '.' ? part + n + 1 : part;

          g_string_append_printf (path, path->len > 0 ? "/%s" : "%s", own);
          g_free (before);
          before = g_strdup (part);
        }
      g_free (part);
      part = g_strndup (p + 1, (gsize) (end - p - 1));
      p = end + 1;
    }
  return g_string_free (path, FALSE);
}

char *
ox_node_scope (const OxNode *node)
{
  const char *given = node_metadata (node, "namespace");
  const char *list = node_metadata (node, "pkg.torch.onnx.name_scopes");

  if (list != NULL)
    return from_list (list);
  if (given != NULL && given[0] != '\0')
    return tidy (given, "/", FALSE);
  return tidy (node->name, strchr (node->name, '/') != NULL ? "/" : ".", TRUE);
}

gboolean
ox_scope_inside (const char *scope, const char *prefix)
{
  gsize n = strlen (prefix);

  return n == 0 || (strncmp (scope, prefix, n) == 0 && (scope[n] == '\0' || scope[n] == '/'));
}

gboolean
ox_scope_fits (const char *scope, const char *pattern)
{
  return strpbrk (pattern, "*?") != NULL ? g_pattern_match_simple (pattern, scope) : ox_scope_inside (scope, pattern);
}

char *
ox_scope_cut (const char *scope, int depth)
{
  const char *p = scope;

  if (depth <= 0)
    return g_strdup ("");
  for (; *p != '\0'; p++)
    if (*p == '/' && --depth == 0)
      break;
  return g_strndup (scope, (gsize) (p - scope));
}

int
ox_scope_depth (const char *scope)
{
  int depth = scope[0] != '\0';

  for (; *scope != '\0'; scope++)
    depth += *scope == '/';
  return depth;
}
