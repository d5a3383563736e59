"""The control plane's whole life, with the stock `bedrock` client; what came is printed as JSON."""

import json
import sys
import urllib.parse

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from clients import client, failure, plain

bedrock = client("bedrock")
other = client("bedrock", 1)
LAMBDA = "arn:aws:lambda:us-east-1:111122223333:function:grade"
out = {}


def raw(method, path, body=b""):
    """A signed request of any form."""
    request = AWSRequest(method=method, url=sys.argv[1] + path, data=body)
    SigV4Auth(Credentials(sys.argv[2], sys.argv[3]), "bedrock", "us-east-1").add_auth(request)
    answer = URLLib3Session().send(request.prepare())
    return {"status": answer.status_code, "body": answer.text, "type": answer.headers.get("x-amzn-ErrorType")}


def control(job, what):
    assert raw("POST", f"/test/{job}/{what}")["status"] == 200, (job, what)


def order(name, model, token=None, **changes):
    rft = {
        "graderConfig": {"lambdaGrader": {"lambdaArn": LAMBDA}},
        "hyperParameters": {
            "epochCount": 2, "batchSize": 32, "learningRate": 1e-5, "maxPromptLength": 4096,
            "trainingSamplePerPrompt": 8, "inferenceMaxTokens": 2048, "reasoningEffort": "high", "evalInterval": 10,
        },
    }
    request = {
        "jobName": name,
        "customModelName": model,
        "roleArn": "arn:aws:iam::111122223333:role/BedrockRFTRole",
        "baseModelIdentifier": "amazon.nova-2-lite-v1:0:256k",
        "customizationType": "REINFORCEMENT_FINE_TUNING",
        "trainingDataConfig": {"s3Uri": "s3://bucket/train.jsonl"},
        "validationDataConfig": {"validators": [{"s3Uri": "s3://bucket/val.jsonl"}]},
        "outputDataConfig": {"s3Uri": "s3://bucket/out/"},
        "customizationConfig": {"rftConfig": rft},
        "hyperParameters": {"lora_rank": "8", "seed": "7"},
        "jobTags": [{"key": "team", "value": "triage"}],
        "customModelTags": [{"key": "kind", "value": "rft"}],
    }
    if token:
        request["clientRequestToken"] = token
    request.update(changes)
    return {key: value for key, value in request.items() if value is not None}


# A job from its beginning to its end
created = bedrock.create_model_customization_job(**order("triage-1", "triage", token="token-1"))
out["createStatus"] = created["ResponseMetadata"]["HTTPStatusCode"]
out["createMembers"] = sorted(key for key in created if key != "ResponseMetadata")
out["requestId"] = created["ResponseMetadata"].get("RequestId", "")
arn = out["jobArn"] = created["jobArn"]
again = bedrock.create_model_customization_job(**order("triage-1", "triage", token="token-1"))
out["sameToken"] = again["jobArn"] == arn
out["otherBody"] = failure(
    bedrock.create_model_customization_job, **order("triage-2", "triage-two", token="token-1")
)
out["sameName"] = failure(bedrock.create_model_customization_job, **order("triage-1", "triage-three"))
out["sameModelName"] = failure(bedrock.create_model_customization_job, **order("triage-9", "triage"))
out["queued"] = plain(bedrock.get_model_customization_job(jobIdentifier=arn))
out["byName"] = bedrock.get_model_customization_job(jobIdentifier="triage-1")["jobArn"] == arn
out["unencoded"] = {
    "colons": raw("GET", "/model-customization-jobs/" + urllib.parse.quote(arn, safe=":"))["status"],
    "slashes": raw("GET", "/model-customization-jobs/" + urllib.parse.quote(arn, safe=":/"))["status"],
    "nothing": raw("GET", "/model-customization-jobs/" + arn + "x")["status"],
}
control("triage-1", "running")
control("triage-1", "tell")
out["running"] = plain(bedrock.get_model_customization_job(jobIdentifier=arn))
out["notYet"] = failure(bedrock.get_custom_model, modelIdentifier="triage")
control("triage-1", "succeeded")
control("triage-1", "deliver")
out["completed"] = plain(bedrock.get_model_customization_job(jobIdentifier=arn))
out["stopFinished"] = failure(bedrock.stop_model_customization_job, jobIdentifier=arn)

# Stopping, by a path with the ARN in it
second = bedrock.create_model_customization_job(**order("triage-2", "triage-2"))["jobArn"]
out["stopAnswer"] = failure(bedrock.stop_model_customization_job, jobIdentifier=second)
out["stopping"] = bedrock.get_model_customization_job(jobIdentifier=second)["status"]
out["stopSlashes"] = raw("POST", "/model-customization-jobs/" + second + "/stop")["status"]
control("triage-2", "cancelled")
out["stopped"] = plain(bedrock.get_model_customization_job(jobIdentifier=second))
third = bedrock.create_model_customization_job(**order("triage-3", "triage-2", baseModelIdentifier="triage"))
out["onTop"] = plain(bedrock.get_model_customization_job(jobIdentifier=third["jobArn"]))
control("triage-3", "failed")
out["failed"] = plain(bedrock.get_model_customization_job(jobIdentifier=third["jobArn"]))

