# SPDX-License-Identifier: GPL-2.0-only
"""A made-up record, in the form of docs/record.schema.json, of VMs whose load changes."""

import datetime
import json
import math
import random
import subprocess

KHZ = 2000000
# VMX: number, name, exits a second of a vCPU, microseconds in the kernel and in the VMM.
REASONS = (
    (0, "EXCEPTION_NMI", 3, 1.5, 0),
    (1, "EXTERNAL_INTERRUPT", 250, 1.2, 0),
    (7, "INTERRUPT_WINDOW", 40, 0.8, 0),
    (10, "CPUID", 20, 0.7, 0),
    (12, "HLT", 180, 3, 0),
    (28, "CR_ACCESS", 15, 1, 0),
    (30, "IO_INSTRUCTION", 60, 2, 9),
    (31, "MSR_READ", 30, 0.9, 0),
    (32, "MSR_WRITE", 400, 1.1, 0),
    (40, "PAUSE_INSTRUCTION", 90, 2, 0),
    (48, "EPT_VIOLATION", 120, 4, 0),
    (49, "EPT_MISCONFIG", 80, 2, 6),
    (52, "PREEMPTION_TIMER", 100, 0.6, 0),
)
BINS = [[256 << (i // 2), (256 << (i // 2)) * 3 // 2] if i % 2 == 0 else
        [(256 << (i // 2)) * 3 // 2, 256 << (i // 2 + 1)] for i in range(24)]


def durations_of(exits, cycles_each):
    """Pairs of a bin and exits: a peak and a tail."""
    peak = next(i for i, (_, below) in enumerate(BINS) if cycles_each < below)
    pairs = []
    for bin_, part in ((peak - 1, 0.3), (peak, 0.5), (peak + 1, 0.15), (peak + 4, 0.04),
                       (peak + 7, 0.01)):
        count = int(exits * part)
        if count and 0 <= bin_ < len(BINS):
            pairs += [bin_, count]
    return pairs


def reasons_of(vcpus, load, is_timed, slow):
    """What the vCPUs did in a second, as a sample has it; and their states."""
    reasons, booked = {}, [0] * 7
    for number, _, rate, kernel, vmm in REASONS:
        exits = int(rate * vcpus * load * random.uniform(0.85, 1.15))
        if not exits:
            continue
        if not is_timed:
            reasons[str(number)] = {"exits": exits}
            continue
        us = KHZ // 1000
        kernel_cycles = int(exits * kernel * us * slow)
        vmm_cycles = int(exits * vmm * us * slow)
        states = [0, kernel_cycles, vmm_cycles, 0, kernel_cycles // 50, 0, 0]
        if number == 12:
            idle = max(0, vcpus * KHZ * 1000 * (1 - 0.55 * load))
            states[3] = int(idle)
        cycles = sum(states[1:])
        booked = [a + b for a, b in zip(booked, states)]
        reasons[str(number)] = {
            "exits": exits, "cycles": cycles, "states": states,
            "durations": durations_of(exits, (kernel + vmm) * us * slow)}
    booked[0] = max(0, vcpus * KHZ * 1000 - sum(booked))
    if is_timed:
        # The guest's time, after the most frequent reason
        reasons["32"]["states"][0] = booked[0]
    return reasons, booked


class Vm:
    """A VM of `vcpus` that is there from second `begin` on to before `end`."""

    def __init__(self, name, vcpus=2, begin=0, end=None):
        self.name = name
        self.vcpus = vcpus
        self.begin = begin
        self.end = end
        self.phase = random.Random(name).uniform(0, 6)

    def load(self, second):
        """A wave, and a storm each quarter of an hour."""
        wave = 0.55 + 0.4 * math.sin(self.phase + second / 400)
        return wave + (2.5 if second % 900 > 840 and self.phase < 2 else 0)


def write(path, vms, seconds, is_timed=True, seed=1, gap=(0, 0)):
    """A record of a sample a second, the first at second 0, but for those in the gap."""
    random.seed(seed)
    start = datetime.datetime(2026, 1, 31, 10, tzinfo=datetime.timezone.utc)
    lines = [{"format": "kvm-exits-record", "format_version": 1, "program_version": "0",
              "host": "kvm-17.example", "kernel": "6.12.117", "boot_id": "", "source": "module",
              "begins_now": False, "each_vcpu": False, "interval_seconds": 1}]
    for second in range(seconds + 1):
        time = start + datetime.timedelta(seconds=second)
        sample = {"time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                  "monotonic_seconds": 5000 + second}
        if second == 0:
            sample.update(isa="VMX", limits="", bins=BINS,
                          names={str(number): name for number, name, *_ in REASONS})
        began, ended, counts = [], [], {}
        for i, vm in enumerate(vms):
            vm_id = f"{1000 + i}-11"
            if second == vm.begin:
                began.append({"id": vm_id, "pid": 1000 + i, "name": vm.name, "vmm": "qemu"})
            if second == vm.end:
                ended.append(vm_id)
            if second < vm.begin or (vm.end is not None and second >= vm.end):
                continue
            slow = 1 + (second > 2400 and i == 0)
            reasons, states = reasons_of(vm.vcpus, vm.load(second), is_timed, slow)
            counts[vm_id] = {"reasons": reasons}
            if is_timed:
                counts[vm_id]["states"] = states
            if second == vm.begin:
                counts[vm_id]["vcpus"] = vm.vcpus
                counts[vm_id]["clock_khz"] = KHZ
        if began:
            sample["began"] = began
        if ended:
            sample["ended"] = ended
        sample["vms"] = counts
        if not gap[0] <= second < gap[1]:
            lines.append(sample)
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    subprocess.run(["zstd", "-q", "-f", "-3", "-o", str(path)], input=text.encode(), check=True)
