"""The figures of a server for Prometheus: what was measured, and what its rooms count anyway.

What is counted anyway is read when somebody asks, so it costs nothing meanwhile. Labels are names
of interfaces, engines and the like, which are few: never an id, an address, or what was said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from repartee import __version__
from repartee.calls.roster import Reason
from repartee.engines.chain.recognizer import RecognizerChain
from repartee.engines.chain.responder import ResponderChain
from repartee.engines.chain.synthesizer import SynthesizerChain
from repartee.engines.tts.cached import Cached
from repartee.observe.meters import Meters
from repartee.server.house import House
from repartee.server.limits.allowances import Kind as Allowed
from repartee.server.limits.connections import Refused as TooMany
from repartee.server.limits.refusals import Shown

Kind = Literal["stt", "llm", "tts"]
_KINDS: tuple[Kind, ...] = ("stt", "llm", "tts")
_Chain = RecognizerChain | ResponderChain | SynthesizerChain
_Values = Mapping[tuple[str, ...], float]


def exposition(house: House, meters: Meters, accepted: str) -> tuple[bytes, str]:
    """All figures in the best format that is accepted, and the name of that format."""
    encode, content_type = choose_encoder(accepted)
    return encode(_Everything(house, meters)), content_type


class _Everything(Collector):
    def __init__(self, house: House, meters: Meters) -> None:
        self._house = house
        self._meters = meters

    def collect(self) -> Iterator[Metric]:
        yield from self._meters.registry.collect()
        for figures in (_server, _calls, _refusals, _queues):
            yield from figures(self._house)
        yield from _engines(self._house, self._meters)
        yield from _caches(self._house)


# ---------------------------------------------------------------- rooms


def _server(house: House) -> Iterator[Metric]:
    yield _gauge("build_info", "Which Repartee this is.", {(__version__,): 1}, "version")
    step = house.pressure.step
    yield _gauge("pressure_step", "What is left out: 0 nothing, 4 new callers.", step)
    yield _gauge("draining", "1 while the server is shutting down.", house.roster.draining)


def _calls(house: House) -> Iterator[Metric]:
    began, ended = house.keeper.began, house.keeper.ended
    live = {one: began[one] - ended[one] for one in began}
    yield _gauge("calls_active", "Calls that are live.", _by_name(live), "interface")
    yield _gauge("places", "So many calls at a time are let in.", house.roster.most)
    yield _gauge("places_free", "How many of them are free.", house.roster.free)
    yield _counter("calls_started", "Calls that began.", _by_name(began), "interface")
    yield _counter("calls_ended", "Calls that are over.", _by_name(ended), "interface")


def _refusals(house: House) -> Iterator[Metric]:
    refused = {why: house.roster.refused[why] for why in get_args(Reason)}
    limits, lines = house.limits, house.limits.connections
    reached: dict[str, int] = {kind: limits.reached[kind] for kind in get_args(Allowed)}
    reached["keys"] = limits.refusals.turned_away
    unknown = {shown: limits.refusals.counted[shown] for shown in get_args(Shown)}
    too_many = {why: lines.refused[why] for why in get_args(TooMany)}
    yield _counter("calls_refused", "Calls that were not let in.", _by_name(refused), "reason")
    text = "Callers had all that one may have."
    yield _counter("limits_reached", text, _by_name(reached), "limit")
    text = "Requests and connections without a key that is known."
    yield _counter("keys_refused", text, _by_name(unknown), "shown")
    yield _gauge("connections", "Lines to the server, of calls and all others.", len(lines))
    text = "Lines that were refused or ended, because there were too many."
    yield _counter("connections_refused", text, _by_name(too_many), "reason")


def _queues(house: House) -> Iterator[Metric]:
    errands, keeper = house.errands, house.keeper
    jobs = {"hearing": errands.hearing.jobs, "speaking": errands.speaking.jobs}
    text = "One-shot work that is being done, or waits for it."
    yield _gauge("desk_jobs", text, _by_name(jobs), "desk")
    yield _gauge("keeper_waiting", "Records that the database has not taken yet.", keeper.waiting)
    yield _gauge("database_failing", "1 when the database takes nothing.", keeper.failing)
    yield _counter("turns_lost", "Turns that could not be kept.", keeper.lost)
    frames = [len(outbox) for outbox in house.outboxes]
    yield _gauge("outbox_frames", "Frames on their way to all clients.", sum(frames))
    yield _gauge("outbox_frames_most", "Of one client: who is slowest.", max(frames, default=0))


def _engines(house: House, meters: Meters) -> Iterator[Metric]:
    up: dict[tuple[str, ...], float] = {}
    failures: dict[tuple[str, ...], float] = {}
    switches: dict[tuple[str, ...], float] = {}
    for kind in _KINDS:
        engine = getattr(house.engines, kind)
        if isinstance(engine, _Chain):
            figures = engine.figures()
            up |= {(kind, one.name): one.state == "working" for one in engine.report().members}
            failures |= {(kind, name): count for name, count in figures.failures.items()}
            switches |= {(kind, *pair): count for pair, count in figures.switches.items()}
        else:
            up[kind, engine.name] = getattr(engine, "ready", True)
            failures[kind, engine.name] = _failures_of(kind, house, meters)
    labels = ("kind", "engine")
    yield _gauge("engine_up", "1 for an engine that works, as far as is known.", up, *labels)
    yield _counter("engine_failures", "Work that an engine did not do.", failures, *labels)
    text = "One engine went on for another."
    yield _counter("engine_switches", text, switches, "kind", "before", "after")


def _failures_of(kind: Kind, house: House, meters: Meters) -> int:
    """Of an engine that has nobody to stand in for it: those that callers met."""
    match kind:
        case "stt":
            return meters.failures["hearing"] + house.errands.hearing.failures
        case "llm":
            return meters.failures["thinking"]
        case "tts":
            return meters.failures["speaking"] + house.errands.speaking.failures


def _caches(house: House) -> Iterator[Metric]:
    """In a chain each synthesiser has a cache of its own."""
    tts = house.engines.tts
    engines = tts.engines if isinstance(tts, SynthesizerChain) else (tts,)
    found = [(engine.name, engine.figures) for engine in engines if isinstance(engine, Cached)]
    what: Sequence[tuple[Callable[..., Metric], str, str, str]] = (
        (_counter, "hits", "tts_cache_hits", "Phrases that needed no synthesis of their own."),
        (_counter, "misses", "tts_cache_misses", "Phrases that had to be synthesised."),
        (_gauge, "bytes", "tts_cache_bytes", "Memory that is used for sound."),
        (_gauge, "sounds", "tts_cache_sounds", "Phrases that are kept."),
    )
    for family, field, name, text in what:
        values = {(engine,): getattr(figures, field) for engine, figures in found}
        yield family(name, text, values, "engine")


# ---------------------------------------------------------------- families


def _gauge(name: str, text: str, values: _Values | float, *labels: str) -> Metric:
    return _filled(GaugeMetricFamily(f"repartee_{name}", text, labels=labels), values)


def _counter(name: str, text: str, values: _Values | float, *labels: str) -> Metric:
    return _filled(CounterMetricFamily(f"repartee_{name}", text, labels=labels), values)


def _filled(
    family: GaugeMetricFamily | CounterMetricFamily, values: _Values | float
) -> GaugeMetricFamily | CounterMetricFamily:
    named = values if isinstance(values, Mapping) else {(): values}
    for labels, value in named.items():
        family.add_metric(labels, float(value))
    return family


def _by_name(counts: Mapping[str, int]) -> _Values:
    return {(name,): count for name, count in counts.items()}
