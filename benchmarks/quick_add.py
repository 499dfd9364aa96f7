"""Quick add of one line against the floor's raw insert."""

from common import data, floor, load, options, paired, product, tell, with_token

BAR = 5.0


def main() -> None:
    args = options(__doc__)
    results = []
    with floor(1000) as base_floor:
        for leads in args.leads:
            found = data(leads)
            with product(found) as (base, _):

                def add(base: str = base, board: int = found.board, stage: int = found.stages[0]) -> dict[str, object]:
                    return load(
                        f"{base}/board/{board}/quick-add?stage={stage}", *with_token(base),
                        "--form", "text=Anna Kim {i}, Acme, anna{i}@acme.example, +49 30 9018{i}, 12k", "-n", "80",
                    )  # fmt: skip

                add()
                result = paired(add, lambda: load(f"{base_floor}/add", "--form", "name=Anna Kim {i}", "-n", "150"), args.rounds)
                results.append({"leads": leads, **result})
    tell("quick add", f"<= {BAR}x the floor's insert", results, all(result["ratio"] <= BAR for result in results))


if __name__ == "__main__":
    main()
