"""Recordings that wait for somebody to ask for their answers."""

from __future__ import annotations

from asyncio import TaskGroup
from unittest.mock import patch

import anyio
import numpy as np
import pytest

from repartee.calls import uploads as uploads_module
from repartee.calls.call import Call
from repartee.calls.clock import now
from repartee.calls.options import CallOptions
from repartee.calls.refusals import LimitReached, TryLater
from repartee.calls.uploads import Upload, Uploads, without_silence
from repartee.calls.visitors import FORGOTTEN_AFTER_SECONDS
from repartee.calls.visits import Phrase, Visitor
from repartee.conversation import Rules, told
from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.protocols import Speech
from repartee.engines.stt.scripted import ScriptedRecognizer
from repartee.engines.voice.scripted import ScriptedDetector
from tests.calls.fakes import FakeModel, TroubledRecognizer, raises, tokens
from tests.calls.line import Notebook, scripted
from tests.calls.virtual_time import IN_VIRTUAL_TIME, Backend
from tests.calls.visiting import Answer, answer_to, open_to_visitors, paid_by, said, typed

pytestmark = pytest.mark.anyio

KEPT_SECONDS = 300.0
QUESTION = "What time is it?"
ANSWER = "It is ten past four. The sun is still up."


@pytest.fixture
def anyio_backend() -> Backend:
    return IN_VIRTUAL_TIME


def uploaded(visitor: Visitor, uploads: Uploads | None = None) -> Upload:
    upload = Upload(visitor, said())
    if uploads is not None:
        uploads.add(upload)
    upload.hear_early()
    return upload


async def answer_of(upload: Upload) -> Answer:
    return await answer_to(upload.visitor, upload.answer)


class TestHearingEarly:
    async def test_the_words_are_known_when_the_answer_is_asked_for(self) -> None:
        stt = ScriptedRecognizer(transcripts=[QUESTION], settle_ms=2_000)
        async with open_to_visitors(scripted(stt=stt, llm=FakeModel(ANSWER))) as visitors:
            upload = uploaded(await visitors.enter("ada", "upload"))
            await anyio.sleep(3)
            began = now()
            answer = await answer_of(upload)
            assert (answer.heard, answer.text) == (QUESTION, ANSWER)
            assert answer.first_at(told.UserFinal) - began < 0.01

    async def test_the_answer_is_prepared_too(self) -> None:
        llm = ScriptedResponder(replies=[ANSWER], first_token_ms=2_000)
        async with open_to_visitors(scripted(llm=llm)) as visitors:
            upload = uploaded(await visitors.enter("ada", "upload"))
            await anyio.sleep(3)
            began = now()
            answer = await answer_of(upload)
            assert answer.first_at(Phrase) - began < 0.01

    async def test_nothing_is_answered_that_nobody_asks_for(self) -> None:
        notebook, model = Notebook(), FakeModel(ANSWER)
        async with open_to_visitors(scripted(llm=model), notebook=notebook) as visitors:
            visitor = await visitors.enter("ada", "upload")
            uploaded(visitor)
            await anyio.sleep(KEPT_SECONDS + 1)
            assert visitor.call.conversation.turn is None
            assert visitor.call.conversation.replies.alive is None
        assert notebook.turns == []

    @pytest.mark.parametrize("seconds", [0.0, 1.0, 19.0, 21.0, 299.0])
    async def test_whenever_it_is_asked_for_the_answer_is_whole(self, seconds: float) -> None:
        stt = ScriptedRecognizer(transcripts=[QUESTION], settle_ms=500)
        async with open_to_visitors(scripted(stt=stt, llm=FakeModel(ANSWER))) as visitors:
            upload = uploaded(await visitors.enter("ada", "upload"))
            await anyio.sleep(seconds)
            answer = await answer_of(upload)
        assert (answer.heard, answer.text, answer.spoken) == (QUESTION, ANSWER, ANSWER)

    async def test_however_short_a_turn_may_be(self) -> None:
        """A turn that is as long as it may be answers itself, and that would be nobody's."""
        options = CallOptions(rules=Rules(max_turn_ms=1_000))
        notebook = Notebook()
        engines = scripted(llm=FakeModel(ANSWER))
        async with open_to_visitors(engines, options, notebook) as visitors:
            upload = uploaded(await visitors.enter("ada", "upload"))
            await anyio.sleep(5)
            assert notebook.turns == []
            assert (await answer_of(upload)).text == ANSWER

    async def test_a_recogniser_that_fails_meanwhile_is_tried_again(self) -> None:
        stt = TroubledRecognizer("opening", raises(RuntimeError("no ears")), QUESTION)
        async with open_to_visitors(scripted(stt=stt, llm=FakeModel(ANSWER))) as visitors:
            upload = uploaded(await visitors.enter("ada", "upload"))
            await anyio.sleep(1)
            answer = await answer_of(upload)
        assert (answer.heard, answer.text) == (QUESTION, ANSWER)
        assert not answer.all(told.Problem)
        assert not answer.all(told.ReplyInterrupted)

    async def test_it_knows_when_it_was_heard(self) -> None:
        async with open_to_visitors() as visitors:
            upload = uploaded(await visitors.enter("ada", "upload"))
            uploaded_at = now()
            assert upload.heard_from == uploaded_at
            await anyio.sleep(100)
            await answer_of(upload)
            assert upload.heard_from == uploaded_at + 100


