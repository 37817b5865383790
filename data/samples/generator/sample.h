/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "proto/ox-import.h"

G_BEGIN_DECLS

/* What the two makers of sample models share: numbers from a seed, nodes and weights in one line each, and writing. */

/* Uniform in 0..1, and normal; the same on every machine. */
double    sample_uniform   (guint64 *state);
double    sample_normal    (guint64 *state);

OxModel  *sample_model     (const char *graph_name, const char *doc);
/* @in and @out are names separated by spaces, "-" for an omitted one. */
OxNode   *sample_node      (OxGraph *graph, const char *op, const char *name, const char *in, const char *out);
void      sample_int       (OxNode *node, const char *name, gint64 value);
void      sample_ints      (OxNode *node, const char *name, int n, const gint64 *values);
/* An initializer of @rank dimensions, rounded from @data. */
void      sample_weight    (OxGraph *graph, const char *name, int rank, const gint64 *dims, const double *data);
void      sample_weight_int (OxGraph *graph, const char *name, int rank, gint64 value);
OxTensor *sample_tensor    (int rank, const gint64 *dims, const double *data);
/* A tensor type with dimensions such as "N 1 16 16". */
OxType   *sample_type      (OxDtype dtype, const char *dims);

/* DIR/model.onnx and DIR/test_data_set_0/input_i.pb, output_i.pb; ends the program with a message when it cannot. */
void      sample_write     (OxModel *model, const char *dir, guint n_in, OxValue **in, guint n_out, OxValue **out);

G_END_DECLS
