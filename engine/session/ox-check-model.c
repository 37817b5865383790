/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-check-private.h"

#include <string.h>

#include "ops/ox-op.h"
#include "ops/ox-signature.h"

#define NEWEST_IR_VERSION 14

/* ---- imports -------------------------------------------------------------------------------------------------- */

static void
check_opsets (OxCheck *self, const GArray *opsets, const OxGraph *graph)
{
  for (guint i = 0; i < opsets->len; i++)
    {
      const OxOpset *opset = &g_array_index (opsets, OxOpset, i);
      int newest = ox_signature_newest (opset->domain);

      if (opset->version < 1)
        ox_check_add (self, OX_CHECK_ERROR, "opsets", graph, NULL,
                      "it imports version %" G_GINT64_FORMAT " of '%s', expected 1 or more", opset->version, opset->domain);
      else if (newest > 0 && opset->version > newest)
        ox_check_add (self, OX_CHECK_WARNING, "opsets", graph, NULL,
                      "it imports version %" G_GINT64_FORMAT " of '%s', the newest known is %d", opset->version,
                      opset->domain, newest);
      for (guint k = 0; k < i; k++)
        if (strcmp (g_array_index (opsets, OxOpset, k).domain, opset->domain) == 0)
          {
            ox_check_add (self, OX_CHECK_ERROR, "opsets", graph, NULL,
                          "it imports '%s' twice, as version %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT, opset->domain,
                          g_array_index (opsets, OxOpset, k).version, opset->version);
            break;
          }
    }
}

/* ---- functions ------------------------------------------------------------------------------------------------ */

typedef struct
{
  OxCheck    *check;
  OxFunction *function;     /* in whose body the nodes are, NULL: in the graph */
  GPtrArray  *callees;      /* of OxFunction* */
} Calls;

static void
collect_calls (OxGraph *graph, gpointer data)
{
  Calls *calls = data;

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const OxNode *node = g_ptr_array_index (graph->nodes, i);
      OxFunction *callee = ox_model_find_function (calls->check->model, node->domain, node->op_type, node->overload);

      if (callee != NULL)
        {
          g_hash_table_add (calls->check->called, callee);
          g_ptr_array_add (calls->callees, callee);
        }
    }
}

/* Takes off, again and again, functions that call only those taken off; what stays is on a circle or leads to one. */
static void
check_recursion (OxCheck *self)
{
  GPtrArray *functions = self->model->functions;
  g_autoptr (GHashTable) open = g_hash_table_new (NULL, NULL);
  g_autofree GPtrArray **callees = g_new0 (GPtrArray *, MAX (functions->len, 1));
  gboolean moved = TRUE;

  for (guint i = 0; i < functions->len; i++)
    {
      OxFunction *function = g_ptr_array_index (functions, i);
      Calls calls = { self, function, g_ptr_array_new () };

      ox_graph_foreach (function->body, collect_calls, &calls);
      callees[i] = calls.callees;
      g_hash_table_add (open, function);
    }
  for (guint round = 0; moved && round <= functions->len; round++)
    {
      moved = FALSE;
      for (guint i = 0; i < functions->len; i++)
        {
          gboolean calls_open = FALSE;

          for (guint k = 0; k < callees[i]->len && !calls_open; k++)
            calls_open = g_hash_table_contains (open, g_ptr_array_index (callees[i], k));
          if (!calls_open)
            moved = g_hash_table_remove (open, g_ptr_array_index (functions, i)) || moved;
        }
    }
  for (guint i = 0; i < functions->len; i++)
    {
      const OxFunction *function = g_ptr_array_index (functions, i);

      if (g_hash_table_contains (open, function))
        ox_check_add (self, OX_CHECK_ERROR, "functions", NULL, NULL,
                      "function %s.%s calls itself, or functions that do; the standard has no recursion", function->domain,
                      function->name);
      g_ptr_array_unref (callees[i]);
    }
}

