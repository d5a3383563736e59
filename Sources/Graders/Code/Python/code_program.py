"""Runs an answer's code as a program that reads standard input and prints."""

import sys, types


def run(code):
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    program = compile(code, "answer.py", "exec", dont_inherit=True)
    exec(program, module.__dict__)
