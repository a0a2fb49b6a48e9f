#!/usr/bin/env python3
"""Runs the fuzzers, each within its bounds: tests/fuzz/run.py [--seconds N] [SUBJECT...]

Build them first: cmake --preset fuzz && cmake --build --preset fuzz. Each begins with what stands in tests/fuzz/corpus
and with what was found worth keeping before (--grown). What breaks one is kept in the folder of --finds, and its name
is printed with the line that replays it. The exit code is 1 where something was found, or a fuzzer could not run.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent

MEGABYTES = 1024  # of memory; what a fuzzer keeps of its corpus counts too
ONE_INPUT = 5  # seconds
SPARE = 60  # seconds beyond those that were asked for, to load the corpus

# How long inputs are at most: enough for what is read to have all its parts.
SUBJECTS = {
    "json": 1024,
    "page": 1024,
    "batch": 4096,
    "headers": 2048,
    "inflate": 2048,
    "url": 512,
    "config": 256,
    "toml": 1024,
    "request": 2048,
    "order": 512,
    "checkpoint": 2048,
    "dump": 4096,
}


# Lines that tell what was found: ours, those of a requirement, of the sanitizers and of libFuzzer itself.
SAID = re.compile(r"^(?:does not hold: .*|.*a requirement is broken: .*|.*runtime error: .*|SUMMARY: .*|==\d+== ERROR: .*)$",
                  re.MULTILINE)


class Outcome(NamedTuple):
    subject: str
    runs: int
    seconds: float
    fault: str  # empty: nothing was found


def command(subject: str, options: argparse.Namespace) -> list[str]:
    grown = options.grown / subject
    finds = options.finds / subject
    for folder in (grown, finds):
        folder.mkdir(parents=True, exist_ok=True)
    bounds = [f"-max_total_time={options.seconds}"]
    if options.runs:
        bounds = [f"-runs={options.runs}"]
    dictionary = HERE / "dictionaries" / f"{subject}.txt"
    return [
        str(options.build / f"fuzz_{subject}"), str(grown), str(HERE / "corpus" / subject), *bounds,
        f"-max_len={SUBJECTS[subject]}", f"-rss_limit_mb={MEGABYTES}", f"-timeout={ONE_INPUT}",
        f"-artifact_prefix={finds}/", "-print_final_stats=1", *([f"-dict={dictionary}"] if dictionary.exists() else []),
    ]


def number(name: str, text: str) -> int:
    found = re.findall(rf"{name}:\s*(\d+)", text)
    return int(found[-1]) if found else 0


def fault_of(code: int, text: str) -> str:
    """Why it ended badly, in a line; empty where it did not."""
    if code == 0:
        return ""
    said = SAID.findall(text)
    kept = re.findall(r"Test unit written to (\S+)", text)
    words = said[0] if said else f"it ended with {code}: {text.strip()[-300:]}"
    return words + (f"; replay: {kept[-1]}" if kept else "")


def run(subject: str, options: argparse.Namespace) -> Outcome:
    begun = time.monotonic()
    limit = None if options.runs else options.seconds + SPARE
    # Another version's names functions as well.
    symbolizer = shutil.which("llvm-symbolizer-16") or shutil.which("llvm-symbolizer") or ""
    named = f":external_symbolizer_path={symbolizer}" if symbolizer else ""
    environment = {**os.environ, "ASAN_OPTIONS": "exitcode=99" + named,
                   "UBSAN_OPTIONS": "print_stacktrace=1" + named}
    try:
        done = subprocess.run(
            command(subject, options), capture_output=True, env=environment, timeout=limit, check=False)
        text = done.stderr.decode(errors="replace")
        fault = fault_of(done.returncode, text)
    except subprocess.TimeoutExpired as late:
        text = (late.stderr or b"").decode(errors="replace")
        fault = f"it did not end within {limit} seconds"
    except OSError as error:
        text, fault = "", f"it cannot run ({error.strerror}); build it: cmake --build --preset fuzz"
    runs = number("stat::number_of_executed_units", text)
    if not fault and runs == 0:
        fault = "it ran nothing"
    if fault:
        options.finds.mkdir(parents=True, exist_ok=True)
        (options.finds / f"{subject}.log").write_text(text)
    outcome = Outcome(subject, runs, time.monotonic() - begun, fault)
    print(f"{subject:12} {runs:12,} runs {outcome.seconds:7.0f} s  {fault or 'nothing found'}", flush=True)
    return outcome


def write_junit(outcomes: list[Outcome], path: Path) -> None:
    suite = ET.Element("testsuite", name="fuzz", tests=str(len(outcomes)))
    for one in outcomes:
        case = ET.SubElement(suite, "testcase", name=one.subject, time=f"{one.seconds:.1f}")
        if one.fault:
            ET.SubElement(case, "failure", message=one.fault)
    ET.ElementTree(suite).write(path)


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs the fuzzers, each within its bounds.")
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"of {', '.join(SUBJECTS)}; all where none is named")
    parser.add_argument("--seconds", type=int, default=10, help="for each subject (10)")
    parser.add_argument("--runs", type=int, default=0, help="of each subject, instead of --seconds")
    parser.add_argument("--jobs", type=int, default=1, help="subjects at once (1)")
    parser.add_argument("--build", type=Path, default=ROOT / "build/fuzz/tests/fuzz", help="where the fuzzers are")
    parser.add_argument("--grown", type=Path, default=ROOT / "build/fuzz/grown", help="where to keep new inputs")
    parser.add_argument("--finds", type=Path, default=ROOT / "build/fuzz/finds", help="where to keep what breaks one")
    parser.add_argument("--junit", type=Path, help="where to write a report")
    options = parser.parse_args()
    subjects = options.subjects or list(SUBJECTS)
    unknown = [subject for subject in subjects if subject not in SUBJECTS]
    if unknown:
        parser.error(f"there is no subject {unknown[0]}; there are {', '.join(SUBJECTS)}")
    with ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(lambda subject: run(subject, options), subjects))
    if options.junit:
        write_junit(outcomes, options.junit)
    found = sum(bool(one.fault) for one in outcomes)
    print(f"{sum(one.runs for one in outcomes):,} runs of {len(outcomes)} fuzzers, {found} found something")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
