/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* Tests of operators, one a line:
 *
 *   Gather:13 axis=1 f32[2,3]{1,2,3,4,5,6} i64[2]{0,2} -> f32[2,2]{1,3,4,6}    runs and compares
 *   Squeeze:13 f32[2] i64[1]{0} -> !expected 1                                 fails, the message has these words
 *   Reshape:14 f32[N,4,6] i64[2]{0,-1} ~> f32[N,24]                            infers without data
 *   Split:18 f32[4] i64[2]{1,3} => f32 f32                                     runs and gives these types
 *
 * The operator is Name:version or domain/Name:version. Then come attributes: a=1 a=1.5 a='text' a=[1,2] a=[1.0,2.0]
 * a=['x','y'], a=<tensor>, and inputs: a tensor dtype[dims]{elements} (without elements: zeros), a sequence (tensor
 * tensor), a map @keys=values of two tensors, an optional ?value, _ for an omitted one. Words are parted by single
 * spaces, so texts have none: %20 stands for one, %2C for a comma. Where a line infers, dimensions and elements may be
 * names; what is expected is compared as text: ? for an unknown dimension, dtype[*] for an unknown rank, {…} where the elements are known, - for nothing.
 * {~} are made-up elements, {1,2,..} these again and again.
 * After => stand f32, (f32) for a sequence, ?f32 for an optional, - for anything.
 * Every line that runs is also inferred from the shapes alone, which must not contradict the result. */
void op_line  (const char *line);
/* The same, but what is wrong comes back as a text, NULL if nothing is; only for lines with =>. */
char *op_line_problem (const char *line);
/* Adds a test for each line under @path. */
void op_lines (const char *path, const char *const *lines, guint n);
