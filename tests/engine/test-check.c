/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "models.h"
#include "session/ox-check.h"

/* Models that are wrong in one way each, and all that is said of them. A model is written in lines:
 *   ir 8 / opset DOMAIN VERSION             the model itself; IR version 8 and ai.onnx 17 unless said
 *   in NAME [TYPE DIMS…]  out …  value …    what a graph declares
 *   init NAME TYPE DIMS…                    a constant of ones
 *   node [DOMAIN:]OP IN… -> OUT… | ATTRIBUTES   name=i1 name=f0.5 name=sTEXT name=I1,2 name=@REF
 *   body ATTRIBUTE … end                    a graph of the last node
 *   function DOMAIN:NAME … end              its in and out lines are its own */

typedef struct
{
  const char *name, *model, *said;
  gboolean    weights;
} Case;

static const Case cases[] = {
  { "good", "in x f32 N 3\nnode Relu x -> y\nout y f32 N 3", "" },

  { "ir/none", "ir 0\nin x f32\nnode Relu x -> y\nout y", "error: it says no IR version; found 0 [ir-version]\n" },
  { "ir/new", "ir 99\nin x f32\nnode Relu x -> y\nout y",
    "warning: its IR version is 99, the newest known is 14 [ir-version]\n" },
  { "ir/initializer", "ir 3\ninit w f32 2\nnode Relu w -> y\nout y",
    "warning: main: initializer 'w' is no input, which is allowed since IR version 4; its own is 3 [ir-version]\n" },
  { "ir/function", "ir 7\nopset d 1\nfunction d:F\nin a\nnode Relu a -> b\nout b\nend\nin x f32\nnode d:F x -> y\nout y",
    "warning: it has functions, which are there since IR version 8; its own is 7 [ir-version]\n" },
  { "ir/type", "ir 8\ninit w i4 2\nin x f32\nnode Relu x -> y\nout y\nout w",
    "warning: main: constant 'w' is i4, which is there since IR version 10; its own is 8 [ir-version]\n" },

  { "opsets/twice", "opset ai.onnx 17\nopset ai.onnx 18\nin x f32\nnode Relu x -> y\nout y",
    "error: it imports 'ai.onnx' twice, as version 17 and 18 [opsets]\n" },
  { "opsets/new", "opset ai.onnx 999\nin x f32\nnode Relu x -> y\nout y",
    "warning: it imports version 999 of 'ai.onnx', the newest known is 28 [opsets]\n" },
  { "opsets/zero", "opset ai.onnx 17\nopset d 0\nin x f32\nnode Relu x -> y\nout y",
    "error: it imports version 0 of 'd', expected 1 or more [opsets]\n" },
  { "opsets/missing", "in x f32\nnode ai.onnx.ml:Binarizer x -> y\nout y",
    "error: main: node 'Binarizer of 'y'' (Binarizer): its domain 'ai.onnx.ml' is not imported by the model [opsets]\n" },
  { "opsets/function", "opset d 1\nfunction d:F\nin a\nnode ai.onnx.ml:Binarizer a -> b\nout b\nend\n"
                       "in x f32\nnode d:F x -> y\nout y",
    "error: function d.F: node 'Binarizer of 'b'' (Binarizer): its domain 'ai.onnx.ml' is not imported by the function "
    "[opsets]\n" },

  { "functions/twice", "opset d 1\nfunction d:F\nin a\nnode Relu a -> b\nout b\nend\n"
                       "function d:F\nin a\nnode Relu a -> b\nout b\nend\nin x f32\nnode d:F x -> y\nout y",
    "error: there are two functions d.F [functions]\nnote: function d.F is called by nothing [unused]\n" },
  { "functions/recursion", "opset d 1\nfunction d:F\nin a\nnode d:G a -> b\nout b\nend\n"
                           "function d:G\nin a\nnode d:F a -> b\nout b\nend\nin x f32\nnode d:F x -> y\nout y",
    "error: function d.F calls itself, or functions that do; the standard has no recursion [functions]\n"
    "error: function d.G calls itself, or functions that do; the standard has no recursion [functions]\n" },
  { "functions/arity", "opset d 1\nfunction d:F\nin a\nnode Relu a -> b\nout b\nend\nin x f32\nnode d:F x x -> y\nout y",
    "error: main: node 'F of 'y'' (F): function F has 1 inputs, found 2 [arity]\n" },
  { "functions/reference", "opset d 1\nfunction d:F\nin a\nnode LeakyRelu a -> b | alpha=@slope\nout b\nend\n"
                           "in x f32\nnode d:F x -> y\nout y",
    "error: function d.F: node 'LeakyRelu of 'b'' (LeakyRelu): attribute 'alpha' stands for 'slope', which function F does "
    "not have [attribute]\n" },

  { "names/two-inputs", "in x f32\nin x f32\nnode Relu x -> y\nout y",
    "error: main: 'x' is the name of an input and of an input; a name stands for one value [names]\n" },
  { "names/two-outputs", "in x f32\nnode Relu x -> y\nnode Abs x -> y\nout y",
    "error: main: node 'Abs of 'y'' (Abs): 'y' is the name of a node's output and of a node's output; a name stands for one "
    "value [names]\n" },
  { "names/two-constants", "init w f32 1\ninit w f32 1\nnode Relu w -> y\nout y",
    "error: main: there are two initializers named 'w' [names]\n" },
  { "names/undefined", "in x f32\nnode Add x nowhere -> y\nout y",
    "error: main: node 'Add of 'y'' (Add): its input 1 is 'nowhere', which nothing makes [names]\n" },
  { "names/output", "in x f32\nnode Relu x -> y\nout y\nout z",
    "error: main: its output 1 is 'z', which nothing makes [names]\n" },
  { "names/itself", "in x f32\nnode Add x y -> y\nout y",
    "error: main: node 'Add of 'y'' (Add): its input 1 is 'y', which it makes itself [names]\n" },
  { "names/cycle", "in x f32\nnode Add x b -> a\nnode Relu a -> b\nout b",
    "error: main: node 'Relu of 'b'' (Relu): it is part of a cycle: it needs the result of node 'Add of 'a'', which needs "
    "its [structure]\n"
    "warning: main: node 'Add of 'a'' (Add): its input 1 is 'b', which node 'Relu of 'b'' makes only later; expected "
    "topological order [order]\n" },
  { "names/order", "in x f32\nnode Relu a -> y\nnode Abs x -> a\nout y",
    "warning: main: node 'Relu of 'y'' (Relu): its input 0 is 'a', which node 'Abs of 'a'' makes only later; expected "
    "topological order [order]\n" },
  { "names/hidden", "in c bool\nin x f32\nnode Neg x -> z\nnode If c -> y\nbody then_branch\nnode Abs z -> t\nout t\nend\n"
                    "body else_branch\nnode Relu x -> z\nout z\nend\nout y",
    "warning: main > If #1 else_branch: node 'Relu of 'z'' (Relu): 'z' hides a value of the same name in a graph around it, "
    "which the standard does not allow [hidden-names]\n" },
  { "names/unused", "in x f32\nin z f32\ninit w f32 1\nnode Relu x -> y\nnode Abs x -> dead\nout y",
    "note: main: initializer 'w' is used by nothing [unused]\nnote: main: input 'z' is used by nothing [unused-input]\n"
    "note: main: node 'Abs of 'dead'' (Abs): nothing uses what it makes [unused-node]\n" },
  { "outputs/twice", "in x f32\nnode Relu x -> y\nout y\nout y", "warning: main: 'y' is an output twice [outputs]\n" },
  { "outputs/none", "in x f32\nnode Relu x -> y",
    "warning: main: it has no outputs, so nothing comes of it [outputs]\n"
    "note: main: node 'Relu of 'y'' (Relu): nothing uses what it makes [unused-node]\n" },

  { "operator/unknown", "in x f32\nnode Frobnicate x -> y\nout y",
    "error: main: node 'Frobnicate of 'y'' (Frobnicate): ai.onnx has no operator Frobnicate in any version [operator]\n" },
  { "operator/later", "in x f32\nnode Gelu x -> y\nout y",
    "error: main: node 'Gelu of 'y'' (Gelu): ai.onnx has Gelu since version 20, but version 17 is imported [operator]\n" },
  { "operator/stranger", "opset who 1\nin x f32\nnode who:Knows x -> y\nout y",
    "warning: main: node 'Knows of 'y'' (Knows): operator Knows of 'who' is neither of the standard nor a function of the "
    "model, and cannot be run here [unsupported]\n" },
  { "operator/deprecated", "in x f32\nin s f32 4\nnode Upsample x s -> y\nout y",
    "error: main: node 'Upsample of 'y'' (Upsample): Upsample is deprecated since version 10 of ai.onnx, and version 17 is "
    "imported [deprecated]\n" },

  { "arity/inputs", "in x f32\nnode Add x -> y\nout y",
    "error: main: node 'Add of 'y'' (Add): expected 2 inputs, found 1 [arity]\n" },
  { "arity/outputs", "in x f32\nnode Relu x -> y z\nout y",
    "error: main: node 'Relu of 'y'' (Relu): expected 1 outputs, found 2 [arity]\n" },
  { "arity/left-out", "in x f32\nnode Clip - x -> y\nout y",
    "error: main: node 'Clip of 'y'' (Clip): input 0 must not be left out [arity]\n" },
  { "arity/body", "in n i64\nin x f32\nnode Loop n - x -> y\nbody body\nin i\nin go\nout go\nend\nout y",
    "error: main: node 'Loop of 'y'' (Loop): its body should have 3 inputs, found 2 [arity]\n"
    "error: main: node 'Loop of 'y'' (Loop): its body should have at least 2 outputs, found 1 [arity]\n" },

  { "attribute/unknown", "in x f32 2\nnode Softmax x -> y | axes=i0\nout y",
    "error: main: node 'Softmax of 'y'' (Softmax): Softmax-13 has no attribute 'axes', expected one of: axis "
    "[attribute]\n" },
  { "attribute/kind", "in x f32 2\nnode Softmax x -> y | axis=f0\nout y",
    "error: main: node 'Softmax of 'y'' (Softmax): attribute 'axis' is a float, expected an int [attribute]\n" },
  { "attribute/missing", "in x f32 2\nnode Concat x x -> y\nout y",
    "error: main: node 'Concat of 'y'' (Concat): its attribute 'axis' is missing [attribute]\n" },
  { "attribute/twice", "in x f32 2\nnode Softmax x -> y | axis=i0 axis=i0\nout y",
    "error: main: node 'Softmax of 'y'' (Softmax): attribute 'axis' is there twice [attribute]\n" },
  { "attribute/reference", "in x f32 2\nnode Softmax x -> y | axis=@a\nout y",
    "error: main: node 'Softmax of 'y'' (Softmax): attribute 'axis' stands for 'a' of a function's call, but the node is in "
    "no function [attribute]\n" },

  { "type/not-taken", "in x i64 2\nnode Relu x -> a\nnode Sin x -> y\nout y\nout a",
    "error: main: node 'Sin of 'y'' (Sin): input 0 ('x') is i64; Sin-7 takes f16, f32 or f64 there [type]\n" },
  { "type/unequal", "in x f32 2\nin z f64 2\nnode Max x z -> y\nout y",
    "error: main: node 'Max of 'y'' (Max): input 1 ('z') is f64, but input 0 is f32, and both must be the same (T) "
    "[type]\n" },
  { "shape/misfit", "in a f32 2 3\nin b f32 4 5\nnode MatMul a b -> y\nout y",
    "error: main: node 'MatMul of 'y'' (MatMul): the columns of A and the rows of B differ: 3 and 4 [shape]\n" },
  { "declared/type", "in x f32 2\nnode Abs x -> y\nout y f64 2",
    "error: main: node 'Abs of 'y'' (Abs): output 'y' is declared f64 2, but follows as f32 2 [declared-type]\n" },
  { "declared/shape", "in x f32 2\nnode Abs x -> y\nout y f32 3",
    "warning: main: node 'Abs of 'y'' (Abs): output 'y' is declared f32 3, but follows as f32 2 [declared-shape]\n" },
  { "declared/default", "in w f32 3\ninit w f32 2\nnode Abs w -> y\nout y",
    "warning: main: input 'w' is declared f32 3, its default is f32 2 [declared-shape]\n" },

  { "weights", "init w f32 32\nnode Abs w -> y\nout y",
    "note: main: tensor 'w' is 1 in all its 32 elements [weights]\n", .weights = TRUE },
};

