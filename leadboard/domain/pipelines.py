"""Pipelines and their stages. What a stage means is its kind; its name is only what it is called.

Edits say what their form showed (`seen`): fields that nobody touched in the meantime are written, a field that
somebody else changed too is a Conflict with both values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadboard.db import execute, execute_many, one, rows
from leadboard.domain.handover import restate_stage
from leadboard.domain.lists import clean_entry_name, not_stated_id
from leadboard.domain.stage_values import STAGE_DEFAULTS, clean_stage, values_of_stage
from leadboard.errors import N_, Conflict, Refused
from leadboard.events import EventKind, change
from leadboard.lib.text import clean_line, fold
from leadboard.models.pipelines import Pipeline, Stage, StageKind
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.pipelines import StageRow, pipeline, stage

OPEN_TONES = ("blue", "indigo", "purple", "orange", "amber", "teal", "pink")
MAX_STAGES = 40
LABEL_LIMIT = 40
DEFAULT_OPEN_STAGES = (N_("New"), N_("Contacted"), N_("Meeting"), N_("Offer"))
_ONLY_ONE = {
    StageKind.OPEN: N_("%(name)s is the only open stage of this pipeline. Add another open one first."),
    StageKind.WON: N_("%(name)s is the only won stage of this pipeline. Add another won one first."),
    StageKind.LOST: N_("%(name)s is the only lost stage of this pipeline. Add another lost one first."),
}


@dataclass(frozen=True)
class NewStage:
    """A stage of a pipeline that is about to be made."""

    name: str
    kind: str = StageKind.OPEN
    probability: int = 0


def add_pipeline(*, name: str, open_stages: Sequence[str], actor: Actor, won: str = "Won", lost: str = "Lost") -> int:
    """A pipeline with these open stages, then one won and one lost. Raises NotAllowed, Refused."""
    names = [text for text in open_stages if text.strip()]
    if not names:
        require(actor, Permission.STAGES)
        clean_entry_name(name)
        raise Refused(N_("Name at least one stage."), field="open_stages")
    stages = [NewStage(text, probability=round(100 * number / (len(names) + 1) / 5) * 5) for number, text in enumerate(names, 1)]
    return add_stages(name, [*stages, NewStage(won, StageKind.WON, 100), NewStage(lost, StageKind.LOST)], actor=actor)


def add_stages(name: str, stages: Sequence[NewStage], *, actor: Actor) -> int:
    """A pipeline with exactly these stages, of every kind at least one. Raises NotAllowed, Refused."""
    require(actor, Permission.STAGES)
    name = clean_entry_name(name)
    names = [clean_entry_name(stage.name, field="open_stages") for stage in stages]
    if len(names) > MAX_STAGES:
        raise Refused(N_("A pipeline has at most %(most)d stages."), field="open_stages", most=MAX_STAGES)
    if len({fold(text) for text in names}) < len(names):
        raise Refused(N_("Each stage needs a name of its own; won and lost are added by themselves."), field="open_stages")
    with change(actor, "pipeline.add") as step:
        _refuse_taken_pipeline(name)
        found = one("select coalesce(max(position), 0) + 1 from pipeline")
        made = Pipeline.create(name=name, position=found[0] if found else 1)
        for number, (stage, text) in enumerate(zip(stages, names, strict=True)):
            tone = {StageKind.WON: "green", StageKind.LOST: "grey"}.get(
                StageKind(stage.kind), OPEN_TONES[number % len(OPEN_TONES)]
            )
            Stage.create(pipeline=made, name=text, kind=stage.kind, position=number, probability=stage.probability, tone=tone)
        step.record(EventKind.PIPELINE_CHANGED, "pipeline", made.id, values={"name": (None, name)})
        return int(made.id)


def update_pipeline(pipeline_id: int, *, actor: Actor, seen: Mapping[str, Any] | None = None, **typed: str) -> None:
    """Change name, record_name and record_plural; what is left out stays. Raises NotAllowed, NotFound, Refused, Conflict."""
    require(actor, Permission.STAGES)
    with change(actor, "pipeline.rename") as step:
        found = pipeline(pipeline_id)
        before = {name: getattr(found, name) for name in ("name", "record_name", "record_plural")}
        values = {name: clean_entry_name(text) if name == "name" else _clean_label(name, text) for name, text in typed.items()}
        changed = _wanted(before, values, seen)
        if not changed:
            return
        if "name" in changed:
            _refuse_taken_pipeline(changed["name"], but=pipeline_id)
        after = {**before, **changed}
        if bool(after["record_name"]) != bool(after["record_plural"]):
            field = "record_plural" if after["record_name"] else "record_name"
            raise Refused(N_("Say both how one is called and how many are."), field=field)
        Pipeline.update(changed).where(Pipeline.id == pipeline_id).execute()
        step.record(
            EventKind.PIPELINE_CHANGED, "pipeline", pipeline_id,
            values={name: (before[name], value) for name, value in changed.items()},
        )  # fmt: skip


def _clean_label(name: str, text: str) -> str:
    try:
        return clean_line(text, LABEL_LIMIT)
    except ValueError as error:
        raise Refused(N_("This name is too long: at most %(limit)d characters."), field=name, limit=LABEL_LIMIT) from error


def archive_pipeline(pipeline_id: int, *, is_archived: bool, actor: Actor) -> None:
    """Take a pipeline off the boards with its leads, or bring it back. One always stays. Raises NotAllowed, NotFound, Refused."""
    require(actor, Permission.STAGES)
    with change(actor, "pipeline.archive") as step:
        found = pipeline(pipeline_id)
        if found.is_archived == is_archived:
            return
        if is_archived and one("select 1 from pipeline where archived_at is null and id <> ?", (pipeline_id,)) is None:
            raise Refused(N_("This is the only pipeline in use. Add another one first."))
        execute("update pipeline set archived_at = ? where id = ?", (step.at if is_archived else None, pipeline_id))
        step.record(EventKind.PIPELINE_CHANGED, "pipeline", pipeline_id, values={"is_archived": (found.is_archived, is_archived)})


def _refuse_taken_pipeline(name: str, *, but: int = 0) -> None:
    for row_id, other in rows("select id, name from pipeline"):
        if row_id != but and fold(other) == fold(name):
            raise Refused(N_("There is a pipeline with this name already."), field="name")


# ---------------------------------------------------------------------------------------------- stages


def add_stage(pipeline_id: int, *, actor: Actor, **typed: Any) -> int:
    """A stage after the last one of its kind; `typed` is as in update_stage. Raises NotAllowed, NotFound, Refused."""
    require(actor, Permission.STAGES)
    with change(actor, "stage.add") as step:
        stages = pipeline(pipeline_id).stages
        values = clean_stage({**STAGE_DEFAULTS, **typed}, stages)
        if len(stages) >= MAX_STAGES:
            raise Refused(N_("A pipeline has at most %(most)d stages."), most=MAX_STAGES)
        refuse_taken_stage(stages, values["name"])
        made = Stage.create(pipeline=pipeline_id, position=len(stages), **values)
        order = [found.id for found in stages]
        same = [place for place, found in enumerate(stages) if found.kind == values["kind"]]
        order.insert(same[-1] + 1 if same else len(order), made.id)
        write_order(order)
        step.record(
            EventKind.STAGE_CHANGED, "stage", made.id, pipeline=pipeline_id, values={key: (None, values[key]) for key in values}
        )
        return int(made.id)


def update_stage(stage_id: int, *, actor: Actor, seen: Mapping[str, Any] | None = None, **typed: Any) -> None:
    """Change what a stage is called, means, looks like and asks. Raises NotAllowed, NotFound, Refused, Conflict.

    `typed` are name, kind, probability, tone, touch_days, stay_days, most_leads, needs (names of fields) and leads_to (ids
    of stages); what is left out stays. A new kind closes or reopens the leads that are in the stage; those that become
    lost get the reason "Not stated".
    """
    require(actor, Permission.STAGES)
    with change(actor, "stage.update") as step:
        found = stage(stage_id)
        stages = pipeline(found.pipeline_id).stages
        before = values_of_stage(found)
        values = clean_stage({**before, **typed}, [other for other in stages if other.id != stage_id])
        changed = _wanted(before, values, seen)
        if not changed:
            return
        if "name" in changed:
            refuse_taken_stage(stages, values["name"], but=stage_id)
        if "kind" in changed:
            keep_one_of_each(stages, found)
            reason = not_stated_id(actor=actor) if changed["kind"] == StageKind.LOST else None
            restate_stage(step, stage_id, to_kind=changed["kind"], reason_id=reason)
        Stage.update(changed).where(Stage.id == stage_id).execute()
        step.record(
            EventKind.STAGE_CHANGED, "stage", stage_id, pipeline=found.pipeline_id,
            values={key: (before[key], value) for key, value in changed.items()},
        )  # fmt: skip


def move_stage(stage_id: int, *, by: int, actor: Actor) -> int:
    """One place up (-1) or down (1) in the order of now; its pipeline. At the end it stays. Raises NotAllowed, NotFound."""
    found = stage(stage_id)
    order = [other.id for other in pipeline(found.pipeline_id).stages]
    place = order.index(stage_id)
    order.insert(max(0, place + (1 if by > 0 else -1)), order.pop(place))
    order_stages(found.pipeline_id, order, actor=actor)
    return found.pipeline_id


def order_stages(pipeline_id: int, wanted: Sequence[int], *, actor: Actor) -> None:
    """Put the stages in this order. One that was deleted meanwhile is left out, one that was added keeps its place.

    Raises NotAllowed, NotFound.
    """
    require(actor, Permission.STAGES)
    with change(actor, "stage.order") as step:
        now = [found.id for found in pipeline(pipeline_id).stages]
        order = [stage_id for stage_id in dict.fromkeys(wanted) if stage_id in now]
        for place, stage_id in enumerate(now):
            if stage_id not in order:
                order.insert(place, stage_id)
        if order != now:
            write_order(order)
            step.record(EventKind.STAGE_CHANGED, "pipeline", pipeline_id, order=order)


def _wanted(before: Mapping[str, Any], typed: Mapping[str, Any], seen: Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields to write: those typed over what the form showed. Raises Conflict when somebody else wrote the same one."""
    out = {}
    for name, value in typed.items():
        if value == before[name] or (seen is not None and value == seen.get(name)):
            continue
        if seen is not None and seen.get(name) != before[name]:
            raise Conflict(
                N_("Somebody else changed this to “%(theirs)s” while you were typing. Save again to write your own."),
                field=name, details={"theirs": before[name], "yours": value}, theirs=str(before[name]),
            )  # fmt: skip
        out[name] = value
    return out


def refuse_taken_stage(stages: Sequence[StageRow], name: str, *, but: int = 0) -> None:
    if any(found.id != but and fold(found.name) == fold(name) for found in stages):
        raise Refused(N_("There is a stage with this name already."), field="name")


def keep_one_of_each(stages: Sequence[StageRow], leaving: StageRow) -> None:
    """Refuse to lose the last stage of its kind: without it no lead could be worked on, won or lost."""
    if sum(found.kind == leaving.kind for found in stages) < 2:
        raise Refused(_ONLY_ONE[StageKind(leaving.kind)], name=leaving.name)


def write_order(order: Sequence[int]) -> None:
    execute_many("update stage set position = ? where id = ?", list(enumerate(order)))
