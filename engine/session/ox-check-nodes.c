/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-check-private.h"

#include <string.h>

#include "ops/ox-op.h"
#include "ops/ox-signature.h"

/* ---- how many, and what is left out
 * --------------------------------------------------------------------------- */

static void
check_arity (
    OxCheck *self, const OxNode *node, const char *what, const GPtrArray *names, const char *parameters)
{
  int min, max, n = (int)names->len;
  OxParameter p;

  ox_signature_arity (parameters, &min, &max);
  if (n < min || (max >= 0 && n > max))
    {
      g_autofree char *expected = max == min ? g_strdup_printf ("%d", min)
                                  : max < 0  ? g_strdup_printf ("at least %d", min)
                                             : g_strdup_printf ("%d to %d", min, max);

      ox_check_add (self, OX_CHECK_ERROR, "arity", node->graph, node, "expected %s %s, found %d", expected,
                    what, n);
    }
  for (int i = 0; i < n && ox_signature_parameter (parameters, i, &p); i++)
    if (((const char *)g_ptr_array_index (names, i))[0] == '\0' && !p.optional && !p.variadic
        && names == node->input_names)
      ox_check_add (self, OX_CHECK_ERROR, "arity", node->graph, node, "input %d must not be left out", i);
}

/* ---- attributes
 * ----------------------------------------------------------------------------------------------- */

static void
check_attribute (OxCheck *self,
                 const OxNode *node,
                 const OxSignature *signature,
                 const OxAttribute *attribute)
{
  char kind = ox_signature_attribute (signature, attribute->name);
  OxAttrType expected = ox_signature_attr_type (kind);

  if (kind == 0)
    {
      g_auto (GStrv) words = g_strsplit (signature->attributes, " ", -1);
      g_autofree char *known = NULL;

      for (int i = 0; words[i] != NULL; i++)
        words[i][strcspn (words[i], ":")] = '\0';
      known = g_strjoinv (", ", words);
      ox_check_add (self, OX_CHECK_ERROR, "attribute", node->graph, node,
                    "%s-%d has no attribute '%s', expected one of: %s", signature->name, signature->since,
                    attribute->name, known[0] != '\0' ? known : "none at all");
    }
  else if (attribute->ref == NULL && attribute->type != expected)
    ox_check_add (self, OX_CHECK_ERROR, "attribute", node->graph, node, "attribute '%s' is %s, expected %s",
                  attribute->name, ox_signature_kind_name (attribute->type),
                  ox_signature_kind_name (expected));
}

static void
check_attributes (OxCheck *self, const OxNode *node, const OxSignature *signature)
{
  g_auto (GStrv) words = g_strsplit (signature->attributes, " ", -1);

  for (guint i = 0; i < node->attributes->len; i++)
    check_attribute (self, node, signature, g_ptr_array_index (node->attributes, i));
  for (int i = 0; words[i] != NULL; i++)
    if (g_str_has_suffix (words[i], "!"))
      {
        words[i][strcspn (words[i], ":")] = '\0';
        if (ox_node_attribute (node, words[i]) == NULL)
          ox_check_add (self, OX_CHECK_ERROR, "attribute", node->graph, node, "its attribute '%s' is missing",
                        words[i]);
      }
}

/* What holds for all operators: an attribute is there once, and stands for another one only inside of a
 * function. */
static void
check_attribute_names (OxCheck *self, const OxNode *node)
{
  const OxGraph *graph = node->graph;
  const OxFunction *function;

  while (graph->outer != NULL)
    graph = graph->outer;
  function = graph->function;
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, i);
      gboolean known = FALSE;

      for (guint k = 0; k < i; k++)
        if (strcmp (((const OxAttribute *)g_ptr_array_index (node->attributes, k))->name, attribute->name)
            == 0)
          {
            ox_check_add (self, OX_CHECK_ERROR, "attribute", node->graph, node,
                          "attribute '%s' is there twice", attribute->name);
            break;
          }
      if (attribute->ref == NULL)
        continue;
      if (function == NULL)
        {
          ox_check_add (self, OX_CHECK_ERROR, "attribute", node->graph, node,
                        "attribute '%s' stands for '%s' of a function's call, but the node is in no function",
                        attribute->name, attribute->ref);
          continue;
        }
      for (guint k = 0; k < function->attributes->len && !known; k++)
        known = strcmp (g_ptr_array_index (function->attributes, k), attribute->ref) == 0;
      for (guint k = 0; k < function->attribute_defaults->len && !known; k++)
        known = strcmp (((const OxAttribute *)g_ptr_array_index (function->attribute_defaults, k))->name,
                        attribute->ref)
                == 0;
      if (!known)
        ox_check_add (self, OX_CHECK_ERROR, "attribute", node->graph, node,
                      "attribute '%s' stands for '%s', which function %s does not have", attribute->name,
                      attribute->ref, function->name);
    }
}

