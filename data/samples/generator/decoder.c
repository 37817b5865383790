/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

/* A recurrent decoder that spells the English name of a digit, letter by letter, in a Loop; an If says whether it was sure.
 * Trained here by gradient descent through time; expected outputs are computed here in double, without the engine. */

#define WORDS 10
#define LETTERS 27   /* a..z, then the end */
#define END 26
#define START 27     /* what comes before the first letter */
#define EMBED 8
#define HIDDEN 24
#define MAX_STEPS 12

static const char *const words[WORDS]
  = { "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine" };

typedef struct
{
  double topic[WORDS * HIDDEN];          /* the first state for a digit */
  double embed[(LETTERS + 1) * EMBED];
  double wx[EMBED * HIDDEN], wh[HIDDEN * HIDDEN], b[HIDDEN];
  double wo[HIDDEN * LETTERS], bo[LETTERS];
} Weights;

static void
step (const Weights *w, const double *h, int letter, double *next, double *p)
{
  double top = -1e300, sum = 0;

  for (int j = 0; j < HIDDEN; j++)
    {
      double s = w->b[j];

      for (int i = 0; i < EMBED; i++)
        s += w->embed[letter * EMBED + i] * w->wx[i * HIDDEN + j];
      for (int i = 0; i < HIDDEN; i++)
        s += h[i] * w->wh[i * HIDDEN + j];
      next[j] = tanh (s);
    }
  for (int o = 0; o < LETTERS; o++)
    {
      p[o] = w->bo[o];
      for (int i = 0; i < HIDDEN; i++)
        p[o] += next[i] * w->wo[i * LETTERS + o];
      top = MAX (top, p[o]);
    }
  for (int o = 0; o < LETTERS; o++)
    sum += p[o] = exp (p[o] - top);
  for (int o = 0; o < LETTERS; o++)
    p[o] /= sum;
}

static int
letter_of (int word, int t)
{
  return words[word][t] != '\0' ? words[word][t] - 'a' : END;
}

/* Adds the gradients of spelling one word. */
static void
learn (const Weights *w, int word, Weights *g)
{
  int n = (int) strlen (words[word]) + 1;
  double h[MAX_STEPS + 1][HIDDEN], p[MAX_STEPS][LETTERS], back[HIDDEN] = { 0 };

  memcpy (h[0], w->topic + word * HIDDEN, sizeof h[0]);
  for (int t = 0; t < n; t++)
    step (w, h[t], t == 0 ? START : letter_of (word, t - 1), h[t + 1], p[t]);
  for (int t = n - 1; t >= 0; t--)
    {
      int in = t == 0 ? START : letter_of (word, t - 1);
      double before[HIDDEN] = { 0 };

      for (int o = 0; o < LETTERS; o++)
        {
          double d = p[t][o] - (o == letter_of (word, t));

          g->bo[o] += d;
          for (int i = 0; i < HIDDEN; i++)
            {
              g->wo[i * LETTERS + o] += d * h[t + 1][i];
              back[i] += d * w->wo[i * LETTERS + o];
            }
        }
      for (int j = 0; j < HIDDEN; j++)
        {
          double d = back[j] * (1 - h[t + 1][j] * h[t + 1][j]);

          g->b[j] += d;
          for (int i = 0; i < EMBED; i++)
            {
              g->wx[i * HIDDEN + j] += d * w->embed[in * EMBED + i];
              g->embed[in * EMBED + i] += d * w->wx[i * HIDDEN + j];
            }
          for (int i = 0; i < HIDDEN; i++)
            {
              g->wh[i * HIDDEN + j] += d * h[t][i];
              before[i] += d * w->wh[i * HIDDEN + j];
            }
        }
      memcpy (back, before, sizeof back);
    }
  for (int i = 0; i < HIDDEN; i++)
    g->topic[word * HIDDEN + i] += back[i];
}

/* Spells until the end; returns how many letters, the end included. */
static int
spell (const Weights *w, int word, int *letters, double *sure)
{
  double h[2][HIDDEN], p[LETTERS];
  int letter = START, n = 0;

  memcpy (h[0], w->topic + word * HIDDEN, sizeof h[0]);
  while (n < MAX_STEPS && letter != END)
    {
      step (w, h[n % 2], letter, h[(n + 1) % 2], p);
      letter = 0;
      for (int o = 1; o < LETTERS; o++)
        if (p[o] > p[letter])
          letter = o;
      letters[n] = letter;
      sure[n++] = p[letter];
    }
  return n;
}

