/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "core/ox-error.h"
#include "model/ox-scope.h"
#include "scene/ox-card.h"

/* Cards and arrows while they are collected. */
typedef struct
{
  OxScene    *scene;
  OxRuler    *ruler;
  const char *scope;
  int         depth;
  int        *card_of;      /* [nodes] card, -1: not in the picture, -2: folded */
  GHashTable *groups;       /* scope -> card + 1 */
  GHashTable *inputs;       /* slot -> card + 1, of the boundary */
  GHashTable *outer;        /* OxSlot* -> card + 1: values of outer graphs */
  GHashTable *seen;         /* arrows: from, to, net */
} Builder;

static int
add_card (Builder *b, OxCard *card)
{
  g_ptr_array_add (b->scene->cards, card);
  return (int) b->scene->cards->len - 1;
}

static void
add_arrow (Builder *b, int from, int to, int net)
{
  OxLayoutArrow arrow = { from, to, net };
  gint64 *key;

  /* One line from card to card for one tensor, however many inputs it feeds. */
  if (from == to)
    return;
  key = g_new (gint64, 1);
  *key = ((gint64) from * 1000003 + to) * 1000003 + net;
  if (g_hash_table_add (b->seen, key))
    g_array_append_val (b->scene->arrows, arrow);
}

/* The scope of @node below the one that is shown, cut to the depth; NULL when it is not to be grouped. */
static char *
group_of (const Builder *b, const OxNode *node)
{
  g_autofree char *scope = NULL, *cut = NULL;
  int base = ox_scope_depth (b->scope);

  if (b->depth <= 0)
    return NULL;
  scope = ox_node_scope (node);
  if (ox_scope_depth (scope) < base + b->depth)
    return NULL;
  cut = ox_scope_cut (scope, base + b->depth);
  return g_steal_pointer (&cut);
}

static gboolean
in_scope (const Builder *b, const OxNode *node)
{
  g_autofree char *scope = b->scope[0] != '\0' ? ox_node_scope (node) : NULL;

  return scope == NULL || ox_scope_inside (scope, b->scope);
}

static gboolean
is_folded (const OxNode *node)
{
  const OxSlot *slot = node->output_names->len == 1 ? ox_node_output_slot (node, 0) : NULL;

  return slot != NULL && ox_slot_is_folded (slot);
}

/* Which nodes are shown, before there is any card: inputs come first. */
static guint
choose_nodes (Builder *b)
{
  const OxGraph *graph = b->scene->graph;
  guint n = 0;

  b->card_of = g_new (int, graph->nodes->len + 1);
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const OxNode *node = g_ptr_array_index (graph->nodes, i);

      b->card_of[i] = is_folded (node) ? -2 : in_scope (b, node) ? 0 : -1;
      n += b->card_of[i] == 0;
    }
  return n;
}

static void
add_graph_inputs (Builder *b)
{
  const OxGraph *graph = b->scene->graph;

  for (guint i = 0; i < graph->inputs->len; i++)
    {
      int index = g_array_index (graph->inputs, int, i);
      const OxSlot *slot = ox_graph_slot (graph, index);

      if (slot->initializer != NULL || b->scope[0] != '\0')
        continue;
      g_hash_table_insert (b->inputs, GINT_TO_POINTER (index),
                           GINT_TO_POINTER (add_card (b, ox_card_for_value (b->ruler, OX_CARD_INPUT, slot->name, slot->type, index)) + 1));
    }
}

/* Values that come into the scope from elsewhere are inputs of the picture. */
static void
add_boundary (Builder *b)
{
  const OxGraph *graph = b->scene->graph;

  for (guint n = 0; n < graph->nodes->len; n++)
    {
      const OxNode *node = g_ptr_array_index (graph->nodes, n);

      if (b->card_of[n] != 0)
        continue;
      for (guint i = 0; i < node->input_names->len; i++)
        {
          const OxSlot *slot = ox_node_input_slot (node, (int) i);

          if (slot == NULL || ox_slot_is_folded (slot))
            continue;
          if (node->inputs[i].up > 0)
            {
              if (!g_hash_table_contains (b->outer, slot))
                g_hash_table_insert (b->outer, (gpointer) slot,
                                     GINT_TO_POINTER (add_card (b, ox_card_for_value (b->ruler, OX_CARD_INPUT, slot->name, slot->type, -1)) + 1));
            }
          else if (!g_hash_table_contains (b->inputs, GINT_TO_POINTER (node->inputs[i].slot))
                   && (slot->producer == NULL || b->card_of[slot->producer->index] == -1))
            g_hash_table_insert (b->inputs, GINT_TO_POINTER (node->inputs[i].slot),
                                 GINT_TO_POINTER (add_card (b, ox_card_for_value (b->ruler, OX_CARD_INPUT, slot->name, slot->type,
                                                                                  node->inputs[i].slot)) + 1));
        }
    }
}

