"""The full-text index on what messages say.

PostgreSQL: a text search configuration that contains unaccent (a generated column may not call unaccent itself), a generated
tsvector, and one GIN over conversation and words, so that a search inside a conversation reads that conversation alone.

SQLite: an FTS5 table that triggers keep. Rowids of chat_message are not stable (VACUUM may renumber them), so a table of
its own maps a message to its row in the index. Django rebuilds a table to alter it and drops its triggers: a migration
that alters chat_message on SQLite must end by running ``make_triggers`` again.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

POSTGRES = [
    "CREATE EXTENSION IF NOT EXISTS unaccent",
    "CREATE EXTENSION IF NOT EXISTS btree_gin",
    "CREATE TEXT SEARCH CONFIGURATION pulse (COPY = simple)",
    "ALTER TEXT SEARCH CONFIGURATION pulse ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple",
    (
        "ALTER TABLE chat_message ADD COLUMN search tsvector"
        " GENERATED ALWAYS AS (to_tsvector('pulse', coalesce(content, ''))) STORED"
    ),
    "CREATE INDEX message_search ON chat_message USING gin (conversation_id, search)",
]
POSTGRES_BACK = [
    "ALTER TABLE chat_message DROP COLUMN search",
    "DROP TEXT SEARCH CONFIGURATION pulse",
]
SQLITE = [
    "CREATE TABLE chat_message_search_row (id INTEGER PRIMARY KEY, message_id char(32) NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE chat_message_search USING fts5(content, tokenize = 'unicode61 remove_diacritics 2')",
]
TRIGGERS = {
    "message_search_insert": "AFTER INSERT ON chat_message WHEN new.content IS NOT NULL BEGIN"
    " INSERT INTO chat_message_search_row (message_id) VALUES (new.id);"
    " INSERT INTO chat_message_search (rowid, content) VALUES (last_insert_rowid(), new.content); END",
    "message_search_update": "AFTER UPDATE OF content ON chat_message BEGIN"
    " DELETE FROM chat_message_search WHERE rowid = (SELECT id FROM chat_message_search_row WHERE message_id = old.id);"
    " DELETE FROM chat_message_search_row WHERE message_id = old.id;"
    " INSERT INTO chat_message_search_row (message_id) SELECT new.id WHERE new.content IS NOT NULL;"
    " INSERT INTO chat_message_search (rowid, content) SELECT id, new.content FROM chat_message_search_row"
    " WHERE message_id = new.id; END",
    "message_search_delete": "AFTER DELETE ON chat_message BEGIN"
    " DELETE FROM chat_message_search WHERE rowid = (SELECT id FROM chat_message_search_row WHERE message_id = old.id);"
    " DELETE FROM chat_message_search_row WHERE message_id = old.id; END",
}
SQLITE_BACK = ["DROP TABLE chat_message_search", "DROP TABLE chat_message_search_row"]


def make_triggers(schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name, body in TRIGGERS.items():
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
        schema_editor.execute(f"CREATE TRIGGER {name} {body}")


def forwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRES:
            schema_editor.execute(statement)
        return
    for statement in SQLITE:
        schema_editor.execute(statement)
    make_triggers(schema_editor)


def backwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRES_BACK:
            schema_editor.execute(statement)
        return
    for name in TRIGGERS:
        schema_editor.execute(f"DROP TRIGGER {name}")
    for statement in SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
