"""How a mail is made: its words stand in ``templates/mail/{name}.html``, once, and two layouts draw them."""

import re
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils.translation import get_language_bidi, override

SMTP_TIMEOUT_SECONDS = 20


def send_mail(name: str, email: str, context: dict[str, Any], *, language: str) -> None:
    """Render in ``language`` and send.

    People's names are left out on purpose: whoever registers a stranger's address would choose what Pulse writes to
    them.
    """
    with override(language):
        subject, text, html = rendered(name, context)
    message = EmailMultiAlternatives(subject, text, to=[email], connection=get_connection(timeout=SMTP_TIMEOUT_SECONDS))
    # Nobody's holiday notice needs to answer a link.
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    message.extra_headers["Content-Language"] = language
    message.attach_alternative(html, "text/html")
    message.send()


def rendered(name: str, context: dict[str, Any]) -> tuple[str, str, str]:
    """Subject, text and HTML of a mail, in the language that is active."""
    context = context | {
        "site": settings.PUBLIC_URL.partition("://")[2],
        "home": settings.PUBLIC_URL,
        "direction": "rtl" if get_language_bidi() else "ltr",
    }
    # The text's first line is the subject, which the HTML needs for its title.
    subject, _, text = _drawn(name, "text.txt", context).partition("\n")
    html = _drawn(name, "page.html", context | {"subject": subject})
    return subject, text.strip() + "\n", html + "\n"


def _drawn(name: str, layout: str, context: dict[str, Any]) -> str:
    drawn = render_to_string(f"mail/{name}.html", context | {"layout": f"mail/layouts/{layout}"})
    return re.sub(r"\s*\n\s*\n\s*", "\n\n", drawn.strip())
