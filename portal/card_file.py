"""The card of a model as a file: what travels with its weights, and what is known beside it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from models.card import ModelCard
from models.errors import Refusal
from models.gate import Gate, Share
from models.specs import ModalitySpec
from portal.gate_store import GateStore

Document = Mapping[str, Any]


def card_file(card: ModelCard, gates: GateStore, later: tuple[str, ...]) -> Document:
    """The card, what was noted since it was sealed, and what was measured of its input's check.

    That check belongs to a modality and is made after its models, so no weights carry it.
    """
    return {
        **asdict(card),
        "later_notes": later,
        "input_gate": _input_gate(gates, card.key.modality),
    }


def _input_gate(gates: GateStore, modality: ModalitySpec) -> Document:
    try:
        return {"problem": None, "measured": _measured(gates.find(modality))}
    except Refusal as refusal:
        return {"problem": str(refusal), "measured": None}


def _measured(gate: Gate) -> Document:
    return {
        "created": gate.created,
        "rule": gate.rule,
        "split_sha256": gate.split_sha256,
        "held_out": _refused(gate.all_held_out, gate.held_out),
        "foreign": _refused(gate.all_foreign, gate.foreign),
        "aside": {kind: asdict(share) for kind, share in gate.aside.items()},
    }


def _refused(counts: tuple[int, int], kinds: Mapping[str, Share]) -> Document:
    """How many were refused, of all and of each kind."""
    refused, total = counts
    shares = {kind: asdict(share) for kind, share in kinds.items()}
    return {"refused": refused, "total": total, "kinds": shares}
