/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <locale.h>
#include <string.h>

#include "cli-reference.h"
#include "debug/ox-console.h"
#include "ox-test-case.h"
#include "proto/ox-data-set.h"

#ifdef OX_WITH_UI
#include "app/ox-application.h"
#include "app/ox-settings.h"

static int
run_window (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OxApplication) application = NULL;

  if (ox_settings_get (&error) == NULL)
    {
      g_printerr ("onnxscope: %s\n", error->message);
      return OX_EXIT_UNUSABLE;
    }
  if (!gtk_init_check ())
    {
      g_printerr ("onnxscope: there is no display to open a window on; onnxscope --help lists what works without one\n");
      return OX_EXIT_UNUSABLE;
    }
  application = ox_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
#else
static int
run_window (int argc, char **argv)
{
  g_printerr ("onnxscope: this build has no window; onnxscope --help lists what it can do without\n");
  return OX_EXIT_UNUSABLE;
}
#endif

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  ox_console_use_files (ox_value_load, ox_cli_console_reference, ox_case_write);
  if (argc > 1 && ox_cli_is_verb (argv[1]))
    return ox_cli_main (argc, argv);
  if (argc > 1 && argv[1][0] != '-' && strpbrk (argv[1], "/.:\\") == NULL && !g_file_test (argv[1], G_FILE_TEST_EXISTS))
    {
      g_printerr ("onnxscope: '%s' is neither a verb nor a file; --help lists the verbs\n", argv[1]);
      return OX_EXIT_UNUSABLE;
    }
  return run_window (argc, argv);
}
