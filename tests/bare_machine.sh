#!/usr/bin/env bash
# Does the press set itself up on a machine that has only Python?
#
#     tests/bare_machine.sh bookworm [MIRROR]        as root; any Debian or Ubuntu name will do
#
# Makes a root file system with python3 and nothing else, puts the project there as git would
# hand it over, and runs in it what a person types. A second copy of that machine tries what can
# go wrong: no right to install, no network, killed half-way. Prints how long each took.
# Needs debootstrap and git. On a Debian without Ubuntu's keys, name Ubuntu's MIRROR too.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# --- Outside: a name space of its own, so that every mount and process ends with it ---------

if [[ -z ${BARE_MACHINES:-} ]]; then
    [[ $# -ge 1 && $EUID -eq 0 ]] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
    BARE_MACHINES=$(mktemp -d)
    export BARE_MACHINES
    trap 'kill -KILL "${trial:-}" 2>/dev/null || true
          wait
          rm -rf --one-file-system -- "$BARE_MACHINES"' EXIT
    trap 'exit 130' INT TERM HUP
    unshare --mount --pid --fork --kill-child --mount-proc "${BASH_SOURCE[0]}" "$@" &
    trial=$!
    wait "$trial"
    exit
fi

# --- The machines ---------------------------------------------------------------------------

suite=$1
mirror=${2:-}
figures=()

# An older debootstrap does not list Ubuntu's newer names; they share one script. Ubuntu keeps
# python3-venv in "universe", which every installed Ubuntu has switched on.
make_bare_machine() {
    local machine=$1 script=/usr/share/debootstrap/scripts/$suite components=()
    [[ -e $script ]] || script=${script%/*}/gutsy
    [[ $(readlink -f "$script") != */gutsy ]] || components=("--components=main,universe")
    quietly debootstrap --variant=minbase "${components[@]}" "$suite" "$machine" "$mirror" "$script"
    lend_settings "$machine"
    enter "$machine"
    quietly as_root "$machine" apt-get update
    quietly as_root "$machine" apt-get install -y --no-install-recommends python3
    # As delivered: no packages kept, and nobody has asked for lists yet.
    as_root "$machine" apt-get clean
    rm -rf "$machine"/var/lib/apt/lists/*
}

copy_machine() {
    cp -a --one-file-system "$1" "$2"
    enter "$2"
    as_root "$2" useradd --create-home editor
}

quietly() {
    "$@" >"$BARE_MACHINES/log" 2>&1 || { tail -n 20 "$BARE_MACHINES/log" >&2; return 1; }
}

# How this machine reaches its package indexes, the new one must too.
lend_settings() {
    local file
    for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/apt/auth.conf \
        /etc/apt/auth.conf.d/* /usr/local/share/ca-certificates/*.crt \
        /etc/ssl/certs/ca-certificates.crt \
        "${PIP_CONFIG_FILE:-}" "${PIP_CERT:-}" "${SSL_CERT_FILE:-}" "${REQUESTS_CA_BUNDLE:-}"; do
        [[ ! -f $file ]] || install -D -m 644 "$file" "$1$file"
    done
    for file in "${XDG_CONFIG_HOME:-$HOME/.config}/pip/pip.conf" "$HOME/.pip/pip.conf"; do
        [[ ! -f $file ]] || install -D -m 644 "$file" "$1/etc/xdg/pip/pip.conf"
    done
    { apt-config dump | grep -E '^Acquire::(https?|Retries|ForceIPv|Check-)' || true; } \
        >"$1/etc/apt/apt.conf.d/90lent"
}

enter() {
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
}

lay_project() { # MACHINE FOLDER OWNER
    mkdir -p "$1$2"
    git -c safe.directory='*' -C "$project" ls-files -z --cached --others --exclude-standard |
        tar -C "$project" --null --files-from=- --ignore-failed-read -c |
        tar -C "$1$2" --no-same-owner -x
    as_root "$1" chown -R "$3:" "$2"
}

lent_environment() {
    env -0 | grep -zEi '^(PIP_[A-Z_]+|(https?|all|no)_proxy|SSL_CERT_FILE|REQUESTS_CA_BUNDLE)=' ||
        true
}

cut_off=()
as_user() { # USER HOME MACHINE COMMAND…
    local user=$1 home=$2 machine=$3 lent
    shift 3
    mapfile -d '' -t lent < <(lent_environment)
    "${cut_off[@]}" chroot --userspec="$user" "$machine" env -i "${lent[@]}" HOME="$home" \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        "$@" </dev/null
}

as_root() { as_user root:root /root "$@"; }
as_editor() { as_user editor:editor /home/editor "$@"; }

# --- What is tried --------------------------------------------------------------------------

try() { # STATUS WHAT COMMAND…
    local expected=$1 what=$2 status began=$SECONDS
    shift 2
    printf '\n== %s\n' "$what"
    # Not `"$@" || status=$?`: bash forgets `set -e` for all that is called in such a place.
    set +e
    (set -e; "$@")
    status=$?
    set -e
    figures+=("$(printf '%5d s   status %3d   %s' $((SECONDS - began)) "$status" "$what")")
    [[ $status -eq $expected ]] || fail "status $status instead of $expected"
}

fail() {
    printf '\nFAILED: %s\n' "$1" >&2
    exit 1
}

no_venv_in() {
    [[ ! -e $1/.venv ]] || fail "a .venv is left"
}

without_network() {
    local cut_off=(unshare --net)
    local -x PIP_RETRIES=0
    "$@"
}

refused_with_command() {
    local answer status=0
    answer=$(as_editor "$two" python3 "$editors/make_booklet.py" 2>&1) || status=$?
    printf '%s\n' "$answer"
    grep -o 'sudo apt-get .*' <<<"$answer" >"$BARE_MACHINES/command" || fail "no command is named"
    return "$status"
}

type_command() {
    quietly as_root "$two" sh -c "$(sed 's/sudo //g' "$BARE_MACHINES/command")"
}

killed_half_way() {
    # shellcheck disable=SC2016 # the shell inside is to read these
    as_editor "$two" sh -c '
        cd ~/press; python3 make_booklet.py &
        until [ -e .venv/bin/pip ]; do kill -0 $! || exit; sleep 0.2; done
        sleep 2
        kill -KILL $!
        wait $!'
}

one=$BARE_MACHINES/one two=$BARE_MACHINES/two
roots=/root/press editors=/home/editor/press
door=make_booklet.py

try 0 "making $suite" make_bare_machine "$one"
try 0 "a second copy of it" copy_machine "$one" "$two"
lay_project "$one" "$roots" root
lay_project "$two" "$editors" editor

try 2 "root, no network" without_network as_root "$one" python3 "$roots/$door"
no_venv_in "$one$roots"
try 0 "root, first run: sets up, builds, checks" as_root "$one" python3 "$roots/$door"
try 0 "root, nothing changed" as_root "$one" python3 "$roots/$door"
try 0 "root, test" as_root "$one" python3 "$roots/$door" test

try 2 "editor, may not install: one command to type" refused_with_command
no_venv_in "$two$editors"
try 0 "that command, typed by an administrator" type_command
try 2 "editor, no network" without_network as_editor "$two" python3 "$editors/$door"
no_venv_in "$two$editors"
try 137 "editor, killed half-way" killed_half_way
[[ -e $two$editors/.venv ]] || fail "nothing was begun"
try 0 "editor, again: mends itself, builds, checks" as_editor "$two" python3 "$editors/$door"

printf '\n%s: all as it should be\n' "$suite"
printf '%s\n' "${figures[@]}"
as_root "$one" du -sh "$roots/.venv"
