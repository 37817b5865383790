/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-place.h"
#include "protocol/ox-protocol-private.h"

/* Breakpoints. Each of the three requests brings the whole of its list; what was there before and still is keeps its hits. */

typedef enum
{
  FUNCTION,      /* by words */
  EXCEPTION,     /* at all nodes, with a condition */
  LINE,          /* of a source */
} Kind;

typedef struct
{
  Kind     kind;
  guint    id;            /* of the debugger's; 0: there is none */
  OxGraph *graph;         /* LINE: whose list it is in */
  OxNode  *node;
  char    *place, *condition, *log;
  guint64  ignore;
  gboolean once;
  char    *trouble;       /* why there is none */
} Stop;

static const struct { const char *filter, *label, *description, *condition; } filters[] = {
  { "nan", "NaN", "Stops after the node that makes a NaN", "nan" },
  { "inf", "Infinity", "Stops after the node that makes an infinity", "inf" },
  { "overflow16", "Beyond f16", "Stops after the node that makes a number beyond 65504", "abs>65504" },
  { "zero", "All zero", "Stops after the node that makes a tensor of zeros", "zero" },
};

void
ox_protocol_stop_free (gpointer data)
{
  Stop *stop = data;

  g_free (stop->place);
  g_free (stop->condition);
  g_free (stop->log);
  g_free (stop->trouble);
  g_free (stop);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stop, ox_protocol_stop_free)

