"""One reader per kind of export, each to raw tables."""
