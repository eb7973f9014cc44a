"""The tables at the end of `truc demo`: latency, the three sides, what became of the dossiers, where to look."""

from __future__ import annotations

from collections.abc import Callable

from contracts.catalogue.procedures import procedure
from contracts.status import DossierStatus
from deploy.cli import output
from deploy.demo.figures import (
    REPORTED_DOSSIERS,
    REPORTED_VERIFIED,
    VERIFICATIONS_DIRECT,
    VERIFICATIONS_ONLINE,
)
from deploy.demo.report import Report, Runs


def show(report: Report, url: Callable[[str], str], data_dir: str, *, stays_up: bool) -> None:
    """Print the tables, and where to look next."""
    _show_latency(report)
    _show_sides(report)
    _show_outcome(report)
    _show_mix(report)
    if stays_up:
        _show_next(report, url, data_dir)


def _show_latency(report: Report) -> None:
    names = {
        "relay": "commit to broker",
        "axis": "broker to sync",
        "queue": "waiting in sync",
        "portal": "call to the portal",
        "total": "commit to acknowledged",
    }
    rows = [
        (names[hop], *(f"{value:,.1f}" for value in (each.p50, each.p95, each.p99, each.max)))
        for hop, each in report.hops_ms.items()
    ]
    output.say()
    output.say(f"Latency of {report.latency_of:,} statuses, in milliseconds", style="bold")
    output.table(("from, to", "p50", "p95", "p99", "max"), rows, right=(1, 2, 3, 4), fold=(0,))
    output.say(
        f"{report.intake_per_s:,.1f} dossiers/s taken in and handled, {report.sync_per_s:,.1f} statuses/s on the "
        f"portal ({report.profile} profile); {report.seconds:,.1f} s in all."
    )


def _show_sides(report: Report) -> None:
    sides = (("province", report.province), ("axis", report.axis), ("portal", report.portal))
    rows = [("told to callers", f"{report.dossiers:,}", f"{report.statuses:,}")]
    rows += [(name, f"{side.dossiers:,}", f"{side.statuses:,}") for name, side in sides]
    output.say()
    output.say("Reconciliation", style="bold")
    output.table(("side", "dossiers", "statuses"), rows, right=(1, 2))


def _show_outcome(report: Report) -> None:
    counts = f"lost {report.lost:,}, duplicated {report.duplicated:,}, out of order {report.out_of_order:,}"
    if report.ok:
        output.say(f"Province = axis = portal: {counts}.", style="bold green")
        return
    output.say(f"The sides differ: {counts}.", style="bold red")
    if not report.complete:
        output.say("The portal did not come to hold everything while it was waited for.")
    for finding in report.findings:
        output.say(f"  {finding}")


def _show_mix(report: Report) -> None:
    checked = report.verification
    output.say()
    output.say("Verified in the population data", style="bold")
    reported = 100 * REPORTED_VERIFIED / REPORTED_DOSSIERS
    rows = [
        ("verified", f"{checked.matched:,}", f"{100 * checked.matched_share:.2f} %", f"{reported:.2f} %"),
        ("stated otherwise", f"{checked.mismatched:,}", _share(checked.mismatched, report.dossiers), ""),
        ("not found", f"{checked.not_found:,}", _share(checked.not_found, report.dossiers), ""),
    ]
    if checked.pending:
        rows.append(("not checked yet", f"{checked.pending:,}", _share(checked.pending, report.dossiers), ""))
    reported_checks = {"direct": VERIFICATIONS_DIRECT, "online": VERIFICATIONS_ONLINE}
    for channel, count in checked.confirmations_by_channel.items():
        of_report = _share(reported_checks[channel], sum(reported_checks.values()))
        rows.append((f"checks, {channel}", f"{count:,}", _share(count, checked.confirmations), of_report))
    output.table(("applicants", "number", "share", "2023"), rows, right=(1, 2, 3))
    output.say()
    output.say("Where the dossiers are now", style="bold")
    rows_of_statuses = [
        (str(status), DossierStatus(status).text.en, f"{count:,}") for status, count in report.by_status.items()
    ]
    output.table(("", "status", "dossiers"), rows_of_statuses, right=(0, 2), fold=(1,))
    if report.by_systems:
        output.say()
        output.say("Carried out by the systems of the province", style="bold")
        rows_of_runs = [
            (each.procedure_code, procedure(each.procedure_code).name, *_counts(each))
            for each in report.by_systems
        ]
        output.table(("", "procedure", "done", "partly", "refused"), rows_of_runs, right=(2, 3, 4), fold=(1,))


def _counts(runs: Runs) -> tuple[str, str, str]:
    return f"{runs.completed:,}", f"{runs.partly:,}", f"{runs.refused:,}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "-"


def _show_next(report: Report, url: Callable[[str], str], data_dir: str) -> None:
    output.say()
    output.say("Where to look next", style="bold")
    output.say(f"  The portal as a citizen sees it: {url('portal')}/")
    output.say(f"  The interfaces: {url('dossier')}/docs, {url('population')}/docs, {url('sync')}/docs")
    output.say(f"  One dossier, hop by hop: truc trace CODE{data_dir}")
    output.say(f"  Compare the sides again: truc reconcile{data_dir}")
    output.say(f"  An outage of the portal: truc fault set --outage 60{data_dir}")
