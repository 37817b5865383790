/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-breadcrumb.h"

#include "ui/ox-words.h"

struct _OxBreadcrumb
{
  GtkBox parent_instance;

  OxFocus *focus;
};

typedef struct
{
  OxGraph *graph;
  char    *label;
} Level;

G_DEFINE_FINAL_TYPE (OxBreadcrumb, ox_breadcrumb, GTK_TYPE_BOX)

static void
ox_breadcrumb_dispose (GObject *object)
{
  g_clear_object (&OX_BREADCRUMB (object)->focus);
  G_OBJECT_CLASS (ox_breadcrumb_parent_class)->dispose (object);
}

static void
ox_breadcrumb_class_init (OxBreadcrumbClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_breadcrumb_dispose;
}

static void
ox_breadcrumb_init (OxBreadcrumb *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "osd");
  gtk_widget_add_css_class (GTK_WIDGET (self), "toolbar");
  gtk_widget_add_css_class (GTK_WIDGET (self), "ox-breadcrumb");
}

static void
level_clear (gpointer data)
{
  g_free (((Level *) data)->label);
}

static void
add_level (GArray *levels, OxGraph *graph, char *label)
{
  Level level = { graph, label };

  g_array_append_val (levels, level);
}

/* The frames of the stack, if the shown graph is one of theirs. */
static gboolean
add_frames (GArray *levels, OxDebugger *debugger, OxGraph *shown)
{
  gboolean found = FALSE;
  guint depth;

  if (debugger == NULL || ox_debugger_is_running (debugger))
    return FALSE;
  depth = ox_debugger_get_depth (debugger);
  for (guint i = 0; i < depth; i++)
    found = found || ox_debugger_get_frame (debugger, i)->graph == shown;
  for (guint i = 0; found && i < depth; i++)
    {
      const OxFrame *frame = ox_debugger_get_frame (debugger, i);

      add_level (levels, frame->graph, ox_frame_label (frame));
    }
  return found;
}

static void
add_graphs (GArray *levels, OxGraph *shown, OxModel *model)
{
  for (OxGraph *graph = shown; graph != NULL; graph = graph->outer)
    {
      Level level = { graph, NULL };

      if (graph->owner != NULL)
        level.label = g_strdup_printf ("%s %s", graph->owner->op_type, ox_graph_label (graph));
      else
        level.label = g_strdup (ox_graph_label (graph));
      g_array_prepend_val (levels, level);
    }
  /* A function's body hangs in the air; main is the way home. */
  if (g_array_index (levels, Level, 0).graph != model->graph)
    {
      Level level = { model->graph, g_strdup (ox_graph_label (model->graph)) };

      g_array_prepend_val (levels, level);
    }
}

static void
clicked_cb (GtkWidget *button, OxBreadcrumb *self)
{
  ox_focus_show_graph (self->focus, g_object_get_data (G_OBJECT (button), "graph"));
}

static void
fill (OxBreadcrumb *self)
{
  g_autoptr (GArray) levels = g_array_new (FALSE, FALSE, sizeof (Level));
  OxGraph *shown = ox_focus_get_graph (self->focus);
  GtkWidget *child;

  g_array_set_clear_func (levels, level_clear);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_box_remove (GTK_BOX (self), child);
  if (!add_frames (levels, ox_focus_get_debugger (self->focus), shown))
    add_graphs (levels, shown, ox_focus_get_model (self->focus));
  gtk_widget_set_visible (GTK_WIDGET (self), levels->len > 1);
  for (guint i = 0; i < levels->len; i++)
    {
      const Level *level = &g_array_index (levels, Level, i);
      g_autofree char *text = ox_words_valid (level->label);
      GtkWidget *label = gtk_label_new (text), *button = gtk_button_new ();

      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
      gtk_label_set_max_width_chars (GTK_LABEL (label), 28);
      gtk_button_set_child (GTK_BUTTON (button), label);
      gtk_widget_set_tooltip_text (button, text);
      gtk_widget_set_focus_on_click (button, FALSE);
      gtk_widget_add_css_class (button, "flat");
      if (level->graph == shown)
        gtk_widget_add_css_class (label, "ox-here");
      g_object_set_data (G_OBJECT (button), "graph", level->graph);
      g_signal_connect (button, "clicked", G_CALLBACK (clicked_cb), self);
      if (i > 0)
        {
          GtkWidget *sign = gtk_image_new_from_icon_name ("go-next-symbolic");

          gtk_image_set_pixel_size (GTK_IMAGE (sign), 12);
          gtk_box_append (GTK_BOX (self), sign);
        }
      gtk_box_append (GTK_BOX (self), button);
    }
}

GtkWidget *
ox_breadcrumb_new (OxFocus *focus)
{
  OxBreadcrumb *self = g_object_new (OX_TYPE_BREADCRUMB, NULL);

  self->focus = g_object_ref (focus);
  g_signal_connect_object (focus, "graph-changed", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (focus, "state-changed", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  fill (self);
  return GTK_WIDGET (self);
}
