"""How the tests compress, and a log that they do it to."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable

from tracecheck.reading.sources.decompression import zstd
from tracecheck.reading.sources.sniffing import Codec

CHECKSUM = zstd.CompressionParameter.checksum_flag

COMPRESS: dict[Codec, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: zstd.compress(data, options={CHECKSUM: 1}),
}
LINES = b"".join(b"2025-12-18 21:00:00 OUTBOX_TRACE|phase=planner|n=%d\n" % n for n in range(5000))