# Lists
for number in range(5):
    bedrock.create_model_customization_job(**order(f"list-{number}", f"list-{number}"))
names = lambda **filters: [  # noqa: E731
    job["jobName"]
    for page in bedrock.get_paginator("list_model_customization_jobs").paginate(**filters)
    for job in page["modelCustomizationJobSummaries"]
]
out["names"] = names(maxResults=2)
out["namesAscending"] = names(maxResults=3, sortOrder="Ascending", sortBy="CreationTime")
out["namesContaining"] = names(nameContains="list", PaginationConfig={"PageSize": 1})
out["namesByStatus"] = {
    status: names(statusEquals=status) for status in ["InProgress", "Completed", "Failed", "Stopping", "Stopped"]
}
out["namesAfter"] = names(creationTimeAfter="2100-01-01T00:00:00Z")
out["namesBefore"] = len(names(creationTimeBefore="2100-01-01T00:00:00Z"))
out["summary"] = plain(bedrock.list_model_customization_jobs(nameContains="triage-1"))["modelCustomizationJobSummaries"][0]
out["badToken"] = failure(bedrock.list_model_customization_jobs, nextToken="zz", maxResults=2)

# Models
model = bedrock.get_custom_model(modelIdentifier="triage")
out["model"] = plain(model)
model_arn = model["modelArn"]
out["modelByArn"] = bedrock.get_custom_model(modelIdentifier=model_arn)["modelName"]
out["modelSlashes"] = raw("GET", "/custom-models/" + model_arn)["status"]
out["models"] = plain(bedrock.list_custom_models())["modelSummaries"]
foundation = model["baseModelArn"]
out["modelsByBase"] = len(bedrock.list_custom_models(baseModelArnEquals=foundation)["modelSummaries"])
out["modelsByOtherBase"] = len(bedrock.list_custom_models(foundationModelArnEquals=foundation + "x")["modelSummaries"])
out["importing"] = failure(
    bedrock.create_custom_model,
    modelName="imported",
    modelSourceConfig={"s3DataSource": {"s3Uri": "s3://bucket/model/"}},
)

# Deployments
deployed = bedrock.create_custom_model_deployment(
    modelDeploymentName="front", modelArn=model_arn, description="the door", clientRequestToken="d-1",
    tags=[{"key": "a", "value": "1"}],
)
out["deployStatus"] = deployed["ResponseMetadata"]["HTTPStatusCode"]
deployment = deployed["customModelDeploymentArn"]
out["deployAgain"] = (
    bedrock.create_custom_model_deployment(
        modelDeploymentName="front", modelArn=model_arn, description="the door", clientRequestToken="d-1",
        tags=[{"key": "a", "value": "1"}],
    )["customModelDeploymentArn"]
    == deployment
)
out["deployTaken"] = failure(bedrock.create_custom_model_deployment, modelDeploymentName="front", modelArn=model_arn)
out["deployMissing"] = failure(
    bedrock.create_custom_model_deployment, modelDeploymentName="none", modelArn=model_arn[:-12] + "a" * 12
)
out["deployment"] = plain(bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=deployment))
out["deploymentByName"] = bedrock.get_custom_model_deployment(customModelDeploymentIdentifier="front")["status"]
for number in range(3):
    bedrock.create_custom_model_deployment(modelDeploymentName=f"more-{number}", modelArn=model_arn)
out["deployments"] = [
    one["customModelDeploymentName"]
    for page in bedrock.get_paginator("list_custom_model_deployments").paginate(maxResults=2)
    for one in page["modelDeploymentSummaries"]
]
out["updateStatus"] = bedrock.update_custom_model_deployment(
    customModelDeploymentIdentifier=deployment, modelArn=model_arn
)["ResponseMetadata"]["HTTPStatusCode"]
out["updated"] = plain(bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=deployment))
out["deleteServed"] = failure(bedrock.delete_custom_model, modelIdentifier=model_arn)

