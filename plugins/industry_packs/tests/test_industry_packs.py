"""Packs as an admin meets them."""

import pytest
from leadboard_plugins.industry_packs.reading import FOLDER, read_pack, read_packs

from leadboard.api import NotAllowed, NotFound, Refused, install_pack, rows
from leadboard.domain.custom_fields import add_field, archive_field
from leadboard.domain.plugins import disable
from leadboard.permissions import SYSTEM
from leadboard.queries.custom_fields import custom_fields, field_types


@pytest.fixture(autouse=True)
def on(plugin, app):
    plugin("industry_packs")


KEYS = [path.stem for path in sorted(FOLDER.glob("*.toml"))]


def test_at_least_the_promised_trades_are_there():
    assert {"real_estate", "software_sales", "admissions", "events", "trades"} <= set(KEYS)
    assert [pack.key for pack in read_packs()] == [f"industry_packs.{key}" for key in KEYS]


@pytest.mark.parametrize("key", KEYS)
def test_every_pack_can_be_looked_at_and_set_up_whole(ada, make, html, key):
    pack = read_pack(FOLDER / f"{key}.toml")
    assert {field.type for field in pack.fields} <= set(field_types())
    url = f"/admin/pipelines/packs/industry_packs.{key}"
    page = html(ada.get(url))
    assert all(stage.name in page.text for stage in pack.stages)
    assert all(field.label in page.text for field in pack.fields)
    answer = ada.post(url, {"name": "Our own"})
    assert answer.status_code == 303
    pipeline_id = int(answer.location.rpartition("/")[2])
    assert rows("select name from pipeline where id = ?", (pipeline_id,)) == [("Our own",)]
    made = rows("select name, kind, probability from stage where pipeline_id = ? order by position", (pipeline_id,))
    assert [tuple(row) for row in made] == [(stage.name, stage.kind, stage.probability) for stage in pack.stages]
    known = custom_fields().by_key
    assert [(known[field.key].label, known[field.key].definition.type) for field in pack.fields] == [
        (field.label, field.type) for field in pack.fields
    ]
    assert ada.get("/leads/new").status_code == 200


def test_two_packs_share_what_is_there_and_a_field_in_the_way_stops_it_whole(ada, make):
    first = install_pack("industry_packs.trades", actor=ada.actor)
    archive_field("trade", is_archived=True, actor=SYSTEM)
    assert install_pack("industry_packs.trades", name="Second", actor=ada.actor) > first
    assert not custom_fields().by_key["trade"].definition.is_archived
    assert rows("select count(*) from custom_field") == [(7,)]
    add_field("Guests", "text", key="guests", actor=SYSTEM)
    assert "of another type" in ada.get("/admin/pipelines/packs/industry_packs.events").text
    with pytest.raises(Refused, match="The field Guests cannot be made"):
        install_pack("industry_packs.events", actor=ada.actor)
    assert rows("select count(*) from custom_field") == [(8,)]
    with pytest.raises(Refused, match="There is a pipeline with this name"):
        install_pack("industry_packs.trades", name="second", actor=ada.actor)


def test_only_admins_and_only_while_it_is_on(ada, mona, carla, make, html):
    make.pipeline()
    assert "Real estate" in ada.get("/admin/pipelines/new").text
    assert mona.get("/admin/pipelines/packs/industry_packs.trades").status_code == 403
    assert mona.post("/admin/pipelines/packs/industry_packs.trades", {"name": "x"}).status_code == 403
    with pytest.raises(NotAllowed):
        install_pack("industry_packs.trades", actor=mona.actor)
    disable("industry_packs", actor=SYSTEM)
    assert "Real estate" not in ada.get("/admin/pipelines/new").text
    assert ada.get("/admin/pipelines/packs/industry_packs.trades").status_code == 404
    with pytest.raises(NotFound):
        install_pack("industry_packs.trades", actor=ada.actor)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "text, says",
    [
        ("name = ", "Invalid value"),
        ("name = 'x'", "stages"),
        ("name = 'x'\nstages = [{name = 'A'}]", "at least one open, one won and one lost"),
        ("name = 'x'\nstages = [{name = 'A', kind = 'maybe'}]", "must be open, won or lost"),
        ("name = 'x'\nstages = [{title = 'A'}]", "title"),
    ],
)
def test_a_file_that_is_wrong_says_so(tmp_path, text, says):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=says) as caught:
        read_pack(path)
    assert str(caught.value).startswith("mine.toml: ")
