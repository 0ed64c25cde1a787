"""Takes the body of an upload apart while it arrives, and stops reading where it grows too large."""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import BinaryIO

import anyio.to_thread
from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from api.documents.schemas import LABEL, labels
from core.errors import InvalidInput, PayloadTooLarge, Unavailable
from core.knowledge.file_types import HEAD_BYTES, FileType, sniff

FORM_BYTES = 64 * 1024
"""What the form around the file may take: its fields, and its boundaries."""
FIELDS = 30
_PIECE = 1 << 20
_NAME = 200


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has arrived, and what was said about it."""

    filename: str
    kind: FileType
    file: BinaryIO
    size: int
    digest: str
    category: str | None
    tags: list[str]


@asynccontextmanager
async def received(request: Request, limit: int) -> AsyncIterator[Upload]:
    """The upload, on disk for as long as the ``async with`` lasts.

    Raises `core.errors.PayloadTooLarge` as soon as it is over ``limit`` bytes, and
    `core.errors.InvalidInput` for what is no acceptable form.
    """
    form = await _form(request, limit)
    try:
        yield await _upload(form, limit)
    finally:
        await form.close()


async def _form(request: Request, limit: int) -> FormData:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise InvalidInput("Send the file as multipart/form-data, in the field `file`.")
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit + FORM_BYTES:
        raise _too_large(limit)
    parser = MultiPartParser(
        request.headers, _bounded(request, limit), max_files=1, max_fields=FIELDS, max_part_size=FORM_BYTES
    )
    try:
        return await parser.parse()
    except MultiPartException as fault:
        raise InvalidInput(f"The form cannot be read: {fault.message}") from fault
    except ClientDisconnect as fault:
        raise InvalidInput("The upload broke off.") from fault
    except OSError as fault:
        raise Unavailable(f"There is no room for uploads just now: {fault.strerror or fault}.") from fault


async def _bounded(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit + FORM_BYTES:
            raise _too_large(limit)
        yield piece


async def _upload(form: FormData, limit: int) -> Upload:
    sent = form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise InvalidInput("There is no file in the field `file`.", details={"field": "file"})
    if (sent.size or 0) > limit:
        raise _too_large(limit)
    filename = _acceptable_name(sent.filename)
    kind = sniff(await sent.read(HEAD_BYTES), filename)
    category, tags = _described(form)
    digest = await anyio.to_thread.run_sync(_digest, sent.file)
    return Upload(filename, kind, sent.file, sent.size or 0, digest, category, tags)


def _described(form: FormData) -> tuple[str | None, list[str]]:
    texts = {name: [text for text in form.getlist(name) if isinstance(text, str)] for name in form}
    category = next((text for text in texts.get("category", []) if text.strip()), None)
    try:
        return (
            LABEL.validate_python(category) if category else None,
            labels([*texts.get("tags", []), *texts.get("tags[]", [])]),
        )
    except ValidationError as fault:
        raise InvalidInput(
            "A category or tag has 1 to 60 characters, and there are at most 20 tags.",
            details={"field": "category or tags", "fault": fault.errors()[0]["msg"]},
        ) from fault


def _acceptable_name(name: str) -> str:
    name = name.strip()
    if (
        not name
        or name.strip(".") == ""
        or len(name) > _NAME
        or any(c in "/\\" or not c.isprintable() for c in name)
    ):
        raise InvalidInput("The file's name must be a bare name, without a path.", details={"field": "file"})
    return name


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(
        f"The file is over {limit / (1 << 20):g} MB.",
        details={"limit_bytes": limit},
        headers={"Connection": "close"},
    )
