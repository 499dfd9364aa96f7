"""What every plugin has to hold, as a suite that its own tests inherit in two lines:

    from leadboard.testing.conformance import PluginConformance

    class TestVisitPlan(PluginConformance):
        plugin_name = "visit_plan"

The core runs it over every plugin that comes with Leadboard. Give `settings` when the form's defaults alone are not valid,
and `arrange()` when a lead needs something of yours before there is anything to show.
"""

import json
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from playhouse.migrations import Runner
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FormField, SelectMultipleField

from leadboard import hookspecs
from leadboard.cli.plugin_check import foreign_imports
from leadboard.contributions import VERSION, Plugin
from leadboard.db import database, one
from leadboard.domain.plugin_rules import lead_ref
from leadboard.domain.plugins import disable, enable
from leadboard.domain.settings import change_settings
from leadboard.domain.tokens import add_token
from leadboard.forms.plugin_settings import SecretField, settings_for, settings_form_of
from leadboard.models import ALL_MODELS
from leadboard.models.record_fields import ENTRY_TYPES, RECORD_TYPES
from leadboard.permissions import SYSTEM, Actor, Scope
from leadboard.pluginhost.calling import collect
from leadboard.pluginhost.discovery import ENTRY_POINTS
from leadboard.pluginhost.loading import Loaded
from leadboard.pluginhost.migrations import history_of, migrate, scripts_of
from leadboard.pluginhost.registry import AT_START, at_start, loaded_plugin, loaded_plugins, registry
from leadboard.pluginhost.tables import tables_of
from leadboard.queries.lead_page import one_lead
from leadboard.queries.plugins import failure_rows
from leadboard.testing.addresses import Address, addresses, changes, pages, plain, visit
from leadboard.testing.factories import Make
from leadboard.testing.people import Person

SECRET = "conformance-secret-0123456789"  # noqa: S105 - typed into the plugin's form, to look for it afterwards


# Tables of the core, and what the engines and the core make beside them.
OURS = {model._meta.table_name for model in ALL_MODELS}
INNER = (
    "schema_migration",
    *(f"{record_type}_text" for record_type in RECORD_TYPES),
    *(f"{table}_words" for table in (*RECORD_TYPES, *ENTRY_TYPES)),
    "sqlite_",
)


