internal import Records

/// What goes in and out, as JSON Schema: the limits of requests are those that the service really checks.
enum APISchemas {
  static let parameters = parsed(
    #"""
    {
      "limit": {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
      "auditLimit": {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
      "filesLimit": {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 10000}},
      "after": {"name": "after", "in": "query", "schema": {"type": "string"}, "description": "The id of the last item that was seen."},
      "order": {"name": "order", "in": "query", "schema": {"enum": ["asc", "desc"]}},
      "permissionOrder": {"name": "order", "in": "query", "schema": {"enum": ["ascending", "descending"]}},
      "purpose": {"name": "purpose", "in": "query", "schema": {"type": "string"}},
      "metadata": {"name": "metadata", "in": "query", "style": "deepObject", "explode": true, "schema": {"type": "object", "additionalProperties": {"type": "string"}}},
      "project_id": {"name": "project_id", "in": "query", "schema": {"type": "string"}},
      "include_archived": {"name": "include_archived", "in": "query", "schema": {"type": "boolean"}},
      "maxResults": {"name": "maxResults", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000}},
      "nextToken": {"name": "nextToken", "in": "query", "schema": {"type": "string", "minLength": 1, "maxLength": 2048}}
    }
    """#)

  static let schemas: JSONValue = {
    var all = JSONObject()
    for part in [common, work, answers, accounts, bedrock] {
      guard let members = parsed(part).object else {
        preconditionFailure("a part of the schemas is no object")
      }
      for name in members.keys { all[name] = members[name] }
    }
    return .object(all)
  }()

  /// The texts below are ours: one that cannot be read is a mistake in this file.
  private static func parsed(_ text: String) -> JSONValue {
    do throws(JSONSyntaxError) { return try JSONValue(parsing: text) } catch {
      preconditionFailure("the schemas cannot be read: \(error)")
    }
  }

  private static let common = #"""
    {
      "Anything": {"type": "object"},
      "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "object",
        "required": ["message", "type", "param", "code"],
        "properties": {"message": {"type": "string"}, "type": {"type": "string"},
          "param": {"type": ["string", "null"]}, "code": {"type": ["string", "null"]}}}}},
      "AWSError": {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}},
      "Deletion": {"type": "object", "required": ["id", "object", "deleted"],
        "properties": {"id": {"type": "string"}, "object": {"type": "string"}, "deleted": {"type": "boolean"}}},
      "Readiness": {"type": "object", "required": ["status", "checks"],
        "properties": {"status": {"enum": ["ready", "not ready"]},
          "checks": {"type": "object", "additionalProperties": {"type": "string"}}}},
      "Metadata": {"type": ["object", "null"], "maxProperties": 16, "propertyNames": {"maxLength": 64},
        "additionalProperties": {"type": "string", "maxLength": 512}},
      "ExpiresAfter": {"type": "object", "required": ["anchor", "seconds"],
        "properties": {"anchor": {"const": "created_at"},
          "seconds": {"type": "integer", "minimum": 3600, "maximum": 2592000}}},
      "Purpose": {"enum": ["fine-tune", "assistants", "batch", "vision", "user_data", "evals"]}
    }
    """#

  private static let work = #"""
    {
      "FileUpload": {"type": "object", "required": ["file", "purpose"],
        "properties": {"file": {"type": "string", "format": "binary"}, "purpose": {"$ref": "#/components/schemas/Purpose"},
          "expires_after[anchor]": {"const": "created_at"},
          "expires_after[seconds]": {"type": "integer", "minimum": 3600, "maximum": 2592000}}},
      "File": {"type": "object", "required": ["id", "object", "bytes", "created_at", "filename", "purpose", "status"],
        "properties": {"id": {"type": "string"}, "object": {"const": "file"}, "bytes": {"type": "integer"},
          "created_at": {"type": "integer"}, "filename": {"type": "string"}, "purpose": {"type": "string"},
          "status": {"enum": ["uploaded", "processed", "error"]}, "expires_at": {"type": ["integer", "null"]},
          "status_details": {"type": ["string", "null"]}}},
      "UploadCreate": {"type": "object", "required": ["filename", "purpose", "bytes", "mime_type"],
        "properties": {"filename": {"type": "string", "minLength": 1}, "purpose": {"$ref": "#/components/schemas/Purpose"},
          "bytes": {"type": "integer", "minimum": 1}, "mime_type": {"type": "string"},
          "expires_after": {"$ref": "#/components/schemas/ExpiresAfter"}}},
      "Upload": {"type": "object", "required": ["id", "object", "bytes", "created_at", "expires_at", "filename", "purpose", "status"],
        "properties": {"id": {"type": "string"}, "object": {"const": "upload"},
          "status": {"enum": ["pending", "completed", "cancelled", "expired"]}}},
      "UploadPartCreate": {"type": "object", "required": ["data"],
        "properties": {"data": {"type": "string", "format": "binary"}}},
      "UploadPart": {"type": "object", "required": ["id", "object", "created_at", "upload_id"],
        "properties": {"id": {"type": "string"}, "object": {"const": "upload.part"}}},
      "UploadComplete": {"type": "object", "required": ["part_ids"],
        "properties": {"part_ids": {"type": "array", "items": {"type": "string"}}, "md5": {"type": "string"}}},
      "AutoOrInteger": {"anyOf": [{"const": "auto"}, {"type": "integer", "minimum": 1}]},
      "AutoOrNumber": {"anyOf": [{"const": "auto"}, {"type": "number", "exclusiveMinimum": 0}]},
      "Hyperparameters": {"type": "object", "properties": {
        "batch_size": {"anyOf": [{"const": "auto"}, {"type": "integer", "minimum": 1, "maximum": 256}]},
        "learning_rate_multiplier": {"$ref": "#/components/schemas/AutoOrNumber"},
        "n_epochs": {"anyOf": [{"const": "auto"}, {"type": "integer", "minimum": 1, "maximum": 50}]}}},
      "ReinforcementHyperparameters": {"allOf": [{"$ref": "#/components/schemas/Hyperparameters"}, {"type": "object", "properties": {
        "compute_multiplier": {"anyOf": [{"const": "auto"}, {"type": "number", "exclusiveMinimum": 0.00001, "maximum": 10}]},
        "eval_interval": {"$ref": "#/components/schemas/AutoOrInteger"},
        "eval_samples": {"$ref": "#/components/schemas/AutoOrInteger"},
        "reasoning_effort": {"enum": ["default", "low", "medium", "high"]}}}]},
      "Grader": {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}, "name": {"type": "string"}}},
      "JobCreate": {"type": "object", "required": ["model", "training_file"], "properties": {
        "model": {"type": "string", "minLength": 1}, "training_file": {"type": "string", "minLength": 1},
        "validation_file": {"type": ["string", "null"]}, "suffix": {"type": ["string", "null"], "minLength": 1, "maxLength": 64},
        "seed": {"type": ["integer", "null"], "minimum": 0, "maximum": 2147483647},
        "metadata": {"$ref": "#/components/schemas/Metadata"},
        "method": {"type": "object", "required": ["type"], "properties": {
          "type": {"enum": ["reinforcement", "supervised", "dpo"]},
          "reinforcement": {"type": "object", "required": ["grader"], "properties": {
            "grader": {"$ref": "#/components/schemas/Grader"}, "response_format": {"type": "object"},
            "hyperparameters": {"$ref": "#/components/schemas/ReinforcementHyperparameters"}}}}}}},
      "Job": {"type": "object", "required": ["id", "object", "created_at", "model", "status", "hyperparameters", "training_file", "seed", "result_files"],
        "properties": {"id": {"type": "string"}, "object": {"const": "fine_tuning.job"},
          "status": {"enum": ["validating_files", "queued", "running", "paused", "succeeded", "failed", "cancelled"]},
          "fine_tuned_model": {"type": ["string", "null"]}, "hyperparameters": {"type": "object"}}},
      "JobEvent": {"type": "object", "required": ["id", "object", "created_at", "level", "type", "message"],
        "properties": {"level": {"enum": ["info", "warn", "error"]}, "type": {"enum": ["message", "metrics"]}}},
      "JobCheckpoint": {"type": "object", "required": ["id", "object", "created_at", "step_number", "metrics", "fine_tuned_model_checkpoint"],
        "properties": {"metrics": {"type": "object"}, "step_number": {"type": "integer"}}},
      "PermissionCreate": {"type": "object", "required": ["project_ids"],
        "properties": {"project_ids": {"type": "array", "minItems": 1, "items": {"type": "string"}}}},
      "Permission": {"type": "object", "required": ["id", "object", "created_at", "project_id"],
        "properties": {"object": {"const": "checkpoint.permission"}}},
      "GraderRun": {"type": "object", "required": ["grader", "model_sample"], "properties": {
        "grader": {"$ref": "#/components/schemas/Grader"}, "model_sample": {"type": "string"}, "item": {"type": "object"}}},
      "GraderResult": {"type": "object", "required": ["reward", "metadata"],
        "properties": {"reward": {"type": ["number", "null"]}, "metadata": {"type": "object"}}},
      "GraderValidate": {"type": "object", "required": ["grader"],
        "properties": {"grader": {"$ref": "#/components/schemas/Grader"}}},
      "WebhookCreate": {"type": "object", "required": ["url"],
        "properties": {"url": {"type": "string", "format": "uri"},
          "events": {"type": "array", "items": {"type": "string"}}}},
      "Webhook": {"type": "object", "required": ["id", "object"], "properties": {"id": {"type": "string"}}}
    }
    """#

  private static let answers = #"""
    {
      "Model": {"type": "object", "required": ["id", "object", "created", "owned_by"],
        "properties": {"id": {"type": "string"}, "object": {"const": "model"}, "created": {"type": "integer"},
          "owned_by": {"type": "string"}, "max_model_len": {"type": ["integer", "null"]}}},
      "ModelList": {"type": "object", "required": ["object", "data"],
        "properties": {"object": {"const": "list"}, "data": {"type": "array", "items": {"$ref": "#/components/schemas/Model"}}}},
      "ChatMessage": {"type": "object", "required": ["role"], "properties": {
        "role": {"enum": ["system", "developer", "user", "assistant", "tool"]},
        "content": {"anyOf": [{"type": "string"}, {"type": "null"}, {"type": "array", "items": {"type": "object"}}]}}},
      "Sampling": {"type": "object", "properties": {
        "temperature": {"type": ["number", "null"], "minimum": 0, "maximum": 2},
        "top_p": {"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 1},
        "n": {"type": ["integer", "null"], "minimum": 1, "maximum": 128},
        "seed": {"type": ["integer", "null"]}, "stream": {"type": ["boolean", "null"]},
        "max_tokens": {"type": ["integer", "null"], "minimum": 1},
        "stop": {"anyOf": [{"type": "null"}, {"type": "string"}, {"type": "array", "maxItems": 4, "items": {"type": "string"}}]},
        "presence_penalty": {"type": ["number", "null"], "minimum": -2, "maximum": 2},
        "frequency_penalty": {"type": ["number", "null"], "minimum": -2, "maximum": 2}}},
      "ChatCreate": {"allOf": [{"$ref": "#/components/schemas/Sampling"}, {"type": "object", "required": ["model", "messages"],
        "properties": {"model": {"type": "string", "minLength": 1},
          "messages": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/ChatMessage"}},
          "logprobs": {"type": ["boolean", "null"]}, "top_logprobs": {"type": ["integer", "null"], "minimum": 0, "maximum": 20},
          "tools": {"type": "array", "items": {"type": "object"}}, "response_format": {"type": "object"}}}]},
      "Chat": {"type": "object", "required": ["id", "object", "created", "model", "choices"],
        "properties": {"object": {"const": "chat.completion"}, "choices": {"type": "array", "items": {"type": "object"}}}},
      "CompletionCreate": {"allOf": [{"$ref": "#/components/schemas/Sampling"}, {"type": "object", "required": ["model", "prompt"],
        "properties": {"model": {"type": "string", "minLength": 1},
          "prompt": {"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": ["string", "integer", "array"]}}]},
          "max_tokens": {"type": ["integer", "null"], "minimum": 0},
          "echo": {"type": ["boolean", "null"]}, "logprobs": {"type": ["integer", "null"], "minimum": 0}}}]},
      "Completion": {"type": "object", "required": ["id", "object", "created", "model", "choices"],
        "properties": {"object": {"const": "text_completion"}}},
      "ResponseCreate": {"type": "object", "required": ["model", "input"],
        "properties": {"model": {"type": "string", "minLength": 1},
          "input": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}}]},
          "instructions": {"type": ["string", "null"]}, "stream": {"type": ["boolean", "null"]},
          "temperature": {"type": ["number", "null"], "minimum": 0, "maximum": 2}}},
      "Response": {"type": "object", "required": ["id", "object", "created_at", "model", "output"],
        "properties": {"object": {"const": "response"}, "output": {"type": "array", "items": {"type": "object"}}}},
      "GenerateCreate": {"type": "object", "required": ["model", "token_ids"],
        "properties": {"model": {"type": "string", "minLength": 1},
          "token_ids": {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 0}},
          "sampling_params": {"type": "object"}}}
    }
    """#

  private static let accounts = #"""
    {
      "Quota": {"type": ["integer", "null"], "minimum": 0},
      "ProjectCreate": {"type": "object", "required": ["name"], "additionalProperties": false, "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 64}, "max_jobs": {"$ref": "#/components/schemas/Quota"},
        "max_storage_bytes": {"$ref": "#/components/schemas/Quota"}, "max_tokens_per_day": {"$ref": "#/components/schemas/Quota"}}},
      "ProjectChange": {"type": "object", "additionalProperties": false, "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 64}, "max_jobs": {"$ref": "#/components/schemas/Quota"},
        "max_storage_bytes": {"$ref": "#/components/schemas/Quota"}, "max_tokens_per_day": {"$ref": "#/components/schemas/Quota"}}},
      "Project": {"type": "object", "required": ["id", "object", "name", "created_at", "status"],
        "properties": {"object": {"const": "organization.project"}, "status": {"enum": ["active", "archived"]}}},
      "KeyCreate": {"type": "object", "additionalProperties": false, "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 100},
        "scopes": {"type": "array", "minItems": 1, "items": {"enum": ["read", "write", "inference", "admin"]}},
        "expires_in_seconds": {"type": ["integer", "null"], "minimum": 1},
        "requests_per_minute": {"type": ["integer", "null"], "minimum": 1}}},
      "Key": {"type": "object", "required": ["id", "object", "name", "redacted_value", "created_at", "scopes"],
        "properties": {"object": {"const": "organization.project.api_key"}, "value": {"type": "string"}}},
      "AuditEntry": {"type": "object", "required": ["id", "object", "type", "effective_at", "subject", "actor"],
        "properties": {"object": {"const": "organization.audit_log"}}}
    }
    """#

  private static let bedrock = #"""
    {
      "Tag": {"type": "object", "required": ["key", "value"], "properties": {
        "key": {"type": "string", "minLength": 1, "maxLength": 128}, "value": {"type": "string", "maxLength": 256}}},
      "Tags": {"type": "array", "maxItems": 200, "items": {"$ref": "#/components/schemas/Tag"}},
      "S3Location": {"type": "object", "required": ["s3Uri"], "properties": {"s3Uri": {"type": "string", "pattern": "^s3://"}}},
      "CustomizationJobCreate": {"type": "object",
        "required": ["jobName", "customModelName", "roleArn", "baseModelIdentifier", "trainingDataConfig", "outputDataConfig"],
        "properties": {"jobName": {"type": "string", "minLength": 1, "maxLength": 63},
          "customModelName": {"type": "string", "minLength": 1, "maxLength": 63}, "roleArn": {"type": "string", "maxLength": 2048},
          "baseModelIdentifier": {"type": "string", "minLength": 1, "maxLength": 2048},
          "customizationType": {"type": "string"}, "clientRequestToken": {"type": "string", "minLength": 1, "maxLength": 256},
          "trainingDataConfig": {"type": "object"}, "validationDataConfig": {"type": "object"},
          "outputDataConfig": {"$ref": "#/components/schemas/S3Location"}, "hyperParameters": {"type": "object"},
          "customizationConfig": {"type": "object"}, "jobTags": {"$ref": "#/components/schemas/Tags"},
          "customModelTags": {"$ref": "#/components/schemas/Tags"}}},
      "DeploymentCreate": {"type": "object", "required": ["modelDeploymentName", "modelArn"],
        "properties": {"modelDeploymentName": {"type": "string", "minLength": 1, "maxLength": 63},
          "modelArn": {"type": "string", "minLength": 1}, "description": {"type": "string"},
          "tags": {"$ref": "#/components/schemas/Tags"}, "clientRequestToken": {"type": "string", "minLength": 1, "maxLength": 256}}},
      "TagCreate": {"type": "object", "required": ["resourceARN", "tags"],
        "properties": {"resourceARN": {"type": "string", "minLength": 20, "maxLength": 1011}, "tags": {"$ref": "#/components/schemas/Tags"}}},
      "TagRemove": {"type": "object", "required": ["resourceARN", "tagKeys"],
        "properties": {"resourceARN": {"type": "string", "minLength": 20, "maxLength": 1011},
          "tagKeys": {"type": "array", "maxItems": 200, "items": {"type": "string"}}}},
      "TagList": {"type": "object", "required": ["resourceARN"],
        "properties": {"resourceARN": {"type": "string", "minLength": 20, "maxLength": 1011}}},
      "LoggingConfiguration": {"type": "object", "required": ["loggingConfig"], "properties": {"loggingConfig": {"type": "object"}}},
      "Converse": {"type": "object", "required": ["messages"], "properties": {
        "messages": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["role", "content"], "properties": {
          "role": {"enum": ["user", "assistant"]}, "content": {"type": "array", "items": {"type": "object"}}}}},
        "system": {"type": "array", "items": {"type": "object"}},
        "inferenceConfig": {"type": "object", "properties": {"maxTokens": {"type": "integer", "minimum": 1},
          "temperature": {"type": "number", "minimum": 0, "maximum": 1}, "topP": {"type": "number", "minimum": 0, "maximum": 1},
          "stopSequences": {"type": "array", "items": {"type": "string"}}}}}}
    }
    """#
}
