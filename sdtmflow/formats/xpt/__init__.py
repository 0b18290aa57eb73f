"""SAS XPORT version 5 (SAS TS-140): a vectorised writer and reader."""

from sdtmflow.formats.xpt.member import Column, DisplayFormat, Member, Problem, XptError
from sdtmflow.formats.xpt.reader import read_xpt
from sdtmflow.formats.xpt.writer import write_xpt

__all__ = ["Column", "DisplayFormat", "Member", "Problem", "XptError", "read_xpt", "write_xpt"]
