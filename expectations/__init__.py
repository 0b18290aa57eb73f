"""The only home of Great Expectations: standard suites, suite loader, GX results to findings."""
