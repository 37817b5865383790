/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "report/ox-html.h"

#include <math.h>
#include <string.h>

#include "tensor/ox-format.h"

/* What HTML has no place for, and what could make a name look like another. */
static gboolean
is_hidden (gunichar c)
{
  return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e)
         || (c >= 0x2066 && c <= 0x2069) || (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
}

void
ox_html_escape (GString *html, const char *text)
{
  g_autofree char *valid = NULL;

  if (text == NULL)
    return;
  valid = g_utf8_make_valid (text, -1);
  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '<')
        g_string_append (html, "&lt;");
      else if (c == '>')
        g_string_append (html, "&gt;");
      else if (c == '&')
        g_string_append (html, "&amp;");
      else if (c == '"')
        g_string_append (html, "&quot;");
      else if (c == '\'')
        g_string_append (html, "&#39;");
      else
        g_string_append_unichar (html, is_hidden (c) ? 0xfffd : c);
    }
}

/* One conversion at a time, so that what %s takes can be told from the rest. */
void
ox_html (GString *html, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  for (const char *p = format; *p != '\0';)
    {
      gsize plain = strcspn (p, "%"), n;
      char one[16];

      g_string_append_len (html, p, (gssize) plain);
      p += plain;
      if (*p == '\0')
        break;
      n = 1 + strspn (p + 1, "0123456789.lhz");
      g_assert (n + 2 <= sizeof one);
      memcpy (one, p, n + 1);
      one[n + 1] = '\0';
      switch (p[n])
        {
        case 's':
          ox_html_escape (html, va_arg (args, const char *));
          break;
        case 'd':
        case 'i':
          if (strchr (one, 'l') != NULL)
            g_string_append_printf (html, "%" G_GINT64_FORMAT, va_arg (args, gint64));
          else
            g_string_append_printf (html, "%d", va_arg (args, int));
          break;
        case 'u':
          if (strchr (one, 'l') != NULL)
            g_string_append_printf (html, "%" G_GUINT64_FORMAT, va_arg (args, guint64));
          else
            g_string_append_printf (html, "%u", va_arg (args, guint));
          break;
        case '%':
          g_string_append_c (html, '%');
          break;
        default:
          g_assert_not_reached ();
        }
      p += n + 1;
    }
  va_end (args);
}

void
ox_html_number (GString *html, double number, int digits)
{
  g_autofree char *text = isnan (number) ? NULL : ox_format_double (number, digits);

  ox_html_escape (html, text);
}
