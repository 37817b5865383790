/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-runtime.h"

#include <dlfcn.h>
#include <glob.h>
#include <string.h>

#include "core/ox-error.h"

/* The places of functions in the table that the library gives out. It only ever grows at its end. */
enum
{
  GET_ERROR_MESSAGE = 2,
  CREATE_ENV = 3,
  CREATE_SESSION_FROM_ARRAY = 8,
  RUN = 9,
  CREATE_SESSION_OPTIONS = 10,
  SET_LOG_SEVERITY = 22,
  SET_OPTIMIZATION = 23,
  SET_THREADS = 24,
  CREATE_TENSOR = 48,
  CREATE_TENSOR_WITH_DATA = 49,
  GET_DATA = 51,
  FILL_STRINGS = 52,
  GET_STRINGS_LENGTH = 53,
  GET_STRINGS = 54,
  GET_ELEMENT_TYPE = 60,
  GET_DIMENSIONS_COUNT = 61,
  GET_DIMENSIONS = 62,
  GET_TYPE_AND_SHAPE = 65,
  GET_VALUE_TYPE = 67,
  CREATE_CPU_MEMORY = 69,
  GET_ALLOCATOR = 78,
  GET_VALUE = 80,
  GET_VALUE_COUNT = 81,
  RELEASE_ENV = 92,
  RELEASE_STATUS = 93,
  RELEASE_MEMORY = 94,
  RELEASE_SESSION = 95,
  RELEASE_VALUE = 96,
  RELEASE_TYPE_AND_SHAPE = 99,
  RELEASE_SESSION_OPTIONS = 100,
  ADD_CONFIG_ENTRY = 130,
};

/* The version of the interface that has all of these. */
#define VERSION 8

typedef struct
{
  const void *(*get_api) (guint32 version);
  const char *(*get_version) (void);
} Base;

typedef void *Thing;      /* whatever the library owns */
typedef Thing Status;     /* NULL: good */
typedef void (*Function) (void);

typedef enum
{
  KIND_TENSOR = 1,
  KIND_SEQUENCE = 2,
  KIND_MAP = 3,
} Kind;

struct _OxRuntime
{
  void           *handle;
  char           *library;
  const Base     *base;
  const Function *api;
  Thing           env, options, session, memory, allocator;
};

/* CALL (self, RUN, (Thing, …), session, …): the function of that place with these types. */
#define CALL(self, place, types, ...) (((Status (*) types) (self)->api[place]) (__VA_ARGS__))
#define RELEASE(self, place, thing) (((void (*) (Thing)) (self)->api[place]) (thing))

static gboolean
check (OxRuntime *self, Status status, GError **error)
{
  const char *(*message) (Status) = (const char *(*) (Status)) self->api[GET_ERROR_MESSAGE];

  if (status == NULL)
    return TRUE;
  ox_fail (error, OX_ERROR_UNSUPPORTED, "ONNX Runtime: %s", message (status));
  RELEASE (self, RELEASE_STATUS, status);
  return FALSE;
}

/* ---- the library ----------------------------------------------------------------------------------------------- */

/* Where packages of distributions, Python and Node put it. */
static const char *const places[] = {
  "/usr/lib/*/libonnxruntime.so*",
  "/usr/lib*/libonnxruntime.so*",
  "/usr/local/lib*/libonnxruntime.so*",
  "/opt/onnxruntime*/lib/libonnxruntime.so*",
  ("node_modules/onnxruntime-node/bin/napi-v*/linux/" OX_NODE_ARCH "/libonnxruntime.so*"),
};

static void *
open_library (const char *name, char **library)
{
  void *handle = dlopen (name, RTLD_NOW | RTLD_LOCAL);

  if (handle != NULL && dlsym (handle, "OrtGetApiBase") == NULL)
    {
      dlclose (handle);
      return NULL;
    }
  if (handle != NULL)
    *library = g_strdup (name);
  return handle;
}

static void *
find_library (char **library)
{
  static const char *const names[] = { "libonnxruntime.so", "libonnxruntime.so.1" };
  void *handle = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names) && handle == NULL; i++)
    handle = open_library (names[i], library);
  for (guint i = 0; i < G_N_ELEMENTS (places) && handle == NULL; i++)
    {
      glob_t found;

      if (glob (places[i], 0, NULL, &found) == 0)
        {
          for (gsize k = 0; k < found.gl_pathc && handle == NULL; k++)
            handle = open_library (found.gl_pathv[k], library);
          globfree (&found);
        }
    }
  return handle;
}

