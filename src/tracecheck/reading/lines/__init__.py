"""From paths to lines: sources, decompression, line ends, decoding, envelopes, times."""
