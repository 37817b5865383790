/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-writer.h"

#include <string.h>

#include "model/ox-text.h"

/* ---- attributes ----------------------------------------------------------------------------------------------- */

static const OxAttribute *
find_set (const OxWriter *w, const char *name)
{
  const OxAttribute *attribute = ox_node_attribute (w->node, name);

  if (attribute != NULL && attribute->ref != NULL)
    attribute = w->bindings != NULL ? g_hash_table_lookup (w->bindings, attribute->ref) : NULL;
  return attribute;
}

static const OxAttrSpec *
find_spec (const OxWriter *w, const char *name)
{
  for (int i = 0; i < w->op->n_attrs; i++)
    if (strcmp (w->op->attrs[i].name, name) == 0)
      return &w->op->attrs[i];
  g_error ("%s has no attribute %s", w->op->name, name);
}

gboolean
ox_writer_has (const OxWriter *w, const char *name)
{
  return find_set (w, name) != NULL;
}

gint64
ox_writer_int (const OxWriter *w, const char *name)
{
  const OxAttribute *attribute = find_set (w, name);

  return attribute != NULL ? attribute->i : (gint64) find_spec (w, name)->number;
}

double
ox_writer_real (const OxWriter *w, const char *name)
{
  const OxAttribute *attribute = find_set (w, name);

  return attribute != NULL ? attribute->f : find_spec (w, name)->number;
}

gboolean
ox_writer_is (const OxWriter *w, const char *name, const char *word)
{
  const OxAttribute *attribute = find_set (w, name);
  const char *text = find_spec (w, name)->text;
  gsize n = text != NULL ? strlen (text) : 0;

  if (attribute != NULL)
    text = attribute->s != NULL ? g_bytes_get_data (attribute->s, &n) : NULL;
  if (text == NULL)
    n = 0;
  return n == strlen (word) && (n == 0 || memcmp (text, word, n) == 0);
}

const gint64 *
ox_writer_ints (const OxWriter *w, const char *name, int *n)
{
  static const gint64 nothing;
  const OxAttribute *attribute = find_set (w, name);

  *n = attribute != NULL && attribute->ints != NULL ? (int) attribute->ints->len : 0;
  if (attribute == NULL)
    return NULL;
  return *n > 0 ? (const gint64 *) (const void *) attribute->ints->data : &nothing;
}

/* ---- text ----------------------------------------------------------------------------------------------------- */

char *
ox_writer_ints_text (int n, const gint64 *values)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "i64[%d]{", n);
  for (int i = 0; i < n; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "", values[i]);
  return g_string_free (g_string_append_c (text, '}'), FALSE);
}

char *
ox_writer_name (OxWriter *w, const char *expression)
{
  char *name = g_strdup_printf ("%%t%u", ++*w->serial), *written;

  while (w->taken != NULL && g_hash_table_contains (w->taken, name))
    {
      g_free (name);
      name = g_strdup_printf ("%%t%u", ++*w->serial);
    }
  written = g_strdup_printf ("'%s'", name);
  g_free (name);
  g_string_append_printf (w->text, "%s = %s\n", written, expression);
  return written;
}

static void
put_attribute (OxWriter *w, GString *to, const char *name)
{
  const OxAttrSpec *spec = find_spec (w, name);
  const gint64 *ints;
  int n;

  switch (spec->kind)
    {
    case OX_KIND_INT:
    case OX_KIND_OPT_INT:
      g_string_append_printf (to, "%" G_GINT64_FORMAT, ox_writer_int (w, name));
      break;
    case OX_KIND_FLOAT:
    case OX_KIND_OPT_FLOAT:
      ox_text_add_real (to, ox_writer_real (w, name));
      break;
    case OX_KIND_INTS:
      ints = ox_writer_ints (w, name, &n);
      for (int i = 0; i < n; i++)
        g_string_append_printf (to, "%s%" G_GINT64_FORMAT, i > 0 ? "," : "", ints[i]);
      break;
    default:
      g_error ("%s of %s cannot be written", name, w->op->name);
    }
}

static gsize
number_length (const char *text)
{
  gsize n = strspn (text, "-0123456789.");

  if (g_str_has_prefix (text, "inf") || g_str_has_prefix (text, "nan"))
    return 3;
  if (g_str_has_prefix (text, "-inf"))
    return 4;
  if (n > 0 && text[n] == 'e')
    n += 1 + strspn (text + n + 1, "-+0123456789");
  return n;
}

void
ox_writer_put (OxWriter *w, GString *to, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  for (const char *at = text; *at != '\0'; at++)
    {
      g_autofree char *name = NULL;
      gsize n = 1;

      if (*at == '#')
        {
          /* An attribute as a constant is #$alpha. */
          const char *type = ox_dtype_name (w->scalar);

          if (at[1] == '$')
            {
              n = 2;
              while (g_ascii_isalnum (at[n]) || at[n] == '_')
                n++;
              name = g_strndup (at + 2, n - 2);
              g_string_append_printf (to, "%s{", type);
              put_attribute (w, to, name);
              g_string_append_c (to, '}');
            }
          else
            {
              n = 1 + number_length (at + 1);
              g_string_append_printf (to, "%s{%.*s}", type, (int) n - 1, at + 1);
            }
          at += n - 1;
          continue;
        }
      if (*at != '$')
        {
          g_string_append_c (to, *at);
          continue;
        }
      while (g_ascii_isalnum (at[n]) || at[n] == '_')
        n++;
      name = g_strndup (at + 1, n - 1);
      at += n - 1;
      if (g_ascii_isdigit (name[0]))
        {
          int i = atoi (name);

          w->in_used[i] = TRUE;
          g_string_append (to, w->in_names[i]);
        }
      else if (g_str_equal (name, "y"))
        {
          w->out_used[0] = TRUE;
          g_string_append (to, w->out_names[0]);
        }
      else if (g_str_equal (name, "g"))
        g_string_append (to, w->gradients[0]);
      else if (g_str_equal (name, "T"))
        g_string_append (to, ox_dtype_name (w->in[0]->dtype));
      else if (g_str_equal (name, "t"))
        g_string_append_printf (to, "%d", (int) w->in[0]->dtype);
      else
        put_attribute (w, to, name);
    }
}
