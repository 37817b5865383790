/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "model/ox-model.h"

G_BEGIN_DECLS

/* Functions that the program writes itself, in a short form of its own:
 *
 *   X, bias -> Y, Mean
 *   Mean = ReduceMean<keepdims=1>(X, i64[1]{-1})
 *   D = Sub(X, Mean)
 *   Y = Add(Div(D, Sqrt(ReduceMean(Mul(D, D), i64[1]{-1}))), 0.5)
 *
 * Inputs and outputs, then a line for every node (a ';' ends one too). Calls may stand inside calls. An
 * attribute is an integer, a number with a point, exponent or inf, a "text" or a [list]. A value is a name,
 * 'any name' with \' and \\ inside, a number of type @scalar, a constant type[dims]{elements}, or nothing
 * where it is left out; Y = X is an Identity. */

/* (transfer full) A function of @model that is not in its list, with @opset of ai.onnx imported beside what the model
 * imports, linked. A mistake in @text is an OX_ERROR_MODEL. */
OxFunction *ox_function_parse (OxModel *model, const char *name, gint64 opset, OxDtype scalar, const char *text,
                               GError **error);
/* Appends @name as it is written in such a text. */
void        ox_text_add_name  (GString *text, const char *name);
/* Appends @number so that it reads as a real. */
void        ox_text_add_real  (GString *text, double number);

G_END_DECLS
