/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>

static const char *program;
static char *folder;   /* for what the tests write */

/* In arguments S: is the folder of the samples, B: that of the broken models, T: the one for what is written, and = stands
 * for itself. Words are separated by spaces. @out and @err are parts of what is said, separated by bars; "!" before one
 * says that it must not be there. */
typedef struct
{
  const char *name, *arguments, *input;
  int         status;
  const char *out, *err;
} Case;

static const Case cases[] = {
  { "help", "help", NULL, 0, "run |info |conformance |debug |Exit status", NULL },
  { "version", "--version", NULL, 0, "onnxscope 0", NULL },
  { "neither", "frobnicate", NULL, 2, NULL, "'frobnicate' is neither a verb nor a file" },

  { "info/help", "info --help", NULL, 0, "MODEL|--json", NULL },
  { "info/text", "info S:decoder/model.onnx", NULL, 0, "speller|ai.onnx 17|7 (24 with|digit  i64 1|Loop", NULL },
  { "info/nothing", "info", NULL, 2, NULL, "expected MODEL" },
  { "info/two", "info S:decoder/model.onnx S:classifier/model.onnx", NULL, 2, NULL, "expected MODEL" },
  { "info/option", "info --frob S:decoder/model.onnx", NULL, 2, NULL, "--frob" },
  { "info/missing", "info T:nowhere.onnx", NULL, 2, NULL, "nowhere.onnx" },
  { "info/text-file", "info B:text.onnx", NULL, 2, NULL, "text.onnx|not protobuf" },
  { "info/empty", "info B:empty.onnx", NULL, 2, NULL, "empty.onnx" },
  { "info/cut", "info B:cut-in-graph.onnx", NULL, 2, NULL, "cut off or damaged" },
  { "info/cycle", "info B:cycle.onnx", NULL, 2, NULL, "cycle" },
  { "info/nesting", "info B:nested-graphs.onnx", NULL, 2, NULL, "nested-graphs.onnx" },
  { "info/folder", "info S:decoder", NULL, 0, "speller", NULL },

  { "check/help", "check --help", NULL, 0, "MODEL|--json|--weights|Exit status: 0 without errors|hidden-names", NULL },
  { "check/good", "check S:classifier/model.onnx", NULL, 0, "0 errors, 0 warnings", NULL },
  { "check/decoder", "check --weights S:decoder/model.onnx", NULL, 0, "0 errors, 0 warnings", NULL },
  { "check/undefined", "check B:undefined-input.onnx", NULL, 1,
    "error: main: node 'abs' (Abs): its input 0 is 'nowhere', which nothing makes [names]|1 error,", NULL },
  { "check/cycle", "check B:cycle.onnx", NULL, 1, "part of a cycle|[structure]|[order]", NULL },
  { "check/data", "check B:data-short.onnx", NULL, 1, "takes 16 bytes, found 3 [data]", NULL },
  { "check/external", "check B:external-missing.onnx", NULL, 1, "nothing-here.bin|[external-data]", NULL },
  { "check/json", "check --json B:duplicate-output.onnx", NULL, 1,
    "\"errors\" : 1,|\"severity\" : \"error\"|\"rule\" : \"names\"|\"graph\" : \"main\"|\"op_type\" : \"Abs\"", NULL },
  { "check/no-model", "check B:text.onnx", NULL, 2, NULL, "not protobuf" },
  { "check/missing", "check T:nowhere.onnx", NULL, 2, NULL, "nowhere.onnx" },

  { "run/help", "run --help", NULL, 0, "--data-set|--input|--shape|--seed|--npz|--output-dir|--dump-all", NULL },
  { "run/same", "run --data-set test_data_set_0 S:classifier/model.onnx", NULL, 0,
    "same     probabilities|same     label|!DIFFERS", NULL },
  { "run/same-decoder", "run --data-set S:decoder/test_data_set_0 S:decoder/model.onnx", NULL, 0, "same     letters", NULL },
  { "run/differs", "run --data-set test_data_set_0 --rtol 0 --atol -1 S:classifier/model.onnx", NULL, 1,
    "DIFFERS  probabilities|the first is number 0", NULL },
  { "run/made-up", "run S:classifier/model.onnx", NULL, 0, "probabilities: f32 1x6", "input 'image' is made up: f32 1x1x16x16" },
  { "run/shape", "run --shape image=3x1x16x16 --fill ones S:classifier/model.onnx", NULL, 0, "probabilities: f32 3x6",
    "f32 3x1x16x16, ones" },
  { "run/symbol", "run --shape N=2 S:classifier/model.onnx", NULL, 0, "probabilities: f32 2x6", NULL },
  { "run/bad-shape", "run --shape image=3xq S:classifier/model.onnx", NULL, 2, NULL, "3xq" },
  { "run/bad-fill", "run --fill sevens S:classifier/model.onnx", NULL, 2, NULL, "sevens" },
  { "run/wrong-shape", "run --shape image=1x1x8x8 S:classifier/model.onnx", NULL, 2, NULL, "input 'image'|1x1x8x8" },
  { "run/no-such-input", "run --input nobody=T:x.npy S:classifier/model.onnx", NULL, 2, NULL, "no input 'nobody'" },
  { "run/missing-file", "run --input image=T:none.npy S:classifier/model.onnx", NULL, 2, NULL, "none.npy" },
  { "run/not-a-set", "run --data-set T:nowhere S:classifier/model.onnx", NULL, 2, NULL, "nowhere" },
  { "run/no-equals", "run --input image S:classifier/model.onnx", NULL, 2, NULL, "NAME=VALUE" },
  { "run/dump-without-npz", "run --dump-all S:classifier/model.onnx", NULL, 2, NULL, "--npz" },
  { "run/expand", "run --expand --data-set test_data_set_0 S:classifier/model.onnx", NULL, 0, "same     probabilities",
    "expanded: 3 Relu, 1 Softmax" },
  { "run/profile", "run -q --profile T:profile.json --table S:decoder/model.onnx", NULL, 0, "letters", "is made up" },
  { "run/profile-nowhere", "run -q --profile T:no/such.json S:decoder/model.onnx", NULL, 2, NULL, "no/such.json" },
  { "run/broken", "run B:cycle.onnx", NULL, 2, NULL, "cycle" },
  { "run/nowhere-to-write", "run --npz T:no/such/folder/x.npz -q S:classifier/model.onnx", NULL, 2, NULL, "x.npz" },

  { "trace/help", "trace --help", NULL, 0, "--node|--value|--against", NULL },
  { "trace/record", "run -q --record T:a.oxtrace --record-values=all S:classifier/model.onnx", NULL, 0, NULL, "made up" },
  { "trace/record-other", "run -q --record T:b.oxtrace --seed 1 S:classifier/model.onnx", NULL, 0, NULL, "made up" },
  { "trace/table", "trace T:a.oxtrace", NULL, 0, "input|f32 1x1x16x16|Softmax|stored|values of", NULL },
  { "trace/node", "trace --node probabilities T:a.oxtrace", NULL, 0, "Softmax|!Conv", NULL },
  { "trace/no-node", "trace --node nobody T:a.oxtrace", NULL, 2, NULL, "no node or value 'nobody'" },
  { "trace/value", "trace --value label T:a.oxtrace", NULL, 0, "label: ", NULL },
  { "trace/no-value", "trace --value label T:b.oxtrace", NULL, 2, NULL, "by its hash only" },
  { "trace/itself", "trace --against T:a.oxtrace T:a.oxtrace", NULL, 0, "all with the same bits", NULL },
  { "trace/other", "trace --against T:b.oxtrace T:a.oxtrace", NULL, 1, "0 values are the same, then: input 'image' in main", NULL },
  { "trace/compare", "compare --fill random --reference T:a.oxtrace S:classifier/model.onnx", NULL, 0, "no node differs", NULL },
  { "trace/no-trace", "trace T:listed.txt", NULL, 2, NULL, "listed.txt" },
  { "trace/nowhere", "run -q --record T:no/such/a.oxtrace S:classifier/model.onnx", NULL, 2, NULL, "a.oxtrace" },
  { "trace/values-alone", "run --record-values=all S:classifier/model.onnx", NULL, 2, NULL, "needs --record" },

  { "conformance/help", "conformance --help", NULL, 0, "--filter|--expect-fail", NULL },
  { "conformance/samples", "conformance S:", NULL, 1, "FAILED mistake: output 'probabilities'|2 passed, 1 failed, 0 skipped", NULL },
  { "conformance/verbose", "conformance -v S:", NULL, 1, "passed classifier|passed decoder", NULL },
  { "conformance/filter", "conformance --filter class* S:", NULL, 0, "1 passed, 0 failed", NULL },
  { "conformance/in-process", "conformance --in-process S:", NULL, 1, "2 passed, 1 failed", NULL },
  { "conformance/expand", "conformance --expand -v S:", NULL, 1, "passed classifier|passed decoder", NULL },
  { "compare/mistake", "compare --reference S:classifier/model.onnx S:mistake/model.onnx", NULL, 1,
    "first divergence: #5 Conv '/features/1/conv/Conv', output 'c2'", NULL },
  { "conformance/nothing", "conformance T:", NULL, 2, "0 passed, 0 failed", NULL },
  { "conformance/surprise", "conformance --expect-fail T:listed.txt S:", NULL, 1, "PASSED unexpectedly: decoder", NULL },
  { "conformance/no-list", "conformance --expect-fail T:nowhere.txt S:", NULL, 2, NULL, "nowhere.txt" },

  { "compare/help", "compare --help", NULL, 0, "--reference|--isolated|--rule|--json|--data-set", NULL },
  { "compare/no-reference", "compare S:classifier/model.onnx", NULL, 2, NULL, "expected --reference" },
  { "compare/missing", "compare --reference T:nowhere.npz S:classifier/model.onnx", NULL, 2, NULL, "nowhere.npz" },
  { "compare/no-kind", "compare --reference T:listed.txt S:classifier/model.onnx", NULL, 2, NULL, "expected a reference" },
  { "compare/bad-json", "compare --reference T:bad.json S:classifier/model.onnx", NULL, 2, NULL, "bad.json" },
  { "compare/itself", "compare --reference S:decoder/model.onnx S:decoder/model.onnx", NULL, 0, "no node differs|0 differ;",
    "inputs are those of" },
  { "compare/outputs", "compare --reference S:classifier/test_data_set_0 S:classifier/model.onnx", NULL, 0,
    "2 values compared|no node differs", "inputs are those of" },
  { "compare/strict", "compare --rtol 0 --atol -1 --reference S:classifier/test_data_set_0 S:classifier/model.onnx", NULL, 1,
    "DIFFERS|first divergence: #", NULL },
  { "compare/rule", "compare --rtol 0 --atol -1 --rule *=1,1 --reference S:classifier/test_data_set_0 S:classifier/model.onnx",
    NULL, 0, "no node differs", NULL },
  { "compare/bad-rule", "compare --rule a=1 --reference S:classifier/test_data_set_0 S:classifier/model.onnx", NULL, 2, NULL,
    "PATTERN=rtol,atol" },
  { "compare/other-outputs", "compare --reference S:decoder/test_data_set_0 S:classifier/model.onnx", NULL, 1,
    "DIFFERS|expected str", NULL },
  { "compare/other-model", "compare --reference S:decoder/model.onnx S:classifier/model.onnx", NULL, 2, NULL, "decoder" },

  { "compare/no-runtime", "compare --reference onnxruntime --onnxruntime T:listed.txt S:classifier/model.onnx", NULL, 2, NULL,
    "listed.txt: not a library of ONNX Runtime" },

  { "compare/twice", "compare --twice S:decoder/model.onnx", NULL, 0, "1 thread|no node differs", "" },
  { "compare/self-f64", "compare --reference self:f64 S:decoder/model.onnx", NULL, 0, "floats as f64|no node differs", "" },
  { "compare/self-what", "compare --reference self:fast S:decoder/model.onnx", NULL, 2, NULL, "found 'fast'" },
  { "compare/no-database", "compare --reference T:listed.db S:decoder/model.onnx", NULL, 2, NULL, "listed.db" },

  { "instrument/help", "instrument --help", NULL, 0, "--output", NULL },
  { "instrument/nowhere", "instrument S:classifier/model.onnx", NULL, 2, NULL, "expected -o FILE" },
  { "instrument/missing", "instrument -o T:x.onnx T:nowhere.onnx", NULL, 2, NULL, "nowhere.onnx" },

  { "hunt/help", "hunt --help", NULL, 0, "--for|--json|--data-set", NULL },
  { "hunt/nothing", "hunt S:classifier/model.onnx", NULL, 0, "no inf|no nan|no overflow16", "inputs are those of" },
  { "hunt/one", "hunt --for nan S:classifier/model.onnx", NULL, 0, "no nan|!inf", NULL },
  { "hunt/bad-kind", "hunt --for nan,zero S:classifier/model.onnx", NULL, 2, NULL, "found 'zero'" },
  { "hunt/twice", "hunt --for nan,nan S:classifier/model.onnx", NULL, 2, NULL, "each once" },
  { "hunt/finds", "hunt --input image=T:nan.csv --shape image=1x1x16x16 S:classifier/model.onnx", NULL, 1,
    "first nan: #0 |<- image[0,0,0,0] = NaN|an input", NULL },
  { "hunt/missing", "hunt T:nowhere.onnx", NULL, 2, NULL, "nowhere.onnx" },

  { "precision/help", "precision --help", NULL, 0, "--type|--json|--data-set", NULL },
  { "precision/safe", "precision S:classifier/model.onnx", NULL, 0, "f16: 0 of 14 nodes are not safe|nearest to the limit",
    "inputs are those of" },
  { "precision/all", "precision --all --type bf16 S:classifier/model.onnx", NULL, 0, "bf16: 0 of|values:|input 'image'", NULL },
  { "precision/large", "precision --input image=T:large.csv --shape image=1x1x16x16 S:classifier/model.onnx", NULL, 1,
    "nodes are not safe: overflows: |overflows              #0 Sub '/normalize/Sub': input 'image': 1 of 256 beyond 65504", NULL },
  { "precision/json", "precision --json S:decoder/model.onnx", NULL, 0, "\"safe\" :|\"sum_bound\" :|\"lost\" :", NULL },
  { "precision/wide", "precision --type f32 S:classifier/model.onnx", NULL, 2, NULL, "found f32" },
  { "precision/no-type", "precision --type half S:classifier/model.onnx", NULL, 2, NULL, "found 'half'" },
  { "precision/through", "precision --through f16 S:classifier/model.onnx", NULL, 0,
    "through f16: |output 'probabilities': error 0.0001|what adds most by itself:", "inputs are those of" },
  { "precision/one-node", "precision --through bf16 --node Softmax --all S:classifier/model.onnx", NULL, 0,
    "through bf16: 1 of 14 values are rounded|Softmax 'probabilities'|own -  ", NULL },
  { "precision/between", "precision --through i8 --between c1..c2 --json S:classifier/model.onnx", NULL, 0,
    "\"through\" : \"i8\"|\"own\" :|\"parting\" : null", NULL },
  { "precision/keep", "precision --through f8e4m3fn --tolerance 0.001 --json S:classifier/model.onnx", NULL, 0,
    "\"kept\" :|\"runs\" :|\"error_without\" :", NULL },
  { "precision/scope", "precision --through f16 --scope features/7 S:classifier/model.onnx", NULL, 2, NULL, "features/7" },
  { "precision/no-node", "precision --through f16 --node nobody S:classifier/model.onnx", NULL, 2, NULL, "no node 'nobody'" },
  { "precision/through-what", "precision --through f32 S:classifier/model.onnx", NULL, 2, NULL, "found 'f32'" },
  { "precision/alone", "precision --tolerance 0.1 S:classifier/model.onnx", NULL, 2, NULL, "go with --through" },
  { "precision/missing", "precision T:nowhere.onnx", NULL, 2, NULL, "nowhere.onnx" },

  { "quant/help", "quant --help", NULL, 0, "--reference|--all|--json", NULL },
  { "quant/nothing", "quant S:classifier/model.onnx", NULL, 0, "nothing in it is quantised", "inputs are those of" },
  { "quant/json", "quant --json --reference S:classifier/model.onnx S:classifier/model.onnx", NULL, 0, "\"tensors\" : [|\"failure\" : null",
    NULL },
  { "quant/no-reference", "quant --reference T:nowhere.onnx S:classifier/model.onnx", NULL, 2, NULL, "nowhere.onnx" },
  { "quant/missing", "quant T:nowhere.onnx", NULL, 2, NULL, "nowhere.onnx" },

  { "provenance/help", "provenance --help", NULL, 0, "--budget|--all|--json|NAME[INDICES]", NULL },
  { "provenance/window", "provenance S:classifier/model.onnx c2[0,0,3,3]", NULL, 0,
    "'image' (f32 1x1x16x16): [0,0,3:11,3:11], 64 of 256\n|'features.1.conv.weight' (f32 16x8x3x3): [0,:,:,:], 72 of 1152",
    "inputs are those of" },
  { "provenance/json", "provenance --json S:decoder/model.onnx codes[1]", NULL, 0,
    "\"origin\" : \"input\"|\"exact\" : true|\"low\" :", NULL },
  { "provenance/no-value", "provenance S:classifier/model.onnx nobody[0]", NULL, 2, NULL, "there is no value 'nobody'" },
  { "provenance/outside", "provenance S:classifier/model.onnx c2[0,99]", NULL, 2, NULL, "0 to 15, found '99'" },
  { "provenance/budget", "provenance --budget 1 --expand --shape image=1x1x16x16 S:classifier/model.onnx c2", NULL, 0, "'c2'", NULL },
  { "provenance/one-word", "provenance S:classifier/model.onnx", NULL, 2, NULL, "expected MODEL NAME" },

  { "export/help", "export --help", NULL, 0, "--output|--scope|--theme|--scale", NULL },
  { "export/nowhere", "export S:classifier/model.onnx", NULL, 2, NULL, "onnxscope export" },
  { "export/ending", "export -o T:picture.tiff S:classifier/model.onnx", NULL, 2, NULL, "picture.tiff" },
  { "export/theme", "export --theme loud -o T:picture.svg S:classifier/model.onnx", NULL, 2, NULL, "light or dark" },
  { "export/scope", "export --scope no/such/scope -o T:picture.svg S:classifier/model.onnx", NULL, 2, NULL, "no/such/scope" },
  { "export/broken", "export -o T:picture.svg B:cycle.onnx", NULL, 2, NULL, "cycle" },
  { "export/folder", "export -o T:no/such/folder/p.svg S:classifier/model.onnx", NULL, 2, NULL, "p.svg" },

  { "debug/hunt", "debug S:classifier/model.onnx", "next 2\nhunt\nwhere\n", 0, "no inf|no nan|no overflow16|main", NULL },
  { "debug/hunt-what", "debug S:classifier/model.onnx", "hunt nan\n", 2, NULL, "expected hunt and nothing else" },
  { "debug/compare-what", "debug S:classifier/model.onnx", "compare\n", 2, NULL, "expected compare FILE" },
  { "debug/compare-nowhere", "debug S:classifier/model.onnx", "compare T:nowhere.npz\n", 2, NULL, "nowhere.npz" },
  { "debug/help", "debug --help", NULL, 0, "--script|--data-set", NULL },
  { "debug/walk", "debug --data-set test_data_set_0 S:decoder/model.onnx",
    "step\nstep\nwhere\nnext\nback\ninfo locals\nfinish\nquit\n", 0,
    "#1 Loop '/decoder/Loop'|iteration 0|1 Loop|0 main, at Loop|#2 Squeeze", NULL },
  { "debug/to-the-end", "debug --data-set test_data_set_0 S:decoder/model.onnx",
    "break /text/Squeeze\nrun\ninfo breakpoints\nprint codes\ncontinue\nprint verdict\nstart\nprint verdict\n", 0,
    "breakpoint 1 at #2|breakpoint 1\n|breakpoint 1 at #2 Squeeze in main: 1 hit|codes: i64|at the end|verdict: str []|verdict is not computed",
    NULL },
  { "debug/until", "debug --data-set test_data_set_0 S:decoder/model.onnx", "until If\nstep\nwhere\ninfo node\n", 0,
    "#6 If '/verdict/If'|1 If |0 main, at If", NULL },
  { "debug/before-the-start", "debug S:classifier/model.onnx", "list\ninfo node Conv\ninfo inputs\nprint image\n", 0,
    "=>   #0|attributes|image: f32 1x1x16x16", NULL },
  { "debug/budget", "debug --budget 0 --data-set test_data_set_0 S:decoder/model.onnx",
    "run\nback\nback\nback-in\nprint first_state\ncontinue\nprint letters\n", 0, "first_state: f32|letters: str", NULL },
  { "debug/expand", "debug --expand --data-set test_data_set_0 S:classifier/model.onnx",
    "until Softmax\ninfo node\nstep\nlist\nfinish\nexpand off\ninfo node Softmax\nexpand\n", 0,
    "step goes into them|function Softmax|#3 ReduceSum|expand is off: 3 Relu, 1 Softmax|after expand on",
    "expanded: 3 Relu, 1 Softmax" },
  { "debug/expand-what", "debug S:classifier/model.onnx", "expand maybe\n", 2, NULL, "expected on or off" },
  { "debug/no-command", "debug S:classifier/model.onnx", "step\nfrob\nstep\n", 2, "#1", "stdin:2: there is no command 'frob'" },
  { "debug/no-node", "debug S:classifier/model.onnx", "until nobody\n", 2, NULL, "no node 'nobody'" },
  { "debug/no-value", "debug S:classifier/model.onnx", "print nobody\n", 2, NULL, "no value 'nobody'" },
  { "debug/bad-index", "debug S:classifier/model.onnx", "print image[0,7]\n", 2, NULL, "index of 0 to 0" },
  { "debug/index-of-scalar", "debug S:classifier/model.onnx", "print normalize.mean[0]\n", 2, NULL, "nothing in it" },
  { "debug/index", "debug --fill ones S:classifier/model.onnx", "print image[0,0,-1]\n", 0, "image[0,0,-1]: f32 16|min 1, max 1", NULL },
  { "debug/comments", "debug S:classifier/model.onnx", "# nothing\n\n   \nquit\nfrob\n", 0, "!frob", NULL },
  { "debug/no-script", "debug --script T:nowhere.txt S:classifier/model.onnx", NULL, 2, NULL, "nowhere.txt" },
  { "debug/script", "debug --script T:script.txt S:classifier/model.onnx", NULL, 0, "(onnxscope) next 2|#2 ", NULL },
};

