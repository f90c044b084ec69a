"""The house of the package: who may import whom, and what only the commands may read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import aipm_cards

PACKAGE = Path(aipm_cards.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
MAX_LINES = 400

# Each part stands on a floor and may import from its own part and from the floors below.
FLOORS = {"cli": 3, "terminal": 2, "preview": 2, "page": 2, "content": 1, "anki": 1, "memory": 1}

# Who alone may import a package from outside.
ONLY = {
    "yaml": {"content"},
    "genanki": {"anki"},
    "pygments": {"anki", "terminal", "preview"},
    "pyromark": {"text"},
    "fsrs": {"memory"},
    "numpy": {"memory"},
    "fsrs_rs_python": {"memory"},
    "sqlite3": {"anki", "content", "memory"},
    "click": {"cli"},
    "rich": {"terminal"},
    "pylatexenc": {"terminal"},
    "latex2mathml": {"preview"},
    "http": {"preview"},
    "tzlocal": {"cli"},
    "platformdirs": {"cli"},
    "anki": set(),  # AGPL: for tests only
    "requests": set(),
    "urllib": set(),
    "socket": set(),
    "pickle": set(),
    "random": set(),
    "secrets": set(),
    "uuid": set(),
}

# What tells a module about the time, the person or the machine.
FORBIDDEN = {
    *("time.time", "time.time_ns", "time.monotonic", "time.perf_counter", "time.localtime", "time.gmtime"),
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now"),
    *("datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"),
    *("os.environ", "os.environb", "os.getenv", "os.urandom", "os.getcwd", "os.get_terminal_size"),
    *("os.path.expanduser", "Path.home", "Path.cwd", "pathlib.Path.home", "pathlib.Path.cwd"),
    *("shutil.get_terminal_size", "sys.argv", "sys.stdin", "sys.stdout", "sys.stderr"),
    *("locale.getlocale", "getpass.getuser", "socket.gethostname"),
}
FORBIDDEN_CALLS = {"print", "input", "open_new_tab", "eval", "exec", "expanduser"}


def part(module: str) -> str:
    """The part of the package that a module belongs to: a directory, or the module itself."""
    return module.split(".")[1] if "." in module else ""


@cache
def tree(module: str) -> ast.Module:
    """A module as it is parsed: once, and not before a test asks."""
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


@cache
def nodes(module: str) -> tuple[ast.AST, ...]:
    """Every node that runs: what stands under TYPE_CHECKING does not."""
    waiting: list[ast.AST] = [tree(module)]
    found: list[ast.AST] = []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        found.append(node)
        waiting += ast.iter_child_nodes(node)
    return tuple(found)


@cache
def imports(module: str) -> set[str]:
    """The modules that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in nodes(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in MODULES else node.module)
    return found


def inside(module: str) -> set[str]:
    """The modules of the package that a module imports."""
    return {other for other in imports(module) if other.split(".")[0] == "aipm_cards"}


def outside(*modules: str) -> set[str]:
    """The other packages that modules import."""
    return {other.split(".")[0] for module in modules for other in imports(module)} - {"aipm_cards"}


def test_the_walk_finds_the_package() -> None:
    assert {"aipm_cards", "aipm_cards.model", "aipm_cards.content.load", "aipm_cards.cli.main"} <= set(MODULES)
    assert "aipm_cards.anki.package" in inside("aipm_cards.cli.build")
    assert "genanki" in outside(*(name for name in MODULES if part(name) == "anki"))
    assert "aipm_cards.text" in inside("aipm_cards.release")


def test_every_import_is_of_a_module_that_exists() -> None:
    for name in MODULES:
        assert inside(name) <= set(MODULES), name


@pytest.mark.parametrize("module", [name for name in MODULES if part(name) not in ("", "__main__")])
def test_arrows_point_down_only(module: str) -> None:
    floor = FLOORS.get(part(module), 0)
    for other in inside(module):
        if part(other) == part(module) or (other == "aipm_cards" and floor == FLOORS["cli"]):
            continue  # the commands may ask for the version and the place of the package
        assert other != "aipm_cards", f"{module} imports the package itself"
        if floor:
            assert FLOORS.get(part(other), 0) < floor, f"{module} -> {other}"
        else:
            assert part(other) not in FLOORS, f"{module} -> {other}"


def test_the_library_is_exported_lazily() -> None:
    assert not inside("aipm_cards")
    assert inside("aipm_cards.__main__") == {"aipm_cards.cli.main"}


@pytest.mark.parametrize("module", MODULES)
def test_who_imports_what_from_outside(module: str) -> None:
    imported = outside(module)
    for package, parts in ONLY.items():
        assert package not in imported or part(module) in parts, f"{module} imports {package}"


def test_only_what_is_declared_is_imported() -> None:
    import sys
    import tomllib

    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = [*project["dependencies"], *project["optional-dependencies"]["optimize"]]
    declared = {requirement.split(">")[0].split("=")[0].strip() for requirement in requirements}
    names = {"pyyaml": "yaml", "fsrs-rs-python": "fsrs_rs_python"}
    allowed = {names.get(name, name) for name in declared} | set(sys.stdlib_module_names)
    assert outside(*MODULES) <= allowed


def test_no_cycles() -> None:
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, " -> ".join((*above[above.index(module) :], module))
        if module not in done:
            for other in sorted(inside(module) - {"aipm_cards"}):
                visit(other, (*above, module))
            done.add(module)

    for module in MODULES:
        visit(module, ())


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an attribute or a name, else an empty text."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return node.id if isinstance(node, ast.Name) else ""


def read_from_outside(module: str) -> list[str]:
    """What a module reads of the time, the person or the machine, with its lines."""
    found = []
    aliases: dict[str, str] = {}
    for node in nodes(module):
        if isinstance(node, ast.ImportFrom):
            aliases |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            aliases |= {alias.asname: alias.name for alias in node.names if alias.asname}
    for node in nodes(module):
        name = dotted(node)
        first, _, rest = name.partition(".")
        whole = aliases.get(first, first) + (f".{rest}" if rest else "")
        called = isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in FORBIDDEN_CALLS
        if name in FORBIDDEN or whole in FORBIDDEN or called:
            found.append(f"{module}:{getattr(node, 'lineno', 0)} {name or ast.unparse(node)}")
    return found


@pytest.mark.parametrize("module", [name for name in MODULES if part(name) not in ("cli", "__main__")])
def test_nothing_below_the_commands_reads_the_clock_the_environment_or_the_terminal(module: str) -> None:
    assert read_from_outside(module) == []


def test_the_commands_are_what_reads_them() -> None:
    found = " ".join(read_from_outside("aipm_cards.cli.state"))
    assert "time.time" in found
    assert "os.environ" in found


def test_only_the_commands_count_processors() -> None:
    users = [name for name in MODULES if any(dotted(node).endswith("processors") for node in nodes(name))]
    assert users
    assert all(part(name) == "cli" for name in users)


@pytest.mark.parametrize("module", MODULES)
def test_what_is_public_is_documented(module: str) -> None:
    assert ast.get_docstring(tree(module)), module

    def undocumented(body: list[ast.stmt], inside: str) -> Iterator[str]:
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith(
                "_"
            ):
                if not ast.get_docstring(node):
                    yield f"{inside}.{node.name}"
                if isinstance(node, ast.ClassDef):
                    yield from undocumented(node.body, f"{inside}.{node.name}")

    assert list(undocumented(tree(module).body, module)) == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_not_long(module: str) -> None:
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_there_is_no_drawer_for_everything() -> None:
    assert not [name for name in MODULES if name.rpartition(".")[2] in ("utils", "util", "helpers", "misc")]
