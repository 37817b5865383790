/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-profile.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>

#include "models.h"

static char *folder;

static JsonArray *
profile (OxModel *model, guint64 *nodes, gboolean fails)
{
  const double seven = 7;
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  g_autofree char *path = g_build_filename (folder, "profile.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_auto (OxProfileSummary) summary = { 0 };
  g_autoptr (GError) error = NULL;

  give_list (session, "x", 1, &seven);
  g_assert_true (ox_profile_run (session, path, NULL, NULL, &summary, NULL, &error) == !fails);
  if (fails)
    g_assert_error (error, OX_ERROR, OX_ERROR_VALUE);
  g_clear_error (&error);
  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  *nodes = summary.nodes;
  return json_array_ref (json_node_get_array (json_parser_get_root (parser)));
}

static const char *
text_of (JsonObject *event, const char *member)
{
  return json_object_get_string_member (event, member);
}

static gint64
end_of (JsonObject *event)
{
  return json_object_get_int_member (event, "ts") + json_object_get_int_member (event, "dur");
}

/* The only event of that name that lies in @frame, or any when it is NULL. */
static JsonObject *
find (JsonArray *events, const char *name, const char *frame)
{
  JsonObject *found = NULL;

  for (guint i = 0; i < json_array_get_length (events); i++)
    {
      JsonObject *event = json_array_get_object_element (events, i);
      JsonObject *args = json_object_get_object_member (event, "args");

      if (!g_str_equal (text_of (event, "name"), name) || (frame != NULL && !g_str_equal (text_of (args, "frame"), frame)))
        continue;
      g_assert_null (found);
      found = event;
    }
  g_assert_nonnull (found);
  return found;
}

static void
assert_inside (JsonObject *inner, JsonObject *outer)
{
  g_assert_cmpint (json_object_get_int_member (inner, "ts"), >=, json_object_get_int_member (outer, "ts"));
  g_assert_cmpint (end_of (inner), <=, end_of (outer));
}

/* "float 1x3, int64": types and shapes in a list of arguments. */
static void
assert_types (JsonObject *event, const char *member, const char *expected)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autofree char *text = NULL;

  json_generator_set_root (generator, json_object_get_member (json_object_get_object_member (event, "args"), member));
  text = json_generator_to_data (generator, NULL);
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_sizes (JsonObject *event, const char *activations, const char *parameters, const char *output)
{
  JsonObject *args = json_object_get_object_member (event, "args");

  g_assert_cmpstr (text_of (args, "activation_size"), ==, activations);
  g_assert_cmpstr (text_of (args, "parameter_size"), ==, parameters);
  g_assert_cmpstr (text_of (args, "output_size"), ==, output);
}

/* main: Loop, Concat; three iterations of Gather, If with one Concat, Size: 2 + 3 * 4 nodes, 3 + 3 frames, and the run. */
static void
test_nested (void)
{
  g_autoptr (OxModel) model = nested_model ();
  guint64 nodes;
  g_autoptr (JsonArray) events = profile (model, &nodes, FALSE);
  JsonObject *run = find (events, "model_run", NULL), *loop = find (events, "loop_kernel_time", NULL);
  JsonObject *join = find (events, "join_kernel_time", "main"), *args;

  g_assert_cmpuint (nodes, ==, 14);
  g_assert_cmpuint (json_array_get_length (events), ==, 14 + 6 + 1);
  for (guint i = 0; i < json_array_get_length (events); i++)
    {
      JsonObject *event = json_array_get_object_element (events, i);

      g_assert_cmpstr (text_of (event, "ph"), ==, "X");
      g_assert_cmpint (json_object_get_int_member (event, "dur"), >=, 0);
      assert_inside (event, run);
    }
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *label = g_strdup_printf ("Loop 'loop' iteration %d", i);
      JsonObject *frame = find (events, label, NULL), *pick = find (events, "pick_kernel_time", label);

      assert_inside (frame, loop);
      assert_inside (pick, frame);
      assert_inside (find (events, "size_kernel_time", label), frame);
      if (i == 1)
        assert_inside (find (events, "twice_kernel_time", "If then_branch"), pick);
    }
  /* In the second iteration s, of 2 elements, is doubled. */
  assert_types (find (events, "twice_kernel_time", NULL), "input_type_shape", "[{\"int64\":[2]},{\"int64\":[2]}]");
  assert_types (find (events, "twice_kernel_time", NULL), "output_type_shape", "[{\"int64\":[4]}]");
  /* What is left out is not listed: trips and x; s has 5 elements in the end, n 3. */
  assert_types (loop, "input_type_shape", "[{\"int64\":[]},{\"int64\":[1]}]");
  assert_types (loop, "output_type_shape", "[{\"int64\":[5]},{\"int64\":[3]}]");
  assert_sizes (loop, "8", "8", "64");
  assert_sizes (join, "64", "0", "64");
  assert_sizes (find (events, "flag_kernel_time", "Loop 'loop' iteration 2"), "8", "3", "1");
  args = json_object_get_object_member (join, "args");
  g_assert_cmpstr (text_of (args, "op_name"), ==, "Concat");
  g_assert_cmpstr (text_of (args, "node_index"), ==, "1");
  g_assert_cmpstr (text_of (join, "cat"), ==, "Node");
}

/* What was run until the failure is there, and it is JSON. */
static void
test_failing (void)
{
  g_autoptr (OxModel) model = failing_model ();
  guint64 nodes;
  g_autoptr (JsonArray) events = profile (model, &nodes, TRUE);

  g_assert_cmpuint (nodes, ==, 1);
  g_assert_cmpuint (json_array_get_length (events), ==, 2);
  find (events, "join_kernel_time", "main");
}

static void
test_names (void)
{
  g_autoptr (OxModel) model = model_new (17);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) events = NULL;
  guint64 nodes;

  ox_graph_add_input (model->graph, "x", ox_type_new_tensor (OX_I64, -1, NULL));
  add (model->graph, "Size", "a\"b\\c\n\001", "x", "n");
  add (model->graph, "Size", "", "x", "m");
  add_outputs (model->graph, "n m");
  ox_model_link (model, &error);
  g_assert_no_error (error);
  events = profile (model, &nodes, FALSE);
  find (events, "a\"b\\c\n\001_kernel_time", "main");
  find (events, "Size_1_kernel_time", "main");
}

static void
test_nowhere (void)
{
  g_autoptr (OxModel) model = failing_model ();
  g_autoptr (OxSession) session = ox_session_new (model, NULL);
  g_autofree char *path = g_build_filename (folder, "no", "such.json", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (ox_profile_run (session, path, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, OX_ERROR, OX_ERROR_FILE);
}

int
main (int argc, char **argv)
{
  g_autofree char *file = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("ox-profile-XXXXXX", NULL);
  g_test_add_func ("/profile/nested", test_nested);
  g_test_add_func ("/profile/failing", test_failing);
  g_test_add_func ("/profile/names", test_names);
  g_test_add_func ("/profile/nowhere", test_nowhere);
  status = g_test_run ();
  file = g_build_filename (folder, "profile.json", NULL);
  g_unlink (file);
  g_rmdir (folder);
  g_free (folder);
  return status;
}
