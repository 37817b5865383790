/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <locale.h>

#include "cli.h"

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  if (argc > 1 && ox_cli_is_verb (argv[1]))
    return ox_cli_main (argc, argv);
  g_printerr ("onnxscope: this build has no window; onnxscope --help lists what it can do without\n");
  return OX_EXIT_UNUSABLE;
}
