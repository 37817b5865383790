/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-op.h"

#include <string.h>

/* What an attribute struct borrows lives as long as it does; kept right before it. */
typedef struct
{
  GPtrArray *memory; /* g_free() */
  GPtrArray *values; /* ox_value_unref() */
} Owner;

#define OWNER_BYTES ((sizeof (Owner) + 15) & ~(gsize) 15)

static const char *const type_names[] = {
  "undefined", "float", "int", "string", "tensor", "graph", "floats", "ints", "strings",
  "tensors", "graphs", "sparse_tensor", "sparse_tensors", "type_proto", "type_protos",
};

static const char *
type_name (OxAttrType type)
{
  return (guint) type < G_N_ELEMENTS (type_names) ? type_names[type] : "of an unknown type";
}

OxAttrType
ox_attr_kind_type (OxAttrKind kind)
{
  switch (kind)
    {
    case OX_KIND_INT:
    case OX_KIND_OPT_INT:
      return OX_ATTR_INT;
    case OX_KIND_FLOAT:
    case OX_KIND_OPT_FLOAT:
      return OX_ATTR_FLOAT;
    case OX_KIND_STRING:
      return OX_ATTR_STRING;
    case OX_KIND_INTS:
      return OX_ATTR_INTS;
    case OX_KIND_FLOATS:
      return OX_ATTR_FLOATS;
    case OX_KIND_STRINGS:
      return OX_ATTR_STRINGS;
    case OX_KIND_TENSOR:
      return OX_ATTR_TENSOR;
    case OX_KIND_TENSORS:
      return OX_ATTR_TENSORS;
    case OX_KIND_GRAPH:
      return OX_ATTR_GRAPH;
    case OX_KIND_TYPE:
      return OX_ATTR_TYPE;
    case OX_KIND_IGNORED:
      break;
    }
  return OX_ATTR_UNDEFINED;
}

static gpointer
keep (Owner *owner, gpointer memory)
{
  g_ptr_array_add (owner->memory, memory);
  return memory;
}

static char *
keep_text (Owner *owner, GBytes *bytes)
{
  gsize n = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &n) : NULL;
  char *text = keep (owner, g_malloc (n + 1));

  if (n > 0)
    memcpy (text, data, n);
  text[n] = '\0';
  return text;
}

static OxValue *
keep_value (Owner *owner, OxInitializer *initializer, GError **error)
{
  OxValue *value = ox_initializer_get (initializer, error);

  if (value != NULL)
    g_ptr_array_add (owner->values, value);
  return value;
}

/* Copies @attribute into the field at @at. */
static gboolean
fill (Owner *owner, OxAttrKind kind, gpointer at, const OxAttribute *attribute, GError **error)
{
  switch (kind)
    {
    case OX_KIND_INT:
      *(gint64 *) at = attribute->i;
      break;
    case OX_KIND_OPT_INT:
      *(OxOptInt *) at = (OxOptInt) { attribute->i, TRUE };
      break;
    case OX_KIND_FLOAT:
      *(double *) at = attribute->f;
      break;
    case OX_KIND_OPT_FLOAT:
      *(OxOptFloat *) at = (OxOptFloat) { attribute->f, TRUE };
      break;
    case OX_KIND_STRING:
      *(const char **) at = keep_text (owner, attribute->s);
      break;
    case OX_KIND_INTS:
      {
        guint n = attribute->ints != NULL ? attribute->ints->len : 0;

        *(OxInts *) at = (OxInts) { n > 0 ? keep (owner, g_memdup2 (attribute->ints->data, n * sizeof (gint64))) : NULL,
                                    (int) n, TRUE };
        break;
      }
    case OX_KIND_FLOATS:
      {
        guint n = attribute->floats != NULL ? attribute->floats->len : 0;

        *(OxFloats *) at = (OxFloats) {
          n > 0 ? keep (owner, g_memdup2 (attribute->floats->data, n * sizeof (float))) : NULL, (int) n, TRUE
        };
        break;
      }
    case OX_KIND_STRINGS:
      {
        guint n = attribute->strings != NULL ? attribute->strings->len : 0;
        const char **texts = keep (owner, g_new0 (const char *, n + 1));

        for (guint i = 0; i < n; i++)
          texts[i] = keep_text (owner, g_ptr_array_index (attribute->strings, i));
        *(OxStrings *) at = (OxStrings) { texts, (int) n, TRUE };
        break;
      }
    case OX_KIND_TENSOR:
      if (attribute->tensors == NULL || attribute->tensors->len != 1)
        return ox_fail (error, OX_ERROR_MODEL, "it has no tensor");
      *(OxValue **) at = keep_value (owner, g_ptr_array_index (attribute->tensors, 0), error);
      return *(OxValue **) at != NULL;
    case OX_KIND_TENSORS:
      {
        guint n = attribute->tensors != NULL ? attribute->tensors->len : 0;
        OxValue **values = keep (owner, g_new0 (OxValue *, n + 1));

        for (guint i = 0; i < n; i++)
          if ((values[i] = keep_value (owner, g_ptr_array_index (attribute->tensors, i), error)) == NULL)
            return FALSE;
        *(OxValues *) at = (OxValues) { values, (int) n, TRUE };
        break;
      }
    case OX_KIND_GRAPH:
      if (attribute->graphs == NULL || attribute->graphs->len != 1)
        return ox_fail (error, OX_ERROR_MODEL, "it has no graph");
      *(OxGraph **) at = g_ptr_array_index (attribute->graphs, 0);
      break;
    case OX_KIND_TYPE:
      if (attribute->types == NULL || attribute->types->len != 1)
        return ox_fail (error, OX_ERROR_MODEL, "it has no type");
      *(OxType **) at = g_ptr_array_index (attribute->types, 0);
      break;
    case OX_KIND_IGNORED:
      break;
    }
  return TRUE;
}

