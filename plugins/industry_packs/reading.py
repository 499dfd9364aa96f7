"""Packs as data files: one TOML file a pack, so that a trade can be added without a line of Python."""

import tomllib
from pathlib import Path

from leadboard.api import FieldTemplate, PipelineTemplate, StageTemplate

FOLDER = Path(__file__).parent / "packs"


def read_packs(folder: Path = FOLDER) -> list[PipelineTemplate]:
    """Every pack of the folder. Raises ValueError naming the file that is wrong."""
    return [read_pack(path) for path in sorted(folder.glob("*.toml"))]


def read_pack(path: Path) -> PipelineTemplate:
    """One file; its name is the pack's key. Raises ValueError naming it."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return PipelineTemplate(
            key=f"industry_packs.{path.stem}",
            name=data["name"],
            description=data.get("description", ""),
            stages=tuple(StageTemplate(**stage) for stage in data["stages"]),
            fields=tuple(FieldTemplate(**field) for field in data.get("fields", ())),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name}: {error}") from error