static char *
expand (const char *word)
{
  static const struct { const char *mark, *path; } folders[]
    = { { "S:", "../../data/samples" }, { "B:", "../proto/broken" } };
  const char *at;

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    if ((at = strstr (word, folders[i].mark)) != NULL)
      {
        g_autofree char *root = g_test_build_filename (G_TEST_DIST, folders[i].path, NULL);

        return g_strdup_printf ("%.*s%s/%s", (int) (at - word), word, root, at + 2);
      }
  if ((at = strstr (word, "T:")) != NULL)
    return g_strdup_printf ("%.*s%s/%s", (int) (at - word), word, folder, at + 2);
  return g_strdup (word);
}

static int
call (const char *arguments, const char *input, char **out, char **err)
{
  g_auto (GStrv) words = g_strsplit (arguments, " ", -1);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GSubprocessLauncher) launcher
    = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (argv, g_strdup (program));
  for (int i = 0; words[i] != NULL; i++)
    g_ptr_array_add (argv, expand (words[i]));
  g_ptr_array_add (argv, NULL);
  g_subprocess_launcher_unsetenv (launcher, "DISPLAY");
  g_subprocess_launcher_unsetenv (launcher, "WAYLAND_DISPLAY");
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, input != NULL ? input : "", NULL, out, err, &error);
  g_assert_no_error (error);
  if (!g_subprocess_get_if_exited (process))
    g_error ("'%s' was killed by signal %d", arguments, g_subprocess_get_term_sig (process));
  return g_subprocess_get_exit_status (process);
}

