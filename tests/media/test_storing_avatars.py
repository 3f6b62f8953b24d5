"""What becomes of a picture that the disk doesn't take."""

import resource
from io import BytesIO
from pathlib import Path

import pytest
from pytest_django import Settings

from media.actions.avatars import store_avatar
from tests.media.pictures import picture

SMALLER_THAN_THE_LARGE_ONE = 400


def test_of_a_picture_that_does_not_fit_nothing_stays(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    # A file of this process may be no longer: the system refuses the rest of it, as a full disk does.
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALLER_THAN_THE_LARGE_ONE, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            store_avatar(source=BytesIO(picture("PNG", size=(16, 16))))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [one.name for one in tmp_path.rglob("*") if one.is_file()] == []
    store_avatar(source=BytesIO(picture("PNG", size=(16, 16))))
    assert len(list(tmp_path.rglob("*.webp"))) == 2
