/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include "core/ox-memory.h"
#include "core/ox-parallel.h"
#include "proto/ox-import.h"

typedef struct
{
  const char *name;
  int (*main) (int argc, char **argv);
  const char *summary;
} Verb;

static const Verb verbs[] = {
  { "info", ox_cli_info, "what is in a model" },
  { "check", ox_cli_check, "tell what is wrong with it" },
  { "run", ox_cli_run, "run it, and compare with recorded outputs" },
  { "conformance", ox_cli_conformance, "run the cases of the ONNX backend suite" },
  { "debug", ox_cli_debug, "step it node by node, forwards and back" },
  { "compare", ox_cli_compare, "find the first node that differs from a reference" },
  { "hunt", ox_cli_hunt, "find the first Inf and NaN, and where they come from" },
  { "precision", ox_cli_precision, "tell what fp16, bf16, fp8 or int8 would make of it" },
  { "provenance", ox_cli_provenance, "tell what an element of a value can hang on" },
  { "quant", ox_cli_quant, "look at what is quantised in it, and how well" },
  { "extract", ox_cli_extract, "write one node or a region as a model or a test case" },
  { "minimise", ox_cli_minimise, "write the smallest model found that still differs, or still fails" },
  { "trace", ox_cli_trace, "show a run that was recorded, or hold it against another" },
  { "instrument", ox_cli_instrument_verb, "write a copy with every value as an output, for other runtimes" },
  { "report", ox_cli_report, "write a run, or a comparison, as one HTML file" },
  { "export", ox_cli_export, "draw it: SVG, PDF, PNG or DOT" },
};

static const Verb *
find_verb (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (verbs[i].name, word) == 0)
      return &verbs[i];
  return NULL;
}

gboolean
ox_cli_is_verb (const char *word)
{
  return find_verb (word) != NULL || strcmp (word, "help") == 0 || strcmp (word, "--help") == 0 || strcmp (word, "-h") == 0
         || strcmp (word, "--version") == 0;
}

static void
print_help (void)
{
  g_print ("onnxscope [MODEL]                     open the window\n"
           "onnxscope VERB [OPTIONS] MODEL        work without one; VERB --help tells its options\n\n");
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    g_print ("  %-12s %s\n", verbs[i].name, verbs[i].summary);
  g_print ("\nExit status: 0 good, 1 differs or invalid, 2 a request or file that cannot be used,\n"
           "3 an operator that is not supported.\n");
}

int
ox_cli_main (int argc, char **argv)
{
  const Verb *verb = argc > 1 ? find_verb (argv[1]) : NULL;

  if (argc > 1 && strcmp (argv[1], "--version") == 0)
    {
      g_print ("onnxscope %s\n", OX_VERSION);
      return OX_EXIT_GOOD;
    }
  if (verb == NULL)
    {
      print_help ();
      return argc > 1 && strstr (argv[1], "help") == NULL && strcmp (argv[1], "-h") != 0 ? OX_EXIT_UNUSABLE : OX_EXIT_GOOD;
    }
  return verb->main (argc - 1, argv + 1);
}

gboolean
ox_cli_parse (int *argc, char ***argv, const char *arguments, const char *summary, const GOptionEntry *entries, int n)
{
  g_autoptr (GOptionContext) context = g_option_context_new (arguments);
  g_autofree char *name = g_strconcat ("onnxscope ", (*argv)[0], NULL);
  g_autoptr (GError) error = NULL;

  g_set_prgname (name);
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      g_printerr ("%s: %s\n", name, error->message);
      return FALSE;
    }
  if (n >= 0 ? *argc - 1 == n : n == OX_CLI_MAYBE_ONE ? *argc <= 2 : *argc > 1)
    return TRUE;
  g_printerr ("%s: expected %s; --help tells more\n", name, arguments);
  return FALSE;
}

int
ox_cli_fail (GError *error)
{
  int status = OX_EXIT_UNUSABLE;

  if (g_error_matches (error, OX_ERROR, OX_ERROR_UNSUPPORTED))
    status = OX_EXIT_UNSUPPORTED;
  g_printerr ("onnxscope: %s\n", error->message);
  g_error_free (error);
  return status;
}

OxModel *
ox_cli_open (const char *path, gboolean allow_links)
{
  OxImportOptions options = { .allow_links = allow_links };
  GError *error = NULL;
  OxModel *model = ox_import_file (path, &options, NULL, &error);

  if (model == NULL)
    {
      ox_cli_fail (error);
      return NULL;
    }
  for (guint i = 0; i < model->warnings->len; i++)
    g_printerr ("onnxscope: warning: %s\n", (const char *) g_ptr_array_index (model->warnings, i));
  return model;
}

OxModel *
ox_cli_open_limited (const char *path, gboolean allow_links, int threads, int memory)
{
  ox_set_threads (MAX (threads, 0));
  ox_memory_set_limit ((gsize) MAX (memory, 0) << 20);
  return ox_cli_open (path, allow_links);
}
