from itertools import islice

import numpy as np
import pytest

from pipelines.resampling import RESAMPLES, group_weights, interval, weight_blocks


def test_two_thousand_draws_have_as_many_groups_each() -> None:
    weights = group_weights(np.array([0, 1] * 20), np.arange(40), seed=1)
    assert weights.shape == (RESAMPLES, 40) == (2000, 40)
    np.testing.assert_array_equal(weights.sum(axis=1), 40)
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.15)


def test_draws_without_one_of_the_classes_are_left_out() -> None:
    labels = np.array([0, 0, 0, 1])
    weights = group_weights(labels, np.array(list("abcd")), 1)
    assert 0 < len(weights) < RESAMPLES
    assert (weights[:, 3] > 0).all()
    assert (weights.sum(axis=1) == 4).all()


def test_images_of_a_group_are_drawn_together() -> None:
    labels, groups = np.array([0, 1, 0, 1, 0]), np.array(list("aabbb"))
    weights = group_weights(labels, groups, 1)
    np.testing.assert_array_equal(weights[:, 0], weights[:, 1])
    np.testing.assert_array_equal(weights[:, 2], weights[:, 4])
    np.testing.assert_array_equal(weights[:, 0] + weights[:, 2], 2)


def test_the_same_seed_draws_the_same_groups() -> None:
    labels, groups = np.array([0, 1] * 5), np.arange(10)
    np.testing.assert_array_equal(
        group_weights(labels, groups, 3), group_weights(labels, groups, 3)
    )
    assert not np.array_equal(group_weights(labels, groups, 3), group_weights(labels, groups, 4))


def test_the_interval_leaves_a_fortieth_out_on_each_side() -> None:
    assert interval(np.arange(0.0, 1000.5)) == pytest.approx((25.0, 975.0))


def test_blocks_are_the_draws_in_their_order() -> None:
    labels, groups = np.array([0, 1] * 2500), np.arange(5000) // 3
    blocks = list(weight_blocks(labels, groups, 7))
    assert len(blocks) > 2
    random = np.random.default_rng(7)
    drawn = random.integers(0, len(set(groups)), size=(RESAMPLES, len(set(groups))))
    times = np.stack([np.bincount(row, minlength=len(set(groups))) for row in drawn])
    np.testing.assert_array_equal(np.concatenate(blocks), times[:, groups])
    np.testing.assert_array_equal(np.concatenate(blocks), group_weights(labels, groups, 7))


def test_a_block_needs_little_memory_however_many_images_there_are() -> None:
    labels, groups = np.array([0, 1] * 20_000), np.arange(40_000)
    assert max(block.nbytes for block in islice(weight_blocks(labels, groups, 1), 2)) <= 32e6
