"""In CI a test that is skipped has failed, so that nothing that was never run passes for tested.

What may be skipped all the same, and why, stands in docs/testing.md.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

MAY_BE_SKIPPED = ("neural",)
"""The marks of such tests."""

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return judged(report, item)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A whole module can be skipped as well."""
    report = yield
    return judged(report, collector)


def judged(report: Report, node: pytest.Item | pytest.Collector) -> Report:
    allowed = any(node.get_closest_marker(name) for name in MAY_BE_SKIPPED)
    expected_to_fail = hasattr(report, "wasxfail")
    if report.skipped and os.environ.get("CI") and not allowed and not expected_to_fail:
        report.outcome = "failed"
        rule = "In CI nothing is skipped but what docs/testing.md names."
        report.longrepr = f"{rule}\n{_why(report)}"
    return report


def _why(report: pytest.TestReport | pytest.CollectReport) -> str:
    """A skip is a path, a line, and the sentence that was given for it."""
    found = report.longrepr
    return str(found[2] if isinstance(found, tuple) else found)
