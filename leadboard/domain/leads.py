"""Creating, changing, assigning, deleting and restoring leads. Each function is the whole story of one verb."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from leadboard.db import now_ms, one
from leadboard.domain.custom_values import Changes, change_values, first_values, parted, refuse_restore
from leadboard.domain.lead_rows import blank_row, insert_row, load_visible, update_row, visible_ids
from leadboard.domain.lead_values import clean, derive
from leadboard.domain.plugin_rules import ask_before_save
from leadboard.domain.positions import place
from leadboard.domain.record_rows import LEAD, release_number, update_words
from leadboard.domain.stage_rules import Rule, refuse_entry
from leadboard.domain.versions import refuse_conflicts, refuse_merged, refuse_old
from leadboard.errors import N_, NotAllowed, Refused
from leadboard.events import Change, EventKind, change
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.pipelines import StageKind
from leadboard.models.record_fields import FieldKind
from leadboard.permissions import Actor, Permission, may_delete, may_give, require
from leadboard.queries.settings import instance


@dataclass(frozen=True)
class Done:
    """What a write answers: the handle for undo, and the record's state after it."""

    change_set_id: int | None
    lead_id: int
    version: int


def create_lead(
    values: Mapping[str, Any],
    *,
    actor: Actor,
    stage_id: int | None = None,
    before_id: int | None = None,
    pipeline_id: int | None = None,
    complete: bool = False,
) -> Done:
    """A new lead on top of a stage (the first open one of the pipeline unless told). Raises Refused, NotAllowed.

    With `complete` it raises Incomplete when a required custom field, or one that the stage needs, is left empty: for
    whoever can be asked for it.

    A member's lead without an owner is the member's own. `values` is {typed field: value}, see lead_values.clean;
    custom fields are called fields.<key>.
    """
    require(actor, Permission.WRITE)
    settings = instance()
    with change(actor, "lead.create") as step:
        row = blank_row()
        plain, custom = parted(values)
        for name, value in plain.items():
            row[LEAD_FIELDS[name].column] = clean(name, value)
        if row["owner_id"] is None and "owner" not in values and actor.user_id is not None:
            row["owner_id"] = actor.user_id
        _check_references(row)
        made = first_values(row, custom, settings, complete=complete)
        ask_before_save(None, {**values, **{name: after for name, (_, after) in made.items()}}, actor)
        derive(row, settings)
        stage = _target_stage(stage_id, pipeline_id)
        row["pipeline_id"], row["stage_id"] = stage["pipeline_id"], stage["id"]
        if complete:
            refuse_entry(row, Rule(stage["id"], stage["pipeline_id"], stage["name"], stage["needs"], ""), actor)
        row["closed_at"] = None if stage["kind"] == StageKind.OPEN else row["created_at"]
        row["position"] = place(stage["id"], before_id=before_id)
        lead_id = insert_row(row)
        typed = {name: (None, row[field.column]) for name, field in LEAD_FIELDS.items() if row[field.column] not in (None, "")}
        step.record(
            EventKind.LEAD_CREATED,
            "lead",
            lead_id,
            values={**typed, **made},
            version=1,
            stage=stage["id"],
            pipeline=stage["pipeline_id"],
        )
        return Done(step.change_set_id, lead_id, 1)


def update_lead(
    lead_id: int, values: Mapping[str, Any], *, actor: Actor, version: int | None = None, over: Iterable[str] = ()
) -> Done:
    """Change typed fields. Raises Refused, NotFound, NotAllowed, Conflict.

    With the `version` the form was made from, a field that somebody else changed since is a Conflict whose details
    are FieldConflicts, unless named in `over` (the user has seen both and chosen); other fields merge.
    """
    require(actor, Permission.WRITE)
    with change(actor, "lead.update") as step:
        row, settings = load_visible(lead_id, actor), instance()
        before = dict(row)
        follows = row["title"] == _auto_title(row)
        plain, custom = parted(values)
        wanted = {name: clean(name, value) for name, value in plain.items()}
        typed = {name: value for name, value in wanted.items() if value != _as_stored(name, before[LEAD_FIELDS[name].column])}
        # Taking an action back may bring a required field back to nothing.
        others = change_values(row, custom, settings, may_empty=step.kind == "undo")
        changed = {**typed, **{name: after for name, (_, after) in others.items()}}
        if version is not None and version != row["version"] and changed:
            refuse_conflicts("lead", before, changed, version, set(over), LEAD_FIELDS)
        if not changed:
            return Done(None, lead_id, row["version"])
        for name, value in typed.items():
            row[LEAD_FIELDS[name].column] = value
        if "owner" in changed:
            _may_give(actor, before["owner_id"], row["owner_id"])
        _check_references(row)
        ask_before_save(before, changed, actor)
        if follows and "title" not in changed:
            row["title"] = ""
        derive(row, settings, {**changed, "title": None})
        _write(step, before, row, others)
        return Done(step.change_set_id, lead_id, row["version"])


