"""Pages of mails: those without a lead, and one as a whole."""

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

bp = PluginBlueprint("mail_drop")

STATES = {
    "open": N_("Without a lead"),
    "quiet": N_("Written by machines"),
    "broken": N_("Without an address"),
    "inner": N_("Among us"),
}

REASONS = {
    "automatic answer": N_("automatic answer"),
    "report of a mail server": N_("report of a mail server"),
    "mailing list": N_("mailing list"),
    "charset": N_("unreadable letters"),
    "broken MIME": N_("broken parts"),
    "no date": N_("no date"),
    "unreadable date": N_("unreadable date"),
    "no sender": N_("no sender"),
    "too large": N_("too large, only its head was read"),
    "nested too deep": N_("nested too deep, only its head was read"),
}


def reasons(text: str) -> str:
    """Why a mail is odd, in the reader's language."""
    return ", ".join(gettext(REASONS[part]) for part in text.split("; ") if part in REASONS)


@bp.get("/")
@needs(Permission.WRITE)
def index() -> Response:
    state = request.args.get("state", "open")
    state = state if state in STATES else "open"
    before = request.args.get("before", type=as_id)
    found = lists.mails(current_actor(), state, before=before)
    shown = found[: lists.PAGE]
    return render(
        "plugins/mail_drop/index.html", mails=shown, is_first=before is None, state=state,
        reasons=reasons, states={key: gettext(text) for key, text in STATES.items()}, older=shown[-1].id if len(found) > lists.PAGE else None,
    )  # fmt: skip


@bp.get("/mails/<int:mail_id>")
@needs(Permission.READ)
def detail(mail_id: int) -> Response:
    """The whole mail; one without a lead also asks whose it is, `q` looks for a lead."""
    return _detail(mail_id)


@bp.post("/mails/<int:mail_id>/assign")
@needs(Permission.WRITE)
def assign(mail_id: int) -> Response:
    lists.mail(mail_id, current_actor())
    lead_id = request.form.get("lead", type=as_id)
    if lead_id is None:
        raise Refused(N_("Choose a lead."), field="lead")
    lists.assign(mail_id, lead_id, actor=current_actor())
    return go(url_for("leads.detail", lead_id=lead_id), toast=Toast(gettext("The mail is on this timeline"), "good"))


@bp.post("/mails/<int:mail_id>/lead")
@needs(Permission.WRITE)
def make_lead(mail_id: int) -> Response:
    try:
        lead_id = lists.make_lead(mail_id, request.form.get("title", ""), actor=current_actor())
    except Refused as refusal:
        return _detail(mail_id, refusal)
    return go(url_for("leads.detail", lead_id=lead_id), toast=Toast(gettext("The lead is made, with its mails"), "good"))


@bp.post("/mails/<int:mail_id>/dismiss")
@needs(Permission.WRITE)
def dismiss(mail_id: int) -> Response:
    lists.dismiss(mail_id, actor=current_actor())
    return go(url_for("p_mail_drop.index"), toast=Toast(gettext("Off the list"), "good"))


def _detail(mail_id: int, refusal: Refused | None = None) -> Response:
    actor = current_actor()
    text = request.args.get("q", "")
    return render(
        "plugins/mail_drop/mail.html", mail=lists.mail(mail_id, actor), text=text, title=request.form.get("title", ""),
        hits=search_leads(text, actor) if text.strip() else [], error=message_of(refusal) if refusal else "",
        reasons=reasons, status=422 if refusal else 200,
    )  # fmt: skip
