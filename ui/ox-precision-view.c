/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-precision-view.h"

#include "ui/ox-dtype-choice.h"
#include "ui/ox-keep-view.h"
#include "ui/ox-precision-map.h"
#include "ui/ox-what-if-view.h"

struct _OxPrecisionView
{
  GtkBox parent_instance;

  GtkStack *stack;
  OxStudy  *what_if;
};

G_DEFINE_FINAL_TYPE (OxPrecisionView, ox_precision_view, GTK_TYPE_BOX)

static void
ox_precision_view_class_init (OxPrecisionViewClass *klass)
{
}

static void
ox_precision_view_init (OxPrecisionView *self)
{
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_widget_set_hexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->stack));
}

/* Each has what one turns to the others with. */
static void
add (OxPrecisionView *self, OxStudy *study, const char *name, const char *title)
{
  GtkWidget *switcher = gtk_stack_switcher_new ();

  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (switcher), self->stack);
  ox_study_put_first (study, switcher);
  gtk_stack_add_titled (self->stack, GTK_WIDGET (study), name, title);
}

GtkWidget *
ox_precision_view_new (OxFocus *focus)
{
  OxPrecisionView *self = g_object_new (OX_TYPE_PRECISION_VIEW, NULL);

  GtkWidget *types[] = { ox_dtype_choice_new (FALSE), ox_dtype_choice_new (TRUE), ox_dtype_choice_new (TRUE) };

  ox_dtype_choice_bind (types[1], types[0]);
  ox_dtype_choice_bind (types[1], types[2]);
  self->what_if = ox_what_if_view_new (focus, types[1]);
  add (self, ox_precision_map_new (focus, types[0]), "map", "Safety Map");
  add (self, self->what_if, "what-if", "What If");
  add (self, ox_keep_view_new (focus, types[2]), "keep", "Keep");
  return GTK_WIDGET (self);
}

void
ox_precision_view_ask (OxPrecisionView *self, const char *question)
{
  static const char *const regions[] = {
    [OX_WHAT_IF_ALL] = "all", [OX_WHAT_IF_NODE] = "node", [OX_WHAT_IF_SCOPE] = "scope", [OX_WHAT_IF_OPERATOR] = "operator"
  };
  const char *page = question;

  for (guint i = 0; i < G_N_ELEMENTS (regions); i++)
    if (g_str_equal (question, regions[i]))
      {
        page = "what-if";
        ox_what_if_view_set_region (self->what_if, i);
      }
  gtk_stack_set_visible_child_name (self->stack, page);
  ox_study_ask (OX_STUDY (gtk_stack_get_visible_child (self->stack)));
}
