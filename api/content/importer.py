"""Files -> store. Idempotent, in one transaction, and never over a newer edit of the desk."""

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.content import further, publishing
from api.content.documents import ActDocument, TopicDocument
from api.content.files import SHEETS, ContentSet, file_of
from api.content.models import RevisionRow, SheetRow, TopicRow
from api.content.yaml_layout import to_yaml


@dataclass
class ImportReport:
    """What an import did, by id."""

    published: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{len(self.published)} published, {len(self.unchanged)} unchanged"]
        lines += [f"kept as edited in the desk: {name}" for name in self.kept]
        return "\n".join(lines)


def import_content(session: Session, content: ContentSet) -> ImportReport:
    """Publish what the files hold and the store does not have yet.

    A topic or list whose newest state came from the desk stays as it is and is reported; so
    does a topic that was withdrawn, until its file changes.
    """
    report = ImportReport()
    for name in (*SHEETS, further.SHEET):
        _import_sheet(session, name, content, report)
    for topic in content.topics.values():
        document = topic.document
        newest = session.scalars(
            select(RevisionRow)
            .where(RevisionRow.topic_id == document.id)
            .order_by(RevisionRow.number.desc())
            .limit(1)
        ).one_or_none()
        if newest is not None and newest.digest == publishing.digest(document.plain()):
            report.unchanged.append(document.id)
        elif newest is not None and newest.origin == "desk":
            report.kept.append(document.id)
        else:
            publishing.publish(
                session, document, group=topic.group, author="content files", origin="files"
            )
            report.published.append(document.id)
    return report


def _import_sheet(session: Session, name: str, content: ContentSet, report: ImportReport) -> None:
    document = content.sheet(name)
    row = session.get(SheetRow, name)
    if row is not None and row.digest == publishing.digest(document):
        report.unchanged.append(name)
    elif row is not None and row.origin == "desk":
        report.kept.append(name)
    else:
        publishing.save_sheet(session, name, document, origin="files")
        report.published.append(name)


def export_content(session: Session, folder: Path) -> int:
    """Write every published topic and list into `folder`, in the layout of the files.

    What came from the files unchanged comes out to the same bytes. Returns how many files.
    """
    count = 0
    rows = session.execute(
        select(TopicRow, RevisionRow).join(
            RevisionRow, TopicRow.published_revision_id == RevisionRow.id
        )
    )
    for topic, revision in rows:
        shape = ActDocument if topic.kind == "act" else TopicDocument
        data = shape.model_validate(revision.document).for_file()
        path = folder / file_of(topic.kind, topic.group, topic.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(to_yaml(data), "utf-8")
        count += 1
    sheets = further.joined({row.id: row.document for row in session.scalars(select(SheetRow))})
    for name, document in sheets.items():
        model = SHEETS[name]
        data_list = (
            model.model_validate(document).for_file()
            if isinstance(document, dict)
            else [model.model_validate(item).for_file() for item in document]
        )
        (folder / f"{name}.yaml").write_text(to_yaml(data_list), "utf-8")
        count += 1
    return count
