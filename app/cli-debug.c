/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli-protocol.h"
#include "debug/ox-console.h"
#include "debug/ox-trace-file.h"
#include "proto/ox-data-set.h"
#include "session/ox-inference.h"

typedef struct
{
  GMutex        lock;
  GCancellable *now;    /* of the command that runs, or NULL */
} Interrupt;

/* A handler may do little, and libraries have threads that do not block the signal: so it writes a byte, and a thread
 * reads it. */
static int wake[2];

static void
on_interrupt (int number)
{
  ssize_t ignored = write (wake[1], "", 1);

  (void) ignored;
}

/* Ctrl-C stops the move that runs and not the program; at the prompt it ends it. */
static gpointer
wait_for_interrupts (gpointer data)
{
  Interrupt *interrupt = data;
  char byte;

  while (read (wake[0], &byte, 1) == 1 || errno == EINTR)
    {
      g_mutex_lock (&interrupt->lock);
      if (interrupt->now == NULL)
        _exit (128 + SIGINT);
      g_cancellable_cancel (interrupt->now);
      g_mutex_unlock (&interrupt->lock);
    }
  return NULL;
}

static void
start_interrupts (Interrupt *interrupt)
{
  struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = SA_RESTART };

  g_mutex_init (&interrupt->lock);
  if (pipe (wake) != 0)
    return;
  g_thread_unref (g_thread_new ("interrupt", wait_for_interrupts, interrupt));
  sigaction (SIGINT, &action, NULL);
}

static void
set_interrupt (Interrupt *interrupt, GCancellable *now)
{
  g_mutex_lock (&interrupt->lock);
  interrupt->now = now;
  g_mutex_unlock (&interrupt->lock);
}

OxDebugger *
ox_cli_make_debugger (OxModel *model, OxCliFeeds *feeds, gint64 budget, gboolean expand, GError **error)
{
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  g_autoptr (OxDebugger) debugger = ox_debugger_new (model);
  OxFrame *frame = ox_session_frame (session, 0);

  if (!ox_cli_feed (feeds, session, NULL, error))
    return NULL;
  ox_debugger_set_seed (debugger, (guint64) feeds->seed);
  ox_debugger_set_expand (debugger, expand);
  if (budget >= 0)
    ox_debugger_set_budget (debugger, (gsize) budget << 20);
  for (guint i = 0; i < model->graph->inputs->len; i++)
    {
      int slot = g_array_index (model->graph->inputs, int, i);

      if (frame->values[slot] != NULL
          && !ox_debugger_set_input (debugger, ox_graph_slot (model->graph, slot)->name, frame->values[slot], error))
        return NULL;
    }
  return g_steal_pointer (&debugger);
}

/* Lines from @file: a terminal is asked, and goes on after an error; anything else is a script, which ends there. */
static int
converse (OxConsole *console, FILE *file, const char *name, gboolean echo)
{
  static Interrupt interrupt;
  gboolean terminal = isatty (fileno (file)), quit = FALSE;
  g_autofree char *last = g_strdup ("");
  char *line = NULL;
  size_t size = 0;
  int status = OX_EXIT_GOOD;

  start_interrupts (&interrupt);
  for (guint number = 1; !quit; number++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;
      ssize_t n;

      if (terminal)
        g_print ("(onnxscope) ");
      fflush (stdout);
      n = getline (&line, &size, file);
      if (n < 0)
        break;
      g_strchomp (line);
      if (!g_utf8_validate (line, -1, NULL))
        {
          g_printerr ("%s:%u: the line is not UTF-8\n", name, number);
          status = OX_EXIT_UNUSABLE;
          break;
        }
      if (echo && line[0] != '\0')
        g_print ("(onnxscope) %s\n", line);
      /* An empty line at a terminal is the last command again. */
      if (terminal && line[0] != '\0')
        {
          g_free (last);
          last = g_strdup (line);
        }
      set_interrupt (&interrupt, cancellable);
      text = ox_console_run (console, terminal ? last : line, cancellable, &quit, &error);
      set_interrupt (&interrupt, NULL);
      if (text != NULL)
        g_print ("%s", text);
      else if (terminal)
        g_print ("%s\n", error->message);
      else
        {
          g_printerr ("%s:%u: %s\n", name, number, error->message);
          status = OX_EXIT_UNUSABLE;
          break;
        }
    }
  if (terminal && !quit)
    g_print ("\n");
  free (line);
  return status;
}

/* There need be none yet. What is not in this model is told. */
static gboolean
load_marks (OxConsole *console, const char *path, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!ox_console_load_marks_file (console, path, text, error))
    return FALSE;
  if (text->len > 0)
    g_printerr ("onnxscope: %s: %s", path, text->str);
  return TRUE;
}

/* What a session is told besides its model. */
typedef struct
{
  OxCliFeeds feeds;
  char      *script, *marks, *record, *record_values;
  gint64     budget;
  gboolean   links, expand, protocol;
} Options;

