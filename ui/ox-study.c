/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-study.h"

#include <adwaita.h>

#include "ui/ox-label.h"
#include "ui/ox-situation.h"

/* How often one looks how far it is, in milliseconds. */
#define TICK 120

/* Shared by the worker, which tells, and the main thread, which looks. */
typedef struct
{
  GMutex         lock;
  double         fraction;  /* below 0: not told */
  char          *doing;
  OxStudyWork    work;
  gpointer       study;
  GDestroyNotify clear;
} Job;

struct _OxStudy
{
  GtkBox parent_instance;

  OxFocus        *focus;
  char           *verb;
  GtkBox         *questions, *tools;
  GtkWidget      *line;       /* the sentence and what stands beside it */
  GtkButton      *button;
  GtkProgressBar *progress;
  GtkLabel       *said, *stale;
  GtkStack       *stack;
  GTask          *task;       /* at work */
  char           *sentence;   /* to come back to when it was cancelled */
  gboolean        sentence_wrong;
  OxSituation    *asked, *found;   /* by the run at work; by the one that is shown */
  guint           tick;
  gboolean        waiting;    /* for inputs that are being made */
};

enum { BEGIN, DONE, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OxStudy, ox_study, GTK_TYPE_BOX)

/* While the model runs, its edits are not looked at. */
static void
update_stale (OxStudy *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);

  if (self->found == NULL || ox_debugger_is_running (debugger))
    return;
  gtk_widget_set_visible (GTK_WIDGET (self->stale), !ox_situation_holds (self->found, debugger));
}

/* ---- the sentence ---------------------------------------------------------------------------------------------- */

static void
put_sentence (OxStudy *self, const char *text, gboolean wrong)
{
  ox_label_set_line (self->said, text);
  (wrong ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (GTK_WIDGET (self->said), "error");
  (wrong ? gtk_widget_remove_css_class : gtk_widget_add_css_class) (GTK_WIDGET (self->said), "dim-label");
  gtk_widget_set_visible (self->line, (text != NULL && *text != '\0') || gtk_widget_get_visible (GTK_WIDGET (self->tools)));
}

void
ox_study_say (OxStudy *self, const char *text, gboolean wrong)
{
  g_free (self->sentence);
  self->sentence = g_strdup (text);
  self->sentence_wrong = wrong;
  put_sentence (self, text, wrong);
}

void
ox_study_show_findings (OxStudy *self)
{
  gtk_stack_set_visible_child_name (self->stack, "findings");
  gtk_widget_set_visible (GTK_WIDGET (self->tools), gtk_widget_get_first_child (GTK_WIDGET (self->tools)) != NULL);
  put_sentence (self, self->sentence, self->sentence_wrong);
}

/* ---- the run --------------------------------------------------------------------------------------------------- */

static void
job_free (gpointer data)
{
  Job *job = data;

  g_atomic_rc_box_release_full (job->study, job->clear);
  g_mutex_clear (&job->lock);
  g_free (job->doing);
  g_free (job);
}

static void
told (double fraction, const char *doing, gpointer data)
{
  Job *job = data;

  g_mutex_lock (&job->lock);
  job->fraction = fraction;
  g_free (job->doing);
  job->doing = g_strdup (doing);
  g_mutex_unlock (&job->lock);
}

static void
worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;

  if (job->work (job->study, told, job, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
tick_cb (gpointer data)
{
  OxStudy *self = data;
  Job *job = g_task_get_task_data (self->task);
  g_autofree char *doing = NULL, *text = NULL;
  double fraction;

  g_mutex_lock (&job->lock);
  fraction = job->fraction;
  doing = g_strdup (job->doing);
  g_mutex_unlock (&job->lock);
  if (fraction < 0)
    gtk_progress_bar_pulse (self->progress);
  else
    gtk_progress_bar_set_fraction (self->progress, CLAMP (fraction, 0, 1));
  if (!g_cancellable_is_cancelled (g_task_get_cancellable (self->task)))
    {
      text = doing != NULL && *doing != '\0' ? g_strdup_printf ("Running the model: %s", doing) : g_strdup ("Running the model…");
      put_sentence (self, text, FALSE);
    }
  return G_SOURCE_CONTINUE;
}

static void
at_work (OxStudy *self, gboolean on)
{
  gtk_button_set_label (self->button, on ? "Cancel" : self->verb);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), on);
  gtk_progress_bar_set_fraction (self->progress, 0);
  if (self->tick != 0)
    g_source_remove (self->tick);
  self->tick = on ? g_timeout_add (TICK, tick_cb, self) : 0;
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  OxStudy *self = OX_STUDY (source);
  Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  if (self->focus == NULL)
    return;
  at_work (self, FALSE);
  g_clear_object (&self->task);
  put_sentence (self, self->sentence, self->sentence_wrong);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_clear_pointer (&self->asked, ox_situation_free);
      return;
    }
  g_clear_pointer (&self->found, ox_situation_free);
  self->found = g_steal_pointer (&self->asked);
  g_signal_emit (self, signals[DONE], 0, job->study, error);
  update_stale (self);
}

