"""The life of a job as the stock openai client drives it, against the server at a base URL.

Usage: openai_jobs.py BASE_URL KEY OTHER_PROJECT OUTPUT

The server moves a job one state on at POST /test/advance/{id}.
"""

import io
import json
import sys

import httpx
import openai
from openai.types.fine_tuning import FineTuningJob

base, key, other_project, output = sys.argv[1:]
client = openai.OpenAI(base_url=f"{base}/v1", api_key=key, max_retries=0)


def advance(job_id: str) -> None:
    headers = {"authorization": f"Bearer {key}"}
    httpx.post(f"{base}/test/advance/{job_id}", headers=headers, timeout=600).raise_for_status()


def refused(kind: type[openai.APIStatusError], call) -> openai.APIStatusError:
    try:
        call()
    except openai.APIStatusError as error:
        assert type(error) is kind, f"{type(error).__name__} is no {kind.__name__}: {error}"
        assert error.request_id and error.request_id.startswith("req_"), error.request_id
        return error
    raise AssertionError(f"no {kind.__name__}")


# Files
rows = b"".join(
    json.dumps({"messages": [{"role": "user", "content": f"{i} + {i}?"}], "answer": str(2 * i)}).encode() + b"\n"
    for i in range(12)
)
file = client.files.create(
    file=("rows ünïcode.jsonl", rows), purpose="fine-tune", expires_after={"anchor": "created_at", "seconds": 3600}
)
assert file.bytes == len(rows) and file.filename == "rows ünïcode.jsonl" and file.object == "file", file
assert file.expires_at == file.created_at + 3600, file
assert client.files.wait_for_processing(file.id).status == "processed"
assert client.files.content(file.id).read() == rows
held_out = client.files.create(file=io.BytesIO(rows), purpose="fine-tune")
assert [f.id for f in client.files.list(purpose="fine-tune", limit=1)] == [held_out.id, file.id]
assert [f.id for f in client.files.list(order="asc")] == [file.id, held_out.id]
raw = client.files.with_raw_response.retrieve(file.id)
assert raw.headers["x-request-id"] == raw.request_id and raw.parse().id == file.id

# Uploads in parts, the client's own helper
upload = client.uploads.upload_file_chunked(
    file=rows * 100, filename="parts.jsonl", bytes=len(rows) * 100, mime_type="text/jsonl", purpose="fine-tune",
    part_size=7000,
)
assert upload.status == "completed" and upload.file and upload.file.bytes == len(rows) * 100, upload
assert client.files.content(upload.file.id).read() == rows * 100
assert client.files.delete(upload.file.id).deleted

# A job with a multi grader
grader = {
    "type": "multi",
    "name": "all",
    "graders": {
        "right": {
            "type": "string_check", "name": "right", "input": "{{sample.output_text}}",
            "reference": "{{item.answer}}", "operation": "eq",
        },
        "near": {
            "type": "text_similarity", "name": "near", "input": "{{sample.output_text}}",
            "reference": "{{item.answer}}", "evaluation_metric": "fuzzy_match",
        },
    },
    "calculate_output": "0.5 * right + 0.5 * near",
}
job = client.fine_tuning.jobs.create(
    model="tiny",
    training_file=file.id,
    validation_file=held_out.id,
    suffix="trial",
    seed=11,
    metadata={"team": "a b", "run": "1"},
    integrations=[{"type": "wandb", "wandb": {"project": "p"}}],
    method={
        "type": "reinforcement",
        "reinforcement": {"grader": grader, "hyperparameters": {"n_epochs": 2, "batch_size": "auto"}},
    },
    extra_body={"trainingType": "standard"},
)
assert isinstance(job, FineTuningJob) and job.object == "fine_tuning.job", job
assert job.status == "validating_files" and job.seed == 11 and job.metadata == {"team": "a b", "run": "1"}, job
assert job.hyperparameters.n_epochs == 2 and job.hyperparameters.batch_size == "auto", job.hyperparameters
assert job.method.type == "reinforcement" and job.method.reinforcement.hyperparameters.n_epochs == 2
assert job.result_files == [] and job.error is None and job.fine_tuned_model is None
assert job.user_provided_suffix == "trial" and job.integrations[0].wandb.project == "p"
warnings = [e.message for e in client.fine_tuning.jobs.list_events(job.id) if e.level == "warn"]
assert any("wandb" in w for w in warnings) and any("trainingType" in w for w in warnings), warnings

second = client.fine_tuning.jobs.create(
    model="gpt-tiny",
    training_file=file.id,
    method={"type": "reinforcement", "reinforcement": {"grader": grader["graders"]["right"]}},
)
assert [j.id for j in client.fine_tuning.jobs.list(limit=1)] == [second.id, job.id]
assert [j.id for j in client.fine_tuning.jobs.list(metadata={"team": "a b"})] == [job.id]
# The literal metadata=null of the API: the client itself leaves out a None.
assert [j.id for j in client.fine_tuning.jobs.list(extra_query={"metadata": "null"})] == [second.id]
assert client.fine_tuning.jobs.cancel(second.id).status == "cancelled"

# Its life
advance(job.id)
assert client.fine_tuning.jobs.pause(job.id).status == "paused"
resumed = client.fine_tuning.jobs.resume(job.id)
assert resumed.status == "queued" and resumed.hyperparameters.batch_size == 8, resumed
advance(job.id)
events = list(client.fine_tuning.jobs.list_events(job.id, limit=7))
metrics = [e for e in events if e.type == "metrics"]
assert len(metrics) == 30 and metrics[0].data["step"] == 30 and len({e.id for e in events}) == len(events)
checkpoints = client.fine_tuning.jobs.checkpoints.list(job.id).data
assert [c.step_number for c in checkpoints] == [2, 1]
for checkpoint in checkpoints:
    assert checkpoint.metrics.full_valid_mean_reward is None and checkpoint.metrics.train_mean_reward == 0.5
    assert checkpoint.metrics.full_valid_loss is None and checkpoint.metrics.step == checkpoint.step_number
