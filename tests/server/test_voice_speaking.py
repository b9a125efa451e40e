"""A text is spoken, whole: one, or up to ten at once."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.server.houses import Cast, Houses, Woe
from tests.server.voice_asking import (
    AS_USUAL,
    TEXT,
    client,
    sentence,
    wav_in,
)

pytestmark = pytest.mark.anyio


class TestSynthesize:
    async def ask(self, houses: Houses, **wish: Any) -> httpx.Response:
        async with client(houses) as asker:
            return await asker.post("/api/voice/synthesize", json={"text": TEXT, **wish})

    async def test_everything_that_is_answered(self, houses: Houses) -> None:
        wish = {"voice": "bm", "lang_code": "b", "speed": 1.5}
        body = (await self.ask(houses, **wish)).json()
        samples = wav_in(body)
        assert {key: body[key] for key in body if key != "audio_base64"} == {
            "audio_sample_rate": 24_000,
            "audio_duration_seconds": pytest.approx(len(samples) / 24_000, abs=0.001),
            "voice": "bm",
            "voice_used": "bm_george",
            "lang_code": "b",
            "speed": 1.5,
            "text_length": len(TEXT),
        }

    async def test_the_text_alone_is_enough(self, houses: Houses) -> None:
        body = (await self.ask(houses)).json()
        assert (body["voice"], body["speed"], body["lang_code"]) == ("af_heart", 1.0, "en")

    async def test_null_is_not_given(self, houses: Houses) -> None:
        body = (await self.ask(houses, voice=None, lang_code=None, speed=None)).json()
        assert body == (await self.ask(houses)).json()

    async def test_markdown_is_not_read_out(self, houses: Houses) -> None:
        plain = (await self.ask(houses, text="very good")).json()
        assert (await self.ask(houses, text="**very** _good_")).json()["audio_base64"] == plain[
            "audio_base64"
        ]

    async def test_the_longest_text(self, houses: Houses) -> None:
        assert (await self.ask(houses, text="x" + " " * 9_999)).status_code == 200

    @pytest.mark.parametrize(
        ("wish", "wrong"),
        [
            ({"text": ""}, "The field 'text' is wrong: String should have at least 1 character."),
            ({"text": "x" * 10_001}, "The field 'text' is wrong: String should have at most"),
            ({"text": None}, "The field 'text' is wrong"),
            ({"text": "```x```"}, "There is nothing to speak in this text."),
            ({"text": "🎉"}, "There is nothing to speak in this text."),
            ({"speed": 0}, "The field 'speed' is wrong: Input should be greater than 0."),
            ({"speed": -1}, "The field 'speed' is wrong"),
            ({"speed": 2.1}, "The field 'speed' is wrong: Input should be less than or equal to 2"),
            ({"speed": "fast"}, "The field 'speed' is wrong"),
            ({"voice": "nobody"}, "There is no voice named “nobody”."),
            ({"voice": "x" * 101}, "The field 'voice' is wrong"),
        ],
    )
    async def test_what_can_not_be_spoken(
        self, houses: Houses, wish: dict[str, Any], wrong: str
    ) -> None:
        response = await self.ask(houses, **wish)
        assert response.status_code == 422
        assert sentence(response).startswith(wrong)

    @pytest.mark.parametrize("speed", ["NaN", "Infinity"])
    async def test_numbers_that_are_none(self, houses: Houses, speed: str) -> None:
        async with client(houses) as asker:
            body, kind = f'{{"text":"a","speed":{speed}}}', {"content-type": "application/json"}
            response = await asker.post("/api/voice/synthesize", content=body, headers=kind)
        assert response.status_code == 422
        assert "finite" in sentence(response)

    @pytest.mark.parametrize(
        ("body", "kind"),
        [("hello", "application/json"), ('{"text":"a"}', "text/plain"), ("", "application/json")],
    )
    async def test_a_body_of_another_kind(self, houses: Houses, body: str, kind: str) -> None:
        async with client(houses) as asker:
            response = await asker.post(
                "/api/voice/synthesize", content=body, headers={"content-type": kind}
            )
        assert response.status_code == 422
        assert "JSON" in sentence(response)

    async def test_a_body_that_is_far_too_large(self, houses: Houses) -> None:
        response = await self.ask(houses, text="x" * 2_000_000)
        assert response.status_code == 413
        assert "too large" in sentence(response)


class TestBatch:
    async def ask(self, houses: Houses, wishes: Any, cast: Cast = AS_USUAL) -> httpx.Response:
        async with client(houses, cast) as asker:
            return await asker.post("/api/voice/synthesize-batch", json=wishes)

    async def test_results_in_order(self, houses: Houses) -> None:
        texts = ["one", "two two", "three three three"] * 3 + ["ten"]
        results = (await self.ask(houses, [{"text": text} for text in texts])).json()
        assert [result["text_length"] for result in results] == [len(text) for text in texts]
        assert len(wav_in(results[2])) > len(wav_in(results[1])) > len(wav_in(results[0]))

    async def test_a_bad_one_spoils_no_other(self, houses: Houses) -> None:
        bad = [{"text": ""}, {"speed": 1}, 7, {"text": "a", "voice": "nobody"}, {"text": "🎉"}]
        good, *errors, last = (await self.ask(houses, [{"text": "a"}, *bad, {"text": "b"}])).json()
        assert "audio_base64" in good
        assert "audio_base64" in last
        assert [list(error) for error in errors] == [["error"]] * 5
        assert errors[0]["error"].startswith("The field 'text' is wrong")
        assert errors[2]["error"] == "This is not an object with a 'text'."
        assert errors[3]["error"].startswith("There is no voice named")

    async def test_a_failing_engine_spoils_only_what_it_fails_at(self, houses: Houses) -> None:
        failing = Cast(voice=Woe.BUSY)
        first, second = (await self.ask(houses, [{"text": "a"}, {"text": "b"}], failing)).json()
        assert list(first) == ["error"]
        assert re.fullmatch(houses.blames(Woe.BUSY, "voice"), first["error"])
        assert "audio_base64" in second

    async def test_an_empty_list(self, houses: Houses) -> None:
        response = await self.ask(houses, [])
        assert response.status_code == 400
        assert sentence(response) == "The list is empty. Send 1 to 10 texts in it."

    async def test_more_than_ten(self, houses: Houses) -> None:
        response = await self.ask(houses, [{"text": "a"}] * 11)
        assert response.status_code == 422
        assert sentence(response) == "The list has 11 items. Send at most 10 at once."

    @pytest.mark.parametrize("no_list", [{"text": "a"}, "a", None])
    async def test_no_list(self, houses: Houses, no_list: Any) -> None:
        response = await self.ask(houses, no_list)
        assert response.status_code == 422
        assert sentence(response)
