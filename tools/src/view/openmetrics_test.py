#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""openmetrics_test.py READER vmx|svm FILE: gives the text that the tests compare with to
who is to read it, and holds what that read against MakeSnapshot() or
MakeSvmSnapshot() of model/fakes.h.

READER is openmetrics, the reference parser; promtool=PROGRAM, which also says what
Prometheus' conventions have against it; or node_exporter=PROGRAM, which is to offer
on its own page what it found in the directory of its textfile collector."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client import parser as prometheus

EXPECTED_OF_BOTH = {
    ("kvm_guest_host_tsc_hertz", ()): 2100000000,
    ("kvm_guest_vm_exits_total", ()): 8589935592,
}
EXPECTED = {
    "vmx": EXPECTED_OF_BOTH
    | {
        ("kvm_guest_exits_total", ("3", "INIT_SIGNAL")): 0,
        ("kvm_guest_exits_total", ("10", "CPUID")): 300,
        ("kvm_guest_exits_total", ("12", "HLT")): 8589934592,
        ("kvm_guest_exits_total", ("29", "DR_ACCESS")): 300,
        ("kvm_guest_exits_total", ("48", "EPT_VIOLATION")): 399,
        ("kvm_guest_exits_total", ("99", 'a"b\\c\nd')): 1,
        ("kvm_guest_reading_exits", ()): 11,
        ("kvm_guest_host_info", ("VMX",)): 1,
        ("kvm_guest_exit_seconds_total", ("10", "CPUID")): 0.0001,
        ("kvm_guest_exit_seconds_total", ("12", "HLT")): 0.002,
        ("kvm_guest_exit_seconds_total", ("48", "EPT_VIOLATION")): 0.0004,
        ("kvm_guest_vcpu_seconds_total", ("guest",)): 0.001,
        ("kvm_guest_vcpu_seconds_total", ("kernel",)): 0.0005,
        ("kvm_guest_vcpu_seconds_total", ("vmm",)): 0,
        ("kvm_guest_vcpu_seconds_total", ("halted",)): 0.002,
        ("kvm_guest_vcpu_seconds_total", ("preempted",)): 0,
        ("kvm_guest_vcpu_seconds_total", ("waiting",)): 0,
        ("kvm_guest_vcpu_seconds_total", ("stopped",)): 0.0000001,
    },
    "svm": EXPECTED_OF_BOTH
    | {
        ("kvm_guest_exits_total", ("0x00", "CR0_READ")): 0,
        ("kvm_guest_exits_total", ("0x72", "CPUID")): 300,
        ("kvm_guest_exits_total", ("0x78", "HLT")): 8589934592,
        ("kvm_guest_exits_total", ("0x400", "NPF")): 399,
        ("kvm_guest_exits_total", ("-1", "INVALID")): 300,
        ("kvm_guest_reading_exits", ()): 12,
        ("kvm_guest_host_info", ("SVM",)): 1,
    },
}
TYPES_OF_BOTH = {
    "kvm_guest_exits": "counter",
    "kvm_guest_vm_exits": "counter",
    "kvm_guest_reading_exits": "gauge",
    "kvm_guest_host_info": "gauge",
    "kvm_guest_host_tsc_hertz": "gauge",
}
# Of a host that tells times, which one of the two does.
TYPES = {
    "vmx": TYPES_OF_BOTH
    | {"kvm_guest_exit_seconds": "counter", "kvm_guest_vcpu_seconds": "counter"},
    "svm": TYPES_OF_BOTH,
}


def compare(families, isa, types):
    families = [family for family in families if family.name.startswith("kvm_")]
    samples = {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }
    read_types = {family.name: family.type for family in families}
    if samples != EXPECTED[isa] or read_types != types:
        sys.exit(f"read {samples}\nand {read_types}")


def page_of_node_exporter(program, file):
    """What the program offers on a port of its own with `file` in its directory."""
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(file, pathlib.Path(directory) / "guest.prom")
        with subprocess.Popen(
            [
                program,
                "--web.listen-address=127.0.0.1:0",
                "--collector.disable-defaults",
                "--collector.textfile",
                f"--collector.textfile.directory={directory}",
            ],
            stderr=subprocess.PIPE,
            text=True,
        ) as exporter:
            try:
                log = []
                for line in exporter.stderr:
                    log.append(line)
                    address = re.search(r"Listening on.*address=(127\.0\.0\.1:\d+)", line)
                    if address:
                        url = f"http://{address.group(1)}/metrics"
                        with urllib.request.urlopen(url, timeout=30) as page:
                            return page.read().decode()
                sys.exit("it did not listen:\n" + "".join(log))
            finally:
                exporter.terminate()


reader, _, program = sys.argv[1].partition("=")
isa, path = sys.argv[2:]
text = pathlib.Path(path).read_text(encoding="utf-8")
if reader == "openmetrics":
    compare(openmetrics.text_string_to_metric_families(text), isa, TYPES[isa])
elif reader == "promtool":
    check = subprocess.run(
        [program, "check", "metrics"], input=text, text=True, capture_output=True, check=False
    )
    if check.returncode != 0 or check.stdout or check.stderr:
        sys.exit(f"status {check.returncode}: {check.stdout}{check.stderr}")
    compare(prometheus.text_string_to_metric_families(text), isa, TYPES[isa])
elif reader == "node_exporter":
    page = page_of_node_exporter(program, path)
    if "node_textfile_scrape_error 0\n" not in page:
        sys.exit("it dropped the file")
    types = dict(TYPES[isa])
    if path.endswith(".openmetrics"):
        # It takes the counters of OpenMetrics, but does not see that they are some.
        for counter in [name for name, of in types.items() if of == "counter"]:
            del types[counter]
            types[counter + "_total"] = "unknown"
    compare(prometheus.text_string_to_metric_families(page), isa, types)
else:
    sys.exit(__doc__)
