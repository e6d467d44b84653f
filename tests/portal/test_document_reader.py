from pathlib import Path

from portal.document_addresses import NAMES
from portal.document_reader import DocumentReader
from portal.settings import PROJECT


def test_all_documents_are_there_and_begin_with_their_title() -> None:
    reader = DocumentReader(PROJECT / "docs")
    assert reader.names == NAMES
    titles = {name: reader.page(name).title for name in NAMES}
    assert titles == reader.titles
    assert titles == {
        "intended-use": "Intended use",
        "privacy": "Privacy",
        "threat-model": "Threat model",
        "method": "Method",
        "tried": "What was tried",
        "data-sets": "Data sets",
        "dicom": "DICOM files",
        "result": "Saving a result",
        "scoring": "Scoring a folder",
        "deployment": "Deployment",
    }


def test_a_document_is_shown_without_its_title_and_with_its_chapters(tmp_path: Path) -> None:
    (tmp_path / "privacy.md").write_text(
        "# Privacy\n\nSee [method](../Makefile).\n\n## <b>\n", "utf-8"
    )
    reader = DocumentReader(tmp_path)
    assert reader.names == ("privacy",)
    page = reader.page("privacy")
    assert "<h1" not in page.html
    assert "See method." in page.html
    assert "<b>" not in page.html
    assert [chapter.title for chapter in page.chapters] == ["<b>"]