static void
check_parts (const char *arguments, const char *what, const char *text, const char *parts)
{
  g_auto (GStrv) list = g_strsplit (parts != NULL ? parts : "", "|", -1);

  for (int i = 0; list[i] != NULL; i++)
    if (list[i][0] == '!' ? strstr (text, list[i] + 1) != NULL : strstr (text, list[i]) == NULL)
      g_error ("'%s': %s should have '%s': %s", arguments, what, list[i], text);
}

static void
test_case (gconstpointer data)
{
  const Case *one = data;
  g_autofree char *out = NULL, *err = NULL;
  int status = call (one->arguments, one->input, &out, &err);

  if (status != one->status)
    g_error ("'%s': expected status %d, found %d: %s%s", one->arguments, one->status, status, out, err);
  check_parts (one->arguments, "stdout", out, one->out);
  check_parts (one->arguments, "stderr", err, one->err);
  if (status == 2 && one->out == NULL && out[0] != '\0')
    g_error ("'%s' fails and says on stdout: %s", one->arguments, out);
}

/* The keys that programs rely on. */
static void
test_json (void)
{
  static const char *const keys[] = { "ir_version", "opset_import", "producer", "nodes", "nodes_total", "op_types", "inputs",
                                      "outputs", "initializers", "parameters", "bytes" };
  g_autofree char *out = NULL, *err = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *root, *ops;

  g_assert_cmpint (call ("info --json S:decoder/model.onnx", NULL, &out, &err), ==, 0);
  json_parser_load_from_data (parser, out, -1, &error);
  g_assert_no_error (error);
  root = json_node_get_object (json_parser_get_root (parser));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (!json_object_has_member (root, keys[i]))
      g_error ("there is no %s", keys[i]);
  g_assert_cmpint (json_object_get_int_member (root, "nodes"), ==, 7);
  g_assert_cmpint (json_object_get_int_member (root, "nodes_total"), ==, 24);
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (root, "opset_import"), "ai.onnx"), ==, 17);
  ops = json_object_get_object_member (root, "op_types");
  g_assert_cmpint (json_object_get_int_member (ops, "Gather"), ==, 3);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "inputs")), ==, 1);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "outputs")), ==, 3);
}

