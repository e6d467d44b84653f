import json
from dataclasses import replace
from pathlib import Path

import pytest

from models import checkpoint, prediction_table, subgroup_table
from models.catalogue import model_keys
from models.later_notes import NAME
from models.prediction_table import InvalidPredictions
from models.subgroup_table import InvalidSubgroups
from pipelines.report import Places, published_models, report, with_results, write
from pipelines.report.checks import StrangePredictions
from pipelines.report.readme import ReadmeRefused
from pipelines.report.writing import MissingPredictions
from tests.pipelines.report import studies

ONE, OTHER = model_keys()[:2]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A project with two published models."""
    return studies.write_study(tmp_path, [ONE, OTHER])


def written(places: Places) -> dict[str, bytes]:
    """Every file below the documents, and the README."""
    files = (*places.report.parent.rglob("*.*"), places.readme)
    return {path.name: path.read_bytes() for path in files if path.is_file()}


def test_report_figures_and_short_table_are_written_and_told(places: Places) -> None:
    told: list[str] = []
    assert list(write(places, told.append)) == [ONE, OTHER]
    text = places.report.read_text("utf-8")
    assert "2 of 18 models are published" in text
    again = report(published_models(places, told.append))
    assert text == again.text
    assert {path.stem for path in places.figures.iterdir()} == {d.name for d in again.drawings}
    readme = places.readme.read_text("utf-8")
    cards = {key: checkpoint.read_card(places.checkpoints / key.checkpoint) for key in (ONE, OTHER)}
    assert readme == with_results(studies.README, cards)
    assert told[0] == f"[1/2] {ONE.slug}: card and predictions agree"
    assert any(f"Wrote {places.report}, 7 figures in {places.figures}" in line for line in told)
    assert any(line.startswith("Not published yet:") for line in told)


def test_what_became_known_of_a_model_later_is_written(places: Places) -> None:
    card = checkpoint.read_card(places.checkpoints / OTHER.checkpoint)
    notes = {card.fingerprint: ["It was asked about moons."], "0" * 16: ["Of another."]}
    (places.checkpoints.parent / NAME).write_text(json.dumps(notes), "utf-8")
    write(places, lambda _: None)
    text = places.report.read_text("utf-8")
    (line,) = (line for line in text.splitlines() if line.startswith(f"- `{OTHER.slug}`: "))
    assert line.endswith(" It was asked about moons.")
    assert "Of another." not in text


def test_the_rows_of_the_split_file_are_counted(places: Places) -> None:
    for key, model in published_models(places, lambda _: None).items():
        rows = studies.assigned(key.modality.key)
        assert model.dealt == {
            part: sum(row.part == part for row in rows) for part in ("train", "validation", "test")
        }


def test_writing_again_changes_nothing(places: Places) -> None:
    write(places, lambda _: None)
    before = written(places)
    write(places, lambda _: None)
    assert written(places) == before


def test_figures_of_an_earlier_report_are_taken_away_and_no_others(places: Places) -> None:
    places.figures.mkdir(parents=True)
    old = places.figures / f"{model_keys()[-1].modality.key}_roc.svg"
    foreign = places.figures / "overview.svg"
    for path in (old, foreign):
        path.write_text("<svg/>", "utf-8")
    write(places, lambda _: None)
    assert not old.exists()
    assert foreign.exists()


def test_subgroups_of_other_images_are_left_out_and_that_is_said(places: Places) -> None:
    write(places, lambda _: None)
    said = "What is known of these images beside their labels is not written down"
    assert said not in places.report.read_text("utf-8")
    table = subgroup_table.read(places.subgroups, ONE.modality.key)
    assert table is not None
    replace(table, split_sha256="1" * 64).write(places.subgroups)
    write(places, lambda _: None)
    assert said in places.report.read_text("utf-8")


def predictions_file(places: Places) -> Path:
    return places.predictions / ONE.checkpoint.with_suffix(".csv")


def without_predictions(places: Places) -> None:
    predictions_file(places).unlink()


def with_damaged_predictions(places: Places) -> None:
    predictions_file(places).write_text("part,image\n", "utf-8")


def with_predictions_of_another(places: Places) -> None:
    prediction_table.write(predictions_file(places), studies.said(OTHER))


def with_another_split(places: Places) -> None:
    (places.root / "models" / "splits" / f"{ONE.modality.key}.csv").unlink()


def with_another_model(places: Places) -> None:
    path = places.checkpoints / ONE.checkpoint
    path.write_bytes((places.checkpoints / OTHER.checkpoint).read_bytes())


def with_damaged_subgroups(places: Places) -> None:
    subgroup_table.place(places.subgroups, ONE.modality.key).write_text("part,image\n", "utf-8")


def without_readme(places: Places) -> None:
    places.readme.unlink()


def without_marks(places: Places) -> None:
    places.readme.write_text("# Title\n", "utf-8")


@pytest.mark.parametrize(
    ("spoil", "refusal", "told"),
    [
        (without_predictions, MissingPredictions, f"pipelines publish {ONE.slug}` again"),
        (with_damaged_predictions, InvalidPredictions, "columns"),
        (with_predictions_of_another, StrangePredictions, ONE.slug),
        (with_another_split, StrangePredictions, "SHA-256"),
        (with_another_model, checkpoint.TamperedCheckpoint, "SHA-256"),
        (with_damaged_subgroups, InvalidSubgroups, "columns"),
        (without_readme, ReadmeRefused, "received none"),
        (without_marks, ReadmeRefused, "results"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    spoil: object, refusal: type[Exception], told: str, places: Places
) -> None:
    spoil(places)
    before = written(places)
    with pytest.raises(refusal, match=told):
        write(places, lambda _: None)
    assert written(places) == before


def test_the_published_report_is_that_of_the_shipped_files() -> None:
    places = Places()
    models = published_models(places, lambda _: None)
    made = report(models)
    assert places.report.read_text("utf-8") == made.text
    assert {path.stem for path in places.figures.glob("*.svg")} == {d.name for d in made.drawings}
    readme = places.readme.read_text("utf-8")
    assert with_results(readme, {key: model.card for key, model in models.items()}) == readme