static int
debug_model (OxModel *model, Options *options)
{
  const char *script = options->script, *marks = options->marks;

  GError *error = NULL;
  g_autoptr (OxDebugger) debugger = ox_cli_make_debugger (model, &options->feeds, options->budget, options->expand, &error);
  g_autoptr (OxConsole) console = NULL;
  const OxStop *stop;
  FILE *file = stdin;
  gboolean terminal;
  int status;

  if (debugger == NULL)
    return ox_cli_fail (error);
  if (script != NULL && (file = fopen (script, "r")) == NULL)
    {
      ox_fail (&error, OX_ERROR_FILE, "%s: %s", script, g_strerror (errno));
      return ox_cli_fail (error);
    }
  console = ox_console_new (debugger, NULL);
  terminal = isatty (fileno (file));
  if (options->expand)
    {
      g_autofree char *what = ox_model_expansions (model);

      g_printerr ("onnxscope: expanded: %s\n", what);
    }
  if (terminal)
    g_print ("%s; help lists the commands\n", model->path);
  if (marks != NULL && !load_marks (console, marks, &error))
    status = ox_cli_fail (error);
  else
    {
      status = converse (console, file, script != NULL ? script : "stdin", script != NULL);
      if (marks != NULL && !ox_console_save_marks_file (console, marks, &error))
        status = ox_cli_fail (g_steal_pointer (&error));
      if (options->record != NULL)
        {
          g_autofree char *said = NULL;

          if (ox_console_record (console, options->record, options->record_values, &said, &error))
            g_printerr ("onnxscope: %s", said);
          else
            status = ox_cli_fail (error);
        }
    }
  if (file != stdin)
    fclose (file);
  /* For a script the state it ends in is the answer. */
  stop = ox_debugger_get_stop (debugger);
  if (!terminal && status == OX_EXIT_GOOD && stop != NULL && stop->reason == OX_STOP_FAILED)
    return g_error_matches (stop->error, OX_ERROR, OX_ERROR_UNSUPPORTED) ? OX_EXIT_UNSUPPORTED : OX_EXIT_UNUSABLE;
  return status;
}

int
ox_cli_debug (int argc, char **argv)
{
  Options options = { .budget = -1 };
  g_autoptr (OxModel) model = NULL;
  OxTraceValues values;
  GError *error = NULL;
  int status = OX_EXIT_UNUSABLE;
  GOptionEntry entries[] = {
    { 0 }, { 0 }, { 0 }, { 0 }, { 0 },
    { "script", 'x', 0, G_OPTION_ARG_FILENAME, &options.script, "Take the commands from a file", "FILE" },
    { "marks", 0, 0, G_OPTION_ARG_FILENAME, &options.marks, "Breakpoints and watches from this file, and back to it at the end",
      "FILE" },
    { "record", 0, 0, G_OPTION_ARG_FILENAME, &options.record, "At the end, write down what was run, for \"onnxscope trace\"", "FILE" },
    { "record-values", 0, 0, G_OPTION_ARG_STRING, &options.record_values,
      "With --record: values that go along (none): none, all, bytes of the largest, or a pattern of names", "WHICH" },
    { "expand", 0, 0, G_OPTION_ARG_NONE, &options.expand, "Operators that are made of others are bodies to step into", NULL },
    { "protocol", 0, 0, G_OPTION_ARG_NONE, &options.protocol, "For programs: messages of the Debug Adapter Protocol, one a line",
      NULL },
    { "budget", 0, 0, G_OPTION_ARG_INT64, &options.budget, "What may be kept for going back (1024)", "MB" },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &options.links, "Follow links to external data", NULL },
    { NULL },
  };

  ox_cli_feeds_entries (&options.feeds, entries);
  if (ox_cli_parse (&argc, &argv, "MODEL",
                    "Steps a model node by node. Commands come from the terminal, a pipe or --script; \"help\" lists them.",
                    entries, OX_CLI_MAYBE_ONE))
    {
      if (options.budget > G_MAXINT32)
        g_printerr ("onnxscope debug: --budget is too large\n");
      else if (options.record_values != NULL && options.record == NULL)
        g_printerr ("onnxscope debug: --record-values needs --record FILE\n");
      else if (!ox_trace_values_parse (options.record_values, &values, &error))
        status = ox_cli_fail (error);
      else if (options.protocol && (options.script != NULL || options.marks != NULL || options.record != NULL))
        g_printerr ("onnxscope debug: --protocol takes neither --script nor --marks nor --record\n");
      else if (options.protocol)
        status = ox_cli_protocol (&(OxCliDebug){ argc > 1 ? argv[1] : NULL, options.links, options.expand, options.budget,
                                                 &options.feeds });
      else if (argc < 2)
        g_printerr ("onnxscope debug: expected MODEL; --help tells more\n");
      else if ((model = ox_cli_open (argv[1], options.links)) != NULL)
        {
          /* Places of breakpoints may ask for types. */
          ox_model_infer (model, NULL, NULL);
          status = debug_model (model, &options);
        }
    }
  ox_cli_feeds_clear (&options.feeds);
  g_free (options.script);
  g_free (options.marks);
  g_free (options.record);
  g_free (options.record_values);
  return status;
}
