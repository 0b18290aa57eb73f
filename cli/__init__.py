"""The `sdtmflow` command: parses arguments, calls flows or the library, prints."""
