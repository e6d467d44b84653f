from dataclasses import replace
from pathlib import Path

from benchmarks.serving.served import served
from models import precision
from models.catalogue import model_keys
from models.precision import LARGEST
from tests.benchmarks.serving.plans import small_plan
from tests.models.test_precision import RECORD

KEY, OTHER, *_ = model_keys()


def test_a_model_serves_what_its_record_allows(tmp_path: Path) -> None:
    plan = small_plan(tmp_path, precision="int8")
    refused = replace(RECORD.moves["int8"], largest=LARGEST + 0.001)
    for key, moves in ((KEY, RECORD.moves["int8"]), (OTHER, refused)):
        record = replace(RECORD, moves={**RECORD.moves, "int8": moves})
        precision.write(plan.checkpoints / key.checkpoint, record)
    assert [served(plan, key) for key in (KEY, OTHER)] == [True, False]


def test_without_a_record_a_model_serves_f32_only(tmp_path: Path) -> None:
    assert served(small_plan(tmp_path), KEY)
    assert not served(small_plan(tmp_path, precision="int8"), KEY)
