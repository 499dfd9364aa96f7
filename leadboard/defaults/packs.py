"""The stage pack that a new instance begins with."""

from leadboard.api import N_, PipelineTemplate, Plugin, StageTemplate, hookimpl

PLUGIN = Plugin(name="packs", title="Stage packs", version="1.0", category="pipeline")


@hookimpl
def register_pipeline_templates() -> list[PipelineTemplate]:
    return [
        PipelineTemplate(
            key="sales",
            name=N_("Sales"),
            description=N_("From the first contact to the order."),
            stages=(
                StageTemplate(name=N_("New"), probability=20),
                StageTemplate(name=N_("Contacted"), probability=40),
                StageTemplate(name=N_("Meeting"), probability=60),
                StageTemplate(name=N_("Offer"), probability=80),
                StageTemplate(name=N_("Won"), kind="won", probability=100),
                StageTemplate(name=N_("Lost"), kind="lost"),
            ),
        )
    ]
