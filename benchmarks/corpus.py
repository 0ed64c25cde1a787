"""Chunks by the thousand for ten organizations of uneven size, put straight into the tables.

Each text is about a topic of its organization: eight of the topic's words, three times each, among words
that say little. Texts of one topic are near each other, others are not: two at random have a cosine of
0.16, as passages of real documents have (0.14 to 0.17). Texts of mere random words would have 0.5, and no
index finds its way among those.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

import psycopg

from core.embeddings.local import LocalEmbedder, unit_vectors
from core.knowledge.chunks import written

SHARES = (0.40, 0.25, 0.13, 0.08, 0.05, 0.04, 0.025, 0.015, 0.007, 0.003)
DOCUMENT = 200
"""Chunks of a document."""
TOPIC = 50
"""Chunks of a topic."""
_SMALL = (
    "the",
    "of",
    "and",
    "to",
    "is",
    "in",
    "for",
    "with",
    "that",
    "it",
    "as",
    "on",
    "are",
    "your",
    "you",
    "can",
)
_BATCH = 2_000
_HNSW = "chunk_embeddings_near_wordllama"


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organization, how many chunks it has, and questions about its topics."""

    organization_id: str
    chunks: int
    questions: Sequence[str]


class Corpus:
    """Makes the same texts each time."""

    def __init__(self) -> None:
        self._random = random.Random(7)
        listed = files("unstructured.nlp").joinpath("english-words.txt").read_text().split()
        words = [word for word in listed if 3 < len(word) < 11 and word.islower()]
        self._random.shuffle(words)
        self._common, self._rare = words[:400], words[400:20_400]

    def fill(self, conninfo: str, chunks: int) -> list[Tenant]:
        """Empty the tables, fill them with so many chunks, and build the index; as the login role."""
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute("set search_path = public, extensions")
            connection.execute("truncate organizations cascade")
            index = connection.execute(
                "select indexdef from pg_indexes where indexname = %s", (_HNSW,)
            ).fetchone()
            assert index is not None
            connection.execute(f"drop index {_HNSW}")
            tenants = [
                self._tenant(connection, f"org_{number}", max(1, round(chunks * share)))
                for number, share in enumerate(SHARES)
            ]
            connection.execute("set maintenance_work_mem = '1GB'")
            connection.execute(str(index[0]).encode())
            connection.execute("vacuum analyze")
        return tenants

    def _tenant(self, connection: psycopg.Connection, organization_id: str, chunks: int) -> Tenant:
        topics = [self._random.sample(self._rare, 20) for _ in range(max(1, chunks // TOPIC))]
        self._add_documents(connection, organization_id, chunks)
        texts = [(topic, self._text(topic)) for topic, _ in zip(_cycle(topics), range(chunks), strict=False)]
        for start in range(0, chunks, _BATCH):
            self._add_chunks(connection, organization_id, start, texts[start : start + _BATCH])
        questions = [f"how does the {' '.join(self._random.sample(topic, 3))} work" for topic in topics[:200]]
        return Tenant(organization_id, chunks, questions)

    def _text(self, topic: Sequence[str]) -> str:
        words = [
            *self._random.sample(topic, 8) * 3,
            *self._random.choices(_SMALL, k=35),
            *self._random.choices(self._common, k=12),
        ]
        self._random.shuffle(words)
        return " ".join(words)

    def _add_documents(self, connection: psycopg.Connection, organization_id: str, chunks: int) -> None:
        connection.execute("insert into organizations (id, name) values (%s, %s)", (organization_id,) * 2)
        for number in range(-(-chunks // DOCUMENT)):
            name = f"{organization_id}_{number}"
            connection.execute(
                "insert into documents"
                " (id, organization_id, filename, file_type, file_size, digest, storage_key, status,"
                " language, total_chunks, embedding_model, embedding_dimensions)"
                " values (%(id)s, %(org)s, %(id)s, 'txt', 1, %(id)s, %(id)s, 'completed', 'en', %(chunks)s,"
                " %(model)s, 256)",
                {
                    "id": name,
                    "org": organization_id,
                    "chunks": min(DOCUMENT, chunks - number * DOCUMENT),
                    "model": LocalEmbedder.name,
                },
            )

    def _add_chunks(
        self,
        connection: psycopg.Connection,
        organization_id: str,
        start: int,
        texts: Sequence[tuple[Sequence[str], str]],
    ) -> None:
        headings = [" ".join(topic[:2]).title() for topic, _ in texts]
        vectors = unit_vectors([f"{head}\n{text}" for head, (_, text) in zip(headings, texts, strict=True)])
        ids = connection.execute(
            "select nextval('chunks_id_seq') from generate_series(1, %s)", (len(texts),)
        ).fetchall()
        with (
            connection.transaction(),
            connection.cursor().copy(
                "copy chunks (id, organization_id, document_id, position, heading, text, language) from stdin"
            ) as copy,
        ):
            for position, ((chunk_id,), heading, (_, text)) in enumerate(
                zip(ids, headings, texts, strict=True), start
            ):
                document = f"{organization_id}_{position // DOCUMENT}"
                copy.write_row((chunk_id, organization_id, document, position, heading, text, "english"))
        with connection.cursor().copy("copy chunk_embeddings from stdin") as copy:
            for position, ((chunk_id,), vector) in enumerate(zip(ids, vectors, strict=True), start):
                document = f"{organization_id}_{position // DOCUMENT}"
                row = (chunk_id, organization_id, document, LocalEmbedder.name, 256, written(vector))
                copy.write_row(row)


def _cycle(topics: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    while True:
        yield from topics
