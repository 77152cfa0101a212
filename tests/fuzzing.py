"""Broken exports, made up from a seed, and what must hold whatever an ingest makes of them."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from smarketing.errors import SmarketingError
from smarketing.warehouse.ingesting.run import ingest

SOURCES = """\
company: Fuzz
timezone: Europe/Copenhagen
public_hash_key: test
max_reject_share: 1
tables:
  leads:
    reader: {reader}
    file: raw/leads.{ending}
    columns: {{lead_id: Id, created_at: Created, source: Source}}
    same_person: Email
    attributes:
      employees: {{column: Employees, type: number, known: at_creation}}
      email_domain: {{column: Email, take: domain, known: at_creation}}
      wants: {{column: Wants, type: boolean, known: at_creation}}
"""
HEADER = ["Id", "Created", "Source", "Email", "Employees", "Wants", "Free text"]
SECONDS = 20
NASTY = [
    "'; DROP TABLE leads; --", '"; SELECT 1; --', "$$", "\\", "%s", "{0}", "${HOME}", "r.c0",
    "' OR 1=1 --", "); DROP TABLE s_leads", '""', "=1+1", "+1+cmd|'/c calc'!A0", "-2+3", "@SUM(A1)",
    "\t=1", "\r=1", "=HYPERLINK(\"http://x\")", "＝1", "<script>alert(1)</script>", "{{x}}",
    "\u202e\u0627", "\u200b", "\u00a0", "\ufeff", "👩‍👩‍👧", "ﬀ", "İ",
    "ß", "nan", "NaN", "inf", "None", "NULL",
    "null", "True", "\x00", "\x1b[31m", "\n", "\r\n", "a\nb", ",", ";", "|", "a,b", "x" * 5000,
]  # fmt: skip
DATES = [
    "2026-02-30", "2026-13-01", "0000-00-00", "9999-12-31", "99999-01-01", "-5", "1e9",
    "1767225600",
    "1767225600000", "05/01/2026", "5.1.2026 8:00", "2026-01-05T25:00",
    "2026-01-05 09:00:00 PST",
    "2026-03-29 02:30", "2026-10-25 02:30", "٢٠٢٦-٠١-٠٥", "today", "2026-01-05T09:00+99:00",
    "1969-12-31", "2026-01-05 09:00:60", "2026-01-05Z", "infinity", "-infinity", "epoch",
    "2026-01-05 09:00:00.123456789123", "294247-01-10",
]  # fmt: skip
NUMBERS = ["1,5", "1.234.567,8", "1e400", "-0", "0x10", "1_000", "٣", "1e-400", "..", "--1",
           "1 000",           "9" * 400, "1.5.2", "$5", "5%"]  # fmt: skip
ENCODINGS = ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32",
             "cp037", "shift_jis", "utf-7"]  # fmt: skip


def rows(draw: random.Random) -> list[list[str]]:
    """Return sound rows."""
    return [
        [f"L{n}", f"2026-01-{1 + n % 28:02} 09:00", draw.choice(["web", "fair"]),
         f"p{n}@north.example", str(draw.randint(1, 500)), draw.choice(["yes", "no"]), "Smørrebrød"]
        for n in range(draw.randint(1, 12))
    ]  # fmt: skip


def written(table: list[list[str]], draw: random.Random, **options: str) -> str:
    """Return rows as CSV."""
    out = io.StringIO(newline="")
    end = draw.choice(["\n", "\n", "\r\n", "\r"])
    csv.writer(out, lineterminator=end, **options).writerows(table)  # type: ignore[arg-type]
    return out.getvalue()


def cells(draw: random.Random) -> bytes:
    """Put nasty values into cells."""
    table = rows(draw)
    for _ in range(draw.randint(1, 6)):
        row = draw.choice(table)
        at = draw.randrange(len(HEADER))
        row[at] = draw.choice(
            {1: DATES, 4: NUMBERS}.get(at, NASTY) if draw.random() < 0.7 else NASTY
        )
    return written([HEADER, *table], draw).encode("utf-8", "surrogatepass")


def broken_bytes(draw: random.Random) -> bytes:
    """Change, drop and insert bytes."""
    data = bytearray(cells(draw))
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(len(data) + 1)
        what = draw.random()
        if what < 0.4 and at < len(data):
            data[at] = draw.randrange(256)
        elif what < 0.7:
            del data[at : at + draw.randint(1, 20)]
        else:
            data[at:at] = bytes(draw.randrange(256) for _ in range(draw.randint(1, 5)))
        data = data or bytearray(b"x")
    return bytes(data)


def encoded(draw: random.Random) -> bytes:
    """Write in another encoding."""
    text = written([HEADER, *rows(draw)], draw)
    return text.encode(draw.choice(ENCODINGS), "replace")


def quotes(draw: random.Random) -> bytes:
    """Put quotation marks where they do not belong."""
    text = list(written([HEADER, *rows(draw)], draw, quotechar='"'))
    for _ in range(draw.randint(1, 5)):
        text.insert(
            draw.randrange(len(text) + 1), draw.choice(['"', '""', '"""', "'", '"\n', ',"', '",'])
        )
    return "".join(text).encode()


def shapes(draw: random.Random) -> bytes:
    """Lines too short and too long, empty ones, headers of all kinds, other delimiters."""
    table = [list(HEADER), *rows(draw)]
    for _ in range(draw.randint(1, 4)):
        row = draw.choice(table)
        what = draw.random()
        if what < 0.3 and row:
            row.pop(draw.randrange(len(row)))
        elif what < 0.6:
            row.insert(draw.randrange(len(row) + 1), draw.choice(NASTY))
        elif what < 0.7:
            row.clear()
        elif what < 0.8:
            table.append(list(draw.choice(table)))
        else:
            table.insert(draw.randrange(len(table)), ["", "", ""])
    delimiter = draw.choice([",", ",", ",", ";", "\t", "|"])
    return written(table, draw, delimiter=delimiter).encode("utf-8", "surrogatepass")


