"""What tests do with mail."""

import re

from django.core.mail import EmailMultiAlternatives

Mails = list[EmailMultiAlternatives]


def link_in(mail: EmailMultiAlternatives, path: str) -> str:
    """The secret behind ``path`` in the link that a mail carries."""
    found = re.search(rf"{path}([\w-]+)", str(mail.body))
    assert found is not None, mail.body
    return found[1]


def html_of(mail: EmailMultiAlternatives) -> str:
    (alternative,) = mail.alternatives
    assert alternative[1] == "text/html"
    return str(alternative[0])


def sent_to(mails: Mails, email: str) -> Mails:
    """What ``email`` was sent, without what is sent because a test signs in on a second device."""
    return [mail for mail in mails if mail.to == [email] and mail.subject != "A new device signed in"]
