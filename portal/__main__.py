"""``python -m portal`` serves the portal; ``python -m portal score`` scores a folder of images."""

import sys


def main(arguments: list[str]) -> int:
    """Serve, or score: each loads only what it needs itself."""
    if not arguments:
        from portal.server import main as serve

        return serve()
    from portal.command_line import parse

    options = parse(arguments)
    status: int = options.command(options)
    return status


if __name__ == "__main__":  # not in the processes that score, which import this file too
    sys.exit(main(sys.argv[1:]))
