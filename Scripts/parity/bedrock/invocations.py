"""Requests that are logged, and jobs that are trained on the logs."""

import json
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from clients import client, failure

bedrock, runtime = client("bedrock"), client("bedrock-runtime")
MODEL = "operant.tiny"
out = {}


def user(text):
    return [{"role": "user", "content": [{"text": text}]}]


def deliver(job):
    request = AWSRequest(method="POST", url=f"{sys.argv[1]}/test/{job}/deliver")
    SigV4Auth(Credentials(sys.argv[2], sys.argv[3]), "bedrock", "us-east-1").add_auth(request)
    assert URLLib3Session().send(request.prepare()).status_code == 200


def order(name, logs):
    return dict(
        jobName=name, customModelName=name, roleArn="arn:aws:iam::111122223333:role/r", baseModelIdentifier=MODEL,
        customizationType="REINFORCEMENT_FINE_TUNING", outputDataConfig={"s3Uri": "s3://bucket/out"},
        trainingDataConfig={"invocationLogsConfig": logs},
        customizationConfig={"rftConfig": {"graderConfig": {"lambdaGrader": {
            "lambdaArn": "arn:aws:lambda:us-east-1:111122223333:function:grade"}}}},
    )


runtime.converse(modelId=MODEL, messages=user("before logging"))
bedrock.put_model_invocation_logging_configuration(
    loggingConfig={"s3Config": {"bucketName": "logs", "keyPrefix": "mine"}, "textDataDeliveryEnabled": True}
)
runtime.converse(
    modelId=MODEL, messages=user("one"), system=[{"text": "be brief"}], requestMetadata={"project": "triage", "env": "dev"}
)
for event in runtime.converse_stream(modelId=MODEL, messages=user("two"), requestMetadata={"project": "triage"})["stream"]:
    pass
runtime.invoke_model(modelId=MODEL, body=json.dumps({"schemaVersion": "messages-v1", "messages": user("three")}))
runtime.invoke_model(modelId=MODEL, body=json.dumps({"messages": [{"role": "user", "content": "four"}]}))
for event in runtime.invoke_model_with_response_stream(
    modelId=MODEL, body=json.dumps({"messages": [{"role": "user", "content": "five"}]})
)["body"]:
    pass
# A job to be named in the test's own path; its data is not there yet.
out["early"] = failure(
    bedrock.create_model_customization_job,
    **order("early", {"invocationLogSource": {"s3Uri": "s3://logs/mine"}}),
)
bedrock.create_model_customization_job(**order("aws", {"invocationLogSource": {"s3Uri": "s3://bucket/aws"}}))
deliver("aws")
source = {"invocationLogSource": {"s3Uri": "s3://logs/mine/AWSLogs"}}
filters = {
    "all": {},
    "answers": {"usePromptResponse": True},
    "equals": {"requestMetadataFilters": {"equals": {"project": "triage"}}},
    "notequals": {"requestMetadataFilters": {"notEquals": {"project": "triage"}}},
    "and": {"requestMetadataFilters": {"andAll": [{"equals": {"project": "triage"}}, {"notEquals": {"env": "dev"}}]}},
    "or": {"requestMetadataFilters": {"orAll": [{"equals": {"env": "dev"}}, {"equals": {"env": "none"}}]}},
}
for name, more in filters.items():
    bedrock.create_model_customization_job(**order(name, {**source, **more}))
out["none"] = failure(
    bedrock.create_model_customization_job,
    **order("none", {**source, "requestMetadataFilters": {"equals": {"project": "no"}}}),
)
out["two"] = failure(
    bedrock.create_model_customization_job,
    **order("two", {**source, "requestMetadataFilters": {"equals": {"a": "1", "b": "2"}}}),
)
print(json.dumps(out))
