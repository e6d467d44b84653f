"""Checkpoints: one Keras ``.h5`` file with its model card inside, listed by SHA-256.

A checkpoint is an ordinary whole-model Keras file: it opens with ``keras.saving.load_model``.
The card is a dataset named ``card`` beside Keras' own groups.
"""

import contextlib
import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from models import byte_floats
from models.card import ModelCard
from models.errors import Refusal
from models.files import file_sha256, put_in_place, replace_file

if TYPE_CHECKING:
    import keras

SUMS = "SHA256SUMS"
INPUT_SHAPE = (None, 224, 224, 3)
OUTPUT_SHAPE = (None, 1)


class CheckpointRefused(Refusal):
    title = "This model cannot be used"
    action = "Install the checkpoint again, or publish it with `python -m pipelines publish`."


class MissingCheckpoint(CheckpointRefused):
    title = "This model is not installed"


class DamagedCheckpoint(CheckpointRefused):
    title = "This model's file is damaged"


class UnlistedCheckpoint(CheckpointRefused):
    title = "This model's file is not in the list of checksums"


class TamperedCheckpoint(CheckpointRefused):
    title = "This model's file is not the one that was published"


class CardlessCheckpoint(CheckpointRefused):
    title = "This model's file has no model card"


class ForeignCheckpoint(CheckpointRefused):
    title = "This file holds something else than the model asked for"


def read_sums(folder: Path) -> Mapping[str, str]:
    """The list of checksums of a checkpoint folder: relative POSIX path -> SHA-256.

    A folder without the list gives an empty one. The file's form is that of ``sha256sum``.
    """
    listing = folder / SUMS
    if not listing.is_file():
        return {}
    rows = (line.split(maxsplit=1) for line in listing.read_text("utf-8", "replace").splitlines())
    return {row[1].strip(): row[0] for row in rows if len(row) == 2}


def list_sum(folder: Path, name: PurePosixPath) -> None:
    """Renew the line of one checkpoint, and drop those of files that are gone.

    The others stay as they are: what was not listed, or is not as listed, is not vouched for.
    """
    sums = {**read_sums(folder), str(name): file_sha256(folder / name)}
    there = [one for one in sorted(sums) if (folder / one).is_file()]
    text = "".join(f"{sums[one]}  {one}\n" for one in there)
    replace_file(folder / SUMS, text.encode())


def verify(folder: Path, name: PurePosixPath, sums: Mapping[str, str]) -> Path:
    """The checkpoint ``name`` of ``folder``, once its SHA-256 is found as listed.

    Raises:
        MissingCheckpoint: there is no such file.
        UnlistedCheckpoint: the list does not name it.
        TamperedCheckpoint: its SHA-256 is another one.
    """
    path = folder / name
    if not path.is_file():
        raise MissingCheckpoint(expected=f"the checkpoint {name}", received="no such file")
    listed = sums.get(str(name))
    if listed is None:
        raise UnlistedCheckpoint(expected=f"{name} in {SUMS}", received="no line for it")
    found = file_sha256(path)
    if found != listed:
        raise TamperedCheckpoint(
            expected=f"{name} with SHA-256 {listed[:12]}...", received=f"{found[:12]}..."
        )
    return path


def open_file(path: Path) -> h5py.File:
    """A checkpoint as the HDF5 file it is, to read.

    Raises:
        MissingCheckpoint: there is no such file.
        DamagedCheckpoint: the file is no HDF5 file, or a part of one.
    """
    if not path.is_file():
        raise MissingCheckpoint(expected=f"the checkpoint {path.name}", received="no such file")
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise DamagedCheckpoint(
            expected="a whole HDF5 file", received="a truncated or foreign file"
        ) from error


def read_card(path: Path) -> ModelCard:
    """The model card inside a checkpoint, without opening the model.

    Raises:
        MissingCheckpoint: there is no such file.
        DamagedCheckpoint: the file is no HDF5 file, or a part of one.
        CardlessCheckpoint: there is no card inside.
        InvalidCard: the card is not one of this format.
    """
    with open_file(path) as file:
        if "card" not in file:
            raise CardlessCheckpoint(
                expected="a dataset named 'card'", received=f"only {', '.join(sorted(file))}"
            )
        try:
            text = bytes(np.asarray(file["card"], dtype=np.uint8)).decode("utf-8")
        except (OSError, ValueError, TypeError) as error:
            raise DamagedCheckpoint(expected="a readable card", received="a damaged one") from error
    return ModelCard.from_json(text)


