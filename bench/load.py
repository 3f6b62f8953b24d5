"""The process that makes the load, ``python -m bench.load``: one plan in as JSON, one finding out.

It imports nothing of Pulse, and runs apart from everything it measures.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop

from bench.loads.fanout import fan_out
from bench.loads.http import request_again_and_again
from bench.loads.idle import sit_idle
from bench.loads.latency import one_at_a_time
from bench.loads.resume import resume
from bench.loads.sends import send_in_conversations
from bench.wire import Failed

LOADS: dict[str, Callable[[dict[str, Any]], Coroutine[Any, Any, dict[str, Any]]]] = {
    "fanout": fan_out,
    "sends": send_in_conversations,
    "latency": one_at_a_time,
    "idle": sit_idle,
    "resume": resume,
    "http": request_again_and_again,
}


def main() -> int:
    plan = json.loads(sys.stdin.readline())
    try:
        found = uvloop.run(LOADS[plan.pop("load")](plan))
    except Failed as failed:
        found = {"failed": str(failed)}
    except TimeoutError:
        found = {"failed": "The server did not answer in time."}
    print(json.dumps(found), flush=True)
    return 1 if "failed" in found else 0


if __name__ == "__main__":
    sys.exit(main())