class TestTwoOfOneConversation:
    async def test_each_is_answered_in_whatever_order(self) -> None:
        stt = ScriptedRecognizer(transcripts=["One.", "Two."])
        async with open_to_visitors(scripted(stt=stt)) as visitors:
            visitor = await visitors.enter("ada", "upload")
            first, second = uploaded(visitor), uploaded(visitor)
            for upload in (first, second):
                answer = await answer_of(upload)
                assert answer.text == f"You said: {answer.heard}"
                assert answer.all(told.ReplyInterrupted) == []

    async def test_one_that_comes_during_an_answer_disturbs_it_only_when_it_is_asked_for(
        self,
    ) -> None:
        model = FakeModel(lambda: tokens("Over and over. " * 20, every_seconds=0.2), ANSWER)
        async with open_to_visitors(scripted(llm=model)) as visitors, TaskGroup() as tasks:
            visitor = await visitors.enter("ada", "upload")
            going = tasks.create_task(answer_to(visitor, typed("hello")))
            await anyio.sleep(1)
            upload = uploaded(visitor)
            await anyio.sleep(2)
            assert not going.done()
            assert (await answer_of(upload)).text == ANSWER
            assert (await going).was_cut_off

    async def test_a_message_takes_the_place_of_one_that_waits_and_both_are_answered(self) -> None:
        stt = ScriptedRecognizer(transcripts=[QUESTION], settle_ms=30_000)
        async with open_to_visitors(scripted(stt=stt)) as visitors:
            visitor = await visitors.enter("ada", "upload")
            waiting = uploaded(visitor)
            await anyio.sleep(1)
            message = await answer_to(visitor, Upload(visitor, said()).answer)
            assert message.heard == (await answer_of(waiting)).heard == QUESTION

    async def test_what_each_wishes_holds_for_its_own_answer(self) -> None:
        def speaking_as(voice: str) -> Upload:
            def prepare(call: Call) -> None:
                call.set_speech(Speech(voice))
                voices.append(voice)

            return Upload(visitor, said(), prepare)

        voices: list[str] = []
        async with open_to_visitors() as visitors:
            visitor = await visitors.enter("ada", "upload")
            first, second = speaking_as("am_adam"), speaking_as("bf_emma")
            for upload in (first, second):
                upload.hear_early()
            await answer_of(first)
            assert visitor.call.speech.voice == "am_adam"
            await answer_of(second)
            assert visitor.call.speech.voice == "bf_emma"


