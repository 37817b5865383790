/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "core/ox-error.h"
#include "proto/ox-import.h"
#include "proto/ox-rope.h"

/* Files are made here, field by field, so that each can be broken in its own way. */

static OxRope *
named_tensor (const char *name, OxDtype dtype, gint64 n, gconstpointer raw, gsize size)
{
  OxRope *tensor = ox_rope_new ();

  ox_rope_int (tensor, 1, n);
  ox_rope_int (tensor, 2, dtype);
  ox_rope_text (tensor, 8, name);
  if (raw != NULL)
    ox_rope_data (tensor, 9, raw, size);
  return tensor;
}

static OxRope *
named (const char *name)
{
  OxRope *info = ox_rope_new ();

  ox_rope_text (info, 1, name);
  return info;
}

static OxRope *
node_of (const char *op, const char *in, const char *out)
{
  OxRope *node = ox_rope_new ();

  ox_rope_text (node, 1, in);
  ox_rope_text (node, 2, out);
  ox_rope_text (node, 3, op);
  ox_rope_text (node, 4, op);
  return node;
}

/* x -> Neg -> y; what a test adds goes into @graph. */
static GBytes *
model_of (OxRope *graph, OxRope *extra)
{
  OxRope *model = ox_rope_new (), *opset = ox_rope_new ();
  GBytes *bytes;

  ox_rope_int (model, 1, 9);
  ox_rope_text (opset, 1, "");
  ox_rope_int (opset, 2, 17);
  ox_rope_message (model, 8, opset);
  ox_rope_message (model, 7, graph);
  if (extra != NULL)
    {
      g_autoptr (GBytes) fields = ox_rope_to_bytes (extra);

      ox_rope_raw (model, fields);
      ox_rope_free (extra);
    }
  bytes = ox_rope_to_bytes (model);
  ox_rope_free (model);
  return bytes;
}

static OxRope *
simple_graph (void)
{
  OxRope *graph = ox_rope_new ();

  ox_rope_message (graph, 11, named ("x"));
  ox_rope_message (graph, 12, named ("y"));
  ox_rope_message (graph, 1, node_of ("Neg", "x", "y"));
  return graph;
}

static OxModel *
expect_model (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  OxModel *model = ox_import_bytes (bytes, NULL, NULL, &error);

  g_assert_no_error (error);
  return model;
}

static void
expect_refusal (GBytes *bytes, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OxModel) model = ox_import_bytes (bytes, "some/file.onnx", NULL, &error);

  g_assert_null (model);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  if (strstr (error->message, words) == NULL || !g_str_has_prefix (error->message, "some/file.onnx: "))
    g_error ("expected '%s' in: %s", words, error->message);
}

static void
test_simple (void)
{
  OxRope *graph = simple_graph ();
  const float raw[] = { 1, 2, 3 };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (OxModel) model = NULL;
  g_autoptr (OxValue) value = NULL;
  OxSlot *slot;

  ox_rope_message (graph, 5, named_tensor ("w", OX_F32, 3, raw, sizeof raw));
  bytes = model_of (graph, NULL);
  model = expect_model (bytes);
  g_assert_cmpint (model->ir_version, ==, 9);
  g_assert_cmpint (ox_model_opset (model, model->graph, "ai.onnx"), ==, 17);
  g_assert_cmpuint (model->graph->nodes->len, ==, 1);
  slot = ox_graph_slot (model->graph, ox_graph_find (model->graph, "w"));
  /* The elements are the file's own bytes. */
  g_assert_true ((const guint8 *) g_bytes_get_data (slot->initializer->data, NULL)
                 > (const guint8 *) g_bytes_get_data (bytes, NULL));
  g_assert_true ((const guint8 *) g_bytes_get_data (slot->initializer->data, NULL)
                 < (const guint8 *) g_bytes_get_data (bytes, NULL) + g_bytes_get_size (bytes));
  value = ox_initializer_get (slot->initializer, NULL);
  g_assert_cmpfloat (ox_tensor_get (value->tensor, 2), ==, 3);
}

