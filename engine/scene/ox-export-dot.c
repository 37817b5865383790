/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "scene/ox-export-private.h"

/* Text of a model as a DOT string: quotes and backslashes lose their meaning, and nothing can begin an HTML label. What is
 * @shown is searched for entities by Graphviz; names are not. */
static void
put_quoted (GString *out, const char *text, gboolean shown)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p++)
    if (*p == '"' || *p == '\\')
      g_string_append_printf (out, "\\%c", *p);
    else if (*p == '&' && shown)
      g_string_append (out, "&amp;");
    else if ((guchar) *p < 32)
      g_string_append_c (out, ' ');
    else
      g_string_append_c (out, *p);
  g_string_append_c (out, '"');
}

static void
put_card (GString *out, const OxCard *card, int index)
{
  g_autoptr (GString) label = g_string_new (card->title);

  if (card->detail != NULL)
    g_string_append_printf (label, "\n%s", card->detail);
  for (int i = 0; card->insets != NULL && card->insets[i] != NULL; i++)
    g_string_append_printf (label, "\n%s", card->insets[i]);
  g_string_append_printf (out, "  n%d [shape=%s, style=\"filled,rounded\", fillcolor=\"#%06x\", color=\"#%06x\", label=", index,
                          card->kind == OX_CARD_INPUT || card->kind == OX_CARD_OUTPUT ? "oval" : "box",
                          ox_palette (FALSE)->fill[card->family], ox_palette (FALSE)->edge[card->family]);
  /* Lines of the label are separated the way DOT does. */
  {
    g_auto (GStrv) lines = g_strsplit (label->str, "\n", -1);

    g_string_append_c (out, '"');
    for (int i = 0; lines[i] != NULL; i++)
      {
        g_autoptr (GString) quoted = g_string_new (NULL);

        put_quoted (quoted, lines[i], TRUE);
        if (i > 0)
          g_string_append (out, "\\n");
        g_string_append_len (out, quoted->str + 1, (gssize) quoted->len - 2);
      }
    g_string_append_c (out, '"');
  }
  g_string_append (out, ", tooltip=");
  put_quoted (out, card->tip, TRUE);
  g_string_append (out, "];\n");
}

gboolean
ox_export_dot (OxScene *scene, GOutputStream *stream, GCancellable *cancellable, GError **error)
{
  g_autoptr (GString) out = g_string_new ("digraph ");

  put_quoted (out, scene->graph->name, FALSE);
  g_string_append (out, " {\n  rankdir=TB;\n  node [fontname=\"sans-serif\", fontsize=11];\n  edge [fontname=\"sans-serif\", fontsize=9];\n");
  for (guint i = 0; i < scene->cards->len; i++)
    put_card (out, g_ptr_array_index (scene->cards, i), (int) i);
  for (guint i = 0; i < scene->arrows->len; i++)
    {
      const OxLayoutArrow *arrow = &g_array_index (scene->arrows, OxLayoutArrow, i);
      const OxSlot *slot = arrow->net >= 0 ? ox_graph_slot (scene->graph, arrow->net) : NULL;
      const OxType *type = slot != NULL ? (slot->type != NULL ? slot->type : slot->inferred) : NULL;

      g_string_append_printf (out, "  n%d -> n%d [tooltip=", arrow->from, arrow->to);
      put_quoted (out, ox_scene_net_name (scene, arrow->net), TRUE);
      if (type != NULL && type->rank >= 0)
        {
          g_autofree char *shape = ox_type_shape_label (type);

          g_string_append (out, ", label=");
          put_quoted (out, shape, TRUE);
        }
      g_string_append (out, "];\n");
    }
  g_string_append (out, "}\n");
  return g_output_stream_write_all (stream, out->str, out->len, NULL, cancellable, error);
}
