"""How a file is to be read: what the wizard's forms or the command's options have settled, kept with the run as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from leadboard.errors import N_, Refused
from leadboard.models.import_fields import FIRST_RECORD, SHARED, TARGETS_OF, is_target

# What an import may make beside its records, by their type.
CREATABLE_OF: Mapping[str, tuple[str, ...]] = {
    "lead": ("stages", "owners", "sources", "reasons"),
    "contact": ("owners", "organisations"),
    "organisation": ("owners", "organisations"),
}
CREATABLE = CREATABLE_OF["lead"]
# Columns with an index to look a batch of keys up by, by what `match` may name.
_BY_ALL = {"email": "email_key", "phone": "phone_reversed", "external_id": "external_id"}
MATCHES_OF: Mapping[str, Mapping[str, str]] = {
    "lead": {**_BY_ALL, "title": "title_key", "organisation_name": "organisation_key"},
    "contact": {**_BY_ALL, "name": "name_key"},
    "organisation": {**_BY_ALL, "name": "match_key", "website": "domain"},
}
MATCHES = MATCHES_OF["lead"]
# Whether leads are linked to the people and organisations that their rows name: only known ones, or new ones too.
LINK_NONE, LINK_KNOWN, LINK_NEW = "", "known", "new"
LINKS = (LINK_NONE, LINK_KNOWN, LINK_NEW)
# Rows that lack what their stage needs: rejected, or put into the first stage that takes them.
INCOMPLETE_REJECTED, INCOMPLETE_FIRST = "", "first"
# The one reader of files that was there before there were several.
FIRST_IMPORTER = "csv"
NO_FIELDS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Options:
    """`importer` reads the file, as `reader` says ({option: value}; None: it has to be asked first).

    `mapping` is {column: target}; `decimal` point or comma and `day_order` day or month when a person has said so,
    else each column's `decided` word counts, found over all its rows. `unguard` takes off the apostrophes of careful
    exports. `fill` is {custom field: value} for rows that have none. `record_type` says what a row is; `people` how rows of
    leads are linked.
    """

    importer: str = FIRST_IMPORTER
    reader: Mapping[str, str] | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    pipeline_id: int | None = None
    stage_id: int | None = None
    owner_id: int | None = None
    create: tuple[str, ...] = ()
    match: str = ""
    decimal: str = ""
    day_order: str = ""
    unguard: bool = True
    external_source: str = ""
    decided: Mapping[str, str] = field(default_factory=dict)
    fill: Mapping[str, Any] = field(default_factory=dict)
    record_type: str = FIRST_RECORD
    people: str = LINK_NONE
    incomplete: str = INCOMPLETE_REJECTED

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Options":
        known = {one.name for one in fields(cls)}
        kept = json.loads(text)
        values: dict[str, Any] = {key: value for key, value in kept.items() if key in known}
        if kept.get("encoding"):  # as kept before there were several formats
            values["reader"] = {"encoding": kept["encoding"], "delimiter": kept.get("delimiter", ",")}
        values["create"] = tuple(values.get("create", ()))
        return cls(**values)

    def column_of(self, target: str) -> str | None:
        """The column that goes into a target; for a shared one the first."""
        return next((column for column, to in self.mapping.items() if to == target), None)

    def check(self, headers: list[str], custom: Mapping[str, str] = NO_FIELDS) -> None:
        """Raises Refused when the options contradict themselves or the file. `custom` are further targets with their labels."""
        self._check_mapping(headers, custom)
        matches, creatable = MATCHES_OF[self.record_type], CREATABLE_OF[self.record_type]
        if self.people not in LINKS or (self.people and self.record_type != FIRST_RECORD):
            raise Refused(N_("Only rows of leads are linked to people and organisations."), field="people")
        if self.incomplete not in {INCOMPLETE_REJECTED, INCOMPLETE_FIRST}:
            raise Refused(N_("Say whether rows are rejected or go into the first stage."), field="incomplete")
        if unknown := sorted(set(self.create) - set(creatable)):
            raise Refused(
                N_("%(text)s cannot be created by an import. Known: %(known)s."),
                field="create", text=unknown[0], known=", ".join(creatable),
            )  # fmt: skip
        if self.match and self.match not in matches:
            raise Refused(
                N_("Rows cannot be matched by %(text)s. Known: %(known)s."),
                field="match",
                text=self.match,
                known=", ".join(matches),
            )
        if self.match and self.match not in self._matchable():
            raise Refused(
                N_("Rows are to be matched by %(text)s, but no column goes into that field."), field="match", text=self.match
            )

    def _matchable(self) -> set[str]:
        found = set(self.mapping.values())
        # A title is made of these when the file has none; so is a person's name.
        if self.record_type == "contact":
            return found | {"name"} if found & {"given_name", "family_name"} else found
        return found | {"title"} if found & {"person_name", "given_name", "family_name", "organisation_name"} else found

    def _check_mapping(self, headers: list[str], custom: Mapping[str, str]) -> None:
        taken: dict[str, str] = {}
        targets = TARGETS_OF[self.record_type]
        for column, target in self.mapping.items():
            if column not in headers:
                raise Refused(
                    N_("The file has no column %(column)s. It has: %(known)s."),
                    field="mapping", column=column, known=", ".join(headers[:40]),
                )  # fmt: skip
            if not is_target(target, self.record_type) and target not in custom:
                raise Refused(
                    N_("%(target)s is not a field. Known: %(known)s."),
                    field="mapping", target=target, known=", ".join(dict.fromkeys([*targets, *sorted(SHARED), *custom])),
                )  # fmt: skip
            if target in SHARED:
                continue
            if target in taken:
                raise Refused(
                    N_("Both %(one)s and %(other)s go into %(label)s. Choose another field for one of them."),
                    field="mapping", one=taken[target], other=column, label=custom.get(target) or targets[target].label,
                )  # fmt: skip
            taken[target] = column
        if not taken:
            raise Refused(N_("No column goes into a field. Choose at least one."), field="mapping")
