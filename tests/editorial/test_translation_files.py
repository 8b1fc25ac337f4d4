"""The two file formats: what is written is read again, and nothing bad gets in."""

import contextlib
import io
import zipfile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]
from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]

from api.content.files import ContentSet
from api.editorial.translation import (
    Format,
    Unit,
    pack,
    read_file,
    units,
    unpack,
    write_xliff,
    write_xlsx,
)
from api.editorial.translation.opening import MAX_FILE
from api.editorial.translation.units import Key, mark
from api.errors import FileRefused

WRITERS = {Format.XLSX: write_xlsx, Format.XLIFF: write_xliff}
XLIFF = "{urn:oasis:names:tc:xliff:document:2.0}"
both = pytest.mark.parametrize("form", list(Format))
# Every text that JSON can hold, with what the formats find hard more often than by chance.
anything = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("\r\n\t \u0000\u000b\u001f\ufffe\uffff\ufeff<&]>_x0041=+-@'\"{}*"),
    ),
    max_size=60,
) | st.sampled_from(
    ["_x0041_", "_x005F_x0041_", "x005F_", "=1+1", "#N/A", "1e5", " a ", "\n", "]]>", "&amp;"]
)
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def unit(english: str, translation: str, *, field: str = "whatsapp", topic: str = "a-b") -> Unit:
    key = Key(topic, field, "ur", mark(english), mark(translation))
    return Unit(key, english, translation, 620)


WHOLE = {
    form: write([unit("Fee {helpline:mrc}", "فیس"), unit("b", "")], "ur")
    for form, write in WRITERS.items()
}


def refused(data: bytes) -> str:
    with pytest.raises(FileRefused) as error:
        read_file(data)
    return error.value.code


@both
@quick
@given(texts=st.lists(st.tuples(anything, anything), min_size=1, max_size=4))
@example(texts=[("Call {helpline:police}", "{helpline:police} {helpline:mrc} {helpline:police}")])
@example(texts=[("a", "line\r\nline\rline"), ("b", "_x000D_")])
def test_any_text_comes_back_as_it_went_out(form: Format, texts: list[tuple[str, str]]) -> None:
    sent = [unit(english, text, topic=f"t{n}") for n, (english, text) in enumerate(texts)]
    rows = read_file(WRITERS[form](sent, "ur"))
    assert [row.key for row in rows] == [one.key for one in sent]
    assert [row.text or "" for row in rows] == [one.translation for one in sent]
    assert not any(row.problem for row in rows)


@both
@pytest.mark.parametrize("language", ["ur", "ur-Latn"])
def test_the_whole_content_comes_back_as_it_went_out(
    content: ContentSet, form: Format, language: str
) -> None:
    sent = [
        one
        for topic_id, topic in content.topics.items()
        for one in units(topic.document.plain(), topic_id, language)
    ]
    assert len(sent) > 400
    rows = read_file(WRITERS[form](sent, language))
    assert [(row.key, row.text) for row in rows] == [(one.key, one.translation) for one in sent]


@both
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_refused_or_read_and_never_an_error(
    form: Format, data: st.DataObject
) -> None:
    cut = bytearray(WHOLE[form])
    for _ in range(data.draw(st.integers(1, 8))):
        start = data.draw(st.integers(0, len(cut)))
        end = start + data.draw(st.integers(0, 6))
        cut[start:end] = data.draw(st.binary(max_size=6))
    with contextlib.suppress(FileRefused):
        read_file(bytes(cut))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_workbook_with_damaged_parts_is_refused_or_read(data: st.DataObject) -> None:
    """As before, but inside the archive, where no checksum stops it."""
    whole = WHOLE[Format.XLSX]
    name = data.draw(
        st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
    )
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        part = bytearray(archive.read(name))
    # Digits and letters for digits and letters: what stays well-formed gets furthest.
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(part) - 1))
        part[at] = data.draw(st.sampled_from(b'0129abcXs<>"/= '))
    with contextlib.suppress(FileRefused):
        read_file(changed(whole, {name: bytes(part)}))


