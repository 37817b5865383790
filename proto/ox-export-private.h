/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "proto/ox-import.h"
#include "proto/ox-rope.h"

G_BEGIN_DECLS

/* The elements of @tensor as raw_data, or as string_data. */
gboolean ox_export_elements (OxRope *rope, OxTensor *tensor, GError **error);

G_END_DECLS
