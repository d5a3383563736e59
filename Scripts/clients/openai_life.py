"""The whole life of a job, as the stock openai package sees it.

    openai_life.py BASE_URL KEY MODEL FOLDER

Prints one JSON object with what was found; anything that is not as a client expects is an exception. FOLDER has
train.jsonl and held-out.jsonl.
"""

import json
import pathlib
import sys
import time

import openai
from pydantic import BaseModel

base, key, model, folder = sys.argv[1:5]
folder = pathlib.Path(folder)
client = openai.OpenAI(base_url=base, api_key=key, timeout=120)
found = {}


def wait_for(job_id, states, seconds=600):
    end = time.monotonic() + seconds
    while True:
        job = client.fine_tuning.jobs.retrieve(job_id)
        if job.status in states:
            return job
        assert time.monotonic() < end, f"the job is {job.status} after {seconds} s: {job}"
        assert job.status not in ("failed", "cancelled"), f"the job ended as {job}"
        time.sleep(0.5)


# Files
train = client.files.create(file=open(folder / "train.jsonl", "rb"), purpose="fine-tune")
held_out = client.files.create(file=open(folder / "held-out.jsonl", "rb"), purpose="fine-tune")
assert client.files.wait_for_processing(train.id).status == "processed"
assert client.files.content(train.id).read() == (folder / "train.jsonl").read_bytes()

# Graders
grader = {
    "type": "multi",
    "graders": {
        "vowels": {"type": "regex", "name": "vowels", "pattern": "[aeiou].*[aeiou]"},
        "short": {
            "type": "python",
            "name": "short",
            # Slow, so that the job outlasts what is done to it on any machine.
            "source": "import time\n\n\ndef grade(sample, item):\n    time.sleep(0.02)\n"
            "    return 1.0 if len(sample['output_text']) < 200 else 0.0\n",
        },
    },
    "calculate_output": "0.8 * vowels + 0.2 * short",
}
check = {"type": "string_check", "name": "same", "input": "{{sample.output_text}}", "reference": "sea",
         "operation": "ilike"}
run = client.fine_tuning.alpha.graders.run(grader=check, model_sample="the sea", item={})
assert run.reward == 1.0 and not run.metadata.errors.other_error, run
run = client.fine_tuning.alpha.graders.run(grader=grader, model_sample="a sea", item={})
assert abs(run.reward - 1.0) < 1e-9 and set(run.sub_rewards) == {"vowels", "short"}, run
assert client.fine_tuning.alpha.graders.validate(grader=check).grader is not None
try:
    client.fine_tuning.alpha.graders.validate(grader={**check, "operation": "sounds_like"})
    raise AssertionError("a grader with an unknown operation was taken")
except openai.BadRequestError as error:
    found["bad grader"] = error.message

# A job, watched, paused and resumed
job = client.fine_tuning.jobs.create(
    model=model,
    training_file=train.id,
    validation_file=held_out.id,
    seed=7,
    suffix="life",
    metadata={"who": "the test"},
    method={
        "type": "reinforcement",
        "reinforcement": {
            "grader": grader,
            "hyperparameters": {"n_epochs": 4, "batch_size": 4, "eval_interval": 2, "learning_rate_multiplier": 2.0},
        },
    },
)
assert job.id.startswith("ftjob-") and job.object == "fine_tuning.job" and job.hyperparameters is not None
assert job.id in [other.id for other in client.fine_tuning.jobs.list(metadata={"who": "the test"})]
wait_for(job.id, ["running"])
while not list(client.fine_tuning.jobs.checkpoints.list(job.id)):
    assert client.fine_tuning.jobs.retrieve(job.id).status == "running"
    time.sleep(0.3)
client.fine_tuning.jobs.pause(job.id)
paused = wait_for(job.id, ["paused", "succeeded"])
found["paused"] = paused.status
checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id))
assert checkpoints, "a paused job has no checkpoint"
name = checkpoints[0].fine_tuned_model_checkpoint
said = client.chat.completions.create(
    model=name, messages=[{"role": "user", "content": "Say 1 thing about the sea."}], max_tokens=8
)
assert said.usage.completion_tokens <= 8
if paused.status == "paused":
    assert client.fine_tuning.jobs.resume(job.id).status in ("queued", "running")
done = wait_for(job.id, ["succeeded"])
assert done.fine_tuned_model and done.trained_tokens > 0, done
assert done.error is None or not done.error.message, done
assert done.method.reinforcement.hyperparameters.batch_size == 4

# What is left of it
events = list(client.fine_tuning.jobs.list_events(job.id, limit=100))
metrics = [event.data for event in events if event.type == "metrics"]
assert events[0].created_at >= events[-1].created_at and metrics
for name in ["step", "total_steps", "train_mean_reward", "train_reward_mean", "valid_reward_mean",
             "full_valid_mean_reward", "critic_rewards_mean", "actor_pg_loss", "actor_entropy", "actor_grad_norm",
             "critic_advantages_mean", "response_length_mean", "completion_tokens_mean", "mean_unresponsive_rewards"]:
    assert all(name in data for data in metrics), name
