"""``python -m portal account``: add, list and remove accounts."""

import argparse
import sys
from getpass import getpass
from pathlib import Path

from models.errors import Refusal
from portal.accounts import account_file, password
from portal.errors import PortalError
from portal.settings import Settings


class AccountRefused(PortalError):
    title = "The account was not changed"
    action = "Run the command again; --help explains it."


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.set_defaults(command=run)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for action, name, text in (
        (_add, True, "add an account, or give it another password"),
        (_list, False, "list the names"),
        (_remove, True, "remove an account; its sessions end"),
    ):
        sub = actions.add_parser(action.__name__.strip("_"), help=text, description=text)
        if name:
            sub.add_argument("name", help="1 to 64 letters, digits, dots, @, - and _")
        sub.add_argument("--file", type=Path, help="file of accounts [AUTH_FILE]")
        sub.set_defaults(action=action)


def run(options: argparse.Namespace) -> int:
    """Do it, or say why not.

    Returns:
        The exit status.
    """
    try:
        path = options.file or Settings.from_environment().auth_file
        if path is None:
            raise AccountRefused(expected="--file FILE or AUTH_FILE", received="neither")
        options.action(path, options)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def _add(path: Path, options: argparse.Namespace) -> None:
    if not account_file.is_name(options.name):
        expected = "a name of 1 to 64 letters, digits, dots, @, - and _"
        raise AccountRefused(expected=expected, received="another")
    if path.exists():
        account_file.read(path)  # what cannot be read is told before a password is asked for
    hashed = password.hashed(_asked_twice())
    with account_file.changing(path) as accounts:
        accounts[options.name] = hashed
    print(f"{options.name} can sign in with AUTH_FILE={path}")


def _list(path: Path, _options: argparse.Namespace) -> None:
    for name in sorted(account_file.read(path)):
        print(name)


def _remove(path: Path, options: argparse.Namespace) -> None:
    with account_file.changing(path) as accounts:
        if accounts.pop(options.name, None) is None:
            expected = f"an account in {path}"
            raise AccountRefused(expected=expected, received="a name that is not there")


def _asked_twice() -> str:
    """A new password, without showing it."""
    first = getpass("Password: ")
    if not password.LEAST <= len(first) <= password.MOST:
        expected = f"a password of {password.LEAST} to {password.MOST} characters"
        raise AccountRefused(expected=expected, received=f"one of {len(first)}")
    if getpass("Again: ") != first:
        raise AccountRefused(expected="the same password twice", received="two different ones")
    return first