class PluginConformance:
    """Inherit, set `plugin_name`, and pytest runs every check on the engine under test."""

    plugin_name: ClassVar[str] = ""
    settings: ClassVar[dict[str, Any]] = {}
    """What to type into the settings form beside its defaults."""

    def arrange(self, lead: Any, actor: Actor) -> None:
        """Make whatever of yours belongs to this lead, so that badges and panels have something to show."""

    # ------------------------------------------------------------------------------------------ what the checks stand on

    @pytest.fixture(autouse=True)
    def _turned_on(self, app: Flask) -> None:
        """Its tables are made and it is on, as after an admin pressed the switch."""
        assert loaded_plugin(self.plugin_name) is not None, self._why_not()
        enable(self.plugin_name, actor=SYSTEM)
        self._app = app

    def _why_not(self) -> str:
        problems = [one.problem % one.params for one in loaded_plugins() if one.name == self.plugin_name]
        return " ".join([f"no plugin {self.plugin_name!r} that can be used was found here.", *problems])

    @property
    def _loaded(self) -> Loaded:
        found = loaded_plugin(self.plugin_name)
        assert found is not None
        return found

    def _addresses(self, lead_id: int = 1) -> list[Address]:
        return addresses(self._app, plugin=self.plugin_name, values={"lead_id": lead_id})

    def _lead(self, make: Make, person: Person, **values: Any) -> Any:
        lead = make.lead(owner=person.user, email="info@example.org", phone="+49 30 901820", **values)
        self.arrange(lead, person.actor)
        return lead

    # ------------------------------------------------------------------------------------------ what it says of itself

    def test_its_metadata_is_complete(self) -> None:
        plugin = self._loaded.plugin
        assert isinstance(plugin, Plugin)
        assert plugin.name == self.plugin_name
        assert plugin.description.strip(), "PLUGIN has no description: an admin reads it before turning the plugin on"
        assert VERSION.match(plugin.version), f"the version {plugin.version!r} must begin with two numbers, like 1.0"

    def test_it_has_a_readme(self) -> None:
        folder = self._loaded.folder
        places = [folder, *(place for place in list(folder.parents)[:2] if self._is_project(place))] if folder is not None else []
        found = folder is None or any((place / "README.md").is_file() for place in places)
        assert found or self._described(), "write a README.md: what it does, its settings, its limits, whom it talks to"

    def _is_project(self, place: Path) -> bool:
        """Whether a folder above is the plugin's own project."""
        file = place / "pyproject.toml"
        about = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {}) if file.is_file() else {}
        return self.plugin_name in about.get("entry-points", {}).get(ENTRY_POINTS, {})

    def _described(self) -> bool:
        points = [point for point in entry_points(group=ENTRY_POINTS) if point.name == self.plugin_name]
        return any(point.dist is not None and str(point.dist.metadata.json.get("description") or "").strip() for point in points)

    def test_it_imports_nothing_of_leadboard_but_its_api(self) -> None:
        file = getattr(self._loaded.module, "__file__", None)
        assert file is not None
        assert foreign_imports(self._loaded.folder or Path(file)) == []

    # ------------------------------------------------------------------------------------------ names

    def test_everything_it_adds_is_in_its_namespace(self, anna: Person, make: Make) -> None:
        name = self.plugin_name
        others = tuple(f"p_{one.name}_" for one in loaded_plugins())
        wrong = [table for table in database.get_tables() if table not in OURS and not table.startswith((*others, *INNER))]
        prefixes = self._prefixes()
        wrong += [str(address.url) for address in self._addresses() if not address.url.startswith(prefixes)]
        wrong += [key for key in self._keys(anna, make) if not key.startswith(f"{name}.")]
        assert wrong == [], f"tables begin with p_{name}_, keys with {name}., addresses with {' or '.join(prefixes)}"

    def _prefixes(self) -> tuple[str, ...]:
        plugin = self._loaded.plugin
        assert plugin is not None
        return (f"/p/{self.plugin_name}/", *([f"/{plugin.public_prefix}"] if plugin.public_prefix else []))

    def _keys(self, person: Person, make: Make) -> Iterator[str]:
        for found in (*registry().contributions.values(), *(at_start(hook) for hook in AT_START)):
            for plugin, item in found:
                if plugin == self.plugin_name and isinstance(getattr(item, "key", None), str):
                    yield item.key
        lead = lead_ref(one_lead(self._lead(make, person).id, person.actor))
        answers = [
            *collect(hookspecs.lead_panels, lead=lead, actor=person.actor),
            *collect(hookspecs.lead_actions, lead=lead, actor=person.actor),
            *collect(hookspecs.menu_items, actor=person.actor),
        ]
        for plugin, items in answers:
            if plugin == self.plugin_name:
                yield from (item.key for item in items)

    # ------------------------------------------------------------------------------------------ templates and tables

    def test_its_templates_compile(self) -> None:
        folder = self._loaded.folder
        for part in ("templates", "overrides") if folder is not None else ():
            assert folder is not None
            for file in sorted((folder / part).rglob("*.html")):
                name = file.relative_to(folder / part).as_posix()
                self._app.jinja_env.compile(file.read_text(encoding="utf-8"), name)
                if part == "overrides":
                    self._app.jinja_env.get_template(f"core/{name}")

    def test_its_migrations_make_what_its_models_say_go_down_and_up_again(self) -> None:
        models = [item for plugin, item in at_start("register_models") if plugin == self.plugin_name]
        self._compare(models)
        scripts = scripts_of(self._loaded)
        assert scripts is not None or not models, "it has tables and no migrations/ that make them"
        if scripts is None:
            return
        made = set(tables_of(self.plugin_name))
        runner = Runner(database.obj, str(scripts), table_name=history_of(self.plugin_name))
        while any(migration.applied for migration in runner.status()):
            runner.down()
        assert made & set(database.get_tables()) == set(), "down() leaves tables behind"
        error = migrate(self._loaded)
        if error is not None:
            raise error
        self._compare(models)

    def _compare(self, models: list[Any]) -> None:
        for model in models:
            there = {column.name for column in database.get_columns(model._meta.table_name)}
            assert there == {field.column_name for field in model._meta.sorted_fields}, model._meta.table_name

    # ------------------------------------------------------------------------------------------ routes

    def test_while_it_is_off_its_addresses_are_not_there(self, ada: Person, make: Make) -> None:
        lead = self._lead(make, ada)
        disable(self.plugin_name, actor=SYSTEM)
        token = _token(ada)
        answers = {f"{address}": visit(ada, address, token=token).status_code for address in self._addresses(lead.id)}
        assert answers == dict.fromkeys(answers, 404)

    def test_its_addresses_ask_who_is_there_unless_they_are_public(self, carla: Person, ada: Person, make: Make) -> None:
        lead = self._lead(make, ada)
        for address in self._addresses(lead.id):
            if address.is_public:
                continue
            answer = visit(carla, address)
            assert answer.status_code in {303, 401}, f"{address} answers {answer.status_code} to somebody who is not signed in"

    def test_who_may_not_see_a_lead_gets_nothing_of_it(self, anna: Person, ben: Person, make: Make) -> None:
        lead = self._lead(make, anna)
        change_settings(member_visibility="own", actor=SYSTEM)
        token = _token(ben)
        for address in self._addresses(lead.id):
            if "lead_id" in address.arguments and not address.is_public:
                answer = visit(ben, address, token=token)
                assert answer.status_code >= 400, f"{address} answers {answer.status_code} for a lead that is not shown to them"

    # ------------------------------------------------------------------------------------------ settings

    def test_its_settings_are_kept_and_its_secrets_are_not_shown(self, ada: Person) -> None:
        form_class = settings_form_of(self.plugin_name)
        if form_class is None:
            return
        json.dumps(vars(settings_for(self.plugin_name)))  # defaults are what JSON can keep
        before = vars(settings_for(self.plugin_name))
        secrets = {field.short_name: SECRET for field in form_class() if isinstance(field, SecretField)}
        typed = {**_typed(form_class()), **secrets, **self.settings}
        address = f"/admin/plugins/{self.plugin_name}"
        saved = ada.post(address, typed)
        assert saved.status_code == 303, (
            f"its settings form refuses its own defaults: {_refused(form_class, typed)}; give these fields a `default`,"
            " or `settings` of the suite what they need"
        )
        after = vars(settings_for(self.plugin_name))
        assert {key: value for key, value in after.items() if key not in typed or key not in self.settings} == {
            **{key: value for key, value in before.items() if key not in self.settings},
            **{key: value for key, value in secrets.items() if key not in self.settings},
        }
        assert SECRET not in ada.get(address).text
        kept = one("select settings, secrets from plugin_state where name = ?", (self.plugin_name,))
        assert kept is not None
        assert SECRET not in f"{kept[0]}{kept[1]}"
        ada.post(address, {**typed, **dict.fromkeys(secrets, "")})
        assert vars(settings_for(self.plugin_name)) == after, "a secret that is left empty has to stay"

    # ------------------------------------------------------------------------------------------ beside others

    def test_every_page_answers_beside_a_plugin_that_raises_everywhere(
        self, mona: Person, ada: Person, make: Make, run_jobs: Callable[[], int], request: pytest.FixtureRequest
    ) -> None:
        """What a manager reads is the same to the letter; an admin, who is told, gets every page."""
        lead = self._lead(make, mona)
        found = collect(hookspecs.lead_panels, lead=_ref(lead, mona), actor=mona.actor)
        panels = [f"/leads/{lead.id}/panels/{panel.key}" for _, answer in found for panel in answer]
        shown = [*panels, *pages(self._app, {"lead_id": lead.id})]
        run_jobs()
        mona.get(shown[-1])  # some pages link to where one comes from
        before = {url: plain(mona.get(url)) for url in shown}, {url: ada.get(url).status_code for url in shown}
        request.getfixturevalue("broken_plugin")
        assert {self.plugin_name, "broken_plugin"} <= registry().on
        after = {url: plain(mona.get(url)) for url in shown}, {url: ada.get(url).status_code for url in shown}
        assert [line for url in shown for line in changes(url, before[0][url], after[0][url])] == []
        assert {url: status for url, status in after[1].items() if status != before[1][url]} == {}
        self._lead(make, mona, title="Beside it")
        run_jobs()
        assert [row.place for row in failure_rows() if row.plugin == self.plugin_name] == []

    def test_badges_cost_as_many_statements_for_three_leads_as_for_one(
        self, anna: Person, make: Make, queries: Callable[..., Any]
    ) -> None:
        self._lead(make, anna)
        anna.get("/")  # what is read once and kept
        with queries(at_most=200) as few:
            anna.get("/")
        for _ in range(2):
            self._lead(make, anna)
        with queries(at_most=len(few.texts)):
            anna.get("/")


def _token(person: Person) -> str:
    return add_token(person.id, name="Program", scopes=[str(scope) for scope in Scope], actor=SYSTEM).text


def _ref(lead: Any, person: Person) -> Any:
    return lead_ref(one_lead(lead.id, person.actor))


def _refused(form_class: type[Any], typed: dict[str, Any]) -> str:
    """What the form says of these values, for the author."""
    form = form_class(MultiDict(typed))
    form.validate()
    return "; ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())


def _typed(form: Any) -> dict[str, Any]:
    """What a browser sends for a form that nobody touched."""
    found: dict[str, Any] = {}
    for field in form:
        if isinstance(field, BooleanField):
            if field.data:
                found[field.short_name] = "y"
        elif isinstance(field, SelectMultipleField):
            found[field.short_name] = [str(value) for value in field.data or ()]
        elif not isinstance(field, FormField):
            value = field._value() if hasattr(field, "_value") else field.data
            found[field.short_name] = "" if value is None else str(value)
    return found
