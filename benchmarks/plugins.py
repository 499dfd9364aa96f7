"""What calling hooks costs: the board with 20 plugins that each answer for every card and in one slot, and with none.

Each makes its badges anew for every card and every page, as a plugin does that counts days or money; what it works out
besides is its own.
"""

import json
import shutil

from common import Data, data, leadboard, load, options, paired, product, signed_in, tell

BAR, PLUGINS, CARDS = 1.25, 20, 150
SOURCE = """
from leadboard.api import Badge, Part, Plugin, Slot, Tone, hookimpl

PLUGIN = Plugin(name="bench_{number}", title="Bench {number}", version="1.0", description="For the benchmark.")

TEXTS = ("{number} new", "{number} due", "{number} late")


@hookimpl
def board_badges(leads):
    return {{lead.id: Badge(TEXTS[lead.id % 3], Tone.TEAL) for lead in leads}}


@hookimpl
def page_slot(slot, actor):
    return Part("plugins/bench_{number}/part.html", {{"number": {number}}}) if slot is Slot.PAGE_BOTTOM else None
"""
PART = '<p class="muted small">{{ number }}</p>\n'


def with_plugins(found: Data) -> Data:
    """A copy of the instance with the plugins in it, on."""
    folder = found.folder.with_name(f"{found.folder.name}-plugins")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(found.folder, folder)
    for number in range(PLUGINS):
        plugin = folder / "plugins" / f"bench_{number}"
        (plugin / "templates").mkdir(parents=True)
        (plugin / "__init__.py").write_text(SOURCE.format(number=number), encoding="utf-8")
        (plugin / "templates" / "part.html").write_text(PART, encoding="utf-8")
        leadboard(folder, "plugins", "enable", f"bench_{number}")
    on = [one["name"] for one in json.loads(leadboard(folder, "plugins", "list", "--json")) if one["state"] == "on"]
    assert sum(name.startswith("bench_") for name in on) == PLUGINS
    return Data(folder, found.leads, found.board, found.stages)


def main() -> None:
    args = options(__doc__)
    plain = data(min(args.leads))
    with product(plain) as (base, _), product(with_plugins(plain)) as (base_with, _):
        url, url_with = f"{base}/board/{plain.board}", f"{base_with}/board/{plain.board}"
        for address, server in ((url, base), (url_with, base_with)):
            load(address, *signed_in(server), "-n", "60")
        result = paired(
            lambda: load(url_with, *signed_in(base_with), "-n", "80"),
            lambda: load(url, *signed_in(base), "-n", "80"),
            args.rounds,
        )
    result["without_p50_ms"] = result.pop("floor_p50_ms")
    results = [{"leads": plain.leads, "plugins": PLUGINS, "cards": CARDS, **result}]
    tell(
        "plugins",
        f"{PLUGINS} plugins with a badge on each of {CARDS} cards and a slot <= {BAR}x of none",
        results,
        result["ratio"] <= BAR,
    )


if __name__ == "__main__":
    main()