def changed(workbook: bytes, parts: dict[str, bytes]) -> bytes:
    """A workbook with some parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@pytest.mark.parametrize("text", ["=1+1", "+92300", "-5", "@SUM(A1)", "=HYPERLINK(A1)", "#REF!"])
def test_no_text_is_ever_a_formula_in_the_workbook(text: str) -> None:
    data = write_xlsx([unit(text, text)], "ur")
    sheet = load_workbook(io.BytesIO(data))["ur"]
    assert [cell.data_type for cell in sheet[2]] == ["s"] * 7
    assert (sheet["D2"].value, sheet["D2"].quotePrefix, sheet["D2"].number_format) == (
        text, True, "@",
    )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_only_the_translation_can_be_typed_into_and_urdu_runs_from_the_right() -> None:
    sheet = load_workbook(io.BytesIO(write_xlsx([unit("a", "b")], "ur")))["ur"]
    assert sheet.protection.sheet
    assert [cell.protection.locked for cell in sheet[2]] == [True] * 3 + [False] + [True] * 3
    assert sheet.sheet_view.rightToLeft
    assert sheet["D2"].alignment.readingOrder == 2
    assert not load_workbook(io.BytesIO(write_xlsx([unit("a", "b")], "ur-Latn")))[
        "ur-Latn"
    ].sheet_view.rightToLeft


def test_a_formula_a_number_and_a_date_in_a_returned_row_are_named() -> None:
    book = load_workbook(
        io.BytesIO(write_xlsx([unit("a", "b", topic=f"t{n}") for n in range(4)], "ur"))
    )
    sheet = book["ur"]
    sheet["D2"] = "=1+1"
    sheet["B3"] = "=A1"
    sheet["D4"] = 4500
    sheet["D5"] = 4.5
    out = io.BytesIO()
    book.save(out)
    rows = read_file(out.getvalue())
    assert [(row.problem, row.text) for row in rows] == [
        ("formula", None),
        ("formula", None),
        ("", "4500"),
        ("not-text", None),
    ]


def test_a_workbook_saved_by_another_program_with_shared_and_rich_texts_is_read() -> None:
    """Programs keep texts in a list of their own, some in pieces with their own fonts."""
    key = unit("a", "").key
    shared = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<si><t>Key</t></si><si><t>Translation</t></si>"
        f"<si><t>{key}</t></si>"
        "<si><r><t>ا</t></r><r><rPr><b/></rPr><t>ب_x000D_\nج</t></r></si></sst>"
    )
    cells = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>'
    cells += '<row r="9"><c r="A9" t="s"><v>2</v></c><c r="C9" t="s"><v>3</v></c></row>'
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    )
    whole = write_xlsx([unit("a", "b")], "ur")
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        types = archive.read("[Content_Types].xml")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    known = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()
    if b"sharedStrings" not in types:
        types = types.replace(b"</Types>", known)
    parts = {
        "[Content_Types].xml": types,
        "xl/sharedStrings.xml": shared.encode(),
        "xl/worksheets/sheet1.xml": sheet.encode(),
    }
    (row,) = read_file(changed(whole, parts))
    assert (row.place, row.key, row.text) == ("9", key, "اب\r\nج")


def test_macros_embedded_programs_and_entities_are_refused() -> None:
    whole = write_xlsx([unit("a", "b")], "ur")
    assert refused(changed(whole, {"xl/vbaProject.bin": b"x"})) == "macros"
    assert refused(changed(whole, {"xl/embeddings/oleObject1.bin": b"x"})) == "macros"
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        types = archive.read("[Content_Types].xml")
    macro = types.replace(b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")
    assert refused(changed(whole, {"[Content_Types].xml": macro})) == "macros"
    entity = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    assert refused(changed(whole, {"xl/worksheets/sheet1.xml": entity})) == "entities"
    assert refused(entity) == "entities"
    wide = entity.decode().encode("utf-16")
    assert refused(wide) == "entities"


def test_a_file_on_the_disk_or_the_network_is_never_read(tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("of nobody's business")
    for address in (secret.as_uri(), "http://127.0.0.1:9/x"):
        data = f'<!DOCTYPE xliff [<!ENTITY x SYSTEM "{address}">]><xliff>&x;</xliff>'
        assert refused(data.encode()) == "entities"


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused_before_it_is_unpacked() -> None:
    whole = write_xlsx([unit("a", "b")], "ur")
    bomb = changed(whole, {"xl/sharedStrings.xml": b" " * (51 * 1024 * 1024)})
    assert len(bomb) < MAX_FILE
    assert refused(bomb) == "too-large"
    assert refused(b" " * (MAX_FILE + 1)) == "too-large"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 and no more", "not-readable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not-readable"),
        (b"topic,text\na,b\n", "not-readable"),
        (b"<xliff xmlns='urn:oasis:names:tc:xliff:document:1.2' version='1.2'/>", "version"),
        (b"<html/>", "version"),
    ],
)
def test_what_is_none_of_our_files_is_refused_with_its_reason(data: bytes, code: str) -> None:
    assert refused(data) == code


def test_a_workbook_without_our_columns_and_one_with_too_many_rows_are_refused() -> None:
    book = Workbook()
    book.active.append(["Key", "Something"])
    out = io.BytesIO()
    book.save(out)
    assert refused(out.getvalue()) == "columns"
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["Key", "Translation"])
    for _ in range(20_001):
        sheet.append(["a", "b"])
    out = io.BytesIO()
    book.save(out)
    assert refused(out.getvalue()) == "rows"


def test_the_xliff_has_the_structure_of_the_standard(content: ContentSet) -> None:
    """What the schema of XLIFF 2.0 asks for, as far as it concerns the parts in use."""
    document = content.topics["emergency-at-sea"].document.plain()
    root = etree.fromstring(write_xliff(units(document, "emergency-at-sea", "ur"), "ur"))
    assert root.tag == f"{XLIFF}xliff"
    assert dict(root.attrib) == {"version": "2.0", "srcLang": "en", "trgLang": "ur"}
    (file,) = root
    assert file.get("id") == "emergency-at-sea"
    assert len(file) == 4
    for one in file:
        names = [child.tag.removeprefix(XLIFF) for child in one]
        assert names in (["notes", "segment"], ["notes", "originalData", "segment"])
        source, target = one.find(f"{XLIFF}segment")
        data = {child.get("id") for child in one.iter(f"{XLIFF}data")}
        ids = [child.get("id") for child in source.iter(f"{XLIFF}ph")]
        assert len(ids) == len(set(ids))
        assert {child.get("dataRef") for child in target.iter(f"{XLIFF}ph")} <= data
        assert "{helpline:" not in "".join(source.itertext())
    whatsapp = file[2]
    assert "112" not in "".join(whatsapp.itertext())  # a number never leaves the phone book


def test_a_text_that_a_tool_cut_into_segments_is_put_together_again() -> None:
    sent = unit("One. Two.", "")
    root = etree.fromstring(write_xliff([sent], "ur"))
    (element,) = root.iter(f"{XLIFF}unit")
    element.remove(element.find(f"{XLIFF}segment"))
    for name, source, target, order in (
        ("segment", "One.", "B<mrk id='m1'>b</mrk>.", "3"),
        ("ignorable", " ", None, ""),
        ("segment", "Two.", "A<!-- why -->.", "1"),
    ):
        attributes = f" order='{order}'" if order else ""
        there = f"<target{attributes}>{target}</target>" if target else ""
        element.append(
            etree.fromstring(
                f"<{name} xmlns='{XLIFF[1:-1]}'><source>{source}</source>{there}</{name}>"
            )
        )
    (row,) = read_file(etree.tostring(root))
    assert row.text == "A. Bb."


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(anything, min_size=1, max_size=5))
def test_rows_come_back_from_the_form_as_they_went_in(texts: list[str]) -> None:
    rows = read_file(
        write_xliff([unit("a", text, topic=f"t{n}") for n, text in enumerate(texts)], "ur")
    )
    assert unpack(pack(rows)) == rows


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=40))
def test_a_form_that_we_did_not_make_is_refused(text: str) -> None:
    with pytest.raises(FileRefused):
        unpack([text])
