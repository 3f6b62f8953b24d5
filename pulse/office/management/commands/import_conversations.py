"""``manage.py import_conversations``: bring in what was said elsewhere. docs/import.md says how the file must look."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from tqdm import tqdm

from pulse.lib.errors import BadInput
from pulse.office.importing import BrokenArchive, Imported, Survey, checked_source, import_archive, survey

PROBLEMS_SHOWN = 50
GO_ON = "What was imported is safe: run the command again, and it goes on where it stopped."


class Command(BaseCommand):
    help = (
        "Import conversations from a file of JSON lines, gzipped or not. Importing a file twice is importing it once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.jsonl[.gz]")
        parser.add_argument("--source", default="archive", help="Where lines come from that don't say so themselves.")
        parser.add_argument("--skip-bad", action="store_true", help="Leave bad lines out and import the rest.")

    def handle(self, *args: Any, file: Path, source: str, skip_bad: bool, **options: Any) -> None:
        try:
            source = checked_source(source)
            found = self._survey(file, source)
            self._report(found)
            if found.problems and not skip_bad:
                raise CommandError("Nothing was imported. Mend these lines, or leave them out with --skip-bad.")
            imported = self._import(file, source, found)
        except BadInput as error:
            raise CommandError(error.detail) from None
        except BrokenArchive as error:
            raise CommandError(str(error)) from None
        except OperationalError as error:
            raise CommandError(f"The database can’t be reached: {error}\n{GO_ON}") from None
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. {GO_ON}", returncode=130) from None
        self._conclude(imported)

    def _survey(self, file: Path, source: str) -> Survey:
        size_bytes = file.stat().st_size if file.exists() else None
        with tqdm(desc="Checking", total=size_bytes, unit="B", unit_scale=True, disable=None, file=sys.stderr) as bar:
            return survey(file, source=source, on_bytes=bar.update)

    def _import(self, file: Path, source: str, found: Survey) -> Imported:
        with tqdm(desc="Importing", total=found.good, unit=" messages", disable=None, file=sys.stderr) as bar:
            return import_archive(file, found, source=source, on_lines=bar.update)

    def _report(self, found: Survey) -> None:
        for problem in found.problems[:PROBLEMS_SHOWN]:
            self.stderr.write(str(problem))
        if (more := len(found.problems) - PROBLEMS_SHOWN) > 0:
            self.stderr.write(f"and {more} more bad lines")

    def _conclude(self, imported: Imported) -> None:
        self.stdout.write(
            f"Imported {imported.messages} messages into {imported.conversations} conversations;"
            f" {imported.there_already} were there already. {imported.people} people are new."
        )
        for refused in imported.refused[:PROBLEMS_SHOWN]:
            self.stderr.write(str(refused))
        if imported.refused:
            raise CommandError(f"{len(imported.refused)} messages were refused.")
