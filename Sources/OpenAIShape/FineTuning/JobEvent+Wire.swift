import Records
import Store

extension JobEvent {
  var wire: JSONValue {
    [
      "object": "fine_tuning.job.event", "id": .string(id), "created_at": .integer(createdAt),
      "level": .string(level.rawValue), "type": .string(kind.rawValue), "message": .string(message),
      "data": data?.value ?? .null,
    ]
  }
}

extension JobCheckpoint {
  /// What readers of checkpoints index, of supervised jobs and of reinforcement: a missing key ends their scripts, a
  /// null does not.
  private static let metricNames = [
    "step", "train_loss", "train_mean_token_accuracy", "valid_loss", "valid_mean_token_accuracy",
    "full_valid_loss", "full_valid_mean_token_accuracy", "train_mean_reward", "full_valid_mean_reward",
    "full_valid_mean_parse_error", "completion_tokens_mean", "reasoning_tokens_mean",
    "mean_unresponsive_rewards",
  ]

  var wire: JSONValue {
    var values = JSONObject(Self.metricNames.map { ($0, .null) })
    for (name, value) in metrics.value.object?.members ?? [] { values[name] = value }
    if values["step"] == .null { values["step"] = .integer(step) }
    return [
      "object": "fine_tuning.job.checkpoint", "id": .string(id), "created_at": .integer(createdAt),
      "fine_tuned_model_checkpoint": .string(model), "fine_tuning_job_id": .string(jobID),
      "step_number": .integer(step), "metrics": .object(values),
    ]
  }
}

extension CheckpointPermission {
  var wire: JSONValue {
    [
      "object": "checkpoint.permission", "id": .string(id), "created_at": .integer(createdAt),
      "project_id": .string(projectID),
    ]
  }
}
