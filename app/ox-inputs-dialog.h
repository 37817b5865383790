/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <adwaita.h>

#include "app/ox-inputs.h"

G_BEGIN_DECLS

#define OX_TYPE_INPUTS_DIALOG (ox_inputs_dialog_get_type ())
G_DECLARE_FINAL_TYPE (OxInputsDialog, ox_inputs_dialog, OX, INPUTS_DIALOG, AdwWindow)

/* Where the model's inputs come from: a data set's folder, files, or numbers made up, and the sizes of symbolic dimensions.
 * Works on a copy of @inputs. Signal: "apply", when the person is content; the copy is ox_inputs_dialog_get_inputs().
 * Files are looked for in @folder at first. */
GtkWindow      *ox_inputs_dialog_new        (const OxInputs *inputs, GFile *folder);
const OxInputs *ox_inputs_dialog_get_inputs (OxInputsDialog *self);

G_END_DECLS
