#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""main_test.py PROGRAM: what main() adds to the parts that the unit tests hold."""

import pathlib
import subprocess
import sys

MEASUREMENTS = pathlib.Path(__file__).parent / "testdata" / "amd.txt"


def run(*arguments, **more):
    more = {"stdout": subprocess.PIPE, **more}
    ended = subprocess.run(
        [sys.argv[1], *arguments], stderr=subprocess.PIPE, text=True, check=False, **more
    )
    return ended.returncode, ended.stderr


assert run("json", MEASUREMENTS) == (0, "")
with open("/dev/full", "w", encoding="utf-8") as full:
    failed = run("json", MEASUREMENTS, stdout=full)
assert failed == (
    1,
    "bench-report: cannot write the output: No space left on device\n",
), failed
status, errors = run("nonsense")
assert status == 2 and errors.startswith("bench-report: there is no command"), (status, errors)