OxRuntime *
ox_runtime_open (const char *library, GError **error)
{
  g_autoptr (OxRuntime) self = g_new0 (OxRuntime, 1);
  const Base *(*get_base) (void);

  if (library == NULL)
    library = g_getenv ("ONNXSCOPE_ONNXRUNTIME");
  if (library != NULL && library[0] != '\0')
    {
      self->handle = open_library (library, &self->library);
      if (self->handle == NULL)
        {
          const char *reason = dlerror ();

          ox_fail (error, OX_ERROR_FILE, "%s: not a library of ONNX Runtime%s%s", library, reason != NULL ? ": " : "",
                   reason != NULL ? reason : "");
          return NULL;
        }
    }
  else if ((self->handle = find_library (&self->library)) == NULL)
    {
      ox_fail (error, OX_ERROR_FILE,
               "ONNX Runtime is not here: no libonnxruntime.so where libraries are, in /opt/onnxruntime* or in node_modules;"
               " --onnxruntime FILE or ONNXSCOPE_ONNXRUNTIME names it");
      return NULL;
    }
  get_base = (const Base *(*) (void)) dlsym (self->handle, "OrtGetApiBase");
  self->base = get_base ();
  self->api = self->base->get_api (VERSION);
  if (self->api == NULL)
    {
      ox_fail (error, OX_ERROR_FILE, "%s: version %s of ONNX Runtime is too old", self->library, self->base->get_version ());
      return NULL;
    }
  /* 3: errors only; 0, 0: any device's allocator, default memory. */
  if (!check (self, CALL (self, CREATE_ENV, (int, const char *, Thing *), 3, "onnxscope", &self->env), error)
      || !check (self, CALL (self, CREATE_CPU_MEMORY, (int, int, Thing *), 0, 0, &self->memory), error)
      || !check (self, CALL (self, GET_ALLOCATOR, (Thing *), &self->allocator), error))
    return NULL;
  return g_steal_pointer (&self);
}

/* The library stays: its threads may still be on their way out. */
void
ox_runtime_close (OxRuntime *self)
{
  if (self->session != NULL)
    RELEASE (self, RELEASE_SESSION, self->session);
  if (self->options != NULL)
    RELEASE (self, RELEASE_SESSION_OPTIONS, self->options);
  if (self->memory != NULL)
    RELEASE (self, RELEASE_MEMORY, self->memory);
  if (self->env != NULL)
    RELEASE (self, RELEASE_ENV, self->env);
  g_free (self->library);
  g_free (self);
}

const char *
ox_runtime_version (OxRuntime *self)
{
  return self->base->get_version ();
}

const char *
ox_runtime_library (OxRuntime *self)
{
  return self->library;
}

gboolean
ox_runtime_load (OxRuntime *self, GBytes *model, const char *folder, int threads, GError **error)
{
  gsize size;
  const void *data = g_bytes_get_data (model, &size);

  /* No optimisation: every node as it is written. */
  return check (self, CALL (self, CREATE_SESSION_OPTIONS, (Thing *), &self->options), error)
         && check (self, CALL (self, SET_OPTIMIZATION, (Thing, int), self->options, 0), error)
         && check (self, CALL (self, SET_THREADS, (Thing, int), self->options, threads), error)
         && check (self, CALL (self, SET_LOG_SEVERITY, (Thing, int), self->options, 3), error)
         && (folder == NULL
             || check (self, CALL (self, ADD_CONFIG_ENTRY, (Thing, const char *, const char *), self->options,
                                   "session.model_external_initializers_file_folder_path", folder), error))
         && check (self, CALL (self, CREATE_SESSION_FROM_ARRAY, (Thing, const void *, gsize, Thing, Thing *), self->env, data,
                               size, self->options, &self->session), error);
}

/* ---- values in ------------------------------------------------------------------------------------------------- */

static Thing
give_strings (OxRuntime *self, OxTensor *tensor, GError **error)
{
  g_autofree const char **texts = g_new0 (const char *, tensor->count + 1);
  Thing value = NULL;

  for (gint64 i = 0; i < tensor->count; i++)
    texts[i] = ox_tensor_get_string (tensor, i);
  if (!check (self, CALL (self, CREATE_TENSOR, (Thing, const gint64 *, gsize, int, Thing *), self->allocator, tensor->dims,
                          (gsize) tensor->rank, OX_STR, &value), error)
      || check (self, CALL (self, FILL_STRINGS, (Thing, const char *const *, gsize), value, texts, (gsize) tensor->count), error))
    return value;
  RELEASE (self, RELEASE_VALUE, value);
  return NULL;
}

