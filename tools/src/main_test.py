#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""main_test.py PROGRAM: how the program ends when nobody reads its output any more, and
at a signal."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time


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


def end_by(signal_number, *options):
    """How it ends at a signal while it waits for the reader of a pipe."""
    with tempfile.TemporaryDirectory() as directory:
        pipe = pathlib.Path(directory) / "pipe"
        os.mkfifo(pipe)
        with subprocess.Popen(
            [sys.argv[1], "guest", "-o", pipe, *options], stderr=subprocess.PIPE, text=True
        ) as program:
            try:
                wait_for_open(program.pid)
                program.send_signal(signal_number)
                _, errors = program.communicate(timeout=30)
                return program.returncode, errors
            finally:
                program.kill()


def wait_for_open(pid):
    """Until the kernel has it wait for the other end of a pipe."""
    deadline = time.monotonic() + 30
    stat = pathlib.Path(f"/proc/{pid}/stat")
    while time.monotonic() < deadline:
        name_and_rest = stat.read_text(encoding="utf-8").rsplit(")", 1)
        if "(kvm-exits" in name_and_rest[0] and name_and_rest[1].split()[0] == "S":
            return
        time.sleep(0.01)
    sys.exit("it does not wait for the pipe's reader")


for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    assert end_by(number) == (-number, ""), end_by(number)
    assert end_by(number, "-i", "1") == (0, ""), end_by(number, "-i", "1")
