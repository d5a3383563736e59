internal import Store

/// Every route of the service. Azure's aliases (`/openai/v1/...` and `/openai/...` for `/v1/...`) are not listed again, and
/// neither are ARNs whose slashes arrive unescaped.
enum APIOperations {
  static var all: [APIOperation] {
    files + uploads + fineTuning + models + inference + webhooks + organization + bedrock + bedrockRuntime
      + operations
  }

  private static let page = ["limit", "after"]

  private static let files: [APIOperation] = [
    .init(
      "POST", "/v1/files", .files, .write, "Upload a file", body: .form("FileUpload"), answer: .json("File")),
    .init(
      "GET", "/v1/files", .files, .read, "List files", query: ["purpose", "filesLimit", "order", "after"],
      answer: .list("File")),
    .init("GET", "/v1/files/{id}", .files, .read, "Look at a file", answer: .json("File")),
    .init("DELETE", "/v1/files/{id}", .files, .write, "Delete a file", answer: .json("Deletion")),
    .init("GET", "/v1/files/{id}/content", .files, .read, "Download a file", answer: .bytes),
  ]

  private static let uploads: [APIOperation] = [
    .init(
      "POST", "/v1/uploads", .uploads, .write, "Begin a file in parts", body: .json("UploadCreate"),
      answer: .json("Upload")),
    .init("GET", "/v1/uploads/{id}", .uploads, .read, "Look at an upload", answer: .json("Upload")),
    .init(
      "POST", "/v1/uploads/{id}/parts", .uploads, .write, "Add a part", body: .form("UploadPartCreate"),
      answer: .json("UploadPart")),
    .init(
      "POST", "/v1/uploads/{id}/complete", .uploads, .write, "Make a file of the parts",
      body: .json("UploadComplete"), answer: .json("Upload")),
    .init("POST", "/v1/uploads/{id}/cancel", .uploads, .write, "Give an upload up", answer: .json("Upload")),
  ]

  private static let fineTuning: [APIOperation] = [
    .init(
      "POST", "/v1/fine_tuning/jobs", .fineTuning, .write, "Create a job", body: .json("JobCreate"),
      answer: .json("Job")),
    .init(
      "GET", "/v1/fine_tuning/jobs", .fineTuning, .read, "List jobs, newest first",
      query: page + ["metadata"],
      answer: .list("Job")),
    .init("GET", "/v1/fine_tuning/jobs/{id}", .fineTuning, .read, "Look at a job", answer: .json("Job")),
    .init("POST", "/v1/fine_tuning/jobs/{id}/cancel", .fineTuning, .write, "End a job", answer: .json("Job")),
    .init(
      "POST", "/v1/fine_tuning/jobs/{id}/pause", .fineTuning, .write, "Pause a job, with a checkpoint",
      answer: .json("Job")),
    .init(
      "POST", "/v1/fine_tuning/jobs/{id}/resume", .fineTuning, .write, "Go on with a job",
      answer: .json("Job")),
    .init(
      "GET", "/v1/fine_tuning/jobs/{id}/events", .fineTuning, .read, "List a job's events, newest first",
      query: page, answer: .list("JobEvent")),
    .init(
      "GET", "/v1/fine_tuning/jobs/{id}/checkpoints", .fineTuning, .read, "List a job's checkpoints",
      query: page,
      answer: .list("JobCheckpoint")),
    .init(
      "GET", "/v1/fine_tuning/jobs/{id}/progress", .fineTuning, .read, "What a job's worker reports, live",
      answer: .jsonOrEvents("Anything")),
    .init(
      "POST", "/v1/fine_tuning/checkpoints/{checkpoint}/permissions", .fineTuning, .write,
      "Let other projects ask a checkpoint", body: .json("PermissionCreate"), answer: .list("Permission")),
    .init(
      "GET", "/v1/fine_tuning/checkpoints/{checkpoint}/permissions", .fineTuning, .read, "List those leaves",
      query: page + ["project_id", "permissionOrder"], answer: .list("Permission")),
    .init(
      "DELETE", "/v1/fine_tuning/checkpoints/{checkpoint}/permissions/{permission}", .fineTuning, .write,
      "Take one back", answer: .json("Deletion")),
    .init(
      "POST", "/v1/fine_tuning/alpha/graders/run", .graders, .write, "Grade one answer",
      body: .json("GraderRun"),
      answer: .json("GraderResult")),
    .init(
      "POST", "/v1/fine_tuning/alpha/graders/validate", .graders, .write, "Check a grader's definition",
      body: .json("GraderValidate"), answer: .json("GraderValidate")),
  ]

  private static let models: [APIOperation] = [
    .init("GET", "/v1/models", .models, .read, "List models that may be asked", answer: .json("ModelList")),
    .init("GET", "/v1/models/{model}", .models, .read, "Look at a model", answer: .json("Model")),
    .init("DELETE", "/v1/models/{model}", .models, .write, "Delete a tuned model", answer: .json("Deletion")),
  ]

