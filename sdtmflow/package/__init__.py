"""The submission tree, made of formats."""

from sdtmflow.package.backbone import summary_of, write_backbone
from sdtmflow.package.read_back import read_back
from sdtmflow.package.splitting import Part, PartFile, split_datasets
from sdtmflow.package.tree import PackageTree
from sdtmflow.package.write import PackagedDataset, PackageReport, write_package

__all__ = [
    "PackageReport",
    "PackageTree",
    "PackagedDataset",
    "Part",
    "PartFile",
    "read_back",
    "split_datasets",
    "summary_of",
    "write_backbone",
    "write_package",
]
