"""The report's Markdown -> HTML: headings with anchors, wide tables and figures that scroll."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from portal import markdown
from portal.linked_documents import LinkedDocuments

FIGURES_ADDRESS = "/study/figures"
_FIGURE = re.compile(r"figures/([A-Za-z0-9_-]+\.svg)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A heading, for the table of contents."""

    anchor: str
    title: str


class _Renderer(LinkedDocuments):
    """Draws the report's own figures and lets what is wide scroll by itself, also by keyboard.

    ``env`` counts tables and figures, so that each has a name of its own.
    """

    def table_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """A table inside a region that scrolls."""
        region = _scrolls("Table", "scroll", env)
        return f"<div {region}>\n{self.renderToken(tokens, idx, options, env)}"

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """The end of both."""
        return f"{self.renderToken(tokens, idx, options, env)}</div>\n"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Code inside a region that scrolls."""
        code = super().fence(tokens, idx, options, env)
        return code.replace("<pre>", f"<pre {_scrolls('Code', 'scroll', env)}>", 1)

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A figure of the report on its own paper; of any other picture only its text."""
        text = escape(self.renderInlineAsText(tokens[idx].children or (), options, env))
        figure = _FIGURE.fullmatch(str(tokens[idx].attrs["src"]))
        if figure is None:
            return str(text)
        region = _scrolls("Figure", "scroll paper", env)
        return f'<span {region}><img src="{FIGURES_ADDRESS}/{figure[1]}" alt="{text}"></span>'


_MARKDOWN = markdown.parser(pictures=True, renderer=_Renderer)


def report_html(source: str) -> tuple[Markup, tuple[Chapter, ...]]:
    """The report without its title, and its chapters.

    Pictures are drawn when they are ``figures/NAME.svg``; of others the text is left, and so it is
    of links to files other than documents.
    """
    tokens = markdown.without_title(_MARKDOWN.parse(source), title_apart=True)
    chapters = tuple(_anchored(tokens))
    return markdown.render(_MARKDOWN, tokens), chapters


def _anchored(tokens: Sequence[Token]) -> Iterator[Chapter]:
    """Give every heading an anchor, as GitHub makes it; yield those of the second level."""
    seen: Counter[str] = Counter()
    for token, text in pairwise(tokens):
        if token.type != "heading_open":
            continue
        title = "".join(child.content for child in text.children or ())
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        anchor = f"{slug}-{seen[slug]}" if seen[slug] else slug
        seen[slug] += 1
        token.attrSet("id", anchor)
        if token.tag == "h2":
            yield Chapter(anchor=anchor, title=title)


def _scrolls(kind: str, classes: str, env: EnvType) -> str:
    """The attributes of a region that scrolls to the side, numbered by its kind."""
    env[kind] = env.get(kind, 0) + 1
    return f'class="{classes}" tabindex="0" role="region" aria-label="{kind} {env[kind]}"'
