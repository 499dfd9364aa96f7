"""The kit that our suite and every plugin's own tests stand on; pytest loads it by itself (pytest_plugin.py)."""
