"""./office precheck [FILE…]   would these papers be accepted, and what would it cost?

Each FILE (- or none: standard input) holds one question as JSON, or an array of questions. Standard output gets one answer per
question, in order, one JSON object a line. Exit status: 0 every question was answered, accepted or not; 2 a question was
malformed or a file could not be read: standard error says what is wrong and where, and nothing is answered; 1 the answers could
not be written.
"""

import contextlib
import errno
import gc
import json
import os
import sys
from typing import Any, TextIO

from models.rulebook.facts import Question
from models.rulebook.precheck import examine
from models.rulebook.question import answer_json, parse
from models.rulebook.strict_json import Malformed, read

# JSON itself, not the platform's habits, says how answers are encoded and how lines end.
_write_answer = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": ")).encode


def main(argv: list[str]) -> int:
    """Answer the questions in the files named by `argv`. Returns the exit status."""
    names, wrong_option = _file_names(argv)
    if wrong_option is not None:
        _complain([f"precheck: there is no option {_printable(wrong_option)}", "", __doc__ or ""])
        return 2
    if names is None:
        return _tell([(__doc__ or "").rstrip()])
    gc.disable()  # no cycles are made here; going through all questions for some, again and again, takes as long as the work
    try:
        return _answer(names or ["-"])
    finally:
        gc.enable()


def _answer(names: list[str]) -> int:
    questions: list[Question] = []
    complaints: list[str] = []
    for name in names:
        called = "<stdin>" if name == "-" else _printable(name)
        try:
            content = _content(name)
        except OSError as error:
            complaints.append(f"{called}: cannot be read: {error.strerror} · 无法读取此文件")
        else:
            _take(content, called, questions, complaints)
    if complaints:
        _complain(complaints)
        return 2
    answers = [_write_answer(answer_json(examine(question))) for question in questions]
    return _tell(answers)


def _tell(lines: list[str]) -> int:
    try:
        _write(sys.stdout, "".join(f"{line}\n" for line in lines).encode())
    except BrokenPipeError:  # the reader went away and needs no word
        return 1
    except OSError as error:
        _complain([f"precheck: the answers cannot be written: {error.strerror} · 无法写出答复"])
        return 1
    return 0


def _write(stream: TextIO | None, content: bytes) -> None:
    """Write all of it, or raise OSError and leave the stream so that Python does not try, and complain, again at its end."""
    if stream is None:  # closed by whoever started us
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    try:
        stream.flush()
        stream.buffer.write(content)
        stream.buffer.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise


def _file_names(argv: list[str]) -> tuple[list[str] | None, str | None]:
    """The files, None if help was asked for; and an option that does not exist. After `--` everything is a file."""
    names: list[str] = []
    for position, word in enumerate(argv):
        if word == "--":
            return [*names, *argv[position + 1 :]], None
        if word in ("-h", "--help"):
            return None, None
        if word.startswith("-") and word != "-":
            return names, word
        names.append(word)
    return names, None


def _content(name: str) -> bytes:
    with open(0 if name == "-" else name, "rb", closefd=name != "-") as file:
        return file.read()


def _take(content: bytes, name: str, questions: list[Question], complaints: list[str]) -> None:
    """Read one file's questions; what is malformed goes to the complaints, each with file, position and pointer."""
    try:
        value: Any = read(content)
    except Malformed as malformed:
        complaints += [f"{name}: {fault.message_en} · {fault.message_zh}" for fault in malformed.faults]
        return
    for position, entry in enumerate(value if isinstance(value, list) else [value]):
        try:
            questions.append(parse(entry))
        except Malformed as malformed:
            place = f"{name}: question {position + 1} (position {position})"
            complaints += [
                f'{place}: "{_printable(fault.pointer)}" {fault.message_en} · {fault.message_zh}' for fault in malformed.faults
            ]


def _printable(text: str) -> str:
    """Text on one line of a terminal: what a file's author put into a name must not draw there."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "surrogatepass").decode() for letter in text
    )


def _complain(lines: list[str]) -> None:
    with contextlib.suppress(OSError):  # nobody listens; the exit status still tells
        _write(sys.stderr, "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
