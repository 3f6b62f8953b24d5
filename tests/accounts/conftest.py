"""What the accounts' tests share: programs that call the API, and browsers."""

import re
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD

Answer = Any


class Program:
    """A client of the API; with ``token`` it is somebody's."""

    def __init__(self, token: str = "", *, client: Client | None = None, address: str = "127.0.0.1") -> None:
        self.client = client or Client(enforce_csrf_checks=True)
        self.token = token
        self.address = address

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        if self.token:
            headers = {"authorization": f"Bearer {self.token}"} | headers
        options: dict[str, Any] = {} if body is None else {"data": body, "content_type": "application/json"}
        call = getattr(self.client, method)
        return call(f"/api/v1/{path}", headers=headers, REMOTE_ADDR=self.address, **options)

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("post", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        return self.call("patch", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.call("delete", path, **headers)

    def sign_in(
        self, user: User | str, *, password: str = PASSWORD, device_id: str = "laptop", platform: str = "CLI"
    ) -> Answer:
        """Ask for a session; where it is given, this program has its token from then on."""
        email = user.email if isinstance(user, User) else user
        body = {"email": email, "password": password, "device_id": device_id, "platform": platform}
        answer = self.post("auth/login", body)
        if answer.status_code == 200:
            self.token = answer.json()["token"]
        return answer


def program_of(user: User, **options: str) -> Program:
    program = Program()
    assert program.sign_in(user, **options).status_code == 200
    return program


def browser_of(user: User, *, password: str = PASSWORD) -> Client:
    """A browser that ``user`` signed in with, by the page."""
    browser = Client()
    assert browser.post("/login", {"email": user.email, "password": password}).status_code == 302
    return browser


def secret_in(mail: EmailMultiAlternatives) -> str:
    """The secret in the link that a mail carries."""
    found = re.search(r"/verify/(\S+)", str(mail.body))
    assert found is not None
    return found[1]
