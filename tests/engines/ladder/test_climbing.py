"""From `auto` to an engine: what is tried, what is remembered, what is said."""

import logging
from pathlib import Path

import pytest
from pydantic import SecretStr

from repartee.engines.catalogue import Kind
from repartee.engines.ladder import climbing, outcomes
from repartee.engines.ladder.choosing import DidNotWork, Facts, Outcome, Reached, Speed, TooSlow
from repartee.engines.ladder.climbing import on_rung, with_ladder
from repartee.engines.ladder.records import FAIR_S
from repartee.engines.ladder.rungs import LADDER, Rung
from repartee.engines.registry import Registry
from repartee.errors import SettingsError
from repartee.models.known import find
from repartee.settings import Settings

SMALL, TINY = "moonshine/small-streaming-en", "moonshine/tiny-streaming-en"
QUICK, SLOW = Speed(100, 0.1), Speed(9_000, 3.0)


class Trials:
    """Tells how trials go, and keeps which were made."""

    def __init__(self, **outcomes: Outcome) -> None:
        self.outcomes = outcomes
        self.made: list[str] = []

    def __call__(self, kind: Kind, rung: Rung, settings: Settings, patience_s: float) -> Outcome:
        assert patience_s > 0
        self.made.append(rung.name)
        return self.outcomes[rung.name.rpartition("/")[2].split("-")[0]]


