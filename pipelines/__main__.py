"""The command line: ``python -m pipelines COMMAND``; see ``--help``."""

import sys

from models.errors import Refusal
from pipelines.command_line import parse
from pipelines.errors import UNWRITABLE, FileRefused


def main(arguments: list[str]) -> int:
    """Run one command; a refusal is told on standard error and gives exit status 2."""
    options = parse(arguments)
    try:
        options.command(options)
    except Refusal as refusal:
        print(f"\n{refusal}", file=sys.stderr)
        return 2
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        print(f"\n{FileRefused(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "\nStopped. Run the same command again: training goes on from its last whole epoch, "
            "what was finished is kept, and anything else that was half done begins anew.",
            file=sys.stderr,
        )
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
