"""What must hold before the server starts, checked while the message can still be read."""

import errno
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from portal import leftovers
from portal.accounts import account_file
from portal.errors import CannotStart
from portal.private_folder import claim
from portal.settings import Settings


def require(settings: Settings) -> None:
    """Refuse to start where serving cannot work.

    Raises:
        CannotStart: the address is taken, not ours, or open to others while
            there are no accounts, or the folder of checkpoints is not there.
        SettingRefused: there is no private folder for uploads, or the file of accounts has none.
    """
    _require_checkpoint_folder(settings)
    _require_accounts(settings)
    _require_leave(settings)
    _require_address(settings)
    leftovers.sweep(settings.upload_folders)  # before room is measured
    claim(settings.upload_folder)


def warnings(settings: Settings) -> Iterator[str]:
    """What keeps the portal from answering but not from showing its pages, a sentence each."""
    if not any(settings.checkpoints.rglob("*.h5")):
        yield (
            f"No model is installed: there is no .h5 file below {settings.checkpoints}. The pages "
            "are served, but no image can be read. Restore the folder, publish models with "
            "`python -m pipelines publish`, or set CHECKPOINTS to the folder that holds them."
        )

    if settings.auth_file is not None and not settings.secret_key:
        yield (
            "SECRET_KEY is not set: whoever has signed in has to do it again after each start, and "
            "at each replica. Make one for all of them with `openssl rand -hex 32`."
        )


def _require_checkpoint_folder(settings: Settings) -> None:
    if not settings.checkpoints.is_dir():
        raise CannotStart(
            expected=f"the folder of checkpoints at {settings.checkpoints}",
            received="no such folder",
            action="Restore the folder, or set CHECKPOINTS to the one that holds the models.",
        )


def _require_accounts(settings: Settings) -> None:
    if settings.auth_file is not None and not account_file.read(settings.auth_file):
        raise CannotStart(
            expected=f"at least one account in {settings.auth_file}",
            received="an empty file",
            action=f"Make one: `python -m portal account add NAME --file {settings.auth_file}`.",
        )


def _require_leave(settings: Settings) -> None:
    """Refuse to be reached by other machines while nobody has to sign in."""
    if settings.auth_file is not None or settings.allow_anonymous or _is_loopback(settings.host):
        return
    raise CannotStart(
        expected="accounts (AUTH_FILE) where other machines reach the portal",
        received=f"HOST={settings.host} and no accounts",
        action="Make an account with `python -m portal account add NAME --file FILE` and set "
        "AUTH_FILE=FILE; or set ALLOW_ANONYMOUS=1 if everybody who reaches this address may use "
        "the portal; or leave HOST out, to serve this machine only.",
    )


def _is_loopback(host: str) -> bool:
    """Whether a host leads to this machine only; an unknown one is refused elsewhere."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return True
    return all(ip_address(str(address[0])).is_loopback for *_, address in found)


def _require_address(settings: Settings) -> None:
    # Gunicorn takes the IPv4 address of a name; browsers may take another that is somebody's.
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.getaddrinfo(settings.host, settings.port, family, socket.SOCK_STREAM)
        for found in socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM):
            _require_free(found, listened_at=found[0] == family)
    except OSError as error:
        raise CannotStart(
            expected=f"port {settings.port} of {settings.host} to be free",
            received=(error.strerror or str(error)).lower(),
            action=f"Stop what uses it, or take another one: PORT={_other(settings.port)} make run",
        ) from error


def _require_free(found: tuple[Any, ...], *, listened_at: bool) -> None:
    """Bind to an address for a moment.

    Raises:
        OSError: it is somebody's, or it is to be listened at and this machine does not have it.
    """
    family, kind, protocol, _, address = found
    try:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if listened_at or error.errno == errno.EADDRINUSE:
            raise


def _other(port: int) -> int:
    return port + 1 if port < 65535 else port - 1
