"""``manage.py worker``: do the jobs, and keep the schedule. As many of them as are wanted."""

import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from pulse.lib.jobs import JobWorker
from pulse.schedule import SCHEDULE


class Command(BaseCommand):
    help = "Do the jobs of a larger installation, and keep its schedule. SIGTERM ends it after the job in hand."

    def handle(self, *args: Any, **options: Any) -> None:
        worker = JobWorker(SCHEDULE)

        def stop(number: int, frame: FrameType | None) -> None:
            worker.stop()
            # Asked twice, it ends there and then; the job in hand is begun again by another worker.
            signal.signal(number, signal.SIG_DFL)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        self.stdout.write("Pulse does its jobs")
        self.stdout.flush()
        worker.run()
