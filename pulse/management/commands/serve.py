"""``manage.py serve``: start one of Pulse's processes."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from chat.live import stop_runtime
from pulse import asgi
from pulse.lib.jobs import start_worker_thread
from pulse.realtime.alone import NotAlone, claim
from pulse.realtime.server import serve
from pulse.schedule import SCHEDULE

WEB_THREADS = 8
FIRST_STEPS = (
    "Nobody lives here yet. Make yourself the operator with\n"
    "    .venv/bin/python manage.py createsuperuser\n"
    "(in another terminal, with the environment of this one), or create an account on the page."
)


class Command(BaseCommand):
    help = "Serve everything from one process (all), or one part of a larger installation (live: sockets, web: HTTP)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", nargs="?", choices=["all", "live", "web"], default="all")
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--workers", type=int, default=2, help="Processes of the web role.")

    def handle(self, *args: Any, role: str, host: str, port: int, workers: int, **options: Any) -> None:
        if role == "web":
            self._web(host, port, workers)
        try:
            claim()
        except NotAlone as error:
            raise CommandError(str(error)) from None
        if settings.EMBEDDED:
            call_command("migrate", verbosity=0)
        self._sockets(role, host, port)

    def _sockets(self, role: str, host: str, port: int) -> None:
        worker = start_worker_thread(SCHEDULE) if role == "all" else None
        is_new = role == "all" and not User.objects.exists()

        def started() -> None:
            self.stdout.write(f"Pulse is at http://{host}:{port}")
            if is_new:
                self.stdout.write(FIRST_STEPS)
            self.stdout.flush()

        application = asgi.application if role == "all" else asgi.live
        serve(application, host=host, port=port, before_shutdown=stop_runtime, started=started)
        if worker is not None:
            worker.stop()

    def _web(self, host: str, port: int, workers: int) -> None:
        if not settings.REDIS_URL:
            raise CommandError(
                "The web role needs REDIS_URL: what it commits reaches the live processes through Redis."
            )
        os.execv(  # noqa: S606  # our own interpreter, our own arguments
            sys.executable,
            [
                sys.executable, "-m", "gunicorn", "pulse.wsgi:application", "--bind", f"{host}:{port}",
                "--worker-class", "gthread", "--workers", str(workers), "--threads", str(WEB_THREADS),
                "--graceful-timeout", "8", "--no-control-socket",
            ],
        )  # fmt: skip