def _write(step: Change, before: dict[str, Any], row: dict[str, Any], others: Changes) -> None:
    """Write what differs, with its event; `others` are the changes of custom fields."""
    differing = {column: value for column, value in row.items() if value != before[column]}
    row["version"] = before["version"] + 1
    update_row(row["id"], {**differing, "version": row["version"], "updated_at": step.at})
    update_words(LEAD, row["id"], row, differing.keys())
    typed = {name: (before[field.column], row[field.column]) for name, field in LEAD_FIELDS.items() if field.column in differing}
    step.record(
        EventKind.LEAD_UPDATED, "lead", row["id"], values={**typed, **others},
        version=row["version"], stage=row["stage_id"], pipeline=row["pipeline_id"],
    )  # fmt: skip


def _auto_title(row: Mapping[str, Any]) -> str:
    return str(row["person_name"] or row["organisation_name"] or row["email"] or row["phone"])


def _as_stored(name: str, value: Any) -> Any:
    """A raw column as clean() would give it: SQLite hands days out as text."""
    if LEAD_FIELDS[name].kind is FieldKind.DAY and isinstance(value, str):
        return clean(name, value)
    return value


def _may_give(actor: Actor, from_id: int | None, to_id: int | None) -> None:
    if not may_give(actor, from_id, to_id):
        raise NotAllowed(N_("Only a manager gives somebody else's lead away."))


def _check_references(row: Mapping[str, Any]) -> None:
    if row["owner_id"] is not None and one('select 1 from "user" where id = ?', (row["owner_id"],)) is None:
        raise Refused(N_("This owner no longer exists. Choose another one."), field="owner")
    if row["source_id"] is not None and one("select 1 from source where id = ?", (row["source_id"],)) is None:
        raise Refused(N_("This source no longer exists. Choose another one."), field="source")


def _target_stage(stage_id: int | None, pipeline_id: int | None) -> dict[str, Any]:
    columns = "select s.id, s.pipeline_id, s.kind, s.name, s.needs from stage s join pipeline p on p.id = s.pipeline_id"
    if stage_id is not None:
        where, params = "s.id = ?", [stage_id]
    elif pipeline_id is not None:
        where, params = "p.id = ? and s.kind = 'open' order by s.position, s.id limit 1", [pipeline_id]
    else:
        where, params = "p.archived_at is null and s.kind = 'open' order by p.position, p.id, s.position, s.id limit 1", []
    found = one(f"{columns} where {where}", params)
    if found is None or (pipeline_id is not None and found[1] != pipeline_id):
        raise Refused(N_("This stage no longer exists. Choose another one."), field="stage")
    return dict(zip(("id", "pipeline_id", "kind", "name", "needs"), found, strict=True))


# ---------------------------------------------------------------------------------------------- many at once


def assign_leads(lead_ids: Iterable[int], *, owner_id: int | None, actor: Actor) -> int | None:
    """Give leads to an owner, in one change set; its id, or None when nothing changed. Raises NotAllowed."""
    require(actor, Permission.WRITE)
    with change(actor, "lead.assign") as step:
        for lead_id, _ in visible_ids(lead_ids, actor):
            update_lead(lead_id, {"owner": owner_id}, actor=actor)
        return step.change_set_id if step.recorded else None


def delete_leads(lead_ids: Iterable[int], *, actor: Actor) -> int | None:
    """Put leads in the bin, in one change set. Raises NotAllowed when one of them is not the actor's to delete."""
    require(actor, Permission.WRITE)
    with change(actor, "lead.delete") as step:
        for lead_id, owner_id in visible_ids(lead_ids, actor):
            if not may_delete(actor, owner_id):
                raise NotAllowed(N_("You may delete only leads that are your own. Nothing was deleted."))
            _set_deleted(step, lead_id, step.at)
        return step.change_set_id if step.recorded else None


def delete_lead(lead_id: int, *, actor: Actor, version: int | None = None) -> int:
    """Put one lead in the bin; its change set. Raises NotFound, NotAllowed, Conflict when it is not at `version` any more."""
    require(actor, Permission.WRITE)
    with change(actor, "lead.delete") as step:
        row = load_visible(lead_id, actor)
        if not may_delete(actor, row["owner_id"]):
            raise NotAllowed(N_("You may delete only leads that are your own. Nothing was deleted."))
        refuse_old(row, version)
        _set_deleted(step, lead_id, step.at)
        return step.change_set_id


def restore_leads(lead_ids: Iterable[int], *, actor: Actor) -> int | None:
    """Take leads out of the bin to where they were. Members restore their own."""
    require(actor, Permission.WRITE)
    with change(actor, "lead.restore") as step:
        for lead_id, owner_id in visible_ids(lead_ids, actor, deleted=True):
            if not (actor.may(Permission.RESTORE) or may_delete(actor, owner_id)):
                raise NotAllowed(N_("You may restore only leads that are your own."))
            _set_deleted(step, lead_id, None)
        return step.change_set_id if step.recorded else None


def _set_deleted(step: Change, lead_id: int, at: int | None) -> None:
    if at is None:
        refuse_merged("lead", lead_id)
        refuse_restore(lead_id, instance())
        release_number(LEAD, lead_id)
    update_row(lead_id, {"deleted_at": at, "updated_at": now_ms()})
    found = one("select stage_id, pipeline_id, version from lead where id = ?", (lead_id,))
    assert found is not None
    kind = EventKind.LEAD_RESTORED if at is None else EventKind.LEAD_DELETED
    step.record(kind, "lead", lead_id, stage=found[0], pipeline=found[1], version=found[2])
