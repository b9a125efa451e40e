"""Skipped here, failed in CI: tests that need what is not there."""

from __future__ import annotations

import pytest

from tests import skipping

pytest_plugins = ["pytester"]

NO_REDIS = "NOT TESTED: there is no redis-server here."
A_SKIP = f"""
import pytest

def test_that_counts():
    pytest.skip("{NO_REDIS}")
"""


@pytest.fixture(autouse=True)
def ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # which would take a second each


def outcomes_of(pytester: pytest.Pytester, source: str) -> tuple[dict[str, int], str]:
    pytester.makepyfile(source)
    result = pytester.runpytest_inprocess(plugins=[skipping])
    return result.parseoutcomes(), result.stdout.str()


def test_in_ci_it_fails_and_says_what_is_missing(pytester: pytest.Pytester) -> None:
    outcomes, told = outcomes_of(pytester, A_SKIP)
    assert outcomes == {"failed": 1}
    assert NO_REDIS in told
    assert "docs/testing.md" in told


def test_elsewhere_it_is_skipped(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI")
    assert outcomes_of(pytester, A_SKIP)[0] == {"skipped": 1}


def test_a_missing_program_of_a_fixture_fails_each_test_that_wants_it(
    pytester: pytest.Pytester,
) -> None:
    source = """
    import pytest
    from tests.programs import needed_program

    @pytest.fixture(scope="session")
    def program():
        return needed_program("no-such-program", package="nothing")

    def test_one(program): ...
    def test_two(program): ...
    """
    assert outcomes_of(pytester, source)[0] == {"errors": 2}


@pytest.mark.parametrize(
    "source",
    [
        'import pytest\npytest.skip("not here", allow_module_level=True)',
        'import pytest\npytest.importorskip("no_such_module_anywhere")',
        "import pytest\n@pytest.mark.skipif(True, reason='never')\ndef test_it(): ...",
        "import pytest\n@pytest.mark.parametrize('nothing', [])\ndef test_it(nothing): ...",
    ],
    ids=["a module", "a library", "a mark", "no parameters"],
)
def test_so_do_all_other_ways_to_skip(pytester: pytest.Pytester, source: str) -> None:
    outcomes, _ = outcomes_of(pytester, source)
    assert outcomes.keys() <= {"failed", "errors"}
    assert sum(outcomes.values()) == 1


def test_neural_engines_may_be_missing(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nmarkers = neural: needs a library")
    source = "import pytest\n@pytest.mark.neural\ndef test_it():\n    pytest.skip('no torch')"
    assert outcomes_of(pytester, source)[0] == {"skipped": 1}


def test_what_is_expected_to_fail_is_not_skipped(pytester: pytest.Pytester) -> None:
    source = "import pytest\n@pytest.mark.xfail\ndef test_it():\n    assert False"
    assert outcomes_of(pytester, source)[0] == {"xfailed": 1}
