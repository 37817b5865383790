/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "scene/ox-card.h"

#define MOST_WIDE 176.0
#define MOST_INSETS 6

gboolean
ox_slot_is_folded (const OxSlot *slot)
{
  if (slot->graph_output >= 0)
    return FALSE;
  if (slot->initializer != NULL)
    return TRUE;
  return slot->producer != NULL && strcmp (slot->producer->op_type, "Constant") == 0
         && strcmp (slot->producer->domain, "ai.onnx") == 0;
}

static void
size_card (OxRuler *ruler, OxCard *card)
{
  /* Beside the title of a node there is room for the sign of its state. */
  double w = ox_ruler_width (ruler, OX_TEXT_TITLE, card->title) + (card->kind == OX_CARD_NODE ? 10 : 0);
  double h = ox_text_line (OX_TEXT_TITLE);

  if (card->detail != NULL)
    {
      w = MAX (w, ox_ruler_width (ruler, OX_TEXT_DETAIL, card->detail));
      h += ox_text_line (OX_TEXT_DETAIL);
    }
  for (int i = 0; card->insets != NULL && card->insets[i] != NULL; i++)
    {
      w = MAX (w, ox_ruler_width (ruler, OX_TEXT_INSET, card->insets[i]));
      h += ox_text_line (OX_TEXT_INSET);
    }
  /* Steps of 4, so that cards that are nearly alike are laid out alike. */
  card->w = (float) ((int) ((w + OX_CARD_LEFT + OX_CARD_RIGHT + 3.99) / 4) * 4);
  card->h = (float) (h + OX_CARD_TOP + OX_CARD_BOTTOM);
  card->w = MAX (card->w, 52);
}

static char *
fit_and_free (OxRuler *ruler, OxTextStyle style, char *text)
{
  char *fitted = text != NULL ? ox_ruler_fit (ruler, style, text, MOST_WIDE) : NULL;

  g_free (text);
  return fitted;
}

OxCard *
ox_card_for_node (OxRuler *ruler, OxNode *node)
{
  OxCard *card = g_new0 (OxCard, 1);
  const OxModel *model = node->graph->model;
  g_autoptr (GPtrArray) insets = g_ptr_array_new ();
  guint folded = 0;

  card->kind = OX_CARD_NODE;
  card->node = node;
  card->slot = -1;
  card->title = ox_ruler_fit (ruler, OX_TEXT_TITLE, node->op_type[0] != '\0' ? node->op_type : "?", MOST_WIDE);
  card->detail = fit_and_free (ruler, OX_TEXT_DETAIL, ox_shorthand_attributes (node));
  card->tip = ox_node_title (node);
  card->family = ox_family_of (node->domain, node->op_type);
  for (guint i = 0; i < node->attributes->len; i++)
    {
      const OxAttribute *attribute = g_ptr_array_index (node->attributes, i);

      card->has_body = card->has_body || (attribute->graphs != NULL && attribute->graphs->len > 0);
    }
  if (model->functions->len > 0
      && ox_model_find_function (model, node->domain, node->op_type, node->overload) != NULL)
    {
      card->family = OX_FAMILY_FUNCTION;
      card->has_body = TRUE;
    }
  for (guint i = 0; i < node->input_names->len; i++)
    {
      const OxSlot *slot = ox_node_input_slot (node, (int) i);

      if (slot == NULL || !ox_slot_is_folded (slot) || ++folded > MOST_INSETS)
        continue;
      g_ptr_array_add (insets, fit_and_free (ruler, OX_TEXT_INSET, ox_shorthand_constant (node, i, slot)));
    }
  if (folded > MOST_INSETS)
    g_ptr_array_add (insets, g_strdup_printf ("+ %u more", folded - MOST_INSETS));
  if (insets->len > 0)
    {
      g_ptr_array_add (insets, NULL);
      card->insets = (char **) g_ptr_array_free (g_steal_pointer (&insets), FALSE);
    }
  size_card (ruler, card);
  return card;
}

OxCard *
ox_card_for_value (OxRuler *ruler, OxCardKind kind, const char *name, const OxType *type, int slot)
{
  OxCard *card = g_new0 (OxCard, 1);

  card->kind = kind;
  card->slot = slot;
  card->family = OX_FAMILY_IO;
  card->title = ox_ruler_fit (ruler, OX_TEXT_TITLE, name[0] != '\0' ? name : "?", MOST_WIDE);
  card->detail = type != NULL ? fit_and_free (ruler, OX_TEXT_DETAIL, ox_type_label (type)) : NULL;
  card->tip = g_strdup (name);
  size_card (ruler, card);
  return card;
}

OxCard *
ox_card_for_group (OxRuler *ruler, const char *scope, OxNode *first, guint n_nodes)
{
  OxCard *card = g_new0 (OxCard, 1);
  const char *last = strrchr (scope, '/');

  card->kind = OX_CARD_GROUP;
  card->slot = -1;
  card->node = first;
  card->n_nodes = n_nodes;
  card->has_body = TRUE;
  card->family = OX_FAMILY_FUNCTION;
  card->title = ox_ruler_fit (ruler, OX_TEXT_TITLE, last != NULL ? last + 1 : scope, MOST_WIDE);
  card->detail = g_strdup_printf (n_nodes == 1 ? "%u node" : "%u nodes", n_nodes);
  card->tip = g_strdup (scope);
  size_card (ruler, card);
  return card;
}

void
ox_card_free (OxCard *card)
{
  g_free (card->title);
  g_free (card->detail);
  g_strfreev (card->insets);
  g_free (card->tip);
  g_free (card);
}
