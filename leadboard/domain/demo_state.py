"""What the instance remembers of its sample data, so that exactly that can be removed.

One setting row: `sample_data` when it is complete, `sample_data_work` while it is being written or removed.
"""

import json
from dataclasses import asdict, dataclass, field

from leadboard.db import execute, rows
from leadboard.domain.settings import write_setting

KEY, WORK_KEY = "sample_data", "sample_data_work"


@dataclass
class SampleState:
    """`leads` of `wanted` are written, or left while removing. Lists hold ids of rows that the sample data made itself.

    `phase` is "filling", "ready" or "removing". Change sets above `after_change_set` are younger than the sample data.
    """

    phase: str = "filling"
    leads: int = 0
    wanted: int = 0
    seed: int = 1
    after_change_set: int = 0
    users: list[int] = field(default_factory=list)
    pipelines: dict[str, list[int]] = field(default_factory=dict)

    def save(self) -> None:
        """Write it, inside the caller's transaction."""
        key, other = (KEY, WORK_KEY) if self.phase == "ready" else (WORK_KEY, KEY)
        write_setting(key, asdict(self))
        execute("delete from setting where key = ?", (other,))


def sample_state() -> SampleState | None:
    """None when there is no sample data."""
    found = rows("select value from setting where key in (?, ?)", (KEY, WORK_KEY))
    return SampleState(**json.loads(found[0][0])) if found else None


def forget_state() -> None:
    execute("delete from setting where key in (?, ?)", (KEY, WORK_KEY))
