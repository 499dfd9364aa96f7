import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadboard.lib.markdown import mentions, plain, render

REL = 'target="_blank" rel="noopener noreferrer nofollow"'


@pytest.mark.parametrize(
    "text, html",
    [
        ("Called **Anna**, _twice_", "<p>Called <strong>Anna</strong>, <em>twice</em></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("~~old~~ `a<b`", "<p><s>old</s> <code>a&lt;b</code></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>'),
        ("# Title", "<h1>Title</h1>"),
        ("```py\nx < 1\n```", "<pre><code>x &lt; 1\n</code></pre>"),
        ("[site](https://acme.example)", f'<p><a href="https://acme.example" {REL}>site</a></p>'),
        ("see acme.com", f'<p>see <a href="http://acme.com" {REL}>acme.com</a></p>'),
        ("anna@acme.com", f'<p><a href="mailto:anna@acme.com" {REL}>anna@acme.com</a></p>'),
        ("[call](tel:+4930901820)", f'<p><a href="tel:+4930901820" {REL}>call</a></p>'),
        ("[lead](/leads/3)", f'<p><a href="/leads/3" {REL}>lead</a></p>'),
        ("![map](https://acme.example/a.png)", f'<p><a href="https://acme.example/a.png" {REL}>map</a></p>'),
        ("![](https://acme.example/a.png)", f'<p><a href="https://acme.example/a.png" {REL}>https://acme.example/a.png</a></p>'),
        ("", ""),
    ],
)
def test_render(text, html):
    assert re.sub(r'<a ([^>]*)(href="[^"]*")([^>]*)>', lambda m: f"<a {m[2]} {REL}>", render(text)) == html


def test_links_open_apart_and_tell_nothing():
    html = render("[x](https://acme.example)")

    assert 'target="_blank"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_cells_are_aligned_by_class():
    html = render("|a|b|\n|-:|:-:|\n|1|2|")

    assert '<td class="align-right">1</td>' in html
    assert '<th class="align-center">b</th>' in html
    assert "style" not in html


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](\u0001javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "![x](javascript:alert(1))",
    '![x](https://a.example/"onerror="alert(1))',
    '[x](https://a.example "onmouseover=alert(1) x=")',
    '[x](https://a.example/" onclick="alert(1))',
    "[x][1]\n\n[1]: javascript:alert(1)",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<xmp><p title="</xmp><img src=x onerror=alert(1)>">',
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<<script>script>alert(1)<</script>/script>",
    '`<script>`\n\n    <script>alert(1)</script>\n\n```html"onload="x\n<script>alert(1)</script>\n```',
    "<b hx-get=/leads hx-trigger=load x-data=1 style=position:fixed id=board class=modal>x</b>",
    "https://a.example/<script>alert(1)</script>",
    "http://a.example/'onmouseover='alert(1)",
    "|<img src=x onerror=alert(1)>|\n|-|\n|<script>|",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u2028<script>\u2029",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
]
BARE_TAGS = "p br hr em strong s code pre blockquote ul li h1 h2 h3 h4 h5 h6 table thead tbody tr"
ALLOWED = {
    "a": {"href", "title", "rel", "target"},
    "ol": {"start"},
    "td": {"class"},
    "th": {"class"},
    **{tag: set() for tag in BARE_TAGS.split()},
}


class Inspector(HTMLParser):
    """Collects what a browser would act on and nobody allowed."""

    def __init__(self):
        super().__init__()
        self.wrong = []

    def handle_starttag(self, tag, attrs):
        if tag not in ALLOWED or any(name not in ALLOWED[tag] for name, _ in attrs):
            self.wrong.append((tag, attrs))
        for name, value in attrs:
            if (
                name == "href"
                and re.match(r"[\s\x00-\x20]*[a-z+.\-]*:", value or "", re.I)
                and not re.match("https?:|mailto:|tel:", value)
            ):
                self.wrong.append(value)

    def handle_comment(self, data):
        self.wrong.append(data)


def wrong_in(html):
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.wrong


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_notes_bring_nothing_to_life(text):
    assert wrong_in(render(text)) == []
    assert wrong_in(render(f"> - {text}\n\n**{text}**")) == []


PIECES = [*HOSTILE, "[", "](", ")", "![", "<", ">", '"', "'", "`", "\n", "|", "&#", "*", "_", "~~", " ", "x", "http://"]


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_no_mixture_of_them_does_either(pieces):
    assert wrong_in(render("".join(pieces))) == []


@given(st.text(max_size=80))
def test_any_text_renders_and_has_a_preview(text):
    assert wrong_in(render(text)) == []
    assert len(plain(text, 20)) <= 20
    assert "\n" not in plain(text, 20)
    assert isinstance(mentions(text), list)


@pytest.mark.parametrize("piece", [">", "[", "![", "[a](b", "**", "_a", "` ``", "http://", "&", "- ", "a\n", "word "])
def test_100_kb_of_anything_render_soon(piece):
    text = (piece * 100_000)[:100_000]
    start = time.process_time()

    render(text)

    # A second on an idle machine; the quadratic search for links, off for such texts, takes minutes at a megabyte.
    assert time.process_time() - start < 3


def test_deep_nesting_ends():
    assert render("> " * 5000 + "x")
    assert render("\n".join("  " * n + "- x" for n in range(500)))
    assert render("[" * 5000 + "x" + "](/a)" * 5000)


@pytest.mark.parametrize(
    "text, limit, preview",
    [
        ("# Call\n\nAsked for **a price** on [site](https://a.example)\n- x\n- y", 80, "Call Asked for a price on site x y"),
        ("one two three", 13, "one two three"),
        ("one two three four", 13, "one two…"),
        ("x" * 50, 10, "x" * 9 + "…"),
        ("`code` and\n\n```\nblock\n```", 50, "code and block"),
        ("<b>x</b>", 50, "<b>x</b>"),
        ("![map](https://a.example/a.png)", 50, "map"),
        ("", 10, ""),
    ],
)
def test_plain(text, limit, preview):
    assert plain(text, limit) == preview


@given(st.text(alphabet="ab1 \n\t.:-!?()'\"", max_size=40))
def test_plain_of_unmarked_text_is_that_of_the_parser(text):
    assert plain(text, 50) == plain(text + "\n\n**", 50).removesuffix("**").rstrip()


@pytest.mark.parametrize(
    "text, names",
    [
        ("@anna please ask @ben.k, and @anna again", ["anna", "ben.k"]),
        ("(@łucja) **@مهسا**", ["łucja", "مهسا"]),
        ("mail anna@acme.com or a@b", []),
        ("`@anna` and\n\n    @ben\n\n```\n@carla\n```", []),
        ("[@anna](https://a.example/@ben) https://a.example/@carla", []),
        ("first line\n@anna.", ["anna"]),
        ("> - @anna", ["anna"]),
        ("@ alone, @@twice", []),
    ],
)
def test_mentions(text, names):
    assert mentions(text) == names
