"""The spans, and where they go."""

import functools
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.trace import Span, Tracer

T = TypeVar("T")
Node = TypeVar("Node", bound=Callable[..., Awaitable[Any]])
Attribute = str | int | float | bool

_tracer: "Tracer | None" = None


def start_tracing(endpoint: str | None) -> None:
    """Send traces to ``endpoint``, an OTLP/HTTP collector's address; None leaves them off.

    To be called before anything is built that is to be traced. The rest is set by OpenTelemetry's own
    variables (``OTEL_SERVICE_NAME``, ``OTEL_EXPORTER_OTLP_HEADERS``, ``OTEL_TRACES_SAMPLER``…). Raises
    `core.errors.InvalidInput` when the packages are not installed.
    """
    global _tracer
    if endpoint is None or _tracer is not None:
        return
    try:
        from core.tracing.export import provider
    except ImportError as fault:
        raise InvalidInput(
            "OTEL_EXPORTER_OTLP_ENDPOINT needs the extra: pip install 'limitless[otel]'"
        ) from fault
    _tracer = provider(endpoint).get_tracer("limitless", version("limitless"))


def tracing() -> bool:
    """Whether traces are sent."""
    return _tracer is not None


def span(name: str, /, **attributes: Attribute) -> "AbstractContextManager[Span | None]":
    """A span around a block; nothing when traces are off."""
    return nullcontext() if _tracer is None else _span(_tracer, name, attributes)


def part(name: str, /) -> "AbstractContextManager[Span | None]":
    """A span within another one; nothing where there is none, as for what a process does for itself."""
    if _tracer is None:
        return nullcontext()
    from opentelemetry.trace import get_current_span

    return _span(_tracer, name, {}) if get_current_span().is_recording() else nullcontext()


def trace_id() -> str | None:
    """The trace that this happens in, in hexadecimal; None outside of any."""
    if _tracer is None:
        return None
    from opentelemetry.trace import format_trace_id, get_current_span

    context = get_current_span().get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else None


@contextmanager
def _span(tracer: "Tracer", name: str, attributes: dict[str, Attribute]) -> "Iterator[Span]":
    with tracer.start_as_current_span(
        name,
        attributes={_dotted(key): value for key, value in attributes.items()},
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except BaseException as fault:
            fail(current, fault)
            raise


def fail(current: "Span", fault: BaseException) -> None:
    """Mark a span with the fault's kind alone: its words may quote somebody."""
    from opentelemetry.trace import StatusCode

    current.set_attribute("error.type", type(fault).__name__)
    current.set_status(StatusCode.ERROR)


def in_span(name: str, work: Coroutine[Any, Any, T], /, **attributes: Attribute) -> Coroutine[Any, Any, T]:
    """``work`` within a span; ``work`` itself when traces are off."""
    return work if _tracer is None else _within(name, work, attributes)


async def _within(name: str, work: Awaitable[T], attributes: dict[str, Attribute]) -> T:
    with span(name, **attributes):
        return await work


def traced(name: str, node: Node) -> Node:
    """A node of the graph within a span; the node itself when traces are off."""
    if _tracer is None:
        return node

    @functools.wraps(node)
    async def within(*args: Any, **options: Any) -> Any:
        with span(f"node {name}"):
            return await node(*args, **options)

    return within  # type: ignore[return-value]


def _dotted(key: str) -> str:
    """``gen_ai__request__model`` is ``gen_ai.request.model``."""
    return key.replace("__", ".")
