"""What a stage asks of a lead that comes in: one place for the board, forms, the API, imports, conversion and plugins."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from leadboard.db import rows
from leadboard.domain.custom_values import value_of
from leadboard.domain.plugin_rules import ask_stage_rules
from leadboard.errors import N_, Incomplete, Refused, Words
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.permissions import Actor
from leadboard.queries.custom_fields import Fields, custom_fields

# A lead always has a title, and a currency goes with its amount.
_NEVER_ASKED = {"title", "value_currency"}
FIELDS_TO_NEED = tuple(name for name in LEAD_FIELDS if name not in _NEVER_ASKED)
MOST_NEEDED = 30


class Rule(NamedTuple):
    """A stage as far as its rules go; `needed` and `goes_to` are as they are stored."""

    stage_id: int
    pipeline_id: int
    name: str
    needed: str
    goes_to: str


class Missing(NamedTuple):
    """A field that is empty and must not be. The label of one of ours is a text to translate."""

    name: str
    label: str


def refuse_entry(row: Mapping[str, Any], to: Rule, actor: Actor, *, left: Rule | None = None) -> None:
    """Raise what keeps a lead from a stage: Refused for a way that is closed, Incomplete with every empty field.

    `left` is the stage it comes from, None of a new lead: then plugins are not asked, for there is nothing to ask about.
    """
    if left is not None:
        _refuse_way(left, to)
    missing = missing_fields(row, to)
    if missing:
        raise incomplete(to, missing)
    if left is not None:
        ask_stage_rules(row, to.stage_id, actor)


def missing_fields(row: Mapping[str, Any], to: Rule) -> list[Missing]:
    """What the stage needs and the row lacks. A field that nobody can fill just now is not asked for."""
    if not to.needed:
        return []
    known = custom_fields()
    return [Missing(name, _label(name, known)) for name in to.needed.split() if _is_asked(name, known) and _is_empty(row, name)]


def incomplete(to: Rule, missing: Sequence[Missing]) -> Incomplete:
    problems = [
        Refused(N_("%(stage)s needs this: %(label)s."), field=one.name, stage=to.name, label=Words([one.label]))
        for one in missing
    ]
    return Incomplete(N_("%(stage)s needs: %(labels)s."), problems, stage=to.name, labels=Words([one.label for one in missing]))


def _refuse_way(left: Rule, to: Rule) -> None:
    """Ways are those inside one pipeline: what goes to another one leaves this one's process."""
    if not left.goes_to or left.pipeline_id != to.pipeline_id or left.stage_id == to.stage_id:
        return
    ways = [int(number) for number in left.goes_to.split()]
    if to.stage_id in ways:
        return
    places = ", ".join("?" * len(ways))
    names = [name for (name,) in rows(f"select name from stage where id in ({places}) order by position, id", ways)]  # noqa: S608 - question marks
    raise Refused(
        N_("From %(left)s leads go on to: %(names)s. Move it there first."), field="stage", left=left.name, names=", ".join(names)
    )


def _is_asked(name: str, known: Fields) -> bool:
    return name in LEAD_FIELDS or name in known.editable


def _label(name: str, known: Fields) -> str:
    return LEAD_FIELDS[name].label if name in LEAD_FIELDS else known.editable[name].label


def _is_empty(row: Mapping[str, Any], name: str) -> bool:
    value = row[LEAD_FIELDS[name].column] if name in LEAD_FIELDS else value_of(row, name)
    return value is None or value == "" or value == []


def clean_needs(names: Iterable[str]) -> str:
    """Names of fields as a stage keeps them. Raises Refused."""
    wanted = dict.fromkeys(names)
    known = custom_fields()
    for name in wanted:
        # One that is archived, or whose plugin is off, stays until somebody takes it out.
        if name not in FIELDS_TO_NEED and known.named(name) is None:
            raise Refused(N_("There is no field %(name)s."), field="needs", name=name[:60])
    if len(wanted) > MOST_NEEDED:
        raise Refused(N_("A stage asks for at most %(most)d fields."), field="needs", most=MOST_NEEDED)
    # Always in one order, so that the same choice is the same text.
    return " ".join(
        sorted(wanted, key=lambda name: (FIELDS_TO_NEED.index(name) if name in FIELDS_TO_NEED else MOST_NEEDED, name))
    )
