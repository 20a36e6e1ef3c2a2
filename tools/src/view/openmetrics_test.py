#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""openmetrics_test.py vmx|svm FILE: holds the OpenMetrics text that the tests
compare with against the reference parser, and what it reads against MakeSnapshot()
or MakeSvmSnapshot() of model/fakes.h."""

import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

EXPECTED_OF_BOTH = {
    ("kvm_exits_vm_total", ()): 8589935592,
    ("kvm_exits_host_tsc_hertz", ()): 2100000000,
}
EXPECTED = {
    "vmx": EXPECTED_OF_BOTH
    | {
        ("kvm_exits_total", ("INIT_SIGNAL", "3")): 0,
        ("kvm_exits_total", ("CPUID", "10")): 300,
        ("kvm_exits_total", ("HLT", "12")): 8589934592,
        ("kvm_exits_total", ("DR_ACCESS", "29")): 300,
        ("kvm_exits_total", ("EPT_VIOLATION", "48")): 399,
        ("kvm_exits_total", ('a"b\\c\nd', "99")): 1,
        ("kvm_exits_host_info", ("VMX",)): 1,
    },
    "svm": EXPECTED_OF_BOTH
    | {
        ("kvm_exits_total", ("CR0_READ", "0x00")): 0,
        ("kvm_exits_total", ("CPUID", "0x72")): 300,
        ("kvm_exits_total", ("HLT", "0x78")): 8589934592,
        ("kvm_exits_total", ("NPF", "0x400")): 399,
        ("kvm_exits_total", ("INVALID", "-1")): 300,
        ("kvm_exits_host_info", ("SVM",)): 1,
    },
}
TYPES = {
    "kvm_exits": "counter",
    "kvm_exits_vm": "counter",
    "kvm_exits_host": "info",
    "kvm_exits_host_tsc_hertz": "gauge",
}

with open(sys.argv[2], encoding="utf-8") as file:
    families = list(text_string_to_metric_families(file.read()))

samples = {
    (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
    for family in families
    for sample in family.samples
}
types = {family.name: family.type for family in families}
if samples != EXPECTED[sys.argv[1]] or types != TYPES:
    sys.exit(f"read {samples}\nand {types}")
