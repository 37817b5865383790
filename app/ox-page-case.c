/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-page-private.h"
#include "app/ox-test-case.h"
#include "debug/ox-excerpt.h"
#include "model/ox-scope.h"
#include "ui/ox-edit-actions.h"

/* The selected node, its scope, what lies between another node and it, or what makes the first difference, as a test case in a folder: with the values of the run,
 * and with what was changed in it. */

static gpointer
prepare (OxPage *self, gpointer *subject, const char *choice, GError **error)
{
  return ox_excerpt_new (ox_document_get_debugger (self->document), g_steal_pointer (subject), error);
}

static gboolean
write_case (gpointer prepared, const char *path, char **said, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) expected = NULL;
  g_autoptr (OxCase) made = ox_excerpt_make (prepared, &expected, cancellable, error);
  const char *failure = ox_excerpt_failure (prepared);

  if (made == NULL || !ox_case_write (made, expected, path, error))
    return FALSE;
  if (failure != NULL)
    *said = g_strdup_printf ("without all values that are expected, since it fails: %s", failure);
  return TRUE;
}

static void
done (gpointer prepared)
{
  ox_excerpt_free (prepared);
}

static const OxPageWrite test_case = {
  .heading = "Export Test Case", .doing = "Writing the test case…", .runs = TRUE,
  .prepare = prepare, .write = write_case, .done = done,
};

/* Takes @region. */
static void
ask (OxPage *self, OxRegion *region, const char *title)
{
  g_autofree char *name = g_utf8_make_valid (title, -1);

  ox_page_write (self, &test_case, g_strdelimit (name, "/\\:", '-'), region, (GDestroyNotify) ox_region_free);
}

/* ---- between ------------------------------------------------------------------------------------------------------ */

typedef struct
{
  OxPage *page;
  OxNode *node;
} Between;

static void
between_free (gpointer data)
{
  g_object_unref (((Between *) data)->page);
  g_free (data);
}

/* An output of it, which only one node makes. */
static OxRegion *
find_between (const Between *between, const char *from, GError **error)
{
  char *first[] = { (char *) from, NULL }, *last[] = { NULL, NULL };

  for (guint i = 0; last[0] == NULL && i < between->node->output_names->len; i++)
    if (*(char *) g_ptr_array_index (between->node->output_names, i) != '\0')
      last[0] = g_ptr_array_index (between->node->output_names, i);
  return ox_region_new_between (between->node->graph, first, last, error);
}

static char *
check_from (const char *text, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OxRegion) region = find_between (data, text, &error);

  return region == NULL ? g_strdup (error->message) : NULL;
}

static void
take_from (const char *text, gpointer data)
{
  const Between *between = data;
  OxRegion *region = between->page->focus != NULL ? find_between (between, text, NULL) : NULL;
  g_autofree char *name = g_strdup_printf ("%s-%u-nodes", between->node->op_type, region != NULL ? ox_region_size (region) : 0);

  if (region != NULL)
    ask (between->page, region, name);
}

static void
ask_between (OxPage *self, OxNode *node)
{
  g_autofree char *title = ox_node_title (node);
  g_autofree char *body = g_strdup_printf ("The nodes on all ways to “%s”, from this node or from those that read this tensor. Both "
                                           "ends belong to it.", title);
  const OxSlot *first = node->graph->inputs->len > 0 ? ox_graph_slot (node->graph, g_array_index (node->graph->inputs, int, 0)) : NULL;
  Between *between = g_new0 (Between, 1);

  between->page = g_object_ref (self);
  between->node = node;
  ox_edit_dialog_text (GTK_WIDGET (self), "Test Case of Several Nodes", body, "From", first != NULL ? first->name : "", check_from,
                       take_from, between, between_free);
}

/* ---- the action --------------------------------------------------------------------------------------------------- */

static void
ask_scope (OxPage *self, OxNode *node)
{
  g_autofree char *scope = ox_node_scope (node);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();

  if (*scope == '\0')
    {
      ox_page_tell (self, "The node is in no scope");
      return;
    }
  for (guint i = 0; i < node->graph->nodes->len; i++)
    {
      g_autofree char *other = ox_node_scope (ox_graph_node (node->graph, i));

      if (ox_scope_inside (other, scope))
        g_ptr_array_add (nodes, ox_graph_node (node->graph, i));
    }
  ask (self, ox_region_new_nodes (node->graph, nodes), scope);
}

static void
test_case_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  OxNode *node = self->focus != NULL ? ox_focus_get_node (self->focus) : NULL;
  const char *what = g_variant_get_string (parameter, NULL);

  if (node == NULL)
    return;
  if (g_str_equal (what, "scope"))
    ask_scope (self, node);
  else if (g_str_equal (what, "between"))
    ask_between (self, node);
  else
    {
      g_autofree char *name = g_strdup_printf ("%s-%u", node->op_type, node->index);

      ask (self, ox_region_new_node (node), name);
    }
}

/* The nodes between the last values that agree with the reference and the first one that differs. */
static void
blamed_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  OxPage *self = data;
  OxErrors *errors = self->focus != NULL ? ox_overlay_get_errors (ox_focus_get_overlay (self->focus)) : NULL;
  const OxComparedValue *first = errors != NULL ? ox_comparison_first (ox_errors_comparison (errors)) : NULL;
  g_autoptr (GPtrArray) all = first != NULL ? ox_comparison_region (ox_errors_comparison (errors), first) : NULL;
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  g_autofree char *name = NULL;

  if (first == NULL)
    return;
  for (guint i = 0; i < all->len; i++)
    if (((OxNode *) g_ptr_array_index (all, i))->graph == first->node->graph)
      g_ptr_array_add (nodes, g_ptr_array_index (all, i));
  name = g_strdup_printf ("%s-%u-differs", first->node->op_type, first->node->index);
  ask (self, ox_region_new_nodes (first->node->graph, nodes), name);
}

void
ox_page_add_case (OxPage *self)
{
  static const GActionEntry entries[] = { { "test-case", test_case_cb, "s" }, { "test-case-blamed", blamed_cb } };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
}
