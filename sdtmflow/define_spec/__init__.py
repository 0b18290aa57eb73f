"""define.xml of anyone → study.yaml and mapping specs, and the proof that they say the same."""

from sdtmflow.define_spec.comparing import Difference, differences
from sdtmflow.define_spec.proposal import Proposal, propose
from sdtmflow.define_spec.reading import Reader

__all__ = ["Difference", "Proposal", "Reader", "differences", "propose"]
