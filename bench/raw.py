"""The limit of sends: the same transaction by pgbench, on the same tables, without any of Pulse."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.clock import percentile
from bench.stage import Stage

# What write_messages does for one message, at the least that keeps its promises: lock, row, counters, mark.
TRANSACTION = """\
BEGIN;
SELECT last_seq + 1 AS seq, gen_random_uuid() AS id FROM chat_conversation WHERE id = '{conversation}'
    FOR NO KEY UPDATE \\gset
INSERT INTO chat_message (id, conversation_id, seq, version, sender_id, group_id, type, content, reply_excerpt,
    forwarded, created_at, updated_at)
VALUES (:id, '{conversation}', :seq, :seq, '{sender}', '{conversation}', 'TEXT', '{content}', '', false,
    now(), now());
UPDATE chat_conversation SET last_seq = :seq, version = :seq, last_message_id = :id, updated_at = now()
WHERE id = '{conversation}';
UPDATE chat_participant SET last_read_seq = :seq, last_delivered_seq = :seq
WHERE conversation_id = '{conversation}' AND user_id = '{sender}';
COMMIT;
"""


@dataclass(frozen=True)
class Raw:
    per_second: float
    p50_ms: float
    p99_ms: float


def raw_sends(
    stage: Stage, conversations: list[tuple[str, str]], content: str, *, clients: int, seconds: float
) -> Raw | None:
    """``conversations``: ids, each with its sender's. None where there is no pgbench."""
    pgbench = Path(stage.postgres.programs) / "pgbench"
    if not pgbench.exists():
        return None
    folder = stage.folder / f"pgbench-{clients}"
    folder.mkdir(exist_ok=True)
    scripts = []
    for number, (conversation, sender) in enumerate(conversations):
        script = folder / f"{number}.sql"
        script.write_text(TRANSACTION.format(conversation=conversation, sender=sender, content=content))
        scripts.append(script)
    log = folder / "log"
    url = stage.database().url
    done = subprocess.run(
        [
            pgbench, "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(max(1, round(seconds))),
            "-l", "--log-prefix", log, *(part for script in scripts for part in ("-f", script)), url,
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    said = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or said is None:
        raise RuntimeError(f"pgbench failed:\n{done.stdout}{done.stderr}")
    # A line of its log: client, transaction, microseconds, ...
    waits = [int(line.split()[2]) / 1000 for file in folder.glob("log.*") for line in file.read_text().splitlines()]
    for file in folder.glob("log.*"):
        file.unlink()
    return Raw(float(said[1]), percentile(waits, 0.5), percentile(waits, 0.99))