@pytest.fixture(autouse=True)
def all_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every engine's packages are here, but Apple's."""
    monkeypatch.setattr(Registry, "available", lambda self, kind, name: name != "mlx-whisper")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for name in (SMALL, TINY):
        model = find(name)
        assert model is not None
        folder = tmp_path / model.name
        folder.mkdir(parents=True)
        for part in model.yields:
            (folder / part).touch()
    return Settings(stt="auto", models_dir=str(tmp_path))


def climbed(settings: Settings, trials: Trials) -> tuple[str, str | None]:
    chosen = with_ladder(settings, "stt", trials)
    return chosen.stt, chosen.stt_model


class TestTrying:
    def test_the_best_that_is_quick_enough_is_taken(self, settings: Settings) -> None:
        trials = Trials(small=QUICK, tiny=QUICK)
        assert climbed(settings, trials) == ("moonshine", "small-streaming-en")
        assert trials.made == [SMALL]

    def test_what_is_too_slow_gives_way_to_the_next(self, settings: Settings) -> None:
        trials = Trials(small=SLOW, tiny=QUICK)
        assert climbed(settings, trials) == ("moonshine", "tiny-streaming-en")
        assert trials.made == [SMALL, TINY]

    def test_in_the_end_the_embedded_one_is_taken_untried(self, settings: Settings) -> None:
        trials = Trials(small=TooSlow(20), tiny=DidNotWork())
        assert climbed(settings, trials) == ("pocketsphinx", None)
        assert trials.made == [SMALL, TINY]

    def test_each_is_tried_once_on_a_machine(self, settings: Settings) -> None:
        climbed(settings, Trials(small=SLOW, tiny=QUICK))
        again = Trials()
        assert climbed(settings, again) == ("moonshine", "tiny-streaming-en")
        assert again.made == []

    def test_and_again_on_another(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        climbed(settings, Trials(small=SLOW, tiny=QUICK))
        monkeypatch.setattr(outcomes, "fingerprint", lambda: "another machine")
        assert climbed(settings, Trials(small=QUICK)) == ("moonshine", "small-streaming-en")

    def test_who_had_no_fair_chance_has_another_one_at_the_next_start(
        self, settings: Settings
    ) -> None:
        climbed(settings, Trials(small=TooSlow(FAIR_S - 1), tiny=QUICK))
        again = Trials(small=QUICK)
        assert climbed(settings, again) == ("moonshine", "small-streaming-en")

    def test_a_start_does_not_wait_for_more_trials_than_there_is_time_for(
        self,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr(climbing, "PATIENCE_AT_START_S", 0.0)
        assert climbed(settings, Trials()) == ("pocketsphinx", None)
        assert f"There was no time to try {SMALL}" in caplog.text

    def test_doctor_measures_anew(self, settings: Settings) -> None:
        climbed(settings, Trials(small=SLOW, tiny=QUICK))
        again = Trials(small=QUICK)
        _, picked = climbing.climb(settings, "stt", again, 60, anew=True)
        assert picked is not None
        assert picked.name == SMALL
        assert climbed(settings, Trials()) == ("moonshine", "small-streaming-en")


class TestWhatIsElsewhere:
    @staticmethod
    def with_key(settings: Settings, key: str = "sesame") -> Settings:
        return settings.model_copy(update={"deepgram_api_key": SecretStr(key)})

    @pytest.mark.parametrize("outcome", [DidNotWork(), TooSlow(3.0)])
    def test_who_does_not_answer_or_let_us_in_is_passed_over(
        self, settings: Settings, outcome: Outcome, caplog: pytest.LogCaptureFixture
    ) -> None:
        trials = Trials(deepgram=outcome, small=QUICK)
        assert climbed(self.with_key(settings), trials) == ("moonshine", "small-streaming-en")
        assert "STT=auto goes on without deepgram" in caplog.text

    def test_and_asked_again_at_the_next_start(self, settings: Settings) -> None:
        climbed(self.with_key(settings), Trials(deepgram=DidNotWork(), small=QUICK))
        again = Trials(deepgram=Reached(80))
        assert climbed(self.with_key(settings), again) == ("deepgram", None)

    def test_who_did_is_not_asked_again(self, settings: Settings) -> None:
        climbed(self.with_key(settings), Trials(deepgram=Reached(80)))
        again = Trials()
        assert climbed(self.with_key(settings), again) == ("deepgram", None)
        assert again.made == []

    def test_unless_the_key_is_another(self, settings: Settings) -> None:
        for key in ("sesame", "parsley", "sesame"):
            trials = Trials(deepgram=Reached(80))
            climbed(self.with_key(settings, key), trials)
            assert trials.made == ["deepgram"]
        record = (Path(settings.models_dir) / "measured.json").read_text()
        assert record.count("stt:deepgram") == 1
        assert "sesame" not in record


class TestSaying:
    def test_what_is_taken_and_what_would_be_better(
        self, settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("repartee.engines.ladder.facts.usable_cores", lambda: 4)
        with caplog.at_level(logging.INFO):
            climbed(settings, Trials(small=QUICK))
        assert caplog.messages[-1] == (
            f"STT=auto takes {SMALL}. This may make it better: "
            "repartee models pull moonshine/medium-streaming-en"
        )

    def test_that_something_leaves_this_machine_and_why(
        self, caplog: pytest.LogCaptureFixture, settings: Settings
    ) -> None:
        with_key = settings.model_copy(update={"deepgram_api_key": SecretStr("sesame")})
        with caplog.at_level(logging.INFO):
            assert climbed(with_key, Trials(deepgram=Reached(80))) == ("deepgram", None)
        assert "goes through it, because DEEPGRAM_API_KEY is set" in caplog.messages[-1]
        assert "sesame" not in caplog.text

    def test_where_nothing_can_be_had_the_start_stops_with_a_command(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Registry, "available", lambda self, kind, name: False)
        with pytest.raises(SettingsError, match="STT is 'auto', but nothing is here") as told:
            climbed(settings, Trials())
        assert "pip install 'repartee-voice[moonshine]'" in told.value.hint


class TestSettings:
    def test_an_engine_that_is_named_is_left_alone(self) -> None:
        settings = Settings(stt="whisper", stt_model="base")
        assert with_ladder(settings, "stt", Trials()) is settings

    @pytest.mark.parametrize(
        ("kind", "rung"), [(kind, rung) for kind, rungs in LADDER.items() for rung in rungs]
    )
    def test_a_rung_is_its_engine_with_its_model(self, kind: Kind, rung: Rung) -> None:
        chosen = on_rung(Settings(), kind, rung)
        assert getattr(chosen, kind) == rung.engine
        model = getattr(chosen, f"{kind}_model")
        assert (model is not None) is bool(rung.model)

    def test_a_record_that_can_not_be_kept_hinders_nobody(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(self: Path, data: bytes) -> int:
            raise PermissionError

        monkeypatch.setattr(Path, "write_bytes", refuse)
        assert climbed(settings, Trials(small=QUICK)) == ("moonshine", "small-streaming-en")


class TestOutcomes:
    def test_they_are_read_as_they_were_written(self, tmp_path: Path) -> None:
        written: dict[str, Outcome] = {
            "stt:a": Speed(1.5, 0.25),
            "stt:b": TooSlow(20),
            "stt:c": DidNotWork(),
            "stt:d": Reached(80.0),
        }
        outcomes.write(tmp_path / "models", written)
        assert outcomes.read(tmp_path / "models") == written

    @pytest.mark.parametrize("content", ["", "{", '{"machine": 1}'])
    def test_a_record_that_is_spoiled_is_none(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "measured.json").write_text(content)
        assert outcomes.read(tmp_path) == {}

    def test_a_machine_is_itself(self) -> None:
        assert outcomes.fingerprint() == outcomes.fingerprint()


def test_facts_are_found_without_importing_anything(settings: Settings) -> None:
    from repartee.engines.ladder.facts import gather

    found = gather(settings, {})
    assert isinstance(found, Facts)
    assert found.here == {SMALL, TINY}
    assert found.language == "en"
    assert found.given == frozenset()