/* What run writes, run can read. */
static void
test_round_trip (void)
{
  g_autofree char *out = NULL, *err = NULL, *set = g_build_filename (folder, "set", NULL);
  g_autofree char *from = g_test_build_filename (G_TEST_DIST, "../../data/samples/decoder/test_data_set_0/input_0.pb", NULL);
  g_autofree char *to = g_build_filename (set, "input_0.pb", NULL);
  g_autoptr (GFile) source = g_file_new_for_path (from), target = g_file_new_for_path (to);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (call ("run -q --data-set test_data_set_0 --output-dir T:set --npz T:all.npz --dump-all S:decoder/model.onnx",
                         NULL, &out, &err), ==, 0);
  g_assert_true (g_file_copy (source, target, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  g_assert_cmpint (call ("run --data-set T:set --rtol 0 --atol 0 S:decoder/model.onnx", NULL, &out, &err), ==, 0);
  g_assert_nonnull (strstr (out, "same     verdict"));
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  /* The archive has outputs and intermediates; one that is no input of the model is refused, not ignored. */
  g_assert_cmpint (call ("run --input digit=T:all.npz:letters S:decoder/model.onnx", NULL, &out, &err), ==, 2);
  g_assert_nonnull (strstr (err, "digit"));
}

/* Everything a run wrote is a reference for the next, loops and all; not for another model. */
static void
test_compare_all (void)
{
  g_autofree char *out = NULL, *err = NULL, *script = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *root;

  g_assert_cmpint (call ("run -q --data-set test_data_set_0 --npz T:every.npz --dump-all S:decoder/model.onnx", NULL, &out,
                         &err), ==, 0);
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  g_assert_cmpint (call ("compare --isolated --json --rtol 0 --atol 0 --reference T:every.npz S:decoder/model.onnx", NULL, &out,
                         &err), ==, 0);
  json_parser_load_from_data (parser, out, -1, &error);
  g_assert_no_error (error);
  root = json_node_get_object (json_parser_get_root (parser));
  g_assert_true (json_node_is_null (json_object_get_member (root, "first_divergence")));
  g_assert_cmpint (json_object_get_int_member (root, "missing"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (root, "compared"), >, 100);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "tensors")), ==,
                    json_object_get_int_member (root, "compared"));
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  /* The same by words, from wherever the debugger stands. */
  script = g_strdup_printf ("next\ncompare %s/every.npz\nnext\n", folder);
  g_assert_cmpint (call ("debug --data-set test_data_set_0 S:decoder/model.onnx", script, &out, &err), ==, 0);
  g_assert_nonnull (strstr (out, " 0 differ, 0 are not in the reference"));
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  g_assert_cmpint (call ("compare --reference T:every.npz S:classifier/model.onnx", NULL, &out, &err), ==, 2);
  g_assert_nonnull (strstr (err, "has none of"));
}

