"""Idle sockets: opened, and held until the run has looked at the server's memory."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from bench.wire import Connection, check_alive, open_all


async def sit_idle(plan: dict[str, Any]) -> dict[str, Any]:
    """``plan``: urls, tokens. Says ``{"open": n}`` when all are open, and ends at the next line of its input."""
    sockets = await open_all(plan["urls"], plan["tokens"], Connection)
    print(json.dumps({"open": len(sockets)}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    check_alive(sockets)
    for socket in sockets:
        socket.close()
    return {}
