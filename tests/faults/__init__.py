"""The fault run: a log that is written, rotated and damaged while it is followed.

    python -m faults --seed 7 --faults 5000

from `tests/`. Everything follows from the seed: the script decides when the follower looks, so
a model knows which bytes could be read, and the verdict must be that of a batch run over them.
"""
