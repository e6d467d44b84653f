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
