"""The commands beside serving: ``python -m portal COMMAND``."""

import argparse
import textwrap

from portal.accounts import command as accounts
from portal.scoring import command as scoring
from portal.settings import describe


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options of a command line; ``options.command`` runs them."""
    parser = argparse.ArgumentParser(
        prog="python -m portal",
        description="Without a command, the portal is served.",
        epilog=_settings(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    text = "Score every image of a folder; run again after a stop, it goes on where it was."
    scoring.describe(commands.add_parser("score", help=text, description=text))
    text = "Add, list and remove the accounts of a portal that runs with AUTH_FILE."
    accounts.describe(commands.add_parser("account", help=text, description=text))
    return parser.parse_args(arguments)


def _settings() -> str:
    rows = describe()
    width = max(len(variable) for variable, _, _ in rows)
    lines = (
        textwrap.fill(
            f"{description}{f' Default: {default}.' if default else ''}",
            width=80,
            initial_indent=f"  {variable:{width}}  ",
            subsequent_indent=" " * (width + 4),
        )
        for variable, default, description in rows
    )
    return "\n".join(["settings, as variables of the environment:", *lines])
