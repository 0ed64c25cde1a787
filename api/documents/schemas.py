"""Documents as their owner sees them."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, TypeAdapter

from api.schemas import Timestamp
from core.knowledge.documents import Document, Status

Label = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$"
    ),
]
"""A category or a tag; capitals make no difference."""
Labels = Annotated[list[Label], Field(max_length=20)]
LABEL = TypeAdapter[str](Label)
LABELS = TypeAdapter[list[str]](Labels)


class UploadedDocument(BaseModel):
    """A document that was taken in."""

    id: str
    filename: str
    file_size: int
    """Bytes."""
    storage_url: str
    """Where the original can be downloaded, with the owner's token."""
    processing_status: Status
    created_at: Timestamp

    @classmethod
    def of(cls, document: Document, base_url: str) -> "UploadedDocument":
        """As the row says."""
        return cls(
            id=document.id,
            filename=document.filename,
            file_size=document.file_size,
            storage_url=f"{base_url}/api/documents/{document.id}/file",
            processing_status=document.status,
            created_at=document.created_at,
        )


class Uploaded(BaseModel):
    """The answer to an upload."""

    success: Literal[True] = True
    document: UploadedDocument


class ListedDocument(UploadedDocument):
    """One line of the list."""

    category: str | None
    tags: list[str]
    embeddings_created: bool
    total_chunks: int


class DocumentList(BaseModel):
    """A page of documents."""

    documents: list[ListedDocument]
    total: int
    has_more: bool


class Progress(BaseModel):
    """How far the processing is. Totals are null until they are known."""

    pages_done: int
    pages: int | None
    chunks_done: int
    chunks: int | None


class Failure(BaseModel):
    """Why a document could not be processed; ``reason`` is for its owner."""

    code: str
    reason: str


class DocumentDetails(ListedDocument):
    """Everything about one document."""

    file_type: str
    language: str | None
    progress: Progress
    failure: Failure | None
    embedding_model: str | None
    updated_at: Timestamp
    completed_at: Timestamp | None


class Deleted(BaseModel):
    """The answer to a deletion."""

    success: Literal[True] = True
    message: str = "Document and embeddings deleted"


def listed(document: Document, base_url: str) -> ListedDocument:
    """A document as one line."""
    return ListedDocument(
        **UploadedDocument.of(document, base_url).model_dump(),
        category=document.category,
        tags=document.tags,
        embeddings_created=document.status == "completed",
        total_chunks=document.total_chunks,
    )


def details(document: Document, base_url: str) -> DocumentDetails:
    """A document in full."""
    return DocumentDetails(
        **listed(document, base_url).model_dump(),
        file_type=document.file_type,
        language=document.language,
        progress=Progress(
            pages_done=document.pages_done,
            pages=document.pages,
            chunks_done=document.chunks_done,
            chunks=document.total_chunks or None,
        ),
        failure=_failure(document),
        embedding_model=document.embedding_model,
        updated_at=document.updated_at,
        completed_at=document.completed_at,
    )


def _failure(document: Document) -> Failure | None:
    if document.status != "failed":
        return None
    return Failure(code=document.failure_code or "", reason=document.failure_reason or "")


def labels(fields: Iterable[str]) -> list[str]:
    """Tags as forms send them: repeated fields, commas, or both."""
    words = [word for field in fields for word in field.split(",") if word.strip()]
    return list(dict.fromkeys(LABELS.validate_python(words)))
