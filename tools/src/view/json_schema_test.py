#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""json_schema_test.py lines SCHEMA FILE
json_schema_test.py host|explain|doctor|record|diff|report SCHEMA PROGRAM

Holds what --json or record write against the schema in docs/: the lines of FILE, which the unit
tests compare with, or what PROGRAM writes of a host that is made up here.  The schema must take
them as they are, and nothing that differs in a name or in a type."""

import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema

STATES = ["guest", "kernel", "vmm", "halted", "preempted", "waiting", "stopped"]


# Of a record: a sample leaves out all that did not change.
ALWAYS_THERE = {"time", "monotonic_seconds", "id", "pid", "name", "vmm"}


def keys_that_may_lack(element):
    if kind == "record":
        return set() if "format" in element else set(element) - ALWAYS_THERE
    if kind == "report":
        return {"uuid"}
    is_reason = "share_percent" in element
    return {"exits_per_second"} if is_reason else {"seconds", "start_exits", "each_vcpu", "uuid"}


def changes(document):
    """What differs from the document in one place, with words for it."""

    def of(element, put):
        for wrong in (-1, [["unexpected"]]):
            yield put(wrong), f"{element!r:.60} replaced by {wrong}"
        if isinstance(element, dict):
            yield put(element | {"unexpected": 1}), "a key that is unexpected"
            for key in element:
                if key not in keys_that_may_lack(element) or "vms" in element and kind == "host":
                    rest = {k: v for k, v in element.items() if k != key}
                    yield put(rest), f"{key} removed"
                yield from of(element[key], lambda v, k=key: put(element | {k: v}))
        if isinstance(element, list):
            for i, item in enumerate(element):
                yield from of(item, lambda v, i=i: put(element[:i] + [v] + element[i + 1 :]))

    return of(document, copy.deepcopy)


def validate(schema_path, lines):
    schema = json.loads(pathlib.Path(schema_path).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    documents = [json.loads(line) for line in lines]
    if not documents:
        sys.exit("there is nothing to validate")
    for document in documents:
        validator.validate(document)
    # The one in which there is most has every name, and need not be the one that has each
    # reason twice.
    short = [d for d in documents if len(json.dumps(d)) < 20000]
    for document in (max(short, key=lambda d: len(json.dumps(d))), short[0]):
        for changed, how in changes(document):
            if validator.is_valid(changed):
                sys.exit(f"the schema takes {how} in {json.dumps(document)}")


def write_tables(directory, head, exits, is_timed):
    """The module's files, as docs/host.md has them, of exits for HLT."""
    directory.mkdir(parents=True)
    cycles = [exits // 3, exits // 4, 0, exits // 5, 0, 0, 0]
    columns = [exits // 2, 9, *cycles] if is_timed else ["-"] * 9
    nothing = [0] * 9 if is_timed else ["-"] * 9
    rows = [
        [12, "HLT", exits, *columns],
        ["-", "UNKNOWN", exits % 7, *nothing],
        ["-", "NO_EXIT", "-", *nothing],
    ]
    text = "".join(" ".join(map(str, row)) + "\n" for row in rows)
    (directory / "reasons").write_text(f"{head}\n# reason\n{text}", encoding="utf-8")
    text = "".join(
        f"{i} {name} {cycles[i] if is_timed else '-'} {0 if is_timed else '-'}\n"
        for i, name in enumerate(STATES)
    )
    (directory / "states").write_text(
        f"{head}\n# state\n{text}# cycles of 2000000 kHz\n", encoding="utf-8"
    )
    (directory / "total").write_text(f"{exits}\n", encoding="utf-8")
    (directory / "durations").write_text(
        f"{head}\n12 HLT 4 6 {exits}\n# missed 0\n" if exits else f"{head}\n# missed 0\n",
        encoding="utf-8",
    )


def write_host(root, vms, is_timed):
    debugfs = root / "sys/kernel/debug/kvm_exits"
    write_tables(debugfs, "# all VMs", sum(vms.values()), is_timed)
    (debugfs / "vms").mkdir()
    for pid, exits in vms.items():
        head = f"# VM {pid}-11.1 of process {pid}"
        write_tables(debugfs / f"vms/{pid}-11.1", head, exits, is_timed)
        write_tables(debugfs / f"vms/{pid}-11.1/vcpu0", f"{head}, vCPU 0", exits, is_timed)
        process = root / f"proc/{pid}"
        process.mkdir(parents=True)
        (process / "comm").write_text("qemu-system-x86\n", encoding="utf-8")
        name = b"\xffname\x1b\n\"" if pid % 2 else b"web"
        (process / "cmdline").write_bytes(b"qemu-system-x86_64\0-name\0" + name + b"\0")


VERBS = {
    "host": (
        ["list", "--source=module"],
        ["list", "--source=module", "-n1", "-i0.01"],
        ["stat", "--source=module", "-n1", "-i0.01"],
        ["stat", "--source=module", "-n1", "-i0.01", "--zeros", "--vcpu=all"],
    ),
    "explain": (
        ["explain", "--isa=vmx"],
        ["explain", "--isa=svm"],
        ["explain", "101", "--source=module", "-i0.01"],
    ),
    "doctor": (["doctor"],),
}


def output_of(program, root, verb):
    return subprocess.run(
        [program, "--root", root, *verb, "--json"], stdout=subprocess.PIPE, text=True, check=False
    ).stdout


def records(program):
    for is_timed in (True, False):
        with tempfile.TemporaryDirectory() as directory:
            write_host(pathlib.Path(directory), {100: 2**63 - 1, 101: 3000}, is_timed)
            file = f"{directory}/a.jsonl.zst"
            with subprocess.Popen(
                [program, "--root", directory, "record", "--each-vcpu", "-n9", "-i0.1", "-o", file],
                stderr=subprocess.DEVNULL) as recorder:
                host = pathlib.Path(directory) / "sys/kernel/debug/kvm_exits"
                exits = 3000
                while recorder.poll() is None:
                    exits += 1000
                    for path in (host / "reasons", host / "vms/101-11.1/reasons"):
                        text = re.sub(r"^12 HLT \d+", f"12 HLT {exits + 2**62}",
                                      path.read_text(encoding="utf-8"), flags=re.M)
                        new = path.with_suffix(".new")
                        new.write_text(text, encoding="utf-8")
                        new.rename(path)
            assert recorder.returncode == 0
            yield file


def lines_of_records(program):
    for file in records(program):
        yield from subprocess.run(
            ["zstd", "-dc", file], stdout=subprocess.PIPE, text=True, check=True
        ).stdout.splitlines()


def lines_of_diffs(program):
    for file in records(program):
        for more in ([], ["--fail-above=2", "101"]):
            yield subprocess.run(
                [program, "diff", f"{file}@..+0.4", f"{file}@+0.4..", "--json", *more],
                stdout=subprocess.PIPE, text=True, check=False).stdout


def lines_of_reports(program):
    for file in records(program):
        for more in ([], ["--end=+0.3", "101"]):
            yield subprocess.run([program, "report", file, "--json", *more],
                                 stdout=subprocess.PIPE, text=True, check=True).stdout


def lines_of_hosts(program, verbs):
    for is_timed in (True, False):
        for vms in ({}, {100: 0}, {100: 2**63 - 1}, {101: 3000}):
            with tempfile.TemporaryDirectory() as directory:
                write_host(pathlib.Path(directory), vms, is_timed)
                for verb in verbs:
                    if verb[:2] == ["explain", "101"] and 101 not in vms:
                        continue
                    output = output_of(program, directory, verb)
                    if not output:
                        sys.exit(f"{verb} writes nothing")
                    yield from output.splitlines()


kind, schema_file, source = sys.argv[1:]
if kind == "lines":
    validate(schema_file, pathlib.Path(source).read_text(encoding="utf-8").splitlines())
elif kind == "record":
    validate(schema_file, lines_of_records(source))
elif kind == "diff":
    validate(schema_file, lines_of_diffs(source))
elif kind == "report":
    validate(schema_file, lines_of_reports(source))
elif kind in VERBS:
    validate(schema_file, lines_of_hosts(source, VERBS[kind]))
else:
    sys.exit(__doc__)
