"""Bundles: manifest, publish, verify."""