  private static let inference: [APIOperation] = [
    .init(
      "POST", "/v1/chat/completions", .inference, .inference, "Answer a conversation",
      body: .json("ChatCreate"),
      answer: .jsonOrEvents("Chat")),
    .init(
      "POST", "/v1/completions", .inference, .inference, "Go on with a text", body: .json("CompletionCreate"),
      answer: .jsonOrEvents("Completion")),
    .init(
      "POST", "/v1/responses", .inference, .inference, "Answer, in the newer shape",
      body: .json("ResponseCreate"),
      answer: .jsonOrEvents("Response")),
    .init(
      "GET", "/v1/responses/{id}", .inference, .read, "Look at a kept response",
      answer: .json("Response")),
    .init(
      "GET", "/v1/responses/{id}/input_items", .inference, .read, "What a kept response was asked with",
      query: page + ["order"], answer: .list("Anything")),
    .init(
      "DELETE", "/v1/responses/{id}", .inference, .inference, "Forget a response", answer: .json("Deletion")),
    .init(
      "POST", "/inference/v1/generate", .inference, .inference, "Tokens in, tokens out",
      body: .json("GenerateCreate"), answer: .json("Anything")),
    .init(
      "POST", "/openai/deployments/{model}/chat/completions", .inference, .inference,
      "Answer a conversation, as Azure's clients ask", body: .json("Anything"), answer: .jsonOrEvents("Chat")),
    .init(
      "POST", "/openai/deployments/{model}/completions", .inference, .inference,
      "Go on with a text, as Azure's clients ask", body: .json("Anything"),
      answer: .jsonOrEvents("Completion")),
  ]

  private static let webhooks: [APIOperation] = [
    .init(
      "POST", "/v1/webhook_endpoints", .webhooks, .write, "Have the ends of jobs told to an address",
      body: .json("WebhookCreate"), answer: .json("Webhook")),
    .init(
      "GET", "/v1/webhook_endpoints", .webhooks, .read, "List addresses", query: page,
      answer: .list("Webhook")),
    .init(
      "GET", "/v1/webhook_endpoints/{id}", .webhooks, .read, "Look at an address", answer: .json("Webhook")),
    .init(
      "DELETE", "/v1/webhook_endpoints/{id}", .webhooks, .write, "Forget an address",
      answer: .json("Deletion")),
    .init(
      "GET", "/v1/webhook_endpoints/{id}/deliveries", .webhooks, .read, "List what was sent to it",
      query: page,
      answer: .list("Anything")),
  ]

  private static let organization: [APIOperation] = [
    .init(
      "GET", "/v1/organization/projects", .organization, .admin, "List projects", query: ["include_archived"],
      answer: .list("Project")),
    .init(
      "POST", "/v1/organization/projects", .organization, .admin, "Create a project",
      body: .json("ProjectCreate"),
      answer: .json("Project")),
    .init(
      "GET", "/v1/organization/projects/{project_id}", .organization, .admin, "Look at a project",
      answer: .json("Project")),
    .init(
      "POST", "/v1/organization/projects/{project_id}", .organization, .admin,
      "Rename a project, or set its quotas",
      body: .json("ProjectChange"), answer: .json("Project")),
    .init(
      "POST", "/v1/organization/projects/{project_id}/archive", .organization, .admin, "Shut a project",
      answer: .json("Project")),
    .init(
      "GET", "/v1/organization/projects/{project_id}/api_keys", .organization, .admin,
      "List a project's keys",
      answer: .list("Key")),
    .init(
      "POST", "/v1/organization/projects/{project_id}/api_keys", .organization, .admin,
      "Create a key; its text is in this answer only", body: .json("KeyCreate"), answer: .json("Key")),
    .init(
      "GET", "/v1/organization/projects/{project_id}/api_keys/{key_id}", .organization, .admin,
      "Look at a key",
      answer: .json("Key")),
    .init(
      "DELETE", "/v1/organization/projects/{project_id}/api_keys/{key_id}", .organization, .admin,
      "Revoke a key",
      answer: .json("Deletion")),
    .init(
      "GET", "/v1/organization/audit_logs", .organization, .admin, "List changes, newest first",
      query: ["auditLimit", "after", "project_id"], answer: .list("AuditEntry")),
  ]

