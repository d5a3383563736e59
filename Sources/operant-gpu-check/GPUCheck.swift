import ArgumentParser
import DeviceChecks
import Foundation

/// Holds a CUDA device against the processor, and measures it. What it finds is printed as one JSON object a line.
@main
struct GPUCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operant-gpu-check",
    abstract: "Holds a CUDA device against the processor, and measures it.",
    subcommands: [Parity.self, Resume.self, Measure.self])
}

/// Where the checks run.
struct RouteOptions: ParsableArguments {
  @Flag(help: "Run a device's operations on the processor: what is tested where there is no GPU.")
  var processor = false

  func route() throws -> DeviceRoute {
    if processor { return .stand }
    let (route, reason) = DeviceRoute.accelerator()
    guard let route else { throw ValidationError("\(reason); --processor runs the same operations there") }
    return route
  }
}

struct Parity: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Every operation and whole training steps in float32, against the processor's kernels.")
  @OptionGroup var options: RouteOptions
  @Option(help: "Only checks whose name has this in it.") var only = ""

  func run() throws {
    let route = try options.route()
    var failed = 0
    for check in ParityCheck.all where only.isEmpty || check.name.contains(only) {
      let deviation = try check.deviation(over: route)
      let passes = deviation <= check.tolerance
      if !passes { failed += 1 }
      try Finding(
        "parity", route,
        [
          "check": .text(check.name), "deviation": .number(deviation), "tolerance": .number(check.tolerance),
          "passes": .flag(passes),
        ]
      ).print()
    }
    if failed > 0 { throw ExitCode(1) }
  }
}

struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "A run that was saved and loaded, against the one that was not, bit for bit.")
  @OptionGroup var options: RouteOptions

  func run() throws {
    let route = try options.route()
    let passes = try resumesExactly(over: route)
    try Finding("resume", route, ["passes": .flag(passes)]).print()
    if !passes { throw ExitCode(1) }
  }
}
