"""Types whose values are picked: yes or no, one of a list, several of a list, a colleague."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from leadboard.api import (
    N_,
    Control,
    FieldContext,
    FieldDefinition,
    FieldType,
    Input,
    Operator,
    Refused,
    Shown,
    Storage,
    ValueSql,
    fold,
)
from leadboard.contributions import Tone
from leadboard.db import Where
from leadboard.fieldtypes import KEY
from leadboard.lib.emails import email_key
from leadboard.lib.ids import is_id
from leadboard.lib.text import clean_line, slug

MOST_CHOICES = 200
LABEL_LIMIT = 80
_YES = frozenset(map(fold, [
    "yes", "y", "true", "t", "1", "x", "on", "ja", "oui", "si", "sim", "sí", "tak", "ano", "igen", "da", "evet", "kyllä", "نعم", "بله",
]))  # fmt: skip
_NO = frozenset(map(fold, [
    "no", "n", "false", "f", "0", "off", "nein", "non", "nao", "não", "nie", "ne", "nem", "hayir", "hayır", "nej", "nei", "ei", "لا", "خیر",
]))  # fmt: skip


class YesNoType(FieldType):
    """Yes, no or not set."""

    key = "yes_no"
    label = N_("Yes or no")
    icon = "checkbox"
    about = N_("Yes, no or not known yet.")
    reads_types = frozenset({"text", "long_text", "number", "choice"})
    storage = Storage.FLAG
    operators = (Operator.IS,)
    can_be_unique = False

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        return Input(Control.ONE, choices=(("yes", N_("Yes")), ("no", N_("No"))))

    def check(self, value: Any, field: FieldDefinition, context: FieldContext) -> bool:
        if not isinstance(value, bool):
            raise Refused(N_("%(label)s must be yes or no."), field=field.name, label=field.label)
        return value

    def from_cell(self, text: str, field: FieldDefinition, context: FieldContext) -> bool:
        folded = fold(text)
        if folded in _YES or folded in _NO:
            return folded in _YES
        raise Refused(N_("“%(text)s” is neither yes nor no."), field=field.name, text=text.strip()[:40])

    def to_cell(self, value: bool, field: FieldDefinition, context: FieldContext) -> str:
        return "yes" if value else "no"

    def show(self, value: bool, field: FieldDefinition, context: FieldContext) -> Shown:
        return Shown(context.translate(N_("Yes") if value else N_("No")))


class ChoiceType(FieldType):
    """One of the field's choices, each with a label and a colour. The order of the choices is the order of the list."""

    key = "choice"
    label = N_("Choice")
    icon = "tag"
    about = N_("One of a list that you write, with colours. Sorted in the order of the list.")
    has_choices = True
    reads_types = frozenset({"text", "long_text", "number", "yes_no", "choices"})
    operators = (Operator.IS,)
    can_be_unique = False

    def clean_options(self, options: Mapping[str, Any], context: FieldContext) -> dict[str, Any]:
        rest = dict(options)
        wanted = rest.pop("choices", None)
        super().clean_options(rest, context)
        if not isinstance(wanted, Sequence) or isinstance(wanted, str) or not 1 <= len(wanted) <= MOST_CHOICES:
            raise Refused(N_("A choice needs 1 to %(most)d choices."), field="options", most=MOST_CHOICES)
        found: dict[str, dict[str, str]] = {}
        for one in wanted:
            choice = _choice(one, found)
            if choice["key"] in found or any(fold(choice["label"]) == fold(other["label"]) for other in found.values()):
                raise Refused(N_("There are two choices %(name)s."), field="options", name=choice["label"])
            found[choice["key"]] = choice
        return {"choices": list(found.values())}

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        return Input(Control.ONE, choices=tuple((one["key"], one["label"]) for one in field.options["choices"]))

    def check(self, value: Any, field: FieldDefinition, context: FieldContext) -> Any:
        if value not in _keys(field):
            raise _not_known(str(value), field)
        return value

    def from_cell(self, text: str, field: FieldDefinition, context: FieldContext) -> Any:
        folded = fold(text)
        for one in field.options["choices"]:
            if folded in {one["key"], fold(one["label"])}:
                return one["key"]
        raise _not_known(text, field)

    def to_input(self, value: Any, field: FieldDefinition, context: FieldContext) -> str:
        return str(value)

    def to_cell(self, value: Any, field: FieldDefinition, context: FieldContext) -> str:
        return _labels(field).get(value, (str(value), ""))[0]

    def show(self, value: Any, field: FieldDefinition, context: FieldContext) -> Shown:
        label, tone = _labels(field).get(value, (str(value), Tone.GREY))
        return Shown(label, tags=((str(tone), label),))

    def comparable(self, field: FieldDefinition, sql: ValueSql) -> str:
        whens = " ".join(f"when '{key}' then {place}" for place, key in enumerate(_keys(field)))
        return f"(case {sql.text} {whens} end)"

    def operand(self, operator: Operator, text: str, field: FieldDefinition, context: FieldContext) -> Any:
        """Several, parted by commas, mean any of them."""
        return [_keys(field).index(self.from_cell(part, field, context)) for part in _parts(text)]

    def condition(self, operator: Operator, operand: Any, field: FieldDefinition, sql: ValueSql) -> Where:
        return f"{self.comparable(field, sql)} in ({', '.join('?' * len(operand))})", list(operand)

    def schema(self, field: FieldDefinition) -> dict[str, Any]:
        return {"type": "string", "enum": _keys(field)}


