# SPDX-License-Identifier: Apache-2.0
"""Prints 'N passed, N failed, N skipped' for meson's test logs (testlog.json).

A TAP program counts for each of its subtests, any other program for one. A program that died, timed out or
left out subtests it had announced counts for one failure more.
"""
import json
import re
import sys

POINT = re.compile(r"^(not )?ok\b(.*)$")
PLAN = re.compile(r"^1\.\.(\d+)")
DIRECTIVE = re.compile(r"#\s*(skip|todo)", re.IGNORECASE)


def count(test):
    passed = failed = skipped = 0
    planned = None
    for line in test.get("stdout", "").splitlines():
        plan = PLAN.match(line)
        point = POINT.match(line)
        if plan:
            planned = int(plan[1])
            continue
        if not point:
            continue
        if DIRECTIVE.search(point[2]):
            skipped += 1
        elif point[1]:
            failed += 1
        else:
            passed += 1
    good = test["result"] in ("OK", "SKIP", "EXPECTEDFAIL")
    seen = passed + failed + skipped
    if seen == 0:
        return (0, 1, 0) if not good else (0, 0, 1) if test["result"] == "SKIP" else (1, 0, 0)
    if failed == 0 and (not good or (planned is not None and seen < planned)):
        failed = 1
    return passed, failed, skipped


def main(logs):
    total = [0, 0, 0]
    for log in logs:
        with open(log, encoding="utf-8") as file:
            for line in file:
                total = [a + b for a, b in zip(total, count(json.loads(line)))]
    print("%d passed, %d failed, %d skipped" % tuple(total))
    return 0 if total[1] == 0 and total[0] > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
