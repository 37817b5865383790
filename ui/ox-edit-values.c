/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-edit.h"
#include "debug/ox-genealogy.h"
#include "ui/ox-edit-private.h"

/* Values that are changed: asked for on the main thread, computed on a worker. */

typedef enum { FILL, SCALE, CLAMP, NOISE, THROUGH, ELEMENT, LOAD } Kind;

/* A change of a value on its way. */
typedef struct
{
  OxEditActions *self;
  Kind           kind;
  OxGraph       *graph;
  int            slot;
  double         a, b;
  OxDtype        dtype;
  gint64         element;
  char          *path;
  OxValue       *value;     /* as it was; or NULL */
  OxValue       *changed;
  char          *what;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_pointer (&job->value, ox_value_unref);
  g_clear_pointer (&job->changed, ox_value_unref);
  g_object_unref (job->self);
  g_free (job->path);
  g_free (job->what);
  g_free (job);
}

static OxTensor *
change (const Job *job, OxTensor *tensor, GError **error)
{
  switch (job->kind)
    {
    case FILL:
      return ox_edit_fill (tensor, job->a, error);
    case SCALE:
      return ox_edit_scale (tensor, job->a, error);
    case CLAMP:
      return ox_edit_clamp (tensor, job->a, job->b, error);
    case NOISE:
      return ox_edit_noise (tensor, job->a, (guint64) (gint64) job->b, error);
    case THROUGH:
      return ox_edit_through (tensor, job->dtype, error);
    case ELEMENT:
      return ox_edit_element (tensor, job->element, job->a, error);
    case LOAD:
      break;
    }
  g_return_val_if_reached (NULL);
}

static void
change_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  OxTensor *tensor = job->value != NULL ? ox_value_get_tensor (job->value) : NULL;
  GError *error = NULL;

  if (job->kind == LOAD)
    job->changed = job->self->load (job->path, ox_graph_slot (job->graph, job->slot)->type, &error);
  else if (tensor == NULL)
    ox_fail (&error, OX_ERROR_VALUE, job->value == NULL ? "The value is not computed yet" : "The value is no tensor");
  else
    {
      OxTensor *changed = change (job, tensor, &error);

      job->changed = changed != NULL ? ox_value_new_tensor (changed) : NULL;
    }
  if (job->changed != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxEditActions *self = OX_EDIT_ACTIONS (source);
  Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error);
  const char *name = ox_graph_slot (job->graph, job->slot)->name;
  g_autofree char *text = NULL;

  g_clear_object (&self->working);
  if (self->focus == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (done && ox_debugger_is_running (ox_focus_get_debugger (self->focus)))
    ox_edit_actions_tell (self, "The model runs; nothing was changed", FALSE);
  else if (done)
    {
      ox_debugger_edit (ox_focus_get_debugger (self->focus), job->graph, job->slot, job->changed, job->what);
      text = g_strdup_printf ("“%s” was changed", name);
      ox_edit_actions_tell (self, text, TRUE);
      ox_edit_actions_again (self);
    }
  else
    ox_edit_actions_tell (self, error->message, FALSE);
}

static void
start_thread (Job *job)
{
  g_autoptr (GTask) task = g_task_new (job->self, job->self->working, changed_cb, NULL);

  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, change_thread);
}

static void
value_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Job *job = data;
  g_autoptr (GError) error = NULL;

  job->value = ox_debugger_dup_value_finish (OX_DEBUGGER (source), result, &error);
  if (job->self->focus != NULL && error == NULL)
    {
      start_thread (job);
      return;
    }
  g_clear_object (&job->self->working);
  if (job->self->focus != NULL)
    ox_edit_actions_tell (job->self, error->message, FALSE);
  job_free (job);
}

