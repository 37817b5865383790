/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-watches.h"

#include <math.h>
#include <string.h>

#include "debug/ox-expression.h"
#include "debug/ox-watch.h"
#include "tensor/ox-format.h"
#include "ui/ox-words.h"

#define MOST_HEIGHT 180
#define LINE_WIDTH 48
#define LINE_HEIGHT 18
#define SHOWN 4            /* elements of a result */
#define MOST_NAMES 5000    /* that are offered while one types */

struct _OxWatches
{
  GtkBox parent_instance;

  OxFocus    *focus;
  GtkListBox *list;
  GtkEntry   *entry;
  GtkLabel   *trouble;
  gboolean    asked;      /* somebody wants to type one */
  gboolean    looking, again;   /* they are computed; one more has come meanwhile */
};

G_DEFINE_FINAL_TYPE (OxWatches, ox_watches, GTK_TYPE_BOX)

static void
ox_watches_dispose (GObject *object)
{
  g_clear_object (&OX_WATCHES (object)->focus);
  G_OBJECT_CLASS (ox_watches_parent_class)->dispose (object);
}

static void
ox_watches_class_init (OxWatchesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_watches_dispose;
}

/* ---- a row ----------------------------------------------------------------------------------------------------- */

static char *
value_text (const OxWatch *watch)
{
  g_autoptr (GString) text = NULL;
  g_autofree char *shape = NULL;

  if (watch->value == NULL)
    return watch->trouble != NULL ? ox_words_valid (watch->trouble) : g_strdup ("at the next stop");
  if (watch->value->count == 1)
    return ox_format_element (watch->value, 0, 4);
  shape = ox_tensor_shape_string (watch->value);
  text = g_string_new (shape);
  g_string_append (text, " [");
  for (gint64 i = 0; i < MIN (watch->value->count, SHOWN); i++)
    {
      g_autofree char *element = ox_format_element (watch->value, i, 4);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", element);
    }
  g_string_append (text, watch->value->count > SHOWN ? ", …]" : "]");
  return g_strdup (text->str);
}

/* The numbers of the past; gaps where one was not finite. */
static void
draw_line (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer row)
{
  const OxWatch *watch = g_object_get_data (G_OBJECT (row), "watch");
  double low = INFINITY, high = -INFINITY;
  GdkRGBA color;
  gboolean pen = FALSE;
  guint n = watch->history->len;

  for (guint i = 0; i < n; i++)
    {
      double value = g_array_index (watch->history, OxWatchPoint, i).value;

      if (isfinite (value))
        {
          low = MIN (low, value);
          high = MAX (high, value);
        }
    }
  if (n < 2 || low > high)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (area)), &color);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, 1.3);
  for (guint i = 0; i < n; i++)
    {
      double value = g_array_index (watch->history, OxWatchPoint, i).value;
      double x = 2 + (width - 4) * (double) i / (n - 1);
      double y = high > low ? height - 3 - (height - 6) * (value - low) / (high - low) : height / 2.0;

      if (isfinite (value) && pen)
        cairo_line_to (cr, x, y);
      else if (isfinite (value))
        cairo_move_to (cr, x, y);
      pen = isfinite (value);
    }
  cairo_stroke (cr);
}

static void
remove_cb (GtkWidget *button, OxWatches *self)
{
  GtkWidget *row = gtk_widget_get_ancestor (button, GTK_TYPE_LIST_BOX_ROW);
  const OxWatch *watch = g_object_get_data (G_OBJECT (row), "watch");

  ox_debugger_remove_watch (ox_focus_get_debugger (self->focus), watch->id);
  ox_focus_touch (self->focus);
}

static GtkWidget *
new_label (const char *text, const char *css, PangoEllipsizeMode mode)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), mode);
  if (css != NULL)
    gtk_widget_add_css_class (label, css);
  return label;
}

