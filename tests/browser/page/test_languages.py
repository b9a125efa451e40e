"""The page in other languages, and times as they are written where the user is."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from repartee.testing.server_process import ServerProcess
from tests.browser.conftest import Visits
from tests.browser.page.caller import Caller
from tests.browser.page.conftest import Visit

BRITISH = re.compile(r"^\d{1,2} [A-Z][a-z]+ \d{4} at \d\d:\d\d$")


def test_the_page_speaks_the_language_of_the_browser_until_another_is_chosen(
    dialogue: ServerProcess, visits: Visits
) -> None:
    address = f"http://127.0.0.1:{dialogue.port}/"
    caller = visits.begin(Caller, address, microphone=False, locale="de-AT")
    page = caller.page
    expect(page.get_by_role("button", name="Gespräch beginnen")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_text("Verbunden", exact=True)).to_be_visible()
    caller.photograph("german")
    caller.press("Gespräch beginnen")
    expect(caller.alert).to_contain_text("Das Mikrofon ist für diese Seite gesperrt.")
    caller.press("Einstellungen")
    page.get_by_label("Sprache dieser Seite").select_option("Français")
    expect(page.get_by_role("dialog", name="Réglages")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    caller.press("Terminé")
    expect(caller.alert).to_contain_text("Le micro est bloqué pour cette page.")
    page.reload()
    expect(page.get_by_role("button", name="Commencer à parler")).to_be_visible()
    page.get_by_role("link", name="Vérifier").click()
    expect(page.get_by_role("heading", name="Tout marche ?")).to_be_visible()
    caller.photograph("french-check")


def test_times_are_written_as_they_are_where_the_user_is(
    dialogue: ServerProcess, visit: Visit
) -> None:
    caller = visit(dialogue, locale="en-GB")
    caller.ask("What would be the time in Greenwich?")
    caller.show("Earlier")
    caller.page.get_by_role("link", name="in Greenwich?").click()
    expect(caller.page.get_by_role("heading", name=BRITISH)).to_be_visible()