/* The copy has every value as an output, of the type it has, and gives what the model gives. */
static void
test_instrument (void)
{
  g_autofree char *out = NULL, *err = NULL;

  g_assert_cmpint (call ("instrument -o T:every.onnx S:decoder/model.onnx", NULL, &out, &err), ==, 0);
  g_assert_nonnull (strstr (out, "values are outputs too"));
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  g_assert_cmpint (call ("run -q --data-set S:decoder/test_data_set_0 --npz T:some.npz T:every.onnx", NULL, &out, &err), ==, 0);
  g_clear_pointer (&out, g_free);
  g_clear_pointer (&err, g_free);
  g_assert_cmpint (call ("compare --rtol 0 --atol 0 --reference T:some.npz S:decoder/model.onnx", NULL, &out, &err), ==, 0);
  g_assert_nonnull (strstr (out, "no node differs"));
}

/* Another runtime in this process, where there is one: on both samples no node differs from it. */
static void
test_runtime (void)
{
  static const char *const samples[] = { "classifier", "decoder" };

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *out = NULL, *err = NULL;
      g_autofree char *arguments = g_strdup_printf ("compare --reference onnxruntime S:%s/model.onnx", samples[i]);
      int status = call (arguments, NULL, &out, &err);

      if (status == 2 && strstr (err, "ONNX Runtime is not here") != NULL)
        {
          g_test_skip ("ONNX Runtime is not here");
          return;
        }
      if (status != 0)
        g_error ("'%s': %d: %s%s", arguments, status, out, err);
      g_assert_nonnull (strstr (out, "no node differs"));
    }
}

