"""Packs: a pipeline with its stages and the fields that go with it, set up in one change."""

from dataclasses import dataclass
from typing import Any

from leadboard.contributions import FieldTemplate, PipelineTemplate
from leadboard.domain.custom_fields import add_field, archive_field
from leadboard.domain.pipelines import NewStage, add_stages
from leadboard.errors import N_, NotFound, Refused
from leadboard.events import change
from leadboard.permissions import Actor, Permission, require
from leadboard.pluginhost.registry import registry
from leadboard.queries.custom_fields import custom_fields, field_types


@dataclass(frozen=True)
class PlannedField:
    """A field of a pack. `is_there` when the instance has it already, `problem` when it cannot be made, as a marked text."""

    template: FieldTemplate
    is_there: bool = False
    problem: str = ""


@dataclass(frozen=True)
class PackPlan:
    """What setting up a pack would do."""

    template: PipelineTemplate
    fields: tuple[PlannedField, ...]

    @property
    def is_possible(self) -> bool:
        return not any(field.problem for field in self.fields)


def packs() -> list[PipelineTemplate]:
    """The packs of plugins that are on, by name."""
    found: list[PipelineTemplate] = registry().items("register_pipeline_templates")
    return sorted(found, key=lambda pack: (pack.name.casefold(), pack.key))


def plan_pack(key: str) -> PackPlan:
    """Look at what is there already. Raises NotFound."""
    template: PipelineTemplate | None = registry().by_key("register_pipeline_templates").get(key)
    if template is None:
        raise NotFound(N_("There is no pack %(key)s: its plugin is off."), key=key[:60])
    return PackPlan(template, tuple(_planned(field) for field in template.fields))


def _planned(template: FieldTemplate) -> PlannedField:
    found = custom_fields().by_key.get(template.key)
    if found is not None:
        same = found.definition.type == template.type
        return PlannedField(template, same, "" if same else N_("A field with this key is there already, of another type."))
    known = template.type in field_types()
    return PlannedField(template, problem="" if known else N_("The plugin that brings this type of field is off."))


def install_pack(key: str, *, actor: Actor, name: str = "") -> int:
    """Make the pipeline, and the fields that are not there yet; the pipeline's id. All of it or nothing.

    A field that is there is used as it is, and brought back when it was archived. Raises NotAllowed, NotFound, Refused.
    """
    require(actor, Permission.STAGES)
    with change(actor, "pack.install"):
        plan = plan_pack(key)
        for field in plan.fields:
            if field.problem:
                raise Refused(N_("The field %(label)s cannot be made. %(why)s"), label=field.template.label, why=field.problem)
            if not field.is_there:
                add_field(
                    field.template.label, field.template.type, key=field.template.key, actor=actor, **_values(field.template)
                )
            elif custom_fields().by_key[field.template.key].definition.is_archived:
                archive_field(field.template.key, is_archived=False, actor=actor)
        stages = [NewStage(stage.name, stage.kind, stage.probability) for stage in plan.template.stages]
        return add_stages(name.strip() or plan.template.name, stages, actor=actor)


def _values(template: FieldTemplate) -> dict[str, Any]:
    return {
        "help": template.help, "options": dict(template.options), "on_card": template.on_card, "in_list": template.in_list,
    }  # fmt: skip
