"""Rows of leads: their stage, their times, the people and organisations that they name, their place on the board."""

import json
from collections.abc import Sequence
from typing import Any

from leadboard.db import insert_many, rows
from leadboard.domain.bulk_events import record_many
from leadboard.domain.import_links import Linker
from leadboard.domain.import_names import Names, StageRef
from leadboard.domain.import_rows import Draft, check_points, look_up, points_of, settle_owner
from leadboard.domain.import_values import day_of
from leadboard.domain.lead_rows import blank_row, insert_rows
from leadboard.domain.lead_values import derive
from leadboard.domain.points import insert_points
from leadboard.domain.positions import STEP, top
from leadboard.domain.record_rows import LEAD
from leadboard.domain.stage_rules import Rule, missing_fields
from leadboard.domain.tags import refuse_too_many
from leadboard.errors import N_, Refused
from leadboard.events import Change, EventKind
from leadboard.lib.text import fold
from leadboard.models.import_options import INCOMPLETE_FIRST, Options
from leadboard.models.pipelines import StageKind
from leadboard.queries.settings import Instance


def _rule(stage: StageRef) -> Rule:
    return Rule(stage.id, stage.pipeline_id, stage.name, stage.needs, "")


def _settle_tags(draft: Draft, names: Names, step: Change | None) -> None:
    """A cell that is no tag, or one too many, is kept aside, and none of it is made."""
    wanted: dict[str, str] = {}
    for column, text in draft.named_tags:
        try:
            found = {**wanted, **{fold(name): name for name in names.tags_in(text)}}
            refuse_too_many(found)
            draft.tag_ids += [names.tag(name, step) for key, name in found.items() if key not in wanted]
        except Refused as refusal:
            draft.keep_aside(column, text, refusal.message, refusal.params)
        else:
            wanted = found


