"""The development mailbox: what it keeps, and who may look into it."""

from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.test import Client
from pytest_django import Settings

from accounts import mailbox

LINK = "http://127.0.0.1:8000/verify/" + "s" * 43


@pytest.fixture(autouse=True)
def development_mailbox(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "accounts.mailbox.MailboxBackend"
    settings.DEVELOPMENT_MAILBOX = True
    settings.MAILBOX_DIR = tmp_path / "mail"


def send(subject: str = "Confirm", html: str = "") -> None:
    mail = EmailMultiAlternatives(subject, f"Hello,\n\n{LINK}\n", to=["nora@example.org"])
    if html:
        mail.attach_alternative(html, "text/html")
    mail.send()


def look(path: str = "/dev/mail", **meta: str) -> Any:
    options: Any = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:8000"} | meta
    return Client().get(path, **options)


def test_mail_is_shown_on_the_terminal_with_its_link_whole(capsys: pytest.CaptureFixture[str]) -> None:
    send()
    shown = capsys.readouterr().out
    assert "To: nora@example.org" in shown
    assert "Subject: Confirm" in shown
    assert LINK in shown.splitlines()


def test_mail_is_kept_and_listed_newest_first() -> None:
    for subject in ("First", "Second", "Grüße 👋"):
        send(subject)
    assert [mail.subject for mail in mailbox.newest()] == ["Grüße 👋", "Second", "First"]
    assert LINK in mailbox.newest()[0].text


def test_the_newest_200_are_kept(settings: Settings) -> None:
    for number in range(203):
        send(f"Mail {number}")
    kept = mailbox.newest()
    assert (len(kept), kept[0].subject, kept[-1].subject) == (200, "Mail 202", "Mail 3")
    assert len(list(Path(settings.MAILBOX_DIR).iterdir())) == 200


def test_the_page_lists_mail_and_shows_one() -> None:
    send("Confirm", html="<p>Hello</p><script>alert(1)</script>")
    (mail,) = mailbox.newest()
    assert f"/dev/mail/{mail.name}" in look().text
    page = look(f"/dev/mail/{mail.name}").text
    assert f'href="{LINK}"' in page
    assert "<script>alert" not in page
    assert f'sandbox title="The mail’s HTML" src="/dev/mail/{mail.name}/html"' in page


def test_the_html_is_shown_as_a_mail_program_would_and_may_do_nothing() -> None:
    send("Confirm", html="<style>p { color: red }</style><p>Hello</p><script>alert(1)</script>")
    (mail,) = mailbox.newest()
    shown = look(f"/dev/mail/{mail.name}/html")
    assert "<p>Hello</p>" in shown.text
    rules = shown["Content-Security-Policy"]
    assert "default-src 'none'" in rules
    assert "sandbox" in rules
    assert "script-src" not in rules
    assert "style-src 'unsafe-inline'" in rules
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert look(f"/dev/mail/{mail.name}/html", REMOTE_ADDR="192.168.1.5").status_code == 404
    assert look("/dev/mail/0190a1b2-0000-7000-8000-000000000000/html").status_code == 404


@pytest.mark.parametrize(
    "meta",
    [
        {"REMOTE_ADDR": "192.168.1.5"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_FORWARDED_HOST": "localhost"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_HOST": "testserver"},
    ],
)
def test_the_page_is_not_there_for_anybody_from_elsewhere(meta: dict[str, str], db: None) -> None:
    send()
    (mail,) = mailbox.newest()
    assert look(**meta).status_code == 404
    assert look(f"/dev/mail/{mail.name}", **meta).status_code == 404
    assert look().status_code == 200


def test_the_page_is_not_there_where_mail_is_really_sent(settings: Settings) -> None:
    settings.DEVELOPMENT_MAILBOX = False
    assert look().status_code == 404


@pytest.mark.parametrize(
    ("public", "status"),
    [
        ("http://localhost:8000", 200),
        ("http://[::1]:8000", 200),
        ("https://chat.example.org", 404),
        ("http://0.0.0.0:8000", 404),
    ],
)
def test_the_page_is_not_there_where_pulse_is_for_others(public: str, status: int, settings: Settings) -> None:
    """A proxy on the same machine may send nothing that gives it away."""
    settings.PUBLIC_URL = public
    assert look().status_code == status
    assert ("/dev/mail" in look("/verify").text) == (status == 200)


@pytest.mark.parametrize("name", ["nothing", "..%2Fsecret_key", "%2e%2e", "0" * 36, "a" * 300, "%00"])
def test_a_name_that_is_no_mails_is_404(name: str) -> None:
    send_mail("Here", "text", None, ["nora@example.org"])
    assert look(f"/dev/mail/{name}").status_code == 404


def test_ipv6_loopback_is_this_machine_too(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["[::1]"]
    assert look(REMOTE_ADDR="::1", HTTP_HOST="[::1]:8000").status_code == 200
