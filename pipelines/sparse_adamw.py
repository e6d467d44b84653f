"""SparseAdamW: an optimizer under which chosen weights stay zero."""

from collections.abc import MutableMapping, Sequence
from functools import partial

import keras
import numpy as np
from keras import ops

MIN_SIZE = 10_000  # smaller kernels are left alone: they cost little and matter much


class SparseAdamW(keras.optimizers.AdamW):
    """AdamW that multiplies every large kernel by a mask of its own after each step.

    The masks are variables of the optimizer, so that a compiled step follows them on every
    backend. They are not saved: whoever chooses zeros does so again.

    Attributes:
        masks: by the path of the kernel, of its shape: 1 where a weight may learn, 0 where it is
            kept at zero. All are 1 at first.
    """

    def build(self, variables: Sequence[keras.Variable]) -> None:
        """Make the state of the variables that learn."""
        if self.built:
            return
        super().build(variables)
        self._saved = len(self.variables)
        kernels = [variable for variable in variables if is_large(variable)]
        masks = [self.add_variable_from_reference(each, "mask", "ones") for each in kernels]
        self.masks: MutableMapping[str, keras.Variable] = {
            kernel.path: mask for kernel, mask in zip(kernels, masks, strict=True)
        }
        # in a partial: Keras takes variables in a list or a mapping for the optimizer's own
        self._hold = partial(_hold, kernels, masks)

    def apply(
        self,
        grads: Sequence[keras.KerasTensor],
        trainable_variables: Sequence[keras.Variable] | None = None,
    ) -> None:
        """Make a step, and set what is masked to zero again."""
        super().apply(grads, trainable_variables)
        self._hold()

    def begin_again(self) -> None:
        """Be as new: no moments, every mask open."""
        for variable in self.variables:
            variable.assign(ops.zeros(variable.shape, variable.dtype))
        for mask in self.masks.values():
            mask.assign(ops.ones(mask.shape, mask.dtype))

    def save_own_variables(self, store: MutableMapping[str, np.ndarray]) -> None:
        """Write all but the masks."""
        for place, variable in enumerate(self.variables[: self._saved]):
            store[str(place)] = ops.convert_to_numpy(variable)

    def load_own_variables(self, store: MutableMapping[str, np.ndarray]) -> None:
        """Read what was written.

        Raises:
            ValueError: it is the state of other variables.
        """
        if len(store.keys()) != self._saved:
            raise ValueError(f"expected {self._saved} variables, received {len(store.keys())}")
        for place, variable in enumerate(self.variables[: self._saved]):
            variable.assign(store[str(place)])


def is_large(kernel: keras.Variable) -> bool:
    """Whether zeros in it make a file smaller; of a network's variables only kernels are."""
    return int(np.prod(kernel.shape)) >= MIN_SIZE


def _hold(kernels: Sequence[keras.Variable], masks: Sequence[keras.Variable]) -> None:
    for kernel, mask in zip(kernels, masks, strict=True):
        kernel.assign(ops.multiply(kernel, mask))
