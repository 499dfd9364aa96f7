"""What a typed filter means, in plain Python over rows: written apart from the SQL, to be compared with it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from leadboard.lib.dayranges import read_days
from leadboard.lib.folding import fold
from leadboard.lib.querytext import Group, Not, Term, Words

TEXTS = {
    "title": "title", "person": "person_name", "organisation": "organisation_name", "job_title": "job_title", "website": "website",
    "industry": "industry", "territory": "territory", "street": "street", "postal_code": "postal_code", "city": "city",
    "region": "region", "country": "country", "lost_to": "lost_to", "email": "email",
}  # fmt: skip
NUMBERS = {"probability": "probability", "employees": "employees", "id": "id"}
MOMENTS = {
    "created": "created_at",
    "changed": "updated_at",
    "touched": "last_touch_at",
    "entered": "stage_entered_at",
    "ended": "closed_at",
}
DAYS = {"close": "expected_close_on", "later": "snoozed_until", "next_step": "next_task_on"}
NAMED = {
    "stage": "stage_id",
    "pipeline": "pipeline_id",
    "owner": "owner_id",
    "source": "source_id",
    "lost_reason": "lost_reason_id",
}
DECIMALS = {"JPY": 0, "KWD": 3}
COMPARE = {
    ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, "<": lambda a, b: a < b,
    ":": lambda a, b: a == b, "=": lambda a, b: a == b,
}  # fmt: skip


def is_so(part, row, world):
    """Whether a row (a dict of columns) fits; `world` has names {kind: {id: name}}, today, zone and actor."""
    if isinstance(part, Not):
        return not is_so(part.part, row, world)
    if isinstance(part, Group):
        return {"all": all, "any": any}[part.kind](is_so(one, row, world) for one in part.parts)
    if isinstance(part, Words):
        return _has_words(part, row)
    assert isinstance(part, Term)
    if part.operator == "!=":
        return not is_so(Term(part.key, ":", part.values), row, world)
    return any(_fits(part.key, part.operator, value, row, world) for value in part.values)


def _has_words(part, row):
    """Only words of three signs and more are asked for here: shorter ones are looked for at the beginning of titles."""
    text = fold(" ".join(str(row[name]) for name in ("title", "person_name", "organisation_name", "email", "city")))
    return fold(part.text) in text


def _fits(key, sign, value, row, world):
    if value.last is not None:
        ends = [(">=", value.text), ("<=", value.last)]
        return all(_compared(key, one, text, row, world) for one, text in ends if text)
    if not value.is_quoted and value.text in {"none", "any"} and key not in {"stage", "pipeline", "state"}:
        return _is_empty(key, row) == (value.text == "none")
    return _compared(key, sign, value.text, row, world)


def _is_empty(key, row):
    if key == "next_step":
        return row["next_task_on"] is None and row["next_task_id"] is None
    column = {**TEXTS, **NUMBERS, **MOMENTS, **DAYS, **NAMED, "value": "value_amount"}.get(key, key)
    return row.get(column, row["fields"].get(key)) in (None, "")


def _compared(key, sign, text, row, world):
    if key in TEXTS:
        return _text(key, sign, text, row[TEXTS[key]])
    if key in NAMED:
        return _names(key, text, row[NAMED[key]], world)
    if key == "state":
        return _state(text, row, world)
    if key == "next_step" and text in {"overdue", "today", "planned"}:
        return _step(text, row, world)
    if key in DAYS:
        return _days(sign, text, row[DAYS[key]], world, lambda day: day)
    if key in MOMENTS:
        return _days(sign, text, row[MOMENTS[key]], world, lambda at: _local(at, world))
    if key == "value":
        return _value(sign, text, row)
    if key in {"interest", "qualification"}:
        return row[key] == text
    if key in NUMBERS:
        return row[NUMBERS[key]] is not None and COMPARE[sign](row[NUMBERS[key]], int(text))
    return _custom(key, sign, text, row["fields"].get(key))


def _text(key, sign, text, value):
    if key == "email" and "." in text.partition("@")[2]:
        return value.lower() == text.lower()
    asked = {_small(one) for one in (text, text.lower(), text.upper(), text.title(), text[:1].upper() + text[1:].lower())}
    found = _small(value)
    return found in asked if sign == "=" else any(one in found for one in asked)


def _small(text):
    return "".join(chr(ord(one) + 32) if "A" <= one <= "Z" else one for one in text)


def _names(key, text, number, world):
    if key == "owner" and text == "me":
        return number == world["actor"]
    names = {one: fold(name) for one, name in world["names"][key].items()}
    whole = [one for one, name in names.items() if name == fold(text)]
    return number in (whole or [one for one, name in names.items() if name.startswith(fold(text))])


def _state(text, row, world):
    kind = world["kinds"][row["stage_id"]]
    return {
        "open": kind == "open", "won": kind == "won", "lost": kind == "lost", "closed": kind != "open",
        "later": row["snoozed_until"] is not None, "board": kind == "open" and row["snoozed_until"] is None,
    }[text]  # fmt: skip


def _step(text, row, world):
    on = row["next_task_on"]
    if text == "planned":
        return (on is not None and on > world["today"]) or (on is None and row["next_task_id"] is not None)
    return on is not None and (on < world["today"] if text == "overdue" else on == world["today"])


def _local(at, world):
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(world["zone"])).date()


def _days(sign, text, value, world, day_of):
    if value is None:
        return False
    day: date = day_of(value)
    found = read_days(text, world["today"])
    if sign in {":", "="}:
        if found.is_offset and sign == ":":
            return min(found.first, world["today"]) <= day <= max(found.first, world["today"])
        return found.first <= day < found.end
    return {">=": day >= found.first, ">": day >= found.end, "<": day < found.first, "<=": day < found.end}[sign]


def _value(sign, text, row):
    if row["value_amount"] is None:
        return False
    number, currency = (text[:-3], text[-3:]) if text[-3:].isalpha() else (text, "")
    if currency and currency != row["value_currency"]:
        return False
    # In thousandths, so that every currency is a whole number.
    mine = row["value_amount"] * 10 ** (3 - DECIMALS.get(row["value_currency"], 2))
    return COMPARE[sign](mine, round(float(number) * 1000))


def _custom(key, sign, text, value):
    if value is None:
        return False
    if isinstance(value, (int, float)):
        return COMPARE[sign](value, float(text))
    if sign == "=" or key == "tier":
        return fold(value) == fold(text)
    return fold(text) in fold(value)
