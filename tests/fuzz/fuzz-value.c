/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-memory.h"
#include "proto/ox-import.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* The first byte chooses the kind, the rest is the value's file. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const OxTypeKind kinds[] = { OX_TYPE_TENSOR, OX_TYPE_SPARSE, OX_TYPE_SEQUENCE, OX_TYPE_OPTIONAL, OX_TYPE_MAP };
  g_autoptr (GBytes) bytes = NULL, written = NULL;
  g_autoptr (OxType) type = NULL;
  g_autoptr (OxValue) value = NULL;
  g_autofree char *name = NULL, *text = NULL;

  if (size == 0)
    return 0;
  ox_memory_set_limit (256u << 20);
  bytes = g_bytes_new (data + 1, size - 1);
  type = ox_type_new (kinds[data[0] % G_N_ELEMENTS (kinds)], OX_UNDEFINED);
  value = ox_import_value (bytes, type, &name, NULL);
  if (value == NULL)
    return 0;
  text = ox_value_describe (value);
  written = ox_export_value (value, name, NULL);
  return 0;
}
