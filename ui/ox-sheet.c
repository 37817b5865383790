/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-sheet.h"

#include "ui/ox-words.h"
#include "ui/ox-label.h"

/* A Concat of 2000 inputs must not become 2000 widgets. */
#define MAX_ROWS 200

struct _OxSheet
{
  GtkBox parent_instance;

  GtkWidget *section, *rows, *more;
  guint n_rows;
};

G_DEFINE_FINAL_TYPE (OxSheet, ox_sheet, GTK_TYPE_BOX)

enum
{
  VALUE,
  NODE,
  GRAPH,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
ox_sheet_class_init (OxSheetClass *klass)
{
  signals[VALUE] = g_signal_new ("value", OX_TYPE_SHEET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                 G_TYPE_POINTER, G_TYPE_INT);
  signals[NODE] = g_signal_new ("node", OX_TYPE_SHEET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[GRAPH] = g_signal_new ("graph", OX_TYPE_SHEET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
ox_sheet_init (OxSheet *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 12);
  gtk_widget_set_margin_top (GTK_WIDGET (self), 12);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self), 12);
  gtk_widget_set_margin_start (GTK_WIDGET (self), 12);
  gtk_widget_set_margin_end (GTK_WIDGET (self), 12);
}

GtkWidget *
ox_sheet_new (void)
{
  return g_object_new (OX_TYPE_SHEET, NULL);
}

void
ox_sheet_clear (OxSheet *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL, *child;

  /* Keys would go nowhere when what has the keyboard is gone. */
  if (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    gtk_widget_activate_action (GTK_WIDGET (self), "page.focus-graph", NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_box_remove (GTK_BOX (self), child);
  self->section = self->rows = self->more = NULL;
  self->n_rows = 0;
}

void
ox_sheet_title (OxSheet *self, const char *title, const char *subtitle)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  gtk_box_append (GTK_BOX (box), ox_label_new (title, "title-3"));
  if (subtitle != NULL && *subtitle != '\0')
    gtk_box_append (GTK_BOX (box), ox_label_new (subtitle, "dim-label"));
  gtk_box_append (GTK_BOX (self), box);
}

void
ox_sheet_section (OxSheet *self, const char *title)
{
  self->section = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  if (title != NULL)
    gtk_box_append (GTK_BOX (self->section), ox_label_new (title, "heading"));
  self->rows = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->rows, "card");
  gtk_widget_add_css_class (self->rows, "ox-rows");
  gtk_box_append (GTK_BOX (self->section), self->rows);
  gtk_widget_set_visible (self->section, FALSE);
  gtk_box_append (GTK_BOX (self), self->section);
  self->more = NULL;
  self->n_rows = 0;
}

/* Puts @row in place; FALSE (and @row is gone) when the section is full. */
static gboolean
add (OxSheet *self, GtkWidget *row)
{
  gtk_widget_set_visible (self->section, TRUE);
  if (++self->n_rows <= MAX_ROWS)
    {
      gtk_box_append (GTK_BOX (self->rows), row);
      return TRUE;
    }
  g_object_ref_sink (row);
  g_object_unref (row);
  if (self->more == NULL)
    {
      self->more = ox_label_new ("", "dim-label");
      gtk_box_append (GTK_BOX (self->section), self->more);
    }
  {
    g_autofree char *text = g_strdup_printf ("… and %u more", self->n_rows - MAX_ROWS);

    gtk_label_set_text (GTK_LABEL (self->more), text);
  }
  return FALSE;
}

void
ox_sheet_row (OxSheet *self, const char *name, const char *text, gboolean dim)
{
  ox_sheet_row_with_action (self, name, text, dim, NULL, NULL);
}

void
ox_sheet_row_with_action (OxSheet *self, const char *name, const char *text, gboolean dim, const char *action, const char *target)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *left = ox_label_new (name, "dim-label"), *right = ox_label_new (text, "numeric");

