import Foundation
import Records

/// What can be told of Python source without running it.
struct PythonSource {
  /// A mistake and its line, from 1; 0 when it has none.
  struct Mistake: Hashable {
    var line: Int
    var message: String
  }

  var mistakes: [Mistake]
  /// Packages that it imports, for `SandboxPython.preload`: neither the standard library nor modules of `folders`.
  var packages: [String]

  /// Parses the source with the interpreter that is going to run it.
  ///
  /// - Parameters:
  ///   - function: must be defined, with room for that many positional arguments.
  ///   - folders: where modules are that are not packages.
  /// - Throws: why it could not be parsed at all.
  init(
    checking source: String, function: String, arguments: Int, folders: [String],
    interpreter: PythonInterpreter
  ) throws(ChildProcess.StartFailure) {
    let command =
      [interpreter.executable, "-I", "-S", "-X", "utf8", "-c", Self.program, function, String(arguments)]
      + folders
    let output = try HostCommand.run(
      command, input: Array(source.utf8), environment: ["LANG": "C.UTF-8"], seconds: 30)
    guard let answer = try? JSONValue(parsing: output.standardOutput) else {
      let last = String(decoding: output.standardError, as: UTF8.self).split(separator: "\n").last ?? ""
      throw ChildProcess.StartFailure(reason: "the source could not be parsed: \(last)")
    }
    packages = (answer["packages"]?.array ?? []).compactMap(\.string)
    mistakes = (answer["mistakes"]?.array ?? []).map {
      Mistake(line: $0[0]?.integer ?? 0, message: $0[1]?.string ?? "")
    }
  }

  private static let program = """
    import ast, json, os, sys
    function, wanted, folders = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    mistakes, packages = [], set()

    def is_package(name):
        top = name.split(".")[0]
        return (top not in getattr(sys, "stdlib_module_names", ())
            and not any(os.path.exists(os.path.join(f, top)) or os.path.exists(os.path.join(f, top + ".py")) for f in folders))

    def check(tree):
        defined = is_open = False
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                packages.update(a.name for a in node.names if is_package(a.name))
                defined |= any((a.asname or a.name) == function for a in node.names)
            elif isinstance(node, ast.ImportFrom):
                if node.level == 0 and node.module != "__future__" and is_package(node.module):
                    packages.add(node.module)
                defined |= any((a.asname or a.name) == function for a in node.names)
                is_open |= any(a.name == "*" for a in node.names)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                defined |= node.id == function
            elif isinstance(node, ast.ClassDef):
                defined |= node.name == function
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("globals", "exec"):
                is_open = True
        for node in tree.body:
            if not (isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == function): continue
            defined = True
            a = node.args
            positional = len(a.posonlyargs) + len(a.args)
            needed = positional - len(a.defaults)
            if isinstance(node, ast.AsyncFunctionDef):
                mistakes.append([node.lineno, f"'{function}' is an async function; expected a plain one"])
            elif needed > wanted or (positional < wanted and a.vararg is None):
                mistakes.append([node.lineno, f"'{function}' takes {positional} positional arguments; it is called with {wanted}"])
            elif any(d is None for d in a.kw_defaults):
                mistakes.append([node.lineno, f"'{function}' has keyword arguments without a default, which nothing fills"])
        if not defined and not is_open:
            defined = any(isinstance(n, ast.FunctionDef) and n.name == function for n in ast.walk(tree))
        if not defined and not is_open:
            mistakes.append([0, f"there is no function '{function}'"])

    try:
        check(compile(sys.stdin.buffer.read(), "grader.py", "exec", ast.PyCF_ONLY_AST))
    except SyntaxError as problem:
        mistakes.append([problem.lineno or 0, problem.msg])
    except (ValueError, RecursionError, MemoryError) as problem:
        mistakes.append([0, str(problem) or type(problem).__name__])
    print(json.dumps({"mistakes": mistakes, "packages": sorted(packages)}))
    """
}

extension JSONValue {
  fileprivate subscript(index: Int) -> JSONValue? {
    guard let array, array.indices.contains(index) else { return nil }
    return array[index]
  }
}
