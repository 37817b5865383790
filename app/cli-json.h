/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "debug/ox-json.h"

G_BEGIN_DECLS

/* Prints the whole. */
static inline void
ox_json_print (JsonBuilder *json)
{
  g_autofree char *text = ox_json_lines (json);

  g_print ("%s", text);
}

G_END_DECLS
