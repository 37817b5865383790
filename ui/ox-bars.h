/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "scene/ox-scene.h"

G_BEGIN_DECLS

#define OX_TYPE_BARS (ox_bars_get_type ())
G_DECLARE_FINAL_TYPE (OxBars, ox_bars, OX, BARS, GObject)

/* Two bars for each of some nodes, and what they mean. Not changed any more once it is shown. */

/* @own and @through: what the filled bar is and what the hatched one, in a word or two; @tip: the scale of them. */
OxBars     *ox_bars_new          (const char *own, const char *through, const char *tip);
/* Lengths of @node, of which the largest count: 0 nothing, 1 as much as can be, NAN not known. */
void        ox_bars_add          (OxBars *self, const OxNode *node, double own, double through);
/* The same, and for the nodes whose bodies it is in. */
void        ox_bars_add_nested   (OxBars *self, const OxNode *node, double own, double through);
/* The one with the flag; NULL: none. */
void        ox_bars_set_first    (OxBars *self, const OxNode *node);
/* FALSE when nothing is known of @node. */
gboolean    ox_bars_get          (OxBars *self, const OxNode *node, OxCardErrors *lengths);
const char *ox_bars_own_text     (OxBars *self);
const char *ox_bars_through_text (OxBars *self);
const char *ox_bars_tip          (OxBars *self);

G_END_DECLS
