"""The whole life of a job, as the stock boto3 package sees it.

    bedrock_life.py ENDPOINT ACCESS_KEY SECRET_KEY MODEL LAMBDA_ARN

Prints one JSON object with what was found; anything that is not as a client expects is an exception. The bucket
`life` has train.jsonl.
"""

import json
import sys
import time

import boto3

endpoint, access, secret, model, function = sys.argv[1:6]
session = boto3.Session(aws_access_key_id=access, aws_secret_access_key=secret, region_name="us-east-1")
bedrock = session.client("bedrock", endpoint_url=endpoint)
runtime = session.client("bedrock-runtime", endpoint_url=endpoint)
found = {}

assert model in [one["modelName"] for one in bedrock.list_foundation_models()["modelSummaries"]]
request = dict(
    jobName="life-1",
    customModelName="life",
    roleArn="arn:aws:iam::111122223333:role/BedrockRFTRole",
    baseModelIdentifier=model,
    customizationType="REINFORCEMENT_FINE_TUNING",
    trainingDataConfig={"s3Uri": "s3://life/train.jsonl"},
    outputDataConfig={"s3Uri": "s3://life/out/"},
    clientRequestToken="one-and-the-same",
    customizationConfig={
        "rftConfig": {
            "graderConfig": {"lambdaGrader": {"lambdaArn": function}},
            "hyperParameters": {
                "epochCount": 4, "batchSize": 16, "learningRate": 1e-3, "maxPromptLength": 512,
                "trainingSamplePerPrompt": 4, "inferenceMaxTokens": 16, "evalInterval": 2,
            },
        }
    },
)
arn = bedrock.create_model_customization_job(**request)["jobArn"]
assert bedrock.create_model_customization_job(**request)["jobArn"] == arn, "one token, one job"
try:
    bedrock.create_model_customization_job(**{**request, "clientRequestToken": "another"})
    raise AssertionError("a name was taken twice")
except bedrock.exceptions.ConflictException as error:
    found["name taken"] = str(error)
end = time.monotonic() + 600
while (job := bedrock.get_model_customization_job(jobIdentifier=arn))["status"] == "InProgress":
    assert time.monotonic() < end, job
    time.sleep(0.5)
assert job["status"] == "Completed", job
assert job["jobName"] == "life-1" and job["outputModelName"] == "life"
assert arn in [one["jobArn"] for one in bedrock.list_model_customization_jobs(nameContains="life")["modelCustomizationJobSummaries"]]
found["model"] = job["outputModelArn"]
assert bedrock.get_custom_model(modelIdentifier="life")["modelArn"] == job["outputModelArn"]

deployment = bedrock.create_custom_model_deployment(modelDeploymentName="life", modelArn=job["outputModelArn"])[
    "customModelDeploymentArn"
]
end = time.monotonic() + 120
while bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=deployment)["status"] != "Active":
    assert time.monotonic() < end
    time.sleep(0.2)
messages = [{"role": "user", "content": [{"text": "Say 3 things about the sea."}]}]
config = {"maxTokens": 12, "temperature": 0.0}
said = runtime.converse(modelId=deployment, messages=messages, inferenceConfig=config)
text = said["output"]["message"]["content"][0]["text"]
assert said["usage"]["outputTokens"] <= 12 and said["stopReason"] in ("end_turn", "max_tokens")
streamed, stop = "", None
for event in runtime.converse_stream(modelId=deployment, messages=messages, inferenceConfig=config)["stream"]:
    streamed += event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
    stop = event.get("messageStop", {}).get("stopReason", stop)
assert streamed == text and stop == said["stopReason"], (streamed, text)
body = json.dumps({"messages": [{"role": "user", "content": "Say 3 things about the sea."}], "max_tokens": 12, "temperature": 0})
invoked = json.loads(runtime.invoke_model(modelId=deployment, body=body)["body"].read())
assert invoked["choices"][0]["message"]["content"] == text, invoked
pieces = [
    json.loads(event["chunk"]["bytes"])
    for event in runtime.invoke_model_with_response_stream(modelId=deployment, body=body)["body"]
]
assert len(pieces) > 1

# The custom model is tuned on
request["customizationConfig"]["rftConfig"]["hyperParameters"]["epochCount"] = 1
further = bedrock.create_model_customization_job(
    **{**request, "jobName": "life-2", "customModelName": "life-2", "clientRequestToken": "two",
       "baseModelIdentifier": job["outputModelArn"]})["jobArn"]
end = time.monotonic() + 600
while (second := bedrock.get_model_customization_job(jobIdentifier=further))["status"] == "InProgress":
    assert time.monotonic() < end, second
    time.sleep(0.5)
assert second["status"] == "Completed" and second["baseModelArn"] == job["outputModelArn"], second
assert bedrock.get_custom_model(modelIdentifier="life-2")["baseModelArn"] == job["outputModelArn"]

for call, expected in [
    (lambda: bedrock.get_model_customization_job(jobIdentifier="none"), bedrock.exceptions.ResourceNotFoundException),
    (lambda: runtime.converse(modelId="none", messages=messages), runtime.exceptions.ResourceNotFoundException),
    (lambda: bedrock.stop_model_customization_job(jobIdentifier=arn), bedrock.exceptions.ConflictException),
]:
    try:
        call()
        raise AssertionError(f"{expected.__name__} was expected")
    except expected:
        pass
wrong = boto3.Session(aws_access_key_id=access, aws_secret_access_key="no" * 20, region_name="us-east-1").client(
    "bedrock", endpoint_url=endpoint
)
try:
    wrong.list_custom_models()
    raise AssertionError("a wrong signature was taken")
except wrong.exceptions.ClientError as error:
    assert error.response["Error"]["Code"] == "InvalidSignatureException", error
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403
bedrock.delete_custom_model_deployment(customModelDeploymentIdentifier=deployment)
bedrock.delete_custom_model(modelIdentifier="life")
bedrock.delete_custom_model(modelIdentifier="life-2")
print(json.dumps(found))