static void
read_until (GDataInputStream *lines, const char *words)
{
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, &error);

      g_assert_no_error (error);
      if (line == NULL)
        g_error ("the program ends before it says '%s'", words);
      if (strstr (line, words) != NULL)
        return;
    }
}

/* A signal stops the move and not the program. The wait is for a machine that is slow: the model runs much longer. */
static void
test_interrupt (void)
{
  const char *root = g_getenv ("OX_SHARED_DATA");
  g_autofree char *model = g_build_filename (root != NULL ? root : "", "conformance", "node",
                                             "test_range_float_type_positive_delta_expanded", "model.onnx", NULL);
  g_autofree char *limit = NULL, *start = NULL, *delta = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autoptr (GError) error = NULL;
  static const char script[] = "info inputs\nrun\nback\nquit\n";
  GOutputStream *input;

  if (root == NULL || !g_file_test (model, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("the shared data is not there");
      return;
    }
  start = g_strdup_printf ("start=%s/0.csv", folder);
  limit = g_strdup_printf ("limit=%s/1e8.csv", folder);
  delta = g_strdup_printf ("delta=%s/1.csv", folder);
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "debug",
                              "--budget", "10", "--input", start, "--input", limit, "--input", delta, model, NULL);
  g_assert_no_error (error);
  input = g_subprocess_get_stdin_pipe (process);
  g_output_stream_write_all (input, script, sizeof script - 1, NULL, NULL, &error);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  read_until (lines, "delta: f32 []");
  g_usleep (300000);
  g_subprocess_send_signal (process, SIGINT);
  read_until (lines, "interrupted");
  read_until (lines, "#");
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
}

