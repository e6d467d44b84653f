"""Made-up studies: published models whose cards, predictions and split files agree."""

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from models import checkpoint, prediction_table
from models.card import ModelCard
from models.catalogue import ModelKey, find_model, model_keys
from models.prediction_table import PARTS, Predictions
from models.specs import ModalitySpec
from models.subgroup_table import Attribute, SubgroupTable
from pipelines import splitting
from pipelines.evaluator import Evaluator
from pipelines.limitations import limitations
from pipelines.report import Models, Places, Published
from pipelines.splitting import Assigned
from tests.fakes import fake_card, tiny_model
from tests.sums import write_sums

SEED = 1
README = "# Title\n\n<!-- results -->\n<!-- /results -->\n\nThe end.\n"
_SETS = {  # images of a group, share of positive ones, skill that labels give
    "mammography": (2, 0.25, 1.1),
    "ultrasound": (1, 0.32, 1.9),
    "histopathology": (60, 0.5, 1.6),
}
_OTHERS = (1, 0.4, 1.5)


@cache
def assigned(modality: str, size: int = 100) -> tuple[Assigned, ...]:
    """A split of made-up images: some groups of ``size`` validation and ``size`` test images."""
    of_group, share, _ = _SETS.get(modality, _OTHERS)
    random = np.random.default_rng(len(modality))
    return tuple(
        Assigned(
            image=f"{part[:2]}{i:03d}|a.png",
            label=int(i in (0, of_group) or (i not in (1, 2) and random.random() < share)),
            group=f"{part[:2]}-{i // of_group}",
            part=part,
        )
        for part, count in (("train", 3 * size), ("validation", size), ("test", size))
        for i in range(count)
    )


def said(key: ModelKey) -> Mapping[str, Predictions]:
    """What a model that knows something says; all models of a modality find the same images hard.

    Made small, a network says nearly the same as before.
    """
    _, _, skill = _SETS.get(key.modality.key, _OTHERS)
    shared = np.random.default_rng(len(key.modality.key))
    random = np.random.default_rng([ord(letter) for letter in key.slug])
    found = {}
    for part in PARTS:
        rows = [row for row in assigned(key.modality.key) if row.part == part]
        labels = np.array([row.label for row in rows], dtype=np.uint8)
        noise = shared.normal(0, 0.8, len(rows)) + random.normal(0, 0.7, len(rows))
        logits = 1.6 * (skill * (labels - 0.5) + noise) + random.uniform(-0.6, 0.6)
        dense = logits + random.normal(0, 0.05, len(rows))
        found[part] = Predictions(
            names=tuple(row.image for row in rows),
            labels=labels,
            weights=np.ones(len(labels)),
            groups=np.array([row.group for row in rows]),
            probabilities=_sigmoid(logits),
            dense=_sigmoid(dense),
        )
    return found


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return (1 / (1 + np.exp(-logits))).astype(np.float32).astype(np.float64)


def card_of(key: ModelKey, found: Mapping[str, Predictions], fingerprint: str) -> ModelCard:
    """The card of a model that said this, judged as a run is."""
    evaluator = Evaluator(SEED)
    validation, test = found["validation"], found["test"]
    judged = evaluator.judge(evaluator.choose(validation), validation, test)
    card = fake_card(key, fingerprint=fingerprint)
    data = replace(
        card.data,
        split_sha256=hashlib.sha256(split_text(key.modality).encode()).hexdigest(),
        counts={part: _counts(key, part) for part in ("train", *PARTS)},
        groups={part: _groups(key, part) for part in ("train", *PARTS)},
        set_aside=("Two images were left out: they carried both labels.", "Three more"),
    )
    staged = {"frozen_epochs": 2} if key.strategy.staged else {}
    training = replace(
        card.training,
        seconds=600.0,
        dense_f1=judged.dense_f1,
        init="trunks/trunk.h5, SHA-256 0123456789ab" if staged else "random",
        config={"seed": SEED, "epochs": 4, "limit": None, **staged}
        | {"learning_rate": 0.001 if key.backbone.key == "densenet" else 0.0003},
    )
    fields = {item.name: getattr(judged, item.name) for item in dataclasses.fields(judged)}
    del fields["dense_f1"]
    said_too = limitations(data, judged, len(validation.names))
    return replace(card, **fields, data=data, training=training, limitations=said_too)


def _counts(key: ModelKey, part: str) -> tuple[int, int]:
    labels = [row.label for row in assigned(key.modality.key) if row.part == part]
    return len(labels) - sum(labels), sum(labels)


def _groups(key: ModelKey, part: str) -> int:
    return len({row.group for row in assigned(key.modality.key) if row.part == part})


def published(key: ModelKey) -> Published:
    """One published model that exists in memory only."""
    found = said(key)
    card = card_of(key, found, "0123456789abcdef")
    return Published(card=card, predictions=found, size=3_900_000, known=known(card))


def known(card: ModelCard) -> SubgroupTable:
    """What is known of the images of a modality: shades of many groups, and a kind of few."""
    rows = assigned(card.key.modality.key)
    return SubgroupTable(
        modality=card.key.modality.key,
        data=card.data.name,
        split_sha256=card.data.split_sha256,
        attributes=(
            Attribute(key="shade", title="Shade", explanation="Made up.", values=("dark", "light")),
            Attribute(key="kind", title="Kind", explanation="The same.", values=("usual", "rare")),
        ),
        images={
            part: {
                row.image: {
                    "shade": ("dark", "light")[index % 3 == 0],
                    "kind": "usual" if index > 3 else ("rare", "")[index == 3],
                }
                for index, row in enumerate(row for row in rows if row.part == part)
            }
            for part in PARTS
        },
    )


@cache
def study() -> Models:
    """Every model of the catalogue; only to be read."""
    return {key: published(key) for key in model_keys()}


def split_text(modality: ModalitySpec) -> str:
    """The split file of a modality."""
    return splitting.to_csv(assigned(modality.key))


def write_predictions(root: Path, slug: str) -> None:
    """The predictions of one model, where they lie in a project."""
    key = find_model(slug)
    path = Places(root).predictions / key.checkpoint.with_suffix(".csv")
    prediction_table.write(path, said(key))


def write_study(root: Path, keys: Iterable[ModelKey] | None = None) -> Places:
    """A project folder with published models, predictions, split files and a README."""
    places = Places(root)
    order = {key: seed for seed, key in enumerate(model_keys())}
    for key in order if keys is None else keys:
        model, found = tiny_model(order[key]), said(key)
        card = card_of(key, found, checkpoint.fingerprint(model))
        checkpoint.write(model, card, places.checkpoints / key.checkpoint)
        write_predictions(root, key.slug)
        split_file = root / card.data.split_file
        split_file.parent.mkdir(parents=True, exist_ok=True)
        split_file.write_text(split_text(key.modality), "utf-8")
        known(card).write(places.subgroups)
    places.checkpoints.mkdir(parents=True, exist_ok=True)
    write_sums(places.checkpoints)
    places.readme.write_text(README, "utf-8")
    return places
