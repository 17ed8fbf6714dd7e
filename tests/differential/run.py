"""Asks the simulation and CPython about random packages, and shows where they differ.

    python -m tests.differential.run --count 100000 --seed 0 --python 3.11,3.12,3.13 --jobs 2 --save FOLDER

Prints the mix of features, the rates of agreement and of "unknown", and one shrunk counter-example per cause. Exits
with 1 when there is a disagreement, or when `--strict` and the mix or the share of "unknown" misses its bar.
"""

# ruff: noqa: T201  (a command line)
from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.boot import Boot, Outcome

from .census import REQUIRED, Census
from .compare import Disagreement, Unknown
from .generator import generate
from .model import Package
from .shrink import shrink
from .trial import Court, Trial

CHUNK = 100
UNKNOWN_BAR, FEATURE_BAR, CYCLE_BAR, FAILING_BAR = 0.02, 0.05, 0.30, (0.30, 0.70)


@dataclass(slots=True)
class Tally:
    """What a run saw. Counts are of trials: one package under one CPython."""

    census: Census = field(default_factory=Census)
    trials: int = 0
    agreed: int = 0
    failing: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    exceptions: Counter[str] = field(default_factory=Counter)
    causes: dict[str, list[Trial]] = field(default_factory=dict)
    unknown_seeds: dict[str, int] = field(default_factory=dict)

    def add(self, trial: Trial) -> None:
        self.trials += 1
        self.failing += trial.observed.outcome is Outcome.FAILS
        failure = trial.observed.failure
        self.exceptions[f"{failure.stage} {failure.exception}" if failure else trial.observed.outcome.value] += 1
        if isinstance(trial.verdict, Disagreement):
            self.causes.setdefault(trial.verdict.cause, []).append(trial)
        elif isinstance(trial.verdict, Unknown):
            self.unknown[trial.verdict.reason] += 1
            self.unknown_seeds.setdefault(trial.verdict.reason, trial.seed)
        else:
            self.agreed += 1

    def merge(self, other: Tally) -> None:
        self.census.merge(other.census)
        self.trials += other.trials
        self.agreed += other.agreed
        self.failing += other.failing
        self.unknown.update(other.unknown)
        self.exceptions.update(other.exceptions)
        self.unknown_seeds = {**other.unknown_seeds, **self.unknown_seeds}
        for cause, trials in other.causes.items():
            self.causes.setdefault(cause, []).extend(trials)

    @property
    def disagreed(self) -> int:
        return sum(len(trials) for trials in self.causes.values())

    @property
    def unknown_share(self) -> float:
        return sum(self.unknown.values()) / max(1, self.trials)

    @property
    def failing_share(self) -> float:
        return self.failing / max(1, self.trials)

    def shortcomings(self) -> list[str]:
        """What misses its bar, in words."""
        found = [
            f"feature {name} in {self.census.share(name):.1%} of the packages"
            for name in self.census.scarce(FEATURE_BAR)
        ]
        if self.census.share("cycle") < CYCLE_BAR:
            found.append(f"cycles in {self.census.share('cycle'):.1%} of the packages")
        if not FAILING_BAR[0] <= self.failing_share <= FAILING_BAR[1]:
            found.append(f"{self.failing_share:.1%} of the starts fail")
        if self.unknown_share >= UNKNOWN_BAR:
            found.append(f'"unknown" in {self.unknown_share:.2%} of the starts')
        return found


def examine(start: int, count: int, pythons: Sequence[str], oracle_only: bool) -> Tally:
    """The tally of some consecutive seeds, in this process."""
    tally = Tally()
    with Court(pythons, oracle_only) as court:
        for first in range(start, start + count, 50):
            packages = [generate(seed) for seed in range(first, min(first + 50, start + count))]
            for package in packages:
                tally.census.add(package)
            for trial in court.judge(packages):
                tally.add(trial)
    return tally


