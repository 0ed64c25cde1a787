"""Every task that a worker knows. Importing it registers them."""

from ingestion_worker.accounts import tasks as accounts
from ingestion_worker.documents import tasks as documents
from ingestion_worker.maintenance import tasks as maintenance
from ingestion_worker.payments import tasks as payments
from ingestion_worker.privacy import tasks as privacy
from ingestion_worker.retention import tasks as retention
from ingestion_worker.vault import tasks as vault

REGISTERED = (accounts, documents, maintenance, payments, privacy, retention, vault)