class ManyChoicesType(ChoiceType):
    """Any of the field's choices, kept in their order."""

    key = "choices"
    label = N_("Several choices")
    icon = "checks"
    about = N_("Any number of a list that you write.")
    reads_types = frozenset({"text", "long_text", "number", "yes_no", "choice"})
    storage = Storage.LIST
    is_sortable = False

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        return Input(Control.MANY, choices=super().input(field, context).choices)

    def check(self, value: Any, field: FieldDefinition, context: FieldContext) -> Any:
        wanted = list(value) if isinstance(value, list | tuple) else [value]
        for one in wanted:
            super().check(one, field, context)
        return [key for key in _keys(field) if key in wanted] or None

    def from_cell(self, text: str, field: FieldDefinition, context: FieldContext) -> Any:
        one_of = super().from_cell
        try:
            return [one_of(text, field, context)]
        except Refused:
            marks = ";" if ";" in text or "\n" in text else ","
            parts = [part for line in text.splitlines() for part in line.split(marks) if part.strip()]
            return self.check([one_of(part, field, context) for part in parts], field, context)

    def to_input(self, value: Any, field: FieldDefinition, context: FieldContext) -> str:
        return ",".join(value)

    def to_cell(self, value: Any, field: FieldDefinition, context: FieldContext) -> str:
        return "; ".join(_labels(field).get(one, (str(one), ""))[0] for one in value)

    def show(self, value: Any, field: FieldDefinition, context: FieldContext) -> Shown:
        tags = tuple((str(tone), label) for label, tone in (_labels(field).get(one, (str(one), Tone.GREY)) for one in value))
        return Shown(", ".join(label for _, label in tags), tags=tags)

    def comparable(self, field: FieldDefinition, sql: ValueSql) -> str:
        return sql.items

    def operand(self, operator: Operator, text: str, field: FieldDefinition, context: FieldContext) -> Any:
        return [ChoiceType.from_cell(self, part, field, context) for part in _parts(text)]

    def condition(self, operator: Operator, operand: Any, field: FieldDefinition, sql: ValueSql) -> Where:
        parts = [sql.holds(one) for one in operand]
        return f"({' or '.join(part for part, _ in parts)})", [param for _, params in parts for param in params]

    def schema(self, field: FieldDefinition) -> dict[str, Any]:
        return {"type": "array", "items": super().schema(field), "uniqueItems": True}