/* The words that would do the same in the console. */
static char *
words_of (const Job *job)
{
  static const char *const names[] = { "fill", "scale", "clamp", "noise", "through", "set", "set" };
  g_autofree char *name = ox_edit_actions_word (ox_graph_slot (job->graph, job->slot)->name);
  char a[G_ASCII_DTOSTR_BUF_SIZE], b[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (a, sizeof a, "%.9g", job->a);
  g_ascii_formatd (b, sizeof b, "%.9g", job->b);
  switch (job->kind)
    {
    case CLAMP:
    case NOISE:
      return g_strdup_printf ("%s %s %s %s", names[job->kind], name, a, b);
    case THROUGH:
      return g_strdup_printf ("through %s %s", name, ox_dtype_name (job->dtype));
    case LOAD:
      {
        g_autofree char *path = ox_edit_actions_word (job->path);

        return g_strdup_printf ("set %s %s", name, path);
      }
    case ELEMENT:
      return g_strdup_printf ("set %s%s %s", name, job->what, a);
    default:
      return g_strdup_printf ("%s %s %s", names[job->kind], name, a);
    }
}

/* Takes @job over. */
static void
start (Job *job)
{
  OxEditActions *self = job->self;
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  char *what;

  if (self->working != NULL || ox_debugger_is_running (debugger))
    {
      ox_edit_actions_tell (self, "Something runs already", FALSE);
      job_free (job);
      return;
    }
  what = words_of (job);
  g_free (job->what);
  job->what = what;
  self->working = g_cancellable_new ();
  if (job->kind == LOAD)
    start_thread (job);
  else
    ox_debugger_dup_value_async (debugger, job->graph, job->slot, self->working, value_cb, job);
}

/* For the value in focus; NULL if there is none. */
static Job *
new_job (OxEditActions *self, Kind kind)
{
  OxGraph *graph;
  int slot = ox_focus_get_value (self->focus, &graph);
  Job *job;

  if (slot < 0)
    return NULL;
  job = g_new0 (Job, 1);
  job->self = g_object_ref (self);
  job->kind = kind;
  job->graph = graph;
  job->slot = slot;
  return job;
}

static const struct
{
  const char *action, *heading, *body;
  OxEditField fields[2];
  guint       n;
} forms[] = {
  [FILL] = { "fill", "Fill “%s”", "All elements become this number.", { { "Number", 0 } }, 1 },
  [SCALE] = { "scale", "Scale “%s”", "All elements are multiplied.", { { "Factor", 1 } }, 1 },
  [CLAMP] = { "clamp", "Clamp “%s”", "What lies outside becomes the nearer bound.", { { "Lower bound", -1 }, { "Upper bound", 1 } },
              2 },
  [NOISE] = { "noise", "Add Noise to “%s”", "Normally distributed; the same seed gives the same noise.",
              { { "Standard deviation", 0.01 }, { "Seed", 0 } }, 2 },
};

static void
numbers_cb (const double *numbers, gpointer data)
{
  Job **job = data;

  (*job)->a = numbers[0];
  if ((*job)->kind == CLAMP || (*job)->kind == NOISE)
    (*job)->b = numbers[1];
  start (g_steal_pointer (job));
}

static void
clear_job (gpointer data)
{
  Job **job = data;

  g_clear_pointer (job, job_free);
  g_free (job);
}

static void
ask_numbers (Job *job, const char *heading, const char *body, const OxEditField *fields, guint n)
{
  Job **held = g_new0 (Job *, 1);

  *held = job;
  ox_edit_dialog_numbers (job->self->owner, heading, body, fields, n, numbers_cb, held, clear_job);
}

void
ox_edit_form_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      Job *job = g_str_equal (forms[i].action, g_action_get_name (G_ACTION (action))) ? new_job (data, (Kind) i) : NULL;
      g_autoptr (GString) heading = NULL;

      if (job == NULL)
        continue;
      heading = g_string_new (forms[i].heading);
      g_string_replace (heading, "%s", ox_graph_slot (job->graph, job->slot)->name, 1);
      ask_numbers (job, heading->str, forms[i].body, forms[i].fields, forms[i].n);
    }
}

void
ox_edit_element_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxEditActions *self = data;
  Job *job = new_job (self, ELEMENT);
  g_autoptr (OxValue) value = NULL;
  OxTensor *tensor;
  g_autofree char *heading = NULL;
  OxEditField field = { "Number", 0 };

  if (job == NULL)
    return;
  value = ox_debugger_peek_value (ox_focus_get_debugger (self->focus), job->graph, job->slot);
  tensor = value != NULL ? ox_value_get_tensor (value) : NULL;
  job->element = g_variant_get_int64 (parameter);
  if (tensor == NULL || job->element < 0 || job->element >= tensor->count || tensor->dtype == OX_STR)
    {
      job_free (job);
      return;
    }
  job->what = ox_index_to_string (tensor, job->element);
  field.value = ox_tensor_get (tensor, job->element);
  heading = g_strdup_printf ("Element %s", job->what);
  ask_numbers (job, heading, NULL, &field, 1);
}

void
ox_edit_through_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  Job *job = new_job (data, THROUGH);

  if (job == NULL)
    return;
  job->dtype = ox_dtype_from_name (g_variant_get_string (parameter, NULL));
  start (job);
}

static void
file_cb (GtkNativeDialog *chooser, int response, Job *job)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser)) : NULL;

  job->path = file != NULL ? g_file_get_path (file) : NULL;
  if (job->path != NULL && job->self->focus != NULL)
    start (job);
  else
    job_free (job);
  g_object_unref (chooser);
}

void
ox_edit_load_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxEditActions *self = data;
  Job *job = new_job (self, LOAD);
  GtkRoot *root = gtk_widget_get_root (self->owner);
  GtkFileChooserNative *chooser;

  if (job == NULL)
    return;
  chooser = gtk_file_chooser_native_new ("Load a Value", GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                         GTK_FILE_CHOOSER_ACTION_OPEN, "_Load", "_Cancel");
  g_signal_connect (chooser, "response", G_CALLBACK (file_cb), job);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

