"""How is an object store spoken to? By S3's protocol, through fsspec.

Credentials, region and endpoint come from where all AWS tools look: the environment (`AWS_PROFILE`,
`AWS_ENDPOINT_URL`, …), the files in `~/.aws`, the machine's role. Nothing of them is kept, sent or told.
"""

import base64
import errno
import hashlib
import mimetypes
import os
import platform
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
from botocore.exceptions import (
    BotoCoreError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as NoConnection
from fsspec.exceptions import FSTimeoutError

from .store import CLAIM, END, Address, BusyError, Folder, Store, safe_name

#: In seconds, for each try; a server that takes longer to begin its answer is tried again.
CONNECT_SECONDS, ANSWER_SECONDS = 5, 15

#: So often, with growing pauses, a request is tried that finds nobody, or is told to come back later.
TRIES = 3

#: S3 takes up to 5 GB in one request; above twice this size s3fs would cut a file up.
WHOLE = 2 * 1024**3

_AGAIN = ", then run the same command again"
_NO_CREDENTIALS = (
    "No credentials for it were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
)
_LOST = (NoConnection, HTTPClientError, FSTimeoutError, TimeoutError)
_WITHOUT = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

#: What S3 answers, and what that means. {} stands for the answer.
_STRANGER = f"The credentials are not accepted ({{}}); renew them{_AGAIN}"
_DENIED = "Access is denied; ask for the right to list, read, write and delete there"
_MISSING = "There is no such bucket; make it, or look at its name and at AWS_ENDPOINT_URL"
_OTHER = f"The store could not do it ({{}}); look into its own log{_AGAIN}"
#: What it answers to a conditional write where there is an object (Amazon S3 API, PutObject, If-None-Match).
_THERE = ("412", "PreconditionFailed", "ConditionalRequestConflict")
_ANSWERS = {
    **dict.fromkeys(
        ("ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "TokenRefreshRequired"), _STRANGER
    ),
    **dict.fromkeys(("RequestTimeTooSkewed", "SignatureDoesNotMatch"), _STRANGER),
    **dict.fromkeys(("403", "AccessDenied", "AllAccessDisabled", "Forbidden"), _DENIED),
    **dict.fromkeys(("404", "NoSuchBucket", "InvalidBucketName"), _MISSING),
}


def opened(address: Address) -> Store:
    """What is kept at an address."""
    return Folder(Path(address.place), address) if address.scheme == "file" else Bucket(address)


class Bucket:
    """The objects below a prefix of a bucket.

    An object is there whole or not at all: "updates to a single key are atomic", and who reads gets old or
    new data, "but never partial or corrupt data". Who asks or lists after it was written sees the new one:
    S3 has "strong read-after-write consistency" (Amazon S3 User Guide, "Amazon S3 data consistency model").
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        retries = {"mode": "standard", "total_max_attempts": TRIES}
        times = {"connect_timeout": CONNECT_SECONDS, "read_timeout": ANSWER_SECONDS}
        self._files: Any = fsspec.filesystem(
            "s3", config_kwargs={**times, "retries": retries}, use_listings_cache=False
        )
        self._files.retries = 1  # botocore tries again already

    def listing(self) -> dict[str, str]:
        """All objects but hidden ones, with size and ETag; one request for a thousand of them."""
        with self._told(""):
            found = self._files.find(self.address.place, detail=True)
        start = len(self.address.place) + 1
        return {
            path[start:]: _stamp(one)
            for path, one in found.items()
            if not any(part.startswith(".") for part in path[start:].split("/"))
        }

    def names(self, folder: str) -> list[str]:
        """The names of the objects right in a folder; none where there are none."""
        path = self._path(folder)
        with self._told(folder):
            try:
                found = self._files.ls(path, detail=True)
            except FileNotFoundError:
                return []
        return [one["name"].rpartition("/")[2] for one in found if one["type"] == "file"]

    def read(self, name: str) -> bytes | None:
        """An object's content; None where there is no such object."""
        path = self._path(name)
        with self._told(name):
            try:
                data: bytes = self._files.cat_file(path)
            except FileNotFoundError:
                return None
        return data

    def end(self, name: str) -> bytes:
        """The last bytes of an object."""
        with self._told(name):
            data: bytes = self._files.cat_file(self._path(name), start=-END)
        return data

    def write(self, name: str, data: bytes) -> str:
        """Put an object there, whose SHA-256 the store compares, and ask for it; returns size and ETag."""
        path = self._path(name)
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        with self._told(name):
            answer = self._files.pipe_file(
                path, data, chunksize=WHOLE, ChecksumSHA256=digest, ContentType=kind
            )
            there = self._info(path)
        if there is None or (there["size"], there["ETag"]) != (len(data), answer["ETag"]):
            raise OSError(errno.EIO, f"It is not there as it was written{_AGAIN}", self.address / name)
        return _stamp(there)

    def remove(self, name: str) -> None:
        """Take an object away, if it is there."""
        with self._told(name):
            self._files.rm_file(self._path(name))

    def create(self, name: str, data: bytes) -> bool:
        """Put an object there unless there is one (S3's conditional write, `If-None-Match: *`)."""
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        with self._told(name):
            try:
                self._files.pipe_file(
                    self._path(name), data, chunksize=WHOLE, mode="create", ChecksumSHA256=digest
                )
            except OSError as error:
                if not isinstance(error, FileExistsError) and _code(error) not in _THERE:
                    raise
            else:
                return True
        # A request that is tried again may meet what it has put there itself.
        return self.read(name) == data

    def put_in(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Put objects there one after another, after those that were there are gone."""
        with self._told(folder):
            there = self._files.find(self._path(folder))
        for path in there:
            self.remove(path.removeprefix(f"{self.address.place}/"))
        for name, data in files.items():
            self.write(f"{folder}/{safe_name(name)}", data)

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Put an object there that nobody else may put there meanwhile."""
        who = f"{platform.node()} {os.getpid()}"
        if not self.create(CLAIM, who.encode()):
            held = (self.read(CLAIM) or b"").decode("utf-8", "replace")
            name = "".join(letter for letter in held[:80] if letter.isprintable())
            why = (
                f"Somebody else ({name}) is changing the releases; if that was broken off, remove this object"
            )
            raise BusyError(errno.EBUSY, why, self.address / CLAIM)
        try:
            yield
        finally:
            self.remove(CLAIM)

    def _info(self, path: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._files.info(path, refresh=True)
        except FileNotFoundError:
            return None
        return found

    def _path(self, name: str) -> str:
        return f"{self.address.place}/{safe_name(name)}"

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        """Say what went wrong in plain words; what a server says itself is not repeated."""
        try:
            yield
        except (OSError, ValueError, BotoCoreError) as error:
            shown = self.address / name if name else str(self.address)
            raise OSError(errno.EIO, _why(error), shown) from None


def _stamp(info: dict[str, Any]) -> str:
    return f"{info['size']} {info['ETag']}"


def _why(error: Exception) -> str:
    """What went wrong, and what to do."""
    if isinstance(error, _WITHOUT):
        return _NO_CREDENTIALS
    if isinstance(error, _LOST):
        return f"Nobody answers there; look at AWS_ENDPOINT_URL and at the network{_AGAIN}"
    code = _code(error)
    if not code:
        kind = type(error).__name__
        return f"It cannot be asked ({kind}); look at AWS_ENDPOINT_URL and at the other settings of AWS"
    return _ANSWERS.get(code, _OTHER).format(code)


def _code(error: Exception) -> str:
    """The code of the server's answer; empty where it gave none."""
    response = getattr(error.__cause__, "response", None) or {}
    code = str(response.get("Error", {}).get("Code", ""))
    return code if re.fullmatch(r"\w{1,40}", code, re.ASCII) else ""
