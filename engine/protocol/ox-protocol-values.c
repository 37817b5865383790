/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "debug/ox-expression.h"
#include "protocol/ox-protocol-private.h"
#include "tensor/ox-format.h"
#include "tensor/ox-statistics.h"

/* Values as variables: what they are, their statistics, and their elements in ranges that are never large. */

#define MOST_VARIABLES 1000      /* of one answer */
#define RANGE 100                /* elements, or ranges, that one level has */
#define SHOWN 8                  /* elements of a value that stand in its own line */
#define GLANCE (1 << 16)         /* elements whose statistics are made for a list */
#define MOST_HANDLES (1 << 20)

/* ---- handles ----------------------------------------------------------------------------------------------------- */

void
ox_handle_free (gpointer data)
{
  OxHandle *handle = data;

  g_clear_pointer (&handle->value, ox_value_unref);
  g_free (handle);
}

gint64
ox_protocol_add_handle (OxProtocol *self, const OxHandle *handle)
{
  OxHandle *copy;

  if (self->handles->len >= MOST_HANDLES)
    return 0;
  copy = g_memdup2 (handle, sizeof *handle);
  if (copy->value != NULL)
    ox_value_ref (copy->value);
  g_ptr_array_add (self->handles, copy);
  return self->first_handle + self->handles->len - 1;
}

OxHandle *
ox_protocol_handle (OxProtocol *self, gint64 number, GError **error)
{
  if (number >= self->first_handle && number < self->first_handle + self->handles->len)
    return g_ptr_array_index (self->handles, (guint) (number - self->first_handle));
  ox_fail (error, OX_ERROR_VALUE, "there is no %" G_GINT64_FORMAT ": what is referred to goes when the run goes on", number);
  return NULL;
}

void
ox_protocol_expire (OxProtocol *self)
{
  self->first_handle += self->handles->len;
  if (self->first_handle > G_MAXINT32 / 2)
    self->first_handle = 1;
  g_ptr_array_set_size (self->handles, 0);
}

const OxHandle *
ox_protocol_root (OxProtocol *self, const OxHandle *handle)
{
  while (handle != NULL && handle->parent != 0)
    handle = ox_protocol_handle (self, handle->parent, NULL);
  return handle != NULL && (handle->kind == OX_HANDLE_VALUE || handle->kind == OX_HANDLE_HELD) ? handle : NULL;
}

