"""Drafts of suites: what a delivery shows of itself, proposed as expectations, for review."""

from expectations.drafting.draft import DraftedSuite, SuiteDraft, draft_suites

__all__ = ["DraftedSuite", "SuiteDraft", "draft_suites"]
