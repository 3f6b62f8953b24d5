"""What commands ask of whoever runs them."""

import getpass
import sys


class NoPassword(Exception):
    """Standard input held no readable line."""


def read_password(prompt: str) -> str:
    """One line of standard input: typed unseen at a terminal, else read as it comes. Raises NoPassword."""
    try:
        line = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()
    except (EOFError, UnicodeDecodeError) as error:
        raise NoPassword from error
    password = line.rstrip("\r\n")
    if not password:
        raise NoPassword
    return password
