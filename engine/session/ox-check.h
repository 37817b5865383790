/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "model/ox-model.h"

G_BEGIN_DECLS

/* Whether a model is what the standard says a model is. */

typedef enum
{
  OX_CHECK_ERROR,     /* against the standard, so that other programs may well refuse it, or it cannot be run */
  OX_CHECK_WARNING,   /* against the standard's letter, or outside of it, but commonly accepted */
  OX_CHECK_NOTE,      /* worth knowing */
} OxCheckSeverity;

typedef struct
{
  OxCheckSeverity severity;
  const char *rule;       /* one of the words that "check --help" lists */
  char       *path;       /* of the graph, NULL for the model as a whole */
  char       *node;       /* its title, NULL if it is not about a node */
  char       *op_type;
  char       *text;       /* a sentence: what is expected and what was found */
} OxCheckFinding;

/* Everything found, errors first. @model comes from an import with "unlinked" and is linked by this if its names allow it.
 * @weights: also reads all weights and looks at their numbers. (transfer full) array of OxCheckFinding; NULL when cancelled. */
GPtrArray *ox_model_check (OxModel *model, gboolean weights, GCancellable *cancellable);

/* The node of @model, which has been read from the same file, that the finding is about; NULL if none. */
OxNode    *ox_check_finding_node (const OxCheckFinding *finding, const OxModel *model);

G_END_DECLS