/* float_data in two packed runs and a loose element are one list. */
static void
test_typed_fields (void)
{
  OxRope *graph = simple_graph (), *tensor = named_tensor ("w", OX_F32, 4, NULL, 0);
  OxRope *half = named_tensor ("h", OX_F16, 2, NULL, 0), *text = named_tensor ("s", OX_STR, 2, NULL, 0);
  const float a[] = { 1, 2 }, b[] = { 3 };
  const guint8 bits[] = { 0x80, 0x78, 0x80, 0x80, 0x02 };   /* 0x3c00 = 1.0 and 0x8000 = -0.0 as varints */
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (OxModel) model = NULL;
  g_autoptr (OxValue) w = NULL, h = NULL, s = NULL;

  ox_rope_data (tensor, 4, a, sizeof a);
  ox_rope_data (tensor, 4, b, sizeof b);
  ox_rope_float (tensor, 4, 4);
  ox_rope_data (half, 5, bits, sizeof bits);
  ox_rope_text (text, 6, "one");
  ox_rope_text (text, 6, "");
  ox_rope_message (graph, 5, tensor);
  ox_rope_message (graph, 5, half);
  ox_rope_message (graph, 5, text);
  bytes = model_of (graph, NULL);
  model = expect_model (bytes);
  w = ox_initializer_get (g_ptr_array_index (model->graph->initializers, 0), NULL);
  h = ox_initializer_get (g_ptr_array_index (model->graph->initializers, 1), NULL);
  s = ox_initializer_get (g_ptr_array_index (model->graph->initializers, 2), NULL);
  for (int i = 0; i < 4; i++)
    g_assert_cmpfloat (ox_tensor_get (w->tensor, i), ==, i + 1);
  g_assert_cmpfloat (ox_tensor_get (h->tensor, 0), ==, 1);
  g_assert_cmpfloat (ox_tensor_get (h->tensor, 1), ==, 0);
  g_assert_cmpstr (ox_tensor_get_string (s->tensor, 0), ==, "one");
  g_assert_cmpstr (ox_tensor_get_string (s->tensor, 1), ==, "");
}

static void
test_refusals (void)
{
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) text = g_bytes_new_static ("hello, this is no model", 23);
  g_autoptr (GBytes) good = model_of (simple_graph (), NULL);
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (good, 0, g_bytes_get_size (good) - 5);
  g_autoptr (GBytes) bare = g_bytes_new_static ("\x08\x09", 2);
  g_autoptr (GBytes) undefined = NULL, cyclic = NULL, twice = NULL, overflow = NULL, negative = NULL, nested = NULL;
  OxRope *graph = simple_graph (), *tensor;

  expect_refusal (empty, "the file is empty");
  expect_refusal (text, "ONNX");
  expect_refusal (cut, "cut off or damaged");
  expect_refusal (bare, "it has no graph");

  ox_rope_message (graph, 1, node_of ("Abs", "nowhere", "z"));
  undefined = model_of (graph, NULL);
  expect_refusal (undefined, "main: node 'Abs' (Abs): its input 0 is 'nowhere'");
  graph = simple_graph ();
  ox_rope_message (graph, 1, node_of ("Abs", "b", "a"));
  ox_rope_message (graph, 1, node_of ("Exp", "a", "b"));
  cyclic = model_of (graph, NULL);
  expect_refusal (cyclic, "cycle");
  graph = simple_graph ();
  ox_rope_message (graph, 1, node_of ("Abs", "x", "y"));
  twice = model_of (graph, NULL);
  expect_refusal (twice, "already an output of node 'Neg'");

  graph = simple_graph ();
  tensor = named_tensor ("w", OX_F32, G_MAXINT64 / 2, NULL, 0);
  ox_rope_int (tensor, 1, G_MAXINT64 / 2);
  ox_rope_message (graph, 5, tensor);
  overflow = model_of (graph, NULL);
  expect_refusal (overflow, "main: tensor 'w': its dimensions");
  graph = simple_graph ();
  ox_rope_message (graph, 5, named_tensor ("w", OX_F32, -3, NULL, 0));
  negative = model_of (graph, NULL);
  expect_refusal (negative, "dimension 0 is -3");

  graph = simple_graph ();
  for (int i = 0; i < 100; i++)
    {
      OxRope *attribute = ox_rope_new (), *node = node_of ("If", "x", "r"), *outer = ox_rope_new ();

      ox_rope_text (attribute, 1, "then_branch");
      ox_rope_message (attribute, 6, graph);
      ox_rope_message (node, 5, attribute);
      ox_rope_message (outer, 1, node);
      graph = outer;
    }
  nested = model_of (graph, NULL);
  expect_refusal (nested, "nested too deeply");
}

