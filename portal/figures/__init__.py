"""Card data -> coordinates and words: pure functions, drawn by ``templates/figures``."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from models.no_skill import no_skill_f1, positive_share
from models.required_f1 import REQUIRED_F1, meets_required_f1
from portal.figures import numbers
from portal.figures.confusion import confusion_figure
from portal.figures.decision import decision_figure
from portal.figures.estimate_bar import estimate_bar
from portal.figures.gate_scale import gate_scales
from portal.figures.learning import learning_figures
from portal.figures.precision_recall import precision_recall_figure
from portal.figures.probability_bar import probability_bar
from portal.figures.probability_map import probability_map
from portal.figures.reliability import reliability_figures
from portal.figures.roc import roc_figure
from portal.figures.roc_pair import roc_pair_figure
from portal.figures.subgroups import subgroups_figure

TEMPLATE_GLOBALS: Mapping[str, Callable[..., Any] | float] = MappingProxyType(
    {
        "REQUIRED_F1": REQUIRED_F1,
        "chance": numbers.chance,
        "confusion_figure": confusion_figure,
        "count": numbers.count,
        "decimals": numbers.decimals,
        "duration": numbers.duration,
        "decision_figure": decision_figure,
        "estimate_bar": estimate_bar,
        "gate_scales": gate_scales,
        "interval": numbers.interval,
        "learning_figures": learning_figures,
        "meets_required_f1": meets_required_f1,
        "millions": numbers.millions,
        "no_skill_f1": no_skill_f1,
        "percent": numbers.percent,
        "percent_interval": numbers.percent_interval,
        "positive_share": positive_share,
        "precision_recall_figure": precision_recall_figure,
        "probability": numbers.probability,
        "probability_bar": probability_bar,
        "probability_map": probability_map,
        "reliability_figures": reliability_figures,
        "roc_figure": roc_figure,
        "roc_pair_figure": roc_pair_figure,
        "signed": numbers.signed,
        "subgroups_figure": subgroups_figure,
    }
)
"""What the templates may call, by name."""
