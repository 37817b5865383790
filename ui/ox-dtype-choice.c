/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-dtype-choice.h"

static const OxDtype types[] = { OX_F16, OX_BF16, OX_F8E4M3FN, OX_F8E4M3FNUZ, OX_F8E5M2, OX_F8E5M2FNUZ, OX_I8 };

GtkWidget *
ox_dtype_choice_new (gboolean integers)
{
  const char *names[G_N_ELEMENTS (types) + 1] = { NULL };
  GtkWidget *choice;

  for (guint i = 0; i < G_N_ELEMENTS (types) - !integers; i++)
    names[i] = ox_dtype_name (types[i]);
  choice = gtk_drop_down_new_from_strings (names);
  gtk_widget_set_tooltip_text (choice, "The Narrower Type");
  return choice;
}

OxDtype
ox_dtype_choice_get (GtkWidget *choice)
{
  guint at = gtk_drop_down_get_selected (GTK_DROP_DOWN (choice));

  return at < G_N_ELEMENTS (types) ? types[at] : OX_F16;
}

static gboolean
carry_over (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  GtkDropDown *other = data;
  guint at = g_value_get_uint (from);

  if (at >= g_list_model_get_n_items (gtk_drop_down_get_model (other)))
    return FALSE;
  g_value_set_uint (to, at);
  return TRUE;
}

void
ox_dtype_choice_bind (GtkWidget *choice, GtkWidget *other)
{
  g_object_bind_property_full (choice, "selected", other, "selected", G_BINDING_DEFAULT, carry_over, NULL, other, NULL);
  g_object_bind_property_full (other, "selected", choice, "selected", G_BINDING_DEFAULT, carry_over, NULL, choice, NULL);
}
