"""Making the files of exports, and deleting them: what jobs do."""

from __future__ import annotations

import secrets
import tempfile
from datetime import timedelta
from uuid import UUID

import structlog
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts.actions.notices import send_notice
from accounts.models import User
from pulse.office.exporting.archive import zipped
from pulse.office.exporting.contents import contents
from pulse.office.models import PersonalExport

log = structlog.get_logger(__name__)

State = PersonalExport.State

EXPORT_LIFETIME = timedelta(days=7)
# Longer than all tries of the job take: what still waits then was lost with its worker.
EXPORT_PATIENCE = timedelta(hours=6)
SWEPT_AT_ONCE = 1000


def make_export(*, export_id: UUID) -> None:
    """Build the file of a waiting export, and tell its owner. What an earlier try left is replaced."""
    waiting = PersonalExport.objects.pending().filter(pk=export_id, user__is_active=True)
    export = waiting.select_related("user").first()
    if export is None:
        return
    if export.file.name:
        default_storage.delete(export.file.name)
    # Written down before there is a file: whatever happens next, somebody knows of it and sweeps it.
    name = f"exports/{secrets.token_hex(16)}.zip"
    waiting.update(file=name)
    size = _store(export.user, name)
    with transaction.atomic():
        ready = {"state": State.READY, "size": size, "expires_at": timezone.now() + EXPORT_LIFETIME}
        if not waiting.filter(file=name).update(**ready):
            # The account was closed meanwhile, or another try came first; its row knows another file, or none.
            transaction.on_commit(lambda: default_storage.delete(name))
            return
        # The newest takes the place of those before.
        PersonalExport.objects.filter(user=export.user).exclude(pk=export_id).update(expires_at=timezone.now())
        send_notice(user=export.user, notice="export_ready")


def _store(user: User, name: str) -> int:
    """Build the archive in a temporary file, and put it into the storage; returns its size."""
    with tempfile.TemporaryFile() as file:
        for chunk in zipped(contents(user)):
            file.write(chunk)
        size = file.tell()
        file.seek(0)
        default_storage.save(name, File(file, name=name))
    return size


def fail_export(*, export_id: UUID) -> None:
    """Give up on an export: its owner may ask for another."""
    PersonalExport.objects.pending().filter(pk=export_id).update(state=State.FAILED)


def give_up_lost_exports() -> int:
    """Fail what has waited for longer than any job takes."""
    lost = PersonalExport.objects.pending().filter(created_at__lte=timezone.now() - EXPORT_PATIENCE)
    return lost.update(state=State.FAILED)


def sweep_exports() -> int:
    """Delete what has expired, bytes first: a row whose file can't be deleted now is tried again next time."""
    swept = 0
    for export in PersonalExport.objects.filter(expires_at__lte=timezone.now()).order_by("expires_at")[:SWEPT_AT_ONCE]:
        try:
            if export.file.name:
                default_storage.delete(export.file.name)
        except Exception as error:  # noqa: BLE001  # each storage has errors of its own
            log.warning("an export could not be deleted", export=str(export.pk), error=type(error).__name__)
            continue
        export.delete()
        swept += 1
    return swept