static void
train (Weights *w, guint64 *seed)
{
  const int n = (int) (sizeof *w / sizeof (double));
  g_autofree Weights *g = g_new0 (Weights, 1), *m = g_new0 (Weights, 1), *v = g_new0 (Weights, 1);
  double *pw = (double *) w, *pg = (double *) g, *pm = (double *) m, *pv = (double *) v;
  int right = 0;

  for (int i = 0; i < n; i++)
    pw[i] = sample_normal (seed) * 0.3;
  for (int round = 1; round <= 800; round++)
    {
      memset (g, 0, sizeof *g);
      for (int word = 0; word < WORDS; word++)
        learn (w, word, g);
      for (int i = 0; i < n; i++)
        {
          pm[i] += 0.1 * (pg[i] - pm[i]);
          pv[i] += 0.001 * (pg[i] * pg[i] - pv[i]);
          pw[i] -= 0.01 * pm[i] / (1 - pow (0.9, round)) / (sqrt (pv[i] / (1 - pow (0.999, round))) + 1e-8);
        }
    }
  for (int i = 0; i < n; i++)
    pw[i] = (float) pw[i];
  for (int word = 0; word < WORDS; word++)
    {
      int letters[MAX_STEPS], length;
      double sure[MAX_STEPS];
      gboolean good;

      length = spell (w, word, letters, sure);
      good = length == (int) strlen (words[word]) + 1;
      for (int t = 0; good && t < length; t++)
        good = letters[t] == letter_of (word, t);
      right += good;
    }
  g_print ("%d of %d words spelled right\n", right, WORDS);
  if (right != WORDS)
    exit (1);
}

static OxGraph *
build_body (OxModel *model)
{
  OxGraph *body = ox_graph_new (model, "next_letter");
  OxNode *node;

  ox_graph_add_input (body, "step", sample_type (OX_I64, ""));
  ox_graph_add_input (body, "go_on", sample_type (OX_BOOL, ""));
  ox_graph_add_input (body, "state", sample_type (OX_F32, "1 24"));
  ox_graph_add_input (body, "letter", sample_type (OX_I64, "1"));
  ox_graph_add_output (body, "more", sample_type (OX_BOOL, ""));
  ox_graph_add_output (body, "next_state", sample_type (OX_F32, "1 24"));
  ox_graph_add_output (body, "next_letter", sample_type (OX_I64, "1"));
  ox_graph_add_output (body, "written", sample_type (OX_I64, "1"));
  ox_graph_add_output (body, "sure", sample_type (OX_F32, ""));
  sample_node (body, "Gather", "/decoder/embed/Gather", "embed.weight letter", "embedded");
  sample_node (body, "MatMul", "/decoder/cell/input/MatMul", "embedded cell.wx", "from_letter");
  sample_node (body, "MatMul", "/decoder/cell/state/MatMul", "state cell.wh", "from_state");
  sample_node (body, "Add", "/decoder/cell/Add", "from_letter from_state", "both");
  sample_node (body, "Add", "/decoder/cell/bias/Add", "both cell.bias", "biased");
  sample_node (body, "Tanh", "/decoder/cell/Tanh", "biased", "next_state");
  sample_node (body, "MatMul", "/decoder/out/MatMul", "next_state out.weight", "projected");
  sample_node (body, "Add", "/decoder/out/Add", "projected out.bias", "logits");
  sample_int (sample_node (body, "Softmax", "/decoder/Softmax", "logits", "probabilities"), "axis", -1);
  node = sample_node (body, "ReduceMax", "/decoder/ReduceMax", "probabilities", "sure");
  sample_int (node, "keepdims", 0);
  node = sample_node (body, "ArgMax", "/decoder/ArgMax", "logits", "next_letter");
  sample_int (node, "axis", -1);
  sample_int (node, "keepdims", 0);
  sample_node (body, "Identity", "/decoder/write/Identity", "next_letter", "written");
  sample_node (body, "Squeeze", "/decoder/stop/Squeeze", "next_letter", "one_letter");
  sample_node (body, "Equal", "/decoder/stop/Equal", "one_letter end", "at_end");
  sample_node (body, "Not", "/decoder/stop/Not", "at_end", "more");
  return body;
}

static OxGraph *
build_branch (OxModel *model, const char *name, const char *text)
{
  OxGraph *branch = ox_graph_new (model, name);
  OxTensor *word = ox_tensor_new (OX_STR, 0, NULL, NULL);
  g_autofree char *output = g_strconcat (name, "_verdict", NULL);

  ox_tensor_set_string (word, 0, text, -1);
  g_ptr_array_add (ox_node_add_attribute (sample_node (branch, "Constant", name, "", output), "value", OX_ATTR_TENSOR)->tensors,
                   ox_initializer_new_tensor ("", word));
  ox_graph_add_output (branch, output, sample_type (OX_STR, ""));
  return branch;
}

