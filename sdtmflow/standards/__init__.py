"""SDTMIG metadata and controlled terminology, per version."""
