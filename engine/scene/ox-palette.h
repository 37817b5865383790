/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  OX_FAMILY_MOVEMENT,
  OX_FAMILY_ELEMENTWISE,
  OX_FAMILY_ACTIVATION,
  OX_FAMILY_MATRIX,        /* convolutions and products */
  OX_FAMILY_NORM,
  OX_FAMILY_REDUCTION,     /* and pooling */
  OX_FAMILY_RECURRENT,     /* and attention */
  OX_FAMILY_QUANT,
  OX_FAMILY_CONTROL,
  OX_FAMILY_FUNCTION,
  OX_FAMILY_OTHER,
  OX_FAMILY_IO,
  OX_N_FAMILIES
} OxFamily;

/* 0xRRGGBB */
typedef guint32 OxColor;

typedef struct
{
  OxColor background, text, faint_text, line, lit, grid;
  OxColor accent, failed, warning, done, chip;
  OxColor fill[OX_N_FAMILIES], edge[OX_N_FAMILIES];
} OxPalette;

const OxPalette *ox_palette           (gboolean dark);
/* The family of an operator, by its name. */
OxFamily         ox_family_of         (const char *domain, const char *op_type);
/* "convolution and matrix product" */
const char      *ox_family_name       (OxFamily family);
/* WCAG's contrast of two colours, 1..21. */
double           ox_color_contrast    (OxColor a, OxColor b);
void             ox_color_set_source  (cairo_t *cr, OxColor color, double alpha);

G_END_DECLS