static OxModel *
build (const Weights *w)
{
  const gint64 topic[] = { WORDS, HIDDEN }, embed[] = { LETTERS + 1, EMBED }, wx[] = { EMBED, HIDDEN };
  const gint64 wh[] = { HIDDEN, HIDDEN }, wo[] = { HIDDEN, LETTERS }, b = HIDDEN, bo = LETTERS;
  const double half = 0.5;
  OxModel *model = sample_model ("speller", "Spells a digit, a letter an iteration. Trained by the program beside it.");
  OxGraph *g = model->graph;
  OxTensor *go = ox_tensor_new_scalar (OX_BOOL, 1);
  const char *alphabet[LETTERS];
  char letters[LETTERS][2] = { { 0 } };
  OxNode *node;

  for (int i = 0; i < LETTERS; i++)
    {
      letters[i][0] = i == END ? '.' : (char) ('a' + i);
      alphabet[i] = letters[i];
    }
  ox_graph_add_input (g, "digit", sample_type (OX_I64, "1"))->doc = g_strdup ("0 to 9");
  ox_graph_add_output (g, "letters", sample_type (OX_STR, "T"));
  ox_graph_add_output (g, "confidence", sample_type (OX_F32, "T"));
  ox_graph_add_output (g, "verdict", sample_type (OX_STR, ""));
  sample_weight (g, "topic.weight", 2, topic, w->topic);
  sample_weight (g, "embed.weight", 2, embed, w->embed);
  sample_weight (g, "cell.wx", 2, wx, w->wx);
  sample_weight (g, "cell.wh", 2, wh, w->wh);
  sample_weight (g, "cell.bias", 1, &b, w->b);
  sample_weight (g, "out.weight", 2, wo, w->wo);
  sample_weight (g, "out.bias", 1, &bo, w->bo);
  sample_weight (g, "half", 0, NULL, &half);
  sample_weight_int (g, "max_steps", 0, MAX_STEPS);
  sample_weight_int (g, "start", 1, START);
  sample_weight_int (g, "end", 0, END);
  sample_weight_int (g, "second_axis", 1, 1);
  ox_graph_add_initializer (g, ox_initializer_new_tensor ("go", go));
  ox_graph_add_initializer (g, ox_initializer_new_tensor ("alphabet", ox_tensor_new_strings (alphabet, LETTERS)));
  sample_node (g, "Gather", "/topic/Gather", "topic.weight digit", "first_state");
  node = sample_node (g, "Loop", "/decoder/Loop", "max_steps go first_state start", "last_state last_letter codes confidence");
  g_ptr_array_add (ox_node_add_attribute (node, "body", OX_ATTR_GRAPH)->graphs, build_body (model));
  sample_node (g, "Squeeze", "/text/Squeeze", "codes second_axis", "flat_codes");
  sample_node (g, "Gather", "/text/Gather", "alphabet flat_codes", "letters");
  node = sample_node (g, "ReduceMin", "/verdict/ReduceMin", "confidence", "least");
  sample_int (node, "keepdims", 0);
  sample_node (g, "Greater", "/verdict/Greater", "least half", "was_sure");
  node = sample_node (g, "If", "/verdict/If", "was_sure", "verdict");
  g_ptr_array_add (ox_node_add_attribute (node, "then_branch", OX_ATTR_GRAPH)->graphs, build_branch (model, "sure", "sure"));
  g_ptr_array_add (ox_node_add_attribute (node, "else_branch", OX_ATTR_GRAPH)->graphs,
                   build_branch (model, "unsure", "a guess"));
  return model;
}

int
main (int argc, char **argv)
{
  g_autofree Weights *w = g_new0 (Weights, 1);
  g_autoptr (OxModel) model = NULL;
  g_autoptr (OxValue) in = NULL, letters = NULL, confidence = NULL, verdict = NULL;
  OxTensor *text, *word = ox_tensor_new (OX_STR, 0, NULL, NULL);
  guint64 seed = 19991231;
  gint64 digit = 7, length;
  int codes[MAX_STEPS];
  double sure[MAX_STEPS], least = 1;

  if (argc != 2)
    {
      g_printerr ("usage: %s FOLDER\n", argv[0]);
      return 2;
    }
  train (w, &seed);
  length = spell (w, (int) digit, codes, sure);
  text = ox_tensor_new (OX_STR, 1, &length, NULL);
  for (gint64 t = 0; t < length; t++)
    {
      char letter[2] = { codes[t] == END ? '.' : (char) ('a' + codes[t]), '\0' };

      ox_tensor_set_string (text, t, letter, -1);
      least = MIN (least, sure[t]);
    }
  ox_tensor_set_string (word, 0, least > 0.5 ? "sure" : "a guess", -1);
  model = build (w);
  in = ox_value_new_tensor (ox_tensor_new_ints (&digit, 1));
  letters = ox_value_new_tensor (text);
  confidence = ox_value_new_tensor (sample_tensor (1, &length, sure));
  verdict = ox_value_new_tensor (word);
  sample_write (model, argv[1], 1, &in, 3, (OxValue *[]) { letters, confidence, verdict });
  return 0;
}
