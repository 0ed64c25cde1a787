"""`limitless migrate`: bring the database up to date."""

from cli.installation import database_of, faults_in_a_sentence
from core.database.migrations import migrate
from core.settings import get_settings


def migrate_command() -> None:
    """Apply the migrations that have not run yet."""
    settings = get_settings()
    with faults_in_a_sentence():
        if settings.database_url is None:
            with database_of(settings):
                print("The embedded database is up to date.")
            return
        applied = migrate(settings.database_url.get_secret_value())
        for migration in applied:
            print(f"applied {migration.version} {migration.name}")
        print("The database is up to date.")
