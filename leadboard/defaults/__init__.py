"""What Leadboard itself brings through its own hooks: plugins that are always on and answer last."""

from leadboard.pluginhost.discovery import Found, Origin

NAMES = ("activity_types", "delimited", "field_types", "lead_panels", "merging", "packs", "party_panels")
BUILTIN = [Found(name, Origin.BUILTIN, f"leadboard.defaults.{name}", "Leadboard") for name in NAMES]
