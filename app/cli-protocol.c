/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#include "cli-protocol.h"
#include "core/ox-memory.h"
#include "proto/ox-data-set.h"
#include "proto/ox-import.h"
#include "protocol/ox-framing.h"
#include "protocol/ox-protocol.h"
#include "session/ox-inference.h"

/* "debug --protocol": bytes in and out, and models. */

typedef struct
{
  const OxCliDebug *given;
  OxProtocol       *protocol;
  OxFraming        *framing;
  gboolean          deaf;      /* nobody reads what is written */
} Wire;

/* ---- out and in -------------------------------------------------------------------------------------------------- */

static void
send_message (const char *text, gsize length, gpointer data)
{
  Wire *wire = data;
  g_autoptr (GBytes) bytes = ox_framing_wrap (wire->framing, text, length);
  gsize left;
  const char *at = g_bytes_get_data (bytes, &left);

  while (left > 0 && !wire->deaf)
    {
      const ssize_t n = write (STDOUT_FILENO, at, left);

      if (n < 0 && errno == EAGAIN)
        {
          GPollFD fd = { .fd = STDOUT_FILENO, .events = G_IO_OUT };

          g_poll (&fd, 1, -1);
        }
      else if (n < 0 && errno != EINTR)
        wire->deaf = TRUE;
      if (n > 0)
        {
          at += n;
          left -= (gsize) n;
        }
    }
}

static void
take_messages (Wire *wire)
{
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      gsize length = 0;
      g_autofree char *text = ox_framing_pop (wire->framing, &length, &error);

      if (text != NULL)
        ox_protocol_take (wire->protocol, text, length);
      else if (error != NULL)
        ox_protocol_refuse (wire->protocol, error);
      else
        return;
    }
}

static gboolean
readable_cb (int fd, GIOCondition condition, gpointer data)
{
  Wire *wire = data;
  char bytes[65536];
  const ssize_t n = read (fd, bytes, sizeof bytes);

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  if (n > 0)
    {
      ox_framing_push (wire->framing, bytes, (gsize) n);
      take_messages (wire);
      if (!wire->deaf)
        return G_SOURCE_CONTINUE;
    }
  ox_protocol_end (wire->protocol);
  return G_SOURCE_REMOVE;
}

/* ---- launch ------------------------------------------------------------------------------------------------------ */

/* "NAME=VALUE" for each member of an object: texts, and for shapes numbers and arrays of them. */
static gboolean
read_pairs (JsonObject *arguments, const char *key, GPtrArray *pairs, GError **error)
{
  JsonObject *object = NULL;
  g_autoptr (GList) names = NULL;

  if (!ox_arguments_object (arguments, key, &object, error))
    return FALSE;
  names = object != NULL ? json_object_get_members (object) : NULL;
  for (const GList *l = names; l != NULL; l = l->next)
    {
      JsonNode *node = json_object_get_member (object, l->data);
      g_autoptr (GString) text = g_string_new (NULL);
      const gboolean is_array = JSON_NODE_HOLDS_ARRAY (node);
      JsonArray *array = is_array ? json_node_get_array (node) : NULL;
      const char *word = NULL;
      gint64 dim = -1;

      for (guint i = 0; is_array && i < json_array_get_length (array); i++)
        {
          JsonNode *element = json_array_get_element (array, i);

          if (!JSON_NODE_HOLDS_VALUE (element) || json_node_get_value_type (element) != G_TYPE_INT64)
            return ox_fail (error, OX_ERROR_VALUE, "expected whole numbers as the shape of '%s'", (const char *) l->data);
          g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? "x" : "", json_node_get_int (element));
        }
      if (!is_array && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
        {
          if (!ox_arguments_count (object, l->data, 0, G_MAXINT64, &dim, error))
            return FALSE;
          g_string_append_printf (text, "%" G_GINT64_FORMAT, dim);
        }
      else if (!is_array)
        {
          if (!ox_arguments_text (object, l->data, &word, error))
            return FALSE;
          g_string_append (text, word != NULL ? word : "");
        }
      g_ptr_array_add (pairs, g_strdup_printf ("%s=%s", (const char *) l->data, text->str));
    }
  return TRUE;
}

