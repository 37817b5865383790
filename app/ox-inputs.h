/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "session/ox-feeds.h"

G_BEGIN_DECLS

/* What the inputs of a model are fed with, before any of it is read or made: one choice an input, and numbers for the
 * symbolic dimensions. Plain data, so that a dialog can change a copy and a worker can make the values of another. */
typedef struct _OxInputs OxInputs;

typedef enum
{
  OX_INPUT_FILL,      /* made from the type */
  OX_INPUT_FILE,      /* .npy, .npz, .oxtrace, .pb, .csv or an image */
  OX_INPUT_DEFAULT,   /* the model's own default */
} OxInputKind;

typedef struct
{
  OxInputKind kind;
  OxFill      fill;
  char       *path;     /* FILE */
} OxInputChoice;

/* Every input with a default keeps it, the others are filled with random numbers of seed 0. */
OxInputs   *ox_inputs_new          (OxModel *model);
OxInputs   *ox_inputs_copy         (const OxInputs *inputs);
void        ox_inputs_free         (OxInputs *inputs);

guint       ox_inputs_length       (const OxInputs *inputs);
const OxSlot *ox_inputs_slot       (const OxInputs *inputs, guint i);
const OxInputChoice *ox_inputs_get (const OxInputs *inputs, guint i);
void        ox_inputs_set_fill     (OxInputs *inputs, guint i, OxFill fill);
void        ox_inputs_set_default  (OxInputs *inputs, guint i);
void        ox_inputs_set_file     (OxInputs *inputs, guint i, const char *path);
/* "input_0.pb", ... of a folder go to the inputs in order, or "NAME.npy"/"NAME.pb" to the input of that name. Returns how
 * many were found; with none @error is set. */
guint       ox_inputs_set_folder   (OxInputs *inputs, const char *folder, GError **error);

guint64     ox_inputs_get_seed     (const OxInputs *inputs);
void        ox_inputs_set_seed     (OxInputs *inputs, guint64 seed);
/* The names of dimensions that are not numbers, in order of appearance; NULL beyond the last. */
const char *ox_inputs_symbol       (const OxInputs *inputs, guint i);
gint64      ox_inputs_get_symbol   (const OxInputs *inputs, const char *name);
void        ox_inputs_set_symbol   (OxInputs *inputs, const char *name, gint64 value);

/* (transfer full) name -> OxValue for every input that does not keep its default. Reads files; not for the main thread. The
 * error names the input. */
GHashTable *ox_inputs_make         (const OxInputs *inputs, GError **error);
/* One value of a file as @slot wants it, by the file's ending. (transfer full) */
OxValue    *ox_inputs_read         (const OxSlot *slot, const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OxInputs, ox_inputs_free)

G_END_DECLS
