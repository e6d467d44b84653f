"""Documents: their links lead to headings that are there."""

import re

import pytest

from portal.document_addresses import ADDRESSES
from tests.conftest import Portal

_LINK = re.compile(r'href="([^"#]*)(?:#([^"]*))?"')


@pytest.mark.parametrize("address", ADDRESSES.values())
def test_every_link_of_a_document_leads_to_a_heading_that_is_there(
    portal: Portal, address: str
) -> None:
    answer = portal.client.get(address)
    assert answer.status_code == 200
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    links = [link for link in _LINK.findall(main) if not link[0].startswith("http")]
    assert links
    for place, anchor in set(links):
        led = portal.client.get(place or address)
        assert led.status_code == 200, place
        assert not anchor or f'id="{anchor}"' in led.text, (place, anchor)
