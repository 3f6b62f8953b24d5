"""What the office leaves to the queue."""

from uuid import UUID

import structlog
from django_tasks import task

from pulse.lib.jobs import prune_results, try_again_later
from pulse.office.exporting.making import fail_export, give_up_lost_exports, make_export, sweep_exports
from pulse.office.pruning import prune_accounts

log = structlog.get_logger(__name__)

# Its owner waits: after a quarter of an hour they rather hear that it failed.
EXPORT_TRIES = 4


# After everything else that waits: it may take minutes.
@task(priority=-10)
def make_personal_export(export_id: str, attempt: int = 1) -> None:
    """Build the file of a waiting export. Where that fails it is tried again, and at last given up."""
    try:
        make_export(export_id=UUID(export_id))
    except Exception as error:
        if attempt >= EXPORT_TRIES or not try_again_later(make_personal_export, attempt=attempt, export_id=export_id):
            fail_export(export_id=UUID(export_id))
            raise
        log.warning("export not made, will try again", attempt=attempt, error=type(error).__name__)


@task()
def sweep_expired_exports() -> None:
    """Delete the files of exports whose time is over."""
    give_up_lost_exports()
    sweep_exports()


@task()
def prune() -> None:
    """Delete what nobody needs any more: spent secrets, ended sessions, registrations nobody confirmed, old results."""
    pruned = prune_accounts() | {"results": prune_results()}
    gone = {name: count for name, count in pruned.items() if count}
    if gone:
        log.info("pruned", **gone)
