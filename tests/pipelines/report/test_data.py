from dataclasses import replace

from models.paired_areas import FEW_GROUPS
from pipelines.report import Models
from pipelines.report.data import (
    data_of,
    data_section,
    held_out_table,
)


def test_every_part_s_counts_and_groups_are_told(mine: Models) -> None:
    data, text = data_of(mine), data_section(mine)
    for part, (negative, positive) in data.counts.items():
        total, groups = negative + positive, data.groups[part]
        assert f"| {part.capitalize()} | {total} | {positive} | {negative} | {groups} |" in text
    assert data.split_sha256[:16] in text
    assert all(f"- {why.removesuffix('.')}." in text for why in data.set_aside)


def test_crops_that_the_split_file_does_not_name_are_told(mine: Models) -> None:
    (key, model), *_ = mine.items()
    counts = model.card.data.counts
    dealt = {part: sum(counts[part]) for part in counts}
    assert "The split file names" not in data_section({key: replace(model, dealt=dealt)})
    told = data_section({key: replace(model, dealt={**dealt, "train": 50})})
    unit, validation = model.card.data.unit, len(model.predictions["validation"].names)
    assert f"names one {unit} of each finding: 50 train, {dealt['validation']} validate" in told
    assert f"All {dealt['train']} of the findings that train do, and all {validation} of" in told


def test_few_test_groups_are_told(mine: Models) -> None:
    data = data_of(mine)
    told = f"has {data.groups['test']} groups only" in data_section(mine)
    assert told is (data.groups["test"] < FEW_GROUPS)


def test_what_was_held_out_has_a_row_per_modality(study: Models) -> None:
    rows = held_out_table(study).splitlines()[2:]
    assert [row.split("|")[1].strip() for row in rows] == [
        "Mammography",
        "Ultrasound",
        "Histopathology",
    ]
