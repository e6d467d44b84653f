"""How many verdicts a second, for 1, 4, 8 and 16 clients."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial

import numpy as np

from benchmarks.serving import peers
from benchmarks.serving.aims import Aim
from benchmarks.serving.export import as_served
from benchmarks.serving.images import tensor, upload
from benchmarks.serving.load import Load, under_load
from benchmarks.serving.passes import openvino_rate
from benchmarks.serving.plan import Plan
from benchmarks.serving.ratios import Ratio, spread
from benchmarks.serving.rounds import Turn, in_turns
from benchmarks.serving.table import Table, left_out

CLIENTS = (1, 4, 8, 16)
FULL = 8  # clients at which the aims are read
RATE_AIM = 0.9  # verdicts over bare passes
TAIL_AIM = 3.0  # p95 over p50

Ask = Callable[[], object]


def measure(plan: Plan) -> tuple[list[Table], list[Aim]]:
    """A table for the first model of the cohort, and the aims at ``FULL`` clients."""
    rows: list[tuple[str, ...]] = []
    aims: list[Aim] = []
    with ExitStack() as stack:
        asks = _servers(plan, stack)
        capacity = _capacity(plan)
        for clients in CLIENTS:
            plan.say(f"{clients} clients, {plan.repeats} times {plan.seconds:g} s each")
            loads, rates = _loaded(plan, asks, capacity, clients)
            rows += [_row(name, clients, loads[name], rates) for name in asks]
            rows.append((peers.BARE, str(clients), _range(rates[peers.BARE]), "", "", "", "", ""))
            if clients == FULL:
                aims = _aims(loads[peers.OURS], rates)
    absent = [(name, peers.missing(name)) for name in (peers.PLAIN, peers.GRADIO)]
    heads = (
        "asked",
        "clients",
        "verdicts/s (range)",
        "p50, ms",
        "p95, ms",
        "p95 / p50",
        "refused",
        "rate / bare (range)",
    )
    rows += left_out([each for each in absent if each[1]], len(heads))
    title = f"Verdicts per second: {plan.cohort.keys[0].slug}"
    note = "The bare pass has no clients: it is what the cores can do with nothing but passes."
    return [Table(title=title, heads=heads, rows=tuple(rows), note=note)], aims


def _servers(plan: Plan, stack: ExitStack) -> Mapping[str, Ask]:
    plan.say("starting the servers that are put under load")
    image = upload(plan.cohort.modality)
    asks: dict[str, Ask] = {}
    for peer in (peers.ours(plan, plan.folder / "cache"), peers.plain(plan), peers.gradio(plan)):
        if not peers.missing(peer.name):
            server = stack.enter_context(peer.started())
            server.wait()
            asks[peer.name] = partial(peer.ask, server.port, plan.cohort.keys[0].slug, image)
    return asks


def _capacity(plan: Plan) -> Callable[[], float]:
    """Bare passes per second, over the plan's seconds."""
    key, modality = plan.cohort.keys[0], plan.cohort.modality
    network = as_served(plan.checkpoints / key.checkpoint, plan.folder / "loaded", plan.precision)
    rate = openvino_rate(network, plan.precision, tensor(upload(modality), modality))
    return lambda: rate(plan.seconds)


def _loaded(
    plan: Plan, asks: Mapping[str, Ask], capacity: Callable[[], float], clients: int
) -> tuple[Mapping[str, list[Load]], Mapping[str, np.ndarray]]:
    """The loads and the rates of all, taken in turns."""
    loads: dict[str, list[Load]] = {name: [] for name in asks}

    def rate(name: str) -> float:
        load = under_load(asks[name], clients, plan.seconds)
        loads[name].append(load)
        return load.rate

    turns = {name: Turn(measure=partial(rate, name)) for name in asks}
    rates = in_turns({**turns, peers.BARE: Turn(measure=capacity)}, plan.repeats)
    return {name: each[1:] for name, each in loads.items()}, rates  # the first was for nothing


def _row(
    name: str, clients: int, loads: list[Load], rates: Mapping[str, np.ndarray]
) -> tuple[str, ...]:
    p50, p95 = (1000 * _quantile(loads, q) for q in (0.5, 0.95))
    return (
        name,
        str(clients),
        _range(rates[name]),
        f"{p50:.1f}",
        f"{p95:.1f}",
        f"{p95 / p50:.2f}",
        str(sum(load.refused for load in loads)),
        str(spread(rates[name] / rates[peers.BARE])),
    )


def _aims(loads: list[Load], rates: Mapping[str, np.ndarray]) -> list[Aim]:
    share = spread(rates[peers.OURS] / rates[peers.BARE])
    tails = np.array([_quantile([load], 0.95) / _quantile([load], 0.5) for load in loads])
    return [
        Aim.of_ratio(f"verdicts / bare passes, {FULL} clients", share, RATE_AIM, at_most=False),
        Aim.of_ratio(f"p95 / p50, {FULL} clients", spread(tails), TAIL_AIM),
    ]


def _quantile(loads: list[Load], quantile: float) -> float:
    """A quantile of the seconds of all answers; NaN where there was none."""
    latencies = np.concatenate([load.latencies for load in loads])
    return float(np.quantile(latencies, quantile)) if len(latencies) else float("nan")


def _range(rates: np.ndarray) -> str:
    found: Ratio = spread(rates)
    return f"{found.value:.1f} ({found.low:.1f}-{found.high:.1f})"