/* Whatever is cut off a file, the answer is an error or a model. */
static void
test_every_prefix (void)
{
  OxRope *graph = simple_graph ();
  const float raw[] = { 1, 2, 3 };
  g_autoptr (GBytes) good = NULL;
  guint models = 0;

  ox_rope_message (graph, 5, named_tensor ("w", OX_F32, 3, raw, sizeof raw));
  good = model_of (graph, NULL);
  for (gsize n = 0; n < g_bytes_get_size (good); n++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (good, 0, n);
      g_autoptr (OxModel) model = ox_import_bytes (part, NULL, NULL, NULL);

      models += model != NULL;
    }
  g_assert_cmpuint (models, ==, 0);
}

/* Each byte in turn takes odd values; what comes out, if anything, can be used and written. */
static void
test_every_byte (void)
{
  static const guint8 odd[] = { 0x00, 0x7f, 0x80, 0xff };
  OxRope *graph = simple_graph ();
  const float raw[] = { 1, 2, 3 };
  g_autoptr (GBytes) good = NULL;
  gsize size;
  const guint8 *data;
  guint refused = 0;

  ox_rope_message (graph, 5, named_tensor ("w", OX_F32, 3, raw, sizeof raw));
  good = model_of (graph, NULL);
  data = g_bytes_get_data (good, &size);
  for (gsize n = 0; n < size; n++)
    for (guint o = 0; o < G_N_ELEMENTS (odd); o++)
      {
        guint8 *copy = g_memdup2 (data, size);
        g_autoptr (GBytes) bytes = NULL;
        g_autoptr (OxModel) model = NULL;

        copy[n] = odd[o];
        bytes = g_bytes_new_take (copy, size);
        model = ox_import_bytes (bytes, NULL, NULL, NULL);
        refused += model == NULL;
        for (guint i = 0; model != NULL && i < model->graph->initializers->len; i++)
          {
            OxValue *value = ox_initializer_get (g_ptr_array_index (model->graph->initializers, i), NULL);

            if (value != NULL)
              ox_value_unref (value);
          }
      }
  g_assert_cmpuint (refused, >, 0);
}

static char *
temp_dir (void)
{
  g_autoptr (GError) error = NULL;
  char *dir = g_dir_make_tmp ("ox-import-XXXXXX", &error);

  g_assert_no_error (error);
  return dir;
}

