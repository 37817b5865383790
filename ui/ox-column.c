/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-column.h"

#include <math.h>

/* Rows that are sorted in one go. */
#define AT_ONCE 3000

typedef struct
{
  OxColumnText   text;
  OxColumnNumber number;
  gboolean     (*mark) (gpointer item);
  gboolean       name;      /* a path, whose end tells most */
  gboolean       right, words;
} Column;

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *row, const Column *column)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), column->right ? 1 : 0);
  /* A number without its middle is another one. */
  gtk_label_set_ellipsize (GTK_LABEL (label), column->name ? PANGO_ELLIPSIZE_START
                                              : column->right || column->words ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_MIDDLE);
  /* Of a name some has to be left where there is little room. */
  if (column->name)
    gtk_label_set_width_chars (GTK_LABEL (label), 16);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (row, label);
}

static void
update (gpointer item, GParamSpec *pspec, GtkWidget *label)
{
  const Column *column = g_object_get_data (G_OBJECT (label), "column");
  g_autofree char *text = column->text (item);

  gtk_label_set_text (GTK_LABEL (label), text);
  gtk_widget_set_tooltip_text (label, text);
  if (column->mark != NULL && column->mark (item))
    gtk_widget_add_css_class (label, "ox-bad");
  else
    gtk_widget_remove_css_class (label, "ox-bad");
}

/* Items that learn more later notify of it with any of their properties. */
static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *row, const Column *column)
{
  gpointer item = gtk_list_item_get_item (row);
  GtkWidget *label = gtk_list_item_get_child (row);

  g_object_set_data (G_OBJECT (label), "column", (gpointer) column);
  update (item, NULL, label);
  g_signal_connect (item, "notify", G_CALLBACK (update), label);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *row, const Column *column)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (row), update, gtk_list_item_get_child (row));
}

static int
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  const Column *column = data;

  if (column->number != NULL)
    {
      double left = column->number ((gpointer) a), right = column->number ((gpointer) b);

      if (isnan (left) || isnan (right))
        return isnan (left) && isnan (right) ? GTK_ORDERING_EQUAL : isnan (left) ? GTK_ORDERING_LARGER : GTK_ORDERING_SMALLER;
      return left < right ? GTK_ORDERING_SMALLER : left > right ? GTK_ORDERING_LARGER : GTK_ORDERING_EQUAL;
    }
  else
    {
      g_autofree char *left = column->text ((gpointer) a), *right = column->text ((gpointer) b);

      return gtk_ordering_from_cmpfunc (g_utf8_collate (left, right));
    }
}

GtkColumnViewColumn *
ox_column_append (GtkColumnView *view, const char *title, OxColumnText text, OxColumnNumber number, gboolean expand)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *made;
  g_autoptr (GtkSorter) sorter = NULL;
  Column *column = g_new0 (Column, 1);

  column->text = text;
  column->number = number;
  column->name = expand;
  column->right = number != NULL;
  g_object_set_data_full (G_OBJECT (factory), "column", column, g_free);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), column);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), column);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), column);
  made = gtk_column_view_column_new (title, factory);
  /* The sorter lives as long as the column and its factory do. */
  sorter = GTK_SORTER (gtk_custom_sorter_new (compare, column, NULL));
  gtk_column_view_column_set_sorter (made, sorter);
  gtk_column_view_column_set_resizable (made, TRUE);
  gtk_column_view_column_set_expand (made, expand);
  gtk_column_view_append_column (view, made);
  g_object_unref (made);
  return made;
}

void
ox_column_set_words (GtkColumnViewColumn *column)
{
  Column *made = g_object_get_data (G_OBJECT (gtk_column_view_column_get_factory (column)), "column");

  made->right = FALSE;
  made->words = TRUE;
}

void
ox_column_set_mark (GtkColumnViewColumn *column, gboolean (*mark) (gpointer item))
{
  Column *made = g_object_get_data (G_OBJECT (gtk_column_view_column_get_factory (column)), "column");

  made->mark = mark;
}

/* Titles of numbers stand over them, to the right; they are made when the table is first seen. */
static void
align_titles_cb (GtkWidget *view)
{
  GListModel *columns = gtk_column_view_get_columns (GTK_COLUMN_VIEW (view));
  GtkWidget *header = gtk_widget_get_first_child (view), *title = header != NULL ? gtk_widget_get_first_child (header) : NULL;

  for (guint i = 0; title != NULL; i++, title = gtk_widget_get_next_sibling (title))
    {
      g_autoptr (GtkColumnViewColumn) made = g_list_model_get_item (columns, i);
      const Column *column = made != NULL ? g_object_get_data (G_OBJECT (gtk_column_view_column_get_factory (made)), "column") : NULL;

      GtkWidget *box = gtk_widget_get_first_child (title);

      if (column == NULL || !column->right || !GTK_IS_BOX (box))
        continue;
      gtk_widget_set_halign (box, GTK_ALIGN_END);
      /* The arrow that tells how it is sorted goes before the text. */
      if (gtk_widget_get_first_child (box) != gtk_widget_get_last_child (box) && GTK_IS_LABEL (gtk_widget_get_first_child (box)))
        gtk_box_reorder_child_after (GTK_BOX (box), gtk_widget_get_last_child (box), NULL);
    }
}

GtkSingleSelection *
ox_column_view_set_model (GtkColumnView *view, GListModel *model)
{
  GtkSorter *sorter = gtk_column_view_get_sorter (view);
  GtkSortListModel *sorted = gtk_sort_list_model_new (g_object_ref (model), sorter != NULL ? g_object_ref (sorter) : NULL);
  GtkSingleSelection *selection;

  /* While it is sorted bit by bit, the list holds on to rows that go elsewhere. */
  gtk_sort_list_model_set_incremental (sorted, g_list_model_get_n_items (model) > AT_ONCE);
  selection = gtk_single_selection_new (G_LIST_MODEL (sorted));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  /* It begins with the first, which nobody has chosen. */
  gtk_single_selection_set_selected (selection, GTK_INVALID_LIST_POSITION);
  g_signal_connect (view, "map", G_CALLBACK (align_titles_cb), NULL);
  gtk_column_view_set_model (view, GTK_SELECTION_MODEL (selection));
  g_object_unref (selection);
  return selection;
}