class TestHowLongTheyAreKept:
    async def test_each_is_taken_once(self) -> None:
        async with open_to_visitors() as visitors:
            uploads = Uploads(KEPT_SECONDS)
            upload = uploaded(await visitors.enter("ada", "upload"), uploads)
            assert uploads.take(upload.id) is upload
            assert uploads.take(upload.id) is None

    async def test_for_a_while_and_then_their_sound_is_gone(self) -> None:
        async with open_to_visitors() as visitors:
            uploads = Uploads(KEPT_SECONDS)
            visitor = await visitors.enter("ada", "upload")
            early = uploaded(visitor, uploads)
            await anyio.sleep(KEPT_SECONDS - 1)
            late = uploaded(visitor, uploads)
            assert len(uploads) == 2
            await anyio.sleep(2)
            assert repr(uploads) == f"<Uploads 1, {late.samples.nbytes} bytes>"
            assert uploads.take(early.id) is None
            assert uploads.take(late.id) is late
            assert repr(uploads) == "<Uploads 0, 0 bytes>"

    async def test_their_conversation_is_not_forgotten_before_them(self) -> None:
        async with open_to_visitors(scripted(llm=FakeModel(ANSWER))) as visitors:
            uploads = Uploads(FORGOTTEN_AFTER_SECONDS * 3)
            upload = uploaded(await visitors.enter("ada", "upload"), uploads)
            await anyio.sleep(FORGOTTEN_AFTER_SECONDS * 2)
            await visitors.enter("bob", "upload")
            taken = uploads.take(upload.id)
            assert taken is not None
            await visitors.enter("cy", "upload")
            assert (await answer_of(taken)).text == ANSWER

    async def test_only_so_many(self) -> None:
        async with open_to_visitors() as visitors:
            visitor = await visitors.enter("ada", "upload")
            with patch.object(uploads_module, "MOST_UPLOADS", 3):
                uploads = Uploads(KEPT_SECONDS)
            for _ in range(3):
                uploads.add(Upload(visitor, said()))
            await anyio.sleep(60)
            with pytest.raises(TryLater, match=r"^All 3 places for uploads are taken") as refused:
                uploads.add(Upload(visitor, said()))
            await anyio.sleep(refused.value.retry_after_s)
            uploads.add(Upload(visitor, said()))

    async def test_only_so_much(self) -> None:
        async with open_to_visitors() as visitors:
            visitor = await visitors.enter("ada", "upload")
            with patch.object(uploads_module, "MOST_BYTES", said().nbytes * 2):
                uploads = Uploads(KEPT_SECONDS)
            for _ in range(2):
                uploads.add(Upload(visitor, said()))
            with pytest.raises(TryLater, match="megabytes for uploads are taken"):
                uploads.add(Upload(visitor, said(1)))
            assert len(uploads) == 2

    async def test_whether_there_is_room_can_be_asked_before(self) -> None:
        for limit, most in (("MOST_UPLOADS", 2), ("MOST_BYTES", said().nbytes * 2)):
            async with open_to_visitors() as visitors:
                visitor = await visitors.enter("ada", "upload")
                with patch.object(uploads_module, limit, most):
                    uploads = Uploads(KEPT_SECONDS)
                for _ in range(2):
                    uploads.check_room()
                    uploads.add(Upload(visitor, said()))
                with pytest.raises(TryLater, match="for uploads are taken"):
                    uploads.check_room()

    async def test_one_that_nobody_asks_for_is_soon_no_longer_expected_to_be(self) -> None:
        async with open_to_visitors() as visitors:
            uploads = Uploads(KEPT_SECONDS)
            visitor = await visitors.enter("ada", "upload")
            uploads.add(Upload(visitor, said()))
            await anyio.sleep(9)
            uploads.add(Upload(visitor, said()))
            assert uploads.fresh == 2
            await anyio.sleep(2)
            assert (uploads.fresh, len(uploads)) == (1, 2)

    async def test_one_payer_has_no_more_than_is_left_for_the_others(self) -> None:
        async with open_to_visitors() as visitors:
            visitor = await visitors.enter("ada", "upload")
            with patch.object(uploads_module, "MOST_UPLOADS", 6):
                uploads = Uploads(KEPT_SECONDS)
            with paid_by("greedy"):
                for _ in range(3):
                    uploads.add(Upload(visitor, said()))
                    await anyio.sleep(50)
                with pytest.raises(LimitReached, match=r"^Your share .* 3 of 6") as refused:
                    uploads.add(Upload(visitor, said()))
                assert refused.value.retry_after_s == KEPT_SECONDS - 150
            with paid_by("modest"):
                uploads.add(Upload(visitor, said()))
            with paid_by("greedy"):
                await anyio.sleep(refused.value.retry_after_s)
                uploads.add(Upload(visitor, said()))

    async def test_nor_of_the_memory(self) -> None:
        async with open_to_visitors() as visitors:
            visitor = await visitors.enter("ada", "upload")
            with patch.object(uploads_module, "MOST_BYTES", 4 << 20):
                uploads = Uploads(KEPT_SECONDS)
            minute = np.zeros(60 * 16_000, np.int16)
            with paid_by("greedy"):
                uploads.add(Upload(visitor, minute))
                with pytest.raises(LimitReached, match="megabytes for uploads is taken: 1 of 4"):
                    uploads.add(Upload(visitor, minute))
            assert len(uploads) == 1
            with paid_by("modest"):
                uploads.add(Upload(visitor, minute))


class TestSilence:
    async def test_what_lies_around_the_words_is_left_out(self) -> None:
        quiet = np.zeros(5 * 16_000, np.int16)
        samples = np.concatenate([quiet, said(1_000), quiet])
        kept = await without_silence(ScriptedDetector(), samples)
        assert 1.0 <= len(kept) / 16_000 <= 2.0

    async def test_of_silence_nothing_is_left_and_it_is_asked_about(self) -> None:
        kept = await without_silence(ScriptedDetector(), np.zeros(16_000, np.int16))
        assert len(kept) == 0
        async with open_to_visitors() as visitors:
            visitor = await visitors.enter("ada", "upload")
            answer = await answer_of(Upload(visitor, kept))
        assert answer.heard == ""
        assert answer.text.startswith("I'm sorry, I didn't catch that.")


async def test_it_tells_about_itself() -> None:
    async with open_to_visitors() as visitors:
        upload = Upload(await visitors.enter("ada", "upload"), said())
        assert repr(upload) == f"<Upload {upload.id} of {len(said())} samples>"
