// swift-tools-version:6.2
import PackageDescription

// `Scripts/setup.sh` makes .deps/torch a link to libtorch; OPERANT_LIBTORCH names another one. With OPERANT_CUDA=1 the
// same sources are built for CUDA too, against what `Scripts/setup.sh cuda` brings (Docs/gpu.md).
let hasCUDA = Context.environment["OPERANT_CUDA"] == "1"
let libtorch =
  Context.environment["OPERANT_LIBTORCH"] ?? Context.packageDirectory
  + (hasCUDA ? "/.deps/torch-cuda" : "/.deps/torch")

let cudaCompilerFlags = hasCUDA ? ["-DOPERANT_CUDA", "-isystem", libtorch + "/include-cuda"] : []
// Nothing but registrations ties us to libtorch_cuda, so the linker must be told to keep it. What it needs in turn
// (cublas, cudnn and so on) is on the machine that runs. There the program looks beside itself, too.
let cudaLinkerFlags =
  hasCUDA
  ? [
    "--no-as-needed", "-ltorch_cuda", "-lc10_cuda", "-l:libcudart.so.13", "--as-needed",
    "--allow-shlib-undefined",
    "-rpath", "$ORIGIN",
  ].flatMap { ["-Xlinker", $0] } : []

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
  .treatWarning("DeprecatedDeclaration", as: .warning),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let database = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// A library target: what it may import is the table in ARCHITECTURE.md, which a test holds.
func stage(
  _ name: String, imports: [String] = [], _ outside: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: imports.map { .init(stringLiteral: $0) } + outside, resources: resources,
    swiftSettings: strict)
}

func program(
  _ name: String, imports: [String], _ outside: [Target.Dependency] = [], path: String? = nil
) -> Target {
  .executableTarget(
    name: name, dependencies: imports.map { .init(stringLiteral: $0) } + outside, path: path,
    swiftSettings: strict)
}

func tests(_ name: String, imports: [String], _ outside: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: name, dependencies: imports.map { .init(stringLiteral: $0) } + outside, swiftSettings: strict)
}

/// What runs in the sandbox and is Python, carried inside the programs so that nothing can be missing beside them.
let sandboxParts =
  (["confinement", "frames", "supervisor", "keeper", "job", "zygote"].map { "Sandbox/Python/\($0).py" }
  + ["values", "candidate", "program", "judge", "inspection"].map { "Code/Python/code_\($0).py" })
  .map { Resource.embedInCode($0) }