def other_files(draw: random.Random) -> bytes:
    """Return what is no table at all."""
    text = written([HEADER, *rows(draw)], draw).encode()
    noise = bytes(draw.randrange(256) for _ in range(draw.randint(0, 3000)))
    return draw.choice([
        b"", b"\n", b"\x00" * 100, b"\xef\xbb\xbf", noise, b"PK\x03\x04" + noise,
        gzip.compress(text),
        gzip.compress(text)[:-9], b"PAR1" + noise, b"PAR1" + noise + b"PAR1",
        b"<!DOCTYPE html><html>",
        text.split(b"\n")[0], text.replace(b"\n", b"\x00"), b'"' * draw.randint(1, 999),
        text[: len(text) // 2],
        b"Id" + b"," * 5000, text + noise,
    ])  # fmt: skip


def huge(draw: random.Random) -> bytes:
    """Write a huge cell."""
    table = rows(draw)
    size = draw.choice([70_000, 300_000, 3_000_000])
    draw.choice(table)[draw.randrange(len(HEADER))] = draw.choice(["x", '"', "é,", "a\n"]) * (
        size // 2
    )
    return written([HEADER, *table], draw).encode()


KINDS: list[tuple[Callable[[random.Random], bytes], int]] = [
    (cells, 40), (broken_bytes, 20), (quotes, 12), (shapes, 12), (encoded, 6),
    (other_files, 7), (huge, 3),
]  # fmt: skip
READERS = [("csv", "csv"), ("hubspot", "csv"), ("salesforce", "csv"), ("csv", "csv.gz"),
           ("excel", "xlsx"), ("parquet", "parquet")]  # fmt: skip


def broken_input(seed: int) -> tuple[str, str, str, bytes]:
    """Return kind, reader, file ending and content of the broken input of a seed."""
    draw = random.Random(seed)  # noqa: S311 - the same input for the same seed
    make = draw.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
    reader, ending = READERS[0]
    if draw.random() < 0.15:
        reader, ending = draw.choice(READERS[1:])
    data = make(draw)
    if ending == "csv.gz" and draw.random() < 0.8:
        data = gzip.compress(data)
    return make.__name__, reader, ending, data


def faults(seed: int, folder: Path) -> tuple[str, list[str]]:
    """Ingest the broken input of a seed; return how it ended, and what it did wrong."""
    kind, reader, ending, data = broken_input(seed)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "raw").mkdir(parents=True)
    (folder / "sources.yml").write_text(SOURCES.format(reader=reader, ending=ending))
    (folder / "raw" / f"leads.{ending}").write_bytes(data)
    start = time.process_time()
    try:
        with _limit(SECONDS):
            report = ingest(folder)
    except SmarketingError as error:
        wrong = [] if all(p.what for p in error.problems) else ["a problem without words"]
        if (folder / "warehouse.duckdb").exists():
            wrong.append("a warehouse was left by an ingest that failed")
        return f"{kind}: refused", wrong
    except TimeoutError:
        return f"{kind}: hang", [f"no answer in {SECONDS} s of processor"]
    except RuntimeError as error:
        if "interrupted" in str(error):  # the alarm rang inside DuckDB
            return f"{kind}: hang", [f"no answer in {SECONDS} s of processor"]
        return f"{kind}: traceback", [str(error)[:300]]
    except Exception as error:  # noqa: BLE001 - any other error is a traceback to the user
        return f"{kind}: traceback", [f"{type(error).__name__}: {str(error)[:300]}"]
    wrong = []
    if time.process_time() - start > SECONDS / 2:
        wrong.append("slow")
    told = report.counts.iloc[0][["accepted", "rejected", "excluded", "merged"]].sum()
    if ending == "csv" and (expected := _records(data)) is not None and told < expected:
        wrong.append(f"{expected} rows went in, {told} are told of")
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as con:
        kept = con.execute("SELECT count(*) FROM leads").fetchone()[0]
    if kept != report.counts.accepted.iloc[0]:
        wrong.append(f"{report.counts.accepted.iloc[0]} accepted, {kept} kept")
    listed = 0
    for path in (folder / "rejects").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.reader(stream):
                listed += 1
                wrong += [f"a formula in rejects: {cell[:40]!r}" for cell in row
                          if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]  # fmt: skip
    if report.counts.rejected.iloc[0] > max(0, listed - 1):
        wrong.append("a rejected row is not listed")
    return f"{kind}: done", wrong


def _records(data: bytes) -> int | None:
    """Return how many rows Python's own reader sees, None where quoting leaves it open."""
    with contextlib.suppress(UnicodeDecodeError, csv.Error):
        text = data.decode("utf-8-sig")
        if '"' in text or "\x00" in text:
            return None
        return sum(1 for row in csv.reader(io.StringIO(text, newline="")) if row) - 1
    return None


@contextlib.contextmanager
def _limit(seconds: int) -> Iterator[None]:
    """Break off after so many seconds of processor, or ten times as many on the clock."""

    def late(*_: object) -> None:
        raise TimeoutError

    timers = [(signal.ITIMER_PROF, signal.SIGPROF, seconds),
              (signal.ITIMER_REAL, signal.SIGALRM, 10 * seconds)]  # fmt: skip
    before = [signal.signal(rung, late) for _, rung, _ in timers]
    for timer, _, allowed in timers:
        signal.setitimer(timer, allowed)
    try:
        yield
    finally:
        for (timer, rung, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(rung, handler)
