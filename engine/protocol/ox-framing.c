/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "core/ox-error.h"
#include "protocol/ox-framing.h"

#define MOST_HEADER 4096

static const char begin[] = "content-";

typedef enum
{
  UNKNOWN,
  LINES,
  HEADERS,
} Kind;

struct _OxFraming
{
  Kind        kind;
  GByteArray *bytes;
  gsize       looked;     /* bytes of a line that hold no newline */
  guint64     skip;       /* bytes of a message that is too long, still to come */
  gboolean    skip_line;
};

OxFraming *
ox_framing_new (void)
{
  OxFraming *self = g_new0 (OxFraming, 1);

  self->bytes = g_byte_array_new ();
  return self;
}

void
ox_framing_free (OxFraming *self)
{
  g_byte_array_unref (self->bytes);
  g_free (self);
}

static void
drop (OxFraming *self, gsize n)
{
  g_byte_array_remove_range (self->bytes, 0, (guint) n);
  self->looked = 0;
}

/* Of a message that was too long nothing is kept. */
static void
skip (OxFraming *self)
{
  if (self->skip > 0)
    {
      const gsize n = (gsize) MIN (self->skip, self->bytes->len);

      self->skip -= n;
      drop (self, n);
    }
  if (self->skip_line && self->bytes->len > 0)
    {
      const guint8 *end = memchr (self->bytes->data, '\n', self->bytes->len);

      self->skip_line = end == NULL;
      drop (self, end != NULL ? (gsize) (end + 1 - self->bytes->data) : self->bytes->len);
    }
}

/* Nothing a person or a program writes as JSON begins like a header. */
static void
decide (OxFraming *self)
{
  gsize at = 0, n;

  while (at < self->bytes->len && g_ascii_isspace (self->bytes->data[at]))
    at++;
  drop (self, at);
  n = MIN (self->bytes->len, strlen (begin));
  if (n > 0 && g_ascii_strncasecmp ((const char *) self->bytes->data, begin, n) != 0)
    self->kind = LINES;
  else if (n == strlen (begin))
    self->kind = HEADERS;
}

void
ox_framing_push (OxFraming *self, const void *bytes, gsize length)
{
  while (length > 0)
    {
      const gsize n = MIN (length, G_MAXINT / 4);

      g_byte_array_append (self->bytes, bytes, (guint) n);
      bytes = (const guint8 *) bytes + n;
      length -= n;
      skip (self);
    }
  if (self->kind == UNKNOWN)
    decide (self);
}

static char *
take (OxFraming *self, gsize from, gsize n, gsize total)
{
  char *text = g_malloc (n + 1);

  if (n > 0)
    memcpy (text, self->bytes->data + from, n);
  text[n] = '\0';
  drop (self, total);
  return text;
}

static char *
pop_line (OxFraming *self, gsize *length, GError **error)
{
  while (self->bytes->len > self->looked)
    {
      const guint8 *data = self->bytes->data;
      const guint8 *end = memchr (data + self->looked, '\n', self->bytes->len - self->looked);
      const gsize n = end != NULL ? (gsize) (end - data) : self->bytes->len;
      gsize used = n;

      if (n > OX_FRAMING_MOST)
        {
          self->skip_line = end == NULL;
          drop (self, end != NULL ? n + 1 : n);
          ox_fail (error, OX_ERROR_FORMAT, "expected a line of at most %u bytes, found a longer one", OX_FRAMING_MOST);
          return NULL;
        }
      if (end == NULL)
        {
          self->looked = n;
          return NULL;
        }
      while (used > 0 && g_ascii_isspace (data[used - 1]))
        used--;
      *length = used;
      if (used > 0)
        return take (self, 0, used, n + 1);
      drop (self, n + 1);
    }
  return NULL;
}

/* The length that a header names; FALSE when there is none. */
static gboolean
read_header (const char *text, guint64 *length)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  gboolean found = FALSE;

  for (int i = 0; lines[i] != NULL; i++)
    {
      char *colon = strchr (lines[i], ':');

      if (colon == NULL)
        continue;
      *colon = '\0';
      if (g_ascii_strcasecmp (g_strstrip (lines[i]), "content-length") == 0)
        found = g_ascii_string_to_unsigned (g_strstrip (colon + 1), 10, 0, G_MAXINT64, length, NULL);
    }
  return found;
}

static char *
pop_header (OxFraming *self, gsize *length, GError **error)
{
  const char *data, *end;
  gsize header, lead = 0;
  guint64 n = 0;

  while (lead < self->bytes->len && g_ascii_isspace (self->bytes->data[lead]))
    lead++;
  drop (self, lead);
  if (self->bytes->len == 0)
    return NULL;
  data = (const char *) self->bytes->data;
  end = g_strstr_len (data, (gssize) MIN (self->bytes->len, MOST_HEADER), "\r\n\r\n");
  if (end == NULL && self->bytes->len < MOST_HEADER)
    return NULL;
  header = end != NULL ? (gsize) (end - data) + 4 : MOST_HEADER;
  {
    g_autofree char *text = g_strndup (data, header);

    if (end == NULL || !read_header (text, &n))
      {
        drop (self, header);
        ox_fail (error, OX_ERROR_FORMAT, "expected a header with Content-Length and an empty line after it");
        return NULL;
      }
  }
  if (n > OX_FRAMING_MOST)
    {
      drop (self, header);
      self->skip = n;
      skip (self);
      ox_fail (error, OX_ERROR_FORMAT, "expected a message of at most %u bytes, found %" G_GUINT64_FORMAT, OX_FRAMING_MOST, n);
      return NULL;
    }
  if (self->bytes->len - header < n)
    return NULL;
  *length = (gsize) n;
  return take (self, header, (gsize) n, header + (gsize) n);
}

char *
ox_framing_pop (OxFraming *self, gsize *length, GError **error)
{
  if (self->kind == UNKNOWN || self->skip > 0 || self->skip_line)
    return NULL;
  return self->kind == LINES ? pop_line (self, length, error) : pop_header (self, length, error);
}

GBytes *
ox_framing_wrap (const OxFraming *self, const char *text, gsize length)
{
  GByteArray *bytes = g_byte_array_new ();

  if (self->kind == HEADERS)
    {
      g_autofree char *header = g_strdup_printf ("Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n", length);

      g_byte_array_append (bytes, (const guint8 *) header, (guint) strlen (header));
    }
  g_byte_array_append (bytes, (const guint8 *) text, (guint) length);
  if (self->kind != HEADERS)
    g_byte_array_append (bytes, (const guint8 *) "\n", 1);
  return g_byte_array_free_to_bytes (bytes);
}
