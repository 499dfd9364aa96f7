"""The kit that the suite, and later every plugin's own tests, stand on. See tests/conftest.py for how it is used."""
