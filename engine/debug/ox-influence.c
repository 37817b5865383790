/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "debug/ox-influence.h"

gint64
ox_influence_int (const OxNode *node, const char *name, gint64 fallback)
{
  const OxAttribute *attribute = ox_node_attribute (node, name);

  return attribute != NULL && attribute->type == OX_ATTR_INT ? attribute->i : fallback;
}

gint64
ox_influence_int_at (const OxNode *node, const char *name, guint i, gint64 fallback)
{
  const OxAttribute *attribute = ox_node_attribute (node, name);

  return attribute != NULL && attribute->ints != NULL && i < attribute->ints->len
           ? g_array_index (attribute->ints, gint64, i) : fallback;
}

gboolean
ox_influence_has_text (const OxNode *node, const char *name, const char *text)
{
  const OxAttribute *attribute = ox_node_attribute (node, name);

  return attribute != NULL && attribute->s != NULL && g_bytes_get_size (attribute->s) == strlen (text)
         && memcmp (g_bytes_get_data (attribute->s, NULL), text, strlen (text)) == 0;
}

void
ox_influence_add_whole (OxInfluence *self, guint input)
{
  if (self->hangs_on[input] != NULL)
    ox_mask_fill (self->hangs_on[input]);
}

/* Attributes that say nothing about places. */
static const char *const harmless[] = { "alpha",    "approximate", "beta",  "bias",    "epsilon", "gamma", "lambd",
                                        "momentum", "saturate",    "scale", "softcap", "to",      "value" };

/* An attribute that stands for one of the function's call is not known here. */
static gboolean
is_plain (const OxNode *node)
{
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, i);
      guint k = 0;

      while (attribute->ref != NULL && k < G_N_ELEMENTS (harmless) && strcmp (attribute->name, harmless[k]) != 0)
        k++;
      if (attribute->ref != NULL && k == G_N_ELEMENTS (harmless))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_known_domain (const char *domain)
{
  return domain[0] == '\0' || strcmp (domain, "ai.onnx") == 0 || strcmp (domain, "ai.onnx.ml") == 0
         || strcmp (domain, "com.microsoft") == 0 || g_str_has_prefix (domain, "qonnx.");
}

/* What each element hangs on is all there is. */
static gboolean
is_whole (const OxNode *node)
{
  static const char *const names[] = { "ConstantOfShape", "NonZero", "Range", "Unique" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (node->op_type, names[i]) == 0)
      return TRUE;
  return FALSE;
}

void
ox_influence_add (OxInfluence *self)
{
  gboolean tensors = TRUE, standard = is_known_domain (self->node->domain);

  for (guint o = 0; o < self->node->output_names->len; o++)
    if (self->asked[o] != NULL && self->outputs[o] == NULL)
      tensors = FALSE;
  /* The shape of a value hangs on no element of it. */
  if (standard && (strcmp (self->node->op_type, "Shape") == 0 || strcmp (self->node->op_type, "Size") == 0))
    return;
  if (tensors && standard && ox_influence_by_moving (self))
    return;
  if (tensors && standard && is_plain (self->node) && (ox_influence_by_axes (self) || ox_influence_by_window (self)))
    return;
  for (guint i = 0; i < self->node->input_names->len; i++)
    {
      ox_influence_add_whole (self, i);
      self->coarse[i] = self->hangs_on[i] != NULL && !(standard && is_whole (self->node));
    }
}