/* ---- operators
 * ------------------------------------------------------------------------------------------------ */

static void
check_call (OxCheck *self, const OxNode *node, const OxFunction *function)
{
  guint n_in = function->body->slots->len, n_out = function->body->output_infos->len;

  if (node->input_names->len > n_in)
    ox_check_add (self, OX_CHECK_ERROR, "arity", node->graph, node, "function %s has %u inputs, found %u",
                  function->name, n_in, node->input_names->len);
  if (node->output_names->len > n_out)
    ox_check_add (self, OX_CHECK_ERROR, "arity", node->graph, node, "function %s has %u outputs, found %u",
                  function->name, n_out, node->output_names->len);
  for (guint i = 0; i < function->attributes->len; i++)
    {
      const char *name = g_ptr_array_index (function->attributes, i);

      if (ox_node_attribute (node, name) == NULL)
        ox_check_add (self, OX_CHECK_WARNING, "attribute", node->graph, node,
                      "function %s has an attribute '%s' without a default, which is not given",
                      function->name, name);
    }
}

/* One that the standard does not have in the imported version. */
static void
check_unknown (OxCheck *self, const OxNode *node, gint64 opset)
{
  const char *domain = node->domain;
  int first = ox_signature_first (domain, node->op_type);
  gboolean runs = ox_op_find (domain, node->op_type, opset) != NULL;

  if (first > 0)
    ox_check_add (self, runs ? OX_CHECK_WARNING : OX_CHECK_ERROR, "operator", node->graph, node,
                  "%s has %s since version %d, but version %" G_GINT64_FORMAT " is imported%s", domain,
                  node->op_type, first, opset, runs ? "; it can be run here all the same" : "");
  else if (ox_signature_newest (domain) > 0)
    ox_check_add (self, runs ? OX_CHECK_WARNING : OX_CHECK_ERROR, "operator", node->graph, node,
                  "%s has no operator %s in any version%s", domain, node->op_type,
                  runs ? "; it can be run here all the same" : "");
  else if (!runs)
    ox_check_add (
        self, OX_CHECK_WARNING, "unsupported", node->graph, node,
        "operator %s of '%s' is neither of the standard nor a function of the model, and cannot be run here",
        node->op_type, domain);
}

/* Whether a body takes what the node gives it. */
static void
check_body (OxCheck *self, const OxNode *node, const char *name, int inputs, int least_outputs)
{
  const OxAttribute *attribute = ox_node_attribute (node, name);
  const OxGraph *body;

  if (attribute == NULL || attribute->graphs == NULL || attribute->graphs->len != 1)
    return;
  body = g_ptr_array_index (attribute->graphs, 0);
  if ((int)body->slots->len != inputs)
    ox_check_add (self, OX_CHECK_ERROR, "arity", node->graph, node, "its %s should have %d inputs, found %u",
                  name, inputs, body->slots->len);
  if ((int)body->output_infos->len < least_outputs)
    ox_check_add (self, OX_CHECK_ERROR, "arity", node->graph, node,
                  "its %s should have at least %d outputs, found %u", name, least_outputs,
                  body->output_infos->len);
}

static void
check_bodies (OxCheck *self, const OxNode *node, const OxSignature *signature)
{
  int n_in = (int)node->input_names->len, n_out = (int)node->output_names->len;

  if (strcmp (signature->domain, "ai.onnx") != 0)
    return;
  if (strcmp (signature->name, "If") == 0)
    {
      check_body (self, node, "then_branch", 0, n_out);
      check_body (self, node, "else_branch", 0, n_out);
    }
  else if (strcmp (signature->name, "Loop") == 0)
    check_body (self, node, "body", n_in, n_out + 1);
  else if (strcmp (signature->name, "Scan") == 0)
    check_body (self, node, "body", n_in - (signature->since < 9), n_out);
  else if (strcmp (signature->name, "SequenceMap") == 0)
    check_body (self, node, "body", n_in, n_out);
}

static void
check_operator (OxCheck *self, const OxNode *node)
{
  const OxFunction *function =
      ox_model_find_function (self->model, node->domain, node->op_type, node->overload);
  gint64 opset = ox_model_opset (self->model, node->graph, node->domain);
  const OxSignature *signature;

  check_attribute_names (self, node);
  if (opset == 0)
    ox_check_add (
        self, function != NULL || ox_signature_newest (node->domain) == 0 ? OX_CHECK_WARNING : OX_CHECK_ERROR,
        "opsets", node->graph, node, "its domain '%s' is not imported %s", node->domain,
        node->graph->function != NULL ? "by the function" : "by the model");
  if (function != NULL)
    {
      check_call (self, node, function);
      return;
    }
  if (opset == 0)
    opset = G_MAXINT32;
  signature = ox_signature_find (node->domain, node->op_type, opset);
  if (signature == NULL)
    {
      check_unknown (self, node, opset);
      return;
    }
  if (signature->deprecated)
    {
      ox_check_add (self, OX_CHECK_ERROR, "deprecated", node->graph, node,
                    "%s is deprecated since version %d of %s, and version %" G_GINT64_FORMAT " is imported",
                    signature->name, signature->since, signature->domain, opset);
      return;
    }
  if (ox_op_find (node->domain, node->op_type, opset) == NULL)
    ox_check_add (self, OX_CHECK_WARNING, "unsupported", node->graph, node, "%s-%d cannot be run here",
                  signature->name, signature->since);
  check_arity (self, node, "inputs", node->input_names, signature->inputs);
  check_arity (self, node, "outputs", node->output_names, signature->outputs);
  check_attributes (self, node, signature);
  check_bodies (self, node, signature);
}

