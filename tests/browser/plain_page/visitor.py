"""Somebody who visits the plain page, which needs no build."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.visitor import Visitor


class PlainVisitor(Visitor):
    album = "plain_page"

    def see(self, element_id: str) -> Locator:
        return self.page.locator(f"#{element_id}")

    @property
    def own_words(self) -> Locator:
        return self.page.locator(".turn.you:not(.interim)")

    @property
    def replies(self) -> Locator:
        return self.page.locator(".turn.them")

    @property
    def notes(self) -> Locator:
        return self.page.locator(".turn.note")

    def until_connected(self) -> None:
        expect(self.see("link")).to_have_text("Connected")
