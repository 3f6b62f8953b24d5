"""Having one's data prepared: a row says how far it is, a job makes the file, a week later both are gone."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from pulse.office.exporting.making import EXPORT_LIFETIME, give_up_lost_exports
from pulse.office.limits import EXPORTS
from pulse.office.models import PersonalExport
from pulse.office.tasks import make_personal_export, sweep_expired_exports

State = PersonalExport.State


def request_export(*, user: User) -> PersonalExport:
    """Have everything that ``user`` has here prepared as a ZIP; they get a mail when it is. Raises TooMany.

    Asked again while one is under way, it is that one.
    """
    give_up_lost_exports()
    waiting = user.exports.pending().first()
    if waiting is not None:
        return waiting
    EXPORTS.count(str(user.pk))
    try:
        with transaction.atomic():
            made = PersonalExport.objects.create(user=user, expires_at=timezone.now() + EXPORT_LIFETIME)
            make_personal_export.enqueue(export_id=str(made.id))
    except IntegrityError:
        # Asked for twice at one moment.
        return user.exports.pending().latest("created_at")
    return made


def withdraw_exports(*, user: User) -> None:
    """Have all of a person's exports deleted, bytes included, by a job: their account is being closed.

    Inside the caller's transaction.
    """
    user.exports.pending().update(state=State.FAILED)
    if user.exports.update(expires_at=timezone.now()):
        sweep_expired_exports.enqueue()
