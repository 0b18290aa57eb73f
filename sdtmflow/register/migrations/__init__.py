"""The register's migrations, which Alembic applies."""