void
ox_study_run (OxStudy *self, OxStudyWork work, gpointer study, GDestroyNotify clear)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Job *job = g_new0 (Job, 1);

  g_return_if_fail (self->task == NULL);
  g_mutex_init (&job->lock);
  job->fraction = -1;
  job->work = work;
  job->study = study;
  job->clear = clear;
  self->asked = ox_situation_new (ox_focus_get_debugger (self->focus));
  self->task = g_task_new (self, cancellable, done_cb, NULL);
  /* What was seen until a node failed is shown, too. */
  g_task_set_check_cancellable (self->task, FALSE);
  g_task_set_task_data (self->task, job, job_free);
  at_work (self, TRUE);
  put_sentence (self, "Running the model…", FALSE);
  g_task_run_in_thread (self->task, worker);
}

gboolean
ox_study_is_running (OxStudy *self)
{
  return self->task != NULL;
}

static void
clicked_cb (OxStudy *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);

  if (self->task != NULL)
    {
      put_sentence (self, "Stopping…", FALSE);
      g_cancellable_cancel (g_task_get_cancellable (self->task));
      return;
    }
  self->waiting = FALSE;
  if (ox_debugger_is_running (debugger))
    {
      put_sentence (self, "Once the model stands still", FALSE);
      return;
    }
  if (!ox_debugger_ready (debugger, NULL))
    {
      gtk_widget_activate_action (GTK_WIDGET (self), "page.make-inputs", NULL);
      put_sentence (self, "Making inputs…", FALSE);
      self->waiting = TRUE;
      return;
    }
  put_sentence (self, self->sentence, self->sentence_wrong);
  g_signal_emit (self, signals[BEGIN], 0);
}

void
ox_study_ask (OxStudy *self)
{
  if (self->task == NULL)
    clicked_cb (self);
}

static void
state_changed_cb (OxStudy *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);

  update_stale (self);
  if (self->waiting && !ox_debugger_is_running (debugger) && ox_debugger_ready (debugger, NULL))
    clicked_cb (self);
}

/* ---- the widget ------------------------------------------------------------------------------------------------ */

static void
ox_study_dispose (GObject *object)
{
  OxStudy *self = OX_STUDY (object);

  if (self->tick != 0)
    g_source_remove (self->tick);
  self->tick = 0;
  if (self->task != NULL)
    g_cancellable_cancel (g_task_get_cancellable (self->task));
  g_clear_object (&self->task);
  g_clear_object (&self->focus);
  g_clear_pointer (&self->asked, ox_situation_free);
  g_clear_pointer (&self->found, ox_situation_free);
  g_clear_pointer (&self->sentence, g_free);
  g_clear_pointer (&self->verb, g_free);
  G_OBJECT_CLASS (ox_study_parent_class)->dispose (object);
}

