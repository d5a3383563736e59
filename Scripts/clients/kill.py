"""Kills a service and its workers with -9 at random moments while jobs come in, and looks at what is left.

    kill.py OPERANT CONFIG DATA PORT MODEL FOLDER KILLS SEED

Every job that was accepted must succeed, be run once, and, as all jobs are the same, come to the same rewards bit for
bit. Prints one JSON object; anything else is an exception.
"""

import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request

import openai

operant, config, data, port, model, folder, kills, seed = sys.argv[1:9]
data, folder, kills = pathlib.Path(data), pathlib.Path(folder), int(kills)
dice = random.Random(int(seed))
base = f"http://127.0.0.1:{port}"
log = open(data.parent / "service.log", "a")
key = None


def start():
    global key
    service = subprocess.Popen(
        [operant, "serve", "--config", config, "--data", str(data), "--port", port],
        stdout=subprocess.PIPE if key is None else log, stderr=log, text=True, start_new_session=True,
    )
    if key is None:
        for line in service.stdout:
            for word in line.split():
                if word.startswith("sk-"):
                    key = word
            if key:
                break
        threading.Thread(target=lambda: [log.write(line) for line in service.stdout], daemon=True).start()
    end = time.monotonic() + 120
    while True:
        assert service.poll() is None, f"the service ended with {service.returncode}; see {log.name}"
        assert time.monotonic() < end, "the service is not ready after two minutes"
        try:
            urllib.request.urlopen(base + "/readyz", timeout=5)
            return service
        except OSError:
            time.sleep(0.1)


def workers():
    """Training workers: processes of operant-worker that have a file of the data folder open."""
    found = []
    for process in pathlib.Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            if not os.readlink(process / "exe").endswith("operant-worker"):
                continue
            files = [os.readlink(entry) for entry in (process / "fd").iterdir()]
        except OSError:
            continue
        if any(file.startswith(str(data)) for file in files):
            found.append(int(process.name))
    return found


service = start()
client = openai.OpenAI(base_url=base + "/v1", api_key=key, max_retries=0, timeout=30)
train = client.files.create(file=open(folder / "train.jsonl", "rb"), purpose="fine-tune").id
held_out = client.files.create(file=open(folder / "held-out.jsonl", "rb"), purpose="fine-tune").id
method = {
    "type": "reinforcement",
    "reinforcement": {
        "grader": {"type": "regex", "name": "vowels", "pattern": "[aeiou].*[aeiou]"},
        "hyperparameters": {"n_epochs": 1, "batch_size": 4, "eval_interval": 3},
    },
}
accepted, refused, stop = [], 0, threading.Event()


def submit():
    global refused
    while not stop.is_set():
        try:
            job = client.fine_tuning.jobs.create(
                model=model, training_file=train, validation_file=held_out, seed=3, method=method
            )
            accepted.append(job.id)
        except openai.APIConnectionError:
            refused += 1
        except openai.InternalServerError:
            refused += 1
        stop.wait(dice.uniform(1, 4))


def load():
    """Requests beside, so that kills fall into the middle of some."""
    while not stop.is_set():
        try:
            for job in accepted[-3:]:
                client.fine_tuning.jobs.retrieve(job)
                client.fine_tuning.jobs.list_events(job, limit=5)
        except openai.APIError:
            time.sleep(0.05)


threads = [threading.Thread(target=submit, daemon=True), threading.Thread(target=load, daemon=True)]
for thread in threads:
    thread.start()
done = {"service": 0, "worker": 0, "both": 0}
while sum(done.values()) < kills:
    time.sleep(dice.uniform(0.05, 3))
    target = dice.choice(["service", "worker", "both"])
    victims = workers() if target != "service" else []
    if target == "worker" and not victims:
        continue
    for pid in victims:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    if target != "worker":
        os.kill(service.pid, signal.SIGKILL)
        service.wait()
        service = start()
    done[target] += 1
    if len(accepted) >= 12:
        stop.set()
stop.set()
for thread in threads:
    thread.join(60)

client = client.with_options(max_retries=5, timeout=120)
rewards, attempts = {}, []
end = time.monotonic() + 900
for job_id in accepted:
    while True:
        job = client.fine_tuning.jobs.retrieve(job_id)
        if job.status in ("succeeded", "failed", "cancelled"):
            break
        assert time.monotonic() < end, f"{job_id} is {job.status} still"
        time.sleep(0.5)
    assert job.status == "succeeded", f"{job_id} was accepted and ended as {job.status}: {job.error}"
    events = list(client.fine_tuning.jobs.list_events(job_id, limit=100))
    steps = sorted((e.data["step"], e.data["train_mean_reward"]) for e in events if e.type == "metrics")
    assert [step for step, _ in steps] == list(range(1, steps[0 - 1][0] + 1)), f"{job_id} told steps {steps}"
    rewards[job_id] = steps
assert len({json.dumps(steps) for steps in rewards.values()}) <= 1, f"jobs that are the same differ: {rewards}"

service.send_signal(signal.SIGTERM)
assert service.wait(60) == 0
store = sqlite3.connect(next(data.glob("*.sqlite")))
assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
assert not store.execute("PRAGMA foreign_key_check").fetchall()
rows = store.execute("SELECT id, runFolder, attempts FROM job").fetchall()
for job_id, run, tries in rows:
    if job_id in accepted:
        journal = [json.loads(line)["step"] for line in open(pathlib.Path(run) / "journal.jsonl")]
        assert len(journal) == len(set(journal)), f"{job_id} ran a step twice: {journal}"
        attempts.append(tries)
print(json.dumps({"accepted": len(accepted), "not accepted": refused, "kills": done, "attempts": attempts,
                  "jobs in the store": len(rows)}))