/* ---- reading models ------------------------------------------------------------------------------------------- */

static OxType *
read_type (char **words)
{
  int n = (int) g_strv_length (words);
  OxType *type;

  if (n == 0)
    return NULL;
  type = ox_type_new (OX_TYPE_TENSOR, ox_dtype_from_name (words[0]));
  if (n > 1)
    ox_type_set_rank (type, n - 1);
  for (int i = 1; i < n; i++)
    ox_type_set_dim (type, i - 1, g_ascii_isdigit (words[i][0]) ? atoi (words[i]) : -1,
                     g_ascii_isdigit (words[i][0]) ? NULL : words[i]);
  return type;
}

static OxTensor *
read_ones (char **words)
{
  gint64 dims[4];
  int rank = 0;
  OxTensor *tensor;

  for (; words[rank + 1] != NULL; rank++)
    dims[rank] = atoi (words[rank + 1]);
  tensor = ox_tensor_new (ox_dtype_from_name (words[0]), rank, dims, NULL);
  for (gint64 i = 0; i < tensor->count; i++)
    ox_tensor_set (tensor, i, 1);
  return tensor;
}

static void
read_attribute (OxNode *node, const char *word)
{
  const char *value = strchr (word, '=') + 1;
  g_autofree char *name = g_strndup (word, (gsize) (value - word) - 1);

  if (value[0] == '@')
    ox_node_add_attribute (node, name, OX_ATTR_FLOAT)->ref = g_strdup (value + 1);
  else if (value[0] == 'i')
    set_int (node, name, atoi (value + 1));
  else if (value[0] == 'f')
    ox_node_add_attribute (node, name, OX_ATTR_FLOAT)->f = g_ascii_strtod (value + 1, NULL);
  else
    g_error ("unknown attribute '%s'", word);
}