static void
ox_study_class_init (OxStudyClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ox_study_dispose;
  signals[BEGIN] = g_signal_new ("begin", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[DONE] = g_signal_new ("done", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_POINTER);
}

static void
ox_study_init (OxStudy *self)
{
  GtkWidget *top = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *narrow = gtk_scrolled_window_new ();

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  self->questions = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6));
  gtk_widget_set_visible (GTK_WIDGET (self->questions), FALSE);
  self->button = GTK_BUTTON (gtk_button_new ());
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (clicked_cb), self);
  self->progress = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_widget_set_visible (GTK_WIDGET (self->progress), FALSE);
  gtk_widget_set_valign (GTK_WIDGET (self->progress), GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (GTK_WIDGET (self->progress), TRUE);
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->questions));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->button));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->progress));
  gtk_widget_add_css_class (top, "ox-study");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (narrow), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (narrow), top);

  self->line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->said = GTK_LABEL (ox_label_new_line (NULL, "dim-label", PANGO_ELLIPSIZE_END));
  gtk_widget_set_hexpand (GTK_WIDGET (self->said), TRUE);
  self->stale = GTK_LABEL (gtk_label_new ("Stale"));
  gtk_widget_add_css_class (GTK_WIDGET (self->stale), "ox-bad");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->stale), "The inputs or edits are others now than when this was found");
  gtk_widget_set_visible (GTK_WIDGET (self->stale), FALSE);
  self->tools = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12));
  gtk_widget_set_visible (GTK_WIDGET (self->tools), FALSE);
  gtk_box_append (GTK_BOX (self->line), GTK_WIDGET (self->stale));
  gtk_box_append (GTK_BOX (self->line), GTK_WIDGET (self->said));
  gtk_box_append (GTK_BOX (self->line), GTK_WIDGET (self->tools));
  gtk_widget_add_css_class (self->line, "ox-study");
  gtk_widget_set_visible (self->line, FALSE);

  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (self), narrow);
  gtk_box_append (GTK_BOX (self), self->line);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->stack));
}

GtkWidget *
ox_study_new (OxFocus *focus, const char *verb, const char *hint, GtkWidget *findings)
{
  OxStudy *self = g_object_new (OX_TYPE_STUDY, NULL);
  GtkWidget *place = GTK_IS_PANED (findings) ? gtk_box_new (GTK_ORIENTATION_VERTICAL, 0) : gtk_scrolled_window_new ();
  GtkWidget *nothing = gtk_label_new (hint), *clamp = adw_clamp_new ();

  self->focus = g_object_ref (focus);
  self->verb = g_strdup (verb);
  gtk_button_set_label (self->button, verb);
  gtk_label_set_wrap (GTK_LABEL (nothing), TRUE);
  gtk_label_set_justify (GTK_LABEL (nothing), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (nothing, "dim-label");
  gtk_widget_add_css_class (nothing, "ox-study");
  /* Two lists side by side scroll by themselves. */
  if (GTK_IS_PANED (findings))
    gtk_box_append (GTK_BOX (place), findings);
  else
    gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (place), findings);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 640);
  adw_clamp_set_child (ADW_CLAMP (clamp), nothing);
  gtk_stack_add_named (self->stack, clamp, "nothing");
  gtk_stack_add_named (self->stack, place, "findings");
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ox_focus_get_debugger (focus), "edits", G_CALLBACK (update_stale), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ox_focus_get_debugger (focus), "reset", G_CALLBACK (update_stale), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

void
ox_study_add_question (OxStudy *self, GtkWidget *question)
{
  gtk_box_append (self->questions, question);
  gtk_widget_set_visible (GTK_WIDGET (self->questions), TRUE);
}

void
ox_study_put_first (OxStudy *self, GtkWidget *question)
{
  gtk_box_prepend (self->questions, question);
}

void
ox_study_add_tool (OxStudy *self, GtkWidget *tool)
{
  gtk_box_append (self->tools, tool);
}
