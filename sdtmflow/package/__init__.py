"""The submission tree, made of formats."""
