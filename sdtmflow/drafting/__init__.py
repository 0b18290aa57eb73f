"""Drafts of mapping specs for raw tables that no spec reads yet: proposals with their evidence."""

from sdtmflow.drafting.draft import Draft, draft_specs

__all__ = ["Draft", "draft_specs"]
