"""RenderedOnce: what a page shows of a card or a model alone, rendered once and then kept."""

import threading
from typing import Any

from flask import request
from markupsafe import Markup

_MOST = 64  # pieces; there are 18 models, with two each


class RenderedOnce:
    """Calls a macro that depends on one card or key only, once for every one.

    It is known by its identity: the checkpoint store hands out the same card for as long as
    the file stays as it is. The oldest piece makes room for a new one.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: dict[tuple[str, str, int], tuple[object, Markup]] = {}

    def __call__(self, macro: Any, card: object) -> Markup:
        """The piece of a page that ``macro`` makes of ``card``."""
        key = (macro.name, request.script_root, id(card))
        found = self._kept.get(key)
        if found is not None:
            return found[1]
        piece: Markup = macro(card)
        with self._guard:
            self._kept[key] = (card, piece)  # with the card, so that its identity stays its own
            while len(self._kept) > _MOST:
                del self._kept[next(iter(self._kept))]
        return piece