void
ox_protocol_put_filters (JsonBuilder *json)
{
  ox_put_array (json, "exceptionBreakpointFilters");
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    {
      json_builder_begin_object (json);
      ox_put_text (json, "filter", filters[i].filter);
      ox_put_text (json, "label", filters[i].label);
      ox_put_text (json, "description", filters[i].description);
      ox_put_flag (json, "supportsCondition", TRUE);
      ox_put_text (json, "conditionDescription", "Where, as in op:Conv scope:layers.3*");
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

gboolean
ox_protocol_is_exception (OxProtocol *self, guint id)
{
  for (guint i = 0; i < self->stops->len; i++)
    {
      const Stop *stop = g_ptr_array_index (self->stops, i);

      if (stop->id == id && stop->kind == EXCEPTION)
        return TRUE;
    }
  return FALSE;
}

/* ---- one --------------------------------------------------------------------------------------------------------- */

/* "5" and ">=5": from the fifth on; ">5"; "==5": that one alone. */
static gboolean
read_hits (Stop *stop, const char *text, GError **error)
{
  const char *digits = text + strspn (text, " <>=%!");
  g_autofree char *sign = g_strstrip (g_strndup (text, (gsize) (digits - text)));
  g_autofree char *number = g_strstrip (g_strdup (digits));
  guint64 n;

  if (!g_ascii_string_to_unsigned (number, 10, 1, G_MAXINT32, &n, NULL)
      || (*sign != '\0' && !g_str_equal (sign, ">=") && !g_str_equal (sign, ">") && !g_str_equal (sign, "==") && !g_str_equal (sign, "=")))
    return ox_fail (error, OX_ERROR_VALUE, "expected a hit such as 5, >=5, >5 or ==5, found '%s'", text);
  stop->ignore = *sign == '>' && sign[1] == '\0' ? n : n - 1;
  stop->once = *sign == '=';
  return TRUE;
}

/* By its name, the name of an output, #N in the main graph, or an operator that is somewhere: all of those. Frames are not asked,
 * they may change while this runs. */
static gboolean
find_place (OxProtocol *self, Stop *stop, const char *name, GError **error)
{
  gboolean is_operator = FALSE;
  guint64 number;

  if (ox_place_is_query (name))
    {
      stop->place = g_strdup (name);
      return TRUE;
    }
  for (guint g = 0; g < self->graphs->len && stop->node == NULL && *name != '\0'; g++)
    {
      OxGraph *graph = g_ptr_array_index (self->graphs, g);
      const int slot = ox_graph_find (graph, name);

      for (guint i = 0; i < graph->nodes->len && stop->node == NULL; i++)
        {
          OxNode *node = ox_graph_node (graph, i);

          is_operator |= g_str_equal (node->op_type, name);
          if (g_str_equal (node->name, name))
            stop->node = node;
        }
      if (stop->node == NULL && slot >= 0)
        stop->node = ox_graph_slot (graph, slot)->producer;
    }
  if (stop->node == NULL && *name == '#' && g_ascii_string_to_unsigned (name + 1, 10, 0, G_MAXINT32, &number, NULL))
    stop->node = ox_graph_node (ox_debugger_get_model (self->debugger)->graph, (guint) number);
  if (stop->node == NULL && is_operator)
    stop->place = g_strconcat ("op:", name, NULL);
  return stop->node != NULL || stop->place != NULL || ox_fail (error, OX_ERROR_VALUE, "there is no node '%s'", name);
}

/* What all of them may have. FALSE: the request is not understood. */
static gboolean
read_common (Stop *stop, JsonObject *object, GError **error)
{
  const char *condition = NULL, *hits = NULL, *log = NULL;
  g_autoptr (GError) problem = NULL;

  if (!ox_arguments_text (object, "condition", &condition, error) || !ox_arguments_text (object, "hitCondition", &hits, error)
      || !ox_arguments_text (object, "logMessage", &log, error))
    return FALSE;
  stop->condition = condition != NULL && *condition != '\0' ? g_strdup (condition) : NULL;
  /* To the debugger a text without braces is a formula. */
  stop->log = log != NULL && *log != '\0' ? g_strconcat ("{}", log, NULL) : NULL;
  if (hits != NULL && *hits != '\0' && !read_hits (stop, hits, &problem) && stop->trouble == NULL)
    stop->trouble = g_strdup (problem->message);
  return TRUE;
}

static Stop *
read_stop (OxProtocol *self, Kind kind, OxGraph *graph, JsonObject *object, GError **error)
{
  g_autoptr (Stop) stop = g_new0 (Stop, 1);
  g_autoptr (GError) problem = NULL;
  const char *name = NULL;
  gint64 line = 0;

  stop->kind = kind;
  stop->graph = graph;
  if (kind == FUNCTION)
    {
      if (!ox_arguments_need_text (object, "name", &name, error))
        return NULL;
      if (!find_place (self, stop, name, &problem))
        stop->trouble = g_strdup (problem->message);
    }
  else
    {
      if (!ox_arguments_need_count (object, "line", 0, G_MAXINT32, &line, error))
        return NULL;
      line -= self->lines_at_1;
      stop->node = line >= 0 ? ox_graph_node (graph, (guint) line) : NULL;
      if (stop->node == NULL)
        stop->trouble = g_strdup ("there is no node in this line");
    }
  return read_common (stop, object, error) ? g_steal_pointer (&stop) : NULL;
}

static Stop *
exception_stop (const char *filter, const char *where)
{
  Stop *stop = g_new0 (Stop, 1);

  stop->kind = EXCEPTION;
  stop->place = g_strdup (where != NULL && *where != '\0' ? where : "op:*");
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    if (g_str_equal (filters[i].filter, filter))
      stop->condition = g_strdup (filters[i].condition);
  if (stop->condition == NULL)
    stop->trouble = g_strdup_printf ("there is no filter '%s'", filter);
  return stop;
}

static gboolean
same (const Stop *a, const Stop *b)
{
  return a->kind == b->kind && a->graph == b->graph && a->node == b->node && g_strcmp0 (a->place, b->place) == 0
         && g_strcmp0 (a->condition, b->condition) == 0 && g_strcmp0 (a->log, b->log) == 0 && a->ignore == b->ignore
         && a->once == b->once && g_strcmp0 (a->trouble, b->trouble) == 0;
}

static void
put (OxProtocol *self, Stop *stop)
{
  const OxBreakpoint wanted = { .node = stop->node, .place = stop->place, .condition = stop->condition, .log = stop->log,
                                .ignore = stop->ignore, .enabled = TRUE, .once = stop->once };
  g_autoptr (GError) error = NULL;

  if (stop->trouble != NULL)
    return;
  stop->id = ox_debugger_put_breakpoint (self->debugger, &wanted, &error);
  if (stop->id == 0)
    stop->trouble = g_strdup (error->message);
}

void
ox_protocol_renew_stops (OxProtocol *self)
{
  for (guint i = 0; i < self->stops->len; i++)
    {
      Stop *stop = g_ptr_array_index (self->stops, i);

      if (stop->id == 0 || (stop->ignore == 0 && !stop->once))
        continue;
      ox_debugger_remove_breakpoint (self->debugger, stop->id);
      put (self, stop);
    }
}

/* ---- a list ------------------------------------------------------------------------------------------------------ */

/* In the place of those of this kind and graph. */
static void
exchange (OxProtocol *self, Kind kind, const OxGraph *graph, GPtrArray *stops)
{
  g_autoptr (GPtrArray) old = g_steal_pointer (&self->stops);

  self->stops = g_ptr_array_new_with_free_func (ox_protocol_stop_free);
  for (guint i = 0; i < old->len;)
    {
      const Stop *stop = g_ptr_array_index (old, i);

      if (stop->kind != kind || stop->graph != graph)
        g_ptr_array_add (self->stops, g_ptr_array_steal_index (old, i));
      else
        i++;
    }
  while (stops->len > 0)
    {
      Stop *stop = g_ptr_array_steal_index (stops, 0);

      for (guint i = 0; i < old->len && stop->id == 0; i++)
        if (((const Stop *) g_ptr_array_index (old, i))->id != 0 && same (g_ptr_array_index (old, i), stop))
          {
            stop->id = ((const Stop *) g_ptr_array_index (old, i))->id;
            g_ptr_array_remove_index (old, i);
          }
      if (stop->id == 0)
        put (self, stop);
      g_ptr_array_add (self->stops, stop);
    }
  for (guint i = 0; i < old->len; i++)
    ox_debugger_remove_breakpoint (self->debugger, ((const Stop *) g_ptr_array_index (old, i))->id);
}

static void
put_stops (OxProtocol *self, JsonBuilder *json, Kind kind, const OxGraph *graph)
{
  ox_put_array (json, "breakpoints");
  for (guint i = 0; i < self->stops->len; i++)
    {
      const Stop *stop = g_ptr_array_index (self->stops, i);

      if (stop->kind != kind || stop->graph != graph)
        continue;
      json_builder_begin_object (json);
      if (stop->id != 0)
        ox_put_count (json, "id", stop->id);
      ox_put_flag (json, "verified", stop->id != 0);
      ox_put_text (json, "message", stop->trouble);
      if (stop->node != NULL && stop->kind != EXCEPTION)
        {
          ox_protocol_put_source (self, json, stop->node->graph);
          ox_put_count (json, "line", stop->node->index + self->lines_at_1);
        }
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static gboolean
read_filters (JsonObject *arguments, GPtrArray *stops, GError **error)
{
  JsonArray *words = NULL, *options = NULL;

  if (!ox_arguments_array (arguments, "filters", &words, error) || !ox_arguments_array (arguments, "filterOptions", &options, error))
    return FALSE;
  for (guint i = 0; words != NULL && i < json_array_get_length (words); i++)
    {
      JsonNode *word = json_array_get_element (words, i);

      if (!JSON_NODE_HOLDS_VALUE (word) || json_node_get_value_type (word) != G_TYPE_STRING)
        return ox_fail (error, OX_ERROR_VALUE, "expected texts as 'filters'");
      g_ptr_array_add (stops, exception_stop (json_node_get_string (word), NULL));
    }
  for (guint i = 0; options != NULL && i < json_array_get_length (options); i++)
    {
      JsonObject *option = ox_arguments_item (options, i, error);
      const char *filter = NULL, *where = NULL;

      if (option == NULL || !ox_arguments_need_text (option, "filterId", &filter, error)
          || !ox_arguments_text (option, "condition", &where, error))
        return FALSE;
      g_ptr_array_add (stops, exception_stop (filter, where));
    }
  return TRUE;
}

gboolean
ox_protocol_set_stops (OxProtocol *self, OxRequest *request, GError **error)
{
  const Kind kind = g_str_equal (request->command, "setFunctionBreakpoints")    ? FUNCTION
                    : g_str_equal (request->command, "setExceptionBreakpoints") ? EXCEPTION
                                                                                : LINE;
  g_autoptr (GPtrArray) stops = g_ptr_array_new_with_free_func (ox_protocol_stop_free);
  JsonObject *source = NULL;
  OxGraph *graph = NULL;
  JsonArray *list = NULL;
  JsonBuilder *body;

  if (kind == LINE
      && (!ox_arguments_object (request->arguments, "source", &source, error)
          || (graph = ox_protocol_find_source (self, source, error)) == NULL))
    return FALSE;
  if (!ox_arguments_array (request->arguments, "breakpoints", &list, error)
      || (kind == EXCEPTION && !read_filters (request->arguments, stops, error)))
    return FALSE;
  for (guint i = 0; kind != EXCEPTION && list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *object = ox_arguments_item (list, i, error);
      Stop *stop = object != NULL ? read_stop (self, kind, graph, object, error) : NULL;

      if (stop == NULL)
        return FALSE;
      g_ptr_array_add (stops, stop);
    }
  exchange (self, kind, graph, stops);
  body = ox_body_new ();
  put_stops (self, body, kind, graph);
  ox_protocol_answer (self, request, body);
  return TRUE;
}
