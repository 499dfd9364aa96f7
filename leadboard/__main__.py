"""Lets `python -m leadboard` do what the `leadboard` command does."""

from leadboard.cli import main

if __name__ == "__main__":
    main()
