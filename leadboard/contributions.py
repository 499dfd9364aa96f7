"""What a plugin says of itself and hands to the core: plain typed values, checked when they arrive.

Nothing here knows the web or the database, so that a plugin's contribution can be made anywhere.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, cast

API_VERSION = (0, 2)
"""Major and minor of what `leadboard.api` offers. While the major is 0, any minor may break."""

NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
VERSION = re.compile(r"(\d+)\.(\d+)")
PUBLIC_PREFIXES = ("in", "f", "u", "cal")
"""First parts of the addresses that a plugin may claim by `Plugin(public_prefix="in/telephony")`."""


RESERVED = frozenset({
    "api_answers", "backup", "bulk", "core", "db", "demo", "export", "field", "fields", "import", "imports", "jobs", "leads", "plugins", "restore", "search", "serve", "sign_ins",
    "stages", "token", "tokens", "user", "worker",
})  # fmt: skip
"""Names that a plugin may not have: jobs, templates and commands of our own begin with them."""


class Problem(ValueError):
    """A plugin's metadata or contribution is wrong; the text says what and how to set it right."""


def _need(condition: bool, text: str) -> None:
    if not condition:
        raise Problem(text)


def is_offered(requires_api: str) -> bool:
    """Whether the interface is the one of `requires_api`: same major, minor at least."""
    major, minor = (int(part) for part in requires_api.split("."))
    return major == API_VERSION[0] and minor <= API_VERSION[1]


CATEGORIES = ("pipeline", "fields", "leads", "timeline", "data", "integration", "other")


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """The metadata of a plugin: `PLUGIN = Plugin(name=…, title=…, version=…)` in its package.

    `name` is its namespace everywhere (routes, tables, keys). `requires_api` is "major.minor": the same major and at
    least that minor. `order` settles who comes first, then the name. `public_prefix` claims an address without sign-in
    such as "in/telephony". `hosts` are the servers it talks to, shown to the admin; empty: it talks to nobody.
    `category` is the heading under which admins find it: one of CATEGORIES; any other word counts as "other".
    `starts_on` turns a plugin that comes with Leadboard on until an admin turns it off; it is ignored for others.
    """

    name: str
    title: str
    version: str
    requires_api: str = "0.1"
    description: str = ""
    category: str = "other"
    author: str = ""
    url: str = ""
    order: int = 100
    public_prefix: str = ""
    hosts: tuple[str, ...] = ()
    starts_on: bool = False

    def __post_init__(self) -> None:
        _need(bool(NAME.fullmatch(self.name)), f"the name {self.name!r} must be 2 to 40 of a-z, 0-9 and _, a letter first")
        _need(bool(self.title.strip()), "the title is empty")
        _need(bool(VERSION.fullmatch(self.requires_api)), f"requires_api={self.requires_api!r} must look like '0.1'")
        if self.public_prefix:
            first, _, rest = self.public_prefix.partition("/")
            _need(
                first in PUBLIC_PREFIXES and bool(NAME.fullmatch(rest)),
                f"public_prefix={self.public_prefix!r} must be one of {', '.join(PUBLIC_PREFIXES)}, a slash and a name",
            )

    @property
    def is_compatible(self) -> bool:
        """Whether this Leadboard has what it needs."""
        return is_offered(self.requires_api)


@dataclass(frozen=True, slots=True)
class LeadRef:
    """A lead as hooks get it. A hook that needs more reads it for the whole list at once."""

    id: int
    title: str
    pipeline_id: int
    stage_id: int
    owner_id: int | None
    version: int = 0


@dataclass(frozen=True, slots=True)
class PartyRef:
    """A contact or an organisation as hooks get it: `record_type` is which of the two."""

    record_type: str
    id: int
    name: str
    owner_id: int | None
    version: int = 0


@dataclass(slots=True)
class _OpenLeadRef:
    """A LeadRef that is being made: the same slots, filled in a sixth of the time that a frozen one takes."""

    id: int
    title: str
    pipeline_id: int
    stage_id: int
    owner_id: int | None
    version: int = 0


