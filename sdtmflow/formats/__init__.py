"""The files an agency gets: XPT v5, Dataset-JSON, define.xml."""
