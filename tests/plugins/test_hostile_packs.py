"""Packs with anything in them: the page of new pipelines answers, and what cannot be made is refused, not half made."""

import pytest

from leadboard.db import rows
from leadboard.domain.plugins import enable
from leadboard.permissions import SYSTEM
from tests.plugins.conftest import source

pytestmark = pytest.mark.plugin_errors("record")

PACK = """
S = StageTemplate
STAGES = (S(name="New"), S(name="Won", kind="won"), S(name="Lost", kind="lost"))
loop = {{}}
loop["choices"] = [loop]

@hookimpl
def register_pipeline_templates():
    return [PipelineTemplate({pack})]
"""
USUAL = {"key": "'one.pack'", "name": "'Pack'", "stages": "STAGES", "description": "''", "fields": "()"}
FIELD = "(FieldTemplate(key={key}, label={label}, type={type}, options={options}, help={help}),)"


def field(**changed):
    return FIELD.format(**{"key": "'colour'", "label": "'Colour'", "type": "'text'", "options": "{}", "help": "''", **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "'<script>alert(1)</script>'", "description": "'<b onmouseover=alert(1)>'"},
        {"name": "'100 % of %s, %(what)s and 50%%'", "description": "'%'", "fields": field(label="'%d %'")},
        {"name": "'a' * 100_000"},
        {"description": "'d' * 100_000"},
        {"name": "'\\0\\x1b[2J\\ud800'"},
        {"description": "'\\0\\ud800'"},
        {"name": "'  '"},
        {"name": "5"},
        {"description": "[1]"},
        {"stages": "5"},
        {"stages": "'abc'"},
        {"stages": "(1, 2)"},
        {"stages": "tuple(S(name=str(n)) for n in range(5000)) + STAGES"},
        {"stages": "(S(name='x' * 100_000),) + STAGES"},
        {"stages": "(S(name='<i>\\0'),) + STAGES"},
        {"stages": "(S(name='new '),) + STAGES"},
        {"stages": "(S(name=5),) + STAGES"},
        {"stages": "(S(name=''),) + STAGES"},
        {"stages": "(S(name='x', probability='many'),) + STAGES"},
        {"stages": "(S(name='x', probability=1.5),) + STAGES"},
        {"stages": "(S(name='x', probability=True),) + STAGES"},
        {"fields": "5"},
        {"fields": "(5,)"},
        {"fields": field(key="'x' * 5000")},
        {"fields": field(key="'<b>'")},
        {"fields": field(key="5")},
        {"fields": field(key="None")},
        {"fields": field(key="['a']")},
        {"fields": field(label="5")},
        {"fields": field(label="''")},
        {"fields": field(label="'l' * 100_000")},
        {"fields": field(label="'\\0\\ud800'")},
        {"fields": field(label="'<script>alert(1)</script>'")},
        {"fields": field(help="'\\0\\ud800'")},
        {"fields": field(help="5")},
        {"fields": field(help="'h' * 100_000")},
        {"fields": field(type="'nobody'")},
        {"fields": field(type="5")},
        {"fields": field(type="['choice']")},
        {"fields": field(options="5")},
        {"fields": field(options="{'unknown': 1}")},
        {"fields": field(options="{5: 1}")},
        {"fields": field(type="'choice'", options="{'choices': 'abc'}")},
        {"fields": field(type="'choice'", options="{'choices': list(map(str, range(5000)))}")},
        {"fields": field(type="'choice'", options="{'choices': ['a', 'A ']}")},
        {"fields": field(type="'choice'", options="{'choices': ['x' * 100_000]}")},
        {"fields": field(type="'choice'", options="{'choices': ['\\0', '\\ud800']}")},
        {"fields": field(type="'choice'", options="{'choices': [{'label': 'a', 'key': ['x']}]}")},
        {"fields": field(type="'choice'", options="{'choices': [{'label': 'a', 'tone': 5}]}")},
        {"fields": field(type="'choice'", options="{'choices': [{'label': {}, 'key': 'k' * 5000}]}")},
        {"fields": field(type="'choice'", options="{'choices': ['<img src=x onerror=alert(1)>']}")},
        {"fields": field(type="'choice'", options="loop")},
        {"fields": field(type="'choice'", options="{'choices': {'a': 1}}")},
        {"fields": field(type="'number'", options="{'decimals': 'x'}")},
        {"fields": field(type="'number'", options="{'decimals': 10 ** 9}")},
        {"fields": field(type="'number'", options="{'unit': '<b>' * 1000}")},
        {"fields": field() + " * 5000"},
        {"fields": field() + " + " + field(label="'Other'")},
    ],
)  # fmt: skip
def test_a_pack_with_anything_in_it(drop_in, request, changed):
    pack = ", ".join(f"{name}={value}" for name, value in {**USUAL, **changed}.items())
    drop_in("one", source("one", PACK.format(pack=pack)))
    ada = request.getfixturevalue("ada")
    request.getfixturevalue("make").lead()
    enable("one", actor=SYSTEM)
    before = rows("select count(*) from pipeline"), rows("select count(*) from custom_field")
    page = ada.get("/admin/pipelines/new")
    assert page.status_code == 200
    preview = ada.get("/admin/pipelines/packs/one.pack")
    assert preview.status_code in {200, 404}
    for shown in (page, preview):
        assert "<script>alert" not in shown.text and "<b onmouse" not in shown.text
    answer = ada.post("/admin/pipelines/packs/one.pack", {"name": ""})
    assert answer.status_code in {303, 404, 422}, answer.status_code
    if answer.status_code != 303:
        assert (rows("select count(*) from pipeline"), rows("select count(*) from custom_field")) == before
    else:
        assert ada.get(answer.location).status_code == 200
    for url in ("/", "/leads", "/leads/new", "/admin/pipelines", "/admin/plugins", "/admin/plugins/one"):
        shown = ada.get(url)
        assert shown.status_code == 200, url
        assert "<script>alert" not in shown.text and "<img src=x" not in shown.text
