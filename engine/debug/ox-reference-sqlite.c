/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "core/ox-error.h"
#include "debug/ox-reference-private.h"

#if HAVE_SQLITE

#include <sqlite3.h>

/* What a build of ONNX Runtime that records its nodes puts into a database: the table Tensors (Step, Name, Value), a
 * TensorProto a row. Step counts runs. */
typedef struct
{
  OxReference      base;
  sqlite3         *database;
  sqlite3_stmt    *find;
  OxReferenceParse parse;
} Database;

static gboolean
fail_sqlite (sqlite3 *database, const char *path, GError **error)
{
  return ox_fail (error, OX_ERROR_FORMAT, "%s: expected a table Tensors (Step, Name, Value): %s", path,
                  sqlite3_errmsg (database));
}

static OxValue *
sqlite_get (OxReference *reference, OxFrame *frame, const OxNode *node, guint output, const OxValue *found, GError **error)
{
  Database *self = (Database *) reference;
  const char *name = g_ptr_array_index (node->output_names, output);
  OxValue *value = NULL;
  int result;

  sqlite3_reset (self->find);
  sqlite3_bind_text (self->find, 1, name, -1, SQLITE_TRANSIENT);
  /* Of a body only the first round is recorded, and it is not said which of its calls that was. */
  if (frame->id != 0)
    return NULL;
  result = sqlite3_step (self->find);
  if (result == SQLITE_ROW && sqlite3_column_type (self->find, 0) == SQLITE_BLOB)
    {
      g_autoptr (OxType) type = ox_type_of_value (found);
      const void *blob = sqlite3_column_blob (self->find, 0);
      g_autoptr (GBytes) bytes = g_bytes_new (blob, (gsize) MAX (sqlite3_column_bytes (self->find, 0), 0));

      value = self->parse (bytes, type, error);
      if (value == NULL)
        ox_error_prefix (error, "%s: '%s'", self->base.title, name);
    }
  else if (result == SQLITE_ROW)
    ox_fail (error, OX_ERROR_FORMAT, "%s: '%s': expected a TensorProto in column Value", self->base.title, name);
  else if (result != SQLITE_DONE)
    fail_sqlite (self->database, self->base.title, error);
  sqlite3_reset (self->find);
  return value;
}

static void
sqlite_free (OxReference *reference)
{
  Database *self = (Database *) reference;

  sqlite3_finalize (self->find);
  sqlite3_close (self->database);
  g_free (self);
}

static const OxReferenceClass sqlite_class = { sqlite_get, NULL, sqlite_free, NULL };

/* The number that a query answers with; -1 when it has none. */
static int
ask (sqlite3 *database, const char *query)
{
  sqlite3_stmt *statement = NULL;
  int number = -1;

  if (sqlite3_prepare_v2 (database, query, -1, &statement, NULL) == SQLITE_OK && sqlite3_step (statement) == SQLITE_ROW)
    number = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return number;
}

OxReference *
ox_reference_new_sqlite (const char *path, OxReferenceParse parse, GError **error)
{
  Database *self = g_new0 (Database, 1);
  int steps;

  self->base.class = &sqlite_class;
  self->base.title = g_strdup (path);
  self->parse = parse;
  if (sqlite3_open_v2 (path, &self->database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
    {
      ox_fail (error, OX_ERROR_FILE, "%s: %s", path, sqlite3_errmsg (self->database));
      ox_reference_free (&self->base);
      return NULL;
    }
  sqlite3_exec (self->database, "pragma trusted_schema = off", NULL, NULL, NULL);
  if (sqlite3_prepare_v2 (self->database, "select Value from Tensors where Name = ? order by Step limit 1", -1, &self->find,
                          NULL) != SQLITE_OK)
    {
      fail_sqlite (self->database, path, error);
      ox_reference_free (&self->base);
      return NULL;
    }
  self->base.size = ask (self->database, "select count(distinct Name) from Tensors");
  steps = ask (self->database, "select count(distinct Step) from Tensors");
  if (steps > 1)
    self->base.remark = g_strdup_printf ("of %d runs in the database the first is compared", steps);
  return &self->base;
}

#else

OxReference *
ox_reference_new_sqlite (const char *path, OxReferenceParse parse, GError **error)
{
  ox_fail (error, OX_ERROR_UNSUPPORTED, "%s: this build does not read databases; it was made without SQLite", path);
  return NULL;
}

#endif
