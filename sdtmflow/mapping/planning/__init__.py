"""Spec files → the plan: read, merged, checked against standards and terms, put in order."""
