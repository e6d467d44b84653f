"""Links of Markdown that lead to other files: to a document's own page, or nowhere."""

import re
from collections.abc import Sequence

from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from portal import markdown
from portal.document_addresses import ADDRESSES

_FOLLOWED = re.compile(r"https?:|#")  # links that lead somewhere from the portal, too
_DOCUMENT = re.compile(r"(?:\.\./docs/)?([a-z-]+\.md)(#.*)?")  # from beside it, or from notebooks


class LinkedDocuments(markdown.Renderer):
    """Renders a link to a document as one to its page; of links to other files the text is left."""

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """A link, to a document's own page; nothing where it leads to another file."""
        target = _followed(str(tokens[idx].attrs["href"]))
        env["followed"] = target is not None
        tokens[idx].attrSet("href", target or "")
        return self.renderToken(tokens, idx, options, env) if env["followed"] else ""

    def link_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """The end of a link; links do not stand in one another."""
        return self.renderToken(tokens, idx, options, env) if env["followed"] else ""


def _followed(target: str) -> str | None:
    """Where a link leads in the portal; None where it leads nowhere."""
    document = _DOCUMENT.fullmatch(target)
    if document is None:
        return target if _FOLLOWED.match(target) else None
    address = ADDRESSES.get(document[1])
    return f"{address}{document[2] or ''}" if address else None
