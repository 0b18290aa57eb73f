"""Mapping specs as a workbook for reviewers, and the workbook's changes back into the specs."""

from sdtmflow.review.exporting import export_specs
from sdtmflow.review.importing import Imported, import_specs

__all__ = ["Imported", "export_specs", "import_specs"]
