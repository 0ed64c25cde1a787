"""Secrets of the organizations, sealed at rest."""

from core.vault.vault import Credentials, Vault

__all__ = ["Credentials", "Vault"]
