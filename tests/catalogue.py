"""What the database says of itself, one line a fact, from PostgreSQL's catalogue or SQLite's pragmas.

Both speak the words of docs/schema.md: ``column sender_id: uuid -> accounts_user``,
``unique one_message_per_seq: conversation_id, seq``,
``index message_receiver: receiver_id where receiver_id is not null``.
A name that Django or the database made up (with a hash in it, or a suffix of theirs) is left out.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db import connection

GENERATED_NAME = re.compile(r"_pkey$|_key$|_[0-9a-f]{8}(_like|_uniq|_idx)?$|^sqlite_autoindex_")
FAMILIES = {
    # PostgreSQL
    "bigint": "big integer",
    "double precision": "float",
    "inet": "address",
    "integer": "integer",
    "jsonb": "json",
    "smallint": "small integer",
    "timestamp with time zone": "time",
    # SQLite
    "bool": "boolean",
    "char(32)": "uuid",
    "char(39)": "address",
    "datetime": "time",
    "real": "float",
}


def facts() -> dict[str, list[str]]:
    """{table: its facts, sorted} of every table in the database, a library's or ours."""
    found = _postgres() if connection.vendor == "postgresql" else _sqlite()
    return {table: sorted(lines) for table, lines in found.items()}


def condition(sql: str) -> str:
    """The condition of a partial index as both databases and the page can say it: no casts, quotes or brackets."""
    sql = re.sub(r"::\w+( varying)?(\[\])?", "", sql)
    sql = re.sub(r"=\s*ANY\b", "IN", sql).replace("ARRAY", "")
    return " ".join(re.sub(r'[()\[\],"]', " ", sql).lower().split())


def column_fact(name: str, family: str, *, null: bool, refers_to: str = "") -> str:
    return f"column {name}: {family}{' null' if null else ''}{f' -> {refers_to}' if refers_to else ''}"


def index_fact(kind: str, name: str, columns: str, *, method: str = "", where: str = "") -> str:
    name = "" if not name or kind == "primary key" or GENERATED_NAME.search(name) else f" {name}"
    return f"{kind}{name}: {f'{method} ' if method else ''}{columns}{f' where {condition(where)}' if where else ''}"


def _rows(sql: str, *parameters: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


# --- PostgreSQL ---

POSTGRES_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, a.attidentity <> '',
        (SELECT f.confrelid::regclass::text FROM pg_constraint f
         WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum])
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
"""
POSTGRES_CHECKS = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint
    WHERE contype = 'c' AND connamespace = 'public'::regnamespace AND convalidated
"""
POSTGRES_INDEXES = """
    SELECT x.indrelid::regclass::text, i.relname,
        CASE WHEN x.indisprimary THEN 'primary key' WHEN x.indisunique THEN 'unique' ELSE 'index' END,
        m.amname, pg_get_expr(x.indpred, x.indrelid),
        ARRAY(SELECT pg_get_indexdef(x.indexrelid, k, true)
              || CASE WHEN x.indoption[k - 1] & 1 = 1 THEN ' desc' ELSE '' END
              FROM generate_series(1, x.indnkeyatts) k),
        EXISTS (SELECT FROM pg_opclass o WHERE o.oid = ANY (x.indclass) AND o.opcname LIKE '%%pattern_ops')
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am m ON m.oid = i.relam
    WHERE i.relnamespace = 'public'::regnamespace AND x.indisvalid
"""


def _postgres() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    checks = {(table.strip('"'), name) for table, name in _rows(POSTGRES_CHECKS)}
    for table, name, declared, null, identity, refers_to in _rows(POSTGRES_COLUMNS):
        family = re.sub(r"^character varying", "text", FAMILIES.get(declared, declared))
        if (table, f"{table}_{name}_check") in checks:
            checks.remove((table, f"{table}_{name}_check"))
            family = f"positive {family}"
        if identity:
            family = "automatic integer"
        found[table].append(column_fact(name, family, null=null, refers_to=refers_to or ""))
    for table, name in checks:
        found[table].append(f"check {name}")
    for table, name, kind, method, where, columns, pattern in _rows(POSTGRES_INDEXES):
        how = "pattern" if pattern else "" if method == "btree" else method
        found[table].append(index_fact(kind, name, ", ".join(columns), method=how, where=where or ""))
    return found


