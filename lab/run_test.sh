#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A lab that misses a failure is worse than none: each kind must be noticed.
set -eu

if [ "${1-}" = --help ] || [ -z "${LAB_RUN-}" ]; then
	echo "usage: LAB_RUN='lab/run --vendor V --vmlinuz FILE --image FILE' LAB_OUT=DIR" \
		"run_test.sh"
	echo "Prints TAP. 'make lab-check' calls it; LAB=intel or LAB=amd."
	[ "${1-}" = --help ] && exit 0
	exit 2
fi
out=${LAB_OUT:?}
mkdir -p "$out"
count=0
failures=0

# run STATUS NAME RUN-ARG...
run()
{
	expected=$1
	name=$2
	shift 2
	status=0
	# shellcheck disable=SC2086 # LAB_RUN is a command and its arguments
	$LAB_RUN --out "$out" "$@" >"$out.stdout" 2>"$out.stderr" || status=$?
	check "$name: exits with $expected" "$status" "$expected"
}

# check NAME HAVE WANT
check()
{
	count=$((count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $count - $1"
	else
		failures=$((failures + 1))
		echo "not ok $count - $1"
		echo "# have: $2"
		echo "# want: $3"
		sed 's/^/# /' "$out.stderr"
	fi
}

check_stderr()
{
	check "$1: says so" "$(grep -q "$2" "$out.stderr" && echo yes)" yes
}

run 2 "no task"
check "no task: one line" "$(wc -l <"$out.stderr")" 1

cat >"$out.task" <<'TASK'
#!/bin/sh
echo "to stdout: $*"
echo "to stderr" >&2
echo "left behind" >"$LAB_RESULTS/file"
exit 3
TASK
run 3 "a script with arguments" -- "$out.task" "two words" "it's"
check "its output" "$(cat "$out.stdout")" "to stdout: two words it's
to stderr"
check "its output in a file" "$(cat "$out/output")" "$(cat "$out.stdout")"
check "its status in a file" "$(cat "$out/status")" 3
check "its results" "$(cat "$out/results/file")" "left behind"

run 0 "much output" -- seq 3000
check "all of it" "$(cksum <"$out.stdout")" "$(seq 3000 | cksum)"

run 0 "a task that leaves a process behind" -- sh -c 'sleep 1000 & seq 300'
check "all of its output" "$(cksum <"$out.stdout")" "$(seq 300 | cksum)"

run 70 "a warning of the host's kernel" -- \
	sh -c 'echo "<4>WARNING: CPU: 0 of a test" >/dev/kmsg'
check_stderr "a warning of the host's kernel" "WARNING: CPU: 0 of a test"

run 70 "a panic of the host" --time-limit 300 -- \
	sh -c 'echo c >/proc/sysrq-trigger'
check_stderr "a panic of the host" "Kernel panic"

run 71 "a host that is gone" -- sh -c 'poweroff -f; sleep 1000'
check_stderr "a host that is gone" "died"

# Each host says so; the third is taken as it is.
run 0 "a TSC measured wrongly" -- \
	sh -c 'echo "<4>user requested TSC rate below hardware speed" >/dev/kmsg; echo done'
check "a TSC measured wrongly: started again, twice" \
	"$(grep -c 'is started again$' "$out.stderr")" 2
check "a TSC measured wrongly: the output of one host" "$(cat "$out.stdout")" "done"

run 124 "a task that hangs" --time-limit 15 -- sleep 100000
check_stderr "a task that hangs" "time limit"
case $LAB_RUN in
*"--vendor amd"*)
	check "a task that hangs: where its CPU is" "$(grep -c '^RIP=' "$out/cpus")" 1
	check_stderr "a task that hangs" "RIP=" ;;
esac

# A guest's firmware may put its tables right behind its initramfs.
"$(dirname "$0")/image/mkimage" --out "$out.cpio" --add "$out.task:/file"
check "images: whole pages" $(($(stat -c %s "$out.cpio") % 4096)) 0

run 7 "a guest's command" -- guest run sh -c 'echo "in the guest"; exit 7'
check "its output" "$(cat "$out.stdout")" "in the guest"

run 70 "a warning of a guest's kernel" -- \
	guest run sh -c 'echo "<4>WARNING: CPU: 0 of a test" >/dev/kmsg'

run 70 "a panic of a guest" -- guest run sh -c 'echo c >/proc/sysrq-trigger'

run 125 "a QEMU that dies" -- sh -c 'guest start
	(usleep 300000; kill -9 "$(guest pid)") & guest exec sleep 1000'

echo "1..$count"
[ $failures -eq 0 ]
