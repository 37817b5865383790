/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ops/ox-sub.h"

#include <string.h>

#include "ops/ox-call-private.h"

static gsize
kind_size (OxAttrKind kind)
{
  switch (kind)
    {
    case OX_KIND_INT:
      return sizeof (gint64);
    case OX_KIND_FLOAT:
      return sizeof (double);
    case OX_KIND_OPT_INT:
      return sizeof (OxOptInt);
    case OX_KIND_OPT_FLOAT:
      return sizeof (OxOptFloat);
    case OX_KIND_INTS:
      return sizeof (OxInts);
    case OX_KIND_FLOATS:
      return sizeof (OxFloats);
    case OX_KIND_STRINGS:
      return sizeof (OxStrings);
    case OX_KIND_TENSORS:
      return sizeof (OxValues);
    case OX_KIND_IGNORED:
      return 0;
    case OX_KIND_STRING:
    case OX_KIND_TENSOR:
    case OX_KIND_GRAPH:
    case OX_KIND_TYPE:
    default:
      return sizeof (gpointer);
    }
}

/* The struct of @op: defaults, and the attributes of the calling operator that have the same name behind @prefix, and the
 * same kind; a number that may be unset overrides a default where it is set. */
static guint8 *
forwarded_attrs (OxCall *call, const char *prefix, const OxOp *op)
{
  guint8 *attrs = g_malloc0 (MAX (op->attrs_size, 1));

  for (int i = 0; i < op->n_attrs; i++)
    {
      const OxAttrSpec *spec = &op->attrs[i];

      if (spec->kind == OX_KIND_INT)
        *(gint64 *) (void *) (attrs + spec->offset) = (gint64) spec->number;
      else if (spec->kind == OX_KIND_FLOAT)
        *(double *) (void *) (attrs + spec->offset) = spec->number;
      else if (spec->kind == OX_KIND_STRING)
        *(const char **) (void *) (attrs + spec->offset) = spec->text;
      for (int k = 0; k < call->op->n_attrs; k++)
        {
          const OxAttrSpec *own = &call->op->attrs[k];
          const guint8 *value = (const guint8 *) call->attrs + own->offset;

          if (!g_str_has_prefix (own->name, prefix) || strcmp (own->name + strlen (prefix), spec->name) != 0)
            continue;
          if (own->kind == spec->kind)
            memcpy (attrs + spec->offset, value, kind_size (spec->kind));
          else if (own->kind == OX_KIND_OPT_FLOAT && spec->kind == OX_KIND_FLOAT
                   && ((const OxOptFloat *) (const void *) value)->set)
            *(double *) (void *) (attrs + spec->offset) = ((const OxOptFloat *) (const void *) value)->v;
          else if (own->kind == OX_KIND_OPT_INT && spec->kind == OX_KIND_INT
                   && ((const OxOptInt *) (const void *) value)->set)
            *(gint64 *) (void *) (attrs + spec->offset) = ((const OxOptInt *) (const void *) value)->v;
        }
    }
  return attrs;
}

/* "Name" of the standard or "domain/Name". */
static const OxOp *
find_op (const char *name, gint64 opset, GError **error)
{
  const char *slash = strchr (name, '/');
  g_autofree char *domain = slash != NULL ? g_strndup (name, (gsize) (slash - name)) : g_strdup ("ai.onnx");
  const OxOp *op = ox_op_find (domain, slash != NULL ? slash + 1 : name, opset);

  if (op == NULL)
    ox_fail (error, OX_ERROR_UNSUPPORTED, "%s is not supported", name);
  return op;
}

gboolean
ox_sub_infer (OxCall *call, const char *name, gint64 opset, int n_in, const OxFact *in, int n_out, OxFact *out,
              GError **error)
{
  const OxOp *op = find_op (name, opset, error);
  g_autofree guint8 *attrs = NULL;
  OxCallSetup setup = { .op = op, .opset = opset, .n_in = n_in, .n_out = n_out, .facts = in, .dims = call->dims };
  OxCall *inner;
  gboolean good;

  if (op == NULL)
    return FALSE;
  setup.attrs = attrs = forwarded_attrs (call, "", op);
  inner = ox_call_new (&setup);
  good = ox_call_infer (inner, error);
  for (int o = 0; o < n_out; o++)
    {
      out[o] = *ox_call_out_fact (inner, o);
      out[o].ints = NULL;
      out[o].n_ints = -1;
    }
  ox_call_free (inner);
  return good;
}

/* @attrs NULL: the zero struct. */
static gboolean
run_op (OxCall *call, const OxOp *op, gint64 opset, const void *attrs, int n_in, OxTensor *const *in, int n_out,
        OxTensor **out,
        GError **error)
{
  g_autofree OxValue **values = g_new0 (OxValue *, n_in + 1);
  g_autofree guint8 *plain = NULL;
  OxCallSetup setup = { .op = op, .opset = opset, .attrs = attrs, .n_in = n_in, .n_out = n_out, .in = values,
                        .seed = ox_call_seed (call), .cancellable = call->priv->cancellable };
  OxCall *inner;
  gboolean good;

  if (attrs == NULL)
    setup.attrs = plain = g_malloc0 (MAX (op->attrs_size, 1));
  for (int i = 0; i < n_in; i++)
    values[i] = in[i] != NULL ? ox_value_new_tensor (ox_tensor_ref (in[i])) : NULL;
  inner = ox_call_new (&setup);
  good = ox_call_run (inner, error);
  for (int o = 0; o < n_out; o++)
    out[o] = NULL;
  for (int o = 0; good && o < n_out; o++)
    {
      OxValue *value = ox_call_steal (inner, o);

      out[o] = ox_tensor_ref (ox_value_get_tensor (value));
      ox_value_unref (value);
    }
  if (!good)
    ox_error_prefix (error, "%s inside", op->name);
  ox_call_free (inner);
  for (int i = 0; i < n_in; i++)
    if (values[i] != NULL)
      ox_value_unref (values[i]);
  return good;
}

gboolean
ox_sub_forward_all (OxCall *call, const char *prefix, const char *name, gint64 opset, int n_in, OxTensor *const *in,
                    int n_out,
                    OxTensor **out, GError **error)
{
  const OxOp *op = find_op (name, opset, error);
  g_autofree guint8 *attrs = op != NULL ? forwarded_attrs (call, prefix, op) : NULL;

  return op != NULL && run_op (call, op, opset, attrs, n_in, in, n_out, out, error);
}

OxTensor *
ox_sub_forward (OxCall *call, const char *name, gint64 opset, int n_in, OxTensor *const *in, GError **error)
{
  OxTensor *out = NULL;

  return ox_sub_forward_all (call, "", name, opset, n_in, in, 1, &out, error) ? out : NULL;
}

OxTensor *
ox_sub_run (OxCall *call, const char *name, gint64 opset, const void *attrs, int n_in, OxTensor *const *in, GError **error)
{
  const OxOp *op = find_op (name, opset, error);
  OxTensor *out = NULL;

  return op != NULL && run_op (call, op, opset, attrs, n_in, in, 1, &out, error) ? out : NULL;
}

OxTensor *
ox_sub_unary (OxCall *call, const char *name, OxTensor *in, GError **error)
{
  return ox_sub_run (call, name, G_MAXINT32, NULL, 1, &in, error);
}

OxTensor *
ox_sub_binary (OxCall *call, const char *name, OxTensor *a, OxTensor *b, GError **error)
{
  OxTensor *in[2] = { a, b };

  return ox_sub_run (call, name, G_MAXINT32, NULL, 2, in, error);
}
