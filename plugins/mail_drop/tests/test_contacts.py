"""Mails of people who are contacts and no lead."""

from leadboard_plugins.mail_drop import taking

from leadboard.api import execute, one, rows
from leadboard.domain.points import Point, set_points


def test_a_mail_of_a_contact_without_a_lead_is_on_the_contacts_timeline(drop, anna, ben, make, html):
    contact = make.contact("Otto Lüders")
    set_points([Point("email", "Otto@Hof.example")], contact_id=contact.id, actor=anna.actor)
    lead = make.lead(email="ilse@hof.example")
    make.contact("Ilse, of the lead", email="ilse@hof.example")
    drop("From: Anna <anna@team.example>\nTo: ilse@hof.example, otto@hof.example\nSubject: Offer\nMessage-ID: <o>\n\nHi")
    assert taking.read_folder().states == {"logged": 1}
    assert rows("select lead_id, contact_id, author_id from activity order by id") == [
        (lead.id, None, anna.id), (None, contact.id, anna.id),
    ]  # fmt: skip
    link = html(anna.get(f"/contacts/{contact.id}")).one("#panel-mail_drop-mails a")
    assert "Otto Lüders" in anna.get(link.attrs["href"]).get_data(as_text=True)
    drop("From: otto@hof.example\nTo: anna@team.example\nSubject: Re: Offer\nMessage-ID: <p>\n\nYes")
    assert taking.read_folder().states == {"logged": 1}
    mail_id = one("select mail_id from p_mail_drop_contact_entry order by id desc limit 1")[0]
    execute("update contact set owner_id = ? where id = ?", (anna.id, contact.id))
    make.set_up(member_visibility="own")
    assert ben.get(f"/p/mail_drop/mails/{mail_id}").status_code == 404
    assert anna.get(f"/p/mail_drop/mails/{mail_id}").status_code == 200
