"""What errors of others amount to in answers."""

import errno

import pytest
from rest_framework import exceptions

from pulse.lib.problems import as_domain_error


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (exceptions.MethodNotAllowed("POST"), "Method not allowed"),
        (exceptions.UnsupportedMediaType("text/html"), "Unsupported media type"),
    ],
)
def test_a_title_is_whole(error: Exception, title: str) -> None:
    refusal = as_domain_error(error)
    assert refusal is not None
    assert refusal.title == title
    assert "{" not in refusal.detail


def test_a_full_disk_is_no_fault_of_ours_and_other_errors_of_files_are() -> None:
    refusal = as_domain_error(OSError(errno.ENOSPC, "No space left on device"))
    assert refusal is not None
    assert (refusal.status, refusal.code) == (503, "unavailable")
    assert "room" in refusal.detail
    assert as_domain_error(OSError(errno.EACCES, "Permission denied")) is None
