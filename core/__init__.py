"""The ground floor: settings, errors, database, jobs, models, storage, security, logging, clock."""