class UserType(FieldType):
    """A colleague."""

    key = "user"
    label = N_("Colleague")
    icon = "user"
    about = N_("Somebody who works here.")
    storage = Storage.NUMBER
    operators = (Operator.IS,)
    is_sortable = False

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        return Input(
            Control.ONE, choices=tuple((str(number), one.name) for number, one in context.people.items() if one.is_active)
        )

    def check(self, value: Any, field: FieldDefinition, context: FieldContext) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value not in context.people:
            raise Refused(N_("This person no longer exists. Choose another one."), field=field.name)
        return value

    def from_input(self, text: str, field: FieldDefinition, context: FieldContext) -> int:
        return self.check(int(text) if is_id(text) else None, field, context)

    def to_input(self, value: int, field: FieldDefinition, context: FieldContext) -> str:
        return str(value)

    def from_cell(self, text: str, field: FieldDefinition, context: FieldContext) -> int:
        """By e-mail address, else by a name that only one has."""
        address, name = email_key(text), fold(text)
        found = [number for number, one in context.people.items() if address and email_key(one.email) == address]
        found = found or [number for number, one in context.people.items() if fold(one.name) == name]
        if len(found) != 1:
            raise Refused(
                N_("“%(text)s” is nobody here, or not only one. Use the e-mail address."),
                field=field.name,
                text=text.strip()[:60],
            )
        return found[0]

    def to_cell(self, value: int, field: FieldDefinition, context: FieldContext) -> str:
        person = context.people.get(value)
        return (person.email or person.name) if person else str(value)

    def show(self, value: int, field: FieldDefinition, context: FieldContext) -> Shown:
        person = context.people.get(value)
        return Shown(person.name if person else context.translate(N_("somebody who is gone")))

    def operand(self, operator: Operator, text: str, field: FieldDefinition, context: FieldContext) -> Any:
        if text == "me" and context.actor_id is not None:
            return context.actor_id
        return self.from_input(text, field, context) if text.isdecimal() else self.from_cell(text, field, context)

    def schema(self, field: FieldDefinition) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": 2**53 - 1, "description": "The id of a colleague"}


def _choice(one: Any, known: Mapping[str, Any]) -> dict[str, str]:
    """A choice of what was given: a label, or {key, label, tone}."""
    given = {"label": one} if isinstance(one, str) else dict(one) if isinstance(one, Mapping) else {}
    try:
        label = clean_line(str(given.get("label", "")), LABEL_LIMIT)
    except ValueError as error:
        raise Refused(N_("A choice has at most %(limit)d characters."), field="options", limit=LABEL_LIMIT) from error
    if not label or ";" in label:
        raise Refused(N_("A choice needs a label without semicolons."), field="options")
    key = str(given.get("key") or _free_key(label, known))
    tone = str(given.get("tone") or Tone.GREY)
    if not KEY.fullmatch(key):
        raise Refused(N_("The key of a choice is made of a-z, 0-9 and _."), field="options")
    if tone not in list(Tone):
        raise Refused(
            N_("The colour %(name)s is not known. Known: %(known)s."), field="options", name=tone, known=", ".join(Tone)
        )
    return {"key": key, "label": label, "tone": tone}


def _free_key(label: str, known: Mapping[str, Any]) -> str:
    base = slug(label, fallback="choice", limit=30).replace("-", "_")
    base = base if base[0].isalpha() else f"c_{base}"
    return base if base not in known else next(key for n in range(2, 999) if (key := f"{base}_{n}") not in known)


def _keys(field: FieldDefinition) -> list[str]:
    return [one["key"] for one in field.options["choices"]]


def _labels(field: FieldDefinition) -> dict[str, tuple[str, str]]:
    return {one["key"]: (one["label"], one["tone"]) for one in field.options["choices"]}


def _parts(text: str) -> list[str]:
    """The choices that a filter names, at least one: commas alone are one that nobody knows."""
    return [part for part in re.split("[,;]", text) if part.strip()] or [text]


def _not_known(text: str, field: FieldDefinition) -> Refused:
    known = ", ".join(one["label"] for one in field.options["choices"][:30])
    return Refused(N_("“%(text)s” is not one of: %(known)s."), field=field.name, text=text.strip()[:40], known=known)
