"""Whether all that is to be translated is, into every language."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.utils.translation import gettext, override

from tests.translations import LANGUAGES, TRANSLATED, catalogue, messages, messages_of, placeholders


def gaps(known: Catalog) -> list[str]:
    """What is missing in ``known``, is not sure, or speaks of other things than the original does."""
    found = []
    for message in messages():
        if not message.id:
            continue
        translated = known.get(message.id)
        if translated is None or not translated.string:
            found.append(f"not translated: {message.id}")
        elif translated.fuzzy:
            found.append(f"fuzzy: {message.id}")
        elif placeholders(str(translated.string)) != placeholders(str(message.id)):
            found.append(f"other placeholders: {message.id}")
    return found


def test_the_languages_are_those_one_can_choose() -> None:
    assert {code for code, _ in settings.LANGUAGES} == {settings.LANGUAGE_CODE, *LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_translated_with_the_same_placeholders(language: str) -> None:
    assert gaps(catalogue(language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalogue_keeps_what_nobody_says_any_more(language: str) -> None:
    said = {message.id for message in messages()}
    assert [message.id for message in catalogue(language) if message.id not in said] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_django_reads_is_what_the_catalogue_says(language: str) -> None:
    """If not: `make .venv/.messages` compiles them; `make run` and `make test` do, too."""
    with override(language):
        for message in catalogue(language):
            if message.id:
                assert gettext(str(message.id)) == message.string


def test_templates_are_read_as_django_reads_them() -> None:
    text = (
        "{% load i18n %}{% translate 'One' %} {% blocktranslate trimmed %}\n Two of {{ site }}\n{% endblocktranslate %}"
    )
    assert list(messages_of(text)) == ["One", "Two of %(site)s"]
    assert len([message for message in messages() if message.id]) > 60
    root = Path(__file__).parent.parent.parent
    assert all(list(root.glob(pattern)) for pattern in TRANSLATED)


def test_a_gap_is_found() -> None:
    known = catalogue("de")
    for wrong in ("", "Bei %(elsewhere)s"):
        message = known.get("You were invited to %(site)s")
        assert message is not None
        message.string = wrong
        assert len(gaps(known)) == 1
