#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""main_test.py PROGRAM: how the program ends when nobody reads its output any more."""

import os
import signal
import subprocess
import sys


def run(restore_signals):
    reader, writer = os.pipe()
    os.close(reader)
    # Python itself ignores SIGPIPE, which the program inherits unless it is restored.
    ended = subprocess.run(
        [sys.argv[1], "--version"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        restore_signals=restore_signals,
    )
    os.close(writer)
    return ended.returncode, ended.stderr


assert run(True) == (-signal.SIGPIPE, ""), run(True)
ignored = (1, "kvm-exits: cannot write the output: Broken pipe\n")
assert run(False) == ignored, run(False)
