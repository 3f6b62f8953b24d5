"""Mail in the language of whom it is for, as text and as HTML."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone, translation
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from accounts.actions.notices import NOTICES, send_notice
from accounts.mails import rendered
from accounts.models import User
from tests.accounts.conftest import Program, program_of
from tests.accounts.mails import Mails, html_of, sent_to
from tests.translations import LANGUAGES, ROOT

pytestmark = pytest.mark.django_db

Work = Callable[[], Any]
NORA = {"name": "Nora", "email": "nora@example.org", "password": "a harbour at dawn"}
GERMAN = {"accept-language": "de-AT, de;q=0.9, en;q=0.5"}
ALL = sorted(path.stem for path in (ROOT / "templates/mail").glob("*.html"))
CONTEXT: dict[str, Any] = {
    "link": "https://x.example/verify/abc",
    "device": "Firefox on Linux",
    "until": timezone.now(),
}


def test_nora_is_written_to_in_the_language_of_her_browser_and_it_is_kept(work: Work, mailoutbox: Mails) -> None:
    with work():
        Program().post("auth/register", NORA, **GERMAN)
    with work():
        Program().post("auth/resend-verification", {"email": NORA["email"]})
    assert [mail.subject for mail in mailoutbox] == ["Bestätige deine Adresse für Pulse"] * 2
    assert mailoutbox[0].extra_headers["Content-Language"] == "de"
    assert '<html lang="de" dir="ltr">' in html_of(mailoutbox[0])
    assert User.objects.get().preferences == {"language": "de"}


def test_what_a_person_chose_goes_before_what_is_asked_in(work: Work, mailoutbox: Mails, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(preferences={"language": "fr"})
    with work():
        Program().post("auth/password-reset", {"email": alice.email}, **GERMAN)
    assert mailoutbox[0].subject == "Choisissez un nouveau mot de passe pour Pulse"


def test_who_chose_none_is_written_to_as_they_ask(work: Work, mailoutbox: Mails, alice: User) -> None:
    for language, subject in (
        ("ja", "Pulse の新しいパスワードを設定してください"),
        ("tlh, xx", "Set a new password for Pulse"),
        ("\x00;q=,,", "Set a new password for Pulse"),
    ):
        mailoutbox.clear()
        with work():
            Program().post("auth/password-reset", {"email": alice.email}, **{"accept-language": language})
        assert mailoutbox[0].subject == subject


def test_a_registration_in_english_stores_no_choice(work: Work) -> None:
    with work():
        Program().post("auth/register", NORA)
    assert User.objects.get().preferences == {}


def test_arabic_is_written_from_right_to_left(work: Work, mailoutbox: Mails, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(preferences={"language": "ar"})
    with work():
        send_notice(user=User.objects.get(pk=alice.pk), notice="new_device", device="Firefox on Linux")
    (mail,) = mailoutbox
    assert '<html lang="ar" dir="rtl">' in html_of(mail)
    assert "Firefox on Linux" in mail.body


def test_a_notice_is_in_the_language_of_whoever_caused_it_and_later_tries_keep_it(
    work: Work, mailoutbox: Mails, alice: User, settings: Settings
) -> None:
    laptop = program_of(alice)
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    body = {"current_password": "correct horse battery", "new_password": "a lighthouse in fog"}
    with work():
        assert laptop.post("auth/password", body, **GERMAN).status_code == 204
    assert mailoutbox == []
    settings.EMAIL_BACKEND = working
    DBTaskResult.objects.filter(status="READY").update(run_after=timezone.now())
    with work():
        pass
    assert [mail.subject for mail in sent_to(mailoutbox, alice.email)] == ["Dein Passwort wurde geändert"]


def test_a_notice_to_another_address_goes_there(work: Work, mailoutbox: Mails, alice: User) -> None:
    with work():
        send_notice(user=alice, notice="account_closed", email="before@example.org")
        send_notice(user=alice, notice="export_ready")
    assert [mail.to for mail in mailoutbox] == [["before@example.org"], [alice.email]]
    assert "http" not in mailoutbox[0].body
    assert "/settings/data" in mailoutbox[1].body


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.parametrize("name", ALL)
def test_every_mail_has_both_parts_whole_in_every_language(name: str, language: str) -> None:
    with translation.override(language):
        subject, text, html = rendered(name, CONTEXT)
    assert subject
    assert "\n" not in subject
    assert "\n\n\n" not in text
    assert f'<html lang="{language}"' in html
    assert f"<title>{subject}</title>" in html
    for words in (text, html.partition("</style>")[2]):
        assert "{" not in words
        assert "%(" not in words
    if name not in {"email_changed", "account_closed"}:
        assert CONTEXT["link"] in text
        assert html.count(f'href="{CONTEXT["link"]}"') == 2


def test_every_notice_has_its_mail() -> None:
    assert set(NOTICES) <= set(ALL)


def test_a_device_s_name_is_text_and_nothing_else() -> None:
    _, text, html = rendered("new_device", CONTEXT | {"device": "<b>Fox</b> & Co"})
    assert "<b>Fox</b> & Co" in text
    assert "&lt;b&gt;Fox&lt;/b&gt; &amp; Co" in html


def test_jobs_carry_no_secret_and_no_password(work: Work, mailoutbox: Mails, alice: User) -> None:
    laptop = program_of(alice)
    with work():
        Program().post("auth/register", NORA)
        Program().post("auth/password-reset", {"email": alice.email})
        laptop.post("auth/email", {"email": "new@example.org", "password": "correct horse battery"})
    jobs = json.dumps(list(DBTaskResult.objects.values("args_kwargs", "return_value", "traceback")))
    links = [word for mail in mailoutbox for word in str(mail.body).split() if word.startswith("http")]
    secrets = [link.rsplit("/", 1)[1] for link in links if len(link.rsplit("/", 1)[1]) == 43]
    assert len(secrets) == 3
    for secret in [*secrets, NORA["password"], "correct horse battery", laptop.token]:
        assert secret not in jobs
