"""The interface that plugins are written against: it changes only on purpose, and every hook is used, tested and told."""

import difflib
import re
from pathlib import Path

from leadboard import api, hookspecs
from scripts import plugin_docs, plugin_reference

ROOT = Path(__file__).resolve().parents[2]
RENEW = "run `PYTHONPATH=. python scripts/plugin_docs.py`, read the difference, and settle API_VERSION (docs/plugins/README.md)"


def test_the_interface_changes_only_on_purpose():
    kept = plugin_docs.GOLDEN.read_text(encoding="utf-8")
    lines = list(difflib.unified_diff(kept.splitlines(), plugin_docs.golden().splitlines(), "kept", "now", lineterm="", n=0))
    assert lines == [], RENEW


def test_the_pages_of_the_hooks_are_those_of_the_specification():
    kept = {path.name: path.read_text(encoding="utf-8") for path in plugin_docs.HOOKS.glob("*.md")}
    now = plugin_docs.pages()
    assert [name for name in {*kept, *now} if kept.get(name) != now.get(name)] == [], RENEW


def test_the_page_of_the_interface_has_every_name_once():
    assert plugin_docs.API_PAGE.read_text(encoding="utf-8") == plugin_docs.api_page(), RENEW
    told = [name for _, names in plugin_reference.groups().values() for name in names]
    assert sorted(told) == sorted(api.__all__), "scripts/plugin_reference.py says where a name belongs"


def test_every_hook_has_a_family_and_a_sentence():
    specified = {name for name in vars(hookspecs) if hasattr(getattr(hookspecs, name), "leadboard_spec")}
    assert specified == set(hookspecs.FAMILY)
    assert set(hookspecs.FAMILY.values()) <= set(plugin_docs.FAMILIES)
    assert [name for name in hookspecs.FAMILY if not getattr(hookspecs, name).__doc__] == []


def test_every_hook_is_used_by_a_plugin_of_ours():
    assert set(hookspecs.FAMILY) - set(plugin_docs.users_of_hooks()) == set(), "give it a bundled plugin, or take it away"


def test_every_hook_is_tested_by_name():
    files = {*ROOT.glob("tests/**/test_*.py"), *ROOT.glob("plugins/*/tests/*.py")} - {Path(__file__).resolve()}
    texts = [path.read_text(encoding="utf-8") for path in files]
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    assert set(hookspecs.FAMILY) - words == set(), "write a test that names the hook"
