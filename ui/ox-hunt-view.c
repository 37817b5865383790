/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ui/ox-hunt-view.h"

#include <string.h>

#include "debug/ox-hunt.h"
#include "tensor/ox-format.h"
#include "ui/ox-label.h"
#include "ui/ox-study.h"
#include "ui/ox-words.h"

/* How long one genealogy may take. */
#define SECONDS 5
#define ALL (1U << OX_HUNT_INF | 1U << OX_HUNT_NAN | 1U << OX_HUNT_OVERFLOW16)

struct _OxHuntView
{
  GtkBox parent_instance;

  OxFocus    *focus;
  OxStudy    *study;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (OxHuntView, ox_hunt_view, GTK_TYPE_BOX)

static const char *const kinds[OX_N_HUNTS] = { "infinity", "NaN", "number beyond 65504, the largest of 16 bits" };

static void
ox_hunt_view_dispose (GObject *object)
{
  OxHuntView *self = OX_HUNT_VIEW (object);

  g_clear_object (&self->focus);
  G_OBJECT_CLASS (ox_hunt_view_parent_class)->dispose (object);
}

static void
ox_hunt_view_class_init (OxHuntViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ox_hunt_view_dispose;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

/* A row that leads to the value called @name of @node. */
static void
add_row (OxHuntView *self, const OxNode *node, const char *name, const char *text, const char *detail, const char *css, int indent)
{
  GtkWidget *row = gtk_list_box_row_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  gtk_widget_set_margin_start (box, 12 + 18 * indent);
  gtk_widget_set_margin_end (box, 12);
  gtk_box_append (GTK_BOX (box), ox_label_new_line (text, css, PANGO_ELLIPSIZE_MIDDLE));
  if (detail != NULL)
    {
      GtkWidget *label = ox_label_new_line (detail, "dim-label", PANGO_ELLIPSIZE_MIDDLE);

      gtk_widget_set_hexpand (label, TRUE);
      gtk_box_append (GTK_BOX (box), label);
    }
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), node != NULL);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), node != NULL);
  g_object_set_data (G_OBJECT (row), "node", (gpointer) node);
  g_object_set_data_full (G_OBJECT (row), "name", g_strdup (name), g_free);
  gtk_list_box_append (self->list, row);
}

/* "Conv conv1", or what stands for a name, which tells the operator too. */
static char *
who (const OxNode *node)
{
  g_autofree char *op = ox_words_operator (node), *title = ox_words_node (node);

  return *node->name != '\0' ? g_strdup_printf ("%s %s", op, title) : g_steal_pointer (&title);
}

static char *
element (const char *name, const char *index, double value)
{
  g_autofree char *number = ox_format_double (value, 4);

  return g_strdup_printf ("%s%s = %s", name, index, number);
}

static void
add_generation (OxHuntView *self, const OxGeneration *generation)
{
  g_autofree char *text = element (generation->name, generation->index, generation->value);
  g_autofree char *node = who (generation->node);
  g_autofree char *by = g_strdup_printf ("by %s%s%s%s", generation->changed ? "a change of " : "", node,
                                         generation->where != NULL ? " in " : "", generation->where != NULL ? generation->where : "");

  add_row (self, generation->node, generation->name, text, by, NULL, 1);
  for (guint i = 0; i < generation->ancestors->len; i++)
    {
      static const char *const origins[] = { "", "a weight", "an input" };
      const OxAncestor *ancestor = g_ptr_array_index (generation->ancestors, i);
      g_autofree char *what = element (ancestor->name, ancestor->index, ancestor->value);
      g_autofree char *line = g_strconcat (ancestor->followed ? "← " : "   ", what, NULL);
      g_autoptr (GString) detail = g_string_new (origins[ancestor->origin]);

      if (ancestor->among > 1)
        g_string_append_printf (detail, "%sthe one that matters most of %" G_GINT64_FORMAT, detail->len > 0 ? ", " : "",
                                ancestor->among);
      add_row (self, generation->node, ancestor->name, line, detail->str, NULL, 2);
    }
}

static void
add_finding (OxHuntView *self, OxHuntKind kind, const OxFinding *finding, gboolean second)
{
  g_autofree char *heading = NULL, *detail = NULL, *node = NULL;

  if (finding == NULL)
    {
      heading = g_strdup_printf ("No %s", kinds[kind]);
      add_row (self, NULL, NULL, heading, NULL, "dim-label", 0);
      return;
    }
  node = who (finding->node);
  heading = g_strdup_printf (second ? "First %s that is not there on purpose: %s" : "First %s: %s", kinds[kind], node);
  detail = g_strdup_printf ("%s, %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " elements%s%s%s", finding->shape, finding->count,
                            finding->of, finding->where != NULL ? ", in " : "", finding->where != NULL ? finding->where : "",
                            finding->intended ? "; carried on from a constant, as masks are" : "");
  add_row (self, finding->node, g_ptr_array_index (finding->node->output_names, finding->output), heading, detail, "heading", 0);
  for (guint i = 0; finding->generations != NULL && i < finding->generations->len; i++)
    add_generation (self, g_ptr_array_index (finding->generations, i));
}

