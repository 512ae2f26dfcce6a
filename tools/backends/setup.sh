#!/usr/bin/env bash
# Creates the Python environments that run exported programs:
#
#   tools/backends/setup.sh [openfhe] [seal]        both unless named
#
# They go to $HE_OPT_BACKENDS, by default ${XDG_CACHE_HOME:-~/.cache}/he-opt/backends, where he-run looks for them.
# OpenFHE's wheel holds a module for CPython 3.10 only. HE_OPT_PYTHON310 names such an interpreter; else python3.10 on
# the PATH, pyenv's, uv's and Debian's are tried in turn. SEAL (tenseal) takes any CPython from 3.8 to 3.12.
set -uo pipefail

home=${HE_OPT_BACKENDS:-${XDG_CACHE_HOME:-$HOME/.cache}/he-opt/backends}
openfhe_packages=("openfhe==1.6.1.*" "numpy>=1.24,<3" "tqdm>=4.60")
seal_packages=("tenseal>=0.3.14,<0.4" "numpy>=1.24,<3" "tqdm>=4.60")

say() { echo "setup.sh: $*" >&2; }

# Whether "$1" is a CPython whose version is one of the others, and has venv.
is_python() {
  local python=$1 version
  shift
  version=$("$python" -c 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || return 1
  [[ " $* " == *" $version "* ]]
}

# Prints the first command of the list that is a CPython of version "$1".
first_python() {
  local versions=$1 python
  shift
  for python in "$@"; do
    if [ -n "$python" ] && is_python "$python" $versions; then
      command -v "$python"
      return 0
    fi
  done
  return 1
}

# uv from the PATH, or from PyPI into a folder of its own.
find_uv() {
  command -v uv && return 0
  local python
  python=$(first_python "3.8 3.9 3.10 3.11 3.12 3.13 3.14" python3 python) || return 1
  "$python" -m venv "$home/uv" >&2 && "$home/uv/bin/pip" install -q uv >&2 && echo "$home/uv/bin/uv"
}

python_from_uv() {
  local uv
  uv=$(find_uv) || return 1
  say "asking uv for CPython $1"
  timeout 300 "$uv" python install -q "$1" >&2 || return 1
  "$uv" python find "$1"
}

python_from_debian() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  apt-cache show "python$1-venv" >/dev/null 2>&1 || apt-get update -q >&2 || return 1
  apt-cache show "python$1-venv" >/dev/null 2>&1 || return 1
  say "installing python$1 from Debian's packages"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "python$1" "python$1-venv" >&2 \
    && command -v "python$1"
}

python310() {
  first_python 3.10 "${HE_OPT_PYTHON310:-}" python3.10 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10*/bin/python3.10 /opt/python/cp310*/bin/python3.10 python3 \
    || python_from_debian 3.10 || python_from_uv 3.10
}

python_for_seal() {
  first_python "3.8 3.9 3.10 3.11 3.12" python3.11 python3 python3.12 python3.10 python3.9 python3.8 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[012]*/bin/python3 \
    || python_from_debian 3.11 || python_from_uv 3.11
}

# create NAME PYTHON MODULE PACKAGES...: an environment in which MODULE imports; one that is there stays.
create() {
  local name=$1 python=$2 module=$3 place="$home/$1"
  shift 3
  if "$place/bin/python" -c "import $module, numpy" >/dev/null 2>&1; then
    say "$name is ready: $place/bin/python"
    return 0
  fi
  say "creating $place with $python"
  rm -rf "$place"
  mkdir -p "$home" || return 1
  "$python" -m venv "$place" >&2 && "$place/bin/python" -m pip install -q --disable-pip-version-check "$@" >&2 \
    && "$place/bin/python" -c "import $module, numpy" >&2 || { say "$name could not be installed"; return 1; }
  say "$name is ready: $place/bin/python"
}

setup_openfhe() {
  local python
  if ! python=$(python310); then
    say "OpenFHE needs CPython 3.10, and none was found. Install one and run this again:"
    say "  pyenv install 3.10     or  uv python install 3.10     or  apt-get install python3.10 python3.10-venv"
    say "  or name one: HE_OPT_PYTHON310=/path/to/python3.10 $0 openfhe"
    return 1
  fi
  create openfhe "$python" openfhe "${openfhe_packages[@]}"
}

setup_seal() {
  local python
  if ! python=$(python_for_seal); then
    say "SEAL needs CPython 3.8 to 3.12 with venv, and none was found. Install one and run this again:"
    say "  apt-get install python3 python3-venv     or  pyenv install 3.11     or  uv python install 3.11"
    return 1
  fi
  create seal "$python" tenseal.sealapi "${seal_packages[@]}"
}

[ $# -gt 0 ] || set -- openfhe seal
failed=0
for name in "$@"; do
  case $name in
    openfhe) setup_openfhe || failed=1 ;;
    seal) setup_seal || failed=1 ;;
    *) say "unknown backend '$name': there are openfhe and seal"; failed=1 ;;
  esac
done
exit $failed
