/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-what-if.h"

G_BEGIN_DECLS

struct _OxWhatIf
{
  OxSession   *session;      /* as it was given, at its start */
  OxDtype      dtype;
  OxSelection *selection;
  GHashTable  *kept;         /* OxNode* that stay as they are, though selected */
  GHashTable  *weights;      /* OxInitializer* -> OxValue*, rounded */
  gsize        weight_bytes;
  GPtrArray   *values, *outputs;
  char        *parting;
  OxProgress   progress;
  gpointer     progress_data;
};

/* Whether the node is rounded in this frame. */
gboolean   ox_what_if_rounds   (OxWhatIf *self, OxFrame *frame, const OxNode *node);
/* A twin that rounds, at its start. */
OxSession *ox_what_if_session  (OxWhatIf *self);
void       ox_what_if_tell     (OxWhatIf *self, double fraction, const char *doing);

G_END_DECLS
