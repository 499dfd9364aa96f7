"""The base of plugins' own tables."""

from leadboard.db import BaseModel


class PluginModel(BaseModel):
    """A table of a plugin, named `p_<plugin>_<noun>`. Foreign keys to core tables use on_delete="CASCADE" and backref="+"."""
