"""A page with a button to hold, which shows a trace of every turn: its calls, and its lists after.

It is served from port 3000, records with `MediaRecorder` in pieces of 250 ms, and was written for a
server on port 8000 with a `.env` of its own.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest

from repartee.testing.server_process import ServerProcess
from tests.clients.held_call import (
    DOTENV,
    FIGURES,
    MESSAGES,
    SCRIPT,
    SESSION,
    SORRY,
    STORY,
    TRACE,
    TURN,
    Body,
    Conversation,
    converse,
    events,
    hold,
    of,
    tells,
)
from tests.clients.line import Page, bodies, connected, kinds
from tests.clients.pages import PAGE_ON_PORT_3000, page_at
from tests.clients.shapes import misfits, whole_number
from tests.clients.sounds import played_base64


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("call")
    (folder / "script.toml").write_text(SCRIPT)
    settings = {
        **DOTENV,
        "DATABASE_URL": f"sqlite:///{folder / 's2s.db'}",
        **dict.fromkeys(("STT", "LLM", "TTS"), "scripted"),
        "SCRIPT": str(folder / "script.toml"),
    }
    with ServerProcess(**settings) as started:
        yield started


@pytest.fixture(scope="module")
def conversation(server: ServerProcess) -> Conversation:
    return asyncio.run(converse(server))


class TestEveryMessage:
    def test_has_the_fields_that_the_page_reads(self, conversation: Conversation) -> None:
        for message in conversation.all:
            assert misfits(message, MESSAGES[message["type"]]) == {}, message

    def test_the_first_names_the_session(self, conversation: Conversation) -> None:
        assert conversation.greeting["type"] == "session_id"
        assert len(of(conversation.all, "session_id")) == 1

    def test_none_is_an_error(self, conversation: Conversation) -> None:
        assert of(conversation.all, "error") == []

    def test_moments_are_seconds_since_1970(self, conversation: Conversation) -> None:
        for message in conversation.all:
            assert abs(time.time() - message.get("ts", time.time())) < 600

    def test_hanging_up_closes_the_connection_as_usual(self, conversation: Conversation) -> None:
        assert conversation.farewell == 1000


class TestAQuestion:
    @pytest.fixture
    def told(self, conversation: Conversation) -> list[Body]:
        return conversation.question

    def test_comes_in_this_order(self, told: list[Body]) -> None:
        order = kinds([message for message in told if message["type"] != "trace_event"])
        assert order[:3] == ["stt_partial", "stt_final", "assistant_text"]
        assert set(order[3:-1]) == {"assistant_text", "tts_audio_chunk"}
        assert order[-1] == "tts_done"

    def test_is_written_down_live(self, told: list[Body]) -> None:
        partials = [partial["text"] for partial in of(told, "stt_partial")]
        growing = ["What", "What time", "What time is", "What time is it?"]
        assert partials == [text for text in growing if text in partials]
        (final,) = of(told, "stt_final")
        assert (final["text"], final["confidence"]) == ("What time is it?", 0.95)

    def test_is_answered_token_by_token_and_then_whole(self, told: list[Body]) -> None:
        *pieces, last = of(told, "assistant_text")
        assert all(piece["is_final"] is False for piece in pieces)
        assert (last["is_final"], last["text"]) == (True, "")
        assert "".join(piece["text"] for piece in pieces).strip() == last["full_text"]
        assert len(pieces) > 20

    def test_is_answered_aloud_in_whole_wav_files(self, told: list[Body]) -> None:
        chunks = of(told, "tts_audio_chunk")
        assert [chunk["index"] for chunk in chunks] == list(range(len(chunks)))
        assert all(chunk["audio"].startswith("UklGR") for chunk in chunks)
        for sound in (played_base64(chunk["audio"]) for chunk in chunks):
            assert (sound.rate_hz, sound.channels) == (24_000, 1)
            assert sound.is_audible
        spoken = " ".join(chunk["text"] for chunk in chunks)
        assert spoken == of(told, "assistant_text")[-1]["full_text"]

    def test_is_spoken_while_it_is_still_being_written(self, told: list[Body]) -> None:
        order = [message["type"] for message in told]
        first_sound = order.index("tts_audio_chunk")
        assert "assistant_text" in order[first_sound + 2 :]

    def test_has_a_trace_with_every_step(self, told: list[Body]) -> None:
        trace = of(told, "trace_event")
        steps = events(told)[: len(TRACE)]
        assert sorted(steps) == sorted(TRACE)
        assert (steps[0], steps[-1]) == ("turn_started", "turn_complete")
        assert len({event["turn_id"] for event in trace}) == 1
        assert all(whole_number(event["latency_ms"]) for event in trace)

    def test_has_at_its_end_the_figures_of_the_whole_turn(self, told: list[Body]) -> None:
        (complete,) = (message for message in told if message.get("event") == "turn_complete")
        latency = complete["latency"]
        assert set(latency) == FIGURES
        assert all(whole_number(figure) for figure in latency.values())
        assert latency["stt_ms"] <= latency["llm_first_token_ms"] <= latency["llm_ms"]
        assert latency["tts_first_chunk_ms"] <= latency["first_audio_ms"] <= latency["total_ms"]


class TestSilence:
    def test_is_answered_with_the_request_to_repeat(self, conversation: Conversation) -> None:
        (final,) = of(conversation.silence, "stt_final")
        assert (final["text"], final["confidence"]) == ("", 0)
        assert of(conversation.silence, "assistant_text")[-1]["full_text"] == SORRY
        spoken = " ".join(chunk["text"] for chunk in of(conversation.silence, "tts_audio_chunk"))
        assert spoken == SORRY

    def test_is_not_thought_about(self, conversation: Conversation) -> None:
        steps = set(events(conversation.silence))
        assert steps & set(TRACE) == set(TRACE) - {"llm_start", "llm_first_token", "llm_done"}


class TestAStoryThatIsCutOff:
    def test_is_told_to_be_interrupted(self, conversation: Conversation) -> None:
        assert events(conversation.cut_off)[-1] == "turn_interrupted"
        assert "turn_complete" not in events(conversation.cut_off)

    def test_is_not_told_to_its_end(self, conversation: Conversation) -> None:
        assert not any(one["is_final"] for one in of(conversation.cut_off, "assistant_text"))
        assert of(conversation.cut_off, "tts_done") == []

    def test_leaves_nothing_for_later(self, conversation: Conversation) -> None:
        first = of(conversation.thanks, "tts_audio_chunk")[0]
        assert first["index"] == 0
        assert first["text"].startswith("You said:")
        assert "Thank you." in of(conversation.thanks, "assistant_text")[-1]["full_text"]


MISTAKES = [
    "not json",
    '{"type":"dance"}',
    '{"type":7}',
    "{}",
    "[]",
    "null",
    "",
    "\ud800",
    "[" * 9_999,
]


def test_whatever_is_wrong_is_told_in_a_sentence_and_the_call_goes_on(
    server: ServerProcess,
) -> None:
    async def call() -> list[Body]:
        async with connected(server, "/call") as page:
            for mistake in MISTAKES:
                since = len(page.messages)
                await page.send_raw(mistake.encode("utf-8", "replace").decode())
                await page.until(lambda message: message.type == "error", since)
            await page.send(type="start")
            await page.send(type="stop")
            await page.until(lambda message: "No audio received" in str(message.body))
            await hold(page)
            await page.until(lambda message: message.type == "tts_audio_chunk")
            return bodies(page)

    told = asyncio.run(call())
    errors = of(told, "error")
    assert len(errors) == len(MISTAKES) + 1
    assert [misfits(error, MESSAGES["error"]) for error in errors] == [{}] * len(errors)
    assert len(of(told, "stt_final")) == 1


# ---------------------------------------------------------------- the lists beside the call


@pytest.fixture
def page(server: ServerProcess) -> Iterator[httpx.Client]:
    with page_at(server) as client:
        yield client


class TestLists:
    def test_a_page_of_port_3000_may_read_them(
        self, page: httpx.Client, conversation: Conversation
    ) -> None:
        for path in ("/sessions", f"/sessions/{conversation.id}/turns", "/health"):
            answer = page.get(path)
            assert answer.status_code == 200
            assert answer.headers["access-control-allow-origin"] == PAGE_ON_PORT_3000

    def test_sessions_are_a_bare_list_the_newest_first(
        self, page: httpx.Client, server: ServerProcess, conversation: Conversation
    ) -> None:
        async def just_look_in() -> str:
            async with connected(server, "/call") as visitor:
                return str((await visitor.until(lambda _: True)).body["session_id"])

        later = asyncio.run(just_look_in())
        listed = page.get("/sessions").json()
        places = [one["id"] for one in listed]
        assert places.index(later) < places.index(conversation.id)
        mine = listed[places.index(conversation.id)]
        assert misfits(mine, SESSION) == {}
        assert mine["turns"] == 4
        moments = [datetime.fromisoformat(mine[name]) for name in ("created_at", "ended_at")]
        assert all(moment.tzinfo is not None for moment in moments)
        assert moments == sorted(moments)

    def test_turns_tell_the_call_again(
        self, page: httpx.Client, conversation: Conversation
    ) -> None:
        turns = page.get(f"/sessions/{conversation.id}/turns").json()
        assert [misfits(turn, TURN) for turn in turns] == [{}] * 4
        assert {turn["session_id"] for turn in turns} == {conversation.id}
        told = [of(turn, "trace_event")[0]["turn_id"] for turn in conversation.turns]
        assert [turn["id"] for turn in turns] == told
        said = ["What time is it?", "", "Tell me a story.", "Thank you."]
        assert [turn["user_text"] for turn in turns] == said
        assert [turns[2]["status"], turns[3]["status"]] == ["interrupted", "complete"]
        assert turns[1]["assistant_text"] == SORRY
        assert len(turns[2]["heard_text"]) < len(STORY)
        for name in ("final_transcript", "first_token", "first_audio"):
            assert 0 <= turns[0][f"time_to_{name}"] < 10

    def test_health_counts_who_is_on_the_line(
        self, page: httpx.Client, server: ServerProcess
    ) -> None:
        async def count() -> list[int]:
            async with connected(server, "/call") as first, connected(server, "/call") as second:
                for visitor in (first, second):
                    await visitor.until(lambda _: True)
                health = await asyncio.to_thread(lambda: page.get("/health").json())
                assert health["status"] == "healthy"
                return [health["active_sessions"], len({*ids(first), *ids(second)})]

        def ids(visitor: Page) -> list[str]:
            return [message["session_id"] for message in bodies(visitor)]

        assert asyncio.run(count()) == [2, 2]

    def test_who_is_not_there_is_told_so(self, page: httpx.Client) -> None:
        answer = page.get("/sessions/nobody/turns")
        assert answer.status_code == 404
        assert answer.json()["detail"] == answer.json()["error"]


# ---------------------------------------------------------------- two at the same time


def test_two_calls_at_once_know_nothing_of_each_other(
    server: ServerProcess, page: httpx.Client
) -> None:
    async def call(times: int) -> str:
        async with connected(server, "/call") as caller:
            for _ in range(times):
                since = len(caller.messages)
                await hold(caller)
                await caller.until(lambda message: message.type == "tts_audio_chunk", since)
            return str(bodies(caller)[0]["session_id"])

    async def both() -> tuple[str, str]:
        return await asyncio.gather(call(1), call(2))

    once, twice = asyncio.run(both())
    kept = [page.get(f"/sessions/{session}/turns").json() for session in (once, twice)]
    assert [len(turns) for turns in kept] == [1, 2]
    assert json.dumps(kept[0]).find(twice) == json.dumps(kept[1]).find(once) == -1


# ---------------------------------------------------------------- with the engines of `make run`


@pytest.mark.engines
def test_a_question_is_understood_and_answered_aloud(embedded: ServerProcess) -> None:
    async def call() -> list[Body]:
        async with connected(embedded, "/call") as caller:
            await hold(caller, last_is_late=True)
            await caller.until(tells("turn_complete"))
            return bodies(caller)

    told = asyncio.run(call())
    for message in told:
        assert misfits(message, MESSAGES[message["type"]]) == {}
    assert of(told, "stt_final")[0]["text"].startswith("what is the weather")
    assert of(told, "stt_partial")
    for chunk in of(told, "tts_audio_chunk"):
        assert played_base64(chunk["audio"]).is_audible
    assert told[-1]["event"] == "turn_complete"
