"""Files that editors and translators hand in: content files, workbooks, XLIFF."""

import io
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import strategies as st

from api.content import files
from api.content.files import CONTENT
from api.content.yaml_layout import read_yaml, to_yaml
from api.editorial.translation.reading import read_file
from api.editorial.translation.units import Key, Row, Unit
from api.editorial.translation.xliff import write_xliff
from api.editorial.translation.xlsx import write_xlsx
from api.errors import ContentError, FileRefused
from measure.fuzz.rules import Rule
from measure.fuzz.texts import changed, changed_bytes

_TOPIC = "topics/work/agent-fee-limit.yaml"
_PATIENCE = 5.0  # seconds that a small file may take
_YAML = (
    *["&a ", "*a", "&a [*a]", "<<: *a", "!!python/object:os.system ", "!!binary ", "!!int x"],
    *["!!float ", "!!timestamp x", "2026-13-45", "2026-02-30 25:61:61", ".nan", "~", "0x", "1:99"],
    *["? [a, b]\n: c\n", "? {a: b}\n: c\n", "{", "[", "[" * 300, "- " * 300, "|\n", ">-\n", "'"],
    *["\t", "%YAML 9.9\n", "---\n", "...\n", "\\ud800", '"\\U00110000"', "yes", "0b2", "9" * 5000],
    *["null: null\n", "1: 2\n", "=: =\n", "[*a,*a,*a]", "en: {}\n", "id: []\n", "id: a\nid: a\n"],
)


@contextmanager
def content() -> Iterator[Rule]:
    """A content folder with one broken file: `ContentError` with file and line, or nothing."""
    with tempfile.TemporaryDirectory(prefix="sahi-fuzz-") as name:
        folder = Path(name)
        originals = _small_content(folder)

        def holds(case: tuple[str, bytes]) -> None:
            broken, data = case
            (folder / broken).write_bytes(data)
            began = time.monotonic()
            try:
                files.load(folder)
            except ContentError as error:
                assert error.faults
                for fault in error.faults:
                    assert (folder / fault.file).exists(), f"no such file: {fault.file}"
                    lines = (folder / fault.file).read_bytes().count(b"\n") + 1
                    assert 1 <= fault.line <= lines, f"no such line: {fault}"
            finally:
                (folder / broken).write_text(originals[broken], "utf-8")
            assert time.monotonic() - began < _PATIENCE, "takes too long"

        yield Rule(_broken_files(originals), holds)


def _small_content(folder: Path) -> dict[str, str]:
    """The first entries of each list, one topic and one act; texts by name."""
    for sheet in files.SHEETS:
        data = read_yaml((CONTENT / f"{sheet}.yaml").read_text("utf-8"))
        small = data if isinstance(data, dict) else data[:2]
        (folder / f"{sheet}.yaml").write_text(to_yaml(small), "utf-8")
    for source in (_TOPIC, "acts/greet.yaml"):
        target = folder / source
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CONTENT / source, target)
        data = read_yaml(target.read_text("utf-8"))
        data["variants"] = {code: texts[:2] for code, texts in data["variants"].items()}
        target.write_text(to_yaml(data), "utf-8")
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*.yaml"))
    }


@st.composite
def _broken_files(draw: st.DrawFn, originals: dict[str, str]) -> tuple[str, bytes]:
    name = draw(st.sampled_from(sorted(originals)))
    text = originals[name]
    if draw(st.booleans()):  # a value is another one
        lines = text.split("\n")
        place = draw(st.integers(0, len(lines) - 1))
        key, colon, _ = lines[place].partition(": ")
        lines[place] = key + colon + draw(st.sampled_from(_YAML))
        text = "\n".join(lines)
    text = draw(changed(text, _YAML))
    data = text.encode("utf-8", draw(st.sampled_from(["replace", "surrogatepass"])))
    return name, draw(st.one_of(st.just(data), st.just(data), changed_bytes(data)))


_KEY = Key("agent-fee-limit", "sms", "ur", "0" * 12, "none")
_UNITS = (
    Unit(_KEY, "Pay by bank only.", "", 160),
    Unit(Key("agent-fee-limit", "title", "ur", "1" * 12, "2" * 12), "Fees", "فیس", 60),
)
_XML = (
    *['<!DOCTYPE a [<!ENTITY b "c">]>', "&b;", "&#0;", "&#x110000;", "<!--", "<![CDATA[", "]]>"],
    *["</row>", "<row r='-1'>", "r='A0'", "t='s'", "t='d'", "t='e'", "<v>99999999</v>"],
    *['s="999"', "<f>1+1</f>", "_xD800_", 'ref="A1:XFD1048576"', "1e999", "AAAA1", "xml:space=''"],
)  # fmt: skip


@contextmanager
def uploads() -> Iterator[Rule]:
    """Workbooks and XLIFF that came back: rows, or `FileRefused`."""
    workbook = write_xlsx(_UNITS, "ur")
    xliff = write_xliff(_UNITS, "ur")
    cases = st.one_of(
        _broken_workbooks(workbook),
        changed_bytes(workbook),
        changed(xliff.decode("utf-8"), _XML).map(lambda text: text.encode("utf-8", "replace")),
        changed_bytes(xliff),
        st.binary(max_size=300),
        st.binary(max_size=300).map(lambda data: b"PK\x03\x04" + data),
    )
    yield Rule(cases, _read_or_refused)


@st.composite
def _broken_workbooks(draw: st.DrawFn, workbook: bytes) -> bytes:
    """A workbook one part of which says something else, well zipped."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    name = draw(st.sampled_from(sorted(parts)))
    what = draw(st.sampled_from(["change", "change", "change", "drop", "rename"]))
    data = parts.pop(name)
    if what == "change":
        text = draw(changed(data.decode("utf-8", "replace"), _XML))
        parts[name] = text.encode("utf-8", "replace")
    elif what == "rename":
        parts[draw(st.sampled_from(["xl/../a.xml", "vbaProject.bin", "/x.xml", "xl"]))] = data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content_of_part in parts.items():
            archive.writestr(part, content_of_part)
    return out.getvalue()


def _read_or_refused(data: bytes) -> None:
    began = time.monotonic()
    try:
        rows = read_file(data)
        assert all(isinstance(row, Row) for row in rows)
        assert all(row.text is None or isinstance(row.text, str) for row in rows)
    except FileRefused:
        pass
    assert time.monotonic() - began < _PATIENCE, "takes too long"
