"""Plain functions that make records with sensible defaults, through the same domain functions as everybody."""

from dataclasses import dataclass, field
from typing import Any

from leadboard.domain.custom_fields import add_field
from leadboard.domain.leads import create_lead
from leadboard.domain.notes import add_note
from leadboard.domain.parties import create_party
from leadboard.domain.settings import announce, write_setting
from leadboard.domain.tasks import add_task
from leadboard.fieldtypes import FieldDefinition
from leadboard.models import Contact, Lead, LostReason, Organisation, Pipeline, Source, Stage, User
from leadboard.permissions import SYSTEM, Actor, user_actor
from leadboard.queries.settings import instance

STAGES = (
    ("New", "open", 10),
    ("Contacted", "open", 20),
    ("Meeting", "open", 40),
    ("Offer", "open", 60),
    ("Won", "won", 100),
    ("Lost", "lost", 0),
)


@dataclass
class Make:
    """make.lead(), make.pipeline(), make.user() …; counters keep the names apart."""

    count: dict[str, int] = field(default_factory=dict)

    def number(self, noun: str) -> int:
        self.count[noun] = self.count.get(noun, 0) + 1
        return self.count[noun]

    def set_up(self, **values: Any) -> None:
        """The settings that the set-up form would have written."""
        defaults = {
            "is_set_up": True, "name": "Acme Sales", "language": "en", "country": "DE", "currency": "EUR",
            "time_zone": "Europe/Berlin", "phone_region": "DE", "week_start": 0, "member_visibility": "all",
        }  # fmt: skip
        for key, value in {**defaults, **values}.items():
            write_setting(key, value)
        announce()

    def user(self, name: str = "", *, role: str = "member", password_hash: str | None = None, **values: Any) -> User:
        number = self.number("user")
        email = values.pop("email", f"{name.split()[0].lower() if name else f'user{number}'}@team.example")
        values.setdefault("email_key", email.lower() or None)
        return User.create(name=name or f"User {number}", email=email, role=role, password_hash=password_hash, **values)

    def pipeline(self, name: str = "", stages: tuple[tuple[str, str, int], ...] = STAGES) -> Pipeline:
        number = self.number("pipeline")
        pipeline = Pipeline.create(name=name or f"Pipeline {number}", position=number)
        for position, (label, kind, probability) in enumerate(stages):
            Stage.create(pipeline=pipeline, name=label, kind=kind, position=position, probability=probability)
        return pipeline

    def stage(self, name: str, pipeline: Pipeline | None = None) -> Stage:
        """A stage of the first pipeline (made when there is none), by name."""
        pipeline = pipeline or Pipeline.select().order_by(Pipeline.id).first() or self.pipeline()
        return Stage.get((Stage.pipeline == pipeline) & (Stage.name == name))

    def source(self, name: str = "") -> Source:
        return Source.create(name=name or f"Source {self.number('source')}")

    def lost_reason(self, name: str = "") -> LostReason:
        return LostReason.create(name=name or f"Reason {self.number('reason')}")

    def field(self, label: str, kind: str = "text", **values: Any) -> FieldDefinition:
        """A custom field, as an admin would add it: make.field("Area", "number", in_list=True)."""
        return add_field(label, kind, actor=SYSTEM, **values)

    def lead(
        self,
        title: str = "",
        *,
        stage: str | Stage | None = None,
        owner: User | None = None,
        actor: Actor = SYSTEM,
        **values: Any,
    ) -> Lead:
        if not Pipeline.select().exists():
            self.pipeline()
        found = self.stage(stage) if isinstance(stage, str) else stage
        title = title or f"Lead {self.number('lead')}"
        done = create_lead(
            {"title": title, "owner": owner.id if owner else None, **values}, stage_id=found.id if found else None, actor=actor
        )
        return Lead.get_by_id(done.lead_id)

    def leads(self, count: int, **values: Any) -> list[Lead]:
        return [self.lead(**values) for _ in range(count)]

    def contact(self, name: str = "", *, owner: User | None = None, actor: Actor = SYSTEM, **values: Any) -> Contact:
        return Contact.get_by_id(self._party("contact", name, owner, actor, values))

    def organisation(self, name: str = "", *, owner: User | None = None, actor: Actor = SYSTEM, **values: Any) -> Organisation:
        return Organisation.get_by_id(self._party("organisation", name, owner, actor, values))

    def _party(self, record_type: str, name: str, owner: User | None, actor: Actor, values: dict[str, Any]) -> int:
        name = name or f"{record_type.capitalize()} {self.number(record_type)}"
        return create_party(record_type, {"name": name, "owner": owner.id if owner else None, **values}, actor=actor).id

    def note(self, lead: Lead, body: str = "A note", *, actor: Actor = SYSTEM) -> int:
        return add_note(lead.id, body=body, actor=actor).id

    def task(self, lead: Lead, title: str = "Call", *, actor: Actor = SYSTEM, **values: Any) -> int:
        return add_task(lead.id, title=title, actor=actor, **values).id


def actor_for(user: User) -> Actor:
    """The actor that this user is when signed in, under the current setting."""
    return user_actor(user.id, user.name, user.role, member_visibility=instance().member_visibility)
