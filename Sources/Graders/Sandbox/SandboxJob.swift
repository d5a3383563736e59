package import Records

/// One piece of code to run in a sandbox, with all that it may see.
///
/// It starts in `/box`, an empty folder of its own in memory, and sees `/given` (read-only), the system's `/usr`
/// (read-only) and the folders named here. There is no network and nothing of an earlier job. Without a sandbox the two
/// folders have other names: `../given` from the working folder, and `$OPERANT_GIVEN`, are right in both cases.
package struct SandboxJob: Sendable {
  package enum Program: Sendable {
    /// A function of Python source, called in an interpreter that is warm already: a few milliseconds.
    case python(PythonCall)
    /// Any program: its path or its name on the sandbox's PATH, and its arguments.
    case command([String])
  }

  package var program: Program
  package var files: [SandboxFile]
  /// Further folders of this machine, seen read-only under their own paths: a toolchain, say. They must exist.
  package var readOnlyFolders: [String]
  package var standardInput: [UInt8]
  /// Beside PATH, HOME, TMPDIR, LANG and the like; nothing of this process's environment is passed on.
  package var environment: [String: String]
  /// Paths, relative to `/box`, of files that are handed back when the job has ended by itself. What is no plain file
  /// then is left out.
  package var collect: [String]
  package var limits: SandboxLimits
  /// The interpreter; commands have it on their PATH as `python3`.
  package var python: SandboxPython

  package init(
    _ program: Program, files: [SandboxFile] = [], readOnlyFolders: [String] = [],
    standardInput: [UInt8] = [], environment: [String: String] = [:], collect: [String] = [],
    limits: SandboxLimits = SandboxLimits(), python: SandboxPython = SandboxPython()
  ) {
    self.program = program
    self.files = files
    self.readOnlyFolders = readOnlyFolders
    self.standardInput = standardInput
    self.environment = environment
    self.collect = collect
    self.limits = limits
    self.python = python
  }
}

/// A call of a Python function.
///
/// What it returns comes back over a channel of its own, never over what is printed. A process that the function
/// starts with `subprocess` has no part in that channel and cannot read the caller's memory; code that the function
/// runs inside its own process (`exec`, `import`) can do all that the function can.
package struct PythonCall: Sendable, Hashable {
  /// Run as a module of its own before the call; it may import what lies in `/given`, `/box` and `python.folders`.
  package var source: String
  /// What tracebacks call the source.
  package var fileName: String
  package var function: String
  /// Positional arguments; objects are dicts.
  package var arguments: [JSONValue]

  package init(source: String, fileName: String = "grader.py", function: String, arguments: [JSONValue]) {
    self.source = source
    self.fileName = fileName
    self.function = function
    self.arguments = arguments
  }
}

/// A file that is there when a job starts.
package struct SandboxFile: Sendable, Hashable {
  package enum Place: String, Sendable, Hashable {
    /// In `/given`, which nothing in the sandbox can change or replace.
    case given
    /// In `/box`, the job's own working folder.
    case box
  }

  /// Relative to its place; folders on the way are made.
  package var path: String
  package var contents: [UInt8]
  package var place: Place
  package var isExecutable: Bool

  package init(_ path: String, _ contents: [UInt8], in place: Place = .given, isExecutable: Bool = false) {
    self.path = path
    self.contents = contents
    self.place = place
    self.isExecutable = isExecutable
  }

  package init(_ path: String, text: String, in place: Place = .given, isExecutable: Bool = false) {
    self.init(path, Array(text.utf8), in: place, isExecutable: isExecutable)
  }
}

/// Python source that is the same for many jobs: to compile it for each would take longer than most of them.
package struct PythonModule: Sendable, Hashable {
  package var name: String
  package var source: String

  package init(_ name: String, source: String) {
    self.name = name
    self.source = source
  }
}

/// A Python interpreter, and what it has loaded before a job starts.
package struct SandboxPython: Sendable, Hashable {
  /// A virtual environment's folder or an interpreter; nil for the system's own, with the standard library alone.
  package var path: String?
  /// Folders of this machine that modules are imported from, seen read-only.
  package var folders: [String]
  /// Modules imported once for all jobs, where they are there: numpy takes 0.1 s. They must be ones that may run
  /// outside of a single job's limits, so packages of the interpreter, never code of a job.
  package var preload: [String]
  /// Modules of Operant's own, run once for all jobs, which import them by name.
  package var modules: [PythonModule]

  package init(
    path: String? = nil, folders: [String] = [], preload: [String] = [], modules: [PythonModule] = []
  ) {
    self.path = path
    self.folders = folders
    self.preload = preload
    self.modules = modules
  }
}