def examine_all(
    start: int, count: int, pythons: Sequence[str], jobs: int, oracle_only: bool = False, loud: bool = False
) -> Tally:
    """As `examine`, over several processes."""
    tally, began = Tally(), time.monotonic()
    if jobs < 2:
        return examine(start, count, pythons, oracle_only)
    size = min(1000, max(CHUNK, count // (jobs * 4)))
    with ProcessPoolExecutor(jobs) as pool:
        parts = [(first, min(size, start + count - first)) for first in range(start, start + count, size)]
        futures = [pool.submit(examine, first, number, pythons, oracle_only) for first, number in parts]
        for done in as_completed(futures):
            tally.merge(done.result())
            if loud:
                rate = tally.census.packages / (time.monotonic() - began)
                print(
                    f"\r{tally.census.packages} packages, {rate:.0f}/s, {tally.disagreed} disagreements ",
                    end="",
                    file=sys.stderr,
                )
    return tally


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A shrunk package on which the two sides differ."""

    package: Package
    python: str
    verdict: Disagreement
    times: int


def reduce(trials: list[Trial], court: Court) -> Counterexample:
    """The smallest package found for the cause that these trials share."""
    trial = trials[0]
    package = generate(trial.seed)
    assert isinstance(trial.verdict, Disagreement)
    found = trial.verdict

    def holds(files: dict[str, str]) -> bool:
        verdict = court.one(files, package.target, trial.python)
        return isinstance(verdict, Disagreement) and verdict.resembles(found)

    if not holds(dict(package.files)):
        return Counterexample(package, trial.python, trial.verdict, len(trials))
    files = shrink(package.files, holds)
    verdict = court.one(files, package.target, trial.python)
    assert isinstance(verdict, Disagreement)
    return Counterexample(
        Package(package.seed, files, package.target, package.features), trial.python, verdict, len(trials)
    )


def counterexamples(tally: Tally, pythons: Sequence[str], most: int) -> list[Counterexample]:
    """Shrunk counter-examples, smallest first: of those that seem to have the same root, the two smallest."""
    with Court(pythons) as court:
        causes = sorted(tally.causes.values(), key=len, reverse=True)[:most]
        found = sorted((reduce(trials, court) for trials in causes), key=size)
    kept: Counter[str] = Counter()
    chosen = []
    for example in found:
        kept[example.verdict.root] += 1
        if kept[example.verdict.root] <= 2:
            chosen.append(example)
    return chosen


def size(example: Counterexample) -> int:
    """Characters of source."""
    return sum(len(text) for text in example.package.files.values())


def describe(example: Counterexample) -> str:
    """The whole counter-example as text."""
    package, verdict = example.package, example.verdict
    parts = [f"# seed {package.seed}, CPython {example.python}, target {package.target}, {example.times} times"]
    parts += [f"--- {path}\n{text}" for path, text in sorted(package.files.items())]
    parts.append(f"differs in: {verdict.field}")
    parts.append(f"expected (CPython): {spell(verdict.observed)}\ngot (simulation):   {spell(verdict.predicted)}\n")
    return "\n".join(parts)


def spell(boot: Boot) -> str:
    """A boot in two lines."""
    failure = boot.failure
    if failure is None:
        return f"{boot.outcome.value} {boot.reason}".strip()
    frames = " > ".join(f"{frame.path}:{frame.line} {frame.function}" for frame in failure.frames)
    place = frames or "no frame of the package"
    return f"{failure.stage.value} {failure.exception}: {failure.message}\n    at {place}"


def save(example: Counterexample, folder: Path) -> Path:
    """Write a counter-example as a folder of its own: the files, and README.txt with what was expected and got."""
    number = 1 + max((int(path.name) for path in folder.glob("[0-9]*") if path.name.isdigit()), default=0)
    home = folder / f"{number:03}"
    for path, text in example.package.files.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text, encoding="utf-8", newline="")
    (home / "README.txt").write_text(describe(example), encoding="utf-8")
    return home


def report(tally: Tally) -> str:
    """The mix and the rates."""
    census, unknown = tally.census, sum(tally.unknown.values())
    further = sorted(set(census.features) - set(REQUIRED) - {"cycle"})
    top = ", ".join(f"{name} {count / tally.trials:.1%}" for name, count in tally.exceptions.most_common(24))
    lines = [
        f"{census.packages} packages, {tally.trials} starts: {tally.failing_share:.1%} fail",
        f"cycles in {census.share('cycle'):.1%} of the packages",
        f"required features: {_mix(census, REQUIRED)}",
        f"further features: {_mix(census, further)}",
        f"starts: {top}",
        f"agreed {tally.agreed}, disagreed {tally.disagreed}, unknown {unknown} ({tally.unknown_share:.2%})",
    ]
    for reason, count in tally.unknown.most_common(20):
        lines.append(f"  unknown {count} times (first seed {tally.unknown_seeds[reason]}): {reason}")
    for cause, trials in sorted(tally.causes.items(), key=lambda item: -len(item[1]))[:40]:
        lines.append(f"  {len(trials)} times (seed {trials[0].seed}, {trials[0].python}) {cause}")
    return "\n".join(lines)


def _mix(census: Census, names: Iterable[str]) -> str:
    return ", ".join(f"{name} {census.share(name):.1%}" for name in sorted(names, key=census.share))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.differential.run", description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--python", default="3.11,3.12,3.13", help="versions, separated by commas")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--save", type=Path, help="folder for shrunk counter-examples")
    parser.add_argument("--shrink", type=int, default=20, help="how many causes to shrink")
    parser.add_argument("--oracle-only", action="store_true", help="ask CPython alone")
    parser.add_argument("--show", type=int, metavar="SEED", help="print the package of a seed and what becomes of it")
    parser.add_argument("--strict", action="store_true", help="fail too when a bar of the mix is missed")
    options = parser.parse_args(arguments)
    pythons = options.python.split(",")
    if options.show is not None:
        return show(options.show, pythons, options.oracle_only)
    began = time.monotonic()
    tally = examine_all(options.seed, options.count, pythons, options.jobs, options.oracle_only, loud=True)
    print(f"\n{report(tally)}\n{time.monotonic() - began:.0f} s")
    for shortcoming in tally.shortcomings():
        print(f"misses its bar: {shortcoming}")
    for example in counterexamples(tally, pythons, options.shrink) if tally.causes else []:
        print("\n" + describe(example))
        if options.save:
            save(example, options.save)
    return 1 if tally.disagreed or (options.strict and tally.shortcomings()) else 0


def show(seed: int, pythons: Sequence[str], oracle_only: bool) -> int:
    """Print one package and its trials."""
    package = generate(seed)
    for path, text in sorted(package.files.items()):
        print(f"--- {path}\n{text}")
    print(f"target {package.target}\nfeatures {' '.join(sorted(package.features))}")
    with Court(pythons, oracle_only) as court:
        for trial in court.judge([package]):
            print(f"CPython {trial.python}: {spell(trial.observed)}")
            if isinstance(trial.verdict, Disagreement):
                print(f"    simulation: {spell(trial.verdict.predicted)}")
            elif isinstance(trial.verdict, Unknown):
                print(f"    simulation: unknown, {trial.verdict.reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
