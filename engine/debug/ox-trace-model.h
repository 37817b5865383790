/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-trace-file.h"

G_BEGIN_DECLS

/* A recorded run beside the model that it was recorded of. */

typedef enum
{
  OX_TRACE_MODEL_SAME,       /* the file has the hash that was recorded */
  OX_TRACE_MODEL_OTHER,      /* it has another */
  OX_TRACE_MODEL_UNTOLD,     /* there is a file, but none was recorded: a model made in memory */
  OX_TRACE_MODEL_MISSING,    /* there is no file */
} OxTraceModel;

/* How the file at @path fits. Reads all of it: not for the main thread. FALSE with @error when it cannot be read. */
gboolean      ox_trace_file_fits       (OxTraceFile *self, const char *path, OxTraceModel *how, GCancellable *cancellable,
                                        GError **error);
/* Where the model is: at its path then, which is tried from the folder of the recording as well if it is relative, or under
 * its name beside the recording; what fits is taken before what does not. (transfer full) NULL with an @error, or if it is
 * missing. */
char         *ox_trace_file_find_model (OxTraceFile *self, OxTraceModel *how, GCancellable *cancellable, GError **error);

/* The nodes of a model by what recorded rows tell of them. */
typedef struct _OxTraceNodes OxTraceNodes;

OxTraceNodes *ox_trace_nodes_new  (OxModel *model);
void          ox_trace_nodes_free (OxTraceNodes *self);
/* The node that made the value of @row: of the same operator and output, best also of the same name, place and body. NULL if
 * there is none; inputs have none. */
OxNode       *ox_trace_nodes_find (OxTraceNodes *self, const OxTraceRow *row);

/* All of it in numbers. */
typedef struct
{
  guint   values, stored;    /* rows */
  guint   bad;               /* those with a NaN or an infinity */
  guint64 turns;             /* the last that made something */
  double  seconds;           /* of all turns */
} OxTraceSum;

void          ox_trace_file_sum   (OxTraceFile *self, OxTraceSum *sum);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxTraceNodes, ox_trace_nodes_free)

G_END_DECLS
