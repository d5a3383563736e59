import ArgumentParser
import DeviceChecks
import Torch

extension ModelShape: ExpressibleByArgument {}

/// Figures of a device with random weights of a model's shape.
struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a device with random weights of a model's shape.",
    subcommands: [Limits.self, Decode.self, Update.self, Step.self])

  struct Limits: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What the device itself can do.")
    @OptionGroup var options: RouteOptions
    @Option(help: "Side of the matrices.") var side: Int?

    func run() throws {
      let route = try options.route()
      let (bytes, operations) = try Measurement(.tiny, over: route).limits(side: side)
      let found = try route.accelerator()
      try Finding(
        "limits", route,
        [
          "device": .text(found?.name ?? "processor"),
          "memory_bytes": .number(Double(found?.totalBytes ?? 0)),
          "copied_bytes_per_second": .number(bytes), "operations_per_second": .number(operations),
        ]
      ).print()
    }
  }

  struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Tokens a second of many rows at once.")
    @OptionGroup var options: RouteOptions
    @Option var model: ModelShape
    @Option var rows = 512
    @Option(help: "Tokens of a prompt.") var prompt = 128
    @Option(help: "New tokens of a row.") var tokens = 512

    func run() throws {
      let route = try options.route()
      let found = try Measurement(model, over: route).decoding(rows: rows, prompt: prompt, length: tokens)
      try Finding(
        "decode", route,
        [
          "model": .text(model.rawValue), "rows": .number(Double(rows)),
          "tokens": .number(Double(found.tokens)),
          "seconds": .number(found.seconds),
          "tokens_per_second": .number(Double(found.tokens) / found.seconds),
          "share_of_bandwidth_floor": .number(found.floorSeconds / found.seconds),
          "peak_bytes": .number(Double(try route.accelerator()?.mostAllocatedBytes ?? 0)),
        ]
      ).print()
    }
  }

  struct Update: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Tokens a second of a LoRA update.")
    @OptionGroup var options: RouteOptions
    @Option var model: ModelShape
    @Option(help: "Tokens of the update, in one micro-batch.") var tokens = 16384
    @Option var rank = 16

    func run() throws {
      let route = try options.route()
      let found = try Measurement(model, over: route).updating(tokens: tokens, rank: rank)
      try Finding(
        "update", route,
        [
          "model": .text(model.rawValue), "tokens": .number(Double(found.tokens)),
          "seconds": .number(found.seconds),
          "tokens_per_second": .number(Double(found.tokens) / found.seconds),
          "share_of_matrix_rate": .number(found.shareOfProducts),
          "peak_bytes": .number(Double(try route.accelerator()?.mostAllocatedBytes ?? 0)),
        ]
      ).print()
    }
  }

  struct Step: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A whole step: groups of eight sampled and learned from.")
    @OptionGroup var options: RouteOptions
    @Option var model: ModelShape
    @Option var groups = 8
    @Option(help: "Tokens of a prompt.") var prompt = 128
    @Option(help: "New tokens of an episode.") var tokens = 512
    @Option var rank = 16
    @Option(help: "Tokens that go through the model at once in the update.") var microBatch = 16384

    func run() throws {
      let route = try options.route()
      let found = try Measurement(model, over: route).step(
        groups: groups, prompt: prompt, length: tokens, rank: rank, microBatchTokens: microBatch)
      try Finding(
        "step", route,
        [
          "model": .text(model.rawValue), "groups": .number(Double(groups)),
          "tokens": .number(Double(found.tokens)),
          "sampling_seconds": .number(found.sampling), "updating_seconds": .number(found.updating),
          "seconds": .number(found.sampling + found.updating),
          "peak_bytes": .number(Double(try route.accelerator()?.mostAllocatedBytes ?? 0)),
        ]
      ).print()
    }
  }
}