/* What is said on the command line holds where the request says nothing. */
static gboolean
read_feeds (const OxCliFeeds *given, JsonObject *arguments, OxCliFeeds *feeds, GError **error)
{
  g_autoptr (GPtrArray) inputs = g_ptr_array_new_with_free_func (g_free), shapes = g_ptr_array_new_with_free_func (g_free);
  const char *data_set = given->data_set, *fill = given->fill;

  feeds->seed = given->seed;
  for (int i = 0; given->inputs != NULL && given->inputs[i] != NULL; i++)
    g_ptr_array_add (inputs, g_strdup (given->inputs[i]));
  for (int i = 0; given->shapes != NULL && given->shapes[i] != NULL; i++)
    g_ptr_array_add (shapes, g_strdup (given->shapes[i]));
  if (!ox_arguments_text (arguments, "dataSet", &data_set, error) || !ox_arguments_text (arguments, "fill", &fill, error)
      || !ox_arguments_count (arguments, "seed", G_MININT64, G_MAXINT64, &feeds->seed, error)
      || !read_pairs (arguments, "inputs", inputs, error) || !read_pairs (arguments, "shapes", shapes, error))
    return FALSE;
  feeds->data_set = g_strdup (data_set);
  feeds->fill = g_strdup (fill);
  g_ptr_array_add (inputs, NULL);
  g_ptr_array_add (shapes, NULL);
  feeds->inputs = (char **) g_ptr_array_steal (inputs, NULL);
  feeds->shapes = (char **) g_ptr_array_steal (shapes, NULL);
  return TRUE;
}

static OxDebugger *
launch (JsonObject *arguments, GString *said, gpointer data, GError **error)
{
  const OxCliDebug *given = ((Wire *) data)->given;
  OxImportOptions options = { .allow_links = given->links };
  gboolean expand = given->expand;
  const char *path = given->model;
  gint64 budget = given->budget;
  OxCliFeeds feeds = { .said = said };
  g_autoptr (OxModel) model = NULL;
  OxDebugger *debugger = NULL;

  /* "program" is what editors write into such requests. */
  if (!ox_arguments_text (arguments, "program", &path, error) || !ox_arguments_text (arguments, "model", &path, error)
      || !ox_arguments_flag (arguments, "allowLinks", &options.allow_links, error)
      || !ox_arguments_flag (arguments, "expand", &expand, error)
      || !ox_arguments_count (arguments, "budget", 0, G_MAXINT32, &budget, error))
    return NULL;
  if (path == NULL)
    {
      ox_fail (error, OX_ERROR_VALUE, "expected a file as 'model', found nothing");
      return NULL;
    }
  if (read_feeds (given->feeds, arguments, &feeds, error) && (model = ox_import_file (path, &options, NULL, error)) != NULL)
    {
      for (guint i = 0; i < model->warnings->len; i++)
        g_string_append_printf (said, "warning: %s\n", (const char *) g_ptr_array_index (model->warnings, i));
      /* Places of breakpoints may ask for types. */
      ox_model_infer (model, NULL, NULL);
      debugger = ox_cli_make_debugger (model, &feeds, budget, expand, error);
    }
  ox_cli_feeds_clear (&feeds);
  return debugger;
}

int
ox_cli_protocol (const OxCliDebug *given)
{
  Wire wire = { .given = given, .framing = ox_framing_new () };
  const OxProtocolHost host = { send_message, launch, ox_value_load, &wire };

  signal (SIGPIPE, SIG_IGN);
  wire.protocol = ox_protocol_new (&host);
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, readable_cb, &wire);
  while (!ox_protocol_is_over (wire.protocol))
    g_main_context_iteration (NULL, TRUE);
  ox_protocol_free (wire.protocol);
  ox_framing_free (wire.framing);
  return OX_EXIT_GOOD;
}
