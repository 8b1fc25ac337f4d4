"""Content files -> documents. Every error names file and line, and all are found at once."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import ValidationError

from api.content import further, rules
from api.content.check_rules import topics_of
from api.content.documents import (
    ActDocument,
    Command,
    Document,
    Helpline,
    LanguageForm,
    Menu,
    Notice,
    TopicDocument,
    TopicOrAct,
)
from api.content.whatsapp import WhatsAppTemplate, check_template
from api.content.yaml_layout import Lines, last_line, read_yaml, to_yaml
from api.errors import ContentError, Fault

CONTENT = Path(__file__).resolve().parents[2] / "content"
"""The content of this repository."""

SHEETS: dict[str, type[Document]] = {
    "helplines": Helpline,
    "notices": Notice,
    "languages": LanguageForm,
    "commands": Command,
    "menu": Menu,
}
"""The lists that are one file each; `menu` is a single document."""

CHECKS = "checks"
"""The group of topics that are guided checks; they have a folder of their own."""

D = TypeVar("D", bound=Document)


def file_of(kind: str, group: str, topic_id: str) -> str:
    """Where a topic or an act stands below the content folder."""
    if kind == "act":
        return f"acts/{topic_id}.yaml"
    return f"checks/{topic_id}.yaml" if group == CHECKS else f"topics/{group}/{topic_id}.yaml"


@dataclass(frozen=True)
class TopicFile:
    """One topic or act with the place it has in the tree."""

    kind: Literal["topic", "act"]
    group: str
    document: TopicOrAct


@dataclass
class ContentSet:
    """Everything under `content/`, by id."""

    topics: dict[str, TopicFile] = field(default_factory=dict)
    helplines: dict[str, Helpline] = field(default_factory=dict)
    notices: dict[str, Notice] = field(default_factory=dict)
    languages: dict[str, LanguageForm] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)
    menu: Menu = field(default_factory=lambda: Menu.model_construct(topics=[]))
    whatsapp: dict[str, WhatsAppTemplate] = field(default_factory=dict)

    def sheet(self, name: str) -> Any:
        """A list as the store keeps it, in plain values."""
        if name == "menu":
            return self.menu.plain()
        if name == "languages":
            return [form.plain() for form in self.languages.values() if form.full]
        if name == "notices":
            return [further.left(notice.plain()) for notice in self.notices.values()]
        if name == further.SHEET:
            return further.taken_out(self.languages.values(), self.notices.values())
        return [document.plain() for document in getattr(self, name).values()]


def load(folder: Path, *, layout_matters: bool = True) -> ContentSet:
    """Read and check a whole content folder.

    Args:
        layout_matters: whether a file in another layout is a fault. To a service that starts it
            is none, and looking at it takes most of the time.

    Raises:
        ContentError: with every fault found, each with file and line.
    """
    loader = _Loader(folder, layout_matters=layout_matters)
    content = loader.read()
    if loader.faults:
        faults = tuple(sorted(loader.faults, key=lambda fault: (fault.file, fault.line)))
        raise ContentError(f"{len(faults)} faults in the content", faults)
    return content


def layout(path: Path) -> str:
    """The accepted layout of a content file, from whatever it is in now.

    Raises:
        ContentError: the file cannot be read as what it should be.
    """
    data = read_yaml(path.read_text("utf-8"))
    try:
        if path.stem in SHEETS and path.parent.name not in ("acts",):
            model = SHEETS[path.stem]
            if isinstance(data, dict):
                return to_yaml(model.model_validate(data).for_file())
            return to_yaml([model.model_validate(item).for_file() for item in data])
        if path.parent.name == "whatsapp":
            return to_yaml(WhatsAppTemplate.model_validate(data).for_file())
        model = ActDocument if path.parent.name == "acts" else TopicDocument
        return to_yaml(model.model_validate(data).for_file())
    except ValidationError as error:
        raise ContentError(f"{path.name}: {error}") from None


class _Loader:
    """Reads one folder and gathers faults on the way."""

    def __init__(self, folder: Path, *, layout_matters: bool) -> None:
        self.folder = folder
        self.layout_matters = layout_matters
        self.faults: list[Fault] = []
        self._lines: dict[str, Lines] = {}

    def read(self) -> ContentSet:
        content = ContentSet()
        for name, model in SHEETS.items():
            path = self.folder / f"{name}.yaml"
            if name == "menu":
                menu = self._document(path, Menu, self._yaml(path), ())
                content.menu = menu or content.menu
            else:
                setattr(content, name, self._list(path, model))
        for path in sorted(self.folder.glob("topics/*/*.yaml")):
            self._topic(content, path, "topic", path.parent.name)
        for path in sorted(self.folder.glob("checks/*.yaml")):
            self._topic(content, path, "topic", CHECKS)
        for path in sorted(self.folder.glob("acts/*.yaml")):
            self._topic(content, path, "act", "acts")
        for path in sorted(self.folder.glob("whatsapp/*.yaml")):
            self._template(content, path)
        self._check(content)
        return content

    def _fault(self, path: Path, place: tuple[str | int, ...], message: str) -> None:
        name = path.relative_to(self.folder).as_posix()
        lines = self._lines.get(name)
        where = ".".join(map(str, place))
        self.faults.append(
            Fault(name, lines.of(place) if lines else 1, f"{where}: {message}".lstrip(": "))
        )

    def _yaml(self, path: Path) -> Any:
        name = path.relative_to(self.folder).as_posix()
        try:
            # As it is: an editor's program counts no line for a carriage return alone.
            text = path.read_bytes().decode("utf-8")
            data = read_yaml(text)
            self._lines[name] = Lines(text)
        except FileNotFoundError:
            self.faults.append(Fault(name, 1, "is missing"))
            return None
        except UnicodeDecodeError:
            self.faults.append(Fault(name, 1, "is not UTF-8"))
            return None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "is not YAML"
            line = min(mark.line + 1, last_line(text)) if mark else 1
            self.faults.append(Fault(name, line, str(problem)))
            return None
        return data

    def _document(
        self, path: Path, model: type[D], data: Any, place: tuple[str | int, ...]
    ) -> D | None:
        if data is None:
            return None
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for fault in error.errors():
                self._fault(path, (*place, *fault["loc"]), fault["msg"])
            return None

    def _list(self, path: Path, model: type[D]) -> dict[str, D]:
        data = self._yaml(path)
        if data is not None and not isinstance(data, list):
            self._fault(path, (), "must be a list")
            return {}
        found: dict[str, D] = {}
        for index, item in enumerate(data or []):
            document = self._document(path, model, item, (index,))
            if document is None:
                continue
            identity = str(getattr(document, "id", None) or getattr(document, "code", ""))
            if identity in found:
                self._fault(path, (index,), f"{identity!r} stands here twice")
            found[identity] = document
        return found

    def _topic(
        self, content: ContentSet, path: Path, kind: Literal["topic", "act"], group: str
    ) -> None:
        model: type[TopicDocument | ActDocument] = TopicDocument if kind == "topic" else ActDocument
        document = self._document(path, model, self._yaml(path), ())
        if document is None:
            return
        if document.id != path.stem:
            self._fault(path, ("id",), f"is {document.id!r} in a file named {path.name!r}")
        elif document.id in content.topics:
            self._fault(path, ("id",), "stands in two groups")
        else:
            content.topics[document.id] = TopicFile(kind, group, document)
            self._layout(path, document.for_file())

    def _template(self, content: ContentSet, path: Path) -> None:
        template = self._document(path, WhatsAppTemplate, self._yaml(path), ())
        if template is None:
            return
        if template.id != path.stem:
            self._fault(path, ("id",), f"is {template.id!r} in a file named {path.name!r}")
        for place, message in check_template(template):
            self._fault(path, place, message)
        content.whatsapp[template.id] = template
        self._layout(path, template.for_file())

    def _layout(self, path: Path, data: Any) -> None:
        if self.layout_matters and path.read_text("utf-8") != to_yaml(data):
            self._fault(path, (), "is not in the accepted layout; run `make content-format`")

    def _check(self, content: ContentSet) -> None:
        for topic in content.topics.values():
            path = self._path(topic)
            for place, message in rules.check_topic(topic.document, content.helplines):
                self._fault(path, place, message)
            self._check_topics_of(topic, path, content)
        path = self.folder / "notices.yaml"
        for index, notice in enumerate(content.notices.values()):
            for place, message in rules.check_notice(notice, content.helplines, content.languages):
                self._fault(path, (index, *place), message)
        codes = list(content.languages)
        for code, message in rules.check_languages(content.languages):
            index = codes.index(code) if code in codes else 0
            self._fault(self.folder / "languages.yaml", (index,), message)
        for name in SHEETS:
            sheet = self.folder / f"{name}.yaml"
            if name in {Path(fault.file).stem for fault in self.faults} or not sheet.exists():
                continue
            items = getattr(content, name)
            data = (
                items.for_file()
                if isinstance(items, Menu)
                else [item.for_file() for item in items.values()]
            )
            self._layout(sheet, data)
        for index, topic_id in enumerate(content.menu.topics):
            if topic_id not in content.topics:
                self._fault(self.folder / "menu.yaml", ("topics", index), "no topic of that name")

    def _check_topics_of(self, topic: TopicFile, path: Path, content: ContentSet) -> None:
        check = topic.document.check if isinstance(topic.document, TopicDocument) else None
        if (check is not None) != (topic.group == CHECKS):
            self._fault(path, (), "guided checks, and nothing else, stand in checks/")
        for place, named in topics_of(check) if check is not None else ():
            if named not in content.topics:
                self._fault(path, ("check", *place), "no topic of that name")

    def _path(self, topic: TopicFile) -> Path:
        return self.folder / file_of(topic.kind, topic.group, topic.document.id)
