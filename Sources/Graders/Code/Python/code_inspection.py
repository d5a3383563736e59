"""Reads an answer's code without running it."""

import ast

BRANCHES = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.Assert, ast.comprehension)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def inspect_code(code, imports, calls):
    """What is used of what is forbidden, and McCabe's complexity of the most complex function."""
    tree = ast.parse(code)
    return {"forbidden": sorted(set(found(tree, imports, calls)))[:50], "complexity": complexity(tree)}


def is_within(name, forbidden):
    return any(name == one or name.startswith(one + ".") for one in forbidden)


def found(tree, imports, calls):
    aliases = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                aliases[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
                if is_within(alias.name, imports):
                    yield "import " + alias.name
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            for alias in node.names:
                aliases[alias.asname or alias.name] = f"{module}.{alias.name}"
                if is_within(f"{module}.{alias.name}", imports):
                    yield f"import {module}.{alias.name}"
            if is_within(module, imports):
                yield "import " + module
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func, aliases) in ("__import__", "importlib.import_module"):
            first = node.args[0] if node.args else None
            # A name that is made up at run time may be any.
            name = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
            if imports and (name is None or is_within(name, imports)):
                yield f"import {name or 'of an unknown name'}"
        # Also where it is not called here: `e = eval` is as good.
        if isinstance(node, (ast.Name, ast.Attribute)):
            name = dotted(node, aliases)
            if name is not None and name in calls:
                yield name
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                name = without_builtins(f"{node.module}.{alias.name}")
                if name in calls:
                    yield name


def dotted(node, aliases):
    steps = []
    while isinstance(node, ast.Attribute):
        steps.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return without_builtins(".".join([aliases.get(node.id, node.id)] + steps[::-1]))


def without_builtins(name):
    for prefix in ("builtins.", "__builtins__."):
        if name.startswith(prefix):
            name = name[len(prefix) :]
    return name


def complexity(tree):
    """Of each function, and of what stands outside of all: 1 and its branches, a nested function's not included."""
    most, waiting = 0, [tree]
    while waiting:
        whole = waiting.pop()
        count, inside = 1, list(ast.iter_child_nodes(whole))
        while inside:
            node = inside.pop()
            if isinstance(node, FUNCTIONS):
                waiting.append(node)
                continue
            if isinstance(node, BRANCHES):
                count += 1 + len(getattr(node, "ifs", ()))
            elif isinstance(node, ast.BoolOp):
                count += len(node.values) - 1
            elif isinstance(node, getattr(ast, "match_case", ())):
                count += not (isinstance(node.pattern, ast.MatchAs) and node.pattern.pattern is None)
            inside.extend(ast.iter_child_nodes(node))
        most = max(most, count)
    return most
