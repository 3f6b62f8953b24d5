"""What starting leaves on the disk."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def start(data_dir: Path) -> int:
    """Reads the settings in a process of their own; returns the mode of the folder they keep."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "SECRET_KEY"}}
    subprocess.run(
        [sys.executable, "-c", "import os; os.umask(0o022); import pulse.settings"],
        cwd=ROOT,
        env=environment | {"PULSE_DATA_DIR": str(data_dir)},
        check=True,
        timeout=60,
    )
    return data_dir.stat().st_mode & 0o777


def test_a_new_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    new = tmp_path / "pulse" / "var"
    assert start(new) == 0o700
    assert (new / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    # Somebody may have opened it to a backup's group on purpose.
    shared = tmp_path / "var"
    shared.mkdir()
    shared.chmod(0o750)
    assert start(shared) == 0o750
