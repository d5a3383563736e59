import Foundation
import Records

/// Jobs, events and files of a service as lines.
enum JobText {
  /// One line: id, state, model, and what it waits for or why it failed.
  static func line(_ job: JSONObject) -> String {
    var parts = [
      TextWidth.left(job["id"]?.string ?? "?", 30), TextWidth.left(job["status"]?.string ?? "?", 16),
      date(job["created_at"]), job["model"]?.string ?? "",
    ]
    if let tuned = job["fine_tuned_model"]?.string { parts.append("-> " + tuned) }
    if let waiting = job["waiting_for"]?.string { parts.append("waits: " + waiting) }
    if let message = job["error"]?.object?["message"]?.string, !message.isEmpty { parts.append(message) }
    return Terminal.harmless(parts.filter { !$0.isEmpty }.joined(separator: "  "))
  }

  static func event(_ event: JSONObject) -> String {
    let level = event["level"]?.string ?? "info"
    return Terminal.harmless(
      "\(date(event["created_at"]))  " + (level == "info" ? "" : level + ": ")
        + (event["message"]?.string ?? ""))
  }

  static func file(_ file: JSONObject) -> String {
    let size = file["bytes"]?.double.map { Figures.size(Int($0)) } ?? ""
    return Terminal.harmless(
      [
        TextWidth.left(file["id"]?.string ?? "?", 30), TextWidth.left(size, 9), date(file["created_at"]),
        TextWidth.left(file["purpose"]?.string ?? "", 18), file["filename"]?.string ?? "",
      ].joined(separator: "  "))
  }

  static func checkpoint(_ checkpoint: JSONObject) -> String {
    let metrics = checkpoint["metrics"]?.object
    let rewards = ["train_mean_reward", "full_valid_mean_reward"].compactMap { name in
      metrics?[name]?.double.map { "\(name) \(Figures.fixed($0, 3))" }
    }
    return
      (["step " + TextWidth.left(checkpoint["step_number"]?.integer.map(String.init) ?? "?", 6)]
      + [checkpoint["fine_tuned_model_checkpoint"]?.string ?? ""] + rewards).joined(separator: "  ")
  }

  /// A time of the wire, here and now.
  private static func date(_ value: JSONValue?) -> String {
    guard let seconds = value?.double else { return "" }
    let formatter = DateFormatter()
    formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
    return formatter.string(from: Date(timeIntervalSince1970: seconds))
  }
}