let package = Package(
  name: "operant",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "operant", targets: ["operant"]),
    .executable(name: "operant-worker", targets: ["operant-worker"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    // Without traits it leaves out what a server does not need.
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    // Hummingbird's own; named here for the types of a request's parts.
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
  ],
  targets: [
    // Words
    stage("Records"),

    // Stages without libtorch
    stage("Checkpoints", imports: ["Records", "CZlib"]),
    stage("Datasets", imports: ["Records"]),
    stage("Tokenization", imports: ["Records", "Checkpoints"]),
    stage(
      "Graders", imports: ["Records"], resources: sandboxParts + [.embedInCode("Python/operant_rewards")]),
    stage("Constraints", imports: ["Records"]),
    stage("CreditAssignment", imports: ["Records"]),
    stage("Rollouts", imports: ["Records", "Tokenization"]),
    stage("Plans", imports: ["Records", "Datasets", "Graders"], [yams]),
    stage("Monitoring", imports: ["Records", "Graders"]),

    // Tensors
    .target(
      name: "CTorch",
      cxxSettings: [
        .unsafeFlags(
          [
            "-isystem", libtorch + "/include", "-isystem", libtorch + "/include/torch/csrc/api/include",
            "-O3", "-fno-math-errno", "-Wall", "-Wno-unknown-pragmas",
          ] + cudaCompilerFlags)
      ],
      linkerSettings: [
        .unsafeFlags(
          ["-L" + libtorch + "/lib", "-Xlinker", "-rpath", "-Xlinker", libtorch + "/lib"] + cudaLinkerFlags),
        .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
      ]),
    stage("Torch", imports: ["CTorch"]),
    stage("LanguageModels", imports: ["Torch", "Records", "Checkpoints"]),
    stage("Training", imports: ["LanguageModels", "Torch", "CreditAssignment", "Checkpoints", "Records"]),

    // Runs and people
    stage(
      "Runs",
      imports: [
        "Records", "Checkpoints", "Datasets", "Tokenization", "Graders", "CreditAssignment", "Rollouts",
        "Monitoring", "Constraints", "LanguageModels", "Training", "Torch",
      ]),
    // The service
    stage("Store", imports: ["Records", "CCrypto"], [database]),
    stage("Cluster", imports: ["Records", "Checkpoints"], [subprocess]),
    stage(
      "Inference", imports: ["Records", "Checkpoints", "Tokenization", "Cluster"], [subprocess, logging]),
    stage(
      "Jobs",
      imports: [
        "Records", "Checkpoints", "Datasets", "Graders", "Plans", "Monitoring", "Tokenization", "Store",
        "Cluster",
      ],
      [logging]),
    stage(
      "Gateway", imports: ["Records", "Store", "CCrypto"],
      [
        hummingbird, hummingbirdCore, hummingbirdTLS, httpTypes, nio, nioHTTP1, nioHTTPTypes,
        nioHTTPTypesHTTP1, logging,
      ]),
    stage(
      "OpenAIShape",
      imports: ["Records", "Datasets", "Graders", "Store", "Gateway", "Jobs", "Inference", "Cluster"],
      [hummingbird, httpTypes, nio, logging]),
    stage(
      "BedrockShape",
      imports: [
        "Records", "Datasets", "Graders", "Store", "Gateway", "Jobs", "Inference", "Cluster", "CZlib",
      ],
      [hummingbird, httpTypes, nio, logging]),
    stage(
      "Service",
      imports: [
        "Records", "Checkpoints", "Graders", "Plans", "Store", "Cluster", "Inference", "Jobs", "Gateway",
        "OpenAIShape", "BedrockShape",
      ],
      [yams, hummingbird, httpTypes, nio, lifecycle, unixSignals, logging]),
    program(
      "operant",
      imports: [
        "Records", "Checkpoints", "Datasets", "Tokenization", "Graders", "Plans", "Monitoring", "Cluster",
        "Store", "Jobs", "Service",
      ],
      [argumentParser, subprocess]),
    program("operant-worker", imports: ["Runs", "Records"]),
    program(
      "operant-bench", imports: ["Runs", "Records", "LanguageModels", "Torch"],
      path: "Benchmarks/operant-bench"),
    program(
      "operant-sandbox-bench", imports: ["Graders", "Records"], path: "Benchmarks/operant-sandbox-bench"),
    program("operant-gpu-check", imports: ["DeviceChecks", "Torch"], [argumentParser]),

    // Devices held against the processor, and measured
    stage(
      "DeviceChecks",
      imports: ["Training", "LanguageModels", "Torch", "CreditAssignment", "Checkpoints", "Records"]),

    // For tests
    stage("OperantTesting", imports: ["Records", "Rollouts"]),
    stage("GatewayTesting", imports: ["Gateway"], [hummingbird, lifecycle, logging]),

    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // Tests
    tests("RecordsTests", imports: ["Records"]),
    tests("CheckpointsTests", imports: ["Checkpoints", "Records"]),
    tests("DatasetsTests", imports: ["Datasets", "Records"]),
    tests("TokenizationTests", imports: ["Tokenization", "Checkpoints", "Records"]),
    tests("GradersTests", imports: ["Graders", "Records"]),
    tests(
      "ConstraintsTests", imports: ["Constraints", "Records", "Graders", "Tokenization", "Checkpoints"]),
    tests("CreditAssignmentTests", imports: ["CreditAssignment", "Records"]),
    tests(
      "RolloutsTests",
      imports: ["Rollouts", "Tokenization", "Checkpoints", "Records", "OperantTesting"]),
    tests("PlansTests", imports: ["Plans", "Records", "Graders"]),
    tests("MonitoringTests", imports: ["Monitoring", "Records", "Graders"]),
    tests("StoreTests", imports: ["Store", "Records"]),
    tests("ClusterTests", imports: ["Cluster", "Records", "Checkpoints"]),
    tests("InferenceTests", imports: ["Inference", "Tokenization", "Cluster", "Records", "Checkpoints"]),
    tests(
      "JobsTests",
      imports: ["Jobs", "Store", "Cluster", "Plans", "Graders", "Checkpoints", "Records", "OperantTesting"],
      [database]),
    tests(
      "GatewayTests", imports: ["Gateway", "GatewayTesting", "Store", "Records", "OperantTesting"],
      [hummingbird, hummingbirdCore, httpTypes, nio]),
    tests(
      "OpenAIShapeTests",
      imports: [
        "OpenAIShape", "Gateway", "GatewayTesting", "Jobs", "Inference", "Cluster", "Graders", "Store",
        "Records", "OperantTesting",
      ],
      [hummingbird, httpTypes, logging]),
    tests(
      "BedrockShapeTests",
      imports: [
        "BedrockShape", "Gateway", "GatewayTesting", "Jobs", "Inference", "Cluster", "Store", "Records",
        "OperantTesting",
      ]),
    tests(
      "ServiceTests", imports: ["Service", "Store", "Gateway", "Records", "OperantTesting"],
      [hummingbird, lifecycle, logging]),
    tests("OperantTests", imports: ["operant", "Records", "Checkpoints", "Cluster", "Plans"]),
    tests("TorchTests", imports: ["Torch", "OperantTesting", "Records", "Checkpoints"]),
    tests(
      "LanguageModelsTests",
      imports: ["LanguageModels", "Torch", "Checkpoints", "Records", "OperantTesting"]),
    tests(
      "TrainingTests",
      imports: [
        "Training", "LanguageModels", "Torch", "CreditAssignment", "Checkpoints", "Records", "OperantTesting",
      ]),
    tests(
      "RunsTests",
      imports: [
        "Runs", "LanguageModels", "Torch", "Checkpoints", "Tokenization", "Records", "Training",
        "OperantTesting",
      ]),
    tests("DeviceChecksTests", imports: ["DeviceChecks"]),
    tests("ArchitectureTests", imports: []),
    tests("EndToEndTests", imports: ["Records", "Checkpoints", "Graders", "OperantTesting"]),
  ],
  cxxLanguageStandard: .cxx20
)
