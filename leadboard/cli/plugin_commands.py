"""`leadboard <plugin> <command>`: commands of plugins, loaded only when the word is none of our own commands."""

import click
from peewee import PeeweeException

from leadboard.cli.instance import open_instance, upgrade
from leadboard.config import load_settings
from leadboard.contributions import NAME
from leadboard.errors import N_, LeadboardError, PluginFailed, Refused
from leadboard.pluginhost import health
from leadboard.pluginhost.boundary import outcome_of
from leadboard.pluginhost.discovery import find_plugins
from leadboard.pluginhost.registry import at_start, loaded_plugin, loaded_plugins, registry

# What ends a command in an orderly way: cli.main() knows what to say.
ANSWERS = (LeadboardError, PeeweeException, click.ClickException, click.Abort, click.exceptions.Exit, SystemExit)


class PluginGroup(click.Group):
    """The commands of one plugin. What one of them raises is recorded like any failure of a plugin."""

    def invoke(self, ctx: click.Context) -> object:
        health.page.set(f"command {self.name}")
        value, error = outcome_of(lambda: super(PluginGroup, self).invoke(ctx))
        if error is None:
            return value
        if isinstance(error, ANSWERS) or registry().raises:
            raise error
        reference = health.record(str(self.name), "command", error)
        raise PluginFailed(
            N_("The plugin %(name)s failed (%(ref)s): %(error)s. Settings › Plugins has the traceback."),
            name=self.name, ref=reference, error=f"{type(error).__name__}: {error}",
        )  # fmt: skip


class Commands(click.Group):
    """Our commands, then those of plugins."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or plugin_group(cmd_name)


def plugin_group(name: str) -> click.Command | None:
    """The commands of the plugin of this name; None when there is no such plugin. Raises Refused when it is off."""
    # A mistyped command must neither import plugins nor make an instance folder.
    if not NAME.fullmatch(name):
        return None
    settings = load_settings()
    if name not in [found.name for found in find_plugins(settings.instance, safe_mode=settings.safe_mode)]:
        return None
    upgrade(open_instance())
    if loaded_plugin(name) is None:
        broken = next(one for one in loaded_plugins() if one.name == name)
        raise Refused(broken.problem, **broken.params)
    if name not in registry().on:
        raise Refused(N_("The plugin %(name)s is off. Turn it on with: leadboard plugins enable %(name)s"), name=name)
    commands = [contribution.item for contribution in at_start("register_commands") if contribution.plugin == name]
    if not commands:
        raise Refused(N_("The plugin %(name)s has no commands."), name=name)
    one = loaded_plugin(name)
    about = one.plugin.description or one.plugin.title if one is not None and one.plugin is not None else ""
    return PluginGroup(name, {command.name: command for command in commands}, help=about)
