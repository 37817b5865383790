/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/ox-page.h"
#include "debug/ox-console.h"
#include "ui/ox-inspector.h"
#include "ui/ox-outline.h"
#include "ui/ox-situation.h"

G_BEGIN_DECLS

struct _OxPage
{
  AdwBin parent_instance;

  OxDocument         *document;
  GSimpleActionGroup *actions;
  GCancellable       *loading, *moving, *checking, *comparing, *writing, *holding;
  char               *compare_next;   /* the reference, while inputs are made */
  char               *compare_last;   /* what was compared with; NULL: nothing yet */
  char               *compared_data_set;   /* of what lies over the graph: where its inputs came from, or NULL */
  char              **compared_edits;      /* and what was changed */
  OxSituation        *compared;       /* what the run was made of when it was compared */
  double              compare_rtol, compare_atol;   /* NAN: by type and operator */

  /* Breakpoints and watches, kept in a file. */
  OxConsole       *marks;
  char            *marks_saved;
  guint            marks_delay;

  GtkStack        *stack;        /* "loading", "failed", "astray", "model" */
  AdwStatusPage   *failed;
  AdwStatusPage   *astray;       /* a recorded run without its model */
  GtkWidget       *anyway;       /* its button */

  /* The bar on top. */
  GtkBox          *trouble_box;
  GtkLabel        *trouble_text;
  GtkButton       *trouble_show;
  OxNode          *trouble_node; /* where its button goes, NULL: nowhere */
  gboolean         failure_lit;
  OxOverlayKind    unlit;        /* what lay over the graph before */

  /* What is under way. */
  GtkRevealer     *progress;
  GtkProgressBar  *progress_bar;
  GtkLabel        *progress_text;
  GCancellable    *progress_cancel;
  guint            progress_delay, progress_pulse;

  /* Once a model is there. */
  OxFocus         *focus;
  AdwFlap         *outline_flap, *inspector_flap;
  AdwToastOverlay *toasts;
  GtkOverlay      *overlay;
  GtkWidget       *graph;
  GtkPaned        *paned;
  OxOutline       *outline;
  OxInspector     *inspector;
  GtkWidget       *drawer;
};

/* Reads the file, or the model of a recorded run, again. */
void       ox_page_load          (OxPage *self);

/* A toast; @text is plain. */
void       ox_page_tell          (OxPage *self, const char *text);

/* ox-page-panels.c: builds everything that needs a model, returns its root. */
GtkWidget *ox_page_make_panels   (OxPage *self);

/* ox-page-trouble.c */
GtkWidget *ox_page_make_trouble  (OxPage *self);
GtkWidget *ox_page_make_progress (OxPage *self);
/* A sentence on top until it is closed; with @node a button that goes there. @css: "error" or "warning". */
void       ox_page_show_trouble  (OxPage *self, const char *text, const char *css, OxNode *node);
void       ox_page_hide_trouble  (OxPage *self);
/* The nodes that the numbers of a failure come through light up on the graph; NULL: what lay over it before is back. */
void       ox_page_light_failure (OxPage *self, const OxFailure *failure);
/* Says after 0.2 s that @text is under way; Cancel cancels @cancellable. */
void       ox_page_start_progress (OxPage *self, const char *text, GCancellable *cancellable);
void       ox_page_end_progress  (OxPage *self);

/* ox-page-moves.c: adds the actions that run the model. */
void       ox_page_add_moves     (OxPage *self);
/* The page goes where the debugger goes; called once a model is there. */
void       ox_page_follow_debugger (OxPage *self);
/* Enables and disables them as the debugger stands. */
void       ox_page_update_moves  (OxPage *self);

/* ox-page-keyboard.c: the keyboard goes to the graph when what had it goes away; once a model is there. */
void       ox_page_keep_keyboard (OxPage *self);

/* ox-page-time.c: adds the actions that run back to where something happened, and enables them. */
void       ox_page_add_time      (OxPage *self);
void       ox_page_enable_time   (OxPage *self, gboolean started);

