"""A call that goes on for an hour, without the hour."""

from __future__ import annotations

import pytest
from playwright.sync_api import CDPSession

from repartee.testing.server_process import ServerProcess
from tests.browser.page.conftest import Visit

TURNS_IN_AN_HOUR = 120
"""A question and its answer take half a minute."""
WARMING_UP = 5
GROWTH_AT_MOST_MB = 20
TALK = """async (turns) => {
  const field = document.querySelector("#message");
  const heard = () => document.querySelectorAll('li[data-who="it"]').length;
  for (let turn = 1; turn <= turns; turn += 1) {
    const before = heard();
    field.value = `this is the thing number ${turn} that I have to say`;
    field.form.requestSubmit();
    while (heard() === before) await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}"""


def heap_mb(devtools: CDPSession) -> float:
    devtools.send("HeapProfiler.collectGarbage")
    return float(devtools.send("Runtime.getHeapUsage")["usedSize"]) / 2**20


@pytest.mark.timeout(180)
def test_an_hour_of_turns_does_not_fill_the_memory(dialogue: ServerProcess, visit: Visit) -> None:
    caller = visit(dialogue, reduced_motion="reduce")
    caller.call()
    devtools = caller.context.new_cdp_session(caller.page)
    caller.page.evaluate(TALK, WARMING_UP)
    before = heap_mb(devtools)
    caller.page.evaluate(TALK, TURNS_IN_AN_HOUR)
    after = heap_mb(devtools)
    assert after - before <= GROWTH_AT_MOST_MB
