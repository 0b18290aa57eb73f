"""USDM v4 study definitions (CDISC API JSON) as a source of the trial design."""

from sdtmflow.usdm.designing import Designed, designed

__all__ = ["Designed", "designed"]
