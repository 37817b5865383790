# SPDX-License-Identifier: Apache-2.0
"""faults.py PROGRAM FOLDER LIST: models with one seeded fault each, whose truth is known, and models without any. compare and
hunt must name the one and find nothing in the other. Models on LIST are known not to run or agree. Prints TAP."""
import json
import subprocess
import sys
from pathlib import Path

program, folder, known = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
number = 0


def say(good, name, why="", todo=""):
    global number
    number += 1
    print("%s %d - %s%s" % ("ok" if good else "not ok", number, name, todo))
    if not good:
        for line in str(why).splitlines():
            print("# " + line)


def ask(*words):
    """The answer as JSON, and the exit status."""
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout), done.returncode
    except ValueError:
        return done.stderr, done.returncode


def same(found, expected):
    if found is None or expected is None:
        return found is expected
    return all(found[key] == expected[key] for key in ("node", "op_type", "output"))


def fault(case):
    truth = json.loads((case / "truth.json").read_text(encoding="utf-8"))
    if "first_divergence" in truth:
        reference = next(case.glob("reference.*"))
        answer, status = ask("compare", "--json", "--reference", reference, case / "model.onnx")
        wanted = ["first_divergence"]
        good = status == (0 if truth["first_divergence"] is None else 1)
    else:
        answer, status = ask("hunt", "--json", case / "model.onnx")
        wanted = ["first_inf", "first_nan"]
        good = status in (0, 1)
    if isinstance(answer, str):
        say(False, case.name, answer)
        return
    for key in wanted:
        good = good and same(answer[key], truth[key])
    say(good, case.name, "status %d, found %s, expected %s" % (status, [answer[key] for key in wanted],
                                                               [truth[key] for key in wanted]))


def healthy(model, listed):
    reference = model / "intermediates.npz"
    todo = " # TODO known" if model.name in listed else ""
    answer, status = ask("compare", "--json", "--reference", reference, model / "model.onnx")
    if isinstance(answer, str):
        say(False, model.name, answer, todo)
    else:
        say(status == 0 and answer["first_divergence"] is None, model.name, answer["first_divergence"], todo)


if not (folder / "faulty").is_dir():
    print("1..0 # SKIP %s is not there" % (folder / "faulty"))
    sys.exit()
names = {line.split(":")[0] for line in known.read_text(encoding="utf-8").splitlines() if not line.startswith("#")}
for directory in sorted((folder / "faulty").iterdir()):
    fault(directory)
for directory in sorted((folder / "models").iterdir()):
    if (directory / "intermediates.npz").exists():
        healthy(directory, names)
print("1..%d" % number)