/* What @handle means in the value of its root. (transfer full) */
static OxValue *
descend (OxProtocol *self, const OxHandle *handle, OxValue *root)
{
  g_autoptr (OxValue) value = NULL;

  if (handle->parent == 0)
    return ox_value_ref (root);
  value = descend (self, ox_protocol_handle (self, handle->parent, NULL), root);
  if (handle->kind == OX_HANDLE_RANGE || value == NULL)
    return g_steal_pointer (&value);
  if (value->kind == OX_VALUE_SPARSE)
    return ox_value_new_tensor (ox_tensor_ref (handle->begin == 0 ? value->tensor : value->indices));
  return handle->begin < ox_value_n_items (value) ? ox_value_ref (ox_value_get_item (value, (guint) handle->begin)) : NULL;
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

static gint64
n_children (const OxValue *value)
{
  const OxTensor *tensor = ox_value_get_tensor (value);

  return tensor != NULL                    ? tensor->count
         : value->kind == OX_VALUE_SPARSE ? 2
                                          : (gint64) ox_value_n_items (value);
}

/* One number in full, "[0.1 2 … ]" of few, else least, largest and mean. */
static char *
glance (const OxValue *value)
{
  OxTensor *tensor = ox_value_get_tensor (value);
  g_autofree char *type = ox_value_describe (value), *low = NULL, *high = NULL, *mean = NULL, *bad = NULL;
  g_autoptr (OxTensor) usable = NULL;
  OxStatistics statistics;

  if (tensor == NULL || tensor->count > GLANCE || (usable = ox_tensor_usable (tensor, NULL)) == NULL)
    return g_steal_pointer (&type);
  if (tensor->count == 1)
    return ox_format_element (usable, 0, 0);
  if (tensor->count <= SHOWN)
    {
      g_autofree char *elements = ox_format_tensor (usable, 6, SHOWN);

      return g_strdelimit (g_steal_pointer (&elements), "\n", ' ');
    }
  ox_statistics_compute (usable, &statistics);
  if (!statistics.numeric)
    return g_steal_pointer (&type);
  low = ox_format_double (statistics.min, 4);
  high = ox_format_double (statistics.max, 4);
  mean = ox_format_double (statistics.mean, 4);
  if (statistics.finite < statistics.count)
    bad = g_strdup_printf (", %" G_GINT64_FORMAT " NaN, %" G_GINT64_FORMAT " Inf", statistics.nan,
                           statistics.pos_inf + statistics.neg_inf);
  return g_strdup_printf ("%s, %s to %s, mean %s%s", type, low, high, mean, bad != NULL ? bad : "");
}

void
ox_protocol_put_value (OxProtocol *self, JsonBuilder *json, OxValue *value, const OxHandle *handle)
{
  g_autofree char *text = glance (value), *type = ox_value_describe (value);
  const gint64 n = n_children (value);

  /* evaluate calls it result. */
  ox_put_text (json, handle->kind == OX_HANDLE_HELD ? "result" : "value", text);
  ox_put_text (json, "type", type);
  ox_put_count (json, "variablesReference", n > 0 ? ox_protocol_add_handle (self, handle) : 0);
  if (n > 0 && self->pages && ox_value_get_tensor (value) != NULL)
    ox_put_count (json, "indexedVariables", MIN (n, G_MAXINT32));
}

static void
put_plain (JsonBuilder *json, const char *name, const char *value, const char *type)
{
  json_builder_begin_object (json);
  ox_put_text (json, "name", name);
  ox_put_text (json, "value", value);
  ox_put_text (json, "type", type);
  ox_put_count (json, "variablesReference", 0);
  json_builder_end_object (json);
}

/* ---- what is in a scope ------------------------------------------------------------------------------------------ */

typedef struct
{
  gint64 start, count;     /* which ones */
  gint64 at;               /* those that came by */
} Page;

static gboolean
wanted (Page *page)
{
  return page->at++ >= page->start && page->at - page->start <= page->count;
}

static OxFrame *
frame_of (OxProtocol *self, const OxGraph *graph)
{
  for (guint level = MAX (ox_debugger_get_depth (self->debugger), 1); level > 0; level--)
    if (ox_debugger_get_frame (self->debugger, level - 1)->graph == graph)
      return ox_debugger_get_frame (self->debugger, level - 1);
  return NULL;
}

static void
put_slot (OxProtocol *self, JsonBuilder *json, OxGraph *graph, int slot, gboolean look)
{
  const OxSlot *info = ox_graph_slot (graph, slot);
  g_autofree char *quoted = ox_expression_quote (info->name);
  OxFrame *frame = frame_of (self, graph);
  g_autoptr (OxValue) value = look ? ox_debugger_peek_value (self->debugger, graph, slot) : NULL;
  const OxHandle handle = { .kind = OX_HANDLE_VALUE, .graph = graph, .slot = slot };
  const gboolean is_edited = ox_debugger_is_edited_value (self->debugger, graph, slot);

  json_builder_begin_object (json);
  ox_put_text (json, "name", info->name);
  ox_put_text (json, "evaluateName", quoted);
  if (value != NULL)
    ox_protocol_put_value (self, json, value, &handle);
  else
    {
      const gboolean is_dropped = frame != NULL && ox_frame_was_dropped (frame, slot);
      const gboolean is_there = is_dropped || info->initializer != NULL;
      g_autofree char *shape = info->initializer != NULL
                                 ? ox_shape_to_string (info->initializer->rank, info->initializer->dims) : NULL;
      g_autofree char *type = shape != NULL ? g_strdup_printf ("%s %s", ox_dtype_name (info->initializer->dtype), shape) : NULL;

      ox_put_text (json, "value", is_dropped ? "computed again when it is opened" : type != NULL ? type : "not computed yet");
      ox_put_text (json, "type", type);
      ox_put_count (json, "variablesReference", is_there ? ox_protocol_add_handle (self, &handle) : 0);
    }
  if (is_edited)
    {
      ox_put_object (json, "presentationHint");
      ox_put_array (json, "attributes");
      json_builder_add_string_value (json, "hasSideEffects");
      json_builder_end_array (json);
      json_builder_end_object (json);
    }
  json_builder_end_object (json);
}

static void
put_attributes (OxProtocol *self, JsonBuilder *json, const OxNode *node, Page *page)
{
  GPtrArray *attributes = ox_debugger_node_attributes (self->debugger, node);

  for (guint i = 0; i < attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (attributes, i);
      g_autofree char *text = ox_edit_attribute_text (attributes, attribute->name);
      const gboolean is_graph = attribute->type == OX_ATTR_GRAPH || attribute->type == OX_ATTR_GRAPHS;

      if (wanted (page))
        put_plain (json, attribute->name, text != NULL ? text : is_graph ? "a graph" : "a tensor or type", NULL);
    }
}

static void
put_ref (OxProtocol *self, JsonBuilder *json, OxGraph *graph, OxRef ref, Page *page)
{
  for (; ref.up > 0 && graph != NULL; ref.up--)
    graph = graph->outer;
  if (graph != NULL && ref.slot >= 0 && wanted (page))
    put_slot (self, json, graph, ref.slot, TRUE);
}

static void
put_scope (OxProtocol *self, JsonBuilder *json, const OxHandle *handle, Page *page)
{
  OxGraph *graph = handle->graph;
  OxFrame *frame = frame_of (self, graph);

  switch (handle->kind)
    {
    case OX_HANDLE_INPUTS:
      for (guint i = 0; i < handle->node->input_names->len; i++)
        put_ref (self, json, graph, handle->node->inputs[i], page);
      break;
    case OX_HANDLE_OUTPUTS:
      for (guint i = 0; i < graph->outputs->len; i++)
        put_ref (self, json, graph, g_array_index (graph->outputs, OxRef, i), page);
      break;
    case OX_HANDLE_ATTRIBUTES:
      put_attributes (self, json, handle->node, page);
      break;
    default:
      /* What was written last comes first. */
      for (guint k = 0; k < graph->slots->len; k++)
        {
          const guint i = handle->kind == OX_HANDLE_VALUES ? graph->slots->len - 1 - k : k;
          const OxSlot *slot = ox_graph_slot (graph, (int) i);
          const gboolean is_constant = slot->initializer != NULL;

          if (handle->kind == OX_HANDLE_INITIALIZERS
                ? is_constant
                : !is_constant && frame != NULL && (frame->values[i] != NULL || ox_frame_was_dropped (frame, (int) i)))
            if (wanted (page))
              put_slot (self, json, graph, (int) i, handle->kind != OX_HANDLE_INITIALIZERS);
        }
    }
}

/* ---- what is in a value ------------------------------------------------------------------------------------------ */

/* "[0,3]" */
static char *
index_name (const OxTensor *tensor, gint64 element)
{
  GString *text = g_string_new (NULL);

  for (int d = tensor->rank; d > 0; d--)
    {
      g_autofree char *part = g_strdup_printf ("%s%" G_GINT64_FORMAT, d > 1 ? "," : "", element % tensor->dims[d - 1]);

      g_string_prepend (text, part);
      element /= tensor->dims[d - 1];
    }
  g_string_prepend_c (text, '[');
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

static void
put_number (JsonBuilder *json, const char *name, double number, Page *page)
{
  g_autofree char *text = ox_format_double (number, 17);

  if (wanted (page))
    put_plain (json, name, text, NULL);
}

static void
put_tally (JsonBuilder *json, const char *name, gint64 count, Page *page)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, count);

  if (wanted (page))
    put_plain (json, name, text, NULL);
}