static void
clear (OxHuntView *self)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
}

static void
activated_cb (GtkListBox *list, GtkListBoxRow *row, OxHuntView *self)
{
  OxNode *node = g_object_get_data (G_OBJECT (row), "node");

  if (node != NULL)
    ox_focus_select_named (self->focus, node, g_object_get_data (G_OBJECT (row), "name"));
}

/* ---- the hunt -------------------------------------------------------------------------------------------------- */

typedef struct
{
  OxHunt *hunt;
  GError *failure;    /* that ended the run */
} Hunt;

static void
hunt_clear (gpointer data)
{
  Hunt *hunt = data;

  ox_hunt_free (hunt->hunt);
  g_clear_error (&hunt->failure);
}

static gboolean
hunt_work (gpointer study, OxProgress progress, gpointer data, GCancellable *cancellable, GError **error)
{
  Hunt *hunt = study;

  ox_hunt_run (hunt->hunt, SECONDS, cancellable, &hunt->failure);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* The nodes that the first NaN went through, else the first infinity, from where it arose, are the overlay's path. */
static void
show_path (OxHuntView *self, OxHunt *hunt)
{
  static const OxHuntKind order[] = { OX_HUNT_NAN, OX_HUNT_INF };
  const OxFinding *finding = NULL;
  GHashTable *nodes;

  for (guint i = 0; i < G_N_ELEMENTS (order) && finding == NULL; i++)
    {
      finding = ox_hunt_first_unintended (hunt, order[i]);
      if (finding == NULL)
        finding = ox_hunt_first (hunt, order[i]);
    }
  if (finding == NULL)
    return;
  nodes = g_hash_table_new (NULL, NULL);
  g_hash_table_add (nodes, finding->node);
  for (guint i = 0; finding->generations != NULL && i < finding->generations->len; i++)
    for (const OxNode *node = ((const OxGeneration *) g_ptr_array_index (finding->generations, i))->node; node != NULL;
         node = node->graph->owner)
      g_hash_table_add (nodes, (gpointer) node);
  ox_overlay_set_path (ox_focus_get_overlay (self->focus), nodes,
                       finding->kind == OX_HUNT_NAN ? "Where the first NaN comes from" : "Where the first infinity comes from");
  ox_focus_select_node (self->focus, finding->node);
}

static void
done_cb (OxStudy *study, Hunt *hunt, const GError *error, OxHuntView *self)
{
  clear (self);
  for (OxHuntKind kind = 0; kind < OX_N_HUNTS; kind++)
    {
      const OxFinding *first = ox_hunt_first (hunt->hunt, kind), *other = ox_hunt_first_unintended (hunt->hunt, kind);

      add_finding (self, kind, first, FALSE);
      if (other != NULL && other != first)
        add_finding (self, kind, other, TRUE);
    }
  show_path (self, hunt->hunt);
  if (hunt->failure != NULL)
    add_row (self, NULL, NULL, "The run stops before its end", hunt->failure->message, "error", 0);
  ox_study_show_findings (study);
}

static void
begin_cb (OxStudy *study, OxHuntView *self)
{
  Hunt *hunt = g_atomic_rc_box_new0 (Hunt);

  hunt->hunt = ox_hunt_new (ox_debugger_new_study (ox_focus_get_debugger (self->focus)), ALL);
  ox_study_run (study, hunt_work, hunt, hunt_clear);
}

static void
ox_hunt_view_init (OxHuntView *self)
{
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_activate_on_single_click (self->list, TRUE);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (activated_cb), self);
}

GtkWidget *
ox_hunt_view_new (OxFocus *focus)
{
  OxHuntView *self = g_object_new (OX_TYPE_HUNT_VIEW, NULL);

  self->focus = g_object_ref (focus);
  self->study = OX_STUDY (ox_study_new (focus, "Hunt",
                                        "Hunt runs the model once more with its inputs and tells where the first infinity, NaN and "
                                        "number beyond 16 bits come from",
                                        GTK_WIDGET (self->list)));
  gtk_widget_set_hexpand (GTK_WIDGET (self->study), TRUE);
  g_signal_connect (self->study, "begin", G_CALLBACK (begin_cb), self);
  g_signal_connect (self->study, "done", G_CALLBACK (done_cb), self);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->study));
  return GTK_WIDGET (self);
}

void
ox_hunt_view_start (OxHuntView *self)
{
  ox_study_ask (self->study);
}