static OxNode *
read_node (OxGraph *graph, char **words)
{
  const char *colon = strchr (words[0], ':');
  g_autofree char *domain = colon != NULL ? g_strndup (words[0], (gsize) (colon - words[0])) : g_strdup ("");
  OxNode *node = ox_graph_add_node (graph, colon != NULL ? colon + 1 : words[0], domain, "");
  int part = 0;

  for (int i = 1; words[i] != NULL; i++)
    if (g_str_equal (words[i], "->") || g_str_equal (words[i], "|"))
      part++;
    else if (part == 0)
      ox_node_add_input (node, g_str_equal (words[i], "-") ? "" : words[i]);
    else if (part == 1)
      ox_node_add_output (node, words[i]);
    else
      read_attribute (node, words[i]);
  return node;
}

static OxModel *
read_model (const char *text)
{
  OxModel *model = ox_model_new ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  OxGraph *stack[4] = { ox_graph_new (model, "g") };
  OxNode *last[4] = { NULL };
  int top = 0;

  model->graph = stack[0];
  model->ir_version = 8;
  for (int l = 0; lines[l] != NULL; l++)
    {
      g_auto (GStrv) words = g_strsplit (lines[l], " ", -1);
      OxGraph *graph = stack[top];

      if (g_str_equal (words[0], "ir"))
        model->ir_version = atoi (words[1]);
      else if (g_str_equal (words[0], "opset"))
        {
          OxOpset opset = { g_strdup (words[1]), atoi (words[2]) };

          g_array_append_val (model->opsets, opset);
        }
      else if (g_str_equal (words[0], "in"))
        ox_graph_add_input (graph, words[1], read_type (words + 2));
      else if (g_str_equal (words[0], "out"))
        ox_graph_add_output (graph, words[1], read_type (words + 2));
      else if (g_str_equal (words[0], "init"))
        add_constant (graph, words[1], read_ones (words + 2));
      else if (g_str_equal (words[0], "node"))
        last[top] = read_node (graph, words + 1);
      else if (g_str_equal (words[0], "body"))
        {
          stack[top + 1] = add_body (last[top], words[1], "");
          top++;
        }
      else if (g_str_equal (words[0], "function"))
        {
          char *colon = strchr (words[1], ':');
          OxFunction *function;
          OxOpset own = { g_strdup ("ai.onnx"), 17 }, local = { g_strdup ("d"), 1 };

          *colon = '\0';
          function = ox_function_new (model, words[1], colon + 1, "");
          g_array_append_val (function->opsets, own);
          g_array_append_val (function->opsets, local);
          stack[++top] = function->body;
        }
      else if (g_str_equal (words[0], "end"))
        top--;
      else
        g_error ("unknown line '%s'", lines[l]);
    }
  for (guint i = 0; i < model->opsets->len; i++)
    if (g_str_equal (g_array_index (model->opsets, OxOpset, i).domain, "ai.onnx"))
      return model;
  OxOpset opset = { g_strdup ("ai.onnx"), 17 };

  g_array_append_val (model->opsets, opset);
  return model;
}

