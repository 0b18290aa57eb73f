"""Where snapshots and bundles are kept: a local folder or S3, behind one protocol."""
