/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-page-private.h"
#include "proto/ox-import.h"
#include "session/ox-check.h"

/* Once the model is there it is held against the standard, beside everything else. */

static void
check_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const OxImportOptions options = { .unlinked = TRUE };
  g_autoptr (OxModel) model = NULL;
  GError *error = NULL;
  GPtrArray *findings;

  /* Another one of the same file: what its names are worth is looked at before they are linked. */
  model = ox_import_file (data, &options, cancellable, &error);
  if (model == NULL)
    g_task_return_error (task, error);
  else if ((findings = ox_model_check (model, FALSE, cancellable)) == NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  else
    g_task_return_pointer (task, findings, (GDestroyNotify) g_ptr_array_unref);
}

/* Whether it is worth a bar on top: others may refuse the model, or it will not run here. */
static gboolean
is_grave (const OxCheckFinding *finding)
{
  return finding->severity == OX_CHECK_ERROR
         || (finding->severity == OX_CHECK_WARNING && g_str_equal (finding->rule, "unsupported"));
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxPage *self = OX_PAGE (source);
  g_autoptr (GPtrArray) findings = g_task_propagate_pointer (G_TASK (result), NULL);
  const OxCheckFinding *first = NULL;
  g_autofree char *text = NULL;
  guint grave = 0;

  if (findings == NULL || self->inspector == NULL)
    return;
  ox_inspector_set_findings (self->inspector, findings);
  for (guint i = 0; i < findings->len; i++)
    {
      const OxCheckFinding *finding = g_ptr_array_index (findings, i);

      if (!is_grave (finding))
        continue;
      grave++;
      first = first == NULL ? finding : first;
    }
  /* A step that failed meanwhile has more to say. */
  if (first == NULL || gtk_widget_get_visible (GTK_WIDGET (self->trouble_box)))
    return;
  text = first->node != NULL ? g_strdup_printf ("%s '%s': %s", first->op_type, first->node, first->text) : g_strdup (first->text);
  if (grave > 1)
    {
      g_autofree char *one = g_steal_pointer (&text);

      text = g_strdup_printf ("%s (and %u more)", one, grave - 1);
    }
  ox_page_show_trouble (self, text, "warning", ox_check_finding_node (first, ox_document_get_model (self->document)));
}

void
ox_page_check (OxPage *self)
{
  OxModel *model = ox_document_get_model (self->document);
  g_autoptr (GTask) task = NULL;

  if (model->path == NULL)
    return;
  g_clear_object (&self->checking);
  self->checking = g_cancellable_new ();
  task = g_task_new (self, self->checking, checked_cb, NULL);
  g_task_set_task_data (task, g_strdup (model->path), g_free);
  g_task_run_in_thread (task, check_worker);
}
