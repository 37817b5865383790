/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/gradient.h"
#include "session/ox-session-private.h"

G_BEGIN_DECLS

/* A derivative on its way: which part of the graph it goes through, and the values it is taken at. */
struct _OxGradient
{
  OxSession  *session;
  OxFrame    *frame;
  OxNode     *node;
  OxGraph    *graph;         /* the node's */
  guint       n_xs, n_zs;
  int        *given;         /* [n_xs + n_zs] slots of xs, then of zs */
  int         y;
  gboolean   *fixed;         /* [slots] is one of them: nothing goes through */
  gboolean   *needed;        /* [nodes] lie between them and y */
  gboolean   *stale;         /* [slots] the run's value is not the one: computed again */
  OxValue   **values;        /* [slots] owned; what the derivative is taken at */
  char      **names;         /* [slots] as the texts write them; made when asked for */
  GHashTable *taken;         /* names there are */
};

typedef struct _OxGradient OxGradient;

/* ---- ox-gradient.c ---- */
OxGradient *ox_gradient_new (
    OxSession *session, OxFrame *frame, OxNode *node, const OxGradientAttrs *attrs, GError **error);
void        ox_gradient_free   (OxGradient *gradient);
const char *ox_gradient_name   (OxGradient *gradient, int slot);
/* The function that computes stale values again; NULL without error if there are none. @feeds gets its inputs. */
OxFunction *ox_gradient_again  (OxGradient *gradient, GPtrArray *feeds, GError **error);
/* The stale values, in the order of that function's outputs. */
void        ox_gradient_accept (OxGradient *gradient, OxValue **results);

/* ---- ox-gradient-back.c ---- */
/* The derivative itself, when all values are there. */
OxFunction *ox_gradient_back   (OxGradient *gradient, GPtrArray *feeds, GError **error);

G_END_DECLS
