"""docs/api/README.md: its examples are run one after the other, and answer as it says."""

import json
import re
import shlex
from pathlib import Path

from leadboard.cli import command
from leadboard.permissions import Scope
from leadboard.queries.leads import LEAD_LIST
from leadboard.queries.party_list import CONTACT_LIST
from leadboard.web.api.leads import QUERY
from leadboard.web.api.parties import CONTACT_QUERY, ORGANISATION_QUERY
from leadboard.web.api.problems import CODES
from leadboard.web.api.records import PAGING

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "api" / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(sh|json)\n(.*?)```", GUIDE, re.DOTALL)


def run(client, line, token):
    """A curl command of the guide, sent to the application."""
    words = shlex.split(line.replace("\\\n", " ").replace("$LEADBOARD", "").replace("$TOKEN", token))
    assert words.pop(0) == "curl"
    method, url, headers, data = None, None, {}, None
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            data = words.pop(0).encode()
        else:
            assert not word.startswith("-") and url is None, word
            url = word
    return client.open(url, method=method or ("GET" if data is None else "POST"), headers=headers, data=data)


def differences(told, found, where="answer"):
    """What the guide tells and the answer does not have."""
    if isinstance(told, dict) and isinstance(found, dict):
        for name, value in told.items():
            yield from differences(value, found[name], f"{where}.{name}") if name in found else [f"{where}.{name} is missing"]
    elif isinstance(told, list) and isinstance(found, list) and len(found) >= len(told):
        for number, value in enumerate(told):
            yield from differences(value, found[number], f"{where}[{number}]")
    elif told != found:
        yield f"{where}: {found!r}, but the guide tells {told!r}"


def test_the_examples_answer_as_the_guide_says(api, anna, make):
    make.pipeline("Sales")
    make.lost_reason("Price")
    program = api(anna, "leads:read", "leads:write", "contacts:read", "contacts:write")
    problems, answer, count = [], None, 0
    for kind, text in BLOCKS:
        if kind == "sh":
            answer, count = run(program.client, text.strip(), program.token), count + 1
            assert answer.status_code < 500, text
        else:
            assert answer is not None
            problems += list(differences(json.loads(text), answer.json))

    assert problems == []
    assert count >= 7


def test_what_the_guide_lists_is_what_there_is():
    for word in (
        *LEAD_LIST.sorts,
        *CONTACT_LIST.sorts,
        *QUERY,
        *CONTACT_QUERY,
        *ORGANISATION_QUERY,
        *PAGING,
        "sort",
        *Scope,
        *CODES.values(),
    ):
        assert f"`{word}`" in GUIDE, word
    told = set(re.findall(r"^\|[^|]*\| `([^|]+)` \|", GUIDE, re.MULTILINE))
    codes = {code for row in told for code in row.split("`, `")} - {"telephony"}
    assert codes == {*CODES.values(), "missing_scope"}
    options = {option for one in command.commands["token"].commands["add"].params for option in one.opts}
    assert set(re.findall(r"--\w+", GUIDE)) <= options
