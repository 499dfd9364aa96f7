"""Pipelines, stages and fields for a trade, from data files, set up in one click."""

import click

from leadboard.api import SYSTEM, PipelineTemplate, Plugin, hookimpl, install_pack

from .reading import read_packs

PLUGIN = Plugin(
    name="industry_packs",
    title="Industry packs",
    version="1.0",
    description="Ready pipelines with stages and fields: real estate, software sales, admissions, events, trades, recruiting, fundraising.",
    category="pipeline",
    starts_on=True,
)


@hookimpl
def register_pipeline_templates() -> list[PipelineTemplate]:
    return read_packs()


@click.command("list")
def list_packs() -> None:
    """The packs, with their keys."""
    for pack in read_packs():
        click.echo(f"{pack.key.partition('.')[2]:<16} {pack.name}: {len(pack.stages)} stages, {len(pack.fields)} fields")


@click.command()
@click.argument("key")
@click.option("--name", default="", help="What the pipeline is called; the pack's name unless told.")
def install(key: str, name: str) -> None:
    """Set a pack up: its pipeline, its stages, and the fields that are not there yet."""
    pipeline_id = install_pack(f"industry_packs.{key}", name=name, actor=SYSTEM)
    click.echo(f"Made pipeline {pipeline_id}.")


@hookimpl
def register_commands() -> list[click.Command]:
    return [list_packs, install]
