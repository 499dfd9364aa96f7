"""Hands the lower layers what they may not import: job handlers and listeners."""

import logging
from functools import partial

from leadboard import delivery, jobs, outbound
from leadboard.config import Settings, secret_key
from leadboard.defaults import BUILTIN
from leadboard.domain.backups import NIGHTLY_JOB, nightly_backup
from leadboard.domain.bulk import RUN_JOB as BULK_JOB
from leadboard.domain.bulk import sweep_bulk
from leadboard.domain.bulk_jobs import run_bulk
from leadboard.domain.demo import FILL_JOB, REMOVE_JOB, fill_job
from leadboard.domain.demo_removal import remove_job
from leadboard.domain.field_rewrites import REWRITE_JOB, run_rewrite
from leadboard.domain.idempotency import sweep_answers
from leadboard.domain.import_jobs import CHECK_JOB, RUN_JOB, UNDO_JOB, check_import, run_import
from leadboard.domain.import_undo import undo_import
from leadboard.domain.imports import sweep_uploads
from leadboard.domain.moves import wake_due_leads
from leadboard.domain.purge import purge_bin
from leadboard.domain.record_rows import fill_search_words
from leadboard.domain.sign_in import sweep_sign_ins
from leadboard.domain.stage_flow import measure_stages
from leadboard.events import Event
from leadboard.lib.dates import today_in
from leadboard.pluginhost import health, secrets
from leadboard.pluginhost.discovery import find_plugins
from leadboard.pluginhost.loading import load_plugins
from leadboard.pluginhost.registry import use_plugins
from leadboard.queries.settings import instance

MINUTE_S = 60
audit = logging.getLogger("leadboard.audit")

# Facts that the log of the server keeps too: sign-ins, rights, settings, and what leaves or enters in bulk.
AUDITED = {
    "signed_in", "sign_in_failed", "signed_out", "token_added", "token_revoked", "user_changed", "setting_changed", "plugin_changed",
    "import_finished", "import_undone", "exported", "sample_data_removed",
}  # fmt: skip


def connect_jobs(settings: Settings) -> None:
    """Make every kind of job and every listener known. Safe to call again."""
    jobs.register(NIGHTLY_JOB, partial(nightly_backup, settings), every_s=24 * 60 * MINUTE_S)
    jobs.register("jobs.sweep", jobs.sweep_jobs, every_s=60 * MINUTE_S)
    jobs.register("leads.wake", wake_leads, every_s=5 * MINUTE_S)
    folder = settings.instance
    jobs.register(CHECK_JOB, partial(check_import, folder=folder, most_rows=settings.import_max_rows))
    jobs.register(RUN_JOB, partial(run_import, folder=folder, most_rows=settings.import_max_rows))
    jobs.register(UNDO_JOB, undo_import)
    jobs.register(BULK_JOB, run_bulk)
    jobs.register("bulk.sweep", sweep_bulk, every_s=60 * MINUTE_S)
    jobs.register("imports.sweep", partial(sweep_uploads, folder), every_s=60 * MINUTE_S)
    jobs.register("api_answers.sweep", sweep_answers, every_s=60 * MINUTE_S)
    jobs.register("sign_ins.sweep", sweep_sign_ins, every_s=60 * MINUTE_S)
    jobs.register(REWRITE_JOB, run_rewrite)
    jobs.register(FILL_JOB, fill_job)
    jobs.register(REMOVE_JOB, remove_job)
    jobs.register("leads.purge", purge_bin, every_s=24 * 60 * MINUTE_S)
    jobs.register("stages.measure", measure_stages, every_s=6 * 60 * MINUTE_S)
    jobs.register("search.rebuild", fill_search_words)
    delivery.listen("audit_log", write_audit_line)


def connect_plugins(settings: Settings) -> None:
    """Find and load the plugins of this instance. Safe to call again; nothing of theirs can raise here."""
    health.forget()
    secrets.use_key(secret_key(settings))
    outbound.allow_hosts(settings.outbound_hosts)
    found = [*BUILTIN, *find_plugins(settings.instance, safe_mode=settings.safe_mode)]
    use_plugins(
        load_plugins(found, settings.block_plugins), raises=settings.plugin_errors == "raise", some_start_on=not settings.testing
    )


def wake_leads() -> None:
    """Bring back what was put off until today, as the instance's clock has it."""
    wake_due_leads(today_in(instance().time_zone))


def write_audit_line(event: Event) -> None:
    if event.kind in AUDITED:
        audit.info(
            "%s actor=%s:%s record=%s:%s event=%d",
            event.kind, event.actor_kind, event.actor_id, event.record_type, event.record_id, event.id,
        )  # fmt: skip
