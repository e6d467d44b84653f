"""Networks: one compiled network for each kind of stage, used again by later stages and runs."""

from dataclasses import dataclass, field

import keras

from pipelines.config import Config
from pipelines.fused_norms import with_fused_norms
from pipelines.jit import JIT
from pipelines.model_factory import ModelFactory
from pipelines.sparse_adamw import SparseAdamW
from pipelines.stages import Stage


@dataclass(slots=True)
class Networks:
    """The compiled networks of one backbone at a time.

    Tracing a deep network takes longer than an epoch on a few hundred images, so that stages which
    differ in weights, data and rate alone share one.
    """

    _backbone: str = ""
    _kept: dict[tuple[object, ...], keras.Model] = field(default_factory=dict)

    def of(self, config: Config, stage: Stage) -> keras.Model:
        """A compiled network for a stage, as if it were new but for its weights."""
        kind = _kind(config, stage)
        if config.backbone != self._backbone:
            self._kept.clear()
            keras.utils.clear_session()  # or memory grows with every network
            self._backbone = config.backbone
        if kind not in self._kept:
            self._kept[kind] = _compiled(config, stage)
        model = self._kept[kind]
        model.optimizer.begin_again()
        return model


def _kind(config: Config, stage: Stage) -> tuple[object, ...]:
    """All that a compiled network of the backbone depends on."""
    return (
        config.seed,
        config.pixels,
        config.precision,
        config.batch_norm_momentum,
        config.keep_batch_norm,
        config.weight_decay,
        config.label_smoothing,
        stage.pixels,
        stage.learns,
    )


def _compiled(config: Config, stage: Stage) -> keras.Model:
    factory = ModelFactory(config)
    model = with_fused_norms(factory.build(stage.pixels, precision=config.precision))
    factory.freeze(model, backbone=stage.learns)
    model.compile(
        optimizer=SparseAdamW(weight_decay=config.weight_decay),
        loss=keras.losses.BinaryCrossentropy(label_smoothing=config.label_smoothing),
        metrics=[
            "accuracy",
            keras.metrics.AUC(name="auc"),
            keras.metrics.Precision(name="precision"),
            keras.metrics.Recall(name="recall"),
        ],
        jit_compile=JIT,
    )
    # built now, so that a backup finds a place for the optimizer's state
    model.optimizer.build(model.trainable_variables)
    return model
