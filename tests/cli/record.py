# SPDX-License-Identifier: Apache-2.0
"""record.py PROGRAM SAMPLES: runs that the debugger writes down. Prints TAP."""
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

program, samples = sys.argv[1], Path(sys.argv[2])
model = samples / "decoder" / "model.onnx"
feeds = ["--data-set", model.parent / "test_data_set_0"]
number = 0


def say(good, name, why=""):
    global number
    number += 1
    print("%s %d - %s" % ("ok" if good else "not ok", number, name))
    if not good:
        print("# " + str(why).replace("\n", "\n# "))


def call(*words, script=None):
    return subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False, input=script)


def debug(script, *options):
    return call("debug", *options, *feeds, model, script=script)


def lines(path):
    """Without the times, which are of another run."""
    with zipfile.ZipFile(path) as archive:
        read = [json.loads(line) for line in archive.read("trace.jsonl").decode().splitlines()]
        stored = {name: archive.read(name) for name in archive.namelist() if name != "trace.jsonl"}
    for line in read:
        line.pop("seconds", None)
    return read, stored


with tempfile.TemporaryDirectory() as folder:
    def at(name):
        return Path(folder) / name

    done = call("run", "-q", "--record", at("run.oxtrace"), "--record-values=all", *feeds, model)
    say(done.returncode == 0, "run --record", done.stderr)
    whole, values = lines(at("run.oxtrace"))

    # Its inputs are taken for another run, by their name or that of one of its values.
    for what in "digit=%s" % at("run.oxtrace"), "digit=%s:digit" % at("run.oxtrace"):
        done = call("run", "-q", "--record", at("again.oxtrace"), "--record-values=all", "--input", what, model)
        say(done.returncode == 0 and lines(at("again.oxtrace")) == (whole, values), "run --input of a recorded run", done.stderr)
    done = debug("continue\nrecord %s all\n" % at("word.oxtrace"))
    say(done.returncode == 0 and lines(at("word.oxtrace")) == (whole, values), "the same as run --record", done.stderr)
    done = debug("back-to-nothing\n", "--record", at("never.oxtrace"))
    say(done.returncode == 2, "a script that fails", done.stderr)
    done = debug("continue\nstart\ncontinue\nback\nnext\ncontinue\n", "--record", at("an option.oxtrace"), "--record-values", "all")
    say(done.returncode == 0 and "the whole run" in done.stderr and lines(at("an option.oxtrace")) == (whole, values),
        "debug --record, after going back", done.stderr)

    done = debug("next\nnext\n", "--record", at("part.oxtrace"), "--record-values=codes")
    part, stored = lines(at("part.oxtrace"))
    say(part[-1].get("left") is True and part[-1]["turns"] < whole[-1]["turns"], "left on the way", part[-1])
    without = [{k: v for k, v in line.items() if k != "stored"} for line in part[:-1]]
    say(without == [{k: v for k, v in line.items() if k != "stored"} for line in whole[:len(part) - 1]], "so far the same")
    say(sorted(stored) == ["codes.npy"] or all(name.startswith("codes") for name in stored), "values by name", sorted(stored))
    say("left after %d turns" % part[-1]["turns"] in call("trace", at("part.oxtrace")).stdout, "trace says so")
    done = call("trace", "--against", at("part.oxtrace"), at("run.oxtrace"))
    say(done.returncode == 1 and "it was left there" in done.stdout, "against a whole one", done.stdout)

    done = debug("next\nnext\nscale confidence 2\ncontinue\n", "--record", at("edited.oxtrace"))
    say(done.returncode == 0, "edited", done.stderr)
    done = call("trace", "--against", at("run.oxtrace"), at("edited.oxtrace"))
    say(done.returncode == 1 and "then: Loop 'confidence'" in done.stdout, "the first that is another is what was edited", done.stdout)

    done = debug("next\nnext\nscale codes 9\ncontinue\n", "--record", at("failed.oxtrace"))
    say("how the next one failed" in done.stderr and "the run failed: " in call("trace", at("failed.oxtrace")).stdout, "failed",
        done.stderr)

    done = debug("fill image -1 0\ncontinue\n", "--record", at("none.oxtrace"), "--record-values", "")
    say(done.returncode == 2 and not at("none.oxtrace").exists(), "no such values", done.stderr)
    done = debug("info\n", "--record", at("none.oxtrace"))
    say(done.returncode == 2 and "nothing has run yet" in done.stderr, "nothing to record", done.stderr)
    done = debug("continue\n", "--record-values=all")
    say(done.returncode == 2 and "needs --record" in done.stderr, "values alone", done.stderr)
    done = debug("continue\n", "--record", at("no/such/folder.oxtrace"))
    say(done.returncode == 2 and "folder.oxtrace" in done.stderr, "nowhere to write", done.stderr)
print("1..%d" % number)