static void
remove_dir (const char *dir)
{
  g_autoptr (GDir) d = g_dir_open (dir, 0, NULL);
  const char *name;

  while (d != NULL && (name = g_dir_read_name (d)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        remove_dir (path);
      else
        g_unlink (path);
    }
  g_rmdir (dir);
}

static GBytes *
external_model (const char *location, const char *offset, const char *length)
{
  OxRope *graph = simple_graph (), *tensor = named_tensor ("w", OX_F32, 2, NULL, 0);
  const char *pairs[][2] = { { "location", location }, { "offset", offset }, { "length", length } };

  for (int i = 0; i < 3; i++)
    if (pairs[i][1] != NULL)
      {
        OxRope *entry = ox_rope_new ();

        ox_rope_text (entry, 1, pairs[i][0]);
        ox_rope_text (entry, 2, pairs[i][1]);
        ox_rope_message (tensor, 13, entry);
      }
  ox_rope_int (tensor, 14, 1);
  ox_rope_message (graph, 5, tensor);
  return model_of (graph, NULL);
}

static OxModel *
save_and_open (const char *dir, GBytes *bytes, const OxImportOptions *options, GError **error)
{
  g_autofree char *path = g_build_filename (dir, "m.onnx", NULL);

  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), NULL));
  return ox_import_file (path, options, NULL, error);
}

