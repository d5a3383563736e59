"""Runs an answer's code and does what the tests ask of it. There is nothing here of what they expect."""

import collections.abc, importlib, itertools, json, operator, signal, sys, traceback, types

MOST_ELEMENTS = 10_000
FILE = "answer.py"


class Late(BaseException):
    pass


class Skipped(Exception):
    """A request that refers to one which failed."""


def late(*_):
    raise Late


def run(code, script, name, entry, seconds):
    """Plays the script: for each test a list of requests. The outcomes come as JSON text."""
    script = json.loads(script)
    module = types.ModuleType(name)
    sys.modules[name] = module
    signal.signal(signal.SIGALRM, late)
    try:
        program = compile(code, FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, OverflowError, MemoryError) as problem:
        return stopped("compile_error", problem)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        exec(program, module.__dict__)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except Late:
        return stopped("time_out", None)
    except SystemExit as problem:
        return stopped("exited", problem)
    except MemoryError:
        return stopped("memory_limit", None)
    except BaseException as problem:
        return stopped("exception", problem)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if entry and entry not in module.__dict__:
        return stopped("no_entry_point", None)
    return json.dumps({"tests": [play(module, requests, seconds) for requests in script]})


def stopped(reason, problem):
    text = ""
    if problem is not None:
        lines = traceback.format_exception(type(problem), problem, problem.__traceback__, limit=-2, chain=False)
        text = "".join(lines)[-1500:]
    return json.dumps({"stopped": reason, "text": text})


def play(module, requests, seconds):
    held, outcomes = {}, []
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        for place, request in enumerate(requests):
            outcomes.append(perform(module, request, held, place))
        signal.setitimer(signal.ITIMER_REAL, 0)
    except Late:
        del outcomes[len(held) :]
        outcomes.append({"late": True})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return outcomes


def perform(module, request, held, place):
    def resolve(kind, body):
        if kind == "o":
            if held[body] is Skipped:
                raise Skipped
            return held[body]
        if kind == "n":
            value = importlib.import_module(body[0])
            for step in body[1].split("."):
                value = getattr(value, step)
            return value
        return eval(body, dict(module.__dict__))

    outcome = {}
    try:
        kind, operands = request[0], unpack(request[1], resolve)
        changeable = operands[1] if kind == "call" else []
        before = [packed_or_none(x) for x in changeable]
        value = lookup(module, operands[0]) if kind == "name" else REQUESTS[kind](*operands)
        after = [packed_or_none(x) for x in changeable]
        changed = {str(i): after[i] for i in range(len(after)) if after[i] is not None and after[i] != before[i]}
        if changed:
            outcome["changed"] = changed
        if kind == "call":
            value = drained(value, outcome)
        if "elements" not in outcome:
            try:
                outcome["value"] = pack(value, refuse)
            except Opaque:
                outcome["object"] = type(value).__name__
        held[place] = value
    except Late:
        raise
    except Skipped:
        held[place] = Skipped
        outcome = {"skipped": True}
    except BaseException as problem:
        held[place] = Skipped
        outcome = {"raised": [x.__name__ for x in type(problem).__mro__], "message": str(problem)[:500]}
    return outcome


def lookup(module, name):
    if name in module.__dict__:
        return module.__dict__[name]
    raise NameError(f"name '{name}' is not defined")


def drained(value, outcome):
    """A generator and the like, with all that it gives in the outcome if that comes to an end."""
    if not isinstance(value, collections.abc.Iterator) or type(value).__module__ not in ("builtins", "itertools"):
        return value
    taken = list(itertools.islice(value, MOST_ELEMENTS))
    try:
        packed = pack(taken, refuse)
    except Opaque:
        packed = None
    if packed is None or len(taken) == MOST_ELEMENTS:
        return itertools.chain(taken, value)
    outcome["elements"] = packed
    return iter(taken)


def packed_or_none(value):
    if not isinstance(value, (list, dict, set, bytearray)):
        return None
    try:
        return pack(value, refuse)
    except Opaque:
        return None


def refuse(value):
    raise Opaque(type(value).__name__)


def set_attribute(value, name, new):
    setattr(value, name, new)


REQUESTS = {
    "attribute": getattr,
    "set_attribute": set_attribute,
    "call": lambda function, positional, named: function(*positional, **named),
    "item": operator.getitem,
    "set_item": operator.setitem,
    "delete_item": operator.delitem,
    "length": len,
    "text": str,
    "representation": repr,
    "truth": bool,
    "elements": lambda value: list(itertools.islice(value, MOST_ELEMENTS)),
    "next": next,
    "is_instance": isinstance,
    "equal": operator.eq,
    "less": operator.lt,
    "less_equal": operator.le,
    "add": operator.add,
    "subtract": operator.sub,
}
