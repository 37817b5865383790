/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <pango/pangocairo.h>

#include "scene/ox-scene.h"

G_BEGIN_DECLS

/* The texts of a card and how large they are; every renderer takes them from here. */

typedef enum { OX_TEXT_TITLE, OX_TEXT_DETAIL, OX_TEXT_INSET, OX_N_TEXTS } OxTextStyle;

#define OX_TEXT_FONTS "Cantarell, Noto Sans, DejaVu Sans, sans-serif"
#define OX_CARD_LEFT 11.0      /* of the text; the coloured edge is in it */
#define OX_CARD_RIGHT 9.0
#define OX_CARD_TOP 5.0
#define OX_CARD_BOTTOM 6.0
#define OX_CARD_EDGE 4.0
#define OX_CARD_RADIUS 5.0
#define OX_CHIP_W 76.0f
#define OX_CHIP_H 16.0f

/* Point size, and what a line of it takes. */
double  ox_text_size      (OxTextStyle style);
double  ox_text_line      (OxTextStyle style);
PangoFontDescription *ox_text_font (OxTextStyle style);   /* (transfer full) */

/* Measures text; each is measured once. Of one thread. */
typedef struct _OxRuler OxRuler;
OxRuler *ox_ruler_new     (void);
void     ox_ruler_free    (OxRuler *ruler);
double   ox_ruler_width   (OxRuler *ruler, OxTextStyle style, const char *text);
/* (transfer full) @text, its end replaced by "…" if it is wider than @most. */
char    *ox_ruler_fit     (OxRuler *ruler, OxTextStyle style, const char *text, double most);

/* The attributes that decide what the node does: "3x3 s2 p1 g32", "axis=-1"; without those that have their default. NULL for
 * none. (transfer full) */
char    *ox_shorthand_attributes (const OxNode *node);
/* Input @i, which is the constant @slot: "W 64x32x3x3", "axes = 2,3". (transfer full) */
char    *ox_shorthand_constant   (const OxNode *node, guint i, const OxSlot *slot);

OxCard  *ox_card_for_node  (OxRuler *ruler, OxNode *node);
OxCard  *ox_card_for_value (OxRuler *ruler, OxCardKind kind, const char *name, const OxType *type, int slot);
OxCard  *ox_card_for_group (OxRuler *ruler, const char *scope, OxNode *first, guint n_nodes);
void     ox_card_free      (OxCard *card);
/* Fills scene->labels, when the layout is there. */
void     ox_scene_place_labels (OxScene *scene, OxRuler *ruler);
/* Whether the picture folds the value into its readers: an initializer, or the output of a Constant. */
gboolean ox_slot_is_folded (const OxSlot *slot);

G_END_DECLS
