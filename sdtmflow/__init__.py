"""The sdtmflow library: plain Python, usable in a bare shell, without Prefect or GX."""

from importlib.metadata import version

__version__ = version("sdtmflow")
