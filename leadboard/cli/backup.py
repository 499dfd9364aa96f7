"""`leadboard backup` and `leadboard restore`."""

from pathlib import Path

import click

from leadboard import schema
from leadboard.cli.instance import open_instance
from leadboard.domain.archive import Manifest
from leadboard.domain.backups import write_backup
from leadboard.domain.restore import restore_backup
from leadboard.errors import N_, DatabaseProblem


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-secret", is_flag=True, help="Include the key that signs cookies and the passwords in leadboard.toml.")
@click.option("--overwrite", is_flag=True, help="Replace FILE once the new backup is verified.")
def backup(file: Path, with_secret: bool, overwrite: bool) -> None:
    """Write a verified backup to FILE (.tar.gz) while Leadboard runs on."""
    settings = open_instance()
    if file.exists() and not overwrite:
        raise DatabaseProblem(N_("%(file)s exists. Choose another name, or add --overwrite."), file=file)
    if not schema.applied():
        raise DatabaseProblem(N_("There is nothing in %(folder)s to back up."), folder=settings.instance)
    manifest = write_backup(settings, file, with_secret=with_secret)
    click.echo(f"Backed up to {file}: {_summary(manifest)}.")
    if not manifest.has_secret:
        click.echo("Without secrets: after a restore elsewhere everybody signs in again. --with-secret includes them.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--dry-run", is_flag=True, help="Only verify the backup and say what is in it.")
def restore(file: Path, dry_run: bool) -> None:
    """Put the backup FILE in place of this instance's data, which is set aside."""
    settings = open_instance()
    done = restore_backup(settings, file, dry_run=dry_run)
    manifest = done.manifest
    if dry_run:
        click.echo(f"This backup can be restored: {_summary(manifest)}, written {manifest.created_at} by {manifest.version}.")
        return
    click.echo(f"Restored {_summary(manifest)}, as of {manifest.created_at}.")
    for note in done.notes:
        click.echo(f"  {note}")
    if done.aside:
        click.echo(f"The data before is in {done.aside}. Delete it when all is well.")
    click.echo("Everybody is signed out. Start it with: leadboard serve")


def _summary(manifest: Manifest) -> str:
    uploads = sum(1 for name in manifest.members if name.startswith("uploads/"))
    counts = manifest.counts
    return (
        f"{counts.get('lead', 0):,} leads, {counts.get('note', 0):,} notes, {counts.get('user', 0):,} people, {uploads:,} uploads"
    )
