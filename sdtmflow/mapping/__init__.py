"""Mapping specs to plans to SDTM datasets."""
