"""Pages of webhooks: the list, one with its log, one message."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Response, request, session, url_for
from wtforms.widgets import CheckboxInput, ListWidget

from leadboard.api import (
    N_,
    Form,
    Permission,
    PluginBlueprint,
    Refused,
    Toast,
    as_id,
    current_actor,
    fields,
    gettext,
    go,
    needs,
    render,
)

from . import endpoints, log

bp = PluginBlueprint("webhooks")

STATES = {
    "waiting": (N_("waiting"), "amber"),
    "done": (N_("delivered"), "green"),
    "failed": (N_("failed"), "red"),
    "cancelled": (N_("not sent"), "grey"),
}
PROBLEMS = {
    "unreachable": N_("no answer"),
    "refused": N_("address not allowed"),
    "secret": N_("the secret is lost: make a new one"),
}
WHY = {
    "failing": N_("It was turned off: nothing arrived for five days."),
    "gone": N_("It was turned off: the receiver answered that it is gone for good (410)."),
    "owner": N_("It was turned off: its owner left or may not export leads any more."),
}
ADDRESS_HELP = N_(
    "Where messages are posted to: https:// and a host that the internet knows, on the usual port (http:// works, too, and anybody on the"
    " way can read it). Other ports and hosts of your own network: the operator names host:port under outbound_hosts in leadboard.toml."
)


class EndpointForm(Form):
    name = fields.StringField(N_("Name"), description=N_("What it is for: Accounting, our chat …"))
    url = fields.URLField(N_("Address"), description=ADDRESS_HELP)
    kinds = fields.SelectMultipleField(
        N_("Tell it when"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), validate_choice=False
    )

    def __init__(self, found: endpoints.EndpointRow | None = None, **values: Any) -> None:
        super().__init__(obj=found, **values)
        self.kinds.choices = [(kind, f"{gettext(text)} ({kind})") for kind, text in endpoints.KINDS.items()]
        if found is None and not request.form:
            self.kinds.data = list(endpoints.KINDS)
        self.name.flags.required = self.url.flags.required = self.kinds.flags.required = True
        for field in (self.name, self.url, self.kinds):
            field.label.text = gettext(field.label.text)
            field.description = gettext(field.description) if field.description else ""

    def typed(self) -> tuple[str, str, list[str]]:
        return self.text("name"), self.text("url"), list(self.kinds.data or [])


@dataclass(frozen=True)
class DetailPage:
    """`secret` is shown once, right after it was made."""

    endpoint: endpoints.EndpointRow
    form: EndpointForm
    log: list[log.DeliveryRow]
    older: int | None
    is_first: bool
    secret: str | None
    is_overlapping: bool


@bp.get("/")
@needs(Permission.EXPORT)
def index() -> Response:
    return render("plugins/webhooks/index.html", endpoints=endpoints.endpoints(current_actor()), why=_words(WHY))


@bp.get("/new")
@needs(Permission.EXPORT)
def new() -> Response:
    return render("plugins/webhooks/new.html", form=EndpointForm(formdata=None))


@bp.post("/new")
@needs(Permission.EXPORT)
def add() -> Response:
    form = EndpointForm()
    try:
        endpoint_id, secret = endpoints.add_endpoint(*form.typed(), actor=current_actor())
    except Refused as refusal:
        form.show_error(refusal)
        return render("plugins/webhooks/new.html", form=form, status=422)
    return _show_secret(endpoint_id, secret)


@bp.get("/<int:endpoint_id>")
@needs(Permission.EXPORT)
def detail(endpoint_id: int) -> Response:
    found = endpoints.endpoint(endpoint_id, current_actor())
    return _detail(found, EndpointForm(found, formdata=None))


@bp.post("/<int:endpoint_id>")
@needs(Permission.EXPORT)
def save(endpoint_id: int) -> Response:
    form = EndpointForm()
    try:
        endpoints.change_endpoint(endpoint_id, *form.typed(), actor=current_actor())
    except Refused as refusal:
        form.show_error(refusal)
        return _detail(endpoints.endpoint(endpoint_id, current_actor()), form, 422)
    return _to(endpoint_id, gettext("Saved"))


@bp.post("/<int:endpoint_id>/secret")
@needs(Permission.EXPORT)
def rotate(endpoint_id: int) -> Response:
    return _show_secret(endpoint_id, endpoints.rotate_secret(endpoint_id, actor=current_actor()))


@bp.post("/<int:endpoint_id>/switch")
@needs(Permission.EXPORT)
def switch(endpoint_id: int) -> Response:
    """On with `on`, else off."""
    is_on = "on" in request.form
    endpoints.switch(endpoint_id, is_on, actor=current_actor())
    return _to(endpoint_id, gettext("The webhook is on") if is_on else gettext("The webhook is off"))


@bp.post("/<int:endpoint_id>/delete")
@needs(Permission.EXPORT)
def delete(endpoint_id: int) -> Response:
    endpoints.delete_endpoint(endpoint_id, actor=current_actor())
    return go(url_for("p_webhooks.index"), toast=Toast(gettext("The webhook is deleted"), "good"))


@bp.post("/<int:endpoint_id>/test")
@needs(Permission.EXPORT)
def test(endpoint_id: int) -> Response:
    delivery_id = log.send_test(endpoint_id, actor=current_actor())
    return go(url_for("p_webhooks.message", endpoint_id=endpoint_id, delivery_id=delivery_id))


@bp.get("/<int:endpoint_id>/messages/<int:delivery_id>")
@needs(Permission.EXPORT)
def message(endpoint_id: int, delivery_id: int) -> Response:
    """One message; while it waits, the part with its tries asks for itself again."""
    actor = current_actor()
    found = log.message(endpoint_id, delivery_id, actor)
    return render(
        "plugins/webhooks/message.html", endpoint=endpoints.endpoint(endpoint_id, actor), message=found,
        body=json.dumps(json.loads(found.body), ensure_ascii=False, indent=2), **_log_words(),
    )  # fmt: skip


@bp.post("/<int:endpoint_id>/messages/<int:delivery_id>/replay")
@needs(Permission.EXPORT)
def replay(endpoint_id: int, delivery_id: int) -> Response:
    log.replay(endpoint_id, delivery_id, actor=current_actor())
    url = url_for("p_webhooks.message", endpoint_id=endpoint_id, delivery_id=delivery_id)
    return go(url, toast=Toast(gettext("It is sent once more"), "good"))


def _detail(found: endpoints.EndpointRow, form: EndpointForm, status: int = 200) -> Response:
    before = request.args.get("before", type=as_id)
    shown = log.deliveries(found.id, current_actor(), before=before)
    older = shown[log.PAGE - 1].id if len(shown) > log.PAGE else None
    secret = None
    if session.get("webhook_secret", (0,))[0] == found.id:
        secret = session.pop("webhook_secret")[1]
    page = DetailPage(found, form, shown[: log.PAGE], older, before is None, secret, endpoints.is_overlapping(found))
    return render("plugins/webhooks/detail.html", page, status=status, why=_words(WHY), **_log_words())


def _show_secret(endpoint_id: int, secret: str) -> Response:
    """On the next page, once: until then it is kept in the signed cookie of whoever made it."""
    session["webhook_secret"] = [endpoint_id, secret]
    return go(url_for("p_webhooks.detail", endpoint_id=endpoint_id))


def _to(endpoint_id: int, text: str) -> Response:
    return go(url_for("p_webhooks.detail", endpoint_id=endpoint_id), toast=Toast(text, "good"))


def _log_words() -> dict[str, Any]:
    return {"states": {key: (gettext(text), tone) for key, (text, tone) in STATES.items()}, "problems": _words(PROBLEMS)}


def _words(texts: dict[str, str]) -> dict[str, str]:
    return {key: gettext(text) for key, text in texts.items()}