static void
put_facts (JsonBuilder *json, const OxTensor *tensor, Page *page)
{
  g_autofree char *shape = ox_tensor_shape_string (tensor);
  OxStatistics statistics;

  if (wanted (page))
    put_plain (json, "shape", shape, NULL);
  if (wanted (page))
    put_plain (json, "element type", ox_dtype_name (tensor->dtype), NULL);
  put_tally (json, "bytes", (gint64) ox_tensor_bytes (tensor), page);
  ox_statistics_compute (tensor, &statistics);
  if (!statistics.numeric)
    return;
  put_number (json, "min", statistics.min, page);
  put_number (json, "max", statistics.max, page);
  put_number (json, "mean", statistics.mean, page);
  put_number (json, "std", statistics.std, page);
  put_tally (json, "nan", statistics.nan, page);
  put_tally (json, "inf", statistics.pos_inf + statistics.neg_inf, page);
  put_tally (json, "zeros", statistics.zeros, page);
  put_tally (json, "denormals", statistics.denormals, page);
}

static void
put_elements (JsonBuilder *json, const OxTensor *tensor, gint64 begin, gint64 end, Page *page)
{
  const gint64 first = begin + MAX (page->start - page->at, 0);
  const gint64 last = MIN (end, first + page->count - CLAMP (page->at - page->start, 0, page->count));

  for (gint64 i = first; i < last; i++)
    {
      g_autofree char *name = index_name (tensor, i), *value = ox_format_element (tensor, i, 0);

      put_plain (json, name, value, ox_dtype_name (tensor->dtype));
    }
}

