"""Mapped records → the study's datasets with the metadata that formats are written from."""