/* Every kind of picture has its own beginning and is not empty. */
static void
test_export (void)
{
  static const struct { const char *ending, *begins; } kinds[]
    = { { "svg", "<?xml" }, { "png", "\x89PNG" }, { "pdf", "%PDF" }, { "dot", "digraph" } };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *arguments = g_strdup_printf ("export -o T:picture.%s S:decoder/model.onnx", kinds[i].ending);
      g_autofree char *path = g_strdup_printf ("%s/picture.%s", folder, kinds[i].ending);
      g_autofree char *out = NULL, *err = NULL, *text = NULL;
      gsize size;
      int status = call (arguments, NULL, &out, &err);

      if (status != 0)
        g_error ("'%s': status %d: %s", arguments, status, err);
      g_assert_true (g_file_get_contents (path, &text, &size, NULL));
      if (size < 500 || strncmp (text, kinds[i].begins, strlen (kinds[i].begins)) != 0)
        g_error ("%s does not begin with %s: %.40s", path, kinds[i].begins, text);
    }
}

/* Equal seeds give equal outputs, others do not. */
static void
test_seed (void)
{
  g_autofree char *a = NULL, *b = NULL, *c = NULL, *err = NULL;

  call ("run --seed 3 S:classifier/model.onnx", NULL, &a, &err);
  g_clear_pointer (&err, g_free);
  call ("run --seed 3 S:classifier/model.onnx", NULL, &b, &err);
  g_clear_pointer (&err, g_free);
  call ("run --seed 4 S:classifier/model.onnx", NULL, &c, &err);
  g_assert_cmpstr (a, ==, b);
  g_assert_cmpstr (a, !=, c);
}

