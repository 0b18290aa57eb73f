"""Bundles: manifest, publish, read, download, verify."""

from sdtmflow.bundle.download import download, download_zip
from sdtmflow.bundle.export import export_sequence
from sdtmflow.bundle.manifest import (
    BundleFacts,
    Claim,
    Code,
    Gap,
    InputFile,
    Manifest,
    ManifestFile,
)
from sdtmflow.bundle.publish import OvertakenError, PublishedBundle, publish
from sdtmflow.bundle.read import bundles, find, latest, read_file, read_manifest
from sdtmflow.bundle.verifier import Fault, Signer
from sdtmflow.bundle.verify import Verification, verify, verify_copy

__all__ = [
    "BundleFacts",
    "Claim",
    "Code",
    "Fault",
    "Gap",
    "InputFile",
    "Manifest",
    "ManifestFile",
    "OvertakenError",
    "PublishedBundle",
    "Signer",
    "Verification",
    "bundles",
    "download",
    "download_zip",
    "export_sequence",
    "find",
    "latest",
    "publish",
    "read_file",
    "read_manifest",
    "verify",
    "verify_copy",
]