static void
add_nodes (Builder *b)
{
  const OxGraph *graph = b->scene->graph;

  for (guint i = 0; i < graph->nodes->len; i++)
    {
      OxNode *node = g_ptr_array_index (graph->nodes, i);
      g_autofree char *group = NULL;
      int card;

      if (b->card_of[i] != 0)
        continue;
      group = group_of (b, node);
      card = group != NULL ? GPOINTER_TO_INT (g_hash_table_lookup (b->groups, group)) - 1 : -1;
      if (card < 0)
        {
          card = add_card (b, group != NULL ? ox_card_for_group (b->ruler, group, node, 1) : ox_card_for_node (b->ruler, node));
          if (group != NULL)
            g_hash_table_insert (b->groups, g_steal_pointer (&group), GINT_TO_POINTER (card + 1));
        }
      else
        ((OxCard *) g_ptr_array_index (b->scene->cards, card))->n_nodes++;
      b->card_of[i] = card;
      g_hash_table_insert (b->scene->by_node, node, GINT_TO_POINTER (card + 1));
    }
  for (guint i = 0; i < b->scene->cards->len; i++)
    {
      OxCard *card = g_ptr_array_index (b->scene->cards, i);

      if (card->kind == OX_CARD_GROUP)
        {
          g_free (card->detail);
          card->detail = g_strdup_printf (card->n_nodes == 1 ? "%u node" : "%u nodes", card->n_nodes);
        }
    }
}

/* The card that shows where a value of this graph comes from; -1 for none. */
static int
source_of (const Builder *b, int index)
{
  const OxSlot *slot = ox_graph_slot (b->scene->graph, index);
  int input = GPOINTER_TO_INT (g_hash_table_lookup (b->inputs, GINT_TO_POINTER (index))) - 1;

  if (input >= 0)
    return input;
  return slot->producer != NULL && b->card_of[slot->producer->index] >= 0 ? b->card_of[slot->producer->index] : -1;
}

static void
connect_nodes (Builder *b)
{
  const OxGraph *graph = b->scene->graph;

  for (guint s = 0; s < graph->slots->len; s++)
    {
      const OxSlot *slot = g_ptr_array_index (graph->slots, s);
      int from = source_of (b, (int) s);

      for (guint u = 0; from >= 0 && slot->uses != NULL && u < slot->uses->len; u++)
        {
          int to = b->card_of[g_array_index (slot->uses, OxUse, u).node->index];

          if (to >= 0)
            add_arrow (b, from, to, (int) s);
        }
    }
  for (guint n = 0; n < graph->nodes->len; n++)
    {
      const OxNode *node = g_ptr_array_index (graph->nodes, n);

      for (guint i = 0; b->card_of[n] >= 0 && i < node->input_names->len; i++)
        {
          const OxSlot *slot = ox_node_input_slot (node, (int) i);
          int from = slot != NULL && node->inputs[i].up > 0 ? GPOINTER_TO_INT (g_hash_table_lookup (b->outer, slot)) - 1 : -1;

          if (from >= 0)
            add_arrow (b, from, b->card_of[n], -2 - from);
        }
    }
}

static void
add_output (Builder *b, int index, const char *name, const OxType *type)
{
  int from = source_of (b, index), card;
  const OxSlot *slot = ox_graph_slot (b->scene->graph, index);

  if (from < 0 && !(slot->initializer != NULL || slot->producer != NULL) && b->scope[0] != '\0')
    return;
  card = add_card (b, ox_card_for_value (b->ruler, OX_CARD_OUTPUT, name, type != NULL ? type : slot->type, index));
  if (from >= 0)
    add_arrow (b, from, card, index);
}