static gboolean
fits (OxAttrKind kind, OxAttrType type)
{
  return kind == OX_KIND_IGNORED || type == ox_attr_kind_type (kind)
         || (kind == OX_KIND_TENSOR && type == OX_ATTR_SPARSE_TENSOR)
         || (kind == OX_KIND_TENSORS && type == OX_ATTR_SPARSE_TENSORS);
}

static gboolean
parse (const OxOp *op, const OxNode *node, GHashTable *bindings, Owner *owner, char *attrs, GError **error)
{
  g_autofree gboolean *seen = g_new0 (gboolean, op->n_attrs + 1);
  guint n = node->attributes != NULL ? node->attributes->len : 0;

  for (int i = 0; i < op->n_attrs; i++)
    {
      const OxAttrSpec *spec = &op->attrs[i];

      if (spec->kind == OX_KIND_INT)
        *(gint64 *) (attrs + spec->offset) = (gint64) spec->number;
      else if (spec->kind == OX_KIND_FLOAT)
        *(double *) (attrs + spec->offset) = spec->number;
      else if (spec->kind == OX_KIND_STRING)
        *(const char **) (attrs + spec->offset) = spec->text;
    }
  for (guint k = 0; k < n; k++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, k);
      const char *name = attribute->name;
      int i = 0;

      while (i < op->n_attrs && strcmp (op->attrs[i].name, name) != 0)
        i++;
      if (i == op->n_attrs)
        return ox_fail (error, OX_ERROR_MODEL, "%s-%d has no attribute '%s'", op->name, op->since, name);
      if (seen[i])
        return ox_fail (error, OX_ERROR_MODEL, "attribute '%s' is there twice", name);
      if (attribute->ref != NULL)
        {
          /* A function's own attribute that its caller did not set leaves this one unset too. */
          attribute = bindings != NULL ? g_hash_table_lookup (bindings, attribute->ref) : NULL;
          if (attribute == NULL)
            continue;
        }
      seen[i] = TRUE;
      if (!fits (op->attrs[i].kind, attribute->type))
        return ox_fail (error, OX_ERROR_MODEL, "attribute '%s' should be %s, found %s", name,
                        type_name (ox_attr_kind_type (op->attrs[i].kind)), type_name (attribute->type));
      if (!fill (owner, op->attrs[i].kind, attrs + op->attrs[i].offset, attribute, error))
        {
          ox_error_prefix (error, "attribute '%s'", name);
          return FALSE;
        }
    }
  for (int i = 0; i < op->n_attrs; i++)
    if (op->attrs[i].required && !seen[i])
      return ox_fail (error, OX_ERROR_MODEL, "%s-%d needs the attribute '%s'", op->name, op->since, op->attrs[i].name);
  return TRUE;
}

void *
ox_attrs_parse (const OxOp *op, const OxNode *node, GHashTable *bindings, GError **error)
{
  char *block = g_malloc0 (OWNER_BYTES + MAX (op->attrs_size, 1));
  Owner *owner = (Owner *) block;

  owner->memory = g_ptr_array_new_with_free_func (g_free);
  owner->values = ox_value_array_new ();
  if (parse (op, node, bindings, owner, block + OWNER_BYTES, error))
    return block + OWNER_BYTES;
  ox_attrs_free (op, block + OWNER_BYTES);
  return NULL;
}

void
ox_attrs_free (const OxOp *op, void *attrs)
{
  char *block = attrs;
  Owner *owner;

  if (block == NULL)
    return;
  block -= OWNER_BYTES;
  owner = (Owner *) block;
  g_ptr_array_unref (owner->memory);
  g_ptr_array_unref (owner->values);
  g_free (block);
}
