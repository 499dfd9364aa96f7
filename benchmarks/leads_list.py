"""The list of leads, 50 rows, by every sort, first page and a later one, against the floor's board and its own growth."""

import statistics

from common import data, floor, load, options, paired, product, signed_in, tell

BAR, GROWTH = 5.0, 1.3
SORTS = ("title", "organisation", "value", "next", "touch", "created", "close")


def main() -> None:
    args = options(__doc__)
    results = []
    with floor(1000) as base_floor:
        for leads in args.leads:
            found = data(leads)
            with product(found) as (base, _):
                worst: dict[str, object] = {"ratio": 0.0}
                per_sort = {}
                for sort in SORTS:
                    for order in ("", "-"):
                        url = f"{base}/leads?sort={order}{sort}"
                        load(url, *signed_in(base), "-n", "5")
                        result = paired(
                            lambda url=url, base=base: load(url, *signed_in(base), "-n", "25"),
                            lambda: load(f"{base_floor}/board", "-n", "40"),
                            max(3, args.rounds // 2),
                        )
                        per_sort[f"{order}{sort}"] = result["ratio"]
                        if result["ratio"] > worst["ratio"]:  # type: ignore[operator]
                            worst = {"sort": f"{order}{sort}", **result}
                results.append(
                    {"leads": leads, **worst, "median": round(statistics.median(per_sort.values()), 2), "sorts": per_sort}
                )
    growth = {
        sort: round(max(result["sorts"][sort] for result in results) / results[0]["sorts"][sort], 2)  # type: ignore[index]
        for sort in results[0]["sorts"]  # type: ignore[attr-defined]
    }
    held = all(result["ratio"] <= BAR for result in results) and max(growth.values()) <= GROWTH  # type: ignore[operator]
    tell("list", f"any sort <= {BAR}x the floor's board, <= {GROWTH}x of 1,000 leads", results, held, growth=growth)


if __name__ == "__main__":
    main()