static void
check_functions (OxCheck *self)
{
  OxModel *model = self->model;
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) callees = g_ptr_array_new ();
  Calls calls = { self, NULL, callees };

  if (model->functions->len > 0 && model->ir_version < 8)
    ox_check_add (self, OX_CHECK_WARNING, "ir-version", NULL, NULL,
                  "it has functions, which are there since IR version 8; its own is %" G_GINT64_FORMAT, model->ir_version);
  for (guint i = 0; i < model->functions->len; i++)
    {
      const OxFunction *function = g_ptr_array_index (model->functions, i);

      if (function->overload[0] != '\0' && model->ir_version < 10)
        ox_check_add (self, OX_CHECK_WARNING, "ir-version", NULL, NULL,
                      "function %s.%s has an overload, which is there since IR version 10; its own is %" G_GINT64_FORMAT,
                      function->domain, function->name, model->ir_version);
      if (function->name[0] == '\0')
        ox_check_add (self, OX_CHECK_ERROR, "functions", NULL, NULL, "function %u has no name", i);
      if (!g_hash_table_add (keys, g_strdup_printf ("%s\n%s\n%s", function->domain, function->name, function->overload)))
        ox_check_add (self, OX_CHECK_ERROR, "functions", NULL, NULL, "there are two functions %s.%s%s%s", function->domain,
                      function->name, function->overload[0] != '\0' ? ":" : "", function->overload);
      check_opsets (self, function->opsets, function->body);
    }
  check_recursion (self);
  ox_graph_foreach (model->graph, collect_calls, &calls);
  for (guint i = 0; i < model->functions->len; i++)
    {
      OxFunction *function = g_ptr_array_index (model->functions, i);

      if (!g_hash_table_contains (self->called, function))
        ox_check_add (self, OX_CHECK_NOTE, "unused", NULL, NULL, "function %s.%s is called by nothing", function->domain,
                      function->name);
    }
}

/* ---- element types and the IR version that brought them ------------------------------------------------------- */

static int
dtype_ir_version (OxDtype dtype)
{
  switch (dtype)
    {
    case OX_F8E4M3FN:
    case OX_F8E4M3FNUZ:
    case OX_F8E5M2:
    case OX_F8E5M2FNUZ:
      return 9;
    case OX_I4:
    case OX_U4:
      return 10;
    case OX_F4E2M1:
      return 11;
    case OX_F8E8M0:
      return 12;
    case OX_I2:
    case OX_U2:
      return 13;
    default:
      return 0;
    }
}

static void
check_dtypes (OxGraph *graph, gpointer data)
{
  OxCheck *self = data;

  for (guint i = 0; i < graph->initializers->len; i++)
    {
      const OxInitializer *tensor = g_ptr_array_index (graph->initializers, i);
      int version = dtype_ir_version (tensor->dtype);

      if (version > self->model->ir_version)
        ox_check_add (self, OX_CHECK_WARNING, "ir-version", graph, NULL,
                      "constant '%s' is %s, which is there since IR version %d; its own is %" G_GINT64_FORMAT, tensor->name,
                      ox_dtype_name (tensor->dtype), version, self->model->ir_version);
    }
}

void
ox_check_model (OxCheck *self)
{
  OxModel *model = self->model;

  if (model->ir_version < 1)
    ox_check_add (self, OX_CHECK_ERROR, "ir-version", NULL, NULL, "it says no IR version; found %" G_GINT64_FORMAT,
                  model->ir_version);
  else if (model->ir_version > NEWEST_IR_VERSION)
    ox_check_add (self, OX_CHECK_WARNING, "ir-version", NULL, NULL,
                  "its IR version is %" G_GINT64_FORMAT ", the newest known is %d", model->ir_version, NEWEST_IR_VERSION);
  if (model->opsets->len == 0)
    ox_check_add (self, OX_CHECK_ERROR, "opsets", NULL, NULL, "it imports no operator set, expected one a domain");
  check_opsets (self, model->opsets, NULL);
  check_functions (self);
  ox_graph_foreach (model->graph, check_dtypes, self);
}
