"""Checkpoints: what a run that follows knows, in one file that is whole or not there.

A checkpoint is a zip file of one JSON document, any number of tables (Arrow IPC) and a digest of
the checksums of all that, so that what was edited is told. It is written beside the one before it,
brought to the disk, and then takes its name at once: whoever is killed on the way leaves the old
one or the new one.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import secrets
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import polars as pl

from ...errors import SourceError, TracecheckError, UsageError

NAME = "checkpoint"
_DRAFT = ".tracecheck-draft-"
_LOCK = "lock"
_DOCUMENT = "state.json"
_TABLE = ".arrow"
_DIGEST = "digest"
_FOLDER_MODE, _FILE_MODE = 0o700, 0o600  # lines of logs are in it, with what is personal in them

_ANYTHING = (Exception, pl.exceptions.PanicException)

_PLACE, _LINE, _TEXTS = "@place", "@text", "@texts"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A JSON document, and tables by name."""

    document: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)


def prefixed(part: str, tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables of a part of a run, by the names that they have in the whole."""
    return {f"{part}.{name}": table for name, table in tables.items()}


def named(part: str, tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Of `tables`, those of a part of a run, by their own names."""
    own = f"{part}."
    return {name.removeprefix(own): tables[name] for name in tables if name.startswith(own)}


class Folder:
    """The folder of `--state`, which one run holds at a time."""

    def __init__(self, path: str) -> None:
        """Make the folder if need be, and hold it. Raises UsageError if that cannot be."""
        self.path = path
        try:
            os.makedirs(path, _FOLDER_MODE, exist_ok=True)
            self._lock = os.open(os.path.join(path, _LOCK), os.O_RDWR | os.O_CREAT, _FILE_MODE)
        except OSError as error:
            what = "it is a file" if os.path.isfile(path) else error.strerror
            raise UsageError(
                f"{path}: cannot hold the state: {what}; name a folder that can be written"
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise UsageError(
                f"{path}: another run keeps its state there; end it, or name another folder"
            ) from None
        for name in os.listdir(path):
            if name.startswith(_DRAFT):  # of a run that was killed
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(path, name))

    def save(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint in the place of the one before. Raises OSError, and leaves that."""
        # A name that nothing has: what stands in the folder, or where a link leads, is not ours.
        draft = os.path.join(self.path, f"{_DRAFT}{secrets.token_hex(8)}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
            with open(descriptor, "wb") as file:
                _write(checkpoint, file)
                file.flush()
                os.fsync(descriptor)
            os.replace(draft, os.path.join(self.path, NAME))
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(draft)
            raise
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Let another run have the folder."""
        os.close(self._lock)


def load(path: str) -> Checkpoint | None:
    """The checkpoint at a path, or in a folder; None if the folder has none.

    Raises SourceError if it cannot be read, or is none.
    """
    file = path
    if os.path.isdir(path):
        file = os.path.join(path, NAME)
        if not os.path.lexists(file):
            return None
    if os.path.lexists(file) and not os.path.isfile(file):
        raise SourceError(f"{file}: is no file; name another folder, or remove it to start over")
    header: Any = None
    tables: dict[str, pl.DataFrame] = {}
    try:
        with zipfile.ZipFile(file) as stored:
            members = {name: stored.read(name) for name in stored.namelist()}
            digest = _digest(stored.infolist()[:-1])
        if members.pop(_DIGEST) == digest:
            header = json.loads(members.pop(_DOCUMENT))
            tables = _with_texts(
                {
                    name.removesuffix(_TABLE): pl.read_ipc(io.BytesIO(members.pop(name)))
                    for name in list(members)
                }
            )
    except OSError as error:
        raise SourceError(f"{file}: cannot be read: {error.strerror or error}") from None
    except _ANYTHING:  # damage makes the readers of zip and Arrow raise it
        header = None  # not even in part
    if not _is_whole(header, tables):
        raise _no_checkpoint(file)
    return Checkpoint(header["document"], tables)


@contextmanager
def taken_up(path: str | None) -> Iterator[None]:
    """What is in a checkpoint at `path` is taken up, if there is one. Raises SourceError.

    Whoever edits one can also make its digest. What they wrote shows only as it is used.
    """
    try:
        yield
    except (TracecheckError, OSError):
        raise
    except _ANYTHING as error:
        if path is None:
            raise
        raise _no_checkpoint(path) from error


def _no_checkpoint(path: str) -> SourceError:
    return SourceError(f"{path}: is no checkpoint, or a damaged one; remove it to start over")


def _is_whole(header: object, tables: Mapping[str, pl.DataFrame]) -> bool:
    return (
        isinstance(header, dict)
        and isinstance(header.get("document"), dict)
        and header.get("tables") == list(tables)
    )


def _write(checkpoint: Checkpoint, file: io.BufferedWriter) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as stored:
        header = {"document": checkpoint.document, "tables": list(checkpoint.tables)}
        stored.writestr(_DOCUMENT, json.dumps(header).encode())
        tables = _without_texts(checkpoint.tables)
        with ThreadPoolExecutor(1) as beside:  # one is written while the next is encoded
            for name, encoded in zip(tables, beside.map(_encoded, tables.values()), strict=True):
                stored.writestr(f"{name}{_TABLE}", encoded)
        stored.writestr(_DIGEST, _digest(stored.infolist()))


def _digest(members: Sequence[zipfile.ZipInfo]) -> bytes:
    """A digest of the checksums of the members, which whoever reads one compares with its data.

    To digest all of the data once more would take a third of the time of a checkpoint.
    """
    told = [(one.filename, one.file_size, one.CRC) for one in members]
    return sha256(json.dumps(told).encode()).digest()


def _encoded(table: pl.DataFrame) -> memoryview:
    """A table as Arrow IPC: in memory, so that the system tells what the disk refuses.

    Not compressed: that would take several times as long as all the rest.
    """
    encoded = io.BytesIO()
    table.write_ipc(encoded)
    return encoded.getbuffer()


def _without_texts(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables of events without the texts that all of them have, and these once, by place."""
    events = [table for table in tables.values() if _LINE in table.columns]
    if not events:
        return dict(tables)
    texts = [name for name, type_ in events[0].schema.items() if type_ == pl.String]
    common = [name for name in texts if all(name in table.columns for table in events)]
    shared = pl.concat(table.select(_PLACE, *common) for table in events).unique(_PLACE)
    nothing = [pl.lit(None, pl.String).alias(name) for name in common]
    bare = {
        name: table.with_columns(nothing) if _LINE in table.columns else table
        for name, table in tables.items()
    }
    return {**bare, _TEXTS: shared}


def _with_texts(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Tables as they were, out of those of `_without_texts`."""
    found = dict(tables)
    texts = found.pop(_TEXTS, None)
    for name, table in found.items():
        if texts is not None and _LINE in table.columns:
            places = table.select(_PLACE)
            there = places.join(texts, on=_PLACE, how="left", maintain_order="left")
            found[name] = table.with_columns(there.drop(_PLACE))
    return found