static void
test_case (gconstpointer data)
{
  static const char *const severities[] = { "error", "warning", "note" };
  const Case *c = data;
  g_autoptr (OxModel) model = read_model (c->model);
  g_autoptr (GPtrArray) findings = ox_model_check (model, c->weights, NULL);
  g_autoptr (GString) said = g_string_new (NULL);

  g_assert_nonnull (findings);
  for (guint i = 0; i < findings->len; i++)
    {
      const OxCheckFinding *f = g_ptr_array_index (findings, i);

      g_string_append_printf (said, "%s: ", severities[f->severity]);
      if (f->path != NULL)
        g_string_append_printf (said, "%s: ", f->path);
      if (f->node != NULL)
        g_string_append_printf (said, "node '%s' (%s): ", f->node, f->op_type);
      g_string_append_printf (said, "%s [%s]\n", f->text, f->rule);
    }
  g_assert_cmpstr (said->str, ==, c->said);
}

/* A thousand of a kind are twenty and a number. */
static void
test_many (void)
{
  g_autoptr (OxModel) model = read_model ("in x f32\nnode Relu x -> y\nout y");
  g_autoptr (GPtrArray) findings = NULL;

  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("w%d", i);

      add_constant (model->graph, name, ox_tensor_new_scalar (OX_F32, 1));
    }
  findings = ox_model_check (model, FALSE, NULL);
  g_assert_cmpuint (findings->len, ==, 21);
  g_assert_cmpstr (((OxCheckFinding *) g_ptr_array_index (findings, 20))->text, ==, "and 980 more of this kind (unused)");
}

/* A finding leads to its node in another reading of the same model. */
static void
test_node (void)
{
  static const char text[] = "in x i64 2\nnode Sin x -> a\nnode Identity a -> b\nnode Sin x -> y\nout y\nout b";
  g_autoptr (OxModel) checked = read_model (text), other = read_model (text);
  g_autoptr (GPtrArray) findings = ox_model_check (checked, FALSE, NULL);
  OxCheckFinding nowhere = { .path = (char *) "main > If then_branch", .node = (char *) "Sin of 'y'", .op_type = (char *) "Sin" };

  g_assert_cmpuint (findings->len, ==, 2);
  g_assert_true (ox_check_finding_node (g_ptr_array_index (findings, 0), other) == ox_graph_node (other->graph, 0));
  g_assert_true (ox_check_finding_node (g_ptr_array_index (findings, 1), other) == ox_graph_node (other->graph, 2));
  g_assert_null (ox_check_finding_node (&nowhere, other));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/check/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/check/many", test_many);
  g_test_add_func ("/check/node", test_node);
  return g_test_run ();
}