  gtk_widget_add_css_class (row, "ox-row");
  gtk_widget_set_valign (left, GTK_ALIGN_START);
  gtk_label_set_selectable (GTK_LABEL (left), FALSE);
  gtk_label_set_max_width_chars (GTK_LABEL (left), 18);
  gtk_label_set_width_chars (GTK_LABEL (left), 11);
  gtk_widget_set_hexpand (right, TRUE);
  if (dim)
    {
      gtk_widget_add_css_class (right, "dim-label");
      gtk_widget_set_tooltip_text (right, "The default: the file does not set it");
    }
  gtk_box_append (GTK_BOX (row), left);
  gtk_box_append (GTK_BOX (row), right);
  if (action != NULL)
    {
      GtkWidget *button = gtk_button_new_from_icon_name ("document-edit-symbolic");

      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
      gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", target);
      gtk_widget_set_tooltip_text (button, "Change for This Run");
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      gtk_widget_set_valign (left, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (button, "flat");
      gtk_widget_add_css_class (button, "ox-small-button");
      gtk_box_append (GTK_BOX (row), button);
    }
  add (self, row);
}

void
ox_sheet_text (OxSheet *self, const char *text, const char *css)
{
  GtkWidget *label = ox_label_new (text, css);

  gtk_widget_add_css_class (label, "ox-row");
  add (self, label);
}

static void
value_clicked_cb (GtkWidget *button, OxSheet *self)
{
  g_signal_emit (self, signals[VALUE], 0, g_object_get_data (G_OBJECT (button), "graph"),
                 GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "slot")));
}

static void
node_clicked_cb (GtkWidget *button, OxSheet *self)
{
  g_signal_emit (self, signals[NODE], 0, g_object_get_data (G_OBJECT (button), "node"));
}

static void
graph_clicked_cb (GtkWidget *button, OxSheet *self)
{
  g_signal_emit (self, signals[GRAPH], 0, g_object_get_data (G_OBJECT (button), "graph"));
}

static GtkWidget *
clickable (GtkWidget *inside)
{
  GtkWidget *button = gtk_button_new ();

  gtk_button_set_child (GTK_BUTTON (button), inside);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "ox-row-button");
  return button;
}

static GtkWidget *
one_line (const char *text, const char *css)
{
  GtkWidget *label = ox_label_new (text, css);

  gtk_label_set_wrap (GTK_LABEL (label), FALSE);
  gtk_label_set_selectable (GTK_LABEL (label), FALSE);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  return label;
}

GtkLabel *
ox_sheet_value (OxSheet *self, const char *role, OxGraph *graph, int slot, const char *type, const char *source)
{
  GtkWidget *lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1), *whole = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *second = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *row, *what = one_line (type, "numeric");
  const OxSlot *s = slot >= 0 ? ox_graph_slot (graph, slot) : NULL;
  GtkWidget *name = one_line (s != NULL ? s->name : "not given", s != NULL ? NULL : "dim-label");

  if (role != NULL)
    {
      GtkWidget *label = one_line (role, "dim-label");

      gtk_label_set_width_chars (GTK_LABEL (label), 2);
      gtk_widget_set_valign (label, GTK_ALIGN_START);
      gtk_box_append (GTK_BOX (whole), label);
    }
  gtk_widget_set_hexpand (lines, TRUE);
  gtk_box_append (GTK_BOX (whole), lines);
  gtk_box_append (GTK_BOX (lines), name);
  if (s != NULL)
    {
      g_autofree char *tip = ox_words_valid (s->name);

      gtk_widget_set_tooltip_text (name, tip);
      gtk_widget_set_hexpand (what, TRUE);
      gtk_box_append (GTK_BOX (second), what);
      gtk_box_append (GTK_BOX (second), one_line (source, "dim-label"));
      gtk_box_append (GTK_BOX (lines), second);
      row = clickable (whole);
      g_object_set_data (G_OBJECT (row), "graph", graph);
      g_object_set_data (G_OBJECT (row), "slot", GINT_TO_POINTER (slot));
      g_signal_connect (row, "clicked", G_CALLBACK (value_clicked_cb), self);
    }
  else
    {
      g_object_ref_sink (what);
      g_object_unref (what);
      g_object_ref_sink (second);
      g_object_unref (second);
      what = NULL;
      row = whole;
      gtk_widget_add_css_class (row, "ox-row");
    }
  return add (self, row) && what != NULL ? GTK_LABEL (what) : NULL;
}

