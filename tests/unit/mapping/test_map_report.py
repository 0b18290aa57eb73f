"""What became of raw rows, over all sites."""

from sdtmflow.mapping import Counts, MapReport, read_counts
from sdtmflow.mapping.datasets.map_report import DomainReport


def test_the_counts_of_all_sites_are_added_by_domain(tmp_path):
    vs, ae = Counts(2, 20, 12, 7, 1), Counts(3, 3, 3)
    sites = {"01": [("VS", vs), ("AE", ae)], "02": [("VS", vs)]}
    for site, counts in sites.items():
        (tmp_path / site).mkdir()
        domains = tuple(DomainReport(domain, found) for domain, found in counts)
        MapReport(site, domains, findings=0).write(tmp_path / site)
    found = read_counts([tmp_path / site for site in sites])
    assert found == {"AE": ae, "VS": Counts(4, 40, 24, 14, 2)}
    assert list(found) == ["AE", "VS"]
