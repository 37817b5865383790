/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-model.h"

G_BEGIN_DECLS

/* How the panels put a model's things into words. A file's names are bytes; what comes from here is valid UTF-8. */

/* (transfer full) @text as it can be shown, "" for NULL. */
char *ox_words_valid      (const char *text);
/* "Conv", "com.microsoft · Gelu" */
char *ox_words_operator   (const OxNode *node);
/* The name, or what stands for it. */
char *ox_words_node       (const OxNode *node);
/* "3, 3", "\"constant\"", "f32 2x2", "graph of 5 nodes"; cut at about @limit characters, 0: whole. */
char *ox_words_attribute  (const OxAttribute *attribute, gsize limit);
/* "f32 1x64", "f32 batch × 64" */
char *ox_words_type       (const OxType *type);
/* Only its dimensions, "" if nothing is known. */
char *ox_words_shape      (const OxSlot *slot);
/* The slot's type as best known: declared, else the initializer's, else inferred. "?" if nothing is. */
char *ox_words_slot_type  (const OxSlot *slot);
/* Where a slot's type is known from: "declared", "constant", "inferred", "". */
const char *ox_words_slot_source (const OxSlot *slot);

G_END_DECLS