# --- SQLite ---


def _sqlite() -> dict[str, list[str]]:
    tables = dict(_rows("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%%'"))
    virtual = tuple(f"{name}_" for name, sql in tables.items() if sql.startswith("CREATE VIRTUAL"))
    # An FTS5 table keeps its parts in tables of its own; chat_message_search_row is ours.
    parts = {name + part for name in virtual for part in ("data", "idx", "content", "docsize", "config")}
    return {name: list(_sqlite_table(name, sql)) for name, sql in tables.items() if name not in parts}


def _sqlite_table(table: str, sql: str) -> Iterator[str]:
    if sql.startswith("CREATE VIRTUAL"):
        yield sql.partition(" USING ")[2]
        return
    refers_to = {row[3]: row[2] for row in _rows(f"PRAGMA foreign_key_list({table})")}
    keys = []
    for _, name, declared, not_null, _, key in _rows(f"PRAGMA table_info({table})"):
        if key:
            keys.append(name)
        family = _sqlite_family(name, declared.lower(), sql)
        yield column_fact(name, family, null=not not_null and not key, refers_to=refers_to.get(name, ""))
    yield index_fact("primary key", "", ", ".join(keys))
    for name in re.findall(r'CONSTRAINT "(\w+)" CHECK', sql):
        yield f"check {name}"
    yield from _sqlite_indexes(table, sql)


def _sqlite_family(name: str, declared: str, sql: str) -> str:
    if f'"{name}" integer NOT NULL PRIMARY KEY AUTOINCREMENT' in sql:
        return "automatic integer"
    if declared == "text" and f'JSON_VALID("{name}")' in sql:
        return "json"
    positive = declared.endswith(" unsigned") and f'CHECK ("{name}" >= 0)' in sql
    declared = re.sub("^varchar", "text", declared.removesuffix(" unsigned"))
    return f"{'positive ' if positive else ''}{FAMILIES.get(declared, declared)}"


def _sqlite_indexes(table: str, sql: str) -> Iterator[str]:
    # A constraint's own index has a name SQLite made up; what Django called the constraint stands in the table's SQL.
    named = {
        columns.replace('"', ""): name for name, columns in re.findall(r'CONSTRAINT "(\w+)" UNIQUE \(([^)]*)\)', sql)
    }
    conditions = dict(_rows("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s", table))
    for _, name, unique, origin, partial in _rows(f"PRAGMA index_list({table})"):
        if origin == "pk":
            continue
        parts = [row for row in _rows(f"PRAGMA index_xinfo({name})") if row[5]]
        columns = ", ".join(f"{row[2]}{' desc' if row[3] else ''}" for row in parts)
        where = conditions[name].partition(" WHERE ")[2] if partial else ""
        kind = "unique" if unique else "index"
        yield index_fact(kind, named.get(columns, name) if origin == "u" else name, columns, where=where)


# --- What is neither table nor index ---


def extras() -> list[str]:
    """Extensions, text search configurations and triggers, sorted: ``trigger message_search_insert: on …``."""
    if connection.vendor == "postgresql":
        rows = _rows(
            "SELECT 'extension ' || extname FROM pg_extension WHERE extname <> 'plpgsql'"
            " UNION ALL SELECT 'configuration ' || cfgname FROM pg_ts_config"
            " WHERE cfgnamespace = 'public'::regnamespace"
            " UNION ALL SELECT 'trigger ' || tgname || ': on ' || tgrelid::regclass FROM pg_trigger"
            " WHERE NOT tgisinternal"
        )
    else:
        rows = _rows("SELECT 'trigger ' || name || ': on ' || tbl_name FROM sqlite_master WHERE type = 'trigger'")
    return sorted(fact for (fact,) in rows)