/* Elements when they are few, else ranges of a hundredth and less, as round numbers. */
static void
put_ranges (OxProtocol *self, JsonBuilder *json, const OxTensor *tensor, gint64 number, gint64 begin, gint64 end, Page *page)
{
  gint64 step = 1;

  while ((end - begin - 1) / step >= RANGE)
    step *= RANGE;
  if (step == 1)
    {
      put_elements (json, tensor, begin, end, page);
      return;
    }
  for (gint64 from = begin; from < end; from += step)
    {
      const gint64 to = MIN (from + step, end);
      g_autofree char *low = index_name (tensor, from), *high = index_name (tensor, to - 1);
      g_autofree char *name = g_strdup_printf ("%s to %s", low, high);
      g_autofree char *value = g_strdup_printf ("%" G_GINT64_FORMAT " elements", to - from);

      if (!wanted (page))
        continue;
      json_builder_begin_object (json);
      ox_put_text (json, "name", name);
      ox_put_text (json, "value", value);
      ox_put_count (json, "variablesReference",
                    ox_protocol_add_handle (self, &(OxHandle){ .kind = OX_HANDLE_RANGE, .parent = number, .begin = from, .end = to }));
      json_builder_end_object (json);
    }
}

static void
put_items (OxProtocol *self, JsonBuilder *json, OxValue *value, gint64 number, Page *page)
{
  static const char *const parts[] = { "values", "indices" };

  for (guint i = 0; i < n_children (value); i++)
    {
      const OxHandle handle = { .kind = OX_HANDLE_PART, .parent = number, .begin = i };
      g_autoptr (OxValue) item = NULL;
      g_autofree char *name = NULL;

      if (!wanted (page))
        continue;
      if (value->kind == OX_VALUE_SPARSE)
        {
          name = g_strdup (parts[i]);
          item = ox_value_new_tensor (ox_tensor_ref (i == 0 ? value->tensor : value->indices));
        }
      else
        {
          name = value->keys != NULL ? ox_format_element (value->keys, i, 0) : g_strdup_printf ("[%u]", i);
          item = ox_value_ref (ox_value_get_item (value, i));
        }
      json_builder_begin_object (json);
      ox_put_text (json, "name", name);
      ox_protocol_put_value (self, json, item, &handle);
      json_builder_end_object (json);
    }
}

/* ---- the request ------------------------------------------------------------------------------------------------- */

typedef enum
{
  ALL,
  NAMED,
  INDEXED,
} Filter;

typedef struct
{
  OxProtocol *self;
  gint64      number;
  Filter      filter;
  gboolean    paged;
  Page        page;
  OxValue    *root;      /* NULL: a scope */
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_pointer (&job->root, ox_value_unref);
  g_free (job);
}

