import pytest

from portal.host_name import is_host, is_wildcard


@pytest.mark.parametrize(
    "text",
    [
        "localhost",
        "portal.example.org",
        "PORTAL.example.org",
        "portal_1",
        "3com.example",
        "xn--bcher-kva.example",
        "127.0.0.1",
        "::1",
        "fe80::1%eth0",
        f"{'a' * 63}.example",
    ],
)
def test_names_and_addresses_are_hosts(text: str) -> None:
    assert is_host(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "127.1",
        "256.0.0.1",
        "https://portal.example.org",
        "portal.example.org:443",
        "[::1]",
        "*.example.org",
        "*",
        "a..b",
        ".example.org",
        "-a.example",
        "a-.example",
        "a b",
        "bücher.example",
        f"{'a' * 64}.example",
        ".".join(["abc"] * 70),
        "portal\n",
    ],
)
def test_what_no_host_is_called_is_told_apart(text: str) -> None:
    assert not is_host(text)


def test_a_wildcard_stands_for_every_address() -> None:
    assert all(is_wildcard(host) for host in ("0.0.0.0", "::", "::0", "0:0:0:0:0:0:0:0"))
    assert not any(is_wildcard(host) for host in ("127.0.0.1", "::1", "localhost"))