# Tags
tags = lambda of: {t["key"]: t["value"] for t in bedrock.list_tags_for_resource(resourceARN=of)["tags"]}  # noqa: E731
out["jobTags"] = tags(arn)
out["modelTags"] = tags(model_arn)
out["deploymentTags"] = tags(deployment)
bedrock.tag_resource(resourceARN=arn, tags=[{"key": "team", "value": "x"}, {"key": "b", "value": "2"}])
bedrock.untag_resource(resourceARN=arn, tagKeys=["b", "not there"])
out["jobTagsAfter"] = tags(arn)
many = [{"key": f"k{number}", "value": "v"} for number in range(50)]
out["manyTags"] = failure(bedrock.tag_resource, resourceARN=arn, tags=many)
out["tooLongTags"] = failure(bedrock.tag_resource, resourceARN=arn, tags=many * 5)
out["manyJobTags"] = failure(
    bedrock.create_model_customization_job, **order("tags", "tags", jobTags=many + [{"key": "one", "value": "more"}])
)
out["tagNothing"] = failure(bedrock.list_tags_for_resource, resourceARN=arn[:-12] + "a" * 12)

# Foundation models
out["foundation"] = plain(bedrock.list_foundation_models())["modelSummaries"]
out["foundationByProvider"] = len(bedrock.list_foundation_models(byProvider="amazon")["modelSummaries"])
out["foundationByArn"] = plain(bedrock.get_foundation_model(modelIdentifier=foundation))["modelDetails"]
out["foundationMissing"] = failure(bedrock.get_foundation_model, modelIdentifier="meta.llama")

# Logging
out["loggingNone"] = plain(bedrock.get_model_invocation_logging_configuration())
config = {"s3Config": {"bucketName": "logs", "keyPrefix": "mine"}, "textDataDeliveryEnabled": True}
bedrock.put_model_invocation_logging_configuration(loggingConfig=config)
out["logging"] = plain(bedrock.get_model_invocation_logging_configuration())
out["loggingCloudWatch"] = failure(
    bedrock.put_model_invocation_logging_configuration,
    loggingConfig={"cloudWatchConfig": {"logGroupName": "g", "roleArn": "arn:aws:iam::111122223333:role/r"}},
)
bedrock.delete_model_invocation_logging_configuration()
out["loggingDeleted"] = plain(bedrock.get_model_invocation_logging_configuration())

# What is wrong, all at once
out["wrong"] = failure(
    bedrock.create_model_customization_job,
    **order(
        "bad name!", "bad__name", roleArn="role", baseModelIdentifier="no.such-model",
        trainingDataConfig={"s3Uri": "s3://B/x"}, outputDataConfig={"s3Uri": "http://x"},
        validationDataConfig={"validators": [{"s3Uri": "s3://bucket/../x"}]},
        customModelKmsKeyId="k",
        hyperParameters={"nonsense": "1", "batchSize": "0"},
        customizationConfig={
            "rftConfig": {
                "graderConfig": {"lambdaGrader": {"lambdaArn": LAMBDA + "s"}},
                "hyperParameters": {
                    "epochCount": 51, "batchSize": 9999, "learningRate": 1.0, "trainingSamplePerPrompt": 17,
                    "reasoningEffort": "none", "evalInterval": 101,
                },
            }
        },
    ),
)
out["noData"] = failure(
    bedrock.create_model_customization_job,
    **order("no-data", "no-data", trainingDataConfig={"s3Uri": "s3://bucket/nothing.jsonl"}),
)
for kind in ["FINE_TUNING", "DISTILLATION", "CONTINUED_PRE_TRAINING", None]:
    out[f"type{kind}"] = failure(
        bedrock.create_model_customization_job,
        **order("typed", "typed", customizationType=kind, customizationConfig=None),
    )
out["missingJob"] = failure(bedrock.get_model_customization_job, jobIdentifier="nobody")

# The other project sees none of it
out["otherJobs"] = other.list_model_customization_jobs()["modelCustomizationJobSummaries"]
out["otherModels"] = other.list_custom_models()["modelSummaries"]
out["otherJob"] = failure(other.get_model_customization_job, jobIdentifier=arn)
out["otherModel"] = failure(other.get_custom_model, modelIdentifier=model_arn)
out["otherDeployment"] = failure(other.get_custom_model_deployment, customModelDeploymentIdentifier=deployment)
out["otherTags"] = failure(other.list_tags_for_resource, resourceARN=arn)
out["otherStop"] = failure(other.stop_model_customization_job, jobIdentifier=arn)
out["otherBucket"] = failure(other.create_model_customization_job, **order("theirs", "theirs"))

# Away with it
bedrock.delete_custom_model_deployment(customModelDeploymentIdentifier=deployment)
out["deploymentGone"] = failure(bedrock.get_custom_model_deployment, customModelDeploymentIdentifier=deployment)
for number in range(3):
    bedrock.delete_custom_model_deployment(customModelDeploymentIdentifier=f"more-{number}")
bedrock.delete_custom_model(modelIdentifier="triage")
out["modelGone"] = failure(bedrock.get_custom_model, modelIdentifier=model_arn)

# A region of the client's
west = client("bedrock", region="us-west-2")
out["westJob"] = west.create_model_customization_job(**order("west", "west"))["jobArn"]
print(json.dumps(out))