advance(job.id)
done = client.fine_tuning.jobs.retrieve(job.id)
assert done.status == "succeeded" and done.fine_tuned_model and done.trained_tokens == 4096, done
table = client.files.content(done.result_files[0]).text
assert table.splitlines()[0] == "step,train_mean_reward", table

# Permissions: colons stand in the path as they are
name = checkpoints[0].fine_tuned_model_checkpoint
given = client.fine_tuning.checkpoints.permissions.create(name, project_ids=[other_project])
assert [p.project_id for p in given] == [other_project]
listed = list(client.fine_tuning.checkpoints.permissions.list(name, order="ascending"))
assert [p.id for p in listed] == [p.id for p in given]
gone = client.fine_tuning.checkpoints.permissions.delete(listed[0].id, fine_tuned_model_checkpoint=name)
assert gone.deleted and list(client.fine_tuning.checkpoints.permissions.list(name)) == []

# Models
names = {m.id: m for m in client.models.list()}
assert {"tiny", done.fine_tuned_model, name} <= set(names), names
assert names["tiny"].max_model_len == 2048 and names[done.fine_tuned_model].parent == "tiny"
assert client.models.retrieve(done.fine_tuned_model).id == done.fine_tuned_model
assert client.models.delete(done.fine_tuned_model).deleted
error = refused(openai.NotFoundError, lambda: client.models.retrieve(done.fine_tuned_model))
assert error.code == "model_not_found"
refused(openai.PermissionDeniedError, lambda: client.models.delete("tiny"))

# Graders
run = client.fine_tuning.alpha.graders.run(grader=grader, model_sample="4", item={"answer": "4"})
assert run.reward == 1.0 and run.sub_rewards == {"right": 1.0, "near": 1.0}, run
assert run.metadata.type == "multi" and run.metadata.errors.other_error is False
assert client.fine_tuning.alpha.graders.validate(grader=grader).grader is not None
broken = client.fine_tuning.alpha.graders.run(
    grader={"type": "python", "name": "p", "source": "def grade(sample, item):\n    return item['missing']"},
    model_sample="4",
)
assert broken.metadata.errors.python_grader_runtime_error, broken
assert "missing" in broken.metadata.errors.python_grader_runtime_error_details
error = refused(
    openai.BadRequestError,
    lambda: client.fine_tuning.alpha.graders.validate(grader={"type": "string_check", "name": "x"}),
)
for word in ("input", "reference", "operation"):
    assert word in error.message, error.message

# What is wrong, in the right classes
error = refused(openai.NotFoundError, lambda: client.fine_tuning.jobs.retrieve("ftjob-none"))
assert (error.code, error.param, error.type) == ("fine_tune_not_found", "fine_tune_id", "invalid_request_error")
assert error.body["message"] == "Could not find fine tune: ftjob-none", error.body
refused(openai.BadRequestError, lambda: client.fine_tuning.jobs.cancel(job.id))
error = refused(
    openai.BadRequestError,
    lambda: client.fine_tuning.jobs.create(model="tiny", training_file=file.id, hyperparameters={"n_epochs": 3}),
)
assert error.param == "method" and "reinforcement" in error.message, error.message
error = refused(
    openai.BadRequestError,
    lambda: client.fine_tuning.jobs.create(
        model="none", training_file="file-none", extra_body={"test_file": "x", "trainig_file": "y"},
        method={
            "type": "reinforcement",
            "reinforcement": {"grader": {"type": "string_chek"}, "hyperparameters": {"batch_size": 1000, "epochs": 3}},
        },
    ),
)
for word in ("test_file", "trainig_file", "batch_size", "n_epochs", "file-none", "'none'"):
    assert word in error.message, (word, error.message)
refused(openai.NotFoundError, lambda: client.files.retrieve("file-none"))
refused(openai.BadRequestError, lambda: client.files.create(file=b"x", purpose="fine-tune-results"))
stranger = openai.OpenAI(base_url=f"{base}/v1", api_key="sk-wrong", max_retries=0)
assert refused(openai.AuthenticationError, stranger.models.list).code == "invalid_api_key"
unbound = client.files.delete(file.id)
assert unbound.deleted and unbound.id == file.id

# Azure's paths and header
azure = openai.AzureOpenAI(azure_endpoint=base, api_key=key, api_version="2025-04-01-preview", max_retries=0)
azure_file = azure.files.create(file=("rows.jsonl", rows), purpose="fine-tune")
azure_job = azure.fine_tuning.jobs.create(
    model="tiny",
    training_file=azure_file.id,
    method={"type": "reinforcement", "reinforcement": {"grader": grader}},
)
assert azure.fine_tuning.jobs.retrieve(azure_job.id).status == "validating_files"
assert [j.id for j in azure.fine_tuning.jobs.list(limit=1).data] == [azure_job.id]
assert any(m.id == "tiny" for m in azure.models.list())
assert azure.fine_tuning.jobs.cancel(azure_job.id).status == "cancelled"

with open(output, "w") as sink:
    json.dump({"client": openai.__version__, "job": job.id, "model": done.fine_tuned_model}, sink)