/* (transfer full) @watch */
static GtkWidget *
make_row (OxWatches *self, OxWatch *watch)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *line = gtk_drawing_area_new ();
  GtkWidget *lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *gone = gtk_button_new_from_icon_name ("window-close-symbolic");
  g_autofree char *text = ox_words_valid (watch->text), *value = value_text (watch), *tip = g_strdup_printf ("%s\n%s", text, value);
  GtkWidget *now = new_label (value, "numeric", PANGO_ELLIPSIZE_END);

  g_object_set_data_full (G_OBJECT (row), "watch", watch, ox_watch_free);
  if (watch->value == NULL)
    gtk_widget_add_css_class (now, "dim-label");
  gtk_box_append (GTK_BOX (lines), new_label (text, "caption", PANGO_ELLIPSIZE_MIDDLE));
  gtk_box_append (GTK_BOX (lines), now);
  gtk_widget_set_hexpand (lines, TRUE);
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (line), LINE_WIDTH);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (line), LINE_HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (line), draw_line, row, NULL);
  gtk_widget_set_valign (line, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (line, "accent");
  gtk_widget_set_visible (line, watch->history->len > 1);
  gtk_widget_set_tooltip_text (gone, "No Longer");
  gtk_widget_set_valign (gone, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (gone, "flat");
  gtk_widget_add_css_class (gone, "ox-small-button");
  g_signal_connect (gone, "clicked", G_CALLBACK (remove_cb), self);
  gtk_widget_set_tooltip_text (row, tip);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_box_append (GTK_BOX (box), lines);
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), gone);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  return row;
}

static void
fill (OxWatches *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  g_autoptr (GPtrArray) all = NULL;
  GtkWidget *row;

  if (ox_debugger_is_running (debugger))
    return;
  all = ox_debugger_dup_watches (debugger);
  while ((row = GTK_WIDGET (gtk_list_box_get_row_at_index (self->list, 0))) != NULL)
    gtk_list_box_remove (self->list, row);
  for (guint i = 0; i < all->len; i++)
    gtk_list_box_append (self->list, make_row (self, g_ptr_array_index (all, i)));
  /* The rows have them now. */
  g_ptr_array_set_free_func (all, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), all->len > 0 || self->asked);
}

/* ---- a new one ------------------------------------------------------------------------------------------------- */

static void looked_cb (GObject *source, GAsyncResult *result, gpointer data);

/* All are computed, on a worker. */
static void
look (OxWatches *self)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);

  self->again = self->looking;
  if (self->looking || ox_debugger_is_running (debugger) || ox_debugger_get_stop (debugger) == NULL)
    return;
  self->looking = TRUE;
  ox_debugger_look_async (debugger, NULL, looked_cb, g_object_ref (self));
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (OxWatches) self = data;

  /* What could not be computed says so in its row. */
  ox_debugger_look_finish (OX_DEBUGGER (source), result, NULL);
  self->looking = FALSE;
  if (self->focus == NULL)
    return;
  if (self->again)
    look (self);
  else
    ox_focus_touch (self->focus);
}

void
ox_watches_add (OxWatches *self, const char *formula)
{
  OxDebugger *debugger = ox_focus_get_debugger (self->focus);
  g_autoptr (GError) error = NULL;

  self->asked = TRUE;
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  if (formula == NULL)
    {
      gtk_widget_grab_focus (GTK_WIDGET (self->entry));
      return;
    }
  if (ox_debugger_add_watch (debugger, formula, &error) == 0)
    {
      g_autofree char *text = ox_words_valid (error->message);

      gtk_label_set_text (self->trouble, text);
      gtk_widget_set_visible (GTK_WIDGET (self->trouble), TRUE);
      return;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->trouble), FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  ox_focus_touch (self->focus);
  look (self);
}

static void
activate_cb (OxWatches *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));

  if (*text != '\0')
    ox_watches_add (self, text);
}

