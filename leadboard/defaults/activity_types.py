"""Calls, meetings and mails: what takes place with every lead."""

from leadboard.api import N_, ActivityType, Plugin, hookimpl

PLUGIN = Plugin(name="activity_types", title="Activity types", version="1.0", category="timeline")


@hookimpl
def register_activity_types() -> list[ActivityType]:
    return [
        ActivityType(key="call", label=N_("Call"), verb=N_("logged a call"), icon="phone", tone="green", is_typed=True, order=10),
        ActivityType(
            key="meeting", label=N_("Meeting"), verb=N_("logged a meeting"), icon="users", tone="blue", is_typed=True, order=20
        ),
        ActivityType(
            key="mail", label=N_("E-mail"), verb=N_("logged an e-mail"), icon="mail", tone="teal", is_typed=True, order=30
        ),
    ]