static void
check_graph_operators (OxGraph *graph, gpointer data)
{
  for (guint i = 0; i < graph->nodes->len; i++)
    check_operator (data, g_ptr_array_index (graph->nodes, i));
}

void
ox_check_operators (OxCheck *self, OxGraph *graph)
{
  ox_graph_foreach (graph, check_graph_operators, self);
}

/* ---- types
 * ---------------------------------------------------------------------------------------------------- */

/* What the variables of a signature have turned out to be. */
typedef struct
{
  OxCheck *check;
  const OxNode *node;
  const OxSignature *signature;
  GHashTable *bound; /* variable -> text of its type */
  GHashTable *from;  /* variable -> "input 0" */
} Binding;

static void
check_value (Binding *self, const char *what, int i, const OxSlot *slot, const OxParameter *p)
{
  const OxType *type = slot == NULL ? NULL : slot->type != NULL ? slot->type : slot->inferred;
  g_autofree char *text = ox_signature_type_text (type);
  g_autofree char *types = ox_signature_types (self->signature, p->type);
  const char *bound = g_hash_table_lookup (self->bound, p->type);

  if (text == NULL && slot != NULL && slot->inferred != NULL)
    text = ox_signature_type_text (slot->inferred);
  if (text == NULL && slot != NULL && slot->type == NULL && slot->initializer != NULL
      && slot->initializer->indices == NULL && slot->initializer->dtype != OX_UNDEFINED)
    text = g_strdup (ox_dtype_name (slot->initializer->dtype));
  if (text == NULL)
    return;
  if (!ox_signature_type_is (types != NULL ? types : p->type, text))
    {
      g_autofree char *expected = ox_signature_types_text (types != NULL ? types : p->type);

      ox_check_add (self->check, OX_CHECK_ERROR, "type", self->node->graph, self->node,
                    "%s %d ('%s') is %s; %s-%d takes %s there", what, i, slot->name, text,
                    self->signature->name, self->signature->since, expected);
    }
  else if (bound != NULL && !p->mixed && strcmp (bound, text) != 0)
    ox_check_add (self->check, OX_CHECK_ERROR, "type", self->node->graph, self->node,
                  "%s %d ('%s') is %s, but %s is %s, and both must be the same (%s)", what, i, slot->name,
                  text, (char *)g_hash_table_lookup (self->from, p->type), bound, p->type);
  else if (bound == NULL && types != NULL && !p->mixed)
    {
      g_hash_table_insert (self->from, g_strdup (p->type), g_strdup_printf ("%s %d", what, i));
      g_hash_table_insert (self->bound, g_strdup (p->type), g_steal_pointer (&text));
    }
}

static void
check_node_types (OxCheck *self, const OxNode *node)
{
  gint64 opset = ox_model_opset (self->model, node->graph, node->domain);
  g_autoptr (GHashTable) bound = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) from = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Binding binding = { self, node, ox_signature_find (node->domain, node->op_type, opset), bound, from };
  OxParameter p;

  if (binding.signature == NULL
      || ox_model_find_function (self->model, node->domain, node->op_type, node->overload) != NULL)
    return;
  for (int i = 0;
       i < (int)node->input_names->len && ox_signature_parameter (binding.signature->inputs, i, &p); i++)
    check_value (&binding, "input", i, ox_node_input_slot (node, i), &p);
  /* What is made of a wrong input is no second mistake. */
  if (g_hash_table_contains (self->bad_nodes, node))
    return;
  for (int i = 0;
       i < (int)node->output_names->len && ox_signature_parameter (binding.signature->outputs, i, &p); i++)
    check_value (&binding, "output", i, ox_node_output_slot (node, i), &p);
}

static void
check_graph_types (OxGraph *graph, gpointer data)
{
  OxCheck *self = data;

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const OxNode *node = g_ptr_array_index (graph->nodes, i);

      if (!g_hash_table_contains (self->bad_nodes, node))
        check_node_types (self, node);
    }
}

void
ox_check_types (OxCheck *self, OxGraph *graph)
{
  ox_graph_foreach (graph, check_graph_types, self);
}
