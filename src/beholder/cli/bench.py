"""`beholder bench`: the benchmarks, each a subcommand with a table for a person and JSON for a program."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from beholder.bench.rivals_environment import RivalsEnvironment

RIVALS = ("llamacpp", "openvino", "naive")


def add_bench(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command with its sub-commands."""
    bench = commands.add_parser(
        "bench", help="measure this machine", description="Measure how fast this machine does the server's work."
    )
    kinds = bench.add_subparsers(dest="benchmark", required=True, metavar="BENCHMARK")
    _add_images(kinds)
    _add_answer(kinds)
    _add_edge(kinds)
    rivals = kinds.add_parser(
        "rivals",
        help="install what to compare with",
        description="Install llama.cpp, OpenVINO GenAI, rapidocr and LiteLLM in an environment of their own.",
    )
    _add_environment(rivals)


def run(arguments: argparse.Namespace) -> int:
    """Run the benchmark that was named. 0 also when a target was missed: the report says so."""
    kinds = {"images": _images, "answer": _answer, "edge": _edge, "rivals": _rivals}
    return kinds[arguments.benchmark](arguments)


def _add_images(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    images = kinds.add_parser(
        "images",
        help="from the bytes of pictures to model-ready pixels, beside other ways",
        description="Compare this pipeline with plain Pillow and torchvision, on files that it draws itself.",
    )
    images.add_argument("--json", action="store_true", help="print one line of JSON instead of a table")
    images.add_argument("--edge", type=_positive, default=1024, metavar="N", help="longest edge of the result (1024)")
    images.add_argument("--rounds", type=_positive, default=5, metavar="N", help="turns of each contestant (5)")
    images.add_argument("--scale", type=_positive, default=1, metavar="N", help="draw the files N times smaller (1)")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {value}")
    return value


def _add_answer(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    answer = kinds.add_parser(
        "answer",
        help="time from question to answer, beside others on the same weights",
        description="Time from question to answer beside llama.cpp's server, OpenVINO GenAI and the naive whole.",
    )
    answer.add_argument("--data", type=Path, metavar="DIR", help="labelled sets: sroie, chartqa, screenqa_mini in DIR")
    answer.add_argument("--limit", type=_positive, metavar="N", help="tasks of each kind at most")
    answer.add_argument("--only", metavar="PARTS", help="of structured,short,free,second,reading,crowd,start")
    answer.add_argument("--rivals", default=",".join(RIVALS), metavar="NAMES", help="of llamacpp,openvino,naive; none")
    answer.add_argument("--show", type=Path, metavar="FILE", help="the tables of an earlier run's JSON; asks nothing")
    _add_json(answer)
    _add_environment(answer)
    for name, text in (
        ("engine", "engine that answers (default: builtin)"),
        ("model", "path of a GGUF file to use instead of the pinned one"),
        ("threads", "CPU threads, the rivals' too; 0 means all cores"),
        ("cache-dir", "folder for assembled and converted weights"),
    ):
        answer.add_argument(f"--{name}", help=text)


def _add_edge(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    edge = kinds.add_parser(
        "edge",
        help="what the HTTP edge adds to an engine that answers at once",
        description="Requests a second and added latency with an engine that answers at once, beside LiteLLM's proxy.",
    )
    edge.add_argument("--rounds", type=_positive, default=5, metavar="N", help="turns of each server (5)")
    edge.add_argument("--rivals", default="litellm", metavar="NAMES", help="litellm, or none")
    _add_json(edge)
    _add_environment(edge)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="JSON lines: each measurement, and all figures in the last")


def _add_environment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rivals-env",
        type=Path,
        metavar="DIR",
        help="the rivals' environment (default: rivals, in the cache folder)",
    )


def _images(arguments: argparse.Namespace) -> int:
    import msgspec  # noqa: PLC0415 - keeps the parser light
    from rich.console import Console  # noqa: PLC0415 - keeps the parser light

    from beholder.bench import images  # noqa: PLC0415 - keeps the parser light

    report = images.run(edge=arguments.edge, rounds=arguments.rounds, scale=arguments.scale)
    if arguments.json:
        _print_json(msgspec.to_builtins(report))
        return 0
    console = Console()
    console.print(images.to_table(report))
    for line in report.missing.values():
        console.print(line)
    return 0


def _environment(arguments: argparse.Namespace) -> RivalsEnvironment:
    from beholder.bench.rivals_environment import RivalsEnvironment  # noqa: PLC0415 - keeps the parser light
    from beholder.cli.parser import read_settings  # noqa: PLC0415 - the parser imports this module
    from beholder.weights import cache_dir  # noqa: PLC0415 - keeps the parser light

    return RivalsEnvironment(arguments.rivals_env or cache_dir(read_settings(arguments)) / "rivals")


def _rivals(arguments: argparse.Namespace) -> int:
    from beholder.progress import for_stream  # noqa: PLC0415 - keeps the parser light

    environment = _environment(arguments)
    environment.install(for_stream())
    print(environment.folder)
    return 0


def _answer(arguments: argparse.Namespace) -> int:
    from rich.console import Console  # noqa: PLC0415 - keeps the parser light

    from beholder.bench.answer import PARTS, Plan, Run  # noqa: PLC0415 - keeps the parser light
    from beholder.bench.answer_table import show  # noqa: PLC0415 - keeps the parser light
    from beholder.cli.parser import read_settings  # noqa: PLC0415 - the parser imports this module
    from beholder.progress import for_stream  # noqa: PLC0415 - keeps the parser light

    rivals = () if arguments.rivals == "none" else _chosen("--rivals", arguments.rivals, RIVALS)
    parts = PARTS if arguments.only is None else _chosen("--only", arguments.only, PARTS)
    plan = Plan(frozenset(parts), rivals, _environment(arguments), arguments.data, arguments.limit)
    if arguments.show is not None:
        report = _last_line(arguments.show)
    else:
        say = _print_json if arguments.json else _say_nothing
        report = Run(plan, read_settings(arguments), for_stream(), say).report()
    if arguments.json:
        _print_json(report)
    else:
        show(report, Console())
    return 0


def _last_line(file: Path) -> dict[str, Any]:
    from beholder.errors import SettingsError  # noqa: PLC0415 - keeps the parser light

    try:
        *_, last = file.read_text(encoding="utf-8").splitlines()
        report: dict[str, Any] = json.loads(last)
    except (OSError, ValueError) as error:
        raise SettingsError(f"--show takes the output of `beholder bench answer --json`: {error}") from None
    if "contestants" not in report:
        raise SettingsError(f"--show takes a run that has ended: the last line of {file} is not its report")
    return report


def _edge(arguments: argparse.Namespace) -> int:
    from rich.console import Console  # noqa: PLC0415 - keeps the parser light

    from beholder.bench.edge import LOADS, measure  # noqa: PLC0415 - keeps the parser light
    from beholder.bench.edge_table import show  # noqa: PLC0415 - keeps the parser light
    from beholder.progress import for_stream  # noqa: PLC0415 - keeps the parser light

    rivals = () if arguments.rivals == "none" else _chosen("--rivals", arguments.rivals, ("litellm",))
    environment = _environment(arguments) if rivals else None
    say = _print_json if arguments.json else _say_nothing
    report = measure(LOADS, environment, for_stream(), say, rounds=arguments.rounds)
    if arguments.json:
        _print_json(report)
    else:
        show(report, Console())
    return 0


def _chosen(flag: str, text: str, names: tuple[str, ...]) -> tuple[str, ...]:
    from beholder.errors import SettingsError  # noqa: PLC0415 - keeps the parser light

    chosen = tuple(name.strip() for name in text.split(",") if name.strip())
    if wrong := [name for name in chosen if name not in names]:
        raise SettingsError(f"{flag} takes {', '.join(names)}, got {', '.join(wrong)}")
    return chosen


def _print_json(line: dict[str, Any]) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _say_nothing(line: dict[str, Any]) -> None:
    """A person reads the table at the end."""
