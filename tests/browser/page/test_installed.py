"""The page as an application of its own, which opens though there is no network."""

from __future__ import annotations

from playwright.sync_api import expect

from repartee.testing.server_process import ServerProcess
from tests.browser.page.caller import START
from tests.browser.page.conftest import Visit


def test_it_can_be_installed(dialogue: ServerProcess, visit: Visit) -> None:
    caller = visit(dialogue)
    devtools = caller.context.new_cdp_session(caller.page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert '"display": "standalone"' in manifest["data"]
    # A context of its own is "incognito", where nothing is installed; nothing else is in the way.
    found = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {error["errorId"] for error in found} <= {"in-incognito"}


def test_it_opens_without_a_network_and_goes_on_when_there_is_one(
    dialogue: ServerProcess, visit: Visit
) -> None:
    caller = visit(dialogue, excuse="net::ERR_")
    caller.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    caller.context.set_offline(True)
    caller.page.reload()
    expect(caller.page.get_by_role("status")).to_have_text(
        "The server can't be reached. Trying again."
    )
    caller.photograph("offline")
    caller.context.set_offline(False)
    expect(caller.page.get_by_role("button", name=START)).to_be_visible()
    caller.ask("How far away is the moon?", answer="kilometres away.")
