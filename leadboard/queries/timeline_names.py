"""What the ids in a page of a timeline are called."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from leadboard.db import rows
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.hosts import TITLES, HostKey


@dataclass(frozen=True, slots=True)
class RecordName:
    """`is_there` when the record has a page: it is not in the bin."""

    name: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids in a page are called. Stages are (name, tone); `records` are those that the reader may see."""

    users: dict[int, str] = field(default_factory=dict)
    stages: dict[int, tuple[str, str]] = field(default_factory=dict)
    pipelines: dict[int, str] = field(default_factory=dict)
    sources: dict[int, str] = field(default_factory=dict)
    lost_reasons: dict[int, str] = field(default_factory=dict)
    token_owners: dict[int, str] = field(default_factory=dict)
    records: dict[HostKey, RecordName] = field(default_factory=dict)


_NAMES = {
    "user": "select 'user', id, name, '' from \"user\"",
    "token": "select 'token', id, (select u.name from \"user\" u where u.id = api_token.user_id), '' from api_token",
    "stage": "select 'stage', id, name, tone from stage",
    "pipeline": "select 'pipeline', id, name, '' from pipeline",
    "source": "select 'source', id, name, '' from source",
    "reason": "select 'reason', id, name, '' from lost_reason",
}


def names_of(wanted: Iterable[tuple[str, object]], actor: Actor) -> Names:
    """The names behind (noun, id) pairs, in one statement; what is no id is passed over."""
    ids: dict[str, set[int]] = {noun: set() for noun in (*_NAMES, *TITLES)}
    for noun, record_id in wanted:
        if isinstance(record_id, int):
            ids[noun].add(record_id)
    parts, params = [], []
    for noun, of_noun in ids.items():
        if of_noun:
            sql, values = (_NAMES[noun], []) if noun in _NAMES else _of_records(noun, actor)
            parts.append(f"{sql} {'where' if noun in _NAMES else 'and'} id in ({', '.join('?' * len(of_noun))})")
            params += [*values, *of_noun]
    found: dict[str, dict[int, tuple[str, str]]] = {noun: {} for noun in ids}
    for noun, record_id, name, more in rows(" union all ".join(parts), params) if parts else ():
        found[noun][record_id] = (name, more)
    records = {
        HostKey(noun, record_id): RecordName(name, more == "")
        for noun in TITLES
        for record_id, (name, more) in found[noun].items()
    }
    plain = {noun: {record_id: name for record_id, (name, _) in names.items()} for noun, names in found.items()}
    return Names(plain["user"], found["stage"], plain["pipeline"], plain["source"], plain["reason"], plain["token"], records)


def _of_records(noun: str, actor: Actor) -> tuple[str, list[object]]:
    """Also what is in the bin: it was called by its name when it was linked."""
    here, params = visible_sql(actor, noun)
    gone, more = visible_sql(actor, noun, deleted=True)
    state = "case when deleted_at is null then '' else 'gone' end"
    return f"select '{noun}', id, {TITLES[noun]}, {state} from {noun} where ({here} or {gone})", [*params, *more]
