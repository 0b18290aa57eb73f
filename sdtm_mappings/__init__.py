"""The standard SDTM domain specs (YAML), one file a domain."""