steps = [data["step"] for data in metrics]
assert len(set(steps)) == len(steps), f"a step was told twice: {steps}"
found["steps"] = len(steps)
found["rewards"] = [data["train_mean_reward"] for data in sorted(metrics, key=lambda data: data["step"])]
checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id))
assert all(checkpoint.metrics.full_valid_loss is None for checkpoint in checkpoints)
csv = client.files.content(done.result_files[0]).text
assert csv.splitlines()[0].startswith("step,") and len(csv.splitlines()) > len(steps), csv[:300]

# The tuned model
tuned = done.fine_tuned_model
assert tuned in [listed.id for listed in client.models.list()]
assert client.models.retrieve(tuned).id == tuned
messages = [{"role": "user", "content": "Say 3 things about the sea."}]
plain = client.chat.completions.create(model=tuned, messages=messages, max_tokens=12, seed=3)
again = client.chat.completions.create(model=tuned, messages=messages, max_tokens=12, seed=3)
assert plain.choices[0].message.content == again.choices[0].message.content
text, usage = "", None
for chunk in client.chat.completions.create(
    model=tuned, messages=messages, max_tokens=12, seed=3, stream=True, stream_options={"include_usage": True}
):
    if chunk.choices:
        text += chunk.choices[0].delta.content or ""
    usage = chunk.usage or usage
assert text == plain.choices[0].message.content, (text, plain)
assert usage.completion_tokens == plain.usage.completion_tokens


class Verdict(BaseModel):
    good: bool
    stars: int


parsed = client.chat.completions.parse(
    model=tuned, messages=messages, response_format=Verdict, max_tokens=200, seed=5
)
assert isinstance(parsed.choices[0].message.parsed, Verdict), parsed
found["parsed"] = parsed.choices[0].message.content

# The tuned model is tuned on
further = client.fine_tuning.jobs.create(
    model=tuned,
    training_file=train.id,
    suffix="further",
    method={
        "type": "reinforcement",
        "reinforcement": {"grader": check, "hyperparameters": {"n_epochs": 1, "batch_size": 12}},
    },
)
assert further.model == tuned
further = wait_for(further.id, ["succeeded"])
assert further.fine_tuned_model.startswith(f"ft:{model}:") and ":further:" in further.fine_tuned_model
said = client.chat.completions.create(model=further.fine_tuned_model, messages=messages, max_tokens=8)
assert said.choices[0].message.content is not None

# Errors as the right classes
for call, expected in [
    (lambda: client.fine_tuning.jobs.retrieve("ftjob-none"), openai.NotFoundError),
    (lambda: client.chat.completions.create(model="none", messages=messages), openai.NotFoundError),
    (lambda: client.chat.completions.create(model=tuned, messages=[]), openai.BadRequestError),
    (lambda: client.fine_tuning.jobs.create(model=model, training_file="file-none"), openai.BadRequestError),
    (lambda: client.fine_tuning.jobs.cancel(job.id), openai.BadRequestError),
    (lambda: openai.OpenAI(base_url=base, api_key="sk-wrong").models.list(), openai.AuthenticationError),
]:
    try:
        call()
        raise AssertionError(f"{expected.__name__} was expected")
    except expected as error:
        assert error.request_id and error.message, error

# A job that fails by its file says so
broken = client.files.create(file=("broken.jsonl", b'{"messages": []}\n{oops\n'), purpose="fine-tune")
failing = client.fine_tuning.jobs.create(
    model=model, training_file=broken.id, method={"type": "reinforcement", "reinforcement": {"grader": check}}
)
end = time.monotonic() + 120
while failing.status not in ("failed", "succeeded", "cancelled"):
    assert time.monotonic() < end, failing
    time.sleep(0.3)
    failing = client.fine_tuning.jobs.retrieve(failing.id)
assert failing.status == "failed" and failing.error.code == "invalid_training_file", failing
assert failing.error.param == "training_file"
found["broken file"] = failing.error.message

# Cancelled while it waits or runs
cancelled = client.fine_tuning.jobs.create(
    model=model,
    training_file=train.id,
    method={"type": "reinforcement", "reinforcement": {"grader": grader, "hyperparameters": {"n_epochs": 50}}},
)
client.fine_tuning.jobs.cancel(cancelled.id)
end = time.monotonic() + 120
while client.fine_tuning.jobs.retrieve(cancelled.id).status != "cancelled":
    assert time.monotonic() < end
    time.sleep(0.3)

assert client.models.delete(tuned).deleted
assert client.files.delete(train.id).deleted
print(json.dumps(found))
