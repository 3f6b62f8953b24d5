"""docs/schema.md says what the database is: all of it and nothing else, on whichever database the suite runs."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests import catalogue

PAGE = Path(__file__).resolve().parent.parent / "docs" / "schema.md"
SEVEN = {
    "accounts_user": "id name email password avatar verified created_at updated_at",
    "chat_message": "id sender_id receiver_id group_id type content location created_at updated_at",
    "groups_group": "id name description avatar created_by_id created_at updated_at",
    "groups_groupmember": "id group_id user_id role joined_at",
    "accounts_verificationtoken": "id user_id token type created_at expires_at",
    "accounts_devicesession": "id user_id device_id platform last_active token",
    "media_media": "id uploader_id file type size message_id created_at",
}
pytestmark = pytest.mark.django_db


class Page:
    """docs/schema.md as facts, in the catalogue's words, for the database at hand."""

    def __init__(self, text: str, vendor: str) -> None:
        self.vendor = vendor
        self.tables: dict[str, list[str]] = defaultdict(list)
        self.extras: list[str] = []
        tables, _, rest = text.partition("\n## Full-text search\n")
        search, _, libraries = rest.partition("\n## Tables of libraries\n")
        for section in re.split(r"^### ", tables, flags=re.MULTILINE)[1:]:
            table = re.search(r": `(\w+)`\n", section)
            assert table is not None, f"A section without a table: {section[:40]}"
            self.tables[table[1]] = list(self._facts(section))
        self._read_search(search)
        self.libraries = set(re.findall(r"`(\w+)`(?=[,:])", libraries))

    def _facts(self, section: str) -> Iterator[str]:
        for first, second, third in self._rows(section, 3):
            what, _, only = first.partition(", ")
            if first.startswith("`"):
                family, *more = second.replace("`", "").split(", ")
                if "PostgreSQL" not in more or self.vendor == "postgresql":
                    family, _, refers_to = family.partition(" → ")
                    yield catalogue.column_fact(first.strip("`"), family, null="null" in more, refers_to=refers_to)
            elif only and self.vendor != "postgresql":
                continue
            elif what == "check":
                yield f"check {second.strip('`')}"
            else:
                columns, _, where = third.partition(" where ")
                yield catalogue.index_fact(what, second.strip("`"), columns, where=where)

    def _read_search(self, section: str) -> None:
        for database, what, quoted, content in self._rows(section, 4):
            name = quoted.strip("`")
            if database.lower() != self.vendor:
                continue
            if what == "table":
                self.tables[name] = content.split("; ")
            else:
                self.extras.append(f"{what} {name}{': ' + content.replace('`', '') if what == 'trigger' else ''}")

    @staticmethod
    def _rows(section: str, cells: int) -> Iterator[list[str]]:
        for line in section.splitlines():
            if line.startswith("|") and not line.startswith(("| ---", "| column", "| rule", "| database")):
                row = [cell.strip() for cell in line.strip("|").split("|")]
                assert len(row) == cells, f"Not {cells} cells: {line}"
                yield row


@pytest.fixture
def page() -> Page:
    return Page(PAGE.read_text(encoding="utf-8"), connection.vendor)


# --- The page and the catalogue ---


def test_every_table_is_on_the_page_and_every_table_on_the_page_exists(page: Page) -> None:
    assert set(catalogue.facts()) == set(page.tables) | page.libraries


def test_every_column_rule_and_index_is_on_the_page_and_nothing_else_is(page: Page) -> None:
    found = catalogue.facts()
    for table, lines in page.tables.items():
        missing = [line for line in found[table] if line not in lines]
        surplus = [line for line in lines if line not in found[table]]
        assert not missing, f"docs/schema.md says nothing of this in {table}: {missing}"
        assert not surplus, f"docs/schema.md says this of {table}, and the database does not: {surplus}"
        assert sorted(lines) == found[table], f"One thing twice in {table}."


def test_every_trigger_and_extension_is_on_the_page(page: Page) -> None:
    assert catalogue.extras() == sorted(page.extras)


def test_the_seven_tables_have_what_their_owner_asked_for() -> None:
    found = catalogue.facts()
    for table, columns in SEVEN.items():
        there = {line.split()[1].rstrip(":") for line in found[table] if line.startswith("column ")}
        assert set(columns.split()) <= there


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE chat_star ADD COLUMN colour varchar(8)",
        "CREATE INDEX star_by_time ON chat_star (created_at)",
        "CREATE INDEX one_more ON chat_star (user_id)",
        "DROP INDEX message_changes",
        "CREATE TABLE chat_folder (id integer)",
    ],
)
def test_a_change_that_is_not_on_the_page_is_noticed(page: Page, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
    found = catalogue.facts()
    assert {table: sorted(lines) for table, lines in page.tables.items()} != {
        table: lines for table, lines in found.items() if table not in page.libraries
    }


@pytest.mark.postgres
def test_a_message_moves_its_conversation_without_touching_an_index() -> None:
    """PostgreSQL keeps such an update on the same page (HOT), unless an index holds a column that it changes."""
    moves = {"last_seq", "version", "last_message_id", "updated_at", "access_version"}
    indexed = {
        column
        for line in catalogue.facts()["chat_conversation"]
        if not line.startswith(("column", "check"))
        for column in line.partition(": ")[2].split(", ")
    }
    assert "user_high_id" in indexed
    assert not moves & indexed