  private static let bedrock: [APIOperation] = [
    .init(
      "POST", "/model-customization-jobs", .bedrock, .write, "CreateModelCustomizationJob",
      body: .json("CustomizationJobCreate"), answer: .json("Anything")),
    .init(
      "GET", "/model-customization-jobs", .bedrock, .read, "ListModelCustomizationJobs",
      query: ["maxResults", "nextToken"], answer: .json("Anything")),
    .init(
      "GET", "/model-customization-jobs/{jobIdentifier}", .bedrock, .read, "GetModelCustomizationJob",
      answer: .json("Anything")),
    .init(
      "POST", "/model-customization-jobs/{jobIdentifier}/stop", .bedrock, .write, "StopModelCustomizationJob",
      answer: .json("Anything")),
    .init(
      "POST", "/custom-models/create-custom-model", .bedrock, .write, "CreateCustomModel",
      body: .json("Anything"),
      answer: .json("Anything")),
    .init(
      "GET", "/custom-models", .bedrock, .read, "ListCustomModels", query: ["maxResults", "nextToken"],
      answer: .json("Anything")),
    .init(
      "GET", "/custom-models/{modelIdentifier}", .bedrock, .read, "GetCustomModel", answer: .json("Anything")),
    .init(
      "DELETE", "/custom-models/{modelIdentifier}", .bedrock, .write, "DeleteCustomModel",
      answer: .json("Anything")),
    .init(
      "POST", "/model-customization/custom-model-deployments", .bedrock, .write,
      "CreateCustomModelDeployment",
      body: .json("DeploymentCreate"), answer: .json("Anything")),
    .init(
      "GET", "/model-customization/custom-model-deployments", .bedrock, .read, "ListCustomModelDeployments",
      query: ["maxResults", "nextToken"], answer: .json("Anything")),
    .init(
      "GET", "/model-customization/custom-model-deployments/{customModelDeploymentIdentifier}", .bedrock,
      .read,
      "GetCustomModelDeployment", answer: .json("Anything")),
    .init(
      "PATCH", "/model-customization/custom-model-deployments/{customModelDeploymentIdentifier}", .bedrock,
      .write,
      "UpdateCustomModelDeployment", body: .json("Anything"), answer: .json("Anything")),
    .init(
      "DELETE", "/model-customization/custom-model-deployments/{customModelDeploymentIdentifier}", .bedrock,
      .write,
      "DeleteCustomModelDeployment", answer: .json("Anything")),
    .init("GET", "/foundation-models", .bedrock, .read, "ListFoundationModels", answer: .json("Anything")),
    .init(
      "GET", "/foundation-models/{modelIdentifier}", .bedrock, .read, "GetFoundationModel",
      answer: .json("Anything")),
    .init(
      "POST", "/tagResource", .bedrock, .write, "TagResource", body: .json("TagCreate"),
      answer: .json("Anything")),
    .init(
      "POST", "/untagResource", .bedrock, .write, "UntagResource", body: .json("TagRemove"),
      answer: .json("Anything")),
    .init(
      "POST", "/listTagsForResource", .bedrock, .read, "ListTagsForResource", body: .json("TagList"),
      answer: .json("Anything")),
    .init(
      "PUT", "/logging/modelinvocations", .bedrock, .write, "PutModelInvocationLoggingConfiguration",
      body: .json("LoggingConfiguration"), answer: .json("Anything")),
    .init(
      "GET", "/logging/modelinvocations", .bedrock, .read, "GetModelInvocationLoggingConfiguration",
      answer: .json("Anything")),
    .init(
      "DELETE", "/logging/modelinvocations", .bedrock, .write, "DeleteModelInvocationLoggingConfiguration",
      answer: .json("Anything")),
  ]

  private static let bedrockRuntime: [APIOperation] = [
    .init(
      "POST", "/model/{modelId}/converse", .bedrockRuntime, .inference, "Converse", body: .json("Converse"),
      answer: .json("Anything")),
    .init(
      "POST", "/model/{modelId}/converse-stream", .bedrockRuntime, .inference, "ConverseStream",
      body: .json("Converse"), answer: .eventStream),
    .init(
      "POST", "/model/{modelId}/invoke", .bedrockRuntime, .inference, "InvokeModel", body: .json("Anything"),
      answer: .json("Anything")),
    .init(
      "POST", "/model/{modelId}/invoke-with-response-stream", .bedrockRuntime, .inference,
      "InvokeModelWithResponseStream", body: .json("Anything"), answer: .eventStream),
    .init(
      "POST", "/model/{modelId}/count-tokens", .bedrockRuntime, .inference, "CountTokens",
      body: .json("Anything"),
      answer: .json("Anything")),
  ]

  private static let operations: [APIOperation] = [
    .init("GET", "/healthz", .operations, nil, "Whether the service lives", answer: .json("Anything")),
    .init("GET", "/readyz", .operations, nil, "Whether it can work", answer: .json("Readiness")),
    .init(
      "GET", "/metrics", .operations, nil,
      "Figures for Prometheus; from elsewhere they need the scope `admin`",
      answer: .text),
    .init("GET", "/openapi.json", .operations, nil, "This description", answer: .json("Anything")),
  ]
}
