"""Progress on terminals and elsewhere."""

from __future__ import annotations

from io import StringIO

import pytest

from beholder.progress import Lines, Silent, TerminalBar, for_stream, step


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


def test_a_terminal_gets_a_bar_and_a_pipe_gets_lines() -> None:
    """The stream decides."""
    assert [TerminalBar, Lines] == [type(for_stream(stream)) for stream in (Terminal(), StringIO())]


def test_lines_come_at_every_tenth() -> None:
    """However small the pieces, a whole step says no more than its start and ten tenths."""
    stream = StringIO()
    progress = Lines(stream)
    with step(progress, "Hashing", 1000):
        for _ in range(1000):
            progress.advance(1)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "Hashing: ..."
    assert [f"Hashing: {tenth}0 % after" for tenth in range(1, 11)] == [line[: line.index(" 0.")] for line in lines[1:]]


def test_large_pieces_skip_tenths() -> None:
    """Half at once is one line, not five."""
    stream = StringIO()
    progress = Lines(stream)
    with step(progress, "Copying", 10):
        progress.advance(5)
    start, half = stream.getvalue().splitlines()
    assert (start, half.split(" after")[0]) == ("Copying: ...", "Copying: 50 %")


def test_step_of_unknown_size_says_when_it_is_over() -> None:
    """Without a total there are a first and a last line."""
    stream = StringIO()
    with step(Lines(stream), "Waiting", None):
        pass
    assert stream.getvalue().splitlines() == ["Waiting: ...", "Waiting: over after 0.0 s"]


@pytest.mark.parametrize(("total", "unit", "shown"), [(2048, "bytes", "2.0/2.0 kB"), (3, "steps", "3/3")])
def test_bar_shows_label_and_amount(total: int, unit: str, shown: str) -> None:
    """The bar names the step and counts in its unit."""
    stream = Terminal()
    progress = TerminalBar(stream)
    with step(progress, "Assembling", total, "bytes" if unit == "bytes" else "steps"):
        progress.advance(total)
    assert "Assembling" in stream.getvalue()
    assert shown in stream.getvalue()


def test_bar_without_total() -> None:
    """A step of unknown size is a bar that only moves."""
    stream = Terminal()
    with step(TerminalBar(stream), "Waiting", None):
        pass
    assert "Waiting" in stream.getvalue()


@pytest.mark.parametrize("progress", [Silent(), Lines(StringIO()), TerminalBar(Terminal())])
def test_step_is_finished_when_the_work_fails(progress: Silent | Lines | TerminalBar) -> None:
    """An error passes through, and the next step starts clean."""
    with pytest.raises(ZeroDivisionError), step(progress, "Failing", 10):
        raise ZeroDivisionError
    with step(progress, "Next", 10):
        progress.advance(10)
