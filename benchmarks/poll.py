"""A poll that finds nothing new against an empty request of the same server."""

from common import data, load, options, paired, product, signed_in, tell

BAR = 1.5


def main() -> None:
    args = options(__doc__)
    results = []
    for leads in args.leads:
        found = data(leads)
        newest = found.rows("select max(id) from event")[0][0]
        with product(found) as (base, _):
            # Signing in writes an event: the poll asks with what is newest after it.
            load(f"{base}/healthz", *signed_in(base), "-n", "5")
            newest = found.rows("select max(id) from event")[0][0]
            result = paired(
                lambda base=base, board=found.board, newest=newest: load(
                    f"{base}/board/{board}/changes",
                    *signed_in(base),
                    "-H",
                    f"HX-PTag: {newest + 1_000_000}",
                    "-n",
                    "150",
                    "--expect",
                    "200,204,304",
                ),
                lambda base=base: load(f"{base}/healthz", *signed_in(base), "-n", "150"),
                args.rounds,
            )
            results.append({"leads": leads, **result})
    tell("poll", f"<= {BAR}x an empty request", results, all(result["ratio"] <= BAR for result in results))


if __name__ == "__main__":
    main()
