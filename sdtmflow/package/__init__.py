"""The submission tree, made of formats."""

from sdtmflow.package.read_back import read_back
from sdtmflow.package.tree import PackageTree
from sdtmflow.package.write import PackagedDataset, PackageReport, write_package

__all__ = ["PackageReport", "PackageTree", "PackagedDataset", "read_back", "write_package"]
