/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "cli-reference.h"
#include "debug/ox-instrument.h"
#include "model/ox-inline.h"
#include "proto/ox-import.h"
#include "session/ox-inference.h"

static gboolean
inline_functions (OxModel **model, guint *calls, GPtrArray *left, GError **error)
{
  OxModel *plain = ox_model_inline (*model, calls, left, NULL);

  ox_model_unref (*model);
  *model = plain;
  return ox_model_link (plain, error);
}

int
ox_cli_instrument_verb (int argc, char **argv)
{
  g_autofree char *output = NULL;
  gboolean links = FALSE, bodies = FALSE, functions = FALSE;
  guint calls = 0;
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func (g_free);
  OxInstrumented counts = { 0 };
  g_autoptr (OxModel) model = NULL;
  GError *error = NULL;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "Where to write it", "FILE" },
    { "bodies", 0, 0, G_OPTION_ARG_NONE, &bodies, "Values of If, Loop and Scan bodies too, stacked over iterations", NULL },
    { "functions", 0, 0, G_OPTION_ARG_NONE, &functions, "Values of the model's functions too, whose nodes take the place of the calls",
      NULL },
    { "allow-links", 0, 0, G_OPTION_ARG_NONE, &links, "Follow links to external data", NULL },
    { NULL },
  };

  if (!ox_cli_parse (&argc, &argv, "MODEL",
                     "Writes a copy of a model that has every value of its main graph as an output, for other runtimes;\n"
                     "with --bodies those of bodies too, with --functions those of its functions.",
                     entries, 1))
    return OX_EXIT_UNUSABLE;
  if (output == NULL)
    {
      g_printerr ("onnxscope instrument: expected -o FILE; --help tells more\n");
      return OX_EXIT_UNUSABLE;
    }
  model = ox_cli_open (argv[1], links);
  if (model == NULL)
    return OX_EXIT_UNUSABLE;
  if (functions && !inline_functions (&model, &calls, left, &error))
    return ox_cli_fail (error);
  ox_model_infer (model, NULL, NULL);
  if (bodies)
    ox_model_instrument_bodies (model, &counts, left);
  else
    counts.main = ox_model_instrument (model);
  if (!ox_export_file (model, output, &error))
    return ox_cli_fail (error);
  g_print ("%s: %u values are outputs too\n", output, counts.main);
  if (functions)
    g_print ("of functions: %u calls are the nodes of the functions now\n", calls);
  if (bodies)
    g_print ("of bodies: %u of branches, which are empty when the other is taken, and %u of iterations, stacked\n", counts.branches,
             counts.iterations);
  for (guint i = 0; i < left->len; i++)
    g_print ("not there: %s\n", (const char *) g_ptr_array_index (left, i));
  if (model->external_bytes > 0)
    g_print ("its external data is where the model's is: beside it, by name\n");
  return OX_EXIT_GOOD;
}
