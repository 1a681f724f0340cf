"""The commands' arguments; the flags of settings come from the table in `settings.py`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import Field, fields
from typing import Any

from beholder import __version__
from beholder.cli.bench import add_bench
from beholder.settings import Settings

SERVER_ONLY = frozenset(
    {
        *("host", "port", "api_key", "allow_no_key", "queue_size", "max_body_bytes", "max_total_body_bytes"),
        *("responses_kept", "any_model", "xai_errors"),
    }
)
"""Settings that mean nothing where one question is asked in process."""

WEIGHTS = frozenset({"model", "cache_dir"})


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(prog="beholder", description="Ask questions about images on your own machine.")
    parser.add_argument("--version", action="version", version=f"beholder {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_serve(commands)
    _add_ask(commands)
    _add_plan(commands)
    _add_eval(commands)
    _add_weights(commands)
    add_bench(commands)
    commands.add_parser("settings", help="print the table of settings as Markdown")
    commands.add_parser("support", help="print which fields and JSON Schema keywords are supported, as Markdown")
    return parser


def read_settings(arguments: argparse.Namespace) -> Settings:
    """The settings from the environment and the flags, which win. Raises `SettingsError`."""
    names = {field.name for field in fields(Settings)}
    given = {name: value for name, value in vars(arguments).items() if name in names and value is not None}
    return Settings.load({name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser("serve", help="answer over the OpenAI API", description="Answer over the OpenAI API.")
    _add_settings(serve, (field for field in fields(Settings)))


def _add_ask(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    ask = commands.add_parser(
        "ask", help="ask one question about images", description="Ask one question about images; no server is needed."
    )
    _add_question(ask)
    ask.add_argument("--stream", action="store_true", help="print the answer while it is written")
    ask.add_argument(
        "--show", metavar="FILE", help="write the picture with the places of the answer's values; several get numbers"
    )
    _add_settings(ask, (field for field in fields(Settings) if field.name not in SERVER_ONLY))


def _add_plan(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    plan = commands.add_parser(
        "plan",
        help="tell what a question would take, without asking it",
        description="Tell what would be done to the images, how many tokens the question takes, and whether it fits.",
    )
    _add_question(plan)
    _add_settings(plan, (field for field in fields(Settings) if field.name not in SERVER_ONLY))


def _add_eval(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "eval",
        help="measure answers about labelled pictures",
        description="Ask about the pictures of a labelled set, and score the answers; see docs/evaluation.md.",
    )
    parser.add_argument("set", metavar="SET", help="folder with labels.jsonl and images, or its name within --data")
    parser.add_argument("--data", metavar="DIR", help="folder of sets")
    parser.add_argument("--endpoint", metavar="URL", help="OpenAI-compatible address, ending in /v1; else this process")
    parser.add_argument("--api-key", dest="endpoint_key", metavar="KEY", help="key for --endpoint")
    parser.add_argument("--model", metavar="MODEL", help="the model's name at --endpoint; else the path of a GGUF file")
    parser.add_argument("--limit", type=_at_least_one, metavar="N", help="the first N rows only")
    parser.add_argument("--concurrency", type=_at_least_one, default=1, metavar="N", help="questions at a time")
    parser.add_argument("--timeout", type=float, default=600.0, metavar="SECONDS", help="for one answer (default: 600)")
    parser.add_argument("--out", metavar="DIR", help="folder for the answers (default: eval-results/SET/SYSTEM)")
    parser.add_argument("--resume", action="store_true", help="go on with the answers that are in the folder already")
    parser.add_argument("--json", action="store_true", help="print the metrics as JSON in the last line")
    _add_settings(parser, (field for field in fields(Settings) if field.name not in {*SERVER_ONLY, "model"}))


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


def _add_question(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="path or URL of an image")
    parser.add_argument("question", metavar="QUESTION", help="what to ask about the images")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="answer with a JSON object")
    form.add_argument("--schema", metavar="FILE", help="answer with JSON that conforms to the JSON Schema in FILE")
    parser.add_argument("--detail", choices=("auto", "low", "high"), help="how much of the images to look at")
    parser.add_argument("--max-tokens", type=int, metavar="N", help="tokens of the answer at most")
    parser.add_argument(
        "--temperature", type=float, default=0.0, metavar="T", help="0 to 2; 0, the default, is the surest"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="the same seed gives the same answer")


def _add_weights(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    weights = commands.add_parser(
        "weights",
        help="list, verify or fetch the models' weights",
        description="The models' weights: list them (the default), verify every byte, or fetch what is missing.",
    )
    weights.add_argument("action", nargs="?", choices=("list", "verify", "fetch"), default="list")
    _add_settings(weights, (field for field in fields(Settings) if field.name in WEIGHTS))


def _add_settings(parser: argparse.ArgumentParser, settings: Iterable[Field[Any]]) -> None:
    group = parser.add_argument_group(
        "settings", "each also from the environment: --max-images from BEHOLDER_MAX_IMAGES"
    )
    for setting in settings:
        flag = f"--{setting.name.replace('_', '-')}"
        help_text = f"{setting.metadata['help']} (default: {show_default(setting)})".replace("%", "%%")
        if isinstance(setting.default, bool):
            group.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=help_text)
        elif isinstance(setting.default, tuple):
            group.add_argument(flag, action="extend", type=_split, metavar="VALUE", help=help_text + "; repeatable")
        else:
            group.add_argument(flag, metavar=type(setting.default).__name__.upper(), help=help_text)


def _split(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def show_default(setting: Field[Any]) -> str:
    """A setting's default in words."""
    if setting.default in ("", ()):
        return "none"
    if isinstance(setting.default, bool):
        return str(setting.default).lower()
    return str(setting.default)
