/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <string.h>

#include "models.h"
#include "scene/ox-card.h"

/* Pictures of small models, for the tests of cards, painting and files. */

static inline OxScene *
scene_of (OxModel *model, const OxSceneOptions *options)
{
  g_autoptr (GError) error = NULL;
  OxScene *scene = ox_scene_new (model->graph, options, NULL, &error);

  g_assert_no_error (error);
  return scene;
}

static inline void
link_model (OxModel *model)
{
  g_autoptr (GError) error = NULL;

  ox_model_link (model, &error);
  g_assert_no_error (error);
}

static inline void
set_string (OxNode *node, const char *name, const char *bytes, gssize n)
{
  ox_node_add_attribute (node, name, OX_ATTR_STRING)->s = g_bytes_new (bytes, n < 0 ? strlen (bytes) : (gsize) n);
}

static inline OxTensor *
zeros (OxDtype dtype, int rank, const gint64 *dims)
{
  return ox_tensor_new_zeros (dtype, rank, dims, NULL);
}

static inline const OxCard *
card_of (const OxScene *scene, const char *node)
{
  for (guint i = 0; i < scene->cards->len; i++)
    {
      const OxCard *card = g_ptr_array_index (scene->cards, i);

      if (card->node != NULL && g_str_equal (card->node->name, node))
        return card;
    }
  g_test_message ("no card of '%s'", node);
  return NULL;
}

/* x -> stem (Conv) -> act (Relu) -> y, and act -> skip (Add) -> z. */
static inline OxModel *
small_model (void)
{
  OxModel *model = model_new (17);
  OxGraph *g = model->graph;
  const gint64 w[] = { 64, 2, 3, 3 }, x[] = { 1, 64, 56, 56 }, kernel[] = { 3, 3 }, strides[] = { 2, 2 }, pads[] = { 1, 1, 1, 1 };
  const double half = 0.5;
  OxNode *conv;

  ox_graph_add_input (g, "x", ox_type_new_tensor (OX_F32, 4, x));
  add_constant (g, "stem.weight", zeros (OX_F32, 4, w));
  add_constant (g, "half", tensor_of (OX_F32, 0, NULL, &half));
  conv = add (g, "Conv", "net/stem", "x stem.weight", "a");
  set_ints (conv, "kernel_shape", 2, kernel);
  set_ints (conv, "strides", 2, strides);
  set_ints (conv, "pads", 4, pads);
  set_int (conv, "group", 32);
  add (g, "Relu", "net/act", "a", "y");
  add (g, "Add", "skip", "y half", "z");
  add_outputs (g, "y z");
  link_model (model);
  return model;
}
