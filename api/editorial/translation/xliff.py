"""Units as XLIFF 2.0 (OASIS standard, 5 August 2014), and rows from it.

One `<file>` per topic, one `<unit>` per text. A helpline is a placeholder that translators'
tools protect. Written with lxml: of the libraries only translate-toolkit knows version 2, calls
that part unfinished, and knows no placeholders.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from lxml import etree  # type: ignore[import-untyped]

from api.content.words import HELPLINE
from api.editorial.translation.opening import MAX_ROWS, check_xml
from api.editorial.translation.units import SOURCE_LANGUAGE, Row, Unit, read_key
from api.errors import FileRefused

NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
# What XML 1.0 cannot hold travels as <cp>; so does the carriage return, which tools turn over.
_CODE = "[\u0000-\u0008\u000b-\u001f\ud800-\udfff\ufffe\uffff]"
_INLINE = re.compile(rf"(?P<helpline>{HELPLINE.pattern})|(?P<code>{_CODE})")


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def write_xliff(units: Sequence[Unit], language: str) -> bytes:
    """A document with all units. XLIFF has one target language per document."""
    root = etree.Element(_tag("xliff"), nsmap={None: NAMESPACE})
    root.set("version", "2.0")
    root.set("srcLang", SOURCE_LANGUAGE)
    root.set("trgLang", language)
    for topic, of_topic in groupby(units, key=lambda unit: unit.key.topic):
        file = etree.SubElement(root, _tag("file"), id=topic, original=topic)
        for unit in of_topic:
            _write_unit(file, unit)
    data: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return data


def read_xliff(data: bytes) -> tuple[Row, ...]:
    """The units of a document, in their order.

    Raises:
        FileRefused: "not-readable", "entities", "version" (not XLIFF 2), "rows" (too many).
    """
    check_xml(data)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FileRefused("not-readable", type(error).__name__) from None
    if root.tag != _tag("xliff"):
        raise FileRefused("version", "not XLIFF 2.0")
    return tuple(_rows(root))


def _write_unit(file: etree._Element, unit: Unit) -> None:
    element = etree.SubElement(
        file, _tag("unit"), id=str(unit.key), name=f"{unit.key.topic} {unit.key.field}"
    )
    notes = etree.SubElement(element, _tag("notes"))
    etree.SubElement(notes, _tag("note"), appliesTo="target").text = unit.note
    names = HELPLINE.findall(f"{unit.english}\n{unit.translation}")
    data = {name: f"d{number}" for number, name in enumerate(dict.fromkeys(names), start=1)}
    if data:
        originals = etree.SubElement(element, _tag("originalData"))
        for name, number in data.items():
            original = etree.SubElement(originals, _tag("data"), id=number)
            original.text = _placed(name)
    segment = etree.SubElement(element, _tag("segment"))
    segment.set("state", "translated" if unit.translation else "initial")
    source = etree.SubElement(segment, _tag("source"))
    used = _write_text(source, unit.english, data, {})
    if unit.translation:
        _write_text(etree.SubElement(segment, _tag("target")), unit.translation, data, used)


def _write_text(
    element: etree._Element,
    text: str,
    data: dict[str, str],
    known: dict[tuple[str, int], str],
) -> dict[tuple[str, int], str]:
    """Write a text with its placeholders.

    Args:
        data: the id of the original data by helpline.
        known: ids of placeholders of the source, by helpline and how often it came before; the
            target uses the same ones.

    Returns the ids that were used, in the form of `known`.
    """
    element.set(_SPACE, "preserve")
    used: dict[tuple[str, int], str] = {}
    place, last = 0, None
    for match in _INLINE.finditer(text):
        _append(element, last, text[place : match.start()])
        place = match.end()
        if match["code"]:
            last = etree.SubElement(element, _tag("cp"), hex=f"{ord(match[0]):04X}")
            continue
        name = match[2]
        nth = (name, sum(one == name for one, _ in used))
        number = known.get(nth) or f"p{len(known) + len(used.keys() - known.keys()) + 1}"
        used[nth] = number
        last = etree.SubElement(element, _tag("ph"), id=number, dataRef=data[name])
        last.set("canDelete", "no")
        last.set("disp", _placed(name))
        last.set("equiv", _placed(name))
    _append(element, last, text[place:])
    return used


def _placed(name: str) -> str:
    return f"{{helpline:{name}}}"


def _append(element: etree._Element, last: etree._Element | None, text: str) -> None:
    if last is None:
        element.text = text
    else:
        last.tail = text


def _rows(root: etree._Element) -> Iterator[Row]:
    number = 0
    for file in root.iterfind(_tag("file")):
        for unit in file.iter(_tag("unit")):
            number += 1
            if number > MAX_ROWS:
                raise FileRefused("rows", f"more than {MAX_ROWS} units")
            name = (unit.get("id") or "")[:200]
            yield Row(place=str(number), key=read_key(name), text=_target(unit))


def _target(unit: etree._Element) -> str | None:
    """The translation of a unit; None when any segment has none.

    A tool may have cut the text into segments, and say in which order they belong.
    """
    data = {
        one.get("id", ""): "".join(str(piece) for piece in one.itertext())
        for one in unit.iterfind(f"{_tag('originalData')}/{_tag('data')}")
    }
    parts: list[tuple[int, str]] = []
    pieces = (one for one in unit.iterfind("*") if one.tag in (_tag("segment"), _tag("ignorable")))
    for position, part in enumerate(pieces, start=1):
        target = part.find(_tag("target"))
        if target is None and part.tag == _tag("ignorable"):
            target = part.find(_tag("source"))
        if target is None:
            return None
        order = target.get("order", "")
        at = int(order) if order.isascii() and order.isdigit() and len(order) < 6 else position
        parts.append((at, _read_text(target, data)))
    parts.sort(key=lambda part: part[0])
    return "".join(text for _, text in parts) or None


def _read_text(element: etree._Element, data: dict[str, str]) -> str:
    pieces = [element.text or ""]
    for child in element:
        if child.tag == _tag("ph"):
            pieces.append(data.get(child.get("dataRef", "")) or child.get("equiv", ""))
        elif child.tag == _tag("cp"):
            pieces.append(_character(child.get("hex", "")))
        elif child.tag in (_tag("pc"), _tag("mrk")):
            pieces.append(_read_text(child, data))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _character(code: str) -> str:
    return chr(int(code, 16)) if re.fullmatch("[0-9A-Fa-f]{1,4}", code) else ""