def lead_ref(id: int, title: str, pipeline_id: int, stage_id: int, owner_id: int | None, version: int) -> LeadRef:  # noqa: A002 - the field
    """LeadRef(…), for many: a board makes 150 of them."""
    made: Any = _OpenLeadRef(id, title, pipeline_id, stage_id, owner_id, version)
    made.__class__ = LeadRef
    return cast(LeadRef, made)


class _Listed(type):
    """A class of constants that can be gone through."""

    def __iter__(cls) -> Iterator[str]:
        return iter([value for name, value in vars(cls).items() if name.isupper()])


class Tone(metaclass=_Listed):
    """The colours of badges and tags, as texts: to look up a member of an enumeration costs a plugin as much as its badge."""

    GREY = "grey"
    BLUE = "blue"
    TEAL = "teal"
    PURPLE = "purple"
    ORANGE = "orange"
    GREEN = "green"
    PINK = "pink"
    INDIGO = "indigo"
    AMBER = "amber"
    RED = "red"


_TONES = frozenset(Tone)


def _make_badge(text: str, tone: str = Tone.GREY) -> "Badge":
    badge: Badge = type.__call__(Badge, text, tone)
    return badge


class _MadeOnce(type):
    """The class of Badge: equal ones are made once, and checked once.

    A board has thousands of badges and a few dozen different ones: to look one up costs a sixth of making and drawing it.
    Static, because the class itself among the arguments would double that.
    """

    __call__ = staticmethod(lru_cache(maxsize=4096)(_make_badge))


@dataclass(frozen=True, slots=True)
class Badge(metaclass=_MadeOnce):
    """A word on a card, at most 24 characters. A card has room for four; of more it says how many."""

    text: str
    tone: str = Tone.GREY

    def __post_init__(self) -> None:
        # A lazy text would be kept in the language of whoever came first.
        if not isinstance(self.text, str):
            raise Problem(f"the badge {self.text!r} must be a text")
        if not 0 < len(self.text) <= 24:
            raise Problem(f"the badge {self.text!r} must have 1 to 24 characters")
        if self.tone not in _TONES:
            raise Problem(f"the tone {self.tone!r} must be one of {', '.join(Tone)}")


class PanelArea(StrEnum):
    """The two columns of the page of a lead, a contact or an organisation."""

    SIDE = "side"
    MAIN = "main"


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A part of a lead's page, where `load(lead, actor)` gives the template's values, or of a contact's or an organisation's, where
    it is `load(party, actor)`. None leaves the panel out.

    A lazy panel is fetched by its own address after the page, so that a slow or broken one costs the page nothing.
    Panels of an `area` stand by `order`, from small to large. Leadboard's own on a lead: next steps 10, person and organisation 15,
    details 20, other columns 30, same firm 40 in `PanelArea.SIDE`; history 10 in `PanelArea.MAIN`. So 12 is below the next steps, 5
    above them.
    The page draws heading and border; without `is_framed` the template draws a whole `<section class="panel">` itself.
    """

    key: str
    title: str
    template: str
    load: Callable[..., Mapping[str, Any] | None]
    order: int = 100
    is_lazy: bool = True
    area: str = PanelArea.SIDE
    is_framed: bool = True

    def __post_init__(self) -> None:
        _need(
            self.area in set(PanelArea), f"the area {self.area!r} of the panel {self.key} must be one of {', '.join(PanelArea)}"
        )


@dataclass(frozen=True, kw_only=True)
class Action:
    """A button on the page of a lead, a contact or an organisation. With `method="get"` a link; `needs` is the permission it takes.

    `endpoint` is a view of yours with the argument `lead_id`: `/leads/<int:lead_id>/…` of the blueprint is `p_NAME.function`.
    On a contact or an organisation its argument is `record_id`: `/contacts/<int:record_id>/…`.

    With `in_menu` it stands in the menu of further actions, for whoever has one: room for buttons is scarce on a phone.
    """

    key: str
    label: str
    endpoint: str
    icon: str = "bolt"
    method: str = "post"
    needs: str = "write"
    confirm: str = ""
    in_menu: bool = False
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """An entry of the main navigation, shown to those with the permission `needs`."""

    key: str
    label: str
    endpoint: str
    icon: str = "puzzle"
    needs: str = "read"
    order: int = 100


class Slot(StrEnum):
    """The places of pages where a plugin may put something of its own."""

    PAGE_TOP = "page.top"
    PAGE_BOTTOM = "page.bottom"


@dataclass(frozen=True)
class Part:
    """A template of the plugin and its values, for a slot. It is rendered behind the plugin boundary."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asset:
    """A file below the plugin's static folder, for pages that need it: "call.css" or "call.js"."""

    path: str

    def __post_init__(self) -> None:
        path = PurePosixPath(self.path)
        plain = not path.is_absolute() and ".." not in path.parts and "\\" not in self.path
        _need(plain and path.suffix in {".css", ".js"}, f"the asset {self.path!r} must be a .css or .js file below static/")


