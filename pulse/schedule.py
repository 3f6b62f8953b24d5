"""What Pulse does every so often: the worker of an embedded server, and `manage.py worker`, keep this schedule."""

from pulse.lib.schedule import periodic
from pulse.office.tasks import prune, sweep_expired_exports

HOUR = 60 * 60

SCHEDULE = (
    periodic(prune, seconds=HOUR),
    periodic(sweep_expired_exports, seconds=HOUR),
)
