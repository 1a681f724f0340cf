"""The table of suites: whose tests they are, how each is run, and what reads its report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from conformance.outcomes import Case, read_compatcanary, read_junit, read_provider_check, read_schemathesis

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ENVIRONMENTS = ROOT / ".venv-conformance"
NODE = HERE / "node"
MODEL = "grok-2-vision-latest"
DATED_MODEL = "grok-2-vision-1212"
"""What every alias is answered with; a suite that wants its own name back asks for this one."""
SCHEMATHESIS_REQUESTS = 10_000


@dataclass(frozen=True, slots=True)
class Target:
    """The server, and where this suite's report goes."""

    base_url: str
    report: Path

    @property
    def root_url(self) -> str:
        """The server's address without /v1."""
        return self.base_url.removesuffix("/v1")


@dataclass(frozen=True, slots=True)
class Suite:
    """One suite. `package` is whose version is shown; `engines` are those it says something about."""

    name: str
    package: str
    about: str
    command: Callable[[Target], list[str]]
    read: Callable[[Path], list[Case]] = read_junit
    environment: str = "clients"
    folder: Path = HERE / "clients"
    engines: tuple[str, ...] = ("builtin", "echo")


def _python(environment: str) -> str:
    return str(ENVIRONMENTS / environment / "bin" / "python")


def _own(name: str, environment: str = "clients") -> Callable[[Target], list[str]]:
    return lambda target: [
        *(_python(environment), "-m", "pytest", "-q", f"{name}_client.py", f"--junitxml={target.report}"),
    ]


def _own_node(name: str) -> Callable[[Target], list[str]]:
    return lambda target: [
        *("node", "--test", "--test-reporter=junit", f"--test-reporter-destination={target.report}"),
        f"{name}.test.mjs",
    ]


def _compatcanary(profile: str) -> Callable[[Target], list[str]]:
    return lambda target: [
        *("node", "node_modules/compatcanary/src/cli.js", "scan", "--base-url", target.base_url, "--model", MODEL),
        *("--profile", profile, "--timeout", "120", "--fail-on", "never"),
        *("--format", "json", "--output", str(target.report)),
    ]


def _provider_check(target: Target) -> list[str]:
    command = str(ENVIRONMENTS / "clients" / "bin" / "trustedrouter-provider-check")
    return [command, "--base-url", target.base_url, "--model", DATED_MODEL, "--tier", "6", "--json", str(target.report)]


def _openai_own_tests(target: Target) -> list[str]:
    return [
        *(_python("clients"), "-m", "pytest", "-q", "-n0", "-c", "pytest.ini", "--rootdir=."),
        *("tests/api_resources/chat/test_completions.py", "tests/api_resources/test_responses.py"),
        f"--junitxml={target.report}",
    ]


def _schemathesis(target: Target) -> list[str]:
    return [
        *(_python("clients"), str(HERE / "fuzz.py"), f"{target.root_url}/openapi.json"),
        *(str(target.report), str(SCHEMATHESIS_REQUESTS)),
    ]


SUITES: tuple[Suite, ...] = (
    Suite(
        "compatcanary-chat",
        "npm:compatcanary",
        "its scan, profile chat",
        _compatcanary("chat"),
        read=read_compatcanary,
        folder=NODE,
    ),
    Suite(
        "compatcanary-modern",
        "npm:compatcanary",
        "its scan, profile modern",
        _compatcanary("modern"),
        read=read_compatcanary,
        folder=NODE,
    ),
    Suite(
        "provider-check",
        "trustedrouter-provider-check",
        "its checks up to tier 6",
        _provider_check,
        read=read_provider_check,
    ),
    Suite(
        "openai-python-own",
        "openai",
        "the SDK's own API tests for chat completions and responses, from its source distribution",
        _openai_own_tests,
        folder=ENVIRONMENTS / "sources" / "openai",
    ),
    Suite(
        "langchain",
        "langchain-tests",
        "LangChain's standard tests for a chat model, with ChatOpenAI",
        _own("langchain"),
    ),
    Suite("openai-python-chat", "openai", "chat completions: create, parse, stream, tools, faults", _own("openai")),
    Suite("openai-python-responses", "openai", "responses: create, parse, stream, tools, stored", _own("responses")),
    Suite(
        "instructor",
        "instructor",
        "tool, JSON and JSON Schema modes, partial answers",
        _own("instructor", "instructor"),
        environment="instructor",
    ),
    Suite("pydantic-ai", "pydantic-ai-slim", "tool, native and prompted output, both models", _own("pydantic_ai")),
    Suite("llm", "llm", "the command with a picture, a schema, a tool", _own("llm")),
    Suite("litellm", "litellm", "as xai/… and as openai/…", _own("litellm", "litellm"), environment="litellm"),
    Suite(
        "openai-node",
        "npm:openai",
        "chat and responses: zod formats, stream helpers, runTools, every field",
        _own_node("openai"),
        folder=NODE,
    ),
    Suite(
        "ai-sdk",
        "npm:ai",
        "text, streams, objects, tools with @ai-sdk/xai and @ai-sdk/openai-compatible",
        _own_node("ai_sdk"),
        folder=NODE,
    ),
    Suite(
        "schemathesis",
        "schemathesis",
        f"{SCHEMATHESIS_REQUESTS:,} generated requests over /openapi.json, none answered 5xx",
        _schemathesis,
        read=partial(read_schemathesis, requests=SCHEMATHESIS_REQUESTS),
        engines=("echo",),
    ),
)
