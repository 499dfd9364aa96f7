"""The code of the pages for authors of plugins, as somebody who copies it gets it."""

import re
from pathlib import Path

PAGES = Path(__file__).resolve().parents[2] / "docs" / "plugins"
BLOCK = re.compile(r"```(python|html)\n(.*?)```", re.DOTALL)
FILE = re.compile(r"`((?:migrations|templates)/[\w.]+)`")
NAME = re.compile(r"name=\"(\w+)\"")


def plugins_of(page: str) -> dict[str, dict[str, str]]:
    """{plugin: {path: text}} of a page; "" is the plugin's own file. A block without a PLUGIN is the file that is named last."""
    text, found, name, position = (PAGES / page).read_text(encoding="utf-8"), {}, "", 0
    for block in BLOCK.finditer(text):
        kind, code = block.groups()
        if kind == "python" and "PLUGIN = Plugin(" in code:
            name = NAME.search(code)[1]
            found[name] = {"": code}
        else:
            *_, path = FILE.findall(text[position : block.start()])
            found[name][path] = code
        position = block.end()
    return found


def write(folder: Path, files: dict[str, str], name: str) -> Path:
    """The plugin as a file, or as a folder when it is made of several."""
    if len(files) == 1:
        (folder / f"{name}.py").write_text(files[""], encoding="utf-8")
        return folder / f"{name}.py"
    for path, text in files.items():
        file = folder / name / (path or "__init__.py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder / name
