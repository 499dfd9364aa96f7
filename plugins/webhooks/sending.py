"""Sending what waits: one try at a time, with growing pauses, and an endpoint that answers nobody in the way of none."""

import time
from dataclasses import dataclass

from leadboard.api import (
    Answer,
    Refused,
    Unreachable,
    atomic,
    enqueue,
    execute,
    now_ms,
    one,
    send_request,
    sign_message,
    snapshot,
)

from . import endpoints

SEND = "webhooks.send"
# Before the first try, the second, …: three days in all.
PAUSES_S = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
DAY_MS = 86_400_000
GIVE_UP_MS = 5 * DAY_MS
KEEP_MS = 30 * DAY_MS
LEASE_MS = 60_000
# The worker has other jobs: what is left is taken up again at once, behind them.
BUSY_S = 20
COOL_MS = 60_000
SHORT_COOL_MS = 5000
LONGEST_ANSWER = 2000
SLOW_DOWN = {429, 502, 503, 504}


@dataclass(frozen=True)
class Sent:
    """What came of a try: a status and the beginning of the answer, or a problem."""

    status: int | None = None
    took_ms: int | None = None
    answer: str = ""
    problem: str = ""
    retry_after_s: int = 0


def send_due() -> int:
    """Try what is due, oldest first; how many tries. The job."""
    began, count = time.monotonic(), 0
    while (delivery_id := _claim()) is not None:
        try_now(delivery_id)
        count += 1
        if time.monotonic() - began > BUSY_S:
            enqueue(SEND, key=f"{SEND}+{delivery_id}@{now_ms()}")
            break
    return count


_DUE = (
    "select d.id from p_webhooks_delivery d join p_webhooks_endpoint e on e.id = d.endpoint_id"
    " where d.state = 'waiting' and d.next_at <= ? and (d.lease_until is null or d.lease_until < ?) and e.is_on and e.not_before <= ?"
    " order by d.next_at, d.id limit 1"
)


def _claim() -> int | None:
    now = now_ms()
    if one(_DUE, (now, now, now)) is None:
        return None
    with atomic():
        found = one(
            f"update p_webhooks_delivery set lease_until = ? where id = ({_DUE}) returning id",  # noqa: S608 - a constant
            (now + LEASE_MS, now, now, now),
        )
    return int(found[0]) if found else None


def try_now(delivery_id: int) -> None:
    """One try. Sending is outside any transaction; a crash before its end means a second copy with the same id."""
    with snapshot():
        found = one(
            "select d.endpoint_id, d.message_id, d.body, d.lead_id, d.contact_id, d.organisation_id, d.tries, e.url, e.owner_id, e.old_secret_until, e.failing_since"
            " from p_webhooks_delivery d join p_webhooks_endpoint e on e.id = d.endpoint_id where d.id = ?",
            (delivery_id,),
        )
        if found is None:
            return
        endpoint_id, message_id, body, lead_id, contact_id, organisation_id, tries, url, owner_id, old_until, failing_since = (
            found
        )
        actor = endpoints.may_act(owner_id)
        told_of = [("lead", lead_id), ("contact", contact_id), ("organisation", organisation_id)]
        is_seen = actor is not None and all(
            record_id is None or endpoints.visible_record(record_type, record_id, actor) is not None
            for record_type, record_id in told_of
        )
    if actor is None:
        endpoints.stop(endpoint_id, "owner")
        return
    if not is_seen:
        execute("update p_webhooks_delivery set state = 'cancelled', lease_until = null where id = ?", (delivery_id,))
        return
    sent = _send(url, message_id, body.encode(), _secrets(endpoint_id, old_until))
    with atomic():
        execute(
            "insert into p_webhooks_try (delivery_id, at, status, took_ms, problem, answer) values (?, ?, ?, ?, ?, ?)",
            (delivery_id, now_ms(), sent.status, sent.took_ms, sent.problem, sent.answer),
        )
        _settle(delivery_id, endpoint_id, tries + 1, sent, failing_since)


def _secrets(endpoint_id: int, old_until: int) -> list[str]:
    kept = endpoints.secrets_of(endpoint_id)
    wanted = ["now", "old"] if old_until > now_ms() else ["now"]
    return [kept[name] for name in wanted if kept.get(name)]


def _send(url: str, message_id: str, body: bytes, secrets: list[str]) -> Sent:
    if not secrets:
        return Sent(problem="secret")
    at_s = now_ms() // 1000
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Leadboard-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(sign_message(secret, message_id, at_s, body) for secret in secrets),
    }
    try:
        answer = send_request("POST", url, body=body, headers=headers)
    except Unreachable:
        return Sent(problem="unreachable")
    except Refused:
        return Sent(problem="refused")
    text = answer.body[: 4 * LONGEST_ANSWER].decode("utf-8", "replace").replace("\0", "\ufffd")[:LONGEST_ANSWER]
    return Sent(answer.status, answer.took_ms, text, retry_after_s=_retry_after(answer))


def _retry_after(answer: Answer) -> int:
    text = answer.headers.get("retry-after", "")
    plain = answer.status in SLOW_DOWN and text.isascii() and text.isdecimal() and len(text) < 9
    return min(int(text), PAUSES_S[-1]) if plain else 0


def _settle(delivery_id: int, endpoint_id: int, tries: int, sent: Sent, failing_since: int | None) -> None:
    """Write down how it went, and when it goes on; part of try_now()'s transaction."""
    now = now_ms()
    is_done = sent.status is not None and 200 <= sent.status < 300
    state = "done" if is_done else "waiting" if tries < len(PAUSES_S) and sent.status != 410 else "failed"
    next_at = now + 1000 * max(PAUSES_S[min(tries, len(PAUSES_S) - 1)], sent.retry_after_s)
    execute(
        "update p_webhooks_delivery set state = ?, tries = ?, next_at = ?, lease_until = null, last_status = ?, last_took_ms = ?,"
        " last_problem = ? where id = ?",
        (state, tries, next_at, sent.status, sent.took_ms, sent.problem, delivery_id),
    )
    if is_done:
        execute("update p_webhooks_endpoint set failing_since = null, not_before = 0 where id = ?", (endpoint_id,))
        return
    since = failing_since if failing_since is not None else now
    cool = _cooling(sent, is_first=failing_since is None)
    execute("update p_webhooks_endpoint set failing_since = ?, not_before = ? where id = ?", (since, now + cool, endpoint_id))
    if sent.status == 410:
        endpoints.stop(endpoint_id, "gone")
    elif now - since > GIVE_UP_MS:
        endpoints.stop(endpoint_id, "failing")
    elif state == "waiting":
        wait = max(next_at, now + cool) - now
        enqueue(SEND, key=f"{SEND}:{delivery_id}:{tries}:{now}", delay_s=wait / 1000)


def _cooling(sent: Sent, *, is_first: bool) -> int:
    """For how long an endpoint is left alone: one that nobody answers for would cost the worker its time."""
    if sent.status is not None and sent.status not in SLOW_DOWN:
        return 0
    return max(SHORT_COOL_MS if is_first else COOL_MS, 1000 * sent.retry_after_s)


def sweep() -> int:
    """Forget messages after thirty days; how many. The job of every day."""
    return execute("delete from p_webhooks_delivery where state <> 'waiting' and created_at < ?", (now_ms() - KEEP_MS,))
