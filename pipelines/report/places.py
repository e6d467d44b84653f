"""Where the report finds what it reads, and where it puts what it writes."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """Folders and files below the project's root."""

    root: Path = Path()

    @property
    def checkpoints(self) -> Path:
        """The published models."""
        return self.root / "models" / "checkpoints"

    @property
    def predictions(self) -> Path:
        """What the published models said of every validation and test image."""
        return self.root / "models" / "predictions"

    @property
    def subgroups(self) -> Path:
        """What is known of these images beside their labels."""
        return self.root / "models" / "subgroups"

    @property
    def report(self) -> Path:
        """The report."""
        return self.root / "docs" / "report.md"

    @property
    def figures(self) -> Path:
        """The report's figures."""
        return self.root / "docs" / "figures"

    @property
    def readme(self) -> Path:
        """The document that holds the short table."""
        return self.root / "README.md"
