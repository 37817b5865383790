/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "debug/ox-comparison-files.h"

/* (transfer full) What may stand in XML: names in a model may hold any bytes. */
static char *
escape (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *clean = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      /* XML 1.0 has no way to write these, not even escaped. */
      if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f || (c >= 0x80 && c < 0xa0) || c == 0xfffe || c == 0xffff)
        c = 0xfffd;
      switch (c)
        {
        case '&':
          g_string_append (clean, "&amp;");
          break;
        case '<':
          g_string_append (clean, "&lt;");
          break;
        case '>':
          g_string_append (clean, "&gt;");
          break;
        case '"':
          g_string_append (clean, "&quot;");
          break;
        case '\n':
          g_string_append (clean, "&#10;");
          break;
        case '\t':
          g_string_append (clean, "&#9;");
          break;
        case '\r':
          g_string_append (clean, "&#13;");
          break;
        default:
          g_string_append_unichar (clean, c);
          break;
        }
    }
  return g_string_free (clean, FALSE);
}

static void
put_case (GString *xml, const OxComparedValue *value)
{
  const char *output = value->output < value->node->output_names->len
                         ? g_ptr_array_index (value->node->output_names, value->output) : "";
  g_autofree char *title = ox_node_title (value->node);
  g_autofree char *name = escape (output[0] != '\0' ? output : title), *op = escape (value->node->op_type);
  g_autofree char *where = escape (value->where != NULL ? value->where : "main");
  g_autofree char *detail = NULL, *text = NULL, *line = NULL, *message = NULL;

  g_string_append_printf (xml, "    <testcase classname=\"%s.%s\" name=\"%s\"", where, op, name);
  if (value->verdict == OX_VERDICT_SAME)
    {
      g_string_append (xml, "/>\n");
      return;
    }
  line = ox_compared_value_describe (value);
  message = escape (line);
  detail = ox_compared_value_detail (value);
  text = escape (detail);
  if (value->verdict == OX_VERDICT_DIFFERS)
    g_string_append_printf (xml, ">\n      <failure type=\"differs\" message=\"%s\">%s</failure>\n    </testcase>\n", message, text);
  else if (value->verdict == OX_VERDICT_RANDOM)
    g_string_append_printf (xml, ">\n      <skipped message=\"drawn from another generator\"/>\n    </testcase>\n");
  else
    g_string_append_printf (xml, ">\n      <system-out>inherited: %s</system-out>\n    </testcase>\n", text);
}

char *
ox_comparison_junit (OxComparison *comparison, const OxComparisonFacts *facts)
{
  GString *xml = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  GPtrArray *values = ox_comparison_values (comparison);
  g_autofree char *name = escape (facts->model != NULL ? facts->model : "model");
  g_autofree char *title = escape (ox_reference_title (ox_comparison_reference (comparison)));
  guint failures = 0, skipped = 0;

  for (guint i = 0; i < values->len; i++)
    {
      const OxComparedValue *value = g_ptr_array_index (values, i);

      failures += value->verdict == OX_VERDICT_DIFFERS;
      skipped += value->verdict == OX_VERDICT_RANDOM;
    }
  g_string_append_printf (xml, "<testsuites tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\">\n", values->len, failures,
                          skipped);
  g_string_append_printf (xml, "  <testsuite name=\"onnxscope compare\" tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\">\n",
                          values->len, failures, skipped);
  g_string_append_printf (xml, "    <properties>\n      <property name=\"model\" value=\"%s\"/>\n"
                               "      <property name=\"reference\" value=\"%s\"/>\n", name, title);
  for (guint i = 0; facts->edits != NULL && facts->edits[i] != NULL; i++)
    {
      g_autofree char *edit = escape (facts->edits[i]);

      g_string_append_printf (xml, "      <property name=\"edit\" value=\"%s\"/>\n", edit);
    }
  g_string_append (xml, "    </properties>\n");
  for (guint i = 0; i < values->len; i++)
    put_case (xml, g_ptr_array_index (values, i));
  g_string_append (xml, "  </testsuite>\n</testsuites>\n");
  return g_string_free (xml, FALSE);
}
