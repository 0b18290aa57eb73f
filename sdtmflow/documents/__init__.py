"""The documents of a submission package that people read: annotated CRF, reviewer's guide."""
