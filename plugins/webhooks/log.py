"""The log of deliveries: what was sent, what came back, once more."""

from dataclasses import dataclass

from leadboard.api import N_, Actor, Conflict, NotFound, Refused, change, enqueue, now_ms, one, rows

from . import messages
from .endpoints import endpoint
from .sending import SEND

PAGE = 50
MOST_TESTS = 5
MINUTE_MS = 60_000
TEST = "webhook.test"


@dataclass(frozen=True)
class DeliveryRow:
    """One line of the log. Moments in milliseconds."""

    id: int
    kind: str
    lead_id: int | None
    contact_id: int | None
    organisation_id: int | None
    state: str
    tries: int
    created_at: int
    next_at: int
    status: int | None
    took_ms: int | None
    problem: str


@dataclass(frozen=True)
class TryRow:
    at: int
    status: int | None
    took_ms: int | None
    problem: str
    answer: str


@dataclass(frozen=True)
class Message:
    """A delivery with what was sent and each try, the latest first."""

    row: DeliveryRow
    message_id: str
    body: str
    tries: tuple[TryRow, ...]


_COLUMNS = (
    "id, kind, lead_id, contact_id, organisation_id, state, tries, created_at, next_at, last_status, last_took_ms, last_problem"
)


def deliveries(endpoint_id: int, actor: Actor, *, before: int | None = None) -> list[DeliveryRow]:
    """The latest first, one more than a page. Raises NotFound, NotAllowed."""
    endpoint(endpoint_id, actor)
    older, params = ("and id < ?", [before]) if before is not None else ("", [])
    found = rows(
        f"select {_COLUMNS} from p_webhooks_delivery where endpoint_id = ? {older} order by id desc limit {PAGE + 1}",  # noqa: S608 - columns of our own
        [endpoint_id, *params],
    )
    return [DeliveryRow(*row) for row in found]


def message(endpoint_id: int, delivery_id: int, actor: Actor) -> Message:
    """Raises NotFound, NotAllowed."""
    endpoint(endpoint_id, actor)
    found = one(
        f"select {_COLUMNS}, message_id, body from p_webhooks_delivery where id = ? and endpoint_id = ?",  # noqa: S608 - columns of our own
        (delivery_id, endpoint_id),
    )
    if found is None:
        raise NotFound(N_("This message is not in the log any more."))
    tries = rows(
        "select at, status, took_ms, problem, answer from p_webhooks_try where delivery_id = ? order by id desc limit 50",
        (delivery_id,),
    )
    return Message(DeliveryRow(*found[:12]), found[12], found[13], tuple(TryRow(*row) for row in tries))


def replay(endpoint_id: int, delivery_id: int, *, actor: Actor) -> None:
    """Send it once more, under its old id. Raises NotFound, Conflict, NotAllowed."""
    with change(actor, "webhooks.replay") as step:
        if not endpoint(endpoint_id, actor).is_on:
            raise Conflict(N_("This webhook is off. Turn it on first."))
        done = one(
            "update p_webhooks_delivery set state = 'waiting', tries = 0, next_at = ?, lease_until = null"
            " where id = ? and endpoint_id = ? returning id",
            (step.at, delivery_id, endpoint_id),
        )
        if done is None:
            raise NotFound(N_("This message is not in the log any more."))
        enqueue(SEND, key=f"{SEND}:replay:{delivery_id}:{step.at}")
        step.record("webhooks.replayed", "webhook", endpoint_id, delivery=delivery_id)


def send_test(endpoint_id: int, *, actor: Actor) -> int:
    """Queue a message that says nothing; its id in the log. Raises Refused, Conflict, NotFound, NotAllowed."""
    with change(actor, "webhooks.test") as step:
        found = endpoint(endpoint_id, actor)
        if not found.is_on:
            raise Conflict(N_("This webhook is off. Turn it on first."))
        lately = one(
            "select count(*) from p_webhooks_delivery where endpoint_id = ? and kind = ? and created_at > ?",
            (endpoint_id, TEST, now_ms() - MINUTE_MS),
        )
        if lately is not None and lately[0] >= MOST_TESTS:
            raise Refused(N_("That were %(most)d tests within a minute. Wait a little."), most=MOST_TESTS)
        key = one("select key from p_webhooks_endpoint where id = ?", (endpoint_id,))
        assert key is not None and lately is not None
        message_id = f"msg_{key[0]}_test{step.at}_{lately[0]}"
        messages.put(endpoint_id, message_id, TEST, messages.text_of(TEST, step.at, {"webhook": found.name}))
        made = one("select id from p_webhooks_delivery where endpoint_id = ? and message_id = ?", (endpoint_id, message_id))
        assert made is not None
        step.record("webhooks.tested", "webhook", endpoint_id)
        return int(made[0])