/* @keep takes what must live as long as the value. */
static Thing
give (OxRuntime *self, const OxValue *value, GPtrArray *keep, GError **error)
{
  OxTensor *tensor = ox_value_get_tensor (value);
  GBytes *bytes;
  Thing thing = NULL;
  gsize size;
  gpointer data;

  if (tensor == NULL)
    {
      g_autofree char *what = ox_value_describe (value);

      ox_fail (error, OX_ERROR_UNSUPPORTED, "%s cannot be given to ONNX Runtime", what);
      return NULL;
    }
  if (tensor->dtype == OX_STR)
    return give_strings (self, tensor, error);
  bytes = ox_tensor_pack (tensor, error);
  if (bytes == NULL)
    return NULL;
  g_ptr_array_add (keep, bytes);
  data = (gpointer) g_bytes_get_data (bytes, &size);
  /* An empty tensor still wants an address. */
  check (self, CALL (self, CREATE_TENSOR_WITH_DATA, (Thing, void *, gsize, const gint64 *, gsize, int, Thing *), self->memory,
                     data != NULL ? data : (gpointer) "", size, tensor->dims, (gsize) tensor->rank, tensor->dtype, &thing),
         error);
  return thing;
}

/* ---- values out ------------------------------------------------------------------------------------------------ */

static gboolean
take_strings (OxRuntime *self, Thing value, OxTensor *tensor, GError **error)
{
  g_autofree char *text = NULL;
  g_autofree gsize *starts = g_new0 (gsize, tensor->count + 1);
  gsize length;

  if (tensor->count == 0)
    return TRUE;
  if (!check (self, CALL (self, GET_STRINGS_LENGTH, (Thing, gsize *), value, &length), error))
    return FALSE;
  text = g_malloc (length + 1);
  if (!check (self, CALL (self, GET_STRINGS, (Thing, void *, gsize, gsize *, gsize), value, text, length, starts,
                          (gsize) tensor->count), error))
    return FALSE;
  starts[tensor->count] = length;
  for (gint64 i = 0; i < tensor->count; i++)
    ox_tensor_set_string (tensor, i, text + starts[i], (gssize) (starts[i + 1] - starts[i]));
  return TRUE;
}

static OxTensor *
take_elements (OxRuntime *self, Thing value, OxDtype dtype, int rank, const gint64 *dims, GError **error)
{
  g_autoptr (OxTensor) tensor = NULL, packed = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gpointer data = NULL;

  tensor = ox_tensor_new (dtype, rank, dims, error);
  if (tensor == NULL)
    return NULL;
  if (dtype == OX_STR)
    return take_strings (self, value, tensor, error) ? g_steal_pointer (&tensor) : NULL;
  if (tensor->count == 0)
    return g_steal_pointer (&tensor);
  if (!check (self, CALL (self, GET_DATA, (Thing, void **), value, &data), error))
    return NULL;
  if (!ox_dtype_is_packed (dtype))
    {
      memcpy (tensor->data, data, (gsize) tensor->count * ox_dtype_size (dtype));
      return g_steal_pointer (&tensor);
    }
  bytes = g_bytes_new (data, ((gsize) tensor->count * (gsize) ox_dtype_bits (dtype) + 7) / 8);
  packed = ox_tensor_new_for_bytes (dtype, rank, dims, bytes, 0, error);
  return packed != NULL ? ox_tensor_usable (packed, error) : NULL;
}

static OxTensor *
take_tensor (OxRuntime *self, Thing value, GError **error)
{
  gint64 dims[OX_MAX_RANK];
  OxTensor *tensor = NULL;
  Thing info = NULL;
  int type = 0;
  gsize rank = 0;

  if (!check (self, CALL (self, GET_TYPE_AND_SHAPE, (Thing, Thing *), value, &info), error))
    return NULL;
  if (check (self, CALL (self, GET_ELEMENT_TYPE, (Thing, int *), info, &type), error)
      && check (self, CALL (self, GET_DIMENSIONS_COUNT, (Thing, gsize *), info, &rank), error))
    {
      if (!ox_dtype_is_valid (type) || rank > OX_MAX_RANK)
        ox_fail (error, OX_ERROR_UNSUPPORTED, "ONNX Runtime gives a tensor of type %d and rank %" G_GSIZE_FORMAT, type, rank);
      else if (check (self, CALL (self, GET_DIMENSIONS, (Thing, gint64 *, gsize), info, dims, rank), error))
        tensor = take_elements (self, value, (OxDtype) type, (int) rank, dims, error);
    }
  RELEASE (self, RELEASE_TYPE_AND_SHAPE, info);
  return tensor;
}