/* "Conv  features.4", and a sign that it leads somewhere. */
static GtkWidget *
way_to (const char *what, const char *name)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *title = one_line (name, "dim-label");

  gtk_box_append (GTK_BOX (line), one_line (what, NULL));
  gtk_widget_set_hexpand (title, TRUE);
  gtk_box_append (GTK_BOX (line), title);
  gtk_box_append (GTK_BOX (line), gtk_image_new_from_icon_name ("go-next-symbolic"));
  return clickable (line);
}

void
ox_sheet_graph (OxSheet *self, const char *role, OxGraph *graph)
{
  guint n = graph->nodes->len;
  g_autofree char *size = g_strdup_printf (n == 1 ? "%u node" : "%u nodes", n);
  GtkWidget *row = way_to (role, size);

  g_object_set_data (G_OBJECT (row), "graph", graph);
  g_signal_connect (row, "clicked", G_CALLBACK (graph_clicked_cb), self);
  add (self, row);
}

void
ox_sheet_node (OxSheet *self, OxNode *node)
{
  g_autofree char *op = ox_words_operator (node), *name = ox_words_node (node);
  GtkWidget *row = way_to (op, name);

  g_object_set_data (G_OBJECT (row), "node", node);
  g_signal_connect (row, "clicked", G_CALLBACK (node_clicked_cb), self);
  add (self, row);
}

void
ox_sheet_step (OxSheet *self, const char *text, gboolean first, OxNode *node, OxGraph *graph, int slot)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *label = ox_label_new (text, first ? NULL : "dim-label"), *row;

  gtk_label_set_selectable (GTK_LABEL (label), FALSE);
  gtk_widget_set_hexpand (label, TRUE);
  if (!first)
    gtk_widget_set_margin_start (label, 12);
  gtk_box_append (GTK_BOX (line), label);
  gtk_box_append (GTK_BOX (line), gtk_image_new_from_icon_name ("go-next-symbolic"));
  row = clickable (line);
  if (node != NULL)
    {
      g_object_set_data (G_OBJECT (row), "node", node);
      g_signal_connect (row, "clicked", G_CALLBACK (node_clicked_cb), self);
    }
  else
    {
      g_object_set_data (G_OBJECT (row), "graph", graph);
      g_object_set_data (G_OBJECT (row), "slot", GINT_TO_POINTER (slot));
      g_signal_connect (row, "clicked", G_CALLBACK (value_clicked_cb), self);
    }
  add (self, row);
}

void
ox_sheet_buttons (OxSheet *self, guint n, const char *const *words, const char *const *tips, const char *const *actions)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_homogeneous (GTK_GRID (grid), TRUE);
  for (guint i = 0; i < n; i++)
    {
      GtkWidget *button = gtk_button_new_with_label (words[i]);

      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), actions[i]);
      gtk_widget_set_tooltip_text (button, tips[i]);
      gtk_grid_attach (GTK_GRID (grid), button, (int) i % 2, (int) i / 2, 1, 1);
      gtk_widget_set_hexpand (button, TRUE);
    }
  gtk_box_append (GTK_BOX (self->section), grid);
}

void
ox_sheet_heading (OxSheet *self, const char *title)
{
  gtk_box_append (GTK_BOX (self), ox_label_new (title, "heading"));
}
