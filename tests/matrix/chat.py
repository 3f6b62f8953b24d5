"""What chat's doors answer. In order: anonymous, stranger, removed, blocked, member, admin, staff.

The blocked is in the group as well: a block is between two, and a group belongs to all in it.
"""

from tests.matrix.rows import Row

# Who may see the group, her chat with the member, and her chat with the blocked.
GROUP = "401 404 404 {0} {0} {0} 404"
DIRECT = "401 404 404 404 {0} 404 404"
BLOCKED = "401 404 404 {0} 404 404 404"

SAY = {"content": "Hello to you"}

CONVERSATIONS = [
    Row("GET conversations", "401 200 200 200 200 200 200"),
    # The blocked has a chat with her already, which stays theirs; nobody is refused notes to themselves.
    Row("POST conversations", "401 201 201 200 200 201 201", {"user_id": "{alice}"}),
    Row("POST conversations", "401 201 201 201 201 201 201", {"user_id": "{me}"}),
    Row("GET conversations/{group}", GROUP.format(200)),
    Row("GET conversations/{direct}", DIRECT.format(200)),
    Row("GET conversations/{blocked_direct}", BLOCKED.format(200)),
    Row("GET conversations/{group}/participants", GROUP.format(200)),
    Row("GET conversations/{direct}/participants", DIRECT.format(200)),
    Row("GET conversations/{group}/changes?since=0", GROUP.format(200)),
    Row("GET conversations/{direct}/changes?since=0", DIRECT.format(200)),
    Row("POST conversations/{group}/read", GROUP.format(204), {"seq": 1}),
    Row("POST conversations/{direct}/read", DIRECT.format(204), {"seq": 1}),
    Row("POST conversations/{group}/delivered", GROUP.format(204), {"seq": 1}),
    Row("POST conversations/{direct}/delivered", DIRECT.format(204), {"seq": 1}),
]

BLOCKS = [
    Row("GET blocks", "401 200 200 200 200 200 200"),
    # Whom the blocked sees in their chat can be blocked back, as if there were no block.
    Row("PUT blocks/{alice}", "401 204 204 204 204 204 204"),
    Row("DELETE blocks/{alice}", "401 204 204 204 204 204 204"),
    Row("PUT blocks/{me}", "401 400 400 400 400 400 400"),
]

MESSAGES = [
    Row("GET conversations/{group}/messages", GROUP.format(200)),
    Row("GET conversations/{direct}/messages", DIRECT.format(200)),
    Row("GET conversations/{blocked_direct}/messages", BLOCKED.format(200)),
    Row("POST conversations/{group}/messages", GROUP.format(201), SAY),
    Row("POST conversations/{direct}/messages", DIRECT.format(201), SAY),
    Row("POST conversations/{blocked_direct}/messages", BLOCKED.format(403), SAY),
    Row("GET messages/{group_message}", GROUP.format(200)),
    Row("GET messages/{direct_message}", DIRECT.format(200)),
    Row("GET messages/{blocked_direct_message}", BLOCKED.format(200)),
]

GROUP_PAGE = "login 404 404 {0} {0} {0} 404"
DIRECT_PAGE = "login 404 404 404 {0} 404 404"
BLOCKED_PAGE = "login 404 404 {0} 404 404 404"

PAGES = [
    Row("GET /", "200"),
    Row("GET /new?q=Al", "login 200 200 200 200 200 200"),
    Row("POST /new", "login 303 303 303 303 303 303", {"user_id": "{alice}"}),
    Row("GET /chats/rows?id={group}", "login 200 200 200 200 200 200"),
    Row("GET /chats/{group}", GROUP_PAGE.format(200)),
    Row("GET /chats/{direct}", DIRECT_PAGE.format(200)),
    Row("GET /chats/{blocked_direct}", BLOCKED_PAGE.format(200)),
    Row("POST /chats/{group}", GROUP_PAGE.format(303), SAY),
    Row("POST /chats/{direct}", DIRECT_PAGE.format(303), SAY),
    Row("POST /chats/{blocked_direct}", BLOCKED_PAGE.format(403), SAY),
    Row("POST /chats/{group}/read", GROUP_PAGE.format(303), {"seq": "1"}),
    Row("GET /chats/{group}/history", GROUP_PAGE.format(200)),
    Row("GET /chats/{direct}/history", DIRECT_PAGE.format(200)),
    Row("GET /chats/{group}/changes?since=0", GROUP_PAGE.format(200)),
    Row("GET /chats/{direct}/changes?since=0", DIRECT_PAGE.format(200)),
    Row("GET /people/{alice}/block", "login 200 200 200 200 200 200"),
    Row("POST /people/{alice}/block", "login 303 303 303 303 303 303"),
    Row("POST /people/{alice}/unblock", "login 303 303 303 303 303 303"),
    Row("GET /settings/privacy", "login 200 200 200 200 200 200"),
    Row("POST /settings/privacy", "login 302 302 302 302 302 302", {"last_seen": "nobody"}),
]

ROWS = [*CONVERSATIONS, *BLOCKS, *MESSAGES, *PAGES]
