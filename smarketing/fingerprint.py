"""One name for contents: equal contents have the same, and any change gives another."""

from __future__ import annotations

import hashlib
import types
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def digest(value: Any) -> str:
    """Return the SHA-256 of a value's contents.

    Two files of the same model differ byte by byte, because they number objects as they lay in
    memory; their contents do not. Objects count by their class and what they would hand a copy,
    frames by their columns: names, types, values, order of rows.

    Examples
    --------
    >>> digest({"a": [1, 2.5], "b": None}) == digest({"b": None, "a": [1, 2.5]})
    True
    >>> digest(1) == digest(1.0)
    False
    >>> digest(pd.DataFrame({"a": ["x", None]})) == digest(pd.DataFrame({"a": ["x"]}))
    False
    """
    seal = hashlib.sha256()
    for part in _parts(value, ()):
        seal.update(len(part).to_bytes(8, "big"))
        seal.update(part)
    return seal.hexdigest()


def sha256(content: bytes | str) -> str:
    """Return the plain SHA-256 of bytes or text, as other programs give it for a file.

    Examples
    --------
    >>> sha256("smarketing")[:8]
    'dcef0d02'
    """
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()


def file_sha256(path: Path) -> str:
    """Return the plain SHA-256 of a file, which may be larger than the memory."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_digest(files: Iterable[Path], root: Path | None = None) -> str:
    """Return one name for files: their names (their paths below `root`), contents and order.

    What is no file is passed over.
    """
    named = ((str(path.relative_to(root)) if root else path.name, path) for path in files)
    return sha256("".join(f"{n}\0{file_sha256(path)}\n" for n, path in named if path.is_file()))


def rows_sql(table: str) -> str:
    """Return SQL by which DuckDB names the rows of a table or a subquery, whatever their order.

    Examples
    --------
    >>> rows_sql("leads")
    'SELECT count(*), sum(hash(t)::HUGEINT), bit_xor(hash(t)) FROM leads t'
    """
    return f"SELECT count(*), sum(hash(t)::HUGEINT), bit_xor(hash(t)) FROM {table} t"


def _parts(value: Any, inside: tuple[int, ...]) -> Iterator[bytes]:
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        yield f"{type(value).__name__} {value!r}".encode()
    elif isinstance(value, np.dtype):
        yield f"dtype {value.descr!r}".encode()
    elif isinstance(value, np.ndarray):
        yield f"array {value.dtype.descr!r} {value.shape}".encode()
        if value.dtype.hasobject:
            yield from _parts(value.ravel().tolist(), inside)
        else:
            yield np.ascontiguousarray(value).tobytes()
    elif isinstance(value, np.generic):
        yield f"scalar {value.dtype.str} {value.tobytes().hex()}".encode()
    elif isinstance(value, pd.DataFrame):
        yield f"frame {value.shape}".encode()
        for name in value:
            yield f"{name} {value[name].dtype}".encode()
            yield from _parts(_cells(value[name]), inside)
    elif isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType, np.ufunc)):
        yield f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', value)}".encode()
    elif id(value) in inside:
        yield b"itself"
    else:
        yield f"{type(value).__module__}.{type(value).__qualname__}".encode()
        inside = (*inside, id(value))
        if isinstance(value, Mapping):
            for key, item in sorted(value.items(), key=lambda pair: repr(pair[0])):
                yield from _parts(key, inside)
                yield from _parts(item, inside)
        elif isinstance(value, (list, tuple)):
            for item in value:
                yield from _parts(item, inside)
        elif isinstance(value, (set, frozenset)):
            yield from _parts(sorted(value, key=repr), inside)
        else:
            copied = value.__reduce_ex__(4)
            yield from _parts(copied if isinstance(copied, str) else list(copied[1:3]), inside)
        yield b"end"


def _cells(column: pd.Series) -> Any:
    """Return a column as an array, or as codes and each different value once: texts repeat."""
    if isinstance(column.dtype, np.dtype) and not column.dtype.hasobject:
        return column.to_numpy()
    codes, different = pd.factorize(column)
    return codes, different.tolist()
