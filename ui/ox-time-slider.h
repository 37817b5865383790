/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gtk/gtk.h>

#include "ui/ox-focus.h"

G_BEGIN_DECLS

#define OX_TYPE_TIME_SLIDER (ox_time_slider_get_type ())
G_DECLARE_FINAL_TYPE (OxTimeSlider, ox_time_slider, OX, TIME_SLIDER, GtkBox)

/* All turns that are known on one line, from the first to the last; dragged, the run goes there, forwards or back. Turns that
 * made NaN or infinity, breakpoints and a failure are marked. Inside a Loop or Scan a second line goes through its iterations. */
GtkWidget *ox_time_slider_new (OxFocus *focus);

G_END_DECLS
