# shellcheck shell=sh disable=SC2154 # of who sources this
# SPDX-License-Identifier: GPL-2.0-only
# How 'guest' and 'machine' speak to lab/guest/agent of a QEMU in $dir.  Sourced with $dir,
# $limit and $qemu_log set, and fail() and qemu() defined.

alive()
{
	[ -e "$dir/pid" ] && kill -0 "$(cat "$dir/pid")" 2>/dev/null
}

# start_channel QEMU-ARG...: in a $dir of its own
start_channel()
{
	rm -rf "$dir/channel.in" "$dir/channel.out"
	mkfifo "$dir/channel.in" "$dir/channel.out"
	# By exec, so that no shell keeps the caller's output open.
	(exec >"$qemu_log" 2>&1 </dev/null; watched "$@") &
	expect ready
}

# Who waits for the guest must hear that its QEMU has died.
watched()
{
	qemu "$@" -chardev "pipe,id=channel,path=$dir/channel" \
		-device virtserialport,nr=1,chardev=channel &
	echo $! >"$dir/pid"
	wait $! || :
	[ ! -e "$dir/channel.out" ] || echo died 1<>"$dir/channel.out"
}

# expect WORD: the next line of the guest must begin with it
expect()
{
	exec 4<>"$dir/channel.out"
	answer=$(timeout "$limit" sh -c 'read -r line <&4 && echo "$line"') ||
		fail "no answer for $limit seconds"
	case $answer in
	"$1"*)	;;
	ready)	fail "it has rebooted by itself" ;;
	died)	fail "QEMU has died: $(tail -n 1 "$qemu_log")" ;;
	*)	fail "said '$answer' where '$1' was expected" ;;
	esac
}

send()
{
	alive || fail "is not running"
	echo "$1" 1<>"$dir/channel.in"
}

execute()
{
	[ $# -gt 0 ] || die "a command is missing; see --help"
	send "$(quote_all "$@" | base64 | tr -d '\n')"
	expect status
	# shellcheck disable=SC2086 # "status N bytes N"
	set -- $answer
	timeout "$limit" head -c "$4" <&4 || fail "its answer is cut short"
	return "$2"
}

stop()
{
	alive || fail "is not running"
	pid=$(cat "$dir/pid")
	kill "$pid"
	while kill -0 "$pid" 2>/dev/null; do sleep 0.002; done
	rm -rf "$dir/pid" "$dir/channel.in" "$dir/channel.out"
}
