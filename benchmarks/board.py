"""The board of six stages and 25 cards each against the floor, at every size; its bytes; its growth."""

from common import FLOOR_LIMIT_MS, data, floor, load, options, paired, product, signed_in, tell

BAR, GROWTH = 4.0, 1.3


def main() -> None:
    args = options(__doc__)
    results = []
    with floor(1000) as base_floor:
        for leads in args.leads:
            found = data(leads)
            with product(found) as (base, pid):
                url = f"{base}/board/{found.board}"
                load(url, *signed_in(base), "-n", "60")
                result = paired(
                    lambda url=url, base=base: load(url, *signed_in(base), "-n", "80"),
                    lambda: load(f"{base_floor}/board", "-n", "120"),
                    args.rounds,
                )
                last = load(url, *signed_in(base), "-n", "40", "--pid", str(pid))
                results.append({"leads": leads, **result, "bytes": last["bytes_p50"], "pss_mib": last.get("server_peak_pss_mib")})
    first = results[0]
    for result in results:
        result["growth"] = round(result["ratio"] / first["ratio"], 2)
        result["counts"] = result["floor_p50_ms"] <= FLOOR_LIMIT_MS
    held = first["ratio"] <= BAR and all(result["growth"] <= GROWTH for result in results) and first["bytes"] <= 150_000
    tell("board", f"at 1,000 leads <= {BAR}x the floor, <= {GROWTH}x of that at any size, <= 150 KB", results, held)


if __name__ == "__main__":
    main()
