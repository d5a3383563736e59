"""A GRPO step end to end: real runs of `operant train`, in turn with steps of TRL on the same prompts."""

import gzip
import json
import subprocess

from arithmetic import Row
from programs import RELEASE, ROOT, WORKER_ENVIRONMENT, Unavailable, environment

PROMPTS, EPISODES, MAX_TOKENS = 4, 8, 64
RECIPE = ROOT / "Recipes/support-reply"


class Runs:
    """Runs of the support-reply recipe with short steps."""

    def __init__(self, bench):
        self.bench = bench
        self.scratch = bench.scratch
        self.program = RELEASE / "operant"
        self.rules = json.loads((RECIPE / "grader.json").read_text())["rules"]
        self.count = 0
        if not self.program.exists():
            raise Unavailable(f"{self.program.relative_to(ROOT)} is missing; make build makes it")

    def _operant(self, *arguments):
        try:
            done = subprocess.run(
                [str(self.program), *map(str, arguments)], capture_output=True, text=True, cwd=ROOT,
                env=environment(WORKER_ENVIRONMENT), timeout=self.bench.patience)
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"operant {arguments[0]}: did not end within {error.timeout:.0f} s") from error
        if done.returncode != 0:
            lines = (done.stderr or done.stdout).strip().splitlines()
            raise Unavailable(f"operant {arguments[0]}: {lines[-1] if lines else done.returncode}")
        return done.stdout

    def takes(self, setting):
        """Whether a plan may have this; the reason when not."""
        try:
            self._operant("train", RECIPE / "plan.yaml", "--dry-run", "--set", setting)
        except Unavailable as error:
            return str(error)
        return None

    def step(self, kl, steps, *settings):
        """The last step of a run of so many: its time by phase, its prompts, the run's peak memory."""
        self.count += 1
        every = [
            f"seed={self.count}", f"sampling.prompts_per_step={PROMPTS}", f"sampling.episodes_per_prompt={EPISODES}",
            f"sampling.max_tokens={MAX_TOKENS}", f"training.steps={steps}", "training.learning_rate=1e-6",
            "training.lora.rank=16", f"algorithm.kl.coefficient={kl}", "model.dtype=bfloat16", "evaluation.prompts=1",
            "evaluation.every=0", "evaluation.prompts_during=1", *settings]
        arguments = [part for setting in every for part in ("--set", setting)]
        text = self._operant(
            "train", RECIPE / "plan.yaml", "--runs", self.scratch / "runs", "--json", *arguments)
        events = [json.loads(line) for line in text.splitlines()]
        last = [event for event in events if event["event"] == "step"][-1]
        end = next(event["end"] for event in events if event["event"] == "run_ended")
        timing, record = last["timing"], last["record"]
        groups = archived_groups(ROOT / end["folder"], record["step"])
        return {
            "seconds": timing["sampling"] + timing["grading"] + timing["updating"], "sampling": timing["sampling"],
            "grading": timing["grading"], "updating": timing["updating"], "sampledTokens": record["sampledTokens"],
            "peakMemoryBytes": end["peakMemoryBytes"],
            "rows": [{"messages": group["example"]["messages"], **group["example"]["item"]} for group in groups],
            "shape": [shape(group) for group in groups]}


def archived_groups(folder, step):
    """The graded groups of a step, as the run keeps them."""
    (path,) = (folder / "episodes").glob(f"step-{step:06}.*")
    with gzip.open(path, "rt") as lines:
        return [json.loads(line) for line in lines]


def shape(group):
    """Tokens of the prompt, and the lengths of the answers."""
    masks = [graded["episode"]["lossMask"] for graded in group["episodes"]]
    return len(masks[0]) - sum(masks[0]), [sum(mask) for mask in masks]


def grpo(bench):
    runs = Runs(bench)
    steps = bench.settings.steps
    newest = {}
    warm = []
    bench.warm(["TRL"], {"measure": "ready"})

    def ours(kl):
        def ask():
            newest[kl] = runs.step(kl, steps)
            return newest[kl]
        return ask

    def theirs(kl):
        def ask():
            if kl not in newest:
                raise Unavailable("TRL: Operant made no step to take the prompts of")
            request = {"measure": "step", "rows": newest[kl]["rows"], "rules": runs.rules, "kl": kl}
            # TRL's first step can take several times as long as later ones, until its gigabytes are in memory; so can
            # Operant's, and where a run has one step it counts for both.
            if steps > 1 and not warm:
                warm.append(bench.ask("TRL", request))
            return bench.ask("TRL", request)
        return ask

    replies, reasons = bench.interleave({
        (name, kl): make(kl) for kl in (0, 0.02) for name, make in (("operant", ours), ("TRL", theirs))})
    for kl in (0, 0.02):
        us, them = replies["operant", kl], replies["TRL", kl]
        note = "; ".join(reasons[key] for key in (("operant", kl), ("TRL", kl)) if key in reasons)
        if us and them:
            tokens = [round(sum(step["sampledTokens"] for step in side) / len(side)) for side in (us, them)]
            note = note or f"sampled {tokens[0]} tokens, TRL {tokens[1]}"
        what = f"GRPO step, KL {kl}"
        # The update of a run takes its forward pass from the sampler.
        floors = {
            "seconds": lambda floors, groups: floors.sampling(groups) + floors.update(groups, kl, recorded=True),
            "sampling": lambda floors, groups: floors.sampling(groups), "grading": None,
            "updating": lambda floors, groups: floors.update(groups, kl, recorded=True)}
        for part, key in [("", "seconds"), (", sampling", "sampling"), (", grading", "grading"), (", update", "updating")]:
            share, floor_note = None, ""
            if us and floors[key]:
                # Of the last step, whose answers have about the length of the others'.
                share, floor_note = bench.share(lambda rates: floors[key](rates, us[-1]["shape"]), [us[-1][key]])
            bench.add(Row(
                what + part, "TRL", "s", [step[key] for step in them], [step[key] for step in us], share,
                "; ".join(filter(None, [note, floor_note]))))
        bench.add(Row(
            what + ", peak memory", "TRL", "GB", [step["peakMemoryBytes"] / 1e9 for step in them],
            [step["peakMemoryBytes"] / 1e9 for step in us], None, note))


def exact(bench):
    """What exactness costs: the same step with it and without."""
    runs = Runs(bench)
    refusal = runs.takes("exact=false")
    if refusal:
        bench.say(f"  skipped: the plan refuses the field: {refusal}")
        return bench.add(Row("GRPO step with exact on", "exact off", "s", note=f"the plan refuses the field: {refusal}"))
    replies, reasons = bench.interleave({
        setting: lambda setting=setting: runs.step(0, bench.settings.steps, f"exact={setting}")
        for setting in ("true", "false")})
    note = "; ".join(reasons.values())
    for part, key in [("", "seconds"), (", sampling", "sampling"), (", update", "updating")]:
        bench.add(Row(
            f"GRPO step with exact on{part}", "exact off", "s", [step[key] for step in replies["false"]],
            [step[key] for step in replies["true"]], None, note))
