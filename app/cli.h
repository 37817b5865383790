/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-model.h"
#include "session/ox-session.h"

G_BEGIN_DECLS

/* What a verb answers with. */
enum
{
  OX_EXIT_GOOD = 0,
  OX_EXIT_DIFFERS = 1,       /* the answer is "differs" or "invalid" */
  OX_EXIT_UNUSABLE = 2,      /* the request or a file cannot be used */
  OX_EXIT_UNSUPPORTED = 3,   /* an operator is not supported */
};

/* Whether @word is a verb of the command line. */
gboolean ox_cli_is_verb   (const char *word);
/* Runs "onnxscope VERB …"; argv[1] is the verb. Returns the exit status. */
int      ox_cli_main      (int argc, char **argv);

/* ---- the verbs; argv[0] is the verb itself ---- */
int      ox_cli_info        (int argc, char **argv);
int      ox_cli_check       (int argc, char **argv);
int      ox_cli_run         (int argc, char **argv);
int      ox_cli_conformance (int argc, char **argv);
int      ox_cli_debug       (int argc, char **argv);
int      ox_cli_compare     (int argc, char **argv);
int      ox_cli_hunt        (int argc, char **argv);
int      ox_cli_precision   (int argc, char **argv);
int      ox_cli_provenance  (int argc, char **argv);
int      ox_cli_quant       (int argc, char **argv);
int      ox_cli_report      (int argc, char **argv);
int      ox_cli_trace        (int argc, char **argv);
int      ox_cli_instrument_verb (int argc, char **argv);
int      ox_cli_export      (int argc, char **argv);
int      ox_cli_extract     (int argc, char **argv);
int      ox_cli_minimise    (int argc, char **argv);

/* ---- what they share ---- */

#define OX_CLI_MAYBE_ONE -2
/* Parses @entries; on a wrong option, or when not exactly @n words are left (-1: at least one; OX_CLI_MAYBE_ONE), says so and returns
 * FALSE. --help prints and ends the program. The words are moved to the front of argv[1..]. */
gboolean ox_cli_parse     (int *argc, char ***argv, const char *arguments, const char *summary, const GOptionEntry *entries,
                           int n);
/* Prints "onnxscope: MESSAGE" and returns the exit status that goes with the error's kind; frees it. */
int      ox_cli_fail      (GError *error);
/* Opens a model and prints its warnings. NULL after an error, which has been printed. */
OxModel *ox_cli_open      (const char *path, gboolean allow_links);
/* The same after --threads and --memory, in MB, have been heeded; 0 and less: no limit. */
OxModel *ox_cli_open_limited (const char *path, gboolean allow_links, int threads, int memory);

/* Options that feed inputs, as run and debug have them. */
typedef struct
{
  char    *data_set;
  char   **inputs;          /* NAME=FILE */
  char   **shapes;          /* NAME=1x3x224x224, and SYMBOL=8 */
  char    *fill;            /* random, zeros, ones */
  gint64   seed;
  gboolean made_up;         /* set: some input was made up */
  GString *said;            /* where that is told; NULL: stderr */
} OxCliFeeds;

extern const char ox_cli_feeds_help[];
/* The entries of these options over @feeds, to be followed by others: fills @entries[0..4]. */
void     ox_cli_feeds_entries (OxCliFeeds *feeds, GOptionEntry *entries);
/* Gives every input of the session a value; inputs that nothing names are made up and listed on stderr. */
gboolean ox_cli_feed      (OxCliFeeds *feeds, OxSession *session, char **data_set, GError **error);
void     ox_cli_feeds_clear (OxCliFeeds *feeds);

G_END_DECLS
