"""Pages for people: the call at one's telephone, calls without a lead, extensions."""

from flask import Response, request, url_for

from leadboard.api import (
    N_,
    Permission,
    PluginBlueprint,
    Refused,
    Toast,
    as_id,
    current_actor,
    gettext,
    go,
    message_of,
    needs,
    render,
    search_leads,
)

from . import lists

bp = PluginBlueprint("telephony_hook")


@bp.get("/")
@needs(Permission.WRITE)
def index() -> Response:
    before = request.args.get("before", type=as_id)
    found = lists.without_lead(current_actor(), before=before)
    shown = found[: lists.PAGE]
    return render(
        "plugins/telephony_hook/index.html", calls=shown, is_first=before is None,
        older=shown[-1].id if len(found) > lists.PAGE else None, words=_words(),
    )  # fmt: skip


@bp.get("/calls/<int:call_id>")
@needs(Permission.WRITE)
def detail(call_id: int) -> Response:
    """Who was it? `q` looks for a lead."""
    return _detail(call_id)


@bp.post("/calls/<int:call_id>/assign")
@needs(Permission.WRITE)
def assign(call_id: int) -> Response:
    lists.call(call_id, current_actor())
    lead_id = request.form.get("lead", type=as_id)
    if lead_id is None:
        raise Refused(N_("Choose a lead."), field="lead")
    lists.assign(call_id, lead_id, actor=current_actor())
    return go(url_for("leads.detail", lead_id=lead_id), toast=Toast(gettext("The call is on this timeline"), "good"))


@bp.post("/calls/<int:call_id>/lead")
@needs(Permission.WRITE)
def make_lead(call_id: int) -> Response:
    try:
        lead_id = lists.make_lead(call_id, request.form.get("title", ""), actor=current_actor())
    except Refused as refusal:
        return _detail(call_id, refusal)
    return go(url_for("leads.detail", lead_id=lead_id), toast=Toast(gettext("The lead is made, with its calls"), "good"))


@bp.post("/calls/<int:call_id>/dismiss")
@needs(Permission.WRITE)
def dismiss(call_id: int) -> Response:
    lists.dismiss(call_id, actor=current_actor())
    return go(url_for("p_telephony_hook.index"), toast=Toast(gettext("Off the list"), "good"))


@bp.get("/now")
@needs(Permission.READ)
def now() -> Response:
    """The part of the page with the call at the reader's telephone; the script asks for it every few seconds."""
    return render("plugins/telephony_hook/_live.html", calls=lists.live(current_actor()))


@bp.post("/calls/<int:call_id>/seen")
@needs(Permission.READ)
def seen(call_id: int) -> Response:
    lists.mark_seen(call_id, actor=current_actor())
    return go(url_for("board.home"))


@bp.get("/extensions")
@needs(Permission.PEOPLE)
def extensions() -> Response:
    return render("plugins/telephony_hook/extensions.html", people=lists.extensions(current_actor()), typed={}, errors={})


@bp.post("/extensions")
@needs(Permission.PEOPLE)
def save_extensions() -> Response:
    actor = current_actor()
    people = lists.extensions(actor)
    typed = {person.id: request.form.get(f"number-{person.id}", "") for person in people}
    try:
        lists.save_extensions(typed, actor=actor)
    except Refused as refusal:
        errors = {refusal.field or "": message_of(refusal)}
        return render("plugins/telephony_hook/extensions.html", people=people, typed=typed, errors=errors, status=422)
    return go(url_for("p_telephony_hook.extensions"), toast=Toast(gettext("Extensions saved"), "good"))


def _detail(call_id: int, refusal: Refused | None = None) -> Response:
    actor = current_actor()
    found = lists.call(call_id, actor)
    text = request.args.get("q", "")
    return render(
        "plugins/telephony_hook/call.html", call=found, candidates=lists.candidates(found, actor), text=text,
        hits=search_leads(text, actor) if text.strip() else [], title=request.form.get("title", ""),
        error=message_of(refusal) if refusal else "", words=_words(), status=422 if refusal else 200,
    )  # fmt: skip


def _words() -> dict[str, str]:
    return {
        "inbound": gettext("Incoming"), "outbound": gettext("Outgoing"), "": gettext("Call"), "ringing": gettext("ringing"),
        "talking": gettext("talking"), "ended": gettext("talked"), "missed": gettext("missed"),
    }  # fmt: skip
