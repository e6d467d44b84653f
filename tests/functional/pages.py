"""What the functional tests read from a page, by the marks that clients may rely on."""

import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownVerdict:
    """A verdict element's data."""

    model: str
    label: str
    word: str
    probability: float
    calibrated: float
    threshold: float


class _Reader(HTMLParser):
    """Collects verdict elements, and the text inside banners."""

    def __init__(self) -> None:
        super().__init__()
        self.verdicts: list[ShownVerdict] = []
        self.banners: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        data = {name: value or "" for name, value in attrs}
        if data.get("data-testid") == "verdict":
            self.verdicts.append(
                ShownVerdict(
                    model=data["data-model"],
                    label=data["data-label"],
                    word=data["data-word"],
                    probability=float(data["data-probability"]),
                    calibrated=float(data["data-calibrated"]),
                    threshold=float(data["data-threshold"]),
                )
            )
        if data.get("data-testid") == "banner":
            self.banners.append("")
            self._inside = [tag]
        elif self._inside and tag == self._inside[0]:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag == self._inside[0]:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.banners[-1] += data


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


def verdicts(page: str) -> list[ShownVerdict]:
    """Every verdict of a page."""
    return _read(page).verdicts


def banners(page: str) -> list[str]:
    """The text of every banner of a page, white space collapsed."""
    return [" ".join(text.split()) for text in _read(page).banners]


def text(page: str) -> str:
    """A page's text, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def links_of(page: str) -> set[str]:
    """The addresses within the portal to which a page links, without their fragments."""
    return {link.partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', page)}
