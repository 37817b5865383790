/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "ops/ox-signature.h"
#include "session/ox-session-private.h"

/* Nodes with other attributes than the model gives them. The copy shares everything with its node but the list of
 * attributes. What was replaced stays until the session ends, because frames of functions point to it. */

static void
shadow_free (gpointer data)
{
  OxNode *shadow = data;

  g_ptr_array_unref (shadow->attributes);
  g_free (shadow);
}

const OxNode *
ox_session_node (OxSession *self, const OxNode *node)
{
  const OxNode *shadow = self->shadows != NULL ? g_hash_table_lookup (self->shadows, node) : NULL;

  return shadow != NULL ? shadow : node;
}

static OxFunction *
function_of (OxSession *self, const OxNode *node)
{
  return ox_model_find_function (self->model, node->domain, node->op_type, node->overload);
}

static const OxOp *
op_of (OxSession *self, const OxNode *node)
{
  gint64 opset = ox_model_opset (self->model, node->graph, node->domain);

  return ox_op_find (node->domain, node->op_type, opset > 0 ? opset : G_MAXINT32);
}

/* ---- kinds ---------------------------------------------------------------------------------------------------- */

typedef struct
{
  const char *name;
  OxAttrType  type;
} Wanted;

/* What refers to a function's attribute says of which kind it is. */
static void
look_for_reference (OxGraph *graph, gpointer data)
{
  Wanted *wanted = data;

  for (guint i = 0; i < graph->nodes->len && wanted->type == OX_ATTR_UNDEFINED; i++)
    {
      const OxNode *node = ox_graph_node (graph, i);

      for (guint a = 0; a < node->attributes->len; a++)
        {
          const OxAttribute *attribute = g_ptr_array_index (node->attributes, a);

          if (g_strcmp0 (attribute->ref, wanted->name) == 0)
            wanted->type = attribute->type;
        }
    }
}

static OxAttrType
function_attribute_type (const OxFunction *function, const OxNode *node, const char *name, GError **error)
{
  const OxAttribute *there = ox_node_attribute (node, name);
  Wanted wanted = { name, OX_ATTR_UNDEFINED };
  gboolean known = FALSE;

  for (guint i = 0; i < function->attributes->len; i++)
    known |= g_str_equal (g_ptr_array_index (function->attributes, i), name);
  for (guint i = 0; i < function->attribute_defaults->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (function->attribute_defaults, i);

      if (g_str_equal (attribute->name, name))
        return attribute->type;
    }
  if (known && there != NULL && there->type != OX_ATTR_UNDEFINED)
    return there->type;
  if (known)
    ox_graph_foreach (function->body, look_for_reference, &wanted);
  if (wanted.type == OX_ATTR_UNDEFINED)
    ox_fail (error, OX_ERROR_MODEL, known ? "nothing in the function %s says of which kind its attribute '%s' is"
                                          : "the function %s has no attribute '%s'", function->name, name);
  return wanted.type;
}

OxAttrType
ox_session_attribute_type (OxSession *self, const OxNode *node, const char *name, GError **error)
{
  const OxFunction *function = function_of (self, node);
  const OxOp *op = function == NULL ? op_of (self, node) : NULL;
  OxAttrType type = OX_ATTR_UNDEFINED;

  if (function != NULL)
    return function_attribute_type (function, node, name, error);
  if (op == NULL)
    {
      ox_fail (error, OX_ERROR_UNSUPPORTED, "operator %s.%s is not supported, and so its attributes are not known", node->domain,
               node->op_type);
      return OX_ATTR_UNDEFINED;
    }
  for (int i = 0; i < op->n_attrs; i++)
    if (strcmp (op->attrs[i].name, name) == 0)
      {
        type = ox_attr_kind_type (op->attrs[i].kind);
        if (type == OX_ATTR_UNDEFINED)
          ox_fail (error, OX_ERROR_MODEL, "the attribute '%s' of %s-%d has no effect", name, op->name, op->since);
        return type;
      }
  ox_fail (error, OX_ERROR_MODEL, "%s-%d has no attribute '%s'", op->name, op->since, name);
  return OX_ATTR_UNDEFINED;
}

/* ---- changing ------------------------------------------------------------------------------------------------- */

static gboolean
has_references (const OxNode *node)
{
  for (guint i = 0; i < node->attributes->len; i++)
    if (((const OxAttribute *) g_ptr_array_index (node->attributes, i))->ref != NULL)
      return TRUE;
  return FALSE;
}

