"""The page of a benchmark: one file that asks no host for anything."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from reecho.benchmark import figures, tables, words
from reecho.benchmark.record import Record, Result
from reecho.benchmark.subjects import SUBJECTS
from reecho.report import html
from reecho.report.head import policy

_HERE = Path(__file__).parent
_SCROLL = '<div class="scroll" role="region" aria-label="{}" tabindex="0">{}</div>'


def text(record: Record) -> str:
    """The whole page."""
    markdown: list[str] = []

    def say(sentence: str) -> int:
        markdown.append(sentence)
        return len(markdown) - 1

    sections = [_section(result, say) for result in record.results]
    done = html.markdown_to_html(markdown) if markdown else []
    header = record.header
    for section in sections:
        section["notes"] = [done[number] for number in section["notes"]]
        section["figures"] = [_figure(piece, done[caption]) for piece, caption in section["figures"]]
        section["tables"] = [_table(label, done[caption], done[body]) for label, caption, body in section["tables"]]
    css = html.stylesheet("", (_HERE / "page.css").read_text(encoding="utf-8"))
    return html.filled(
        "benchmark.html.j2", _HERE, css=css, policy=policy(), title="How fast reecho is", sections=sections,
        facts=_facts(record), busy=words.busy(header), quick=header["quick"],
        left_out=[SUBJECTS[name].title for name in record.left_out],
    )  # fmt: skip


def _section(result: Result, say: Any) -> dict[str, Any]:
    """A subject's texts, as numbers of pieces of Markdown, which become HTML all at once."""
    subject = SUBJECTS[result.name]
    return {
        "name": result.name, "title": subject.title, "question": subject.question, "failure": result.failure,
        "seconds": f"{result.seconds:.0f}", "notes": [say(note) for note in result.notes],
        "figures": [(piece, say(piece.caption)) for piece in figures.of(result.rows, result.titles)],
        "tables": [(table.label, say(table.caption), say(table.body)) for table in tables.of(result.rows, result.titles)],
    }  # fmt: skip


def _facts(record: Record) -> list[tuple[str, str]]:
    header = record.header
    versions = ", ".join(f"{name} {number}" for name, number in header["versions"].items())
    return [("processor", words.machine(header)), ("system", header["system"]), ("date", header["date"]),
            ("commit", header["commit"]), ("versions", versions)]  # fmt: skip


def _figure(piece: Any, caption: str) -> str:
    return f"<figure>{_SCROLL.format('Figure', html.image(piece))}<figcaption>{caption}</figcaption></figure>"


def _table(label: str, caption: str, body: str) -> str:
    return f'<figure class="table"><figcaption>{caption}</figcaption>{_SCROLL.format(escape(label), body)}</figure>'
