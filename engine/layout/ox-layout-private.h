/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "layout/ox-layout.h"

G_BEGIN_DECLS

struct _OxLayoutGrid *ox_layout_grid_new  (const OxLayout *layout);
void                  ox_layout_grid_free (struct _OxLayoutGrid *grid);

G_END_DECLS
