"""The `sdtmflow` command: parses arguments, calls the flows or the library, prints."""
