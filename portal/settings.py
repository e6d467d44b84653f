"""What may be set from outside. Nobody else reads the environment."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Self, get_args

from models.precision import Precision
from portal.errors import SettingRefused
from portal.free_room import free_room
from portal.host_name import canonical, is_host, is_wildcard

PROJECT = Path(__file__).resolve().parent.parent
"""The project's folder."""

_MEMORY = Path("/dev/shm")  # noqa: S108 -- only the place; the folder made there is private
_MEBIBYTE = 1024 * 1024
_REST_OF_FORM = 64 * 1024  # bytes for all that a form has beside its file
_LONGEST = 20  # letters of a setting that is to be a number


Allowed = range | tuple[str, ...]
"""The numbers, or the words, that a setting may have."""


_LEAST_KEY = 32  # characters of a secret key
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def _setting(
    variable: str,
    default: Any,
    description: str,
    *,
    allowed: Allowed | None = None,
    secret: bool = False,
) -> Any:
    """A field that is read from an environment variable; a secret one is never printed."""
    metadata = {"variable": variable, "description": description, "allowed": allowed}
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The portal's settings, each from its environment variable.

    An instance that exists is valid.

    Raises:
        SettingRefused: a value is out of its range.
    """

    host: str = _setting(
        "HOST", "127.0.0.1", "Address to listen at; 0.0.0.0 opens the portal to the network."
    )
    port: int = _setting("PORT", 8000, "Port to listen at.", allowed=range(1, 65536))
    threads: int = _setting(
        "THREADS",
        32,
        "Uploads in hand at the same time: arriving, waiting or being answered. Pages that are "
        "only read have threads of their own.",
        allowed=range(1, 257),
    )
    predictions: int = _setting(
        "PREDICTIONS",
        2,
        "Uploads answered at the same time; each uses all processor cores.",
        allowed=range(1, 65),
    )
    queue: int = _setting(
        "QUEUE",
        16,
        "Uploads that may wait for their turn; one more is told to come back (status 503).",
        allowed=range(1, 257),
    )
    max_upload_mb: int = _setting(
        "MAX_UPLOAD_MB",
        32,
        "Largest upload in mebibytes; a larger one is refused.",
        allowed=range(1, 1025),
    )
    checkpoints: Path = _setting(
        "CHECKPOINTS",
        PROJECT / "models" / "checkpoints",
        "Folder of the models' files and their SHA256SUMS.",
    )
    gates: Path = _setting(
        "GATES",
        PROJECT / "models" / "gates",
        "Folder of the input gates, which tell an image of a modality from other images.",
    )
    upload_dir: Path | None = _setting(
        "UPLOAD_DIR",
        None,
        "Folder for an upload while it is read; the default is a private one in memory "
        "(/dev/shm) where there is room, otherwise in the system's temporary folder. On a file "
        "system without locks it must be one portal's alone: another one that starts would sweep "
        "what is being read.",
    )
    cache_dir: Path | None = _setting(
        "CACHE_DIR",
        None,
        "Folder for compiled models, which may be deleted at any time; the default is "
        "breast-portal in the user's cache folder (~/.cache).",
    )
    precision: Precision = _setting(
        "PRECISION",
        "f32",
        "What the models compute in: f32, or bf16 or int8, which are faster on processors that "
        "have them. A model whose answers move too far at one, or were not measured, refuses it.",
        allowed=get_args(Precision),
    )
    auth_file: Path | None = _setting(
        "AUTH_FILE",
        None,
        "File of accounts, made by `python -m portal account add`; without it nobody signs in.",
    )
    secret_key: str = _setting(
        "SECRET_KEY",
        "",
        "What the portal signs with, at least 32 characters, the same for all replicas; the "
        "default is a random one for each start.",
        secret=True,
    )
    allow_anonymous: int = _setting(
        "ALLOW_ANONYMOUS",
        0,
        "1 serves an address that other machines reach although there are no accounts.",
        allowed=range(2),
    )
    trusted_hosts: str = _setting(
        "TRUSTED_HOSTS",
        "",
        "Names, with commas between them, by which browsers may ask for the portal, besides its "
        "own machine's; needed behind a proxy. At a wildcard HOST the default is any name.",
    )
    proxies: int = _setting(
        "PROXIES",
        0,
        "How many proxies stand in front, each of which adds to X-Forwarded-For and "
        "X-Forwarded-Proto; at 0 nothing in these is believed.",
        allowed=range(9),
    )
    uploads_per_minute: int = _setting(
        "UPLOADS_PER_MINUTE",
        0,
        "Uploads that one address may send to this process in a minute; one more is told to come "
        "back (status 429). At 0 there is no limit.",
        allowed=range(100_001),
    )

    def __post_init__(self) -> None:
        for item in fields(self):
            allowed, value = item.metadata["allowed"], getattr(self, item.name)
            if allowed is not None and value not in allowed:
                raise _refusal(item.metadata["variable"], allowed, value)
        for variable, host in (("HOST", self.host), *(("TRUSTED_HOSTS", it) for it in self._named)):
            if not is_host(host):
                raise _no_host(variable, host)
        if self.secret_key and len(self.secret_key) < _LEAST_KEY:
            raise _no_key(f"{len(self.secret_key)} characters")
        if not _is_text(self.secret_key):
            raise _no_key("bytes that are no UTF-8")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The settings of the environment; what is not set, or empty, has its default.

        Raises:
            SettingRefused: a variable holds no usable value.
        """
        given: dict[str, Any] = {}
        for item in fields(cls):
            text = environment.get(item.metadata["variable"], "").strip()
            if text:
                given[item.name] = _parsed(item, text)
        return cls(**given)

    @property
    def max_upload_bytes(self) -> int:
        """The largest file in bytes."""
        return self.max_upload_mb * _MEBIBYTE

    @property
    def max_form_bytes(self) -> int:
        """The largest request body in bytes: the form of the largest file."""
        return self.max_upload_bytes + _REST_OF_FORM

    @property
    def hosts(self) -> frozenset[str] | None:
        """The names by which browsers may ask, in lower case and without ports; None: any.

        A name that is not expected may be a stranger's, led to this machine by DNS rebinding.
        """
        named = set(map(canonical, self._named))
        if is_wildcard(self.host):
            return _OWN_NAMES | named if named else None
        return _OWN_NAMES | named | {canonical(self.host)}

    @property
    def _named(self) -> list[str]:
        names = (name.strip() for name in self.trusted_hosts.split(","))
        return [name for name in names if name]

    @property
    def upload_folder(self) -> Path:
        """Where uploads lie while they are read: ``upload_dir``, or the best private place."""
        if self.upload_dir is not None:
            return self.upload_dir
        needed = self.predictions * self.max_upload_bytes
        roomy = os.access(_MEMORY, os.W_OK) and free_room(_MEMORY) >= needed
        in_memory, on_disk = _private_places()
        return in_memory if roomy else on_disk

    @property
    def upload_folders(self) -> tuple[Path, ...]:
        """Every folder in which a start of this user, with these settings, may leave uploads."""
        own = () if self.upload_dir is None else (self.upload_dir,)
        return (*own, *_private_places())

    @property
    def cache_folder(self) -> Path:
        """Where compiled models are kept: ``cache_dir``, or a place of the user's own."""
        if self.cache_dir is not None:
            return self.cache_dir
        try:
            return Path("~/.cache/breast-portal").expanduser()
        except RuntimeError:  # a user whom the system does not know has no home
            return Path(tempfile.gettempdir()) / f"breast-portal-cache-{os.getuid()}"


