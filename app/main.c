/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <glib.h>

int
main (int argc, char **argv)
{
  g_print ("onnxscope %s\n", OX_VERSION);
  return 0;
}
