/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-console-view.h"

#include <string.h>

#include "debug/ox-console.h"
#include "ui/ox-words.h"

#define MAX_LINES 5000
#define MAX_HISTORY 500
#define MAX_OFFERS 200

struct _OxConsoleView
{
  GtkBox parent_instance;

  OxFocus       *focus;
  OxConsole     *console;
  GtkTextView   *view;
  GtkTextBuffer *text;
  GtkTextMark   *end;
  GtkEntry      *entry;
  GPtrArray     *history;    /* what was typed, the last one last */
  guint          at;         /* in it; its length: a new line */
  char          *draft;      /* the new line, while the history is looked at */
  char          *pending;    /* waits for inputs */
  GCancellable  *running;
};

G_DEFINE_FINAL_TYPE (OxConsoleView, ox_console_view, GTK_TYPE_BOX)

static void
ox_console_view_dispose (GObject *object)
{
  OxConsoleView *self = OX_CONSOLE_VIEW (object);

  g_cancellable_cancel (self->running);
  g_clear_object (&self->focus);
  G_OBJECT_CLASS (ox_console_view_parent_class)->dispose (object);
}

/* Only now: a line that runs holds a reference. */
static void
ox_console_view_finalize (GObject *object)
{
  OxConsoleView *self = OX_CONSOLE_VIEW (object);

  g_clear_object (&self->running);
  g_clear_pointer (&self->console, ox_console_free);
  g_ptr_array_unref (self->history);
  g_free (self->draft);
  g_free (self->pending);
  G_OBJECT_CLASS (ox_console_view_parent_class)->finalize (object);
}

static void
ox_console_view_class_init (OxConsoleViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_console_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = ox_console_view_finalize;
}

/* @tag: "command", "error", NULL. */
static void
put (OxConsoleView *self, const char *text, const char *tag)
{
  g_autofree char *valid = ox_words_valid (text);
  GtkTextIter at, from;
  int lines;

  gtk_text_buffer_get_end_iter (self->text, &at);
  gtk_text_buffer_insert_with_tags_by_name (self->text, &at, valid, -1, tag, NULL);
  lines = gtk_text_buffer_get_line_count (self->text);
  if (lines > MAX_LINES)
    {
      gtk_text_buffer_get_start_iter (self->text, &from);
      gtk_text_buffer_get_iter_at_line (self->text, &at, lines - MAX_LINES);
      gtk_text_buffer_delete (self->text, &from, &at);
    }
  gtk_text_view_scroll_mark_onscreen (self->view, self->end);
}

static void
put_line (OxConsoleView *self, const char *text, const char *tag)
{
  put (self, text, tag);
  put (self, "\n", NULL);
}

static void
ran_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (OxConsoleView) self = data;
  g_autoptr (GError) error = NULL;
  gboolean quit = FALSE;
  g_autofree char *text = ox_console_run_finish (result, &quit, &error);

  g_clear_object (&self->running);
  if (self->focus == NULL)
    return;
  if (text == NULL)
    put_line (self, error->message, "error");
  else if (quit)
    gtk_widget_activate_action (GTK_WIDGET (self), "page.drawer", NULL);
  else
    put (self, text, NULL);
}

static void
run (OxConsoleView *self, const char *line)
{
  self->running = g_cancellable_new ();
  ox_console_run_async (self->console, line, self->running, ran_cb, g_object_ref (self));
}

static void
activate_cb (OxConsoleView *self)
{
  g_autofree char *line = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)))), *echo = NULL;
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  guint n = self->history->len;

  if (self->running != NULL || self->pending != NULL || ox_debugger_is_running (debugger))
    return;
  /* An empty line is the last command again, as in the terminal. */
  if (*line == '\0' && n > 0)
    {
      g_free (line);
      line = g_strdup (g_ptr_array_index (self->history, n - 1));
    }
  if (*line == '\0')
    return;
  echo = g_strdup_printf ("> %s", line);
  put_line (self, echo, "command");
  if (n == 0 || !g_str_equal (g_ptr_array_index (self->history, n - 1), line))
    g_ptr_array_add (self->history, g_strdup (line));
  if (self->history->len > MAX_HISTORY)
    g_ptr_array_remove_index (self->history, 0);
  self->at = self->history->len;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  if (ox_console_line_moves (self->console, line) && !ox_debugger_ready (debugger, NULL))
    {
      self->pending = g_steal_pointer (&line);
      gtk_widget_activate_action (GTK_WIDGET (self), "page.make-inputs", NULL);
    }
  else
    run (self, line);
}

static void
state_changed_cb (OxConsoleView *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;

  if (self->pending == NULL || ox_debugger_is_running (debugger))
    return;
  line = g_steal_pointer (&self->pending);
  if (ox_debugger_ready (debugger, &error))
    run (self, line);
  else
    put_line (self, error->message, "error");
}

