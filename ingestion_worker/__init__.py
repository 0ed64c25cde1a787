"""The background: jobs taken from Postgres."""
