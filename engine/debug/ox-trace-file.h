/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-session.h"

G_BEGIN_DECLS

/* A run written down, to be looked at without running it again: docs/trace-format.md. */

/* Which values are stored with it, beside their statistics and hashes. */
typedef struct
{
  gsize       most;       /* bytes of one value; 0: none, G_MAXSIZE: any */
  const char *pattern;    /* only names that fit (* and ?); NULL: any */
} OxTraceValues;

/* Runs @session, fed and at its start, to its end and writes @path; records are in memory until then, values are not. @tap
 * (may be NULL) is called as by the session. FALSE when the file cannot be written or the run fails: then what was run until
 * there is in the file, and how it ended. */
gboolean ox_trace_record (OxSession *session, const char *path, const OxTraceValues *values, OxSessionTap tap, gpointer data,
                          GCancellable *cancellable, GError **error);

/* The same for no more than so many turns: a run that one has stopped in. */
gboolean ox_trace_record_turns (OxSession *session, guint64 turns, const char *path, const OxTraceValues *values, OxSessionTap tap,
                                gpointer data, GCancellable *cancellable, GError **error);
/* "none", "all", how many bytes a value may have, or a pattern of names; NULL: none. @text has to stay. */
gboolean ox_trace_values_parse (const char *text, OxTraceValues *values, GError **error);

/* One value of a run. */
typedef struct
{
  guint64  turn;          /* 0: an input */
  guint64  frame;         /* its id */
  char    *where;         /* "main", "Loop 'decode' iteration 3" */
  guint    index;         /* of the node in its graph */
  char    *node, *op_type, *output;
  char    *value;         /* "f32 1x64" */
  double   seconds;       /* what the node took; of a node with a body 0 */
  gboolean has_numbers;
  double   min, max, mean, std;
  gint64   nan, inf;
  char    *hash;          /* of type, shape and elements */
  char    *stored;        /* its name in the file, NULL if only its hash is there */
} OxTraceRow;

typedef struct _OxTraceFile OxTraceFile;

/* Errors: OX_ERROR_FILE, OX_ERROR_FORMAT. */
OxTraceFile      *ox_trace_file_open   (const char *path, GError **error);
void              ox_trace_file_free   (OxTraceFile *self);
const char       *ox_trace_file_path   (OxTraceFile *self);
const char       *ox_trace_file_model  (OxTraceFile *self);    /* its path then, "" if it had none */
const char       *ox_trace_file_hash   (OxTraceFile *self);    /* of the model's file */
const char       *ox_trace_file_hashing (OxTraceFile *self);   /* how its values are hashed, OX_TRACE_HASH or another */
/* How the run failed, NULL if it came to its end. */
const char       *ox_trace_file_failure (OxTraceFile *self);
/* After how many turns it was left before its end, 0 if it was not. */
guint64           ox_trace_file_left    (OxTraceFile *self);
guint             ox_trace_file_length (OxTraceFile *self);
const OxTraceRow *ox_trace_file_row    (OxTraceFile *self, guint i);
/* The value of a row that is stored. (transfer full) */
OxValue          *ox_trace_file_value  (OxTraceFile *self, const OxTraceRow *row, GError **error);
/* The first row that is another in the two runs: its number, or -1. Where values were hashed in two ways, their statistics are
 * compared instead. *@text (transfer full) says how. */
gint64            ox_trace_file_differ (OxTraceFile *self, OxTraceFile *other, char **text);

/* The name of the hash that is written now; that of version 1 is "sha256". */
#define OX_TRACE_HASH "xxh64-64k"
/* 32 hexadecimal digits for the type, the shape and the bits of a value. (transfer full) NULL with an error. */
char             *ox_value_hash        (const OxValue *value, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxTraceFile, ox_trace_file_free)

G_END_DECLS
