"""Gradio around the same Keras models, as its guide shows it.

It is here to be compared with: ``python -m benchmarks.serving.gradio_portal --port 7860``.
"""

import argparse
import sys
from pathlib import Path

import gradio

from benchmarks.serving.plain_portal import NAMES, Models, batch_of


def create_interface(models: Models) -> gradio.Interface:
    """An image and the name of a model or a cohort in, the probability of each model out."""

    def predict(path: str, name: str) -> list[float]:
        keys = NAMES[name]
        batch = batch_of(Path(path).read_bytes(), keys[0])
        return [models.predict(key, batch) for key in keys]

    return gradio.Interface(
        fn=predict,
        inputs=[gradio.Image(type="filepath"), gradio.Dropdown(list(NAMES))],
        outputs=gradio.JSON(),
        api_name="predict",
    )


def main(arguments: list[str]) -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving.gradio_portal")
    parser.add_argument("--port", type=int, default=7860)
    parser.add_argument("--checkpoints", type=Path, default=Path("models/checkpoints"))
    options = parser.parse_args(arguments)
    interface = create_interface(Models(options.checkpoints))
    interface.launch(server_name="127.0.0.1", server_port=options.port, quiet=True)


if __name__ == "__main__":
    main(sys.argv[1:])
