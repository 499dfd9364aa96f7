"""Names in a file that stand for records: pipelines, stages, owners, sources, lost reasons, tags; found, or made on request."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from leadboard.db import execute, one, rows
from leadboard.domain.lists import NOT_STATED, not_stated_id
from leadboard.domain.tags import clean_tag_name, insert_tag, refuse_more_tags
from leadboard.errors import N_, NotAllowed, Refused
from leadboard.events import Change, EventKind
from leadboard.lib.emails import email_key
from leadboard.lib.text import clean_line, fold
from leadboard.models.pipelines import StageKind
from leadboard.models.users import Role
from leadboard.permissions import Actor, Permission

NEW_STAGE_PROBABILITY = 10
# What each kind of list entry needs; the same as its page in the settings.
NEEDED = {
    "stages": Permission.STAGES,
    "owners": Permission.PEOPLE,
    "sources": Permission.SETTINGS,
    "reasons": Permission.SETTINGS,
    "organisations": Permission.WRITE,
}  # fmt: skip
_COMMAS = re.compile(r"[,\n\r]")
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)$")


def _folded(words: str) -> frozenset[str]:
    return frozenset(map(fold, words.split("|")))


_WON = _folded(
    "won|closed won|closed - won|deal won|customer|gewonnen|gewonnen (abgeschlossen)|abgeschlossen und gewonnen|wygrane|wygrana|wygrany"
    "|gagne|gagnee|ganado|ganada|cerrado ganado|vinto|vinta|ganho|ganha|fechado ganho|vunnen|vundet|vunnet|voitettu|vyhrano|موفق|برنده"
)
_LOST = _folded(
    "lost|closed lost|closed - lost|deal lost|lost lead|verloren|abgeschlossen und verloren|przegrane|przegrana|przegrany|utracone|perdu"
    "|perdue|perdido|perdida|cerrado perdido|perso|persa|fechado perdido|forlorad|forlorat|tabt|tapt|havitty|prohrano|ناموفق|از دست رفته"
)


def kind_of_stage(name: str) -> str:
    """Open, unless the name says won or lost in a language we know."""
    folded = fold(name)
    if folded in _WON:
        return StageKind.WON
    return StageKind.LOST if folded in _LOST else StageKind.OPEN


def check_creatable(create: tuple[str, ...], actor: Actor) -> None:
    """Raises NotAllowed when the actor may not add to one of the lists. An import is no way around the settings."""
    for what in create:
        if not actor.may(NEEDED[what]):
            raise NotAllowed(N_("Only an admin creates %(what)s. Leave it out, or ask an admin to import the file."), what=what)


# Names that are not here; a choice lets the import make them.
NO_PIPELINE = N_("There is no pipeline “%(text)s”.")
NO_STAGE = N_("There is no stage “%(text)s”.")
NO_OWNER = N_("Nobody here is called “%(text)s”.")
NO_SOURCE = N_("There is no source “%(text)s”.")
NO_REASON = N_("There is no lost reason “%(text)s”.")
MAY_BE_MADE = frozenset({NO_PIPELINE, NO_STAGE, NO_OWNER, NO_SOURCE, NO_REASON})


@dataclass(frozen=True)
class StageRef:
    """A stage of the database, or one that a dry run would make (id 0)."""

    id: int
    pipeline_id: int
    name: str
    kind: str
    needs: str = ""


@dataclass
class Names:
    """Everything a file may name. With a `step` what is missing is made in its transaction, without one it is only counted."""

    create: tuple[str, ...] = ()
    pipelines: dict[str, int] = field(default_factory=dict)
    stages: dict[tuple[int, str], StageRef] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)
    owner_emails: dict[str, int] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    shared_names: set[str] = field(default_factory=set)
    made: dict[str, list[Any]] = field(default_factory=dict)

    @classmethod
    def load(cls, create: tuple[str, ...], made: Mapping[str, list[Any]] | None = None) -> "Names":
        """What there is now. Six statements."""
        names = cls(create, made={key: list(value) for key, value in (made or {}).items()})
        for pipeline_id, name in rows("select id, name from pipeline where archived_at is null order by position, id"):
            names.pipelines.setdefault(fold(name), pipeline_id)
        for ref in rows("select id, pipeline_id, name, kind, needs from stage order by position, id"):
            stage = StageRef(*ref)
            names.stages.setdefault((stage.pipeline_id, fold(stage.name)), stage)
        for user_id, name, key in rows('select id, name, email_key from "user" order by is_active desc, id'):
            folded = fold(name)
            if folded in names.owners:
                names.shared_names.add(folded)
            names.owners.setdefault(folded, user_id)
            if key:
                names.owner_emails[key] = user_id
        names.sources = {fold(name): source_id for source_id, name in rows("select id, name from source order by id desc")}
        names.reasons = {fold(name): reason_id for reason_id, name in rows("select id, name from lost_reason order by id desc")}
        names.tags = {key: tag_id for tag_id, key in rows("select id, name_key from tag")}
        return names

    # ------------------------------------------------------------------------------------------ one of each

    def pipeline(self, text: str, step: Change | None) -> int:
        """The pipeline of a cell. Pipelines are made together with stages. Raises Refused."""
        name = _name(text, 80)
        return self._known_or_new("stages", self.pipelines, fold(name), name, NO_PIPELINE, step, _insert_pipeline)

    def stage(self, text: str, pipeline_id: int, step: Change | None) -> StageRef:
        """The stage of a cell: by its name, else by its name without a pipeline in brackets. Raises Refused."""
        name = _name(text, 80)
        bare = _IN_BRACKETS.sub("", name) or name
        for candidate in (name, bare):
            found = self.stages.get((pipeline_id, fold(candidate)))
            if found is not None:
                return found
        if "stages" not in self.create:
            raise Refused(NO_STAGE, text=name)
        kind = kind_of_stage(bare)
        stage_id = 0 if step is None else _insert_stage(step, pipeline_id, bare, kind)
        found = self.stages[pipeline_id, fold(bare)] = StageRef(stage_id, pipeline_id, bare, kind)
        self._remember("stages", stage_id if step else bare)
        return found

    def owner(self, text: str, email: str, step: Change | None) -> int:
        """The user of a cell: by e-mail, in its own column or in this one, else by name. Raises Refused."""
        key = email_key(email) or email_key(text) or ""
        if key and key in self.owner_emails:
            return self.owner_emails[key]
        name = _name(text or email.partition("@")[0], 120)
        if key == name.lower():
            name = name.partition("@")[0]
        folded = fold(name)
        if folded in self.shared_names and not key:
            raise Refused(N_("Several people are called “%(text)s”. Write the e-mail address instead."), text=name)
        if folded in self.owners and not (key and "owners" in self.create and self._has_other_email(folded, key)):
            return self.owners[folded]
        if "owners" not in self.create:
            raise Refused(NO_OWNER, text=name)
        user_id = 0 if step is None else _insert_owner(step, name, key)
        self.owners[folded] = user_id
        if key:
            self.owner_emails[key] = user_id
        self._remember("owners", user_id if step else name)
        return user_id

    def _has_other_email(self, folded: str, key: str) -> bool:
        """Whether the one of this name is known by another address: then somebody else is meant."""
        return any(user_id == self.owners[folded] and other != key for other, user_id in self.owner_emails.items())

    def source(self, text: str, step: Change | None) -> int:
        name = _name(text, 80)
        return self._known_or_new("sources", self.sources, fold(name), name, NO_SOURCE, step, _insert_into("source"))

    def reason(self, text: str, step: Change | None) -> int:
        """The lost reason of a cell; without one "Not stated", which is made when it is missing. Raises Refused."""
        name = _name(text, 80)
        if not name:
            known = self.reasons.get(fold(NOT_STATED))
            if known is None:
                known = self.reasons[fold(NOT_STATED)] = not_stated_id(actor=step.actor) if step else 0
            return known
        return self._known_or_new(
            "reasons",
            self.reasons,
            fold(name),
            name,
            NO_REASON,
            step,
            _insert_into("lost_reason"),
        )

    def tags_in(self, cell: str) -> list[str]:
        """The names of tags in a cell, which commas part, or semicolons in a cell without one. Raises Refused."""
        texts = _COMMAS.split(cell)
        if len(texts) == 1 and fold(cell) not in self.tags:
            texts = cell.split(";")
        return [clean_tag_name(text) for text in texts if text.strip()]

    def tag(self, name: str, step: Change | None) -> int:
        """A tag by its clean name. Whoever may write makes one by naming it. Raises Refused when there are too many."""
        key = fold(name)
        if key in self.tags:
            return self.tags[key]
        if step is None:
            refuse_more_tags(len(self.tags))
            self._remember("tags", name)
            # No id yet: what tells it from the others.
            number = -1 - len(self.tags)
        elif found := one("select id from tag where name_key = ?", (key,)):
            number = int(found[0])
        else:
            number = insert_tag(step, name)
            self._remember("tags", number)
        self.tags[key] = number
        return number

    def _known_or_new(
        self,
        what: str,
        known: dict[str, int],
        key: str,
        name: str,
        missing: str,
        step: Change | None,
        insert: Callable[[Change, str], int],
    ) -> int:
        if key in known:
            return known[key]
        if what not in self.create:
            raise Refused(missing, text=name)
        record_id = known[key] = 0 if step is None else insert(step, name)
        if insert is _insert_pipeline:
            self._remember("pipelines", record_id if step else name)
        else:
            self._remember(what, record_id if step else name)
        return record_id

    def _remember(self, what: str, value: Any) -> None:
        self.made.setdefault(what, []).append(value)


def _name(text: str, limit: int) -> str:
    try:
        return clean_line(text, limit)
    except ValueError as error:
        raise Refused(N_("This name is too long: at most %(limit)d characters."), limit=limit) from error


def _inserted(sql: str, params: tuple[Any, ...]) -> int:
    found = one(sql, params)
    assert found is not None
    return int(found[0])


def _insert_pipeline(step: Change, name: str) -> int:
    pipeline_id = _inserted(
        "insert into pipeline (name, position) select ?, coalesce(max(position), 0) + 1 from pipeline returning id", (name,)
    )
    step.record(EventKind.PIPELINE_CHANGED, "pipeline", pipeline_id, values={"name": (None, name)})
    return pipeline_id


def _insert_stage(step: Change, pipeline_id: int, name: str, kind: str) -> int:
    """Open stages go in front of the first one that closes, the others to the end."""
    found = one(
        "select (select min(position) from stage where pipeline_id = ? and kind <> 'open'), (select max(position) from stage where pipeline_id = ?)",
        (pipeline_id, pipeline_id),
    )
    first_closing, last = found or (None, None)
    position = (last if last is not None else -1) + 1
    if kind == StageKind.OPEN and first_closing is not None:
        position = first_closing
        execute("update stage set position = position + 1 where pipeline_id = ? and position >= ?", (pipeline_id, position))
    probability = {StageKind.WON: 100, StageKind.LOST: 0}.get(StageKind(kind), NEW_STAGE_PROBABILITY)
    tone = {StageKind.WON: "green", StageKind.LOST: "red"}.get(StageKind(kind), "blue")
    stage_id = _inserted(
        "insert into stage (pipeline_id, name, kind, position, probability, tone) values (?, ?, ?, ?, ?, ?) returning id",
        (pipeline_id, name, kind, position, probability, tone),
    )
    step.record(
        EventKind.STAGE_CHANGED, "stage", stage_id, values={"name": (None, name), "kind": (None, kind)}, pipeline=pipeline_id
    )
    return stage_id


def _insert_owner(step: Change, name: str, key: str) -> int:
    """A member without a password: nobody signs in with it before an admin has sent a link."""
    user_id = _inserted(
        'insert into "user" (name, email, email_key, role, is_active, theme, created_at) values (?, ?, ?, ?, ?, ?, ?) returning id',
        (name, key, key or None, str(Role.MEMBER), True, "auto", step.at),
    )
    step.record(EventKind.USER_CHANGED, "user", user_id, values={"name": (None, name)})
    return user_id


def _insert_into(table: str) -> Callable[[Change, str], int]:
    """The maker of an entry of a list with a name and a position. Table names come from this module only."""

    def insert(step: Change, name: str) -> int:
        record_id = _inserted(
            f"insert into {table} (name, position) select ?, coalesce(max(position), 0) + 1 from {table} returning id",  # noqa: S608 - a constant
            (name,),
        )
        step.record(EventKind.LIST_CHANGED, table, record_id, values={"name": (None, name)})
        return record_id

    return insert
