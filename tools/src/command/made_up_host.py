# SPDX-License-Identifier: GPL-2.0-only
"""A made-up host's files, for what reads them below --root: those of the module kvm_exits
as docs/host.md describes them, KVM's parameters, and /proc of the VMs' processes."""

import os
import pathlib
import shutil

STATES = ("guest", "kernel", "vmm", "halted", "preempted", "waiting", "stopped")
KHZ = 2000000
# VMX: number, name, exits of a vCPU at scale 1.
REASONS = (
    (1, "EXTERNAL_INTERRUPT", 3000),
    (10, "CPUID", 300),
    (12, "HLT", 100),
    (30, "IO_INSTRUCTION", 1200),
    (32, "MSR_WRITE", 2000),
    (48, "EPT_VIOLATION", 400),
)
# In all of the manual's; the others have had no exit.
DEFINED = 78


def cycles_of(number, exits):
    """Of the states after `exits` for a reason: the guest runs, KVM works."""
    halted = 9000000 if number == 12 else 0
    vmm = 10000 if number == 30 else 0
    return [cycles * exits for cycles in (60000, 2000, vmm, halted, 50, 0, 0)]


def reasons_and_states(title, scale, is_timed):
    """The texts of the files `reasons` and `states` of vCPUs with `scale` in all."""
    counts = {number: int(exits * scale) for number, _, exits in REASONS}
    names = {number: name for number, name, _ in REASONS}
    columns = "exits cycles longest " + " ".join(STATES)
    reasons = f"# {title}\n# reason name {columns}\n"
    booked = [0] * len(STATES)
    for number in range(DEFINED):
        exits = counts.get(number, 0)
        cycles = cycles_of(number, exits)
        booked = [a + b for a, b in zip(booked, cycles)]
        kept = [sum(cycles[1:6]), 2500 if exits else 0, *cycles]
        kept = kept if is_timed else ["-"] * len(kept)
        name = names.get(number, f"REASON_{number}")
        reasons += f"{number:8} {name:20} {exits:20} " + " ".join(f"{k:>20}" for k in kept) + "\n"
    nothing = " ".join(["0" if is_timed else "-"] * 9)
    reasons += f"- UNKNOWN 0 {nothing}\n- NO_EXIT - {nothing}\n"
    states = f"# {title}\n# state name cycles open\n"
    for state, name in enumerate(STATES):
        states += f"{state} {name} {booked[state]} 0\n" if is_timed else f"{state} {name} - -\n"
    if is_timed:
        states += f"# sum {sum(booked)}, booked {sum(booked)}, difference 0, lost 0\n"
    return reasons, states + f"# cycles of {KHZ} kHz\n"


def durations(scale):
    """Of nine exits out of ten half a microsecond, of the tenth twenty."""
    text = "# vCPU\n# reason name from below exits\n"
    for number, name, exits in REASONS:
        exits = int(exits * scale)
        if exits:
            text += f"{number} {name} 1024 1536 {exits * 9 // 10}\n"
            text += f"{number} {name} 32768 49152 {exits - exits * 9 // 10}\n"
    return text + "# missed 0\n"


class Vm:
    """A VM of `vcpus`, each of which has had `scale` times the exits of REASONS."""

    def __init__(self, name, vcpus=2, scale=1.0):
        self.name = name
        self.vcpus = vcpus
        self.scale = scale


class Host:
    """The tree below `root`.  Change `vms`, by process, and write()."""

    def __init__(self, root, vms, is_timed=True, has_threads=False):
        self.root = pathlib.Path(root)
        self.vms = vms
        self.is_timed = is_timed
        self.has_threads = has_threads
        (self.root / "sys/module/kvm_exits").mkdir(parents=True)
        (self.root / "run").mkdir()
        self.replace("sys/module/kvm/parameters/exit_counters_cpuid", "Y\n")
        for name in ("time", "histogram"):
            self.replace(f"sys/module/kvm/parameters/exit_counters_{name}",
                         "Y\n" if is_timed else "N\n")
        self.ended = 0.0  # scale, of vCPUs of VMs that are gone
        self.write()

    def replace(self, path, text):
        """A reader sees the old or the new file, as with debugfs."""
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(path.name + ".new")
        if isinstance(text, bytes):
            new.write_bytes(text)
        else:
            new.write_text(text, encoding="utf-8")
        os.rename(new, path)

    def replace_counts(self, directory, title, scale):
        """The files that a VM, a vCPU and the host have."""
        reasons, states = reasons_and_states(title, scale, self.is_timed)
        self.replace(f"{directory}/states", states)
        self.replace(f"{directory}/reasons", reasons)

    def write(self):
        """The VMs first, so that all of them together never have less."""
        top = "sys/kernel/debug/kvm_exits"
        for pid, vm in self.vms.items():
            title = f"VM {pid}-11 of process {pid}"
            here = f"{top}/vms/{pid}-11"
            for vcpu in range(vm.vcpus):
                self.replace_counts(f"{here}/vcpu{vcpu}", f"{title}, vCPU {vcpu}", vm.scale)
                text = durations(vm.scale) if self.is_timed else "# not kept\n"
                self.replace(f"{here}/vcpu{vcpu}/durations", text)
            self.write_process(pid, vm)
            self.replace_counts(here, title, vm.scale * vm.vcpus)
        (self.root / top / "vms").mkdir(parents=True, exist_ok=True)
        scale = self.ended + sum(vm.scale * vm.vcpus for vm in self.vms.values())
        self.replace_counts(top, "all VMs since kvm.ko was loaded, ended ones included", scale)
        self.replace(f"{top}/total", "1\n")

    def write_process(self, pid, vm):
        """What /proc tells of QEMU; where there are threads, of those of vCPUs as well."""
        name = vm.name if isinstance(vm.name, bytes) else vm.name.encode()
        name = name.replace(b",", b",,")
        self.replace(f"proc/{pid}/cmdline", b"qemu-system-x86_64\0-name\0guest=" + name +
                     b"\0-uuid\0" + b"00000000-0000-4000-8000-%012x" % pid + b"\0")
        self.replace(f"proc/{pid}/comm", "qemu-system-x86\n")
        self.replace(f"proc/{pid}/status", f"Name:\tqemu-system-x86\nTgid:\t{pid}\n")
        if not self.has_threads:
            return
        ticks = int(100 * vm.scale)
        for thread in range(vm.vcpus + 3):
            tid = pid * 100 + thread
            comm = f"CPU {thread}/KVM" if thread < vm.vcpus else "worker"
            guest = ticks if thread < vm.vcpus else 0
            fields = ["0"] * 50
            fields[11], fields[12], fields[40] = str(2 * ticks), str(ticks), str(guest)
            task = f"proc/{pid}/task/{tid}"
            self.replace(f"{task}/stat", f"{tid} ({comm}) S {' '.join(fields[1:])}\n")
            self.replace(f"{task}/schedstat", f"{ticks * 10000000} {ticks * 1000} {ticks}\n")

    def end(self, pid):
        """The VM is gone, and what it did is in the host's counts."""
        vm = self.vms.pop(pid)
        self.ended += vm.scale * vm.vcpus
        self.write()
        shutil.rmtree(self.root / f"sys/kernel/debug/kvm_exits/vms/{pid}-11")
        shutil.rmtree(self.root / f"proc/{pid}")

    def parameter(self, name):
        """Of kvm.ko: its first letter."""
        path = self.root / "sys/module/kvm/parameters" / name
        return path.read_text(encoding="utf-8")[:1]
