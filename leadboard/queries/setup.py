"""What the set-up pages ask while they wait."""

from enum import StrEnum

from leadboard.db import one
from leadboard.queries.settings import read_setting


class SampleState(StrEnum):
    NONE = "none"
    FILLING = "filling"
    FAILED = "failed"
    PRESENT = "present"


def sample_state(job_key: str) -> SampleState:
    """How far the filling with sample data is."""
    if read_setting("sample_data"):
        return SampleState.PRESENT
    found = one("select state from job where key = ?", (job_key,))
    if found is None:
        return SampleState.NONE
    return SampleState.FAILED if found[0] == "failed" else SampleState.FILLING


def has_leads() -> bool:
    return one("select 1 from lead limit 1") is not None
