/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

/* Models that another runtime has run, for they come with its outputs, must pass the check without an error.
 * TAP: a test a folder given. */

#include <string.h>

#include "proto/ox-import.h"
#include "session/ox-check.h"

typedef struct
{
  guint models, without, bad;
} Tally;

static void
check_model (Tally *tally, const char *folder)
{
  const OxImportOptions options = { .unlinked = TRUE };
  g_autofree char *path = g_build_filename (folder, "model.onnx", NULL), *name = g_path_get_basename (folder);
  g_autofree char *output = g_build_filename (folder, "test_data_set_0", "output_0.pb", NULL);
  g_autoptr (OxModel) model = ox_import_file (path, &options, NULL, NULL);
  g_autoptr (GPtrArray) findings = model != NULL ? ox_model_check (model, FALSE, NULL) : NULL;
  gboolean judged = g_file_test (output, G_FILE_TEST_EXISTS), bad = findings == NULL && judged;

  for (guint i = 0; findings != NULL && judged && i < findings->len; i++)
    {
      const OxCheckFinding *finding = g_ptr_array_index (findings, i);

      if (finding->severity != OX_CHECK_ERROR)
        break;
      g_print ("# %s: %s: node '%s': %s [%s]\n", name, finding->path != NULL ? finding->path : "model",
               finding->node != NULL ? finding->node : "-", finding->text, finding->rule);
      bad = TRUE;
    }
  tally->models += judged;
  tally->without += !judged;
  tally->bad += bad;
}

static void
search (Tally *tally, const char *folder, int depth)
{
  g_autofree char *model = g_build_filename (folder, "model.onnx", NULL);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (g_file_test (model, G_FILE_TEST_EXISTS))
    {
      check_model (tally, folder);
      return;
    }
  dir = depth > 0 ? g_dir_open (folder, 0, NULL) : NULL;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        search (tally, path, depth - 1);
    }
}

int
main (int argc, char **argv)
{
  int failed = 0;

  g_print ("1..%d\n", argc - 1);
  for (int i = 1; i < argc; i++)
    {
      Tally tally = { 0 };

      if (!g_file_test (argv[i], G_FILE_TEST_IS_DIR))
        {
          g_print ("ok %d - check # SKIP %s is not there\n", i, argv[i]);
          continue;
        }
      search (&tally, argv[i], 8);
      g_print ("# %s: %u models that come with outputs, %u of them with errors; %u others\n", argv[i],
               tally.models, tally.bad, tally.without);
      g_print ("%s %d - no error in %u models that others run\n", tally.bad == 0 ? "ok" : "not ok", i,
               tally.models);
      failed += tally.bad > 0;
    }
  return failed > 0;
}
