"""Finding leads with 20 custom fields in each: the board, the board with three conditions, the list by every sort and with three
conditions, the search, against the floor's board; and how each grows with the number of leads.
"""

from typing import Any

from common import Data, data, floor, load, options, paired, product, signed_in, tell
from custom_fields import with_fields
from leads_list import SORTS

BOARD, LIST, GROWTH, FILTERED = 4.0, 5.0, 1.3, 2.0
CUSTOM_SORTS = ("f.tier", "f.budget", "f.renewal", "f.town", "f.rare")
# What the search is asked while somebody types: a word, a piece, digits, what many have, nothing.
TEXTS = ("anna", "zimmer", "4930", "gmbh", "zzyzx")


def conditions(found: Data) -> dict[str, str]:
    """Three conditions each, one or two of them of custom fields: what many have, what few have, with alternatives."""
    owner = found.rows("select owner_id from lead where owner_id is not null group by 1 order by count(*) desc limit 1")[0][0]
    return {
        "many": f"f.tier=gold&owner={owner}&next=none",
        "few": "f.vip=yes&f.tier=gold&f.budget.from=90000",
        "typed": "query=(tier:gold%20or%20tier:silver)%20value>=5000%20vip:yes",
    }


def addresses(found: Data) -> dict[str, str]:
    """{what: path}: the kind of screen is its first word."""
    board = f"board/{found.board}"
    asked = conditions(found)
    return {
        "board": board,
        **{f"filtered board, {name}": f"{board}?{condition}" for name, condition in asked.items()},
        **{f"list {order}{sort}": f"leads?sort={order}{sort}" for sort in (*SORTS, *CUSTOM_SORTS) for order in ("", "-")},
        **{f"filtered list, {name}": f"leads?{condition}" for name, condition in asked.items()},
        **{f"search {text}": f"search?q={text}" for text in TEXTS},
    }


def main() -> None:
    args = options(__doc__)
    results: list[dict[str, Any]] = []
    with floor(1000) as base_floor:
        for leads in args.leads:
            found, _ = with_fields(data(leads))
            ratios, times = {}, {}
            with product(found) as (base, _):
                for name, path in addresses(found).items():
                    load(f"{base}/{path}", *signed_in(base), "-n", "5")
                    result = paired(
                        lambda path=path, base=base: load(f"{base}/{path}", *signed_in(base), "-n", "20"),
                        lambda: load(f"{base_floor}/board", "-n", "30"),
                        max(3, args.rounds // 2),
                    )
                    ratios[name], times[name] = result["ratio"], result["p50_ms"]
            results.append({"leads": leads, **_worst(ratios), "ratios": ratios, "p50_ms": times})
    growth = {name: round(results[-1]["ratios"][name] / ratio, 2) for name, ratio in results[0]["ratios"].items()}
    missed = sorted(
        {what for result in results for what in _missed(result["ratios"])} | {name for name in growth if _grows(name, growth)}
    )
    bar = (
        f"board <= {BOARD}x the floor's, three conditions <= {FILTERED}x of it; list by any sort <= {LIST}x;"
        f" board and sorts <= {GROWTH}x of the smallest size; three conditions in a list and the search are told"
    )
    tell("finding with 20 fields", bar, results, not missed, growth=growth, missed=missed)


def _kind(name: str) -> str:
    return name.partition("," if name.startswith("filtered") else " ")[0]


def _worst(ratios: dict[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, ratio in ratios.items():
        found[_kind(name)] = max(ratio, found.get(_kind(name), 0.0))
    return found


def _missed(ratios: dict[str, float]) -> list[str]:
    bars = {"board": BOARD, "filtered board": FILTERED * ratios["board"], "list": LIST}
    return [name for name, ratio in ratios.items() if ratio > bars.get(_kind(name), float("inf"))]


def _grows(name: str, growth: dict[str, float]) -> bool:
    return _kind(name) in {"board", "list"} and growth[name] > GROWTH


if __name__ == "__main__":
    main()