class LeadRows:
    """`bases` is the first place of the file's block in each stage; `linker` is there when rows are linked to people."""

    table = LEAD
    naming: tuple[str, ...] = ("title", "person_name", "given_name", "family_name", "organisation_name", "email", "phone")

    def __init__(
        self,
        run_id: int,
        options: Options,
        instance: Instance,
        default_stage: StageRef,
        bases: dict[int, int],
        linker: Linker | None,
    ) -> None:
        self.run_id, self.options, self.instance, self.default_stage = run_id, options, instance, default_stage
        self.bases, self.linker = bases, linker

    def blank(self) -> dict[str, Any]:
        return blank_row()

    def derive(self, row: dict[str, Any]) -> None:
        derive(row, self.instance)

    def counted(self) -> dict[str, int]:
        return self.linker.counted() if self.linker else {}

    # ------------------------------------------------------------------------------------------ names

    def settle(self, drafts: Sequence[Draft], names: Names, step: Change | None) -> None:
        for draft in drafts:
            if not draft.problems:
                self._settle(draft, names, step)

    def link(self, good: Sequence[Draft], names: Names, step: Change | None) -> None:
        for draft in good:
            if draft.named_tags:
                _settle_tags(draft, names, step)
        if self.linker:
            self.linker.link(good, step)

    def _settle(self, draft: Draft, names: Names, step: Change | None) -> None:
        """Turn names into ids and work out stage and times. Adds to the draft's problems."""
        row, texts = draft.row, draft.names
        stage: StageRef | None = self.default_stage
        if texts:
            settle_owner(draft, names, step, self.options)
            if "source" in texts:
                look_up(draft, self.options, ("source",), "source_id", lambda: names.source(texts["source"], step))
            stage = self._stage_of(draft, names, step)
        if not draft.problems and stage is not None and stage.needs:
            stage = self._admitted(draft, stage, names)
        check_points(draft)
        if draft.problems or stage is None:
            return
        row["pipeline_id"], row["stage_id"] = stage.pipeline_id, stage.id
        if draft.moments or stage.kind != StageKind.OPEN:
            self._settle_times(draft, stage)
        if stage.kind == StageKind.LOST:
            self._settle_loss(draft, names, step)
        elif "lost_reason" in texts or row["lost_to"]:
            # An open lead cannot have been lost: what the file says is kept aside.
            for target in ("lost_reason", "lost_to"):
                if text := texts.get(target) or (row["lost_to"] if target == "lost_to" else ""):
                    draft.other[self.options.column_of(target) or target] = text
            row["lost_to"] = ""
            row["other_columns"] = json.dumps(draft.other, ensure_ascii=False)

    def _stage_of(self, draft: Draft, names: Names, step: Change | None) -> StageRef | None:
        pipeline_id = self.default_stage.pipeline_id
        where = "pipeline"
        try:
            if "pipeline" in draft.names:
                pipeline_id = names.pipeline(draft.names["pipeline"], step)
            where = "stage"
            if "stage" in draft.names:
                return names.stage(draft.names["stage"], pipeline_id, step)
            if pipeline_id == self.default_stage.pipeline_id:
                return self.default_stage
            return next(
                ref for (pipeline, _), ref in names.stages.items() if pipeline == pipeline_id and ref.kind == StageKind.OPEN
            )
        except Refused as refusal:
            draft.problems.append((self.options.column_of(where) or "", refusal.message, refusal.params))
        except StopIteration:
            draft.problems.append(("", N_("The pipeline “%(text)s” has no open stage."), {"text": draft.names["pipeline"]}))
        return None

    def _admitted(self, draft: Draft, stage: StageRef, names: Names) -> StageRef | None:
        """The stage when the row has what it needs; else the first one that takes it, if that was chosen, or a problem."""
        missing = missing_fields(draft.row, _rule(stage))
        if not missing:
            return stage
        if self.options.incomplete == INCOMPLETE_FIRST:
            refs = [
                ref for (pipeline, _), ref in names.stages.items() if pipeline == stage.pipeline_id and ref.kind == StageKind.OPEN
            ]
            first = next((ref for ref in refs if not missing_fields(draft.row, _rule(ref))), None)
            if first is not None:
                draft.keep_aside(
                    self.options.column_of("stage") or "stage", stage.name,
                    N_("The row lacks what the stage %(stage)s needs; it went into %(first)s."), {"stage": stage.name, "first": first.name},
                )  # fmt: skip
                return first
        for one in missing:
            column = self.options.column_of(one.name) or ""
            draft.problems.append(
                (column, N_("The stage %(stage)s needs %(label)s, and it is empty."), {"stage": stage.name, "label": one.label})
            )
        return None

    def _settle_times(self, draft: Draft, stage: StageRef) -> None:
        row, moments = draft.row, dict(draft.moments)
        closed_at = moments.pop("closed_at", None)
        row.update(moments)
        if stage.kind == StageKind.OPEN:
            if closed_at is not None and row["expected_close_on"] is None:
                # The date on which an open lead closes is a hope.
                row["expected_close_on"] = day_of(closed_at, self.instance.time_zone)
            return
        row["closed_at"] = closed_at or moments.get("stage_entered_at") or row["created_at"]
        if closed_at is not None and "stage_entered_at" not in moments:
            row["stage_entered_at"] = closed_at

    def _settle_loss(self, draft: Draft, names: Names, step: Change | None) -> None:
        text = draft.names.get("lost_reason", "")
        try:
            draft.row["lost_reason_id"] = names.reason(text, step)
        except Refused as refusal:
            draft.problems.append((self.options.column_of("lost_reason") or "", refusal.message, refusal.params))
        draft.has_no_reason = not text

    # ------------------------------------------------------------------------------------------ writing

    def insert(self, good: Sequence[tuple[int, Draft]], step: Change, *, total: int) -> list[int]:
        """The events carry no values: a third of the time for a third copy of what lead and file hold.

        What a field was before its first change is in the event of that change.
        """
        self._place(good, total)
        ids = insert_rows([draft.row for _, draft in good])
        further = [(lead_id, points_of(draft)) for lead_id, (_, draft) in zip(ids, good, strict=True) if draft.points]
        if further:
            insert_points("lead", further, step.at)
        tagged = [(lead_id, tag_id) for lead_id, (_, draft) in zip(ids, good, strict=True) for tag_id in draft.tag_ids]
        insert_many("lead_tag", ["lead_id", "tag_id"], tagged)
        record_many(
            step, EventKind.LEAD_CREATED, "lead",
            [
                (lead_id, lead_id, {"version": 1, "stage": draft.row["stage_id"], "pipeline": draft.row["pipeline_id"], "import": self.run_id})
                for lead_id, (_, draft) in zip(ids, good, strict=True)
            ],
        )  # fmt: skip
        return ids

    def _place(self, good: Sequence[tuple[int, Draft]], total: int) -> None:
        """The file's rows are one block on top of their stage, in the file's order. One or two statements a stage.

        The block is set aside with the first row; a card that somebody dropped into it meanwhile keeps its place.
        """
        by_stage: dict[int, list[tuple[int, Draft]]] = {}
        for number, draft in good:
            by_stage.setdefault(draft.row["stage_id"], []).append((number, draft))
        for stage_id, entries in by_stage.items():
            if stage_id not in self.bases:
                self.bases[stage_id] = top(stage_id, total)
            base = self.bases[stage_id]
            first, last = base + STEP * entries[0][0], base + STEP * (entries[-1][0] + 1)
            taken = {
                row[0]
                for row in rows(
                    "select position from lead where stage_id = ? and position >= ? and position < ?", (stage_id, first, last)
                )
            }
            for number, draft in entries:
                position = base + STEP * number
                while position in taken:
                    position += 1
                draft.row["position"] = position
