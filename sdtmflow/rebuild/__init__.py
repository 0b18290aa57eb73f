"""A published bundle made again from its store alone, and compared with what was published."""

from sdtmflow.rebuild.assembling import Rebuild, folder_for, note_rebuild, prepared
from sdtmflow.rebuild.comparing import Difference, Rebuilt, finish

__all__ = ["Difference", "Rebuild", "Rebuilt", "finish", "folder_for", "note_rebuild", "prepared"]