/* As far as it can be said without the call of a function. */
static gboolean
accepts (OxSession *self, const OxNode *shadow, const OxNode *node, const char *name, const OxAttribute *attribute, GError **error)
{
  OxAttrType type = ox_session_attribute_type (self, node, name, error);
  const OxOp *op;
  void *attrs;

  if (type == OX_ATTR_UNDEFINED)
    return FALSE;
  if (type == OX_ATTR_GRAPH || type == OX_ATTR_GRAPHS)
    return ox_fail (error, OX_ERROR_UNSUPPORTED, "the attribute '%s' is a graph, which cannot be changed", name);
  if (function_of (self, node) != NULL)
    return attribute == NULL || attribute->type == type
           || ox_fail (error, OX_ERROR_MODEL, "attribute '%s' should be %s, found %s", name, ox_signature_kind_name (type),
                       ox_signature_kind_name (attribute->type));
  if (has_references (shadow))
    return TRUE;
  op = op_of (self, node);
  attrs = ox_attrs_parse (op, shadow, NULL, error);
  if (attrs != NULL)
    ox_attrs_free (op, attrs);
  return attrs != NULL;
}

static void
forget_plan (OxSession *self, const OxNode *node)
{
  g_hash_table_remove (self->plans, node);
  ox_recall_touch (self, node);
}

gboolean
ox_session_set_attribute (OxSession *self, const OxNode *node, const char *name, const OxAttribute *attribute, GError **error)
{
  const OxNode *now = ox_session_node (self, node);
  OxNode *shadow;
  OxAttribute *copy = NULL;
  gboolean placed = FALSE;

  g_return_val_if_fail (attribute == NULL || attribute->graphs == NULL || attribute->graphs->len == 0, FALSE);
  shadow = g_memdup2 (now, sizeof *now);
  shadow->attributes = g_ptr_array_new ();
  if (attribute != NULL)
    {
      copy = ox_attribute_copy (attribute);
      g_free (copy->name);
      copy->name = g_strdup (name);
      if (self->replaced == NULL)
        self->replaced = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_attribute_free);
      g_ptr_array_add (self->replaced, copy);
    }
  for (guint i = 0; i < now->attributes->len; i++)
    {
      OxAttribute *other = g_ptr_array_index (now->attributes, i);

      if (!g_str_equal (other->name, name))
        g_ptr_array_add (shadow->attributes, other);
      else if (copy != NULL && !placed)
        g_ptr_array_add (shadow->attributes, copy);
      placed |= g_str_equal (other->name, name);
    }
  if (copy != NULL && !placed)
    g_ptr_array_add (shadow->attributes, copy);
  if ((copy == NULL && !placed && !ox_fail (error, OX_ERROR_MODEL, "the node has no attribute '%s'", name))
      || !accepts (self, shadow, node, name, copy, error))
    {
      shadow_free (shadow);
      return FALSE;
    }
  if (self->shadows == NULL)
    self->shadows = g_hash_table_new_full (NULL, NULL, NULL, shadow_free);
  g_hash_table_insert (self->shadows, (gpointer) node, shadow);
  forget_plan (self, node);
  return TRUE;
}

void
ox_session_reset_attributes (OxSession *self, const OxNode *node)
{
  if (self->shadows != NULL && g_hash_table_remove (self->shadows, node))
    forget_plan (self, node);
}

void
ox_shadow_copy (OxSession *self, OxSession *other)
{
  GHashTableIter iter;
  gpointer key, value;

  if (other->shadows == NULL)
    return;
  g_hash_table_iter_init (&iter, other->shadows);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const OxNode *node = key, *shadow = value;

      for (guint i = 0; i < shadow->attributes->len; i++)
        {
          const OxAttribute *attribute = g_ptr_array_index (shadow->attributes, i);

          if (!g_ptr_array_find (node->attributes, attribute, NULL))
            ox_session_set_attribute (self, node, attribute->name, attribute, NULL);
        }
      for (guint i = 0; i < node->attributes->len; i++)
        {
          const OxAttribute *attribute = g_ptr_array_index (node->attributes, i);

          if (ox_node_attribute (shadow, attribute->name) == NULL)
            ox_session_set_attribute (self, node, attribute->name, NULL, NULL);
        }
    }
}
