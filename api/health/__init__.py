"""Whether the installation is well."""
