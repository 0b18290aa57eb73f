"""The annotated CRF: each form of the study as it was filled in, and where its answers went."""
