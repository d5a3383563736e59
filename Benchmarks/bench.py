#!/usr/bin/env python3
"""Operant and its peers side by side, interleaved in one run; see Benchmarks/README.md.

    bench.py                       everything
    bench.py --quick               what fits into five minutes
    bench.py --only decode,update  some measures
    bench.py --readme              puts the newest full result into the README; measures nothing
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import chart
import machine
import measures
import report
import startup
import steps
from arithmetic import Model, share_of_floor
from programs import ROOT, Unavailable, all_programs
from rounds import Rounds
from settings import FULL, QUICK

RESULTS = ROOT / "Benchmarks/results"

# In this order: the floors, which the others are held against, first, and last what takes whatever time is left.
# What matters most comes first, as the time may run out.
MEASURES = {
    "floors": measures.floors, "grpo": steps.grpo, "decode": measures.decode, "update": measures.update,
    "exact": steps.exact, "startup": startup.startup, "neighbour": measures.neighbour, "growth": measures.growth,
}


class Bench:
    """One run of the benchmark: programs, settings, and the rows so far."""

    def __init__(self, settings, scratch):
        self.settings = settings
        self.scratch = scratch
        self.rows = []
        self.floors = None
        self.machine_rates = None
        self.rounds = Rounds(settings.budget, self.say)
        self.programs = all_programs(scratch, steps.EPISODES, steps.MAX_TOKENS)
        self.model_reply = measures.require(self)
        self.model = Model.of(self.model_reply)

    def say(self, text):
        print(text, flush=True)

    def ask(self, name, request):
        return self.programs[name].ask(request, self.patience)

    @property
    def patience(self):
        """Seconds that an answer is worth waiting for."""
        return min(1800, max(1, self.settings.limit - self.rounds.elapsed))

    def asker(self, name, request):
        return lambda: self.ask(name, request)

    def warm(self, names, request):
        """One request that does not count; a failure comes again when it counts."""
        for name in names:
            try:
                self.ask(name, request)
            except Unavailable:
                pass

    def interleave(self, asks, rounds=None):
        return self.rounds.interleave(rounds or self.settings.rounds, asks)

    def share(self, floor, seconds):
        """The share of a floor, which is a function of `Floors`, that work of so many seconds reaches, with a note."""
        return share_of_floor(floor(self.floors) if self.floors else None, seconds)

    def is_over(self):
        return self.rounds.is_over()

    def add(self, row):
        record = row.record()
        self.rows.append(record)
        self.say(report.line(record))

    def run(self, names, keep):
        """Measures by name; `keep` is called after each, so that what was measured is not lost when a later one is."""
        for name in names:
            if self.is_over():
                self.say(f"{name}: not measured, the time is up")
                continue
            self.say(f"{name} ({self.rounds.elapsed:.0f} s)")
            try:
                MEASURES[name](self)
            except Unavailable as error:
                self.say(f"  skipped: {error}")
                self.rows.append(measures.Row(name, "", "", note=f"skipped: {error}").record())
            self.rest(name)
            keep()

    def rest(self, name):
        """Lets go of what no later measure asks, since TRL takes most of the memory there is."""
        done = {
            "grpo": ["TRL"], "decode": ["llama.cpp", "transformers"], "update": ["PyTorch + PEFT"], "growth": ["operant"],
            "neighbour": ["transformers, waiting asleep", "PyTorch + PEFT, waiting asleep"]}
        for program in done.get(name, []):
            self.programs[program].close()

    def close(self):
        for program in self.programs.values():
            program.close()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two rounds and smaller sizes, under five minutes")
    parser.add_argument("--only", metavar="NAMES", help=f"some of {','.join(MEASURES)}")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument("--readme", action="store_true", help="put the newest full result into the README")
    given = parser.parse_args()
    given.names = given.only.split(",") if given.only else list(MEASURES)
    for name in given.names:
        if name not in MEASURES:
            parser.error(f"there is no measure {name!r}; there are {', '.join(MEASURES)}")
    # Whatever is measured is held against floors of the same run.
    if "floors" not in given.names:
        given.names.insert(0, "floors")
    return given


def write(result, folder, stem):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{stem}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    (folder / f"{stem}.md").write_text(report.markdown(result))
    title = f"Operant beside its peers, {result['date']}, {result['machine']['processor']}, {result['machine']['cores']} cores"
    (folder / f"{stem}.svg").write_text(chart.svg(result["rows"], title))


def update_readme(folder):
    full = sorted(path for path in folder.glob("*.json") if not path.stem.endswith(("-quick", "-partial")))
    if not full:
        sys.exit(f"bench: no full result in {folder}; make bench makes one")
    readme = ROOT / "README.md"
    section = report.readme_section(json.loads(full[-1].read_text()), full[-1].stem)
    readme.write_text(report.insert(readme.read_text(), section))
    print(f"README.md shows {full[-1].name}")


def main():
    given = arguments()
    if given.readme:
        return update_readme(given.output)
    facts = machine.machine()
    if facts["load_before"] > 0.5:
        print(f"the machine is busy (load {facts['load_before']:.1f}): figures will be noisy, and peers suffer most")
    command = "make bench-quick" if given.quick else "make bench"
    if given.only:
        command = "python3 Benchmarks/bench.py " + " ".join(sys.argv[1:])
    scratch = Path(tempfile.mkdtemp(prefix="operant-bench-"))
    bench = None
    try:
        bench = Bench(QUICK if given.quick else FULL, scratch)
        date, versions = machine.today(), machine.versions()
        stem = f"{date}-{machine.slug(facts)}" + ("-quick" if given.quick else "")

        def result():
            return {
                "date": date, "command": command, "machine": facts, "versions": versions, "model": bench.model_reply,
                "floors": bench.machine_rates, "seconds": round(bench.rounds.elapsed), "rows": bench.rows}

        bench.run(given.names, keep=lambda: write(result(), given.output, stem + "-partial"))
        if not given.only:
            write(result(), given.output, stem)
            for kind in ("json", "md", "svg"):
                (given.output / f"{stem}-partial.{kind}").unlink()
        print(f"the result is in {given.output}")
    finally:
        if bench:
            bench.close()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
