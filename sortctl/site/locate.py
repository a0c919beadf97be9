"""Locate: the line of a key in a TOML text. The standard reader gives values without lines; people need lines.

Comes in: a text that tomllib has accepted. Goes out: the line of each key path, `("sorters", "line1", "eyes", 2,
"position_mm")`, elements of arrays by their index. A path that is not in the text has the line of the nearest table
around it, so a missing key is found at the header of its table. Never here: values.
"""

from collections.abc import Iterator

Path = tuple[str | int, ...]

_SPACE = " \t\r\n"
_BARE_ENDS = ",]}#\n"


class Lines:
    """Where each key of one text stands."""

    def __init__(self, text: str) -> None:
        self._of: dict[Path, int] = {(): 1}
        try:
            _Walk(text, self._of).walk()
        except (IndexError, RecursionError):
            # Nested deeper than anybody writes by hand: what was found so far must do.
            return

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest table around it."""
        return next(self._of[around] for around in _outwards(path) if around in self._of)

    def has(self, path: Path) -> bool:
        """Whether the text says anything about `path`."""
        return path in self._of


def _outwards(path: Path) -> Iterator[Path]:
    for length in range(len(path), -1, -1):
        yield path[:length]


class _Walk:
    """One pass over the text, statement by statement."""

    def __init__(self, text: str, found: dict[Path, int]) -> None:
        self._text = text + "\n"
        self._at = 0
        self._line = 1
        self._found = found
        self._elements: dict[Path, int] = {}

    def walk(self) -> None:
        table: Path = ()
        while self._skip_blank():
            table = self._statement(table)

    def _statement(self, table: Path) -> Path:
        """A header opens another table; an assignment stays in this one."""
        if self._text.startswith("[[", self._at):
            self._step(2)
            return self._open_element(self._dotted("]"))
        if self._text[self._at] == "[":
            self._step(1)
            return self._open_table(self._dotted("]"))
        self._assignment(table)
        return table

    def _open_table(self, names: list[str]) -> Path:
        path = self._resolve(names)
        self._found[path] = self._line
        self._skip_rest_of_line()
        return path

    def _open_element(self, names: list[str]) -> Path:
        array = (*self._resolve(names[:-1]), *names[-1:])
        self._found.setdefault(array, self._line)
        self._elements[array] = self._elements.get(array, -1) + 1
        path = (*array, self._elements[array])
        self._found[path] = self._line
        self._skip_rest_of_line()
        return path

    def _resolve(self, names: list[str]) -> Path:
        """The path these names mean now: an array of tables stands for its last element."""
        path: Path = ()
        for name in names:
            path = (*path, name)
            self._found.setdefault(path, self._line)
            if path in self._elements:
                path = (*path, self._elements[path])
        return path

    def _assignment(self, table: Path) -> None:
        path = table
        line = self._line
        for name in self._dotted("="):
            path = (*path, name)
            self._found.setdefault(path, line)
        self._step(1)
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip_blank()
        opening = self._text[self._at]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        elif opening in "\"'":
            self._string()
        else:
            self._step(1)
            while self._text[self._at] not in _BARE_ENDS:
                self._step(1)

    def _array(self, path: Path) -> None:
        self._step(1)
        index = 0
        while self._skip_blank() and self._text[self._at] != "]":
            self._found[(*path, index)] = self._line
            self._value((*path, index))
            index += 1
            self._skip_blank()
            if self._text[self._at] == ",":
                self._step(1)
        self._step(1)

    def _inline_table(self, path: Path) -> None:
        self._step(1)
        while self._skip_blank() and self._text[self._at] != "}":
            self._assignment(path)
            self._skip_blank()
            if self._text[self._at] == ",":
                self._step(1)
        self._step(1)

    def _dotted(self, end: str) -> list[str]:
        """The names up to `end`, which stays unread."""
        names, bare = [], ""
        while self._text[self._at] != end:
            char = self._text[self._at]
            if char in "\"'":
                names.append(self._string())
            elif char in ". \t":
                names += [bare] if bare else []
                bare = ""
                self._step(1)
            else:
                bare += char
                self._step(1)
        return names + ([bare] if bare else [])

    def _string(self) -> str:
        """What stands between the quotes, escapes left as they are."""
        quote = self._text[self._at]
        fence = quote * 3 if self._text.startswith(quote * 3, self._at) else quote
        self._step(len(fence))
        start = self._at
        while not self._text.startswith(fence, self._at):
            self._step(2 if self._text[self._at] == "\\" and quote == '"' else 1)
        # A multi-line string may end in up to two quotes of its own before the fence.
        while len(fence) == 3 and self._text.startswith(fence, self._at + 1):
            self._step(1)
        inside = self._text[start : self._at]
        self._step(len(fence))
        return inside

    def _skip_blank(self) -> bool:
        """To the next thing that is no space and no comment; False at the end."""
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "#":
                self._skip_rest_of_line()
            elif char in _SPACE:
                self._step(1)
            else:
                return True
        return False

    def _skip_rest_of_line(self) -> None:
        self._step(self._text.index("\n", self._at) - self._at)

    def _step(self, chars: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + chars)
        self._at += chars
