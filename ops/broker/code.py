"""Our own code as text: all that a class names, and what that names in turn.

Two services may share a package; what one of them never names is not its own.
"""

import ast
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ops.stack.services import SERVICES

OURS = {"common", *(service.target.partition(".")[0] for service in SERVICES)}

# A module, and something that it defines.
Name = tuple[str, str]


def reached(start: type) -> list[ast.AST]:
    """The definition of ``start``, and every other that it leads to."""
    found: dict[Name, ast.AST] = {}
    ahead = [(start.__module__, start.__name__)]
    while ahead:
        name = ahead.pop()
        if name not in found and (place := definition(*name)):
            found[name] = place[1]
            ahead += named(*place)
    return list(found.values())


def definition(module: str, name: str) -> tuple[str, ast.AST] | None:
    """Where ``name`` is defined, if it is in our own code: here or further on."""
    if module.partition(".")[0] not in OURS:
        return None
    here = parsed(module)
    if name in here.defined:
        return module, here.defined[name]
    return definition(*here.imported[name]) if name in here.imported else None


def named(module: str, node: ast.AST) -> Iterator[Name]:
    """The global names in ``node``, also those that it takes from a module."""
    imported = parsed(module).imported
    for each in ast.walk(node):
        match each:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                if name in imported:
                    yield ".".join(imported[name]), attribute
            case ast.Name(id=name):
                yield module, name


class Module:
    """``defined`` by name; ``imported`` names with the places they are taken from."""

    def __init__(self, tree: ast.Module) -> None:
        self.defined: dict[str, ast.AST] = {}
        self.imported: dict[str, Name] = {}
        for node in tree.body:
            match node:
                case ast.ClassDef() | ast.FunctionDef():
                    self.defined[node.name] = node
                case ast.Assign(targets=[ast.Name(id=name)]):
                    self.defined[name] = node
                case ast.AnnAssign(target=ast.Name(id=name)):
                    self.defined[name] = node
                case ast.ImportFrom(module=str(source)):
                    for alias in node.names:
                        self.imported[alias.asname or alias.name] = source, alias.name


@cache
def parsed(module: str) -> Module:
    """Nothing, where ``module`` is none."""
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:
        spec = None
    file = spec.origin if spec else None
    return Module(ast.parse(Path(file).read_text() if file else ""))
