"""One file in a request's body: as a form's part called ``file``, or as the whole body."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser
from rest_framework.request import Request

from pulse.lib.errors import BadInput

# Held in memory up to here, beyond in a temporary file.
_IN_MEMORY_BYTES = 256 * 1024
_CHUNK_BYTES = 64 * 1024


class RawImageParser(BaseParser):
    """A body that is the file itself. How long it may be was seen before anything read it (pulse/lib/bodies.py)."""

    media_type = "image/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> DataAndFiles[Any, Any]:
        file = SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115  # closed by sent_file
        while chunk := stream.read(_CHUNK_BYTES):
            file.write(chunk)
        sent = UploadedFile(cast(IO[bytes], file), name="file", content_type=media_type)
        return DataAndFiles(QueryDict(), MultiValueDict({"file": [sent]}))


FILE_PARSERS = [MultiPartParser, RawImageParser]


@contextmanager
def sent_file(request: Request) -> Iterator[tuple[IO[bytes], str]]:
    """The file, open for as long, and the content type it came with.

    Raises BadInput where there isn't exactly one and nothing else.
    """
    files = request.FILES.getlist("file")
    unknown = sorted((set(request.data) | set(request.FILES)) - {"file"})
    errors = {name: ["This field isn’t known or can’t be set."] for name in unknown}
    if not errors and len(files) != 1:
        errors["file"] = ["One file, please." if files else "Choose a file."]
    try:
        if errors:
            raise BadInput(errors=errors)
        yield cast(IO[bytes], files[0].file), files[0].content_type or ""
    finally:
        for file in files:
            file.close()
