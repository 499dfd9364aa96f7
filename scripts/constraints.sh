#!/bin/sh
# Write constraints.txt anew: the newest versions that pyproject.toml allows, as pip resolves them today.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python=${PYTHON:-python3}
"$python" -m venv "$scratch/venv"
pip="$scratch/venv/bin/python -m pip --disable-pip-version-check"
$pip install --quiet --upgrade pip
LEADBOARD_SKIP_ASSETS=1 $pip install --quiet '.[test]' hatchling editables
{
    echo "# The versions that are tested together. \`make constraints\` writes this file; \`make run\` and \`make test\` install by it."
    $pip freeze --all --exclude leadboard --exclude setuptools --exclude wheel | sed 's/ @ .*//' | LC_ALL=C sort -f
} >"$scratch/constraints.txt"
cat "$scratch/constraints.txt" >constraints.txt
