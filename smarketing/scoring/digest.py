"""One number for the contents of a model, however they were written to a file."""

from __future__ import annotations

import hashlib
import types
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd


def digest(value: Any) -> str:
    """Return the SHA-256 of a value's contents.

    Two files of the same model differ byte by byte, because they number objects as they lay in
    memory; their contents do not. Objects count by their class and what they would hand a copy.

    Examples
    --------
    >>> digest({"a": [1, 2.5], "b": None}) == digest({"b": None, "a": [1, 2.5]})
    True
    >>> digest(1) == digest(1.0)
    False
    """
    seal = hashlib.sha256()
    for part in _parts(value, ()):
        seal.update(len(part).to_bytes(8, "big"))
        seal.update(part)
    return seal.hexdigest()


def frame_digest(frame: pd.DataFrame) -> str:
    """Return the SHA-256 of a frame's columns: names, types, values, order of rows.

    Examples
    --------
    >>> frame_digest(pd.DataFrame({"a": ["x", None]})) == frame_digest(pd.DataFrame({"a": ["x"]}))
    False
    """
    seal = hashlib.sha256()
    for name in frame:
        column = frame[name]
        values = [np.frombuffer(f"{name} {column.dtype} {len(column)}\n".encode(), np.uint8)]
        if isinstance(column.dtype, np.dtype) and not column.dtype.hasobject:
            values += [column.to_numpy()]
        else:  # each different value once: texts repeat
            codes, different = pd.factorize(column)
            told = repr([(type(value).__name__, value) for value in different.tolist()])
            values += [codes, np.frombuffer(told.encode("utf-8", "surrogatepass"), np.uint8)]
        for part in values:
            seal.update(part.nbytes.to_bytes(8, "big"))
            seal.update(np.ascontiguousarray(part).view(np.uint8).data)
    return seal.hexdigest()


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
