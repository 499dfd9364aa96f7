"""What the house changes in how Jinja draws: quicker, with the same result."""

import pytest
from flask_babel import lazy_gettext
from jinja2 import Template
from markupsafe import Markup, escape


class Loud:
    def __str__(self):
        return "<b>"

    def __repr__(self):
        return "Loud"

    def __html__(self):
        return "<i>&amp;</i>"


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "source", ["{{ value }}", "{% macro cell(x) %}<td>{{ x }}</td>{% endmacro %}{{ cell(value) }}{{ cell(x=value) }}"]
)
@pytest.mark.parametrize(
    "value",
    [
        "plain",
        "<script>alert('x')</script>",
        '"&"',
        "",
        7,
        1.5,
        None,
        True,
        Markup("<b>&amp;</b>"),
        Loud(),
        ["<a>"],
        lazy_gettext("Save & go"),
    ],
    ids=repr,
)
def test_what_is_drawn_is_escaped_as_jinja_does(app, source, value):
    with app.test_request_context("/"):
        drawn = app.jinja_env.from_string(source).render(value=value)
        wanted = str(escape(value))
    plain = Template("{{ value }}" if source == "{{ value }}" else "<td>{{ value }}</td>" * 2, autoescape=False)
    assert drawn == plain.render(value=wanted)


@pytest.mark.sqlite_only
def test_macros_take_a_caller_and_keywords(app):
    source = (
        "{% macro box(title, tone='grey') %}<p class={{ tone }}>{{ title }}: {{ caller() }}</p>{% endmacro %}"
        "{% for word in words %}{% call box(word, tone='teal') %}{{ word }}!{% endcall %}{% endfor %}"
    )
    with app.test_request_context("/"):
        assert app.jinja_env.from_string(source).render(words=["<a>", "b"]) == (
            "<p class=teal>&lt;a&gt;: &lt;a&gt;!</p><p class=teal>b: b!</p>"
        )