static OxValue *take (OxRuntime *self, Thing value, GError **error);

/* A map is two tensors: keys and values. */
static OxValue *
make_map (OxValue *keys, OxValue *values)
{
  OxTensor *numbers = ox_value_get_tensor (values);
  GPtrArray *items = ox_value_array_new ();

  for (gint64 i = 0; i < numbers->count; i++)
    g_ptr_array_add (items, ox_value_new_tensor (ox_tensor_new_view (numbers, 0, NULL, NULL, ox_tensor_element (numbers, i))));
  return ox_value_new_map (ox_tensor_ref (ox_value_get_tensor (keys)), items);
}

static OxValue *
take_items (OxRuntime *self, Thing value, gboolean map, GError **error)
{
  g_autoptr (GPtrArray) items = ox_value_array_new ();
  OxDtype dtype;
  gsize n = 0;

  if (!check (self, CALL (self, GET_VALUE_COUNT, (Thing, gsize *), value, &n), error))
    return NULL;
  for (gsize i = 0; i < n; i++)
    {
      Thing item = NULL;
      OxValue *one;

      if (!check (self, CALL (self, GET_VALUE, (Thing, int, Thing, Thing *), value, (int) i, self->allocator, &item), error))
        return NULL;
      one = take (self, item, error);
      RELEASE (self, RELEASE_VALUE, item);
      if (one == NULL)
        return NULL;
      g_ptr_array_add (items, one);
    }
  if (map && items->len == 2 && ox_value_get_tensor (items->pdata[0]) != NULL && ox_value_get_tensor (items->pdata[1]) != NULL)
    return make_map (items->pdata[0], items->pdata[1]);
  dtype = items->len > 0 ? ((OxValue *) items->pdata[0])->dtype : OX_UNDEFINED;
  return ox_value_new_sequence (dtype, g_steal_pointer (&items));
}

/* Sequences of maps are as deep as it goes. */
static OxValue *
take (OxRuntime *self, Thing value, GError **error)
{
  OxTensor *tensor;
  int kind = 0;

  if (!check (self, CALL (self, GET_VALUE_TYPE, (Thing, int *), value, &kind), error))
    return NULL;
  if (kind == KIND_SEQUENCE || kind == KIND_MAP)
    return take_items (self, value, kind == KIND_MAP, error);
  if (kind != KIND_TENSOR)
    {
      ox_fail (error, OX_ERROR_UNSUPPORTED, "ONNX Runtime gives a value of kind %d", kind);
      return NULL;
    }
  tensor = take_tensor (self, value, error);
  return tensor != NULL ? ox_value_new_tensor (tensor) : NULL;
}

/* ---- runs ------------------------------------------------------------------------------------------------------ */

GPtrArray *
ox_runtime_run (OxRuntime *self, GHashTable *inputs, const char *const *outputs, guint n, GError **error)
{
  guint n_in = g_hash_table_size (inputs), given = 0;
  g_autofree const char **names = g_new0 (const char *, n_in + 1);
  g_autofree Thing *in = g_new0 (Thing, n_in + 1), *out = g_new0 (Thing, n + 1);
  g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) values = ox_value_array_new ();
  GHashTableIter iter;
  gpointer name, value;
  gboolean ok = TRUE;

  g_hash_table_iter_init (&iter, inputs);
  while (ok && g_hash_table_iter_next (&iter, &name, &value))
    {
      names[given] = name;
      in[given] = give (self, value, keep, error);
      ok = in[given] != NULL;
      given += ok;
    }
  ok = ok
       && check (self, CALL (self, RUN, (Thing, Thing, const char *const *, Thing *, gsize, const char *const *, gsize, Thing *),
                             self->session, NULL, names, in, given, outputs, n, out), error);
  for (guint i = 0; i < n; i++)
    {
      OxValue *one = ok && out[i] != NULL ? take (self, out[i], error) : NULL;

      if (out[i] != NULL)
        RELEASE (self, RELEASE_VALUE, out[i]);
      if (ok && one == NULL && (error == NULL || *error == NULL))
        ox_fail (error, OX_ERROR_UNSUPPORTED, "ONNX Runtime gives nothing for '%s'", outputs[i]);
      ok = ok && one != NULL;
      if (one != NULL)
        g_ptr_array_add (values, one);
    }
  for (guint i = 0; i < given; i++)
    RELEASE (self, RELEASE_VALUE, in[i]);
  return ok ? g_steal_pointer (&values) : NULL;
}
