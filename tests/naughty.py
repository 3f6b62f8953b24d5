"""Strings that have broken programs: our own, and the Big List of Naughty Strings where it lies beside us."""

from pathlib import Path

from tests.installations import ROOT

BIG_LIST = ROOT.parent / "shared" / "data" / "naughty_strings.txt"

OWN = [
    # White space, and what can't be seen
    *("", " ", "\t\n", "\u00a0", "\u200b\u200d", "\ufeff", "\u2028\u2029", "\x1c\x1d\x85", "\u3164", " around "),
    # Control characters, and what can't be stored
    *("\x00", "a\x00b", "\x01\x02\x1b[31mred\x07", "\x7f", "\ufffe\uffff", "\ufffd"),
    # Right to left, overrides, combining marks, emoji made of many
    *("\u202eevil.exe", "مرحبا בעולם", "Z̴̡͎͌ȃ̶l̷g̸o̵", "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪", "e\u0301", "\U0010ffff", "ﷺ" * 50),
    # What other languages would run
    *("<script>alert(1)</script>", "'; DROP TABLE chat_message; --", "{{ 7*7 }}{% load x %}", "${7*7}", "`id`"),
    *("%s%d%n%(x)s", "{0}{x}", "../../../etc/passwd", "\\\\server\\share", "%00%0d%0aSet-Cookie: x=1", "\r\nHost: x"),
    # What looks like something else
    *("null", "true", "NaN", "-0", "1e999", "0x1F", "undefined", "[object Object]", "\\u0000", '"', "\\", "'"),
    *("</article>", "<@all>", "<@00000000-0000-0000-0000-000000000000>", "<@" * 50, "javascript:alert(1)", "```\n" * 3),
    *("http://" + "a" * 3000, "x" * 9_999, "é" * 10_000, "a\n" * 4000, "(" * 5000, "*" * 5000, "`" * 5000, "[" * 5000),
]  # fmt: skip


def naughty_strings(*, every: int = 1) -> list[str]:
    """Our own and, of the big list, each one or every second, third and so on."""
    return [*OWN, *(_of(BIG_LIST)[::every] if BIG_LIST.exists() else [])]


def _of(path: Path) -> list[str]:
    lines = path.read_bytes().decode("utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#")]


def must_be_accepted(text: str) -> bool:
    """Whether nobody could have a reason to refuse it: it says something, and can be stored."""
    fillers = "\u3164\u115f\u1160\uffa0"  # letters by name, and blank
    return "\x00" not in text and any(character.isalnum() and character not in fillers for character in text)
