"""Files on their way in, by the same verbs as wizard and command."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from leadboard.config import Settings
from leadboard.domain import imports
from leadboard.models import ImportRow, Lead
from leadboard.permissions import Actor
from leadboard.queries.imports import Run, load_run
from leadboard.testing.people import Person

DEALS = """\
opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
A1,Moses Frase,GTX Basic,Cancity,Won,2016-10-20,2017-03-01,1054
A2,Darcel Schlecht,GTXPro,,Engaging,2016-11-01,,
A3,Moses Frase,MG Special,Isdom,Lost,2016-10-25,2017-03-07,0
"""


@dataclass
class Importing:
    """One actor who brings files in."""

    actor: Actor
    settings: Settings
    run_jobs: Callable[[], int]

    def upload(self, text: str | bytes, name: str = "file.csv", record_type: str = "lead") -> int:
        content = text.encode() if isinstance(text, str) else text
        return imports.upload(
            io.BytesIO(content),
            name,
            actor=self.actor,
            folder=self.settings.instance,
            most_bytes=self.settings.import_max_mb * 1_000_000,
            record_type=record_type,
        )

    def check(self, text: str | bytes, mapping: dict[str, str] | None = None, **options: Any) -> Run:
        """Upload and dry run."""
        run_id = self.upload(text, record_type=options.get("record_type", "lead"))
        chosen = self.run(run_id).options
        chosen = replace(chosen, mapping={**chosen.mapping, **(mapping or {})}, **options)
        imports.choose(run_id, chosen, actor=self.actor, folder=self.settings.instance)
        self.run_jobs()
        return self.run(run_id)

    def bring(self, text: str | bytes, mapping: dict[str, str] | None = None, **options: Any) -> Run:
        """Upload, dry run and import."""
        run = self.check(text, mapping, **options)
        imports.start(run.id, actor=self.actor)
        self.run_jobs()
        return self.run(run.id)

    def run(self, run_id: int) -> Run:
        run = load_run(run_id)
        assert run is not None
        return run


@pytest.fixture
def ada_brings(ada: Person, settings: Settings, run_jobs: Callable[[], int]) -> Importing:
    return Importing(ada.actor, settings, run_jobs)


@pytest.fixture
def mona_brings(mona: Person, settings: Settings, run_jobs: Callable[[], int]) -> Importing:
    return Importing(mona.actor, settings, run_jobs)


@pytest.fixture
def sales(make: Any) -> Any:
    """The pipeline that DEALS goes into."""
    return make.pipeline(
        "Sales", (("Prospecting", "open", 10), ("Engaging", "open", 40), ("Won", "won", 100), ("Lost", "lost", 0))
    )


def reasons(run: Run) -> list[tuple[int, list[str]]]:
    """(line, reasons) of the rejected rows of a run."""
    found = ImportRow.select().where((ImportRow.run == run.id) & (ImportRow.outcome == "rejected")).order_by(ImportRow.id)
    return [
        (
            row.line_number,
            [
                f"{column}: {message % params}" if column else message % params
                for column, message, params in json.loads(row.reasons)
            ],
        )
        for row in found
    ]


def titles_in_order(stage: Any) -> list[str]:
    return [lead.title for lead in Lead.select().where((Lead.stage == stage) & Lead.deleted_at.is_null()).order_by(Lead.position)]
