"""What goes wrong on a first visit, and how the page helps."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from repartee.testing.server_process import ServerProcess
from tests.browser.conftest import ANOTHER_MACHINE
from tests.browser.plain_page.conftest import Visit
from tests.browser.plain_page.visitor import PlainVisitor

pytestmark = pytest.mark.engines


def expect_that_typing_works(visitor: PlainVisitor) -> None:
    visitor.write("Are you there?")
    expect(visitor.replies.last).to_contain_text("dragon")


def test_a_blocked_microphone_is_explained_and_one_can_still_write(
    storyteller: ServerProcess, visit: Visit
) -> None:
    visitor = visit(storyteller, microphone=False)
    visitor.press("Talk")
    expect(visitor.page.get_by_role("alert")).to_contain_text("The microphone is blocked")
    visitor.photograph("microphone-blocked")
    expect_that_typing_works(visitor)
    visitor.until_heard(seconds=0.2)


def test_the_microphone_may_be_allowed_after_all(storyteller: ServerProcess, visit: Visit) -> None:
    visitor = visit(storyteller, microphone=False)
    visitor.press("Talk")
    expect(visitor.page.get_by_role("alert")).to_contain_text("The microphone is blocked")
    visitor.context.grant_permissions(["microphone"])
    visitor.press("Try again")
    expect(visitor.see("presence")).to_have_text("Listening")
    expect(visitor.page.get_by_role("alert")).to_be_hidden()


def test_a_machine_without_a_microphone_is_told_so(
    storyteller: ServerProcess, visit: Visit, browser_without_microphone: Browser
) -> None:
    visitor = visit(storyteller, browser=browser_without_microphone)
    visitor.press("Talk")
    expect(visitor.page.get_by_role("alert")).to_contain_text("No microphone was found")
    expect_that_typing_works(visitor)


def test_a_page_over_plain_http_from_another_machine_says_why_it_can_only_be_read(
    storyteller: ServerProcess, visit: Visit
) -> None:
    visitor = visit(storyteller, microphone=False, host=ANOTHER_MACHINE)
    visitor.press("Talk")
    expect(visitor.page.get_by_role("alert")).to_contain_text("Open it over https")
    visitor.photograph("plain-http")
    expect_that_typing_works(visitor)


def test_a_reload_shows_what_was_said_and_begins_anew(
    storyteller: ServerProcess, visit: Visit
) -> None:
    visitor = visit(storyteller)
    expect_that_typing_works(visitor)
    visitor.page.reload()
    visitor.until_connected()
    expect(visitor.own_words).to_have_text("You: Are you there?")
    expect(visitor.notes).to_have_text("That was earlier. A new conversation begins here.")
    visitor.photograph("reloaded")
    expect_that_typing_works(visitor)
    visitor.until_heard(seconds=0.2)


def test_a_call_outlives_its_server(storyteller_settings: dict[str, str], visit: Visit) -> None:
    server = ServerProcess(**storyteller_settings, STT="scripted", SHUTDOWN_SECONDS="0")
    with server:
        visitor = visit(server, excuse="ERR_CONNECTION_REFUSED")
        visitor.press("Talk")
        expect(visitor.see("presence")).to_have_text("Speaking. Talk to interrupt")
    expect(visitor.see("presence")).to_have_text("The connection was lost. Trying again…")
    expect(visitor.see("announcer")).to_have_text("The connection was lost. Trying again…")
    visitor.photograph("server-gone")
    with server:
        expect(visitor.see("presence")).to_have_text("Listening")
        expect(visitor.see("announcer")).to_have_text("Connected again.")
        expect(visitor.notes).to_have_text(
            "The connection was lost. A new conversation begins here."
        )
        visitor.until_sound_is_sent()
        visitor.until_quiet(milliseconds=500)
        visitor.photograph("server-back")
        expect_that_typing_works(visitor)
