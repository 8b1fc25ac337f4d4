"""The measure of the desk's pages, at a size that takes little time."""

from pathlib import Path

from measure import desk_scale


def test_every_page_is_opened_and_none_breaks(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    figures = desk_scale.measure(url, tmp_path, topics=0, questions=40, times=1)
    pages = {page["path"]: page["status"] for page in figures["pages"]}
    assert {"/topics", "/coverage", "/audit", "/topics/nicop"} <= pages.keys()
    assert not {path: status for path, status in pages.items() if status >= 500}
    assert {pages["/topics"], pages["/coverage"], pages["/audit"]} == {200}
    assert "target p95" in desk_scale.table(figures)