/* Makes the inputs that were chosen; when none were, and a test_data_set_0 lies beside the model, it is taken. The callback
 * finishes with ox_document_feed_finish(). */
void       ox_page_feed_first    (OxPage *self, GAsyncReadyCallback callback, gpointer data);
gboolean   ox_page_inputs_are_made_up (OxPage *self);

/* ox-page-compare.c: adds the actions that compare, and the one that chooses what lies over the graph. */
void       ox_page_add_compare   (OxPage *self);
/* The action follows the overlay, and a comparison is told to be stale; called once a model is there. */
void       ox_page_follow_overlay (OxPage *self);
/* Compares the run with what lies at a path, or with "onnxruntime". */
void       ox_page_compare       (OxPage *self, const char *reference);

/* ox-page-marks.c: the actions that watch; breakpoints and watches as they were left, and keeping them. */
void       ox_page_add_marks     (OxPage *self);
void       ox_page_load_marks    (OxPage *self);
void       ox_page_keep_marks    (OxPage *self);

/* ox-page-check.c: holds the model against the standard on a worker; what it finds goes to the Model page, and on top when it
 * is grave. */
void       ox_page_check         (OxPage *self);

/* ox-page-edit.c: what changes the run, and what is said of it; once the panels are there. */
void       ox_page_add_edits     (OxPage *self);

/* ox-page-write.c: something of the run that becomes a file or a folder. */
typedef struct
{
  const char *heading;     /* of the dialog that asks where to */
  const char *doing;       /* what is under way, with … */
  gboolean    runs;        /* inputs are made if there are none, and nothing may be running */
  struct
  {
    const char *label;     /* of a question in the dialog; NULL: none */
    const char *options[5], *labels[5];     /* ending with NULL; the first is proposed */
  } choice;
  const char *files, *pattern;   /* which files the dialog shows, by name and ending; NULL: all */
  /* What the worker needs, made where the page lives; it may take the subject. NULL with @error. */
  gpointer  (*prepare)     (OxPage *self, gpointer *subject, const char *choice, GError **error);
  /* On a worker; @said (transfer full) may be a word about it. */
  gboolean  (*write)       (gpointer prepared, const char *path, char **said, GCancellable *cancellable, GError **error);
  void      (*done)        (gpointer prepared);
} OxPageWrite;
void       ox_page_write         (OxPage *self, const OxPageWrite *how, const char *name, gpointer subject, GDestroyNotify destroy);
/* The model's name with another ending. (transfer full) */
char      *ox_page_name_for      (OxPage *self, const char *ending);
/* A toast with a button that shows where the file is; @said (nullable): a word about it. */
void       ox_page_tell_written  (OxPage *self, const char *path, const char *said);
void       ox_page_add_written   (OxPage *self);

/* ox-page-handover.c: adds the actions that write the run, its comparison and its changes, and the one that reads changes. */
void       ox_page_add_handover  (OxPage *self);
/* Enables and disables them: called when something was compared or changed. */
void       ox_page_update_handover (OxPage *self);

/* ox-page-case.c: adds the action that writes nodes as a test case: "node", "scope" or "between". */
void       ox_page_add_case      (OxPage *self);

/* ox-page-study.c: adds the actions that ask for precision and quantisation. */
void       ox_page_add_studies   (OxPage *self);

/* ox-page-report.c: adds the action that writes the run as a page. */
void       ox_page_add_report    (OxPage *self);

/* ox-page-recording.c: the actions of a recorded run, and what is shown instead of it as long as its model is missing. */
void       ox_page_add_recording (OxPage *self);
GtkWidget *ox_page_make_astray   (OxPage *self);
void       ox_page_show_astray   (OxPage *self, const char *text);
/* Shows it, once its model is there, and proposes its inputs. */
void       ox_page_show_recording (OxPage *self);

/* ox-page-export.c: adds the action that writes the picture. */
void       ox_page_add_export    (OxPage *self);

G_END_DECLS
