"""An account is closed, and its data prepared, while others are connected and servers die."""

import time
from functools import partial

import pytest

from tests.conftest import PASSWORD
from tests.installations import PulseProcess
from tests.processes.conftest import Town
from tests.together import at_once

pytestmark = pytest.mark.processes


def make_members(town: Town) -> None:
    """Those who are in the town's group have their roles in it: Alice leads."""
    town.script(
        f"""
from groups.models import GroupMember
for name, id in {dict(town.ids)!r}.items():
    if name != "Charlie":
        GroupMember.objects.create(
            group_id="{town.group_id}", user_id=id, role="ADMIN" if name == "Alice" else "MEMBER")
print(1)
"""
    )


def states(town: Town) -> list[str]:
    found: list[str] = town.script(
        """
import json
from pulse.office.models import PersonalExport
print(json.dumps(list(PersonalExport.objects.values_list("state", flat=True))))
"""
    )
    return found


def test_twenty_requests_close_one_account_and_its_sockets_within_a_second(town: Town, pulse: PulseProcess) -> None:
    make_members(town)
    alices, bobs = town.socket("Alice", pulse), town.socket("Bob", pulse)
    asking = [town.program("Alice", pulse) for _ in range(20)]
    answers = at_once([partial(one.call, "DELETE", "me", {"password": PASSWORD}) for one in asking])
    answered_at = time.monotonic()
    # Whoever came a moment later was nobody any more.
    assert {answer.status_code for answer in answers} <= {204, 401}
    assert 204 in {answer.status_code for answer in answers}
    assert alices.wait_closed() == 4401
    assert alices.closed_at - answered_at < 1
    assert alices.frames[-1] == {"type": "session.ended", "reason": "account_closed"}
    promoted = bobs.wait_for(lambda frame: frame.get("message", {}).get("seq") == 2)["message"]
    assert promoted["system"] == {"event": "role_changed", "user_id": town.ids["Bob"], "role": "ADMIN"}
    bob = town.program("Bob", pulse)
    said = bob.get(f"conversations/{town.group_id}/messages").json()["results"]
    assert [(one["system"]["event"], one["sender"]["name"]) for one in said] == [
        ("member_left", "Deleted account"),
        ("role_changed", "Deleted account"),
    ]
    assert [frame["message"] for frame in bobs.of_type("message.created")] == said
    assert bob.post(f"conversations/{town.direct_id}/messages", {"content": "Hello?"}).status_code == 403
    assert bobs.ask("typing", conversation_id=town.direct_id, active=True)["code"] == "cannot_post"


def test_a_copy_of_data_outlives_the_server_that_was_making_it(town: Town, pulse: PulseProcess) -> None:
    town.write("Alice", "Keep this", count=3000)
    assert town.program("Alice", pulse).post("me/export").status_code == 202
    time.sleep(0.9)
    pulse.kill()
    pulse.start()
    deadline = time.monotonic() + 30
    while states(town) != ["READY"]:
        assert time.monotonic() < deadline, states(town)
        time.sleep(0.3)
    stored = [path.name for path in (town.database.folder / "uploads" / "exports").iterdir()]
    assert len(stored) == 1
