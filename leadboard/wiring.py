"""Hands the lower layers what they may not import: job handlers and listeners."""

import logging

from leadboard import delivery, jobs
from leadboard.config import Settings
from leadboard.domain.backups import NIGHTLY_JOB, nightly_backup
from leadboard.domain.demo import FILL_JOB, REMOVE_JOB, fill_job
from leadboard.domain.demo_removal import remove_job
from leadboard.domain.sign_in import sweep_sign_ins
from leadboard.events import Event

MINUTE_S = 60
audit = logging.getLogger("leadboard.audit")

# Facts that the log of the server keeps too: sign-ins, rights, settings, and what leaves or enters in bulk.
AUDITED = {
    "signed_in", "sign_in_failed", "signed_out", "user_changed", "setting_changed",
    "import_finished", "import_undone", "exported", "sample_data_removed",
}  # fmt: skip


def connect_jobs(settings: Settings) -> None:
    """Make every kind of job and every listener known. Safe to call again."""
    jobs.register(NIGHTLY_JOB, lambda: nightly_backup(settings), every_s=24 * 60 * MINUTE_S)
    jobs.register("jobs.sweep", jobs.sweep_jobs, every_s=60 * MINUTE_S)
    jobs.register("sign_ins.sweep", sweep_sign_ins, every_s=60 * MINUTE_S)
    jobs.register(FILL_JOB, fill_job)
    jobs.register(REMOVE_JOB, remove_job)
    delivery.listen("audit_log", write_audit_line)


def write_audit_line(event: Event) -> None:
    if event.kind in AUDITED:
        audit.info(
            "%s actor=%s:%s record=%s:%s event=%d",
            event.kind,
            event.actor_kind,
            event.actor_id,
            event.record_type,
            event.record_id,
            event.id,
        )
