"""From a definition to the user's function, and from its signature to its convention."""

import importlib
import importlib.util
import inspect
import linecache
import os
import sys
import types

from .results import CAUGHT, Failure, raised

# The names that frameworks look for.
ENTRY_POINTS = {
    "grade": "openai",
    "compute_score": "verl",
    "lambda_handler": "lambda",
    "load_environment": "verifiers",
}


def load(definition):
    """The reward of a definition, imported and ready to be called."""
    try:
        if definition.get("convention") == "reasoning_gym":
            return _kind("reasoning_gym")(definition, [], [])
        module = _module(definition)
        names = definition.get("function") or _found(module, definition.get("convention"))
        names = names if isinstance(names, list) else [names]
        functions = [_named(module, name) for name in names]
        conventions = [definition.get("convention") or _convention(n, f) for n, f in zip(names, functions)]
        if len(set(conventions)) > 1:
            both = ", ".join(f"{n} ({c})" for n, c in zip(names, conventions))
            raise Failure("could_not_start", f"the functions are of different conventions: {both}; use a grader for each")
        return _kind(conventions[0])(definition, names, functions)
    except Failure:
        raise
    except CAUGHT as error:
        failure = raised(error)
        raise Failure(failure.cause, f"{_where(definition)} cannot be loaded: {failure.message}")


def _kind(convention):
    """Only the module of the convention in use is read."""
    if convention == "openai":
        from .openai_grade import OpenAIGrade as kind
    elif convention == "verl":
        from .verl_score import VerlScore as kind
    elif convention == "lambda":
        from .lambda_handler import LambdaHandler as kind
    elif convention == "verifiers":
        from .verifiers_rubric import VerifiersRubric as kind
    elif convention == "trl":
        from .trl_rewards import TRLRewards as kind
    elif convention == "reasoning_gym":
        from .reasoning_gym_score import ReasoningGymScore as kind
    else:
        raise Failure("could_not_start", f"there is no convention '{convention}'")
    return kind


def _where(definition):
    return definition.get("file") or f"the module {definition.get('module')}"


def _module(definition):
    path = definition.get("file")
    if path is None:
        return importlib.import_module(definition["module"])
    folder, name = os.path.dirname(os.path.abspath(path)), os.path.splitext(os.path.basename(path))[0]
    # Last, so that a file called trl.py can still `import trl`.
    if folder not in sys.path:
        sys.path.append(folder)
    if name in sys.modules or not _leads_to(path, name):
        name = f"operant_file_{name}"
    # The text that was checked is the one that runs, whatever has become of the file since.
    source = definition["source"]
    module = types.ModuleType(name)
    module.__file__ = path
    linecache.cache[path] = (len(source), None, source.splitlines(True), path)
    # Dataclasses and pickles look their module up by name.
    sys.modules[name] = module
    exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
    return module


def _leads_to(path, name):
    """Whether importing the name would find this very file."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin is not None and os.path.realpath(spec.origin) == os.path.realpath(path)


def _named(module, name):
    try:
        return getattr(module, name)
    except AttributeError:
        has = ", ".join(n for n, v in vars(module).items() if callable(v) and not n.startswith("_")) or "none"
        raise Failure("could_not_start", f"{module.__name__} has no function '{name}'; it has {has}")


def _found(module, convention):
    """The name of the function to call, where the definition does not say."""
    entries = [n for n, c in ENTRY_POINTS.items() if callable(getattr(module, n, None)) and convention in (None, c)]
    # An environment's file is full of reward functions; the rubric that it makes says which count.
    if "load_environment" in entries:
        return "load_environment"
    if len(entries) > 1:
        raise Failure("could_not_start", f"the file has {' and '.join(entries)}; say which with 'function'")
    if entries:
        return entries[0]
    batched = [n for n, v in vars(module).items() if not n.startswith("_") and "completions" in _parameters(v)]
    own = [n for n in batched if getattr(getattr(module, n), "__module__", None) == module.__name__]
    batched = own or batched
    if len(batched) > 1:
        raise Failure(
            "could_not_start",
            f"the file has {len(batched)} reward functions: {', '.join(batched)}; name one, or a list, with 'function'",
        )
    if batched and convention in (None, "trl"):
        return batched[0]
    raise Failure(
        "could_not_start",
        "no reward function was found; expected grade(sample, item), compute_score(...), lambda_handler(event, context), "
        "load_environment(), or a function that takes 'completions'",
    )


def _convention(name, thing):
    """By the signature first: what a function takes says more than what it is called."""
    parameters = _parameters(thing)
    if "completions" in parameters:
        return "trl"
    if "solution_str" in parameters or "solution_strs" in parameters:
        return "verl"
    if name in ENTRY_POINTS:
        return ENTRY_POINTS[name]
    if parameters[:2] == ["sample", "item"]:
        return "openai"
    if parameters[:2] == ["event", "context"]:
        return "lambda"
    if hasattr(thing, "score_group") or hasattr(thing, "rubric"):
        return "verifiers"
    raise Failure(
        "could_not_start",
        f"what {name}({', '.join(parameters)}) is cannot be told from its signature; say so with 'convention': openai, "
        "verl, trl, lambda or verifiers",
    )


def _parameters(thing):
    if not callable(thing) or inspect.isclass(thing):
        return []
    try:
        return list(inspect.signature(thing).parameters)
    except (TypeError, ValueError):
        return []
