"""The labelled documents in a database, and their questions."""

import asyncio
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from core.database import Claims, Database
from core.embeddings.choice import Embedders
from core.embeddings.local import LocalEmbedder
from core.identifiers import new_id
from core.knowledge import documents
from core.knowledge.file_types import HEAD_BYTES, MEDIA_TYPES, sniff
from core.storage.base import Storage, new_key
from core.storage.folder import FolderStorage
from ingestion_worker.documents.parser import Parser
from ingestion_worker.documents.pipeline import DocumentPipeline
from tests.knowledge.build import DOCUMENTS, HERE

SPANISH = frozenset({"lista_de_precios.docx", "preguntas_frecuentes.md", "programa_del_curso.pdf"})


@dataclass(frozen=True)
class Question:
    """A question, and for each document that answers it a phrase of the right passage."""

    text: str
    answers: dict[str, str]

    def is_answered_by(self, filename: str, passage: str) -> bool:
        """Whether this passage is one of the right ones."""
        phrase = self.answers.get(filename)
        return phrase is not None and phrase in " ".join(passage.split())


def questions() -> list[Question]:
    """All that the documents answer."""
    return [Question(one["q"], one["in"]) for one in json.loads((HERE / "questions.json").read_text())]


def follow_ups() -> list[tuple[str, Question]]:
    """Questions that need the one before, which comes first."""
    asked = json.loads((HERE / "follow_ups.json").read_text())
    return [(one["before"], Question(one["q"], one["in"])) for one in asked]


def unanswerable() -> list[str]:
    """Questions that they do not answer."""
    asked: list[str] = json.loads((HERE / "unanswerable.json").read_text())
    return asked


def local_embedders() -> Embedders:
    """The embedded model alone."""
    return Embedders(LocalEmbedder(), None)


async def make_organization(database: Database) -> str:
    """A fresh one."""
    organization_id = new_id("org")
    await database.fetch(
        Claims.for_organization(organization_id),
        "insert into organizations (id, name) values (%s, 'Northstar') returning id",
        (organization_id,),
    )
    return organization_id


async def add_document(
    database: Database,
    storage: Storage,
    organization_id: str,
    path: Path,
    *,
    filename: str | None = None,
    category: str | None = None,
    tags: tuple[str, ...] = (),
) -> str:
    """Put a file in storage and its row beside it, pending; the answer is its id."""
    content = await asyncio.to_thread(path.read_bytes)
    kind = sniff(content[:HEAD_BYTES] or b" ", "")
    key = new_key(organization_id)
    with path.open("rb") as file:
        await storage.save(key, file, MEDIA_TYPES[kind])
    values = {
        "id": new_id("doc"),
        "organization_id": organization_id,
        "filename": filename or path.name,
        "file_type": kind,
        "file_size": len(content) or 1,
        "digest": hashlib.sha256(content).hexdigest(),
        "storage_key": key,
        "category": category,
        "tags": list(tags),
    }
    async with database.transaction(Claims.for_organization(organization_id)) as connection:
        return (await documents.insert(connection, values)).id


async def fill(database: Database, folder: Path, organization_id: str, parser: Parser) -> None:
    """Have all labelled documents processed. Their category is their language."""
    storage = FolderStorage(folder)
    pipeline = DocumentPipeline(database, storage, local_embedders(), parser)
    for path in sorted(DOCUMENTS.iterdir()):
        document_id = await add_document(
            database,
            storage,
            organization_id,
            path,
            category="es" if path.name in SPANISH else "en",
            tags=(path.stem,),
        )
        await pipeline.run(organization_id, document_id)