static void
add_outputs (Builder *b)
{
  const OxGraph *graph = b->scene->graph;

  for (guint i = 0; b->scope[0] == '\0' && i < graph->outputs->len; i++)
    {
      const OxRef *ref = &g_array_index (graph->outputs, OxRef, i);
      const OxSlot *info = g_ptr_array_index (graph->output_infos, i);

      if (ref->up == 0)
        add_output (b, ref->slot, info->name, info->type);
      else
        add_card (b, ox_card_for_value (b->ruler, OX_CARD_OUTPUT, info->name, info->type, -1));
    }
  /* Of a scope: what is read outside of it. */
  for (guint s = 0; b->scope[0] != '\0' && s < graph->slots->len; s++)
    {
      const OxSlot *slot = g_ptr_array_index (graph->slots, s);
      gboolean leaves = slot->graph_output >= 0;

      if (slot->producer == NULL || b->card_of[slot->producer->index] < 0)
        continue;
      for (guint u = 0; !leaves && slot->uses != NULL && u < slot->uses->len; u++)
        leaves = b->card_of[g_array_index (slot->uses, OxUse, u).node->index] == -1;
      if (leaves)
        add_output (b, (int) s, slot->name, slot->type);
    }
}

static OxLayout *
lay_out (OxScene *scene, GCancellable *cancellable, GError **error)
{
  g_autofree OxLayoutBox *boxes = g_new (OxLayoutBox, scene->cards->len + 1);
  OxLayoutRequest request = { (int) scene->cards->len, (int) scene->arrows->len, boxes,
                              (const OxLayoutArrow *) (void *) scene->arrows->data, OX_CHIP_W, OX_CHIP_H, 0 };

  for (guint i = 0; i < scene->cards->len; i++)
    {
      const OxCard *card = g_ptr_array_index (scene->cards, i);

      boxes[i] = (OxLayoutBox) { card->w, card->h };
    }
  return ox_layout_compute (&request, cancellable, error);
}

OxScene *
ox_scene_new (OxGraph *graph, const OxSceneOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (OxScene) scene = g_new0 (OxScene, 1);
  const char *scope = options != NULL && options->scope != NULL ? options->scope : "";
  g_autoptr (GHashTable) groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) inputs = g_hash_table_new (NULL, NULL), outer = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  Builder b = { .scene = scene, .depth = options != NULL ? options->depth : 0, .groups = groups, .inputs = inputs,
                .outer = outer, .seen = seen };

  g_atomic_ref_count_init (&scene->refs);
  scene->model = ox_model_ref (graph->model);
  scene->graph = graph;
  scene->scope = g_strdup (scope);
  scene->cards = g_ptr_array_new_with_free_func ((GDestroyNotify) ox_card_free);
  scene->arrows = g_array_new (FALSE, FALSE, sizeof (OxLayoutArrow));
  scene->by_node = g_hash_table_new (NULL, NULL);
  b.scope = scene->scope;
  if (choose_nodes (&b) == 0 && scope[0] != '\0')
    {
      g_free (b.card_of);
      ox_fail (error, OX_ERROR_VALUE, "no node is in scope '%s'", scope);
      return NULL;
    }
  b.ruler = ox_ruler_new ();
  add_graph_inputs (&b);
  add_boundary (&b);
  add_nodes (&b);
  connect_nodes (&b);
  add_outputs (&b);
  g_free (b.card_of);
  scene->layout = lay_out (scene, cancellable, error);
  if (scene->layout != NULL)
    ox_scene_place_labels (scene, b.ruler);
  ox_ruler_free (b.ruler);
  if (scene->layout == NULL)
    return NULL;
  return g_steal_pointer (&scene);
}

OxScene *
ox_scene_ref (OxScene *scene)
{
  g_atomic_ref_count_inc (&scene->refs);
  return scene;
}

void
ox_scene_unref (OxScene *scene)
{
  if (!g_atomic_ref_count_dec (&scene->refs))
    return;
  g_ptr_array_unref (scene->cards);
  g_array_unref (scene->arrows);
  g_hash_table_unref (scene->by_node);
  g_clear_pointer (&scene->layout, ox_layout_unref);
  g_free (scene->scope);
  g_free (scene->labels);
  ox_model_unref (scene->model);
  g_free (scene);
}

const OxCard *
ox_scene_card (const OxScene *scene, int card)
{
  return card >= 0 && (guint) card < scene->cards->len ? g_ptr_array_index (scene->cards, card) : NULL;
}

int
ox_scene_find (const OxScene *scene, const OxNode *node)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (scene->by_node, node)) - 1;
}

const char *
ox_scene_net_name (const OxScene *scene, int net)
{
  if (net >= 0)
    return ox_graph_slot (scene->graph, net)->name;
  return net <= -2 ? ox_scene_card (scene, -2 - net)->tip : "";
}