/* Every broken file ends with a sentence and a status, whatever the verb. */
static void
test_broken (void)
{
  static const char *const verbs[] = { "info", "info --json", "run", "debug" };
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "../proto/broken", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    for (guint v = 0; g_str_has_suffix (name, ".onnx") && v < G_N_ELEMENTS (verbs); v++)
      {
        g_autofree char *arguments = g_strdup_printf ("%s B:%s", verbs[v], name), *out = NULL, *err = NULL;
        int status = call (arguments, "run\n", &out, &err);

        if (status < 0 || status > 3)
          g_error ("'%s': status %d", arguments, status);
        if (status != 0 && !g_str_has_prefix (err, "onnxscope") && strstr (err, "stdin:1:") == NULL
            && strstr (out, "FAILED") == NULL)
          g_error ("'%s' fails without a word: %s", arguments, err);
      }
}

static void
write_file (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* A table of 256 numbers, the first of which is none. */
static void
write_nan_image (void)
{
  GString *text = g_string_new ("nan");

  for (int i = 1; i < 256; i++)
    g_string_append (text, ",0.5");
  write_file ("nan.csv", text->str);
  memcpy (text->str, "9e4", 3);
  write_file ("large.csv", text->str);
  g_string_free (text, TRUE);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);

      remove_tree (inner);
    }
  g_remove (path);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (argc < 2)
    {
      g_printerr ("expected the program as argument\n");
      return 2;
    }
  program = argv[1];
  folder = g_dir_make_tmp ("onnxscope-cli-XXXXXX", NULL);
  write_file ("listed.txt", "# known\ndecoder: for some reason\n");
  write_file ("script.txt", "next 2\n");
  write_file ("bad.json", "{\"lst\": 3}");
  write_nan_image ();
  write_file ("0.csv", "0\n");
  write_file ("1.csv", "1\n");
  write_file ("1e8.csv", "100000000\n");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/cli/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/cli/json", test_json);
  g_test_add_func ("/cli/round-trip", test_round_trip);
  g_test_add_func ("/cli/compare-all", test_compare_all);
  g_test_add_func ("/cli/instrument-copy", test_instrument);
  g_test_add_func ("/cli/onnxruntime", test_runtime);
  g_test_add_func ("/cli/export", test_export);
  g_test_add_func ("/cli/interrupt", test_interrupt);
  g_test_add_func ("/cli/seed", test_seed);
  g_test_add_func ("/cli/broken", test_broken);
  status = g_test_run ();
  remove_tree (folder);
  g_free (folder);
  return status;
}
