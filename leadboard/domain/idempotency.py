"""A POST that is sent twice is done once: its answer is kept for a day beside what it did, in the same transaction."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from leadboard.db import atomic, execute, now_ms, one, rows
from leadboard.errors import N_, Refused
from leadboard.models.tokens import ApiAnswer

KEEP_MS = 86_400_000
MAX_KEY = 255


@dataclass(frozen=True)
class Answer:
    """What was answered, word for word. `is_again` when it was kept from the first time."""

    status: int
    headers: Mapping[str, str]
    body: str
    is_again: bool = False


def answer_once(token_id: int, key: str, request_hash: str, work: Callable[[], Answer]) -> Answer:
    """The answer of `work`, or the one that this key had within the last day. Raises Refused.

    Whoever sends the same at the same moment waits: writers take turns, so that the second one finds the answer of the
    first. When `work` raises, nothing was done and nothing is kept.
    """
    if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise Refused(N_("An Idempotency-Key has 1 to %(limit)d ASCII characters."), field="Idempotency-Key", limit=MAX_KEY)
    with atomic():
        now = now_ms()
        found = one(
            "select request_hash, status, headers, body from api_answer where token_id = ? and key = ? and created_at > ?",
            (token_id, key, now - KEEP_MS),
        )
        if found is not None:
            if found[0] != request_hash:
                raise Refused(
                    N_("This Idempotency-Key was used for another request within the last day. Make a new one."),
                    field="Idempotency-Key",
                )
            return Answer(found[1], json.loads(found[2]), found[3], is_again=True)
        answer = work()
        execute("delete from api_answer where token_id = ? and key = ?", (token_id, key))
        ApiAnswer.create(
            token=token_id, key=key, request_hash=request_hash, status=answer.status, headers=json.dumps(dict(answer.headers)),
            body=answer.body, created_at=now,
        )  # fmt: skip
        return answer


def forget_answers_about(ids: Collection[int], record_type: str = "lead") -> None:
    """Drop every answer that names one of these records, which go for good. Inside the caller's transaction.

    An id is where answers have it: a record's own, "lead_id" of a note, "lead" or "lead_ids" of a plugin's. An answer about
    something else with the same number goes, too: its request, sent again, would be done again.
    """
    named, place = {str(record_id) for record_id in ids}, re.compile(rf'"(?:id|\w*{record_type}\w*)": ?\[?([\d, ]+)')
    for answer_id, body in rows("select id, body from api_answer"):
        if any(not named.isdisjoint(found.replace(" ", "").split(",")) for found in place.findall(body)):
            execute("delete from api_answer where id = ?", (answer_id,))


def sweep_answers() -> None:
    """Forget the answers of more than a day ago. A periodic job."""
    execute("delete from api_answer where created_at <= ?", (now_ms() - KEEP_MS,))
