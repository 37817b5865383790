/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "session/ox-feeds.h"

#include "core/ox-error.h"

/* splitmix64: one number from another, so that an element depends on its place and the seed only. */
static guint64
scramble (guint64 x)
{
  x += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return x ^ (x >> 31);
}

static double
random_for (OxDtype dtype, guint64 bits)
{
  double unit = (double) (bits >> 11) / 9007199254740992.0;

  switch (ox_dtype_class (dtype))
    {
    case OX_CLASS_BOOL:
      return bits & 1;
    case OX_CLASS_INT:
    case OX_CLASS_UINT:
      /* 0 and 1 are indices, ids and masks in every model that has any. */
      return bits & 1;
    default:
      return unit;
    }
}

static OxTensor *
make_tensor (OxDtype dtype, int rank, const gint64 *dims, OxFill fill, guint64 seed, GError **error)
{
  OxTensor *tensor = ox_tensor_new_zeros (dtype, rank, dims, error);

  for (gint64 i = 0; tensor != NULL && i < tensor->count; i++)
    {
      guint64 bits = scramble (seed ^ scramble ((guint64) i));

      if (dtype == OX_STR)
        {
          char letter[2] = { (char) (fill == OX_FILL_RANDOM ? 'a' + (int) (bits % 26) : fill == OX_FILL_ONES ? '1' : '\0'), '\0' };

          ox_tensor_set_string (tensor, i, letter, -1);
        }
      else if (fill != OX_FILL_ZEROS)
        ox_tensor_set (tensor, i, fill == OX_FILL_ONES ? 1 : random_for (dtype, bits));
    }
  return tensor;
}

static OxValue *
make_value (const OxType *type, OxFill fill, guint64 seed, GHashTable *symbols, int rank, const gint64 *shape,
            GError **error)
{
  gint64 dims[OX_MAX_RANK];
  OxTensor *tensor;

  if (type != NULL && type->kind == OX_TYPE_SEQUENCE)
    return ox_value_new_sequence (type->elem != NULL ? type->elem->dtype : OX_UNDEFINED, ox_value_array_new ());
  if (type != NULL && type->kind == OX_TYPE_OPTIONAL)
    return ox_value_new_optional (type->elem != NULL ? type->elem->dtype : OX_UNDEFINED, NULL);
  if (type == NULL || type->kind != OX_TYPE_TENSOR || type->dtype == OX_UNDEFINED)
    {
      g_autofree char *text = ox_type_to_string (type);

      ox_fail (error, OX_ERROR_UNSUPPORTED, "a value of type %s cannot be made up", text);
      return NULL;
    }
  if (shape == NULL)
    {
      rank = MAX (type->rank, 0);
      for (int i = 0; i < rank; i++)
        {
          const gint64 *known = symbols != NULL && type->dims[i].param != NULL
                                  ? g_hash_table_lookup (symbols, type->dims[i].param) : NULL;

          dims[i] = type->dims[i].value >= 0 ? type->dims[i].value : known != NULL ? *known : 1;
        }
      shape = dims;
    }
  tensor = make_tensor (type->dtype, rank, shape, fill, seed, error);
  return tensor != NULL ? ox_value_new_tensor (tensor) : NULL;
}

OxValue *
ox_feed_make (const OxSlot *input, OxFill fill, guint64 seed, GHashTable *symbols, int rank, const gint64 *shape,
              GError **error)
{
  OxValue *value = make_value (input->type, fill, scramble (seed) ^ g_str_hash (input->name), symbols, rank, shape, error);

  if (value == NULL)
    ox_error_prefix (error, "input '%s'", input->name);
  return value;
}
