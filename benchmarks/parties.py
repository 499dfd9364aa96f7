"""The lists of contacts and organisations by every sort and filtered, and a page of each, against the floor and their own growth."""

import statistics
from typing import Any

from common import Data, floor, load, options, paired, product, signed_in, tell
from party_data import party_data

BAR, PAGE_BAR, GROWTH = 5.0, 6.0, 1.3
SORTS = ("name", "next", "touch", "created")
# The names of sample data: some found often, some seldom.
FILTERED = ("contacts?q=anna", "contacts?owner=none", "organisations?q=logistics&country=DE", "organisations?industry=Food")


def addresses(found: Data) -> dict[str, str]:
    """{what: path} of everything that is measured, with what it is held against."""
    lists = {
        f"{kind} {order}{sort}": f"{kind}?sort={order}{sort}"
        for kind in ("contacts", "organisations")
        for sort in SORTS
        for order in ("", "-")
    }
    (person,) = found.rows("select id from contact order by id limit 1 offset 20")[0]
    (firm,) = found.rows("select id from organisation order by id limit 1 offset 20")[0]
    pages = {"contact page": f"contacts/{person}", "organisation page": f"organisations/{firm}"}
    return {**lists, **{url: url for url in FILTERED}, **pages}


def main() -> None:
    args = options(__doc__)
    results: list[dict[str, Any]] = []
    with floor(1000) as base_floor:
        for leads in args.leads:
            found = party_data(leads)
            with product(found) as (base, _):
                ratios, times = {}, {}
                for name, path in addresses(found).items():
                    url, other = f"{base}/{path}", "lead/1" if name.endswith("page") else "board"
                    load(url, *signed_in(base), "-n", "5")
                    result = paired(
                        lambda url=url, base=base: load(url, *signed_in(base), "-n", "25"),
                        lambda other=other: load(f"{base_floor}/{other}", "-n", "40"),
                        max(3, args.rounds // 2),
                    )
                    ratios[name], times[name] = result["ratio"], result["p50_ms"]
            counts = {table: found.rows(f"select count(*) from {table}")[0][0] for table in ("contact", "organisation")}
            pages = [ratio for name, ratio in ratios.items() if name.endswith("page")]
            lists = {name: ratio for name, ratio in ratios.items() if not name.endswith("page")}
            slowest = max(lists, key=lambda name: lists[name])
            results.append({
                "leads": leads, **counts, "slowest": slowest, "ratio": lists[slowest], "median": round(statistics.median(lists.values()), 2),
                "pages": max(pages), "ratios": ratios, "p50_ms": times,
            })  # fmt: skip
    growth = {
        name: round(max(result["ratios"][name] for result in results) / results[0]["ratios"][name], 2)
        for name in results[0]["ratios"]
    }
    sorts = [name for name in growth if name.partition(" ")[0] in {"contacts", "organisations"} and not name.endswith("page")]
    held = all(result["ratio"] <= BAR and result["pages"] <= PAGE_BAR for result in results) and all(
        growth[name] <= GROWTH for name in sorts
    )
    bar = (
        f"any sort or filter <= {BAR}x the floor's board, a page <= {PAGE_BAR}x its page, sorts <= {GROWTH}x of the smallest size"
    )
    tell("contacts and organisations", bar, results, held, growth=growth)


if __name__ == "__main__":
    main()
