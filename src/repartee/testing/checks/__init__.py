"""What every engine must do, as checks that run against any implementation.

Each takes an engine that was not yet opened, puts it through its protocol, closes it, and raises
`AssertionError` with a sentence where it breaks the promise. Use them in the tests of an engine of
your own:

    @pytest.mark.anyio
    async def test_my_engine_keeps_the_promises() -> None:
        await check_recognizer(MyRecognizer())

An engine that asks a service is put through that service's troubles besides, by `check_troubles`.
"""

from repartee.testing.checks.detector import check_detector
from repartee.testing.checks.recognizer import check_recognizer
from repartee.testing.checks.responder import check_responder
from repartee.testing.checks.synthesizer import check_synthesizer
from repartee.testing.checks.troubles import check_troubles

__all__ = [
    "check_detector",
    "check_recognizer",
    "check_responder",
    "check_synthesizer",
    "check_troubles",
]