static gboolean
put_tensor (Job *job, JsonBuilder *json, const OxHandle *handle, OxTensor *packed, GError **error)
{
  g_autoptr (OxTensor) tensor = ox_tensor_usable (packed, error);
  const gboolean is_range = handle->kind == OX_HANDLE_RANGE;

  if (tensor == NULL)
    return FALSE;
  if (!is_range && job->filter != INDEXED)
    put_facts (json, tensor, &job->page);
  if (job->filter == NAMED)
    return TRUE;
  if (is_range)
    put_ranges (job->self, json, tensor, handle->parent, handle->begin, handle->end, &job->page);
  else if (job->paged)
    put_elements (json, tensor, 0, tensor->count, &job->page);
  else
    put_ranges (job->self, json, tensor, job->number, 0, tensor->count, &job->page);
  return TRUE;
}

/* What has been looked up is put into words on a worker: statistics of a large tensor take time. */
static void
variables_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  const OxHandle handle = *ox_protocol_handle (job->self, job->number, NULL);
  g_autoptr (OxValue) value = job->root != NULL ? descend (job->self, &handle, job->root) : NULL;
  g_autoptr (JsonBuilder) body = ox_body_new ();
  GError *error = NULL;

  ox_put_array (body, "variables");
  if (job->root == NULL && job->filter != INDEXED)
    put_scope (job->self, body, &handle, &job->page);
  else if (value != NULL && ox_value_get_tensor (value) != NULL)
    put_tensor (job, body, &handle, ox_value_get_tensor (value), &error);
  else if (value != NULL && job->filter != NAMED)
    put_items (job->self, body, value, job->number, &job->page);
  json_builder_end_array (body);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&body), g_object_unref);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  JsonBuilder *body = g_task_propagate_pointer (G_TASK (result), &error);

  ox_protocol_looked (data, body, error);
}

static void
run (Job *job)
{
  g_autoptr (GTask) task = g_task_new (NULL, job->self->cancellable, listed_cb, job->self);

  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, variables_thread);
}

static void
value_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Job *job = data;
  GError *error = NULL;
  OxProtocol *self = job->self;

  job->root = ox_debugger_dup_value_finish (OX_DEBUGGER (source), result, &error);
  if (job->root != NULL)
    {
      run (job);
      return;
    }
  job_free (job);
  if (error == NULL)
    ox_fail (&error, OX_ERROR_VALUE, "the value is not computed yet");
  ox_protocol_looked (self, NULL, error);
}

gboolean
ox_protocol_variables (OxProtocol *self, OxRequest *request, GError **error)
{
  g_autofree Job *job = g_new0 (Job, 1);
  const char *filter = NULL;
  const OxHandle *handle, *root;

  job->self = self;
  if (!ox_arguments_need_count (request->arguments, "variablesReference", 1, G_MAXINT32, &job->number, error)
      || !ox_arguments_count (request->arguments, "start", 0, G_MAXINT32, &job->page.start, error)
      || !ox_arguments_count (request->arguments, "count", 0, G_MAXINT32, &job->page.count, error)
      || !ox_arguments_text (request->arguments, "filter", &filter, error)
      || (handle = ox_protocol_handle (self, job->number, error)) == NULL)
    return FALSE;
  if (filter != NULL && !g_str_equal (filter, "indexed") && !g_str_equal (filter, "named"))
    return ox_fail (error, OX_ERROR_VALUE, "expected indexed or named as 'filter', found '%s'", filter);
  if (handle->kind == OX_HANDLE_FRAME)
    return ox_fail (error, OX_ERROR_VALUE, "%" G_GINT64_FORMAT " is a frame: scopes says what is in it", job->number);
  job->filter = filter == NULL ? ALL : g_str_equal (filter, "named") ? NAMED : INDEXED;
  job->paged = job->page.count > 0 || (job->filter == INDEXED && self->pages);
  job->page.count = job->page.count > 0 ? MIN (job->page.count, MOST_VARIABLES) : MOST_VARIABLES;
  root = ox_protocol_root (self, handle);
  ox_protocol_look (self, request);
  if (root != NULL && root->kind == OX_HANDLE_VALUE)
    ox_debugger_dup_value_async (self->debugger, root->graph, root->slot, self->cancellable, value_cb, g_steal_pointer (&job));
  else
    {
      if (root != NULL)
        job->root = ox_value_ref (root->value);
      run (g_steal_pointer (&job));
    }
  return TRUE;
}