def _private_places() -> tuple[Path, Path]:
    """Folders of this user's own, in memory and on disk."""
    name = f"breast-portal-{os.getuid()}"
    return _MEMORY / name, Path(tempfile.gettempdir()) / name


def describe() -> tuple[tuple[str, str, str], ...]:
    """Every setting as (variable, default, description), for documents and help."""
    return tuple(
        (item.metadata["variable"], _shown(item.default), item.metadata["description"])
        for item in fields(Settings)
    )


def _shown(default: object) -> str:
    if isinstance(default, Path):
        return default.relative_to(PROJECT).as_posix()
    return "" if default is None else str(default)


def _parsed(item: Field[Any], text: str) -> str | int | Path:
    variable, allowed = item.metadata["variable"], item.metadata["allowed"]
    if isinstance(allowed, range):
        if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST):
            raise _refusal(variable, allowed, repr(text[:_LONGEST]))
        return int(text)
    return text if item.type is str or allowed else _folder(variable, text)


def _folder(variable: str, text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:  # a user whom the system does not know
        raise SettingRefused(
            expected=f"{variable} as a path on this machine",
            received=repr(text),
            action=f"Write out the home folder that ~ stands for in {variable}.",
        ) from error


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # os.environ keeps bytes that it cannot decode as surrogates
        return False
    return True


def _no_key(received: str) -> SettingRefused:
    return SettingRefused(
        expected=f"SECRET_KEY as at least {_LEAST_KEY} characters",
        received=received,
        action="Make one with `openssl rand -hex 32`, or remove it to have a random one.",
    )


def _no_host(variable: str, received: str) -> SettingRefused:
    return SettingRefused(
        expected=f"{variable} as a host's name or IP address",
        received=repr(received),
        action=f"Write {variable} without scheme, port, brackets or asterisk: portal.example.org.",
    )


def _refusal(variable: str, allowed: Allowed, received: object) -> SettingRefused:
    if isinstance(allowed, range):
        words = f"a whole number from {allowed.start} to {allowed.stop - 1}"
    else:
        words = " or ".join(allowed)
    return SettingRefused(
        expected=f"{variable} as {words}",
        received=str(received),
        action=f"Change {variable}, or remove it to have the default.",
    )