@dataclass(frozen=True, kw_only=True)
class Job:
    """Work for the job worker. `run(**payload)` must be safe to run again; `every_s` also runs it once per slot."""

    key: str
    run: Callable[..., object]
    every_s: int | None = None

    def __post_init__(self) -> None:
        _need(self.every_s is None or self.every_s >= 10, f"the job {self.key} must not run more often than every 10 s")


@dataclass(frozen=True, kw_only=True)
class StageTemplate:
    """A stage of a pack; `kind` is open, won or lost."""

    name: str
    kind: str = "open"
    probability: int = 0

    def __post_init__(self) -> None:
        _need(
            self.kind in {"open", "won", "lost"}, f"the kind {self.kind!r} of the stage {self.name!r} must be open, won or lost"
        )
        _need(0 <= self.probability <= 100, f"the probability of the stage {self.name!r} must be 0 to 100")


@dataclass(frozen=True, kw_only=True)
class FieldTemplate:
    """A custom field of a pack. `type` is the key of a field type, `options` what that type takes."""

    key: str
    label: str
    type: str = "text"
    options: Mapping[str, Any] = field(default_factory=dict)
    help: str = ""
    on_card: bool = False
    in_list: bool = False

    def __post_init__(self) -> None:
        _need(isinstance(self.options, Mapping), f"the options of the field {self.key!r} must be a dict, not {self.options!r}")


@dataclass(frozen=True, kw_only=True)
class PipelineTemplate:
    """A pack: a pipeline with its stages and the fields that go with it, offered when a pipeline is made."""

    key: str
    name: str
    stages: tuple[StageTemplate, ...]
    description: str = ""
    fields: tuple[FieldTemplate, ...] = ()

    def __post_init__(self) -> None:
        for name, kind in (("stages", StageTemplate), ("fields", FieldTemplate)):
            found = getattr(self, name)
            fits = isinstance(found, tuple | list) and all(isinstance(one, kind) for one in found)
            _need(fits, f"{name} of the pack {self.key} must be {kind.__name__}s")
        kinds = {stage.kind for stage in self.stages}
        _need(kinds == {"open", "won", "lost"}, f"the pack {self.key} needs at least one open, one won and one lost stage")
        names = [stage.name.casefold() for stage in self.stages]
        _need(len(set(names)) == len(names), f"the pack {self.key} has two stages of one name")


@dataclass(frozen=True, kw_only=True)
class StageRule:
    """Says no to a move: `check(lead, from_stage_id, to_stage_id, actor)` raises Refused, whose text the user reads.

    A rule that raises lets the move go on; with `is_required` it stops it instead.
    """

    key: str
    check: Callable[..., None]
    is_required: bool = False


@dataclass(frozen=True, kw_only=True)
class ActivityType:
    """A kind of thing that took place with a lead.

    `key` is stored; `label` names it ("Meeting"), `verb` is the sentence of the timeline after somebody's name ("logged a
    meeting"). One that is typed is offered beside the call in the composer of the lead page; others are written by plugins.
    """

    key: str
    label: str
    verb: str
    icon: str = "bolt"
    tone: str = "grey"
    is_typed: bool = False
    order: int = 100


@dataclass(frozen=True, slots=True)
class Match:
    """A lead that may be the same as a draft. `reason` is for the user; `score` 0 to 100."""

    lead_id: int
    reason: str
    score: int


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What somebody is typing: the fields that finders of duplicates look at. `lead_id` when it exists already."""

    values: Mapping[str, Any]
    lead_id: int | None = None