/* The name that is being typed at the end of a formula. */
static const char *
last_name (const char *text)
{
  const char *from = text;

  for (const char *p = text; *p != '\0'; p++)
    if (strchr (" ()+-*%^<>=!,[]'", *p) != NULL)
      from = p + 1;
  return from;
}

static gboolean
matches (GtkEntryCompletion *completion, const char *key, GtkTreeIter *iter, gpointer data)
{
  const char *typed = last_name (gtk_editable_get_text (GTK_EDITABLE (gtk_entry_completion_get_entry (completion))));
  g_autofree char *name = NULL;

  gtk_tree_model_get (gtk_entry_completion_get_model (completion), iter, 0, &name, -1);
  return *typed != '\0' && name != NULL && g_str_has_prefix (name, typed);
}

static gboolean
offered_cb (GtkEntryCompletion *completion, GtkTreeModel *model, GtkTreeIter *iter, OxWatches *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry)), *from = last_name (text);
  g_autofree char *head = g_strndup (text, (gsize) (from - text)), *name = NULL, *quoted = NULL, *whole = NULL;

  gtk_tree_model_get (model, iter, 0, &name, -1);
  quoted = ox_expression_quote (name);
  whole = g_strconcat (head, quoted, NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), whole);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
  return TRUE;
}

static void
add_completion (OxWatches *self)
{
  const OxGraph *graph = ox_focus_get_model (self->focus)->graph;
  g_autoptr (GtkListStore) names = gtk_list_store_new (1, G_TYPE_STRING);
  g_autoptr (GtkEntryCompletion) completion = gtk_entry_completion_new ();

  for (guint i = 0; i < graph->slots->len && i < MOST_NAMES; i++)
    {
      const char *name = ox_graph_slot (graph, (int) i)->name;

      if (*name != '\0' && g_utf8_validate (name, -1, NULL))
        gtk_list_store_insert_with_values (names, NULL, -1, 0, name, -1);
    }
  gtk_entry_completion_set_model (completion, GTK_TREE_MODEL (names));
  gtk_entry_completion_set_text_column (completion, 0);
  gtk_entry_completion_set_minimum_key_length (completion, 1);
  gtk_entry_completion_set_match_func (completion, matches, NULL, NULL);
  g_signal_connect (completion, "match-selected", G_CALLBACK (offered_cb), self);
  gtk_entry_set_completion (self->entry, completion);
}

static void
ox_watches_init (OxWatches *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new (), *heading = new_label ("Watches", "heading", PANGO_ELLIPSIZE_NONE);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_margin_start (heading, 12);
  gtk_widget_set_margin_top (heading, 6);
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "ox-breakpoints");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), MOST_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  self->entry = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_placeholder_text (self->entry, "max(abs(a - b)), T[0,:,3]");
  gtk_widget_set_margin_start (GTK_WIDGET (self->entry), 9);
  gtk_widget_set_margin_end (GTK_WIDGET (self->entry), 9);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->entry), 9);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (activate_cb), self);
  self->trouble = GTK_LABEL (new_label (NULL, "error", PANGO_ELLIPSIZE_NONE));
  gtk_label_set_wrap (self->trouble, TRUE);
  gtk_widget_set_margin_start (GTK_WIDGET (self->trouble), 12);
  gtk_widget_set_margin_end (GTK_WIDGET (self->trouble), 12);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->trouble), 6);
  gtk_widget_set_visible (GTK_WIDGET (self->trouble), FALSE);
  gtk_box_append (GTK_BOX (self), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (self), heading);
  gtk_box_append (GTK_BOX (self), scroller);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->entry));
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->trouble));
}

GtkWidget *
ox_watches_new (OxFocus *focus)
{
  OxWatches *self = g_object_new (OX_TYPE_WATCHES, NULL);

  self->focus = g_object_ref (focus);
  add_completion (self);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  fill (self);
  return GTK_WIDGET (self);
}
