"""The tests themselves: none imports another, none waits by the clock to see whether something came."""

import ast
from pathlib import Path

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.py"))


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return found | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def test_no_test_imports_another() -> None:
    """What several share lies in a file of its own: worlds, trainings, command_line, copying_worlds."""
    tests = {path.stem for path in FILES if path.stem.startswith("test_")}
    borrowed = {path.name: sorted(imports(path) & tests) for path in FILES}
    assert {name: others for name, others in borrowed.items() if others} == {}
