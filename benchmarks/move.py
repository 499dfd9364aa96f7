"""A move, with session, CSRF, event, undo data, a durable commit and the answer with card and headers, against the floor's."""

from common import data, floor, load, options, paired, product, tell, with_token, write_rows

BAR, GROWTH = 5.0, 1.3


def main() -> None:
    args = options(__doc__)
    results = []
    with floor(1000) as base_floor:
        for leads in args.leads:
            found = data(leads)
            ids = found.rows(
                "select id from lead where pipeline_id = ? and deleted_at is null and snoozed_until is null and closed_at is null"
                " order by id limit 5000",
                found.board,
            )
            rows = write_rows(found.folder / "moves.csv", ["id"], ids)
            stages = "|".join(map(str, found.stages))
            with product(found) as (base, _):

                def move(base: str = base, rows: str = rows, stages: str = stages, board: int = found.board) -> dict[str, object]:
                    return load(
                        base + "/leads/{row.id}/move", *with_token(base), "--rows", rows, "--form", "stage_id={cycle:" + stages + "}",
                        "--form", f"board={board}", "--form", "placed=1", "-n", "150",
                    )  # fmt: skip

                move()
                result = paired(
                    move,
                    lambda: load(
                        f"{base_floor}/move", "--form", "lead={rand:1:1000}", "--form", "stage={pick:1|2|3|4|5|6}", "-n", "200"
                    ),
                    args.rounds,
                )
                results.append({"leads": leads, **result})
    for result in results:
        result["growth"] = round(result["ratio"] / results[0]["ratio"], 2)
    held = results[0]["ratio"] <= BAR and all(result["growth"] <= GROWTH for result in results)
    tell("move", f"<= {BAR}x the floor's move, flat in the number of leads", results, held)


if __name__ == "__main__":
    main()
