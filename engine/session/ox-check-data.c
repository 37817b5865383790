/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-check-private.h"

#include "tensor/ox-statistics.h"

#define LEAST_TO_JUDGE 16   /* elements: a bias of one zero is no surprise */
#define MANY_DENORMALS 0.01 /* a share of all */

typedef void (*TensorFunc) (OxCheck *self, const OxGraph *graph, const OxNode *node, OxInitializer *tensor);

typedef struct
{
  OxCheck *check;
  TensorFunc func;
} Visit;

/* Initializers, and tensors in attributes. */
static void
visit_graph (OxGraph *graph, gpointer data)
{
  Visit *visit = data;

  for (guint i = 0; i < graph->initializers->len; i++)
    visit->func (visit->check, graph, NULL, g_ptr_array_index (graph->initializers, i));
  for (guint n = 0; n < graph->nodes->len; n++)
    {
      const OxNode *node = g_ptr_array_index (graph->nodes, n);

      for (guint a = 0; a < node->attributes->len; a++)
        {
          const OxAttribute *attribute = g_ptr_array_index (node->attributes, a);

          for (guint t = 0; attribute->tensors != NULL && t < attribute->tensors->len; t++)
            visit->func (visit->check, graph, node, g_ptr_array_index (attribute->tensors, t));
        }
    }
}

static char *
title_of (const OxInitializer *tensor)
{
  return tensor->name[0] != '\0' ? g_strdup_printf ("tensor '%s'", tensor->name) : g_strdup ("its tensor");
}

static void
check_tensor (OxCheck *self, const OxGraph *graph, const OxNode *node, OxInitializer *tensor)
{
  g_autofree char *title = title_of (tensor);

  if (tensor->dtype == OX_UNDEFINED)
    ox_check_add (self, OX_CHECK_ERROR, "data", graph, node, "%s has element type number %d, which is none",
                  title, tensor->dtype_number);
  else if (tensor->encoding == OX_ENCODING_MISSING)
    ox_check_add (self, OX_CHECK_ERROR, tensor->location != NULL ? "external-data" : "data", graph, node,
                  "%s has no usable data: %s", title,
                  tensor->problem != NULL ? tensor->problem : "there is none");
}

void
ox_check_data (OxCheck *self, OxGraph *graph)
{
  Visit visit = { self, check_tensor };

  ox_graph_foreach (graph, visit_graph, &visit);
}

static void
check_numbers (OxCheck *self, const OxGraph *graph, const OxNode *node, OxInitializer *tensor)
{
  g_autofree char *title = title_of (tensor);
  g_autoptr (OxValue) value = NULL;
  OxStatistics s;

  if (!ox_dtype_is_float (tensor->dtype) || tensor->encoding == OX_ENCODING_MISSING
      || g_cancellable_is_cancelled (self->cancellable))
    return;
  value = ox_initializer_get (tensor, NULL);
  if (value == NULL || value->tensor == NULL)
    return;
  ox_statistics_compute (value->tensor, &s);
  if (s.nan > 0)
    ox_check_add (self, OX_CHECK_WARNING, "weights", graph, node,
                  "%s has %" G_GINT64_FORMAT " NaN among %" G_GINT64_FORMAT
                  " elements, the first at %" G_GINT64_FORMAT,
                  title, s.nan, s.count, s.first_bad);
  if (s.pos_inf + s.neg_inf > 0)
    ox_check_add (self, s.count < LEAST_TO_JUDGE ? OX_CHECK_NOTE : OX_CHECK_WARNING, "weights", graph, node,
                  "%s has %" G_GINT64_FORMAT " infinities among %" G_GINT64_FORMAT " elements", title,
                  s.pos_inf + s.neg_inf, s.count);
  if (s.count >= LEAST_TO_JUDGE && s.zeros == s.count)
    ox_check_add (self, OX_CHECK_NOTE, "weights", graph, node,
                  "%s is all zeros, %" G_GINT64_FORMAT " of them", title, s.count);
  else if (s.count >= LEAST_TO_JUDGE && s.finite == s.count && s.min == s.max)
    ox_check_add (self, OX_CHECK_NOTE, "weights", graph, node,
                  "%s is %g in all its %" G_GINT64_FORMAT " elements", title, s.min, s.count);
  if (s.count >= LEAST_TO_JUDGE && (double)s.denormals > MANY_DENORMALS * (double)s.count)
    ox_check_add (
        self, OX_CHECK_WARNING, "weights", graph, node,
        "%.1f %% of the elements of %s are denormal: some processors are slow on them, others make them 0",
        100.0 * (double)s.denormals / (double)s.count, title);
}

void
ox_check_weights (OxCheck *self, OxGraph *graph)
{
  Visit visit = { self, check_numbers };

  ox_graph_foreach (graph, visit_graph, &visit);
}
