/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "app/ox-actions.h"

static const OxActionRow rows[] = {
  { "page.continue", "F5", "Continue", "Running" },
  { "page.stop", "<Shift>F5", "Stop what is running", "Running" },
  { "page.restart", "<Control><Shift>F5", "Restart", "Running" },
  { "page.over", "F10", "Step over", "Running" },
  { "page.in", "F11", "Step in", "Running" },
  { "page.out", "<Shift>F11", "Step out", "Running" },
  { "page.back", "<Shift>F10", "Step back", "Running" },
  { "page.back-in", "<Control>F11", "Step back, into bodies", "Running" },
  { "page.to-node", "<Control>F10", "Run to the selected node", "Running" },
  { "page.back-to-write", "<Control><Shift>F11", "Run back to the last write of the value", "Running" },
  { "page.back-to-bad", "<Control><Shift>h", "Run back to the previous NaN or infinity", "Running" },
  { "page.back-to-break", "<Control>F5", "Run back to the previous breakpoint", "Running" },
  { "page.to-start", "<Control><Shift>F10", "Run back to the start", "Running" },
  { "page.breakpoint", "F9", "Breakpoint at the selected node", "Running" },
  { "page.condition", "<Control>F9", "When to stop at the selected node, or at all that fit", "Running" },
  { "page.watch", "<Control><Shift>w", "Watch a formula", "Running" },
  { "page.hunt", "<Control>h", "Hunt: the first NaN and infinity", "Running" },
  { "page.precision", "<Control>p", "Precision: what a narrower type would do", "Running" },
  { "page.quantisation", "<Control><Shift>p", "Quantisation: scales, clipping and noise", "Running" },
  { "page.inputs", "<Control>i", "Change the inputs", "Running" },
  { "page.undo", "<Control>z", "Take the last change back", "Running" },
  { "page.redo", "<Control><Shift>z", "Make it again", "Running" },
  { "page.compare-file", "<Control>r", "Compare with a reference", "Running" },
  { "page.compare-again", "<Control><Shift>r", "Compare again", "Running" },

  { "page.find", "<Control>f", "Find a node", "Graph" },
  { "page.go-back", "<Alt>Left", "Back to what was shown before", "Graph" },
  { "page.go-forward", "<Alt>Right", "Forward again", "Graph" },
  { "page.show-tensor", "<Control>space", "Show the value in a window", "Graph" },
  { "page.show-current", "<Control>period", "Go to the current node", "Graph" },
  { NULL, "Up Down Left Right", "Walk along the tensors", "Graph" },
  { NULL, "Return", "Into the node's body", "Graph" },
  { NULL, "BackSpace", "Out of it", "Graph" },
  { NULL, "f", "Fit the graph", "Graph" },
  { NULL, "z", "Zoom to the selected node", "Graph" },
  { NULL, "0", "Natural size", "Graph" },
  { NULL, "plus minus", "Zoom in and out", "Graph" },
  { NULL, "Escape", "Back to the graph; there, select nothing", "Graph" },

  { "win.open", "<Control>o", "Open a model", "Window" },
  { "page.export", "<Control>e", "Export the picture", "Window" },
  { "page.export-report", "<Control><Shift>e", "Export a report of the run", "Window" },
  { "win.close", "<Control>w", "Close the model", "Window" },
  { "page.outline", "<Control><Shift>o", "Outline", "Window" },
  { "page.inspector", "<Control><Shift>i", "Inspector", "Window" },
  { "page.drawer", "<Control><Shift>d", "Timeline, values and console", "Window" },
  { "page.console", "<Control><Shift>k", "Type commands in the console", "Window" },
  { "win.previous-tab", "<Control>Page_Up", "Previous model", "Window" },
  { "win.next-tab", "<Control>Page_Down", "Next model", "Window" },
  { "app.preferences", "<Control>comma", "Preferences", "Window" },
  { "app.shortcuts", "<Control>question", "Keyboard shortcuts", "Window" },
  { "app.quit", "<Control>q", "Quit", "Window" },
  { NULL, NULL, NULL, NULL },
};

const OxActionRow *
ox_actions_get (void)
{
  return rows;
}

void
ox_actions_install (GtkApplication *application)
{
  for (const OxActionRow *row = rows; row->title != NULL; row++)
    if (row->action != NULL)
      {
        g_auto (GStrv) accels = g_strsplit (row->accels, " ", -1);

        gtk_application_set_accels_for_action (application, row->action, (const char *const *) accels);
      }
}

static void
append_row (GString *ui, const OxActionRow *row)
{
  g_autofree char *accels = g_markup_escape_text (row->accels, -1), *title = g_markup_escape_text (row->title, -1);

  g_string_append_printf (ui,
                          "<child><object class='GtkShortcutsShortcut'><property name='accelerator'>%s</property>"
                          "<property name='title'>%s</property></object></child>",
                          accels, title);
}

GtkWindow *
ox_actions_new_shortcuts (void)
{
  GString *ui = g_string_new ("<interface><object class='GtkShortcutsWindow' id='window'>"
                              "<property name='modal'>1</property><child><object class='GtkShortcutsSection'>"
                              "<property name='section-name'>main</property><property name='max-height'>15</property>");
  g_autoptr (GtkBuilder) builder = gtk_builder_new ();
  GtkWindow *window = NULL;
  const char *group = NULL;
  g_autoptr (GError) error = NULL;

  for (const OxActionRow *row = rows; row->title != NULL; row++)
    {
      if (g_strcmp0 (group, row->group) != 0)
        g_string_append_printf (ui, "%s<child><object class='GtkShortcutsGroup'><property name='title'>%s</property>",
                                group != NULL ? "</object></child>" : "", row->group);
      group = row->group;
      append_row (ui, row);
    }
  g_string_append (ui, "</object></child></object></child></object></interface>");
  if (gtk_builder_add_from_string (builder, ui->str, (gssize) ui->len, &error))
    window = GTK_WINDOW (gtk_builder_get_object (builder, "window"));
  else
    g_critical ("%s", error->message);
  g_string_free (ui, TRUE);
  return window;
}
