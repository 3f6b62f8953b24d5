"""Files in the storage: on a disk of ours, or in a bucket that hands them out by itself."""

from django.core.files.storage import default_storage


def is_ours_to_send(name: str) -> bool:
    """Whether readers get the bytes of the file called ``name`` from Pulse; else from an address of the storage's."""
    try:
        default_storage.path(name)
    except NotImplementedError:
        return False
    return True
