/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Floats of 16 bits and less: exact to float, rounded to nearest even from float. The *_store of a type without
 * infinity saturates (as ONNX' Cast does by default); _store_wide keeps the overflow: infinity where the type
 * has one, else NaN. */

float   ox_f16_load             (guint16 bits);
guint16 ox_f16_store            (float value);
guint16 ox_f16_from_double      (double value);
float   ox_bf16_load            (guint16 bits);
guint16 ox_bf16_store           (float value);
float   ox_f8e4m3fn_load        (guint8 bits);
guint8  ox_f8e4m3fn_store       (float value);
guint8  ox_f8e4m3fn_store_wide  (float value);
float   ox_f8e4m3fnuz_load      (guint8 bits);
guint8  ox_f8e4m3fnuz_store     (float value);
guint8  ox_f8e4m3fnuz_store_wide (float value);
float   ox_f8e5m2_load          (guint8 bits);
guint8  ox_f8e5m2_store         (float value);
guint8  ox_f8e5m2_store_wide    (float value);
float   ox_f8e5m2fnuz_load      (guint8 bits);
guint8  ox_f8e5m2fnuz_store     (float value);
guint8  ox_f8e5m2fnuz_store_wide (float value);
float   ox_f4e2m1_load          (guint8 bits);
guint8  ox_f4e2m1_store         (float value);
/* e8m0: a power of two; store rounds to nearest (ties up), NaN for NaN and negatives. */
float   ox_f8e8m0_load          (guint8 bits);
guint8  ox_f8e8m0_store         (float value);

G_END_DECLS
