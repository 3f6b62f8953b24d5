"""Migrations: none is missing, and none breaks the version of Pulse that still runs while it is applied."""

import pytest
from django.core.management import call_command
from django_migration_linter import MigrationLinter


def test_the_models_have_all_their_migrations(db: None) -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


@pytest.mark.postgres
def test_the_old_version_can_serve_while_migrations_run(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    linter = MigrationLinter(
        include_apps=["accounts", "chat", "groups", "media", "office", "realtime"],
        ignore_initial_migrations=True,
        no_cache=True,
    )
    linter.lint_all_migrations()
    assert linter.nb_total > 0
    assert not linter.has_errors, capsys.readouterr().out
