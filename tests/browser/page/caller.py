"""Somebody who visits the page, and finds everything by the name that it shows or reads out."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.visitor import Visitor

START = "Start talking"
HEARD = """mark => {
  const heard = document.createRange();
  heard.setStart(mark.parentElement, 0);
  heard.setEndAfter(mark);
  return [heard.toString(), ears.loudSeconds];
}"""


class Caller(Visitor):
    album = "page"

    @property
    def talking(self) -> Locator:
        """Where the state of the call stands, and what can be done about it."""
        return self.page.get_by_role("region", name="Talking")

    @property
    def conversation(self) -> Locator:
        return self.page.get_by_role("region", name="Conversation")

    @property
    def own_words(self) -> Locator:
        return self.conversation.locator('[data-who="you"]').filter(has_not=self.interim)

    @property
    def interim(self) -> Locator:
        return self.page.locator('[data-who="you"] i')

    @property
    def replies(self) -> Locator:
        return self.conversation.locator('[data-who="it"]')

    @property
    def alert(self) -> Locator:
        return self.page.get_by_role("alert")

    @property
    def settings(self) -> Locator:
        return self.page.get_by_role("dialog", name="Settings")

    @property
    def trace(self) -> Locator:
        return self.page.get_by_role("complementary", name="Where the time went")

    def until_connected(self) -> None:
        expect(self.page.get_by_text("Connected", exact=True)).to_be_visible()

    def call(self) -> None:
        self.press(START)
        self.expect_state("Listening")

    def ask(self, text: str, answer: str = "") -> None:
        """In writing; over when the answer was heard to its end."""
        before = self.replies.count()
        self.write(text)
        expect(self.replies).to_have_count(before + 1)
        expect(self.replies.last).to_contain_text(answer)
        # Until then, some of its words are marked as being heard or still to come.
        expect(self.replies.last.locator("mark")).to_have_count(0)

    def expect_state(self, words: str) -> None:
        expect(self.talking).to_contain_text(words)

    def heard_words(self) -> tuple[str, float]:
        """What is shown as heard of the reply that is heard just now, and the seconds heard."""
        words, seconds = self.replies.last.locator("mark").evaluate(HEARD)
        return str(words), float(seconds)

    def show(self, view: str) -> None:
        self.page.get_by_role("link", name=view, exact=True).click()
        expect(self.page.get_by_role("link", name=view, exact=True)).to_have_attribute(
            "aria-current", "page"
        )
