/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tensor/ox-type.h"

G_BEGIN_DECLS

/* Tensors in the files that other tools write. @type (may be NULL) is what the reader wants to feed: it gives types that
 * numpy has no name for, and turns images and tables into the layout asked for. All returns are (transfer full). */

/* By the ending: .npy, .npz (one array, or the one called @member), .csv, .txt, .png/.jpg/… Errors: OX_ERROR_FILE,
 * OX_ERROR_FORMAT, OX_ERROR_UNSUPPORTED. */
OxTensor  *ox_tensor_file_load  (const char *path, const char *member, const OxType *type, GError **error);

OxTensor  *ox_npy_parse         (GBytes *bytes, OxDtype wanted, GError **error);
/* Types numpy lacks are written widened (bf16 and fp8 as f32, 4- and 2-bit as i8/u8). */
GBytes    *ox_npy_write         (OxTensor *tensor, GError **error);

/* The arrays of an .npz by name (".npy" taken off): name -> OxTensor, in a table that owns both. @only: NULL for all. */
GHashTable *ox_npz_load         (const char *path, const char *only, GError **error);

/* The first array of an .npz that is in memory. */
OxTensor   *ox_npz_parse        (GBytes *bytes, GError **error);

/* The same as ox_npz_load(), read when they are asked for; quick when that is in the file's order. */
typedef struct _OxNpzReader OxNpzReader;
OxNpzReader *ox_npz_reader_new   (const char *path, GError **error);
void         ox_npz_reader_free  (OxNpzReader *reader);
/* A set of names (char* keys). (transfer none) */
GHashTable  *ox_npz_reader_names (OxNpzReader *reader);
/* @wanted: the type of elements numpy has no name for. */
OxTensor    *ox_npz_reader_get   (OxNpzReader *reader, const char *name, OxDtype wanted, GError **error);

/* An .npz written one array after the other. */
typedef struct _OxNpzWriter OxNpzWriter;
OxNpzWriter *ox_npz_writer_new   (const char *path, GError **error);
gboolean     ox_npz_writer_add   (OxNpzWriter *writer, const char *name, OxTensor *tensor, GError **error);
/* A member that is no array, and one read back. */
gboolean     ox_npz_writer_add_text (OxNpzWriter *writer, const char *member, const void *data, gsize size, GError **error);
GBytes      *ox_npz_read_text   (const char *path, const char *member, GError **error);
gboolean     ox_npz_writer_close (OxNpzWriter *writer, GError **error);   /* frees it in any case */

/* An image as @type asks: NCHW or NHWC with 1 or 3 channels, resized to the declared size, floats in 0..1, integers
 * in 0..255. */
OxTensor  *ox_image_load         (const char *path, const OxType *type, GError **error);
/* Whether a declared input looks like an image. */
gboolean   ox_type_is_image      (const OxType *type);

G_END_DECLS
