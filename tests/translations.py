"""The catalogues of translations: what of Pulse is to be translated, and how far they are.

``python -m tests.translations`` (``make messages``) brings the catalogues up to date with the templates.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "pulse/locale"
LANGUAGES = ("de", "fr", "es", "ja", "ar")
# Whatever has its words in gettext. What joins them here is held to be translated whole.
TRANSLATED = ("templates/mail/**/*.html", "templates/mail/**/*.txt")
HEADER = r"""msgid ""
msgstr ""
"Language: {language}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: {plural}\n"
"""
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def messages() -> Catalog:
    """Every text of Pulse that is to be translated, with where it stands."""
    catalog = Catalog()
    for pattern in TRANSLATED:
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            for message in messages_of(path.read_text(encoding="utf-8"), name):
                catalog.add(message, locations=[(name, 0)])
    return catalog


def messages_of(template: str, name: str = "") -> Iterator[str]:
    code = BytesIO(templatize(template, origin=name).encode())
    for _, message, _, _ in extract("python", code, {**DEFAULT_KEYWORDS, "_": None}, options={"encoding": "utf-8"}):
        yield message if isinstance(message, str) else message[0]


def path_of(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES/django.po"


def catalogue(language: str) -> Catalog:
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language, domain="django")


def placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))


def bring_up_to_date(language: str) -> None:
    known = catalogue(language) if path_of(language).exists() else Catalog(locale=language, domain="django")
    known.update(messages(), no_fuzzy_matching=True)
    known.obsolete.clear()
    write(language, known)


def write(language: str, known: Catalog) -> None:
    """Without the dates and names that Babel's own header has: a catalogue changes when its texts do."""
    entries = BytesIO()
    write_po(entries, known, width=0, omit_header=True, include_lineno=False, sort_by_file=True)
    header = HEADER.format(language=language, plural=known.plural_forms)
    path_of(language).parent.mkdir(parents=True, exist_ok=True)
    path_of(language).write_text(f"{header}\n{entries.getvalue().decode().strip()}\n", encoding="utf-8")


if __name__ == "__main__":
    for code in LANGUAGES:
        bring_up_to_date(code)
        missing = [message.id for message in catalogue(code) if message.id and not message.string]
        print(f"{code}: {len(missing)} to translate")
