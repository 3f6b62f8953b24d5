"""What Django is told about a bucket that keeps the uploads, on Amazon's S3 or another server that speaks like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pulse.lib.environment import Environment


@dataclass(frozen=True, slots=True)
class Bucket:
    name: str
    # The server's URL; empty for Amazon's own.
    endpoint: str
    region: str

    @property
    def origin(self) -> str:
        """Where pages are redirected to for what the bucket keeps."""
        if self.endpoint:
            return "://".join(urlsplit(self.endpoint)[:2])
        host = ".".join(part for part in (self.name, "s3", self.region, "amazonaws.com") if part)
        return f"https://{host}"

    def storage(self) -> dict[str, Any]:
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": self.name,
                "endpoint_url": self.endpoint or None,
                "default_acl": "private",
                "querystring_auth": True,
                # For signed addresses boto3 still takes an older way, which newer regions refuse.
                "signature_version": "s3v4",
                "file_overwrite": False,
                # What is read goes to a temporary file beyond this, instead of all of it to memory.
                "max_memory_size": 8 * 1024 * 1024,
            },
        }


def bucket(env: Environment) -> Bucket | None:
    """The bucket that the environment names, if it names one."""
    name = env.str("AWS_STORAGE_BUCKET_NAME", default="")
    if not name:
        return None
    region = env.str("AWS_S3_REGION_NAME", default="") or env.str("AWS_DEFAULT_REGION", default="")
    return Bucket(name=name, endpoint=env.str("AWS_S3_ENDPOINT_URL", default=""), region=region)