static void
test_external (void)
{
  g_autofree char *dir = temp_dir (), *data = g_build_filename (dir, "w.bin", NULL);
  g_autofree char *link = g_build_filename (dir, "link.bin", NULL);
  const float raw[] = { 5, 6, 7, 8 };
  OxImportOptions links = { .allow_links = TRUE };
  const struct
  {
    const char *location, *offset, *length;
    const char *refused;   /* the model does not open */
    const char *missing;   /* it opens, the tensor has no data */
  } cases[] = {
    { "w.bin", "8", "8", NULL, NULL },
    { "./w.bin", "0", NULL, NULL, NULL },
    { "w.bin", "12", "8", NULL, "has 16 bytes" },
    { "w.bin", "99999999999", "8", NULL, "has 16 bytes" },
    { "none.bin", NULL, NULL, NULL, "cannot be opened" },
    { "link.bin", NULL, NULL, NULL, "symbolic link" },
    { "../w.bin", NULL, NULL, "outside the model's folder", NULL },
    { "/etc/passwd", NULL, NULL, "outside the model's folder", NULL },
    { "a/../../w.bin", NULL, NULL, "outside the model's folder", NULL },
    { "w.bin", "-1", NULL, "as offset", NULL },
    { "w.bin", "99999999999999999999999", NULL, "as offset", NULL },
    { NULL, NULL, NULL, "no location", NULL },
  };

  g_assert_true (g_file_set_contents (data, (const char *) raw, sizeof raw, NULL));
  g_assert_cmpint (symlink ("w.bin", link), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = external_model (cases[i].location, cases[i].offset, cases[i].length);
      g_autoptr (GError) error = NULL;
      g_autoptr (OxModel) model = save_and_open (dir, bytes, NULL, &error);
      g_autoptr (OxValue) value = NULL;

      if (cases[i].refused != NULL)
        {
          g_assert_null (model);
          g_test_message ("%s", error->message);
          g_assert_nonnull (strstr (error->message, cases[i].refused));
          g_assert_nonnull (strstr (error->message, "tensor 'w'"));
          continue;
        }
      g_assert_no_error (error);
      value = ox_initializer_get (g_ptr_array_index (model->graph->initializers, 0), &error);
      if (cases[i].missing != NULL)
        {
          g_assert_error (error, OX_ERROR, OX_ERROR_FILE);
          g_test_message ("%s", error->message);
          g_assert_nonnull (strstr (error->message, cases[i].missing));
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpfloat (ox_tensor_get (value->tensor, 0), ==, i == 0 ? 7 : 5);
    }
  {
    g_autoptr (GBytes) bytes = external_model ("link.bin", NULL, NULL);
    g_autoptr (OxModel) model = save_and_open (dir, bytes, &links, NULL);
    g_autoptr (OxValue) value = ox_initializer_get (g_ptr_array_index (model->graph->initializers, 0), NULL);

    g_assert_nonnull (value);
  }
  {
    /* A missing file is a warning that names the file and the tensor. */
    g_autoptr (GBytes) bytes = external_model ("none.bin", NULL, NULL);
    g_autoptr (OxModel) model = save_and_open (dir, bytes, NULL, NULL);

    g_assert_cmpuint (model->warnings->len, ==, 1);
    g_assert_nonnull (strstr (g_ptr_array_index (model->warnings, 0), "'none.bin'"));
    g_assert_nonnull (strstr (g_ptr_array_index (model->warnings, 0), "'w'"));
  }
  {
    /* A folder with one model is that model; with two it is not. */
    g_autofree char *second = g_build_filename (dir, "n.onnx", NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (OxModel) model = ox_import_file (dir, NULL, NULL, &error);

    g_assert_no_error (error);
    g_assert_nonnull (model);
    g_assert_true (g_file_set_contents (second, "x", 1, NULL));
    g_assert_null (ox_import_file (dir, NULL, NULL, &error));
    g_assert_nonnull (strstr (error->message, "found 2"));
  }
  remove_dir (dir);
}

static gboolean
contains (GBytes *bytes, const char *needle, gsize n)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  return memmem (data, size, needle, n) != NULL;
}

/* Fields this program has never heard of, on every level, and fields it only keeps. */
static void
test_unknown (void)
{
  g_autofree char *dir = temp_dir (), *path = g_build_filename (dir, "out.onnx", NULL);
  OxRope *graph = simple_graph (), *node = node_of ("Exp", "x", "z"), *extra = ox_rope_new ();
  OxRope *tensor = named_tensor ("w", OX_U8, 2, "ab", 2), *device = ox_rope_new (), *training = ox_rope_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (OxModel) model = NULL, again = NULL;
  g_autoptr (GMappedFile) map = NULL;
  g_autoptr (GBytes) saved = NULL;
  g_autoptr (GError) error = NULL;
  static const char *const marks[] = { "on-the-model", "on-the-graph", "on-the-node", "on-the-tensor", "a-device", "a-training" };

  ox_rope_text (node, 777, "on-the-node");
  ox_rope_text (device, 1, "a-device");
  ox_rope_message (node, 10, device);
  ox_rope_message (graph, 1, node);
  ox_rope_text (tensor, 4711, "on-the-tensor");
  ox_rope_message (graph, 5, tensor);
  ox_rope_text (graph, 888, "on-the-graph");
  ox_rope_text (extra, 999, "on-the-model");
  ox_rope_text (training, 1, "");
  ox_rope_text (training, 99, "a-training");
  ox_rope_message (extra, 20, training);
  bytes = model_of (graph, extra);
  model = expect_model (bytes);
  g_assert_true (ox_export_file (model, path, &error));
  g_assert_no_error (error);
  map = g_mapped_file_new (path, FALSE, NULL);
  saved = g_mapped_file_get_bytes (map);
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (!contains (saved, marks[i], strlen (marks[i])))
      g_error ("'%s' was lost", marks[i]);
  again = ox_import_file (path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->graph->nodes->len, ==, 2);
  remove_dir (dir);
}

static void
test_values (void)
{
  g_autoptr (OxTensor) keys = ox_tensor_new_strings ((const char *const[]) { "a", "b" }, 2);
  GPtrArray *items = ox_value_array_new (), *inner = ox_value_array_new ();
  g_autoptr (OxValue) sequence = NULL, map = NULL, optional = NULL, nothing = NULL;
  OxValue *list[4];
  OxTypeKind kinds[4] = { OX_TYPE_SEQUENCE, OX_TYPE_MAP, OX_TYPE_OPTIONAL, OX_TYPE_OPTIONAL };

  g_ptr_array_add (inner, ox_value_new_tensor (ox_tensor_new_scalar (OX_F64, 2.5)));
  g_ptr_array_add (inner, ox_value_new_tensor (ox_tensor_ref (keys)));
  g_ptr_array_add (items, ox_value_new_sequence (OX_F64, inner));
  sequence = list[0] = ox_value_new_sequence (OX_F64, items);
  items = ox_value_array_new ();
  g_ptr_array_add (items, ox_value_new_tensor (ox_tensor_new_scalar (OX_I4, -3)));
  g_ptr_array_add (items, ox_value_new_tensor (ox_tensor_new_scalar (OX_BF16, 0.5)));
  map = list[1] = ox_value_new_map (ox_tensor_ref (keys), items);
  optional = list[2] = ox_value_new_optional (OX_F32, ox_value_ref (sequence));
  nothing = list[3] = ox_value_new_optional (OX_F32, NULL);
  for (int i = 0; i < 4; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OxType) type = ox_type_new (kinds[i], OX_UNDEFINED);
      g_autoptr (GBytes) bytes = ox_export_value (list[i], "v", &error);
      g_autofree char *name = NULL, *before = NULL, *after = NULL;
      g_autoptr (OxValue) back = NULL;

      g_assert_no_error (error);
      back = ox_import_value (bytes, type, &name, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (name, ==, "v");
      before = ox_value_describe (list[i]);
      after = ox_value_describe (back);
      g_assert_cmpstr (before, ==, after);
    }
  {
    g_autoptr (OxType) type = ox_type_new (OX_TYPE_MAP, OX_UNDEFINED);
    g_autoptr (GBytes) bytes = ox_export_value (map, NULL, NULL);
    g_autoptr (OxValue) back = ox_import_value (bytes, type, NULL, NULL);
    g_autoptr (OxTensor) first = ox_tensor_usable (ox_value_get_item (back, 0)->tensor, NULL);

    g_assert_cmpfloat (ox_tensor_get (first, 0), ==, -3);
    g_assert_cmpstr (ox_tensor_get_string (back->keys, 1), ==, "b");
  }
}

/* Every real model there is opens; saved and opened again it is the same. */
static void
test_real (void)
{
  const char *shared = g_getenv ("OX_SHARED_DATA");
  g_autofree char *models = shared != NULL ? g_build_filename (shared, "models", NULL) : NULL;
  g_autofree char *dir = NULL;
  g_autoptr (GDir) d = models != NULL ? g_dir_open (models, 0, NULL) : NULL;
  const char *name;
  guint n = 0;

  if (d == NULL)
    {
      g_test_skip ("there is no collection of models here");
      return;
    }
  dir = temp_dir ();
  while ((name = g_dir_read_name (d)) != NULL)
    {
      g_autofree char *path = g_build_filename (models, name, "model.onnx", NULL);
      g_autofree char *folder = g_path_get_dirname (path), *out = g_build_filename (dir, "out.onnx", NULL);
      OxImportOptions options = { .data_dir = folder };
      g_autoptr (GError) error = NULL;
      g_autoptr (OxModel) model = NULL, again = NULL;
      g_auto (OxModelCounts) a = { 0 }, b = { 0 };

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        continue;
      model = ox_import_file (path, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (ox_export_file (model, out, &error));
      again = ox_import_file (out, &options, NULL, &error);
      g_assert_no_error (error);
      ox_model_count (model, &a);
      ox_model_count (again, &b);
      g_assert_cmpuint (a.nodes_total, ==, b.nodes_total);
      g_assert_cmpuint (a.parameters, ==, b.parameters);
      g_assert_cmpuint (a.bytes, ==, b.bytes);
      n++;
    }
  g_test_message ("%u models", n);
  remove_dir (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import/simple", test_simple);
  g_test_add_func ("/import/typed-fields", test_typed_fields);
  g_test_add_func ("/import/refusals", test_refusals);
  g_test_add_func ("/import/every-prefix", test_every_prefix);
  g_test_add_func ("/import/every-byte", test_every_byte);
  g_test_add_func ("/import/external", test_external);
  g_test_add_func ("/import/unknown", test_unknown);
  g_test_add_func ("/import/values", test_values);
  g_test_add_func ("/import/real", test_real);
  return g_test_run ();
}
