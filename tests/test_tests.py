"""The habits of the tests themselves: what they import, and what each asserts."""

import ast
from pathlib import Path

TESTS = Path(__file__).parent
TREES = {
    path.relative_to(TESTS).as_posix(): ast.parse(path.read_text())
    for path in sorted(TESTS.rglob("*.py"))
}


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def is_a_test_or_benchmark(module):
    room, *rest = module.split(".")
    return room == "benchmarks" or (room == "tests" and any(p.startswith("test_") for p in rest))


def is_a_choice(node):
    """Whether an assert holds where one of two things does: it does not say which."""
    return isinstance(node.test, ast.IfExp) or (
        isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or)
    )


def test_tests_share_helpers_and_no_test_or_benchmark():
    offenders = {
        file: sorted(filter(is_a_test_or_benchmark, imported(tree))) for file, tree in TREES.items()
    }
    assert {file: modules for file, modules in offenders.items() if modules} == {}


def test_no_assert_leaves_it_open_what_holds():
    offenders = [
        f"{file}:{node.lineno}"
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert) and is_a_choice(node)
    ]
    assert offenders == []


def test_the_scans_see_what_they_are_to_see():
    code = "from tests import test_a\nfrom tests.b.test_c import d\nimport benchmarks.e\n"
    seen = list(filter(is_a_test_or_benchmark, imported(ast.parse(code))))
    assert seen == ["tests.test_a", "tests.b.test_c", "tests.b.test_c.d", "benchmarks.e"]
    asserts = ast.parse("assert a or b\nassert a if b else c\nassert a and b\nassert any(a)").body
    assert [is_a_choice(node) for node in asserts] == [True, True, False, False]


def test_every_file_of_tests_holds_a_test():
    for file, tree in TREES.items():
        if Path(file).name.startswith("test_"):
            names = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
            assert any(name.startswith("test_") for name in names), file
