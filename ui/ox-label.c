/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-label.h"

#include "ui/ox-words.h"

GtkWidget *
ox_label_new (const char *text, const char *css)
{
  g_autofree char *valid = ox_words_valid (text);
  GtkWidget *label = gtk_label_new (valid);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  /* A hyphen in a name would be taken for part of it. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (GTK_LABEL (label), attributes);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_focusable (label, FALSE);
  if (css != NULL)
    gtk_widget_add_css_class (label, css);
  return label;
}

void
ox_label_set_line (GtkLabel *label, const char *text)
{
  g_autofree char *valid = ox_words_valid (text);

  gtk_label_set_text (label, valid);
  gtk_widget_set_tooltip_text (GTK_WIDGET (label), *valid != '\0' ? valid : NULL);
}

GtkWidget *
ox_label_new_line (const char *text, const char *css, PangoEllipsizeMode mode)
{
  GtkWidget *label = gtk_label_new (NULL);

  ox_label_set_line (GTK_LABEL (label), text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), mode);
  if (css != NULL)
    gtk_widget_add_css_class (label, css);
  return label;
}