def open_model(path: Path) -> "keras.Model":
    """The Keras model of a checkpoint: built-in layers only, not compiled.

    Takes (n, 224, 224, 3) RGB in 0..255 and gives (n, 1) probabilities in 0..1.

    Raises:
        MissingCheckpoint: there is no such file.
        DamagedCheckpoint: the file is no HDF5 file, or a part of one.
        ForeignCheckpoint: it is no Keras model, or one of another input or output.
    """
    import keras  # here, so that reading a card costs no Keras

    with open_file(path) as file:
        if "model_config" not in file.attrs or "model_weights" not in file:
            raise ForeignCheckpoint(expected="a whole Keras model", received="other HDF5 content")
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises many kinds for a file it cannot rebuild
        raise ForeignCheckpoint(
            expected="a Keras model of built-in layers", received="one that Keras cannot rebuild"
        ) from error
    shapes = (model.input_shape, model.output_shape)
    if shapes != (INPUT_SHAPE, OUTPUT_SHAPE):
        raise ForeignCheckpoint(
            expected=f"a model from {INPUT_SHAPE} to {OUTPUT_SHAPE}",
            received=f"one from {shapes[0]} to {shapes[1]}",
        )
    return model


def fingerprint(model: "keras.Model") -> str:
    """First 16 hexadecimal digits of the SHA-256 of weights, in the model's order.

    The side to which a network resizes images counts, too, as no weight tells it.
    """
    digest = hashlib.sha256()
    for array in model.get_weights():
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array, dtype=np.float32).tobytes())
    for layer in model.layers:
        if type(layer).__name__ == "Resizing":
            digest.update(f"{layer.height}x{layer.width}".encode())
    return digest.hexdigest()[:16]


def write(model: "keras.Model", card: ModelCard, path: Path) -> None:
    """Write a model and its card as one compressed ``.h5`` file, whole or not at all.

    Raises:
        ValueError: the card's fingerprint is not that of the model.
    """
    _check_fingerprint(model, card)
    draft = path.with_name(f"draft-{path.name}")
    write_draft(model, draft)
    seal(draft, model, card, path)


def write_draft(model: "keras.Model", path: Path) -> None:
    """Write a model as the compressed ``.h5`` file it will be, still without a card.

    ``open_model`` opens it; once its answers are judged, ``seal`` makes a checkpoint of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    plain, packed = (path.with_name(f"{name}-{path.name}") for name in ("plain", "packed"))
    save_plain(model, plain)
    with h5py.File(plain, "r") as source, h5py.File(packed, "w", libver="latest") as target:
        _copy_compressed(source, target)
    plain.unlink()
    put_in_place(packed, path)


def seal(draft: Path, model: "keras.Model", card: ModelCard, path: Path) -> None:
    """Put the card of a model into its draft, and move that to its place.

    Raises:
        ValueError: the card's fingerprint is not that of the model.
    """
    _check_fingerprint(model, card)
    with h5py.File(draft, "r+", libver="latest") as file:
        text = np.frombuffer(card.to_json().encode(), dtype=np.uint8)
        file.create_dataset("card", data=text, compression="gzip", compression_opts=9)
    put_in_place(draft, path)


def _check_fingerprint(model: "keras.Model", card: ModelCard) -> None:
    if card.fingerprint != fingerprint(model):
        raise ValueError("expected a card with the fingerprint of this model")


def save_plain(model: "keras.Model", path: Path) -> None:
    """Write a model as Keras writes ``.h5``: no card, no compression, no optimizer."""
    with _without_advice():
        model.save(path, include_optimizer=False)


@contextlib.contextmanager
def _without_advice() -> Iterator[None]:
    """Keep back what Keras logs against HDF5, which is chosen here on purpose."""
    logger = logging.getLogger("absl")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _copy_compressed(source: h5py.Group, target: h5py.Group) -> None:
    """Copy groups, attributes and datasets; arrays are compressed."""
    for name, value in source.attrs.items():
        target.attrs[name] = _without_spaces(value) if name == "model_config" else value
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            _copy_compressed(item, target.create_group(name))
            continue
        _copy_array(item, target, name)
        for key, value in item.attrs.items():
            target[name].attrs[key] = value


def _copy_array(source: h5py.Dataset, target: h5py.Group, name: str) -> None:
    """Copy an array, in as few bytes as lose nothing."""
    values, options = source[()], {}
    if source.size > 256:
        if source.dtype == np.float32 and byte_floats.write(target, name, values):
            return
        options = {"compression": "gzip", "compression_opts": 9, "shuffle": True}
        options["chunks"] = source.shape if source.nbytes < 2**25 else True
    target.create_dataset(name, data=_narrowed(values), **options)


def _without_spaces(text: str) -> str:
    """The same JSON; written once, as a file keeps the room of what is written over."""
    return json.dumps(json.loads(text), separators=(",", ":"))


def _narrowed(values: Any) -> Any:
    """A float32 array as float16 where that loses nothing; Keras widens it again."""
    array = np.asarray(values)
    if array.dtype != np.float32 or np.abs(array).max(initial=0.0) > 65504:
        return values
    half = array.astype(np.float16)
    return half if np.array_equal(half.astype(np.float32), array) else values
