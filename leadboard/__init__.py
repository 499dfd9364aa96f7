"""Leadboard: a self-hosted lead database with a drag-and-drop pipeline board."""

__version__ = "0.1.0"
