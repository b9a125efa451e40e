"""`repartee doctor`: try everything once, and say in plain words what works and what doesn't."""

from __future__ import annotations

import asyncio
import json
import logging
import textwrap
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from repartee.cli import flags
from repartee.cli.failing import FAILED
from repartee.cli.starting import settings_of
from repartee.errors import ReparteeError

if TYPE_CHECKING:
    from repartee.cli.checks import Finding
    from repartee.settings import Settings

log = logging.getLogger(__name__)

Outcome = TypeVar("Outcome")

PATIENCE_S = 120.0
"""An engine that takes longer than this for one check is stuck."""
LINE_WIDTH = 96


def doctor(
    as_json: flags.AsJson = False,
    recommend: Annotated[
        bool,
        typer.Option("--recommend", help="Say which engines fit here, and how to get better ones."),
    ] = False,
    vad: flags.Vad = None,
    stt: flags.Stt = None,
    llm: flags.Llm = None,
    tts: flags.Tts = None,
    script: flags.Script = None,
    language: flags.Language = None,
) -> None:
    """Try every engine once, and say what works and what doesn't."""
    settings = settings_of(
        quiet=True, vad=vad, stt=stt, llm=llm, tts=tts, script=script, default_language=language
    )
    if recommend:
        from repartee.cli.recommending import recommendation

        print(recommendation(settings, as_json=as_json))
        return
    findings = asyncio.run(examine(settings))
    healthy = all(finding.verdict != "broken" for finding in findings)
    print(_as_json(findings, healthy) if as_json else _as_text(findings, healthy))
    if not healthy:
        raise typer.Exit(FAILED)


async def examine(settings: Settings) -> list[Finding]:
    """One check after the other, so that none spoils another's figures."""
    from repartee.cli import checks

    spoken = await attempt("tts", checks.check_synthesizer(settings))
    findings = [checks.check_machine(), checks.check_port(settings)]
    if isinstance(spoken, checks.Finding):
        unheard = "Not tried: there is no speech to listen to until the synthesiser works."
        findings += [
            spoken,
            checks.Finding("stt", "careful", unheard),
            checks.Finding("vad", "careful", unheard),
        ]
    else:
        finding, sound = spoken
        findings += [
            finding,
            await attempt("stt", checks.check_recognizer(settings, sound)),
            await attempt("vad", checks.check_voice_detector(settings, sound)),
        ]
    findings.append(await attempt("llm", checks.check_responder(settings)))
    return findings


async def attempt(check: str, running: Awaitable[Outcome]) -> Outcome | Finding:
    """What the check found; one that fails in any way found something broken."""
    from repartee.cli.checks import Finding

    try:
        async with asyncio.timeout(PATIENCE_S):
            return await running
    except ReparteeError as problem:
        return Finding(check, "broken", str(problem))
    except TimeoutError:
        return Finding(check, "broken", f"It was not done after {PATIENCE_S:.0f} s.")
    except Exception as problem:
        log.debug("The check of %s broke.", check, exc_info=problem)
        words = f"It broke unexpectedly ({type(problem).__name__}); DEBUG=true shows where."
        return Finding(check, "broken", words)


def _as_json(findings: list[Finding], healthy: bool) -> str:
    import msgspec

    from repartee import __version__

    report = {
        "version": __version__,
        "healthy": healthy,
        "checks": msgspec.to_builtins(findings),
    }
    return json.dumps(report, ensure_ascii=False, indent=2)


def _as_text(findings: list[Finding], healthy: bool) -> str:
    rows = [
        textwrap.fill(
            finding.words,
            LINE_WIDTH,
            initial_indent=f"{finding.verdict:<8} {finding.check:<8} ",
            subsequent_indent=" " * 18,
        )
        for finding in findings
    ]
    end = (
        "Everything that is needed works: repartee serve --open"
        if healthy
        else "Something is broken; what to do stands beside it."
    )
    return "\n".join([*rows, "", end])
