"""The fuzz run: logs that break a rule, in any format, damaged and encoded in any way.

    python -m fuzz --seed 7 --inputs 20000

from `tests/`. Everything follows from the seed. An input is a few lines, of which one is planted:
it violates a rule. Whatever is done to it, it must be found, or a defect be told on its line, or
the log be refused: no input passes in silence. Which damage may be done is said where it is done
(`damage.py`): only such after which the contract says that it is told, which follows from what
was done, and never from asking the engine. Beside them come logs that hang on their times
(`zoned.py`), whose stamps are of any zone, in any spelling.
"""
