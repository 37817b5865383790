/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "proto/ox-import.h"

/* @words are alternatives, separated by bars. */
static gboolean
contains_one (const char *text, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, "|", -1);

  for (int i = 0; list[i] != NULL; i++)
    if (strstr (text, list[i]) != NULL)
      return TRUE;
  return FALSE;
}

/* A file of the collection is refused with the words, or opens with a warning that has them. */
static void
test_file (gconstpointer data)
{
  g_auto (GStrv) fields = g_strsplit (data, "\t", 2);
  g_autofree char *name = g_strconcat (fields[0], ".onnx", NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "broken", name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OxModel) model = ox_import_file (path, NULL, NULL, &error);
  const char *message;

  g_assert_true (model != NULL || error != NULL);
  if (model != NULL && model->warnings->len == 0)
    g_error ("%s opens without a word", name);
  message = model != NULL ? g_ptr_array_index (model->warnings, 0) : error->message;
  g_test_message ("%s", message);
  if (!contains_one (message, fields[1]))
    g_error ("%s: expected '%s' in: %s", name, fields[1], message);
  if (model == NULL)
    g_assert_true (g_str_has_prefix (message, path));
}

static void
test_good (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "broken", "good.onnx", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (OxModel) model = ox_import_file (path, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (model->warnings->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_autofree char *list = NULL, *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_test_init (&argc, &argv, NULL);
  list = g_test_build_filename (G_TEST_DIST, "broken", "expected.txt", NULL);
  g_assert_true (g_file_get_contents (list, &text, NULL, NULL));
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  g_test_add_func ("/broken/good", test_good);
  for (int i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *name = g_strndup (lines[i], strcspn (lines[i], "\t"));
      g_autofree char *path = g_strconcat ("/broken/", name, NULL);

      g_test_add_data_func (path, lines[i], test_file);
    }
  return g_test_run ();
}