static void
look_back (OxConsoleView *self, int by)
{
  guint n = self->history->len;

  if ((by < 0 && self->at == 0) || (by > 0 && self->at >= n))
    return;
  if (self->at == n)
    {
      g_free (self->draft);
      self->draft = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
    }
  self->at += (guint) by;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), self->at < n ? g_ptr_array_index (self->history, self->at) : self->draft);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
}

/* As far as all offers agree; what is left to choose from is listed. */
static void
complete (OxConsoleView *self)
{
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_auto (GStrv) offers = ox_console_complete (self->console, typed, MAX_OFFERS);
  guint n = g_strv_length (offers);
  g_autofree char *common = n > 0 ? g_strdup (offers[0]) : NULL;
  gsize length;

  if (n == 0)
    {
      gtk_widget_error_bell (GTK_WIDGET (self));
      return;
    }
  for (guint i = 1; i < n; i++)
    {
      length = 0;
      while (common[length] != '\0' && common[length] == offers[i][length])
        length++;
      common[length] = '\0';
    }
  /* Not into the middle of a character. */
  length = strlen (common);
  while (length > 0 && !g_utf8_validate (common, (gssize) length, NULL))
    length--;
  common[length] = '\0';
  if (n == 1 && strchr (common, ' ') == NULL)
    {
      char *spaced = g_strconcat (common, " ", NULL);

      g_free (common);
      common = spaced;
    }
  if (n > 1 && strlen (common) <= strlen (typed))
    {
      /* What the line begins with is known. */
      gsize head = strrchr (typed, ' ') != NULL ? (gsize) (strrchr (typed, ' ') + 1 - typed) : 0;

      for (guint i = 0; i < n; i++)
        put_line (self, offers[i] + head, "offer");
    }
  else
    gtk_editable_set_text (GTK_EDITABLE (self->entry), common);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
}

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, OxConsoleView *self)
{
  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK)) != 0)
    return FALSE;
  switch (key)
    {
    case GDK_KEY_Up:
      look_back (self, -1);
      return TRUE;
    case GDK_KEY_Down:
      look_back (self, 1);
      return TRUE;
    case GDK_KEY_Escape:
      if (*gtk_editable_get_text (GTK_EDITABLE (self->entry)) != '\0')
        gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
      else
        gtk_widget_activate_action (GTK_WIDGET (self), "page.focus-graph", NULL);
      return TRUE;
    case GDK_KEY_Tab:
      /* With nothing typed Tab goes where it always goes. */
      if (*gtk_editable_get_text (GTK_EDITABLE (self->entry)) == '\0')
        return FALSE;
      complete (self);
      return TRUE;
    default:
      return FALSE;
    }
}

static void
ox_console_view_init (OxConsoleView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new (), *view = gtk_text_view_new (), *entry = gtk_entry_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkTextIter at;

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  self->history = g_ptr_array_new_with_free_func (g_free);
  self->view = GTK_TEXT_VIEW (view);
  gtk_text_view_set_editable (self->view, FALSE);
  gtk_text_view_set_cursor_visible (self->view, FALSE);
  gtk_text_view_set_monospace (self->view, TRUE);
  gtk_text_view_set_wrap_mode (self->view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (self->view, FALSE);
  gtk_text_view_set_left_margin (self->view, 12);
  gtk_text_view_set_right_margin (self->view, 12);
  gtk_text_view_set_bottom_margin (self->view, 6);
  self->text = gtk_text_view_get_buffer (self->view);
  gtk_text_buffer_create_tag (self->text, "command", "weight", PANGO_WEIGHT_BOLD, NULL);
  gtk_text_buffer_create_tag (self->text, "error", "foreground", "#d13b45", NULL);
  gtk_text_buffer_create_tag (self->text, "offer", "foreground", "#808080", NULL);
  gtk_text_buffer_get_end_iter (self->text, &at);
  self->end = gtk_text_buffer_create_mark (self->text, NULL, &at, FALSE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  gtk_widget_set_vexpand (scroller, TRUE);
  self->entry = GTK_ENTRY (entry);
  gtk_entry_set_placeholder_text (self->entry, "help lists the commands");
  gtk_entry_set_icon_from_icon_name (self->entry, GTK_ENTRY_ICON_PRIMARY, "go-next-symbolic");
  gtk_widget_add_css_class (entry, "monospace");
  gtk_widget_add_css_class (entry, "ox-console-entry");
  gtk_widget_set_margin_start (entry, 9);
  gtk_widget_set_margin_end (entry, 9);
  gtk_widget_set_margin_bottom (entry, 9);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (entry, keys);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (activate_cb), self);
  gtk_box_append (GTK_BOX (self), scroller);
  gtk_box_append (GTK_BOX (self), entry);
}

GtkWidget *
ox_console_view_new (OxFocus *focus)
{
  OxConsoleView *self = g_object_new (OX_TYPE_CONSOLE_VIEW, NULL);

  self->focus = g_object_ref (focus);
  self->console = ox_console_new (ox_focus_get_debugger (focus), NULL);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

void
ox_console_view_type (OxConsoleView *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}
