"""A lead that has everything a conversion asks for, and what came of it."""

COUNTS = (
    "select (select count(*) from organisation where deleted_at is null), (select count(*) from contact where deleted_at is null)"
)


def acme_kitchen(make, owner):
    """A lead of theirs with a firm and a person typed."""
    return make.lead(
        "Acme kitchen", person_name="Anna Kim", organisation_name="Acme GmbH", email="anna@acme.example", phone="+49 30 901820",
        website="https://acme.example", city="Berlin", job_title="CEO", owner=owner.user, actor=owner.actor,
    )  # fmt: skip
