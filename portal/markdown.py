"""Markdown -> HTML for a page that has its own title. HTML in the source is shown as text."""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup


class Renderer(RendererHTML):
    """Renders what the content policy allows: columns are aligned by class, not by style."""

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """The head of a column; the parser aligns it by a style."""
        if "right" in str(tokens[idx].attrs.pop("style", "")):
            tokens[idx].attrSet("class", "number")
        return self.renderToken(tokens, idx, options, env)

    td_open = th_open


def parser(*, pictures: bool = False, renderer: type[Renderer] = Renderer) -> MarkdownIt:
    """A parser of CommonMark with tables and without HTML."""
    made = MarkdownIt("commonmark", {"html": False}, renderer_cls=renderer).enable("table")
    return made if pictures else made.disable("image")


_WITHOUT_PICTURES = parser()


def html(
    source: str, *, title_apart: bool = False, reader: MarkdownIt = _WITHOUT_PICTURES
) -> Markup:
    """Markdown as HTML without an ``h1``, which the page has already.

    Args:
        source: Markdown; HTML in it is escaped, pictures are not drawn.
        title_apart: leave a title at the very beginning out.
        reader: what parses and renders it.
    """
    tokens = without_title(reader.parse(source), title_apart=title_apart)
    return render(reader, tokens)


def without_title(tokens: list[Token], *, title_apart: bool) -> list[Token]:
    """The tokens with every ``h1`` as an ``h2``; one at the very beginning may be left out."""
    if title_apart and tokens and tokens[0].tag == "h1":
        tokens = tokens[3:]  # its opening, its text, its end
    for token in tokens:
        if token.tag == "h1":
            token.tag = "h2"
    return tokens


def render(markdown: MarkdownIt, tokens: Sequence[Token]) -> Markup:
    """The HTML of tokens that ``markdown`` parsed."""
    rendered = markdown.renderer.render(tokens, markdown.options, {})
    return Markup(rendered)  # noqa: S704 -- html=False above escapes what the source holds
